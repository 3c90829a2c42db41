package slackbot

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/ledger"
	"footnote/bot/slackbot/slacksim"
)

var refreshes = flag.Int("refreshes", 300, "how often TestRefreshesLoseNothing has sockets refreshed")

func TestRefreshesLoseNothing(t *testing.T) {
	w := start(t, setting{
		engine: echo, bot: Options{Connections: 3},
		sim: slacksim.Options{RefreshEvery: 2, Events: []string{"message.channels"},
			Retries: []time.Duration{0, 50 * time.Millisecond, 200 * time.Millisecond, time.Second, time.Second}},
	})
	asked := 0
	for ; w.ws.Stats().Refreshes < *refreshes; asked++ {
		w.alice.Post(w.general, fmt.Sprint("talk ", asked)) // taken and dropped: the load is on the sockets
		if asked%20 == 0 {
			w.alice.Say(w.ws.DM(w.ws.AddUser(slacksim.UserSpec{Name: fmt.Sprint("user", asked)})), "a question")
		}
		time.Sleep(time.Millisecond)
		if asked > 20000 {
			t.Fatalf("%d refreshes only", w.ws.Stats().Refreshes)
		}
	}
	w.settle()
	if u := w.ws.Unacked(); len(u) > 0 {
		t.Errorf("%d of %d events were never acknowledged", len(u), asked)
	}
	again := 0
	for _, d := range w.ws.Deliveries() {
		if len(d.Attempts) > 1 {
			again++
		}
	}
	s := w.ws.Stats()
	t.Logf("%d refreshes, %d connections, %d events, %d delivered more than once", s.Refreshes, s.SocketsOpened, len(w.ws.Deliveries()), again)
	w.clean()
}

func TestASilentSocketIsReplaced(t *testing.T) {
	t.Parallel()
	w := start(t, setting{engine: echo, bot: Options{Silence: 300 * time.Millisecond, Connections: 1},
		sim: slacksim.Options{PingInterval: 100 * time.Millisecond, PongTimeout: time.Minute, AckTimeout: 200 * time.Millisecond,
			Retries: append([]time.Duration{100 * time.Millisecond}, slices.Repeat([]time.Duration{time.Second}, 60)...)}})
	w.ws.Sockets()[0].Freeze()
	w.alice.Say(w.general, "is anybody there?")
	w.settle()
	if n := len(w.general.Posts()); n != 1 || w.ws.Stats().SocketsOpened < 2 {
		t.Errorf("%d answers over %d sockets", n, w.ws.Stats().SocketsOpened)
	}
	if err := w.ws.Wait(w.ctx, func() bool { return w.bot.Connected() == 1 }); err != nil {
		t.Error(err)
	}
}

func TestWhateverComesByASocketIsTakenInStride(t *testing.T) {
	w := start(t, setting{engine: echo})
	w.ws.SendEnvelope("something_new", map[string]any{"x": 1})
	w.ws.SendEnvelope("events_api", "no object at all")
	w.ws.SendEnvelope("events_api", map[string]any{"team_id": 5, "event": map[string]any{"type": "message", "channel": map[string]any{}}})
	w.ws.SendEnvelope("interactive", []int{1, 2})
	w.ws.Emit(map[string]any{"type": "channel_created", "channel": map[string]any{"id": "C1"}})
	for _, frame := range []string{"{", "null", "[]", `"x"`, `{"type":5}`, `{"type":"events_api"}`, `{"envelope_id":"e1","type":"events_api","payload":null}`} {
		w.ws.Sockets()[0].Send(frame)
	}
	w.ws.Sockets()[0].Reset()
	w.ws.DisableSocketMode(true)
	w.ws.DisableSocketMode(false)
	w.alice.Say(w.general, "still there?")
	w.settle()
	if n := len(w.general.Posts()); n != 1 {
		t.Errorf("%d answers", n)
	}
	if u := w.ws.Unacked(); len(u) != 0 {
		t.Errorf("not acknowledged: %+v", u)
	}
	w.clean()
}

