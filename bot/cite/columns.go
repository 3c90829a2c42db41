package cite

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"footnote/corpus"
)

// A cell of a row of a table, with the name of its column.
type cell struct{ name, text string }

// cellsOf pairs the cells of a row with the names of their columns. It is nil
// for other passages, and for a part of a row so long that it was cut.
func cellsOf(c *corpus.Corpus, p corpus.Passage) []cell {
	d, ok := c.Document(p.Document)
	if p.Columns == "" || !ok || p.Paragraph < 1 || p.Paragraph > len(d.Blocks) {
		return nil
	}
	if b := d.Blocks[p.Paragraph-1]; b.Start != p.Start || b.End != p.End {
		return nil
	}
	names, texts := splitRow(p.Columns), splitRow(p.Text)
	cells := make([]cell, 0, len(texts))
	for i, text := range texts[:min(len(texts), len(names))] {
		cells = append(cells, cell{strings.TrimSpace(names[i]), strings.TrimSpace(text)})
	}
	return cells
}

// splitRow cuts a row at its borders; those at its edges and "\|" are none.
func splitRow(row string) []string {
	row = strings.ReplaceAll(strings.TrimSpace(row), `\|`, "\x00")
	if strings.HasPrefix(row, "|") && strings.HasSuffix(row, "|") && len(row) > 1 {
		row = row[1 : len(row)-1]
	}
	cells := strings.Split(row, "|")
	for i := range cells {
		cells[i] = strings.ReplaceAll(cells[i], "\x00", "|")
	}
	return cells
}

// measured are the cells' figures with the units that stand in the names of
// their columns: below "Weight (kg)", 5 is 5 kg.
func measured(cells []cell) []string {
	var texts []string
	for _, c := range cells {
		if !strings.ContainsFunc(c.text, unicode.IsDigit) {
			continue
		}
		if unit := unitOf(c.name); unit != "" {
			texts = append(texts, c.text+" "+unit, unit+" "+c.text, c.text+unit)
		}
	}
	return texts
}

// unitOf is the unit that a column's name has in brackets, or after "in" or a
// comma; "" if there is none.
func unitOf(name string) string {
	const longest = 40 // bytes
	unit := ""
	if open := strings.LastIndexAny(name, "(（["); open >= 0 {
		unit = strings.TrimLeft(name[open:], "(（[")
		if end := strings.IndexAny(unit, ")）]"); end >= 0 {
			unit = unit[:end]
		}
	} else if _, after, ok := strings.Cut(name, " in "); ok {
		unit = after
	} else if at := strings.LastIndexAny(name, ",，"); at >= 0 {
		unit = strings.TrimLeft(name[at:], ",，")
	}
	if unit = strings.TrimPrefix(strings.TrimSpace(unit), "in "); len(unit) > longest {
		return ""
	}
	for _, many := range []string{"thousand", "million", "billion"} {
		if rest, ok := strings.CutPrefix(unit, many+"s"); ok {
			return many + strings.TrimPrefix(rest, " of")
		}
	}
	return unit
}

// checkColumns returns why a figure that names a column of a cited row, such as
// a year, stands above none of the cells that the sentence speaks of.
func (s *sentence) checkColumns(cited []*evidence) string {
	for _, q := range s.quantities {
		if slices.ContainsFunc(cited, func(e *evidence) bool { return e.stated.holds(q) || e.besideOf(q, s) }) {
			continue
		}
		if slices.ContainsFunc(cited, func(e *evidence) bool { return e.heads(q) }) {
			return strconv.Quote(q.text) + " stands above another column of the cited row"
		}
	}
	return ""
}

// heads reports whether a quantity stands in the name of a column.
func (e *evidence) heads(q quantity) bool {
	return slices.ContainsFunc(e.cells, func(c cell) bool { return newFigures(c.name).holds(q) })
}

// besideOf reports whether a sentence states a cell below a column's name that
// holds a quantity.
func (e *evidence) besideOf(q quantity, s *sentence) bool {
	return slices.ContainsFunc(e.cells, func(c cell) bool {
		if c.text == "" || !newFigures(c.name).holds(q) {
			return false
		}
		figures := newFigures(append(measured([]cell{c}), c.text)...)
		if slices.ContainsFunc(s.quantities, figures.holds) {
			return true
		}
		stems := stemsOf(wordsOf(c.text))
		return len(stems) > 0 && share(stems, func(st string) bool { return slices.Contains(s.stems, st) }) >= 0.5
	})
}
