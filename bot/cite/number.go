package cite

import (
	"slices"
	"strings"

	"footnote/corpus"
)

// groundedNumbers counts the quantities of a text, markers aside, and those of
// them that stand with what it cites: in a quote, or in its passage, the
// headings above, the document's title or date.
func groundedNumbers(c *corpus.Corpus, text string, citations []Citation) (total, grounded int) {
	quantities := quantitiesOf(withoutMarkers(text))
	if len(quantities) == 0 {
		return 0, 0
	}
	quotes := newFigures()
	for _, citation := range citations {
		quotes.add(citation.Quote)
	}
	var passages *figures
	for _, q := range quantities {
		held := quotes.holds(q)
		if !held && passages == nil {
			passages = passageFigures(c, citations)
		}
		if held || passages.holds(q) {
			grounded++
		}
	}
	return len(quantities), grounded
}

func passageFigures(c *corpus.Corpus, citations []Citation) *figures {
	f := newFigures()
	var added []string
	for _, citation := range citations {
		if slices.Contains(added, citation.Passage.ID) {
			continue
		}
		added = append(added, citation.Passage.ID)
		f.add(citation.Passage.Text)
		f.add(citation.Passage.Columns)
		for _, text := range measured(cellsOf(c, citation.Passage)) {
			f.add(text)
		}
		for _, text := range above(c, citation.Passage, true) {
			f.add(text)
		}
	}
	return f
}

// withoutMarkers blanks the markers of a text out.
func withoutMarkers(text string) string {
	var b strings.Builder
	at := 0
	for _, m := range Markers(text) {
		b.WriteString(text[at:m.Start] + strings.Repeat(" ", m.End-m.Start))
		at = m.End
	}
	return b.String() + text[at:]
}
