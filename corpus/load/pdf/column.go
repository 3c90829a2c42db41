package pdf

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"
)

// A region is what is read from top to bottom: a column, or a part of a page
// without columns.
type region struct {
	rows        []row
	left, right float64
}

// regions finds the columns of a page and brings them into the order that they
// are read in.
func regions(pieces []piece, depth int) []region {
	if len(pieces) == 0 {
		return nil
	}
	const most = 6 // columns in columns
	if depth < most {
		if gutter, ok := findGutter(pieces); ok {
			if parts := split(pieces, gutter, depth); len(parts) > 0 {
				return parts
			}
		}
	}
	r := region{rows: rows(pieces)}
	var lefts, rights []float64
	for _, row := range r.rows {
		lefts, rights = append(lefts, row.left), append(rights, row.right)
	}
	slices.Sort(lefts)
	slices.Sort(rights)
	last := len(rights) - 1
	if len(rights) > 5 {
		last -= (len(rights) + 19) / 20 // those that stick out
	}
	r.left, r.right = usual(lefts, lefts[0]), usual(rights, rights[last])
	return []region{r}
}

// usual is where at least a third of sorted values are, or else another value:
// one line may reach further than its column.
func usual(values []float64, otherwise float64) float64 {
	const near, fewest = 1.5, 3
	best, most := otherwise, 0
	for i, j := 0, 0; i < len(values); i++ {
		for values[i]-values[j] > near {
			j++
		}
		if n := i - j + 1; n > most && n >= fewest && n*3 >= len(values) {
			best, most = values[i], n
		}
	}
	return best
}

// A gutter is a range of a page's width between two columns. A few lines may
// reach into it.
type gutter struct{ left, right float64 }

// side is -1 for what is left of a gutter, 1 for what is right of it, and 0
// for what goes across.
func (g gutter) side(p piece) int {
	const slack = 1
	switch {
	case p.right <= g.left+(g.right-g.left)*0.7:
		return -1
	case p.left >= g.right-slack:
		return 1
	}
	return 0
}

// findGutter finds the gap that divides most lines, at an edge where many
// pieces begin.
func findGutter(pieces []piece) (gutter, bool) {
	const fewest = 3 // lines of a column
	best, found, score := gutter{}, false, 0
	for _, e := range startEdges(pieces, fewest) {
		edge, size := e.left, e.size
		g := gutter{edge - 0.9*size, edge}
		before, behind, across, inside := 0, 0, 0, 0
		for _, p := range pieces {
			if p.right > g.left+1 && p.right < g.right {
				inside++
			}
			switch g.side(p) {
			case -1:
				before++
			case 1:
				behind++
			default:
				across++
			}
		}
		if s := min(before, behind) - across; inside*5 <= before && min(before, behind) >= fewest && (!found || s > score) && across <= 2*min(before, behind) {
			best, found, score = g, true, s
		}
	}
	return best, found
}

// A leftEdge is a place that pieces begin at.
type leftEdge struct {
	left, size float64
	times      int
}

// startEdges are the places that most pieces begin at.
func startEdges(pieces []piece, fewest int) []leftEdge {
	const most = 64
	lefts := slices.Clone(pieces)
	slices.SortFunc(lefts, func(a, b piece) int { return cmp.Compare(a.left, b.left) })
	var all []leftEdge
	for i := 0; i < len(lefts); {
		e := leftEdge{left: lefts[i].left}
		for i < len(lefts) && lefts[i].left < e.left+2 {
			e.size = max(e.size, lefts[i].size)
			e.times++
			i++
		}
		if e.times >= fewest {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b leftEdge) int { return b.times - a.times })
	return all[:min(len(all), most)]
}

// split divides pieces at a gutter: what goes across it divides them into
// bands. It returns nothing when no band has columns.
func split(pieces []piece, g gutter, depth int) []region {
	sorted := slices.Clone(pieces)
	slices.SortStableFunc(sorted, func(a, b piece) int { return cmp.Compare(b.base, a.base) })
	var all []region
	columns := false
	var band, whole []piece
	flush := func() {
		left, right := sides(band, g)
		if areColumns(left, right) {
			all = append(all, regions(whole, depth+1)...)
			all = append(all, regions(left, depth+1)...)
			all = append(all, regions(right, depth+1)...)
			whole, columns = nil, true
		} else {
			whole = append(whole, band...)
		}
		band = nil
	}
	for i := 0; i < len(sorted); {
		// A line that goes across takes along what stands beside it.
		to, crosses := i, false
		for to < len(sorted) && sorted[i].base-sorted[to].base <= 0.3*sorted[i].size {
			crosses = crosses || g.side(sorted[to]) == 0
			to++
		}
		if crosses {
			flush()
			whole = append(whole, sorted[i:to]...)
		} else {
			band = append(band, sorted[i:to]...)
		}
		i = to
	}
	flush()
	if !columns {
		return nil
	}
	return append(all, regions(whole, depth+1)...)
}

func sides(pieces []piece, g gutter) (left, right []piece) {
	for _, p := range pieces {
		if g.side(p) < 0 {
			left = append(left, p)
		} else {
			right = append(right, p)
		}
	}
	return left, right
}

// areColumns tells columns of text from those of a table: text fills them, and
// is written one column after the other.
func areColumns(left, right []piece) bool {
	fewer := min(len(left), len(right))
	if fewer == 0 || len(left)+len(right) < 4 {
		return false
	}
	letters, filled := 1000, 1.0
	for _, side := range [][]piece{left, right} {
		n, width, from, to := 0, 0.0, math.Inf(1), math.Inf(-1)
		for _, p := range side {
			n += wide(p.text)
			width += p.right - p.left
			from, to = min(from, p.left), max(to, p.right)
		}
		letters = min(letters, n/len(side))
		filled = min(filled, width/float64(len(side))/max(to-from, 1))
	}
	if letters < 12 {
		return false
	}
	type place struct{ order, side int }
	var order []place
	for side, pieces := range [][]piece{left, right} {
		for _, p := range pieces {
			order = append(order, place{p.order, side})
		}
	}
	slices.SortFunc(order, func(a, b place) int { return cmp.Compare(a.order, b.order) })
	changes := 0
	for i := 1; i < len(order); i++ {
		if order[i].side != order[i-1].side {
			changes++
		}
	}
	return changes <= max(2, fewer/3) || letters >= 25 && filled >= 0.7
}

// wide counts the columns of a text: an ideograph takes two.
func wide(text string) int {
	n := utf8.RuneCountInString(text)
	for _, r := range text {
		if ideographic(r) {
			n++
		}
	}
	return n
}
