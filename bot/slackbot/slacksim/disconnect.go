package slacksim

import (
	"slices"

	"github.com/gorilla/websocket"
)

// Sockets returns the open connections, in the order they were opened.
func (ws *Workspace) Sockets() []*Socket {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return slices.Clone(ws.sockets)
}

// Refresh asks the app to reconnect: no new envelopes, refresh_requested, and
// the end once those under way are acknowledged or timed out.
func (s *Socket) Refresh() {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	s.refresh()
}

// Warn announces a refresh, which follows after ten seconds.
func (s *Socket) Warn() {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	s.warn()
}

// Freeze makes the connection half-open: it stays, but nothing passes in
// either direction any more, and nobody is told.
func (s *Socket) Freeze() {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	s.frozen = true
}

// Reset ends the connection as a crashed peer would, without a close frame.
func (s *Socket) Reset() {
	reset(s.conn.NetConn())
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	s.drop()
}

// Send writes a raw text frame, such as broken JSON or an unknown type.
func (s *Socket) Send(frame string) {
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	s.text([]byte(frame))
}

// RefreshAll refreshes every open connection.
func (ws *Workspace) RefreshAll() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, s := range ws.sockets {
		s.refresh()
	}
}

// DisableSocketMode switches Socket Mode off in the app's settings: every
// connection ends with link_disabled and none can be opened. Enabling it again
// lets the app reconnect.
func (ws *Workspace) DisableSocketMode(off bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.linkDisabled = off
	if !off {
		return
	}
	for _, s := range ws.sockets {
		s.draining = true
		s.disconnect("link_disabled")
		s.close()
	}
}

// SendEnvelope delivers an envelope of any type, known to clients or not, and
// redelivers it like an event until it is acknowledged.
func (ws *Workspace) SendEnvelope(kind string, payload any) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.deliver(&Delivery{Kind: kind, Payload: mustJSON(payload), retry: true})
}

func (s *Socket) warn() {
	if s.draining || s.gone {
		return
	}
	s.disconnect("warning")
	s.later(warningTime, s.refresh)
}

func (s *Socket) refresh() {
	if s.draining || s.gone {
		return
	}
	s.ws.stats.Refreshes++
	s.draining = true
	s.disconnect("refresh_requested")
	s.later(s.ws.opts.AckTimeout, s.close)
	s.maybeFinish()
}

func (s *Socket) disconnect(reason string) {
	s.text(mustJSON(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": s.host()}}))
}

// maybeFinish closes a draining connection with nothing under way.
func (s *Socket) maybeFinish() {
	if !s.draining || s.gone {
		return
	}
	for _, p := range s.ws.pending {
		if p.socket == s {
			return
		}
	}
	s.close()
}

// close sends a close frame; the connection ends when it is written.
func (s *Socket) close() {
	s.frame(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
}
