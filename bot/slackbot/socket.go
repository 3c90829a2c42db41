package slackbot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Receive takes envelopes by Socket Mode until ctx ends, over several
// connections, so that one that Slack refreshes leaves no gap. It fails when
// the app token does not work, or the app is removed; anything else is tried again for ever. When it
// returns, nothing more is taken.
func (b *Bot) Receive(ctx context.Context) error {
	if !b.bySocket {
		return &Error{Problem: "Socket Mode: the app token is not set", Advice: "set SLACK_APP_TOKEN (xapp-…); docs/slack.md says where it comes from"}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &switchboard{bot: b, slots: make(chan struct{}, b.options.Intakes)}
	r.lines.Go(func() {
		select {
		case <-b.leaving.left:
			cancel(b.hasLeft())
		case <-ctx.Done():
		}
	})
	r.lines.Go(func() { b.attend(ctx, func() bool { return b.Connected() > 0 }) })
	for n := range b.options.Connections {
		r.lines.Go(func() {
			if err := r.keep(ctx, n); err != nil {
				cancel(err)
			}
		})
	}
	r.lines.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// A switchboard keeps connections and passes on what they bring.
type switchboard struct {
	bot   *Bot
	slots chan struct{} // bounds the intakes
	lines sync.WaitGroup
}

const (
	reconnectBase = 500 * time.Millisecond
	reconnectMost = time.Minute
	// drainTime is how long a connection that Slack replaces may still bring
	// envelopes; Slack closes it well before.
	drainTime = 30 * time.Second
	// ackTimeout bounds the writing of an acknowledgement.
	ackTimeout = 5 * time.Second
	// mostEnvelope is the size of the largest message that is read.
	mostEnvelope = 8 << 20
)

// keep has one connection open at all times. It returns an error only when
// there is no use in going on.
func (r *switchboard) keep(ctx context.Context, n int) error {
	failures := 0
	for ctx.Err() == nil {
		conn, err := r.connect(ctx)
		if err == nil {
			began := time.Now()
			err = r.serve(ctx, conn)
			if time.Since(began) > reconnectMost || errors.Is(err, errReplaced) {
				failures = 0
			}
		}
		if errors.Is(err, errReplaced) || ctx.Err() != nil {
			continue
		}
		if fatal := unusable(err); fatal != nil {
			return cmp.Or(r.bot.confirm(ctx), fatal)
		}
		wait := min(reconnectMost, reconnectBase<<min(failures, 20))
		if limited, asked := tooSoon(err); limited {
			wait = asked
		}
		failures++
		wait += rand.N(wait/2 + 1)
		r.bot.log.WarnContext(ctx, "a socket is opened again", "socket", n, "error", err, "seconds", wait.Seconds())
		if sleep(ctx, wait) != nil {
			break
		}
	}
	return nil
}

// unusable tells errors that no further try will mend.
func unusable(err error) error {
	switch code(err) {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type", "missing_scope":
		return explained("open a socket", err)
	}
	return nil
}

// connect opens a connection; its address is good for one.
func (r *switchboard) connect(ctx context.Context) (*websocket.Conn, error) {
	var address string
	err := r.bot.web.call(ctx, "apps.connections.open", "", func(ctx context.Context) (err error) {
		_, address, err = r.bot.web.api.StartSocketModeContext(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	timed, cancel := context.WithTimeout(ctx, r.bot.options.CallTimeout)
	defer cancel()
	conn, response, err := r.bot.options.Dialer.DialContext(timed, address, http.Header{"Origin": {"https://api.slack.com"}})
	if response != nil && response.Body != nil {
		response.Body.Close()
	}
	if err != nil {
		// The address holds a ticket, which errors may repeat.
		return nil, errors.New(strings.ReplaceAll("dial the socket: "+err.Error(), address, "[address]"))
	}
	conn.SetReadLimit(mostEnvelope)
	return conn, nil
}

// errReplaced says that Slack wants this connection replaced; it is still read
// until it ends.
var errReplaced = errors.New("a new connection was asked for")

// A line is an open connection. Its reader owns it: it starts the intakes, waits
// for them, and closes the connection after that, so that whatever was taken is
// acknowledged.
type line struct {
	*switchboard
	conn    *websocket.Conn
	intakes sync.WaitGroup
	replace chan error // what ended the line's use, once
	writing sync.Mutex

	mu       sync.Mutex
	leaving  bool // no more envelopes are taken
	draining bool // Slack replaces the connection
}

// serve reads a connection until it ends or is to be replaced; in the second
// case what it still brings is taken meanwhile.
func (r *switchboard) serve(ctx context.Context, conn *websocket.Conn) error {
	l := &line{switchboard: r, conn: conn, replace: make(chan error, 1)}
	r.lines.Go(func() {
		defer conn.Close()
		defer l.sayGoodbye()
		defer l.intakes.Wait()
		defer context.AfterFunc(ctx, l.hangUp)()
		l.leave(l.read(ctx))
	})
	return <-l.replace
}

// leave ends the line's use; only the first reason counts.
func (l *line) leave(err error) {
	select {
	case l.replace <- err:
	default:
	}
}

// hangUp wakes the reader, and has it take no more.
func (l *line) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leaving = true
	_ = l.conn.SetReadDeadline(time.Now())
}

// alive puts off the time after which the connection counts as dead, unless it
// is being left.
func (l *line) alive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.leaving && !l.draining {
		_ = l.conn.SetReadDeadline(time.Now().Add(l.bot.options.Silence))
	}
}

// drain gives a connection that Slack replaces its last seconds.
func (l *line) drain() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.leaving && !l.draining {
		l.draining = true
		_ = l.conn.SetReadDeadline(time.Now().Add(drainTime))
	}
}

func (l *line) state() (leaving, draining bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.leaving, l.draining
}

// sayGoodbye tells Slack that the connection ends, if it is still there.
func (l *line) sayGoodbye() {
	_ = l.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
}

// read takes what the connection brings. A connection that shows no sign of
// life for too long is given up: a half-open one never ends by itself.
func (l *line) read(ctx context.Context) error {
	l.alive()
	l.conn.SetPingHandler(func(data string) error {
		l.alive()
		return l.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(ackTimeout))
	})
	open := false
	count := func(now bool) {
		if now != open {
			open = now
			l.bot.sockets.Add(map[bool]int32{true: 1, false: -1}[now])
		}
	}
	defer count(false)
	for {
		_, raw, err := l.conn.ReadMessage()
		if err != nil {
			return l.ended(err)
		}
		l.alive()
		if leaving, _ := l.state(); leaving {
			return ctx.Err()
		}
		switch l.take(ctx, raw) {
		case "hello":
			count(true)
			l.bot.metrics.sockets.WithLabelValues("opened").Inc()
		case "disconnect":
			count(false)
			l.drain()
		}
	}
}

// ended says why a connection brings no more.
func (l *line) ended(err error) error {
	leaving, draining := l.state()
	switch {
	case leaving:
		return context.Canceled
	case isTimeout(err) && !draining:
		l.bot.metrics.sockets.WithLabelValues("silent").Inc()
		return fmt.Errorf("the socket was silent for %s", l.bot.options.Silence)
	}
	return fmt.Errorf("read the socket: %w", err)
}

// A frame is a message of the socket.
type frame struct {
	Type     string          `json:"type"`
	Envelope string          `json:"envelope_id"`
	Payload  json.RawMessage `json:"payload"`
	Reason   string          `json:"reason"`
	Retry    int             `json:"retry_attempt"`
	Accepts  bool            `json:"accepts_response_payload"`
}

// An acknowledgement takes an envelope off Slack's hands. What it carries is
// shown to whoever did something (docs.slack.dev, "Using Socket Mode").
type acknowledgement struct {
	Envelope string          `json:"envelope_id"`
	Payload  json.RawMessage `json:"payload,omitempty"`
}

// take sees to one frame and returns its type. Envelopes are taken beside the
// reading; when too many are under way it waits, and one that has to wait too
// long is not acknowledged, so that it comes again.
func (l *line) take(ctx context.Context, raw []byte) string {
	var f frame
	if err := json.Unmarshal(raw, &f); err != nil {
		l.bot.log.WarnContext(ctx, "a frame that is no JSON was dropped", "bytes", len(raw))
		return ""
	}
	switch f.Type {
	case "hello":
		return f.Type
	case "disconnect":
		l.bot.metrics.sockets.WithLabelValues("refreshed").Inc()
		l.bot.log.InfoContext(ctx, "Slack replaces a socket", "reason", f.Reason)
		if f.Reason == "link_disabled" || f.Reason == "too_many_websockets" {
			l.leave(errors.New("told to disconnect: " + f.Reason))
			return f.Type
		}
		l.leave(errReplaced)
		return f.Type
	}
	if f.Envelope == "" {
		return f.Type
	}
	select {
	case l.slots <- struct{}{}:
	default:
		busy := time.NewTimer(time.Second)
		defer busy.Stop()
		select {
		case l.slots <- struct{}{}:
		case <-busy.C:
			l.bot.metrics.envelopes.WithLabelValues("other", "shed").Inc()
			return f.Type
		case <-ctx.Done():
			return f.Type
		}
	}
	l.intakes.Go(func() {
		defer func() { <-l.slots }()
		defer l.bot.contain("taking an envelope")
		l.see(context.WithoutCancel(ctx), f)
	})
	return f.Type
}

// see has an envelope taken, and acknowledges it on the connection that it came
// by; on another it would not count.
func (l *line) see(ctx context.Context, f frame) {
	ctx, cancel := context.WithTimeout(ctx, l.bot.options.CallTimeout)
	defer cancel()
	ctx, receipt := withReceipt(ctx, l.bot.options.Tracer)
	reply, err := l.bot.take(ctx, envelope{kind: f.Type, payload: f.Payload, retry: f.Retry})
	defer func() { receipt.end(err) }()
	if err != nil {
		l.bot.log.ErrorContext(ctx, "an event could not be recorded; Slack will send it again", "error", err)
		return
	}
	ack := acknowledgement{Envelope: f.Envelope}
	if f.Accepts {
		ack.Payload = reply
	}
	err = receipt.acknowledge(func() error {
		l.writing.Lock()
		defer l.writing.Unlock()
		_ = l.conn.SetWriteDeadline(time.Now().Add(ackTimeout))
		return l.conn.WriteJSON(ack)
	})
	if err != nil {
		// It comes again, and is known then.
		l.bot.log.InfoContext(ctx, "an acknowledgement could not be sent", "error", err)
		return
	}
	l.bot.options.Reached("acknowledged")
}
