package slacksim

import (
	"encoding/json"
	"slices"
	"time"
)

// An Outcome is how one attempt to deliver ended. The names are those of
// X-Slack-Retry-Reason (docs.slack.dev, "The Events API").
type Outcome string

// The outcomes.
const (
	OutcomePending          Outcome = ""
	OutcomeAcked            Outcome = "acked"
	OutcomeTimeout          Outcome = "http_timeout"
	OutcomeConnectionFailed Outcome = "connection_failed"
	OutcomeHTTPError        Outcome = "http_error"
	OutcomeTooManyRedirects Outcome = "too_many_redirects"
	OutcomeClosed           Outcome = "workspace closed"
)

// A Delivery is one event or interaction on its way to the app.
type Delivery struct {
	// Kind is the envelope's type: events_api, interactive, slash_commands.
	Kind string
	// EventID and EventType are set for events; Channel and TS for messages.
	EventID, EventType, Channel, TS string
	Payload                         json.RawMessage
	Attempts                        []Attempt
	// Acked reports that an attempt was acknowledged in time; Done, that no
	// further attempt will be made.
	Acked, Done bool

	accepts bool // whether the acknowledgement may carry a payload
	retry   bool
	result  chan ackResult // for interactions
}

// An Attempt is one try to deliver.
type Attempt struct {
	// Socket is the connection's number, zero over HTTP or when there was none.
	Socket  int
	Retry   int // 0 is the first try
	Reason  Outcome
	Sent    time.Time
	Ended   time.Time
	Outcome Outcome
}

// A Frame is a delivery about to be sent, for Options.OnFrame.
type Frame struct {
	Number    int // of all frames, from 1
	Kind      string
	EventID   string
	EventType string
	Retry     int
}

// A FrameAction changes how a frame is delivered.
type FrameAction struct {
	// Delay holds the frame back; later frames may overtake it.
	Delay time.Duration
	// Copies are sent besides the frame.
	Copies int
	// Drop loses the frame on its way.
	Drop bool
}

type ackResult struct {
	outcome Outcome
	at      time.Time // zero is now
	payload json.RawMessage
	noRetry bool
}

// A pending attempt waits for its acknowledgement.
type pending struct {
	envelope string
	socket   *Socket
	result   chan ackResult // buffered
	timer    Timer
}

// deliver sends d on its way; the caller holds mu. The first attempt leaves in
// the order of calls.
func (ws *Workspace) deliver(d *Delivery) {
	if ws.closed {
		return
	}
	ws.deliveries = append(ws.deliveries, d)
	ws.touch()
	if ws.requestURL != "" {
		ws.spawn(func() { ws.run(d, ws.attemptHTTP) })
		return
	}
	first := ws.send(d, 0, OutcomePending)
	ws.spawn(func() {
		ws.run(d, func(d *Delivery, n int, reason Outcome) ackResult {
			p := first
			if first = nil; p == nil {
				p = ws.sendWhenOpen(d, n, reason)
			}
			return ws.await(d, p)
		})
	})
}

// run makes attempts until one is acknowledged or the schedule ends.
func (ws *Workspace) run(d *Delivery, attempt func(*Delivery, int, Outcome) ackResult) {
	reason := OutcomePending
	for n := 0; ; n++ {
		result := attempt(d, n, reason)
		last := result.outcome == OutcomeAcked || result.outcome == OutcomeClosed || result.noRetry ||
			!d.retry || n >= len(ws.opts.Retries)
		ws.finish(d, result, last)
		if last || !ws.sleep(ws.opts.Retries[n]) {
			return
		}
		reason = result.outcome
	}
}

// sleep reports false when the workspace closed meanwhile.
func (ws *Workspace) sleep(d time.Duration) bool {
	if d == 0 {
		return ws.ctx.Err() == nil
	}
	done, timer := ws.after(d)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-ws.ctx.Done():
		return false
	}
}

// begin records an attempt; the caller holds mu.
func (ws *Workspace) begin(d *Delivery, n int, reason Outcome, socket int) (Frame, FrameAction) {
	ws.stats.Frames++
	f := Frame{Number: ws.stats.Frames, Kind: d.Kind, EventID: d.EventID, EventType: d.EventType, Retry: n}
	action := ws.opts.OnFrame(f)
	sent := ws.clock.Now().Add(action.Delay)
	d.Attempts = append(d.Attempts, Attempt{Retry: n, Reason: reason, Socket: socket, Sent: sent})
	return f, action
}

// finish records how an attempt ended.
func (ws *Workspace) finish(d *Delivery, r ackResult, last bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if n := len(d.Attempts); n > 0 && d.Attempts[n-1].Outcome == OutcomePending {
		a := &d.Attempts[n-1]
		a.Outcome, a.Ended = r.outcome, r.at
		setDefault(&a.Ended, ws.clock.Now())
	}
	d.Acked = d.Acked || r.outcome == OutcomeAcked
	d.Done = d.Done || last
	if last && d.result != nil {
		d.result <- r
	}
	ws.touch()
}

