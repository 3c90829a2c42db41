package retrieval_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"footnote/corpus"
	"footnote/retrieval"
)

// crowd has so many documents that fit a question about ferries better than the
// last one does.
func crowd(tb testing.TB, size int) *corpus.Corpus {
	tb.Helper()
	var docs []corpus.Document
	for i := range size {
		docs = append(docs, document(fmt.Sprintf("d%03d.txt", i), "", fmt.Sprintf("The ferry to island %d costs 5 pounds. The ferry is slow.", i)))
	}
	docs = append(docs, document("last.txt", "", "Boats leave the quay at dawn. "+strings.Repeat("They carry salt and timber to many towns. ", 8)+"One of them is a ferry."))
	c, err := corpus.New(docs...)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestANarrowedIndexFindsWhatStandsFarDown(t *testing.T) {
	for _, size := range []int{300, 1_500} { // the store looks through the larger one itself
		t.Run(fmt.Sprint(size), func(t *testing.T) { testNarrowed(t, crowd(t, size)) })
	}
}

func testNarrowed(t *testing.T, c *corpus.Corpus) {
	ix := open(t, c, retrieval.Options{})
	const question = "What does the ferry cost?"
	if found, err := ix.Search(t.Context(), question, 10); err != nil || len(found.Passages) != 10 || found.Passages[9].Passage.Document == "last.txt" {
		t.Fatalf("the documents are no crowd: %v", err)
	}
	for name, narrowed := range map[string]*retrieval.Index{
		"with vectors":  ix.In("last.txt"),
		"twice":         ix.In("last.txt", "d000.txt").In("last.txt", "d001.txt"),
		"by words":      open(t, c, retrieval.Options{Unavailable: errors.New("none")}).In("last.txt"),
		"by a question": ix.In("last.txt", "absent.txt"),
	} {
		found, err := narrowed.Search(t.Context(), question, 10)
		if err != nil || len(found.Passages) != 1 || found.Passages[0].Passage.Document != "last.txt" {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	near, err := ix.In("last.txt").Search(t.Context(), "boat harbour vessel", 10)
	if err != nil || len(near.Passages) != 1 {
		t.Errorf("by vectors alone: %+v, %v", near, err)
	}
	if found, err := ix.In("absent.txt").Search(t.Context(), question, 10); err != nil || len(found.Passages) != 0 || found.Confidence != 0 {
		t.Errorf("in no document: %+v, %v", found, err)
	}
	if found, err := ix.Search(t.Context(), question, 10); err != nil || len(found.Passages) != 10 {
		t.Errorf("the index itself is narrowed: %v", err)
	}
}
