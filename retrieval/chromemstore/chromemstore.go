// Package chromemstore keeps vectors in chromem-go: in memory while an index is
// open, and in one file for each generation of the index. Large generations it
// looks through itself, to the same effect: see scanned.
//
// chromem's own persistence writes a file per document, named by 32 bits of a
// hash, in place, and its export is nothing but the vectors, in gob. So a
// generation has a file of our own, which is renamed into place once it is
// whole on disk: a reader sees the old one or the new one, and a checksum tells
// it what a failing disk did since.
package chromemstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/philippgille/chromem-go"

	"footnote/retrieval"
)

const (
	extension   = ".vectors"
	draftPrefix = "draft-"
)

// Store implements [retrieval.Store].
type Store struct {
	dir string
	log *slog.Logger
	// scanFrom is from how many vectors on chromem is not asked.
	scanFrom int
}

// New returns a store below a folder, which is made when needed. With an empty
// dir nothing is written: generations live as long as they are open.
func New(dir string, log *slog.Logger) *Store { return &Store{dir: dir, log: log, scanFrom: scanned} }

// Location is the store's folder.
func (s *Store) Location() string {
	if s.dir == "" {
		return "memory"
	}
	return s.dir
}

func (s *Store) path(g retrieval.Generation) string {
	return filepath.Join(s.dir, g.Key()+extension)
}

// Open reads a generation and marks it as used. A file that may not be read, or
// reached, is an error of its own: writing it anew would not help.
func (s *Store) Open(ctx context.Context, g retrieval.Generation) (retrieval.Vectors, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.dir == "" {
		return nil, fs.ErrNotExist
	}
	path := s.path(g)
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // a pipe would block who reads it
		return nil, damaged(path, errors.New("it is not a regular file"))
	}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return nil, err
	case err != nil:
		return nil, damaged(path, err)
	}
	points, err := decode(data, g)
	if err != nil {
		return nil, damaged(path, err)
	}
	v, err := s.fill(ctx, g, points)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if err := os.Chtimes(path, now, now); err != nil {
		s.log.DebugContext(ctx, "could not mark an index as used", "file", path, "error", err)
	}
	return v, nil
}

func damaged(path string, err error) error {
	return fmt.Errorf("%w: %s: %w", retrieval.ErrDamaged, path, err)
}

// Write fills chromem with the generation and stores it. The points stay the
// caller's.
func (s *Store) Write(ctx context.Context, g retrieval.Generation, points []retrieval.Point) (retrieval.Vectors, error) {
	own := copyPoints(points)
	v, err := s.fill(ctx, g, own)
	if err != nil || s.dir == "" {
		return v, err
	}
	if err := s.store(g, own); err != nil {
		return nil, fmt.Errorf("writing the index to %s: %w", s.dir, err)
	}
	s.prune(ctx)
	return v, nil
}

// copyPoints copies the points that have a vector, vector behind vector.
func copyPoints(points []retrieval.Point) []retrieval.Point {
	size := 0
	for _, p := range points {
		size += len(p.Vector)
	}
	own, all := make([]retrieval.Point, 0, len(points)), make([]float32, 0, size)
	for _, p := range points {
		if isZero(p.Vector) { // chromem would normalise it to NaN
			continue
		}
		start := len(all)
		all = append(all, p.Vector...)
		own = append(own, retrieval.Point{ID: p.ID, Vector: all[start:len(all):len(all)]})
	}
	return own
}

// store writes a generation beside its place and renames it there.
func (s *Store) store(g retrieval.Generation, points []retrieval.Point) error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	draft, err := os.CreateTemp(s.dir, draftPrefix)
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name()) // after the rename it is not there
	if err := writeWhole(draft, encode(g, points)); err != nil {
		return err
	}
	if err := os.Rename(draft.Name(), s.path(g)); err != nil {
		return err
	}
	return syncFolder(s.dir)
}

