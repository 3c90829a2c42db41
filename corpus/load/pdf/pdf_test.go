package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func sample(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func read(t *testing.T, data []byte) Document {
	t.Helper()
	d, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	check(t, d)
	return d
}

// check fails unless blocks are texts on pages that there are.
func check(t *testing.T, d Document) {
	t.Helper()
	page := 1
	for _, b := range d.Blocks {
		if b.Text == "" || strings.TrimFunc(b.Text, unicode.IsSpace) != b.Text || !utf8.ValidString(b.Text) || strings.ContainsAny(b.Text, "\n\u00AD\uFFFD") {
			t.Fatalf("text %q", b.Text)
		}
		if b.Page < page || b.Page > d.Pages || b.Level < 0 || b.Level > 6 {
			t.Fatalf("block %+v after page %d of %d", b, page, d.Pages)
		}
		page = b.Page
	}
}

func TestText(t *testing.T) {
	for _, test := range []struct{ name, content, want string }{
		{"lines of a paragraph", lines("The water is hard but clean, and it", "needs nothing."), "1: The water is hard but clean, and it needs nothing.\n"},
		{"divided word", lines("The wells are deep, and the reser-", "voir is full."), "1: The wells are deep, and the reservoir is full.\n"},
		{"compound that stands elsewhere", lines("A well-known well is not as well-", "known as others."), "1: A well-known well is not as well-known as others.\n"},
		{"compound with a capital", lines("It was written in the Anglo-", "Saxon of that time."), "1: It was written in the Anglo-Saxon of that time.\n"},
		{"hyphen for a word that comes", lines("It had many effects, short-", "and long-term ones."), "1: It had many effects, short- and long-term ones.\n"},
		{"range of years", lines("The war of the years 1914-", "1918 was long."), "1: The war of the years 1914-1918 was long.\n"},
		{"dash", lines(`The dam \226 an old one \227`, "was raised in the same year."), "1: The dam – an old one — was raised in the same year.\n"},
		{"ligature by name", "BT /F 10 Tf 50 700 Td (\\223o\\224ce) Tj ET", "1: “o”ce\n"},
		{"space by distance", "BT /F 10 Tf 50 700 Td [(two)-300(words) -30 ( ker)20(ned)] TJ ET", "1: two words kerned\n"},
		{"letters one by one", "BT /F 10 Tf 50 700 Td (a) Tj 4.44 0 Td (b) Tj 9 0 Td (c) Tj ET", "1: ab c\n"},
		{"bold by printing twice", "BT /F 10 Tf 50 700 Td (Twice) Tj 0.2 0 Td (Twice) Tj ET", "1: Twice\n"},
		{"raised digits", "BT /F 10 Tf 50 700 Td (40 m) Tj 0.6 0 0 0.6 70.3 704 Tm (3) Tj 1 0 0 1 73.3 700 Tm ( of water) Tj ET", "1: 40 m³ of water\n"},
		{"soft hyphen that is not used", "BT /F 10 Tf 50 700 Td (Wa) Tj 13.9 0 Td (-) Tj (ter) Tj ET", "1: Wa-ter\n"},
		{"hyphen that is covered", "BT /F 10 Tf 50 700 Td (Wa) Tj 13.9 0 Td (-) Tj 0 0 Td (ter) Tj ET", "1: Water\n"},
		{"text aslant", "BT /F 40 Tf 0.7 0.7 -0.7 0.7 100 100 Tm (DRAFT) Tj /F 10 Tf 1 0 0 1 50 700 Tm (Text) Tj ET", "1: Text\n"},
		{"instead of its glyphs", "BT /F 10 Tf 50 700 Td /Span <</ActualText (office)>> BDC (o) Tj (xx) Tj EMC ( hours) Tj ET", "1: office hours\n"},
		{"running head by its mark", "/Artifact <</Type /Pagination>> BDC BT /F 10 Tf 50 700 Td (Head) Tj ET EMC BT /F 10 Tf 50 600 Td (Text) Tj ET", "1: Text\n"},
		{"picture in the content", "BI /W 1 /H 1 ID \x80(\xff EI BT /F 10 Tf 50 700 Td (Text) Tj ET", "1: Text\n"},
		{"bullets", lines("Three wells were closed:", `\225 the first in 1988`, `\225 the second in 1990`), "1: Three wells were closed:\n1: • the first in 1988\n1: • the second in 1990\n"},
		{"numbered items", lines("1. The first item fills the whole line as it is here.", "2. The second item fills the line as well as it can."), "1: 1. The first item fills the whole line as it is here.\n1: 2. The second item fills the line as well as it can.\n"},
		{"heading", "BT /B 10 Tf 50 730 Td (Sources) Tj ET " + lines("The water is hard but clean, and it", "needs nothing."), "1: # Sources\n1: The water is hard but clean, and it needs nothing.\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := show(read(t, onePage(test.content))); got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
		})
	}
}

