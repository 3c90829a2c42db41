package slackbot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
)

const (
	// maxRequest is far above what Slack sends: a message has up to 40,000
	// characters, and a modal's state comes with each press of a button.
	maxRequest   = 1 << 20
	maxChallenge = 1 << 10
	readWithin   = 10 * time.Second

	retryHeader = "X-Slack-Retry-Num" // docs.slack.dev, "The Events API"
)

// Why a request is refused before its signature is looked at.
var (
	errMethod   = errors.New("method")
	errTooLarge = errors.New("too large")
	errUnread   = errors.New("body not read")
)

var errPanicked = errors.New("panic")

// receiverOptions shape a receiver; verifier and take are required.
type receiverOptions struct {
	verifier *verifier
	// take is called once for each envelope, in many goroutines. When it
	// returns without error, the envelope is Slack's business no longer; after
	// an error or a panic, Slack sends it again. The reply may be empty.
	take func(ctx context.Context, e envelope) (reply []byte, err error)
	// refused counts requests that are not Slack's; nil does not.
	refused func(reason string)
	log     *slog.Logger // nil discards
	// tracer gets spans of what is received; nil makes none.
	tracer trace.TracerProvider
}

type receiver struct{ receiverOptions }

// newReceiver returns the app's request URL, for events, interactions and
// slash commands alike (docs.slack.dev, "The Events API", "Handling user
// interaction", "Implementing slash commands").
func newReceiver(o receiverOptions) http.Handler {
	if o.refused == nil {
		o.refused = func(string) {}
	}
	if o.log == nil {
		o.log = slog.New(slog.DiscardHandler)
	}
	return &receiver{o}
}

// newServer serves a handler to the open internet, where some clients are slow
// on purpose. A connection idles for longer than the minute after which Slack
// sends again what failed (docs.slack.dev, "The Events API"): closing it at
// that very moment would make the redelivery fail too.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       90 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

func (rc *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		rc.refuse(w, r, http.StatusMethodNotAllowed, errMethod)
		return
	}
	body, err := readBody(w, r)
	switch {
	case errors.Is(err, errTooLarge):
		rc.refuse(w, r, http.StatusRequestEntityTooLarge, err)
		return
	case err != nil:
		rc.refuse(w, r, http.StatusBadRequest, err)
		return
	}
	pass, err := rc.verifier.check(r.Header, body)
	if err != nil {
		rc.refuse(w, r, http.StatusUnauthorized, err)
		return
	}
	ctx, receipt := withReceipt(r.Context(), rc.tracer)
	a := rc.answer(r.WithContext(ctx), body)
	pass.settle(a.status/100 == 2) // before Slack hears of it and sends it again
	_ = receipt.acknowledge(func() error {
		a.write(w)
		return a.untaken
	})
}

// refuse tells the client nothing but the status. It logs at debug only: what
// strangers send must not fill the log.
func (rc *receiver) refuse(w http.ResponseWriter, r *http.Request, status int, reason error) {
	rc.refused(reason.Error())
	rc.log.DebugContext(r.Context(), "request refused", "reason", reason.Error())
	w.WriteHeader(status)
}

// readBody reads a body of up to maxRequest in time. The deadline is lifted
// afterwards, as a connection past it cancels the request's context.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > maxRequest {
		w.Header().Set("Connection", "close")
		return nil, errTooLarge
	}
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(readWithin)) // not every ResponseWriter can
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, errUnread
	}
	_ = conn.SetReadDeadline(time.Time{})
	return body, nil
}

// An httpAnswer is what a signed request gets.
type httpAnswer struct {
	status      int
	contentType string
	body        []byte
	untaken     error // why the envelope was not taken; not for Slack
}

var acknowledged = httpAnswer{status: http.StatusOK}

