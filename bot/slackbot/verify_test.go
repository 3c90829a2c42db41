package slackbot

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"footnote/bot/slackbot/slacksim"
)

const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5"

// signingEpoch is where manual clocks start in these tests.
var signingEpoch = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func newTestVerifier(t testing.TB, now func() time.Time) *verifier {
	t.Helper()
	v, err := newVerifier(signingSecret, now)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func signedHeader(at time.Time, body string) http.Header {
	return http.Header{
		timestampHeader: {strconv.FormatInt(at.Unix(), 10)},
		signatureHeader: {slacksim.Sign(signingSecret, at, []byte(body))},
	}
}

// remembered is how many signatures are kept.
func (v *verifier) remembered() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for _, g := range v.used {
		n += len(g)
	}
	return n
}

func TestSlacksOwnExampleIsVerified(t *testing.T) {
	// docs.slack.dev, "Verifying requests from Slack".
	const body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
		"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands" +
		"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	v := newTestVerifier(t, func() time.Time { return time.Unix(1531420618, 0) })
	header := http.Header{
		timestampHeader: {"1531420618"},
		signatureHeader: {"v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"},
	}
	if _, err := v.check(header, []byte(body)); err != nil {
		t.Error(err)
	}
}

func TestAnEmptySecretIsRefused(t *testing.T) {
	if _, err := newVerifier("", time.Now); err == nil {
		t.Error("accepted")
	}
}

func TestOnlyASignatureOfTheBodyAndTimeIsGood(t *testing.T) {
	const body = `{"type":"event_callback"}`
	good := signedHeader(signingEpoch, body)
	stamp, signed := good.Get(timestampHeader), good.Get(signatureHeader)
	cases := []struct {
		name            string
		stamps, signeds []string
		body            string
		want            error
	}{
		{"good", []string{stamp}, []string{signed}, body, nil},
		{"no signature", []string{stamp}, nil, body, errNoSignature},
		{"no timestamp", nil, []string{signed}, body, errNoSignature},
		{"empty signature", []string{stamp}, []string{""}, body, errBadSignature},
		{"empty timestamp", []string{""}, []string{signed}, body, errBadSignature},
		{"two signatures", []string{stamp}, []string{signed, signed}, body, errBadSignature},
		{"two timestamps", []string{stamp, stamp}, []string{signed}, body, errBadSignature},
		{"another version", []string{stamp}, []string{"v1=" + signed[3:]}, body, errBadSignature},
		{"no version", []string{stamp}, []string{signed[3:]}, body, errBadSignature},
		{"only the version", []string{stamp}, []string{"v0="}, body, errBadSignature},
		{"short", []string{stamp}, []string{signed[:len(signed)-2]}, body, errBadSignature},
		{"long", []string{stamp}, []string{signed + "00"}, body, errBadSignature},
		{"not hexadecimal", []string{stamp}, []string{"v0=" + strings.Repeat("g", 64)}, body, errBadSignature},
		{"zeros", []string{stamp}, []string{"v0=" + strings.Repeat("0", 64)}, body, errBadSignature},
		{"another body", []string{stamp}, []string{signed}, body + " ", errBadSignature},
		{"no body", []string{stamp}, []string{signed}, "", errBadSignature},
		{"another time", []string{strconv.FormatInt(signingEpoch.Unix()+1, 10)}, []string{signed}, body, errBadSignature},
		{"time with a sign", []string{"+" + stamp}, []string{signed}, body, errBadSignature},
		{"time with a space", []string{" " + stamp}, []string{signed}, body, errBadSignature},
		{"time with a fraction", []string{stamp + ".0"}, []string{signed}, body, errBadSignature},
		{"time with an underscore", []string{stamp[:4] + "_" + stamp[4:]}, []string{signed}, body, errBadSignature},
		{"time in other digits", []string{"١٧٧٢٤٤٢٠٠٠"}, []string{signed}, body, errBadSignature},
		{"time beyond 64 bits", []string{strings.Repeat("9", 30)}, []string{signed}, body, errBadSignature},
		{"time at the end of 64 bits", []string{"9223372036854775807"}, []string{signed}, body, errStale},
		{"time zero", []string{"0"}, []string{signed}, body, errStale},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := newTestVerifier(t, func() time.Time { return signingEpoch })
			header := http.Header{}
			if c.stamps != nil {
				header[timestampHeader] = c.stamps
			}
			if c.signeds != nil {
				header[signatureHeader] = c.signeds
			}
			if _, err := v.check(header, []byte(c.body)); !errors.Is(err, c.want) {
				t.Errorf("err = %v, want %v", err, c.want)
			}
			if c.want != nil && v.remembered() != 0 {
				t.Error("a refused request costs memory")
			}
		})
	}
}

