package retrieval_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
)

// kept are options for an index that is kept below a folder.
func kept(data string, e retrieval.Embedder) retrieval.Options {
	return retrieval.Options{Store: chromemstore.New(filepath.Join(data, "index"), discard), Embedder: e, Cache: retrieval.CacheFolder(data)}
}

// paragraphs are n different ones.
func paragraphs(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("Paragraph %d tells of well number %d in the valley.", i+1, i*7)
	}
	return out
}

func newCorpus(t *testing.T, docs ...corpus.Document) *corpus.Corpus {
	t.Helper()
	c, err := corpus.New(docs...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNothingIsEmbeddedAgainThatHasNotChanged(t *testing.T) {
	const n = 12
	before := paragraphs(n)
	edited := slices.Clone(before)
	edited[5] = "This one was rewritten."
	shuffled := slices.Clone(before)
	slices.Reverse(shuffled)
	one, other := newCounting("one"), newCounting("other")
	data := t.TempDir()
	for _, step := range []struct {
		name     string
		corpus   *corpus.Corpus
		embedder *countingEmbedder
		rebuild  bool
		without  string // a folder of the data that is removed first
		want     int
		opened   bool
	}{
		{name: "at first", corpus: newCorpus(t, document("a.txt", "Wells", before...)), embedder: one, want: n},
		{name: "again", corpus: newCorpus(t, document("a.txt", "Wells", before...)), embedder: one, opened: true},
		{name: "an edited paragraph", corpus: newCorpus(t, document("a.txt", "Wells", edited...)), embedder: one, want: 1},
		{name: "a renamed document", corpus: newCorpus(t, document("b.txt", "Wells", before...)), embedder: one},
		{name: "another order", corpus: newCorpus(t, document("a.txt", "Wells", shuffled...)), embedder: one},
		{name: "a paragraph twice", corpus: newCorpus(t, document("a.txt", "Wells", "New.", "New.", before[0])), embedder: one, want: 1},
		{name: "another heading", corpus: newCorpus(t, document("a.txt", "Springs", before...)), embedder: one, want: n},
		{name: "rebuilt", corpus: newCorpus(t, document("a.txt", "Wells", before...)), embedder: one, rebuild: true},
		{name: "the index lost", corpus: newCorpus(t, document("a.txt", "Wells", before...)), embedder: one, without: "index"},
		{name: "another embedder", corpus: newCorpus(t, document("a.txt", "Wells", before...)), embedder: other, want: n},
		{name: "the first embedder again", corpus: newCorpus(t, document("a.txt", "Wells", before...)), embedder: one, opened: true},
		{name: "all lost", corpus: newCorpus(t, document("a.txt", "Wells", before...)), embedder: one, without: ".", want: n},
	} {
		if step.without != "" {
			if err := os.RemoveAll(filepath.Join(data, step.without)); err != nil {
				t.Fatal(err)
			}
		}
		opts := kept(data, step.embedder)
		opts.Rebuild = step.rebuild
		last := [2]int{}
		opts.Progress = func(done, total int) { last = [2]int{done, total} }
		built := open(t, step.corpus, opts).Built()
		if got := step.embedder.taken(); got != step.want || built.Embedded != step.want {
			t.Errorf("%s: %d texts were embedded (%d by its own account), want %d", step.name, got, built.Embedded, step.want)
		}
		if built.Opened != step.opened || step.name != "a paragraph twice" && built.Embedded+built.Reused != built.Passages {
			t.Errorf("%s: %+v", step.name, built)
		}
		if want := [2]int{step.want, step.want}; last != want {
			t.Errorf("%s: progress ended at %v, want %v", step.name, last, want)
		}
	}
}

func TestWhatWasEmbeddedBeforeAFailureIsNotPaidAgain(t *testing.T) {
	const n, batch = 600, 256
	c := newCorpus(t, document("a.txt", "", paragraphs(n)...))
	e := newCounting("one")
	opts := kept(t.TempDir(), e)
	quota := errors.New("quota exceeded")
	e.failAfter(300, quota)
	for want := batch; want >= 0; want -= batch {
		if _, err := retrieval.Open(t.Context(), c, opts); !errors.Is(err, quota) {
			t.Fatalf("Open: %v", err)
		}
		if got := e.taken(); got != want {
			t.Errorf("%d texts were embedded, want %d", got, want)
		}
	}
	e.failAfter(-1, nil)
	open(t, c, opts)
	if got := e.taken(); got != n-batch {
		t.Errorf("after the failure %d texts were embedded, want %d", got, n-batch)
	}
}

// An oddEmbedder gives what no embedder should.
type oddEmbedder struct {
	*countingEmbedder
	spoil func(vectors [][]float32) [][]float32
}

func (e *oddEmbedder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	vectors, err := e.countingEmbedder.Embed(ctx, texts)
	if err != nil || e.spoil == nil {
		return vectors, err
	}
	return e.spoil(vectors), nil
}

func TestWrongVectorsAreRefusedAndNotKept(t *testing.T) {
	c := newCorpus(t, document("a.txt", "", paragraphs(5)...))
	for name, spoil := range map[string]func([][]float32) [][]float32{
		"one too few":     func(v [][]float32) [][]float32 { return v[1:] },
		"one too many":    func(v [][]float32) [][]float32 { return append(v, v[0]) },
		"one too short":   func(v [][]float32) [][]float32 { v[2] = v[2][1:]; return v },
		"not a number":    func(v [][]float32) [][]float32 { v[2][3] = float32(math.NaN()); return v },
		"infinite":        func(v [][]float32) [][]float32 { v[2][3] = float32(math.Inf(-1)); return v },
		"nothing at all":  func([][]float32) [][]float32 { return nil },
		"a missing one":   func(v [][]float32) [][]float32 { v[4] = nil; return v },
		"one of its own":  func(v [][]float32) [][]float32 { v[0] = []float32{1}; return v },
		"another's shape": func(v [][]float32) [][]float32 { return make([][]float32, len(v)) },
	} {
		t.Run(name, func(t *testing.T) {
			e := &oddEmbedder{newCounting("odd"), spoil}
			opts := kept(t.TempDir(), e)
			if ix, err := retrieval.Open(t.Context(), c, opts); err == nil {
				ix.Close()
				t.Fatal("they are taken")
			}
			e.taken()
			e.spoil = nil
			open(t, c, opts)
			if got := e.taken(); got != 5 {
				t.Errorf("afterwards %d texts were embedded, want 5", got)
			}
		})
	}
}

func TestADamagedGenerationIsRebuiltFromTheCache(t *testing.T) {
	c := newCorpus(t, document("a.txt", "", paragraphs(5)...))
	data := t.TempDir()
	e := newCounting("one")
	open(t, c, kept(data, e))
	e.taken()
	stored, err := filepath.Glob(filepath.Join(data, "index", "*.vectors"))
	if err != nil || len(stored) != 1 {
		t.Fatalf("stored are %q, %v", stored, err)
	}
	if err := os.Truncate(stored[0], 100); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{false, true} {
		built := open(t, c, kept(data, e)).Built()
		if built.Opened != want || e.taken() != 0 {
			t.Errorf("opening gives %+v", built)
		}
	}
}

// A hangingEmbedder answers when its context ends.
type hangingEmbedder struct {
	*countingEmbedder
	called chan struct{}
}

func (e *hangingEmbedder) Embed(ctx context.Context, _ []string) ([][]float32, error) {
	close(e.called)
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestOpeningEndsWithItsContext(t *testing.T) {
	t.Run("done before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := retrieval.Open(ctx, reportCorpus(t), kept(t.TempDir(), newCounting("one"))); !errors.Is(err, context.Canceled) {
			t.Errorf("Open: %v", err)
		}
	})
	t.Run("while embedding", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		e := &hangingEmbedder{newCounting("hanging"), make(chan struct{})}
		go func() {
			<-e.called
			cancel()
		}()
		if _, err := retrieval.Open(ctx, reportCorpus(t), kept(t.TempDir(), e)); !errors.Is(err, context.Canceled) {
			t.Errorf("Open: %v", err)
		}
	})
}

func TestAnIndexThatCannotBeKeptIsAnErrorThatNamesThePath(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := retrieval.Open(t.Context(), reportCorpus(t), kept(file, newCounting("one")))
	var path *fs.PathError
	if !errors.As(err, &path) {
		t.Errorf("Open: %v", err)
	}
}

func TestAnIndexWithoutAFolderWritesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	built := open(t, reportCorpus(t), retrieval.Options{}).Built()
	if built.Opened || built.Embedded == 0 || built.Location == "" || built.Took <= 0 || built.Took > time.Hour {
		t.Errorf("built %+v", built)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("written were %v, %v", left, err)
	}
}
