package slacksim

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Limits of messages, in characters (code points).
const (
	maxPost     = 40000 // docs.slack.dev, "chat.postMessage method", "Truncating content"
	maxUpdate   = 4000  // docs.slack.dev, "chat.update method", error msg_too_long
	maxMetadata = 16000 // bytes; metadata_too_large has no published limit
	maxAttached = 100   // docs.slack.dev, "chat.postMessage method", error too_many_attachments
)

// content is what a message says: the arguments that all methods which write
// messages share.
type content struct {
	text        string
	blocks      []Block
	attachments []any
	metadata    *Metadata
	// hasBlocks and hasMetadata tell a missing argument from an empty one.
	hasText, hasBlocks, hasMetadata bool
}

// content reads and checks a message's content; text may have atMost characters.
func (c *call) content(atMost int) (content, *apiError) {
	m := content{text: c.args["text"], hasText: c.has("text"), hasBlocks: c.has("blocks"), hasMetadata: c.has("metadata")}
	if utf8.RuneCountInString(m.text) > atMost {
		return m, fail("msg_too_long")
	}
	var failure *apiError
	if m.blocks, failure = c.blocks("blocks"); failure != nil {
		return m, failure
	}
	if c.has("attachments") && c.args["attachments"] != "" {
		if err := c.decode("attachments", &m.attachments); err != nil {
			return m, fail("invalid_attachments")
		}
		if len(m.attachments) > maxAttached {
			return m, fail("too_many_attachments")
		}
	}
	if c.has("markdown_text") {
		if failure := c.markdownText(&m); failure != nil {
			return m, failure
		}
	}
	if m.metadata, failure = c.metadata(); failure != nil {
		return m, failure
	}
	return m, nil
}

// markdownText turns markdown_text into a markdown block.
func (c *call) markdownText(m *content) *apiError {
	text := c.args["markdown_text"]
	switch {
	case m.hasText || m.hasBlocks:
		return fail("markdown_text_conflict")
	case utf8.RuneCountInString(text) > maxMarkdown:
		return fail("msg_too_long")
	case text != "":
		m.text, m.hasText = text, true
		m.blocks, m.hasBlocks = []Block{{"type": "markdown", "text": text}}, true
	}
	return nil
}

func (m *content) empty() bool {
	return strings.TrimSpace(m.text) == "" && len(m.blocks) == 0 && len(m.attachments) == 0
}

// blocks reads and checks a list of blocks for a message.
func (c *call) blocks(name string) ([]Block, *apiError) {
	if c.args[name] == "" {
		return nil, nil
	}
	var blocks []Block
	if err := c.decode(name, &blocks); err != nil {
		return nil, fail("invalid_blocks_format")
	}
	return blocks, messageBlocks(blocks)
}

func messageBlocks(blocks []Block) *apiError {
	check := checkBlocks(blocks, inMessage)
	switch {
	case len(check.errs) > 0:
		return detailed("invalid_blocks", check.errs)
	case check.chars > maxBlocksText:
		return fail("msg_blocks_too_long")
	}
	return nil
}

// metadata reads message metadata (docs.slack.dev, "Message metadata"): an
// event_type and an event_payload. An empty object reads as none.
func (c *call) metadata() (*Metadata, *apiError) {
	raw := c.args["metadata"]
	if raw == "" {
		return nil, nil
	}
	var object map[string]json.RawMessage
	if err := c.decode("metadata", &object); err != nil {
		return nil, fail("invalid_metadata_format")
	}
	if len(object) == 0 {
		return nil, nil
	}
	var m Metadata
	if err := json.Unmarshal([]byte(raw), &m); err != nil || m.EventPayload == nil || !metadataName(m.EventType) {
		return nil, fail("invalid_metadata_format")
	}
	if len(raw) > maxMetadata {
		return nil, fail("metadata_too_large")
	}
	return &m, nil
}

// metadataName reports whether s is a "human readable alphanumeric string".
func metadataName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == ""
}

// conversation finds the channel of a call that writes to it
// (docs.slack.dev, "chat.postMessage method", errors). A user's ID stands for
// the direct message with them.
func (c *call) conversation(name string) (*Channel, *apiError) {
	id := c.args[name]
	ch := c.ws.channels[id]
	if u := c.ws.users[id]; ch == nil && u != nil && u != c.ws.Bot {
		ch = c.ws.im(u)
	}
	switch {
	case ch == nil:
		return nil, fail("channel_not_found")
	case !ch.has(c.ws.Bot) && ch.Kind != Public:
		return nil, fail("channel_not_found") // what the token cannot see does not exist
	case !ch.has(c.ws.Bot) && !c.token.scopes["chat:write.public"]:
		return nil, fail("not_in_channel")
	case ch.archived:
		return nil, fail("is_archived")
	}
	return ch, nil
}

// ownMessage finds a message of the app's own; others is the error for
// somebody else's.
func (c *call) ownMessage(ch *Channel, ts, others string) (*Message, *apiError) {
	m := ch.find(ts)
	switch {
	case m == nil:
		return nil, fail("message_not_found")
	case m.BotID != c.ws.BotID:
		return nil, fail(others)
	}
	return m, nil
}
