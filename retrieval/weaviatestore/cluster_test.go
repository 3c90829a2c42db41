package weaviatestore

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"footnote/retrieval"
	"footnote/retrieval/weaviatestore/weaviatetest"
)

// A cluster is Weaviate on this machine, in processes that can be killed.
type cluster struct {
	*weaviatetest.Cluster
	t *testing.T
}

func newCluster(t *testing.T, nodes int) *cluster {
	t.Helper()
	return &cluster{weaviatetest.New(t, nodes), t}
}

var places atomic.Int32

// place is a prefix that no other test uses; what is kept there goes with the
// test.
func (c *cluster) place(t *testing.T) (open func() retrieval.Store) {
	prefix := fmt.Sprintf("Place%d", places.Add(1))
	first := c.store(t, prefix, c.URLs())
	t.Cleanup(func() {
		collections, _, err := first.list(c.t.Context())
		if err != nil {
			return // the cluster goes too
		}
		for _, name := range collections {
			_ = first.drop(c.t.Context(), name)
		}
	})
	return func() retrieval.Store { return c.store(t, prefix, c.URLs()) }
}

func (c *cluster) store(t *testing.T, prefix, urls string) *Store {
	t.Helper()
	s, err := New(urls, Options{AllowUnreplicated: len(c.Nodes) < replicated, Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	s.times.short, s.times.catchUp, s.times.pause, s.times.settle = time.Second, time.Second, 20*time.Millisecond, 5*time.Second
	return s
}
