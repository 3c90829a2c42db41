package slacksim

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// maxSocketReply: larger acknowledgements are silently dropped (slack-go,
	// socketmode, maxResponseSize).
	maxSocketReply = 20 << 10
	// ticketLife bounds how long a WebSocket URL may lie unused; Slack
	// publishes no number.
	ticketLife = 30 * time.Second
	// warningTime is between a warning and the disconnect (docs.slack.dev,
	// "Using Socket Mode": "about 10 seconds").
	warningTime = 10 * time.Second
	// debugLifetime applies with debug_reconnects=true (same page).
	debugLifetime = 360 * time.Second
	// writeTimeout bounds writes to a client that does not read.
	writeTimeout = 10 * time.Second
	outgoing     = 4096 // frames a client may lag behind
)

// A Socket is one Socket Mode connection of the app.
type Socket struct {
	// Number counts the connections from 1.
	Number int

	ws   *Workspace
	conn *websocket.Conn
	out  chan outFrame

	// Guarded by ws.mu.
	draining  bool // gets no new envelopes
	frozen    bool // half-open: hears and says nothing
	gone      bool
	delivered int
	lastPong  time.Time
	timers    []Timer
}

type outFrame struct {
	kind int // a websocket message type
	data []byte
}

// connectionsOpen answers apps.connections.open.
func connectionsOpen(c *call) (reply, *apiError) {
	ws := c.ws
	if ws.linkDisabled {
		return nil, fail("forbidden_team")
	}
	ticket := ws.newID("ticket-")
	ws.tickets[ticket] = ws.clock.Now().Add(ticketLife)
	q := url.Values{"ticket": {ticket}, "app_id": {ws.AppID}}
	return reply{"url": "ws" + strings.TrimPrefix(ws.base, "http") + "/link/?" + q.Encode()}, nil
}

func (ws *Workspace) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !ws.takeTicket(r.URL.Query().Get("ticket")) {
		http.Error(w, "invalid ticket", http.StatusNotFound)
		return
	}
	up := websocket.Upgrader{WriteBufferSize: 64 << 10, CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	s := &Socket{ws: ws, conn: conn, out: make(chan outFrame, outgoing)}
	lifetime := ws.opts.SocketLifetime
	if r.URL.Query().Get("debug_reconnects") == "true" {
		lifetime = debugLifetime
	}
	ws.mu.Lock()
	if ws.closed {
		ws.mu.Unlock()
		conn.Close()
		return
	}
	ws.spawn(s.write)
	s.open(lifetime)
	ws.mu.Unlock()
	s.read()
}

// takeTicket uses up a ticket: each opens one connection.
func (ws *Workspace) takeTicket(ticket string) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	until, ok := ws.tickets[ticket]
	delete(ws.tickets, ticket)
	return ok && !ws.clock.Now().After(until)
}

// open says hello, or that there are too many connections; the caller holds mu.
func (s *Socket) open(lifetime time.Duration) {
	ws := s.ws
	ws.nextSocket++
	s.Number, s.lastPong = ws.nextSocket, ws.clock.Now()
	ws.sockets = append(ws.sockets, s)
	ws.stats.SocketsOpened++
	if len(ws.sockets) > ws.opts.MaxSockets {
		ws.stats.TooManySockets++
		s.draining = true
		s.disconnect("too_many_websockets")
		s.close()
		return
	}
	s.keepAlive()
	s.later(lifetime, s.warn)
	s.text(mustJSON(map[string]any{
		"type": "hello", "num_connections": len(ws.sockets), "connection_info": map[string]any{"app_id": ws.AppID},
		"debug_info": map[string]any{"host": s.host(), "build_number": 1, "approximate_connection_time": int(lifetime.Seconds())},
	}))
	close(ws.opened)
	ws.opened = make(chan struct{})
	ws.touch()
}

func (s *Socket) host() string { return fmt.Sprintf("applink-%d", s.Number) }

// keepAlive pings, and gives the connection up when no pong came back.
func (s *Socket) keepAlive() {
	s.later(s.ws.opts.PingInterval, func() {
		if s.ws.clock.Now().Sub(s.lastPong) >= s.ws.opts.PongTimeout {
			s.ws.stats.PongTimeouts++
			s.drop()
			return
		}
		s.frame(websocket.PingMessage, []byte("Ping from "+s.host()))
		s.keepAlive()
	})
}

