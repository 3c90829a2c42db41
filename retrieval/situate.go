package retrieval

import (
	"strings"

	"footnote/corpus"
)

// A SituatedPassage is a passage with what surrounds it in its document.
type SituatedPassage struct {
	corpus.Passage
	Title string // of the document
	// Sentences are the passage's, in order: an [ExpectedQuestion] counts them
	// from 1.
	Sentences []string
	// Before and After are the text around the passage, whole passages in
	// reading order, one on a line.
	Before, After []string
}

// surroundings is how many tokens around a passage, as estimated, are shown to
// who situates it: a page or so, and the whole of a short document.
const surroundings = 800

// Situate returns a corpus's passage, by its number from 0, with the passages
// nearest to it, by turns from before and after, as far as they fit.
func Situate(c *corpus.Corpus, i int) SituatedPassage {
	p := SituatedPassage{Passage: c.Passages[i]}
	if d, ok := c.Document(p.Document); ok {
		p.Title = d.Title
	}
	for _, s := range corpus.Sentences(p.Text) {
		p.Sentences = append(p.Sentences, p.Text[s.Start:s.End])
	}
	left := surroundings
	fits := func(n int) bool {
		if n < 0 || n >= len(c.Passages) || c.Passages[n].Document != p.Document {
			return false
		}
		tokens := EstimateTokens(c.Passages[n].Text)
		if tokens > left {
			return false
		}
		left -= tokens
		return true
	}
	first, last := i, i
	for before, after := true, true; before || after; {
		if before = before && fits(first-1); before {
			first--
		}
		if after = after && fits(last+1); after {
			last++
		}
	}
	for _, other := range c.Passages[first:i] {
		p.Before = append(p.Before, onOneLine(other.Text))
	}
	for _, other := range c.Passages[i+1 : last+1] {
		p.After = append(p.After, onOneLine(other.Text))
	}
	return p
}

// onOneLine is a text on one line.
func onOneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
