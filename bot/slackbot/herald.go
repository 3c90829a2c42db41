package slackbot

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"footnote/retrieval/span"
)

// A herald shows people at once that their question was heard, by the status
// of its thread. A status ends when the answer is posted; one that is set after
// that would stand for two minutes, so workers wait for the herald before they
// post.
type herald struct {
	web      *web
	metrics  *metrics
	feature                // statuses, which say what is being done
	sessions feature       // of agents, which say that something is
	slots    chan struct{} // bounds the calls under way
	calls    sync.WaitGroup

	waiting sync.Mutex
	pending map[heardThreadKey]*announcement
	closed  bool
}

type heardThreadKey struct{ channel, thread string }

// An announcement is how many calls for a thread are yet to end.
type announcement struct {
	count int
	done  chan struct{}
}

// statusTimeout bounds a call: a status that comes later is of no use.
const statusTimeout = 2 * time.Second

func newHerald(w *web, m *metrics, log *slog.Logger) *herald {
	return &herald{web: w, metrics: m, feature: feature{name: "statuses", log: log}, sessions: feature{name: "agent sessions", log: log}, slots: make(chan struct{}, 32), pending: map[heardThreadKey]*announcement{}}
}

// announce says that a status may be set in a thread; the caller then says
// whether it is to be. Only its first word counts. The call is traced as a part of
// what ctx is in, and goes on when that ends.
func (h *herald) announce(ctx context.Context, channel, thread, status string) func(say bool) {
	key, arrived := heardThreadKey{channel, thread}, time.Now()
	h.waiting.Lock()
	a := h.pending[key]
	if a == nil {
		a = &announcement{done: make(chan struct{})}
		h.pending[key] = a
	}
	a.count++
	h.waiting.Unlock()
	var once sync.Once
	return func(say bool) {
		once.Do(func() {
			if !say || !h.say(context.WithoutCancel(ctx), key, status, arrived) {
				h.settle(key)
			}
		})
	}
}

// say sets a status beside its caller, unless too much is under way.
func (h *herald) say(ctx context.Context, key heardThreadKey, status string, arrived time.Time) bool {
	if !h.reaches() || h.available() && !h.web.free("assistant.threads.setStatus", "") {
		return false
	}
	h.waiting.Lock()
	defer h.waiting.Unlock()
	if h.closed {
		return false
	}
	select {
	case h.slots <- struct{}{}:
	default:
		return false
	}
	ctx, s := span.Start(ctx, "heard") // before what ctx is in has ended
	h.calls.Go(func() {
		defer func() { <-h.slots }()
		defer h.settle(key)
		defer s.End()
		if h.set(ctx, key.channel, key.thread, status) {
			h.metrics.heard.Observe(time.Since(arrived).Seconds())
		}
	})
	return true
}

func (h *herald) settle(key heardThreadKey) {
	h.waiting.Lock()
	defer h.waiting.Unlock()
	a := h.pending[key]
	if a.count--; a.count == 0 {
		delete(h.pending, key)
		close(a.done)
	}
}

// wait returns when no status of the thread is under way.
func (h *herald) wait(ctx context.Context, channel, thread string) {
	h.waiting.Lock()
	a := h.pending[heardThreadKey{channel, thread}]
	h.waiting.Unlock()
	if a == nil {
		return
	}
	select {
	case <-a.done:
	case <-ctx.Done():
	}
}

// reaches reports whether there is a way to show anything.
func (h *herald) reaches() bool { return h.available() || h.sessions.available() }

// clear ends a status that no post ended, such as that of an edited question.
func (h *herald) clear(ctx context.Context, channel, thread string) {
	if !h.available() || h.web.free("assistant.threads.setStatus", "") {
		h.set(ctx, channel, thread, "")
	}
}

// rest has a thread's session be at rest.
func (h *herald) rest(ctx context.Context, channel, thread string) {
	h.move(ctx, channel, thread, slack.AgentSessionStatusActive)
}

// move changes the state of a thread's session. While it is processing, Slack
// shows that, and a stop button (docs.slack.dev, "Agent sessions").
func (h *herald) move(ctx context.Context, channel, thread, to string) bool {
	if !h.sessions.available() || !h.web.free("agents.sessions.setStatus", "") {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	err := h.web.once(ctx, "agents.sessions.setStatus", "", func(ctx context.Context) error {
		_, err := h.web.api.SetAgentSessionStatusContext(ctx, slack.AgentSessionSetStatusParameters{ChannelID: channel, ThreadTS: thread, Status: to})
		return err
	})
	h.sessions.refused(err)
	return err == nil
}

// set shows a status, which makes the thread's session of an agent processing,
// and ends that with the next post or when it is empty (docs.slack.dev, "Migrating
// to the Agent messaging experience"). It lapses by itself, and may be set far
// more often than the session's own state, which is what is changed where there
// are no statuses.
func (h *herald) set(ctx context.Context, channel, thread, status string) bool {
	if !h.available() {
		return h.move(ctx, channel, thread, pickState(status))
	}
	timed, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	err := h.web.once(timed, "assistant.threads.setStatus", "", func(ctx context.Context) error {
		return h.web.api.SetAssistantThreadsStatusContext(ctx, slack.AssistantThreadsSetStatusParameters{ChannelID: channel, ThreadTS: thread, Status: status})
	})
	if err != nil && h.refused(err) {
		return h.move(ctx, channel, thread, pickState(status))
	}
	return err == nil
}

// pickState is the state of a session that has a status.
func pickState(status string) string {
	if status == "" {
		return slack.AgentSessionStatusActive
	}
	return slack.AgentSessionStatusProcessing
}

// close waits for the calls under way; there will be no more.
func (h *herald) close() {
	h.waiting.Lock()
	h.closed = true
	h.waiting.Unlock()
	h.calls.Wait()
}

// A feature is something that Slack may refuse the app, such as streams. It is
// then not tried for a while.
type feature struct {
	name string
	log  *slog.Logger

	mu    sync.Mutex
	until time.Time
}

// refusedFor is how long a feature is not tried that the app may not use.
const refusedFor = 10 * time.Minute

func (f *feature) available() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !time.Now().Before(f.until)
}

// refused notes why a call failed, and reports whether it is no use to try again.
func (f *feature) refused(err error) bool {
	switch code(err) {
	case "missing_scope", "not_allowed_token_type", "unknown_method", "not_allowed", "feature_not_enabled",
		"method_not_supported_for_channel_type", "access_denied", "no_permission", "not_agent_app", "not_an_agent", "agent_not_enabled":
	default:
		return false
	}
	f.log.Warn("Slack refuses something; it is left alone for a while", "what", f.name, "error", err)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.until = time.Now().Add(refusedFor)
	return true
}
