package corpus

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// skipSpace returns the offset of the first rune at or after i that is not
// white space, or len(text).
func skipSpace(text string, i int) int {
	for i < len(text) {
		if c := text[i]; c < utf8.RuneSelf {
			if !asciiSpace(c) {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsSpace(r) {
			return i
		}
		i += size
	}
	return i
}

// trimEnd returns the end of text[start:end] without its trailing white space.
func trimEnd(text string, start, end int) int {
	return start + len(strings.TrimRightFunc(text[start:end], unicode.IsSpace))
}

func asciiSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func asciiDigit(c byte) bool { return '0' <= c && c <= '9' }

func asciiAlnum(c byte) bool {
	return asciiDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func alnum(r rune) bool {
	if r < utf8.RuneSelf {
		return asciiAlnum(byte(r))
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func runeAt(text string, i int) rune {
	if i >= len(text) {
		return -1
	}
	r, _ := utf8.DecodeRuneInString(text[i:])
	return r
}

func runeBefore(text string, i int) (rune, int) {
	if i <= 0 {
		return -1, 0
	}
	return utf8.DecodeLastRuneInString(text[:i])
}

// ideographic reports whether r belongs to a script that is written without
// spaces and with about one syllable a sign: Chinese characters and kana.
func ideographic(r rune) bool {
	switch {
	case r < 0x2E80:
		return false
	case r <= 0x2FDF, r == 0x3005, r == 0x3007, 0x3041 <= r && r <= 0x30FF && r != 0x30FB,
		0x31F0 <= r && r <= 0x31FF, 0x3400 <= r && r <= 0x4DBF, 0x4E00 <= r && r <= 0x9FFF,
		0xF900 <= r && r <= 0xFAFF, 0xFF66 <= r && r <= 0xFF9D, 0x20000 <= r && r <= 0x3FFFD:
		return true
	}
	return false
}

// unspaced reports whether r belongs to an alphabet that is written without
// spaces between words: Thai, Lao, Myanmar, Khmer.
func unspaced(r rune) bool {
	return 0x0E00 <= r && r <= 0x0EFF || 0x1000 <= r && r <= 0x109F || 0x1780 <= r && r <= 0x17FF
}

// columns is the width of text on a terminal, roughly: wide signs count two.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n++
		if wide(r) {
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	return r >= 0x1100 && (r <= 0x115F || 0x2E80 <= r && r <= 0xA4CF || 0xAC00 <= r && r <= 0xD7A3 ||
		0xF900 <= r && r <= 0xFAFF || 0xFE30 <= r && r <= 0xFE6F || 0xFF00 <= r && r <= 0xFF60 ||
		0x20000 <= r && r <= 0x3FFFD)
}

// wordUnits is what one word counts in a wordCounter: an ideograph is three
// fifths of a word and a letter of an unspaced alphabet one fifth.
const wordUnits = 5

// longWord is how many runes without white space count as one word, so that
// text without any does not pass for short.
const longWord = 40

// A wordCounter measures text in fifths of a word, as it is read rune by rune.
type wordCounter struct {
	units int
	run   int  // runes of the present word so far
	named bool // the present word holds a letter or digit
}

func (c *wordCounter) add(r rune) {
	switch {
	case r < utf8.RuneSelf && asciiSpace(byte(r)), r >= utf8.RuneSelf && unicode.IsSpace(r):
		c.run, c.named = 0, false
	case ideographic(r):
		c.units += 3
		c.run, c.named = 0, false
	case unspaced(r):
		c.units++
		c.run, c.named = 0, false
	default:
		if !c.named && alnum(r) {
			c.named = true
			c.units += wordUnits
		}
		if c.run++; c.run >= longWord {
			c.units += wordUnits
			c.run = 0
		}
	}
}

// countUnits measures text in fifths of a word.
func countUnits(text string) int {
	var c wordCounter
	for _, r := range text {
		c.add(r)
	}
	return c.units
}
