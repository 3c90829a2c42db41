package slacksim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
	// maxRedirects: docs.slack.dev, "The Events API", too_many_redirects.
	maxRedirects = 2
	maxAckBody   = 1 << 20
)

// Sign returns the X-Slack-Signature of a body (docs.slack.dev, "Verifying
// requests from Slack").
func Sign(secret string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%d:", at.Unix())
	mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// UseHTTP delivers events and interactions to a request URL instead of Socket
// Mode, once the URL has answered url_verification.
func (ws *Workspace) UseHTTP(ctx context.Context, requestURL string) error {
	const challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
	body := mustJSON(map[string]any{"token": "verification-token-unused", "challenge": challenge, "type": "url_verification"})
	response, err := ws.request(ctx, requestURL, jsonType, body, 0, "")
	if err != nil {
		return fmt.Errorf("verifying %s: %w", requestURL, err)
	}
	if response.status != http.StatusOK || !hasChallenge(response.body, challenge) {
		return fmt.Errorf("verifying %s: the URL did not answer with the challenge (status %d)", requestURL, response.status)
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.requestURL = requestURL
	return nil
}

// hasChallenge accepts the challenge as plain text, form or JSON
// (docs.slack.dev, "url_verification event").
func hasChallenge(body []byte, challenge string) bool {
	var answer struct {
		Challenge string `json:"challenge"`
	}
	text := strings.TrimSpace(string(body))
	return text == challenge || text == "challenge="+challenge ||
		json.Unmarshal(body, &answer) == nil && answer.Challenge == challenge
}

type httpResponse struct {
	status  int
	noRetry bool
	body    []byte
}

// request makes one signed request to the app.
func (ws *Workspace) request(ctx context.Context, to, kind string, body []byte, retry int, reason Outcome) (*httpResponse, error) {
	r, err := ws.SignedRequest(ctx, to, kind, body)
	if err != nil {
		return nil, err
	}
	if retry > 0 {
		r.Header.Set("X-Slack-Retry-Num", strconv.Itoa(retry))
		r.Header.Set("X-Slack-Retry-Reason", string(reason))
	}
	client := *ws.opts.HTTPClient
	client.CheckRedirect = func(_ *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return errTooManyRedirects
		}
		return nil
	}
	response, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAckBody))
	if err != nil {
		return nil, err
	}
	return &httpResponse{status: response.StatusCode, noRetry: response.Header.Get("X-Slack-No-Retry") == "1", body: answer}, nil
}

var errTooManyRedirects = errors.New("too many redirects")

// SignedRequest returns a request as Slack would make it now.
func (ws *Workspace) SignedRequest(ctx context.Context, to, kind string, body []byte) (*http.Request, error) {
	return ws.signedAt(ctx, to, kind, body, ws.clock.Now())
}

func (ws *Workspace) signedAt(ctx context.Context, to, kind string, body []byte, at time.Time) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	r.Header.Set("X-Slack-Request-Timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("X-Slack-Signature", Sign(ws.opts.SigningSecret, at, body))
	return r, nil
}

// attemptHTTP makes one attempt to deliver to the request URL.
func (ws *Workspace) attemptHTTP(d *Delivery, n int, reason Outcome) ackResult {
	ws.mu.Lock()
	to := ws.requestURL
	_, action := ws.begin(d, n, reason, 0)
	ws.mu.Unlock()
	if !ws.sleep(action.Delay) {
		return ackResult{outcome: OutcomeClosed}
	}
	if action.Drop {
		ws.sleep(ws.opts.AckTimeout)
		return ackResult{outcome: OutcomeTimeout}
	}
	kind, body := d.httpBody()
	ws.mu.Lock()
	for range action.Copies {
		ws.spawn(func() { ws.acknowledged(to, kind, body, n, reason) })
	}
	ws.mu.Unlock()
	return ws.acknowledged(to, kind, body, n, reason)
}

// httpBody is a delivery as its request carries it (docs.slack.dev, "Handling
// user interaction", "Implementing slash commands").
func (d *Delivery) httpBody() (kind string, body []byte) {
	switch d.Kind {
	case "interactive":
		return formType, []byte(url.Values{"payload": {string(d.Payload)}}.Encode())
	case "slash_commands":
		var fields map[string]any
		if err := json.Unmarshal(d.Payload, &fields); err != nil {
			panic(fmt.Sprintf("slacksim: a slash command's payload is an object: %v", err))
		}
		form := url.Values{}
		for k, v := range fields {
			form.Set(k, fmt.Sprint(v))
		}
		return formType, []byte(form.Encode())
	default:
		return jsonType, d.Payload
	}
}

// acknowledged posts a request and says how the app took it.
func (ws *Workspace) acknowledged(to, kind string, body []byte, n int, reason Outcome) ackResult {
	ctx, cancel := context.WithCancel(ws.ctx)
	defer cancel()
	defer ws.clock.AfterFunc(ws.opts.AckTimeout, cancel).Stop()
	response, err := ws.request(ctx, to, kind, body, n, reason)
	switch {
	case ws.ctx.Err() != nil:
		return ackResult{outcome: OutcomeClosed}
	case ctx.Err() != nil:
		return ackResult{outcome: OutcomeTimeout}
	case errors.Is(err, errTooManyRedirects):
		return ackResult{outcome: OutcomeTooManyRedirects}
	case err != nil:
		return ackResult{outcome: OutcomeConnectionFailed}
	case response.status/100 != 2:
		return ackResult{outcome: OutcomeHTTPError, noRetry: response.noRetry}
	}
	return ackResult{outcome: OutcomeAcked, payload: ackPayload(response.body)}
}

// ackPayload is what an interaction's answer says; nothing and plain text are
// allowed too.
func ackPayload(body []byte) json.RawMessage {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return nil
	case json.Valid(body):
		return body
	}
	return mustJSON(map[string]any{"text": string(body)})
}
