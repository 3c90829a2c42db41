package bot

import (
	"context"
	"errors"
	"slices"
	"testing"

	"footnote/retrieval"
)

// expecting is a search that knows a question which a passage answers.
type expecting struct {
	*wordSearch
	passage, question string
}

func (s expecting) ExpectedQuestions(context.Context, string) (map[string][]string, error) {
	return map[string][]string{s.passage: {s.question}}, nil
}

// Questions that could not be tried because the store was away are tried again.
func TestSuggestionsAreFoundOnceTheReportCanBeSearched(t *testing.T) {
	c := corpusOf(t, portDocument())
	const question = "When was the port dug by order of the council?"
	search := expecting{&wordSearch{corpus: c, confidence: 0.9, err: &retrieval.StoreError{Err: errors.New("nobody answers")}}, c.Passages[0].ID, question}
	e := NewEngine(c, search, draftFrom(quoteBest), EngineOptions{})
	if alone := e.Suggestions(false, 4); len(alone) != 1 {
		t.Errorf("while nothing can be searched %q are suggested", alone)
	}
	search.err = nil
	found := e.Suggestions(false, 4)
	asked := len(search.queries)
	again := e.Suggestions(false, 4)
	if !slices.Contains(found, question) || !slices.Equal(again, found) || len(search.queries) != asked {
		t.Errorf("suggested are %q, then %q after %d more searches", found, again, len(search.queries)-asked)
	}
}
