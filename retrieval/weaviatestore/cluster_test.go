package weaviatestore

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"footnote/retrieval"
)

// serverSetting names the program of Weaviate that tests are to run, as
//
//	go install github.com/weaviate/weaviate/cmd/weaviate-server@v1.35.2
//
// makes it. bash .ci/run weaviate does both.
const serverSetting = "FOOTNOTE_TEST_WEAVIATE"

func server(t *testing.T) string {
	t.Helper()
	path := os.Getenv(serverSetting)
	if path == "" {
		t.Skipf("%s does not name a weaviate-server; bash .ci/run weaviate builds one and runs this", serverSetting)
	}
	return path
}

// A cluster is Weaviate on this machine, in processes that can be killed.
type cluster struct {
	t       *testing.T
	program string
	port    int // the first of many
	members []*member
	joined  bool // all have found each other, so that any may look for any
}

type member struct {
	cluster *cluster
	number  int
	folder  string
	process *exec.Cmd
	log     *os.File
}

// newCluster starts some nodes and waits until they are ready.
func newCluster(t *testing.T, nodes int) *cluster {
	t.Helper()
	c := &cluster{t: t, program: server(t), port: freePorts(t)}
	for i := range nodes {
		m := &member{cluster: c, number: i, folder: filepath.Join(t.TempDir(), fmt.Sprint(i))}
		c.members = append(c.members, m)
	}
	for i, m := range c.members {
		m.start()
		if i == 0 { // the others look for it once
			c.waitFor("the first node", func() bool { return dials(c.gossip(0)) })
		}
	}
	for _, m := range c.members {
		m.waitUntilReady()
	}
	c.joined = nodes > 1
	return c
}

// Ports: gossip and data are neighbours by Weaviate's own rule, as are the two
// of Raft.
func (c *cluster) gossip(i int) int { return c.port + 4*i }
func (c *cluster) raft(i int) int   { return c.port + 4*i + 2 }
func (c *cluster) grpc(i int) int   { return c.port + 40 + i }
func (c *cluster) http(i int) int   { return c.port + 50 + i }

// freePorts is the first of 60 that nobody uses.
func freePorts(t *testing.T) int {
	t.Helper()
	for range 50 {
		port := 20_000 + 100*rand.IntN(100)
		taken := false
		for i := range 60 {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+i))
			if err != nil {
				taken = true
				break
			}
			l.Close()
		}
		if !taken {
			return port
		}
	}
	t.Fatal("no free ports were found")
	return 0
}

func dials(port int) bool {
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err == nil {
		c.Close()
	}
	return err == nil
}

func (c *cluster) waitFor(what string, ready func() bool) {
	c.t.Helper()
	const most = 2 * time.Minute
	for began := time.Now(); !ready(); time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > most {
			c.t.Fatalf("%s did not come up in %s:\n%s", what, most, c.logs())
		}
	}
}

// logs are the last lines of each node.
func (c *cluster) logs() string {
	var b strings.Builder
	for _, m := range c.members {
		text, _ := os.ReadFile(filepath.Join(m.folder, "log"))
		lines := bytes.Split(text, []byte("\n"))
		fmt.Fprintf(&b, "node %d:\n%s\n", m.number, bytes.Join(lines[max(0, len(lines)-15):], []byte("\n")))
	}
	return b.String()
}

