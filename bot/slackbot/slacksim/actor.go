package slacksim

import (
	"fmt"
	"strings"
)

// A PostOption changes what Post posts.
type PostOption func(*Message)

// InThread posts below the message with that timestamp.
func InThread(ts string) PostOption { return func(m *Message) { m.ThreadTS = ts } }

// AlsoToChannel shows a thread reply in the channel as well.
func AlsoToChannel() PostOption {
	return func(m *Message) { m.Broadcast, m.Subtype = true, "thread_broadcast" }
}

// WithFile attaches a file.
func WithFile(f File) PostOption {
	return func(m *Message) {
		m.Files = append(m.Files, &f)
		m.Subtype = "file_share"
	}
}

// AsLegacyBot posts as an old integration does: subtype bot_message, a name
// and no user.
func AsLegacyBot(name string) PostOption {
	return func(m *Message) { m.Subtype, m.Username, m.User, m.BotID = "bot_message", name, "", "B999999999" }
}

// Post writes a message, which the app hears of as message and, if its bot is
// mentioned, as app_mention too, both with the same timestamp. text is as
// Slack stores it: mentions as <@U…>, and &, < and > escaped. The author
// joins the conversation if need be.
func (u *User) Post(ch *Channel, text string, opts ...PostOption) *Message {
	ws := u.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ch.join(u)
	m := &Message{User: u.ID, BotID: u.BotID, Text: text}
	for _, o := range opts {
		o(m)
	}
	if m.BotID == "" {
		ws.ids["client"]++
		m.ClientMsgID = fmt.Sprintf("00000000-0000-4000-8000-%012d", ws.ids["client"])
	}
	if text != "" {
		m.Blocks = []Block{richText(text)}
	}
	for _, f := range m.Files {
		ws.share(ch, u, f)
	}
	ch.add(m)
	ws.emitMessage(ch, m)
	for _, f := range m.Files {
		ws.emitShared(ch, u, f, m.TS)
	}
	return m.clone()
}

// Upload posts a message with files: the app hears of it as a message of
// subtype file_share, and of each file as file_shared. The files get their IDs.
func (u *User) Upload(ch *Channel, text string, files []*File, opts ...PostOption) *Message {
	for _, f := range files {
		opts = append(opts, WithFile(*f))
	}
	m := u.Post(ch, text, opts...)
	for i, f := range m.Files[len(m.Files)-len(files):] {
		*files[i] = *f
	}
	return m
}

// Say posts in a conversation with the bot mentioned first.
func (u *User) Say(ch *Channel, text string, opts ...PostOption) *Message {
	return u.Post(ch, u.ws.Bot.Mention()+" "+text, opts...)
}

// Edit changes one of the person's messages.
func (u *User) Edit(m *Message, text string) {
	u.ws.mu.Lock()
	defer u.ws.mu.Unlock()
	ch := u.ws.channels[m.Channel]
	stored := ch.find(m.TS)
	if stored == nil {
		return
	}
	before := stored.clone()
	stored.Text, stored.Blocks = text, nameBlocks([]Block{richText(text)})
	stored.Edits++
	stored.EditedBy, stored.EditedTS = u.ID, ch.nextTS()
	u.ws.emitChanged(ch, stored, before)
	u.ws.touch()
}

// Unfurl shows a preview below a message, as Slack does for links: the app
// hears message_changed though nobody edited.
func (ws *Workspace) Unfurl(m *Message, link string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ch := ws.channels[m.Channel]
	stored := ch.find(m.TS)
	if stored == nil {
		return
	}
	before := stored.clone()
	stored.attachments = append(stored.attachments, map[string]any{"from_url": link, "title": link, "id": len(stored.attachments) + 1})
	ws.emitChanged(ch, stored, before)
	ws.touch()
}

// Delete removes a message.
func (u *User) Delete(m *Message) {
	u.ws.mu.Lock()
	defer u.ws.mu.Unlock()
	ch := u.ws.channels[m.Channel]
	if stored := ch.find(m.TS); stored != nil {
		u.ws.delete(ch, stored)
	}
}

// React puts an emoji on a message.
func (u *User) React(m *Message, name string) {
	u.ws.mu.Lock()
	defer u.ws.mu.Unlock()
	ch := u.ws.channels[m.Channel]
	if stored := ch.find(m.TS); stored != nil {
		u.ws.react(ch, stored, u, name)
	}
}

