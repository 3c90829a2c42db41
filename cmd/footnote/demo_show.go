package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"

	"footnote/bot/slackbot/slacksim"
)

// A display shows on a screen what a person sees of the workspace, each thing
// when it comes or changes.
type display struct {
	ws     *slacksim.Workspace
	out    *screen
	me     *slacksim.User
	places []*slacksim.Channel // that me sees
	names  map[string]string   // of people, by their ids

	shown    map[string]*shownMessage
	order    []string          // of shown
	calls    int               // of the app, that were looked at
	buttons  []button          // by number, from 1
	views    map[string]string // what was shown of each person's windows and Home tab
	wantHome bool              // the Home tab was opened

	place    string // of the last thing shown
	root     string // the thread's, or the message's own
	growing  string // the message at the end of the screen that is still written
	erase    bool   // a prompt stands on the screen's last line
	happened bool   // something was shown since show began
	broken   error  // why the screen shows nothing any more

	mu   sync.Mutex
	said []string // waits to be shown
}

// A shownMessage is a message as it was shown last.
type shownMessage struct {
	words, said string // all that is in it; its text
	printed     string // how it was laid out
	channel     *slacksim.Channel
}

// A button is something that can be pressed.
type button struct {
	message       *slacksim.Message
	view          *slacksim.View
	action, value string
	label         string
	marked        bool // Slack shows who pressed it
	// A suggested question has no message: pressing it says the prompt.
	channel, thread, prompt string
}

func newDisplay(ws *slacksim.Workspace, out *screen) *display {
	return &display{ws: ws, out: out, names: map[string]string{}, views: map[string]string{}, shown: map[string]*shownMessage{}}
}

// show brings the screen up to date, and reports whether that changed it. An
// erasable prompt is written over. Only when all has settled is it said what is
// gone, and shown what may still change at once.
func (d *display) show(prompted, settled bool) bool {
	d.erase, d.happened = prompted, false
	d.showSaid()
	d.showCalls()
	for _, ch := range d.places {
		d.showMessages(ch, settled)
	}
	d.showModal()
	d.showHome(settled)
	return d.happened
}

// showPeople shows what people wrote, before anything that the app makes of it.
func (d *display) showPeople() {
	for _, ch := range d.places {
		for _, m := range ch.Messages() {
			if m.BotID != d.ws.BotID {
				d.showMessage(ch, m, true)
			}
		}
	}
}

// print shows a text at the end of the screen.
func (d *display) print(text string) {
	d.happened = true
	if d.erase && d.out.cursor {
		text = lineErasing + text
	} else if d.erase {
		text = "\n" + text
	}
	d.erase = false
	if d.growing != "" {
		d.growing = ""
		text = "\n" + text
	}
	if err := d.out.print(text); err != nil {
		d.broken = err
	}
}

// endLine ends the line of a message that was still written.
func (d *display) endLine() {
	d.growing = ""
	d.print("\n")
}

// narrate says what the visitor did that leaves no trace in a conversation.
func (d *display) narrate(text string) {
	d.print(d.out.dim("("+clean(oneLine(text))+")") + "\n")
}

// tell is narrate for other goroutines: it is shown the next time.
func (d *display) tell(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.said = append(d.said, text)
}

func (d *display) showSaid() {
	d.mu.Lock()
	said := d.said
	d.said = nil
	d.mu.Unlock()
	for _, text := range said {
		d.narrate(text)
	}
}

// showCalls shows what the app did that is no message: statuses, titles and
// suggested questions.
func (d *display) showCalls() {
	calls := d.ws.Calls("")
	for _, c := range calls[d.calls:] {
		ch := d.ws.Channel(c.Args["channel_id"])
		if ch == nil || !slices.Contains(d.places, ch) {
			continue
		}
		note := func(text string) {
			d.goTo(ch, c.Args["thread_ts"])
			d.print("    " + d.out.dim("* "+clean(oneLine(text))) + "\n")
		}
		switch c.Method {
		case "assistant.threads.setStatus":
			if status := c.Args["status"]; status != "" {
				note(botName + " " + status)
			}
		case "assistant.threads.setTitle", "agents.sessions.rename":
			note("title: " + c.Args["title"])
		case "assistant.threads.setSuggestedPrompts":
			d.showPrompts(ch, c.Args)
		}
	}
	d.calls = len(calls)
}

// showPrompts shows suggested questions, with numbers by which they are pressed.
func (d *display) showPrompts(ch *slacksim.Channel, args map[string]string) {
	var list []slacksim.Prompt
	_ = json.Unmarshal([]byte(args["prompts"]), &list) // the workspace refused it otherwise
	d.goTo(ch, args["thread_ts"])
	d.print("  " + d.out.dim(clean(oneLine(firstOf(args["title"], "Suggestions:")))) + "\n")
	for _, p := range list {
		label := d.number(button{channel: ch.ID, thread: args["thread_ts"], prompt: p.Message, label: oneLine(words(p.Title))})
		d.print("    " + d.out.marked(label) + "\n")
	}
}