func TestATimestampMayBeFiveMinutesOffEitherWay(t *testing.T) {
	for _, c := range []struct {
		off  time.Duration
		want error
	}{
		{-5*time.Minute - time.Second, errStale},
		{-5 * time.Minute, nil},
		{0, nil},
		{5 * time.Minute, nil},
		{5*time.Minute + time.Second, errStale},
	} {
		t.Run(c.off.String(), func(t *testing.T) {
			v := newTestVerifier(t, func() time.Time { return signingEpoch.Add(999 * time.Millisecond) })
			if _, err := v.check(signedHeader(signingEpoch.Add(c.off), "x"), []byte("x")); !errors.Is(err, c.want) {
				t.Errorf("err = %v, want %v", err, c.want)
			}
		})
	}
}

func TestASignatureIsGoodOnceUnlessItsRequestFailed(t *testing.T) {
	v := newTestVerifier(t, func() time.Time { return signingEpoch })
	header := signedHeader(signingEpoch, "x")
	shouted := header.Clone()
	shouted.Set(signatureHeader, "v0="+strings.ToUpper(strings.TrimPrefix(header.Get(signatureHeader), "v0=")))
	check := func(h http.Header, want error) *pass {
		t.Helper()
		p, err := v.check(h, []byte("x"))
		if !errors.Is(err, want) {
			t.Fatalf("err = %v, want %v", err, want)
		}
		return p
	}
	first := check(header, nil)
	check(header, errReplay) // in work
	check(shouted, errReplay)
	first.settle(false)
	second := check(header, nil)
	first.settle(false) // settled before: frees nothing
	check(header, errReplay)
	second.settle(true)
	second.settle(false)
	check(header, errReplay)
	check(shouted, errReplay)
}

func TestAReplayIsRefusedAsLongAsItsTimestampIsGood(t *testing.T) {
	for _, ahead := range []time.Duration{-5 * time.Minute, 0, 5 * time.Minute} {
		t.Run(ahead.String(), func(t *testing.T) {
			clock := slacksim.NewManualClock(signingEpoch)
			v := newTestVerifier(t, clock.Now)
			header := signedHeader(signingEpoch.Add(ahead), "x")
			p, err := v.check(header, []byte("x"))
			if err != nil {
				t.Fatal(err)
			}
			p.settle(true)
			for second := 0; second <= 700; second++ {
				want := errReplay
				if clock.Now().Sub(signingEpoch.Add(ahead)) > 5*time.Minute {
					want = errStale
				}
				if _, err := v.check(header, []byte("x")); !errors.Is(err, want) {
					t.Fatalf("after %d s: %v, want %v", second, err, want)
				}
				clock.Advance(time.Second)
				other := signedHeader(clock.Now(), "y") // makes the memory turn over
				if _, err := v.check(other, []byte("y")); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestASignatureIsGoodOnceAfterTheClockWasSetBack(t *testing.T) {
	clock := slacksim.NewManualClock(signingEpoch)
	v := newTestVerifier(t, clock.Now)
	header := signedHeader(signingEpoch, "x")
	if _, err := v.check(header, []byte("x")); err != nil {
		t.Fatal(err)
	}
	clock.Advance(-20 * time.Minute)
	if _, err := v.check(signedHeader(clock.Now(), "y"), []byte("y")); err != nil {
		t.Fatal(err)
	}
	clock.Advance(20 * time.Minute)
	if _, err := v.check(header, []byte("x")); !errors.Is(err, errReplay) {
		t.Errorf("err = %v", err)
	}
}

func TestMemoryHoldsNoMoreThanTwoGenerations(t *testing.T) {
	clock := slacksim.NewManualClock(signingEpoch)
	v := newTestVerifier(t, clock.Now)
	most := 0
	for second := range 10 * generationSpan {
		body := fmt.Sprint(second)
		p, err := v.check(signedHeader(clock.Now(), body), []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		p.settle(true)
		forged := signedHeader(clock.Now(), body+"!")
		if _, err := v.check(forged, []byte(body)); !errors.Is(err, errBadSignature) {
			t.Fatal(err)
		}
		most = max(most, v.remembered())
		if n := len(v.used); n > 2 {
			t.Fatalf("%d generations", n)
		}
		clock.Advance(time.Second)
	}
	if most > 2*generationSpan {
		t.Errorf("%d signatures at one a second", most)
	}
	clock.Advance(time.Hour)
	p, err := v.check(signedHeader(clock.Now(), "x"), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if p.settle(false); v.remembered() != 0 {
		t.Errorf("%d signatures after an hour", v.remembered())
	}
}

func TestOfCopiesAtOnceOneIsLetIn(t *testing.T) {
	v := newTestVerifier(t, func() time.Time { return signingEpoch })
	var in atomic.Int32
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			if _, err := v.check(signedHeader(signingEpoch, "x"), []byte("x")); err == nil {
				in.Add(1)
			}
		})
	}
	if wg.Wait(); in.Load() != 1 {
		t.Errorf("%d let in", in.Load())
	}
}

func TestAPrintedVerifierShowsNoSecret(t *testing.T) {
	v := newTestVerifier(t, time.Now)
	if s := fmt.Sprintf("%v %+v %#v", v, v, v); strings.Contains(s, signingSecret) || strings.Contains(s, fmt.Sprintf("%x", signingSecret)) {
		t.Error(s)
	}
}
