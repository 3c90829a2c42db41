package slacksim

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

// whyModal asks why an answer was bad.
const whyModal = `{"type":"modal","title":{"type":"plain_text","text":"Feedback"},"submit":{"type":"plain_text","text":"Send"},"callback_id":"why","blocks":[
	{"type":"input","block_id":"reason","label":{"type":"plain_text","text":"What was wrong?"},"element":{"type":"radio_buttons","action_id":"reason","options":[
		{"text":{"type":"plain_text","text":"It is wrong"},"value":"wrong"},{"text":{"type":"plain_text","text":"Badly written"},"value":"style"}]}},
	{"type":"input","block_id":"more","optional":true,"label":{"type":"plain_text","text":"More"},"element":{"type":"plain_text_input","action_id":"more","max_length":10}},
	{"type":"section","block_id":"also","text":{"type":"plain_text","text":"Also"},"accessory":{"type":"checkboxes","action_id":"also","options":[
		{"text":{"type":"plain_text","text":"Slow"},"value":"slow"},{"text":{"type":"plain_text","text":"Long"},"value":"long"}]}}]}`

func openWhy(t *testing.T) (*Workspace, *User, *app) {
	t.Helper()
	ws, alice, _ := sim(t, Options{})
	a := serve(t, ws, nothing)
	wantError(t, form(t, ws, "views.open", "trigger_id", alice.Shortcut("x").TriggerID, "view", whyModal), "")
	<-a.seen
	return ws, alice, a
}

func TestAModalIsFilledInAndSubmitted(t *testing.T) {
	_, alice, a := openWhy(t)
	v := alice.Modal()
	if _, err := alice.ChooseView(v, "also", "slow,long").Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if c := callback(t, <-a.seen); len(c.ActionCallback.BlockActions) != 1 || len(c.ActionCallback.BlockActions[0].SelectedOptions) != 2 || len(c.View.State.Values["also"]["also"].SelectedOptions) != 2 {
		t.Errorf("a choice outside input blocks is heard of: %+v", c.ActionCallback)
	}
	if _, err := alice.ChooseView(v, "more", "too long").Wait(testContext(t)); err != nil {
		t.Error(err) // of input blocks the app does not hear
	}
	i := alice.Submit(v, v.Values(map[string]string{"reason": "wrong"}))
	if _, err := i.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	got := callback(t, <-a.seen)
	state := got.View.State.Values
	if got.Type != slack.InteractionTypeViewSubmission || state["reason"]["reason"].SelectedOption.Value != "wrong" || state["reason"]["reason"].SelectedOption.Text.Text != "It is wrong" ||
		state["more"]["more"].Value != "too long" || len(state["also"]["also"].SelectedOptions) != 2 {
		t.Errorf("submitted %+v", state)
	}
}

func TestSlackDoesNotSubmitWhatIsWanting(t *testing.T) {
	cases := map[string]map[string]string{
		"a required field": {"more": "x"},
		"a long text":      {"reason": "wrong", "more": text(11)},
		"no such option":   {"reason": "else"},
	}
	for name, answers := range cases {
		t.Run(name, func(t *testing.T) {
			_, alice, _ := openWhy(t)
			v := alice.Modal()
			if _, err := alice.Submit(v, v.Values(answers)).Wait(testContext(t)); !errors.Is(err, ErrIncomplete) || alice.Modal() == nil {
				t.Errorf("err = %v", err)
			}
		})
	}
	_, alice, _ := openWhy(t)
	if _, err := alice.ChooseView(alice.Modal(), "reason", "else").Wait(testContext(t)); !errors.Is(err, ErrNoAction) {
		t.Errorf("an option that is none: %v", err)
	}
}

