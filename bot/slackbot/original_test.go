package slackbot

import (
	"context"
	"slices"
	"strings"
	"testing"

	"footnote/bot"
	"footnote/bot/slackbot/slacksim"
	"footnote/corpus"
	"footnote/corpus/load"
	"footnote/corpus/original"
)

// linkedEngine is the real engine on a PDF file whose original is known.
func linkedEngine(t *testing.T) Engine {
	t.Helper()
	docs, err := load.Load(t.Context(), "../eval/testdata/formats/water.pdf")
	if err != nil {
		t.Fatal(err)
	}
	links, err := original.Parse(originals)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engineWith(bot.EngineOptions{Link: links.To}, docs...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// openSource has somebody open the first source of the last answer.
func (w *world) openSource(u *slacksim.User) *slacksim.View {
	w.t.Helper()
	posts := w.general.Posts()
	w.did(u.Click(posts[len(posts)-1], sourceAction+":1"))
	w.until("the modal", func() bool { return u.Modal() != nil })
	return u.Modal()
}

func TestASourceOpensItsOriginal(t *testing.T) {
	w := start(t, setting{engine: linkedEngine(t), originals: originals})
	w.alice.Say(w.general, "How much water can the reservoir hold?")
	w.settle()
	if got := w.openOriginals(w.bob, w.openSource(w.bob)); !slices.Equal(got, []string{originals + "water.pdf#page=2"}) {
		t.Errorf("opened %q", got)
	}
	w.golden("original")
	w.clean()
}

// A citation that was stored before anything was set is linked as it is set now,
// and not as the citation says.
func TestTheOriginalOfAnOldAnswerIsWhereItIsSetNow(t *testing.T) {
	e := linkedEngine(t)
	for _, before := range []string{"", "https://old.example.test/water.pdf"} {
		w := start(t, setting{engine: relinked{e, before}, originals: originals})
		w.alice.Say(w.general, "How much water can the reservoir hold?")
		w.settle()
		v := w.openSource(w.bob)
		if got := w.openOriginals(w.bob, v); !slices.Equal(got, []string{originals + "water.pdf#page=2"}) {
			t.Errorf("linked to %q before, opened %q", before, got)
		}
		w.clean()
	}
}

// A relinked engine gives answers that link elsewhere.
type relinked struct {
	Engine
	link string
}

func (r relinked) Ask(ctx context.Context, q bot.Question) (bot.Answer, error) {
	a, err := r.Engine.Ask(ctx, q)
	for i := range a.Citations {
		a.Citations[i].Link = r.link
	}
	return a, err
}

// Whatever a document is called, Slack takes its modal, and what is opened is
// below what was set.
func TestAHostileNameOpensNothingElse(t *testing.T) {
	t.Parallel()
	links, err := original.Parse(originals)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"../a.pdf", `..\a.pdf`, "javascript:alert(1)", "a@evil.test", "@evil.test", "#page=9", "?a=b", "a\nb", "<!channel>", "<@U1>",
		"\u202efdp.a", "//evil.test", "https:evil.test", strings.Repeat("长", 4000), strings.Repeat("a", 4000), strings.Repeat("a/", 1400) + "a", "a|b", "%2e%2e/a"}
	for _, name := range names {
		x := excerptOf("a", "b", "c", "d", "e")
		x.Document, x.Page, x.Link = name, 2, links.To(corpus.Document{Name: name}, 2, 1)
		w := start(t, setting{engine: showing{scripted{func(context.Context, bot.Question) (bot.Answer, error) { return sample(1), nil }}, x}, originals: originals})
		w.alice.Say(w.general, askHowMany)
		w.settle()
		w.openOriginals(w.bob, w.openSource(w.bob))
		w.clean()
		w.close()
		w.ws.Close()
	}
}

// A showing engine has one excerpt for everything.
type showing struct {
	scripted
	excerpt bot.Excerpt
}

func (s showing) Excerpt(bot.Citation, string) (bot.Excerpt, bool) { return s.excerpt, true }