// later runs f under the lock once d has passed, unless the socket is gone by
// then; the caller holds mu.
func (s *Socket) later(d time.Duration, f func()) {
	if d <= 0 {
		f()
		return
	}
	s.timers = append(s.timers, s.ws.clock.AfterFunc(d, func() {
		s.ws.mu.Lock()
		defer s.ws.mu.Unlock()
		if !s.gone {
			f()
		}
	}))
}

func (s *Socket) text(data []byte) { s.frame(websocket.TextMessage, data) }

// frame queues what the connection sends; a half-open one loses it, and a
// client that reads nothing for long is cut off. The caller holds mu.
func (s *Socket) frame(kind int, data []byte) {
	if s.frozen || s.gone {
		return
	}
	select {
	case s.out <- outFrame{kind, data}:
	default:
		s.drop()
	}
}

// write sends what frame queued.
func (s *Socket) write() {
	for f := range s.out {
		var err error
		switch f.kind {
		case websocket.TextMessage:
			_ = s.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
			err = s.conn.WriteMessage(f.kind, f.data)
		default:
			err = s.conn.WriteControl(f.kind, f.data, time.Now().Add(writeTimeout))
		}
		if err != nil || f.kind == websocket.CloseMessage {
			break
		}
	}
	s.ws.mu.Lock()
	frozen := s.frozen
	s.ws.mu.Unlock()
	if !frozen {
		s.conn.Close()
	}
	for range s.out { // until drop closes it
	}
}

// read takes acknowledgements until the connection ends.
func (s *Socket) read() {
	defer s.ended()
	s.conn.SetPongHandler(func(string) error {
		s.ws.mu.Lock()
		defer s.ws.mu.Unlock()
		if !s.frozen {
			s.lastPong = s.ws.clock.Now()
		}
		return nil
	})
	s.conn.SetPingHandler(func(data string) error {
		s.ws.mu.Lock()
		defer s.ws.mu.Unlock()
		s.frame(websocket.PongMessage, []byte(data))
		return nil
	})
	s.conn.SetCloseHandler(func(int, string) error {
		s.ws.mu.Lock()
		defer s.ws.mu.Unlock()
		s.close()
		return nil
	})
	for {
		_, data, err := s.conn.ReadMessage()
		if err != nil {
			return
		}
		s.ws.mu.Lock()
		if !s.frozen {
			s.ws.ack(s, data)
		}
		s.ws.mu.Unlock()
	}
}

// ended forgets a connection whose client is gone. Slack does not hear that of
// a half-open one, and keeps it until its pongs are overdue.
func (s *Socket) ended() {
	s.conn.Close()
	s.ws.mu.Lock()
	defer s.ws.mu.Unlock()
	if !s.frozen || s.ws.closed {
		s.drop()
	}
}

// drop ends a connection; the caller holds mu.
func (s *Socket) drop() {
	if s.gone {
		return
	}
	s.gone = true
	for _, t := range s.timers {
		t.Stop()
	}
	ws := s.ws
	ws.sockets = slices.DeleteFunc(slices.Clone(ws.sockets), func(o *Socket) bool { return o == s })
	for _, id := range sortedKeys(ws.pending) {
		if p := ws.pending[id]; p != nil && p.socket == s {
			ws.resolve(p, ackResult{outcome: OutcomeConnectionFailed})
		}
	}
	close(s.out)
	s.conn.Close()
	ws.touch()
}

// pick chooses the socket for an attempt: in turn, and after a failure another
// one if there is one. The caller holds mu.
func (ws *Workspace) pick(d *Delivery) *Socket {
	var open []*Socket
	for _, s := range ws.sockets {
		if !s.draining {
			open = append(open, s)
		}
	}
	if len(open) == 0 {
		return nil
	}
	last := 0
	if n := len(d.Attempts); n > 0 {
		last = d.Attempts[n-1].Socket
	}
	ws.turn++
	s := open[ws.turn%len(open)]
	if s.Number == last && len(open) > 1 {
		ws.turn++
		s = open[ws.turn%len(open)]
	}
	return s
}
