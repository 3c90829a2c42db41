package slacksim

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A Block is a Block Kit block, as JSON decodes it.
type Block = map[string]any

// Metadata is what an app attaches to a message for itself.
type Metadata struct {
	EventType    string         `json:"event_type"`
	EventPayload map[string]any `json:"event_payload"`
}

// A Message is one message of a conversation. What the workspace returns is a
// copy; blocks and metadata are not to be changed.
type Message struct {
	Channel, TS string
	// ThreadTS is the parent's timestamp in a thread, on the parent itself too
	// once somebody replied.
	ThreadTS string
	User     string
	BotID    string
	Username string // shown instead of the bot's name
	Subtype  string
	Text     string
	Blocks   []Block
	Files    []*File
	Metadata *Metadata
	// ClientMsgID is what a person's client calls the message.
	ClientMsgID string
	// UnfurlLinks and UnfurlMedia are as given, nil when they were not.
	UnfurlLinks, UnfurlMedia *bool
	Broadcast                bool
	Edits                    int
	EditedTS                 string
	EditedBy                 string
	// Deleted messages stay for the transcript; a Tombstone also stays in the
	// channel, since it has replies.
	Deleted, Tombstone bool
	// EphemeralTo is the one who sees an ephemeral message.
	EphemeralTo string
	// Stream is set on streamed messages.
	Stream    *Stream
	Reactions []Reaction

	seq         int
	attachments []any
}

// A Reaction is an emoji on a message, with those who put it there.
type Reaction struct {
	Name  string
	Users []string
}

// IsReply reports whether the message stands in a thread below its parent.
func (m *Message) IsReply() bool { return m.ThreadTS != "" && m.ThreadTS != m.TS }

func (m *Message) clone() *Message {
	c := *m
	c.Blocks, c.Files = slices.Clone(m.Blocks), slices.Clone(m.Files)
	for i, f := range c.Files {
		of := *f
		c.Files[i] = &of
	}
	c.Reactions = slices.Clone(m.Reactions)
	for i := range c.Reactions {
		c.Reactions[i].Users = slices.Clone(c.Reactions[i].Users)
	}
	if m.Stream != nil {
		s := *m.Stream
		s.Tasks = slices.Clone(s.Tasks)
		c.Stream = &s
	}
	return &c
}

// Messages returns the conversation's messages in order, without ephemeral
// and deleted ones.
func (ch *Channel) Messages() []*Message {
	ch.ws.mu.Lock()
	defer ch.ws.mu.Unlock()
	var all []*Message
	for _, m := range ch.messages {
		if !m.Deleted {
			all = append(all, m.clone())
		}
	}
	return all
}

// Thread returns the replies below a message, without the message.
func (ch *Channel) Thread(ts string) []*Message {
	all := ch.Messages()
	return slices.DeleteFunc(all, func(m *Message) bool { return m.ThreadTS != ts || m.TS == ts })
}

// Ephemerals returns what single people see, in order.
func (ch *Channel) Ephemerals() []*Message {
	ch.ws.mu.Lock()
	defer ch.ws.mu.Unlock()
	var all []*Message
	for _, m := range ch.ephemerals {
		if !m.Deleted {
			all = append(all, m.clone())
		}
	}
	return all
}

// ephemeral returns the message that one person sees, or nil.
func (ch *Channel) ephemeral(ts string) *Message {
	for _, m := range ch.ephemerals {
		if m.TS == ts && !m.Deleted {
			return m
		}
	}
	return nil
}

// Message returns the message with that timestamp, or nil.
func (ch *Channel) Message(ts string) *Message {
	ch.ws.mu.Lock()
	defer ch.ws.mu.Unlock()
	if m := ch.find(ts); m != nil {
		return m.clone()
	}
	return nil
}

// find returns a message that was not deleted; a tombstone counts as deleted.
func (ch *Channel) find(ts string) *Message {
	m := ch.at(ts)
	if m == nil || m.Deleted {
		return nil
	}
	return m
}

// at returns the message with that timestamp, even a deleted one. Messages
// are in the order of their timestamps.
func (ch *Channel) at(ts string) *Message {
	i, ok := slices.BinarySearchFunc(ch.messages, ts, byTS)
	if !ok {
		return nil
	}
	return ch.messages[i]
}

// root returns the parent that a reply to ts goes below, or nil.
func (ch *Channel) root(ts string) *Message {
	m := ch.at(ts)
	if m == nil || m.Deleted && !m.Tombstone {
		return nil
	}
	return m
}

func (ch *Channel) replies(ts string) []*Message {
	var all []*Message
	start, _ := slices.BinarySearchFunc(ch.messages, ts, byTS)
	for _, m := range ch.messages[start:] {
		if m.ThreadTS == ts && m.TS != ts && !m.Deleted {
			all = append(all, m)
		}
	}
	return all
}

