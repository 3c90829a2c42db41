package pdf

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A draft is a block while it is put together.
type draft struct {
	rows   []row
	page   int
	turns  []int // the rows that further pages begin with, then where these begin in text
	area   *area
	header string // of a row of a table
	row    bool
	plain  bool // no heading, whatever its style
	style  style
	text   string
}

// A style is what headings are told by.
type style struct {
	size   float64 // rounded to half points
	bold   bool
	italic bool
}

func styleOf(p piece) style {
	return style{math.Round(p.size*2) / 2, p.bold, p.italic}
}

// An area is a region of a page, and what is usual on it.
type area struct {
	region
	page    int
	indents bool // whether paragraphs begin further right
}

// blocks makes blocks of all pages.
func blocks(sheets []*sheet, pieces [][]piece) []Block {
	var areas []*area
	for i, s := range sheets {
		for _, r := range regions(pieces[i], 0) {
			areas = append(areas, &area{region: r, page: s.number})
		}
		pieces[i] = nil
	}
	pitch := usualPitch(areas)
	var drafts []*draft
	for _, a := range areas {
		drafts = append(drafts, a.drafts(pitch)...)
	}
	body := bodyStyle(drafts)
	w := newWords(drafts)
	drafts = joinAcross(drafts, body)
	for _, d := range drafts {
		if d.text == "" {
			d.text, d.turns = w.join(d.rows, d.turns)
		}
	}
	return finish(drafts, body)
}

// usualPitch is how far apart lines are, as a multiple of their size, by size.
func usualPitch(areas []*area) map[float64]float64 {
	found := map[float64][]float64{}
	for _, a := range areas {
		for i := 1; i < len(a.rows); i++ {
			above, below := a.rows[i-1], a.rows[i]
			apart := (above.base - below.base) / max(below.size, 0.1)
			if size := styleOf(below.piece).size; size == styleOf(above.piece).size && apart > 0.7 && apart < 3 {
				found[size] = append(found[size], apart)
			}
		}
	}
	pitch := map[float64]float64{}
	for size, all := range found {
		slices.Sort(all)
		pitch[size] = all[len(all)*2/5]
	}
	return pitch
}

// drafts divides an area into paragraphs, headings and rows of tables.
func (a *area) drafts(pitch map[float64]float64) []*draft {
	a.indents = a.indented()
	tables := a.tables(pitch)
	var all []*draft
	var open *draft
	for i := 0; i < len(a.rows); {
		if t := tables[i]; t != nil {
			all = append(all, t.drafts(a)...)
			i, open = t.to, nil
			continue
		}
		r := a.rows[i]
		if open == nil || a.begins(open, r, pitch) {
			open = &draft{page: a.page, area: a, style: styleOf(r.piece)}
			all = append(all, open)
		}
		open.rows = append(open.rows, r)
		i++
	}
	return all
}

// indented reports whether an area's paragraphs begin with an indent: some
// lines begin a little further right than those around them.
func (a *area) indented() bool {
	n := 0
	for i := 1; i+1 < len(a.rows); i++ {
		in := a.rows[i].left - a.left
		size := a.rows[i].size
		if in > 0.7*size && in < 4*size && a.rows[i+1].left-a.left < 0.3*size && a.rows[i-1].left-a.left < 0.3*size {
			n++
		}
	}
	return n >= 2
}

// begins reports whether a row begins a block of its own.
func (a *area) begins(open *draft, r row, pitch map[float64]float64) bool {
	last := open.rows[len(open.rows)-1]
	if leads(last.text) || leads(r.text) {
		return true
	}
	apart := (last.base - r.base) / max(r.size, 0.1)
	usual, ok := pitch[styleOf(r.piece).size]
	if !ok {
		usual = 1.25
	}
	if apart > 1.22*max(usual, 1) || apart < 0.3 {
		return true
	}
	if larger := max(last.size, r.size) / min(last.size, r.size); larger > 1.08 && !strayed(open, r) || last.bold != r.bold {
		return true
	}
	centered := math.Abs(last.left+last.right-r.left-r.right) < r.size && math.Abs(last.left-r.left) > r.size/2
	if centered {
		return false
	}
	if bulleted(r.text) || follows(label(open.rows[0].text), label(r.text)) {
		return true
	}
	in := r.left - last.left
	labelled := label(last.text) != "" || bulleted(last.text)
	switch {
	case in > 0.6*r.size && !(len(open.rows) == 1 && labelled):
		return true
	case in < -0.6*r.size && len(open.rows) > 1:
		return true
	}
	return a.short(last, r)
}

// short reports whether a row ends although there was room for the first word
// of the next. A little room is none where the sentence plainly goes on: the
// edge of a ragged column is not known well.
func (a *area) short(last, next row) bool {
	if last.right+next.word+0.6*next.size >= a.right {
		return false
	}
	first, _ := utf8.DecodeRuneInString(next.text)
	goesOn := unicode.IsLower(first) && !ended(last.text)
	return !goesOn || last.right < a.left+0.6*(a.right-a.left)
}

