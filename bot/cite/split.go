package cite

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"footnote/corpus"
)

// MaxSentence is how many bytes a sentence may have. A longer one is cut off as
// a piece of its own, which a [Checker] withholds.
const MaxSentence = 2000

// A Piece is a sentence of an answer as it was written.
type Piece struct {
	Text string
	// Break is the white space that stood before it: nothing, a space, a line
	// break or an empty line.
	Break string
}

// A Splitter cuts an answer that comes in pieces into sentences, each as soon
// as it is known to be whole: at the marker and full stop that end it, at a
// line break, or else at the next sentence's first word. The zero value is
// ready. It takes linear time in what is written but for the last sentence,
// which has a limit.
type Splitter struct {
	line  string // what is not yet cut
	pause string // the break before it
}

// Write adds text and returns the sentences that became whole.
func (s *Splitter) Write(text string) []Piece {
	var whole []Piece
	s.line += text
	for {
		i := strings.IndexAny(s.line, "\r\n")
		if i < 0 {
			break
		}
		line, rest := s.line[:i], s.line[i+1:]
		s.line = line
		whole = append(whole, s.cut(len(line))...)
		s.line = rest
		s.breakLine()
	}
	if !strings.ContainsAny(s.line, ".!?…。！？") && len(s.line) < 2*MaxSentence {
		return whole
	}
	return append(whole, s.cut(s.settled())...)
}

// Close returns what is left: the last sentence, or the last few.
func (s *Splitter) Close() []Piece { return s.cut(len(s.line)) }

func (s *Splitter) breakLine() {
	if strings.HasPrefix(s.pause, "\n") {
		s.pause = "\n\n"
	} else {
		s.pause = "\n"
	}
}

// cut takes the sentences of the first n bytes of the line off it.
func (s *Splitter) cut(n int) []Piece {
	text := s.line[:n]
	s.line = s.line[n:]
	var found []Piece
	for _, span := range corpus.Sentences(text) {
		sentence := text[span.Start:span.End]
		if span.Start > 0 && s.pause == "" && len(found) > 0 && spaceBefore(text, span.Start) {
			s.pause = " "
		}
		found = append(found, Piece{sentence, s.pause})
		s.pause = ""
	}
	if len(found) > 0 && s.line != "" && (unicode.IsSpace(rune(s.line[0])) || spaceBefore(text, len(text))) {
		s.pause = " "
	}
	return found
}

func spaceBefore(text string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return unicode.IsSpace(r)
}

// settled returns how much of the line is whole sentences, whatever follows.
func (s *Splitter) settled() int {
	if endsAtMarker(s.line) || len(s.line) >= 2*MaxSentence {
		return len(s.line)
	}
	spans := corpus.Sentences(s.line)
	for i := len(spans) - 1; i > 0; i-- {
		if wordFollows(s.line[spans[i].Start:]) && !quoteOpen(s.line[:spans[i-1].End]) {
			return spans[i].Start
		}
	}
	return 0
}

// endsAtMarker reports whether a text ends as sentences are asked to end: with
// markers and a full stop, as in "It opened in 1871 [1]."
func endsAtMarker(text string) bool {
	r, size := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(".!?。！？", r) && endsWithMarker(text[:len(text)-size])
}

func endsWithMarker(text string) bool {
	open := strings.LastIndexByte(text, '[')
	if open < 0 {
		return false
	}
	m := Markers(text[open:])
	return len(m) == 1 && open+m[0].End == len(text)
}

// wordFollows reports whether a text starts with a whole word, after which it
// is settled whether a sentence starts there.
func wordFollows(text string) bool {
	letters := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			return true
		case unicode.IsLetter(r):
			letters++
		case letters > 0:
			return true
		}
	}
	return false
}

// quoteOpen reports whether a text ends inside a quotation.
func quoteOpen(text string) bool {
	straight := strings.Count(text, `"`)
	return straight%2 == 1 ||
		strings.Count(text, "“") > strings.Count(text, "”") ||
		strings.Count(text, "「") > strings.Count(text, "」") ||
		strings.Count(text, "«") > strings.Count(text, "»")
}
