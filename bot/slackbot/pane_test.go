package slackbot

import (
	"strings"
	"sync/atomic"
	"testing"

	"footnote/bot/slackbot/slacksim"
)

func TestOpeningTheMessagesShowsQuestionsToBeginWith(t *testing.T) {
	w := start(t, setting{engine: readily(t), sim: slacksim.Options{AgentView: true}})
	lin := w.ws.AddUser(slacksim.UserSpec{Name: "lin", Locale: "zh-CN"})
	for _, u := range []*slacksim.User{w.alice, lin} {
		im := u.OpenMessages()
		w.until("prompts", func() bool { return len(im.Prompts("")) > 0 })
		p := im.Prompts("")[0]
		u.Post(im, p.Message)
		w.settle()
		if s := im.Session(im.Messages()[0].TS); s == nil || s.Title == "" || s.Status != slacksim.SessionActive {
			t.Errorf("%s's session: %+v", u.Name, s)
		}
	}
	w.golden("pane")
	w.clean()
}

func TestTheOlderPaneShowsThemInItsThread(t *testing.T) {
	w := start(t, setting{engine: readily(t)})
	im, thread := w.alice.OpenAssistant(w.general)
	w.until("prompts", func() bool { return len(im.Prompts(thread)) > 0 })
	for _, text := range []string{im.Prompts(thread)[1].Message, "Who is Xiao Yanghua?"} { // titled once
		w.alice.Post(im, text, slacksim.InThread(thread))
		w.settle()
	}
	w.alice.LookAt(w.general, thread)
	w.until("prompts again", func() bool { return len(w.ws.Calls("assistant.threads.setSuggestedPrompts")) == 2 })
	w.golden("pane-older")
	w.clean()
}

// Whoever is not answered is not invited to ask, and whoever wrote no agent has
// no pane.
func TestNobodyElseIsShownQuestions(t *testing.T) {
	w := start(t, setting{})
	guest := w.ws.AddUser(slacksim.UserSpec{Name: "guest", Kind: slacksim.Guest})
	guest.OpenMessages()
	w.settle()
	w.bot.background.Wait()
	if n := len(w.ws.Calls("assistant.threads.setSuggestedPrompts")); n != 0 {
		t.Errorf("a guest got prompts")
	}
	plain := start(t, setting{sim: slacksim.Options{NotAnAgent: true}})
	for range 3 {
		im := plain.alice.OpenMessages()
		plain.settle()
		plain.bot.background.Wait()
		plain.alice.Post(im, askHowMany)
		plain.settle()
	}
	if n := len(plain.ws.Calls("assistant.threads.setSuggestedPrompts")); n != 1 {
		t.Errorf("%d calls where there is no pane", n)
	}
	if n := len(plain.ws.Calls("agents.sessions.rename")); n != 1 {
		t.Errorf("%d titles where there are none", n)
	}
	if n := len(plain.ws.DM(plain.alice).Posts()); n != 3 {
		t.Errorf("%d answers", n)
	}
	plain.clean()
}

func TestAStoredAnswerGivesAConversationItsTitleToo(t *testing.T) {
	var asked atomic.Int64
	w := start(t, setting{engine: counting(&asked)})
	im := w.ws.DM(w.alice)
	for range 2 {
		q := w.alice.Post(im, "Who won?")
		w.settle()
		if s := im.Session(q.TS); s == nil || s.Title != "Who won?" {
			t.Errorf("session %+v", s)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	w.clean()
}

// Who deletes a question wants it gone, from the conversation's title as well.
func TestADeletedQuestionLeavesNoTitle(t *testing.T) {
	w := start(t, setting{engine: echo})
	im := w.ws.DM(w.alice)
	q := w.alice.Post(im, "Who knows my secret?")
	w.settle()
	s := im.Session(q.TS)
	if s == nil || !strings.Contains(s.Title, "secret") {
		t.Fatalf("session %+v", s)
	}
	w.alice.Delete(q)
	w.settle()
	if s := im.Session(q.TS); s != nil && strings.Contains(s.Title, "secret") {
		t.Errorf("session %+v\n%s", s, w.log)
	}
	w.clean()
}
