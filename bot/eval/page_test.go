package eval_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"footnote/bot"
	"footnote/bot/eval"
)

// recorded are answers to the questions of testdata/page; the others fail.
func recorded(text string) map[string]bot.Answer {
	tea := bot.Retrieved{Rank: 1, Document: "tea.txt", Paragraph: 2, Heading: "Prices <b>today</b>", Passage: "t2", Score: 7.25, Text: between(text, "Tea costs", "too.")}
	crane := bot.Retrieved{Rank: 2, Document: "tea.txt", Paragraph: 3, Heading: "Prices <b>today</b>", Passage: "t3", Score: 1.5, Text: between(text, "Ada", "Tuesday.")}
	cite := func(marker int, p bot.Retrieved, quote string) bot.Citation {
		at := strings.Index(text, quote)
		return bot.Citation{Marker: marker, Document: p.Document, Paragraph: p.Paragraph, Heading: p.Heading, Passage: p.Passage, Quote: quote, Start: at, End: at + len(quote)}
	}
	passages := []bot.Retrieved{tea, crane}
	return map[string]bot.Answer{
		"What does coffee cost?":         {Text: "coffee costs nine [1]", Confidence: 0.95, Citations: []bot.Citation{cite(1, tea, "coffee costs nine")}, Passages: passages},
		"What does a pound of tea cost?": {Text: "The report does not say.", Refused: true, Confidence: 0.2, Passages: passages},
		`Who repairs the "><script>alert(3)</script> crane, and when?`: {
			Text: crane.Text + " [1]", Confidence: 0.7, Citations: []bot.Citation{cite(1, crane, crane.Text)}, Passages: passages,
			Notice: "<u>repares</u> was read as repairs", UnderstoodAs: "Who repairs the <i>crane</i>?",
		},
		"{{.Style}} 谁修理起重机？":               {Text: "第二段：茶。\n\n没有别的。", Confidence: 0.4, Passages: passages},
		"What does cocoa cost \u202e?":     {Text: "Tea costs four crowns a pound [1]", Confidence: 0.6, Citations: []bot.Citation{cite(1, tea, "Tea costs four crowns a pound")}, Passages: passages[:1]},
		"Which planet has the most moons?": {Text: "The report does not say.", Refused: true},
	}
}

func between(text, from, to string) string {
	start := strings.Index(text, from)
	return text[start : start+strings.Index(text[start:], to)+len(to)]
}

