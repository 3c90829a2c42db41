package slacksim

import (
	"slices"
	"time"
	"unicode/utf8"
)

const (
	// sessionLife is how long a session may be processing before it is active
	// again (docs.slack.dev, "Agent sessions", "Session timeouts").
	sessionLife = time.Hour
	// maxSessionTitle and maxUsername: docs.slack.dev,
	// "agents.sessions.setStatus method" and "agents.sessions.rename method".
	maxSessionTitle = 200
	maxUsername     = 200
	// noStopEvent is the warning while nobody would hear of the stop button
	// (docs.slack.dev, "agent_session_stopped event").
	noStopEvent  = "missing_agent_session_stopped_event_subscription"
	stoppedEvent = "agent_session_stopped"
	// notAgent is what others saw Slack answer to apps that are not declared as
	// agents; the reference pages name no error for it.
	notAgent = "not_agent_app"
)

// A SessionStatus is the state of an agent's session in a thread
// (docs.slack.dev, "agents.sessions.setStatus method", "Status values").
type SessionStatus string

// The states of a session.
const (
	SessionActive     SessionStatus = "active"
	SessionProcessing SessionStatus = "processing"
	SessionSuspended  SessionStatus = "suspended"
	SessionClosed     SessionStatus = "closed"
)

func (s SessionStatus) valid() bool {
	return slices.Contains([]SessionStatus{SessionActive, SessionProcessing, SessionSuspended, SessionClosed}, s)
}

// A Session is the app's session in a thread, as its people see it.
type Session struct {
	Status    SessionStatus
	Title     string
	Initiator string
	// Username and Icon are shown instead of the app's own.
	Username, Icon string
	// Stoppable reports that Slack shows its stop button.
	Stoppable bool
}

type session struct {
	Session
	since  time.Time
	stream *Message // whose end by timeout ends the processing
	// bridged sessions are processing because of assistant.threads.setStatus,
	// which ends with the app's next message.
	bridged bool
}

// Session returns the app's session in a thread, or nil.
func (ch *Channel) Session(threadTS string) *Session {
	ch.ws.mu.Lock()
	defer ch.ws.mu.Unlock()
	s := ch.ws.sessions[threadKey{ch.ID, threadTS}]
	if s == nil {
		return nil
	}
	now := s.Session
	now.Status = ch.ws.sessionStatus(s)
	now.Stoppable = now.Status == SessionProcessing && ch.ws.subscribed(stoppedEvent)
	return &now
}

// sessionStatus is the session's state at this time; the caller holds mu.
func (ws *Workspace) sessionStatus(s *session) SessionStatus {
	if s.Status != SessionProcessing {
		return s.Status
	}
	lapsed := ws.clock.Now().Sub(s.since) >= sessionLife
	if lapsed || s.stream != nil && s.stream.Stream.state(ws) == Expired {
		s.Status, s.stream = SessionActive, nil
	}
	return s.Status
}

// session returns the session of a thread, a new one if need be; nil when the
// app is no agent. The caller holds mu.
func (ws *Workspace) session(ch *Channel, threadTS, initiator string) *session {
	if ws.opts.NotAnAgent {
		return nil
	}
	key := threadKey{ch.ID, threadTS}
	s := ws.sessions[key]
	if s == nil {
		s = &session{Session: Session{Initiator: initiator}}
		ws.sessions[key] = s
	}
	return s
}

// moveSession changes a session's state; the caller holds mu.
func (ws *Workspace) moveSession(s *session, to SessionStatus) {
	s.Status, s.since, s.bridged = to, ws.clock.Now(), false
	if s.stream != nil && s.stream.Stream.state(ws) != Streaming {
		s.stream = nil
	}
	ws.touch()
}

// streamSession makes a stream's session processing (docs.slack.dev, "Agent
// sessions", "Messaging interactions"); the caller holds mu.
func (ws *Workspace) streamSession(ch *Channel, m *Message) {
	root := ch.root(m.ThreadTS)
	if root == nil {
		return
	}
	if s := ws.session(ch, root.TS, root.User); s != nil {
		ws.moveSession(s, SessionProcessing)
		s.stream = m
	}
}

// bridgeSession does for a session what the older method does for a thread
// (docs.slack.dev, "Migrating to the Agent messaging experience",
// "Compatibility bridge"); the caller holds mu.
func (ws *Workspace) bridgeSession(ch *Channel, threadTS string, to SessionStatus) {
	root := ch.root(threadTS)
	if root == nil {
		return
	}
	if s := ws.session(ch, threadTS, root.User); s != nil {
		ws.moveSession(s, to)
		s.bridged = to == SessionProcessing
	}
}

// endBridged ends a status of the older kind with the app's message: posts
// change no session otherwise ("there is no implicit state management").
func (ws *Workspace) endBridged(ch *Channel, threadTS string) {
	if s := ws.sessions[threadKey{ch.ID, threadTS}]; s != nil && s.bridged {
		ws.moveSession(s, SessionActive)
	}
}

// sessionThread finds the thread of a session method.
func (c *call) sessionThread() (*Channel, *Message, *apiError) {
	ch := c.ws.channels[c.args["channel_id"]]
	switch {
	case c.ws.opts.NotAnAgent:
		return nil, nil, fail(notAgent)
	case ch == nil || ch.Kind != Public && !ch.has(c.ws.Bot):
		return nil, nil, fail("channel_not_found")
	case !ch.has(c.ws.Bot):
		return nil, nil, fail("not_authorized")
	case c.args["thread_ts"] == "":
		return nil, nil, fail("thread_ts_required")
	}
	root := ch.root(c.args["thread_ts"])
	if root == nil || root.IsReply() {
		return nil, nil, invalidArguments("must be the root of a thread [json-pointer:/thread_ts]")
	}
	return ch, root, nil
}

