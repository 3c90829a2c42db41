package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// everything is all text that the ledger holds.
func everything(t *testing.T, l *Ledger) string {
	t.Helper()
	var all strings.Builder
	for table, columns := range map[string]string{
		"question": "asker || text || detail || error", "answer": "text || share_key", "step": "text",
		"feedback": "user_id || text", "rate": "scope", "report": "user_id",
	} {
		rows, err := l.db.Query(`SELECT ` + columns + ` FROM ` + table)
		check(t, each(rows, err, func() error {
			var s string
			err := rows.Scan(&s)
			fmt.Fprintln(&all, table, s)
			return err
		}))
	}
	return all.String()
}

// by is message n asked by somebody in a team.
func by(n int, team, asker string) Question {
	q := message(n)
	q.Team, q.Asker, q.Text, q.Detail = team, asker, "CANARY text", "CANARY detail"
	return q
}

// begun asks q, and records a sentence and a message.
func begun(t *testing.T, l *Ledger, q Question) *Claim {
	t.Helper()
	c := mustClaim(t, l, put(t, l, q))
	check(t, c.Record(t.Context(), Step{Kind: StepSentence, Number: 1, Text: "CANARY sentence"}))
	check(t, c.Record(t.Context(), Step{Kind: StepPosted, Channel: q.Channel, TS: "5." + q.TS[5:10], Text: "sum"}))
	_, err := c.Save(t.Context(), Answer{Text: "CANARY answer", Key: "CANARY key"})
	check(t, err)
	return c
}

func TestForgetWorksInBatches(t *testing.T) {
	l := open(t, Options{})
	insertAnswered(t, l, "U1", 2*pruneBatch+7)
	if got, err := l.Forget(t.Context(), "", "U1"); err != nil || got.Questions != 2*pruneBatch+7 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestForgetErasesAPerson(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	done := begun(t, l, by(1, "T1", "U1"))
	check(t, done.Finish(t.Context()))
	working := begun(t, l, by(2, "T1", "U1"))
	waiting := put(t, l, by(3, "T1", "U1"))
	deleted := begun(t, l, by(4, "T1", "U1"))
	check(t, deleted.Finish(t.Context()))
	withdrawIt(t, l, deleted.ID)
	failed := mustClaim(t, l, put(t, l, by(5, "T1", "U1")))
	check(t, failed.fail(t.Context(), Permanent(errors.New("no"))))
	_, others := answered(t, l, message(6), "7.7")
	_, err := l.db.Exec(l.dialect.bind(`UPDATE question SET asker = 'U2' WHERE ts = ?`), message(6).TS)
	check(t, err)
	turn, err := l.Turn(t.Context(), done.ID)
	check(t, err)
	for _, f := range []Feedback{{AnswerID: others.ID, User: "U1"}, {AnswerID: others.ID, User: "U2"}, {AnswerID: turn.Answer.ID, User: "U2"}} {
		f.Vote, f.Text = 1, "said by "+f.User
		check(t, l.Feedback(t.Context(), f))
	}
	for _, scope := range []string{"user:T1:U1", "user:T1:U2", "user:T2:U1", "channel:T1:C1"} {
		_, _, err := l.Allow(t.Context(), scope, 1, time.Hour)
		check(t, err)
	}
	for _, team := range []string{"T1", "T2"} {
		check(t, l.AddReport(t.Context(), Report{Team: team, Channel: "C1", File: "F1", Hash: "h", User: "U1"}))
	}

	got, err := l.Forget(t.Context(), "T1", "U1")
	if want := (Forgotten{Questions: 5, Answers: 3, Feedback: 2, Reports: 1}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if left := everything(t, l); strings.Contains(left, "CANARY") || strings.Contains(left, "by U1") || strings.Contains(left, "T1:U1") ||
		strings.Contains(left, "question U1") || !strings.Contains(left, "by U2") || !strings.Contains(left, "T2:U1") || strings.Count(left, "report U1") != 1 {
		t.Error(left)
	}
	for n := range 5 {
		if _, fresh, err := l.Put(t.Context(), by(n+1, "T1", "U1")); fresh || err != nil {
			t.Errorf("message %d is new again: %v", n+1, err)
		}
	}
	for id, want := range map[int64]State{done.ID: Answered, working.ID: Withdrawn, waiting: Withdrawn, deleted.ID: Withdrawn, failed.ID: Failed} {
		if e := get(t, l, id); e.State != want {
			t.Errorf("question %d is %s", id, e.State)
		}
	}
	// The messages of those that were owed are still known, and taken away.
	check(t, working.fail(t.Context(), ErrSuperseded))
	for _, id := range []int64{working.ID, deleted.ID} {
		c := mustClaim(t, l, id)
		if c.State != Withdrawn || len(c.Steps) != 2 || c.Steps[1].TS == "" && c.Steps[0].TS == "" {
			t.Errorf("%+v", c)
		}
		check(t, c.Finish(t.Context()))
	}
	noClaim(t, l, waiting)
	if got, err := l.Forget(t.Context(), "T1", "U1"); err != nil || got != (Forgotten{}) {
		t.Errorf("again: %+v, %v", got, err)
	}
}

func TestForgetInAllTeams(t *testing.T) {
	l := open(t, Options{})
	for n, team := range []string{"T1", "T2"} {
		put(t, l, by(n, team, "U1"))
		put(t, l, by(n+5, team, "XU1"))
		for _, user := range []string{"U1", "XU1", "%"} {
			_, _, err := l.Allow(t.Context(), "user:"+team+":"+user, 1, time.Hour)
			check(t, err)
		}
	}
	got, err := l.Forget(t.Context(), "", "U1")
	if err != nil || got.Questions != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = l.Forget(t.Context(), "", "%")
	check(t, err)
	if left := everything(t, l); strings.Contains(left, ":U1") || strings.Contains(left, "question U1") || strings.Contains(left, ":%") ||
		strings.Count(left, ":XU1") != 2 || strings.Count(left, "question XU1") != 2 {
		t.Error(left)
	}
	for _, c := range [][2]string{{"T1", ""}, {"T\n", "U1"}} {
		if _, err := l.Forget(t.Context(), c[0], c[1]); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", c, err)
		}
	}
}

func TestForgetEndsTheWork(t *testing.T) {
	l := open(t, quick())
	states := make(chan State, 9)
	work(t, l, 1, func(ctx context.Context, c *Claim) error {
		states <- c.State
		if c.State == Withdrawn {
			return c.Finish(ctx)
		}
		if err := c.Record(ctx, Step{Kind: StepPosted, TS: "1.1"}); err != nil {
			return err
		}
		<-ctx.Done()
		return context.Cause(ctx)
	})
	put(t, l, message(1))
	<-states
	_, err := l.Forget(t.Context(), "T1", "U1")
	check(t, err)
	if s := <-states; s != Withdrawn {
		t.Errorf("then %s", s)
	}
}

func TestDetailIsErasedWithTheText(t *testing.T) {
	for name, erase := range map[string]func(*testing.T, *Ledger, int64){
		"withdrawn": withdrawIt,
		"pruned":    pruneIt,
		"forgotten": func(t *testing.T, l *Ledger, _ int64) {
			_, err := l.Forget(t.Context(), "T1", "U1")
			check(t, err)
		},
		"abandoned": func(t *testing.T, l *Ledger, _ int64) {
			_, err := l.Abandon(t.Context(), "T1", "gone")
			check(t, err)
		},
		"answered, then abandoned": func(t *testing.T, l *Ledger, id int64) {
			finishIt(t, l, id)
			_, err := l.Abandon(t.Context(), "T1", "gone")
			check(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, newFakeClock().options())
			id := put(t, l, by(1, "T1", "U1"))
			if e := get(t, l, id); e.Detail != "CANARY detail" {
				t.Errorf("%+v", e)
			}
			erase(t, l, id)
			if e := get(t, l, id); e.Detail != "" {
				t.Errorf("%+v", e)
			}
		})
	}
	q := message(1)
	q.Detail = strings.Repeat("x", MaxText+1)
	if _, _, err := open(t, Options{}).Put(t.Context(), q); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
}

