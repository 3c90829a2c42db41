package load

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"footnote/corpus"
)

// listPages describes a document's blocks with the pages that they begin on, and
// ⏎ where a further page begins.
func listPages(d corpus.Document) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", d.Title)
	for _, block := range d.Blocks {
		fmt.Fprintf(&b, "page %d: %s", block.Page, strings.Repeat("#", block.Level))
		if block.Columns != "" {
			fmt.Fprintf(&b, "[%s] ", block.Columns)
		}
		from := block.Start
		for _, turn := range block.Turns {
			b.WriteString(d.Text[from:turn] + "⏎")
			from = turn
		}
		fmt.Fprintf(&b, "%s\n", d.Text[from:block.End])
	}
	return b.String()
}

func TestPDFMatchesGoldenPassages(t *testing.T) {
	files, err := filepath.Glob("testdata/*.pdf")
	if err != nil || len(files) == 0 {
		t.Fatal("no test files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			docs, err := Load(t.Context(), file)
			if err != nil {
				t.Fatal(err)
			}
			checkDocument(t, docs[0])
			got, golden := listPages(docs[0]), file+".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestPDFErrorsNameTheFileAndTheRemedy(t *testing.T) {
	water, err := os.ReadFile("testdata/water.pdf")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, file    string
		problem, hint string
	}{
		{"password", "pdf/testdata/secret.pdf", "only with a password", "qpdf --password=PASSWORD --decrypt pdf/testdata/secret.pdf"},
		{"scan", "pdf/testdata/scan.pdf", "without text", "ocrmypdf pdf/testdata/scan.pdf out.pdf"},
	} {
		_, err := Load(t.Context(), test.file)
		checkError(t, err, test.file, test.problem, test.hint)
	}
	_, err = Parse("a b.pdf", water[:len(water)/9])
	checkError(t, err, "a b.pdf", "damaged PDF", "qpdf 'a b.pdf' mended.pdf")
	_, err = Parse("a.pdf", []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Kids[]>>endobj"))
	checkError(t, err, "a.pdf", "without pages", "other programs")
	_, err = Parse("a.pdf", []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Kids[3 0 R]>>endobj 3 0 obj<<>>endobj"))
	checkError(t, err, "a.pdf", "no text to answer from", "other programs")
}

func TestPDFTitle(t *testing.T) {
	for file, want := range map[string]string{
		"testdata/water.pdf": "The Harrowmere Water Works", "testdata/qinghe.pdf": "青禾镇供水年度报告", "testdata/darwin.pdf": "On the Origin of Species",
	} {
		docs, err := Load(t.Context(), file)
		if err != nil || docs[0].Title != want || docs[0].TitleInferred {
			t.Errorf("%s: title %q (inferred: %t), %v", file, docs[0].Title, docs[0].TitleInferred, err)
		}
	}
}

func FuzzPDF(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.pdf")
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if d, err := parsePDF("fuzz.pdf", data); err == nil {
			checkDocument(t, d)
		}
	})
}
