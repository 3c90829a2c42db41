package bot

import (
	"strings"

	"footnote/corpus"
)

// An Excerpt is a cited passage in its surroundings.
type Excerpt struct {
	Document, Title string
	// Version names the state of the corpus that the excerpt is taken from.
	Version string
	// Heading is the heading path, as in a [Citation]; Date is the document's.
	Heading, Date string
	// Paragraph is the block's number, Paragraphs how many the document has.
	Paragraph, Paragraphs int
	// Before and After are the paragraphs around the passage, empty at the
	// document's ends. Captions are passed over.
	Before, After string
	// Text is the passage, Text[QuoteStart:QuoteEnd] what was cited of it.
	Text                 string
	QuoteStart, QuoteEnd int
	// Outdated says that the corpus has changed since the answer. A passage
	// that is gone is shown by its quote alone.
	Outdated bool
}

// versionLength is how much of a hash is enough for people to tell versions apart.
const versionLength = 8

// CorpusHash names the state of the corpus that answers.
func (e *Engine) CorpusHash() string { return e.corpus.Hash }

// Excerpt shows what a citation points at. corpusHash is the state of the corpus
// that the answer was given from. ok is false for a citation without a quote.
func (e *Engine) Excerpt(c Citation, corpusHash string) (x Excerpt, ok bool) {
	if c.Quote == "" {
		return Excerpt{}, false
	}
	x = Excerpt{
		Document: c.Document, Heading: c.Heading, Date: c.Date, Paragraph: c.Paragraph, Version: corpusHash[:min(len(corpusHash), versionLength)],
		Text: c.Quote, QuoteEnd: len(c.Quote), Outdated: corpusHash != e.corpus.Hash,
	}
	p, found := e.corpus.Passage(c.Passage)
	d, known := e.corpus.Document(c.Document)
	if !found || !known {
		x.Outdated = true
		return x, true
	}
	x.Title, x.Paragraph, x.Paragraphs, x.Version = d.Title, p.Paragraph, len(d.Blocks), e.corpus.Hash[:versionLength]
	if start := c.Start - p.Start; !x.Outdated && start >= 0 && c.End <= p.End && p.Text[start:c.End-p.Start] == c.Quote {
		x.Text, x.QuoteStart, x.QuoteEnd = p.Text, start, c.End-p.Start
	} else if at := strings.Index(p.Text, c.Quote); at >= 0 {
		x.Text, x.QuoteStart, x.QuoteEnd = p.Text, at, at+len(c.Quote)
	}
	x.Before, x.After = neighbours(d, p)
	return x, true
}

// neighbours are the texts beside a passage: the rest of a paragraph that was
// cut, or the paragraphs before and after it.
func neighbours(d corpus.Document, p corpus.Passage) (before, after string) {
	i := p.Paragraph - 1
	if i < 0 || i >= len(d.Blocks) {
		return "", ""
	}
	b := d.Blocks[i]
	if p.Start > b.Start {
		before = d.Text[b.Start:p.Start]
	} else {
		before = beside(d, i, -1)
	}
	if p.End < b.End {
		after = d.Text[p.End:b.End]
	} else {
		after = beside(d, i, 1)
	}
	return before, after
}

// beside is the next block in a direction that is no caption.
func beside(d corpus.Document, i, step int) string {
	for i += step; i >= 0 && i < len(d.Blocks); i += step {
		if b := d.Blocks[i]; b.Kind != corpus.Caption {
			return d.Text[b.Start:b.End]
		}
	}
	return ""
}
