// Package chromemstore keeps vectors in chromem-go, in memory and in one file
// for each generation of the index.
//
// chromem's own persistence writes a file per document, named by 32 bits of a
// hash, in place; so a generation is exported as a single file instead, beside
// a manifest with its checksum, in a folder that is renamed into place once
// everything in it is on disk.
package chromemstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/philippgille/chromem-go"

	"footnote/retrieval"
)

const (
	collection   = "passages"
	vectorsFile  = "vectors.gob"
	manifestFile = "manifest.json"
	// kept is how many generations stay on disk; the least recently opened go first.
	kept = 16
)

// Store implements [retrieval.Store].
type Store struct {
	dir string
	log *slog.Logger
}

// New returns a store below a folder, which is made when needed. With an empty
// dir nothing is written: generations live as long as they are open.
func New(dir string, log *slog.Logger) *Store { return &Store{dir: dir, log: log} }

// Location is the store's folder.
func (s *Store) Location() string {
	if s.dir == "" {
		return "memory"
	}
	return s.dir
}

type manifest struct {
	Corpus     string `json:"corpus"`
	Embedder   string `json:"embedder"`
	Dimensions int    `json:"dimensions"`
	Count      int    `json:"count"`
	SHA256     string `json:"sha256"`
}

// Open reads a generation, checking it against its manifest.
func (s *Store) Open(ctx context.Context, g retrieval.Generation) (retrieval.Vectors, error) {
	if s.dir == "" {
		return nil, fs.ErrNotExist
	}
	folder := filepath.Join(s.dir, g.Key())
	m, err := readManifest(folder)
	if errors.Is(err, fs.ErrNotExist) {
		if _, missing := os.Stat(folder); errors.Is(missing, fs.ErrNotExist) {
			return nil, fs.ErrNotExist
		}
	}
	if err != nil {
		return nil, damaged(folder, err)
	}
	if want := (manifest{g.Corpus, g.Embedder, g.Dimensions, m.Count, m.SHA256}); m != want {
		return nil, damaged(folder, errors.New("its manifest is of another index"))
	}
	v, err := readVectors(folder, m)
	if err != nil {
		return nil, damaged(folder, err)
	}
	now := time.Now()
	if err := os.Chtimes(folder, now, now); err != nil {
		s.log.DebugContext(ctx, "could not mark an index as used", "folder", folder, "error", err)
	}
	return v, nil
}

func damaged(folder string, err error) error {
	return fmt.Errorf("%w: %s: %w", retrieval.ErrDamaged, folder, err)
}

func readManifest(folder string) (manifest, error) {
	var m manifest
	data, err := os.ReadFile(filepath.Join(folder, manifestFile))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("reading %s: %w", manifestFile, err)
	}
	return m, nil
}

func readVectors(folder string, m manifest) (*vectors, error) {
	file, err := os.Open(filepath.Join(folder, vectorsFile))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return nil, err
	}
	if hex.EncodeToString(sum.Sum(nil)) != m.SHA256 {
		return nil, fmt.Errorf("%s does not have the checksum in its manifest", vectorsFile)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	db := chromem.NewDB()
	if err := db.ImportFromReader(file, ""); err != nil {
		return nil, err
	}
	c := db.GetCollection(collection, noEmbedding)
	if c == nil || c.Count() != m.Count {
		return nil, fmt.Errorf("%s does not hold %d passages", vectorsFile, m.Count)
	}
	return &vectors{c, m.Dimensions}, nil
}

// Write builds the generation in memory, exports it and renames it into place.
func (s *Store) Write(ctx context.Context, g retrieval.Generation, points []retrieval.Point) (retrieval.Vectors, error) {
	db := chromem.NewDB()
	v, err := fill(ctx, db, g, points)
	if err != nil || s.dir == "" {
		return v, err
	}
	if err := s.export(db, g, v.Len()); err != nil {
		return nil, fmt.Errorf("writing the index to %s: %w", s.dir, err)
	}
	s.prune(ctx)
	return v, nil
}

func fill(ctx context.Context, db *chromem.DB, g retrieval.Generation, points []retrieval.Point) (*vectors, error) {
	c, err := db.CreateCollection(collection, nil, noEmbedding)
	if err != nil {
		return nil, fmt.Errorf("creating a chromem collection: %w", err)
	}
	for i := range points {
		if len(points[i].Vector) != g.Dimensions {
			return nil, fmt.Errorf("the vector of passage %s has %d dimensions instead of %d", points[i].ID, len(points[i].Vector), g.Dimensions)
		}
		if isZero(points[i].Vector) {
			continue // chromem would normalise it to NaN
		}
		if err := c.AddDocument(ctx, chromem.Document{ID: points[i].ID, Embedding: points[i].Vector}); err != nil {
			return nil, fmt.Errorf("adding a passage to chromem: %w", err)
		}
	}
	return &vectors{c, g.Dimensions}, nil
}

func (s *Store) export(db *chromem.DB, g retrieval.Generation, count int) (err error) {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	draft, err := os.MkdirTemp(s.dir, "draft-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(draft) // nothing is left there after the rename
	file, err := os.Create(filepath.Join(draft, vectorsFile))
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha256.New()
	if err := db.ExportToWriter(io.MultiWriter(file, sum), false, ""); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	data, err := json.MarshalIndent(manifest{g.Corpus, g.Embedder, g.Dimensions, count, hex.EncodeToString(sum.Sum(nil))}, "", "  ")
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(draft, manifestFile), data); err != nil {
		return err
	}
	return replace(draft, filepath.Join(s.dir, g.Key()))
}

// replace renames a finished folder into place. What stands there is moved
// aside first; when another process is quicker its folder is as good as ours.
func replace(draft, target string) error {
	aside := draft + "-old"
	if err := os.Rename(target, aside); err == nil {
		defer os.RemoveAll(aside)
	}
	err := os.Rename(draft, target)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(target))
}

func writeSynced(path string, data []byte) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write(data); err != nil {
		return err
	}
	return file.Sync()
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// noEmbedding is the embedding function of our collections: every document and
// query comes with its vector.
func noEmbedding(context.Context, string) ([]float32, error) {
	return nil, errors.New("chromemstore does not embed")
}

func isZero(v []float32) bool {
	for _, x := range v {
		if x != 0 {
			return false
		}
	}
	return true
}

type vectors struct {
	passages   *chromem.Collection
	dimensions int
}

func (v *vectors) Query(ctx context.Context, vector []float32, k int) ([]retrieval.Neighbor, error) {
	if len(vector) != v.dimensions {
		return nil, fmt.Errorf("the query's vector has %d dimensions instead of %d", len(vector), v.dimensions)
	}
	k = min(k, v.passages.Count())
	if k <= 0 || isZero(vector) {
		return nil, nil
	}
	results, err := v.passages.QueryEmbedding(ctx, vector, k, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("searching chromem: %w", err)
	}
	out := make([]retrieval.Neighbor, len(results))
	for i := range results {
		out[i] = retrieval.Neighbor{ID: results[i].ID, Similarity: float64(results[i].Similarity)}
	}
	return out, nil
}

func (v *vectors) Len() int { return v.passages.Count() }

func (v *vectors) Close() error { return nil }
