package slackbot

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/ledger"
	"footnote/bot/record"
	"footnote/bot/slackbot/slacksim"
)

// votes are the votes in the ledger, oldest first.
func (w *world) votes() []record.FeedbackOn {
	w.t.Helper()
	all, err := w.ledger.FeedbackOn(w.ctx, time.Time{})
	w.must(err)
	return all
}

// vote presses one of the feedback buttons below the answer to a question.
func (w *world) vote(u *slacksim.User, m *slacksim.Message, question int64, revision int, vote string) {
	w.t.Helper()
	w.did(u.Choose(m, feedbackAction, voteValue(question, revision, vote)))
}

// why fills in the form that asks what was wrong.
func (w *world) why(u *slacksim.User, reason, text string) {
	w.t.Helper()
	w.until("the form", func() bool { return u.Modal() != nil })
	w.did(u.Submit(u.Modal(), map[string]map[string]any{
		"why":   {feedbackReason: map[string]any{"type": "radio_buttons", "selected_option": map[string]any{"value": reason}}},
		"words": {feedbackText: map[string]any{"type": "plain_text_input", "value": text}},
	}))
}

func TestAnybodyWhoSeesAnAnswerVotesOnIt(t *testing.T) {
	w := start(t, setting{engine: saying(sample(1))})
	w.alice.Say(w.general, "Who won?")
	w.settle()
	answer := w.general.Posts()[0]
	w.vote(w.alice, answer, 1, 1, voteGood)
	w.vote(w.bob, answer, 1, 1, voteBad)
	w.until("the form", func() bool { return w.bob.Modal() != nil })
	if all := w.votes(); len(all) != 2 || all[1].Vote != -1 || all[1].Reason != "" {
		t.Errorf("before anything is said: %+v", all)
	}
	w.why(w.bob, ReasonWrong, " It was <@U1> &amp; me.\n")
	w.vote(w.alice, answer, 1, 1, voteBad) // instead
	w.until("the form", func() bool { return w.alice.Modal() != nil })
	w.alice.Dismiss(w.alice.Modal())
	w.settle()
	var got []string
	for _, f := range w.votes() {
		if f.AnswerID != f.Answer.ID || f.Entry.ID != 1 || f.Vote != -1 {
			t.Errorf("a vote: %+v", f.Feedback)
		}
		got = append(got, f.Reason+"|"+f.Text)
	}
	if strings.Join(got, " ") != "wrong|It was <@U1> &amp; me. |" {
		t.Errorf("the reasons: %q", got)
	}
	w.golden("feedback")
	w.clean()
}

func TestPrivateAnswersAreVotedOnByTheirAsker(t *testing.T) {
	w := start(t, setting{engine: saying(sample(1))})
	w.did(w.alice.Command(w.general, "/footnote", "谁赢了？"))
	private := w.lastSeen(w.general, w.alice)
	w.vote(w.alice, private, 1, 1, voteBad)
	w.why(w.alice, ReasonNotInReport, "")
	w.did(w.alice.Click(private, shareAction))
	w.vote(w.bob, w.general.Posts()[0], 2, 1, voteGood) // the shared one is an answer of its own
	all := w.votes()
	if len(all) != 2 || all[0].Entry.ID != 1 || all[0].Reason != ReasonNotInReport || all[1].Entry.ID != 2 || all[1].Vote != 1 {
		t.Errorf("the votes: %+v", all)
	}
	w.golden("feedback-private")
	w.clean()
}

func TestWhatWasNotLookedUpIsNotVotedOn(t *testing.T) {
	for outcome, want := range map[bot.Outcome]bool{
		bot.Answered: true, bot.Uncertain: true, bot.NotFound: true,
		bot.Social: false, bot.Stopped: false, outcomeDenied: false, outcomeFailed: false,
	} {
		blocks, err := json.Marshal(footer(record.Answer{Outcome: outcome, Revision: 1}, record.Entry{ID: 1}, false))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(blocks), feedbackAction); got != want {
			t.Errorf("%s: %v, want %v", outcome, got, want)
		}
	}
}

