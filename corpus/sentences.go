package corpus

import (
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// longQuotation is how many bytes a quotation may have to be kept in one
// sentence although it holds several.
const longQuotation = 400

// Sentences returns the sentences of a paragraph as byte ranges of text, in
// order, without white space around them; together they cover everything that
// is not white space.
//
// The boundaries are those of Unicode (UAX #29) with these differences.
// Abbreviations, initials and numbered marks do not end a sentence. Closing
// quotes, brackets and citation marks such as "[12]" stay with the sentence
// before them. A quotation of up to 400 bytes is kept whole; who said it is
// the next sentence, unless it goes on in lower case. A line break alone ends
// nothing; an empty line, or a line that starts with a bullet, does.
//
// It takes linear time and is safe on any input.
func Sentences(text string) []Span {
	s := splitter{text: text, spans: make([]Span, 0, len(text)/120+1), start: skipSpace(text, 0)}
	s.quote.open = -1
	s.scanned = s.start
	for from := 0; from < len(text); {
		to := stretch(text, from)
		tokens := sentences.FromString(text[from:to])
		for tokens.Next() {
			start, end := from+tokens.Start(), from+tokens.End()
			if skipSpace(text[:end], start) == end {
				continue
			}
			s.within(start, end)
			s.boundary(end)
		}
		from = to
	}
	return s.finish()
}

// stretch returns the end of the longest part of text, from an offset, that
// holds no long run without letters and digits: after a full stop the Unicode
// rules look ahead over such a run once for each of its runes.
func stretch(text string, from int) int {
	const long = 64
	run := from
	for i := from; i < len(text); i++ {
		switch {
		case asciiAlnum(text[i]):
			run = i + 1
		case i-run < long || !utf8.RuneStart(text[i]):
		case hasWord(text[run:i]):
			run = i
		default:
			return i
		}
	}
	return len(text)
}

func hasWord(text string) bool {
	for _, r := range text {
		if alnum(r) {
			return true
		}
	}
	return false
}

// A splitter collects sentences. Boundaries are proposed to it in order; it
// takes, moves or refuses them.
type splitter struct {
	text    string
	spans   []Span
	start   int // of the sentence being collected
	scanned int // text before it is reflected in quote and named
	named   bool
	quote   quotation
}

// boundary proposes to end a sentence at pos.
func (s *splitter) boundary(pos int) {
	if pos <= s.start {
		return
	}
	end := trimEnd(s.text, s.start, pos)
	if r, size := runeBefore(s.text, end); opens(r) && end-size > s.start && skipSpace(s.text, end) == end {
		end = trimEnd(s.text, s.start, end-size) // ".[12]" was cut after the bracket
	}
	stop := stopBefore(s.text, s.start, end)
	if stop.kind != stopNone {
		end = afterCitations(s.text, afterApart(s.text, afterClosers(s.text, end)))
	}
	next := skipSpace(s.text, end)
	if end <= s.start || next >= len(s.text) {
		return
	}
	s.scan(end)
	if s.joins(stop, end, next) {
		return
	}
	s.spans = append(s.spans, Span{s.start, end})
	s.start, s.scanned, s.named = next, next, false
}

// finish ends the last sentence.
func (s *splitter) finish() []Span {
	end := trimEnd(s.text, s.start, len(s.text))
	if end <= s.start {
		return s.spans
	}
	s.scan(end)
	if n := len(s.spans); n > 0 && !s.named {
		s.spans[n-1].End = end // marks alone are no sentence
		return s.spans
	}
	return append(s.spans, Span{s.start, end})
}

// within proposes boundaries that the Unicode rules do not see in
// text[start:end]: they take a full stop before a number, a name such as
// iPhone, or a word without a space before it, for part of an abbreviation.
func (s *splitter) within(start, end int) {
	text := s.text
	for i := max(start, s.start); i < end; i++ {
		after := i + 1
		switch text[i] {
		case '.', '!', '?':
		case 0xE2:
			if end-i < 3 || text[i+1] != 0x80 || text[i+2] != 0xA6 { // …
				continue
			}
			after = i + 3
		default:
			continue
		}
		if text[i] == '.' && proseBefore(text, start, i) {
			if n := digits(text[after:end]); 0 < n && n <= 3 { // a footnote's number
				after += n
			} else if after < end && starter(wordAt(text, after)) {
				s.boundary(after)
				continue
			}
		}
		after = afterClosers(text, after)
		cited := afterCitations(text, after)
		next := skipSpace(text, cited)
		if next == cited || next >= end {
			continue
		}
		switch r := runeAt(text, next); {
		case unicode.IsDigit(r), unicode.IsUpper(r), camel(text, next), r == '(' && bulleted(text[next:]):
			s.boundary(after)
		}
	}
}

// joins reports whether the text after a proposed boundary belongs to the
// sentence before it.
func (s *splitter) joins(stop stop, end, next int) bool {
	text := s.text
	breaks := lineBreaks(text[end:next])
	if breaks > 0 && s.named && (breaks > 1 || bulleted(text[next:])) {
		return false
	}
	if !s.named || enumerator(text[s.start:end]) || s.quote.holds(text, end) {
		return true
	}
	r := runeAt(text, next)
	switch {
	case stop.kind == stopNone, clings(text, next, r):
		return true
	case stop.kind == stopWide:
		return stop.quoted && continuesQuote(text[next:])
	case unicode.IsLower(r) && !camel(text, next):
		return true
	case stop.quoted && saying(wordAt(text, next)):
		return true
	case next == end:
		return !startsUnspaced(text, stop, next, r)
	case stop.kind == stopEllipsis:
		return stop.omission && !starter(wordAt(text, next))
	case stop.kind == stopDot && !stop.closed:
		return abbreviated(text, s.start, stop.at, next)
	}
	return false
}

// startsUnspaced reports whether a sentence starts at next although no white
// space stands before it, as in "since 1990.The".
func startsUnspaced(text string, stop stop, next int, r rune) bool {
	switch {
	case !unicode.IsUpper(r):
		return false
	case stop.closed:
		return true
	case stop.kind != stopDot:
		return false
	}
	word := wordAt(text, next)
	before, _ := runeBefore(text, stop.at)
	return starter(word) || unicode.IsDigit(before) && len(word) > 2 && unicode.IsLower(runeAt(word, utf8.RuneLen(r)))
}

// scan takes note of the quotation marks and words before end.
func (s *splitter) scan(end int) {
	for i := s.scanned; i < end; {
		c := s.text[i]
		if c < utf8.RuneSelf {
			s.named = s.named || asciiAlnum(c)
			if c == '"' {
				s.quote.mark(s.text, i, '"')
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s.text[i:])
		s.named = s.named || alnum(r)
		s.quote.mark(s.text, i, r)
		i += size
	}
	s.scanned = max(s.scanned, end)
}

// A quotation is the outermost one that is open.
type quotation struct {
	open   int  // offset of its mark, -1 when none is open
	by     rune // what opened it
	closed int  // where it ends, 0 while not looked for, -1 when too far
}

// mark takes note of a quotation mark r at offset i.
func (q *quotation) mark(text string, i int, r rune) {
	switch {
	case q.open >= 0 && closesQuote(text, i, q.by, r):
		q.open = -1
	case opensQuote(text, i, r) && (q.open < 0 || r == q.by):
		*q = quotation{open: i, by: r}
	}
}

// holds reports whether offset i is inside a quotation that is short enough to
// be kept whole.
func (q *quotation) holds(text string, i int) bool {
	if q.open < 0 {
		return false
	}
	if q.closed == 0 {
		q.closed = q.find(text)
	}
	return q.closed > i
}

func (q *quotation) find(text string) int {
	_, size := utf8.DecodeRuneInString(text[q.open:])
	from := q.open + size
	for i, r := range text[from:min(len(text), from+longQuotation)] {
		switch {
		case r < utf8.RuneSelf && r != '"':
		case closesQuote(text, from+i, q.by, r):
			return from + i
		case r == q.by && opensQuote(text, from+i, r):
			return -1
		}
	}
	return -1
}

// opensQuote reports whether r, at offset i, opens a quotation.
func opensQuote(text string, i int, r rune) bool {
	switch r {
	case '“', '„', '«', '「', '『':
		return true
	case '"':
		before, _ := runeBefore(text, i)
		after := runeAt(text, i+1)
		return (before < 0 || unicode.IsSpace(before) || opens(before) || before == '—' || before == '–') &&
			after >= 0 && !unicode.IsSpace(after)
	}
	return false
}

// closesQuote reports whether r, at offset i, closes a quotation that mark opened.
func closesQuote(text string, i int, mark, r rune) bool {
	switch mark {
	case '“':
		return r == '”'
	case '„':
		return r == '“' || r == '”'
	case '«':
		return r == '»'
	case '「':
		return r == '」'
	case '『':
		return r == '』'
	case '"':
		return r == '"' && !opensQuote(text, i, r)
	}
	return false
}