// Unreact takes it off again.
func (u *User) Unreact(m *Message, name string) {
	u.ws.mu.Lock()
	defer u.ws.mu.Unlock()
	ch := u.ws.channels[m.Channel]
	if stored := ch.find(m.TS); stored != nil {
		u.ws.unreact(ch, stored, u, name)
	}
}

// StopStream presses the stop button of a message that is being streamed.
func (u *User) StopStream(m *Message) {
	u.ws.mu.Lock()
	defer u.ws.mu.Unlock()
	stored := u.ws.channels[m.Channel].find(m.TS)
	if stored != nil && stored.Stream != nil && stored.Stream.state(u.ws) == Streaming {
		stored.Stream.State = StoppedByUser
		u.ws.touch()
	}
}

// OpenHome opens the app's Home tab.
func (u *User) OpenHome() {
	ws := u.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	im := ws.im(u)
	event := map[string]any{"type": "app_home_opened", "user": u.ID, "channel": im.ID, "tab": "home", "event_ts": im.nextTS()}
	if u.home != nil {
		event["view"] = ws.viewJSON(u.home)
	}
	ws.emit("app_home_opened", nil, im, event)
}

// OpenMessages opens the direct messages with the app: its Messages tab.
func (u *User) OpenMessages() *Channel {
	u.ws.mu.Lock()
	defer u.ws.mu.Unlock()
	im := u.ws.im(u)
	u.ws.emit("app_home_opened", nil, im, map[string]any{
		"type": "app_home_opened", "user": u.ID, "channel": im.ID, "tab": "messages", "event_ts": im.nextTS(),
	})
	return im
}

// OpenAssistant starts a new thread with the app's assistant, looking at a
// channel (which may be nil), and returns the thread's conversation and
// timestamp. With Options.AgentView there is no such thread: OpenMessages.
func (u *User) OpenAssistant(lookingAt *Channel) (im *Channel, threadTS string) {
	ws := u.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	im = ws.im(u)
	m := &Message{User: ws.Bot.ID, BotID: ws.BotID, Subtype: "assistant_app_thread", Text: "New Assistant Thread"}
	im.add(m)
	m.ThreadTS = m.TS
	u.emitAssistant("assistant_thread_started", im, m.TS, lookingAt)
	return im, m.TS
}

// LookAt tells the assistant's thread that the person moved to a channel.
func (u *User) LookAt(ch *Channel, threadTS string) {
	u.ws.mu.Lock()
	defer u.ws.mu.Unlock()
	u.emitAssistant("assistant_thread_context_changed", u.ws.im(u), threadTS, ch)
}

func (u *User) emitAssistant(kind string, im *Channel, threadTS string, lookingAt *Channel) {
	at := map[string]any{}
	if lookingAt != nil {
		at = map[string]any{"channel_id": lookingAt.ID, "team_id": u.ws.Team.ID, "enterprise_id": nil}
	}
	u.ws.emit(kind, []string{"assistant:write"}, im, map[string]any{
		"type": kind, "event_ts": im.nextTS(),
		"assistant_thread": map[string]any{"user_id": u.ID, "context": at, "channel_id": im.ID, "thread_ts": threadTS},
	})
}

// richText is a text as a person's client sends it: one rich_text block.
func richText(text string) Block {
	var elements []any
	plain := func(s string) {
		if s != "" {
			elements = append(elements, map[string]any{"type": "text", "text": unescape(s)})
		}
	}
	for text != "" {
		before, rest, open := strings.Cut(text, "<")
		inner, after, closed := strings.Cut(rest, ">")
		if !open || !closed {
			plain(text)
			break
		}
		plain(before)
		elements = append(elements, richElement(inner))
		text = after
	}
	return Block{"type": "rich_text", "elements": []any{map[string]any{"type": "rich_text_section", "elements": elements}}}
}

// richElement reads what stands between < and > (docs.slack.dev, "Formatting
// message text").
func richElement(inner string) map[string]any {
	target, label, _ := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(target, "@"):
		return map[string]any{"type": "user", "user_id": target[1:]}
	case strings.HasPrefix(target, "#"):
		return map[string]any{"type": "channel", "channel_id": target[1:]}
	case strings.HasPrefix(target, "!subteam^"):
		return map[string]any{"type": "usergroup", "usergroup_id": strings.TrimPrefix(target, "!subteam^")}
	case strings.HasPrefix(target, "!"):
		return map[string]any{"type": "broadcast", "range": target[1:]}
	}
	link := map[string]any{"type": "link", "url": target}
	if label != "" {
		link["text"] = unescape(label)
	}
	return link
}

func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}
