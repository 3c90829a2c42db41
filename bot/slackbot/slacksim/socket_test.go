package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

// bot is an app on the real Socket Mode client: it acknowledges and remembers.
type bot struct {
	mu   sync.Mutex
	seen []string
}

func (b *bot) texts() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.seen)
}

// run keeps the app connected until the test ends.
func (b *bot) run(t *testing.T, ws *Workspace) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	smc := socketmode.New(client(ws), socketmode.OptionDialer(ws.Dialer()))
	var wg sync.WaitGroup
	wg.Go(func() { _ = smc.RunContext(ctx) })
	wg.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-smc.Events:
				b.handle(ctx, smc, e)
			}
		}
	})
	t.Cleanup(func() { cancel(); ws.Close(); wg.Wait() })
}

func (b *bot) handle(ctx context.Context, smc *socketmode.Client, e socketmode.Event) {
	if e.Type != socketmode.EventTypeEventsAPI {
		return
	}
	outer := e.Data.(slackevents.EventsAPIEvent)
	b.mu.Lock()
	if m, ok := outer.InnerEvent.Data.(*slackevents.MessageEvent); ok {
		b.seen = append(b.seen, m.Text)
	}
	b.mu.Unlock()
	_ = smc.AckCtx(ctx, e.Request.EnvelopeID, nil)
}

func TestTheRealClientReceivesAndAcknowledges(t *testing.T) {
	ws, alice, general := sim(t, Options{Events: []string{"message.channels", "app_mention"}})
	var b bot
	b.run(t, ws)
	waitFor(t, ws, func() bool { return len(ws.Sockets()) == 1 })
	alice.Say(general, "who won?")
	waitFor(t, ws, func() bool { return len(ws.AckLatencies()) == 2 && ws.Idle() })
	if got := b.texts(); len(got) != 1 || got[0] != "<@U000000001> who won?" {
		t.Errorf("messages = %q", got)
	}
	if u := ws.Unacked(); len(u) != 0 {
		t.Errorf("unacked = %+v", u)
	}
}

func TestTheRealClientSurvivesRefreshes(t *testing.T) {
	ws, alice, general := sim(t, Options{Events: []string{"message.channels"}, RefreshEvery: 5, Retries: []time.Duration{0, 0, 0, 0, 0, 0}})
	var b bot
	b.run(t, ws)
	for i := range 60 {
		alice.Post(general, fmt.Sprint(i))
		waitFor(t, ws, ws.Idle)
	}
	got := b.texts()
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != 60 {
		t.Errorf("%d of 60 arrived", n)
	}
	if s := ws.Stats(); s.Refreshes < 10 {
		t.Errorf("%d refreshes", s.Refreshes)
	}
}

func TestASocketSaysHelloOnceForATicket(t *testing.T) {
	ws, _, _ := sim(t, Options{})
	_, address, err := client(ws).StartSocketModeContext(t.Context())
	if err != nil || !strings.HasPrefix(address, "ws://") {
		t.Fatal(address, err)
	}
	conn, _, err := ws.Dialer().Dial(address+"&debug_reconnects=true", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if h := next(t, conn); h.Type != "hello" || h.Connections != 1 || h.Info.AppID != ws.AppID || h.Debug.Time != 360 {
		t.Errorf("hello = %+v", h)
	}
	if _, _, err := ws.Dialer().Dial(address, nil); err == nil {
		t.Error("the ticket worked twice")
	}
}

func TestATicketExpires(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, _, _ := sim(t, Options{Clock: clock})
	_, address, err := client(ws).StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	if _, _, err := ws.Dialer().Dial(address, nil); err == nil {
		t.Error("an old ticket worked")
	}
}

func TestTheEleventhSocketIsRefused(t *testing.T) {
	ws, _, _ := sim(t, Options{})
	for i := range 10 {
		if _, h := dial(t, ws); h.Type != "hello" || h.Connections != i+1 {
			t.Fatalf("hello = %+v", h)
		}
	}
	conn, refused := dial(t, ws)
	if refused.Type != "disconnect" || refused.Reason != "too_many_websockets" {
		t.Errorf("first frame = %+v", refused)
	}
	if _, _, err := conn.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("then %v", err)
	}
	waitFor(t, ws, func() bool { return len(ws.Sockets()) == 10 })
}