// leads reports whether a row is of a table of contents: dots lead to a number.
func leads(text string) bool {
	head := strings.TrimRight(strings.TrimRightFunc(text, unicode.IsDigit), " ")
	return len(head) < len(text) && (strings.HasSuffix(head, "....") || strings.HasSuffix(head, ". . .") || strings.HasSuffix(head, "……"))
}

// strayed reports whether a row is of another size for a mark or a number on
// it alone.
func strayed(open *draft, r row) bool {
	return utf8.RuneCountInString(r.text) < 4 && len(open.rows) > 0
}

func bulleted(text string) bool {
	r, size := utf8.DecodeRuneInString(text)
	return strings.ContainsRune("•◦▪▫●○■□–—·‣⁃*", r) && strings.HasPrefix(text[size:], " ")
}

// label is the number that an item begins with: "3." or "(3)" or "3)".
func label(text string) string {
	word, _, ok := strings.Cut(text, " ")
	if !ok || len(word) > 5 || len(word) < 2 {
		return ""
	}
	digits := strings.Trim(word, "().")
	if digits == word {
		return ""
	}
	if _, err := strconv.Atoi(digits); err != nil && len(digits) != 1 {
		return ""
	}
	return digits
}

// follows reports whether a label is the next after another.
func follows(before, after string) bool {
	if before == "" || after == "" {
		return false
	}
	m, err := strconv.Atoi(before)
	n, err2 := strconv.Atoi(after)
	if err == nil && err2 == nil {
		return n == m+1
	}
	return len(before) == 1 && len(after) == 1 && after[0] == before[0]+1
}

// bodyStyle is the style of most letters.
func bodyStyle(drafts []*draft) style {
	letters := map[style]int{}
	for _, d := range drafts {
		for _, r := range d.rows {
			letters[styleOf(r.piece)] += len(r.text)
		}
	}
	best := style{}
	for s, n := range letters {
		if n > letters[best] || n == letters[best] && less(s, best) {
			best = s
		}
	}
	return best
}

func less(a, b style) bool {
	return cmp.Or(cmp.Compare(a.size, b.size), compareBool(a.bold, b.bold), compareBool(a.italic, b.italic)) < 0
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// joinAcross joins a paragraph that goes on in the next column or on the next
// page. What stands between, such as a footnote, comes after it.
func joinAcross(drafts []*draft, body style) []*draft {
	var all []*draft
	for _, d := range drafts {
		if to := goesOn(all, d, body); to != nil {
			if d.page > to.area.page {
				to.turns = append(to.turns, len(to.rows))
			}
			to.rows = append(to.rows, d.rows...)
			to.area = d.area
			continue
		}
		all = append(all, d)
	}
	return all
}

// goesOn is the draft that d goes on with, nil if it begins anew.
func goesOn(all []*draft, d *draft, body style) *draft {
	if d.row || d.style.size != body.size || d.style.bold != body.bold || d.area.rows[0].base-d.rows[0].base > 8*d.rows[0].size {
		return nil
	}
	const back = 6
	for i := len(all) - 1; i >= max(0, len(all)-back); i-- {
		last := all[i]
		if last.area == d.area {
			return nil
		}
		if last.row || last.style.size != body.size || last.style.bold != body.bold {
			continue
		}
		if d.page-last.area.page > 1 {
			return nil
		}
		if unfinished(last, d) {
			return last
		}
		return nil
	}
	return nil
}

// unfinished reports whether a paragraph ends in the middle of a sentence that
// another goes on with, or at the end of a full line that a new paragraph would
// not be flush below.
func unfinished(last, d *draft) bool {
	end := last.rows[len(last.rows)-1]
	start := d.rows[0]
	if bulleted(start.text) || label(start.text) != "" {
		return false
	}
	first, _ := utf8.DecodeRuneInString(start.text)
	if !ended(end.text) {
		return unicode.IsLower(first) || ideographic(first) || unicode.IsDigit(first) || unicode.IsPunct(first) ||
			full(last, start) && len(d.rows) > 1
	}
	return last.area.indents && d.area.indents && full(last, start) && start.left-d.area.left < 0.3*start.size
}

// full reports whether a draft's last line has no room for the first word of
// the next.
func full(d *draft, next row) bool {
	return d.rows[len(d.rows)-1].right+next.word+0.3*next.size >= d.area.right
}

// ended reports whether a text ends as a sentence does.
func ended(text string) bool {
	text = strings.TrimRight(text, "\"'”’»)]）」』¹²³⁴⁵⁶⁷⁸⁹⁰")
	last, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(".!?:。！？：…;；", last)
}
