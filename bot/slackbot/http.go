package slackbot

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// EventsHandler takes what Slack sends by signed HTTP requests: events,
// interactions and commands alike. It fails without a signing secret.
func (b *Bot) EventsHandler() (http.Handler, error) {
	v, err := newVerifier(b.options.SigningSecret, time.Now)
	if err != nil {
		return nil, &Error{Problem: "signed HTTP events: the signing secret is not set", Advice: "set SLACK_SIGNING_SECRET; docs/slack.md says where it is", Err: err}
	}
	return newReceiver(receiverOptions{
		verifier: v, take: b.take, log: b.log, tracer: b.options.Tracer,
		refused: func(reason string) { b.metrics.refused.WithLabelValues(reason).Inc() },
	}), nil
}

// Await is what Receive is for bots whose events come to EventsHandler: it
// catches up with what was asked before, and returns when ctx ends, or with an
// error when the app is removed.
func (b *Bot) Await(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var attending sync.WaitGroup
	attending.Go(func() { b.attend(ctx, func() bool { return true }) })
	defer attending.Wait()
	defer cancel()
	select {
	case <-b.leaving.left:
		return b.hasLeft()
	case <-ctx.Done():
		return nil
	}
}

// NewServer returns a server for the handler whose time-outs slow or broken
// clients cannot outwait.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server { return newServer(handler, log) }
