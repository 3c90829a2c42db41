package ledger

import (
	"context"
	"flag"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"footnote/retrieval/badnet"
)

var load = flag.Int("load", 120, "how many questions the tests of outages ask")

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
	p := badnet.New(t, server)
	replicas(t, p.Addr(), 2, func() {
		for range 3 {
			p.Be(badnet.Manner{Delay: 20 * time.Millisecond})
			time.Sleep(time.Second)
			p.Cut()
			p.Be(badnet.Manner{Refuses: true})
			time.Sleep(500 * time.Millisecond)
			p.Be(badnet.Manner{Silent: true})
			time.Sleep(2 * time.Second)
			p.Be(badnet.Manner{})
			time.Sleep(500 * time.Millisecond)
			p.Cut()
		}
		// From here on only what was open before hears nothing.
		p.Be(badnet.Manner{Silent: true})
		time.Sleep(time.Second)
		p.Be(badnet.Manner{})
	})
}

func TestASplitNetworkEndsTheHandlersInTime(t *testing.T) {
	postgresOnly(t)
	own := address(t)
	p := badnet.New(t, hostOf(t, own))
	o := quick()
	l := openAt(t, with(t, own, setHost(p.Addr())), o)
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
	p.Be(badnet.Manner{Silent: true})
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
	p.Be(badnet.Manner{})
	p.Cut()
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
