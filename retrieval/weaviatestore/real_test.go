package weaviatestore

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
	"footnote/retrieval/storetest"
)

func TestOnOneNode(t *testing.T) {
	c := newCluster(t, 1)
	t.Run("the suite", func(t *testing.T) { storetest.Run(t, suite(), c.place) })
	t.Run("without leave there is no single copy", c.refusesSingleCopies)
	t.Run("the same ranking as chromem", c.agreesWithChromem)
	t.Run("documents", c.findsWithinDocuments)
	t.Run("a reader moves on", c.movesOn)
	t.Run("who writes is killed", c.writerKilled)
	t.Run("old generations go", c.oldOnesGo)
}

func suite() storetest.Options {
	return storetest.Options{Keeps: true, Damages: damages(), Unusable: unreachable}
}

// unreachable is a store at a port that nobody listens to.
func unreachable(t *testing.T) retrieval.Store {
	s, err := New("http://127.0.0.1:1", Options{AllowUnreplicated: true})
	if err != nil {
		t.Fatal(err)
	}
	s.times.patience, s.times.short = time.Second, time.Second
	return s
}

// damages are what can happen to a collection.
func damages() []storetest.Damage {
	do := func(harm func(t *testing.T, s *Store, g retrieval.Generation, collection string) error) func(*testing.T, retrieval.Store, retrieval.Generation) {
		return func(t *testing.T, store retrieval.Store, g retrieval.Generation) {
			t.Helper()
			s := store.(*Store)
			collection, err := s.target(t.Context(), s.alias(g))
			if err == nil {
				err = harm(t, s, g, collection)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	erase := func(id string) func(*testing.T, *Store, retrieval.Generation, string) error {
		return func(t *testing.T, s *Store, _ retrieval.Generation, collection string) error {
			return s.call(t.Context(), schemaTimeout, http.MethodDelete, "/v1/objects/"+collection+"/"+id, nil, nil)
		}
	}
	return []storetest.Damage{
		{Name: "a passage is gone", Do: do(erase(objectID("passage", storetest.Vectors(1, 60)[7].ID)))},
		{Name: "the manifest is gone", Do: do(erase(manifestID))},
		{Name: "the collection is gone", Do: do(func(t *testing.T, s *Store, _ retrieval.Generation, collection string) error {
			return s.drop(t.Context(), collection)
		})},
		{Name: "another generation's collection", Do: do(func(t *testing.T, s *Store, g retrieval.Generation, _ string) error {
			other := storetest.Generation("other")
			v, err := s.Write(t.Context(), other, storetest.Vectors(9, 5))
			if err != nil {
				return err
			}
			defer v.Close()
			collection, err := s.target(t.Context(), s.alias(other))
			if err != nil {
				return err
			}
			return s.point(t.Context(), s.alias(g), collection)
		})},
	}
}

func (c *cluster) refusesSingleCopies(t *testing.T) {
	s := c.store(t, "Alone", c.URLs())
	s.allowUnreplicated = false
	var few *replicationError
	if _, err := s.Write(t.Context(), storetest.Generation("a"), storetest.Vectors(1, 3)); !errors.As(err, &few) || few.nodes != 1 {
		t.Errorf("Write: %v", err)
	}
	if _, err := s.Lock(t.Context()); !errors.As(err, &few) {
		t.Errorf("Lock: %v", err)
	}
	if status := s.Check(t.Context()); !errors.As(status[0].Err, &few) {
		t.Errorf("Check: %+v", status)
	}
	s.allowUnreplicated = true
	if status := s.Check(t.Context()); status[0].Err != nil || status[0].Nodes != 1 || status[0].Version == "" {
		t.Errorf("Check with leave: %+v", status)
	}
}

func (c *cluster) findsWithinDocuments(t *testing.T) {
	points := storetest.Vectors(1, 400)
	names := []string{"a.txt", `b "quoted".txt`, "报告.txt", "a.txt "}
	for i := range points {
		points[i].Document = names[i%len(names)]
	}
	v := mustWrite(t, c.place(t)(), storetest.Generation("a"), points)
	some := v.(retrieval.DocumentSelector)
	for _, documents := range [][]string{names[:1], names[1:2], names[2:], {"absent", names[3]}, {"absent"}, nil} {
		var among []retrieval.Point
		for _, p := range points {
			if slices.Contains(documents, p.Document) {
				among = append(among, p)
			}
		}
		want := mustWrite(t, chromemstore.New("", slog.New(slog.DiscardHandler)), storetest.Generation("a"), among)
		for _, q := range storetest.Vectors(2, 5) {
			got, err := some.QueryDocuments(t.Context(), q.Vector, 20, documents)
			if err != nil {
				t.Fatal(err)
			}
			near, err := want.Query(t.Context(), q.Vector, 20)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(ids(got), ids(near)) {
				t.Errorf("in %q: %v, want %v", documents, ids(got), ids(near))
			}
		}
	}
}

func mustWrite(t *testing.T, s retrieval.Store, g retrieval.Generation, points []retrieval.Point) retrieval.Vectors {
	t.Helper()
	v, err := s.Write(t.Context(), g, points)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

func ids(found []retrieval.Neighbor) []string {
	out := []string{}
	for _, n := range found {
		out = append(out, n.ID)
	}
	return out
}

// agreesWithChromem asks the questions of a suite about the report that ships
// with the program.
func (c *cluster) agreesWithChromem(t *testing.T) {
	report, err := corpus.New(corpus.Report())
	if err != nil {
		t.Fatal(err)
	}
	open := func(s retrieval.Store) *retrieval.Index {
		ix, err := retrieval.Open(t.Context(), report, retrieval.Options{Store: s, Embedder: embed.NewStatic()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ix.Close() })
		return ix
	}
	ours, theirs := open(c.place(t)()), open(chromemstore.New("", slog.New(slog.DiscardHandler)))
	questions := readQuestions(t, "../../bot/eval/testdata/report/report.jsonl")
	same, all := 0, 0
	for _, q := range questions {
		got, want := passages(t, ours, q), passages(t, theirs, q)
		all += len(want)
		for _, id := range want {
			if slices.Contains(got, id) {
				same++
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: the passages found are others", q)
		}
	}
	t.Logf("of the best ten passages of %d questions %d of %d are the same", len(questions), same, all)
}

func passages(t *testing.T, ix *retrieval.Index, question string) (ids []string) {
	t.Helper()
	r, err := ix.Search(t.Context(), question, 10)
	if err != nil || r.Degraded != nil {
		t.Fatalf("%q: %v, %v", question, err, r)
	}
	for _, hit := range r.Passages {
		ids = append(ids, hit.Passage.ID)
	}
	return ids
}

func readQuestions(t *testing.T, path string) (questions []string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := json.NewDecoder(file); ; {
		var line struct{ Question string }
		if err := lines.Decode(&line); errors.Is(err, io.EOF) {
			return questions
		} else if err != nil {
			t.Fatal(err)
		}
		questions = append(questions, line.Question)
	}
}