// send puts one attempt on a socket, and returns nil if there is none; the
// caller holds mu.
func (ws *Workspace) send(d *Delivery, n int, reason Outcome) *pending {
	s := ws.pick(d)
	if s == nil {
		return nil
	}
	frame, action := ws.begin(d, n, reason, s.Number)
	p := &pending{envelope: ws.newID("envelope-"), socket: s, result: make(chan ackResult, 1)}
	ws.pending[p.envelope] = p
	envelope := map[string]any{"envelope_id": p.envelope, "type": d.Kind, "payload": d.Payload, "accepts_response_payload": d.accepts}
	if d.Kind == "events_api" {
		envelope["retry_attempt"], envelope["retry_reason"] = frame.Retry, socketReason(reason)
	}
	text := mustJSON(envelope)
	p.timer = ws.clock.AfterFunc(action.Delay+ws.opts.AckTimeout, func() {
		ws.mu.Lock()
		defer ws.mu.Unlock()
		ws.resolve(p, ackResult{outcome: OutcomeTimeout})
	})
	if !action.Drop {
		s.later(action.Delay, func() {
			for range 1 + action.Copies {
				s.text(text)
			}
		})
	}
	s.delivered++
	if every := ws.opts.RefreshEvery; every > 0 && s.delivered >= every {
		s.refresh()
	}
	return p
}

// socketReason is retry_reason as Socket Mode spells it.
func socketReason(o Outcome) string {
	if o == OutcomeTimeout {
		return "timeout"
	}
	return string(o)
}

// sendWhenOpen waits for a socket as long as an acknowledgement may take, and
// returns nil if none came.
func (ws *Workspace) sendWhenOpen(d *Delivery, n int, reason Outcome) *pending {
	var give <-chan struct{}
	for {
		ws.mu.Lock()
		if ws.closed {
			ws.mu.Unlock()
			return nil
		}
		p, opened := ws.send(d, n, reason), ws.opened
		ws.mu.Unlock()
		if p != nil {
			return p
		}
		if give == nil {
			expired, timer := ws.after(ws.opts.AckTimeout)
			defer timer.Stop()
			give = expired
		}
		select {
		case <-opened:
		case <-give:
			ws.mu.Lock()
			ws.begin(d, n, reason, 0)
			ws.mu.Unlock()
			return nil
		case <-ws.ctx.Done():
			return nil
		}
	}
}

func (ws *Workspace) await(d *Delivery, p *pending) ackResult {
	if p == nil {
		if ws.ctx.Err() != nil {
			return ackResult{outcome: OutcomeClosed}
		}
		return ackResult{outcome: OutcomeConnectionFailed}
	}
	return <-p.result
}

// resolve ends a pending attempt once; the caller holds mu.
func (ws *Workspace) resolve(p *pending, r ackResult) {
	if ws.pending[p.envelope] != p {
		return
	}
	delete(ws.pending, p.envelope)
	p.timer.Stop()
	r.at = ws.clock.Now()
	p.result <- r
	p.socket.maybeFinish()
}

// ack handles what the app sent back on a socket; the caller holds mu.
func (ws *Workspace) ack(s *Socket, raw []byte) {
	defer ws.touch()
	var a struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	if len(raw) >= maxSocketReply {
		ws.stats.OversizedReplies++
		return
	}
	if err := json.Unmarshal(raw, &a); err != nil || a.EnvelopeID == "" {
		ws.stats.BadReplies++
		return
	}
	p := ws.pending[a.EnvelopeID]
	switch {
	case p == nil:
		ws.stats.LateAcks++
	case p.socket != s:
		ws.stats.ForeignAcks++
	default:
		ws.resolve(p, ackResult{outcome: OutcomeAcked, payload: a.Payload})
	}
}

// Deliveries returns everything sent to the app so far.
func (ws *Workspace) Deliveries() []Delivery {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	all := make([]Delivery, len(ws.deliveries))
	for i, d := range ws.deliveries {
		all[i] = *d
		all[i].Attempts = slices.Clone(d.Attempts)
	}
	return all
}

// Unacked returns the events and unknown envelopes that were never
// acknowledged in time: those on their way, and those given up. Interactions
// are not redelivered; their Wait tells.
func (ws *Workspace) Unacked() []Delivery {
	return slices.DeleteFunc(ws.Deliveries(), func(d Delivery) bool { return d.Acked || !d.retry })
}

// Idle reports whether nothing is on its way to the app.
func (ws *Workspace) Idle() bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return !slices.ContainsFunc(ws.deliveries, func(d *Delivery) bool { return !d.Done })
}

// AckLatencies returns how long each acknowledged attempt took, in order.
func (ws *Workspace) AckLatencies() []time.Duration {
	var all []time.Duration
	for _, d := range ws.Deliveries() {
		for _, a := range d.Attempts {
			if a.Outcome == OutcomeAcked {
				all = append(all, a.Ended.Sub(a.Sent))
			}
		}
	}
	return all
}
