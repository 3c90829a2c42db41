package slackbot

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"footnote/bot/record"
	"footnote/retrieval/span"
)

// A receipt traces an envelope from its arrival to its acknowledgement, in the
// journeys of the questions that it holds. Which these are shows only while it
// is taken. A nil receipt, where nobody traces, does nothing.
type receipt struct {
	tracer trace.Tracer
	began  time.Time

	mu       sync.Mutex
	received []received
}

// A received question is known by the span of its receipt.
type received struct {
	ctx  context.Context
	span *span.Span
}

type receiptKey struct{}

// withReceipt begins a receipt, which end must follow.
func withReceipt(ctx context.Context, provider trace.TracerProvider) (context.Context, *receipt) {
	if provider == nil {
		return ctx, nil
	}
	r := &receipt{tracer: provider.Tracer(span.Scope), began: time.Now()}
	return context.WithValue(ctx, receiptKey{}, r), r
}

// receiving puts what follows into the journey of a question.
func receiving(ctx context.Context, key record.Key, revision int, surface string) (context.Context, *span.Span) {
	r, _ := ctx.Value(receiptKey{}).(*receipt)
	if r == nil {
		return ctx, nil
	}
	ctx, s := r.tracer.Start(record.JourneyOf(key, revision).Within(ctx), "receive", trace.WithSpanKind(trace.SpanKindConsumer), trace.WithTimestamp(r.began))
	got := received{ctx, span.Of(s)}
	got.span.String("messaging.system", "slack")
	got.span.String("messaging.operation.name", "receive")
	got.span.String("messaging.operation.type", "receive")
	got.span.String("footnote.question.surface", surface)
	got.span.Int("footnote.question.revision", revision)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.received = append(r.received, got)
	return ctx, got.span
}

// acknowledge traces the acknowledgement by write, and ends the receipt.
func (r *receipt) acknowledge(write func() error) error {
	if r == nil {
		return write()
	}
	began := time.Now()
	err := write()
	for _, got := range r.received {
		_, s := r.tracer.Start(got.ctx, "acknowledge", trace.WithTimestamp(began))
		span.Of(s).Done(err)
	}
	r.end(err)
	return err
}

// end ends a receipt that was not acknowledged, if it was not.
func (r *receipt) end(err error) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, got := range r.received {
		got.span.Done(err)
	}
	r.received = nil
}

// fail says what a call of Slack's failed by: Slack's word for it, if it has one.
func fail(s *span.Span, err error) {
	if word := code(err); word != "" {
		s.FailAs(word)
		return
	}
	s.Fail(err)
}
