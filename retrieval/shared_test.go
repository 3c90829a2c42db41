package retrieval_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
)

// A sharedStore is one that several machines share: it can be locked, and finds
// within documents by itself.
type sharedStore struct {
	retrieval.Store
	machines sync.Mutex
	refuses  error // a lock
	locks    int
	asked    [][]string // the documents of each question
}

func (s *sharedStore) Lock(ctx context.Context) (func(), error) {
	if s.refuses != nil {
		return nil, s.refuses
	}
	s.machines.Lock()
	s.locks++
	return s.machines.Unlock, nil
}

func (s *sharedStore) Write(ctx context.Context, g retrieval.Generation, points []retrieval.Point) (retrieval.Vectors, error) {
	v, err := s.Store.Write(ctx, g, points)
	documents := map[string]string{}
	for _, p := range points {
		documents[p.ID] = p.Document
	}
	return &sharedVectors{v, s, documents}, err
}

type sharedVectors struct {
	retrieval.Vectors
	store     *sharedStore
	documents map[string]string // of each passage
}

func (v *sharedVectors) QueryDocuments(ctx context.Context, vector []float32, k int, documents []string) ([]retrieval.Neighbor, error) {
	v.store.asked = append(v.store.asked, documents)
	found, err := v.Query(ctx, vector, v.Len())
	found = slices.DeleteFunc(found, func(n retrieval.Neighbor) bool { return !slices.Contains(documents, v.documents[n.ID]) })
	return found[:min(k, len(found))], err
}

func TestMachinesThatShareAStoreEmbedOnce(t *testing.T) {
	shared := &sharedStore{Store: chromemstore.New(t.TempDir(), discard)}
	c := newCorpus(t, document("a.txt", "", paragraphs(9)...))
	e := newCounting("one")
	var machines sync.WaitGroup
	for range 3 {
		cache := t.TempDir() // each has a disk of its own
		machines.Go(func() {
			ix, err := retrieval.Open(t.Context(), c, retrieval.Options{Store: shared, Embedder: e, Cache: cache})
			if err != nil {
				t.Error(err)
				return
			}
			ix.Close()
		})
	}
	machines.Wait()
	if n := e.taken(); n != 9 {
		t.Errorf("%d passages were embedded, want 9", n)
	}
	before := shared.locks
	open(t, c, retrieval.Options{Store: shared, Embedder: e})
	if shared.locks != before {
		t.Error("an index that is there is locked")
	}
}

func TestAStoreThatCannotBeLockedIsNotWrittenTo(t *testing.T) {
	refused := errors.New("too few nodes")
	dir := t.TempDir()
	shared := &sharedStore{Store: chromemstore.New(dir, discard), refuses: refused}
	c := newCorpus(t, document("a.txt", "", paragraphs(3)...))
	opts := retrieval.Options{Store: shared, Embedder: newCounting("one")}
	if _, err := retrieval.Open(t.Context(), c, opts); !errors.Is(err, refused) {
		t.Errorf("without a fallback: %v", err)
	}
	opts.Fallback = chromemstore.New("", discard)
	if ix := open(t, c, opts); !errors.Is(ix.Built().Unstored, refused) {
		t.Errorf("unstored because of %v", ix.Built().Unstored)
	}
	shared.refuses = nil
	if ix := open(t, c, retrieval.Options{Store: shared, Embedder: newCounting("one")}); ix.Built().Opened {
		t.Error("it was written all the same")
	}
}

func TestADocumentIsFoundByAStoreThatKnowsIt(t *testing.T) {
	shared := &sharedStore{Store: chromemstore.New("", discard)}
	c := crowd(t, 300)
	ix := open(t, c, retrieval.Options{Store: shared})
	narrowed := ix.In("last.txt", "d000.txt", "absent.txt").In("last.txt", "d001.txt")
	found, err := narrowed.Search(t.Context(), "What does the ferry cost?", 10)
	if err != nil || found.Degraded != nil || len(found.Passages) != 1 || found.Passages[0].Passage.Document != "last.txt" {
		t.Errorf("found %+v, %v", found, err)
	}
	if len(shared.asked) != 1 || !slices.Equal(shared.asked[0], []string{"last.txt"}) {
		t.Errorf("the store was asked for %q", shared.asked)
	}
}