func TestFieldsAndActionsAreListed(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	serve(t, ws, nothing)
	wantError(t, form(t, ws, "views.open", "trigger_id", alice.Shortcut("x").TriggerID, "view", whyModal), "")
	var labels []string
	for _, f := range alice.Modal().Fields() {
		label := f.ActionID + " " + f.Kind + " " + f.Label
		for _, o := range f.Options {
			label += " (" + o.Text + ")"
		}
		labels = append(labels, label)
	}
	want := []string{"reason radio_buttons What was wrong? (It is wrong) (Badly written)", "more plain_text_input More", "also checkboxes  (Slow) (Long)"}
	if !slices.Equal(labels, want) {
		t.Errorf("fields %q", labels)
	}
	ts := form(t, ws, "chat.postMessage", "channel", general.ID, "text", "x", "blocks", "["+buttons(1)+","+feedback+"]")["ts"].(string)
	m := general.Message(ts)
	if got := m.Actions(); !slices.Equal(got, []Action{{ID: "a0", Value: "x", Text: "x", Kind: "button"}, {ID: "f", Value: "good", Text: "Good", Kind: "feedback_buttons"}, {ID: "f", Value: "bad", Text: "Bad", Kind: "feedback_buttons"}}) {
		t.Errorf("actions %+v", got)
	}
	for _, a := range m.Actions() {
		if _, err := alice.Choose(m, a.ID, a.Value).Wait(testContext(t)); err != nil {
			t.Errorf("%+v: %v", a, err)
		}
	}
	if lines := strings.Join(ws.Render(m), "\n"); lines != "bot: x\n  [actions] (x)\n  [context_actions] (Good) (Bad)" {
		t.Errorf("rendered as\n%s", lines)
	}
	if lines := strings.Join(ws.RenderView(alice.Modal()), "\n"); !strings.Contains(lines, "[input] What was wrong? {It is wrong / Badly written}\n[input] More {plain_text_input}") {
		t.Errorf("rendered as\n%s", lines)
	}
}

func TestPrivateMessagesAreReplacedUnheard(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	a := serve(t, ws, func(e envelope) any {
		if e.Type == "slash_commands" {
			return map[string]any{"text": "only you", "blocks": json.RawMessage(buttonBlock)}
		}
		return nil
	})
	bob := ws.AddUser(UserSpec{Name: "bob"})
	if _, err := alice.Command(general, "/ask", "x").Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	<-a.seen
	m := general.Ephemerals()[0]
	if _, err := bob.Click(m, "show").Wait(testContext(t)); !errors.Is(err, ErrNoAction) {
		t.Errorf("somebody else pressed it: %v", err)
	}
	i := alice.Click(m, "show")
	if _, err := i.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if c := callback(t, <-a.seen); !c.Container.IsEphemeral || c.Container.MessageTs != m.TS {
		t.Errorf("container %+v", c.Container)
	}
	before := len(events(ws))
	api := client(ws)
	if _, _, err := api.PostMessage("", slack.MsgOptionReplaceOriginal(i.ResponseURL), slack.MsgOptionText("changed", false)); err != nil {
		t.Fatal(err)
	}
	if e := general.Ephemerals(); len(e) != 1 || e[0].Text != "changed" {
		t.Errorf("ephemerals %+v", e)
	}
	if _, _, err := api.PostMessage("", slack.MsgOptionDeleteOriginal(i.ResponseURL)); err != nil {
		t.Fatal(err)
	}
	if e := general.Ephemerals(); len(e) != 0 {
		t.Errorf("ephemerals %+v", e)
	}
	if _, err := alice.Click(m, "show").Wait(testContext(t)); !errors.Is(err, ErrNoAction) {
		t.Errorf("it is gone: %v", err)
	}
	if n := len(events(ws)); n != before {
		t.Errorf("%d events of private messages", n-before)
	}
}

