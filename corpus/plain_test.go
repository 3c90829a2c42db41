package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// list describes a document and its blocks, one a line.
func list(d Document) string {
	var b strings.Builder
	date := "no date"
	if !d.Date.IsZero() {
		date = d.Date.Format(time.DateOnly)
	}
	fmt.Fprintf(&b, "%s (%s, inferred: %t)\n", d.Title, date, d.DateInferred)
	for _, block := range d.Blocks {
		kind := [...]string{"paragraph", "heading", "caption"}[block.Kind]
		if block.Kind == Heading {
			kind += fmt.Sprint(" ", block.Level)
		}
		text := d.Text[block.Start:block.End]
		if len(text) > 120 {
			text = strings.ToValidUTF8(text[:60], "") + " [...] " + strings.ToValidUTF8(text[len(text)-40:], "")
		}
		fmt.Fprintf(&b, "%d %s %d-%d %q\n", block.Number, kind, block.Start, block.End, text)
	}
	return b.String()
}

func TestPlainMatchesGoldenBlocks(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no test files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d := Plain(filepath.Base(file), string(text))
			checkDocument(t, d)
			got, golden := list(d), strings.TrimSuffix(file, ".txt")+".golden"
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

// checkDocument fails unless d's blocks are numbered, in order, apart and
// verbatim, and its passages are slices of them with IDs of their own.
func checkDocument(t *testing.T, d Document) {
	t.Helper()
	at := 0
	for i, b := range d.Blocks {
		if b.Number != i+1 || b.Start < at || b.End <= b.Start || b.End > len(d.Text) {
			t.Fatalf("block %d of %d bytes is %+v after %d", i+1, len(d.Text), b, at)
		}
		text := d.Text[b.Start:b.End]
		if strings.TrimFunc(text, unicode.IsSpace) != text {
			t.Fatalf("white space around %q", text)
		}
		if !onRune(d.Text, b.Start) || !onRune(d.Text, b.End) {
			t.Fatalf("%q cuts a rune", text)
		}
		if (b.Kind == Heading) != (b.Level > 0) {
			t.Fatalf("kind %d has level %d", b.Kind, b.Level)
		}
		at = b.End
	}
	ids := map[string]bool{}
	at = 0
	for _, p := range Segment(d) {
		b := d.Blocks[p.Paragraph-1]
		if b.Kind != Paragraph || p.Start < max(at, b.Start) || p.End > b.End || p.Text != d.Text[p.Start:p.End] {
			t.Fatalf("passage %+v is not in its block %+v after %d", p, b, at)
		}
		if strings.TrimFunc(p.Text, unicode.IsSpace) != p.Text || p.Text == "" {
			t.Fatalf("white space around %q", p.Text)
		}
		if len(p.ID) != 24 || ids[p.ID] {
			t.Fatalf("ID %q is not new", p.ID)
		}
		if n := countUnits(p.Text); n > maxWords*wordUnits {
			t.Fatalf("a passage has %d words", n/wordUnits)
		}
		ids[p.ID] = true
		at = p.End
	}
}

// outside is the text of a document, from an offset on, that is in no block, without white space.
func outside(d Document, from int) string {
	var b strings.Builder
	for _, block := range d.Blocks {
		b.WriteString(d.Text[from:block.Start])
		from = block.End
	}
	b.WriteString(d.Text[from:])
	return strings.Join(strings.Fields(b.String()), "")
}

func TestReportIsBundledByteForByte(t *testing.T) {
	const want = "bf36d1f1301b945f32c589ea7d91dbb54b822f66808a54cc0ab8ee41baf187ff"
	d := Report()
	sum := sha256.Sum256([]byte(d.Text))
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("SHA-256 is %s, want %s", got, want)
	}
	file, err := os.ReadFile("../../shared/report.txt")
	if err != nil {
		t.Skip("no report beside the repository")
	}
	if string(file) != d.Text {
		t.Error("differs from the file")
	}
}

func TestReportIsReadAsItsReaderWould(t *testing.T) {
	d := Report()
	checkDocument(t, d)
	if len(d.Blocks) != 41 || d.Title != "Report" || d.Date.Year() != 2023 || !d.DateInferred {
		t.Errorf("%d blocks, title %q, date %v (inferred: %t)", len(d.Blocks), d.Title, d.Date, d.DateInferred)
	}
	for number, kind := range map[int]BlockKind{7: Paragraph, 8: Caption, 9: Heading, 10: Paragraph, 23: Paragraph, 26: Heading} {
		if got := d.Blocks[number-1].Kind; got != kind {
			t.Errorf("block %d is of kind %d, want %d", number, got, kind)
		}
	}
}

