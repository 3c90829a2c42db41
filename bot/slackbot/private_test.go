package slackbot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"footnote/bot"
	"footnote/bot/record"
	"footnote/bot/slackbot/slacksim"
)

// seen is what one person sees alone in a channel, latest last.
func (w *world) seen(ch *slacksim.Channel, u *slacksim.User) []*slacksim.Message {
	var all []*slacksim.Message
	for _, m := range ch.Ephemerals() {
		if m.EphemeralTo == u.ID {
			all = append(all, m)
		}
	}
	return all
}

func (w *world) lastSeen(ch *slacksim.Channel, u *slacksim.User) *slacksim.Message {
	w.t.Helper()
	all := w.seen(ch, u)
	if len(all) == 0 {
		w.t.Fatalf("nobody told %s anything\n%s", u.Name, w.ws.Transcript())
	}
	return all[len(all)-1]
}

// did waits for an interaction to be acknowledged and what it led to.
func (w *world) did(i *slacksim.Interaction) {
	w.t.Helper()
	if _, err := i.Wait(w.ctx); err != nil {
		w.t.Fatalf("%v\n%s", err, w.log)
	}
	w.settle()
}

func TestACommandIsAnsweredToItsAskerAloneAndShared(t *testing.T) {
	w := start(t, setting{})
	w.did(w.alice.Command(w.general, "/footnote", askHowMany))
	w.did(w.alice.Command(w.general, "/footnote", "And in the world?"))
	answer := w.seen(w.general, w.alice)[1]
	w.did(w.alice.Click(answer, "source:1"))
	w.until("the source", func() bool { return w.alice.Modal() != nil })
	for range 3 { // shared once
		w.did(w.alice.Click(answer, shareAction))
	}
	w.golden("command")
	w.clean()
}

func TestAnEmptyCommandGetsHelp(t *testing.T) {
	w := start(t, setting{})
	w.did(w.alice.Command(w.general, "/footnote", ""))
	if m := w.lastSeen(w.general, w.alice); !strings.Contains(shownText(m), "report") {
		t.Errorf("help is %q", shownText(m))
	}
	w.clean()
}

// What stands above an answer whose question nobody sees leaves room for it.
func TestALongPrivateAnswerIsWhole(t *testing.T) {
	for _, n := range []int{62, 63, 64, 65, 66, 67, 150} {
		a := sample(n)
		a.UnderstoodAs, a.Notice = strings.Repeat("word ", 200), strings.Repeat("note ", 400)
		w := start(t, setting{engine: saying(a)})
		w.did(w.alice.Command(w.general, "/footnote", "why "+strings.Repeat("is it so ", 200)))
		transcript := w.ws.Transcript()
		for i := range n {
			if !strings.Contains(transcript, fmt.Sprintf("[%d] ¶%d ", i+1, i+3)) {
				t.Fatalf("source %d of %d is missing\n%s", i+1, n, w.log)
			}
		}
		w.clean()
		w.close()
	}
}

// In a channel that the bot is not in, a command works, and sharing says what to
// do.
func TestACommandWhereTheBotIsNot(t *testing.T) {
	w := start(t, setting{})
	elsewhere := w.ws.AddChannel(slacksim.ChannelSpec{Name: "elsewhere", Members: []*slacksim.User{w.alice}, WithoutBot: true})
	w.did(w.alice.Command(elsewhere, "/footnote", askHowMany))
	answer := w.lastSeen(elsewhere, w.alice)
	w.did(w.alice.Click(answer, shareAction))
	w.until("the reason", func() bool { return strings.Contains(shownText(w.lastSeen(elsewhere, w.alice)), "Invite me") })
	if n := len(elsewhere.Posts()); n != 0 {
		t.Errorf("%d posts", n)
	}
	w.clean()
}

