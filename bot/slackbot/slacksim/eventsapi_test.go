package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// A receiver is an app's request URL. It answers the challenge, and everything
// else with handle.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	got  []http.Header
	body []string
}

func receive(t *testing.T, ws *Workspace, handle http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		if strings.Contains(string(body), "url_verification") {
			var v struct{ Challenge string }
			_ = json.Unmarshal(body, &v)
			_, _ = io.WriteString(w, v.Challenge)
			return
		}
		verifier, err := slack.NewSecretsVerifier(q.Header, ws.SigningSecret())
		if err == nil {
			_, _ = verifier.Write(body)
			err = verifier.Ensure()
		}
		if err != nil && !errors.Is(err, slack.ErrExpiredTimestamp) { // a manual clock is off
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		r.mu.Lock()
		r.got, r.body = append(r.got, q.Header.Clone()), append(r.body, string(body))
		r.mu.Unlock()
		handle(w, q)
	}))
	t.Cleanup(func() { ws.Close(); r.Close() })
	if err := ws.UseHTTP(testContext(t), r.URL); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *receiver) requests() ([]http.Header, []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]http.Header{}, r.got...), append([]string{}, r.body...)
}

func answering(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func TestSignedEventsArriveOverHTTP(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	r := receive(t, ws, answering(http.StatusOK))
	alice.Say(general, "who won?")
	waitFor(t, ws, ws.Idle)
	headers, bodies := r.requests()
	if len(headers) != 2 || len(ws.Unacked()) != 0 {
		t.Fatalf("%d requests, unacked %+v", len(headers), ws.Unacked())
	}
	var outer struct {
		Type, Team_ID, Event_ID string
		Event                   map[string]any
	}
	if err := json.Unmarshal([]byte(bodies[0]), &outer); err != nil || outer.Type != "event_callback" || outer.Team_ID != ws.Team.ID || outer.Event_ID == "" {
		t.Errorf("body = %s, %v", bodies[0], err)
	}
	if headers[0].Get("X-Slack-Retry-Num") != "" {
		t.Errorf("headers = %v", headers[0])
	}
}

func TestARequestURLMustAnswerTheChallenge(t *testing.T) {
	ws, _, _ := sim(t, Options{})
	for name, answer := range map[string]string{"nothing": "", "something else": `{"challenge":"x"}`} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
		if err := ws.UseHTTP(t.Context(), s.URL); err == nil {
			t.Errorf("%s was accepted", name)
		}
		s.Close()
	}
	if err := ws.UseHTTP(t.Context(), "http://127.0.0.1:1"); err == nil {
		t.Error("a dead address was accepted")
	}
}

func TestTheScheduleOfRetriesOverHTTP(t *testing.T) {
	cases := []struct {
		name, reason string
		handle       http.HandlerFunc
		attempts     int
	}{
		{"errors", "http_error", answering(http.StatusInternalServerError), 4},
		{"no retry wanted", "", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Slack-No-Retry", "1")
			w.WriteHeader(http.StatusBadRequest)
		}, 1},
		{"redirects without end", "too_many_redirects", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
		}, 4},
		{"broken connections", "connection_failed", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 4},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			clock := NewManualClock(epoch)
			ws, alice, general := sim(t, Options{Clock: clock, Events: []string{"message.channels"}})
			r := receive(t, ws, c.handle)
			alice.Post(general, "x")
			for n, wait := range []time.Duration{0, 0, time.Minute, 5 * time.Minute}[:c.attempts] {
				if wait > 0 {
					clock.BlockUntil(1)
					clock.Advance(wait)
				}
				waitFor(t, ws, func() bool {
					d := ws.Deliveries()[0]
					return len(d.Attempts) > n && d.Attempts[n].Outcome != OutcomePending
				})
			}
			waitFor(t, ws, ws.Idle)
			d := ws.Deliveries()[0]
			if len(d.Attempts) != c.attempts || d.Acked {
				t.Fatalf("delivery = %+v", d)
			}
			times := []time.Duration{0, 0, time.Minute, 6 * time.Minute}
			for n, a := range d.Attempts {
				if got := a.Sent.Sub(epoch); got != times[n] {
					t.Errorf("attempt %d after %v, want %v", n, got, times[n])
				}
			}
			headers, _ := r.requests()
			last := headers[len(headers)-1]
			if c.attempts > 1 && (last.Get("X-Slack-Retry-Num") != "3" || last.Get("X-Slack-Retry-Reason") != c.reason) {
				t.Errorf("headers = %v", last)
			}
		})
	}
}

func TestASlowAppIsRetriedAtOnce(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, alice, general := sim(t, Options{Clock: clock, Events: []string{"message.channels"}})
	release := make(chan struct{})
	var once sync.Once
	first := make(chan struct{})
	r := receive(t, ws, func(_ http.ResponseWriter, q *http.Request) {
		if q.Header.Get("X-Slack-Retry-Num") == "" {
			once.Do(func() { close(first) })
			<-release
		}
	})
	t.Cleanup(func() { close(release) })
	alice.Post(general, "x")
	<-first
	clock.Advance(3 * time.Second)
	waitFor(t, ws, ws.Idle)
	headers, _ := r.requests()
	if len(headers) != 2 || headers[1].Get("X-Slack-Retry-Reason") != "http_timeout" || !ws.Deliveries()[0].Acked {
		t.Errorf("headers = %v", headers)
	}
}

