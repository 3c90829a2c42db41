package main

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// clean makes foreign text safe to print: no control character but newline
// and tab, and nothing that reorders the text around it.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unsafeToPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func unsafeToPrint(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < ' ' || 0x7f <= r && r <= 0x9f: // C0, DEL, C1
		return true
	}
	// Bidirectional embeddings, overrides and isolates.
	return 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
}

// columns is the number of terminal cells a text takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf), 0x1160 <= r && r <= 0x11ff: // Hangul vowels and finals join
		return 0
	case isWide(r):
		return 2
	}
	return 1
}

func isWide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// wrap breaks each line of text at limit columns, or not at all when limit is
// 0. Lines but the first of the text begin with indent, which the caller has
// put before the first. A word longer than a line stays whole.
func wrap(text string, limit int, indent string) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString("\n")
			if line != "" {
				b.WriteString(indent)
			}
		}
		wrapLine(&b, line, limit-columns(indent), indent)
	}
	return b.String()
}

func wrapLine(b *strings.Builder, line string, room int, indent string) {
	if room <= 0 || columns(line) <= room {
		b.WriteString(line)
		return
	}
	used, gap := 0, "" // gap is the space before the next piece
	for line != "" {
		piece := nextPiece(line)
		line = line[len(piece):]
		word := strings.TrimRight(piece, " \t")
		if used > 0 && used+columns(gap)+columns(word) > room {
			b.WriteString("\n" + indent)
			used, gap = 0, ""
		}
		b.WriteString(gap + word)
		used += columns(gap) + columns(word)
		gap = piece[len(word):]
	}
}

// nextPiece is the start of a line up to where it may break: after spaces, or
// beside a wide character, since Chinese and Japanese put none between words.
func nextPiece(line string) string {
	spaces := false
	prev := rune(0)
	for i, r := range line {
		space := r == ' ' || r == '\t'
		if spaces && !space {
			return line[:i]
		}
		if i > 0 && !space && breaksBetween(prev, r) {
			return line[:i]
		}
		spaces, prev = space, r
	}
	return line
}

func breaksBetween(before, after rune) bool {
	if !isWide(before) && !isWide(after) || runeColumns(after) == 0 {
		return false
	}
	if after == '[' { // a marker stays with what it supports
		return false
	}
	return !unicode.In(before, unicode.Ps, unicode.Pi) && !unicode.In(after, unicode.Pe, unicode.Pf, unicode.Po)
}

// clip shortens a line to limit columns, at a word's end where there is one.
func clip(line string, limit int) string {
	if columns(line) <= limit {
		return line
	}
	used, end := 0, 0
	for line[end:] != "" {
		piece := nextPiece(line[end:])
		if used+columns(strings.TrimRight(piece, " \t")) >= limit {
			break
		}
		used += columns(piece)
		end += len(piece)
	}
	if end == 0 {
		for used = 0; ; {
			r, size := utf8.DecodeRuneInString(line[end:])
			if used += runeColumns(r); used >= limit {
				break
			}
			end += size
		}
	}
	return strings.TrimRight(line[:end], " \t,;:") + "…"
}

// oneLine makes any text a single line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