// add puts a new message at the end of the conversation. A reply whose parent
// is gone stands in the channel by itself, as in Slack (slackapi/
// python-slack-events-api issue 87; slack-go, PostMessageWithResponse).
func (ch *Channel) add(m *Message) {
	m.Channel, m.TS, m.seq = ch.ID, ch.nextTS(), ch.ws.nextSeq()
	if m.ThreadTS != "" {
		root := ch.root(m.ThreadTS)
		switch {
		case root == nil:
			m.ThreadTS = ""
			ch.ws.stats.Orphans++
		case root.IsReply():
			m.ThreadTS = root.ThreadTS
			ch.ws.stats.RepliesToReplies++
		default:
			root.ThreadTS = root.TS
		}
	}
	m.Blocks = nameBlocks(m.Blocks)
	ch.messages = append(ch.messages, m)
	ch.ws.touch()
}

// nameBlocks gives a block_id to each block that has none, as Slack does.
func nameBlocks(blocks []Block) []Block {
	named := slices.Clone(blocks)
	for i, b := range named {
		if id, _ := b["block_id"].(string); id == "" {
			named[i] = maps.Clone(b)
			named[i]["block_id"] = "blk" + strconv.Itoa(i+1)
		}
	}
	return named
}

// remove deletes a message: one with replies leaves a tombstone, and the last
// reply takes the tombstone along. It returns the messages that are gone.
func (ch *Channel) remove(m *Message) (gone []*Message) {
	m.Deleted = true
	if !m.IsReply() && len(ch.replies(m.TS)) > 0 {
		m.Tombstone = true
		return nil
	}
	gone = append(gone, m)
	if root := ch.at(m.ThreadTS); m.IsReply() && root.Tombstone && len(ch.replies(root.TS)) == 0 {
		root.Tombstone = false
		gone = append(gone, root)
	}
	return gone
}

func byTS(m *Message, ts string) int { return compareTS(m.TS, ts) }

func compareTS(a, b string) int {
	as, am := splitTS(a)
	bs, bm := splitTS(b)
	if as != bs {
		return int(as - bs)
	}
	return int(am - bm)
}

// splitTS reads seconds and microseconds; what is not a timestamp sorts first.
func splitTS(ts string) (seconds, micros int64) {
	s, m, _ := strings.Cut(ts, ".")
	seconds, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1, 0
	}
	m = (m + "000000")[:6]
	micros, err = strconv.ParseInt(m, 10, 64)
	if err != nil {
		return -1, 0
	}
	return seconds, micros
}

func validTS(ts string) bool {
	s, m, ok := strings.Cut(ts, ".")
	return ok && len(m) == 6 && digits(s) && digits(m)
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// json is a message as history and events show it.
func (ch *Channel) messageJSON(m *Message, metadata bool) map[string]any {
	j := map[string]any{"type": "message", "ts": m.TS, "text": m.Text}
	if m.Tombstone {
		j["subtype"], j["text"], j["user"], j["hidden"] = "tombstone", "This message was deleted.", "USLACKBOT", true
		ch.threadJSON(m, j)
		return j
	}
	for k, v := range map[string]string{"user": m.User, "subtype": m.Subtype, "bot_id": m.BotID, "username": m.Username, "client_msg_id": m.ClientMsgID} {
		if v != "" {
			j[k] = v
		}
	}
	if u := ch.ws.users[m.User]; u != nil {
		j["team"] = u.TeamID
	}
	if m.BotID == ch.ws.BotID {
		j["app_id"] = ch.ws.AppID
		j["bot_profile"] = map[string]any{"id": ch.ws.BotID, "app_id": ch.ws.AppID, "name": ch.ws.Bot.Name, "team_id": ch.ws.Team.ID, "deleted": false}
	}
	if m.Blocks != nil {
		j["blocks"] = m.Blocks
	}
	if m.attachments != nil {
		j["attachments"] = m.attachments
	}
	if m.Edits > 0 {
		j["edited"] = map[string]any{"user": m.EditedBy, "ts": m.EditedTS}
	}
	if m.Stream != nil {
		j["streaming_state"] = m.Stream.State.String()
	}
	if len(m.Files) > 0 {
		j["files"], j["upload"] = ch.filesJSON(m.Files), false
	}
	if metadata && m.Metadata != nil {
		j["metadata"] = m.Metadata
	}
	ch.reactionsJSON(m, j)
	ch.threadJSON(m, j)
	return j
}

func (ch *Channel) reactionsJSON(m *Message, j map[string]any) {
	var all []any
	for _, r := range m.Reactions {
		all = append(all, map[string]any{"name": r.Name, "users": r.Users, "count": len(r.Users)})
	}
	if all != nil {
		j["reactions"] = all
	}
}

func (ch *Channel) threadJSON(m *Message, j map[string]any) {
	if m.ThreadTS == "" {
		return
	}
	j["thread_ts"] = m.ThreadTS
	if m.IsReply() {
		if root := ch.at(m.ThreadTS); root != nil {
			j["parent_user_id"] = root.User
		}
		return
	}
	replies := ch.replies(m.TS)
	var users []string
	for _, r := range replies {
		if !slices.Contains(users, r.User) {
			users = append(users, r.User)
		}
	}
	j["reply_count"], j["reply_users"], j["reply_users_count"] = len(replies), users, len(users)
	j["latest_reply"], j["is_locked"], j["subscribed"] = "0000000000.000000", false, true
	if len(replies) > 0 {
		j["latest_reply"] = replies[len(replies)-1].TS
	}
}
