package ledger

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"footnote/bot"
)

// answeredWith asks message n, saves a and finishes.
func answeredWith(t *testing.T, l *Ledger, q Question, a Answer) (int64, Answer) {
	t.Helper()
	id := put(t, l, q)
	c := mustClaim(t, l, id)
	saved, err := c.Save(t.Context(), a)
	check(t, err)
	check(t, c.Finish(t.Context()))
	return id, saved
}

func shared() Answer {
	a := sampleAnswer()
	a.Key = "k"
	return a
}

func reusable(t *testing.T, l *Ledger, key string) []int64 {
	t.Helper()
	turns, err := l.Reusable(t.Context(), "T1", key, "hash", "m", 0)
	check(t, err)
	var ids []int64
	for _, turn := range turns {
		ids = append(ids, turn.ID)
	}
	return ids
}

func TestAnAnswerIsReusable(t *testing.T) {
	for name, c := range map[string]struct {
		change func(a *Answer)
		after  func(t *testing.T, l *Ledger, id, answer int64)
		want   bool
	}{
		"as it is":          {want: true},
		"uncertain":         {change: func(a *Answer) { a.Outcome = bot.Uncertain }, want: true},
		"not found":         {change: func(a *Answer) { a.Outcome = bot.NotFound }, want: true},
		"small talk":        {change: func(a *Answer) { a.Outcome = bot.Social }},
		"another key":       {change: func(a *Answer) { a.Key = "l" }},
		"no key":            {change: func(a *Answer) { a.Key = "" }},
		"a key of no use":   {change: func(a *Answer) { a.Key = strings.Repeat("k", maxName+1) }},
		"another corpus":    {change: func(a *Answer) { a.CorpusHash = "older" }},
		"another model":     {change: func(a *Answer) { a.Model = "n" }},
		"reused itself":     {change: func(a *Answer) { a.ReusedFrom = 7 }},
		"voted up":          {after: voted(1), want: true},
		"vote taken back":   {after: voted(0), want: true},
		"voted down":        {after: voted(-1)},
		"deleted":           {after: func(t *testing.T, l *Ledger, id, _ int64) { withdrawIt(t, l, id) }},
		"edited since":      {after: func(t *testing.T, l *Ledger, _, _ int64) { put(t, l, edited(1, "1750000100")) }},
		"being asked again": {after: reask},
		"asked again":       {after: func(t *testing.T, l *Ledger, id, a int64) { reask(t, l, id, a); finishIt(t, l, id) }},
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, Options{})
			a := shared()
			if c.change != nil {
				c.change(&a)
			}
			id, saved := answeredWith(t, l, message(1), a)
			if c.after != nil {
				c.after(t, l, id, saved.ID)
			}
			if got := reusable(t, l, "k"); (len(got) == 1) != c.want {
				t.Errorf("%v", got)
			}
			if got := reusable(t, l, ""); got != nil {
				t.Errorf("for no key: %v", got)
			}
		})
	}
}

func voted(vote int) func(*testing.T, *Ledger, int64, int64) {
	return func(t *testing.T, l *Ledger, _, answer int64) {
		t.Helper()
		check(t, l.Feedback(t.Context(), Feedback{AnswerID: answer, User: "U2", Vote: vote}))
	}
}

func reask(t *testing.T, l *Ledger, id, _ int64) {
	t.Helper()
	fresh, err := l.Reask(t.Context(), id, 1, HowFresh, "")
	if err != nil || !fresh {
		t.Fatal(fresh, err)
	}
}

func TestAStoppedAnswerIsNotReused(t *testing.T) {
	l := open(t, Options{})
	id := put(t, l, message(1))
	check(t, l.StopAnswer(t.Context(), id, 1))
	c := mustClaim(t, l, id)
	_, err := c.Save(t.Context(), shared())
	check(t, err)
	check(t, c.Finish(t.Context()))
	if got := reusable(t, l, "k"); got != nil {
		t.Errorf("%v", got)
	}
}

