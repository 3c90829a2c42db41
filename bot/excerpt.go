package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"footnote/corpus"
)

// An Excerpt is a cited passage in its context.
type Excerpt struct {
	Document string
	Title    string // the document's
	// Version is the beginning of the hash of the document's text; of the
	// corpus's hash where the passage is no longer in it.
	Version   string
	Heading   string
	Columns   string // the names of the columns above a row of a table
	Date      string
	Paragraph int
	// Page is the page that the quote begins on, 0 where there are none.
	Page int
	// Paragraphs is how many the document has, 0 where that is not known.
	Paragraphs int
	// Before and After stand around the passage in the document; captions do
	// not count. They are empty at its ends.
	Before, After string
	// Text is the passage, or the quote alone where the passage is gone.
	Text string
	// QuoteStart and QuoteEnd are byte offsets of the quote in Text.
	QuoteStart, QuoteEnd int
	// Outdated is true where the corpus is not the one that was cited.
	Outdated bool
}

// versionDigits is how much of a hash is shown.
const versionDigits = 8

// CorpusHash identifies the corpus that is answered from.
func (e *Engine) CorpusHash() string { return e.corpus.Hash }

// Excerpt returns what a citation of an answer from the corpus with a hash
// points at, as the corpus has it now. It is false only for an empty quote.
func (e *Engine) Excerpt(c Citation, corpusHash string) (Excerpt, bool) {
	if c.Quote == "" {
		return Excerpt{}, false
	}
	p, found := e.corpus.Passage(c.Passage)
	start, quoted := quoteIn(p, c)
	d, known := e.corpus.Document(p.Document)
	if !found || !quoted || !known {
		return withoutPassage(c, corpusHash), true
	}
	x := Excerpt{
		Document: d.Name, Title: d.Title, Version: versionOf(d.Text),
		Heading: headingPath(p), Columns: p.Columns, Date: dateOf(d), Paragraph: p.Paragraph, Page: p.PageAt(p.Start + start), Paragraphs: len(d.Blocks),
		Text: p.Text, QuoteStart: start, QuoteEnd: start + len(c.Quote),
		Outdated: corpusHash != e.corpus.Hash,
	}
	x.Before, x.After = e.around(d, p)
	return x, true
}

// versionOf tells one state of a document's text from another.
func versionOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:versionDigits]
}

// withoutPassage is all that is left of a citation whose passage is gone.
func withoutPassage(c Citation, corpusHash string) Excerpt {
	return Excerpt{
		Document: c.Document, Title: c.Document, Version: corpusHash[:min(len(corpusHash), versionDigits)],
		Heading: c.Heading, Columns: c.Columns, Date: c.Date, Paragraph: c.Paragraph, Page: c.Page,
		Text: c.Quote, QuoteEnd: len(c.Quote), Outdated: true,
	}
}

// quoteIn finds a quote in its passage: where the citation says, or, when the
// passage has moved in the document, where it is.
func quoteIn(p corpus.Passage, c Citation) (int, bool) {
	if at := c.Start - p.Start; at >= 0 && at <= len(p.Text) && strings.HasPrefix(p.Text[at:], c.Quote) {
		return at, true
	}
	at := strings.Index(p.Text, c.Quote)
	return max(at, 0), at >= 0
}

// around returns what stands before and after a passage: the next passage of
// the same paragraph, or the next paragraph or heading.
func (e *Engine) around(d corpus.Document, p corpus.Passage) (before, after string) {
	passages := map[int][]corpus.Passage{} // by paragraph
	for _, other := range e.corpus.Passages {
		if other.Document == d.Name {
			passages[other.Paragraph] = append(passages[other.Paragraph], other)
		}
	}
	passed := false
	for _, b := range d.Blocks {
		for _, part := range partsOf(d, b, passages[b.Number]) {
			switch {
			case part.Start == p.Start:
				passed = true
			case passed:
				return before, part.text
			default:
				before = part.text
			}
		}
	}
	return before, ""
}

// A shownPart is a part of a document as an excerpt's neighbour.
type shownPart struct {
	corpus.Span
	text string
}

func partsOf(d corpus.Document, b corpus.Block, passages []corpus.Passage) []shownPart {
	span := corpus.Span{Start: b.Start, End: b.End}
	switch {
	case b.Kind == corpus.Caption:
		return nil
	case b.Kind == corpus.Heading && b.Title != "":
		return []shownPart{{span, b.Title}}
	case b.Kind == corpus.Heading:
		return []shownPart{{span, d.Text[b.Start:b.End]}}
	}
	parts := make([]shownPart, len(passages))
	for i, p := range passages {
		parts[i] = shownPart{corpus.Span{Start: p.Start, End: p.End}, p.Text}
	}
	return parts
}
