package chromemstore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"footnote/retrieval"
)

// rows are vectors that we look through ourselves, one after the other as they
// lie in memory. What they find is what chromem finds in the same vectors, with
// the same similarities: the sums are taken in the same order.
type rows struct {
	points     []retrieval.Point
	dimensions int
}

// newRows takes points over; like chromem it makes vectors of unit length
// where they are not.
func newRows(points []retrieval.Point, dimensions int) *rows {
	for i, p := range points {
		points[i].Vector = unit(p.Vector)
	}
	return &rows{points, dimensions}
}

// unit is a vector of length 1, as chromem makes it.
func unit(v []float32) []float32 {
	const tolerance = 1e-6
	var exact float64
	var sum float32
	for _, x := range v {
		exact += float64(x) * float64(x)
		sum += x * x
	}
	if math.Abs(math.Sqrt(exact)-1) < tolerance {
		return v
	}
	length := float32(math.Sqrt(float64(sum)))
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = x / length
	}
	return out
}

func (r *rows) Query(ctx context.Context, vector []float32, k int) ([]retrieval.Neighbor, error) {
	return r.QueryAmong(ctx, vector, k, nil)
}

// QueryAmong is Query for passages that are among some; it implements
// [retrieval.Selector]. It shares the rows out among the processors.
func (r *rows) QueryAmong(ctx context.Context, vector []float32, k int, among func(id string) bool) ([]retrieval.Neighbor, error) {
	if len(vector) != r.dimensions {
		return nil, fmt.Errorf("the query's vector has %d dimensions instead of %d", len(vector), r.dimensions)
	}
	k = min(k, len(r.points))
	if k <= 0 || isZero(vector) {
		return nil, ctx.Err()
	}
	vector = unit(vector)
	const least = 4096 // rows that are worth a goroutine
	workers := max(1, min(runtime.GOMAXPROCS(0), len(r.points)/least))
	found := make([]nearest, workers)
	var group sync.WaitGroup
	for w := range found {
		found[w] = nearest{points: r.points, among: among, most: k, least: -1}
		group.Go(func() {
			found[w].scan(ctx, vector, w*len(r.points)/workers, (w+1)*len(r.points)/workers)
		})
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all := nearest{points: r.points, most: k}
	for _, part := range found {
		all.rows = append(all.rows, part.rows...)
	}
	all.settle()
	out := make([]retrieval.Neighbor, len(all.rows))
	for i, row := range all.rows {
		out[i] = retrieval.Neighbor{ID: r.points[row.number].ID, Similarity: float64(row.similarity)}
	}
	return out, nil
}

func (r *rows) Len() int { return len(r.points) }

func (r *rows) Close() error { return nil }

// nearest collects the rows that are nearest, at most so many.
type nearest struct {
	points []retrieval.Point
	among  func(id string) bool // nil for all
	most   int
	rows   []row   // those found, and up to as many that are let go of later
	least  float32 // what a further one must not be below
}

type row struct {
	number     int
	similarity float32
}

// scan looks through rows from one up to another, unless ctx ends.
func (n *nearest) scan(ctx context.Context, vector []float32, from, to int) {
	n.rows = make([]row, 0, min(2*n.most, to-from))
	const together, watch = 4, 4096 // rows; and rows between looks at ctx
	at := from
	for ; at+together <= to; at += together {
		if (at-from)%watch == 0 && ctx.Err() != nil {
			return
		}
		p := n.points[at : at+together]
		for i, s := range products(vector, p[0].Vector, p[1].Vector, p[2].Vector, p[3].Vector) {
			n.offer(row{at + i, s})
		}
	}
	for ; at < to; at++ {
		v := n.points[at].Vector
		n.offer(row{at, products(vector, v, v, v, v)[0]})
	}
}

// products are the inner products of a vector with four others. A processor
// that waits for the last addition of one sum goes on with the next sum.
func products(v, a, b, c, d []float32) [4]float32 {
	a, b, c, d = a[:len(v)], b[:len(v)], c[:len(v)], d[:len(v)]
	var s0, s1, s2, s3 float32
	for i, x := range v {
		s0 += x * a[i]
		s1 += x * b[i]
		s2 += x * c[i]
		s3 += x * d[i]
	}
	return [4]float32{s0, s1, s2, s3}
}

// offer takes a row in if it is near enough.
func (n *nearest) offer(r row) {
	// Rounding can carry the product of two unit vectors beyond 1.
	r.similarity = max(-1, min(r.similarity, 1))
	if r.similarity < n.least || n.among != nil && !n.among(n.points[r.number].ID) {
		return
	}
	n.rows = append(n.rows, r)
	if len(n.rows) == 2*n.most {
		n.settle()
	}
}

// settle sorts the rows and lets go of those that are too many.
func (n *nearest) settle() {
	slices.SortFunc(n.rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.similarity, a.similarity), cmp.Compare(n.points[a.number].ID, n.points[b.number].ID))
	})
	if len(n.rows) >= n.most {
		n.rows = n.rows[:n.most]
		n.least = n.rows[n.most-1].similarity
	}
}
