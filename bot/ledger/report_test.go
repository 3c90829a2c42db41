package ledger

import (
	"errors"
	"reflect"
	"testing"
	"time"
)

func places(t *testing.T, l *Ledger) (counts [3]int) {
	t.Helper()
	for i, place := range [][3]string{{"T1", "C1", ""}, {"T1", "C1", "9.9"}, {"T1", "C2", ""}} {
		reports, err := l.Reports(t.Context(), place[0], place[1], place[2])
		check(t, err)
		counts[i] = len(reports)
	}
	return counts
}

func TestReportsBelongToAPlace(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	r := Report{Team: "T1", Channel: "C1", File: "F1", Name: "報告.pdf", Hash: "h1", Size: 17, User: "U1"}
	add := func(thread, channel, file, hash string) {
		t.Helper()
		clock.advance(time.Second)
		r := r
		r.Channel, r.ThreadTS, r.File, r.Hash = channel, thread, file, hash
		check(t, l.AddReport(t.Context(), r))
	}
	add("", "C1", "F2", "h2")
	add("", "C1", "F1", "h1")
	add("", "C1", "F2", "h2")
	add("9.9", "C1", "F1", "h1")
	add("", "C2", "F1", "h1")
	got, err := l.Reports(t.Context(), "T1", "C1", "")
	check(t, err)
	r.At = clock.now().Add(-3 * time.Second).UTC()
	if len(got) != 2 || got[0].File != "F2" || !reflect.DeepEqual(got[1], r) {
		t.Errorf("%+v", got)
	}
	if hashes, err := l.ReportHashes(t.Context()); err != nil || !reflect.DeepEqual(hashes, map[string]bool{"h1": true, "h2": true}) {
		t.Errorf("%v, %v", hashes, err)
	}
	for _, c := range []struct {
		channel, thread, file string
		removed               int
		left                  [3]int
	}{
		{"C1", "", "F9", 0, [3]int{2, 1, 1}},
		{"C1", "", "F2", 1, [3]int{1, 1, 1}},
		{"C1", "9.9", "F1", 1, [3]int{1, 0, 1}},
		{"", "", "F1", 2, [3]int{}},
	} {
		n, err := l.RemoveReport(t.Context(), "T1", c.channel, c.thread, c.file)
		if left := places(t, l); err != nil || n != c.removed || left != c.left {
			t.Errorf("%+v: %d removed, left are %v, %v", c, n, left, err)
		}
	}
	for name, r := range map[string]Report{
		"no team": {Channel: "C", File: "F", Hash: "h"}, "no channel": {Team: "T", File: "F", Hash: "h"},
		"no file": {Team: "T", Channel: "C", Hash: "h"}, "no hash": {Team: "T", Channel: "C", File: "F"},
	} {
		if err := l.AddReport(t.Context(), r); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPruneForgetsTheReportsOfThreads(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	for _, c := range []struct{ channel, thread, file string }{{"C1", "", "F1"}, {"C1", "9.9", "F1"}, {"C2", "", "F1"}} {
		check(t, l.AddReport(t.Context(), Report{Team: "T1", Channel: c.channel, ThreadTS: c.thread, File: c.file, Hash: "h"}))
	}
	for _, c := range []struct {
		after time.Duration
		left  [3]int
	}{{time.Hour, [3]int{1, 1, 1}}, {time.Microsecond, [3]int{1, 0, 1}}} {
		clock.advance(c.after)
		_, err := l.Prune(t.Context(), time.Hour)
		check(t, err)
		if left := places(t, l); left != c.left {
			t.Errorf("after %s: %v", c.after, left)
		}
	}
}

func TestMarksOnlyAdvance(t *testing.T) {
	l := open(t, Options{})
	start := newFakeClock().now().UTC()
	for i, c := range []struct {
		name      string
		set, want time.Duration
	}{{"digest", 2, 2}, {"digest", 1, 2}, {"digest", 2, 2}, {"other", 1, 1}, {"digest", 3, 3}} {
		check(t, l.Mark(t.Context(), c.name, start.Add(c.set*time.Second)))
		if at, err := l.Marked(t.Context(), c.name); err != nil || !at.Equal(start.Add(c.want*time.Second)) {
			t.Errorf("%d: %s, %v", i, at, err)
		}
	}
	if at, err := l.Marked(t.Context(), "never"); err != nil || !at.IsZero() {
		t.Errorf("%s, %v", at, err)
	}
	if err := l.Mark(t.Context(), "", start); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
}

func TestMarksThatAreNotSetAnyMoreAreForgotten(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	check(t, l.Mark(t.Context(), "old", clock.now()))
	clock.advance(markKept + time.Hour)
	check(t, l.Mark(t.Context(), "new", clock.now()))
	_, err := l.Prune(t.Context(), time.Hour)
	check(t, err)
	for name, want := range map[string]bool{"old": false, "new": true} {
		if at, err := l.Marked(t.Context(), name); err != nil || at.IsZero() == want {
			t.Errorf("%s: %s, %v", name, at, err)
		}
	}
}
