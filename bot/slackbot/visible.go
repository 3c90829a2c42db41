package slackbot

import (
	"strings"
	"unicode"
)

// visible takes away what a reader cannot see but a client may act on: control
// characters, marks that turn the direction of writing, characters without
// width. Line breaks of every kind become newlines, tabs spaces.
func visible(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r >= ' ' && r < 0x7f:
			return r
		case r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			return '\n'
		case r == '\t' || r == '\v' || r == '\f':
			return ' '
		case unicode.IsControl(r), invisible(r):
			return -1
		}
		return r
	}, text)
}

func invisible(r rune) bool {
	if unicode.Is(unicode.Prepended_Concatenation_Mark, r) {
		return false // signs that are shown, under Arabic numbers
	}
	return unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) ||
		r == '\u180B' || r == '\u180C' || r == '\u180D' || r == '\u2800'
}

// tidy makes an answer's text fit to be shown: only what can be seen, no links
// but the permitted ones, at most one blank line or space at a time. A line
// keeps up to three spaces of indentation; more would make it code.
func tidy(text string, permitted []string) string {
	var b strings.Builder
	blank := 0
	for line := range strings.SplitSeq(unlink(visible(text), permitted), "\n") {
		line = tidyLine(line)
		if line == "" {
			blank++
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n"[:min(blank+1, 2)])
		}
		b.WriteString(line)
		blank = 0
	}
	return b.String()
}

func tidyLine(line string) string {
	bare := strings.TrimLeftFunc(line, unicode.IsSpace)
	if bare == "" {
		return ""
	}
	return "   "[:min(len(line)-len(bare), 3)] + squeeze(bare)
}

// oneLine is a text fit to stand in a line, without links.
func oneLine(text string) string {
	return unlink(squeeze(strings.ReplaceAll(visible(text), "\n", " ")), nil)
}

// squeeze keeps the first of several spaces in a row, and none at the ends.
func squeeze(text string) string {
	spaced := true
	return strings.TrimRightFunc(strings.Map(func(r rune) rune {
		space := unicode.IsSpace(r)
		if space && spaced {
			return -1
		}
		spaced = space
		return r
	}, text), unicode.IsSpace)
}