func TestEnvelopesGoRoundAllSockets(t *testing.T) {
	ws, alice, general := sim(t, Options{Events: []string{"message.channels"}})
	var counts [3]int
	var mu sync.Mutex
	for i := range counts {
		conn, _ := dial(t, ws)
		go func() {
			var e envelope
			for conn.ReadJSON(&e) == nil {
				mu.Lock()
				counts[i]++
				mu.Unlock()
				_ = conn.WriteJSON(map[string]any{"envelope_id": e.EnvelopeID})
			}
		}()
	}
	for range 30 {
		alice.Post(general, "x")
	}
	waitFor(t, ws, ws.Idle)
	mu.Lock()
	defer mu.Unlock()
	if counts != [3]int{10, 10, 10} {
		t.Errorf("counts = %v", counts)
	}
}

func TestAnUnacknowledgedEventGoesToAnotherSocket(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, alice, general := sim(t, Options{Clock: clock, Events: []string{"message.channels"}})
	a, _ := dial(t, ws)
	b, _ := dial(t, ws)
	alice.Post(general, "x")
	d := ws.Deliveries()[0]
	first, other := a, b
	if d.Attempts[0].Socket == 2 {
		first, other = b, a
	}
	e := next(t, first)
	if e.RetryAttempt != 0 || e.RetryReason != "" || e.Type != "events_api" || e.Accepts {
		t.Errorf("first envelope = %+v", e)
	}
	clock.Advance(3 * time.Second)
	again := next(t, other)
	if again.RetryAttempt != 1 || again.RetryReason != "timeout" || again.EnvelopeID == e.EnvelopeID || string(again.Payload) != string(e.Payload) {
		t.Errorf("second envelope = %+v", again)
	}
	ack(t, first, again.EnvelopeID, nil) // on the wrong socket
	ack(t, first, e.EnvelopeID, nil)     // too late
	waitFor(t, ws, func() bool { s := ws.Stats(); return s.ForeignAcks == 1 && s.LateAcks == 1 })
	ack(t, other, again.EnvelopeID, nil)
	waitFor(t, ws, ws.Idle)
	if d := ws.Deliveries()[0]; !d.Acked || len(d.Attempts) != 2 || d.Attempts[0].Outcome != OutcomeTimeout || d.Attempts[1].Outcome != OutcomeAcked {
		t.Errorf("delivery = %+v", d)
	}
}

func TestTheScheduleOfRetriesOverSockets(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, alice, general := sim(t, Options{Clock: clock, Events: []string{"message.channels"}, PingInterval: 24 * time.Hour})
	conn, _ := dial(t, ws)
	alice.Post(general, "x")
	for retry, wait := range []time.Duration{0, 0, time.Minute, 5 * time.Minute} {
		clock.Advance(wait)
		if e := next(t, conn); e.RetryAttempt != retry {
			t.Fatalf("retry_attempt %d, want %d", e.RetryAttempt, retry)
		}
		pending := clock.Pending()
		clock.Advance(3 * time.Second) // no acknowledgement
		if retry == 1 || retry == 2 {
			clock.BlockUntil(pending) // it sleeps until the next attempt
		}
	}
	waitFor(t, ws, ws.Idle)
	if u := ws.Unacked(); len(u) != 1 || !u[0].Done || len(u[0].Attempts) != 4 {
		t.Errorf("unacked = %+v", u)
	}
}

func TestWithoutASocketAnEventWaitsForOne(t *testing.T) {
	ws, alice, general := sim(t, Options{Events: []string{"message.channels"}})
	alice.Post(general, "x")
	conn, _ := dial(t, ws)
	if e := next(t, conn); e.Type != "events_api" || e.RetryAttempt != 0 {
		t.Errorf("envelope = %+v", e)
	}
}

func TestWithoutASocketAnEventFailsInTheEnd(t *testing.T) {
	ws, alice, general := sim(t, Options{Events: []string{"message.channels"}, AckTimeout: time.Millisecond, Retries: []time.Duration{0, 0, 0}})
	alice.Post(general, "x")
	waitFor(t, ws, ws.Idle)
	if u := ws.Unacked(); len(u) != 1 || len(u[0].Attempts) != 4 || u[0].Attempts[3].Outcome != OutcomeConnectionFailed {
		t.Errorf("unacked = %+v", u)
	}
}

