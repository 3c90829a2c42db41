package bot

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxQuestion is how much of a question is read, in characters. Someone who
// pastes more than that asks at its beginning or at its end, so those are what
// is kept.
const maxQuestion = 2000

// clean returns a question without what cannot be meant: invalid UTF-8,
// control and invisible characters, the middle of an overlong text. It reports
// whether that middle was left out.
func clean(question string) (text string, shortened bool) {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == utf8.RuneError, unicode.IsControl(r):
			return ' '
		case invisible(r):
			return -1
		}
		return r
	}, question)
	text = strings.TrimSpace(text)
	runes := utf8.RuneCountInString(text)
	if runes <= maxQuestion {
		return text, false
	}
	head := text[:offsetOfRune(text, maxQuestion/2)]
	tail := text[offsetOfRune(text, runes-maxQuestion/2):]
	return strings.TrimSpace(head) + "\n" + strings.TrimSpace(tail), true
}

// invisible reports whether r only steers the layout: zero-width spaces, soft
// hyphens, marks of writing direction.
func invisible(r rune) bool {
	switch r {
	case 0x00AD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF:
		return true
	}
	return (r >= 0x202A && r <= 0x202E) || (r >= 0x2066 && r <= 0x2069)
}

func offsetOfRune(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}

// InChinese reports whether a question is written in Chinese, so that what the
// bot says in its own words is too.
func InChinese(question string) bool {
	han := false
	for _, r := range question {
		if r < 0x3040 {
			continue
		}
		if unicode.In(r, unicode.Hiragana, unicode.Katakana) {
			return false
		}
		han = han || unicode.Is(unicode.Han, r)
	}
	return han
}

// A word of a question, lower-cased and without apostrophes: "what's" is whats.
type word struct {
	text       string
	start, end int  // byte offsets in the question
	pause      bool // punctuation follows that ends a phrase
}

// splitWords returns the words of a question. A run of Chinese characters is
// one word.
func splitWords(question string) []word {
	var found []word
	for i := 0; i < len(question); {
		r, size := utf8.DecodeRuneInString(question[i:])
		if !inWord(r) || r == '\'' || r == '’' {
			i += size
			continue
		}
		end := i + wordLength(question[i:])
		if n := len(found); n > 0 {
			found[n-1].pause = isPause(question[found[n-1].end:i])
		}
		found = append(found, word{text: plainWord(question[i:end]), start: i, end: end})
		i = end
	}
	if n := len(found); n > 0 {
		found[n-1].pause = true
	}
	return found
}

func wordLength(text string) int {
	for i, r := range text {
		if !inWord(r) {
			return i
		}
	}
	return len(text)
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '\'' || r == '’'
}

func plainWord(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\'' || r == '’' {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}

func isPause(gap string) bool {
	return strings.ContainsAny(gap, ",.!?;:()\n…—–~，。！？；：、～") || strings.Contains(gap, " - ")
}
