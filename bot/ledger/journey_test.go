package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"footnote/bot/record"
)

// summary is spans in the order in which they ended, those of the database left
// out: their names, and in which way they failed.
func summary(spans []trace.ReadOnlySpan) (names []string) {
	for _, s := range spans {
		name := s.Name()
		if s.Status().Code == codes.Error {
			name += " failed: " + s.Status().Description
		}
		for _, a := range s.Attributes() {
			if a.Key == "footnote.given_back" || a.Key == "footnote.question.state" {
				name += " (" + a.Value.AsString() + ")"
			}
		}
		if s.SpanKind().String() != "client" {
			names = append(names, name)
		}
	}
	return names
}

func TestTheWorkOnAQuestionIsTraced(t *testing.T) {
	for name, c := range map[string]struct {
		handle func(ctx context.Context, l *Ledger, c *Claim) error
		want   []string
	}{
		"it is answered": {
			func(ctx context.Context, _ *Ledger, c *Claim) error { return c.Finish(ctx) },
			[]string{"claim", "process", "question (answered)"},
		},
		"it is tried again": {
			func(ctx context.Context, _ *Ledger, c *Claim) error {
				if c.Attempts == 1 {
					return fmt.Errorf("asking %q: %w", c.Text, context.DeadlineExceeded)
				}
				return c.Finish(ctx)
			},
			[]string{"claim", "process failed: timeout", "claim", "process", "question (answered)"},
		},
		"it is given up": {
			func(context.Context, *Ledger, *Claim) error { return record.Permanent(errors.New("secret")) },
			[]string{"claim", "process failed: *errors.errorString", "question failed: *errors.errorString (failed)"},
		},
		"it is edited": {
			func(ctx context.Context, l *Ledger, c *Claim) error {
				if c.Revision > 1 {
					return c.Finish(ctx)
				}
				q := c.Question
				q.Text, q.EditTS = "edited", q.TS[:len(q.TS)-1]+"9"
				if _, _, err := l.Put(context.WithoutCancel(ctx), q); err != nil {
					return err
				}
				return c.Finish(ctx)
			},
			[]string{"claim", "process (superseded)", "claim", "process", "question (answered)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ended := tracetest.NewSpanRecorder()
			o := quick()
			o.Tracer = trace.NewTracerProvider(trace.WithSpanProcessor(ended))
			l := open(t, o)
			work(t, l, 1, func(ctx context.Context, claim *Claim) error { return c.handle(ctx, l, claim) })
			put(t, l, message(1))
			eventually(t, "the trace", func() bool { return slices.Equal(summary(ended.Ended()), c.want) })
			key := message(1).Key
			for _, s := range ended.Ended() {
				first, second := record.JourneyOf(key, 1), record.JourneyOf(key, 2)
				if id := s.SpanContext().TraceID(); s.Name() != "question" && id != first.Trace && id != second.Trace {
					t.Errorf("%s is in another trace", s.Name())
				}
			}
		})
	}
}

// A mark is set long after the journey has ended: it is a trace of its own, that
// points to it.
func TestAMarkIsATraceOfItsOwn(t *testing.T) {
	ended := tracetest.NewSpanRecorder()
	o := quick()
	o.Tracer = trace.NewTracerProvider(trace.WithSpanProcessor(ended))
	l := open(t, o)
	id, _ := answeredWith(t, l, message(1), sampleAnswer())
	remark(t, l, id, 1, twoGone)
	work(t, l, 1, finish)
	eventually(t, "the trace", func() bool { return slices.Equal(summary(ended.Ended()), []string{"claim", "mark"}) })
	j := record.JourneyOf(message(1).Key, 1)
	mark := ended.Ended()[len(ended.Ended())-1]
	if links := mark.Links(); len(links) != 1 || links[0].SpanContext.TraceID() != j.Trace || mark.SpanContext().TraceID() == j.Trace {
		t.Errorf("links %v", mark.Links())
	}
}
