package ledger

import (
	"errors"
	"testing"
	"time"
)

func answered(t *testing.T, l *Ledger, q Question, ts string) (int64, Answer) {
	t.Helper()
	id := put(t, l, q)
	c := mustClaim(t, l, id)
	a, err := c.Save(t.Context(), sampleAnswer())
	check(t, err)
	check(t, c.Record(t.Context(), Step{Kind: StepPosted, Purpose: "answer", Channel: q.Channel, TS: ts}))
	check(t, c.Finish(t.Context()))
	return id, a
}

func TestThreadAndAnswerAt(t *testing.T) {
	l := open(t, Options{})
	ids := make([]int64, 4)
	for i := range ids {
		ids[i], _ = answered(t, l, inThread(i, "9.9"), "77."+string(rune('0'+i)))
	}
	answered(t, l, inThread(9, "8.8"), "78.0")
	pending := put(t, l, inThread(10, "9.9"))
	_, err := l.Withdraw(t.Context(), message(1).Key)
	check(t, err)

	turns, err := l.Thread(t.Context(), "T1", "C1", "9.9", 0, 3)
	check(t, err)
	if len(turns) != 3 || turns[0].ID != ids[2] || turns[1].ID != ids[3] || turns[2].ID != pending {
		t.Errorf("%+v", turns)
	}
	if turns[0].Answer == nil || turns[0].Answer.Text != "Because [1]." || turns[2].Answer != nil {
		t.Errorf("%+v", turns)
	}
	if all, err := l.Thread(t.Context(), "T1", "C1", "9.9", 0, 0); err != nil || len(all) != 4 {
		t.Errorf("%d turns, %v", len(all), err)
	}
	turn, err := l.AnswerAt(t.Context(), "C1", "77.3")
	if err != nil || turn.ID != ids[3] || turn.Answer == nil {
		t.Errorf("%+v, %v", turn, err)
	}
	for _, ts := range []string{"1.1", ""} {
		if _, err := l.AnswerAt(t.Context(), "C1", ts); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	}
}

