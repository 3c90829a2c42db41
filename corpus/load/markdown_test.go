package load

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"footnote/corpus"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// list describes a document, its blocks and the heading path of its passages.
func list(d corpus.Document) string {
	var b strings.Builder
	date := "no date"
	if !d.Date.IsZero() {
		date = d.Date.Format(time.DateOnly)
	}
	fmt.Fprintf(&b, "%s (%s, inferred: %t)\n", d.Title, date, d.DateInferred)
	paths := map[int]string{}
	for _, p := range corpus.Segment(d) {
		paths[p.Paragraph] = strings.Join(p.Headings, " › ")
	}
	for _, block := range d.Blocks {
		kind := [...]string{"paragraph", "heading", "caption"}[block.Kind]
		if block.Kind == corpus.Heading {
			kind += fmt.Sprintf(" %d %q", block.Level, block.Title)
		}
		fmt.Fprintf(&b, "%d %s %d-%d %q", block.Number, kind, block.Start, block.End, d.Text[block.Start:block.End])
		if path := paths[block.Number]; path != "" {
			fmt.Fprintf(&b, " below %s", path)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestMarkdownMatchesGoldenBlocks(t *testing.T) {
	files, err := filepath.Glob("testdata/*.md")
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
			got, golden := list(docs[0]), strings.TrimSuffix(file, ".md")+".golden"
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

// checkDocument fails unless d's blocks are numbered, in order and apart, and
// its passages are slices of them.
func checkDocument(t *testing.T, d corpus.Document) {
	t.Helper()
	onRune := func(i int) bool { return i == len(d.Text) || utf8.RuneStart(d.Text[i]) || !utf8.ValidString(d.Text) }
	at := 0
	for i, b := range d.Blocks {
		if b.Number != i+1 || b.Start < at || b.End <= b.Start || b.End > len(d.Text) || !onRune(b.Start) || !onRune(b.End) {
			t.Fatalf("block %d of %d bytes is %+v after %d", i+1, len(d.Text), b, at)
		}
		if text := d.Text[b.Start:b.End]; strings.TrimFunc(text, unicode.IsSpace) != text {
			t.Fatalf("white space around %q", text)
		}
		for n, turn := range b.Turns {
			if b.Page == 0 || turn < b.Start || turn >= b.End || !onRune(turn) || n > 0 && turn < b.Turns[n-1] {
				t.Fatalf("block %+v turns at %d", b, turn)
			}
		}
		at = b.End
	}
	ids := map[string]bool{}
	for _, p := range corpus.Segment(d) {
		b := d.Blocks[p.Paragraph-1]
		if b.Kind != corpus.Paragraph || p.Start < b.Start || p.End > b.End || p.Text != d.Text[p.Start:p.End] || ids[p.ID] {
			t.Fatalf("passage %+v is not in its block %+v", p, b)
		}
		ids[p.ID] = true
	}
}

func TestMarkdownTitle(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a.md", "---\ntitle: Front\n---\n# Heading", "Front"},
		{"a.md", "Text first.\n\n# The *heading*\n\nText.", "The heading"},
		{"flow-of-the-river.md", "## Stations\n\nText.", "Flow of the river"},
	} {
		if got := markdown(test.name, test.text).Title; got != test.want {
			t.Errorf("%q: title %q, want %q", test.text, got, test.want)
		}
	}
}

func TestMarkdownNestedDeeply(t *testing.T) {
	for _, mark := range []string{">", "- ", "[", "*a ", "`", "![", "<!--"} {
		checkDocument(t, markdown("deep.md", strings.Repeat(mark, 2_000)+"text"))
	}
}

func FuzzMarkdown(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.md")
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(source))
	}
	f.Add("a | b\n-|-\n\\|c | d\n")
	f.Add("- > 1. # x\n\t\tcode\n  lazy")
	f.Add("* a\n\n\tb\r\n\r\n~~~\n\u00a0\n")
	f.Fuzz(func(t *testing.T, source string) {
		d := markdown("fuzz.md", source)
		checkDocument(t, d)
		// Without links, HTML and fences, all that is outside is marks.
		if strings.ContainsAny(source, "[<`~") {
			return
		}
		at := corpus.ParseFrontMatter(source).End
		for _, b := range append(d.Blocks, corpus.Block{Start: len(source), End: len(source)}) {
			for _, r := range source[at:b.Start] {
				if unicode.IsLetter(r) {
					t.Fatalf("%q is in no block", source[at:b.Start])
				}
			}
			at = b.End
		}
	})
}
