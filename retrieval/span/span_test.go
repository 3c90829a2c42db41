package span

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// step is what a traced step does.
func step(ctx context.Context, err error) {
	ctx, s := StartCall(ctx, "call", "method")
	_, inner := Start(ctx, "inner")
	inner.String("key", "value")
	inner.Strings("list", "value")
	inner.Int("key", 1)
	inner.Float("key", 1.5)
	inner.Bool("key", true)
	inner.End()
	s.Fail(err)
	s.Done(nil)
}

func TestWhereNobodyTracesNothingIsAllocated(t *testing.T) {
	ctx, failure := t.Context(), errors.New("failure")
	if n := testing.AllocsPerRun(1000, func() { step(ctx, failure) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestStepsAreSpansWithinTheirContexts(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	provider := trace.NewTracerProvider(trace.WithSpanProcessor(spans))
	ctx, root := provider.Tracer(Scope).Start(t.Context(), "root")
	step(ctx, context.DeadlineExceeded)
	root.End()
	step(ctx, nil) // too late: the step that it belongs to is over
	ended := spans.Ended()
	if len(ended) != 3 {
		t.Fatalf("%d spans", len(ended))
	}
	inner, call := ended[0], ended[1]
	if inner.Name() != "inner" || call.Name() != "call method" || inner.Parent().SpanID() != call.SpanContext().SpanID() || call.Parent().SpanID() != root.SpanContext().SpanID() {
		t.Errorf("%s in %s", inner.Name(), call.Name())
	}
	if s := call.Status(); s.Code != codes.Error || s.Description != "timeout" {
		t.Errorf("status %v", s)
	}
	if len(inner.Attributes()) != 2 {
		t.Errorf("attributes %v", inner.Attributes())
	}
}

type reasoned struct{ error }

func (reasoned) Reason() string { return "it could not be reached" }

func TestAKindTellsNothingOfTheText(t *testing.T) {
	secret := "What did the minister say?"
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("%s: %w", secret, context.DeadlineExceeded), "timeout"},
		{fmt.Errorf("%s: %w", secret, context.Canceled), "canceled"},
		{fmt.Errorf("%s: %w", secret, reasoned{errors.New(secret)}), "it could not be reached"},
		{fmt.Errorf("outer: %w", errors.New(secret)), "*errors.errorString"},
		{errors.Join(nil, fmt.Errorf("outer: %w", &net.OpError{Err: errors.New(secret)})), "*errors.errorString"},
	} {
		if got := Kind(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}

func BenchmarkWithoutTracing(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		step(b.Context(), nil)
	}
}

// nowhere takes spans as fast as they come.
type nowhere struct{}

func (nowhere) ExportSpans(context.Context, []trace.ReadOnlySpan) error { return nil }
func (nowhere) Shutdown(context.Context) error                          { return nil }

func BenchmarkWithTracing(b *testing.B) {
	provider := trace.NewTracerProvider(trace.WithBatcher(nowhere{}))
	ctx, root := provider.Tracer(Scope).Start(b.Context(), "root")
	defer root.End()
	b.ReportAllocs()
	for b.Loop() {
		step(ctx, nil)
	}
}
