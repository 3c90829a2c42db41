package load

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMalformedPages(t *testing.T) {
	for _, test := range []struct{ name, data, problem, hint string }{
		{"scripts alone", `<html><head><title>App</title></head><body><div id="root"></div><script src="app.js"></script></body></html>`, "it holds scripts but no text: its text is made in a browser", "save what it shows as PDF or text"},
		{"asks for scripts", `<body><noscript>You need JavaScript.</noscript><script>run()</script></body>`, "made in a browser", "browser"},
		{"nothing", "<html><body></body></html>", "no text to answer from", "a browser shows text"},
		{"empty", "", "it is empty", "write something"},
		{"a PDF", "%PDF-1.7\n", "PDF", ""},
		{"zero bytes", "<p>Text\x00\x00\x01</p>", "a binary file", "footnote reads"},
		{"nested deeply", strings.Repeat("<div>", 5000) + "text", "it is no page that can be read", "save it anew"},
		{"of too many parts", strings.Repeat("<br>", maxNodes+1), "too large for a page (more than 400000 elements)", "pandoc"},
		{"too large", strings.Repeat("<p>text", maxHTML/7+1), "too large for a page", "pandoc a.html -o report.md"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(folder(t, map[string]string{"a.html": test.data}))
			_, err := Load(t.Context(), "a.html")
			checkError(t, err, "a.html", test.problem, test.hint)
		})
	}
}

func TestPagesAreReadAsTheyAreSeen(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"inline elements", "<p>The <b>new</b> <a href='/x'>quay</a><!-- x --> is <span>120&nbsp;m</span> long.</p>", "The new quay is 120 m long.\n"},
		{"what is struck out", "<p>It costs <del>12</del><s>11</s> <ins>14</ins> euros.</p>", "It costs 14 euros.\n"},
		{"what is hidden", "<p hidden>No.</p><p style='display: none'>No.</p><p aria-hidden=true>No.</p><p>Yes.</p>", "Yes.\n"},
		{"powers", "<p>10<sup>6</sup> m<sup>-2</sup>, the 3<sup>rd</sup></p>", "10⁶ m⁻², the 3rd\n"},
		{"signs of Markdown", "<p>snake_case_name, 5 * 3 * 2 and &lt;b&gt; # 1</p>", "snake_case_name, 5 * 3 * 2 and <b> # 1\n"},
		{"levels of headings", "<h1>A</h1><p>x</p><h2>B <a href='#b'>¶</a></h2><p>y</p>", "# A\n\nx\n\n## B\n\ny\n"},
		{"lists", "<ul><li>one<ul><li>two</li></ul></li></ul><ol start=3><li>three</li></ol>", "- one\n  \n  - two\n\n<!--THE END-->\n\n3. three\n"},
		{"a table without headers", "<table><tr><td>Ada</td><td>Vik</td></tr><tr><td>Bo</td><td>Holm</td></tr></table>", "|  |  |\n|---|---|\n| Ada | Vik |\n| Bo | Holm |\n"},
		{"spans", "<table><tr><th>Town<th colspan=2>Ships</tr><tr><td rowspan=2>Vik<td>1<td>2</tr><tr><td colspan=2>3</tr></table>", "| Town | Ships | Ships |\n|---|---|---|\n| Vik | 1 | 2 |\n| Vik | 3 |  |\n"},
		{"cells of several blocks", "<table><tr><th>A<th>B</tr><tr><td><ul><li>x</li><li>y | z</li></ul><td><p>1</p><p>2</p></tr></table>", "| A | B |\n|---|---|\n| x y \\| z | 1 2 |\n"},
		{"a table that arranges", "<table><tr><td><p>Left.</p></td><td><table><tr><th>A<th>B</tr><tr><td>1<td>2</tr></table></td></tr></table>", "Left.\n\n| A | B |\n|---|---|\n| 1 | 2 |\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := Parse("a.html", []byte("<body>"+test.body+"</body>"))
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

func TestPagesInAnyEncoding(t *testing.T) {
	for name, page := range map[string]string{
		"declared":       "<meta charset=iso-8859-1><p>Sm\xf8rbr\xf8d</p>",
		"guessed":        "<p>Sm\xf8rbr\xf8d</p>",
		"utf-8":          "<meta charset=iso-8859-1><p>Smørbrød</p>",
		"utf-8 marked":   "\uFEFF<p>Smørbrød</p>",
		"utf-16 marked":  "\xff\xfe" + utf16le("<p>Smørbrød</p>"),
		"utf-16 guessed": utf16le("<p>Smørbrød</p>"),
	} {
		d, err := Parse("a.html", []byte(page))
		if err != nil || d.Text != "Smørbrød\n" {
			t.Errorf("%s: %q, %v", name, d.Text, err)
		}
	}
}

func TestHostilePagesAreReadInTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads megabytes")
	}
	const size = 1 << 20
	for name, part := range map[string]string{
		"paragraphs": "<p>text, and more text", "unclosed": "<b>a<i>b", "tables": "<table><tr><td rowspan=99 colspan=99>text",
		"rows": "<tr><td rowspan=9999>text text text", "links": "<a href=#x>a", "divs": "<div>a</div>", "lists": "<li>a", "stars": "*_`[", "entities": "&lt;b&gt;",
	} {
		start := time.Now()
		page := strings.Repeat(part, size/len(part))
		if name == "rows" {
			page = "<table>" + page
		}
		d, err := Parse("a.html", []byte(page))
		if taken := time.Since(start); taken > 20*time.Second {
			t.Errorf("%s took %v", name, taken)
		} else {
			t.Logf("%s: %v, %d bytes, %v", name, taken, len(d.Text), err)
		}
	}
}

func FuzzHTML(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.html")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("<table><tr><td rowspan=3>a<td colspan=2>b<tr><table><tr><th>c"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse("a.html", data)
		if err == nil {
			checkDocument(t, d)
		}
	})
}
