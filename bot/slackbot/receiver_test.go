package slackbot

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"footnote/bot/slackbot/slacksim"
)

const (
	eventBody = `{"type":"event_callback","event_id":"Ev1","event":{"type":"app_mention","text":"who won?"}}`
	jsonBody  = "application/json"
	formBody  = "application/x-www-form-urlencoded"
)

// A taker is where a receiver's envelopes go. It answers with reply, fails the
// first fail times, and counts refusals.
type taker struct {
	handler http.Handler
	reply   string
	fail    int

	mu      sync.Mutex
	got     []envelope
	refused map[string]int
}

func newTaker(t testing.TB, now func() time.Time) *taker {
	k := &taker{refused: map[string]int{}}
	k.handler = newReceiver(receiverOptions{verifier: newTestVerifier(t, now), take: k.take, refused: func(reason string) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.refused[reason]++
	}})
	return k
}

func (k *taker) take(_ context.Context, e envelope) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.got = append(k.got, e)
	if k.fail > 0 {
		k.fail--
		return nil, errors.New("the disk is full")
	}
	return []byte(k.reply), nil
}

func (k *taker) taken() []envelope {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]envelope{}, k.got...)
}

func post(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// signedRequest is one of Slack's at signingEpoch.
func signedRequest(kind, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/slack", strings.NewReader(body))
	r.Header = signedHeader(signingEpoch, body)
	r.Header.Set("Content-Type", kind)
	return r
}

func atEpoch() time.Time { return signingEpoch }

// workspaceAt is a workspace whose clock the receiver shares.
func workspaceAt(t *testing.T, clock slacksim.Clock) *slacksim.Workspace {
	return slacksim.New(t, slacksim.Options{Clock: clock, SigningSecret: signingSecret})
}

func TestForgeriesAreRefusedWithoutAWord(t *testing.T) {
	reasons := map[slacksim.Forgery]error{
		slacksim.NoSignature: errNoSignature, slacksim.NoTimestamp: errNoSignature,
		slacksim.StaleTimestamp: errStale, slacksim.FutureTimestamp: errStale, slacksim.Oversized: errTooLarge,
	}
	clock := slacksim.NewManualClock(signingEpoch)
	ws := workspaceAt(t, clock)
	for _, f := range slacksim.Forgeries() {
		t.Run(string(f), func(t *testing.T) {
			k := newTaker(t, clock.Now)
			r, err := ws.Forge(t.Context(), f, "http://app.test/", jsonBody, []byte(eventBody))
			if err != nil {
				t.Fatal(err)
			}
			status, reason := http.StatusUnauthorized, errBadSignature
			if f == slacksim.Oversized {
				status = http.StatusRequestEntityTooLarge
			}
			if want, ok := reasons[f]; ok {
				reason = want
			}
			if w := post(k.handler, r); w.Code != status || w.Body.Len() != 0 {
				t.Errorf("answered %d %q", w.Code, w.Body)
			}
			if len(k.taken()) != 0 || len(k.refused) != 1 || k.refused[reason.Error()] != 1 {
				t.Errorf("taken %d, refused %v, want %v", len(k.taken()), k.refused, reason)
			}
		})
	}
}

func TestReplaysAreRefusedAndRedeliveriesAreNot(t *testing.T) {
	clock := slacksim.NewManualClock(signingEpoch)
	ws := workspaceAt(t, clock)
	k := newTaker(t, clock.Now)
	k.fail = 1
	r, err := ws.SignedRequest(t.Context(), "http://app.test/", jsonBody, []byte(eventBody))
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []int{500, 200, 401, 401} {
		again, err := slacksim.Replay(r)
		if err != nil {
			t.Fatal(err)
		}
		if w := post(k.handler, again); w.Code != want {
			t.Errorf("use %d was answered %d, want %d", n+1, w.Code, want)
		}
	}
	if len(k.taken()) != 2 || k.refused["replay"] != 2 {
		t.Errorf("taken %d, refused %v", len(k.taken()), k.refused)
	}
}

func TestACopyOfARequestInWorkIsRefused(t *testing.T) {
	started, finish := make(chan struct{}), make(chan struct{})
	h := newReceiver(receiverOptions{verifier: newTestVerifier(t, atEpoch), take: func(context.Context, envelope) ([]byte, error) {
		close(started)
		<-finish
		return nil, nil
	}})
	first := make(chan int, 1)
	go func() { first <- post(h, signedRequest(jsonBody, eventBody)).Code }()
	<-started
	if w := post(h, signedRequest(jsonBody, eventBody)); w.Code != http.StatusUnauthorized {
		t.Errorf("the copy was answered %d", w.Code)
	}
	close(finish)
	if code := <-first; code != http.StatusOK {
		t.Errorf("the first was answered %d", code)
	}
}

func TestSignedRequestsAreAnswered(t *testing.T) {
	cases := []struct {
		name, kind, body string
		kindTaken        string // empty: nothing is taken
		payload, answer  string
	}{
		{"an event", jsonBody, eventBody, kindEvents, eventBody, "{}"},
		{"an event with a charset", jsonBody + "; charset=utf-8", eventBody, kindEvents, eventBody, "{}"},
		{"an interaction", formBody, "payload=%7B%22type%22%3A%22shortcut%22%7D", kindInteractive, `{"type":"shortcut"}`, "{}"},
		{"a command", formBody, "command=%2Fask&text=a+%26+b", kindCommand, `{"command":"/ask","text":"a \u0026 b"}`, "{}"},
		{"a command without text", formBody, "command=%2Fask&text=", kindCommand, `{"command":"/ask","text":""}`, "{}"},
		{"a challenge", jsonBody, `{"type":"url_verification","challenge":"3eZbrw1a"}`, "", "", "3eZbrw1a"},
		{"an empty challenge", jsonBody, `{"type":"url_verification"}`, "", "", ""},
		{"a challenge with a line break", jsonBody, `{"type":"url_verification","challenge":"a\nb"}`, "", "", ""},
		{"a challenge beyond ASCII", jsonBody, `{"type":"url_verification","challenge":"é"}`, "", "", ""},
		{"a long challenge", jsonBody, `{"type":"url_verification","challenge":"` + strings.Repeat("x", maxChallenge+1) + `"}`, "", "", ""},
		{"a notice of limits", jsonBody, `{"type":"app_rate_limited","team_id":"T1"}`, "", "", ""},
		{"an unknown type", jsonBody, `{"type":"news"}`, "", "", ""},
		{"no type", jsonBody, `{}`, "", "", ""},
		{"a type that is no string", jsonBody, `{"type":1}`, "", "", ""},
		{"no object", jsonBody, `null`, "", "", ""},
		{"malformed JSON", jsonBody, `{"type":"event_callback"`, "", "", ""},
		{"deep JSON", jsonBody, strings.Repeat("[", 100_000), "", "", ""},
		{"no body", jsonBody, "", "", "", ""},
		{"an unknown form", formBody, "ssl_check=1", "", "", ""},
		{"an empty form", formBody, "", "", "", ""},
		{"a malformed form", formBody, "payload=%zz", "", "", ""},
		{"a form with a semicolon", formBody, "command=a;text=b", "", "", ""},
		{"an empty payload", formBody, "payload=", "", "", ""},
		{"a payload that is no object", formBody, "payload=%5B%5D", "", "", ""},
		{"a malformed payload", formBody, "payload=%7B", "", "", ""},
		{"another type of content", "text/plain", eventBody, "", "", ""},
		{"no type of content", "", eventBody, "", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			k := newTaker(t, atEpoch)
			k.reply = "{}"
			w := post(k.handler, signedRequest(c.kind, c.body))
			if w.Code != http.StatusOK || w.Body.String() != c.answer {
				t.Errorf("answered %d %q", w.Code, w.Body)
			}
			var kind, payload string
			for _, e := range k.taken() {
				kind, payload = e.kind, string(e.payload)
			}
			if kind != c.kindTaken || payload != c.payload {
				t.Errorf("took %q %s", kind, payload)
			}
		})
	}
}

