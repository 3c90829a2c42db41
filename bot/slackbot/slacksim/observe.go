package slacksim

import (
	"maps"
	"slices"
	"strings"
)

// A Call is one Web API call that arrived, with its arguments but the token. A
// post to a response URL has the method response_url and one argument, body.
type Call struct {
	Method string
	Args   map[string]string
}

// Stats counts what happened.
type Stats struct {
	// Frames are deliveries sent to the app, redeliveries included.
	Frames int
	// SocketsOpened, Refreshes, TooManySockets and PongTimeouts count connections.
	SocketsOpened, Refreshes, TooManySockets, PongTimeouts int
	// LateAcks came after the time-out or twice; ForeignAcks on another
	// connection than the envelope; OversizedReplies and BadReplies were ignored.
	LateAcks, ForeignAcks, OversizedReplies, BadReplies int
	// Orphans are replies whose parent was gone; RepliesToReplies named a
	// reply as their parent, which Slack warns of.
	Orphans, RepliesToReplies int
	// IgnoredMetadata counts calls of chat.startStream with metadata, which
	// Slack does not take there.
	IgnoredMetadata int
	// Faults struck.
	Faults int
	// Errors counts answers by "method error".
	Errors map[string]int
}

// Stats returns the counts so far.
func (ws *Workspace) Stats() Stats {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	s := ws.stats
	s.Errors = maps.Clone(s.Errors)
	return s
}

// record notes a call; the caller holds mu.
func (ws *Workspace) record(c *call) {
	ws.calls = append(ws.calls, Call{Method: c.method, Args: c.args})
	ws.touch()
}

// Calls returns the calls of a method in order; of all methods when it is empty.
func (ws *Workspace) Calls(method string) []Call {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(ws.calls), func(c Call) bool { return method != "" && c.Method != method })
}

// CallCount returns how often each method was called.
func (ws *Workspace) CallCount() map[string]int {
	count := map[string]int{}
	for _, c := range ws.Calls("") {
		count[c.Method]++
	}
	return count
}

// Grep returns the calls with an argument that contains s, in whatever case:
// a canary, a link, a mention.
func (ws *Workspace) Grep(s string) []Call {
	s = strings.ToLower(s)
	return slices.DeleteFunc(ws.Calls(""), func(c Call) bool {
		for _, v := range c.Args {
			if strings.Contains(strings.ToLower(v), s) {
				return false
			}
		}
		return true
	})
}

// Posts returns the app's messages in a conversation that stand, streams and
// thread replies included.
func (ch *Channel) Posts() []*Message {
	return slices.DeleteFunc(ch.Messages(), func(m *Message) bool {
		return m.BotID != ch.ws.BotID || m.Subtype == "assistant_app_thread"
	})
}

// Duplicates groups the app's standing messages by the value of a key in
// their metadata, and returns the groups of more than one.
func (ws *Workspace) Duplicates(key string) map[string][]*Message {
	ws.mu.Lock()
	order := slices.Clone(ws.channelOrder)
	ws.mu.Unlock()
	groups := map[string][]*Message{}
	for _, ch := range order {
		for _, m := range ch.Posts() {
			if m.Metadata == nil {
				continue
			}
			if v, ok := m.Metadata.EventPayload[key]; ok {
				id := string(mustJSON(v))
				groups[id] = append(groups[id], m)
			}
		}
	}
	maps.DeleteFunc(groups, func(_ string, g []*Message) bool { return len(g) < 2 })
	return groups
}
