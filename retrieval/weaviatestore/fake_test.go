package weaviatestore

import (
	"testing"

	"footnote/retrieval"
	"footnote/retrieval/storetest"
	"footnote/retrieval/weaviatestore/weaviatetest"
)

// What is tested with the fake alone is worth as much as the fake.
func TestTheSuiteWithTheFake(t *testing.T) {
	storetest.Run(t, suite(), func(t *testing.T) func() retrieval.Store {
		f := weaviatetest.NewFake(t, 1)
		return func() retrieval.Store {
			s, err := New(f.URL, Options{AllowUnreplicated: true})
			if err != nil {
				t.Fatal(err)
			}
			s.times.short, s.times.catchUp = 0, 0
			return s
		}
	})
}
