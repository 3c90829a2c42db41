package slacksim

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

// app is a minimal app on one socket: it acknowledges everything, with what
// answer says.
type app struct {
	conn *websocket.Conn
	seen chan envelope
}

type envelope struct {
	Type         string          `json:"type"`
	Reason       string          `json:"reason"`
	EnvelopeID   string          `json:"envelope_id"`
	Payload      json.RawMessage `json:"payload"`
	Accepts      bool            `json:"accepts_response_payload"`
	RetryAttempt int             `json:"retry_attempt"`
	RetryReason  string          `json:"retry_reason"`
	Connections  int             `json:"num_connections"`
	Info         struct {
		AppID string `json:"app_id"`
	} `json:"connection_info"`
	Debug struct {
		Time int `json:"approximate_connection_time"`
	} `json:"debug_info"`
}

// dial opens a socket and returns its first frame.
func dial(t *testing.T, ws *Workspace) (*websocket.Conn, envelope) {
	t.Helper()
	_, address, err := client(ws).StartSocketModeContext(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := ws.Dialer().Dial(address, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, next(t, conn)
}

func next(t *testing.T, conn *websocket.Conn) envelope {
	t.Helper()
	var e envelope
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if err := conn.ReadJSON(&e); err != nil {
		t.Fatal(err)
	}
	return e
}

func ack(t *testing.T, conn *websocket.Conn, id string, payload any) {
	t.Helper()
	if err := conn.WriteJSON(map[string]any{"envelope_id": id, "payload": payload}); err != nil {
		t.Fatal(err)
	}
}

// serve runs an app that answers each interaction with answer's payload.
func serve(t *testing.T, ws *Workspace, answer func(envelope) any) *app {
	t.Helper()
	conn, _ := dial(t, ws)
	a := &app{conn: conn, seen: make(chan envelope, 100)}
	_ = conn.SetReadDeadline(time.Time{})
	go func() {
		for {
			var e envelope
			if conn.ReadJSON(&e) != nil {
				return
			}
			if e.EnvelopeID == "" {
				continue
			}
			if conn.WriteJSON(map[string]any{"envelope_id": e.EnvelopeID, "payload": answer(e)}) != nil {
				return
			}
			if e.Type != "events_api" {
				a.seen <- e
			}
		}
	}()
	return a
}

func nothing(envelope) any { return nil }

func callback(t *testing.T, e envelope) slack.InteractionCallback {
	t.Helper()
	var c slack.InteractionCallback
	if err := json.Unmarshal(e.Payload, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func modal(blocks ...slack.Block) slack.ModalViewRequest {
	return slack.ModalViewRequest{Type: slack.VTModal, CallbackID: "passage", PrivateMetadata: "m",
		Title:  slack.NewTextBlockObject("plain_text", "Passage", false, false),
		Blocks: slack.Blocks{BlockSet: append(blocks, slack.NewDividerBlock())}}
}

const buttonBlock = `[{"type":"actions","block_id":"b1","elements":[{"type":"button","action_id":"show","value":"42","text":{"type":"plain_text","text":"Show"}}]}]`

func TestAButtonOpensAModal(t *testing.T) {
	ws, alice, general := sim(t, Options{Clock: NewManualClock(epoch)})
	a := serve(t, ws, nothing)
	ts := form(t, ws, "chat.postMessage", "channel", general.ID, "text", "x", "blocks", buttonBlock)["ts"].(string)
	click := alice.Click(general.Message(ts), "show")
	if _, err := click.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	e := <-a.seen
	c := callback(t, e)
	action := c.ActionCallback.BlockActions[0]
	if !e.Accepts || c.Type != slack.InteractionTypeBlockActions || c.User.ID != alice.ID || c.Channel.ID != general.ID || c.Message.Timestamp != ts ||
		c.Container.MessageTs != ts || action.ActionID != "show" || action.BlockID != "b1" || action.Value != "42" || c.TriggerID != click.TriggerID || c.ResponseURL == "" {
		t.Fatalf("callback = %+v, action %+v", c, action)
	}
	api := client(ws)
	v, err := api.OpenView(c.TriggerID, modal())
	if err != nil {
		t.Fatal(err)
	}
	if m := alice.Modal(); m == nil || m.ID != v.ID || m.Title != "Passage" || m.PrivateMetadata != "m" {
		t.Fatalf("modal = %+v", m)
	}
	if _, err := api.OpenView(c.TriggerID, modal()); err == nil || err.Error() != "exchanged_trigger_id" {
		t.Errorf("the same trigger: %v", err)
	}
	if _, err := api.UpdateView(modal(slack.NewHeaderBlock(slack.NewTextBlockObject("plain_text", "More", false, false))), "", v.Hash, v.ID); err != nil {
		t.Fatal(err)
	}
	if m := alice.Modal(); m.Updates != 1 || len(m.Blocks) != 2 {
		t.Errorf("modal = %+v", m)
	}
	if _, err := api.UpdateView(modal(), "", "0.0", v.ID); err == nil || err.Error() != "hash_conflict" {
		t.Errorf("an old hash: %v", err)
	}
	if _, err := api.UpdateView(modal(), "", "", "V404"); err == nil || err.Error() != "not_found" {
		t.Errorf("an unknown view: %v", err)
	}
}

func TestATriggerExpires(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, alice, _ := sim(t, Options{Clock: clock})
	serve(t, ws, nothing)
	i := alice.Shortcut("ask")
	if _, err := i.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	clock.Advance(3e9)
	if _, err := client(ws).OpenView(i.TriggerID, modal()); err != nil {
		t.Errorf("after three seconds: %v", err)
	}
	i = alice.Shortcut("ask")
	if _, err := i.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	clock.Advance(3e9 + 1)
	if _, err := client(ws).OpenView(i.TriggerID, modal()); err == nil || err.Error() != "expired_trigger_id" {
		t.Errorf("after more: %v", err)
	}
	if _, err := client(ws).OpenView("1.2.3", modal()); err == nil || err.Error() != "invalid_trigger_id" {
		t.Errorf("made up: %v", err)
	}
}

func TestViewsAreCheckedAsSlackDoes(t *testing.T) {
	const modalOf = `{"type":"modal","title":{"type":"plain_text","text":%q},"blocks":[%s]%s}`
	divider := `{"type":"divider"}`
	input := `{"type":"input","label":{"type":"plain_text","text":"x"},"element":{"type":"plain_text_input"}}`
	cases := []struct{ name, view, code, reason string }{
		{"100 blocks", fmt.Sprintf(modalOf, "x", repeat(100, divider), ""), "", ""},
		{"101 blocks", fmt.Sprintf(modalOf, "x", repeat(101, divider), ""), "invalid_arguments", "no more than 100 items allowed [json-pointer:/view/blocks]"},
		{"title of 24", fmt.Sprintf(modalOf, text(24), divider, ""), "", ""},
		{"title of 25", fmt.Sprintf(modalOf, text(25), divider, ""), "invalid_arguments", "must be less than 25 characters [json-pointer:/view/title/text]"},
		{"private_metadata of 3000", fmt.Sprintf(modalOf, "x", divider, `,"private_metadata":"`+text(3000)+`"`), "", ""},
		{"private_metadata of 3001", fmt.Sprintf(modalOf, "x", divider, `,"private_metadata":"`+text(3001)+`"`), "invalid_arguments", "must be less than 3001 characters [json-pointer:/view/private_metadata]"},
		{"callback_id of 256", fmt.Sprintf(modalOf, "x", divider, `,"callback_id":"`+text(256)+`"`), "invalid_arguments", "must be less than 256 characters [json-pointer:/view/callback_id]"},
		{"submit of 25", fmt.Sprintf(modalOf, "x", divider, `,"submit":{"type":"plain_text","text":"`+text(25)+`"}`), "invalid_arguments", "must be less than 25 characters [json-pointer:/view/submit/text]"},
		{"input without submit", fmt.Sprintf(modalOf, "x", input, ""), "invalid_arguments", "must define `submit` to use an `input` block in modals [json-pointer:/view]"},
		{"input with submit", fmt.Sprintf(modalOf, "x", input, `,"submit":{"type":"plain_text","text":"Go"}`), "", ""},
		{"no title", `{"type":"modal","blocks":[]}`, "invalid_arguments", "missing required field: title [json-pointer:/view]"},
		{"no blocks", `{"type":"modal","title":{"type":"plain_text","text":"x"}}`, "invalid_arguments", "missing required field: blocks [json-pointer:/view]"},
		{"home as a modal", `{"type":"home","blocks":[]}`, "invalid_arguments", "must be one of: modal [json-pointer:/view/type]"},
		{"markdown is for messages", fmt.Sprintf(modalOf, "x", `{"type":"markdown","text":"x"}`, ""), "invalid_arguments", "unsupported type: markdown [json-pointer:/view/blocks/0/type]"},
		{"too large", fmt.Sprintf(modalOf, "x", divider, `,"pad":"`+text(250<<10)+`"`), "view_too_large", ""},
		{"no object", `[]`, "invalid_arguments", "must be an object [json-pointer:/view]"},
	}
	ws, alice, _ := sim(t, Options{Limits: Limits{Off: true}})
	serve(t, ws, nothing)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			answer := form(t, ws, "views.open", "trigger_id", alice.Shortcut("x").TriggerID, "view", c.view)
			wantError(t, answer, c.code)
			if b, _ := json.Marshal(answer); c.reason != "" && !strings.Contains(string(b), c.reason) {
				t.Errorf("answer = %s, want %s", b, c.reason)
			}
		})
	}
	wantError(t, form(t, ws, "views.open", "trigger_id", "1.2.3"), "invalid_arguments")
	external := fmt.Sprintf(modalOf, "x", divider, `,"external_id":"e"`)
	wantError(t, form(t, ws, "views.open", "trigger_id", alice.Shortcut("x").TriggerID, "view", external), "")
	wantError(t, form(t, ws, "views.push", "trigger_id", alice.Shortcut("x").TriggerID, "view", external), "duplicate_external_id")
	wantError(t, form(t, ws, "views.update", "external_id", "e", "view", external), "")
}

func TestModalsStackUpToThree(t *testing.T) {
	ws, alice, _ := sim(t, Options{})
	serve(t, ws, nothing)
	api := client(ws)
	if _, err := api.PushView(alice.Shortcut("x").TriggerID, modal()); err == nil || err.Error() != "not_found" {
		t.Errorf("a push on nothing: %v", err)
	}
	if _, err := api.OpenView(alice.Shortcut("x").TriggerID, modal()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := api.PushView(alice.Shortcut("x").TriggerID, modal()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := api.PushView(alice.Shortcut("x").TriggerID, modal()); err == nil || err.Error() != "push_limit_reached" {
		t.Errorf("the fourth: %v", err)
	}
}

func TestTheHomeTabIsPublished(t *testing.T) {
	ws, alice, _ := sim(t, Options{})
	a := serve(t, ws, nothing)
	api := client(ws)
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewActionBlock("b", slack.NewButtonBlockElement("ask", "1", slack.NewTextBlockObject("plain_text", "Ask", false, false)))}}}
	for range 2 {
		if _, err := api.PublishView(alice.ID, home, ""); err != nil {
			t.Fatal(err)
		}
	}
	if h := alice.Home(); h == nil || h.Updates != 1 {
		t.Fatalf("home = %+v", h)
	}
	alice.OpenHome()
	all := events(ws)
	if e := all[len(all)-1]; e["type"] != "app_home_opened" || e["tab"] != "home" || e["view"] == nil {
		t.Errorf("event = %v", e)
	}
	if _, err := alice.ClickView(alice.Home(), "ask").Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if c := callback(t, <-a.seen); c.Container.Type != "view" || c.View.ID != alice.Home().ID {
		t.Errorf("callback = %+v", c)
	}
	if _, err := api.PublishView(alice.ID, home, "0.0"); err == nil || err.Error() != "hash_conflict" {
		t.Errorf("an old hash: %v", err)
	}
	off, bob, _ := sim(t, Options{HomeDisabled: true})
	if _, err := client(off).PublishView(bob.ID, home, ""); err == nil || err.Error() != "not_enabled" {
		t.Errorf("switched off: %v", err)
	}
}

