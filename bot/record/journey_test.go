package record

import (
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

func TestAJourneyIsTheSameInEveryProcess(t *testing.T) {
	key := Key{Team: "T1", Channel: "C1", TS: "1700000000.000100"}
	j := JourneyOf(key, 1)
	// Written down, since processes of different versions share journeys.
	if got := j.Trace.String() + " " + j.Root.String(); got != "1fade073a5c49871247ebbaa95e50711 96985244248a77b5" {
		t.Errorf("the journey is %s", got)
	}
	if !j.Trace.IsValid() || !j.Root.IsValid() {
		t.Error("its ids are not valid")
	}
	seen := map[trace.TraceID]bool{j.Trace: true}
	for _, other := range []Journey{
		JourneyOf(key, 2),
		JourneyOf(Key{"T2", "C1", key.TS}, 1),
		JourneyOf(Key{"T1C", "1", key.TS}, 1), // the same letters
		JourneyOf(Key{"T1", "C1", "1700000000.000101"}, 1),
	} {
		if seen[other.Trace] {
			t.Errorf("%s is that of two questions", other.Trace)
		}
		seen[other.Trace] = true
	}
}

func TestAContextWithinAJourneyHasTheRootForItsParent(t *testing.T) {
	j := JourneyOf(Key{Team: "T1", Channel: "C1", TS: strings.Repeat("1", 10)}, 1)
	sc := trace.SpanContextFromContext(j.Within(t.Context()))
	if sc.TraceID() != j.Trace || sc.SpanID() != j.Root || !sc.IsRemote() || !sc.IsSampled() {
		t.Errorf("%+v", sc)
	}
	if _, ok := WholeIn(t.Context()); ok {
		t.Error("any context is a whole")
	}
	if got, ok := WholeIn(j.Whole(t.Context())); !ok || got != j {
		t.Errorf("%v, %t", got, ok)
	}
}
