// Package storetest is what every store of vectors has to pass.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"footnote/retrieval"
)

// A Damage does to a stored generation what a failing disk does.
type Damage struct {
	Name string
	// Do harms what a store keeps of a generation.
	Do func(t *testing.T, s retrieval.Store, g retrieval.Generation)
}

// Options say what a store can do beyond the interface.
type Options struct {
	// Keeps says that another instance at the same place finds what was written.
	Keeps bool
	// Damages are done in turn; each has to be found out and mended.
	Damages []Damage
	// Unusable opens a store that cannot reach its place.
	Unusable func(t *testing.T) retrieval.Store
}

// Run tests a store. Each call of place makes an empty place for one to keep
// things in, and gives a function that opens another instance there.
func Run(t *testing.T, options Options, place func(t *testing.T) (open func() retrieval.Store)) {
	s := &suite{options, place}
	for _, test := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"it says where it keeps things", s.location},
		{"what was never written is not there", s.absent},
		{"neighbours come nearest first", s.order},
		{"there are never more neighbours than passages", s.limits},
		{"of equally near passages the first by ID are taken", s.ties},
		{"a vector of the wrong length is an error", s.dimensions},
		{"zero vectors are near nothing", s.zeros},
		{"a generation may be empty", s.empty},
		{"generations do not mix", s.generations},
		{"writing again replaces", s.replaces},
		{"points stay the caller's", s.callersPoints},
		{"what is open stays usable", s.staysOpen},
		{"questions may be asked at once", s.concurrentQueries},
		{"the same generation may be written at once", s.concurrentWrites},
		{"a context that is done ends everything", s.cancelled},
		{"another instance finds the same", s.reopened},
		{"damage is found and mended", s.damaged},
		{"a place out of reach is neither empty nor damaged", s.unusable},
	} {
		t.Run(test.name, test.run)
	}
}

const dimensions = 8

// Vectors makes n reproducible points of unit length with IDs in no order.
func Vectors(seed uint64, n int) []retrieval.Point {
	random := rand.New(rand.NewPCG(seed, 0))
	points := make([]retrieval.Point, n)
	for i := range points {
		points[i] = retrieval.Point{ID: fmt.Sprintf("%08x-%d", random.Uint32(), i), Vector: vector(random)}
	}
	return points
}

