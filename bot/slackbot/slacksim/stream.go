package slacksim

import (
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"
)

// maxStream bounds a streamed message as a whole; Slack publishes no limit
// but that of a message's text.
const maxStream = maxPost

// A StreamState says whether a streamed message takes more text.
type StreamState int

// The states of a stream.
const (
	Streaming     StreamState = iota
	Stopped                   // by chat.stopStream
	StoppedByUser             // by the person it was meant for
	Expired                   // the time to stream ran out
)

func (s StreamState) String() string {
	return [...]string{"in_progress", "completed", "stopped_by_user", "errored"}[s]
}

// A Stream is the life of a streamed message.
type Stream struct {
	State   StreamState
	Started time.Time
	// Appends counts calls of chat.appendStream that took effect.
	Appends int
	// RecipientTeam and RecipientUser are as given to chat.startStream.
	RecipientTeam, RecipientUser string
	// Tasks are the task cards, each in its last state.
	Tasks []Task
	// mode is markdown_text or chunks, once one was used.
	mode string
}

// A Task is a task card of a stream.
type Task struct{ ID, Title, Status string }

// state notes when a stream has run out of time.
func (s *Stream) state(ws *Workspace) StreamState {
	if s.State == Streaming && ws.opts.StreamTTL > 0 && ws.clock.Now().Sub(s.Started) >= ws.opts.StreamTTL {
		s.State = Expired
	}
	return s.State
}

func startStream(c *call) (reply, *apiError) {
	ch, failure := c.conversation("channel")
	if failure != nil {
		return nil, failure
	}
	if failure := c.require("thread_ts"); failure != nil {
		return nil, failure
	}
	if !validTS(c.args["thread_ts"]) || ch.root(c.args["thread_ts"]) == nil {
		return nil, fail("invalid_thread_ts")
	}
	if failure := c.recipient(ch); failure != nil {
		return nil, failure
	}
	m := c.ws.botMessage(content{})
	m.ThreadTS = c.args["thread_ts"]
	m.Stream = &Stream{Started: c.ws.clock.Now(), RecipientTeam: c.args["recipient_team_id"], RecipientUser: c.args["recipient_user_id"]}
	// Metadata is no argument here (docs.slack.dev, "chat.startStream
	// method"): a stream carries it only from chat.stopStream on.
	if c.has("metadata") {
		c.ws.stats.IgnoredMetadata++
	}
	if failure := c.stream(m, false); failure != nil {
		return nil, failure
	}
	c.ws.post(ch, m)
	c.ws.streamSession(ch, m)
	return reply{"channel": ch.ID, "ts": m.TS}, nil
}

// recipient checks whom a stream in a channel is for.
func (c *call) recipient(ch *Channel) *apiError {
	team, user := c.args["recipient_team_id"], c.args["recipient_user_id"]
	if ch.Kind == IM {
		return nil
	}
	switch u := c.ws.users[user]; {
	case team == "":
		return fail("missing_recipient_team_id")
	case user == "":
		return fail("missing_recipient_user_id")
	case u == nil || u.TeamID != team:
		return fail("user_not_found")
	}
	return nil
}

func appendStream(c *call) (reply, *apiError) {
	ch, m, failure := c.streaming()
	if failure != nil {
		return nil, failure
	}
	if failure := c.stream(m, true); failure != nil {
		return nil, failure
	}
	m.Stream.Appends++
	c.ws.touch()
	return reply{"channel": ch.ID, "ts": m.TS}, nil
}

func stopStream(c *call) (reply, *apiError) {
	ch, m, failure := c.streaming()
	if failure != nil {
		return nil, failure
	}
	blocks, failure := c.finalBlocks()
	if failure != nil {
		return nil, failure
	}
	metadata, failure := c.metadata()
	if failure != nil {
		return nil, failure
	}
	to := SessionStatus(c.args["session_status"]) // docs.slack.dev, "chat.stopStream method"
	setDefault(&to, SessionActive)
	if !to.valid() {
		return nil, invalidArguments("must be a valid enum value [json-pointer:/session_status]")
	}
	before := m.clone()
	if failure := c.stream(m, false); failure != nil {
		return nil, failure
	}
	m.Blocks = nameBlocks(append(slices.Clone(m.Blocks), blocks...))
	m.Stream.State = Stopped
	if c.has("metadata") {
		m.Metadata = metadata
	}
	if s := c.ws.sessions[threadKey{ch.ID, m.ThreadTS}]; s != nil {
		c.ws.moveSession(s, to)
	}
	c.ws.emitChanged(ch, m, before)
	c.ws.touch()
	return reply{"channel": ch.ID, "ts": m.TS, "message": ch.messageJSON(m, true)}, nil
}

