package slackbot

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"footnote/retrieval/span"
)

// web calls Slack's Web API at the pace that Slack allows.
type web struct {
	api     *slack.Client
	log     *slog.Logger
	metrics *metrics
	timeout time.Duration
	unpaced bool

	mu    sync.Mutex
	paces map[string]*pace

	// gone is why no call can be made any more, open ends those under way, and
	// using is held by them: api and token are theirs to read.
	gone    atomic.Pointer[Error]
	open    context.Context
	shut    context.CancelFunc
	using   sync.RWMutex
	token   string
	suspect func() // called when the token seems to work no longer
}

func newWeb(o Options, m *metrics) *web {
	options := []slack.Option{slack.OptionAppLevelToken(o.AppToken), slack.OptionHTTPClient(o.HTTPClient)}
	if o.APIURL != "" {
		options = append(options, slack.OptionAPIURL(strings.TrimSuffix(o.APIURL, "/")+"/"))
	}
	w := &web{api: slack.New(o.BotToken, options...), log: o.Logger, metrics: m, timeout: o.CallTimeout, unpaced: o.Unpaced, paces: map[string]*pace{}, suspect: func() {}}
	w.token = o.BotToken
	w.open, w.shut = context.WithCancel(context.Background())
	return w
}

// close has every call fail from now on, ends those under way, and forgets the
// tokens.
func (w *web) close(reason *Error) {
	w.gone.Store(reason)
	w.shut()
	w.using.Lock()
	defer w.using.Unlock()
	w.api, w.token = slack.New(""), ""
}

// lend gives the bot's token to a request that is none of the Web API's, for as
// long as ctx lasts and until it is given back.
func (w *web) lend(ctx context.Context) (lent context.Context, token string, giveBack func(), err error) {
	w.using.RLock()
	if reason := w.gone.Load(); reason != nil {
		w.using.RUnlock()
		return nil, "", nil, errors.Join(errUnsent, reason)
	}
	lent, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(w.open, cancel)
	return lent, w.token, func() {
		stop()
		cancel()
		w.using.RUnlock()
	}, nil
}

// A pace keeps calls apart. What Slack asked to wait is kept, too.
type pace struct {
	limiter *rate.Limiter
	mu      sync.Mutex
	until   time.Time
}

// perMinute is how often a method is called at most, somewhat below Slack's
// tiers (docs.slack.dev, "Rate limits"), and how many calls may come at once.
// Bursts are small, so that a process that is restarted over and over, and
// knows nothing of the calls before, stays within the limits as well.
var perMinute = map[string]struct {
	rate  float64
	burst int
}{
	"auth.test":                   {60, 5},
	"apps.connections.open":       {40, 8},
	"chat.postMessage":            {240, 20}, // in a workspace; see perChannel
	"chat.update":                 {45, 5},
	"chat.delete":                 {45, 5},
	"chat.startStream":            {18, 2},
	"chat.appendStream":           {90, 10},
	"chat.stopStream":             {18, 3},
	"conversations.replies":       {45, 5},
	"conversations.history":       {45, 5},
	"users.info":                  {90, 10},
	"views.open":                  {90, 10},
	"chat.postEphemeral":          {90, 10},
	"conversations.info":          {45, 5},
	"users.conversations":         {45, 5},
	"files.info":                  {90, 10},
	"response_url":                {600, 50}, // no limit is documented
	"assistant.threads.setStatus": {480, 40},
	"assistant.threads.setTitle":  {90, 10},
	"agents.sessions.setStatus":   {45, 5},
	"agents.sessions.rename":      {45, 5},
	"views.publish":               {90, 10},

	"assistant.threads.setSuggestedPrompts": {90, 10},
}

// perChannel is the pace of posts in one channel: one a second.
const perChannel = 1050 * time.Millisecond

// mostPaces bounds the memory for channels' paces.
const mostPaces = 10000

func (w *web) pace(key string, limit rate.Limit, burst int) *pace {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.paces[key]
	if p != nil {
		return p
	}
	if len(w.paces) >= mostPaces {
		for k, idle := range w.paces {
			if strings.Contains(k, " ") && idle.limiter.Tokens() >= float64(idle.limiter.Burst()) {
				delete(w.paces, k)
			}
		}
	}
	p = &pace{limiter: rate.NewLimiter(limit, burst)}
	w.paces[key] = p
	return p
}

// pacesOf are the paces that a call keeps to.
func (w *web) pacesOf(method, channel string) []*pace {
	if w.unpaced {
		return []*pace{w.pace("", rate.Inf, 1)}
	}
	m := perMinute[method]
	all := []*pace{w.pace(method, rate.Limit(m.rate/60), m.burst)}
	if method == "chat.postMessage" {
		all = append(all, w.pace(method+" "+channel, rate.Every(perChannel), 1))
	}
	return all
}

// free takes a call's place without waiting, if there is one.
func (w *web) free(method, channel string) bool {
	var taken []*rate.Reservation
	now := time.Now()
	for _, p := range w.pacesOf(method, channel) {
		r := p.limiter.ReserveN(now, 1)
		taken = append(taken, r)
		if r.DelayFrom(now) > 0 || p.blocked() > 0 {
			for _, t := range taken {
				t.CancelAt(now)
			}
			return false
		}
	}
	return true
}

