package slackbot

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"footnote/bot/slackbot/slacksim"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

var forged = flag.Int("forged", 20_000, "how many requests TestForgedRequestsAreRefused forges")

// TestForgedRequestsAreRefused sends forged requests, and among them genuine
// ones, which must not suffer. Run it with -forged 1000000.
func TestForgedRequestsAreRefused(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("%d forged requests, seed %d", *forged, seed)
	clock := slacksim.NewManualClock(signingEpoch)
	f := &forger{
		t: t, rng: rand.New(rand.NewPCG(seed, 1)), clock: clock,
		ws: workspaceAt(t, clock), k: newTaker(t, clock.Now), by: map[string]int{},
	}
	for n := range *forged {
		if n%50 == 0 {
			f.genuine()
		}
		f.forge()
		if n%200 == 0 {
			clock.Advance(time.Second)
		}
	}
	t.Logf("%d genuine accepted; forged: %v; refused: %v", f.accepted, f.by, f.k.refused)
	v := f.k.handler.(*receiver).verifier
	if n := v.remembered(); n > 2*generationSpan*4 { // four genuine ones a second
		t.Errorf("%d signatures are remembered", n)
	}
}

// A forger makes requests and checks their answers.
type forger struct {
	t        *testing.T
	rng      *rand.Rand
	clock    *slacksim.ManualClock
	ws       *slacksim.Workspace
	k        *taker
	by       map[string]int
	accepted int
	last     *http.Request // genuine and accepted
}

func (f *forger) body() []byte {
	return fmt.Appendf(nil, `{"type":"event_callback","event_id":"Ev%d","event":{"text":"%d"}}`, f.accepted, f.rng.Uint64())
}

func (f *forger) genuine() {
	r, err := f.ws.SignedRequest(f.t.Context(), "http://app.test/", jsonBody, f.body())
	if err != nil {
		f.t.Fatal(err)
	}
	f.last = r
	if w := post(f.k.handler, r); w.Code != http.StatusOK || len(f.k.got) != 1 {
		f.t.Fatalf("a genuine request was answered %d, taken %d times", w.Code, len(f.k.got))
	}
	f.accepted++
	f.k.got = nil
}

func (f *forger) forge() {
	r, name := f.forgery()
	f.by[name]++
	if w := post(f.k.handler, r); w.Code != http.StatusUnauthorized || w.Body.Len() != 0 || len(f.k.got) != 0 {
		f.t.Fatalf("%s was answered %d %q, taken %d times: %v", name, w.Code, w.Body, len(f.k.got), r.Header)
	}
}

// forgery is one of the simulator's, or a genuine request once more, whole or
// with a changed body.
func (f *forger) forgery() (*http.Request, string) {
	if f.rng.IntN(3) > 0 {
		r, name, err := f.ws.ForgeAny(f.t.Context(), f.rng, "http://app.test/", jsonBody, f.body())
		if err != nil {
			f.t.Fatal(err)
		}
		return r, string(name)
	}
	r, err := slacksim.Replay(f.last)
	if err != nil {
		f.t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	at, name := f.rng.IntN(len(body)), "replay"
	switch f.rng.IntN(4) {
	case 0:
		body, name = body[:at], "truncated body"
	case 1:
		body[at] ^= byte(1 + f.rng.IntN(255))
		name = "changed body"
	case 2:
		body, name = append(body[:at:at], body[min(at+1, len(body)):]...), "shortened body"
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return r, name
}

// slackWouldHaveSigned is an implementation of the protocol apart from the
// verifier's.
func slackWouldHaveSigned(stamp, signed, body string) bool {
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || strings.ContainsAny(stamp, "+-_") {
		return false
	}
	off := time.Unix(at, 0).Sub(signingEpoch).Abs()
	mac := hmac.New(sha256.New, []byte(signingSecret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	return off <= 5*time.Minute && strings.HasPrefix(signed, "v0=") && strings.EqualFold(signed[3:], fmt.Sprintf("%x", mac.Sum(nil)))
}

func FuzzReceiver(f *testing.F) {
	stamp := strconv.FormatInt(signingEpoch.Unix(), 10)
	good := slacksim.Sign(signingSecret, signingEpoch, []byte(eventBody))
	f.Add(stamp, good, jsonBody, "", []byte(eventBody), false)
	f.Add(stamp, good, jsonBody, "1", []byte(eventBody+" "), false)
	f.Add("", "", "", "", []byte(nil), false)
	f.Add("1", "v0=", formBody, "-1", []byte("payload="), true)
	f.Add(stamp, "", formBody, "2", []byte("payload=%7B%7D"), true)
	f.Add(stamp, "", formBody, "2", []byte("command=%2Fask&text=x&text=y"), true)
	f.Add(stamp, "", jsonBody, "x", []byte(`{"type":"url_verification","challenge":"x"}`), true)
	f.Add(stamp, "", "application/json;;", "", []byte("[[[["), true)
	f.Fuzz(func(t *testing.T, stamp, signed, kind, retry string, body []byte, sign bool) {
		if sign {
			mac := hmac.New(sha256.New, []byte(signingSecret))
			mac.Write([]byte("v0:" + stamp + ":" + string(body)))
			signed = "v0=" + hex.EncodeToString(mac.Sum(nil))
		}
		k := newTaker(t, atEpoch)
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		for name, value := range map[string]string{timestampHeader: stamp, signatureHeader: signed, "Content-Type": kind, retryHeader: retry} {
			r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		}
		w := post(k.handler, r)
		good := slackWouldHaveSigned(stamp, signed, string(body)) && len(body) <= maxRequest
		if !good && (len(k.got) != 0 || w.Code < 400 || w.Body.Len() != 0) || good && (w.Code != http.StatusOK || len(k.got) > 1) {
			t.Errorf("well signed %v: answered %d %q, taken %d times", good, w.Code, w.Body, len(k.got))
		}
		for _, e := range k.got {
			if !json.Valid(e.payload) || e.retry < 0 {
				t.Errorf("took %+v", e)
			}
		}
	})
}

// BenchmarkReceiver is what one signed event costs.
func BenchmarkReceiver(b *testing.B) {
	clock := slacksim.NewManualClock(signingEpoch)
	h := newReceiver(receiverOptions{
		verifier: newTestVerifier(b, clock.Now),
		take:     func(context.Context, envelope) ([]byte, error) { return nil, nil },
	})
	filler := strings.Repeat("x", 2<<10)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		body := fmt.Sprintf(`{"type":"event_callback","event_id":"Ev%d","event":{"text":%q}}`, n, filler)
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header = signedHeader(clock.Now(), body)
		r.Header.Set("Content-Type", jsonBody)
		if n%100 == 0 {
			clock.Advance(time.Second)
		}
		w := httptest.NewRecorder()
		b.StartTimer()
		if h.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
