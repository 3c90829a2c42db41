package load

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"footnote/corpus"
)

const (
	// maxRows is how many rows are read from one file: each is a passage.
	maxRows = 500_000
	// maxRowLines and maxRowSize are how many lines and bytes a row may have:
	// more are a quotation mark that nothing closes.
	maxRowLines = 1000
	maxRowSize  = 4 << 20
	// mostAbove is how many lines may stand above a table.
	mostAbove = 10
)

// parseCSV makes a document of a table in a text file. Each row that is not
// blank is a line of its text and a block: the cells as they are, with " | "
// between them, since a comma between figures would be read as a part of them.
// The names of the columns stand beside the block. Lines above the table that
// have one cell only are paragraphs.
func parseCSV(name string, data []byte) (corpus.Document, error) {
	if bytes.IndexByte(data, '\n') < 0 { // lines of old Macs
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	}
	t := &table{data: data, start: len(data) - len(bytes.TrimPrefix(data, []byte("\uFEFF")))}
	t.sniff(strings.EqualFold(path.Ext(name), ".tsv"))
	rows, err := t.read(false)
	if err != nil && errors.Is(err, csv.ErrBareQuote) || errors.Is(err, csv.ErrQuote) {
		rows, err = t.read(true) // quotation marks inside of cells
	}
	if err != nil {
		return corpus.Document{}, err
	}
	d := corpus.NewDocument(name, t.text.String(), corpus.FrontMatter{}, blocksOf(rows))
	// A date or a name in a row is about the row.
	d.Author, d.Date, d.YearOnly, d.DateInferred = "", time.Time{}, false, false
	return d, nil
}

// A table is a text file of rows.
type table struct {
	data      []byte
	start     int // of the first row
	delimiter rune
	text      strings.Builder // what was read
}

// A row is one that is not blank.
type row struct {
	cells      []string // of the first rows alone
	width      int      // how many cells it has
	start, end int      // in the text
}

// sniff finds the delimiter: the one that cuts most of the first rows into the
// same number of cells, and of several that do, into the most.
func (t *table) sniff(tabs bool) {
	t.delimiter = ','
	if tabs {
		t.delimiter = '\t'
	}
	if line, rest, ok := bytes.Cut(t.data[t.start:], []byte("\n")); ok && len(bytes.TrimSpace(line)) == 5 && bytes.HasPrefix(line, []byte("sep=")) {
		t.delimiter, t.start = rune(line[4]), len(t.data)-len(rest) // as Excel writes it
		return
	}
	best, most := 0.0, 1
	for _, delimiter := range [...]rune{t.delimiter, ',', ';', '\t', '|'} {
		share, cells := t.try(delimiter)
		if share > best || share == best && cells > most {
			t.delimiter, best, most = delimiter, share, cells
		}
	}
}

// try reads the first rows with a delimiter. It returns the most frequent
// number of cells, and the share of rows that have it; 0 if that number is 1.
func (t *table) try(delimiter rune) (share float64, cells int) {
	const enough = 64 << 10
	r := newReader(bytes.NewReader(t.data[t.start:min(len(t.data), t.start+enough)]), delimiter, true)
	counts, n := map[int]int{}, 0
	for range sampleRows {
		record, err := r.Read()
		if err != nil {
			break
		}
		n++
		counts[len(record)]++
	}
	for width, count := range counts {
		if count > counts[cells] || count == counts[cells] && width > cells {
			cells = width
		}
	}
	if cells < 2 {
		return 0, 1
	}
	return float64(counts[cells]) / float64(n), cells
}

func newReader(data io.Reader, delimiter rune, lazy bool) *csv.Reader {
	r := csv.NewReader(data)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = delimiter, lazy, -1
	return r
}

var errLongRow = errors.New("a row is too long")

// A rowLimit gives no more than maxRowSize bytes to a row.
type rowLimit struct {
	data *bytes.Reader
	left int
}

func (r *rowLimit) Read(p []byte) (int, error) {
	n, err := r.data.Read(p[:min(len(p), r.left)])
	if r.left -= n; n == 0 && r.left == 0 {
		return 0, errLongRow
	}
	return n, err
}

