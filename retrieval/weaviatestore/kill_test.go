package weaviatestore

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"footnote/retrieval"
	"footnote/retrieval/storetest"
)

func TestOnThreeNodes(t *testing.T) {
	c := newCluster(t, 3)
	t.Run("the suite", func(t *testing.T) { storetest.Run(t, suite(), c.place) })
	t.Run("one replica indexes at a time", c.oneIndexesAtATime)
	t.Run("who indexes is killed", c.indexerKilled)
	t.Run("a node is killed while it is asked and written to", c.nodeKilled)
	t.Run("the way to a node is bad", c.badNetwork)
	t.Run("nodes are gone", c.nodesGone)
}

// nodeKilled kills each node once, while questions are asked and an index is
// written. No question may fail or be answered from a part.
func (c *cluster) nodeKilled(t *testing.T) {
	const passages = 2000
	points := storetest.Vectors(1, passages)
	open := c.place(t)
	asked := mustWrite(t, open(), storetest.Generation("asked"), points)

	done := c.askOn(t, asked, points)
	for i, m := range c.Nodes {
		g := storetest.Generation(fmt.Sprint("written while node is away ", i))
		own := storetest.Vectors(uint64(10+i), passages)
		written := make(chan error, 1)
		began := time.Now()
		go func() {
			v, err := open().Write(t.Context(), g, own)
			if err == nil {
				err = v.Close()
			}
			written <- err
		}()
		time.Sleep(time.Duration(rand.IntN(600)) * time.Millisecond)
		m.Kill()
		time.Sleep(2 * time.Second)
		m.Start()
		if err := <-written; err != nil {
			t.Errorf("writing while node %d was away: %v", i, err)
		}
		t.Logf("node %d was killed; the index was written in %s", i, time.Since(began).Round(time.Millisecond))
		c.neverInPart(t, open().(*Store).prefix, g, own)
		m.WaitUntilReady()
		c.neverInPart(t, open().(*Store).prefix, g, own)
	}
	done()
}

// askOn has two askers ask without a pause until the function that it returns is
// called: no question may fail or be answered from a part.
func (c *cluster) askOn(t *testing.T, v retrieval.Vectors, points []retrieval.Point) (done func()) {
	asking, end := context.WithCancel(t.Context())
	t.Cleanup(end)
	var questions, failed, wrong, slowest atomic.Int64
	var askers sync.WaitGroup
	for i := range 2 {
		askers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 0))
			for asking.Err() == nil {
				p := points[random.IntN(len(points))]
				began := time.Now()
				found, err := v.Query(asking, p.Vector, 5)
				if asking.Err() != nil {
					return
				}
				questions.Add(1)
				slowest.Store(max(slowest.Load(), int64(time.Since(began))))
				switch {
				case err != nil:
					failed.Add(1)
					t.Logf("a question failed: %v", err)
				case len(found) != 5 || found[0].ID != p.ID:
					wrong.Add(1)
				}
				time.Sleep(2 * time.Millisecond)
			}
		})
	}
	return func() {
		end()
		askers.Wait()
		t.Logf("%d questions, %d failed, %d wrong; the slowest took %s", questions.Load(), failed.Load(), wrong.Load(), time.Duration(slowest.Load()).Round(time.Millisecond))
		if failed.Load()+wrong.Load() > 0 || questions.Load() < 100 {
			t.Errorf("of %d questions %d failed and %d found other passages", questions.Load(), failed.Load(), wrong.Load())
		}
	}
}

// neverInPart asks each node by itself: it may fail, but not leave out.
func (c *cluster) neverInPart(t *testing.T, prefix string, g retrieval.Generation, points []retrieval.Point) {
	t.Helper()
	for _, m := range c.Nodes {
		s := c.store(t, prefix, m.URL())
		s.times.patience = time.Second
		v, err := s.Open(t.Context(), g)
		if err != nil {
			t.Logf("node %d: %v", m.Number, err)
			continue
		}
		for _, p := range points[:100] {
			if found, err := v.Query(t.Context(), p.Vector, 3); err == nil && (len(found) != 3 || found[0].ID != p.ID) {
				t.Errorf("node %d leaves out %s: %v", m.Number, p.ID, found)
			}
		}
		v.Close()
	}
}

