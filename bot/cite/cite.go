// Package cite checks an answer's citations against the corpus before anyone
// sees them. It is pure: a text with markers and the places they claim to
// point at go in; a text whose every marker points at a verbatim quote, and a
// count of what held, come out.
//
// The parts are separate so that more checks can stand beside them: [Markers]
// parses, [Escape] keeps a document's own brackets apart from markers,
// [Verify] checks.
package cite

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"footnote/corpus"
)

// A Source is what a marker claims to point at: a range of a document, inside
// one passage. Nothing in it is trusted.
type Source struct {
	Marker     int
	Passage    string // ID
	Start, End int    // byte offsets into the document
}

// A Citation is a source that holds.
type Citation struct {
	// Marker is the number in the verified text.
	Marker  int
	Passage corpus.Passage
	// Start and End are byte offsets of Quote in the passage's document.
	Start, End int
	// Quote is the document's text from Start to End, byte for byte.
	Quote string
}

// Checks counts what an answer claimed and how much of it held.
type Checks struct {
	// Markers counts the markers of the text as it was drafted;
	// MarkersValid those that point at a source that holds. Only those are
	// left in the verified text.
	Markers      int `json:"markers"`
	MarkersValid int `json:"markers_valid"`
	// Quotes counts the distinct sources that the markers name;
	// QuotesVerbatim those that stand in the document as claimed.
	Quotes         int `json:"quotes"`
	QuotesVerbatim int `json:"quotes_verbatim"`
	// Numbers counts the numbers, amounts, measures and dates of the verified
	// text, markers aside; NumbersGrounded those that stand in a cited passage,
	// however they are written there, in the headings above it, or in its
	// document's title or date.
	Numbers         int `json:"numbers"`
	NumbersGrounded int `json:"numbers_grounded"`
	// Sentences counts the sentences that a language model wrote;
	// SentencesRepaired those that did not hold and were shown as it wrote
	// them anew, SentencesWithdrawn those that were not shown. All are 0 of
	// an answer in the corpus's own words.
	Sentences          int `json:"sentences"`
	SentencesRepaired  int `json:"sentences_repaired"`
	SentencesWithdrawn int `json:"sentences_withdrawn"`
}

// A Result is an answer as it may be shown.
type Result struct {
	// Text has the markers [1], [2], … in order of first appearance, each
	// with one citation.
	Text string
	// Citations are ordered by marker.
	Citations []Citation
	Checks    Checks
}

// Verify checks the markers of a text against the sources they name.
//
// A source holds when its passage is in the corpus and its range lies inside
// the passage, is cut at characters, and is not blank. Markers without such a
// source are removed, with the space before them; where two sources share a
// number the first counts. Sources that name the same range become one, those
// that no marker names are dropped, and markers are numbered anew from 1.
// Text that is not valid UTF-8 is mended with U+FFFD.
func Verify(c *corpus.Corpus, text string, sources []Source) Result {
	text = strings.ToValidUTF8(text, "\uFFFD")
	v := verifier{
		corpus:  c,
		sources: make(map[int]Source, len(sources)),
		numbers: make(map[Source]int, len(sources)),
	}
	for _, s := range sources {
		if _, taken := v.sources[s.Marker]; !taken {
			v.sources[s.Marker] = s
		}
	}
	v.rewrite(text, Markers(text))
	v.result.Checks.Numbers, v.result.Checks.NumbersGrounded = groundedNumbers(c, v.result.Text, v.result.Citations)
	return v.result
}

type verifier struct {
	corpus  *corpus.Corpus
	sources map[int]Source
	// numbers holds the new number of each range seen so far, 0 for one that
	// does not hold. Its keys have no marker.
	numbers map[Source]int
	result  Result
}

// rewrite writes the text with the markers that hold, in their new numbers.
func (v *verifier) rewrite(text string, markers []Marker) {
	var out strings.Builder
	var plain []byte // what was read since the last marker that was kept
	at := 0
	for len(markers) > 0 {
		run := adjacent(markers)
		kept := v.check(markers[:run])
		plain = append(plain, text[at:markers[0].Start]...)
		at = markers[run-1].End
		markers = markers[run:]
		if kept != "" {
			out.WriteString(escapeMarkers(string(plain)))
			out.WriteString(kept)
			plain = plain[:0]
			continue
		}
		plain = bytes.TrimRight(plain, " \t")
		if out.Len()+len(plain) == 0 || bytes.HasSuffix(plain, []byte("\n")) {
			at = len(text) - len(strings.TrimLeft(text[at:], " \t"))
		}
	}
	plain = append(plain, text[at:]...)
	// A removed marker can bring brackets and digits together that look like
	// one, as in [[9]1]; escaping what stands between markers undoes that.
	out.WriteString(escapeMarkers(string(plain)))
	v.result.Text = strings.TrimSpace(out.String())
}

// adjacent returns how many markers follow one another without anything
// between them. There is at least one marker.
func adjacent(markers []Marker) int {
	n := 1
	for n < len(markers) && markers[n].Start == markers[n-1].End {
		n++
	}
	return n
}

// check returns the markers of a run that hold, in their new numbers, each once.
func (v *verifier) check(run []Marker) string {
	var kept string
	for _, m := range run {
		v.result.Checks.Markers++
		n := v.number(m)
		if n == 0 {
			continue
		}
		v.result.Checks.MarkersValid++
		if s := "[" + strconv.Itoa(n) + "]"; !strings.Contains(kept, s) {
			kept += s
		}
	}
	return kept
}

// number returns the new number of a marker, 0 when it does not hold.
func (v *verifier) number(m Marker) int {
	source, known := v.sources[m.Number]
	if m.Number == 0 || !known {
		return 0
	}
	key := source
	key.Marker = 0
	if n, seen := v.numbers[key]; seen {
		return n
	}
	v.result.Checks.Quotes++
	citation, ok := resolve(v.corpus, source)
	if !ok {
		v.numbers[key] = 0
		return 0
	}
	v.result.Checks.QuotesVerbatim++
	citation.Marker = len(v.result.Citations) + 1
	v.result.Citations = append(v.result.Citations, citation)
	v.numbers[key] = citation.Marker
	return citation.Marker
}

// resolve returns what a source points at, read from the document itself.
func resolve(c *corpus.Corpus, s Source) (Citation, bool) {
	p, ok := c.Passage(s.Passage)
	if !ok || s.Start < p.Start || s.End > p.End || s.Start >= s.End {
		return Citation{}, false
	}
	d, ok := c.Document(p.Document)
	if !ok || s.End > len(d.Text) || !atRune(d.Text, s.Start) || !atRune(d.Text, s.End) {
		return Citation{}, false
	}
	quote := d.Text[s.Start:s.End]
	if strings.TrimSpace(quote) == "" || !utf8.ValidString(quote) {
		return Citation{}, false
	}
	return Citation{Passage: p, Start: s.Start, End: s.End, Quote: quote}, true
}

// atRune reports whether an offset of a text is not inside a character.
func atRune(text string, offset int) bool {
	return offset == len(text) || utf8.RuneStart(text[offset])
}