// start starts a node that is not running.
func (m *member) start() {
	t := m.cluster.t
	t.Helper()
	c := m.cluster
	if err := os.MkdirAll(m.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	var err error
	if m.log, err = os.OpenFile(filepath.Join(m.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
		t.Fatal(err)
	}
	m.process = exec.Command(c.program, "--scheme", "http", "--host", "127.0.0.1", "--port", fmt.Sprint(c.http(m.number)))
	m.process.Env = append(os.Environ(), c.environment(m.number, filepath.Join(m.folder, "data"))...)
	m.process.Stdout, m.process.Stderr = m.log, m.log
	if err := m.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.kill)
}

func (c *cluster) environment(i int, data string) []string {
	var peers []string
	for n := range c.members {
		peers = append(peers, fmt.Sprintf("weaviate-%d:%d", n, c.raft(n)))
	}
	env := []string{
		"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=true", "DEFAULT_VECTORIZER_MODULE=none", "ENABLE_MODULES=",
		"API_BASED_MODULES_DISABLED=true", "DISABLE_TELEMETRY=true", "AUTOSCHEMA_ENABLED=false", "LOG_LEVEL=warning",
		"PROMETHEUS_MONITORING_ENABLED=false", "PERSISTENCE_MEMTABLES_FLUSH_DIRTY_AFTER_SECONDS=1", "RAFT_TIMEOUTS_MULTIPLIER=1", "PERSISTENCE_DATA_PATH=" + data,
		"CLUSTER_IN_LOCALHOST=true", fmt.Sprintf("CLUSTER_HOSTNAME=weaviate-%d", i), "CLUSTER_BIND_ADDR=127.0.0.1", "CLUSTER_ADVERTISE_ADDR=127.0.0.1",
		fmt.Sprintf("CLUSTER_GOSSIP_BIND_PORT=%d", c.gossip(i)), fmt.Sprintf("CLUSTER_DATA_BIND_PORT=%d", c.gossip(i)+1),
		fmt.Sprintf("RAFT_PORT=%d", c.raft(i)), fmt.Sprintf("RAFT_INTERNAL_RPC_PORT=%d", c.raft(i)+1),
		fmt.Sprintf("RAFT_BOOTSTRAP_EXPECT=%d", len(c.members)), "RAFT_JOIN=" + strings.Join(peers, ","),
		fmt.Sprintf("GRPC_PORT=%d", c.grpc(i)), fmt.Sprintf("GO_PROFILING_PORT=%d", c.port+56+i), "GO_PROFILING_DISABLE=true",
	}
	if i > 0 || c.joined {
		neighbour := 0
		if i == 0 {
			neighbour = 1
		}
		env = append(env, fmt.Sprintf("CLUSTER_JOIN=127.0.0.1:%d", c.gossip(neighbour)))
	}
	return env
}

// kill ends a node as a power cut would, as far as processes go.
func (m *member) kill() {
	if m.process == nil {
		return
	}
	_ = m.process.Process.Kill()
	_ = m.process.Wait()
	m.log.Close()
	m.process = nil
}

func (m *member) url() string { return fmt.Sprintf("http://127.0.0.1:%d", m.cluster.http(m.number)) }

func (m *member) waitUntilReady() {
	m.cluster.t.Helper()
	m.cluster.waitFor(fmt.Sprintf("node %d", m.number), func() bool {
		r, err := http.Get(m.url() + "/v1/.well-known/ready")
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
}

// urls are the endpoints of all nodes.
func (c *cluster) urls() string {
	var urls []string
	for _, m := range c.members {
		urls = append(urls, m.url())
	}
	return strings.Join(urls, ",")
}

var places atomic.Int32

// place is a prefix that no other test uses; what is kept there goes with the
// test.
func (c *cluster) place(t *testing.T) (open func() retrieval.Store) {
	prefix := fmt.Sprintf("Place%d", places.Add(1))
	first := c.store(t, prefix, c.urls())
	t.Cleanup(func() {
		collections, _, err := first.list(c.t.Context())
		if err != nil {
			return // the cluster goes too
		}
		for _, name := range collections {
			_ = first.drop(c.t.Context(), name)
		}
	})
	return func() retrieval.Store { return c.store(t, prefix, c.urls()) }
}

func (c *cluster) store(t *testing.T, prefix, urls string) *Store {
	t.Helper()
	s, err := New(urls, Options{AllowUnreplicated: len(c.members) < replicated, Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	s.times.short, s.times.catchUp, s.times.pause, s.times.settle = time.Second, time.Second, 20*time.Millisecond, 5*time.Second
	return s
}