func (p *pace) blocked() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Until(p.until)
}

func (p *pace) block(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d); until.After(p.until) {
		p.until = until
	}
}

// wait takes its token only when nothing is blocked any more: those who wait then
// come one after another, not all at once.
func (p *pace) wait(ctx context.Context) error {
	for {
		if d := p.blocked(); d > 0 {
			if err := sleep(ctx, d); err != nil {
				return err
			}
			continue
		}
		if err := p.limiter.Wait(ctx); err != nil {
			return err
		}
		if p.blocked() <= 0 {
			return nil
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// call waits for its turn, makes the call, and makes it again only when Slack
// says that it was too soon: then it has had no effect. Any other error is the
// caller's, since the call may have had one. ctx ends the waiting and the call.
func (w *web) call(ctx context.Context, method, channel string, do func(context.Context) error) error {
	return w.paced(ctx, method, channel, func() error { return w.once(ctx, method, channel, do) })
}

// callWhole is call for what must not be made twice: once under way it goes on
// when ctx ends, since Slack may be doing it already.
func (w *web) callWhole(ctx context.Context, method, channel string, do func(context.Context) error) error {
	return w.paced(ctx, method, channel, func() error {
		return w.once(context.WithoutCancel(ctx), method, channel, do)
	})
}

// errUnsent marks a call that was never made.
var errUnsent = errors.New("the call was not made")

func (w *web) paced(ctx context.Context, method, channel string, do func() error) error {
	for {
		for _, p := range w.pacesOf(method, channel) {
			if err := p.wait(ctx); err != nil {
				if ctx.Err() != nil {
					err = context.Cause(ctx)
				}
				return errors.Join(errUnsent, err)
			}
		}
		err := do()
		if limited, _ := tooSoon(err); !limited {
			return err
		}
	}
}

// once makes one call within its time. Where Slack asks to wait, so do all calls
// of the method after it.
func (w *web) once(ctx context.Context, method, channel string, do func(context.Context) error) error {
	if reason := w.gone.Load(); reason != nil {
		return errors.Join(errUnsent, reason)
	}
	w.using.RLock()
	defer w.using.RUnlock()
	timed, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	defer context.AfterFunc(w.open, cancel)()
	if reason := w.gone.Load(); reason != nil {
		return errors.Join(errUnsent, reason)
	}
	traced, s := span.StartCall(timed, "slack", method)
	err := do(traced)
	s.String("rpc.system.name", "slack")
	s.String("rpc.method", method)
	fail(s, err)
	s.End()
	w.metrics.called(method, err)
	if lost(err) && method != "auth.test" && method != "apps.connections.open" { // that has a token of its own
		w.suspect()
	}
	if limited, wait := tooSoon(err); limited {
		w.log.WarnContext(ctx, "Slack asks to wait", "method", method, "seconds", wait.Seconds())
		paces := w.pacesOf(method, channel)
		// Which of the limits it was, Slack does not say; a post's is by channel.
		paces[len(paces)-1].block(wait + rand.N(250*time.Millisecond))
	}
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// tooSoon reports whether a call was refused for its pace, and for how long to
// wait.
func tooSoon(err error) (bool, time.Duration) {
	if e, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return true, max(e.RetryAfter, time.Second)
	}
	if e, ok := errors.AsType[slack.StatusCodeError](err); ok && e.Code == http.StatusTooManyRequests {
		return true, 30 * time.Second
	}
	if code(err) == "ratelimited" || code(err) == "rate_limited" {
		return true, 30 * time.Second
	}
	return false, 0
}

// code is Slack's word for what is wrong, or empty.
func code(err error) string {
	if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return e.Err
	}
	return ""
}

// uncertain reports whether a failed call may have had its effect all the same:
// only what Slack refused in words, or was never sent, has had none.
func uncertain(err error) bool {
	switch code(err) {
	case "internal_error", "fatal_error", "request_timeout", "service_unavailable", "team_added_to_org":
		return true
	case "":
	default:
		return false
	}
	if limited, _ := tooSoon(err); limited || err == nil || errors.Is(err, errUnsent) {
		return false
	}
	if e, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return e.Code >= 500
	}
	return true
}

// unshowable reports whether Slack refuses how a message is made.
func unshowable(err error) bool {
	switch code(err) {
	case "msg_too_long", "msg_blocks_too_long", "msg_blocks_too_many", "invalid_blocks", "invalid_blocks_format", "no_text", "markdown_text_conflict":
		return true
	}
	return false
}

func isTimeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// hopeless reports whether a call would fail however often it is made.
func hopeless(err error) bool {
	switch code(err) {
	case "channel_not_found", "not_in_channel", "is_archived", "restricted_action", "restricted_action_read_only_channel",
		"restricted_action_thread_only_channel", "restricted_action_thread_locked", "restricted_action_non_threadable_channel",
		"cannot_reply_to_message",
		"ekm_access_denied", "team_access_not_granted", "messages_tab_disabled", "user_not_found", "cant_update_message", "cant_delete_message":
		return true
	}
	return unshowable(err)
}