func TestASubmissionIsAnswered(t *testing.T) {
	cases := []struct {
		name   string
		answer any
		check  func(*User, error) bool
	}{
		{"nothing closes it", nil, func(u *User, err error) bool { return err == nil && u.Modal() == nil }},
		{"clear closes all", slack.NewClearViewSubmissionResponse(), func(u *User, err error) bool { return err == nil && u.Modal() == nil }},
		{"errors keep it", slack.NewErrorsViewSubmissionResponse(map[string]string{"blk1": "no"}), func(u *User, err error) bool { return err == nil && u.Modal() != nil }},
		{"errors for no block", slack.NewErrorsViewSubmissionResponse(map[string]string{"b9": "no"}), func(u *User, err error) bool { return err != nil }},
		{"update", map[string]any{"response_action": "update", "view": modal()}, func(u *User, err error) bool { return err == nil && u.Modal().Updates == 1 }},
		{"push", map[string]any{"response_action": "push", "view": modal()}, func(u *User, err error) bool { return err == nil && u.Modal().Updates == 0 }},
		{"a bad view", map[string]any{"response_action": "update", "view": map[string]any{}}, func(u *User, err error) bool { return err != nil }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ws, alice, _ := sim(t, Options{})
			a := serve(t, ws, func(e envelope) any {
				if strings.Contains(string(e.Payload), "view_submission") {
					return c.answer
				}
				return nil
			})
			if _, err := client(ws).OpenView(alice.Shortcut("x").TriggerID, modal()); err != nil {
				t.Fatal(err)
			}
			<-a.seen
			values := map[string]map[string]any{"b": {"a": map[string]any{"type": "plain_text_input", "value": "hm"}}}
			_, err := alice.Submit(alice.Modal(), values).Wait(testContext(t))
			if !c.check(alice, err) {
				t.Errorf("err %v, modal %+v", err, alice.Modal())
			}
			if got := callback(t, <-a.seen); got.View.State.Values["b"]["a"].Value != "hm" || got.View.PrivateMetadata != "m" {
				t.Errorf("callback = %+v", got.View)
			}
		})
	}
}

