package ledger

import (
	"context"
	"flag"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var load = flag.Int("load", 120, "how many questions the tests of outages ask")

// A proxy stands between the ledger and its server, and is a bad network.
type proxy struct {
	net.Listener
	to string

	mu      sync.Mutex
	conns   map[net.Conn]bool
	delay   time.Duration
	silent  bool // what comes is not passed on, and nobody is told
	refuses bool
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	p := &proxy{Listener: l, to: to, conns: map[net.Conn]bool{}}
	go p.serve()
	t.Cleanup(func() { l.Close(); p.cut() })
	return p
}

func (p *proxy) serve() {
	for {
		in, err := p.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.to)
		p.mu.Lock()
		if err != nil || p.refuses {
			in.Close()
			p.mu.Unlock()
			continue
		}
		p.conns[in], p.conns[out] = true, true
		p.mu.Unlock()
		go p.pass(in, out)
		go p.pass(out, in)
	}
}

func (p *proxy) pass(from, to net.Conn) {
	defer p.drop(from, to)
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		delay, silent := p.delay, p.silent
		p.mu.Unlock()
		time.Sleep(delay)
		if silent {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *proxy) drop(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		c.Close()
		delete(p.conns, c)
	}
}

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *proxy) be(delay time.Duration, silent, refuses bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay, p.silent, p.refuses = delay, silent, refuses
}

// replicas asks questions through processes that share a ledger, while harm is
// done: all are answered, once, in order.
func replicas(t *testing.T, url string, processes int, harm func()) {
	t.Helper()
	own := address(t)
	reach := with(t, own, setHost(url))
	w := world{filepath.Join(t.TempDir(), "world")}
	acked := map[int]int64{}
	var mu sync.Mutex
	var group sync.WaitGroup
	each := *load / processes
	children := make([]*process, processes)
	for i := range children {
		children[i] = start(t, reach, w, i*each, (i+1)*each, "", 0, "LEDGER_TEST_STUBBORN=1", "LEDGER_TEST_PACE=150")
		group.Go(func() {
			said := map[int]int64{}
			if !children[i].read(t, said) {
				t.Errorf("replica %d ended early", i)
			}
			mu.Lock()
			defer mu.Unlock()
			for n, id := range said {
				acked[n] = id
			}
		})
	}
	done := make(chan bool)
	go func() { group.Wait(); close(done) }()
	l := openAt(t, own, quick())
	eventually(t, "the first questions", func() bool {
		s, err := l.Stats(t.Context())
		return err == nil && s.Depth+s.States[Answered] > processes
	})
	harm()
	<-done
	checkOnce(t, l, w, acked)
	if len(acked) != each*processes {
		t.Errorf("%d acknowledged", len(acked))
	}
	for _, p := range children {
		p.stdin.Close()
		if err := p.Wait(); err != nil {
			t.Error(err)
		}
	}
}

// setHost replaces the host of an address by that of another, if there is one.
func setHost(other string) func(*url.URL) {
	return func(u *url.URL) {
		if other != "" {
			u.Host = other
		}
	}
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	check(t, err)
	return u.Host
}

func TestNothingIsLostWhenTheServerCrashes(t *testing.T) {
	postgresOnly(t)
	address(t)
	if postgres.Started() == nil {
		t.Skip("only a server that the tests start is crashed")
	}
	s := postgres.Started()
	replicas(t, "", 3, func() {
		for range 3 {
			time.Sleep(time.Second)
			check(t, s.Stop(syscall.SIGQUIT))
			time.Sleep(300 * time.Millisecond)
			check(t, s.Start())
		}
	})
}

func TestNothingIsLostOnABadNetwork(t *testing.T) {
	postgresOnly(t)
	server := hostOf(t, address(t))
	if strings.HasPrefix(server, "/") || server == "" {
		t.Skip("the server is not reached by network")
	}
	p := newProxy(t, server)
	replicas(t, p.Addr().String(), 2, func() {
		for range 3 {
			p.be(20*time.Millisecond, false, false)
			time.Sleep(time.Second)
			p.cut()
			p.be(0, false, true)
			time.Sleep(500 * time.Millisecond)
			p.be(0, true, false)
			time.Sleep(2 * time.Second)
			p.be(0, false, false)
			time.Sleep(500 * time.Millisecond)
			p.cut()
		}
		// From here on only what was open before hears nothing.
		p.be(0, true, false)
		time.Sleep(time.Second)
		p.be(0, false, false)
	})
}

func TestASplitNetworkEndsTheHandlersInTime(t *testing.T) {
	postgresOnly(t)
	own := address(t)
	p := newProxy(t, hostOf(t, own))
	o := quick()
	l := openAt(t, with(t, own, setHost(p.Addr().String())), o)
	other := openAt(t, own, o)
	started, ended := make(chan bool, 1), make(chan error, 1)
	work(t, l, 1, func(ctx context.Context, c *Claim) error {
		started <- true
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return ctx.Err()
	})
	id := put(t, l, message(1))
	<-started
	p.be(0, true, false)
	work(t, other, 1, finish)
	select {
	case cause := <-ended:
		if cause != ErrLeaseLost {
			t.Error(cause)
		}
	case <-time.After(5 * time.Second):
		t.Error("the handler goes on")
	}
	eventually(t, "the other's answer", stateIs(t, other, id, Answered))
	p.be(0, false, false)
	p.cut()
}

func TestAKilledReplicaIsTakenOverInSeconds(t *testing.T) {
	url, w := address(t), world{filepath.Join(t.TempDir(), "world")}
	// Both with the usual heartbeat, since that is what is measured.
	l := openAt(t, url, Options{})
	acked := map[int]int64{}
	p := start(t, url, w, 0, 1, "claim.committed", 1, "LEDGER_TEST_USUAL=1")
	p.read(t, acked)
	p.Wait()
	died := time.Now()
	if !wasKilled(p.ProcessState) {
		t.Fatal("it was not killed")
	}
	work(t, l, 2, w.answerOnce)
	e, err := l.Find(t.Context(), message(0).Key)
	check(t, err)
	eventually(t, "the answer", stateIs(t, l, e.ID, Answered))
	took := time.Since(died)
	if most := (Options{}).withDefaults().LeaseLapse + 4*time.Second; took > most {
		t.Errorf("it took %s, more than %s", took, most)
	}
	t.Logf("taken over %.1f s after kill -9", took.Seconds())
}