// goTo says where the next thing stands, unless it stands below the last one.
func (d *display) goTo(ch *slacksim.Channel, thread string) {
	if ch.ID != d.place {
		name := "#" + ch.Name
		if ch.Kind == slacksim.IM {
			name = "Direct message with " + botName
		}
		d.print("\n" + d.out.bold(name) + "\n")
		d.place, d.root = ch.ID, ""
	}
	if thread == "" || thread == d.root {
		return
	}
	d.root = thread
	if m := ch.Message(thread); m != nil {
		d.print("    " + d.out.dim("↳ in the thread of “"+clip(oneLine(d.namesIn(m.Text)), 50)+"”") + "\n")
	}
}

// showMessages shows a conversation's messages that are new, or have changed.
func (d *display) showMessages(ch *slacksim.Channel, settled bool) {
	all := ch.Messages()
	for _, m := range ch.Ephemerals() {
		if m.EphemeralTo == d.me.ID && !m.Deleted {
			all = append(all, m)
		}
	}
	stands := map[string]bool{}
	for _, m := range all {
		stands[keyOf(m)] = true
		if m.Subtype == "assistant_app_thread" {
			continue
		}
		if !settled && d.growing != "" && d.growing != keyOf(m) {
			continue // one is still written
		}
		d.showMessage(ch, m, settled)
	}
	if settled {
		d.showGone(ch, stands)
	}
}

func keyOf(m *slacksim.Message) string { return m.Channel + m.EphemeralTo + m.TS }

// showMessage shows a message that is new or has changed. What was written on
// is continued, where it can be.
func (d *display) showMessage(ch *slacksim.Channel, m *slacksim.Message, settled bool) {
	key := keyOf(m)
	before := d.shown[key]
	words := d.wordsOf(m)
	writing := m.Stream != nil && m.Stream.State == slacksim.Streaming && !settled
	if before != nil && before.words == words {
		if d.growing == key && !writing {
			d.endLine()
		}
		return
	}
	said, _ := d.saidIn(m)
	now := &shownMessage{words: words, said: d.authorOf(m) + ": " + said, channel: ch}
	d.shown[key] = now
	if before != nil && d.growing == key {
		now.printed = d.message(m, "")
		if rest, goesOn := strings.CutPrefix(now.printed, before.printed); goesOn {
			d.growing = ""
			d.print(rest)
			d.finish(key, writing)
			return
		}
	}
	thread := m.ThreadTS
	if !m.IsReply() {
		thread = m.TS
	}
	mark := ""
	if before != nil {
		mark = "edited"
	} else {
		d.order = append(d.order, key)
	}
	if m.IsReply() || before != nil {
		d.goTo(ch, thread)
	} else {
		if ch.ID == d.place {
			d.print("\n")
		}
		d.goTo(ch, "")
		d.root = thread
	}
	now.printed = d.message(m, mark)
	d.print(now.printed)
	d.finish(key, writing)
}

// finish ends a message's last line, unless it may go on there.
func (d *display) finish(key string, writing bool) {
	if !writing {
		d.endLine()
		return
	}
	d.growing = key
}

// showGone tells of messages that were taken away.
func (d *display) showGone(ch *slacksim.Channel, stands map[string]bool) {
	for _, key := range slices.Clone(d.order) {
		m := d.shown[key]
		if m == nil || m.channel != ch || stands[key] || strings.HasPrefix(key, ch.ID+"U") {
			continue
		}
		delete(d.shown, key)
		d.goTo(ch, "")
		d.print("    " + d.out.dim("× deleted: "+clip(oneLine(m.said), 60)) + "\n")
	}
	d.order = slices.DeleteFunc(d.order, func(key string) bool { return d.shown[key] == nil })
}

// showModal shows the window that is open, anew when it changes.
func (d *display) showModal() {
	seen := "window of " + d.me.ID
	v := d.me.Modal()
	if v == nil {
		if d.views[seen] != "" {
			d.narrate("the window is closed")
		}
		delete(d.views, seen)
		return
	}
	if state := stateOf(v); state != d.views[seen] {
		d.views[seen] = state
		d.print(d.view(v))
	}
}

// showHome shows the Home tab once it was opened, and again when it changes.
func (d *display) showHome(settled bool) {
	if !settled {
		return
	}
	seen := "home of " + d.me.ID
	v := d.me.Home()
	switch {
	case v == nil && d.wantHome:
		d.narrate(botName + " shows nothing there")
	case v != nil && (d.wantHome || d.views[seen] != "" && d.views[seen] != stateOf(v)):
		d.views[seen] = stateOf(v)
		d.print(d.view(v))
	}
	d.wantHome = false
}

// stateOf is another one whenever a view shows something else.
func stateOf(v *slacksim.View) string { return v.ID + v.Hash + strconv.Itoa(v.Updates) }

// button finds what a number stands for.
func (d *display) button(number string) *button {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(d.buttons) {
		return nil
	}
	return &d.buttons[n-1]
}