func (a httpAnswer) write(w http.ResponseWriter) {
	if len(a.body) > 0 {
		w.Header().Set("Content-Type", a.contentType)
		w.Header().Set("X-Content-Type-Options", "nosniff")
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that left cannot be told so
}

// answer deals with a signed request. What cannot be understood is
// acknowledged, as it would be no clearer the next time.
func (rc *receiver) answer(r *http.Request, body []byte) httpAnswer {
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // an error leaves it unknown
	retry, err := strconv.Atoi(r.Header.Get(retryHeader))
	if err != nil || retry < 0 {
		retry = 0
	}
	switch mediaType {
	case "application/json":
		return rc.answerJSON(r.Context(), body, retry)
	case "application/x-www-form-urlencoded":
		return rc.answerForm(r.Context(), body, retry)
	}
	return rc.passOver(r.Context(), "neither JSON nor a form")
}

func (rc *receiver) answerJSON(ctx context.Context, body []byte, retry int) httpAnswer {
	var outer struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal(body, &outer); err != nil {
		return rc.passOver(ctx, "malformed JSON")
	}
	switch outer.Type {
	case "event_callback":
		return rc.deliver(ctx, envelope{kind: kindEvents, payload: body, retry: retry})
	case "url_verification":
		return rc.answerChallenge(ctx, outer.Challenge)
	case "app_rate_limited":
		return rc.passOver(ctx, "Slack holds events back, as there were too many")
	}
	return rc.passOver(ctx, "an unknown type of JSON")
}

// answerChallenge proves that the URL is the app's (docs.slack.dev,
// "url_verification event"). It sends back nothing that a browser could run.
func (rc *receiver) answerChallenge(ctx context.Context, challenge string) httpAnswer {
	unprintable := func(r rune) bool { return r < ' ' || r > '~' }
	if challenge == "" || len(challenge) > maxChallenge || strings.ContainsFunc(challenge, unprintable) {
		return rc.passOver(ctx, "a strange challenge")
	}
	return httpAnswer{status: http.StatusOK, contentType: "text/plain; charset=utf-8", body: []byte(challenge)}
}

func (rc *receiver) answerForm(ctx context.Context, body []byte, retry int) httpAnswer {
	form, err := url.ParseQuery(string(body))
	switch {
	case err != nil:
		return rc.passOver(ctx, "a malformed form")
	case form.Has("payload"):
		payload := []byte(form.Get("payload"))
		if !isJSONObject(payload) {
			return rc.passOver(ctx, "an interaction that is no JSON object")
		}
		return rc.deliver(ctx, envelope{kind: kindInteractive, payload: payload, retry: retry})
	case form.Has("command"):
		return rc.deliver(ctx, envelope{kind: kindCommand, payload: formObject(form), retry: retry})
	}
	return rc.passOver(ctx, "an unknown form")
}

func isJSONObject(b []byte) bool {
	return json.Valid(b) && bytes.HasPrefix(bytes.TrimSpace(b), []byte("{"))
}

// formObject is a form as Socket Mode would have sent it.
func formObject(form url.Values) json.RawMessage {
	fields := make(map[string]string, len(form))
	for name := range form {
		fields[name] = form.Get(name)
	}
	object, err := json.Marshal(fields)
	if err != nil {
		panic(fmt.Sprintf("slackbot: strings have a form in JSON: %v", err))
	}
	return object
}

// passOver acknowledges what is Slack's but of no use; what says why without
// any of the content.
func (rc *receiver) passOver(ctx context.Context, what string) httpAnswer {
	rc.log.WarnContext(ctx, "request passed over", "what", what)
	return acknowledged
}

func (rc *receiver) deliver(ctx context.Context, e envelope) httpAnswer {
	reply, err := rc.takeSafely(ctx, e)
	if err != nil {
		rc.log.ErrorContext(ctx, "envelope not taken", "kind", e.kind, "retry", e.retry, "err", err)
		return httpAnswer{status: http.StatusInternalServerError, untaken: err}
	}
	return httpAnswer{status: http.StatusOK, contentType: "application/json", body: reply}
}

// takeSafely turns a panic into an error. It logs where, and the panic's type:
// its value may quote a question.
func (rc *receiver) takeSafely(ctx context.Context, e envelope) (reply []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			rc.log.ErrorContext(ctx, "panic", "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			reply, err = nil, errPanicked
		}
	}()
	return rc.take(ctx, e)
}
