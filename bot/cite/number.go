package cite

import (
	"iter"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"footnote/corpus"
)

// groundedNumbers counts the numerals of a text, markers aside, and those of
// them that what it cites holds too.
func groundedNumbers(c *corpus.Corpus, text string, citations []Citation) (total, grounded int) {
	var known map[string]bool
	for n := range numeralsBetweenMarkers(text) {
		if known == nil {
			known = numeralsOf(c, citations)
		}
		total++
		if known[n] {
			grounded++
		}
	}
	return total, grounded
}

// numeralsOf returns the numerals that stand with the citations: in their
// quotes and passages, the headings above, the document's title and date.
func numeralsOf(c *corpus.Corpus, citations []Citation) map[string]bool {
	known := map[string]bool{}
	add := func(text string) {
		for n := range numerals(text) {
			known[n] = true
		}
	}
	for _, citation := range citations {
		add(citation.Quote)
		add(citation.Passage.Text)
		for _, h := range citation.Passage.Headings {
			add(h)
		}
		if d, ok := c.Document(citation.Passage.Document); ok {
			add(d.Title)
			if !d.Date.IsZero() {
				add(d.Date.Format(time.DateOnly))
			}
		}
	}
	return known
}

func numeralsBetweenMarkers(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		at := 0
		for _, m := range Markers(text) {
			for n := range numerals(text[at:m.Start]) {
				if !yield(n) {
					return
				}
			}
			at = m.End
		}
		for n := range numerals(text[at:]) {
			if !yield(n) {
				return
			}
		}
	}
}

// numerals yields the numerals of a text as they are written: runs of decimal
// digits, with a comma or point where a digit follows it, as in 15.77 and 5,000.
func numerals(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			start := strings.IndexFunc(text, unicode.IsDigit)
			if start < 0 {
				return
			}
			end := start + digits(text[start:])
			for end < len(text) && (text[end] == '.' || text[end] == ',') {
				if r, _ := utf8.DecodeRuneInString(text[end+1:]); !unicode.IsDigit(r) {
					break
				}
				end += 1 + digits(text[end+1:])
			}
			if !yield(text[start:end]) {
				return
			}
			text = text[end:]
		}
	}
}