// read reads all rows that are not blank. With lazy, a quotation mark may stand
// inside of a cell.
func (t *table) read(lazy bool) ([]row, error) {
	t.text.Reset()
	limit := &rowLimit{data: bytes.NewReader(t.data[t.start:])}
	r := newReader(limit, t.delimiter, lazy)
	var rows []row
	for from := t.start; ; {
		limit.left = maxRowSize
		cells, err := r.Read()
		to := t.start + int(r.InputOffset())
		if err == io.EOF {
			return rows, ragged(rows)
		}
		if errors.Is(err, errLongRow) {
			return nil, t.unclosed(from)
		}
		if err != nil {
			return nil, t.malformed(err)
		}
		part := t.data[from:to]
		if bytes.Count(part, []byte("\n")) > maxRowLines || lazy && to == len(t.data) && bytes.Count(part, []byte(`"`))%2 == 1 {
			return nil, t.unclosed(from)
		}
		from = to
		start := t.text.Len()
		if writeRow(&t.text, cells); t.text.Len() == start {
			continue
		}
		if len(rows) == maxRows {
			return nil, &Error{Kind: TooLarge, Problem: fmt.Sprintf("it has too many rows (more than %d)", maxRows), Hint: "cut it into smaller files, put them in a folder and name that"}
		}
		next := row{width: len(cells), start: start, end: t.text.Len()}
		t.text.WriteByte('\n')
		if len(rows) < sampleRows+mostAbove {
			next.cells = cells
		}
		rows = append(rows, next)
	}
}

func (t *table) malformed(err error) error {
	p, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return err
	}
	e := &Error{
		Kind: Damaged, Problem: fmt.Sprintf("it is no table that can be read (line %d, column %d: %v)", t.line(p.Line), p.Column, p.Err),
		Hint: "mend that line; if the file is no table, call it .txt", Err: err,
	}
	if errors.Is(err, csv.ErrQuote) && p.StartLine < p.Line {
		e.Problem = fmt.Sprintf("a quotation mark in line %d is not closed", t.line(p.StartLine))
	}
	return e
}

// line counts the lines before the first row in.
func (t *table) line(n int) int { return n + bytes.Count(t.data[:t.start], []byte("\n")) }

func (t *table) unclosed(from int) error {
	start := from + len(t.data[from:]) - len(bytes.TrimLeft(t.data[from:], "\r\n"))
	return &Error{
		Kind: Damaged, Problem: fmt.Sprintf("a quotation mark in line %d is not closed", 1+bytes.Count(t.data[:start], []byte("\n"))),
		Hint: "close it, or write it twice if it belongs to the text",
	}
}

// ragged is the error for rows that have no number of cells in common. Rows may
// be shorter than most, and some longer.
func ragged(rows []row) error {
	counts := map[int]int{}
	for _, r := range rows {
		counts[r.width]++
	}
	const leastShare = 4 // one in so many rows has the usual number
	usual := usualWidth(counts)
	longer := 0
	for width, n := range counts {
		if width > usual {
			longer += n
		}
	}
	if longer*2 <= len(rows) && counts[usual]*leastShare >= len(rows) {
		return nil
	}
	return &Error{
		Kind: Damaged, Problem: fmt.Sprintf("it is no table: its %d rows have between 1 and %d cells, and no number of them is usual", len(rows), widest(counts)),
		Hint: "separate cells by commas, semicolons, tabs or |; if the file is no table, call it .txt",
	}
}

// usualWidth is the number of cells that most rows have.
func usualWidth(counts map[int]int) int {
	usual := 0
	for width, n := range counts {
		if n > counts[usual] || n == counts[usual] && width > usual {
			usual = width
		}
	}
	return usual
}

func widest(counts map[int]int) int {
	most := 0
	for width := range counts {
		most = max(most, width)
	}
	return most
}

// blocksOf makes the blocks of rows. Those of a single cell above the table are
// paragraphs; its header is a caption if it plainly is one.
func blocksOf(rows []row) []corpus.Block {
	above := linesAbove(rows)
	var sample [][]string
	for _, r := range rows[above:min(len(rows), above+sampleRows)] {
		sample = append(sample, r.cells)
	}
	header, columns := headerOf(sample), ""
	blocks := make([]corpus.Block, 0, len(rows))
	for i, r := range rows {
		b := corpus.Block{Start: r.start, End: r.end}
		switch {
		case i < above, header == noHeader:
		case i > above:
			b.Columns = columns
		default:
			columns = columnNames(r.cells)
			if header == sureHeader {
				b.Kind = corpus.Caption
			}
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// linesAbove counts the rows of a single cell before the first of several, as
// spreadsheets have a title above the table.
func linesAbove(rows []row) int {
	for i, r := range rows[:min(len(rows), mostAbove)] {
		if len(trimmed(r.cells)) > 1 {
			return i
		}
	}
	return 0
}