// A response URL lasts half an hour, and the bot may be down for longer.
func TestACommandAnsweredLateStillReachesItsAsker(t *testing.T) {
	w := start(t, setting{})
	w.general.Invite(w.alice)
	w.ws.Inject(slacksim.Fault{Method: "response_url", Kind: slacksim.APIError, Code: "expired_url"})
	w.did(w.alice.Command(w.general, "/footnote", askHowMany))
	if m := w.lastSeen(w.general, w.alice); !strings.Contains(shownText(m), "238") {
		t.Errorf("alice sees %q", shownText(m))
	}
	elsewhere := w.ws.AddChannel(slacksim.ChannelSpec{Name: "elsewhere", Members: []*slacksim.User{w.alice}, WithoutBot: true})
	w.did(w.alice.Command(elsewhere, "/footnote", askHowMany))
	said := w.ws.DM(w.alice).Posts()
	if len(said) != 1 {
		t.Fatalf("%d direct messages", len(said))
	}
	elsewhere.Invite(w.ws.Bot)
	w.did(w.alice.Click(said[0], shareAction))
	if n := len(elsewhere.Posts()); n != 1 {
		t.Errorf("%d posts", n)
	}
	w.clean()
}

func TestTheShortcutAsksAboutAMessage(t *testing.T) {
	w := start(t, setting{})
	m := w.bob.Post(w.general, "China has 238 large models &amp; more, I hear from "+w.alice.Mention())
	for _, where := range []string{whereAlone, whereHere} {
		w.did(w.alice.MessageShortcut(m, aboutShortcut))
		w.until("the form", func() bool { return w.alice.Modal() != nil })
		w.did(w.alice.Submit(w.alice.Modal(), map[string]map[string]any{
			"ask":    {aboutQuestion: map[string]any{"type": "plain_text_input", "value": askHowMany}},
			"answer": {aboutWhere: map[string]any{"type": "radio_buttons", "selected_option": map[string]any{"value": where}}},
		}))
	}
	w.golden("shortcut")
	w.clean()
}

func TestAQuestionTakenForAnotherIsTakenAsWritten(t *testing.T) {
	var asked []bot.Question
	w := start(t, setting{workers: 1, engine: scripted{func(_ context.Context, q bot.Question) (bot.Answer, error) {
		asked = append(asked, q)
		a := sample(1)
		if !q.Literal {
			a.UnderstoodAs = "Who is Xiao Yanghua in 2022?"
		}
		return a, nil
	}}})
	w.alice.Say(w.general, "And in 2022?")
	w.settle()
	answer := w.general.Posts()[0]
	w.did(w.bob.Click(answer, literalAction))
	w.until("a word to bob", func() bool { return len(w.seen(w.general, w.bob)) == 1 })
	w.did(w.alice.Click(answer, literalAction))
	if n := gathered(t, w, "footnote_questions_total"); n != 2 {
		t.Errorf("%v questions were counted", n)
	}
	if len(asked) != 2 || asked[0].Literal || !asked[1].Literal || asked[1].History != nil {
		t.Errorf("asked %+v", asked)
	}
	w.golden("literal")
	w.clean()
}

// A keyed engine knows questions that are the same but for case and signs.
type keyed struct{ scripted }

func (keyed) QuestionKey(q bot.Question) (string, bool) { return new(bot.Engine).QuestionKey(q) }

// counting is an engine that says how often it was asked.
func counting(n *atomic.Int64) keyed {
	return keyed{scripted{func(context.Context, bot.Question) (bot.Answer, error) {
		n.Add(1)
		return sample(1), nil
	}}}
}