func TestAModalIsDismissed(t *testing.T) {
	ws, alice, _ := sim(t, Options{})
	a := serve(t, ws, nothing)
	m := modal()
	m.NotifyOnClose = true
	if _, err := client(ws).OpenView(alice.Shortcut("x").TriggerID, m); err != nil {
		t.Fatal(err)
	}
	<-a.seen
	v := alice.Modal()
	if _, err := alice.Dismiss(v).Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if c := callback(t, <-a.seen); c.Type != slack.InteractionTypeViewClosed {
		t.Errorf("callback = %+v", c)
	}
	if _, err := alice.Dismiss(v).Wait(testContext(t)); !errors.Is(err, ErrNoAction) || alice.Modal() != nil {
		t.Errorf("dismissed twice: %v", err)
	}
}

func TestCommandsAndShortcuts(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	a := serve(t, ws, func(e envelope) any {
		if e.Type == "slash_commands" {
			return map[string]any{"text": "on it"}
		}
		return nil
	})
	api := client(ws)
	i := alice.Command(general, "/ask", "who won?")
	if _, err := i.Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	var cmd slack.SlashCommand
	if err := json.Unmarshal((<-a.seen).Payload, &cmd); err != nil {
		t.Fatal(err)
	}
	if cmd.Command != "/ask" || cmd.Text != "who won?" || cmd.UserID != alice.ID || cmd.ChannelName != "general" || cmd.TriggerID != i.TriggerID {
		t.Errorf("command = %+v", cmd)
	}
	if e := general.Ephemerals(); len(e) != 1 || e[0].Text != "on it" || e[0].EphemeralTo != alice.ID {
		t.Errorf("ephemerals = %+v", e)
	}
	if _, _, err := api.PostMessage("", slack.MsgOptionResponseURL(cmd.ResponseURL, "in_channel"), slack.MsgOptionText("done", false)); err != nil {
		t.Fatal(err)
	}
	if p := general.Posts(); len(p) != 1 || p[0].Text != "done" {
		t.Errorf("posts = %+v", p)
	}
	m := alice.Post(general, "look")
	if _, err := alice.MessageShortcut(m, "explain").Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if c := callback(t, <-a.seen); c.Type != slack.InteractionTypeMessageAction || c.CallbackID != "explain" || c.Message.Text != "look" {
		t.Errorf("callback = %+v", c)
	}
	ws.Withhold("commands")
	if _, err := alice.Command(general, "/ask", "x").Wait(testContext(t)); !errors.Is(err, ErrNoAction) {
		t.Errorf("without the scope: %v", err)
	}
}

