package ledger

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/trace"

	"footnote/bot/record"
	"footnote/retrieval/span"
)

// A following is the span of one worker's work on a question. The methods of a
// nil one, where nobody traces, do nothing.
type following struct {
	claim  *Claim
	tracer trace.Tracer
	span   *span.Span
}

// follow begins the span of a claim. An answer that is only to be marked is no
// part of its question's journey, which ended days ago.
func (l *Ledger) follow(ctx context.Context, c *Claim, began time.Time) (context.Context, *following) {
	if l.options.Tracer == nil {
		return ctx, nil
	}
	f := &following{claim: c, tracer: l.options.Tracer.Tracer(span.Scope)}
	name, options := "process", []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindConsumer), trace.WithTimestamp(began)}
	j := record.JourneyOf(c.Key, c.Revision)
	if c.Remarked {
		name = "mark"
		whole := trace.NewSpanContext(trace.SpanContextConfig{TraceID: j.Trace, SpanID: j.Root})
		options = append(options, trace.WithLinks(trace.Link{SpanContext: whole}))
	} else {
		ctx = j.Within(ctx)
	}
	ctx, s := f.tracer.Start(ctx, name, options...)
	f.span = span.Of(s)
	f.describe(f.span)
	_, claiming := f.tracer.Start(ctx, "claim", trace.WithTimestamp(began))
	claiming.End()
	return ctx, f
}

func (f *following) describe(s *span.Span) {
	s.Int("footnote.question.id", int(f.claim.ID))
	s.Int("footnote.question.revision", f.claim.Revision)
	s.Int("footnote.question.attempt", f.claim.Attempts)
	s.String("footnote.question.surface", f.claim.Surface)
}

// end ends the worker's span, and where the question has come to its end, makes
// the one that stands for the whole. ctx is that of the work.
func (f *following) end(ctx context.Context, failure error) {
	if f == nil {
		return
	}
	if cause := context.Cause(ctx); failure != nil && cause != nil {
		failure = cause
	}
	switch kind := kindOf(failure); {
	case failure == nil:
	case givenBack(failure):
		f.span.String("footnote.given_back", kind)
	default:
		f.span.FailAs(kind)
	}
	f.span.End()
	c := f.claim
	if c.ended == "" || c.Remarked || !c.isOver() {
		return
	}
	j := record.JourneyOf(c.Key, c.Revision)
	ctx = j.Whole(context.Background())
	if c.Revision == 1 && c.since.After(c.CreatedAt) { // retried after it was given up, which made the whole
		ctx = j.Within(context.Background())
	}
	_, s := f.tracer.Start(ctx, "question", trace.WithTimestamp(c.since))
	whole := span.Of(s)
	f.describe(whole)
	whole.String("footnote.question.state", string(c.ended))
	if c.ended == Failed {
		whole.FailAs(kindOf(failure))
	}
	s.End()
}

// givenBack reports whether a question goes on elsewhere or later through no
// failure.
func givenBack(err error) bool {
	return errors.Is(err, ErrLeaseLost) || errors.Is(err, ErrSuperseded) || errors.Is(err, record.ErrStopping)
}

// kindOf is span.Kind, with names for what the ledger itself says.
func kindOf(err error) string {
	for kind, known := range map[string]error{"lease_lost": ErrLeaseLost, "superseded": ErrSuperseded, "stopping": record.ErrStopping, "unfinished": record.ErrUnfinished} {
		if errors.Is(err, known) {
			return kind
		}
	}
	return span.Kind(err)
}