func TestTheSameQuestionGetsTheStoredAnswer(t *testing.T) {
	var asked atomic.Int64
	w := start(t, setting{engine: counting(&asked)})
	secret := w.ws.AddChannel(slacksim.ChannelSpec{Name: "secret", Kind: slacksim.Private, Members: []*slacksim.User{w.alice, w.bob}})
	open := w.ws.AddChannel(slacksim.ChannelSpec{Name: "open", Members: []*slacksim.User{w.alice, w.bob}})
	tests := []struct {
		who  *slacksim.User
		in   *slacksim.Channel
		text string
		want int64 // how often the engine was asked by then
	}{
		{w.alice, secret, "Who won?", 1},
		{w.bob, w.general, "Who won?", 2},       // what was said in a private channel stays there
		{w.bob, secret, "who won", 2},           // in the same channel
		{w.alice, open, "Who won ?", 2},         // from a public channel
		{w.bob, w.ws.DM(w.bob), "Who won?", 2},  // from a public channel, in private
		{w.bob, open, "Who has won?", 3},        // another question
		{w.alice, w.general, "Who has won?", 3}, // from another public channel
	}
	for i, tt := range tests {
		if tt.in.Kind == slacksim.IM {
			tt.who.Post(tt.in, tt.text)
		} else {
			tt.who.Say(tt.in, tt.text)
		}
		w.settle()
		if n := asked.Load(); n != tt.want {
			t.Errorf("%d: asked %d times, want %d", i, n, tt.want)
		}
	}
	posts := open.Posts()
	w.did(w.alice.Click(posts[0], againAction))
	if n := asked.Load(); n != 4 {
		t.Errorf("ask again: asked %d times", n)
	}
	w.golden("again")
	w.clean()
}

func TestAGuestIsNotToldWhatWasSaidElsewhere(t *testing.T) {
	var asked atomic.Int64
	s := setting{engine: counting(&asked)}
	s.bot.Access.Guests = true
	w := start(t, s)
	guest := w.ws.AddUser(slacksim.UserSpec{Name: "guest", Kind: slacksim.Guest})
	open := w.ws.AddChannel(slacksim.ChannelSpec{Name: "open", Members: []*slacksim.User{w.alice, guest}})
	w.alice.Say(w.general, "Who won?")
	w.settle()
	guest.Say(open, "Who won?")
	w.settle()
	if n := asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
	w.clean()
}

// Who is told to invite the bot and press once more must get what was promised.
func TestWhatCouldNotBeSharedIsSharedOnceTheBotIsInvited(t *testing.T) {
	w := start(t, setting{})
	elsewhere := w.ws.AddChannel(slacksim.ChannelSpec{Name: "elsewhere", Members: []*slacksim.User{w.alice}, WithoutBot: true})
	w.did(w.alice.Command(elsewhere, "/footnote", askHowMany))
	answer := w.lastSeen(elsewhere, w.alice)
	w.did(w.alice.Click(answer, shareAction))
	w.until("the reason", func() bool { return strings.Contains(shownText(w.lastSeen(elsewhere, w.alice)), "Invite me") })
	elsewhere.Invite(w.ws.Bot)
	for range 3 {
		w.did(w.alice.Click(answer, shareAction))
	}
	if n := len(elsewhere.Posts()); n != 1 {
		t.Errorf("%d posts\n%s", n, w.ws.Transcript())
	}
	w.clean()
}

// askAbout uses the shortcut on a message, to be answered in its thread.
func (w *world) askAbout(m *slacksim.Message, question string) {
	w.t.Helper()
	w.did(w.alice.MessageShortcut(m, aboutShortcut))
	w.until("the form", func() bool { return w.alice.Modal() != nil })
	w.did(w.alice.Submit(w.alice.Modal(), map[string]map[string]any{
		"ask":    {aboutQuestion: map[string]any{"type": "plain_text_input", "value": question}},
		"answer": {aboutWhere: map[string]any{"type": "radio_buttons", "selected_option": map[string]any{"value": whereHere}}},
	}))
}

// A form says nothing by itself: where the answer cannot be posted, its asker is
// told.
func TestTheShortcutSaysWhereItCannotAnswer(t *testing.T) {
	w := start(t, setting{})
	elsewhere := w.ws.AddChannel(slacksim.ChannelSpec{Name: "elsewhere", Members: []*slacksim.User{w.alice, w.bob}, WithoutBot: true})
	w.askAbout(w.bob.Post(elsewhere, "238 models, I hear"), askHowMany)
	w.until("the reason", func() bool { return len(w.seen(elsewhere, w.alice)) > 0 })
	if m := w.lastSeen(elsewhere, w.alice); !strings.Contains(shownText(m), "Invite me") {
		t.Errorf("alice sees %q", shownText(m))
	}
	w.clean()
}