func TestAnswersNameTheirType(t *testing.T) {
	k := newTaker(t, atEpoch)
	k.reply = `{"text":"looking"}`
	for body, want := range map[string]string{
		eventBody: "application/json",
		`{"type":"url_verification","challenge":"x"}`: "text/plain; charset=utf-8",
		`{"type":"app_rate_limited"}`:                 "",
	} {
		if got := post(k.handler, signedRequest(jsonBody, body)).Header().Get("Content-Type"); got != want {
			t.Errorf("%s: %q", body, got)
		}
	}
}

func TestTheNumberOfARetryIsRead(t *testing.T) {
	for value, want := range map[string]int{"": 0, "1": 1, "3": 3, "-1": 0, "x": 0, "99999999999999999999": 0} {
		k := newTaker(t, atEpoch)
		r := signedRequest(jsonBody, eventBody)
		r.Header.Set(retryHeader, value)
		if post(k.handler, r); len(k.taken()) != 1 || k.taken()[0].retry != want {
			t.Errorf("%q: %+v", value, k.taken())
		}
	}
}

func TestOnlyPostIsAllowed(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post", "PATCH", "TRACE"} {
		k := newTaker(t, atEpoch)
		r := signedRequest(jsonBody, eventBody)
		r.Method = method
		w := post(k.handler, r)
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" || len(k.taken()) != 0 || k.refused["method"] != 1 {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
	}
}

