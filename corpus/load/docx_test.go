package load

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// packed makes a zip archive of files.
func packed(t testing.TB, files ...txtar.File) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// word makes a Word file of what stands in the body of its text.
func word(t testing.TB, body string, more ...txtar.File) []byte {
	t.Helper()
	return packed(t, append(more, txtar.File{Name: "word/document.xml", Data: []byte(
		`<w:document xmlns:w="w"><w:body>` + body + `</w:body></w:document>`)})...)
}

func TestWordFilesAreMadeOfTheirParts(t *testing.T) {
	sources, err := filepath.Glob("testdata/*.docx.txtar")
	if err != nil || len(sources) == 0 {
		t.Fatal("no sources", err)
	}
	for _, source := range sources {
		parts, err := txtar.ParseFile(source)
		if err != nil {
			t.Fatal(err)
		}
		file, want := strings.TrimSuffix(source, ".txtar"), packed(t, parts.Files...)
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(got), int64(len(got)))
		if err != nil || len(z.File) != len(parts.Files) {
			t.Errorf("%s is not what its parts make: %v", file, err)
		}
	}
}

// archived is a zip archive of a file with that name.
func archived(t testing.TB, name string) string {
	return string(packed(t, txtar.File{Name: name, Data: []byte("content")}))
}

func TestMalformedWordFiles(t *testing.T) {
	doc := func(text string) txtar.File { return txtar.File{Name: "word/document.xml", Data: []byte(text)} }
	whole := string(word(t, "<w:p><w:r><w:t>Text.</w:t></w:r></w:p>"))
	many := make([]txtar.File, maxParts+1)
	for i := range many {
		many[i].Name = "a"
	}
	locked := []byte(whole)
	for _, header := range []string{"PK\x03\x04", "PK\x01\x02"} { // the flag for encryption
		at := bytes.Index(locked, []byte(header)) + len(header) + 2
		if header == "PK\x01\x02" {
			at += 2
		}
		locked[at] |= 1
	}
	for _, test := range []struct{ name, data, problem, hint string }{
		{"cut short", whole[:len(whole)/2], "a damaged zip archive", "download it again"},
		{"without its text", archived(t, "word/styles.xml"), "without its text (word/document.xml)", "save it anew"},
		{"a book", string(packed(t, txtar.File{Name: "mimetype", Data: []byte("application/epub+zip")})), "a zip archive", "unpack"},
		{"an archive", archived(t, "notes.txt"), "it is a zip archive, not text", "unpack it into a folder"},
		{"a spreadsheet", archived(t, "xl/workbook.xml"), "an Excel workbook", "sheets"},
		{"elements that do not match", string(packed(t, doc("<document>\n<body><p></body></document>"))),
			"its part word/document.xml is damaged (line 2, column 17: element <p> closed by </body>)", "Word, which may mend it"},
		{"xml cut short", string(packed(t, doc("<document><body><p>"))), "unexpected EOF", "Word"},
		{"an entity of its own", string(packed(t, doc(`<!DOCTYPE d [<!ENTITY a "aaaa">]><document><body><p><r><t>&a;</t></r></p></body></document>`))), "invalid character entity &a;", "Word"},
		{"empty part", string(packed(t, doc(""))), "is damaged (line 1", "Word"},
		{"nested deeply", string(packed(t, doc(strings.Repeat("<a>", maxNesting+1)))), "nested more than 400 deep", "Word"},
		{"a bomb", string(packed(t, doc("<document><body>"+strings.Repeat(" ", 40<<20)))), "unpacks to far more than its size", "save it as text"},
		{"many files", string(packed(t, many...)), "an archive of too many files", "unpack"},
		{"no words", string(word(t, "<w:p/><w:p><w:r><w:drawing/></w:r></w:p>")), "no text to answer from", "text in pictures is not read"},
		{"encrypted parts", string(locked), "locked with a password", "without the password"},
		{"encrypted by Word", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1...E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00", "an Office document with a password", "without the password"},
		{"of 1997", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1...", "an old Office document", "libreoffice --headless --convert-to docx a.docx"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(folder(t, map[string]string{"a.docx": test.data}))
			_, err := Load(t.Context(), "a.docx")
			checkError(t, err, "a.docx", test.problem, test.hint)
		})
	}
}

