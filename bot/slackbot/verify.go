package slackbot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Request signing is described at docs.slack.dev, "Verifying requests from
// Slack".
const (
	signatureHeader = "X-Slack-Signature"
	timestampHeader = "X-Slack-Request-Timestamp"
	signatureV0     = "v0="

	// signedFor is how many seconds a timestamp may be off, either way.
	signedFor = 5 * 60
	// generationSpan is how many timestamps are good at any one time; so at most
	// two generations hold a good one.
	generationSpan = 2*signedFor + 1
)

// Why a request is not Slack's. The texts serve as the names of metrics, and
// hold nothing of the request.
var (
	errNoSignature  = errors.New("no signature")
	errBadSignature = errors.New("bad signature")
	errStale        = errors.New("stale")
	errReplay       = errors.New("replay")
)

type signature [sha256.Size]byte

// A verifier tells Slack's requests from others', and from copies of Slack's.
// It is safe for concurrent use.
type verifier struct {
	mac func() hash.Hash // a closure, so that printing a verifier shows no secret
	now func() time.Time

	mu sync.Mutex
	// used are the signatures in work or accepted, by generation of their
	// timestamp. Only signed requests enter, so that a flood of others costs
	// no memory, and a generation leaves whole once its timestamps are stale.
	used map[int64]map[signature]bool
}

// newVerifier checks requests against the app's signing secret.
func newVerifier(secret string, now func() time.Time) (*verifier, error) {
	if secret == "" {
		return nil, errors.New("the signing secret is empty: anyone could sign with it")
	}
	key := []byte(secret)
	return &verifier{
		mac:  func() hash.Hash { return hmac.New(sha256.New, key) },
		now:  now,
		used: map[int64]map[signature]bool{},
	}, nil
}

// check lets a request of Slack's pass, once: until its pass is settled, and
// after that if it was settled well, its signature is a replay.
func (v *verifier) check(header http.Header, body []byte) (*pass, error) {
	stamp, signed := header[timestampHeader], header[signatureHeader]
	if len(stamp) == 0 || len(signed) == 0 {
		return nil, errNoSignature
	}
	if len(stamp) > 1 || len(signed) > 1 {
		return nil, errBadSignature
	}
	at, ok := parseTimestamp(stamp[0])
	if !ok {
		return nil, errBadSignature
	}
	got, ok := parseSignature(signed[0])
	if !ok {
		return nil, errBadSignature
	}
	now := v.now().Unix()
	if at < now-signedFor || at > now+signedFor {
		return nil, errStale
	}
	if !hmac.Equal(got[:], v.sign(stamp[0], body)) {
		return nil, errBadSignature
	}
	return v.admit(got, at, now)
}

func (v *verifier) sign(stamp string, body []byte) []byte {
	mac := v.mac()
	mac.Write([]byte("v0:" + stamp + ":"))
	mac.Write(body)
	return mac.Sum(nil)
}

// admit takes note of a good signature, and forgets stale ones. Generations
// that seem to lie ahead stay, for a clock that was set back gets there again.
func (v *verifier) admit(s signature, at, now int64) (*pass, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	oldest := (now - signedFor) / generationSpan
	maps.DeleteFunc(v.used, func(g int64, _ map[signature]bool) bool { return g < oldest })
	g := at / generationSpan
	if v.used[g][s] {
		return nil, errReplay
	}
	if v.used[g] == nil {
		v.used[g] = map[signature]bool{}
	}
	v.used[g][s] = true
	return &pass{verifier: v, signature: s, generation: g}, nil
}

// A pass is a request that was let in.
type pass struct {
	verifier   *verifier
	signature  signature
	generation int64
	once       sync.Once
}

// settle says whether the request was answered well; the first call counts. If
// it was not, Slack may send it again, and within the same second that has the
// same signature, which is therefore free again.
func (p *pass) settle(ok bool) {
	p.once.Do(func() {
		if ok {
			return
		}
		p.verifier.mu.Lock()
		defer p.verifier.mu.Unlock()
		delete(p.verifier.used[p.generation], p.signature)
	})
}

// parseTimestamp reads seconds since 1970 in digits only: no sign, no exponent.
func parseTimestamp(s string) (int64, bool) {
	if strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	at, err := strconv.ParseInt(s, 10, 64)
	return at, err == nil
}

// parseSignature reads version v0. Replays are found by the decoded bytes, as
// one signature has many spellings in hexadecimal.
func parseSignature(s string) (signature, bool) {
	digits, ok := strings.CutPrefix(s, signatureV0)
	if !ok || len(digits) != hex.EncodedLen(sha256.Size) {
		return signature{}, false
	}
	raw, err := hex.DecodeString(digits)
	if err != nil {
		return signature{}, false
	}
	return signature(raw), true
}
