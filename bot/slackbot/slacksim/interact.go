package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// An Interaction is something a person did with the app that it must
// acknowledge: a click, a submission, a command.
type Interaction struct {
	// TriggerID and ResponseURL are what the app got.
	TriggerID, ResponseURL string

	result  chan ackResult
	done    chan struct{}
	err     error
	payload json.RawMessage
}

// Errors of an Interaction.
var (
	// ErrNoAck says that the app did not acknowledge in time: the person sees
	// a warning sign.
	ErrNoAck = errors.New("the app did not acknowledge")
	// ErrNoAction says that there is no such button to press.
	ErrNoAction = errors.New("no such action")
	// ErrIncomplete says that Slack's client does not submit a modal like this.
	ErrIncomplete = errors.New("the modal cannot be submitted")
)

// Wait waits for the acknowledgement and returns what it carried.
func (i *Interaction) Wait(ctx context.Context) (json.RawMessage, error) {
	select {
	case <-i.done:
		return i.payload, i.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// settled is an interaction that never reached the app.
func settled(err error) *Interaction {
	i := &Interaction{done: make(chan struct{}), err: err}
	close(i.done)
	return i
}

// interact sends an interaction and handles its acknowledgement with then,
// which runs under the lock; the caller holds mu.
func (ws *Workspace) interact(kind string, payload map[string]any, then func(json.RawMessage) error) *Interaction {
	i := &Interaction{result: make(chan ackResult, 1), done: make(chan struct{})}
	i.TriggerID, _ = payload["trigger_id"].(string)
	i.ResponseURL, _ = payload["response_url"].(string)
	switch {
	case ws.closed:
		return settled(ErrNoAck)
	case ws.uninstalled:
		return settled(fmt.Errorf("%w: the app is not installed", ErrNoAction))
	}
	ws.deliver(&Delivery{Kind: kind, Payload: mustJSON(payload), accepts: true, result: i.result})
	ws.spawn(func() {
		defer close(i.done)
		r := <-i.result
		if r.outcome != OutcomeAcked {
			i.err = fmt.Errorf("%w: %s", ErrNoAck, r.outcome)
			return
		}
		i.payload = r.payload
		ws.mu.Lock()
		defer ws.mu.Unlock()
		if len(r.payload) > 0 {
			ws.record(&call{method: "ack", args: map[string]string{"body": string(r.payload)}})
		}
		if then != nil {
			i.err = then(r.payload)
		}
	})
	return i
}

// actor is how an interaction names the person.
func (u *User) actor() map[string]any {
	return map[string]any{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.TeamID}
}

func (ws *Workspace) interaction(kind string, u *User) map[string]any {
	return map[string]any{
		"type": kind, "user": u.actor(), "api_app_id": ws.AppID, "token": "verification-token-unused",
		"team":       map[string]any{"id": ws.Team.ID, "domain": ws.Team.Domain},
		"enterprise": nil, "is_enterprise_install": false, "trigger_id": ws.newTrigger(u),
	}
}

// Click presses the button with that action_id in a message.
func (u *User) Click(m *Message, actionID string) *Interaction { return u.Choose(m, actionID, "") }

// Choose presses a button, or picks the option with that value from a menu or
// from feedback buttons.
func (u *User) Choose(m *Message, actionID, value string) *Interaction {
	ws := u.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ch := ws.channels[m.Channel]
	stored := ch.find(m.TS)
	if m.EphemeralTo != "" {
		stored = ch.ephemeral(m.TS)
	}
	if stored == nil {
		return settled(fmt.Errorf("%w: the message is gone", ErrNoAction))
	}
	if stored.EphemeralTo != "" && stored.EphemeralTo != u.ID {
		return settled(fmt.Errorf("%w: others see the message", ErrNoAction))
	}
	b, e, picked := findElement(stored.Blocks, actionID, value)
	if picked == nil {
		return settled(fmt.Errorf("%w: %s %s", ErrNoAction, actionID, value))
	}
	action := findAction(stored.Blocks, actionID, value)
	action["action_ts"] = ch.nextTS()
	changed := View{}
	changed.change(b, e, picked)
	payload := ws.interaction("block_actions", u)
	payload["actions"] = []any{action}
	payload["channel"] = map[string]any{"id": ch.ID, "name": ch.Name}
	payload["message"] = ch.messageJSON(stored, true)
	payload["state"] = map[string]any{"values": stateIn(stored.Blocks, changed.state)}
	payload["response_url"] = ws.newResponseURL(ch, u, stored)
	container := map[string]any{"type": "message", "message_ts": stored.TS, "channel_id": ch.ID, "is_ephemeral": m.EphemeralTo != ""}
	if stored.ThreadTS != "" {
		container["thread_ts"] = stored.ThreadTS
	}
	payload["container"] = container
	return ws.interact("interactive", payload, nil)
}

// ClickView presses a button in a modal or in the Home tab.
func (u *User) ClickView(v *View, actionID string) *Interaction { return u.ChooseView(v, actionID, "") }

// ChooseView presses a button in a modal or in the Home tab, picks the option
// of that value from a menu, from radio buttons or (several, separated by
// commas) from checkboxes, or writes into a field. The view remembers it for
// its submission. The app hears of it, except of input blocks that do not
// dispatch actions (docs.slack.dev, "Input block", dispatch_action).
func (u *User) ChooseView(v *View, actionID, value string) *Interaction {
	ws := u.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	stored := ws.views[v.ID]
	if stored == nil || stored.Closed {
		return settled(fmt.Errorf("%w: the view is closed", ErrNoAction))
	}
	b, e, picked := findElement(stored.Blocks, actionID, value)
	if picked == nil {
		return settled(fmt.Errorf("%w: %s %s", ErrNoAction, actionID, value))
	}
	stored.change(b, e, picked)
	ws.touch()
	if b["type"] == "input" && b["dispatch_action"] != true {
		return settled(nil)
	}
	action := findAction(stored.Blocks, actionID, value)
	action["action_ts"] = fmt.Sprintf("%d.%06d", ws.clock.Now().Unix(), ws.clock.Now().Nanosecond()/1000)
	payload := ws.interaction("block_actions", u)
	payload["actions"] = []any{action}
	payload["view"] = ws.viewJSON(stored)
	payload["state"] = payload["view"].(map[string]any)["state"]
	payload["container"] = map[string]any{"type": "view", "view_id": stored.ID}
	return ws.interact("interactive", payload, nil)
}

// Submit submits the modal; values are block_id → action_id → element state,
// such as {"type": "plain_text_input", "value": "text"} (see [View.Values]).
// What was chosen before stays unless given anew.
func (u *User) Submit(v *View, given map[string]map[string]any) *Interaction {
	ws := u.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	stored := ws.views[v.ID]
	if stored == nil || stored.Closed {
		return settled(fmt.Errorf("%w: the view is closed", ErrNoAction))
	}
	state, err := stored.submit(given)
	if err != nil {
		return settled(err)
	}
	view := ws.viewJSON(stored)
	view["state"] = map[string]any{"values": state}
	payload := ws.interaction("view_submission", u)
	payload["view"], payload["response_urls"] = view, []any{}
	return ws.interact("interactive", payload, func(answer json.RawMessage) error { return ws.submitted(u, stored, answer) })
}

// submitted does what the app's answer to a submission says (docs.slack.dev,
// "Modals"); the caller holds mu.
func (ws *Workspace) submitted(u *User, v *View, answer json.RawMessage) error {
	var a struct {
		Action string            `json:"response_action"`
		View   map[string]any    `json:"view"`
		Errors map[string]string `json:"errors"`
	}
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &a); err != nil {
			return fmt.Errorf("reading the answer to a submission: %w", err)
		}
	}
	defer ws.touch()
	switch a.Action {
	case "":
		u.pop(v)
	case "clear":
		u.closeAll()
	case "update", "push":
		next, failure := ws.parseView(a.View, modalView, v)
		if failure != nil {
			return fmt.Errorf("the view in the answer to a submission: %w", failure)
		}
		if a.Action == "update" {
			ws.replace(v, next)
			return nil
		}
		ws.show(u, next)
	case "errors":
		for block := range a.Errors {
			if !hasBlock(v.Blocks, block) {
				return fmt.Errorf("an error for block %q, which the view does not have", block)
			}
		}
	}
	return nil
}