// An endless body counts what is read of it.
type endless struct{ read int }

func (b *endless) Read(p []byte) (int, error) {
	b.read += len(p)
	return copy(p, bytes.Repeat([]byte(" "), len(p))), nil
}

func TestALargeBodyIsRefusedWithoutReadingItAll(t *testing.T) {
	for _, c := range []struct {
		name     string
		length   int64
		readMost int
	}{
		{"announced", maxRequest + 1, 0},
		{"not announced", -1, maxRequest + 64<<10},
		{"announced as small", 10, maxRequest + 64<<10},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newTaker(t, atEpoch)
			body := &endless{}
			r := httptest.NewRequest(http.MethodPost, "/", body)
			r.ContentLength = c.length
			if w := post(k.handler, r); w.Code != http.StatusRequestEntityTooLarge || w.Body.Len() != 0 {
				t.Errorf("answered %d", w.Code)
			}
			if body.read > c.readMost {
				t.Errorf("%d bytes were read", body.read)
			}
		})
	}
}

func TestTheLargestBodyIsTaken(t *testing.T) {
	k := newTaker(t, atEpoch)
	body := eventBody + strings.Repeat(" ", maxRequest-len(eventBody))
	if w := post(k.handler, signedRequest(jsonBody, body)); w.Code != http.StatusOK || len(k.taken()) != 1 {
		t.Errorf("answered %d", w.Code)
	}
}

func TestABrokenBodyIsRefused(t *testing.T) {
	k := newTaker(t, atEpoch)
	r := signedRequest(jsonBody, eventBody)
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(eventBody), brokenReader{}))
	if w := post(k.handler, r); w.Code != http.StatusBadRequest || len(k.taken()) != 0 || k.refused["body not read"] != 1 {
		t.Errorf("answered %d, refused %v", w.Code, k.refused)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAPanicIsContainedAndTheEnvelopeWantedAgain(t *testing.T) {
	for name, value := range map[string]any{"string": "who won?", "error": errors.New("who won?"), "abort": http.ErrAbortHandler} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			panics := true
			h := newReceiver(receiverOptions{
				verifier: newTestVerifier(t, atEpoch), log: slog.New(slog.NewTextHandler(&log, nil)),
				take: func(context.Context, envelope) ([]byte, error) {
					if panics {
						panic(value)
					}
					return nil, nil
				},
			})
			if w := post(h, signedRequest(jsonBody, eventBody)); w.Code != http.StatusInternalServerError || w.Body.Len() != 0 {
				t.Errorf("answered %d", w.Code)
			}
			if s := log.String(); !strings.Contains(s, fmt.Sprintf("%T", value)) || !strings.Contains(s, "receiver_test.go") || strings.Contains(s, "who won?") {
				t.Errorf("log: %s", s)
			}
			panics = false
			if w := post(h, signedRequest(jsonBody, eventBody)); w.Code != http.StatusOK {
				t.Errorf("the redelivery was answered %d", w.Code)
			}
		})
	}
}

