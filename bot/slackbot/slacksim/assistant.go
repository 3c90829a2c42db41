package slacksim

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// statusLife is how long a status stands without renewal or message
	// (docs.slack.dev, "assistant.threads.setStatus method").
	statusLife = 2 * time.Minute
	// maxLoading and maxPrompts: docs.slack.dev, "assistant.threads.setStatus
	// method" and "assistant.threads.setSuggestedPrompts method".
	maxLoading = 10
	maxPrompts = 4
	// Slack publishes no lengths of these; a text that would be cut on a
	// button or in one line is refused here.
	maxStatus      = 100
	maxPromptTitle = maxButton
	maxPrompt      = maxText
)

// A status is what an assistant shows that it is doing in a thread.
type status struct {
	text string
	at   time.Time
}

// A note is something besides messages that a transcript shows.
type note struct {
	seq      int
	threadTS string
	text     string
}

// A Prompt is a question that an assistant suggests.
type Prompt struct {
	Title   string `json:"title"`
	Message string `json:"message"`
}

// thread finds the thread of an assistant method.
func (c *call) thread() (*Channel, string, *apiError) {
	ch := c.ws.channels[c.args["channel_id"]]
	ts := c.args["thread_ts"]
	switch {
	case ch == nil || !ch.has(c.ws.Bot):
		return nil, "", fail("channel_not_found")
	case ts == "" || ch.root(ts) == nil:
		return nil, "", fail("invalid_thread_ts")
	}
	return ch, ts, nil
}

func setStatus(c *call) (reply, *apiError) {
	if failure := c.require("channel_id", "thread_ts"); failure != nil {
		return nil, failure
	}
	if !c.has("status") {
		return nil, invalidArguments("missing required field: status")
	}
	ch, ts, failure := c.thread()
	if failure != nil {
		return nil, failure
	}
	if failure := c.loading(); failure != nil {
		return nil, failure
	}
	if c.args["status"] == "" {
		c.ws.clearStatus(ch, ts)
		c.ws.bridgeSession(ch, ts, SessionActive)
		return nil, nil
	}
	key := threadKey{ch.ID, ts}
	renewed := c.ws.statuses[key].text == c.args["status"]
	c.ws.statuses[key] = status{text: c.args["status"], at: c.ws.clock.Now()}
	if !renewed { // how often one is renewed depends on time
		c.ws.note(ch, ts, "status: "+c.args["status"])
	}
	c.ws.bridgeSession(ch, ts, SessionProcessing)
	return nil, nil
}

// loading checks the texts that a status shows.
func (c *call) loading() *apiError {
	messages := list(c.args["loading_messages"])
	if len(messages) > maxLoading {
		return invalidArguments(tooMany("/loading_messages", maxLoading))
	}
	for _, s := range append(messages, c.args["status"]) {
		if utf8.RuneCountInString(s) > maxStatus {
			return tooLong("status", maxStatus)
		}
	}
	return nil
}

// list reads an array argument: JSON, or separated by commas.
func list(arg string) []string {
	var all []string
	if json.Unmarshal([]byte(arg), &all) == nil {
		return all
	}
	if arg == "" {
		return nil
	}
	return strings.Split(arg, ",")
}

func (ws *Workspace) note(ch *Channel, threadTS, text string) {
	ch.notes = append(ch.notes, note{seq: ws.nextSeq(), threadTS: threadTS, text: text})
	ws.touch()
}

func (ws *Workspace) clearStatus(ch *Channel, ts string) {
	delete(ws.statuses, threadKey{ch.ID, ts})
	ws.touch()
}

// Status returns the status that a thread shows now, empty when there is none.
func (ch *Channel) Status(threadTS string) string {
	ch.ws.mu.Lock()
	defer ch.ws.mu.Unlock()
	s, ok := ch.ws.statuses[threadKey{ch.ID, threadTS}]
	if !ok || ch.ws.clock.Now().Sub(s.at) >= statusLife {
		return ""
	}
	return s.text
}

// Prompts returns the questions that the app suggests in a thread; an empty
// threadTS is the Messages tab's.
func (ch *Channel) Prompts(threadTS string) []Prompt {
	ch.ws.mu.Lock()
	defer ch.ws.mu.Unlock()
	return slices.Clone(ch.ws.prompts[threadKey{ch.ID, threadTS}])
}

func setTitle(c *call) (reply, *apiError) {
	if failure := c.require("channel_id", "thread_ts", "title"); failure != nil {
		return nil, failure
	}
	switch {
	case c.ws.opts.NotAnAgent:
		return nil, fail(notAgent)
	case utf8.RuneCountInString(c.args["title"]) > maxSessionTitle: // it becomes the session's
		return nil, tooLong("title", maxSessionTitle)
	}
	ch, ts, failure := c.thread()
	if failure != nil {
		return nil, failure
	}
	if s := c.ws.session(ch, ts, ""); s != nil {
		setDefault(&s.Status, SessionActive)
		s.Title = c.args["title"]
	}
	c.ws.note(ch, ts, "title: "+c.args["title"])
	return nil, nil
}

func setSuggestedPrompts(c *call) (reply, *apiError) {
	if failure := c.require("channel_id", "prompts"); failure != nil {
		return nil, failure
	}
	if utf8.RuneCountInString(c.args["title"]) > maxSessionTitle {
		return nil, tooLong("title", maxSessionTitle)
	}
	ch := c.ws.channels[c.args["channel_id"]]
	ts := c.args["thread_ts"]
	switch {
	case c.ws.opts.NotAnAgent:
		return nil, fail(notAgent)
	case ch == nil || !ch.has(c.ws.Bot):
		return nil, fail("channel_not_found")
	case ts != "" && ch.root(ts) == nil:
		return nil, fail("invalid_thread_ts")
	}
	var prompts []Prompt
	if err := c.decode("prompts", &prompts); err != nil {
		return nil, invalidArguments("must be an array [json-pointer:/prompts]")
	}
	if len(prompts) > maxPrompts {
		return nil, invalidArguments(tooMany("/prompts", maxPrompts))
	}
	titles := make([]string, len(prompts))
	for i, p := range prompts {
		if failure := p.check(); failure != nil {
			return nil, failure
		}
		titles[i] = "(" + p.Title + ")"
	}
	if c.ws.opts.AgentView && ts != "" {
		return nil, nil // "will cause the call to silently fail"
	}
	c.ws.prompts[threadKey{ch.ID, ts}] = prompts
	heading := "prompts"
	if c.args["title"] != "" {
		heading = c.args["title"]
	}
	c.ws.note(ch, ts, heading+": "+strings.Join(titles, " "))
	return nil, nil
}

func (p Prompt) check() *apiError {
	switch {
	case p.Title == "" || p.Message == "":
		return invalidArguments("missing required field: title or message [json-pointer:/prompts]")
	case utf8.RuneCountInString(p.Title) > maxPromptTitle:
		return tooLong("prompts", maxPromptTitle)
	case utf8.RuneCountInString(p.Message) > maxPrompt:
		return tooLong("prompts", maxPrompt)
	}
	return nil
}
