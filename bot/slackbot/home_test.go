package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"footnote/bot"
	"footnote/bot/slackbot/slacksim"
)

// home opens a person's Home tab and waits for what is published.
func (w *world) home(u *slacksim.User) *slacksim.View {
	w.t.Helper()
	before := 0
	if v := u.Home(); v != nil {
		before = v.Updates + 1
	}
	u.OpenHome()
	w.until("the Home tab", func() bool { v := u.Home(); return v != nil && v.Updates >= before })
	return u.Home()
}

func TestTheHomeTabSaysWhatThereIsToAsk(t *testing.T) {
	w := start(t, setting{bot: Options{Version: "v1.2.3"}})
	lin := w.ws.AddUser(slacksim.UserSpec{Name: "lin", Locale: "zh-CN"})
	for _, q := range []string{"Who is Xiao Yanghua?", "Which team won the 1998 football world cup in Paris?", "thanks"} {
		w.alice.Say(w.general, q)
		w.settle()
	}
	w.did(w.alice.Command(w.general, "/footnote", askHowMany))
	w.home(w.alice)
	w.home(lin)
	w.golden("home")
	w.clean()
}

func TestTheHomeTabSaysWhoMayNotAsk(t *testing.T) {
	w := start(t, setting{})
	guest := w.ws.AddUser(slacksim.UserSpec{Name: "guest", Kind: slacksim.Guest})
	v := w.home(guest)
	if shown := shownView(v); !strings.Contains(shown, notAllowed(deniedGuest, false)) || strings.Contains(shown, "For example") {
		t.Errorf("a guest sees %s", shown)
	}
	w.clean()
}

func shownView(v *slacksim.View) string {
	b, err := json.Marshal(v.Blocks)
	if err != nil {
		return err.Error()
	}
	return string(b)
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
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 40 {
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

// Opening the Home tab costs nothing that questions need: what fails is not
// tried again, and nobody is kept waiting.
func TestAHomeTabThatCannotBePublishedDoesNoHarm(t *testing.T) {
	w := start(t, setting{sim: slacksim.Options{HomeDisabled: true}})
	w.alice.OpenHome()
	w.alice.Say(w.general, askHowMany)
	w.settle()
	w.bot.background.Wait()
	if n := len(w.general.Posts()); n != 1 {
		t.Errorf("%d answers", n)
	}
	w.clean()
}

var errOut = errors.New("out of order")

func TestWhatCameOfAQuestionIsSaidInWords(t *testing.T) {
	asked := 0
	w := start(t, setting{workers: 1, engine: scripted{func(_ context.Context, q bot.Question) (bot.Answer, error) {
		asked++
		switch q.Text {
		case "uncertain":
			return bot.Answer{Text: "Perhaps.", Outcome: bot.Uncertain}, nil
		case "stopped":
			return bot.Answer{Text: "Stopped.", Outcome: bot.Stopped}, nil
		case "broken":
			return bot.Answer{}, errOut
		}
		return bot.Answer{Text: "Yes.", Outcome: bot.Answered}, nil
	}}})
	for _, q := range []string{"plain", "uncertain", "stopped", "broken"} {
		w.alice.Say(w.general, q)
		w.settle()
	}
	shown := shownView(w.home(w.alice))
	for _, want := range []string{" — answered\"", " — answered, though not for certain\"", " — stopped\"", " — could not be answered\""} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %q in %s", want, shown)
		}
	}
	if !strings.Contains(shown, "https://acme.slack.com/archives/"+w.general.ID+"/p") {
		t.Errorf("no link in %s", shown)
	}
	w.clean()
}
