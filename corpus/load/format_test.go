package load

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"footnote/corpus"
)

// listPlaces is [list] with the author, and with the page and columns of each
// block.
func listPlaces(d corpus.Document) string {
	lines := strings.Split(strings.TrimSuffix(list(d), "\n"), "\n")
	if d.Author != "" {
		lines[0] += " by " + d.Author
	}
	for i, b := range d.Blocks {
		if b.Page > 0 {
			lines[i+1] += fmt.Sprintf(" on page %d", b.Page)
		}
		for _, turn := range b.Turns {
			lines[i+1] += fmt.Sprintf(", turning at %.12q", d.Text[turn:])
		}
		if b.Columns != "" {
			lines[i+1] += " of " + b.Columns
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestFilesMatchGoldenBlocks(t *testing.T) {
	for _, pattern := range []string{"*.csv", "*.tsv", "*.docx", "*.html"} {
		files, err := filepath.Glob("testdata/" + pattern)
		if err != nil || len(files) == 0 {
			t.Fatal("no test files", pattern, err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				docs, err := Load(t.Context(), file)
				if err != nil {
					t.Fatal(err)
				}
				checkDocument(t, docs[0])
				got, golden := listPlaces(docs[0]), file+".golden"
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
}
