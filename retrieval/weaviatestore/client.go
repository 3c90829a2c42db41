package weaviatestore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A client calls Weaviate's HTTP interface at whichever endpoint answers.
type client struct {
	endpoints []*endpoint
	first     int // of them, that is tried first
	http      *http.Client
	key       string
	now       func() time.Time
}

const (
	// The longest that one endpoint is waited for, before the next is tried,
	// where it is not a question: a schema change needs a vote of the nodes,
	// and a batch is on two disks when it returns.
	dialTimeout   = 2 * time.Second
	schemaTimeout = 10 * time.Second
	batchTimeout  = time.Minute

	mostResponse = 64 << 20 // bytes
)

func newClient(endpoints string, options Options) (*client, error) {
	c := &client{key: options.Key, now: time.Now}
	for _, text := range strings.Split(endpoints, ",") {
		e, err := parseEndpoint(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		c.endpoints = append(c.endpoints, e)
	}
	c.first = rand.IntN(len(c.endpoints))
	if err := checkKey(options.Key); err != nil {
		return nil, err
	}
	transport := options.Transport
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.DialContext = (&net.Dialer{Timeout: dialTimeout}).DialContext
		own.MaxIdleConnsPerHost = 16
		transport = own
	}
	c.http = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// A call is one request, the same at every endpoint.
type call struct {
	method, path string
	body         []byte // JSON; nil for none
	timeout      time.Duration
	// known says that what is asked for is there, so that an endpoint that does
	// not find it is behind.
	known bool
	// accept, when set, refuses an answer with which another endpoint may do
	// better.
	accept func(body []byte) error
}

func newCall(timeout time.Duration, method, path string, body any) (call, error) {
	c := call{method: method, path: path, timeout: timeout}
	if body == nil {
		return c, nil
	}
	var err error
	c.body, err = json.Marshal(body)
	return c, err
}

// A statusError is an answer that is none.
type statusError struct {
	host    string
	status  int
	message string
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("%s answers %d %s", e.host, e.status, http.StatusText(e.status))
	if e.message != "" {
		text += ": " + e.message
	}
	return text
}

// leaderless says that the endpoint is cut off from the others, which may still
// have a leader. Weaviate (1.35.2) says so with the statuses 400, 403, 422 and
// 500, according to what it was asked.
func (e *statusError) leaderless() bool { return strings.Contains(e.message, "leader not found") }

// Hint says what to do where it can be said.
func (e *statusError) Hint() string {
	if e.leaderless() {
		return "look whether the nodes of Weaviate reach each other: most of them have to"
	}
	switch e.status {
	case http.StatusUnauthorized:
		return "set WEAVIATE_API_KEY to a key that Weaviate takes"
	case http.StatusForbidden:
		return "let the key of WEAVIATE_API_KEY create, read and delete collections and aliases"
	}
	return reachHint
}

const reachHint = "look whether Weaviate runs at the addresses of WEAVIATE_URL; footnote doctor checks each"

func isStatus(err error, statuses ...int) bool {
	e, ok := errors.AsType[*statusError](err)
	for _, s := range statuses {
		if ok && e.status == s {
			return true
		}
	}
	return false
}

// elsewhere says whether another endpoint may do better after an error.
func elsewhere(err error) bool {
	e, ok := errors.AsType[*statusError](err)
	return !ok || e.status >= 500 || e.status == http.StatusTooManyRequests || e.leaderless()
}

// do makes a call at one endpoint after the other until one answers: those
// that failed lately come last.
func (c *client) do(ctx context.Context, call call, out any) error {
	var failures []error
	for _, e := range c.order() {
		body, err := c.try(ctx, e, call)
		if err == nil {
			if out == nil {
				return nil
			}
			return json.Unmarshal(body, out)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		failures = append(failures, err)
		if !elsewhere(err) && !(call.known && notFound(err)) {
			break
		}
	}
	return unreached(failures)
}

// notFound says whether what was asked for is not there, wherever it was asked.
// Weaviate says 422 for some of what it does not find.
func notFound(err error) bool {
	return all(err, func(one error) bool {
		return isStatus(one, http.StatusNotFound, http.StatusUnprocessableEntity) && !elsewhere(one)
	})
}

// all says whether something is true of the error of each endpoint.
func all(err error, is func(error) bool) bool {
	if several, ok := errors.AsType[*unreachedError](err); ok {
		return !slices.ContainsFunc(several.failures, func(f error) bool { return !is(f) })
	}
	return is(err)
}

// An unreachedError is why no endpoint did what it was asked.
type unreachedError struct{ failures []error }

func unreached(failures []error) error {
	if len(failures) == 1 {
		return failures[0]
	}
	return &unreachedError{failures}
}

func (e *unreachedError) Error() string {
	var texts []string
	for _, f := range e.failures {
		texts = append(texts, f.Error())
	}
	return "no endpoint could: " + strings.Join(texts, "; ")
}
func (e *unreachedError) Unwrap() []error { return e.failures }
func (e *unreachedError) Hint() string    { return reachHint }

// try makes a call at one endpoint and takes note of how it went.
func (c *client) try(ctx context.Context, e *endpoint, call call) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, call.timeout)
	defer cancel()
	body, err := c.send(limited, e, call)
	switch {
	case err == nil:
		e.succeeded()
	case ctx.Err() != nil: // whoever asked has left; the endpoint may be well
	case elsewhere(err):
		e.failed(c.now())
	}
	return body, err
}

func (c *client) send(ctx context.Context, e *endpoint, call call) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, call.method, e.base+call.path, bytes.NewReader(call.body))
	if err != nil {
		return nil, err
	}
	if call.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	response, err := c.http.Do(r)
	if err != nil {
		return nil, &reachError{e.host, plain(err)}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostResponse))
	if err != nil {
		return nil, &reachError{e.host, plain(err)}
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, &statusError{e.host, response.StatusCode, message(body)}
	}
	if call.accept != nil {
		return body, call.accept(body)
	}
	return body, nil
}

// A reachError is an endpoint that does not answer.
type reachError struct {
	host string
	err  error
}

func (e *reachError) Error() string { return e.host + " does not answer: " + e.err.Error() }
func (e *reachError) Unwrap() error { return e.err }
func (e *reachError) Hint() string  { return reachHint }

// plain is the cause of an error of net/http, without the request and the layers
// it went through.
func plain(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	for unwrapped := errors.Unwrap(err); unwrapped != nil; unwrapped = errors.Unwrap(err) {
		err = unwrapped
	}
	return err
}

// message is what Weaviate says in an answer that is an error.
func message(body []byte) string {
	var e struct {
		Error []struct{ Message string }
		// Some errors have this form.
		Message string
	}
	if json.Unmarshal(body, &e) != nil {
		return ""
	}
	for _, one := range e.Error {
		if one.Message != "" {
			return one.Message
		}
	}
	return e.Message
}