func TestAbandonGivesUpATeam(t *testing.T) {
	l := open(t, Options{})
	done, _ := answered(t, l, by(1, "T1", "U1"), "7.7")
	waiting := put(t, l, by(2, "T1", "U1"))
	working := begun(t, l, by(3, "T1", "U1"))
	deleted, _ := answered(t, l, by(4, "T1", "U1"), "7.8")
	withdrawIt(t, l, deleted)
	elsewhere := put(t, l, by(5, "T2", "U1"))

	n, err := l.Abandon(t.Context(), "T1", "the app was taken away, xoxb-12345-CANARY")
	if n != 3 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	for id, want := range map[int64]State{done: Answered, waiting: Failed, working.ID: Failed, deleted: Withdrawn, elsewhere: Received} {
		e := get(t, l, id)
		if e.State != want || strings.Contains(e.Error, "CANARY") || (e.Error != "") != (id != done && id != elsewhere) {
			t.Errorf("%+v", e)
		}
		if id != elsewhere {
			noClaim(t, l, id)
		}
	}
	if err := working.Finish(t.Context()); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("a worker goes on: %v", err)
	}
	if failed, err := l.Failed(t.Context()); err != nil || len(failed) != 3 {
		t.Errorf("%+v, %v", failed, err)
	}
	// The workspace may take the app back.
	check(t, l.Retry(t.Context(), working.ID))
	if c := mustClaim(t, l, working.ID); c.Answer == nil || c.Token() <= working.Token() {
		t.Errorf("%+v", c)
	}
	for _, c := range [][2]string{{"", "gone"}, {"T1", ""}} {
		if _, err := l.Abandon(t.Context(), c[0], c[1]); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", c, err)
		}
	}
}

func TestAbandonEndsTheWork(t *testing.T) {
	l := open(t, quick())
	causes := make(chan error, 1)
	started := make(chan bool)
	work(t, l, 1, func(ctx context.Context, c *Claim) error {
		started <- true
		<-ctx.Done()
		causes <- context.Cause(ctx)
		return ctx.Err()
	})
	id := put(t, l, message(1))
	<-started
	_, err := l.Abandon(t.Context(), "T1", "gone")
	check(t, err)
	if cause := <-causes; !errors.Is(cause, ErrLeaseLost) {
		t.Error(cause)
	}
	if e := get(t, l, id); e.State != Failed || e.Error != "gone" {
		t.Errorf("%+v", e)
	}
}