func setSessionStatus(c *call) (reply, *apiError) {
	if failure := c.require("status"); failure != nil {
		return nil, failure
	}
	to := SessionStatus(c.args["status"])
	if !to.valid() {
		return nil, fail("invalid_status")
	}
	ch, root, failure := c.sessionThread()
	if failure != nil {
		return nil, failure
	}
	if failure := c.sessionArgs(ch); failure != nil {
		return nil, failure
	}
	created := c.ws.sessions[threadKey{ch.ID, root.TS}] == nil
	s := c.ws.session(ch, root.TS, c.args["initiator_user_id"])
	if created && c.args["title"] != "" {
		c.ws.titleSession(ch, root.TS, s, c.args["title"])
	}
	if c.has("username") || c.has("icon_emoji") || c.has("icon_url") {
		s.Username, s.Icon = c.args["username"], c.args["icon_emoji"]
		setDefault(&s.Icon, c.args["icon_url"])
	}
	if c.ws.sessionStatus(s) != to { // how often one is renewed depends on time
		c.ws.note(ch, root.TS, "session: "+string(to))
	}
	c.ws.moveSession(s, to)
	answer := reply{"status": to, "agent_status": to}
	if s.Title != "" {
		answer["title"] = s.Title
	}
	if !c.ws.subscribed(stoppedEvent) {
		return withWarning(answer, noStopEvent), nil
	}
	return answer, nil
}

// sessionArgs checks the optional arguments of agents.sessions.setStatus.
func (c *call) sessionArgs(ch *Channel) *apiError {
	for name, limit := range map[string]int{"title": maxSessionTitle, "username": maxUsername} {
		if utf8.RuneCountInString(c.args[name]) > limit {
			return tooLong(name, limit)
		}
	}
	if c.args["username"] != "" || c.args["icon_emoji"] != "" || c.args["icon_url"] != "" {
		if failure := c.token.need("chat:write.customize"); failure != nil {
			return failure
		}
	}
	if id := c.args["initiator_user_id"]; id != "" {
		if u := c.ws.users[id]; u == nil || !ch.has(u) {
			return fail("user_not_found")
		}
	}
	return nil
}

func renameSession(c *call) (reply, *apiError) {
	if failure := c.require("channel_id", "title"); failure != nil {
		return nil, failure
	}
	if utf8.RuneCountInString(c.args["title"]) > maxSessionTitle {
		return nil, tooLong("title", maxSessionTitle)
	}
	ch, root, failure := c.sessionThread()
	if failure != nil {
		return nil, failure
	}
	s := c.ws.sessions[threadKey{ch.ID, root.TS}]
	if s == nil {
		return nil, fail("session_not_found")
	}
	c.ws.titleSession(ch, root.TS, s, c.args["title"])
	return reply{"title": s.Title}, nil
}

// titleSession gives a session its title; the caller holds mu.
func (ws *Workspace) titleSession(ch *Channel, threadTS string, s *session, title string) {
	if s.Title != title {
		ws.note(ch, threadTS, "session title: "+title)
	}
	s.Title = title
}

// StopSession presses Slack's own stop button of a thread, and reports whether
// there was one: it shows while the session is processing, if the app
// subscribed to the event (docs.slack.dev, "agent_session_stopped event").
// Slack stops the app's streams in the thread and tells the app; the session's
// state is left to the app.
func (u *User) StopSession(ch *Channel, threadTS string) bool {
	ws := u.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	s := ws.sessions[threadKey{ch.ID, threadTS}]
	if s == nil || ws.sessionStatus(s) != SessionProcessing || !ws.subscribed(stoppedEvent) {
		return false
	}
	stopped := []string{}
	for _, m := range ch.replies(threadTS) {
		if m.BotID == ws.BotID && m.Stream != nil && m.Stream.state(ws) == Streaming {
			m.Stream.State = StoppedByUser
			stopped = append(stopped, m.TS)
		}
	}
	ws.note(ch, threadTS, u.Name+" pressed stop")
	ws.emit(stoppedEvent, []string{"assistant:write", "chat:write"}, ch, map[string]any{
		"type": stoppedEvent, "channel": ch.ID, "thread_ts": threadTS, "user": u.ID,
		"streaming_message_ts": stopped, "event_ts": ch.nextTS(),
	})
	return true
}

// RenameSession gives a session another title, as anybody in the channel may
// (docs.slack.dev, "agent_session_title_changed event").
func (u *User) RenameSession(ch *Channel, threadTS, title string) {
	ws := u.ws
	ws.mu.Lock()
	defer ws.mu.Unlock()
	s := ws.sessions[threadKey{ch.ID, threadTS}]
	if s == nil {
		return
	}
	event := map[string]any{
		"type": "agent_session_title_changed", "channel": ch.ID, "thread_ts": threadTS, "user": u.ID,
		"title": title, "team_id": ws.Team.ID, "event_ts": ch.nextTS(),
	}
	if s.Title != "" {
		event["previous_title"] = s.Title
	}
	ws.titleSession(ch, threadTS, s, title)
	ws.emit("agent_session_title_changed", []string{"assistant:write", "chat:write"}, ch, event)
}