func TestFramesAreDelayedCopiedAndDropped(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, alice, general := sim(t, Options{Clock: clock, Events: []string{"message.channels"}, OnFrame: func(f Frame) FrameAction {
		switch f.Number {
		case 1:
			return FrameAction{Delay: time.Second}
		case 2:
			return FrameAction{Copies: 1}
		case 3:
			return FrameAction{Drop: true}
		}
		return FrameAction{}
	}})
	conn, _ := dial(t, ws)
	for _, s := range []string{"slow", "double", "lost"} {
		alice.Post(general, s)
	}
	order := func(n int) (got []string) {
		for range n {
			e := next(t, conn)
			var p struct{ Event struct{ Text string } }
			_ = json.Unmarshal(e.Payload, &p)
			got = append(got, p.Event.Text)
			ack(t, conn, e.EnvelopeID, nil)
		}
		return got
	}
	if got := order(2); !slices.Equal(got, []string{"double", "double"}) {
		t.Errorf("first %q", got)
	}
	waitFor(t, ws, func() bool { return len(ws.AckLatencies()) == 1 })
	clock.Advance(time.Second)
	if got := order(1); !slices.Equal(got, []string{"slow"}) {
		t.Errorf("then %q", got)
	}
	waitFor(t, ws, func() bool { return len(ws.AckLatencies()) == 2 })
	clock.Advance(2 * time.Second)
	if got := order(1); !slices.Equal(got, []string{"lost"}) {
		t.Errorf("at last %q", got)
	}
	waitFor(t, ws, ws.Idle)
}

func TestOddRepliesAreIgnored(t *testing.T) {
	ws, alice, general := sim(t, Options{Events: []string{"message.channels"}})
	conn, _ := dial(t, ws)
	alice.Post(general, "x")
	e := next(t, conn)
	ack(t, conn, e.EnvelopeID, text(20<<10))
	ack(t, conn, "", nil)
	if err := conn.WriteMessage(websocket.TextMessage, []byte("}")); err != nil {
		t.Fatal(err)
	}
	waitFor(t, ws, func() bool { s := ws.Stats(); return s.OversizedReplies == 1 && s.BadReplies == 2 })
	if ws.Idle() {
		t.Error("an oversized acknowledgement counted")
	}
	ack(t, conn, e.EnvelopeID, nil)
	waitFor(t, ws, ws.Idle)
}

func TestUnknownEnvelopesAndRawFrames(t *testing.T) {
	ws, _, _ := sim(t, Options{})
	conn, _ := dial(t, ws)
	ws.SendEnvelope("hologram", map[string]any{"a": 1})
	if e := next(t, conn); e.Type != "hologram" || e.EnvelopeID == "" || string(e.Payload) != `{"a":1}` {
		t.Errorf("envelope = %+v", e)
	}
	ws.Sockets()[0].Send("}broken{")
	if _, b, err := conn.ReadMessage(); err != nil || string(b) != "}broken{" {
		t.Errorf("frame %q, %v", b, err)
	}
}

func TestAnInteractionIsNotRedelivered(t *testing.T) {
	ws, alice, _ := sim(t, Options{AckTimeout: 20 * time.Millisecond})
	dial(t, ws)
	if _, err := alice.Shortcut("x").Wait(testContext(t)); !errors.Is(err, ErrNoAck) {
		t.Errorf("err = %v", err)
	}
	waitFor(t, ws, ws.Idle)
	if d := ws.Deliveries(); len(d[len(d)-1].Attempts) != 1 {
		t.Errorf("delivery = %+v", d[len(d)-1])
	}
}

func TestCloseEndsEverything(t *testing.T) {
	ws, alice, general := sim(t, Options{Events: []string{"message.channels"}})
	conn, _ := dial(t, ws)
	_, _ = dial(t, ws)
	ws.Sockets()[1].Freeze()
	alice.Post(general, "x")
	ws.Close()
	ws.Close()
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			break
		}
	}
	alice.Post(general, "after") // harmless
	if _, err := alice.Shortcut("x").Wait(testContext(t)); !errors.Is(err, ErrNoAck) {
		t.Errorf("err = %v", err)
	}
}
