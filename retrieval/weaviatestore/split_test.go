package weaviatestore

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"footnote/retrieval"
	"footnote/retrieval/badnet"
	"footnote/retrieval/storetest"
)

// manners are how a network is bad, to a store that waits 200 ms for an answer.
var manners = map[string]badnet.Manner{
	"refuses": {Refuses: true}, "swallows what is asked": {Silent: true}, "swallows what is answered": {Deaf: true}, "delays": {Delay: 500 * time.Millisecond},
}

// behind puts a proxy before each endpoint.
func behind(t *testing.T, fakes ...*fake) []*badnet.Proxy {
	t.Helper()
	var proxies []*badnet.Proxy
	for _, f := range fakes {
		p := badnet.New(t, strings.TrimPrefix(f.URL, "http://"))
		f.URL = "http://" + p.Addr()
		proxies = append(proxies, p)
	}
	return proxies
}

func TestAnEndpointBehindABadNetworkCostsOneCall(t *testing.T) {
	for name, manner := range manners {
		t.Run(name, func(t *testing.T) {
			fakes := []*fake{newFake(t), newFake(t), newFake(t)}
			proxies := behind(t, fakes...)
			s := storeAt(t, "", fakes...)
			now := time.Now()
			s.client.now = func() time.Time { return now }
			v := opened(t, s)
			ask(t, v)
			before := proxies[0].Came()
			proxies[0].Be(manner)
			const questions = 20
			for range questions {
				ask(t, v)
			}
			if n := proxies[0].Came() - before; n != 1 {
				t.Errorf("of %d questions %d are tried there, want 1", questions, n)
			}
			if got, spare := fakes[1].count("search"), fakes[2].count("search"); got != questions || spare != 0 {
				t.Errorf("the others answer %d and %d, want %d and 0", got, spare, questions)
			}
			proxies[0].Be(badnet.Manner{})
			now = now.Add(rest + time.Second)
			before = fakes[0].count("search")
			ask(t, v)
			if n := fakes[0].count("search") - before; n != 1 {
				t.Errorf("once the network is well and the rest is over it answers %d questions, want 1", n)
			}
		})
	}
}

func TestWhereTheWholeNetworkIsBadThatIsSaidInTimeAndOverAtOnce(t *testing.T) {
	for name, manner := range manners {
		t.Run(name, func(t *testing.T) {
			fakes := []*fake{newFake(t), newFake(t), newFake(t)}
			proxies := behind(t, fakes...)
			s := storeAt(t, "", fakes...)
			v := opened(t, s)
			ask(t, v)
			all := func(m badnet.Manner) {
				for _, p := range proxies {
					p.Be(m)
				}
			}
			all(manner)
			began := time.Now()
			if _, err := v.Query(t.Context(), []float32{1, 0}, 1); !errors.As(err, new(*unreachedError)) {
				t.Errorf("Query: %v", err)
			}
			if took, most := time.Since(began), time.Duration(len(fakes))*s.times.ask+time.Second; took > most {
				t.Errorf("it took %s, more than %s", took, most)
			}
			if err := v.(retrieval.Prober).Probe(t.Context()); err == nil {
				t.Error("the index can be asked")
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			began = time.Now()
			if _, err := v.Query(ctx, []float32{1, 0}, 1); err == nil {
				t.Error("it answers")
			}
			if err := s.Probe(ctx); err == nil {
				t.Error("the store can be asked")
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("with a deadline of 50 ms it took %s", took)
			}
			all(badnet.Manner{})
			if err := s.Probe(t.Context()); err != nil {
				t.Error(err)
			}
			ask(t, v)
			if err := v.(retrieval.Prober).Probe(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// badNetwork has the way to the node that is asked first be bad in all manners:
// no question may fail.
func (c *cluster) badNetwork(t *testing.T) {
	const passages = 500
	points := storetest.Vectors(1, passages)
	writes := c.place(t)().(*Store)
	mustWrite(t, writes, storetest.Generation("a"), points)
	first := badnet.New(t, strings.TrimPrefix(c.Nodes[0].URL(), "http://"))
	s := c.store(t, writes.prefix, "http://"+first.Addr()+","+c.Nodes[1].URL()+","+c.Nodes[2].URL())
	s.client.first = 0
	var rested atomic.Int64
	s.client.now = func() time.Time { return time.Now().Add(time.Duration(rested.Load())) }
	asked := c.askOn(t, mustOpen(t, s, storetest.Generation("a")), points)
	for _, m := range []badnet.Manner{{Refuses: true}, {Silent: true}, {Deaf: true}, {Delay: 3 * time.Second}} {
		before := s.client.endpoints[0].failureCount()
		first.Be(m)
		if m.Refuses {
			first.Cut()
		}
		time.Sleep(s.times.ask + time.Second)
		if s.client.endpoints[0].failureCount() == before {
			t.Errorf("%+v was not noticed", m)
		}
		first.Be(badnet.Manner{})
		first.Cut()
		rested.Add(int64(mostRest)) // it is asked first again
		time.Sleep(time.Second)
	}
	asked()
}