// Whoever has a response URL can write in the asker's name for half an hour.
func TestAResponseURLIsNotLogged(t *testing.T) {
	var broken atomic.Int32
	w := start(t, setting{engine: echo, wrap: func(inner http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.Path, "/respond/") {
				broken.Add(1)
				return nil, errors.New("no route to host")
			}
			return inner.RoundTrip(r)
		})
	}})
	w.alice.Say(w.general, "the same")
	w.settle()
	w.did(w.bob.Click(w.general.Posts()[0], literalAction))
	w.until("a try", func() bool { return broken.Load() > 0 && !w.bot.Busy() })
	if strings.Contains(w.log.String(), "/respond/") {
		t.Errorf("the log holds a response URL\n%s", w.log)
	}
}

// What one person was told alone is not repeated to others, be it in the same
// channel.
func TestAPrivateAnswerIsNotRepeatedToOthers(t *testing.T) {
	var asked atomic.Int64
	w := start(t, setting{engine: counting(&asked)})
	w.did(w.bob.Command(w.general, "/footnote", "Who won?"))
	w.alice.Say(w.general, "Who won?")
	w.settle()
	if n := asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
	w.clean()
}

// gathered is the sum of a metric over its labels.
func gathered(t *testing.T, w *world, name string) (sum float64) {
	t.Helper()
	families, err := w.figures.Gather()
	w.must(err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// A notebook takes down what a worker did.
type notebook struct {
	record.Book
	steps []record.Step
}

func (n *notebook) Record(_ context.Context, s record.Step) error {
	n.steps = append(n.steps, s)
	return nil
}

func (n *notebook) Finish(context.Context) error { return nil }

// A worker that takes over sends what was not sent, and again what may have been.
func TestPartsOfAPrivateAnswerThatWereSentAreNotSentAgain(t *testing.T) {
	w := start(t, setting{})
	w.did(w.alice.Command(w.general, "/footnote", askHowMany))
	turns, err := w.ledger.Recent(w.ctx, 1)
	w.must(err)
	work := record.Work{Entry: turns[0].Entry, Steps: []record.Step{
		{Kind: record.StepPosting, Purpose: privatePurpose, Number: 0, Revision: 1},
		{Kind: record.StepPosted, Purpose: privatePurpose, Number: 0, Revision: 1},
		{Kind: record.StepPosting, Purpose: privatePurpose, Number: 1, Revision: 1},
	}}
	var messages []message
	for _, text := range []string{"the first part", "the second part", "the third part"} {
		messages = append(messages, renderText(text)...)
	}
	before := len(w.seen(w.general, w.alice))
	w.must(w.bot.whisper(w.ctx, work, &notebook{}, messages))
	transcript := w.ws.Transcript()
	if n := len(w.seen(w.general, w.alice)) - before; n != 2 || strings.Contains(transcript, "the first part") || !strings.Contains(transcript, "the third part") {
		t.Errorf("%d were sent\n%s", n, transcript)
	}
}

// Slack says of a private message no more than who pressed its button.
func TestAPrivateAnswersButtonIsItsAskersAlone(t *testing.T) {
	w := start(t, setting{})
	w.did(w.alice.Command(w.general, "/footnote", askHowMany))
	turns, err := w.ledger.Recent(w.ctx, 1)
	w.must(err)
	i := &interaction{}
	i.Container.Ephemeral, i.Channel.ID = true, w.general.ID
	for _, test := range []struct {
		by   *slacksim.User
		want error
	}{{w.alice, nil}, {w.bob, record.ErrNotFound}} {
		i.User.ID = test.by.ID
		if _, err := w.bot.turnOf(w.ctx, i, turns[0].ID, 1); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.by.Name, err)
		}
	}
}

// What is answered in a direct message cannot be shared there.
func TestAnAnswerInADirectMessageIsNotShared(t *testing.T) {
	w := start(t, setting{})
	w.did(w.alice.Command(w.ws.DM(w.alice), SlashCommand, askHowMany))
	if got := w.ws.Transcript(); !strings.Contains(got, "238 large models") || strings.Contains(got, "(Share in the channel)") {
		t.Error(got)
	}
}
