package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"footnote/bot/eval"
)

// measured runs a suite of three questions whose name needs escaping.
func measured(t *testing.T) *eval.Result {
	t.Helper()
	dir := filepath.Join(t.TempDir(), `tea & <coffee>`)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"tea.txt": "Tea costs four crowns a pound this year, and coffee costs nine.\n\nAda Lovelace repairs the harbour crane every Tuesday morning.\n",
		"tea.jsonl": `{"id":"1","kind":"fact","question":"What does a pound of tea cost?","evidence":["Tea costs four crowns"],"answer":["four crowns"],"refuse":false}
{"id":"2","kind":"near","question":"Who repairs the harbour crane?","refuse":true}
{"id":"3","kind":"far","question":"Which planet has the most moons?","refuse":true}
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r, err := eval.Run(t.Context(), dir, openQuoteMode, eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if rel := r.Reliability; rel.Answers.Count != 2 || rel.Answerable.Count != 1 || rel.Answers.Right != 1 || rel.Refused != 1 {
		t.Fatalf("reliability %+v", rel)
	}
	return r
}

func TestReliabilityIsDrawnAndPrintedTheSameEachTime(t *testing.T) {
	var pictures, tables [2]string
	for i := range 2 {
		out := filepath.Join(t.TempDir(), "out.svg")
		var table strings.Builder
		if err := drawReliability(t.Context(), &table, []string{"../../bot/eval/testdata/agreement/suite"}, out); err != nil {
			t.Fatal(err)
		}
		picture, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		pictures[i], tables[i] = string(picture), table.String()
	}
	if pictures[0] != pictures[1] || tables[0] != tables[1] {
		t.Error("two runs differ")
	}
}

func TestTheDiagramEscapesNamesAndSaysWhatItShows(t *testing.T) {
	r := measured(t)
	picture, err := eval.Diagram(r, &eval.Result{Suite: "empty"})
	if err != nil {
		t.Fatal(err)
	}
	texts := inspectPicture(t, picture)
	for _, want := range []string{"tea & <coffee>", "2 of 3 questions answered", "refused: 0 of 1 answerable, 1 of 2 others", "empty", "ECE", "Brier"} {
		if !strings.Contains(texts, want) {
			t.Errorf("the picture does not say %q:\n%s", want, texts)
		}
	}
	if strings.Contains(string(picture), "NaN") {
		t.Error("the picture has lengths that are no numbers")
	}
}

func TestTheTableShowsBinsWithAnswersAlone(t *testing.T) {
	r := measured(t)
	var b strings.Builder
	if err := writeReliability(&b, r); err != nil {
		t.Fatal(err)
	}
	filled := 0
	for _, bin := range r.Reliability.Answers.Bins {
		if bin.Count > 0 {
			filled++
		}
	}
	lines := strings.Split(b.String(), "\n")
	if want := "tea & <coffee>: 3 questions: 2 answered, 1 refused (0 of them answerable)"; lines[0] != want {
		t.Errorf("%q, want %q", lines[0], want)
	}
	rows := map[int]int{} // by width
	for _, line := range lines {
		if strings.HasPrefix(line, "|") {
			rows[utf8.RuneCountInString(line)]++
		}
	}
	if !slices.Equal(slices.Sorted(maps.Values(rows)), slices.Sorted(slices.Values([]int{2 + filled, 2 + 2}))) {
		t.Errorf("rows do not line up, or there are too many: %v\n%s", rows, b.String())
	}
}

func TestTheCommittedDiagramIsAWellFormedSmallPicture(t *testing.T) {
	const most = 60_000 // bytes
	picture, err := os.ReadFile("../../docs/reliability.svg")
	if err != nil {
		t.Fatal(err)
	}
	if len(picture) >= most {
		t.Errorf("%d bytes", len(picture))
	}
	texts := inspectPicture(t, picture)
	for _, want := range []string{"report", "squad2", "ECE"} {
		if !strings.Contains(texts, want) {
			t.Errorf("the picture does not say %q", want)
		}
	}
}

// inspectPicture fails unless a picture is well-formed, has a title and a
// description and consists of texts, lines and rectangles that lie within it.
// It returns what the picture says.
func inspectPicture(t *testing.T, picture []byte) string {
	t.Helper()
	var texts []string
	count := map[string]int{}
	size := map[string]float64{}
	decoder := xml.NewDecoder(bytes.NewReader(picture))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.CharData:
			texts = append(texts, string(token))
		case xml.StartElement:
			name := token.Name.Local
			count[name]++
			if !strings.Contains(" svg title desc style text line rect ", " "+name+" ") || token.Name.Space != "http://www.w3.org/2000/svg" {
				t.Errorf("element %v", token.Name)
			}
			at := map[string]float64{}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || strings.HasSuffix(a.Name.Local, "href") {
					t.Errorf("attribute %s", a.Name.Local)
				}
				if f, err := strconv.ParseFloat(a.Value, 64); err == nil {
					at[a.Name.Local] = f
				}
			}
			if name == "svg" {
				size["x"], size["y"] = at["width"], at["height"]
				continue
			}
			for axis, ends := range map[string][]float64{
				"x": {at["x"], at["x1"], at["x2"], at["x"] + at["width"]},
				"y": {at["y"], at["y1"], at["y2"], at["y"] + at["height"]},
			} {
				for _, end := range ends {
					if end < 0 || end > size[axis] {
						t.Errorf("%s at %s %v, outside of %v", name, axis, end, size[axis])
					}
				}
			}
		}
	}
	if count["svg"] != 1 || count["title"] != 1 || count["desc"] != 1 || count["text"] == 0 {
		t.Errorf("elements %v", count)
	}
	return strings.Join(texts, "\n")
}
