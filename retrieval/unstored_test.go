package retrieval_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
)

// A brokenStore opens and writes nothing.
type brokenStore struct {
	retrieval.Store
	open, write error
	writes      int
}

func (s *brokenStore) Open(context.Context, retrieval.Generation) (retrieval.Vectors, error) {
	return nil, s.open
}

func (s *brokenStore) Write(context.Context, retrieval.Generation, []retrieval.Point) (retrieval.Vectors, error) {
	s.writes++
	return nil, s.write
}

func (s *brokenStore) Location() string { return "nowhere" }

func TestAQuestionIsAnsweredWithoutTheStore(t *testing.T) {
	refused := errors.New("connection refused")
	for _, test := range []struct {
		name        string
		open, write error
		want        error
		writes      int
	}{
		{name: "full", open: fs.ErrNotExist, write: syscall.ENOSPC, want: syscall.ENOSPC, writes: 1},
		{name: "damaged and full", open: retrieval.ErrDamaged, write: syscall.ENOSPC, want: syscall.ENOSPC, writes: 1},
		{name: "out of reach", open: refused, want: refused},
	} {
		t.Run(test.name, func(t *testing.T) {
			var log bytes.Buffer
			store := &brokenStore{open: test.open, write: test.write}
			opts := retrieval.Options{Store: store, Embedder: newCounting("one"), Logger: slog.New(slog.NewTextHandler(&log, nil))}
			c := newCorpus(t, document("a.txt", "", paragraphs(9)...))
			if _, err := retrieval.Open(t.Context(), c, opts); !errors.Is(err, test.want) {
				t.Errorf("without a fallback: %v, want %v", err, test.want)
			}
			store.writes = 0
			opts.Fallback = chromemstore.New("", discard)
			ix := open(t, c, opts)
			if err := ix.Built().Unstored; !errors.Is(err, test.want) {
				t.Errorf("unstored because of %v, want %v", err, test.want)
			}
			if store.writes != test.writes {
				t.Errorf("it was written %d times, want %d", store.writes, test.writes)
			}
			if log.Len() > 0 {
				t.Errorf("the log says %q", log.String())
			}
			r, err := ix.Search(t.Context(), "What does paragraph 7 tell of?", 1)
			if err != nil || r.Degraded != nil || len(r.Passages) != 1 {
				t.Errorf("Search: %+v, %v", r, err)
			}
		})
	}
}

// A cutStore is one whose vectors, too, are out of reach while cut is set.
type cutStore struct {
	retrieval.Store
	cut error
}

func (s *cutStore) Open(ctx context.Context, g retrieval.Generation) (retrieval.Vectors, error) {
	if s.cut != nil {
		return nil, s.cut
	}
	v, err := s.Store.Open(ctx, g)
	return &cutVectors{v, s}, err
}

type cutVectors struct {
	retrieval.Vectors
	store *cutStore
}

func (v *cutVectors) Query(ctx context.Context, vector []float32, k int) ([]retrieval.Neighbor, error) {
	if v.store.cut != nil {
		return nil, v.store.cut
	}
	return v.Vectors.Query(ctx, vector, k)
}

func (v *cutVectors) Probe(context.Context) error { return v.store.cut }

// Who can ask again has questions fail rather than be answered by words alone.
func TestAStoreOutOfReachCanBeAwaited(t *testing.T) {
	refused := errors.New("connection refused")
	store, e := &cutStore{Store: chromemstore.New(t.TempDir(), discard)}, newCounting("one")
	c := newCorpus(t, document("a.txt", "", paragraphs(9)...))
	opts := retrieval.Options{Store: store.Store, Embedder: e, Fallback: chromemstore.New("", discard)}
	open(t, c, opts)
	e.taken()
	opts.Store, opts.Await = store, true
	search := func(ix *retrieval.Index) error {
		t.Helper()
		_, err := ix.Search(t.Context(), "What does paragraph 7 tell of?", 1)
		if failure := new(retrieval.StoreError); err != nil && (!errors.As(err, &failure) || !errors.Is(err, refused)) {
			t.Errorf("the error is %v", err)
		}
		return err
	}
	ix := open(t, c, opts)
	if search(ix) != nil || ix.Probe(t.Context()) != nil {
		t.Error("it fails while it can be reached")
	}
	store.cut = refused
	if search(ix) == nil || search(ix.In("a.txt")) == nil || !errors.Is(ix.Probe(t.Context()), refused) {
		t.Error("it is searched out of reach")
	}
	e.taken()
	waiting := open(t, c, opts)
	if built := waiting.Built(); !errors.Is(built.Awaits, refused) || built.Aside || e.taken() > 0 {
		t.Errorf("opened out of reach it is %+v", built)
	}
	store.cut = nil
	if search(ix) != nil {
		t.Error("it does not go on")
	}
	if search(waiting) == nil || waiting.Probe(t.Context()) == nil {
		t.Error("what was opened out of reach is searched")
	}
	opts.Store = &brokenStore{open: fs.ErrNotExist, write: refused}
	if aside := open(t, c, opts); !aside.Built().Aside || !errors.Is(aside.Built().Unstored, refused) || search(aside) != nil {
		t.Errorf("what the store does not take is %+v", aside.Built())
	}
}

func TestWhatTheFallbackCannotMendIsAnError(t *testing.T) {
	odd := errors.New("an odd vector")
	broken := &brokenStore{open: fs.ErrNotExist, write: odd}
	opts := retrieval.Options{Store: broken, Fallback: broken, Embedder: newCounting("one")}
	if _, err := retrieval.Open(t.Context(), newCorpus(t, document("a.txt", "", paragraphs(3)...)), opts); !errors.Is(err, odd) {
		t.Errorf("Open: %v", err)
	}
}

func TestDamageIsToldOnce(t *testing.T) {
	data := t.TempDir()
	c := newCorpus(t, document("a.txt", "", paragraphs(3)...))
	open(t, c, kept(data, newCounting("one")))
	stored, err := filepath.Glob(filepath.Join(data, "index", "*.vectors"))
	if err != nil || len(stored) != 1 {
		t.Fatalf("stored are %q, %v", stored, err)
	}
	if err := os.Truncate(stored[0], 100); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	opts := kept(data, newCounting("one"))
	opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
	open(t, c, opts)
	if n := strings.Count(log.String(), "damaged and"); n != 1 {
		t.Errorf("it is told %d times: %s", n, log.String())
	}
}

// inTheWay puts a folder where a file belongs.
func inTheWay(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestACacheThatCannotBeUsedCostsNoAnswer(t *testing.T) {
	c := newCorpus(t, document("a.txt", "", paragraphs(5)...))
	for _, test := range []struct {
		name     string
		spoil    func(t *testing.T, path string)
		embedded int // when the index is rebuilt
	}{
		{"a folder in its place", inTheWay, 5},
		{"a folder in place of its lock", func(t *testing.T, path string) { inTheWay(t, path+".lock") }, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := t.TempDir()
			e := newCounting("one")
			open(t, c, kept(data, e))
			e.taken()
			test.spoil(t, cacheFile(t, data))
			opts := kept(data, e)
			opts.Rebuild = true
			built := open(t, c, opts).Built()
			if got := e.taken(); got != test.embedded {
				t.Errorf("%d texts were embedded, want %d", got, test.embedded)
			}
			if path := new(fs.PathError); !errors.As(built.Unstored, &path) {
				t.Errorf("unstored because of %v", built.Unstored)
			}
			if built := open(t, c, kept(data, e)).Built(); !built.Opened || built.Unstored != nil {
				t.Errorf("opened again it is %+v", built)
			}
		})
	}
}