// nodesGone leaves one node after the other out: what is open is answered from
// to the last, and what is written while one is away is there when it is back.
func (c *cluster) nodesGone(t *testing.T) {
	open := c.place(t)
	points := storetest.Vectors(1, 50)
	v := mustWrite(t, open(), storetest.Generation("a"), points)
	right := func(gone int) {
		t.Helper()
		for _, p := range points {
			found, err := v.Query(t.Context(), p.Vector, 3)
			if err != nil || len(found) != 3 || found[0].ID != p.ID {
				t.Fatalf("with %d nodes gone it finds %v, %v", gone, found, err)
			}
		}
	}
	for _, e := range c.Nodes { // each is known to be whole
		v.(*vectors).store.client.first = e.Number
		right(0)
	}
	c.Nodes[2].Kill()
	right(1)
	s := open().(*Store)
	began := time.Now()
	mustWrite(t, s, storetest.Generation("b"), points)
	t.Logf("written with a node away in %s", time.Since(began).Round(time.Millisecond))
	mustOpen(t, s, storetest.Generation("a"))
	c.Nodes[2].Start()
	c.Nodes[2].WaitUntilReady()
	began = time.Now()
	last := c.store(t, s.prefix, c.Nodes[2].URL())
	for {
		v, err := last.Open(t.Context(), storetest.Generation("b"))
		if err == nil {
			v.Close()
			break
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("the node that was away does not catch up: %v", err)
		}
	}
	t.Logf("the node that was away has it %s after it was back", time.Since(began).Round(time.Millisecond))
	c.Nodes[2].Kill()
	c.Nodes[1].Kill()
	right(2)
	if _, err := open().Open(t.Context(), storetest.Generation("a")); err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, retrieval.ErrDamaged) {
		t.Errorf("Open without a majority: %v", err)
	}
}

func (c *cluster) oneIndexesAtATime(t *testing.T) {
	open := c.place(t)
	var inside, together, turns atomic.Int32
	var all sync.WaitGroup
	for range 4 {
		s := open().(*Store)
		s.times.beat, s.times.expiry = 500*time.Millisecond, 20*time.Second
		all.Go(func() {
			for range 3 {
				unlock, err := s.Lock(t.Context())
				if err != nil {
					t.Errorf("Lock: %v", err)
					return
				}
				if inside.Add(1) > 1 {
					together.Add(1)
				}
				time.Sleep(50 * time.Millisecond)
				inside.Add(-1)
				turns.Add(1)
				unlock()
			}
		})
	}
	all.Wait()
	if together.Load() > 0 || turns.Load() != 12 {
		t.Errorf("%d turns, want 12; %d began while another one was under way", turns.Load(), together.Load())
	}
	s := open().(*Store)
	terms, err := s.terms(t.Context())
	if err != nil || len(terms) > 2 {
		t.Errorf("terms that are over stay: %v, %v", terms, err)
	}
}

// placeOfChild is set for the child processes of the tests below, which do what
// their arguments say until they are killed.
const placeOfChild = "FOOTNOTE_TEST_CHILD_AT"