func vector(random *rand.Rand) []float32 {
	v := make([]float32, dimensions)
	var sum float64
	for i := range v {
		v[i] = float32(random.NormFloat64())
		sum += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

// Generation is one of points that [Vectors] makes.
func Generation(corpus string) retrieval.Generation {
	return retrieval.Generation{Corpus: corpus, Embedder: "storetest", Dimensions: dimensions}
}

type suite struct {
	Options
	place func(t *testing.T) (open func() retrieval.Store)
}

func write(t *testing.T, s retrieval.Store, g retrieval.Generation, points []retrieval.Point) retrieval.Vectors {
	t.Helper()
	v, err := s.Write(t.Context(), g, points)
	if err != nil {
		t.Fatalf("Write: %v", err)
	}
	t.Cleanup(func() { closeAll(t, v) })
	return v
}

func closeAll(t *testing.T, v retrieval.Vectors) {
	if err := v.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func query(t *testing.T, v retrieval.Vectors, vector []float32, k int) []retrieval.Neighbor {
	t.Helper()
	found, err := v.Query(t.Context(), vector, k)
	if err != nil {
		t.Fatalf("Query: %v", err)
	}
	return found
}

// nearest is what a query has to find, by looking at every point.
func nearest(points []retrieval.Point, vector []float32, k int) []retrieval.Neighbor {
	var all []retrieval.Neighbor
	for _, p := range points {
		var dot, square float64
		for i, x := range p.Vector {
			dot += float64(x) * float64(vector[i])
			square += float64(x) * float64(x)
		}
		if square > 0 {
			all = append(all, retrieval.Neighbor{ID: p.ID, Similarity: dot})
		}
	}
	slices.SortFunc(all, func(a, b retrieval.Neighbor) int {
		if a.Similarity > b.Similarity {
			return -1
		}
		return 1
	})
	return all[:min(k, len(all))]
}

// expect compares neighbours, with some room for how a store rounds.
func expect(t *testing.T, got, want []retrieval.Neighbor) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d neighbours, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i].ID != want[i].ID || math.Abs(got[i].Similarity-want[i].Similarity) > 1e-4 {
			t.Errorf("neighbour %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func (s *suite) location(t *testing.T) {
	if s.place(t)().Location() == "" {
		t.Error("it does not")
	}
}

func (s *suite) absent(t *testing.T) {
	store := s.place(t)()
	if _, err := store.Open(t.Context(), Generation("a")); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, retrieval.ErrDamaged) {
		t.Errorf("in an empty store: %v", err)
	}
	write(t, store, Generation("a"), Vectors(1, 3))
	if _, err := store.Open(t.Context(), Generation("b")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("beside another generation: %v", err)
	}
}

func (s *suite) order(t *testing.T) {
	points := Vectors(1, 300)
	v := write(t, s.place(t)(), Generation("a"), points)
	for _, q := range Vectors(2, 20) {
		expect(t, query(t, v, q.Vector, 10), nearest(points, q.Vector, 10))
	}
	if found := query(t, v, points[7].Vector, 1); found[0].ID != points[7].ID || found[0].Similarity > 1 {
		t.Errorf("nearest to a point itself is %v", found[0])
	}
}

func (s *suite) limits(t *testing.T) {
	points := Vectors(1, 5)
	v := write(t, s.place(t)(), Generation("a"), points)
	if v.Len() != 5 {
		t.Errorf("Len is %d, want 5", v.Len())
	}
	for k, want := range map[int]int{-1: 0, 0: 0, 1: 1, 4: 4, 5: 5, 6: 5, 1000: 5} {
		if found := query(t, v, points[0].Vector, k); len(found) != want {
			t.Errorf("k %d gives %d neighbours, want %d", k, len(found), want)
		}
	}
}

func (s *suite) ties(t *testing.T) {
	points := Vectors(1, 40)
	same := points[0].Vector
	for i := range 30 {
		points[i].Vector = same
	}
	v := write(t, s.place(t)(), Generation("a"), points)
	var ids []string
	for _, p := range points[:30] {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	for range 5 {
		for _, k := range []int{1, 7, 29, 30} {
			for i, n := range query(t, v, same, k) {
				if n.ID != ids[i] {
					t.Fatalf("k %d: neighbour %d is %s, want %s", k, i, n.ID, ids[i])
				}
			}
		}
	}
}

func (s *suite) dimensions(t *testing.T) {
	store := s.place(t)()
	v := write(t, store, Generation("a"), Vectors(1, 3))
	for _, wrong := range [][]float32{nil, make([]float32, dimensions-1), make([]float32, dimensions+1)} {
		if _, err := v.Query(t.Context(), wrong, 3); err == nil {
			t.Errorf("a query of length %d is accepted", len(wrong))
		}
	}
	points := Vectors(1, 3)
	points[1].Vector = points[1].Vector[:dimensions-1]
	if _, err := store.Write(t.Context(), Generation("b"), points); err == nil {
		t.Error("a point of the wrong length is accepted")
	}
	if _, err := store.Open(t.Context(), Generation("b")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after it was refused: %v", err)
	}
}

func (s *suite) zeros(t *testing.T) {
	points := Vectors(1, 5)
	points[2].Vector = make([]float32, dimensions)
	v := write(t, s.place(t)(), Generation("a"), points)
	if v.Len() != 4 {
		t.Errorf("Len is %d, want 4", v.Len())
	}
	for _, n := range query(t, v, points[0].Vector, 5) {
		if n.ID == points[2].ID || math.IsNaN(n.Similarity) {
			t.Errorf("found %v", n)
		}
	}
	if found := query(t, v, make([]float32, dimensions), 5); len(found) > 0 {
		t.Errorf("near a zero vector are %v", found)
	}
}

func (s *suite) empty(t *testing.T) {
	for name, points := range map[string][]retrieval.Point{
		"no points": nil, "zero vectors only": {{ID: "a", Vector: make([]float32, dimensions)}},
	} {
		v := write(t, s.place(t)(), Generation(name), points)
		if found := query(t, v, Vectors(1, 1)[0].Vector, 3); v.Len() != 0 || len(found) > 0 {
			t.Errorf("%s: Len %d, found %v", name, v.Len(), found)
		}
	}
}

func (s *suite) generations(t *testing.T) {
	store := s.place(t)()
	base := Generation("a")
	other := []retrieval.Generation{
		{Corpus: "b", Embedder: base.Embedder, Dimensions: dimensions},
		{Corpus: "a", Embedder: "another", Dimensions: dimensions},
	}
	points := Vectors(1, 20)
	first := write(t, store, base, points)
	for i, g := range other {
		own := Vectors(uint64(10+i), 20)
		v := write(t, store, g, own)
		expect(t, query(t, v, points[0].Vector, 20), nearest(own, points[0].Vector, 20))
	}
	expect(t, query(t, first, points[0].Vector, 20), nearest(points, points[0].Vector, 20))
}

func (s *suite) replaces(t *testing.T) {
	open := s.place(t)
	store := open()
	write(t, store, Generation("a"), Vectors(1, 30))
	points := Vectors(2, 10)
	v := write(t, store, Generation("a"), points)
	expect(t, query(t, v, points[3].Vector, 30), nearest(points, points[3].Vector, 30))
	if again := s.reopen(t, open, Generation("a")); again != nil {
		expect(t, query(t, again, points[3].Vector, 30), nearest(points, points[3].Vector, 30))
	}
}

func (s *suite) callersPoints(t *testing.T) {
	points := Vectors(1, 10)
	v := write(t, s.place(t)(), Generation("a"), points)
	want := nearest(points, points[4].Vector, 10)
	asked := slices.Clone(points[4].Vector)
	for i := range points {
		points[i].ID = "changed"
		clear(points[i].Vector)
	}
	expect(t, query(t, v, asked, 10), want)
}

func (s *suite) staysOpen(t *testing.T) {
	store := s.place(t)()
	points := Vectors(1, 10)
	v := write(t, store, Generation("a"), points)
	write(t, store, Generation("a"), Vectors(2, 10))
	expect(t, query(t, v, points[3].Vector, 10), nearest(points, points[3].Vector, 10))
}

func (s *suite) concurrentQueries(t *testing.T) {
	points := Vectors(1, 100)
	v := write(t, s.place(t)(), Generation("a"), points)
	var all sync.WaitGroup
	for _, q := range Vectors(2, 16) {
		all.Go(func() {
			found, err := v.Query(t.Context(), q.Vector, 10)
			if err != nil {
				t.Errorf("Query: %v", err)
				return
			}
			expect(t, found, nearest(points, q.Vector, 10))
		})
	}
	all.Wait()
}

func (s *suite) concurrentWrites(t *testing.T) {
	points := Vectors(1, 50)
	open := s.place(t)
	var all sync.WaitGroup
	for range 4 {
		store := open()
		all.Go(func() {
			v, err := store.Write(t.Context(), Generation("a"), points)
			if err != nil {
				t.Errorf("Write: %v", err)
				return
			}
			defer closeAll(t, v)
			found, err := v.Query(t.Context(), points[0].Vector, 5)
			if err != nil {
				t.Errorf("Query: %v", err)
				return
			}
			expect(t, found, nearest(points, points[0].Vector, 5))
		})
	}
	all.Wait()
	if v := s.reopen(t, open, Generation("a")); v != nil {
		expect(t, query(t, v, points[0].Vector, 5), nearest(points, points[0].Vector, 5))
	}
}

func (s *suite) cancelled(t *testing.T) {
	store := s.place(t)()
	v := write(t, store, Generation("a"), Vectors(1, 10))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Query(ctx, Vectors(1, 1)[0].Vector, 3); !errors.Is(err, context.Canceled) {
		t.Errorf("Query: %v", err)
	}
	if _, err := store.Write(ctx, Generation("b"), Vectors(1, 10)); !errors.Is(err, context.Canceled) {
		t.Errorf("Write: %v", err)
	}
	if _, err := store.Open(ctx, Generation("a")); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v", err)
	}
	if _, err := store.Open(t.Context(), Generation("b")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after a Write that was cancelled: %v", err)
	}
}

// reopen opens a generation by another instance; nil where the store keeps nothing.
func (s *suite) reopen(t *testing.T, open func() retrieval.Store, g retrieval.Generation) retrieval.Vectors {
	t.Helper()
	if !s.Keeps {
		return nil
	}
	v, err := open().Open(t.Context(), g)
	if err != nil {
		t.Fatalf("Open by another instance: %v", err)
	}
	t.Cleanup(func() { closeAll(t, v) })
	return v
}

func (s *suite) reopened(t *testing.T) {
	if !s.Keeps {
		t.Skip("this store keeps nothing")
	}
	open := s.place(t)
	points := Vectors(1, 60)
	points[5].Vector = make([]float32, dimensions)
	first := write(t, open(), Generation("a"), points)
	again := s.reopen(t, open, Generation("a"))
	if again.Len() != first.Len() {
		t.Errorf("Len is %d, was %d", again.Len(), first.Len())
	}
	for _, q := range Vectors(2, 10) {
		if got, want := query(t, again, q.Vector, 10), query(t, first, q.Vector, 10); !slices.Equal(got, want) {
			t.Errorf("found %v, before %v", got, want)
		}
	}
}

func (s *suite) unusable(t *testing.T) {
	if s.Unusable == nil {
		t.Skip("this store can always be used")
	}
	store := s.Unusable(t)
	if v, err := store.Open(t.Context(), Generation("a")); v != nil || err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, retrieval.ErrDamaged) {
		t.Errorf("Open gives %v, %v", v, err)
	}
	if v, err := store.Write(t.Context(), Generation("a"), Vectors(1, 3)); v != nil || err == nil {
		t.Errorf("Write gives %v, %v", v, err)
	}
}

func (s *suite) damaged(t *testing.T) {
	if len(s.Damages) == 0 {
		t.Skip("this store cannot be damaged from here")
	}
	for _, d := range s.Damages {
		t.Run(d.Name, func(t *testing.T) {
			open := s.place(t)
			points := Vectors(1, 60)
			write(t, open(), Generation("a"), points)
			d.Do(t, open(), Generation("a"))
			if v, err := open().Open(t.Context(), Generation("a")); !errors.Is(err, retrieval.ErrDamaged) {
				t.Fatalf("Open gives %v, %v; want ErrDamaged", v, err)
			}
			write(t, open(), Generation("a"), points)
			expect(t, query(t, s.reopen(t, open, Generation("a")), points[0].Vector, 5), nearest(points, points[0].Vector, 5))
		})
	}
}
