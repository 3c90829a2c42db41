package main

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// compareWords is all of two texts, word by word: what only one of them has,
// and what both have. What stands between two changes with nothing but spaces
// around it is part of one change.
func compareWords(then, now string) []piece {
	compared := comparePieces(splitWords(then), splitWords(now))
	merged := []piece{}
	var gone, come strings.Builder
	flush := func() {
		if gone.Len() > 0 {
			merged = append(merged, piece{"-", gone.String()})
		}
		if come.Len() > 0 {
			merged = append(merged, piece{"+", come.String()})
		}
		gone.Reset()
		come.Reset()
	}
	for i, p := range compared {
		switch {
		case p.Op == "-":
			gone.WriteString(p.Text)
		case p.Op == "+":
			come.WriteString(p.Text)
		case isBlank(p.Text) && gone.Len() > 0 && come.Len() > 0 && i+1 < len(compared) && compared[i+1].Op != " ":
			gone.WriteString(p.Text)
			come.WriteString(p.Text)
		default:
			flush()
			if n := len(merged); n > 0 && merged[n-1].Op == " " {
				merged[n-1].Text += p.Text
			} else {
				merged = append(merged, p)
			}
		}
	}
	flush()
	return merged
}

func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

// splitWords cuts a text into words, numbers among them, and what stands
// between. A wide character is a word.
func splitWords(text string) []string {
	var all []string
	for text != "" {
		n := wordEnd(text)
		all = append(all, text[:n])
		text = text[n:]
	}
	return all
}

// wordEnd is where the first word of a text, or the first sign that belongs to
// none, ends.
func wordEnd(text string) int {
	first, end := utf8.DecodeRuneInString(text)
	if !inWord(first) {
		return end
	}
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		next, _ := utf8.DecodeRuneInString(text[end+size:])
		if !inWord(r) && !(strings.ContainsRune(".,'’-", r) && inWord(next)) {
			break
		}
		end += size
	}
	return end
}

func inWord(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) && !isWide(r)
}
