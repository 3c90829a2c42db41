package slacksim

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestARefreshLetsWhatIsUnderWayFinish(t *testing.T) {
	ws, alice, general := sim(t, Options{Events: []string{"message.channels"}})
	old, _ := dial(t, ws)
	alice.Post(general, "one")
	under := next(t, old)
	ws.Sockets()[0].Refresh()
	if d := next(t, old); d.Type != "disconnect" || d.Reason != "refresh_requested" {
		t.Errorf("frame = %+v", d)
	}
	fresh, _ := dial(t, ws)
	alice.Post(general, "two")
	if e := next(t, fresh); !strings.Contains(string(e.Payload), "two") {
		t.Errorf("envelope = %s", e.Payload)
	}
	ack(t, old, under.EnvelopeID, nil)
	if _, _, err := old.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("then %v", err)
	}
	waitFor(t, ws, func() bool { return ws.Deliveries()[0].Acked })
}

func TestAWarningComesTenSecondsBeforeTheRefresh(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, _, _ := sim(t, Options{Clock: clock, SocketLifetime: time.Hour, PingInterval: 24 * time.Hour})
	conn, _ := dial(t, ws)
	clock.Advance(time.Hour)
	if d := next(t, conn); d.Reason != "warning" {
		t.Errorf("frame = %+v", d)
	}
	clock.Advance(10 * time.Second)
	if d := next(t, conn); d.Reason != "refresh_requested" {
		t.Errorf("frame = %+v", d)
	}
}

func TestSocketModeIsSwitchedOff(t *testing.T) {
	ws, _, _ := sim(t, Options{})
	conn, _ := dial(t, ws)
	ws.DisableSocketMode(true)
	if d := next(t, conn); d.Reason != "link_disabled" {
		t.Errorf("frame = %+v", d)
	}
	if _, _, err := client(ws).StartSocketModeContext(t.Context()); err == nil {
		t.Error("a connection could be opened")
	}
	ws.DisableSocketMode(false)
	dial(t, ws)
}

func TestAHalfOpenSocketLosesEverythingSilently(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, alice, general := sim(t, Options{Clock: clock, Events: []string{"message.channels"}, PingInterval: 10 * time.Second, PongTimeout: 30 * time.Second})
	conn, _ := dial(t, ws)
	ws.Sockets()[0].Freeze()
	alice.Post(general, "lost")
	if err := conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)); err != nil {
		t.Errorf("writing to a half-open socket: %v", err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if _, _, err := conn.ReadMessage(); err == nil || websocket.IsUnexpectedCloseError(err) {
		t.Errorf("read: %v", err)
	}
	conn.Close()
	if n := len(ws.Sockets()); n != 1 {
		t.Errorf("Slack heard that the client is gone: %d sockets", n)
	}
	fresh, _ := dial(t, ws)
	clock.Advance(3 * time.Second)
	if e := next(t, fresh); !strings.Contains(string(e.Payload), "lost") || e.RetryAttempt != 1 {
		t.Errorf("envelope = %+v", e)
	}
	for range 3 {
		clock.Advance(10 * time.Second)
	}
	waitFor(t, ws, func() bool { return ws.Stats().PongTimeouts >= 1 })
}

func TestASocketWithoutPongsIsDropped(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, _, _ := sim(t, Options{Clock: clock})
	conn, _ := dial(t, ws)
	pings := make(chan string, 10)
	conn.SetPingHandler(func(s string) error { pings <- s; return nil }) // no pong
	go func() { _, _, _ = conn.ReadMessage() }()
	clock.Advance(10 * time.Second)
	if got := <-pings; got != "Ping from applink-1" {
		t.Errorf("ping = %q", got)
	}
	clock.Advance(20 * time.Second)
	waitFor(t, ws, func() bool { return len(ws.Sockets()) == 0 })
}

func TestAnAbruptResetRedelivers(t *testing.T) {
	ws, alice, general := sim(t, Options{Events: []string{"message.channels"}})
	a, _ := dial(t, ws)
	alice.Post(general, "x")
	next(t, a)
	b, _ := dial(t, ws)
	ws.Sockets()[0].Reset()
	var closed *websocket.CloseError
	if _, _, err := a.ReadMessage(); err == nil || errors.As(err, &closed) && closed.Code == websocket.CloseNormalClosure {
		t.Errorf("the client saw %v", err)
	}
	if e := next(t, b); e.RetryAttempt != 1 {
		t.Errorf("envelope = %+v", e)
	}
}
