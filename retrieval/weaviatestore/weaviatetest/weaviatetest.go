// Package weaviatetest gives tests a Weaviate of several nodes, in processes that
// can be killed.
//
// FOOTNOTE_TEST_WEAVIATE is the program that they run, as
//
//	go install github.com/weaviate/weaviate/cmd/weaviate-server@v1.35.2
//
// makes it. bash .ci/run weaviate does both.
package weaviatetest

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
	"testing"
	"time"
)

const setting = "FOOTNOTE_TEST_WEAVIATE"

// Server is the program of Weaviate; without one the test is skipped.
func Server(t *testing.T) string {
	t.Helper()
	path := os.Getenv(setting)
	if path == "" {
		t.Skipf("%s does not name a weaviate-server; bash .ci/run weaviate builds one and runs this", setting)
	}
	return path
}

// A Cluster is Weaviate on this machine. It ends with its test.
type Cluster struct {
	Nodes []*Node

	t       *testing.T
	program string
	port    int  // the first of many
	joined  bool // all have found each other, so that any may look for any
}

// A Node is one process of a cluster.
type Node struct {
	Number int // from 0

	cluster *Cluster
	folder  string
	process *exec.Cmd
	log     *os.File
}

// New starts some nodes and waits until they are ready.
func New(t *testing.T, nodes int) *Cluster {
	t.Helper()
	c := &Cluster{t: t, program: Server(t), port: freePorts(t)}
	for i := range nodes {
		n := &Node{cluster: c, Number: i, folder: filepath.Join(t.TempDir(), fmt.Sprint(i))}
		c.Nodes = append(c.Nodes, n)
	}
	for i, n := range c.Nodes {
		n.Start()
		if i == 0 { // the others look for it once
			c.waitFor("the first node", func() bool { return dials(c.gossip(0)) })
		}
	}
	for _, n := range c.Nodes {
		n.WaitUntilReady()
	}
	c.joined = nodes > 1
	return c
}

// Ports: gossip and data are neighbours by Weaviate's own rule, as are the two
// of Raft.
func (c *Cluster) gossip(i int) int { return c.port + 4*i }
func (c *Cluster) raft(i int) int   { return c.port + 4*i + 2 }
func (c *Cluster) grpc(i int) int   { return c.port + 40 + i }
func (c *Cluster) http(i int) int   { return c.port + 50 + i }

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

func (c *Cluster) waitFor(what string, ready func() bool) {
	c.t.Helper()
	const most = 2 * time.Minute
	for began := time.Now(); !ready(); time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > most {
			c.t.Fatalf("%s did not come up in %s:\n%s", what, most, c.logs())
		}
	}
}

// logs are the last lines of each node.
func (c *Cluster) logs() string {
	var b strings.Builder
	for _, n := range c.Nodes {
		text, _ := os.ReadFile(filepath.Join(n.folder, "log"))
		lines := bytes.Split(text, []byte("\n"))
		fmt.Fprintf(&b, "node %d:\n%s\n", n.Number, bytes.Join(lines[max(0, len(lines)-15):], []byte("\n")))
	}
	return b.String()
}

// Start starts a node that is not running.
func (n *Node) Start() {
	t := n.cluster.t
	t.Helper()
	c := n.cluster
	if err := os.MkdirAll(n.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	var err error
	if n.log, err = os.OpenFile(filepath.Join(n.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
		t.Fatal(err)
	}
	n.process = exec.Command(c.program, "--scheme", "http", "--host", "127.0.0.1", "--port", fmt.Sprint(c.http(n.Number)))
	n.process.Env = append(os.Environ(), c.environment(n.Number, filepath.Join(n.folder, "data"))...)
	n.process.Stdout, n.process.Stderr = n.log, n.log
	if err := n.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Kill)
}

func (c *Cluster) environment(i int, data string) []string {
	var peers []string
	for n := range c.Nodes {
		peers = append(peers, fmt.Sprintf("weaviate-%d:%d", n, c.raft(n)))
	}
	env := []string{
		"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=true", "DEFAULT_VECTORIZER_MODULE=none", "ENABLE_MODULES=",
		"API_BASED_MODULES_DISABLED=true", "DISABLE_TELEMETRY=true", "AUTOSCHEMA_ENABLED=false", "LOG_LEVEL=warning",
		"PROMETHEUS_MONITORING_ENABLED=false", "PERSISTENCE_MEMTABLES_FLUSH_DIRTY_AFTER_SECONDS=1", "RAFT_TIMEOUTS_MULTIPLIER=1", "PERSISTENCE_DATA_PATH=" + data,
		"CLUSTER_IN_LOCALHOST=true", fmt.Sprintf("CLUSTER_HOSTNAME=weaviate-%d", i), "CLUSTER_BIND_ADDR=127.0.0.1", "CLUSTER_ADVERTISE_ADDR=127.0.0.1",
		fmt.Sprintf("CLUSTER_GOSSIP_BIND_PORT=%d", c.gossip(i)), fmt.Sprintf("CLUSTER_DATA_BIND_PORT=%d", c.gossip(i)+1),
		fmt.Sprintf("RAFT_PORT=%d", c.raft(i)), fmt.Sprintf("RAFT_INTERNAL_RPC_PORT=%d", c.raft(i)+1),
		fmt.Sprintf("RAFT_BOOTSTRAP_EXPECT=%d", len(c.Nodes)), "RAFT_JOIN=" + strings.Join(peers, ","),
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

// Kill ends a node as a power cut would, as far as processes go.
func (n *Node) Kill() {
	if n.process == nil {
		return
	}
	_ = n.process.Process.Kill()
	_ = n.process.Wait()
	n.log.Close()
	n.process = nil
}

// URL is the endpoint of a node.
func (n *Node) URL() string { return fmt.Sprintf("http://127.0.0.1:%d", n.cluster.http(n.Number)) }

// WaitUntilReady returns when a node takes requests.
func (n *Node) WaitUntilReady() {
	n.cluster.t.Helper()
	n.cluster.waitFor(fmt.Sprintf("node %d", n.Number), n.Ready)
}

// Ready reports whether a node takes requests.
func (n *Node) Ready() bool {
	r, err := http.Get(n.URL() + "/v1/.well-known/ready")
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// Memory is how many MB the node's process has in memory, 0 where that is not
// known.
func (n *Node) Memory() int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.process.Process.Pid))
	if err != nil {
		return 0 // not on this system
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	var kilobytes int
	_, _ = fmt.Sscan(rest, &kilobytes)
	return kilobytes / 1024
}

// URLs are the endpoints of all nodes, as WEAVIATE_URL takes them.
func (c *Cluster) URLs() string {
	var urls []string
	for _, n := range c.Nodes {
		urls = append(urls, n.URL())
	}
	return strings.Join(urls, ",")
}
