package record

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"go.opentelemetry.io/otel/trace"
)

// A Journey is the trace of one revision of a question, from its receipt to its
// answer's end. Its ids are made of the question's key and revision alone, so
// that every process that has to do with it, also one that takes over from a
// dead one, adds to the same trace, and nothing needs to be stored for that.
type Journey struct {
	Trace trace.TraceID
	Root  trace.SpanID // of the span that stands for the whole
}

// JourneyOf is the journey of a revision. Nothing of the key can be read from it.
func JourneyOf(k Key, revision int) Journey {
	h := sha256.New()
	for _, part := range []string{"footnote journey", k.Team, k.Channel, k.TS} {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		h.Write([]byte(part))
	}
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(revision)))
	var j Journey
	sum := h.Sum(nil)
	copy(j.Trace[:], sum)
	copy(j.Root[:], sum[len(j.Trace):])
	return j
}

// Within returns a context whose spans are parts of the whole. Whether they are
// recorded is for the sampler to say, by the trace's id: the root, which is made
// last, perhaps in another process, says nothing yet.
func (j Journey) Within(ctx context.Context) context.Context {
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: j.Trace, SpanID: j.Root, TraceFlags: trace.FlagsSampled, Remote: true,
	}))
}

type journeyKey struct{}

// Whole returns a context whose next span, if it is in no other, is the whole:
// the generator of ids takes them from [WholeIn].
func (j Journey) Whole(ctx context.Context) context.Context {
	return context.WithValue(ctx, journeyKey{}, j)
}

// WholeIn is the journey of a context by Whole.
func WholeIn(ctx context.Context) (j Journey, ok bool) {
	j, ok = ctx.Value(journeyKey{}).(Journey)
	return j, ok
}
