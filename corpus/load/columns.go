package load

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A heading row of a table may be plain from how it is marked or from what
// stands below it, or it may be likely only.
type headerKind uint8

const (
	noHeader headerKind = iota
	// likelyHeader names the columns, but may be a row like the others: it is
	// still answered from, so that nothing is lost.
	likelyHeader
	// sureHeader names the columns, and says nothing.
	sureHeader
)

// sampleRows is how many rows are looked at to find out about a table.
const sampleRows = 50

// headerOf finds out whether the first of rows names the columns: none of its
// cells may be a value (a number, a date), and it is surely so when there are
// values below, or when its names are years.
func headerOf(rows [][]string) headerKind {
	if len(rows) < 2 {
		return noHeader
	}
	names, below := rows[0], rows[1:min(len(rows), sampleRows)]
	filled, seen := 0, map[string]bool{}
	kind := likelyHeader
	for i, name := range names {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		filled++
		valued, yearly := valuesIn(below, i)
		switch {
		case seen[name] && !isYear(name), utf8.RuneCountInString(name) > 100:
			return noHeader
		case isYear(name) && yearly, isValue(name) && !isYear(name):
			return noHeader
		case valued:
			kind = sureHeader
		}
		seen[name] = true
	}
	if filled == 0 || filled*2 < len(names) {
		return noHeader
	}
	return kind
}

// valuesIn reports whether most cells of a column are values, and whether most
// are years.
func valuesIn(rows [][]string, column int) (valued, yearly bool) {
	cells, values, years := 0, 0, 0
	for _, row := range rows {
		if column >= len(row) {
			continue
		}
		cell := strings.TrimSpace(row[column])
		if cell == "" || cell == "-" || cell == "–" {
			continue
		}
		cells++
		if isValue(cell) {
			values++
		}
		if isYear(cell) {
			years++
		}
	}
	return cells > 0 && values*2 > cells, cells > 0 && years*2 > cells
}

func isYear(cell string) bool {
	n, err := strconv.Atoi(cell)
	return err == nil && len(cell) == 4 && n >= 1500 && n < 2200
}

// isValue reports whether a cell is an amount, a date, an address or the like:
// at least half of its signs are digits, or it is an address.
func isValue(cell string) bool {
	if strings.Contains(cell, "://") || strings.Contains(cell, "@") && !strings.Contains(cell, " ") {
		return true
	}
	digits, others := 0, 0
	for _, r := range cell {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			others++
		}
	}
	return digits > 0 && digits >= others
}

// columnNames joins the names of columns; "" where there are none.
func columnNames(cells []string) string {
	var b strings.Builder
	writeRow(&b, cells)
	return b.String()
}

// writeRow writes cells as a line, with " | " between them; nothing where all
// are empty.
func writeRow(b *strings.Builder, cells []string) {
	start := b.Len()
	for i, cell := range trimmed(cells) {
		switch {
		case i == 0:
		case b.Len() == start:
			b.WriteByte('|')
		default:
			b.WriteString(" |")
		}
		if cell != "" && b.Len() > start {
			b.WriteByte(' ')
		}
		b.WriteString(cell)
	}
}

// trimmed are cells on one line each, without empty ones at the end.
func trimmed(cells []string) []string {
	all := make([]string, len(cells))
	last := 0
	for i, cell := range cells {
		if all[i] = strings.Join(strings.Fields(cell), " "); all[i] != "" {
			last = i + 1
		}
	}
	return all[:last]
}
