package remote

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options configure a client; the zero value means the defaults.
type Options struct {
	Attempts  int           // of one request, the first included; 0 means 4
	Patience  time.Duration // what the waits between attempts may add up to; 0 means 20 s
	FirstByte time.Duration // from a request sent to the head of its response; 0 means 60 s
	Base      time.Duration // the first wait, about; it doubles; 0 means 500 ms
	Logger    *slog.Logger  // nil discards
}

// A Pace is how long a call may take, other than its client's [Options] say.
type Pace struct {
	// Patience is as in Options; 0 leaves it as it is. A server that says for
	// how long to wait is then asked up to five times as often.
	Patience time.Duration
	Attempt  time.Duration // for one attempt, its response's body included; 0 for no limit
}

type paceKey struct{}

// WithPace returns a context whose requests by a client of [NewClient] go by a
// pace.
func WithPace(ctx context.Context, p Pace) context.Context {
	return context.WithValue(ctx, paceKey{}, p)
}

type repeatKey struct{}

// WithRepeats returns a context whose requests, by a client of [NewClient], ask
// before they are made once more. They tell the status of the last response, 0
// where there was none. An error ends the attempts: the last one stands.
func WithRepeats(ctx context.Context, repeat func(ctx context.Context, status int) error) context.Context {
	return context.WithValue(ctx, repeatKey{}, repeat)
}

// NewClient returns a client that asks again when a server is overloaded or
// out of reach, as long as nothing of a response's body was read. It waits as
// long as Retry-After asks; where that is more than its patience, or longer
// than the request's context lasts, it gives up at once and returns the
// response. It has no time limit for a whole response: a context sets that.
func NewClient(o Options) *http.Client {
	o.Attempts = cmp.Or(o.Attempts, 4)
	o.Patience = cmp.Or(o.Patience, 20*time.Second)
	o.FirstByte = cmp.Or(o.FirstByte, time.Minute)
	o.Base = cmp.Or(o.Base, 500*time.Millisecond)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &http.Client{
		CheckRedirect: checkRedirect,
		Transport: &retrier{o, &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: o.FirstByte,
			IdleConnTimeout:       90 * time.Second,
			MaxIdleConnsPerHost:   16,
			ForceAttemptHTTP2:     true,
		}},
	}
}

// A redirectError is a server that sends a request on to where neither it nor
// the key may go.
type redirectError struct{ to string }

func (e *redirectError) Error() string { return "requests are sent on to " + e.to }

// checkRedirect follows a redirect that leaves the server and the request as
// they are.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	if req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme || req.Method != first.Method || len(via) > 5 {
		return &redirectError{req.URL.Scheme + "://" + req.URL.Host}
	}
	return nil
}

// A retrier makes a request until it is taken.
type retrier struct {
	o    Options
	next http.RoundTripper
}

func (r *retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := replayable(req)
	if err != nil {
		return nil, err
	}
	var waited time.Duration
	pace, _ := req.Context().Value(paceKey{}).(Pace)
	patience := cmp.Or(pace.Patience, r.o.Patience)
	for attempt := 1; ; attempt++ {
		again := req.Clone(req.Context())
		if again.Body, err = body(); err != nil {
			return nil, err
		}
		resp, err := r.attempt(again, pace.Attempt)
		if attempt >= r.attempts(pace, resp) || !worthRepeating(req.Context(), resp, err) {
			return resp, err
		}
		wait := r.wait(attempt, resp)
		deadline, limited := req.Context().Deadline()
		if waited+wait > patience || limited && time.Until(deadline) <= wait {
			return resp, err
		}
		if !mayRepeat(req.Context(), resp) {
			return resp, err
		}
		waited += wait
		r.log(req, attempt, wait, resp, err)
		if resp != nil {
			discard(resp.Body)
		}
		if err := sleep(req.Context(), wait); err != nil {
			return nil, err
		}
	}
}

func mayRepeat(ctx context.Context, resp *http.Response) bool {
	repeat, ok := ctx.Value(repeatKey{}).(func(context.Context, int) error)
	if !ok {
		return true
	}
	status := 0
	if resp != nil {
		status = resp.StatusCode
	}
	return repeat(ctx, status) == nil
}

// attempts is how often a request is made in all, after a response.
func (r *retrier) attempts(p Pace, resp *http.Response) int {
	if resp != nil && p.Patience > 0 {
		if _, asked := retryAfter(resp.Header, time.Now()); asked {
			return 5 * r.o.Attempts
		}
	}
	return r.o.Attempts
}

