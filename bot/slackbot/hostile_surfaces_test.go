package slackbot

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"footnote/bot"
	"footnote/bot/slackbot/slacksim"
	"footnote/corpus"
	"footnote/corpus/original"
)

// originals is where the documents of a test are.
const originals = "https://files.example.test/reports/"

// A liar answers with whatever it likes, wherever an answer has a place for it.
// Where its documents are called so, too, the links are those that are set.
type liar struct {
	keyed
	text  string
	links original.Links
}

// Excerpt shows what the report says, addresses and all; they are left out here.
func (l liar) Excerpt(bot.Citation, string) (bot.Excerpt, bool) {
	text := strings.ReplaceAll(l.text, ":", "")
	return bot.Excerpt{
		Document: l.text, Title: l.text, Heading: l.text, Version: l.text, Date: l.text,
		Text: text + text, QuoteStart: len(text), QuoteEnd: 2 * len(text), Before: text, After: text,
		Page: 2, Link: l.links.To(corpus.Document{Name: l.text}, 2, 1),
	}, true
}

func lying(text string) liar {
	return liar{keyed{scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
		a := bot.Answer{Text: text, Outcome: bot.Answered, Mode: bot.ModeLLM, Notice: text, UnderstoodAs: text, Headings: []string{text}}
		for i := range 3 {
			// An address may be a link only where a quote holds it.
			a.Citations = append(a.Citations, bot.Citation{Marker: i + 1, Document: text, Heading: text, Date: text, Quote: strings.ReplaceAll(text, ":", "") + "."})
		}
		if q.Show == nil {
			return a, nil
		}
		return a, q.Show(ctx, text)
	}}}, text, original.Links{}}
}

// A model that means harm, asked by people whose names and messages do, too:
// through every surface, each button pressed, nobody is pinged, nothing links or
// unfurls, and Slack takes every payload.
func TestAHostileModelBehindEverySurface(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	for i := range min(*hostileAnswers/150, 40) {
		text := hostile(r)
		l := lying(text)
		var err error
		if l.links, err = original.Parse(originals); err != nil {
			t.Fatal(err)
		}
		w := start(t, setting{engine: l, originals: originals, sim: patient})
		mallory := w.ws.AddUser(slacksim.UserSpec{Name: "mallory", RealName: text})
		w.general.Invite(mallory)
		asked := entity.Replace(text)
		said := mallory.Say(w.general, asked)
		w.settle()
		mallory.Say(w.general, asked+" more", slacksim.InThread(said.TS))
		mallory.Post(w.ws.DM(mallory), asked)
		w.settle()
		mallory.Command(w.general, SlashCommand, asked)
		w.settle()
		for _, where := range []string{whereAlone, whereHere} {
			w.did(mallory.MessageShortcut(said, aboutShortcut))
			w.until("the form", func() bool { return mallory.Modal() != nil })
			w.did(mallory.Submit(mallory.Modal(), mallory.Modal().Values(map[string]string{aboutQuestion: orElse(beginning(visible(text), maxElement-1), "?"), aboutWhere: where})))
		}
		w.pressAll(mallory)
		w.clean()
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

// openOriginals presses what opens an address.
func (w *world) openOriginals(u *slacksim.User, v *slacksim.View) (opened []string) {
	w.t.Helper()
	for _, a := range v.Actions() {
		if a.URL != "" {
			w.did(u.ClickView(v, a.ID))
			opened = append(opened, a.URL)
		}
	}
	return opened
}

// pressAll presses each button of each message that somebody sees, once, and
// closes what opens.
func (w *world) pressAll(u *slacksim.User) {
	w.t.Helper()
	seen := append(w.general.Posts(), w.ws.DM(u).Posts()...)
	for _, m := range append(seen, w.seen(w.general, u)...) {
		for _, a := range m.Actions() {
			i := u.Choose(m, a.ID, a.Value)
			if _, err := i.Wait(w.ctx); err != nil {
				continue // an answer that was changed meanwhile has other buttons
			}
			w.settle()
			w.bot.background.Wait()
			if v := u.Modal(); v != nil {
				w.openOriginals(u, v)
				u.Dismiss(v)
			}
		}
	}
	w.settle()
}
