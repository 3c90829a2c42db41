package load

import (
	"encoding/xml"
	"strconv"
	"strings"
)

const (
	maxSpan  = 100  // columns of one cell
	maxCells = 1000 // of one row
)

// A wordTable is a table while it is read.
type wordTable struct {
	rows []wordRow
}

type wordRow struct {
	cells  []string
	paras  [][]paragraph // of each cell as it is written, for tables that are none
	spans  []int         // columns of each of them
	header bool
	bold   bool // all of it
	page   int
}

// readTable reads a table. A table of a single column or row only arranges
// what is in it, which is read as if it stood outside.
func (r *docxReader) readTable(sink func(*paragraph) error) error {
	var t wordTable
	if err := r.readRows(&t); err != nil {
		return err
	}
	if t.arranges() {
		for _, row := range t.rows {
			for _, cell := range row.paras {
				for i := range cell {
					if err := sink(&cell[i]); err != nil {
						return err
					}
				}
			}
		}
		return nil
	}
	r.tables++
	headers, columns, caption := t.header()
	for i, row := range t.rows {
		p := paragraph{page: row.page, row: &rowPlace{table: r.tables, header: i < headers && caption}}
		if i >= headers {
			p.row.columns = columns
		}
		writeRow(&p.text, row.cells)
		if err := sink(&p); err != nil {
			return err
		}
	}
	return nil
}

func (r *docxReader) readRows(t *wordTable) error {
	return r.xml.each(func(start xml.StartElement) error {
		switch start.Name.Local {
		case "tr":
			row := wordRow{page: r.page, bold: true}
			deleted := false
			if err := r.readRow(t, &row, &deleted); err != nil {
				return err
			}
			if len(trimmed(row.cells)) > 0 && !deleted {
				t.rows = append(t.rows, row)
			}
			return nil
		case "tblPr", "tblGrid", "del", "moveFrom", "sdtPr":
			return r.xml.skip()
		}
		return r.readRows(t)
	})
}

func (r *docxReader) readRow(t *wordTable, row *wordRow, deleted *bool) error {
	return r.xml.each(func(start xml.StartElement) error {
		switch start.Name.Local {
		case "trPr":
			return r.xml.each(func(start xml.StartElement) error {
				switch start.Name.Local {
				case "tblHeader":
					row.header = isOn(attribute(start, "val"), true)
				case "del":
					*deleted = true
				case "gridBefore":
					for range min(spanOf(start), maxSpan) {
						row.cells = append(row.cells, "")
					}
				}
				return r.xml.skip()
			})
		case "tc":
			return r.readCell(t, row)
		case "tblPrEx", "sdtPr":
			return r.xml.skip()
		}
		return r.readRow(t, row, deleted)
	})
}

func spanOf(start xml.StartElement) int {
	n, err := strconv.Atoi(attribute(start, "val"))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, maxSpan)
}

// readCell reads a cell into a row: one that goes on from the row above says
// what stands there, and one of several columns stands in the first of them.
func (r *docxReader) readCell(t *wordTable, row *wordRow) error {
	span, continues := 1, false
	var paras []paragraph
	keep := func(p *paragraph) error {
		if !p.blank() {
			paras = append(paras, *p)
			paras = append(paras, p.boxes...)
		}
		return nil
	}
	err := r.xml.each(func(start xml.StartElement) error {
		switch start.Name.Local {
		case "tcPr":
			return r.xml.each(func(start xml.StartElement) error {
				switch start.Name.Local {
				case "gridSpan":
					span = spanOf(start)
				case "vMerge":
					continues = attribute(start, "val") != "restart"
				}
				return r.xml.skip()
			})
		case "p":
			var p paragraph
			if err := r.readParagraph(&p); err != nil {
				return err
			}
			return keep(&p)
		case "tbl":
			return r.readTable(keep)
		case "sdtPr", "del", "moveFrom", "Fallback":
			return r.xml.skip()
		}
		return r.flow(keep)
	})
	if err != nil || len(row.cells)+span > maxCells {
		return err
	}
	text := row.cellText(paras)
	if at := len(row.cells); continues && text == "" && len(t.rows) > 0 && at < len(t.rows[len(t.rows)-1].cells) {
		text = t.rows[len(t.rows)-1].cells[at]
		if err := r.grow(len(text)); err != nil {
			return err
		}
	}
	if err := r.grow(paragraphCost * span); err != nil {
		return err
	}
	row.cells = append(row.cells, text)
	for range span - 1 {
		row.cells = append(row.cells, "")
	}
	row.paras, row.spans = append(row.paras, paras), append(row.spans, span)
	return nil
}

// cellText joins the paragraphs of a cell on one line.
func (row *wordRow) cellText(paras []paragraph) string {
	var parts []string
	for i := range paras {
		it := paras[i].item()
		if it.text == "" {
			continue
		}
		if len(row.cells) == 0 && len(parts) == 0 {
			row.page = it.page
		}
		row.bold = row.bold && it.bold
		parts = append(parts, it.text)
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// arranges reports whether a table is none: it has one row, or no row of it has
// two cells with text.
func (t *wordTable) arranges() bool {
	if len(t.rows) < 2 {
		return true
	}
	for _, row := range t.rows {
		filled := 0
		for _, cell := range row.cells {
			if cell != "" {
				filled++
			}
		}
		if filled > 1 {
			return false
		}
	}
	return true
}

// header finds the rows that name the columns, and the names; caption says that
// these rows say nothing else.
func (t *wordTable) header() (rows int, columns string, caption bool) {
	for rows < len(t.rows) && t.rows[rows].header {
		rows++
	}
	if rows > 0 && rows < len(t.rows) {
		return rows, t.names(rows), true
	}
	var sample [][]string
	for _, row := range t.rows[:min(len(t.rows), sampleRows)] {
		sample = append(sample, row.cells)
	}
	kind := headerOf(sample)
	if kind == noHeader {
		return 0, "", false
	}
	return 1, t.names(1), kind == sureHeader || t.rows[0].bold && !t.rows[1].bold
}

// names joins the names of columns, from several rows where there are: what is
// said of several columns is said of each.
func (t *wordTable) names(rows int) string {
	var names []string
	for i, row := range t.rows[:rows] {
		column := 0
		if i+1 < rows {
			row.cells = row.spread()
		}
		for ; column < len(row.cells); column++ {
			if column == len(names) {
				names = append(names, "")
			}
			if name := row.cells[column]; name != names[column] {
				names[column] = strings.TrimSpace(names[column] + " " + name)
			}
		}
	}
	return columnNames(names)
}

// spread are the cells with each in all its columns.
func (row *wordRow) spread() []string {
	spread := append([]string(nil), row.cells...)
	at := len(row.cells)
	for _, span := range row.spans {
		at -= span
	}
	for _, span := range row.spans {
		for i := 1; i < span; i++ {
			spread[at+i] = spread[at]
		}
		at += span
	}
	return spread
}