func TestParagraphsOfSuitesAreNonBlankLines(t *testing.T) {
	files, _ := filepath.Glob("../../shared/golden/*/*.txt")
	if len(files) == 0 {
		t.Skip("no suites beside the repository")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d := Plain(filepath.Base(file), string(text))
		checkDocument(t, d)
		i := 0
		for line := range strings.Lines(d.Text) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if i >= len(d.Blocks) || d.Text[d.Blocks[i].Start:d.Blocks[i].End] != line {
				t.Errorf("%s: line %d is not block %d", file, i+1, i+1)
				break
			}
			i++
		}
		if len(d.Blocks) != i {
			t.Errorf("%s: %d blocks for %d lines", file, len(d.Blocks), i)
		}
	}
}

const longLine = "This is a paragraph of some length, which goes on for quite a while so that it is longer than what stands above it."

func TestPlainTellsHeadingsFromOtherLines(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       string // a letter a block: p, c, or the heading's level
	}{
		{"short line above a paragraph", "Competition and elimination\n" + longLine, "1p"},
		{"several headings in a row", "Competition\nFirst round\n" + longLine, "11p"},
		{"heading above a caption", "Competition\nPhoto: Jane Doe\n" + longLine, "1cp"},
		{"full stop", "It was over.\n" + longLine, "pp"},
		{"nothing below", longLine + "\nThe end of it", "pp"},
		{"short lines only", "One\nTwo", "pp"},
		{"headings and captions only", "Photo: Jane Doe", "p"},
		{"list of short lines", longLine + "\nApples\nPears\nPlums\nCherries\n" + longLine, "pppppp"},
		{"reply", "Did they agree?\nYes they did\n" + longLine, "ppp"},
		{"lone yes", longLine + "\nYes\n" + longLine, "ppp"},
		{"list item", "- Competition\n" + longLine, "pp"},
		{"table row", "Year\tCount\n2023\t254\n" + longLine, "ppp"},
		{"key and value", "Pages: 12\n" + longLine, "pp"},
		{"decimal numbers", "2 Method\n" + longLine + "\n2.1 Sample\n" + longLine + "\n2.1.3 Age\n" + longLine, "1p2p3p"},
		{"numbered list", "1. Wash them\n2. Peel them\n3. Eat them\n" + longLine, "pppp"},
		{"amount at the start", "3.5 billion people\n" + longLine, "1p"},
		{"chapters", "Chapter 3\n" + longLine + "\nSection 1: Rain\n" + longLine, "1p2p"},
		{"sections only", "Section 1: Rain\n" + longLine, "1p"},
		{"roman numbers", "IV. Results\n" + longLine, "1p"},
		{"capitals", "RESULTS OF THE SURVEY\n" + longLine, "1p"},
		{"underlined", "results so far\n--------------\n" + longLine, "2cp"},
		{"rule", longLine + "\n----------\n" + longLine, "pcp"},
		{"chinese chapters", "第三章 结果\n" + longLine + "\n第二节 降水\n" + longLine, "1p2p"},
		{"chinese items", "一、背景\n" + longLine + "\n（一）降水\n" + longLine, "1p2p"},
		{"question", "What is a large model?\n" + longLine, "pp"},
		{"introduces a list", "You need the following:\n" + longLine, "pp"},
		{"credits", longLine + "\nImage source: vision china\n图片来源：视觉中国\n资料来源：统计局\n© 2023 Jane Doe", "pcccc"},
		{"a source that tells something", "Source: we asked 1,200 people in three cities by telephone, and most of them answered on the first day.", "p"},
		{"label of a figure", longLine + "\nFigure 3: Flow by year\nFigure 4 shows how the flow fell.", "pcp"},
		{"byline", "The River\nBy Jane Doe\n12 December 2023\n" + longLine, "1ppp"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got strings.Builder
			d := Plain("test.txt", test.text)
			checkDocument(t, d)
			for _, b := range d.Blocks {
				switch b.Kind {
				case Heading:
					fmt.Fprint(&got, b.Level)
				case Caption:
					got.WriteByte('c')
				default:
					got.WriteByte('p')
				}
			}
			if got.String() != test.want {
				t.Errorf("got %s, want %s", got.String(), test.want)
			}
		})
	}
}

