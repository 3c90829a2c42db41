package slackbot

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A cost is how many characters a sign comes to once it is written.
type cost func(r rune) int

func entityCost(r rune) int {
	switch r {
	case '&':
		return len("&amp;")
	case '<', '>':
		return len("&lt;")
	}
	return 1
}

// worstCost is at least what literal makes of a sign.
func worstCost(r rune) int {
	if n := entityCost(r); n > 1 || r >= 0x80 || !isPunctuation(byte(r)) {
		return n
	}
	return 2
}

func size(text string, of cost) int {
	n := 0
	for _, r := range text {
		n += of(r)
	}
	return n
}

// cut returns where a text is to be divided so that its beginning costs no
// more than atMost: at the end of a paragraph, else of a line or sentence,
// else of a word, else between two signs, but not within a marker or an
// address. A text that fits is not divided.
func cut(text string, atMost int, of cost) int {
	end, spent := len(text), 0
	for i, r := range text {
		if spent += of(r); spent > atMost {
			end = i
			break
		}
	}
	if end == len(text) {
		return end
	}
	half := end / 2
	for _, at := range []func(string) int{lastParagraph, lastSentence, lastWord} {
		if n := at(text[:end]); n > half {
			return n
		}
	}
	if n := wholeSign(text, end); n > half {
		return n
	}
	return end
}

func lastParagraph(text string) int {
	if i := strings.LastIndex(text, "\n\n"); i >= 0 {
		return i + len("\n\n")
	}
	return 0
}

// sentenceMarks end a line or, often enough, a sentence.
var sentenceMarks = []string{"\n", ". ", "! ", "? ", "。", "！", "？"}

// lastSentence is the last end of a line or sentence in a text.
func lastSentence(text string) int {
	best := 0
	for _, mark := range sentenceMarks {
		if i := strings.LastIndex(text, mark); i >= 0 {
			best = max(best, withMarkers(text, i+len(mark)))
		}
	}
	return best
}

// firstSentence is the first end of a line or sentence in a text.
func firstSentence(text string) int {
	end := len(text)
	for _, mark := range sentenceMarks {
		if i := strings.Index(text[:end], mark); i >= 0 {
			end = i + len(mark)
		}
	}
	return withMarkers(text, end)
}

// withMarkers moves a sentence's end behind the markers and line breaks that
// belong to it.
func withMarkers(text string, end int) int {
	for end < len(text) {
		n := 0
		if text[end] == '[' {
			n = markerAt(text, end)
		}
		if n == 0 && !isSpace(text[end]) {
			break
		}
		end += max(n, 1)
	}
	return end
}

func lastWord(text string) int { return strings.LastIndexByte(text, ' ') + 1 }

// wholeSign moves an offset back out of a marker, an address, or a letter with
// its accents.
func wholeSign(text string, end int) int {
	for end > 0 {
		r, _ := utf8.DecodeRuneInString(text[end:])
		if !unicode.Is(unicode.M, r) {
			break
		}
		_, n := utf8.DecodeLastRuneInString(text[:end])
		end -= n
	}
	if open := strings.LastIndexByte(text[:end], '['); open >= 0 && open+markerAt(text, open) > end {
		end = open
	}
	if word := lastWord(text[:end]); strings.Contains(text[word:], "://") {
		for at := word; at < end; at++ {
			if at+address(text, at) > end {
				return at
			}
		}
	}
	return end
}

// pieces cuts a markdown text at the ends of its lines and sentences, to be
// streamed; joined they are the text again. No escape is torn apart.
func pieces(markdown string) []string {
	var all []string
	for markdown != "" {
		n := nextPiece(markdown)
		all = append(all, markdown[:n])
		markdown = markdown[n:]
	}
	return all
}

func nextPiece(markdown string) int {
	end := firstSentence(markdown)
	n := cut(markdown[:end], maxPiece, func(rune) int { return 1 })
	if n == end {
		return n
	}
	return wholeEscape(markdown, n)
}

// wholeEscape moves an offset back out of an entity or a backslash escape.
func wholeEscape(markdown string, end int) int {
	if i := strings.LastIndexByte(markdown[:end], '&'); i > 0 && end-i < len("&amp;") && !strings.Contains(markdown[i:end], ";") {
		end = i
	}
	slashes := end - len(strings.TrimRight(markdown[:end], `\`))
	if slashes%2 == 1 && end > 1 {
		end--
	}
	return end
}