func TestDelayedEventsGoOnForADay(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, alice, general := sim(t, Options{Clock: clock, Events: []string{"message.channels"}, DelayedEvents: true})
	receive(t, ws, answering(http.StatusServiceUnavailable))
	alice.Post(general, "x")
	for n := 2; n <= 28; n++ { // the first retry is immediate
		eventually(t, func() bool {
			a := ws.Deliveries()[0].Attempts
			return len(a) >= n && a[len(a)-1].Outcome != OutcomePending && (ws.Idle() || clock.Pending() == 1)
		})
		clock.Advance(time.Hour)
	}
	d := ws.Deliveries()[0]
	if n := len(d.Attempts); n != 28 {
		t.Errorf("%d attempts", n)
	}
	if last := d.Attempts[len(d.Attempts)-1].Sent.Sub(epoch); last < 24*time.Hour {
		t.Errorf("the last after %v", last)
	}
}

func TestInteractionsOverHTTPAreForms(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	errs := make(chan error, 1)
	cmds := make(chan slack.SlashCommand, 1)
	r := receive(t, ws, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "looking") })
	if _, err := alice.Command(general, "/ask", "a & b").Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := alice.Shortcut("x").Wait(testContext(t)); err != nil {
		t.Fatal(err)
	}
	_, bodies := r.requests()
	for i, b := range bodies {
		q := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(b))
		q.Header.Set("Content-Type", formCT)
		if i == 0 {
			cmd, err := slack.SlashCommandParse(q)
			cmds <- cmd
			errs <- err
			continue
		}
		if c, err := slack.InteractionCallbackParse(q); err != nil || c.CallbackID != "x" {
			t.Errorf("callback %+v, %v", c, err)
		}
	}
	if cmd, err := <-cmds, <-errs; err != nil || cmd.Text != "a & b" || cmd.ChannelID != general.ID {
		t.Errorf("command %+v, %v", cmd, err)
	}
	if e := general.Ephemerals(); len(e) != 1 || e[0].Text != "looking" {
		t.Errorf("ephemerals = %+v", e)
	}
}

func TestDeliveriesOverHTTPAreDelayedCopiedAndDropped(t *testing.T) {
	clock := NewManualClock(epoch)
	ws, alice, general := sim(t, Options{Clock: clock, Events: []string{"message.channels"}, OnFrame: func(f Frame) FrameAction {
		return map[int]FrameAction{1: {Copies: 2}, 2: {Drop: true}, 4: {Delay: time.Second}}[f.Number]
	}})
	r := receive(t, ws, answering(http.StatusOK))
	count := func() int { h, _ := r.requests(); return len(h) }
	settle := func(n int) {
		t.Helper()
		eventually(t, func() bool { return ws.Idle() && count() == n && clock.Pending() == 0 })
	}
	alice.Post(general, "thrice")
	settle(3)
	alice.Post(general, "lost, then redelivered")
	clock.BlockUntil(1)
	clock.Advance(3 * time.Second)
	settle(4)
	alice.Post(general, "late")
	clock.BlockUntil(1)
	if count() != 4 {
		t.Error("a delayed delivery arrived at once")
	}
	clock.Advance(time.Second)
	settle(5)
}

func TestForgeriesAreForged(t *testing.T) {
	ws, _, _ := sim(t, Options{})
	body := []byte(`{"type":"event_callback"}`)
	accepted := func(r *http.Request) bool {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		v, err := slack.NewSecretsVerifier(r.Header, ws.SigningSecret())
		if err != nil {
			return false
		}
		_, _ = v.Write(b)
		return v.Ensure() == nil
	}
	good, err := ws.SignedRequest(t.Context(), "http://a.test/", jsonType, body)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Replay(good)
	if err != nil || !accepted(good) || !accepted(again) {
		t.Errorf("a good request and its replay carry good signatures: %v", err)
	}
	for _, f := range Forgeries() {
		r, err := ws.Forge(t.Context(), f, "http://a.test/", jsonType, body)
		if err != nil {
			t.Fatal(err)
		}
		if got := accepted(r); got != (f == Oversized) { // which is signed well
			t.Errorf("%s: accepted %v", f, got)
		}
		if f == Oversized && r.ContentLength < 10<<20 {
			t.Errorf("%d bytes", r.ContentLength)
		}
	}
	if _, err := ws.Forge(t.Context(), "nonsense", "http://a.test/", jsonType, body); err == nil {
		t.Error("an unknown forgery was made")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		r, f, err := ws.ForgeAny(t.Context(), rng, "http://a.test/", jsonType, body)
		if err != nil || accepted(r) {
			t.Fatalf("%s: accepted, %v", f, err)
		}
	}
	if _, err := Replay(&http.Request{}); err == nil {
		t.Error("a request without body was replayed")
	}
}

func TestASecondRetryInOneSecondCarriesTheSameSignature(t *testing.T) {
	ws, alice, general := sim(t, Options{Clock: NewManualClock(epoch), Events: []string{"message.channels"}, Retries: []time.Duration{0}})
	r := receive(t, ws, answering(http.StatusInternalServerError))
	alice.Post(general, "x")
	waitFor(t, ws, ws.Idle)
	h, _ := r.requests()
	if len(h) != 2 || h[0].Get("X-Slack-Signature") != h[1].Get("X-Slack-Signature") || h[1].Get("X-Slack-Retry-Num") != "1" {
		t.Errorf("headers = %v", h)
	}
}

func TestCloseAbandonsADelivery(t *testing.T) {
	ws, alice, general := sim(t, Options{Events: []string{"message.channels"}})
	started := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	receive(t, ws, func(http.ResponseWriter, *http.Request) { close(started); <-ctx.Done() })
	t.Cleanup(cancel)
	alice.Post(general, "x")
	<-started
	ws.Close()
	if d := ws.Deliveries()[0]; d.Attempts[0].Outcome != OutcomeClosed {
		t.Errorf("delivery = %+v", d)
	}
}
