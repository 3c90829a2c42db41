package slackbot

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

var update = flag.Bool("update", false, "write the golden files")

func citation(marker int, quote string) bot.Citation {
	return bot.Citation{Marker: marker, Document: "report.txt", Paragraph: 10 + marker, Heading: "Competition and elimination", Quote: quote, Passage: fmt.Sprint("p", marker)}
}

func TestAnswersLookLikeThis(t *testing.T) {
	long := "It is estimated that the market size of large language models in China will reach 13.23 billion yuan this year, with a growth rate of 110%."
	other := citation(2, "市场规模将达到一百三十二亿三千万元，"+strings.Repeat("增长率很高", 20))
	other.Document, other.Heading = "notes/markt_2023.md", ""
	many := record.Answer{Text: "Many things. [1]", Revision: 1, Outcome: bot.Answered}
	for i := range 23 {
		many.Citations = append(many.Citations, citation(i+1, "It says *so* at <https://evil.test/x>."))
	}
	cases := []struct {
		name   string
		answer record.Answer
	}{
		{"answer", record.Answer{Text: "“" + long + "” [1]", Revision: 1, Outcome: bot.Answered, Citations: []bot.Citation{citation(1, long)}}},
		{"documents", record.Answer{Text: long + " [1] And so on. [2]", Revision: 2, Outcome: bot.Answered,
			Notice: "Read “markt” as “market”.", UnderstoodAs: "how large is the market", Citations: []bot.Citation{citation(1, long), other}}},
		{"refused", record.Answer{Text: "The report does not say. The nearest part is “Rules & <risks>”.", Revision: 1, Outcome: bot.NotFound, Refused: true,
			Headings: []string{"Rules & <risks>"}, UnderstoodAs: "what of robots in the market"}},
		{"corrected", record.Answer{Text: "The report does not say “2020” here. What it says is: “" + long + "” [1]", Revision: 1, Outcome: bot.NotFound, Refused: true,
			Citations: []bot.Citation{citation(1, long)}}},
		{"markup", record.Answer{Text: "# No heading\n- a *star*, `code`, ~~gone~~, snake_case and _this_ [1]\n1. no number [2](https://evil.test)\n[3]: https://evil.test\n<!channel> <@U1> a | b\n===", Revision: 1}},
		{"many", many},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { golden(t, c.name, show(t, renderAnswer(c.answer, record.Entry{ID: 42}, false))) })
	}
}

// show writes messages as a reviewer can read them.
func show(t *testing.T, messages []message) string {
	t.Helper()
	var b strings.Builder
	for i, m := range messages {
		fmt.Fprintf(&b, "--- message %d\ntext: %s\n", i+1, m.text)
		for _, block := range m.blocks() {
			switch x := block.(type) {
			case *slack.MarkdownBlock:
				fmt.Fprintf(&b, "markdown:\n%s\n", x.Text)
			case *slack.ContextBlock:
				fmt.Fprintf(&b, "context:\n%s\n", x.ContextElements.Elements[0].(*slack.TextBlockObject).Text)
			case *slack.ActionBlock:
				b.WriteString("buttons:\n")
				for _, e := range x.Elements.ElementSet {
					button := e.(*slack.ButtonBlockElement)
					fmt.Fprintf(&b, "%s %s %s (%s)\n", button.Text.Text, button.ActionID, button.Value, button.AccessibilityLabel)
				}
			case *slack.ContextActionsBlock:
				votes := x.Elements.ElementSet[0].(*slack.FeedbackButtonsBlockElement)
				for _, v := range []*slack.FeedbackButton{votes.PositiveButton, votes.NegativeButton} {
					fmt.Fprintf(&b, "vote: %s %s %s (%s)\n", v.Text.Text, votes.ActionID, v.Value, v.AccessibilityLabel)
				}
			default:
				t.Fatalf("a block of type %T", block)
			}
		}
	}
	return b.String()
}

func golden(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it):\n%s", path, got)
	}
}

func TestWhatAQuestionWasTakenFor(t *testing.T) {
	cases := []struct {
		name, notice, as string
		want             []string
	}{
		{"nothing", "", "", nil},
		{"only that", "", "the market", []string{"Understood as: the market"}},
		{"the notice says so", "Read “markt” as “market”.", "the market", []string{"Read “markt” as “market”."}},
		{"another notice", "The model is away.", "the market", []string{"The model is away.", "Understood as: the market"}},
		{"in Chinese", "", "市场", []string{"理解为：市场"}},
		{"markup and links", "a\n*b*\u202e http://x", "", []string{"a *b* x"}},
	}
	for _, c := range cases {
		if got := notices(record.Answer{Notice: c.notice, UnderstoodAs: c.as}, ""); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func TestLongAnswersAreSplit(t *testing.T) {
	cases := map[string]string{
		"paragraphs": strings.Repeat(strings.Repeat("A sentence of the answer. [12] ", 30)+"\n\n", 60),
		"sentences":  strings.Repeat("A sentence of the answer [12]. ", 3000),
		"no space":   strings.Repeat("报告", 20_000),
		"markers":    strings.Repeat("[123]", 8000),
		"entities":   strings.Repeat("&<>", 9000),
		"stars":      strings.Repeat("*", 30_000),
		"hashes":     strings.Repeat("# a\n\n", 9000),
		"accents":    strings.Repeat("e\u0301\u0302", 9000),
		"links":      strings.Repeat("https://ok.test/a ", 2000),
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			a := record.Answer{Text: text, Citations: []bot.Citation{citation(1, "see https://ok.test/a and https://ok.test/b.")}}
			messages := renderAnswer(a, record.Entry{ID: 1}, false)
			var whole strings.Builder
			for i, m := range messages {
				checkMessage(t, m)
				whole.WriteString(unescape(m.markdown))
				if strings.Count(m.markdown, "[") != strings.Count(m.markdown, "]") {
					t.Errorf("message %d holds a part of a marker", i)
				}
			}
			if want := tidy(text, quotedAddresses(a.Citations)); whole.String() != want {
				t.Errorf("%d characters became %d", len(want), whole.Len())
			}
			if n := len(messages); n < 2 || n > 12 {
				t.Errorf("%d messages", n)
			}
		})
	}
}

