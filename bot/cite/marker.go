package cite

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Marker is a reference to a citation in an answer's text: a number in
// square brackets, such as [1] or [12]. Adjacent markers, [1][2], are two
// markers; in [[1]] the inner brackets are the marker and the outer ones text;
// [1, 2], [a] and [1 are text.
type Marker struct {
	// Number is the marker's number from 1, or 0 where the brackets hold
	// digits that no answer is numbered with: [0], [007], digits other than
	// 0 to 9, more than nine digits. Readers and scripts would take these
	// for markers all the same, so they are found, and never valid.
	Number int
	// Start and End are byte offsets of the brackets in the text.
	Start, End int
}

// Markers returns the markers of a text, in order.
func Markers(text string) []Marker {
	var found []Marker
	for i := 0; i < len(text); {
		open := strings.IndexByte(text[i:], '[')
		if open < 0 {
			return found
		}
		start := i + open
		end := start + 1 + digits(text[start+1:])
		if end > start+1 && end < len(text) && text[end] == ']' {
			found = append(found, Marker{Number: markerNumber(text[start+1 : end]), Start: start, End: end + 1})
			end++
		}
		i = end
	}
	return found
}

// digits returns the length in bytes of the decimal digits, of any script,
// that text starts with.
func digits(text string) int {
	for i, r := range text {
		if !unicode.IsDigit(r) {
			return i
		}
	}
	return len(text)
}

func markerNumber(digits string) int {
	if len(digits) > 9 || digits[0] == '0' {
		return 0
	}
	n := 0
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0
		}
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

// Escape makes a text that is not the answer's own, such as a sentence of a
// document or a heading, fit to stand in an answer: a bracketed number in it,
// such as the reference mark of an encyclopedia, is shown in parentheses, (12)
// for [12], so that it is not taken for a marker of the answer; a line break,
// with the white space around it, is shown as a space (as nothing between
// Chinese or Japanese characters), so that a hard-wrapped sentence reads on;
// spaces and tabs in a row are shown as one space; and a row of a table is
// shown without the borders at its ends. Everything else stays as it is. What
// a citation quotes is the document's text, never the escaped one.
func Escape(text string) string {
	return escapeMarkers(showRow(squeeze(joinLines(text))))
}

func escapeMarkers(text string) string {
	markers := Markers(text)
	if len(markers) == 0 {
		return text
	}
	b := []byte(text)
	for _, m := range markers {
		b[m.Start], b[m.End-1] = '(', ')'
	}
	return string(b)
}

// squeeze writes spaces and tabs in a row as one space.
func squeeze(text string) string {
	if !strings.Contains(text, "  ") && !strings.Contains(text, "\t") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	spaced := false
	for i := range len(text) {
		space := text[i] == ' ' || text[i] == '\t'
		if space && !spaced {
			b.WriteByte(' ')
		}
		if !space {
			b.WriteByte(text[i])
		}
		spaced = space
	}
	return b.String()
}

// showRow writes "|a|b |" as "a | b": a row of a table, whole or cut at a
// sentence, which has a border at both ends or one that stands apart at an end.
// A "\|" in a cell is no border, and |x| is no row.
func showRow(text string) string {
	row := strings.TrimSpace(text)
	inner, opened := strings.CutPrefix(row, "|")
	rest, closed := strings.CutSuffix(inner, "|")
	if closed = closed && !strings.HasSuffix(rest, `\`); closed {
		inner = rest
	}
	if !strings.HasPrefix(row, "| ") && !strings.HasSuffix(row, " |") && !(opened && closed) {
		return text
	}
	cells := splitCells(inner)
	if len(cells) == 1 && strings.TrimSpace(inner) == inner {
		return text
	}
	for len(cells) > 1 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return strings.Join(cells, " | ")
}

// splitCells returns the cells of a row without the borders at its ends.
func splitCells(row string) []string {
	var cells []string
	start := 0
	for i := range len(row) {
		if row[i] == '|' && (i == 0 || row[i-1] != '\\') {
			cells = append(cells, strings.TrimSpace(row[start:i]))
			start = i + 1
		}
	}
	return append(cells, strings.TrimSpace(row[start:]))
}

func joinLines(text string) string {
	if !strings.ContainsAny(text, "\n\r") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for {
		i := strings.IndexAny(text, "\n\r")
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		before, after := strings.TrimRight(text[:i], " \t"), strings.TrimLeft(text[i:], " \t\n\r")
		b.WriteString(before)
		last, _ := utf8.DecodeLastRuneInString(b.String())
		next, _ := utf8.DecodeRuneInString(after)
		if b.Len() > 0 && after != "" && !(unspaced(last) && unspaced(next)) {
			b.WriteByte(' ')
		}
		text = after
	}
}

// unspaced reports whether r belongs to a script that sets no spaces between
// words, or to its punctuation.
func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) ||
		(r >= 0x3000 && r <= 0x303F) || (r >= 0xFF01 && r <= 0xFF60)
}
