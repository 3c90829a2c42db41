package ledger

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/record"
)

var twoGone = &record.Outdated{Version: "1a2b3c4d", Markers: []int{1, 2}}

func remark(t *testing.T, l *Ledger, id int64, revision int, o *record.Outdated) bool {
	t.Helper()
	fresh, err := l.Remark(t.Context(), id, revision, o)
	check(t, err)
	return fresh
}

// An answer that is marked is shown again, and nothing else changes: neither the
// question's state nor its age.
func TestAnAnswerIsMarked(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	id, _ := answeredWith(t, l, message(1), sampleAnswer())
	before := get(t, l, id)
	clock.advance(time.Hour)
	if remark(t, l, id, 1, nil) || remark(t, l, id, 2, twoGone) {
		t.Error("what is known, or is of another revision, is marked")
	}
	if !remark(t, l, id, 1, twoGone) || remark(t, l, id, 1, nil) {
		t.Error("it is not marked, or marked while that is under way")
	}
	c := mustClaim(t, l, id)
	if !c.Remarked || c.Answer == nil || !reflect.DeepEqual(c.Answer.Outdated, twoGone) || c.Revision != 1 {
		t.Errorf("%+v, %+v", c.Work, c.Answer)
	}
	check(t, c.Finish(t.Context()))
	if after := get(t, l, id); !reflect.DeepEqual(after.UpdatedAt, before.UpdatedAt) || after.State != Answered {
		t.Errorf("%+v, before: %+v", after, before)
	}
	if remark(t, l, id, 1, twoGone) || !remark(t, l, id, 1, nil) {
		t.Error("the mark is set again, or not taken back")
	}
	if c := mustClaim(t, l, id); !c.Remarked || c.Answer.Outdated != nil {
		t.Errorf("%+v", c.Answer)
	}
	if _, err := l.Remark(t.Context(), 99, 1, twoGone); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

// Whatever ends the marking early, the question is answered; whatever else is
// wanted of it meanwhile is done.
func TestMarkingIsInterrupted(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(t *testing.T, l *Ledger, id int64)
		want State
		owed bool
	}{
		"it cannot be shown": {func(t *testing.T, l *Ledger, id int64) {
			check(t, mustClaim(t, l, id).fail(t.Context(), Permanent(errors.New("no"))))
		}, Answered, false},
		"the process ends": {func(t *testing.T, l *Ledger, id int64) {
			check(t, mustClaim(t, l, id).release(t.Context()))
		}, Received, true},
		"the team leaves": {func(t *testing.T, l *Ledger, id int64) {
			_, err := l.Abandon(t.Context(), "T1", "gone")
			check(t, err)
		}, Answered, false},
		"edited":      {func(t *testing.T, l *Ledger, id int64) { put(t, l, edited(1, "1750000100")) }, Received, true},
		"asked again": {func(t *testing.T, l *Ledger, id int64) { reask(t, l, id, 0) }, Received, true},
		"deleted":     {func(t *testing.T, l *Ledger, id int64) { withdrawIt(t, l, id) }, Withdrawn, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, newFakeClock().options())
			id, _ := answeredWith(t, l, message(1), sampleAnswer())
			if !remark(t, l, id, 1, twoGone) {
				t.Fatal("not marked")
			}
			c.do(t, l, id)
			e := get(t, l, id)
			if e.State != c.want {
				t.Errorf("state %s", e.State)
			}
			again, err := l.claim(t.Context(), id)
			check(t, err)
			switch {
			case (again != nil) != c.owed:
				t.Errorf("claim %v", again)
			case again != nil && again.Remarked != (again.Revision == 1):
				t.Errorf("%+v", again.Work)
			}
		})
	}
}

func TestAnswersThatCite(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	old, _ := answeredWith(t, l, message(1), sampleAnswer())
	clock.advance(time.Hour)
	since := clock.now()
	first, _ := answeredWith(t, l, message(2), sampleAnswer())
	answeredWith(t, l, message(3), Answer{Text: "no", Outcome: bot.NotFound})
	answeredWith(t, l, message(4), Answer{Text: "no", Outcome: bot.NotFound, Citations: []bot.Citation{}})
	busy := put(t, l, message(5))
	second, _ := answeredWith(t, l, message(6), sampleAnswer())
	again, _ := answeredWith(t, l, message(7), sampleAnswer())
	reask(t, l, again, 0)
	list := func(since time.Time, after int64, n int) (ids []int64) {
		turns, err := l.Cited(t.Context(), since, after, n)
		check(t, err)
		for _, turn := range turns {
			ids = append(ids, turn.ID)
		}
		return ids
	}
	for _, c := range []struct {
		got, want []int64
	}{
		{list(since, 0, 0), []int64{first, second}},
		{list(since, 0, 1), []int64{first}},
		{list(since, first, 1), []int64{second}},
		{list(since.Add(-2*time.Hour), 0, 0), []int64{old, first, second}},
		{list(since, second, 0), nil},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%v, want %v (%d is busy)", c.got, c.want, busy)
		}
	}
}
