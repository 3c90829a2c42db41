package weaviatestore

import (
	"errors"
	"testing"
	"time"

	"footnote/retrieval"
	"footnote/retrieval/storetest"
	"footnote/retrieval/weaviatestore/weaviatetest"
)

// What is tested with the fake alone is worth as much as the fake.
func TestTheSuiteWithTheFake(t *testing.T) {
	storetest.Run(t, suite(), func(t *testing.T) func() retrieval.Store {
		f := weaviatetest.NewFake(t, 1)
		return func() retrieval.Store { return fakeStore(t, f) }
	})
}

func fakeStore(t *testing.T, f *weaviatetest.Fake) *Store {
	t.Helper()
	s, err := New(f.URL, Options{AllowUnreplicated: true})
	if err != nil {
		t.Fatal(err)
	}
	s.times.short, s.times.catchUp = 0, 0
	return s
}

// Words are looked for once they have been there for a while, by whoever wrote or
// opened them.
func TestWordsAreNotLookedForAtOnce(t *testing.T) {
	f := weaviatetest.NewFake(t, 1)
	g := storetest.Generation("words")
	g.Words = "some"
	points := storetest.Vectors(1, 3)
	for i := range points {
		points[i].Words[retrieval.Body] = []int32{int32(i)}
	}
	s := fakeStore(t, f)
	written := mustWrite(t, s, g, points)
	opened, err := fakeStore(t, f).Open(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	for name, v := range map[string]retrieval.Vectors{"written": written, "opened": opened} {
		if _, err := v.(*vectors).QueryWords(t.Context(), retrieval.Body, []int32{1}, 3, nil); !errors.Is(err, retrieval.ErrUnsettled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	now := s.client.now()
	s.client.now = func() time.Time { return now.Add(s.times.settle) }
	if !written.(*vectors).isSettled() {
		t.Error("they are never looked for")
	}
}
