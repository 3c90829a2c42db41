package cite

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A lexeme is a run of digits, a word, one Chinese character or one mark.
type lexeme struct {
	kind lexemeKind
	// text is folded; lower is text in lower case.
	text, lower string
	// start and end are byte offsets in the original text.
	start, end int
	// gap is the white space before: 0 none, 1 one space, 2 more.
	gap int
	// known is false for a word that is in none of the tables.
	known bool
}

type lexemeKind uint8

const (
	markLexeme lexemeKind = iota
	digitLexeme
	fractionLexeme // ½ and the like
	wordLexeme
	hanLexeme
)

// lexemesOf cuts a text into lexemes; known is not set.
func lexemesOf(text string) []lexeme {
	f := foldText(text)
	found := make([]lexeme, 0, len(f.text)/4+1)
	gap := 0
	for i := 0; i < len(f.text); {
		r, size := utf8.DecodeRuneInString(f.text[i:])
		if unicode.IsSpace(r) {
			gap = min(gap+1, 2)
			if r == '\n' || r == '\r' {
				gap = 2
			}
			i += size
			continue
		}
		kind := kindOfRune(r)
		end := i + size
		if kind == digitLexeme || kind == wordLexeme {
			end = runEnd(f.text, end, kind)
		}
		l := lexeme{kind: kind, text: f.text[i:end], start: f.start(i), end: f.end(end), gap: gap}
		l.lower = strings.ToLower(l.text)
		found = append(found, l)
		gap, i = 0, end
	}
	return found
}

func kindOfRune(r rune) lexemeKind {
	switch {
	case asciiDigit(r):
		return digitLexeme
	case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
		return wordLexeme
	case r < utf8.RuneSelf:
		return markLexeme
	case unicode.Is(unicode.Han, r):
		return hanLexeme
	case vulgarFraction(r) != "":
		return fractionLexeme
	case unicode.IsLetter(r):
		return wordLexeme
	}
	return markLexeme
}

func runEnd(text string, end int, kind lexemeKind) int {
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if kindOfRune(r) != kind {
			return end
		}
		end += size
	}
	return end
}

func itoa(n int) string { return strconv.Itoa(n) }

// shortNumber returns the value of a run of at most nine digits, else -1.
func shortNumber(text string) int {
	if len(text) > 9 {
		return -1
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

// capital reports whether a word starts with a capital letter.
func capital(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(r)
}
