package bot

import (
	"errors"
	"slices"
	"testing"

	"footnote/retrieval"
)

// Questions that could not be looked for because the store was away are looked
// for again.
func TestSuggestionsAreFoundOnceTheReportCanBeSearched(t *testing.T) {
	search := &wordSearch{confidence: 0.9, err: &retrieval.StoreError{Err: errors.New("nobody answers")}}
	e := portEngine(t, search, quoteBest)
	alone := e.Suggestions(false, 3)
	if len(alone) != 1 {
		t.Errorf("while nothing can be searched %q are suggested", alone)
	}
	search.err = nil
	found := e.Suggestions(false, 3)
	asked := len(search.queries)
	if again := e.Suggestions(false, 3); len(found) < 2 || !slices.Equal(again, found) || len(search.queries) != asked {
		t.Errorf("suggested are %q, then %q after %d more searches", found, again, len(search.queries)-asked)
	}
}
