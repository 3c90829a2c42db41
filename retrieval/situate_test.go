package retrieval_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"footnote/retrieval"
)

func TestAPassageIsSituatedInItsDocument(t *testing.T) {
	c := newCorpus(t, document("a.txt", "One", "First.", "The second one. It has two\nsentences.", "Third."), document("b.txt", "Two", "Fourth."))
	p := retrieval.Situate(c, 1)
	if p.Title != "a.txt" || !slices.Equal(p.Headings, []string{"One"}) || !slices.Equal(p.Before, []string{"First."}) || !slices.Equal(p.After, []string{"Third."}) {
		t.Errorf("%+v", p)
	}
	if !slices.Equal(p.Sentences, []string{"The second one.", "It has two\nsentences."}) {
		t.Errorf("its sentences are %q", p.Sentences)
	}
	if last := retrieval.Situate(c, 3); len(last.Before)+len(last.After) != 0 {
		t.Errorf("another document stands around it: %+v", last)
	}
}

func TestWhatSurroundsAPassageIsBounded(t *testing.T) {
	var lines []string
	for i := range 50 {
		lines = append(lines, fmt.Sprintf("%d %s", i, strings.Repeat("word ", 79))) // 100 tokens
	}
	c := newCorpus(t, document("a.txt", "", lines...))
	for i, want := range map[int][2]int{0: {0, 8}, 25: {4, 4}, 48: {7, 1}, 49: {8, 0}} {
		if p := retrieval.Situate(c, i); len(p.Before) != want[0] || len(p.After) != want[1] {
			t.Errorf("around %d stand %d and %d, want %v", i, len(p.Before), len(p.After), want)
		} else if len(p.Before) > 0 && !strings.HasPrefix(p.Before[len(p.Before)-1], fmt.Sprint(i-1)) {
			t.Errorf("before %d stands %q", i, p.Before)
		}
	}
	// A long one does not hide those on the other side.
	lines[24] = strings.Repeat("supercalifragilistic ", 200) + "."
	lines[25] = "Short."
	if p := retrieval.Situate(newCorpus(t, document("a.txt", "", lines...)), 25); len(p.Before) != 0 || len(p.After) != 8 {
		t.Errorf("around it stand %d and %d", len(p.Before), len(p.After))
	}
}