func TestAPanickingIntakeIsContainedAndItsEventComesAgain(t *testing.T) {
	var panicked atomic.Bool
	w := start(t, setting{engine: echo, sim: slacksim.Options{AckTimeout: 200 * time.Millisecond}, bot: Options{Reached: func(point string) {
		if point == "received" && panicked.CompareAndSwap(false, true) {
			panic("CANARY")
		}
	}}})
	w.alice.Say(w.general, "a question")
	w.settle()
	if n := len(w.general.Posts()); n != 1 || !panicked.Load() {
		t.Errorf("%d answers", n)
	}
	if got := w.log.String(); strings.Contains(got, "CANARY") {
		t.Error(got)
	}
}

func TestAWrongTokenIsSaidAtOnce(t *testing.T) {
	w := start(t, setting{engine: echo})
	w.close()
	w.ws.FailToken(w.ws.AppToken(), "invalid_auth")
	l, err := ledger.Open(t.Context(), w.url, quickly())
	w.must(err)
	defer l.Close()
	b, err := New(t.Context(), fixed{echo}, l, Options{BotToken: w.ws.BotToken(), AppToken: w.ws.AppToken(), APIURL: w.ws.APIURL()})
	w.must(err)
	var e *Error
	if err := b.Receive(t.Context()); !errors.As(err, &e) || e.Hint() == "" {
		t.Errorf("Receive: %v", err)
	}
	w.ws.FailToken(w.ws.BotToken(), "token_revoked")
	if _, err := New(t.Context(), fixed{echo}, l, Options{BotToken: w.ws.BotToken(), APIURL: w.ws.APIURL()}); !errors.As(err, &e) || e.Hint() == "" {
		t.Errorf("New: %v", err)
	}
}

// BenchmarkAcknowledgement is a hundred events a second while all workers are
// busy: how long an event waits for its acknowledgement, as Slack sees it. Run
// it with -benchtime 6000x for a minute.
func BenchmarkAcknowledgement(b *testing.B) {
	block := make(chan struct{})
	w := start(b, setting{
		workers: 16, ledger: ledger.Options{Heartbeat: 2 * time.Second}, sim: slacksim.Options{Events: []string{"message.channels"}},
		engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
			select {
			case <-block:
			case <-ctx.Done():
			}
			return bot.Answer{}, context.Canceled
		}},
	})
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for i := 0; b.Loop(); i++ {
		<-ticker.C
		w.alice.Say(w.general, fmt.Sprint("question ", i))
	}
	w.until("the acknowledgements", w.ws.Idle)
	took := w.ws.AckLatencies()
	slices.Sort(took)
	for name, share := range map[string]float64{"p50": .5, "p90": .9, "p99": .99, "p99.9": .999, "max": 1} {
		b.ReportMetric(took[int(float64(len(took)-1)*share)].Seconds()*1000, "ack-"+name+"-ms")
	}
	b.ReportMetric(float64(len(w.ws.Unacked())), "unacknowledged")
}

// BenchmarkHeard is from a question's posting to the status that shows that it
// was heard, and to its answer, at ten questions a second.
func BenchmarkHeard(b *testing.B) {
	w := start(b, setting{workers: 16, ledger: ledger.Options{Heartbeat: 2 * time.Second}})
	var heard, answered []time.Duration
	since := func(asked time.Time, took *[]time.Duration, done func() bool) {
		if err := w.ws.Wait(w.ctx, done); err != nil {
			b.Fatal(err)
		}
		*took = append(*took, time.Since(asked))
	}
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for b.Loop() {
		<-ticker.C
		asked := time.Now()
		statuses, posts := len(w.ws.Calls("assistant.threads.setStatus")), len(w.general.Posts())
		w.alice.Say(w.general, askHowMany)
		since(asked, &heard, func() bool { return len(w.ws.Calls("assistant.threads.setStatus")) > statuses })
		since(asked, &answered, func() bool { return len(w.general.Posts()) > posts })
	}
	for name, took := range map[string][]time.Duration{"heard": heard, "answered": answered} {
		slices.Sort(took)
		b.ReportMetric(took[len(took)/2].Seconds()*1000, name+"-p50-ms")
		b.ReportMetric(took[(len(took)-1)*99/100].Seconds()*1000, name+"-p99-ms")
	}
}