func TestReusableIsTheTeamsNewestFirst(t *testing.T) {
	l := open(t, Options{})
	first, _ := answeredWith(t, l, message(1), shared())
	second, _ := answeredWith(t, l, message(2), shared())
	elsewhere := message(3)
	elsewhere.Team = "T2"
	answeredWith(t, l, elsewhere, shared())
	if got := reusable(t, l, "k"); !reflect.DeepEqual(got, []int64{second, first}) {
		t.Errorf("%v", got)
	}
	// The answer counts, not the question.
	reask(t, l, first, 0)
	c := mustClaim(t, l, first)
	_, err := c.Save(t.Context(), shared())
	check(t, err)
	check(t, c.Finish(t.Context()))
	turns, err := l.Reusable(t.Context(), "T1", "k", "hash", "m", 1)
	if err != nil || len(turns) != 1 || turns[0].ID != first || turns[0].Answer.Revision != 2 || turns[0].Answer.Key != "k" {
		t.Errorf("%+v, %v", turns, err)
	}
}

func TestTurnIsTheCurrentRevision(t *testing.T) {
	l := open(t, Options{})
	want := shared()
	want.ReusedFrom = 17
	id, saved := answeredWith(t, l, message(1), want)
	turn, err := l.Turn(t.Context(), id)
	if err != nil || turn.ID != id || !reflect.DeepEqual(*turn.Answer, saved) || turn.Answer.ReusedFrom != 17 {
		t.Errorf("%+v, %v", turn, err)
	}
	put(t, l, edited(1, "1750000100"))
	if turn, err := l.Turn(t.Context(), id); err != nil || turn.Answer != nil || turn.Revision != 2 {
		t.Errorf("%+v, %v", turn, err)
	}
	if _, err := l.Turn(t.Context(), 99); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestAskedIsAPersonsOwn(t *testing.T) {
	l := open(t, Options{})
	var ids []int64
	for n, who := range []string{"U1", "U2", "U1", "U1"} {
		q := message(n)
		q.Asker = who
		ids = append(ids, put(t, l, q))
	}
	withdrawIt(t, l, ids[2])
	elsewhere := message(9)
	elsewhere.Team = "T2"
	put(t, l, elsewhere)
	turns, err := l.Asked(t.Context(), "T1", "U1", 0)
	if err != nil || len(turns) != 2 || turns[0].ID != ids[3] || turns[1].ID != ids[0] {
		t.Errorf("%+v, %v", turns, err)
	}
	if turns, err := l.Asked(t.Context(), "T1", "U1", 1); err != nil || len(turns) != 1 || turns[0].ID != ids[3] {
		t.Errorf("%+v, %v", turns, err)
	}
	if _, err := l.Asked(t.Context(), "T1", "", 1); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
}

func TestFeedbackOnKnowsWhatItIsAbout(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	first, a := answered(t, l, message(1), "7.7")
	second, b := answered(t, l, message(2), "7.8")
	check(t, l.Feedback(t.Context(), Feedback{AnswerID: b.ID, User: "U1", Vote: 1}))
	clock.advance(time.Second)
	since := clock.now()
	check(t, l.Feedback(t.Context(), Feedback{AnswerID: a.ID, User: "U2", Vote: -1, Reason: "wrong", Text: "no"}))

	all, err := l.FeedbackOn(t.Context(), time.Time{})
	check(t, err)
	if len(all) != 2 || all[0].Entry.ID != second || all[1].Entry.ID != first || all[1].Entry.Text != "question 1" {
		t.Fatalf("%+v", all)
	}
	if f := all[1]; f.User != "U2" || f.Feedback.Text != "no" || !f.Feedback.CreatedAt.Equal(since) || !reflect.DeepEqual(f.Answer, a) {
		t.Errorf("%+v", f)
	}
	if all, err := l.FeedbackOn(t.Context(), since); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}