// unescape undoes literal.
func unescape(markdown string) string {
	var b strings.Builder
	for i := 0; i < len(markdown); i++ {
		if markdown[i] == '\\' && i+1 < len(markdown) && isPunctuation(markdown[i+1]) {
			i++
		}
		b.WriteByte(markdown[i])
	}
	return entities.Replace(b.String())
}

// checkMessage checks a message against Slack's limits.
func checkMessage(t testing.TB, m message) {
	t.Helper()
	if n := utf8.RuneCountInString(m.markdown); n > maxMarkdown {
		t.Errorf("a markdown of %d characters", n)
	}
	if n := utf8.RuneCountInString(m.text); n > maxFallback || strings.TrimSpace(m.text) == "" {
		t.Errorf("a fallback of %d characters", n)
	}
	blocks := m.blocks()
	chars := utf8.RuneCountInString(m.markdown) + blockChars(m.tail)
	for _, b := range blocks {
		if a, ok := b.(*slack.ActionBlock); ok {
			for _, e := range a.Elements.ElementSet {
				button := e.(*slack.ButtonBlockElement)
				chars += len(button.Text.Text)
				if n := utf8.RuneCountInString(button.AccessibilityLabel); n > 75 {
					t.Errorf("a label of %d characters", n)
				}
			}
		}
		if c, ok := b.(*slack.ContextBlock); ok {
			if n := blockChars([]slack.Block{c}); n == 0 || n > 3000 {
				t.Errorf("a context of %d characters", n)
			}
		}
	}
	if len(blocks) == 0 || len(blocks) > 50 || chars > 13_200 {
		t.Errorf("%d blocks with %d characters", len(blocks), chars)
	}
	if strings.Join(pieces(m.markdown), "") != m.markdown {
		t.Error("the pieces are not the whole")
	}
}

func TestManySources(t *testing.T) {
	for _, n := range []int{0, 1, 10, 11, 45, 200} {
		for _, length := range []int{10, 10_900} {
			a := record.Answer{Text: strings.Repeat("x", length), Notice: strings.Repeat("n", 3000), UnderstoodAs: strings.Repeat("u ", 2000)}
			for i := range n {
				c := citation(i+1, strings.Repeat("quoted words ", 20))
				c.Document, c.Heading = strings.Repeat("d", 100+i%2), strings.Repeat("h", 200)
				a.Citations = append(a.Citations, c)
			}
			buttons := 0
			for _, m := range renderAnswer(a, record.Entry{ID: 1}, false) {
				checkMessage(t, m)
				b, err := json.Marshal(m.blocks())
				if err != nil {
					t.Fatal(err)
				}
				buttons += strings.Count(string(b), `"action_id":"source:`)
			}
			if buttons != n {
				t.Errorf("%d sources became %d buttons", n, buttons)
			}
		}
	}
}

func TestNoAnswerIsEmpty(t *testing.T) {
	for _, text := range []string{"", " \n\t", "\u200b\u202e"} {
		for _, m := range append(renderText(text), renderAnswer(record.Answer{Text: text}, record.Entry{ID: 1}, false)...) {
			checkMessage(t, m)
		}
	}
}

func TestSourceValues(t *testing.T) {
	q, r, m, ok := parseSourceValue(sourceValue(1<<62, 3, 12))
	if q != 1<<62 || r != 3 || m != 12 || !ok {
		t.Errorf("%d %d %d %v", q, r, m, ok)
	}
	for _, s := range []string{"", "q1.r1", "q1.r1.m1 ", "q-1.r1.m1", "q9999999999999999999.r1.m1", `{"q":1}`} {
		if _, _, _, ok := parseSourceValue(s); ok {
			t.Errorf("%q was read", s)
		}
	}
}

func TestTheSourceOfARowNamesItsColumns(t *testing.T) {
	c := citation(1, "Bench vise | 96.00")
	c.Columns, c.Heading = "Item | Price (EUR)", ""
	if got, want := describe(c, false), "[1] ¶11 · Columns: Item | Price (EUR) — “Bench vise | 96.00”"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
