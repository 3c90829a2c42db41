package load

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/text"
)

// tableRows finds a table in the lines of a paragraph, in the form GitHub
// gave it: a row of headers, a row of dashes with as many cells, and rows of
// any number of cells. It returns the lines above it and the rows without the
// dashes; no rows if there is no table.
func tableRows(source []byte, lines []text.Segment) (above, rows []text.Segment) {
	for i := 1; i < len(lines); i++ {
		n := delimiters(lines[i].Value(source))
		if n == 0 || n != cells(lines[i-1].Value(source)) {
			continue
		}
		rows = append(rows, lines[i-1])
		return lines[:i-1], append(rows, lines[i+1:]...)
	}
	return lines, nil
}

// delimiters counts the cells of a row of dashes: "| --- | :-: |" has two.
func delimiters(line []byte) int {
	line = bytes.TrimSpace(line)
	if bytes.IndexByte(line, '|') < 0 {
		return 0
	}
	n := 0
	for cell := range bytes.SplitSeq(edgeless(line), []byte("|")) {
		cell = bytes.TrimSpace(cell)
		cell = bytes.TrimSuffix(bytes.TrimPrefix(cell, []byte(":")), []byte(":"))
		if len(cell) == 0 || len(bytes.Trim(cell, "-")) > 0 {
			return 0
		}
		n++
	}
	return n
}

// cells counts the cells of a row; "\|" is no border.
func cells(line []byte) int {
	line = edgeless(bytes.TrimSpace(line))
	return 1 + bytes.Count(line, []byte("|")) - bytes.Count(line, []byte(`\|`))
}

// rowCells are the cells of a row; "\|" is no border.
func rowCells(line []byte) []string {
	row := strings.ReplaceAll(string(edgeless(bytes.TrimSpace(line))), `\|`, "\x00")
	cells := strings.Split(row, "|")
	for i := range cells {
		cells[i] = strings.ReplaceAll(cells[i], "\x00", "|")
	}
	return cells
}

// unnamed reports whether a row of headers is empty.
func unnamed(line []byte) bool { return len(bytes.Trim(line, "| \t\r\n")) == 0 }

// edgeless is a row without the borders at its edges.
func edgeless(line []byte) []byte {
	line = bytes.TrimPrefix(line, []byte("|"))
	if !bytes.HasSuffix(line, []byte(`\|`)) {
		line = bytes.TrimSuffix(line, []byte("|"))
	}
	return line
}
