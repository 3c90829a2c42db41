package load

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMalformedTables(t *testing.T) {
	for _, test := range []struct{ name, text, problem, hint string }{
		{"quotation mark left open", "a,b\n1,2\n\"3,4\n5,6\n", "a quotation mark in line 3 is not closed", "close it"},
		{"and a very long row", "a,b\n1,\"" + strings.Repeat("long text, ", 1<<19), "a quotation mark in line 2 is not closed", "close it"},
		{"prose", "One, two, three, and four.\nA line.\nAnother, with a comma.\nNone here.\nYet another, longer, line.\n", "", ""},
		{"no common width", "a\nb,c\nd,e,f\ng,h,i,j\nk,l,m,n,o\n", "no number of them is usual", ".txt"},
		{"zero bytes", "a,b\n1,\x00\n", "a binary file", "footnote reads"},
		{"utf-16", "\xff\xfe" + utf16le("a,b\n1,2\n"), "not UTF-8 but UTF-16", "iconv -f UTF-16 -t UTF-8 a.csv > a.utf8.csv"},
		{"latin-1", "Ort,H\xf6he\nVik,12\n", "not UTF-8 (line 1)", "iconv -f WINDOWS-1252"},
		{"blank cells alone", ",,\n , ,\n", "no text to answer from", "write a row"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(folder(t, map[string]string{"a.csv": test.text}))
			_, err := Load(t.Context(), "a.csv")
			if test.problem == "" && err == nil {
				return
			}
			checkError(t, err, "a.csv", test.problem, test.hint)
		})
	}
}

func TestHeadersOfTables(t *testing.T) {
	for _, test := range []struct {
		name, text string
		kind       headerKind
	}{
		{"numbers below", "Item,Price\nSaw,12\nDrill,30", sureHeader},
		{"years as names", "Town,2023,2024\nVik,12.5,13\nHolm,9,8", sureHeader},
		{"words below", "Name,Town\nAda,Vik\nBo,Holm", likelyHeader},
		{"a date above dates", "2024-01-01,Vik\n2024-01-02,Holm", noHeader},
		{"a year above years", "Vik,2023\nHolm,2024", noHeader},
		{"an address", "ada@example.org,Ada\nbo@example.org,Bo", noHeader},
		{"the same word twice", "yes,yes\nno,yes", noHeader},
		{"a single row", "Item,Price", noHeader},
	} {
		var rows [][]string
		for line := range strings.Lines(test.text) {
			rows = append(rows, strings.Split(strings.TrimSpace(line), ","))
		}
		if got := headerOf(rows); got != test.kind {
			t.Errorf("%s: %d, want %d", test.name, got, test.kind)
		}
	}
}

func TestRowsHaveTheirCellsAndColumns(t *testing.T) {
	d, err := Parse("a.csv", []byte("sep=;\r\nItem;Price\r\n\r\n\"Saw; long\";12,50\r\nDrill;30;late\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	checkDocument(t, d)
	if len(d.Blocks) != 3 {
		t.Fatalf("blocks %+v", d.Blocks)
	}
	for i, want := range []string{"Item | Price", "Saw; long | 12,50", "Drill | 30 | late"} {
		b := d.Blocks[i]
		if got := d.Text[b.Start:b.End]; got != want {
			t.Errorf("row %q, want %q", got, want)
		}
		if i > 0 && b.Columns != "Item | Price" {
			t.Errorf("columns %q", b.Columns)
		}
	}
}

func TestManyRows(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads megabytes")
	}
	_, err := Parse("a.csv", []byte(strings.Repeat("a,b\n", maxRows+1)))
	checkError(t, err, "a.csv", "too many rows", "smaller files")
	_, err = Parse("a.csv", []byte(strings.Repeat(",", 20<<20)))
	checkError(t, err, "a.csv", "line 1 is not closed", "close it")
}

func FuzzCSV(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.?sv")
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	f.Add([]byte("sep=;\n\"a;b\n;;\"\";c\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse("a.csv", data)
		if err == nil {
			checkDocument(t, d)
		}
	})
}