func TestWordDocumentsAreReadAsTheyAreSeen(t *testing.T) {
	bold := func(text string) string { return "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>" + text + "</w:t></w:r></w:p>" }
	para := func(text string) string { return "<w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>" }
	cell := func(text string) string { return "<w:tc>" + para(text) + "</w:tc>" }
	for _, test := range []struct{ name, body, want string }{
		{"runs are joined", `<w:p><w:r><w:t xml:space="preserve">One </w:t></w:r><w:r><w:t>wo</w:t></w:r><w:r><w:t>rd</w:t><w:br/><w:t>below</w:t></w:r></w:p>`, "One word\nbelow\n"},
		{"changes are accepted", `<w:p><w:ins>` + "<w:r><w:t>new</w:t></w:r>" + `</w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom></w:p>`, "new\n"},
		{"hidden text is left out", `<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>seen</w:t></w:r></w:p>`, "seen\n"},
		{"fields show what they give", `<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:fldSimple w:instr="x"><w:r><w:t>7</w:t></w:r></w:fldSimple></w:p>`, "7\n"},
		{"ruby is left out", `<w:p><w:r><w:ruby><w:rt><w:r><w:t>kan</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>`, "漢\n"},
		{"powers", `<w:p><w:r><w:t>10</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>6</w:t></w:r><w:r><w:t xml:space="preserve"> t of CO</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="subscript"/></w:rPr><w:t>2</w:t></w:r></w:p>`, "10⁶ t of CO₂\n"},
		{"symbols", `<w:p><w:r><w:sym w:font="Wingdings" w:char="F0E0"/><w:t>go</w:t><w:sym w:char="2192"/></w:r></w:p>`, "go→\n"},
		{"outline levels", `<w:p><w:pPr><w:outlineLvl w:val="1"/></w:pPr><w:r><w:t>Scope</w:t></w:r></w:p>` + para("Text."), "## Scope\n\nText.\n"},
		{"bold lines are headings where there are no others", bold("Scope") + para("Text.") + bold("Note this.") + para("More."), "# Scope\n\nText.\n\nNote this.\n\nMore.\n"},
		{"a table that only arranges", "<w:tbl><w:tr>" + cell("Left.") + cell("Right.") + "</w:tr></w:tbl>", "Left.\n\nRight.\n"},
		{"a table in a cell", "<w:tbl><w:tr>" + cell("Item") + cell("Kilos") + "</w:tr><w:tr>" + cell("Iron") + "<w:tc><w:tbl><w:tr>" + cell("12") + "</w:tr></w:tbl><w:p/></w:tc></w:tr></w:tbl>", "Item | Kilos\nIron | 12\n"},
		{"cells of several lines", "<w:tbl><w:tr>" + cell("A") + cell("B") + "</w:tr><w:tr><w:tc>" + para("one") + para("two") + "</w:tc>" + cell("3") + "</w:tr></w:tbl>", "A | B\none two | 3\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := Parse("a.docx", word(t, test.body))
			if err != nil {
				t.Fatal(err)
			}
			checkDocument(t, d)
			if d.Text != test.want {
				t.Errorf("got %q, want %q", d.Text, test.want)
			}
		})
	}
}

func TestNumbersOfListsInWord(t *testing.T) {
	level := func(n, format, text string) string {
		return `<w:lvl w:ilvl="` + n + `"><w:start w:val="1"/><w:numFmt w:val="` + format + `"/><w:lvlText w:val="` + text + `"/></w:lvl>`
	}
	numbering := txtar.File{Name: "word/numbering.xml", Data: []byte(`<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="4">` +
		level("0", "upperRoman", "Part %1:") + level("1", "chineseCounting", "第%2条") + level("2", "lowerLetter", "%1.%3)") +
		`</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="4"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="4"/>` +
		`<w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/></w:lvlOverride></w:num></w:numbering>`)}
	var body strings.Builder
	for _, in := range [][2]string{{"1", "0"}, {"1", "1"}, {"1", "1"}, {"1", "2"}, {"1", "0"}, {"1", "1"}, {"2", "0"}, {"2", "0"}, {"7", "0"}} {
		body.WriteString(`<w:p><w:pPr><w:numPr><w:ilvl w:val="` + in[1] + `"/><w:numId w:val="` + in[0] + `"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>`)
	}
	d, err := Parse("a.docx", word(t, body.String(), numbering))
	if err != nil {
		t.Fatal(err)
	}
	want := "Part I: x\n第一条 x\n第二条 x\nI.a) x\nPart II: x\n第一条 x\nPart IX: x\nPart X: x\n\nx\n"
	if d.Text != want {
		t.Errorf("got %q, want %q", d.Text, want)
	}
}

func TestPagesOfWordAreBelievedOnlyIfTheyAddUp(t *testing.T) {
	body := `<w:p><w:r><w:t>One.</w:t></w:r></w:p><w:p><w:r><w:lastRenderedPageBreak/><w:t>Two.</w:t></w:r></w:p>`
	for pages, want := range map[string]int{"2": 2, "3": 0, "": 0} {
		app := txtar.File{Name: "docProps/app.xml", Data: []byte("<Properties><Pages>" + pages + "</Pages></Properties>")}
		d, err := Parse("a.docx", word(t, body, app))
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Blocks[1].Page; got != want {
			t.Errorf("of %q pages: page %d, want %d", pages, got, want)
		}
	}
}