// serveTaker serves k on l as it is served in earnest, and makes it ws's
// request URL.
func serveTaker(t *testing.T, ws *slacksim.Workspace, k *taker, l net.Listener) {
	t.Helper()
	server := newServer(k.handler, slog.New(slog.DiscardHandler))
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		ws.Close()
		server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	if err := ws.UseHTTP(t.Context(), "http://"+l.Addr().String()+"/slack"); err != nil {
		t.Fatal(err)
	}
}

func TestSlackDeliversOverLoopback(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ws := slacksim.New(t, slacksim.Options{SigningSecret: signingSecret})
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	k := newTaker(t, time.Now)
	k.reply = `{"text":"looking"}`
	serveTaker(t, ws, k, l)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()

	message := alice.Say(general, "who won, "+ws.Bot.Mention()+"?")
	for name, i := range map[string]*slacksim.Interaction{
		"command":  alice.Command(general, "/ask", "a & b = ü"),
		"shortcut": alice.Shortcut("ask"),
		"message":  alice.MessageShortcut(message, "ask"),
	} {
		if reply, err := i.Wait(ctx); err != nil || string(reply) != k.reply {
			t.Errorf("%s: %s, %v", name, reply, err)
		}
	}
	if err := ws.Wait(ctx, ws.Idle); err != nil {
		t.Fatal(err)
	}
	sameDeliveries(t, ws.Deliveries(), k.taken())
	if e := general.Ephemerals(); len(e) != 1 || e[0].Text != "looking" {
		t.Errorf("ephemerals = %+v", e)
	}
}

// sameDeliveries checks that what was sent was acknowledged at once, and taken
// once as it would have come by Socket Mode.
func sameDeliveries(t *testing.T, sent []slacksim.Delivery, got []envelope) {
	t.Helper()
	taken := map[string]int{}
	for _, e := range got {
		taken[e.kind+canonical(t, e.payload)]++
	}
	kinds := map[string]int{}
	for _, d := range sent {
		kinds[d.Kind]++
		if !d.Acked || len(d.Attempts) != 1 {
			t.Errorf("%s after %d attempts: acknowledged %v", d.Kind, len(d.Attempts), d.Acked)
		}
		if n := taken[d.Kind+canonical(t, d.Payload)]; n != 1 {
			t.Errorf("taken %d times: %s", n, d.Payload)
		}
	}
	if len(got) != len(sent) || kinds[kindEvents] < 2 || kinds[kindInteractive] != 2 || kinds[kindCommand] != 1 {
		t.Errorf("%d sent, %d taken: %v", len(sent), len(got), kinds)
	}
}

func canonical(t *testing.T, payload json.RawMessage) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(payload, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWhatFailedIsTakenWhenSlackSendsItAgain(t *testing.T) {
	for fail, after := range []time.Duration{0, 0, time.Minute, 6 * time.Minute} {
		t.Run(fmt.Sprint(fail), func(t *testing.T) { synctest.Test(t, func(t *testing.T) { takeAfter(t, fail, after) }) })
	}
}

func takeAfter(t *testing.T, fail int, after time.Duration) {
	l := slacksim.NewListener()
	ws := slacksim.New(t, slacksim.Options{
		InMemory: true, HTTPClient: l.Client(), SigningSecret: signingSecret, Events: []string{"message.channels"},
	})
	k := newTaker(t, time.Now)
	k.fail = fail
	serveTaker(t, ws, k, l)
	began := time.Now()
	ws.AddUser(slacksim.UserSpec{Name: "alice"}).Post(ws.Channel("general"), "who won?")
	if err := ws.Wait(t.Context(), ws.Idle); err != nil {
		t.Fatal(err)
	}
	got := k.taken()
	if len(got) != fail+1 || got[fail].retry != fail || len(ws.Unacked()) != 0 || time.Since(began) != after {
		t.Errorf("taken %d times, the last %v later: %+v", len(got), time.Since(began), ws.Deliveries()[0].Attempts)
	}
	for _, a := range ws.Deliveries()[0].Attempts[:fail] {
		if a.Outcome != slacksim.OutcomeHTTPError {
			t.Errorf("attempt = %+v", a)
		}
	}
	if len(k.refused) != 0 {
		t.Errorf("refused %v", k.refused)
	}
}

// openReceiver serves k in memory and returns a connection to it.
func openReceiver(t *testing.T, h http.Handler) net.Conn {
	t.Helper()
	l := slacksim.NewListener()
	server := newServer(h, slog.New(slog.DiscardHandler))
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close(); <-done })
	conn, err := l.Dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestSlowClientsAreCutOff(t *testing.T) {
	const started = "POST / HTTP/1.1\r\nHost: app.test\r\n"
	for _, c := range []struct {
		name, sent string
		after      time.Duration
	}{
		{"before the request", "", 5 * time.Second},
		{"in the header", started, 5 * time.Second},
		{"in the body", started + "Content-Length: 9\r\n\r\n{", readWithin},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newTaker(t, time.Now)
				conn := openReceiver(t, k.handler)
				began := time.Now()
				if _, err := io.WriteString(conn, c.sent); err != nil {
					t.Fatal(err)
				}
				answer, _ := io.ReadAll(conn)
				if took := time.Since(began); took < c.after || took > c.after+time.Second {
					t.Errorf("cut off after %v: %s", took, answer)
				}
				if len(k.taken()) != 0 {
					t.Error("taken")
				}
			})
		})
	}
}

