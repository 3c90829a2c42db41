package pdf

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// marginal is how much of a page's height, above and below, running heads and
// foots are looked for in.
const marginal = 0.14

// An edge is a row near the top or the foot of a page.
type edge struct {
	page   int // the index of the page
	text   string
	parts  []string // texts of its pieces
	size   float64
	top    bool
	key    string
	base   float64
	orders []int // of its pieces
	apart  bool  // it stands outermost, and further off than the next two rows
}

// dropMargins leaves out running heads, running foots and page numbers: rows
// at the edge of a page that stand at the same height of others, digits
// ignored.
func dropMargins(sheets []*sheet, pieces [][]piece) {
	var all []edge
	byKey := map[string][]edge{}
	for i := range sheets {
		for _, e := range edges(i, sheets[i], pieces[i]) {
			all = append(all, e)
			byKey[e.key] = append(byKey[e.key], e)
		}
	}
	enough := 3
	if len(sheets) <= 4 {
		enough = 2
	}
	title := largest(pieces[0])
	slots := newSlots(all, len(sheets))
	stopped := map[[2]int]bool{} // by page and edge: a row that belongs to the text
	for _, e := range all {
		side := 0
		if e.top {
			side = 1
		}
		at := [2]int{e.page, side}
		times := repeated(e, byKey[e.key])
		if stopped[at] || times < enough && !e.numbers() && !e.names(title) && !(slots.has(e) && (times > 1 || slots.numbered(e))) {
			stopped[at] = true
			continue
		}
		drop := map[int]bool{}
		for _, order := range e.orders {
			drop[order] = true
		}
		pieces[e.page] = slices.DeleteFunc(pieces[e.page], func(p piece) bool { return drop[p.order] })
	}
}

// repeated counts the pages that have a row like e at its height. Rows of
// nothing but numbers are of a table.
func repeated(e edge, like []edge) int {
	if strings.Count(e.key, "#") > 1 && !strings.ContainsFunc(e.key, unicode.IsLetter) {
		return 0
	}
	n := 0
	for _, o := range like {
		if o.top == e.top && math.Abs(o.base-e.base) < 6 {
			n++
		}
	}
	return n
}

// slots are the heights at which most pages have a row that stands apart: the
// running heads of chapters, which differ.
type slots struct {
	edges []edge
	pages int
}

func newSlots(all []edge, pages int) slots {
	s := slots{pages: pages}
	for _, e := range all {
		if e.apart {
			s.edges = append(s.edges, e)
		}
	}
	return s
}

// like are the edges at the height of e.
func (s slots) like(e edge) []edge {
	var all []edge
	for _, o := range s.edges {
		if o.top == e.top && math.Abs(o.base-e.base) < 3 {
			all = append(all, o)
		}
	}
	return all
}

func (s slots) has(e edge) bool {
	const fewest = 4
	n := len(s.like(e))
	return e.apart && n >= fewest && n*2 >= s.pages
}

// numbered reports whether a row holds the number of its page: one that is as
// far from the count of pages as those of others.
func (s slots) numbered(e edge) bool {
	n := 0
	own := e.offsets()
	for _, o := range s.like(e) {
		if slices.ContainsFunc(o.offsets(), func(d int) bool { return slices.Contains(own, d) }) {
			n++
		}
	}
	return len(own) > 0 && n > 2
}

// offsets are the numbers at the ends of a row less the number of its page.
func (e edge) offsets() []int {
	fields := strings.Fields(e.text)
	var all []int
	for _, word := range []string{fields[0], fields[len(fields)-1]} {
		if n, err := strconv.Atoi(word); err == nil {
			all = append(all, n-e.page)
		}
	}
	return all
}

// numbers reports whether an edge is the number of its page, as on the only
// page that has one: "- 3 -", "Page 3 of 7", "第 3 页".
func (e edge) numbers() bool {
	fields := strings.FieldsFunc(strings.ToLower(e.text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	own := false
	for _, word := range fields {
		for _, known := range []string{"page", "of", "seite", "第", "页", "共", "頁"} {
			word = strings.TrimSuffix(strings.TrimPrefix(word, known), known)
		}
		if word == strconv.Itoa(e.page+1) {
			own = true
		} else if strings.Trim(word, "0123456789") != "" {
			return false
		}
	}
	return own && len(fields) <= 4
}

// names reports whether an edge repeats the title in smaller letters.
func (e edge) names(title piece) bool {
	return title.text != "" && e.size < 0.9*title.size && slices.ContainsFunc(e.parts, func(part string) bool {
		return strings.EqualFold(strings.Trim(part, "0123456789 |·•-–—"), title.text)
	})
}

// largest is the piece with the largest letters, none if all are alike.
func largest(pieces []piece) piece {
	var best, least piece
	for i, p := range pieces {
		if i == 0 || p.size > best.size {
			best = p
		}
		if i == 0 || p.size < least.size {
			least = p
		}
	}
	if best.size < 1.2*least.size || len([]rune(best.text)) < 4 {
		return piece{}
	}
	return best
}

// edges are the rows near the top and the foot of a page, the outermost first.
func edges(page int, s *sheet, pieces []piece) []edge {
	const most = 3
	sorted := slices.Clone(pieces)
	slices.SortStableFunc(sorted, func(a, b piece) int {
		return cmp.Or(cmp.Compare(b.base, a.base), cmp.Compare(a.left, b.left))
	})
	var lines []edge
	for _, p := range sorted {
		if n := len(lines) - 1; n >= 0 && lines[n].base-p.base < 2 {
			lines[n].orders = append(lines[n].orders, p.order)
			lines[n].key += " " + withoutDigits(p.text)
			lines[n].text += " " + p.text
			lines[n].parts = append(lines[n].parts, p.text)
			lines[n].size = max(lines[n].size, p.size)
			continue
		}
		lines = append(lines, edge{page: page, text: p.text, parts: []string{p.text}, size: p.size, key: withoutDigits(p.text), base: p.base, orders: []int{p.order}})
	}
	if n := len(lines); n > 2 {
		lines[0].apart = lines[0].base-lines[1].base > 1.3*(lines[1].base-lines[2].base)
		lines[n-1].apart = lines[n-2].base-lines[n-1].base > 1.3*(lines[n-3].base-lines[n-2].base)
	}
	var all []edge
	for _, e := range lines[:min(len(lines), most)] {
		if e.top = true; e.base > s.height*(1-marginal) {
			all = append(all, e)
		}
	}
	for i := range min(len(lines), most) {
		if e := lines[len(lines)-1-i]; e.base < s.height*marginal {
			all = append(all, e)
		}
	}
	return all
}

// withoutDigits is a text with each number, also a Roman one that stands
// alone, as "#".
func withoutDigits(text string) string {
	if trimmed := strings.Trim(text, "-–—. "); trimmed != "" && strings.Trim(strings.ToLower(trimmed), "ivxlc") == "" {
		return "#"
	}
	var b strings.Builder
	number := false
	for _, r := range text {
		digit := unicode.IsDigit(r)
		if digit && !number {
			b.WriteByte('#')
		} else if !digit {
			b.WriteRune(r)
		}
		number = digit
	}
	return b.String()
}