// writeWhole writes a draft through to the disk and closes it. Whoever may look
// into the folder may read it: it holds numbers, no text.
func writeWhole(draft *os.File, data []byte) error {
	_, err := draft.Write(data)
	return errors.Join(err, draft.Chmod(0o644), draft.Sync(), draft.Close())
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// scanned is from how many vectors on we look through them ourselves. chromem
// walks its map and sends every document through a channel for each query,
// which at 100,000 is nine tenths of what a question takes; below 10,000 it
// takes a few milliseconds, and nobody notices.
const scanned = 10_000

// fill makes points ready for queries; they are ours.
func (s *Store) fill(ctx context.Context, g retrieval.Generation, points []retrieval.Point) (retrieval.Vectors, error) {
	for _, p := range points {
		if len(p.Vector) != g.Dimensions {
			return nil, fmt.Errorf("the vector of passage %s has %d dimensions instead of %d", p.ID, len(p.Vector), g.Dimensions)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(points) >= s.scanFrom {
		return newRows(points, g.Dimensions), nil
	}
	return collect(ctx, points, g.Dimensions)
}

// collect puts points into a chromem collection.
func collect(ctx context.Context, points []retrieval.Point, dimensions int) (retrieval.Vectors, error) {
	c, err := chromem.NewDB().CreateCollection("passages", nil, noEmbedding)
	if err != nil {
		return nil, fmt.Errorf("creating a chromem collection: %w", err)
	}
	for _, p := range points {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := c.AddDocument(ctx, chromem.Document{ID: p.ID, Embedding: p.Vector}); err != nil {
			return nil, fmt.Errorf("adding a passage to chromem: %w", err)
		}
	}
	return &vectors{c, dimensions}, nil
}

// noEmbedding is the embedding function of our collections: every document and
// query comes with its vector.
func noEmbedding(context.Context, string) ([]float32, error) {
	return nil, errors.New("chromemstore does not embed")
}

func isZero(v []float32) bool {
	return !slices.ContainsFunc(v, func(x float32) bool { return x != 0 })
}

type vectors struct {
	passages   *chromem.Collection
	dimensions int
}

// Query asks chromem for one neighbour more than is wanted: chromem walks a
// map, so which of several equally near passages it leaves out is chance.
// Where the last ones are equal it is asked for more, until all of them are
// there to be ordered by ID.
func (v *vectors) Query(ctx context.Context, vector []float32, k int) ([]retrieval.Neighbor, error) {
	if len(vector) != v.dimensions {
		return nil, fmt.Errorf("the query's vector has %d dimensions instead of %d", len(vector), v.dimensions)
	}
	count := v.passages.Count()
	k = min(k, count)
	if k <= 0 || isZero(vector) {
		return nil, ctx.Err()
	}
	for n := k + 1; ; n *= 2 {
		n = min(n, count)
		found, err := v.passages.QueryEmbedding(ctx, vector, n, nil, nil)
		if err != nil {
			return nil, fmt.Errorf("searching chromem: %w", err)
		}
		// chromem stops without an error when ctx ends, with some of the passages.
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if n == count || found[n-1].Similarity < found[k-1].Similarity {
			return neighbors(found, k), nil
		}
	}
}

// neighbors are the first k of chromem's results, equal ones by ID.
func neighbors(found []chromem.Result, k int) []retrieval.Neighbor {
	out := make([]retrieval.Neighbor, len(found))
	for i := range found {
		// Rounding can carry the product of two unit vectors beyond 1.
		out[i] = retrieval.Neighbor{ID: found[i].ID, Similarity: float64(max(-1, min(found[i].Similarity, 1)))}
	}
	slices.SortFunc(out, func(a, b retrieval.Neighbor) int {
		if a.Similarity != b.Similarity {
			if a.Similarity > b.Similarity {
				return -1
			}
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out[:k]
}

func (v *vectors) Len() int { return v.passages.Count() }

func (v *vectors) Close() error { return nil }