func TestWordParagraphsGoOnOverPages(t *testing.T) {
	const turn = `<w:lastRenderedPageBreak/>`
	run := func(text string) string { return `<w:r><w:t xml:space="preserve">` + text + `</w:t></w:r>` }
	for name, c := range map[string]struct {
		body  string
		pages int
		want  []string // of the first block, by page
	}{
		"between words":        {run("One  two. ") + `<w:r>` + turn + `<w:t> Three.</w:t></w:r>`, 2, []string{"One two.", " Three."}},
		"in a word":            {run("One tw") + `<w:r>` + turn + `<w:t>o.</w:t></w:r>`, 2, []string{"One tw", "o."}},
		"over a whole page":    {run("One.") + `<w:r>` + turn + `</w:r>` + run("  ") + `<w:r>` + turn + `<w:t>Two.</w:t></w:r>`, 3, []string{"One.", "", " Two."}},
		"before the text":      {`<w:r>` + turn + `<w:t>One.</w:t></w:r>`, 2, []string{"One."}},
		"behind the text":      {run("One.") + `<w:r>` + turn + `</w:r>`, 2, []string{"One."}},
		"by a deleted mark":    {`<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>` + run("One.") + `</w:p><w:p><w:r>` + turn + `<w:t>Two.</w:t></w:r>`, 2, []string{"One. ", "Two."}},
		"and no page is known": {run("One. ") + `<w:r>` + turn + `<w:t>Two.</w:t></w:r>`, 9, []string{"One. Two."}},
	} {
		t.Run(name, func(t *testing.T) {
			app := txtar.File{Name: "docProps/app.xml", Data: fmt.Appendf(nil, "<Properties><Pages>%d</Pages></Properties>", c.pages)}
			d, err := Parse("a.docx", word(t, "<w:p>"+c.body+"</w:p>", app))
			if err != nil {
				t.Fatal(err)
			}
			checkDocument(t, d)
			var got []string
			b := d.Blocks[0]
			from := b.Start
			for _, turn := range b.Turns {
				got = append(got, d.Text[from:turn])
				from = turn
			}
			if got = append(got, d.Text[from:b.End]); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestMergedCellsCannotGrowWithoutEnd(t *testing.T) {
	row := func(cell string) string {
		return "<w:tr>" + cell + "<w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr>"
	}
	long := `<w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr><w:p><w:r><w:t>` + strings.Repeat("word ", 200_000) + `</w:t></w:r></w:p></w:tc>`
	body := "<w:tbl>" + row(long) + strings.Repeat(row(`<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>`), 1000) + "</w:tbl>"
	_, err := Parse("a.docx", word(t, body))
	checkError(t, err, "a.docx", "too large", "smaller files")
}

func TestHostileWordFilesAreReadInTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads megabytes")
	}
	for name, part := range map[string]string{
		"joined": `<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>a b</w:t></w:r></w:p>`,
		"empty":  "<w:p/>", "cells": "<w:tbl><w:tr>" + strings.Repeat("<w:tc/>", 1000) + "<w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
		"short": "<w:p><w:r><w:t>a</w:t></w:r></w:p>", "boxes": "<w:txbxContent><w:p/></w:txbxContent>",
	} {
		start := time.Now()
		d, err := Parse("a.docx", word(t, strings.Repeat(part, (5<<20)/len(part))))
		if taken := time.Since(start); taken > 40*time.Second {
			t.Errorf("%s took %v", name, taken)
		} else {
			t.Logf("%s: %v, %d bytes, %v", name, taken, len(d.Text), err)
		}
	}
}

func FuzzDocx(f *testing.F) {
	sources, _ := filepath.Glob("testdata/*.docx.txtar")
	part := map[string][]byte{}
	for _, source := range sources {
		parts, err := txtar.ParseFile(source)
		if err != nil {
			f.Fatal(err)
		}
		for _, p := range parts.Files {
			part[p.Name] = p.Data
		}
		f.Add(part["word/document.xml"], part["word/styles.xml"], part["word/numbering.xml"], part["word/footnotes.xml"])
	}
	f.Fuzz(func(t *testing.T, document, styles, numbering, footnotes []byte) {
		d, err := Parse("a.docx", packed(t,
			txtar.File{Name: "word/document.xml", Data: document}, txtar.File{Name: "word/styles.xml", Data: styles},
			txtar.File{Name: "word/numbering.xml", Data: numbering}, txtar.File{Name: "word/footnotes.xml", Data: footnotes}))
		if err == nil {
			checkDocument(t, d)
		}
	})
}

func FuzzDocxArchive(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.docx")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse("a.docx", data)
		if err == nil {
			checkDocument(t, d)
		}
	})
}
