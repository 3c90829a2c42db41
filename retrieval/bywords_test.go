package retrieval_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
)

// A wordStore finds passages by how many of the words they have.
type wordStore struct {
	retrieval.Store
	points []retrieval.Point
	with   [retrieval.Fields]map[int32][]int // the points that have a word, each once
	err    error
	asked  int
}

type wordVectors struct {
	retrieval.Vectors
	store *wordStore
}

func (s *wordStore) Write(ctx context.Context, g retrieval.Generation, points []retrieval.Point) (retrieval.Vectors, error) {
	s.points = points
	for f := range s.with {
		s.with[f] = map[int32][]int{}
		for i, p := range points {
			for _, w := range slices.Compact(slices.Clone(p.Words[f])) {
				s.with[f][w] = append(s.with[f][w], i)
			}
		}
	}
	v, err := s.Store.Write(ctx, g, points)
	return &wordVectors{v, s}, err
}

func (v *wordVectors) QueryWords(_ context.Context, f retrieval.Field, words []int32, k int, documents []string) ([]string, error) {
	v.store.asked++
	if v.store.err != nil {
		return nil, v.store.err
	}
	scores := map[int]int{}
	for _, w := range words {
		for _, i := range v.store.with[f][w] {
			scores[i]++
		}
	}
	best := slices.SortedFunc(maps.Keys(scores), func(a, b int) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
	var ids []string
	for _, i := range best {
		if p := v.store.points[i]; len(ids) < k && (documents == nil || slices.Contains(documents, p.Document)) {
			ids = append(ids, p.ID)
		}
	}
	return ids, nil
}

// Whoever finds the passages, what is made of them is the same to the last bit.
func TestAStoreFindsPassagesByTheirWords(t *testing.T) {
	questions := []string{
		"How many large models had been released in China by October?", "Who founded Baichuan?", "中国发布了多少个大模型？",
		"Which companies build large models, and what do they cost?", "What is the price of a llama?", "", "?",
		"Do the minutes say what hedges are?", "Which minutes are of the council?",
	}
	hedges := document("hedges.txt", "Hedges", paragraphs(30)...)
	hedges.Title = "Minutes of the council"
	c := newCorpus(t, corpus.Report(), hedges)
	log := &bytes.Buffer{}
	store := &wordStore{Store: chromemstore.New("", discard)}
	opts := retrieval.Options{Embedder: newCounting("one"), Logger: slog.New(slog.NewTextHandler(log, nil))}
	opts.Store = chromemstore.New("", discard)
	here := open(t, c, opts)
	opts.Store, opts.StoredWords = store, true
	there := open(t, c, opts)
	same := func(name string, asked bool) {
		t.Helper()
		store.asked = 0
		for _, q := range questions {
			for _, narrow := range []func(*retrieval.Index) *retrieval.Index{
				func(ix *retrieval.Index) *retrieval.Index { return ix },
				func(ix *retrieval.Index) *retrieval.Index { return ix.In("hedges.txt") },
			} {
				want, err := narrow(here).Search(t.Context(), q, 10)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := narrow(there).Search(t.Context(), q, 10); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%s: %q is answered otherwise: %v", name, q, err)
				}
			}
		}
		if (store.asked > 0) != asked {
			t.Errorf("%s: the store was asked %d times", name, store.asked)
		}
	}
	same("by the store", true)
	if store.points[0].Words[retrieval.Body] == nil || store.points[0].Words[retrieval.Asked] == nil {
		t.Error("the store got no words")
	}
	if !slices.IsSorted(store.points[0].Words[retrieval.Body]) {
		t.Error("the order of the words tells what the passage says")
	}
	store.err = retrieval.ErrUnsettled
	same("unsettled", true)
	if log.Len() > 0 {
		t.Errorf("the log says %s", log)
	}
	store.err = errors.New("connection refused")
	same("out of reach", true)
	if n := strings.Count(log.String(), "looking for words in the index on this machine"); n != 1 {
		t.Errorf("told %d times: %s", n, log)
	}
	store.err = nil
	same("back", true)
	if !strings.Contains(log.String(), "the store finds words again") {
		t.Errorf("the log says %s", log)
	}
	opts.StoredWords = false
	there = open(t, c, opts)
	same("not asked for", false)
	if store.points[0].Words[retrieval.Body] != nil {
		t.Error("the store got words that nobody asked for")
	}
}

func TestWordsAreOfTheirGeneration(t *testing.T) {
	g := retrieval.Generation{Corpus: "a", Embedder: "b", Dimensions: 3}
	with, other := g, g
	with.Words, other.Words = "one", "two"
	if keys := []string{g.Key(), with.Key(), other.Key()}; keys[0] == keys[1] || keys[1] == keys[2] || keys[0] == keys[2] {
		t.Errorf("%v: words of different indexes would mix", keys)
	}
}