func TestTheDeadlineForTheBodyDoesNotCancelTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := time.Now()
		conn := openReceiver(t, newReceiver(receiverOptions{
			verifier: newTestVerifier(t, time.Now),
			take: func(ctx context.Context, _ envelope) ([]byte, error) {
				time.Sleep(readWithin + 2*time.Second)
				return nil, ctx.Err()
			},
		}))
		fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nContent-Type: %s\r\n%s: %d\r\n%s: %s\r\nContent-Length: %d\r\n\r\n%s",
			jsonBody, timestampHeader, at.Unix(), signatureHeader, slacksim.Sign(signingSecret, at, []byte(eventBody)), len(eventBody), eventBody)
		if answer, err := io.ReadAll(conn); err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 200 ")) {
			t.Errorf("%s, %v", answer, err)
		}
	})
}

func TestTheServersOwnTroubleIsLogged(t *testing.T) {
	var log bytes.Buffer
	newServer(http.NotFoundHandler(), slog.New(slog.NewTextHandler(&log, nil))).ErrorLog.Print("accept: too many open files")
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "too many open files") {
		t.Errorf("log: %s", &log)
	}
}

func TestNeitherLogsNorAnswersHoldTheSecret(t *testing.T) {
	var log bytes.Buffer
	const canary = "canary question"
	h := newReceiver(receiverOptions{
		verifier: newTestVerifier(t, atEpoch),
		log:      slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true})),
		take: func(_ context.Context, e envelope) ([]byte, error) {
			if e.kind == kindEvents {
				panic(string(e.payload))
			}
			return nil, errors.New("the disk is full")
		},
	})
	ws := workspaceAt(t, slacksim.NewManualClock(signingEpoch))
	requests := []*http.Request{httptest.NewRequest(http.MethodGet, "/", nil)}
	for _, body := range []string{`{"type":"event_callback","text":"` + canary + `"}`, `{"type":"` + canary + `"}`, `{"` + canary} {
		requests = append(requests, signedRequest(jsonBody, body))
		for _, f := range slacksim.Forgeries() {
			r, err := ws.Forge(t.Context(), f, "http://app.test/", jsonBody, []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			requests = append(requests, r)
		}
	}
	form := url.Values{"command": {"/ask"}, "text": {canary}}.Encode()
	requests = append(requests, signedRequest(formBody, form), signedRequest("text/plain", canary), signedRequest(formBody, "payload="+canary))
	said := &log
	for _, r := range requests {
		w := post(h, r)
		fmt.Fprintln(said, w.Code, w.Header(), w.Body)
	}
	for _, r := range requests {
		signed := strings.TrimPrefix(r.Header.Get(signatureHeader), "v0=")
		if signed != "" && strings.Contains(said.String(), signed) {
			t.Error("a signature was told")
		}
	}
	for _, secret := range []string{signingSecret, hex.EncodeToString([]byte(signingSecret)), canary, "canary"} {
		if strings.Contains(said.String(), secret) {
			t.Errorf("%q was told: %s", secret, said)
		}
	}
	if n := strings.Count(said.String(), "\n"); n < 2*len(requests) {
		t.Errorf("%d lines for %d requests", n, len(requests))
	}
}