func TestFeedbackIsOnePerUser(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	_, a := answered(t, l, message(1), "7.7")
	for _, f := range []Feedback{
		{AnswerID: a.ID, User: "U1", Vote: 1},
		{AnswerID: a.ID, User: "U2", Vote: 1},
		{AnswerID: a.ID, User: "U1", Vote: -1, Reason: "wrong", Text: "no\x00"},
	} {
		clock.advance(time.Second)
		check(t, l.Feedback(t.Context(), f))
	}
	all, err := l.Feedbacks(t.Context(), time.Time{})
	check(t, err)
	if len(all) != 2 || all[0].User != "U2" || all[1].Vote != -1 || all[1].Reason != "wrong" || all[1].Text != "no\uFFFD" {
		t.Errorf("%+v", all)
	}
	if all, err := l.Feedbacks(t.Context(), clock.now()); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
	if err := l.Feedback(t.Context(), Feedback{AnswerID: 99, User: "U", Vote: 1}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	for _, f := range []Feedback{{AnswerID: a.ID, Vote: 1}, {AnswerID: a.ID, User: "U", Vote: 2}} {
		if err := l.Feedback(t.Context(), f); !errors.Is(err, ErrInvalid) {
			t.Error(err)
		}
	}
}

func TestAllowRefillsEvenlyAndSurvivesARestart(t *testing.T) {
	clock := newFakeClock()
	url := address(t)
	allow := func(scope string) (bool, time.Duration) {
		l, err := Open(t.Context(), url, clock.options())
		check(t, err)
		defer l.Close()
		ok, wait, err := l.Allow(t.Context(), scope, 3, time.Minute)
		check(t, err)
		return ok, wait
	}
	for i := range 3 {
		if ok, _ := allow("user:U1"); !ok {
			t.Fatalf("the allowance ended at %d", i)
		}
	}
	ok, wait := allow("user:U1")
	if ok || wait != 20*time.Second {
		t.Errorf("%t, %s", ok, wait)
	}
	if ok, _ := allow("user:U2"); !ok {
		t.Error("scopes share an allowance")
	}
	clock.advance(wait)
	if ok, _ := allow("user:U1"); !ok {
		t.Error("it did not refill")
	}
	if ok, _ := allow("user:U1"); ok {
		t.Error("it refilled too far")
	}
	l := openAt(t, url, clock.options())
	for _, c := range []struct {
		scope string
		limit int
	}{{"", 1}, {"x", 0}} {
		if _, _, err := l.Allow(t.Context(), c.scope, c.limit, time.Minute); !errors.Is(err, ErrInvalid) {
			t.Error(err)
		}
	}
}

func TestPruneErasesTextsAndKeepsKeysForTwoDays(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	old, a := answered(t, l, message(1), "7.7")
	check(t, l.Feedback(t.Context(), Feedback{AnswerID: a.ID, User: "U", Vote: 1}))
	waiting := put(t, l, message(2))
	clock.advance(25 * time.Hour)
	recent, _ := answered(t, l, message(3), "7.8")

	got, err := l.Prune(t.Context(), 24*time.Hour)
	if want := (Pruned{Texts: 1, Answers: 1, Feedback: 1}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if e := get(t, l, old); e.Text != "" || e.Asker != "" || e.State != Answered {
		t.Errorf("%+v", e)
	}
	if _, fresh, err := l.Put(t.Context(), message(1)); fresh || err != nil {
		t.Errorf("the pruned question is new again: %v", err)
	}
	if turns, err := l.Thread(t.Context(), "T1", "C1", message(1).TS, 0, 0); err != nil || len(turns) != 0 {
		t.Errorf("%+v, %v", turns, err)
	}
	if get(t, l, waiting).Text == "" || get(t, l, recent).Text == "" {
		t.Error("pruned too much")
	}
	if got, err := l.Prune(t.Context(), 24*time.Hour); err != nil || got != (Pruned{}) {
		t.Errorf("%+v, %v", got, err)
	}

	clock.advance(24 * time.Hour)
	if got, err = l.Prune(t.Context(), 24*time.Hour); err != nil || got.Keys != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := l.Get(t.Context(), old); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if get(t, l, waiting).Text == "" {
		t.Error("pruned what is owed")
	}
	if _, err := l.Prune(t.Context(), -time.Hour); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
}

func TestPruneWorksInBatches(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	insertAnswered(t, l, "", 2*pruneBatch+7)
	if got, err := l.Prune(t.Context(), 0); err != nil || got.Keys != 2*pruneBatch+7 {
		t.Errorf("%+v, %v", got, err)
	}
}

// insertAnswered adds n questions of somebody's that were answered long ago.
func insertAnswered(t *testing.T, l *Ledger, asker string, n int) {
	t.Helper()
	_, err := l.db.Exec(l.dialect.bind(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO question (team, channel, ts, thread_ts, surface, asker, text, edit_ts, corpus_hash, revision,
			state, owed, attempts, error, job_id, due_at, owed_at, created_at, updated_at, pruned_at)
		SELECT 'T', 'C', CAST(i AS TEXT), '', '', ?, '', '', '', 1, 'answered', 0, 1, '', 0, 0, 0, 0, 0, 0 FROM n`), n, asker)
	check(t, err)
}

func TestStats(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	answered(t, l, message(1), "7.7")
	put(t, l, message(2))
	clock.advance(3 * time.Second)
	mustClaim(t, l, put(t, l, message(3)))
	check(t, mustClaim(t, l, put(t, l, message(4))).fail(t.Context(), errors.New("x")))
	check(t, mustClaim(t, l, put(t, l, message(5))).fail(t.Context(), Permanent(errors.New("x"))))
	s, err := l.Stats(t.Context())
	check(t, err)
	if s.Depth != 2 || s.Running != 1 || s.OldestWait != 3*time.Second || s.Attempts != 4 ||
		s.States[Answered] != 1 || s.States[Received] != 2 || s.States[Working] != 1 || s.States[Failed] != 1 {
		t.Errorf("%+v", s)
	}
}