// finalBlocks reads the blocks below a finished stream: 50 besides those that
// were streamed (docs.slack.dev, "chat.stopStream method").
func (c *call) finalBlocks() ([]Block, *apiError) {
	var blocks []Block
	if c.args["blocks"] == "" {
		return nil, nil
	}
	if err := c.decode("blocks", &blocks); err != nil {
		return nil, fail("invalid_blocks")
	}
	if len(blocks) > maxMessageBlocks {
		return nil, fail("msg_blocks_too_many")
	}
	return blocks, messageBlocks(blocks)
}

// streaming finds the message of a call that goes on with a stream.
func (c *call) streaming() (*Channel, *Message, *apiError) {
	ch, failure := c.conversation("channel")
	if failure != nil {
		return nil, nil, failure
	}
	m, failure := c.ownMessage(ch, c.args["ts"], "message_not_owned_by_app")
	switch {
	case failure != nil:
		return nil, nil, failure
	case m.Stream == nil:
		return nil, nil, fail("message_not_in_streaming_state")
	}
	switch m.Stream.state(c.ws) {
	case Streaming:
		return ch, m, nil
	case StoppedByUser:
		if c.method == "chat.appendStream" {
			return nil, nil, fail("stopped_by_user")
		}
	}
	return nil, nil, fail("message_not_in_streaming_state")
}

// stream adds a call's text or chunks to a message.
func (c *call) stream(m *Message, required bool) *apiError {
	text, chunks := c.args["markdown_text"], c.args["chunks"]
	switch {
	case text != "" && chunks != "":
		return fail("cannot_provide_both_markdown_text_and_chunks")
	case text == "" && chunks == "":
		if required {
			return fail("markdown_text_or_chunks_required")
		}
		return nil
	}
	mode := "markdown_text"
	if chunks != "" {
		mode = "chunks"
	}
	if m.Stream.mode != "" && m.Stream.mode != mode {
		return fail("streaming_mode_mismatch")
	}
	add := &streamed{text: m.Text, blocks: m.Blocks, tasks: m.Stream.Tasks}
	if failure := c.read(add, text); failure != nil {
		return failure
	}
	m.Stream.mode = mode
	m.Text, m.Blocks, m.Stream.Tasks = add.text, add.blocks, add.tasks
	return nil
}

// streamed is a streamed message with what a call adds to it.
type streamed struct {
	text   string
	blocks []Block
	tasks  []Task
}

func (c *call) read(add *streamed, text string) *apiError {
	if text != "" {
		return add.append(text)
	}
	var chunks []map[string]json.RawMessage
	if err := c.decode("chunks", &chunks); err != nil {
		return fail("invalid_chunks")
	}
	for _, chunk := range chunks {
		if failure := add.chunk(chunk); failure != nil {
			return failure
		}
	}
	return nil
}

func (s *streamed) append(text string) *apiError {
	s.text += text
	if utf8.RuneCountInString(text) > maxMarkdown || utf8.RuneCountInString(s.text) > maxStream {
		return fail("msg_too_long")
	}
	return nil
}

// chunk adds one chunk (docs.slack.dev, "chat.appendStream method", "Using
// the chunks parameter").
func (s *streamed) chunk(chunk map[string]json.RawMessage) *apiError {
	field := func(name string) (v string) {
		_ = json.Unmarshal(chunk[name], &v) // a missing field reads as empty
		return v
	}
	switch field("type") {
	case "markdown_text":
		if field("text") == "" {
			return fail("invalid_chunks")
		}
		return s.append(field("text"))
	case "task_update":
		return s.task(Task{ID: field("id"), Title: field("title"), Status: field("status")})
	case "plan_update":
		if field("title") == "" {
			return fail("invalid_chunks")
		}
		return nil
	case "blocks":
		var blocks []Block
		if err := json.Unmarshal(chunk["blocks"], &blocks); err != nil {
			return fail("invalid_chunks")
		}
		if failure := messageBlocks(blocks); failure != nil {
			return failure
		}
		s.blocks = append(slices.Clone(s.blocks), blocks...)
		if len(s.blocks) > maxMessageBlocks {
			return fail("msg_blocks_too_many")
		}
		return nil
	}
	return fail("invalid_chunks")
}

func (s *streamed) task(t Task) *apiError {
	if t.ID == "" || t.Title == "" {
		return fail("invalid_chunks")
	}
	s.tasks = slices.Clone(s.tasks)
	if i := slices.IndexFunc(s.tasks, func(o Task) bool { return o.ID == t.ID }); i >= 0 {
		s.tasks[i] = t
		return nil
	}
	s.tasks = append(s.tasks, t)
	return nil
}