func TestAResponseURLIsUsedUp(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, alice, general := sim(t, Options{Clock: clock})
	serve(t, ws, nothing)
	ts := form(t, ws, "chat.postMessage", "channel", general.ID, "text", "x", "blocks", buttonBlock)["ts"].(string)
	click := func() string { return alice.Click(general.Message(ts), "show").ResponseURL }
	api := client(ws)
	to := click()
	if _, _, err := api.PostMessage("", slack.MsgOptionReplaceOriginal(to), slack.MsgOptionText("y", false)); err != nil {
		t.Fatal(err)
	}
	if m := general.Message(ts); m.Text != "y" || m.Edits != 1 {
		t.Errorf("message = %+v", m)
	}
	for range 4 {
		if _, _, err := api.PostMessage("", slack.MsgOptionResponseURL(to, "ephemeral"), slack.MsgOptionText("z", false)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := api.PostMessage("", slack.MsgOptionResponseURL(to, "ephemeral"), slack.MsgOptionText("z", false)); err == nil {
		t.Error("a sixth use succeeded")
	}
	form(t, ws, "chat.update", "channel", general.ID, "ts", ts, "text", "x", "blocks", buttonBlock)
	late := click()
	clock.Advance(31 * 60e9)
	if _, _, err := api.PostMessage("", slack.MsgOptionResponseURL(late, "ephemeral"), slack.MsgOptionText("z", false)); err == nil {
		t.Error("an expired address worked")
	}
	if _, _, err := api.PostMessage("", slack.MsgOptionDeleteOriginal(click())); err != nil || general.Message(ts) != nil {
		t.Errorf("delete_original: %v", err)
	}
}

func TestButtonsOfEveryKindAreFound(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	a := serve(t, ws, nothing)
	blocks := `[` + feedback + `,{"type":"section","text":{"type":"mrkdwn","text":"x"},"accessory":{"type":"overflow","action_id":"more",
		"options":[{"text":{"type":"plain_text","text":"x"},"value":"v1"},{"text":{"type":"plain_text","text":"y"},"value":"v2"}]}}]`
	ts := form(t, ws, "chat.postMessage", "channel", general.ID, "text", "x", "blocks", blocks)["ts"].(string)
	m := general.Message(ts)
	if _, err := alice.Choose(m, "f", "bad").Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got := callback(t, <-a.seen).ActionCallback.BlockActions[0]; got.Value != "bad" || string(got.Type) != "feedback_buttons" {
		t.Errorf("feedback = %+v", got)
	}
	if _, err := alice.Choose(m, "more", "v2").Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got := callback(t, <-a.seen).ActionCallback.BlockActions[0]; got.SelectedOption.Value != "v2" {
		t.Errorf("overflow = %+v", got)
	}
	for _, i := range []*Interaction{alice.Click(m, "none"), alice.Choose(m, "f", "none"), alice.Choose(m, "more", "v9")} {
		if _, err := i.Wait(testContext(t)); !errors.Is(err, ErrNoAction) {
			t.Errorf("err = %v", err)
		}
	}
	alice.Delete(m)
	if _, err := alice.Click(m, "f").Wait(testContext(t)); !errors.Is(err, ErrNoAction) {
		t.Errorf("on a deleted message: %v", err)
	}
}
