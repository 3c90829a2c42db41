package slacksim

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

// echo answers each message of a person once, at a pace the limits allow.
// turn is held by one at a time; a mutex would not count as idle in a bubble.
func echo(ctx context.Context, api *slack.Client, turn chan struct{}, seen map[string]bool, e socketmode.Event) {
	outer, ok := e.Data.(slackevents.EventsAPIEvent)
	m, isMessage := outer.InnerEvent.Data.(*slackevents.MessageEvent)
	if !ok || !isMessage || m.BotID != "" || m.SubType != "" {
		return
	}
	turn <- struct{}{}
	defer func() { <-turn }()
	if seen[m.TimeStamp] {
		return
	}
	seen[m.TimeStamp] = true
	time.Sleep(1100 * time.Millisecond)
	_, _, _ = api.PostMessageContext(ctx, m.Channel, slack.MsgOptionText("answer to "+m.Text, false), slack.MsgOptionTS(m.TimeStamp),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "answer", EventPayload: map[string]any{"question": m.TimeStamp}}))
}

func TestHoursPassInMillisecondsInABubble(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { synctest.Test(t, func(t *testing.T) { hoursPass(t, seed) }) })
	}
}

// hoursPass runs the real client over the network in memory: questions for
// three hours, with delayed, doubled and lost frames and hourly refreshes.
func hoursPass(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	ws := New(nil, Options{InMemory: true, Events: []string{"message.channels"}, OnFrame: func(Frame) FrameAction {
		switch rng.IntN(10) {
		case 0:
			return FrameAction{Delay: time.Duration(rng.IntN(2500)) * time.Millisecond}
		case 1:
			return FrameAction{Copies: 1}
		case 2:
			return FrameAction{Drop: true}
		}
		return FrameAction{}
	}})
	alice := ws.AddUser(UserSpec{Name: "alice"})
	general := ws.Channel("general")
	ctx, cancel := context.WithCancel(t.Context())
	api := client(ws)
	var wg sync.WaitGroup
	turn := make(chan struct{}, 1)
	seen := map[string]bool{}
	for range 2 {
		smc := socketmode.New(api, socketmode.OptionDialer(ws.Dialer()))
		wg.Go(func() { _ = smc.RunContext(ctx) })
		wg.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case e := <-smc.Events:
					if e.Type == socketmode.EventTypeEventsAPI {
						_ = smc.AckCtx(ctx, e.Request.EnvelopeID, nil)
						wg.Go(func() { echo(ctx, api, turn, seen, e) })
					}
				}
			}
		})
	}
	start := time.Now()
	for i := range 180 {
		alice.Post(general, fmt.Sprint(i))
		time.Sleep(time.Minute)
	}
	time.Sleep(10 * time.Minute)
	if d := time.Since(start); d < 3*time.Hour {
		t.Errorf("only %v passed", d)
	}
	if n := len(general.Posts()); n != 180 {
		t.Errorf("%d answers to 180 questions, unacked %d", n, len(ws.Unacked()))
	}
	if v, d := ws.Violations(), ws.Duplicates("question"); len(v) != 0 || len(d) != 0 {
		t.Errorf("violations %v, duplicates %v", v, d)
	}
	if s := ws.Stats(); s.SocketsOpened < 6 || s.PongTimeouts != 0 {
		t.Errorf("stats = %+v", s)
	}
	cancel()
	ws.Close()
	wg.Wait()
}

func TestRetriesKeepTheirScheduleInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ws, alice, general := sim(t, Options{InMemory: true, Events: []string{"message.channels"}})
		conn, _ := dial(t, ws)
		_ = conn.SetReadDeadline(time.Time{})
		alice.Post(general, "x")
		go func() {
			for {
				if _, _, err := conn.ReadMessage(); err != nil {
					return
				}
			}
		}()
		time.Sleep(time.Hour)
		var at []time.Duration
		d := ws.Deliveries()[0]
		for _, a := range d.Attempts {
			at = append(at, a.Sent.Sub(d.Attempts[0].Sent))
		}
		want := []time.Duration{0, 3 * time.Second, 66 * time.Second, 369 * time.Second}
		if !slices.Equal(at, want) || !d.Done {
			t.Errorf("attempts at %v, want %v", at, want)
		}
	})
}

func TestRetriesOverHTTPKeepTheirScheduleInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewListener()
		var mended atomic.Bool
		app := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var v struct{ Challenge string }
			_ = json.NewDecoder(r.Body).Decode(&v)
			switch {
			case v.Challenge != "":
				_, _ = io.WriteString(w, v.Challenge)
			case !mended.Load():
				w.WriteHeader(http.StatusInternalServerError)
			}
		})}
		go func() { _ = app.Serve(l) }()
		defer app.Close()
		ws, alice, general := sim(t, Options{InMemory: true, HTTPClient: l.Client(), Events: []string{"message.channels"}})
		if err := ws.UseHTTP(t.Context(), "http://app.test/slack/events"); err != nil {
			t.Fatal(err)
		}
		alice.Post(general, "x")
		time.Sleep(5 * time.Minute)
		mended.Store(true)
		time.Sleep(5 * time.Minute)
		d := ws.Deliveries()[0]
		if len(d.Attempts) != 4 || !d.Acked || d.Attempts[3].Sent.Sub(d.Attempts[0].Sent) != 6*time.Minute {
			t.Errorf("delivery = %+v", d)
		}
		ws.Close()
	})
}
