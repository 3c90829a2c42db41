package slackbot

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

func TestTextIsShownLiterally(t *testing.T) {
	for text, want := range map[string]string{
		"It grew by 80% [1] [2].":              "It grew by 80% [1] [2].",
		"It grew. [1][2]":                      "It grew. [1][2]",
		"[1](https://evil.test)":               `\[1](evil.test)`,
		"[1]: https://evil.test":               `\[1]: evil.test`,
		"[a](b) ![c](d)":                       `\[a](b) !\[c](d)`,
		"*a* _b_ `c` ~d~ a_b":                  "\\*a\\* \\_b\\_ \\`c\\` \\~d\\~ a_b",
		"# a\n## b\n> c\n+ d\n- e\n1. f\n2) g": "\\# a\n\\## b\n&gt; c\n\\+ d\n- e\n1\\. f\n2\\) g",
		"---\n===\n- - -":                      "\\---\n\\===\n\\- - -",
		"    code":                             "code",
		"a | b":                                `a \| b`,
		"<b> &amp; <!here>":                    "&lt;b&gt; &amp;amp; &lt;!here&gt;",
		"mail a@b.test, @here":                 `mail a\@b.test, \@here`,
		"www.evil.test WWW.x":                  `www\.evil.test WWW\.x`,
		`a\b`:                                  `a\\b`,
		"in 2023. Then":                        "in 2023. Then",
		"2023. Then":                           `2023\. Then`,
		"a\u202eb\u200bc\x00d\te":              "abcd e",
		"hthttps://tps://x HTTP://Y":           "x Y",
		"mailto:tel:a":                         "a",
		"a:x:////b":                            "b",
		"javascript://a":                       "a",
	} {
		if got := literal(text, nil); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// address is what a client might link, in words of its own.
var address = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*://|mailto:|tel:`)

func TestALinkOfTheReportMayStay(t *testing.T) {
	a := record.Answer{Outcome: bot.Answered, Text: "See https://a.test/x. And https://evil.test. [1]",
		Citations: []bot.Citation{{Marker: 1, Document: "r", Paragraph: 1, Quote: "See https://a.test/x."}}}
	if got := renderAnswer(a, 1)[0].markdown; got != "See https://a.test/x. And evil.test. [1]" {
		t.Error(got)
	}
}

func TestSplittingLosesNothingAndCutsNoToken(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	fragments := []string{"a word ", "[12] ", "&amp;", `\*`, `\\`, "。", "中文", "\n", "\n\n", "Sentence. ", "x", "“"}
	for range 3000 {
		var b strings.Builder
		for range random.IntN(80) {
			b.WriteString(fragments[random.IntN(len(fragments))])
		}
		text, limit := b.String(), 16+random.IntN(40)
		parts := split(text, limit)
		if strings.Join(parts, "") != text || strings.Join(pieces(text), "") != text {
			t.Fatalf("%q is split into %q", text, parts)
		}
		for i, p := range parts {
			if utf8.RuneCountInString(p) > limit || p == "" && text != "" {
				t.Fatalf("part %q of %q, limit %d", p, text, limit)
			}
			if i < len(parts)-1 && (strings.HasSuffix(p, "&am") || strings.HasSuffix(p, "[1") || strings.HasSuffix(p, "&")) {
				t.Fatalf("%q is cut inside a token", p)
			}
		}
	}
}

// hostile makes texts of fragments that have an effect in Slack or in markdown.
func hostile(random *rand.Rand) string {
	fragments := []string{
		"<!channel>", "<!here|x>", "<@U000000002>", "<!subteam^S1>", "<", ">", "&", "&lt;", "&#60;", "!", "@here", "#C1", "|", "^",
		"https://", "http://evil.test", "HTTP", "s://", ":", "//", "mailto:", "tel:", "slack://", "evil.test", "www.", "[x](", ")", "![", "[1]", "[1]:", "](",
		"\n", " ", "\t", "\\", "`", "```", "*", "_", "~", "# ", "> ", "- ", "1. ", "---", "\u200b", "\u202e", "\u2066", "\x00", "\x1b", "ｈttp", "中", "a", "\xff",
	}
	var b strings.Builder
	for range 1 + random.IntN(14) {
		b.WriteString(fragments[random.IntN(len(fragments))])
	}
	return b.String()
}

// harmless checks the messages of an answer in its own words: no angle bracket,
// no address, no character that is not seen, within Slack's limits.
func harmless(messages []message) error {
	for _, m := range messages {
		encoded, err := json.Marshal(m.blocks())
		if err != nil {
			return err
		}
		var blocks []map[string]any
		if err := json.Unmarshal(encoded, &blocks); err != nil {
			return err
		}
		if len(blocks) > 50 {
			return fmt.Errorf("%d blocks", len(blocks))
		}
		total := 0
		for _, text := range textsOf(blocks, "text") {
			total += utf8.RuneCountInString(text)
		}
		if total > 13200 || utf8.RuneCountInString(m.markdown) > 12000 || utf8.RuneCountInString(m.text) > 3000 {
			return fmt.Errorf("%d characters", total)
		}
		for _, text := range append(textsOf(blocks, ""), m.text, unbackslashed(m.markdown)) {
			if strings.ContainsAny(text, "<>") || address.MatchString(text) || text != visible(text) {
				return fmt.Errorf("%q has an effect", text)
			}
		}
	}
	return nil
}

// textsOf lists the strings below a key, or all of them.
func textsOf(v any, key string) []string {
	var all []string
	switch v := v.(type) {
	case []map[string]any:
		for _, b := range v {
			all = append(all, textsOf(b, key)...)
		}
	case []any:
		for _, e := range v {
			all = append(all, textsOf(e, key)...)
		}
	case map[string]any:
		for name, e := range v {
			if s, ok := e.(string); ok && (key == "" || key == name) {
				all = append(all, s)
			}
			all = append(all, textsOf(e, key)...)
		}
	}
	return all
}

func hostileAnswer(texts ...string) record.Answer {
	return record.Answer{
		Outcome: bot.Answered, Text: texts[0], Notice: texts[1], UnderstoodAs: texts[2], Revision: 1,
		Citations: []bot.Citation{{Marker: 1, Document: texts[3], Heading: texts[4], Paragraph: 1, Quote: "q"}, {Marker: 2, Document: "b", Quote: "r"}},
	}
}

var hostileTexts = flag.Int("hostile", 10_000, "how many hostile answers are rendered")

func TestNothingInAnAnswerHasAnEffect(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	for range *hostileTexts {
		a := hostileAnswer(hostile(random), hostile(random), hostile(random), hostile(random), hostile(random))
		if err := harmless(renderAnswer(a, 1)); err != nil {
			t.Fatalf("%q: %v", a.Text, err)
		}
	}
}

func FuzzRender(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 9))
	for range 20 {
		f.Add(hostile(random), hostile(random), hostile(random))
	}
	f.Fuzz(func(t *testing.T, text, notice, heading string) {
		if err := harmless(renderAnswer(hostileAnswer(text, notice, notice, heading, heading), 1)); err != nil {
			t.Errorf("%q, %q, %q: %v", text, notice, heading, err)
		}
		if err := harmless(renderText(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func TestManySourcesOverflowIntoFurtherMessages(t *testing.T) {
	a := record.AnswerOf(sample(300), "")
	messages := renderAnswer(a, 7)
	if err := harmless(messages); err != nil {
		t.Error(err)
	}
	buttons := 0
	for _, m := range messages {
		for _, b := range m.blocks() {
			if actions, ok := b.(*slack.ActionBlock); ok {
				buttons += len(actions.Elements.ElementSet)
			}
		}
	}
	if buttons != 300 {
		t.Errorf("%d buttons", buttons)
	}
}

func TestWhatAButtonSaysIsBelievedOnlyInItsForm(t *testing.T) {
	if q, r, m, ok := parseSourceValue(sourceValue(17, 2, 3)); q != 17 || r != 2 || m != 3 || !ok {
		t.Error(q, r, m, ok)
	}
	for _, s := range []string{"", "q1.r1", "q1.r1.m1x", "q01.r1.m1", "q-1.r1", "q99999999999999999999.r1.m1", "1.1.1"} {
		if _, _, _, ok := parseSourceValue(s); ok {
			t.Errorf("%q was taken", s)
		}
	}
}

func TestModalsFitSlack(t *testing.T) {
	long := strings.Repeat("A long sentence of the report. ", 2000)
	chinese := strings.Repeat("报告中的一句话。", 3000)
	for name, x := range map[string]bot.Excerpt{
		"usual":     {Document: "report.txt", Title: "Report", Version: "3f2a91c0", Heading: "A › B", Date: "2023", Paragraph: 18, Paragraphs: 41, Before: "b", After: "a", Text: "one two three", QuoteStart: 4, QuoteEnd: 7},
		"long":      {Document: strings.Repeat("d", 500), Heading: long, Before: long, After: long, Text: long, QuoteStart: 300, QuoteEnd: 25000, Outdated: true},
		"chinese":   {Document: "报告", Text: chinese, QuoteStart: 24, QuoteEnd: 48000, Before: chinese},
		"hostile":   {Document: "<!here>", Heading: "<https://e.test|x>", Before: "https://e.test <!here>", Text: "<@U1> https://e.test", QuoteEnd: 5},
		"misplaced": {Document: "d", Text: "t", QuoteStart: 5, QuoteEnd: 9},
		"empty":     {},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, setting{engine: scripted{echo.ask}})
			w.alice.Say(w.general, "a question")
			w.settle()
			w.close()
			w.run(setting{url: w.url, engine: excerpting{x}})
			if _, err := w.bob.Click(w.general.Posts()[0], sourceAction+"1").Wait(w.ctx); err != nil {
				t.Fatal(err)
			}
			w.until("the modal", func() bool { return w.bob.Modal() != nil })
			w.clean()
		})
	}
}

type excerpting struct{ x bot.Excerpt }

func (e excerpting) Ask(ctx context.Context, q bot.Question) (bot.Answer, error) {
	return echo.ask(ctx, q)
}
func (e excerpting) CorpusHash() string                               { return "c0ffee" }
func (e excerpting) Excerpt(bot.Citation, string) (bot.Excerpt, bool) { return e.x, true }

func TestASourceThatIsNoLongerKeptSaysSo(t *testing.T) {
	w := start(t, setting{})
	w.alice.Say(w.general, askHowMany)
	w.settle()
	m := w.general.Posts()[0]
	for name, forget := range map[string]func(){
		"pruned": func() {
			time.Sleep(2 * time.Millisecond)
			_, err := w.ledger.Prune(w.ctx, time.Millisecond)
			w.must(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			forget()
			if _, err := w.bob.Click(m, sourceAction+"1").Wait(w.ctx); err != nil {
				t.Fatal(err)
			}
			w.until("the modal", func() bool { return w.bob.Modal() != nil })
			if got := w.ws.Transcript(); !strings.Contains(got, "no longer kept") {
				t.Error(got)
			}
		})
	}
}

func TestTheWordsAreComplete(t *testing.T) {
	for _, zh := range []bool{false, true} {
		for _, say := range []string{searchFailed(zh), notInThisChannel(zh), notForThisPerson(zh), notForOutsiders(zh), cannotCheck(zh),
			askedTooOften(time.Second, zh), askedTooOften(200*time.Second, zh), sourceGone(zh)} {
			if say == "" || bot.InChinese(say) != zh {
				t.Errorf("zh %t: %q", zh, say)
			}
		}
	}
	if got := askedTooOften(200*time.Second, false); !strings.Contains(got, "about 4 minutes") {
		t.Error(got)
	}
}
