package load

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	// maxCopied is how much the cells of a page that stand in several rows or
	// columns may add to it, in bytes with cellCost for each.
	maxCopied = 4 << 20
	cellCost  = 32
	// maxGrid is how many cells a table may have, those that are empty included.
	maxGrid = 500_000
)

// A grid is a table of a page with each cell in all its rows.
type grid struct {
	rows    [][]string
	headers int // rows of them alone at the top
}

// tidyTable replaces a table by one of plain cells below one row of headers. A
// table of a single row or column, or with another in it, only arranges what is
// in it, and is taken apart.
func tidyTable(table *html.Node, budget *int) {
	if table.Parent == nil {
		return
	}
	g := gridOf(table, budget)
	width := 0
	for _, row := range g.rows {
		width = max(width, len(trimmed(row)))
	}
	if role := nodeAttribute(table, "role"); len(g.rows) < 2 || len(g.rows)*width > maxGrid || width < 2 || role == "presentation" || role == "none" ||
		find(table, func(n *html.Node) bool { return n.DataAtom == atom.Table }) != nil {
		takeApart(table)
		return
	}
	plain := element(atom.Table)
	names := make([]string, width)
	body := g.rows
	if g.headers == 0 && headerOf(g.rows) == sureHeader {
		g.headers = 1
	}
	if g.headers > 0 && g.headers < len(g.rows) {
		names, body = joinNames(g.rows[:g.headers], width), g.rows[g.headers:]
	}
	head, rest := element(atom.Thead), element(atom.Tbody)
	head.AppendChild(plainRow(names, atom.Th, width))
	for _, row := range body {
		rest.AppendChild(plainRow(row, atom.Td, width))
	}
	plain.AppendChild(head)
	plain.AppendChild(rest)
	if caption := find(table, func(n *html.Node) bool { return n.DataAtom == atom.Caption }); caption != nil {
		p := element(atom.P)
		p.AppendChild(&html.Node{Type: html.TextNode, Data: oneLine(textOf(caption))})
		table.Parent.InsertBefore(p, table)
	}
	table.Parent.InsertBefore(plain, table)
	table.Parent.RemoveChild(table)
}

// joinNames joins the names that rows of headers give to each column.
func joinNames(rows [][]string, width int) []string {
	names := make([]string, width)
	for _, row := range rows {
		for i, name := range row[:min(len(row), width)] {
			if name != names[i] {
				names[i] = strings.TrimSpace(names[i] + " " + name)
			}
		}
	}
	return names
}

func element(a atom.Atom) *html.Node {
	return &html.Node{Type: html.ElementNode, DataAtom: a, Data: a.String()}
}

func plainRow(cells []string, kind atom.Atom, width int) *html.Node {
	tr := element(atom.Tr)
	for i := range width {
		td := element(kind)
		if i < len(cells) && cells[i] != "" {
			td.AppendChild(&html.Node{Type: html.TextNode, Data: strings.ReplaceAll(cells[i], "|", `\|`)})
		}
		tr.AppendChild(td)
	}
	return tr
}

// gridOf reads the rows of a table, without those of tables in it and without
// empty ones.
func gridOf(table *html.Node, budget *int) grid {
	var g grid
	var open []spanning // cells that go on below, by column
	for tr := range table.Descendants() {
		if tr.DataAtom != atom.Tr || owner(tr) != table || len(g.rows) > maxRows {
			continue
		}
		row := rowReader{open: open, budget: budget, headers: true}
		for cell := tr.FirstChild; cell != nil; cell = cell.NextSibling {
			if cell.DataAtom == atom.Td || cell.DataAtom == atom.Th {
				row.add(cell)
			}
		}
		row.fill(len(open))
		open = row.next
		if len(trimmed(row.cells)) == 0 {
			continue
		}
		if inHead := tr.Parent.DataAtom == atom.Thead; (row.headers || inHead) && g.headers == len(g.rows) {
			g.headers++
		}
		g.rows = append(g.rows, row.cells)
	}
	return g
}

// owner is the table that a node belongs to.
func owner(n *html.Node) *html.Node {
	for n = n.Parent; n != nil && n.DataAtom != atom.Table; {
		n = n.Parent
	}
	return n
}

// A spanning is a cell that stands in rows below too.
type spanning struct {
	text string
	rows int
}

type rowReader struct {
	cells   []string
	open    []spanning // from the row above
	next    []spanning // for the row below
	headers bool       // all cells are th
	budget  *int
}

// fill takes what goes on from above, up to the first free column below a limit.
func (r *rowReader) fill(limit int) {
	for len(r.cells) < limit {
		at := len(r.cells)
		if at < len(r.open) && r.open[at].rows > 0 {
			r.put(r.open[at].text, r.open[at].rows-1)
			continue
		}
		if limit > len(r.open) {
			return
		}
		r.put("", 0)
	}
}

func (r *rowReader) put(text string, rows int) {
	r.cells = append(r.cells, text)
	if *r.budget -= len(text) + cellCost; *r.budget < 0 {
		rows = 0
	}
	r.next = append(r.next, spanning{text, rows})
}

func (r *rowReader) add(cell *html.Node) {
	if len(r.cells) >= maxCells {
		return
	}
	r.fill(maxCells + len(r.open))
	text := oneLine(textOf(cell))
	rows, columns := spanAttribute(cell, "rowspan")-1, spanAttribute(cell, "colspan")
	r.headers = r.headers && cell.DataAtom == atom.Th
	*r.budget += len(text) + cellCost // it is there anyway
	r.put(text, rows)
	for range columns - 1 {
		if *r.budget < 0 {
			return
		}
		if cell.DataAtom != atom.Th {
			text = ""
		}
		r.put(text, rows)
	}
}

func spanAttribute(n *html.Node, key string) int {
	span, err := strconv.Atoi(strings.TrimSpace(nodeAttribute(n, key)))
	if err != nil || span < 1 {
		return 1
	}
	return min(span, maxSpan)
}

// takeApart puts what is in a table's cells in its place, each in a block.
func takeApart(table *html.Node) {
	for n := range table.Descendants() {
		switch n.DataAtom {
		case atom.Tbody, atom.Thead, atom.Tfoot, atom.Tr, atom.Td, atom.Th, atom.Caption, atom.Colgroup:
			if owner(n) == table {
				n.DataAtom, n.Data, n.Attr = atom.Div, "div", nil
			}
		}
	}
	table.DataAtom, table.Data, table.Attr = atom.Div, "div", nil
}
