package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

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
	w := start(t, setting{engine: readily(t), bot: Options{Version: "v1.2.3"}})
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