// The button of an answer that was edited away does not vote on the new one.
func TestAVoteOnAnAnswerThatChanged(t *testing.T) {
	w := start(t, setting{engine: saying(sample(1))})
	question := w.alice.Say(w.general, "Who won?")
	w.settle()
	seen := w.bob.Click(w.general.Posts()[0], sourceAction+":1")
	w.did(seen)
	w.alice.Edit(question, w.ws.Bot.Mention()+" Who lost?")
	w.settle()
	press := func(value string) {
		t.Helper()
		_, err := w.bot.takeInteraction(w.ctx, fmt.Appendf(nil, `{"type":"block_actions","response_url":%q,"team":{"id":%q},"channel":{"id":%q},"user":{"id":%q},
			"container":{"message_ts":%q},"actions":[{"action_id":"feedback","value":%q}]}`,
			seen.ResponseURL, w.ws.Team.ID, w.general.ID, w.bob.ID, w.general.Posts()[0].TS, value))
		w.must(err)
	}
	press(voteValue(1, 1, voteGood))
	w.until("a word to bob", func() bool { return len(w.seen(w.general, w.bob)) == 1 })
	if m := w.lastSeen(w.general, w.bob); !strings.Contains(shownText(m), "has changed since") {
		t.Errorf("bob is told %q", shownText(m))
	}
	press(voteValue(1, 2, "so-so"))
	press(voteValue(2, 1, voteGood))
	if n := len(w.votes()); n != 0 {
		t.Errorf("%d votes", n)
	}
	w.clean()
}

// An answer that was erased while somebody wrote what is wrong with it.
func TestAReasonForAnAnswerThatIsGone(t *testing.T) {
	w := start(t, setting{engine: saying(sample(1))})
	question := w.alice.Say(w.general, "Who won?")
	w.settle()
	w.vote(w.bob, w.general.Posts()[0], 1, 1, voteBad)
	w.until("the form", func() bool { return w.bob.Modal() != nil })
	w.alice.Delete(question)
	w.settle()
	w.why(w.bob, ReasonOther, "Too late.")
	if m := w.bob.Modal(); m == nil || m.Updates != 1 || !strings.Contains(fmt.Sprint(m.Blocks), "no longer kept") {
		t.Errorf("bob sees %+v\n%s\n%s", m, w.ws.Transcript(), w.log)
	}
	w.clean()
}

func TestAnAnswerThatWasVotedDownIsNotGivenAgain(t *testing.T) {
	var asked atomic.Int64
	w := start(t, setting{engine: counting(&asked)})
	ask := func(want int64) {
		t.Helper()
		w.alice.Say(w.general, "Who won?")
		w.settle()
		if n := asked.Load(); n != want {
			t.Errorf("asked %d times, want %d", n, want)
		}
	}
	ask(1)
	ask(1)
	posts := w.general.Posts()
	w.vote(w.bob, posts[1], 2, 1, voteBad) // the repetition, which is no better than what it repeats
	ask(2)
	w.vote(w.bob, w.general.Posts()[2], 3, 1, voteGood)
	ask(2)
	w.vote(w.bob, w.general.Posts()[2], 3, 1, voteBad)
	ask(3)
	w.clean()
}

func TestVoteValuesAreReadAsTheyWereWritten(t *testing.T) {
	for _, vote := range []string{voteGood, voteBad} {
		q, r, v, ok := parseVoteValue(voteValue(17, 2, vote))
		if q != 17 || r != 2 || v != vote || !ok {
			t.Errorf("%s: %d %d %s %v", vote, q, r, v, ok)
		}
	}
	for _, s := range []string{"", "q1.r1", "q1.r1.", "q1.r1.ugly", "q1.good", "q1.r1.m1.good", "q-1.r1.good", " q1.r1.good", "good"} {
		if _, _, _, ok := parseVoteValue(s); ok {
			t.Errorf("%q is taken", s)
		}
	}
}

func TestSlackTakesTheFeedbackForm(t *testing.T) {
	ws := slacksim.New(t, slacksim.Options{Limits: slacksim.Limits{Off: true}})
	alice := ws.AddUser(slacksim.UserSpec{Name: "alice"})
	api := slack.New(ws.BotToken(), slack.OptionAPIURL(ws.APIURL()), slack.OptionHTTPClient(ws.HTTPClient()))
	for _, zh := range []bool{false, true} {
		if _, err := api.OpenView(alice.Shortcut("x").TriggerID, feedbackModal(1<<62, zh)); err != nil {
			t.Errorf("Chinese %v: %v", zh, err)
		}
	}
}

var _ Ledger = (*ledger.Ledger)(nil)
