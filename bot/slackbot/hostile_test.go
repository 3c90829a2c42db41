package slackbot

import (
	"context"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
	"footnote/bot/slackbot/slacksim"
)

// fragments are what hostile texts are made of.
var fragments = []string{
	"<!channel>", "<!here|x>", "<@U1>", "<@U1|a>", "<!subteam^S1|@a>", "<#C1>", "@here", "@channel", "@everyone", "<", ">", "<@", "<!", "|",
	"http://", "https://", "HTTPS://", "ftp://", "slack://", "mailto:", "tel:", "ht", "tp", "tps", "s://", "://", ":", "/", "//", "\\", "h",
	"evil.test", "www.evil.test", "a@b.test", "+123", "https://ok.test/a", "https://ok.test/a_b", "<https://evil.test|x>", "[x](http://e.test)", "[x]", "(y)", "[", "]", "](", "![", "[1]", "[12]", "[1]:", "[^1]:",
	"&", "&lt;", "&gt;", "&amp;", "&amp;lt;", "&#60;", "&#x3c;", "&lt", ";", "\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\u00ad", "\x00", "\xff", "\u2028",
	"ｈttp://", "http：//", "〈!channel〉", "＜@U1＞", "ſ", "\u212a", "\u0301", "\ufe0f", "é", "报告。", "*", "**", "_", "__", "~", "~~", "`", "```", "#", "# ", "- ", "-", "---", "===", "+ ", "1. ", "1) ",
	"\n", "\n\n", "\t", " ", "  ", "    ", "word", "A sentence. ", "- [ ] ", ":tada:", "{}", "!", "$",
}

func hostile(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(14) + 1 {
		f := fragments[r.IntN(len(fragments))]
		if r.IntN(40) == 0 {
			f = strings.Repeat(f, r.IntN(4000))
		}
		b.WriteString(f)
	}
	return b.String()
}

func hostileAnswer(text string, n int) record.Answer {
	a := record.Answer{Text: text, Notice: text, UnderstoodAs: text, Revision: 1}
	for i := range n {
		a.Citations = append(a.Citations, bot.Citation{Marker: i + 1, Document: text, Heading: text, Quote: text, Paragraph: i})
	}
	if n > 0 { // what it may link is only what this quote holds
		for i := range a.Citations {
			a.Citations[i].Quote = "see https://ok.test/a."
		}
	}
	return a
}

var hostileAnswers = flag.Int("hostile", 600, "how many hostile answers are posted")

// The simulated Slack takes every message, and none pings or links.
func TestNothingInAnAnswerHasAnEffect(t *testing.T) {
	t.Parallel()
	ws := slacksim.New(t, slacksim.Options{Limits: slacksim.Limits{Off: true}})
	api := slack.New(ws.BotToken(), slack.OptionAPIURL(ws.APIURL()), slack.OptionHTTPClient(ws.HTTPClient()))
	channel := ws.Channel("general").ID
	r := rand.New(rand.NewPCG(1, 2))
	for i := range *hostileAnswers {
		a := hostileAnswer(hostile(r), i%13)
		for _, m := range renderAnswer(a, record.Entry{ID: 1}, false) {
			checkMessage(t, m)
			if _, _, err := api.PostMessageContext(context.Background(), channel, slack.MsgOptionText(m.text, false), slack.MsgOptionBlocks(m.blocks()...)); err != nil {
				t.Fatalf("%.200q: %v", a.Text, err)
			}
		}
		if t.Failed() {
			t.Fatalf("%.200q", a.Text)
		}
	}
	if p := ws.Pings(); len(p) > 0 {
		t.Errorf("%d pings: %.300v", len(p), p)
	}
	for _, l := range ws.Links() {
		more, ok := strings.CutPrefix(l.Text, "https://ok.test/a")
		if end := strings.IndexAny(more, "〈〉。："); end >= 0 { // the simulator reads on
			more = more[:end]
		}
		if !ok || strings.Trim(more, ".,:;!?]}") != "" {
			t.Fatalf("a link: %.200q", l.Text)
		}
	}
}

var (
	anyScheme = regexp.MustCompile(`(?i)(https?|ftp|slack)://`)
	rawAngle  = regexp.MustCompile(`[<>]`)
	rawAmp    = regexp.MustCompile(`&(amp;|lt;|gt;)?`)
)