func TestMain(m *testing.M) {
	if place := os.Getenv(placeOfChild); place != "" {
		err := beChild(place, os.Args[1], os.Args[2])
		println(err.Error())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func beChild(prefix, urls, job string) error {
	s, err := New(urls, Options{Prefix: prefix, AllowUnreplicated: true})
	if err != nil {
		return err
	}
	if job == "lock" {
		s.times.beat = 200 * time.Millisecond
		if _, err := s.Lock(context.Background()); err != nil {
			return err
		}
		fmt.Println("locked")
		select {}
	}
	for points := storetest.Vectors(1, 2000); ; {
		if _, err := s.Write(context.Background(), storetest.Generation("a"), points); err != nil {
			return err
		}
		fmt.Println("written")
	}
}

// child starts one, and returns what it prints.
func (c *cluster) child(t *testing.T, prefix, job string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	return storetest.Child(t, placeOfChild+"="+prefix, c.URLs(), job)
}

// writerKilled kills who writes, at any point: what it leaves behind is never
// taken for an index.
func (c *cluster) writerKilled(t *testing.T) {
	s := c.place(t)().(*Store)
	storetest.WriterKilled(t, s, storetest.Generation("a"), storetest.Vectors(1, 2000), storetest.Killing{
		Rounds: 8, Writes: 1, Write: time.Second, Start: func() (*exec.Cmd, *bufio.Scanner) { return c.child(t, s.prefix, "write") },
	})
	s.client.now = func() time.Time { return time.Now().Add(abandoned + time.Hour) }
	s.prune(t.Context())
	if collections, aliases, err := s.list(t.Context()); err != nil || len(collections) != 1 || len(aliases) != 1 {
		t.Errorf("left are %v, %v, %v", collections, aliases, err)
	}
}

func (c *cluster) indexerKilled(t *testing.T) {
	s := c.place(t)().(*Store)
	s.times.beat, s.times.expiry = 500*time.Millisecond, 3*time.Second
	child, lines := c.child(t, s.prefix, "lock")
	if !lines.Scan() {
		t.Fatal("the child did not lock")
	}
	living, cancel := context.WithTimeout(t.Context(), s.times.expiry+2*time.Second)
	defer cancel()
	if _, err := s.Lock(living); err == nil {
		t.Fatal("the lock was taken from who lives")
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
	began := time.Now()
	unlock, err := s.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	t.Logf("the lock was free %s after the one who had it was killed", time.Since(began).Round(time.Millisecond))
	if took := time.Since(began); took < s.times.expiry || took > s.times.expiry+5*time.Second {
		t.Errorf("it took %s; the expiry is %s", took, s.times.expiry)
	}
}

// What was open before a collection was replaced, and taken away, goes on with
// the one that took its place.
func (c *cluster) movesOn(t *testing.T) {
	s := c.place(t)().(*Store)
	g, points := storetest.Generation("a"), storetest.Vectors(1, 50)
	v := mustWrite(t, s, g, points)
	old := v.(*vectors).current()
	mustWrite(t, s, g, points)
	if err := s.drop(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	found, err := v.Query(t.Context(), points[3].Vector, 2)
	if err != nil || len(found) != 2 || found[0].ID != points[3].ID {
		t.Errorf("found %v, %v", found, err)
	}
}

func (c *cluster) oldOnesGo(t *testing.T) {
	s := c.place(t)().(*Store)
	const written = kept + 2
	now := time.Now()
	for i := range written {
		mustWrite(t, s, storetest.Generation(fmt.Sprint(i)), storetest.Vectors(1, 2)).Close()
	}
	s.client.now = func() time.Time { return now.Add(2 * unused) }
	used := mustOpen(t, s, storetest.Generation("0")).(*vectors)
	used.mark(t.Context())
	orphan := s.newCollection(storetest.Generation("unfinished"))
	if err := s.create(t.Context(), orphan, generationClass(orphan, storetest.Generation("unfinished"), 1, 1)); err != nil {
		t.Fatal(err)
	}
	s.prune(t.Context())
	collections, aliases, err := s.list(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(aliases) != kept || len(collections) != kept+1 || !slices.Contains(collections, orphan) {
		t.Errorf("left are %d aliases and %d collections", len(aliases), len(collections))
	}
	if _, ok := aliases[s.alias(storetest.Generation("0"))]; !ok {
		t.Error("the one in use is gone")
	}
	s.client.now = func() time.Time { return now.Add(4*unused + abandoned) }
	s.prune(t.Context())
	if collections, _, _ := s.list(t.Context()); slices.Contains(collections, orphan) {
		t.Error("what a killed process began is still there")
	}
}

func mustOpen(t *testing.T, s *Store, g retrieval.Generation) retrieval.Vectors {
	t.Helper()
	v, err := s.Open(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}