// attempt makes a request once; a limit of 0 is none.
func (r *retrier) attempt(req *http.Request, limit time.Duration) (*http.Response, error) {
	if limit == 0 {
		return r.next.RoundTrip(req)
	}
	ctx, cancel := context.WithTimeout(req.Context(), limit)
	resp, err := r.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &limited{resp.Body, cancel}
	return resp, nil
}

// A limited body gives its time limit back when it is closed.
type limited struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (l *limited) Close() error {
	defer l.cancel()
	return l.ReadCloser.Close()
}

// CloseIdleConnections is called by the method of [http.Client].
func (r *retrier) CloseIdleConnections() {
	if c, ok := r.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// replayable returns a request's body, anew with each call.
func replayable(req *http.Request) (func() (io.ReadCloser, error), error) {
	if req.Body == nil || req.Body == http.NoBody {
		return func() (io.ReadCloser, error) { return req.Body, nil }, nil
	}
	defer req.Body.Close()
	if req.GetBody != nil {
		return req.GetBody, nil
	}
	data, err := io.ReadAll(req.Body)
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }, err
}

// passing are statuses that another attempt may change.
var passing = []int{
	http.StatusTooManyRequests, http.StatusRequestTimeout,
	http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

func worthRepeating(ctx context.Context, resp *http.Response, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		return passes(err)
	}
	return slices.Contains(passing, resp.StatusCode) && !lasting(resp)
}

// passes says whether an error of the connection may be gone in a moment. One
// that took its whole time limit has been waited for long enough.
func passes(err error) bool {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return false
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return !dns.IsNotFound
	}
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	return !certificate && !record && !strings.Contains(err.Error(), plainHTTP)
}

// plainHTTP is how net/http says it, in an error without a type.
const plainHTTP = "server gave HTTP response to HTTPS client"

// lasting looks whether a status that mostly passes does not: a 429 for want of
// money, or a 500 for a text that is too long. The body can be read again
// afterwards.
func lasting(resp *http.Response) bool {
	var sign string
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		sign = "insufficient_quota"
	case http.StatusInternalServerError:
		sign = physicalBatch
	default:
		return false
	}
	head, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	resp.Body = &rejoined{io.MultiReader(bytes.NewReader(head), failing{err}, resp.Body), resp.Body}
	return bytes.Contains(head, []byte(sign))
}

// rejoined is a body of which the beginning was read ahead.
type rejoined struct {
	io.Reader
	io.Closer
}

// failing ends with an error that reading ahead met, if any.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, cmp.Or(f.err, io.EOF) }

// wait is how long to wait after an attempt: what the server asks for, else
// twice as long each time. Up to half is left to chance, so that clients that
// were refused together do not return together.
func (r *retrier) wait(attempt int, resp *http.Response) time.Duration {
	backoff := r.o.Base << min(attempt-1, 16)
	jitter := time.Duration(rand.Int64N(int64(backoff/2) + 1))
	if resp != nil {
		if asked, ok := retryAfter(resp.Header, time.Now()); ok {
			return asked + min(jitter, asked/4)
		}
	}
	return backoff - jitter
}

// retryAfter reads how long a server asks to wait. A date that has passed
// means no time.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	if d, ok := span(h.Get("Retry-After-Ms"), time.Millisecond); ok {
		return d, true
	}
	value := h.Get("Retry-After")
	if d, ok := span(value, time.Second); ok {
		return d, true
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, at.Sub(now)), year), true
	}
	return 0, false
}

// year is more than anybody waits, and far from overflowing.
const year = 365 * 24 * time.Hour

// span reads a number of units, capped at a year.
func span(value string, unit time.Duration) (time.Duration, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(n >= 0) {
		return 0, false
	}
	if n >= float64(year)/float64(unit) {
		return year, true
	}
	return time.Duration(n * float64(unit)), true
}

// discard reads a short rest of a body, so that its connection serves again.
func discard(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10) // if it fails the connection is closed
	_ = body.Close()
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (r *retrier) log(req *http.Request, attempt int, wait time.Duration, resp *http.Response, err error) {
	reason := fmt.Sprint(err)
	if resp != nil {
		reason = resp.Status
	}
	r.o.Logger.InfoContext(req.Context(), "a model server is asked again",
		"host", req.URL.Host, "attempt", attempt, "wait", wait.Round(time.Millisecond).String(), "reason", reason)
}