func FuzzRender(f *testing.F) {
	for _, s := range fragments {
		f.Add(s + "\n" + s)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		f.Add(hostile(r))
	}
	f.Fuzz(func(t *testing.T, text string) {
		a := hostileAnswer(text, 0)
		a.Citations = []bot.Citation{{Marker: 1, Document: text, Heading: text, Quote: "quote " + strings.ReplaceAll(text, ":", "")}}
		var whole strings.Builder
		for _, m := range renderAnswer(a, record.Entry{ID: 1}, false) {
			checkMessage(t, m)
			whole.WriteString(unescape(m.markdown))
			for _, s := range []string{m.markdown, m.text} {
				checkInert(t, s)
			}
			for _, p := range pieces(m.markdown) {
				checkInert(t, p)
			}
			b, err := json.Marshal(m.tail)
			if err != nil {
				t.Fatal(err)
			}
			if anyScheme.Match(b) {
				t.Errorf("a link below the text: %s", b)
			}
		}
		if want := orElse(tidy(text, nil), "…"); whole.String() != want {
			t.Errorf("%q became %q", want, whole.String())
		}
		decode(text, "U1", names)
	})
}

func checkInert(t *testing.T, s string) {
	t.Helper()
	if rawAngle.MatchString(s) || anyScheme.MatchString(s) {
		t.Errorf("a mention or link in %q", s)
	}
	for _, m := range rawAmp.FindAllString(s, -1) {
		if m == "&" {
			t.Errorf("a bare or torn entity in %q", s)
		}
	}
}

// A portrait is an engine whose documents and suggestions are hostile.
type portrait struct {
	scripted
	text string
	many int
}

func (p portrait) CorpusHash() string { return p.text }
func (p portrait) Voice() string      { return p.text }
func (p portrait) Suggestions(_ bool, n int) []string {
	all := make([]string, n+2)
	for i := range all {
		all[i] = p.text
	}
	return all
}
func (p portrait) Documents() []bot.DocumentInfo {
	d := bot.DocumentInfo{Name: p.text, Title: p.text, Date: p.text, Passages: 3}
	for range p.many {
		d.Headings = append(d.Headings, p.text)
	}
	all := make([]bot.DocumentInfo, p.many)
	for i := range all {
		all[i] = d
	}
	return all
}

// Whatever documents, questions and people are called, the Home tab, suggested
// questions and titles are taken by Slack, and ping and link nobody.
func TestNothingInThePaneHasAnEffect(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 12 {
		text := hostile(r)
		w := start(t, setting{engine: portrait{scripted: scripted{func(context.Context, bot.Question) (bot.Answer, error) { return sample(1), nil }}, text: text, many: i}})
		mallory := w.ws.AddUser(slacksim.UserSpec{Name: "mallory", RealName: text})
		im := mallory.OpenMessages()
		for range 3 {
			mallory.Post(im, entity.Replace(text)+" "+mallory.Mention()+" ?")
			w.settle()
		}
		w.home(mallory)
		w.bot.background.Wait()
		w.clean()
		for _, c := range append(w.ws.Calls("assistant.threads.setSuggestedPrompts"), w.ws.Calls("agents.sessions.rename")...) {
			for _, s := range []string{c.Args["title"], c.Args["prompts"]} {
				checkSent(t, s)
			}
		}
		for call, n := range w.ws.Stats().Errors {
			t.Errorf("%d times %s", n, call)
		}
		if t.Failed() {
			t.Fatalf("%d: %.300q", i, text)
		}
		w.close()
		w.ws.Close()
	}
}

// checkSent looks at a text that somebody may send as their own message.
func checkSent(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) || strings.ContainsAny(s, "<>@") || anyScheme.MatchString(s) || anyEntity.MatchString(s) {
		t.Errorf("something with an effect in %.300q", s)
	}
}

func FuzzInert(f *testing.F) {
	for _, s := range fragments {
		f.Add(s + s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := inert(text, 40)
		checkSent(t, s)
		if n := utf8.RuneCountInString(s); n > 40 || strings.Contains(s, "\n") {
			t.Errorf("%d characters: %q", n, s)
		}
	})
}