func hasBlock(blocks []Block, id string) bool {
	for _, b := range blocks {
		if b["block_id"] == id {
			return true
		}
	}
	return false
}

// pop closes one modal of the person's stack.
func (u *User) pop(v *View) {
	for i, o := range u.modals {
		if o == v {
			v.Closed = true
			u.modals = append(u.modals[:i:i], u.modals[i+1:]...)
			return
		}
	}
}

// Dismiss closes the modal with its ×; the app hears of it if it asked to.
func (u *User) Dismiss(v *View) *Interaction {
	ws := u.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	stored := ws.views[v.ID]
	if stored == nil || stored.Closed {
		return settled(fmt.Errorf("%w: the view is closed", ErrNoAction))
	}
	u.pop(stored)
	ws.touch()
	if !stored.notifyOnClose {
		return settled(nil)
	}
	payload := ws.interaction("view_closed", u)
	delete(payload, "trigger_id")
	payload["view"], payload["is_cleared"] = ws.viewJSON(stored), false
	return ws.interact("interactive", payload, nil)
}

// Shortcut uses a global shortcut of the app.
func (u *User) Shortcut(callbackID string) *Interaction {
	ws := u.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	payload := ws.interaction("shortcut", u)
	payload["callback_id"], payload["action_ts"] = callbackID, actionTS(ws.clock.Now())
	return ws.interact("interactive", payload, nil)
}

