package pdf

import (
	"math"
	"strings"
	"unicode"
)

// A table is a run of an area's rows that have cells below each other.
type table struct {
	to     int // the row behind it
	lines  []string
	header bool // whether the first line names the columns
}

// tables finds the tables of an area, by the row that they begin with.
func (a *area) tables(pitch map[float64]float64) map[int]*table {
	found := map[int]*table{}
	for i := 0; i < len(a.rows); {
		to := a.tableEnd(i)
		if to-i < 3 {
			i++
			continue
		}
		found[i] = a.table(i, to)
		i = to
	}
	return found
}

// tableEnd is the row behind a table that begins with row i.
func (a *area) tableEnd(i int) int {
	const most = 60 // cells
	to := i
	for to < len(a.rows) && len(a.rows[to].pieces) > 1 && len(a.rows[to].pieces) <= most && (to == i || a.aligned(a.rows[to-1], a.rows[to])) {
		to++
	}
	for _, r := range a.rows[i:to] {
		if bulleted(r.text) || label(r.text) != "" && len(r.pieces) == 2 {
			return i // a list with its marks set apart
		}
	}
	return to
}

// aligned reports whether two rows have cells below each other: most begin, end
// or are centered at the same place.
func (a *area) aligned(above, below row) bool {
	if above.base-below.base > 4*below.size {
		return false
	}
	n := 0
	for _, p := range below.pieces {
		for _, q := range above.pieces {
			near := func(x, y float64) bool { return x-y < 0.5*p.size && y-x < 0.5*p.size }
			if near(p.left, q.left) || near(p.right, q.right) || near((p.left+p.right)/2, (q.left+q.right)/2) {
				n++
				break
			}
		}
	}
	return n*2 >= min(len(above.pieces), len(below.pieces)) && n > 1
}

func (a *area) table(from, to int) *table {
	t := &table{to: to}
	widest := a.rows[from]
	for _, r := range a.rows[from:to] {
		if len(r.pieces) > len(widest.pieces) {
			widest = r
		}
	}
	for _, r := range a.rows[from:to] {
		t.lines = append(t.lines, strings.TrimSpace(strings.ReplaceAll(strings.Join(cells(r, widest), " | "), "\u00AD", "")))
	}
	first, second := a.rows[from], a.rows[from+1]
	t.header = first.bold && !second.bold || digits(second.text) && !digits(strings.SplitN(t.lines[0], " | ", 2)[0])
	return t
}

// cells are a row's texts. Where a row with more cells shows that two of them
// stand too near each other to be told apart, they are divided.
func cells(r, widest row) []string {
	const most = 100 // words that may be of several cells
	var all []string
	for _, p := range r.pieces {
		from := 0
		for _, s := range p.starts[min(1, len(p.starts)):] {
			if len(r.pieces) < len(widest.pieces) && len(p.starts) <= most && between(widest, p, s) && s.at > from && s.at < len(p.text) {
				all = append(all, strings.TrimSpace(p.text[from:s.at]))
				from = s.at
			}
		}
		all = append(all, strings.TrimSpace(p.text[from:]))
	}
	return all
}

// between reports whether a word of a piece begins in another column than the
// words before it: a gap of the widest row stands there, or the cell below it
// is one further.
func between(widest row, p piece, s start) bool {
	end := p.right
	for _, next := range p.starts {
		if next.left > s.left {
			end = next.left
			break
		}
	}
	before := p.left
	for _, last := range p.starts {
		if last.left < s.left {
			before = last.left
		}
	}
	return nearest(widest, (s.left+end)/2) != nearest(widest, (before+s.left)/2)
}

// nearest is the cell that a place is nearest to.
func nearest(r row, x float64) int {
	best, distance := 0, math.Inf(1)
	for i, p := range r.pieces {
		if d := max(p.left-x, x-p.right, 0); d < distance {
			best, distance = i, d
		}
	}
	return best
}

func digits(text string) bool {
	return strings.ContainsFunc(text, unicode.IsDigit)
}

// drafts makes a block of each row.
func (t *table) drafts(a *area) []*draft {
	var all []*draft
	for i, line := range t.lines {
		d := &draft{rows: a.rows[t.to-len(t.lines)+i : t.to-len(t.lines)+i+1], page: a.page, area: a, row: true, text: line}
		if t.header && i > 0 {
			d.header = t.lines[0]
		}
		all = append(all, d)
	}
	return all
}