// measuredPage gives the result of testdata/page.
func measuredPage(t *testing.T) *eval.Result {
	t.Helper()
	data, err := os.ReadFile("testdata/page/tea.txt")
	if err != nil {
		t.Fatal(err)
	}
	answers := recorded(string(data))
	r, err := eval.Run(t.Context(), "testdata/page", answering(string(data), func(q string) (bot.Answer, error) {
		a, ok := answers[q]
		if !ok {
			return a, errors.New("the model <is> down")
		}
		return a, nil
	}), eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func answering(text string, answer func(question string) (bot.Answer, error)) eval.Open {
	return func(context.Context, string) (eval.Subject, error) {
		return eval.Subject{
			Ask:  func(_ context.Context, q bot.Question) (bot.Answer, error) { return answer(q.Text) },
			Text: func(string) (string, bool) { return text, true },
		}, nil
	}
}

// pageOf is the page of testdata/page, compared with a run in which other
// questions went right, and of a suite that was not part of that run.
func pageOf(t *testing.T) string {
	t.Helper()
	now, before := measuredPage(t), measuredPage(t)
	before.Outcomes = map[string]*eval.Outcomes{"tea.txt": {
		Right: []string{"refused", "silent", "<b>gone</b>"}, Wrong: []string{"right", "wrong", "from", "failed", "failed too"},
	}}
	before.Answer, before.ByKind = 0.25, map[string]*[2]int{"fact": {2, 4}, "number": {1, 1}, "near": nil}
	var b bytes.Buffer
	if err := eval.WritePage(&b, []*eval.Result{now, {Suite: "empty & <bare>"}}, []*eval.Comparison{eval.Compare(before, now), nil}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestThePage(t *testing.T) {
	compare(t, filepath.Join("testdata", "page.golden.html"), []byte(pageOf(t)))
}

func TestThePageIsTheSameEachTime(t *testing.T) {
	if first, second := pageOf(t), pageOf(t); first != second {
		t.Error("two runs with the same answers have different pages")
	}
}

// What questions, documents and models say is text on the page, never markup:
// every element and attribute of the page is one that the template has.
func TestNothingHostileIsMarkupOnThePage(t *testing.T) {
	page := pageOf(t)
	allowed := " html head meta title link style body header h1 h2 h3 h4 h5 nav ul ol li a main section p div table caption thead tbody tr th td " +
		"figure svg desc rect line text article bdi dl dt dd span q details summary strong mark "
	for _, m := range regexp.MustCompile(`<([a-zA-Z][^\s/>]*)([^>]*)>`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(allowed, " "+m[1]+" ") || regexp.MustCompile(`\s(on\w+|src|srcdoc|action)\s*=`).MatchString(m[2]) {
			t.Errorf("the page has %s", m[0])
		}
	}
	for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if m[1] != "data:," && (m[1][0] != '#' || strings.Count(page, `id="`+m[1][1:]+`"`) != 1) {
			t.Errorf("a link leads to %s", m[1])
		}
	}
	for _, want := range []string{
		"Refused, though the corpus says it: 1", "Answered, but without what was expected: 2", "Answered, though the corpus does not say it: 1", "Failed: 2",
		"failed: the model &lt;is&gt; down", "&lt;/dd&gt;&lt;iframe src=//hostile.example&gt;", "{{.Style}} 谁修理起重机？", "Questions that are new: 1; gone: 1.",
		"<mark>Tea costs four crowns a pound</mark>, and &lt;img src=", "<mark>Tea costs four crowns a pound</mark> on Sundays too.",
		"2 passages, with evidence: 1", "2 passages, none with evidence", "one of", "all of", "empty &amp; &lt;bare&gt;",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
}

// Who hears the page rather than sees it needs headings without gaps, tables
// with headers and names for the pictures.
func TestThePageCanBeHeard(t *testing.T) {
	page := pageOf(t)
	level := 0
	for _, m := range regexp.MustCompile(`<h([1-6])`).FindAllStringSubmatch(page, -1) {
		if now := int(m[1][0] - '0'); now > level+1 {
			t.Errorf("a heading of level %d follows one of level %d", now, level)
			level = now
		} else {
			level = now
		}
	}
	count := func(s string) int { return strings.Count(page, s) }
	if n := count("<table>"); n == 0 || count("<caption>") != n || count("<thead>") != n || count("<th ") != count("<th scope=") {
		t.Error("a table lacks its caption or its headers")
	}
	for _, m := range regexp.MustCompile(`aria-labelledby="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		for id := range strings.FieldsSeq(m[1]) {
			if count(`id="`+id+`"`) != 1 {
				t.Errorf("the name #%s is there %d times", id, count(`id="`+id+`"`))
			}
		}
	}
	if count("<svg") != 2 || count(`role="img"`) != 2 || !strings.Contains(page, `<html lang="en">`) {
		t.Error("a picture or the page does not say what it is")
	}
}

func TestThePageOfALargeSuiteIsSmall(t *testing.T) {
	const questions, most = 3000, 3_000_000 // bytes
	dir := t.TempDir()
	var suite strings.Builder
	for i := range questions {
		fmt.Fprintf(&suite, `{"id":"q%d","kind":"near","question":"Question %d?","refuse":%t,"evidence":["some length"],"answer":["nowhere"]}`+"\n", i, i, i%2 == 0)
	}
	text := strings.Repeat("A passage of some length. ", 30)
	for name, data := range map[string]string{"a.txt": text, "a.jsonl": suite.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	passages := make([]bot.Retrieved, 10)
	for i := range passages {
		passages[i] = bot.Retrieved{Rank: i + 1, Document: "a.txt", Text: text}
	}
	r, err := eval.Run(t.Context(), dir, answering(text, func(string) (bot.Answer, error) { return bot.Answer{Text: "No.", Passages: passages}, nil }), eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := eval.WritePage(&b, []*eval.Result{r}, nil); err != nil {
		t.Fatal(err)
	}
	if b.Len() > most {
		t.Errorf("%d bytes, want at most %d", b.Len(), most)
	}
	if n := strings.Count(b.String(), "The first 100 are shown."); n != 2 {
		t.Errorf("%d sorts say that not all of them are shown, want 2", n)
	}
}
