// Package span makes the steps of a question's journey visible to whoever traces
// it with OpenTelemetry. A step is a span only where its context has one
// already, so where nobody traces it costs a look at the context.
//
// Spans say how long something took and how it ended, never what was asked or
// answered: the setters are for names, numbers and kinds.
package span

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Scope names the instrumentation in traces.
const Scope = "footnote"

// A Span is a step under way. The methods of a nil one do nothing.
type Span struct{ span trace.Span }

// Start begins a step within the one that ctx is in.
func Start(ctx context.Context, name string) (context.Context, *Span) {
	return start(ctx, name, "", trace.SpanKindInternal)
}

// StartCall begins a call of something outside of the process, such as a method
// of a service.
func StartCall(ctx context.Context, what, method string) (context.Context, *Span) {
	return start(ctx, what, method, trace.SpanKindClient)
}

func start(ctx context.Context, name, of string, kind trace.SpanKind) (context.Context, *Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, nil
	}
	if of != "" {
		name += " " + of
	}
	ctx, s := parent.TracerProvider().Tracer(Scope).Start(ctx, name, trace.WithSpanKind(kind))
	return ctx, &Span{s}
}

// Current is the step that ctx is in.
func Current(ctx context.Context) *Span { return Of(trace.SpanFromContext(ctx)) }

// Of is a span of OpenTelemetry's as a step; nil where it is not recorded.
func Of(s trace.Span) *Span {
	if !s.IsRecording() {
		return nil
	}
	return &Span{s}
}

// String sets an attribute. Neither what people wrote nor what is secret goes
// into one.
func (s *Span) String(key, value string) {
	if s != nil && value != "" {
		s.span.SetAttributes(attribute.String(key, value))
	}
}

// Strings sets an attribute that is a list.
func (s *Span) Strings(key, value string) {
	if s != nil && value != "" {
		s.span.SetAttributes(attribute.StringSlice(key, []string{value}))
	}
}

// Int sets an attribute.
func (s *Span) Int(key string, value int) {
	if s != nil {
		s.span.SetAttributes(attribute.Int(key, value))
	}
}

// Float sets an attribute.
func (s *Span) Float(key string, value float64) {
	if s != nil {
		s.span.SetAttributes(attribute.Float64(key, value))
	}
}

// Bool sets an attribute.
func (s *Span) Bool(key string, value bool) {
	if s != nil {
		s.span.SetAttributes(attribute.Bool(key, value))
	}
}

// Fail says that the step failed, by the kind of the error: its text may quote
// what people wrote.
func (s *Span) Fail(err error) {
	if s != nil && err != nil {
		s.FailAs(Kind(err))
	}
}

// FailAs says that the step failed, and in which way.
func (s *Span) FailAs(kind string) {
	if s != nil {
		s.span.SetAttributes(attribute.String("error.type", kind))
		s.span.SetStatus(codes.Error, kind)
	}
}

// End ends the step.
func (s *Span) End() {
	if s != nil {
		s.span.End()
	}
}

// Done ends the step, which failed if there is an error.
func (s *Span) Done(err error) {
	s.Fail(err)
	s.End()
}

// Kind says what sort of an error it is, in words that hold nothing of what
// brought it about.
func Kind(err error) string {
	var known interface{ Reason() string }
	switch {
	case errors.As(err, &known):
		return known.Reason() // made for the asker, of fixed words
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "canceled"
	}
	for inner := err; inner != nil; inner = cause(inner) {
		err = inner
	}
	return fmt.Sprintf("%T", err)
}

// cause is the error that another is about, or the first of them.
func cause(err error) error {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		if all := several.Unwrap(); len(all) > 0 {
			return all[0]
		}
	}
	return errors.Unwrap(err)
}