func TestRepliesToCommandsAreChecked(t *testing.T) {
	cases := []struct {
		name   string
		answer map[string]any
		fails  bool
	}{
		{"50 blocks", map[string]any{"text": "x", "blocks": json.RawMessage("[" + repeat(50, `{"type":"divider"}`) + "]")}, false},
		{"51 blocks", map[string]any{"text": "x", "blocks": json.RawMessage("[" + repeat(51, `{"type":"divider"}`) + "]")}, true},
		{"nothing in it", map[string]any{"response_type": "ephemeral"}, true},
		{"in the channel", map[string]any{"response_type": "in_channel", "text": "x"}, false},
		{"nothing to replace", map[string]any{"replace_original": true, "text": "x"}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ws, alice, general := sim(t, Options{})
			serve(t, ws, func(envelope) any { return c.answer })
			_, err := alice.Command(general, "/ask", "x").Wait(testContext(t))
			if (err != nil) != c.fails {
				t.Errorf("err = %v", err)
			}
			if n := len(general.Ephemerals()) + len(general.Posts()); (n == 1) == c.fails {
				t.Errorf("%d messages", n)
			}
		})
	}
}

func TestEverySurfaceIsScanned(t *testing.T) {
	const evil = `<!channel> <https://evil.test|x>`
	quoted := string(mustJSON(evil))
	blocks := `[{"type":"section","text":{"type":"mrkdwn","text":` + quoted + `}}]`
	ws, alice, general := sim(t, Options{Limits: Limits{Off: true}})
	serve(t, ws, func(e envelope) any {
		if e.Type == "slash_commands" {
			return map[string]any{"text": evil}
		}
		return nil
	})
	q := alice.Say(general, "who won?")
	here := []string{"channel_id", general.ID, "thread_ts", q.TS}
	at := []string{"channel", general.ID, "thread_ts", q.TS, "recipient_team_id", ws.Team.ID, "recipient_user_id", alice.ID}
	surfaces := []struct {
		name string
		send func()
	}{
		{"private message", func() { form(t, ws, "chat.postEphemeral", "channel", general.ID, "user", alice.ID, "text", evil) }},
		{"stream", func() { form(t, ws, "chat.startStream", append(at, "markdown_text", evil)...) }},
		{"task", func() {
			form(t, ws, "chat.startStream", append(at, "chunks", `[{"type":"task_update","id":"1","status":"in_progress","title":`+quoted+`}]`)...)
		}},
		{"modal", func() {
			form(t, ws, "views.open", "trigger_id", alice.Shortcut("x").TriggerID, "view", `{"type":"modal","title":`+words(1)+`,"blocks":`+blocks+`}`)
		}},
		{"Home tab", func() {
			form(t, ws, "views.publish", "user_id", alice.ID, "view", `{"type":"home","blocks":`+blocks+`}`)
		}},
		{"title", func() { form(t, ws, "assistant.threads.setTitle", append(here, "title", evil)...) }},
		{"session title", func() { form(t, ws, "agents.sessions.setStatus", append(here, "status", "active", "title", evil)...) }},
		{"session name", func() { form(t, ws, "agents.sessions.rename", append(here, "title", evil)...) }},
		{"status", func() { form(t, ws, "assistant.threads.setStatus", append(here, "status", evil)...) }},
		{"loading message", func() {
			form(t, ws, "assistant.threads.setStatus", append(here, "status", "x", "loading_messages", "["+quoted+"]")...)
		}},
		{"prompt", func() {
			form(t, ws, "assistant.threads.setSuggestedPrompts", append(here, "prompts", `[{"title":"x","message":`+quoted+`}]`)...)
		}},
		{"reply to a command", func() { _, _ = alice.Command(general, "/ask", "x").Wait(testContext(t)) }},
	}
	pings, links := 0, 0
	for _, s := range surfaces {
		s.send()
		if p := len(ws.Pings()); p != pings+1 {
			t.Errorf("%s: %d pings more", s.name, p-pings)
		}
		if l := len(ws.Links()); l != links+1 {
			t.Errorf("%s: %d links more", s.name, l-links)
		}
		pings, links = len(ws.Pings()), len(ws.Links())
	}
	if !strings.Contains(ws.Transcript(), "only alice sees this") {
		t.Error(ws.Transcript())
	}
}