// MessageShortcut uses a shortcut of the app on a message.
func (u *User) MessageShortcut(m *Message, callbackID string) *Interaction {
	ws := u.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ch := ws.channels[m.Channel]
	stored := ch.find(m.TS)
	if stored == nil {
		return settled(fmt.Errorf("%w: the message is gone", ErrNoAction))
	}
	payload := ws.interaction("message_action", u)
	payload["callback_id"], payload["action_ts"], payload["message_ts"] = callbackID, actionTS(ws.clock.Now()), stored.TS
	payload["channel"] = map[string]any{"id": ch.ID, "name": ch.Name}
	payload["message"] = ch.messageJSON(stored, false)
	payload["response_url"] = ws.newResponseURL(ch, u, nil)
	return ws.interact("interactive", payload, nil)
}

func actionTS(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }

// Command types a slash command, such as "/ask", with its text.
func (u *User) Command(ch *Channel, command, text string) *Interaction {
	ws := u.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if t := ws.tokens[ws.opts.BotToken]; t.need("commands") != nil {
		return settled(fmt.Errorf("%w: the app has no slash commands without the scope commands", ErrNoAction))
	}
	name := ch.Name
	if ch.Kind == IM {
		name = "directmessage"
	}
	return ws.interact("slash_commands", map[string]any{
		"token": "verification-token-unused", "team_id": ws.Team.ID, "team_domain": ws.Team.Domain,
		"channel_id": ch.ID, "channel_name": name, "user_id": u.ID, "user_name": u.Name,
		"command": command, "text": text, "api_app_id": ws.AppID, "is_enterprise_install": "false",
		"response_url": ws.newResponseURL(ch, u, nil), "trigger_id": ws.newTrigger(u),
	}, func(answer json.RawMessage) error {
		if len(answer) == 0 {
			return nil
		}
		return ws.respond(ch, u, nil, answer)
	})
}
