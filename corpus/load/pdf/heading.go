package pdf

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// finish makes blocks of drafts, and tells headings.
func finish(drafts []*draft, body style) []Block {
	demoteSubtitle(drafts, body)
	levels := headingLevels(drafts, body)
	var all []Block
	for _, d := range drafts {
		if d.text == "" {
			continue
		}
		b := Block{Text: d.text, Page: d.page, Turns: d.turns, Row: d.row, Columns: d.header, Contents: leads(d.text)}
		if !d.plain && isHeading(d, body) {
			b.Level = levels[d.style]
			if depth := numbering(d.text); depth > 1 && oneStyle(levels) {
				b.Level += depth - 1
			}
			b.Level = min(b.Level, 6)
		}
		all = append(all, b)
	}
	return all
}

// demoteSubtitle makes paragraphs of what stands below the title in a style that
// no heading has: a subtitle, or who wrote it.
func demoteSubtitle(drafts []*draft, body style) {
	times := map[style]int{}
	for _, d := range drafts {
		if isHeading(d, body) {
			times[d.style]++
		}
	}
	for i, d := range drafts {
		if !isHeading(d, body) {
			return
		}
		if i > 0 && d.style.size < drafts[0].style.size && times[d.style] == 1 {
			d.plain = true
		}
	}
}

// headingLevels are the levels of the styles of headings: the largest is the
// outermost, and bold ones are above others of their size.
func headingLevels(drafts []*draft, body style) map[style]int {
	levels := map[style]int{}
	var styles []style
	for _, d := range drafts {
		if _, known := levels[d.style]; !known && !d.plain && isHeading(d, body) {
			levels[d.style] = 0
			styles = append(styles, d.style)
		}
	}
	slices.SortFunc(styles, func(a, b style) int {
		return cmp.Or(cmp.Compare(b.size, a.size), compareBool(b.bold, a.bold), compareBool(a.italic, b.italic))
	})
	for i, s := range styles {
		levels[s] = i + 1
	}
	return levels
}

// oneStyle reports whether headings differ by their numbers alone.
func oneStyle(levels map[style]int) bool { return len(levels) <= 2 }

// isHeading reports whether a block is a heading: it is short, and larger than
// the body or bold where the body is not.
func isHeading(d *draft, body style) bool {
	const longest = 200
	if d.row || leads(d.text) || len(d.rows) > 4 || wide(d.text) > longest || !strings.ContainsFunc(d.text, unicode.IsLetter) {
		return false
	}
	large := d.style.size >= 1.12*body.size
	bold := d.style.bold && !body.bold && d.style.size >= 0.95*body.size
	if !large && !bold {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(d.text)
	return !strings.ContainsRune(".,;。，；", last) || large && wide(d.text) < 80 && last == '.'
}

// numbering is the depth of a heading's number: 2 for "3.1 Wells".
func numbering(text string) int {
	word, _, _ := strings.Cut(text, " ")
	word = strings.TrimRight(word, ".")
	if word == "" || strings.Trim(word, "0123456789.") != "" {
		return 0
	}
	return 1 + strings.Count(word, ".")
}
