package slacksim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Forgery is a request that an app must refuse.
type Forgery string

// The forgeries.
const (
	BadSignature     Forgery = "bad signature"
	NoSignature      Forgery = "no signature"
	NoTimestamp      Forgery = "no timestamp"
	WrongSecret      Forgery = "wrong secret"
	WrongVersion     Forgery = "wrong version"
	ShortSignature   Forgery = "short signature"
	TamperedBody     Forgery = "tampered body"
	MovedTimestamp   Forgery = "moved timestamp"   // fresh, but not what was signed
	StaleTimestamp   Forgery = "stale timestamp"   // signed, six minutes old
	FutureTimestamp  Forgery = "future timestamp"  // signed, six minutes ahead
	StrangeTimestamp Forgery = "strange timestamp" // not a number
	Oversized        Forgery = "oversized"         // signed, many megabytes
)

// Forgeries lists all of them but the replay, for which see [Replay].
func Forgeries() []Forgery {
	return []Forgery{BadSignature, NoSignature, NoTimestamp, WrongSecret, WrongVersion, ShortSignature,
		TamperedBody, MovedTimestamp, StaleTimestamp, FutureTimestamp, StrangeTimestamp, Oversized}
}

const (
	// outsideWindow is beyond the five minutes that a timestamp may be off
	// (docs.slack.dev, "Verifying requests from Slack").
	outsideWindow = 6 * time.Minute
	oversizedBy   = 16 << 20
)

// Forge returns a request that pretends to come from Slack.
func (ws *Workspace) Forge(ctx context.Context, f Forgery, to, kind string, body []byte) (*http.Request, error) {
	at := ws.clock.Now()
	switch f {
	case StaleTimestamp:
		return ws.signedAt(ctx, to, kind, body, at.Add(-outsideWindow))
	case FutureTimestamp:
		return ws.signedAt(ctx, to, kind, body, at.Add(outsideWindow))
	case Oversized:
		return ws.signedAt(ctx, to, kind, append(bytes.Clone(body), bytes.Repeat([]byte(" "), oversizedBy)...), at)
	}
	r, err := ws.signedAt(ctx, to, kind, body, at)
	if err != nil {
		return nil, err
	}
	const signature, timestamp = "X-Slack-Signature", "X-Slack-Request-Timestamp"
	good := r.Header.Get(signature)
	switch f {
	case BadSignature:
		r.Header.Set(signature, "v0="+strings.Repeat("0", len(good)-len("v0=")))
	case NoSignature:
		r.Header.Del(signature)
	case NoTimestamp:
		r.Header.Del(timestamp)
	case WrongSecret:
		r.Header.Set(signature, Sign(ws.opts.SigningSecret+"x", at, body))
	case WrongVersion:
		r.Header.Set(signature, "v1="+strings.TrimPrefix(good, "v0="))
	case ShortSignature:
		r.Header.Set(signature, good[:len(good)/2])
	case TamperedBody:
		setBody(r, append(bytes.Clone(body), ' '))
	case MovedTimestamp:
		r.Header.Set(timestamp, strconv.FormatInt(at.Unix()+1, 10))
	case StrangeTimestamp:
		r.Header.Set(timestamp, r.Header.Get(timestamp)+"e0")
	default:
		return nil, fmt.Errorf("unknown forgery %q", f)
	}
	return r, nil
}

// ForgeAny returns a forgery chosen and varied by rng, except Oversized ones,
// which cost much: a fuzzer's million requests.
func (ws *Workspace) ForgeAny(ctx context.Context, rng *rand.Rand, to, kind string, body []byte) (*http.Request, Forgery, error) {
	all := Forgeries()
	f := all[rng.IntN(len(all)-1)]
	r, err := ws.Forge(ctx, f, to, kind, body)
	if err != nil {
		return nil, f, err
	}
	if good := r.Header.Get("X-Slack-Signature"); f == BadSignature {
		forged := []byte(Sign(ws.opts.SigningSecret, ws.clock.Now(), body))
		i := len("v0=") + rng.IntN(len(good)-len("v0="))
		forged[i] = "0123456789abcdefgG -"[rng.IntN(20)]
		if string(forged) == Sign(ws.opts.SigningSecret, ws.clock.Now(), body) {
			forged[i] ^= 1
		}
		r.Header.Set("X-Slack-Signature", string(forged))
	}
	return r, f, nil
}

// Replay returns the same request once more: a second use of a good signature
// is a replay.
func Replay(r *http.Request) (*http.Request, error) {
	if r.GetBody == nil {
		return nil, fmt.Errorf("replaying %s: the body cannot be read again", r.URL)
	}
	body, err := r.GetBody()
	if err != nil {
		return nil, fmt.Errorf("replaying %s: %w", r.URL, err)
	}
	again := r.Clone(r.Context())
	again.Body = body
	return again, nil
}

func setBody(r *http.Request, body []byte) {
	r.ContentLength = int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.Body, _ = r.GetBody() // cannot fail
}
