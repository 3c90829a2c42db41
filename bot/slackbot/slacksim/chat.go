package slacksim

import (
	"strings"
	"time"
)

func postMessage(c *call) (reply, *apiError) {
	ch, failure := c.conversation("channel")
	if failure != nil {
		return nil, failure
	}
	body, failure := c.content(maxPost)
	if failure != nil {
		return nil, failure
	}
	if body.empty() {
		return nil, fail("no_text")
	}
	if failure := c.threadTS(); failure != nil {
		return nil, failure
	}
	m := c.ws.botMessage(body)
	m.ThreadTS, m.Broadcast = c.args["thread_ts"], c.bool("reply_broadcast")
	m.UnfurlLinks, m.UnfurlMedia = c.flag("unfurl_links"), c.flag("unfurl_media")
	m.ClientMsgID, m.Username = c.args["client_msg_id"], c.args["username"]
	if m.Broadcast && m.ThreadTS != "" {
		m.Subtype = "thread_broadcast"
	}
	c.ws.post(ch, m)
	return reply{"channel": ch.ID, "ts": m.TS, "message": ch.messageJSON(m, true)}, nil
}

// threadTS checks the form of thread_ts.
func (c *call) threadTS() *apiError {
	if ts := c.args["thread_ts"]; ts != "" && !validTS(ts) {
		return fail("invalid_thread_ts")
	}
	return nil
}

func (ws *Workspace) botMessage(body content) *Message {
	return &Message{User: ws.Bot.ID, BotID: ws.BotID, Text: body.text, Blocks: body.blocks,
		attachments: body.attachments, Metadata: body.metadata}
}

// post adds the app's message, ends its status in the thread, and tells the
// app, which hears its own messages like everybody's.
func (ws *Workspace) post(ch *Channel, m *Message) {
	ch.add(m)
	if m.ThreadTS != "" {
		ws.clearStatus(ch, m.ThreadTS)
		ws.endBridged(ch, m.ThreadTS)
	}
	ws.emitMessage(ch, m)
}

func postEphemeral(c *call) (reply, *apiError) {
	ch, failure := c.conversation("channel")
	if failure != nil {
		return nil, failure
	}
	if failure := c.require("user"); failure != nil {
		return nil, failure
	}
	u := c.ws.users[c.args["user"]]
	if u == nil || !ch.has(u) {
		return nil, fail("user_not_in_channel")
	}
	body, failure := c.content(maxPost)
	switch {
	case failure != nil:
		return nil, failure
	case body.empty():
		return nil, fail("no_text")
	}
	if failure := c.threadTS(); failure != nil {
		return nil, failure
	}
	body.metadata = nil // ignored: docs.slack.dev, "chat.postEphemeral method"
	m := c.ws.ephemeral(ch, u, body, c.args["thread_ts"])
	return reply{"message_ts": m.TS}, nil
}

func (ws *Workspace) ephemeral(ch *Channel, u *User, body content, threadTS string) *Message {
	m := ws.botMessage(body)
	m.Channel, m.TS, m.ThreadTS, m.EphemeralTo, m.seq = ch.ID, ch.nextTS(), threadTS, u.ID, ws.nextSeq()
	m.Blocks = nameBlocks(m.Blocks)
	ch.ephemerals = append(ch.ephemerals, m)
	ws.touch()
	return m
}

func updateMessage(c *call) (reply, *apiError) {
	ch, failure := c.conversation("channel")
	if failure != nil {
		return nil, failure
	}
	m, failure := c.ownMessage(ch, c.args["ts"], "cant_update_message")
	if failure != nil {
		return nil, failure
	}
	body, failure := c.content(maxUpdate)
	if failure != nil {
		return nil, failure
	}
	switch {
	case m.Stream != nil && m.Stream.state(c.ws) == Streaming:
		return nil, fail("streaming_state_conflict")
	case c.ws.editWindowClosed(m):
		return nil, fail("edit_window_closed")
	case body.empty() && !body.hasMetadata:
		return nil, fail("no_text")
	}
	before := m.clone()
	m.apply(body)
	c.ws.edited(ch, m, before, c.ws.Bot)
	return reply{"channel": ch.ID, "ts": m.TS, "text": m.Text, "message": ch.messageJSON(m, true)}, nil
}

// apply changes a message (docs.slack.dev, "chat.update method"): a text
// without blocks removes the blocks, metadata stays unless given.
func (m *Message) apply(body content) {
	if !body.empty() {
		m.Text = body.text
		m.Blocks = nameBlocks(body.blocks)
		m.attachments = body.attachments
	}
	if body.hasMetadata {
		m.Metadata = body.metadata
	}
}

func (ws *Workspace) editWindowClosed(m *Message) bool {
	if ws.opts.EditWindow == 0 {
		return false
	}
	seconds, micros := splitTS(m.TS)
	return ws.clock.Now().Sub(time.Unix(seconds, micros*1000)) > ws.opts.EditWindow
}

// edited records an edit and tells the app.
func (ws *Workspace) edited(ch *Channel, m, before *Message, by *User) {
	m.Edits++
	m.EditedBy, m.EditedTS = by.ID, ch.nextTS()
	ws.emitChanged(ch, m, before)
	ws.touch()
}

func deleteMessage(c *call) (reply, *apiError) {
	ch, failure := c.conversation("channel")
	if failure != nil {
		return nil, failure
	}
	m, failure := c.ownMessage(ch, c.args["ts"], "cant_delete_message")
	if failure != nil {
		return nil, failure
	}
	c.ws.delete(ch, m)
	return reply{"channel": ch.ID, "ts": m.TS}, nil
}

// delete removes a message and tells the app. What the app hears of a parent
// with replies is a change into a tombstone (42wim/matterbridge issue 600).
func (ws *Workspace) delete(ch *Channel, m *Message) {
	before := m.clone()
	root := ch.at(m.ThreadTS)
	var tomb *Message
	if root != nil && root.Tombstone {
		tomb = root.clone()
	}
	gone := ch.remove(m)
	if m.Tombstone {
		ws.emitChanged(ch, m, before)
	}
	for _, g := range gone {
		if g == m {
			ws.emitDeleted(ch, before)
		} else {
			ws.emitDeleted(ch, tomb)
		}
	}
	ws.touch()
}

func getPermalink(c *call) (reply, *apiError) {
	ch := c.ws.channels[c.args["channel"]]
	if ch == nil || ch.Kind != Public && !ch.has(c.ws.Bot) {
		return nil, fail("channel_not_found")
	}
	m := ch.find(c.args["message_ts"])
	if m == nil {
		return nil, fail("message_not_found")
	}
	return reply{"channel": ch.ID, "permalink": c.ws.permalink(m)}, nil
}

func (ws *Workspace) permalink(m *Message) string {
	link := "https://" + ws.Team.Domain + ".slack.com/archives/" + m.Channel + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.IsReply() {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + m.Channel
	}
	return link
}
