package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"footnote/corpus"
	"footnote/retrieval"
)

func overviewEngine(t *testing.T, docs ...corpus.Document) *Engine {
	t.Helper()
	return NewEngine(corpusOf(t, docs...), nil, draftFrom(func(string, *retrieval.Result) (Draft, error) {
		panic("an overview is not searched for")
	}), EngineOptions{})
}

func sentences(n int, what string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Line %s-%d says something about %s. It goes on to say more of it.\n", what, i, what)
	}
	return b.String()
}

func TestOverviewQuotesTheLeadingSentenceOfEachSection(t *testing.T) {
	e := overviewEngine(t, portDocument())
	a := ask(t, e, "What is this report about?")
	want := `“The port”, which seems to be from 1931, has three parts. They begin:

The port was dug in 1871 by order of the council. [1]

The people
Kåre Lund built the lighthouse and kept it for forty years. [2]

The trade
Salt was taxed until 1905. [3]`
	if a.Text != want {
		t.Errorf("got\n%s\nwant\n%s", a.Text, want)
	}
	if a.Outcome != Answered || a.Confidence != overviewConfidence || len(a.Passages) != 3 {
		t.Errorf("outcome %s, confidence %v, %d passages", a.Outcome, a.Confidence, len(a.Passages))
	}
	if a.Checks.Numbers != 4 || a.Checks.NumbersGrounded != 4 || a.Checks.MarkersValid != 3 {
		t.Errorf("checks %+v", a.Checks)
	}
	if a.Citations[1].Quote != "Kåre Lund built the lighthouse and kept it for forty years." || a.Citations[1].Heading != "The people" {
		t.Errorf("second citation %+v", a.Citations[1])
	}
}

func TestOverviewGoesBelowATitleThatHoldsEverything(t *testing.T) {
	text := "Harbours\nThis is how they came to be built.\n- Old\nThe old ones are of wood.\n- New\nThe new ones are of stone.\n"
	d := lines("h.md", text, "Harbours", "- Old", "- New")
	d.Date = time.Date(2023, 12, 7, 0, 0, 0, 0, time.UTC)
	a := ask(t, overviewEngine(t, d), "Summarise it")
	want := `“h.md”, dated 2023-12-07, has three parts. They begin:

This is how they came to be built. [1]

- Old
The old ones are of wood. [2]

- New
The new ones are of stone. [3]`
	if a.Text != want {
		t.Errorf("got\n%s\nwant\n%s", a.Text, want)
	}
}

func TestOverviewWithoutHeadingsQuotesFromBeginningToEnd(t *testing.T) {
	a := ask(t, overviewEngine(t, lines("d.txt", sentences(30, "x"))), "tl;dr")
	if !strings.HasPrefix(a.Text, "“d.txt” begins, and goes on, like this:\n\nLine x-0 says") || len(a.Citations) != overviewPassages {
		t.Errorf("%d citations in\n%s", len(a.Citations), a.Text)
	}
	if last := a.Citations[len(a.Citations)-1].Paragraph; last != 26 {
		t.Errorf("the last is of paragraph %d", last)
	}
	a = ask(t, overviewEngine(t, lines("d.txt", "Only this is said.")), "overview")
	if want := "“d.txt” begins:\n\nOnly this is said. [1]"; a.Text != want {
		t.Errorf("got %q, want %q", a.Text, want)
	}
}

func TestOverviewOfSeveralDocumentsQuotesEach(t *testing.T) {
	var docs []corpus.Document
	for i := range 3 {
		name := fmt.Sprintf("d%d.txt", i)
		docs = append(docs, lines(name, sentences(2, name)))
	}
	a := ask(t, overviewEngine(t, docs...), "What are these documents about?")
	if !strings.HasPrefix(a.Text, "There are three documents. They begin:\n\nd0.txt\nLine d0.txt-0 says something about d0.txt. [1]\n\nd1.txt\n") {
		t.Errorf("got\n%s", a.Text)
	}
	for i := range 30 {
		name := fmt.Sprintf("e%d.txt", i)
		docs = append(docs, lines(name, sentences(2, name)))
	}
	a = ask(t, overviewEngine(t, docs...), "What are these documents about?")
	if !strings.HasPrefix(a.Text, "There are more than twenty documents. Some of them begin:") || len(a.Citations) != overviewFiles {
		t.Errorf("%d citations in\n%s", len(a.Citations), a.Text)
	}
}

