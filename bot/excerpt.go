package bot

import (
	"slices"
	"strings"

	"footnote/corpus"
)

// An Excerpt is a cited passage in its context.
type Excerpt struct {
	Document string
	Title    string // the document's
	// Version is that of the corpus that is shown; where the passage is no longer
	// in it, of the one that was cited.
	Version   string
	Heading   string
	Columns   string // the names of the columns above a row of a table
	Date      string
	Paragraph int
	// Page is the page that the quote begins on, 0 where there are none.
	Page int
	// Link is where the original can be opened now, whatever the citation says;
	// empty where that is not known.
	Link string
	// Paragraphs is how many the document has, 0 where that is not known.
	Paragraphs int
	// Before and After stand around the passage in the document; captions do
	// not count. They are empty at its ends.
	Before, After string
	// Text is the passage, or the quote alone where the passage is gone.
	Text string
	// QuoteStart and QuoteEnd are byte offsets of the quote in Text.
	QuoteStart, QuoteEnd int
	// Since is the version that was cited, where that is not the one that is
	// shown; Gone says that the passage has changed since, or is not there.
	Since string
	Gone  bool
}

// CorpusHash identifies the corpus that is answered from, whole.
func (e *Engine) CorpusHash() string { return e.hash }

// Version is how people tell that corpus from others.
func (e *Engine) Version() string { return corpus.Version(e.hash) }

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
		return e.withoutPassage(c, corpusHash), true
	}
	x := Excerpt{
		Document: d.Name, Title: d.Title, Version: e.Version(),
		Heading: headingPath(p), Columns: p.Columns, Date: dateOf(d), Paragraph: p.Paragraph, Page: p.PageAt(p.Start + start), Paragraphs: len(d.Blocks),
		Text: p.Text, QuoteStart: start, QuoteEnd: start + len(c.Quote),
	}
	if corpusHash != e.hash {
		x.Since = corpus.Version(corpusHash)
	}
	x.Link = e.link(d, x.Page, x.Paragraph)
	x.Before, x.After = e.around(d, p)
	return x, true
}

// Stands reports whether what an answer cites is still in the corpus as it was.
// A document that has another name now counts where it holds the quote.
func (e *Engine) Stands(c Citation) bool {
	if p, ok := e.corpus.Passage(c.Passage); ok {
		_, quoted := quoteIn(p, c)
		return quoted
	}
	if _, ok := e.corpus.Document(c.Document); ok || c.Quote == "" {
		return false
	}
	return slices.ContainsFunc(e.corpus.Passages, func(p corpus.Passage) bool { return strings.Contains(p.Text, c.Quote) })
}

// withoutPassage is all that is left of a citation whose passage is gone. Its
// document may be another one of that name now, such as one that was handed in:
// it is linked only where it was before.
func (e *Engine) withoutPassage(c Citation, corpusHash string) Excerpt {
	x := Excerpt{
		Document: c.Document, Title: c.Document, Version: corpus.Version(corpusHash), Since: corpus.Version(corpusHash),
		Heading: c.Heading, Columns: c.Columns, Date: c.Date, Paragraph: c.Paragraph, Page: c.Page,
		Text: c.Quote, QuoteEnd: len(c.Quote), Gone: true,
	}
	if d, ok := e.corpus.Document(c.Document); ok && c.Link != "" {
		x.Link = e.link(d, c.Page, c.Paragraph)
	}
	return x
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