func TestTableRowsCarryTheirHeader(t *testing.T) {
	var b strings.Builder
	for i, row := range [][]string{{"Well", "Depth", "Year"}, {"One", "143", "1926"}, {"Two", "98", "1931"}} {
		for j, cell := range row {
			fmt.Fprintf(&b, "BT /F 10 Tf %d %d Td (%s) Tj ET\n", 50+100*j, 700-15*i, cell)
		}
	}
	want := "1: Well | Depth | Year\n1: [Well | Depth | Year] One | 143 | 1926\n1: [Well | Depth | Year] Two | 98 | 1931\n"
	if got := show(read(t, onePage(b.String()))); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// pages makes a file of pages that show contents.
func pages(contents ...string) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>"}
	kids := ""
	for _, content := range contents {
		n := len(objects) + 1
		kids += fmt.Sprintf("%d 0 R ", n)
		objects = append(objects, fmt.Sprintf("<</Type/Page/Parent 2 0 R/Contents %d 0 R>>", n+1), streamOf(content))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d/MediaBox[0 0 600 800]/Resources<</Font<</F 3 0 R>>>>>>", kids, len(contents))
	return write(objects...)
}

// at is content that shows a text at a height.
func at(y float64, size int, text string) string {
	return fmt.Sprintf("BT /F %d Tf 50 %v Td (%s) Tj ET\n", size, y, text)
}

func TestMarginsOfPages(t *testing.T) {
	body := []string{"The water is hard.", "The dam is old.", "The pipes are new.", "The tariff is low.", "The town is small."}
	for _, test := range []struct {
		name string
		edge func(page int) string // what stands near the top or the foot
		kept bool
	}{
		{"running head with a number", func(p int) string { return at(770, 9, fmt.Sprintf("%d Annual report", p)) }, false},
		{"page number", func(p int) string { return at(30, 9, fmt.Sprintf("- %d -", p)) }, false},
		{"roman page number", func(p int) string { return at(30, 9, []string{"i", "ii", "iii", "iv", "v"}[p-1]) }, false},
		{"heads of chapters with numbers", func(p int) string {
			return at(770, 9, fmt.Sprintf("%s %d", []string{"Wells", "Dams", "Mains", "Money", "Towns"}[p-1], p+6)) + at(684, 10, "A second line.") + at(672, 10, "A third.")
		}, false},
		{"first lines that differ", func(p int) string { return at(740, 10, "Chapter of the "+body[p-1]) }, true},
		{"rows of numbers", func(p int) string { return at(740, 10, fmt.Sprintf("19%d 4%d 7%d", p, p, p)) }, true},
	} {
		var contents []string
		for i, text := range body {
			contents = append(contents, test.edge(i+1)+at(700, 10, text))
		}
		d := read(t, pages(contents...))
		all := show(d)
		_, edge, _ := strings.Cut(test.edge(3), "(")
		edge, _, _ = strings.Cut(edge, ")")
		if kept := strings.Contains(all, edge+"\n") || strings.Contains(all, edge+" "); kept != test.kept || !strings.Contains(all, body[2]) {
			t.Errorf("%s: %q kept: %t in\n%s", test.name, edge, kept, all)
		}
	}
}

func TestParagraphsGoOnOverPages(t *testing.T) {
	d := read(t, pages(
		lines("The dam was raised by three metres in the year", "of the great flood, and the town has been sup-"),
		lines("plied from it ever since, but for one day."),
		lines("The pipes are new."),
	))
	want := "1: The dam was raised by three metres in the year of the great flood, and the town has been supplied from it ever since, but for one day.\n3: The pipes are new.\n"
	if got := show(d); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if b := d.Blocks[0]; len(b.Turns) != 1 || !strings.HasPrefix(b.Text[b.Turns[0]:], "plied from it") {
		t.Errorf("%q turns at %d", b.Text, b.Turns)
	}
}

func TestFormsAndTurnedPages(t *testing.T) {
	form := streamOf("BT /F 10 Tf 50 700 Td (In a form) Tj ET", "/Type/XObject/Subtype/Form/BBox[0 0 600 800]")
	if got := show(read(t, onePage("/X Do", form))); got != "1: In a form\n" {
		t.Error(got)
	}
	itself := streamOf("/X Do BT /F 10 Tf 50 700 Td (Once) Tj ET", "/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</Font<</F 5 0 R>>/XObject<</X 7 0 R>>>>")
	if got := show(read(t, onePage("/X Do", itself))); got != "1: Once\n" {
		t.Error(got)
	}
	turned := bytes.Replace(onePage("BT /F 10 Tf 0 1 -1 0 300 50 Tm (Upwards) Tj ET"), []byte("/Parent"), []byte("/Rotate 90/Parent"), 1)
	if got := show(read(t, turned)); got != "1: Upwards\n" {
		t.Error(got)
	}
	if got := show(read(t, onePage("BT /F 10 Tf 0 1 -1 0 300 50 Tm (Upwards) Tj ET"))); got != "1: Upwards\n" {
		t.Error(got)
	}
}

func TestFontsOfManyBytes(t *testing.T) {
	table := "1 begincodespacerange <0000> <FFFF> endcodespacerange 2 beginbfrange <0001> <0003> <6C34> <0010> <0011> [<0041> <00660069>] endbfrange 1 beginbfchar <0004> <D835DC00> endbfchar"
	file := onePage("BT /G 10 Tf 50 700 Td <0001000200030010001100040099> Tj ET",
		"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/ToUnicode 8 0 R/DescendantFonts[<</Subtype/CIDFontType2/DW 1000/W[1[500 500]]>>]>>",
		streamOf(table))
	if got := show(read(t, file)); got != "1: 水氵氶Afi𝐀\n" {
		t.Error(got)
	}
}

func TestFilters(t *testing.T) {
	content := lines("The water is hard but clean.")
	want := "1: The water is hard but clean.\n"
	var hex strings.Builder
	for _, c := range []byte(content) {
		fmt.Fprintf(&hex, "%02x ", c)
	}
	rows := "" // PNG's filter "up" on rows of four
	above := make([]byte, 4)
	for i := 0; i < len(content); i += 4 {
		row := []byte(content + "    ")[i : i+4]
		rows += "\x02"
		for j := range row {
			rows += string([]byte{row[j] - above[j]})
		}
		copy(above, row)
	}
	for name, object := range map[string]string{
		"flate":              streamOf(deflated([]byte(content)), "/Filter/FlateDecode"),
		"flate, no checksum": streamOf(deflated([]byte(content))[:len(deflated([]byte(content)))-4], "/Filter/FlateDecode"),
		"hex":                streamOf(hex.String()+">", "/Filter[/ASCIIHexDecode]"),
		"hex of flate":       streamOf(fmt.Sprintf("%x>", deflated([]byte(content))), "/Filter[/AHx/Fl]"),
		"run length":         streamOf(string([]byte{byte(len(content) - 1)})+content+"\x80", "/Filter/RunLengthDecode"),
		"predicted":          streamOf(deflated([]byte(rows)), "/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>"),
		"wrong length":       strings.Replace(streamOf(content), "/Length", "/Length 9/X", 1),
	} {
		file := bytes.Replace(onePage(content), []byte(streamOf(content)), []byte(object), 1)
		d, err := Read(file)
		if got := show(d); err != nil || got != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got := string(ascii85([]byte("87cURD]i,\"Ebo80~>"))); got != "Hello World!" {
		t.Errorf("base 85: %q", got)
	}
	f := &file{unpacked: maxUnpack}
	// The example of ISO 32000-1, 7.4.4.2.
	if got, err := f.lzw([]byte{0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01}, 1); err != nil || string(got) != "-----A---B" {
		t.Errorf("LZW: %q, %v", got, err)
	}
}

func TestWithoutPasswordForReading(t *testing.T) {
	want := show(read(t, sample(t, "../testdata/darwin.pdf")))
	files, _ := filepath.Glob("testdata/open*.pdf")
	if len(files) < 5 {
		t.Fatal("no test files")
	}
	for _, path := range files {
		if got := show(read(t, sample(t, path))); got != want {
			t.Errorf("%s: got\n%s", path, got)
		}
	}
}

func TestDamagedFilesAreMended(t *testing.T) {
	for _, path := range []string{"../testdata/darwin.pdf", "../testdata/water.pdf", "testdata/open256.pdf"} {
		whole := sample(t, path)
		want := show(read(t, whole))
		tail := bytes.LastIndex(whole, []byte("startxref"))
		for name, data := range map[string][]byte{
			"table lost":      whole[:tail],
			"table elsewhere": append(bytes.Clone(whole[:tail]), "startxref\n12\n%%EOF"...),
			"junk in front":   append([]byte("HTTP/1.1 200 OK\r\n\r\n"), whole...),
			"junk behind":     append(bytes.Clone(whole), bytes.Repeat([]byte("\x00junk"), 1000)...),
		} {
			d, err := Read(data)
			if err != nil || show(d) != want {
				t.Errorf("%s, %s: %v, got\n%s", path, name, err, show(d))
			}
		}
	}
}

func TestFilesCutShortLoseNothingWithoutAWord(t *testing.T) {
	for _, path := range []string{"../testdata/darwin.pdf", "../testdata/water.pdf", "../testdata/qinghe.pdf", "testdata/open40.pdf"} {
		whole := sample(t, path)
		want := show(read(t, whole))
		for n := 0; n < len(whole); n += 1 + len(whole)/60 {
			if d, err := Read(whole[:n]); err == nil && show(d) != want {
				t.Errorf("%s: %d of %d bytes give\n%s", path, n, len(whole), show(d))
			}
		}
	}
}

func TestUnreadableFiles(t *testing.T) {
	bomb := deflated(bytes.Repeat([]byte(" "), maxStream+1))
	kids := strings.Repeat("3 0 R ", 10)
	for _, test := range []struct {
		name string
		data []byte
		want error
	}{
		{"password", sample(t, "testdata/secret.pdf"), ErrPassword},
		{"scan", sample(t, "testdata/scan.pdf"), ErrPictures},
		{"empty", nil, ErrDamaged},
		{"start alone", []byte("%PDF-1.7\n"), ErrDamaged},
		{"noise", append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("1 0 obj << [ ( stream endobj "), 5000)...), ErrDamaged},
		{"cut short", sample(t, "../testdata/darwin.pdf")[:3000], ErrDamaged},
		{"content cut short", bytes.Replace(onePage("x"), []byte(streamOf("x")), []byte(streamOf(deflated([]byte(lines("One", "Two")))[:20], "/Filter/FlateDecode")), 1), ErrDamaged},
		{"pages lost", append(write("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>", "<</Type/Page>>"), "startxref 1"...), ErrDamaged},
		{"no pages", write("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"), ErrPages},
		{"pages in a circle", write("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids["+strings.Repeat("2 0 R ", 10)+"]/Count 10>>"), ErrPages},
		{"bomb", bytes.Replace(onePage("x"), []byte(streamOf("x")), []byte(streamOf(bomb, "/Filter/FlateDecode")), 1), ErrLarge},
		{"bomb in a bomb", bytes.Replace(onePage("x"), []byte(streamOf("x")), []byte(streamOf(deflated([]byte(bomb)), "/Filter[/FlateDecode/FlateDecode]")), 1), ErrLarge},
		{"forms in forms", formsInForms(), ErrLarge},
		{"more letters than a page has", onePage("BT /F 1 Tf (" + strings.Repeat("x", maxSheet+1) + ") Tj ET"), ErrLarge},
		{"letters without names", onePage("BT /G 10 Tf <00010002> Tj ET", "<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[<<>>]>>"), ErrNameless},
		{"one page, many times", write("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids["+kids+"]/Count 10>>", "<</Type/Page>>"), nil},
		{"references in a circle", write("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]>>", "<</Type/Page/Contents 4 0 R>>", "5 0 R", "4 0 R"), nil},
		{"tables in a circle", []byte("%PDF-1.4\nxref\n0 0\ntrailer<</Prev 9/Root 1 0 R>>startxref\n9\n%%EOF"), ErrDamaged},
		{"a table of too many", []byte("%PDF-1.4\n1 0 obj<</Type/XRef/Size 99999999999/W[9 9 9]>>stream\nendstream endobj startxref\n9\n%%EOF"), ErrDamaged},
		{"deep", []byte("%PDF-1.4\n1 0 obj" + strings.Repeat("[", 1<<20) + "\nstartxref\n9\n%%EOF"), ErrDamaged},
		{"deep dictionaries", []byte("%PDF-1.4\n1 0 obj" + strings.Repeat("<</a", 1<<18) + "\nstartxref\n9\n%%EOF"), ErrDamaged},
	} {
		t.Run(test.name, func(t *testing.T) {
			start := time.Now()
			d, err := Read(test.data)
			if !errors.Is(err, test.want) || test.want == nil && len(d.Blocks) > 0 {
				t.Errorf("%v, want %v", err, test.want)
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// formsInForms shows a form ten times that shows another ten times, and so on.
func formsInForms() []byte {
	var forms []string
	for i := range 11 {
		forms = append(forms, streamOf(strings.Repeat("/X Do ", 10), fmt.Sprintf("/Type/XObject/Subtype/Form/Resources<</XObject<</X %d 0 R>>>>", i+8)))
	}
	return onePage("/X Do", forms...)
}

// slowest is how long a small file may take.
const slowest = 10 * time.Second

func FuzzRead(f *testing.F) {
	for _, pattern := range []string{"testdata/*.pdf", "../testdata/darwin.pdf"} {
		files, _ := filepath.Glob(pattern)
		for _, path := range files {
			f.Add(sample(f, path))
		}
	}
	f.Add(onePage(lines("One", "Two")))
	f.Fuzz(func(t *testing.T, data []byte) {
		defer time.AfterFunc(slowest, func() { panic("too slow") }).Stop()
		if d, err := Read(data); err == nil {
			check(t, d)
		}
	})
}

// FuzzContent reads content as a page shows it, which FuzzRead can hardly
// change within its compressed streams.
func FuzzContent(f *testing.F) {
	f.Add("BT /F 10 Tf 50 700 Td [(two)-300(words)] TJ ET", "1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <01> <03> <6C34> endbfrange")
	f.Add("q 1 0 0 1 5 5 cm /X Do Q BI /W 1 ID x EI /Span <</ActualText (x)>> BDC (y) ' EMC", "1 begincidrange <00> <FF> 7 endcidrange")
	f.Add("BT /G 9 Tf 0 1 -1 0 30 50 Tm (\\001\\002) \" T* 80 Tz 3 Ts 2 Tc 1 Tw 14 TL (a b) Tj ET", "<01> <02> endbfchar")
	f.Add(lines("One", "Two 2 | 3", "3. Three-", "four"), "")
	f.Fuzz(func(t *testing.T, content, table string) {
		defer time.AfterFunc(slowest, func() { panic("too slow") }).Stop()
		font := "<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/ToUnicode 8 0 R/DescendantFonts[<</DW 1000/W[1[500 500]3 9 1]>>]>>"
		if d, err := Read(onePage(content, font, streamOf(table))); err == nil {
			check(t, d)
		}
	})
}