func TestOverviewStaysShort(t *testing.T) {
	long := strings.Repeat("word ", 80) + "end."
	var text strings.Builder
	var headings []string
	for i := range 40 {
		h := fmt.Sprintf("Section %d", i)
		headings = append(headings, h)
		fmt.Fprintf(&text, "%s\n%s\n", h, long)
	}
	a := ask(t, overviewEngine(t, lines("d.txt", text.String(), headings...)), "Give me an overview")
	if n := utf8.RuneCountInString(a.Text); n > overviewLength || len(a.Citations) != 3 {
		t.Errorf("%d characters, %d citations", n, len(a.Citations))
	}
	if !strings.Contains(a.Text, "more than twenty parts. Some of them begin:") || a.Citations[0].Quote != long {
		t.Errorf("got\n%s", a.Text)
	}

	endless := "Every " + strings.Repeat("word ", 280) + "ends."
	a = ask(t, overviewEngine(t, lines("d.txt", strings.Repeat(endless+" ", 2)+"\n"+endless)), "overview")
	if len(a.Citations) != 1 || !strings.Contains(a.Text, endless) {
		t.Errorf("%d citations", len(a.Citations))
	}
}

func TestOverviewPrefersAWholeSentence(t *testing.T) {
	text := "Prices\nsalt; 5; 7\nfish; 8; 9\nPrices rose in every year of the war.\nThe end\nAll was over.\n"
	a := ask(t, overviewEngine(t, lines("d.txt", text, "Prices", "The end")), "what are the main points?")
	if a.Citations[0].Quote != "Prices rose in every year of the war." {
		t.Errorf("quoted %q", a.Citations[0].Quote)
	}
}

func TestOverviewEscapesWhatLooksLikeAMarker(t *testing.T) {
	text := "[1] Origins\nIt began early.[2]\n[2] Ends\nIt ended late.\n"
	a := ask(t, overviewEngine(t, lines("d.txt", text, "[1] Origins", "[2] Ends")), "summary")
	if !strings.Contains(a.Text, "(1) Origins\nIt began early.(2) [1]\n\n(2) Ends\nIt ended late. [2]") {
		t.Errorf("got\n%s", a.Text)
	}
}

func TestOverviewIsIntroducedInTheAskersLanguage(t *testing.T) {
	a := ask(t, overviewEngine(t, portDocument()), "这份报告讲了什么？")
	if !strings.HasPrefix(a.Text, "“The port”（约1931年）共有三个部分，开头分别是：\n\n") {
		t.Errorf("got\n%s", a.Text)
	}
}

func TestCountsAreSpelledOut(t *testing.T) {
	for n, want := range map[int][2]string{
		2: {"two", "两"}, 10: {"ten", "十"}, 11: {"eleven", "十一"}, 12: {"twelve", "十二"}, 19: {"nineteen", "十九"},
		20: {"twenty", "二十"}, 21: {"more than twenty", "二十多"},
	} {
		if got := [2]string{spelled(n), spelledChinese(n)}; got != want {
			t.Errorf("%d is spelled %q, want %q", n, got, want)
		}
	}
}

func TestAGenericFileNameIsNotShownAsATitle(t *testing.T) {
	text := "It grew in every year.\n\nThen it stopped.\n"
	for name, want := range map[string][2]string{
		"report.txt":       {"the report", "这份报告"},
		"notes/README.txt": {"the document", "这份文档"},
		"untitled":         {"the document", "这份文档"},
		"river-flow.txt":   {"“River flow”", "“River flow”"},
	} {
		e := overviewEngine(t, corpus.Plain(name, text))
		if got := [2]string{e.subject(false), e.subject(true)}; got != want {
			t.Errorf("%s is called %q, want %q", name, got, want)
		}
		start := strings.Replace(want[0], "the ", "The ", 1) + " begins"
		if a := ask(t, e, "What is it about?"); !strings.HasPrefix(a.Text, start) {
			t.Errorf("%s: %q does not start with %q", name, a.Text, start)
		}
	}
	titled := corpus.Plain("report.txt", "---\ntitle: Report\n---\n"+text)
	if got := overviewEngine(t, titled).subject(false); got != "“Report”" {
		t.Errorf("a title of its own became %q", got)
	}
}
