package slacksim

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// A Tier is a rate limit class of the Web API (docs.slack.dev, "Rate limits").
type Tier int

// The tiers.
const (
	Tier1       Tier = iota + 1 // 1 a minute
	Tier2                       // 20 a minute
	Tier3                       // 50 a minute
	Tier4                       // 100 a minute
	TierSpecial                 // hundreds a minute
	TierPost                    // chat.postMessage: by channel, and by workspace
)

// A Rate allows PerMinute calls on average, and Burst at once.
type Rate struct {
	PerMinute float64
	Burst     int
}

// Limits are the rate limits of the workspace.
type Limits struct {
	// Off accepts every call.
	Off bool
	// Tiers are the rates by tier. Slack promises "at least" these numbers and
	// tolerates bursts; the default allows a minute's worth at once.
	Tiers map[Tier]Rate
	// Methods overrides single methods, such as conversations.replies at one a
	// minute for apps outside the Marketplace.
	Methods map[string]Rate
	// PostPerChannel limits chat.postMessage in one channel; zero is one a
	// second with a burst of three.
	PostPerChannel Rate
}

func (l Limits) withDefaults() Limits {
	if l.PostPerChannel == (Rate{}) {
		l.PostPerChannel = Rate{PerMinute: 60, Burst: 3}
	}
	tiers := map[Tier]Rate{
		Tier1: {1, 2}, Tier2: {20, 20}, Tier3: {50, 50}, Tier4: {100, 100},
		TierSpecial: {600, 600},
		TierPost:    {300, 300}, // "several hundred messages per minute" in a workspace
	}
	for t, r := range l.Tiers {
		tiers[t] = r
	}
	l.Tiers = tiers
	return l
}

// A ViolationKind is a way to break a rate limit.
type ViolationKind string

// The kinds of violations.
const (
	// TooFast is a call beyond the limit.
	TooFast ViolationKind = "too fast"
	// TooSoon is a call before the Retry-After of the last answer had passed.
	TooSoon ViolationKind = "before Retry-After"
)

// A Violation is a call that was answered with 429.
type Violation struct {
	Kind    ViolationKind
	Method  string
	Channel string // for chat.postMessage's limit by channel
	At      time.Time
}

// A bucket fills with Rate.PerMinute and holds Rate.Burst.
type bucket struct {
	rate    Rate
	tokens  float64
	at      time.Time
	blocked time.Time // until when the caller was told to wait
}

// limit takes one call from its buckets, or fails; the caller holds mu.
func (ws *Workspace) limit(c *call, tier Tier) *apiError {
	limits := ws.opts.Limits
	if limits.Off {
		return nil
	}
	rate, ok := limits.Methods[c.method]
	if !ok {
		rate = limits.Tiers[tier]
	}
	buckets := []*bucket{ws.bucket(c.method, rate)}
	channel := ""
	if tier == TierPost {
		channel = c.args["channel"]
		buckets = append(buckets, ws.bucket(c.method+" "+channel, limits.PostPerChannel))
	}
	now := ws.clock.Now()
	var wait time.Duration
	kind := TooFast
	for _, b := range buckets {
		b.fill(now)
		wait = max(wait, b.wait())
		if now.Before(b.blocked) {
			kind, wait = TooSoon, max(wait, b.blocked.Sub(now))
		}
	}
	if wait == 0 {
		for _, b := range buckets {
			b.tokens--
		}
		return nil
	}
	ws.violations = append(ws.violations, Violation{Kind: kind, Method: c.method, Channel: channel, At: now})
	for _, b := range buckets {
		if b.wait() > 0 {
			b.blocked = now.Add(time.Duration(wholeSeconds(wait)) * time.Second)
		}
	}
	header := http.Header{}
	header.Set("Retry-After", strconv.Itoa(wholeSeconds(wait)))
	return &apiError{code: "ratelimited", status: http.StatusTooManyRequests, header: header}
}

func (ws *Workspace) bucket(key string, rate Rate) *bucket {
	b := ws.buckets[key]
	if b == nil {
		b = &bucket{rate: rate, tokens: float64(rate.Burst), at: ws.clock.Now()}
		ws.buckets[key] = b
	}
	return b
}

func (b *bucket) fill(now time.Time) {
	b.tokens = min(float64(b.rate.Burst), b.tokens+now.Sub(b.at).Minutes()*b.rate.PerMinute)
	b.at = now
}

// wait is how long until a call fits. The tolerance forgives the rounding of
// minutes in fill.
func (b *bucket) wait() time.Duration {
	const tolerance = 1e-6
	missing := 1 - b.tokens
	if missing <= tolerance {
		return 0
	}
	return time.Duration(missing / b.rate.PerMinute * float64(time.Minute))
}

// wholeSeconds is what Retry-After can say.
func wholeSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// Violations returns the calls that broke a rate limit.
func (ws *Workspace) Violations() []Violation {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return append([]Violation(nil), ws.violations...)
}