func TestPlainFindsTheDate(t *testing.T) {
	year := strings.Repeat("In 2023 it grew. ", 3)
	for _, test := range []struct {
		name, text string
		want       string // empty for none
		inferred   bool
	}{
		{"front matter", "---\ndate: 2021-03-04\n---\n" + longLine, "2021-03-04", false},
		{"front matter with a time", "---\ndate: 2021-03-04T10:00:00Z\n---\n" + longLine, "2021-03-04", false},
		{"front matter with a year", "---\ndate: 2021\n---\n" + longLine, "2021-01-01", false},
		{"published", "The River\nPublished 12 December 2023\n" + longLine, "2023-12-12", false},
		{"date in figures", "Date: 2023-12-12\n" + longLine, "2023-12-12", false},
		{"date alone", "Tuesday, December 12th, 2023\n" + longLine, "2023-12-12", false},
		{"beside a name", "By Jane Doe | Dec. 12, 2023\n" + longLine, "2023-12-12", false},
		{"with a time", "2023/12/12 10:32\n" + longLine, "2023-12-12", false},
		{"chinese", "发布时间：2023年12月12日\n" + longLine, "2023-12-12", false},
		{"month", "Published in December 2023\n" + longLine, "2023-12-01", false},
		{"no such day", "Date: 2023-02-31\n" + longLine, "", false},
		{"date of something else", "On 12 December 1923 the mill burned down, and it was not built again.", "", false},
		{"this year", year + "This year it fell.", "2023-01-01", true},
		{"今年", "2023年增长。2023年下降。2023年结束。今年很好。", "2023-01-01", true},
		{"no word on the time of writing", year, "", false},
		{"too few mentions", "In 2023 it grew. In 2023 it fell. This year it rests.", "", false},
		{"no clear lead", year + "In 2021 and 2021 it fell. This year it rests.", "", false},
		{"later years", year + "It went on in 2024 and 2025. Last year it fell.", "", false},
		{"amounts", "It cost $2023, 2023.5 or 2023,000 this year.", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := Plain("test.txt", test.text)
			got := ""
			if !d.Date.IsZero() {
				got = d.Date.Format(time.DateOnly)
			}
			if got != test.want || d.DateInferred != test.inferred {
				t.Errorf("got %q (inferred: %t), want %q (%t)", got, d.DateInferred, test.want, test.inferred)
			}
		})
	}
}

func TestPlainTellsAStatedYearFromAnInferredOne(t *testing.T) {
	for text, want := range map[string][2]bool{
		"---\ndate: 2021-03-04\n---\n" + longLine:                         {false, false},
		"---\ndate: 2021\n---\n" + longLine:                               {true, false},
		"Published in December 2023\n" + longLine:                         {true, false},
		strings.Repeat("In 2023 it grew. ", 3) + "This year it fell.":     {true, true},
		"The mill burned down one day, and it was not built again, ever.": {false, false},
	} {
		if d := Plain("test.txt", text); d.YearOnly != want[0] || d.DateInferred != want[1] {
			t.Errorf("%q: year only %t, inferred %t", text, d.YearOnly, d.DateInferred)
		}
	}
}

func TestPlainFindsTheAuthor(t *testing.T) {
	for text, want := range map[string]string{
		"---\nauthor: Jane Doe\n---\n" + longLine:                 "Jane Doe",
		"---\nauthors: [Jane Doe, \"Li Qing\"]\n---\n" + longLine: "Jane Doe, Li Qing",
		"---\nauthor:\n  - Jane\n---\n" + longLine:                "",
		"The River\nBy Jane Doe | Dec. 12, 2023\n" + longLine:     "Jane Doe",
		"The River\nWritten by Jane van Doe\n" + longLine:         "Jane van Doe",
		"作者：肖然\n" + longLine:                                      "肖然",
		"By then it was late\n" + longLine:                        "",
		longLine + "\nAuthor's note: it is over.":                 "",
		longLine: "",
	} {
		if got := Plain("test.txt", text).Author; got != want {
			t.Errorf("%q: author %q, want %q", text, got, want)
		}
	}
	c, err := New(Plain("a.txt", longLine))
	if err != nil {
		t.Fatal(err)
	}
	d := c.Documents[0]
	d.Author = "Jane Doe"
	if signed, _ := New(d); signed.Hash == c.Hash {
		t.Error("the author is not part of the corpus hash")
	}
}

func TestPlainFindsTheTitle(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a.txt", "---\ntitle: 'The  River'\n---\nOther\n" + longLine, "The River"},
		{"a.txt", "The River\n\n" + longLine, "The River"},
		{"a.txt", longLine + "\nThe River\n" + longLine, "A"},
		{"a.txt", "Introduction\n" + longLine, "A"},
		{"1973-oil-crisis.txt", longLine, "1973 oil crisis"},
		{"notes/émile_zola.v2.txt", longLine, "Émile zola.v2"},
		{".txt", longLine, ".txt"},
	} {
		if got := Plain(test.name, test.text).Title; got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(report)
	f.Add("---\ntitle: x\n---\n\r第一章\r\n（一）\n1.1 A\nFigure 3\n\x80")
	f.Fuzz(func(t *testing.T, text string) {
		d := Plain("fuzz.txt", text)
		checkDocument(t, d)
		rest := outside(d, ParseFrontMatter(text).End)
		if strings.Trim(rest, "=-#*~^") != "" {
			t.Fatalf("%q is in no block", rest)
		}
	})
}

func BenchmarkPlain(b *testing.B) {
	b.SetBytes(int64(len(report)))
	b.ReportAllocs()
	for b.Loop() {
		Plain("report.txt", report)
	}
}
