package bot

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"footnote/bot/cite"
	"footnote/corpus"
)

// An overview stays readable: so many characters in all, sentences apart that
// are longer by themselves, and so many sentences of each kind of corpus.
const (
	overviewLength   = 1500
	overviewSections = 12
	overviewPassages = 6
	overviewFiles    = 8
)

// overviewConfidence is given with an overview: the corpus does say how its
// parts begin, though that may not be what was meant.
const overviewConfidence = 0.95

// A part is a stretch of a document that an overview shows the start of.
type part struct {
	heading  string // of a section, or the title of one of several documents
	passages []corpus.Passage
}

// overview says what the corpus is about in its own words: the leading
// sentence of each section; of passages from the beginning to the end where
// there are no headings; of each document where there are several.
func (e *Engine) overview(zh bool) Draft {
	parts, introduce, most := e.parts()
	for n := min(len(parts), most); ; n-- {
		d := draftOverview(introduce(n, len(parts), zh), spread(parts, n))
		if n <= 1 || utf8.RuneCountInString(d.Text) <= overviewLength {
			return d
		}
	}
}

// parts cuts the corpus into what an overview shows the start of, and says how
// to introduce it and how many parts to show at most.
func (e *Engine) parts() (parts []part, introduce introduction, most int) {
	if parts = e.documents(); len(parts) > 1 {
		return parts, introduceDocuments, overviewFiles
	}
	d, _ := e.corpus.Document(parts[0].passages[0].Document)
	if cut := sections(parts[0].passages); len(cut) > 0 {
		return cut, introduceSections(d), overviewSections
	}
	return each(e.corpus.Passages), introducePassages(d), overviewPassages
}

func draftOverview(introduction string, parts []part) Draft {
	d := Draft{Outcome: Answered}
	var b strings.Builder
	b.WriteString(introduction)
	for i, p := range parts {
		passage, span := leadingSentence(p.passages)
		b.WriteString("\n\n")
		if p.heading != "" {
			b.WriteString(cite.Escape(p.heading) + "\n")
		}
		b.WriteString(cite.Escape(passage.Text[span.Start:span.End]) + " [" + strconv.Itoa(i+1) + "]")
		d.Sources = append(d.Sources, Source{
			Marker: i + 1, Passage: passage.ID,
			Start: passage.Start + span.Start, End: passage.Start + span.End,
		})
	}
	d.Text = b.String()
	return d
}

// documents returns the documents that hold passages, in order. There is at
// least one.
func (e *Engine) documents() []part {
	var found []part
	for rest := e.corpus.Passages; len(rest) > 0; {
		n := run(rest, func(p corpus.Passage) string { return p.Document })
		d, _ := e.corpus.Document(rest[0].Document)
		found = append(found, part{d.Title, rest[:n]})
		rest = rest[n:]
	}
	return found
}

// sections cuts a document's passages at the outermost headings that are not
// the same for all of them; none when there are no such headings. Passages
// above the first heading are a section without one.
func sections(passages []corpus.Passage) []part {
	depth := 0
	heading := func(p corpus.Passage) string {
		if depth < len(p.Headings) {
			return p.Headings[depth]
		}
		return ""
	}
	for run(passages, heading) == len(passages) {
		if depth++; depth > len(passages[0].Headings) {
			return nil
		}
	}
	var found []part
	for len(passages) > 0 {
		n := run(passages, heading)
		found = append(found, part{heading(passages[0]), passages[:n]})
		passages = passages[n:]
	}
	return found
}

// run returns how many passages there are up to the first whose key differs.
func run(passages []corpus.Passage, key func(corpus.Passage) string) int {
	first := key(passages[0])
	for i, p := range passages {
		if key(p) != first {
			return i
		}
	}
	return len(passages)
}

func each(passages []corpus.Passage) []part {
	parts := make([]part, len(passages))
	for i := range passages {
		parts[i].passages = passages[i : i+1]
	}
	return parts
}

// spread picks n parts, the first and others at even distances.
func spread(parts []part, n int) []part {
	picked := make([]part, n)
	for i := range picked {
		picked[i] = parts[i*len(parts)/n]
	}
	return picked
}

// leadingSentence returns the first sentence of the first passage that starts
// with a whole one, rather than a list item or a line of a table, and its
// place in the passage.
func leadingSentence(passages []corpus.Passage) (corpus.Passage, corpus.Span) {
	const tries = 5
	for _, p := range passages[:min(len(passages), tries)] {
		if s := firstSentence(p.Text); finished(p.Text[s.Start:s.End]) {
			return p, s
		}
	}
	return passages[0], firstSentence(passages[0].Text)
}

func firstSentence(text string) corpus.Span {
	if spans := corpus.Sentences(text); len(spans) > 0 {
		return spans[0]
	}
	return corpus.Span{End: len(text)}
}

func finished(sentence string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(sentence, "\"'”’)]»」』）"))
	return strings.ContainsRune(".!?…。！？", last)
}
