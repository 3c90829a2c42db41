package ledger

import (
	"context"
	"errors"
	"testing"
	"time"
)

func isStopped(c *Claim) bool {
	select {
	case <-c.Stop:
		return true
	default:
		return false
	}
}

// edited is message n with another text.
func edited(n int, seconds string) Question {
	q := message(n)
	q.Text, q.EditTS = "edited at "+seconds, seconds+".000000"
	return q
}

func TestAStopReachesWhoeverWorksOnTheRevision(t *testing.T) {
	url := address(t)
	l, other := openAt(t, url, quick()), openAt(t, url, quick())
	started, stopped := make(chan *Claim), make(chan string)
	work(t, other, 1, func(ctx context.Context, c *Claim) error {
		started <- c
		select {
		case <-c.Stop:
			stopped <- "asked to stop"
		case <-ctx.Done():
			stopped <- "ended"
		}
		return c.Finish(ctx)
	})
	for name, stopping := range map[string]*Ledger{"in the same process": other, "in another": l} {
		q := message(len(name))
		id := put(t, l, q)
		if c := <-started; isStopped(c) {
			t.Errorf("%s: stopped from the start", name)
		}
		for range 2 {
			check(t, stopping.StopAnswer(t.Context(), id, 1))
		}
		if got := <-stopped; got != "asked to stop" {
			t.Errorf("%s: %s", name, got)
		}
		eventually(t, "the end", stateIs(t, l, id, Answered))
	}
}

func TestAStopIsForOneRevision(t *testing.T) {
	l := open(t, Options{})
	id := put(t, l, message(1))
	check(t, l.StopAnswer(t.Context(), id, 1))
	c := mustClaim(t, l, id)
	if !isStopped(c) {
		t.Error("a claim made later does not know")
	}
	check(t, c.release(t.Context()))
	if c = mustClaim(t, l, id); !isStopped(c) {
		t.Error("the next worker does not know")
	}
	put(t, l, edited(1, "1750000100"))
	for _, revision := range []int{1, 3} {
		if err := l.StopAnswer(t.Context(), id, revision); !errors.Is(err, ErrNotFound) {
			t.Errorf("revision %d: %v", revision, err)
		}
	}
	check(t, c.release(t.Context()))
	if c = mustClaim(t, l, id); isStopped(c) {
		t.Error("the edit is stopped too")
	}
	check(t, c.Finish(t.Context()))
	// Too late, which is no mistake, and has no effect on what is reused.
	check(t, l.StopAnswer(t.Context(), id, 2))
	var revision int
	check(t, l.db.QueryRow(`SELECT stopped FROM question`).Scan(&revision))
	if revision != 1 {
		t.Errorf("revision %d is stopped", revision)
	}
	if err := l.StopAnswer(t.Context(), 99, 1); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	_, err := l.Withdraw(t.Context(), message(1).Key)
	check(t, err)
	if err := l.StopAnswer(t.Context(), id, 3); !errors.Is(err, ErrNotFound) {
		t.Errorf("a deletion was stopped: %v", err)
	}
}

func TestReaskMakesARevisionOfTheSameText(t *testing.T) {
	clock := newFakeClock()
	for name, c := range map[string]struct {
		before   func(t *testing.T, l *Ledger, id int64)
		revision int
		detail   string
		fresh    bool
		want     string // the detail afterwards
	}{
		"answered":       {finishIt, 1, "", true, "old"},
		"another detail": {finishIt, 1, "new", true, "new"},
		"given up": {func(t *testing.T, l *Ledger, id int64) {
			check(t, mustClaim(t, l, id).fail(t.Context(), Permanent(errors.New("x"))))
		}, 1, "", true, "old"},
		"an older revision": {func(t *testing.T, l *Ledger, id int64) {
			put(t, l, edited(1, "1750000100"))
			finishIt(t, l, id)
		}, 1, "new", false, ""},
		"waiting": {func(*testing.T, *Ledger, int64) {}, 1, "new", false, "old"},
		"at work": {func(t *testing.T, l *Ledger, id int64) { mustClaim(t, l, id) }, 1, "new", false, "old"},
		"answered and not finished": {func(t *testing.T, l *Ledger, id int64) {
			c := mustClaim(t, l, id)
			_, err := c.Save(t.Context(), Answer{Text: "x"})
			check(t, err)
			check(t, c.release(t.Context()))
		}, 1, "new", true, "new"},
		"deleted": {withdrawIt, 2, "new", false, ""},
		"pruned":  {pruneIt, 1, "new", false, ""},
		"answered and asked again": {func(t *testing.T, l *Ledger, id int64) {
			finishIt(t, l, id)
			_, err := l.Reask(t.Context(), id, 1, HowFresh, "")
			check(t, err)
		}, 1, "new", false, "old"},
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, clock.options())
			q := message(1)
			q.Detail = "old"
			id := put(t, l, q)
			c.before(t, l, id)
			was := get(t, l, id)
			fresh, err := l.Reask(t.Context(), id, c.revision, HowLiteral, c.detail)
			if fresh != c.fresh || err != nil {
				t.Fatalf("%t, %v", fresh, err)
			}
			e := get(t, l, id)
			if e.Text != was.Text || e.Detail != c.want {
				t.Errorf("%+v", e)
			}
			if !fresh {
				return
			}
			again := mustClaim(t, l, id)
			if again.Revision != was.Revision+1 || again.How != HowLiteral || again.Attempts != 1 || again.Answer != nil || isStopped(again) {
				t.Errorf("%+v", again)
			}
		})
	}
	l := open(t, Options{})
	if _, err := l.Reask(t.Context(), 9, 1, HowUsual, ""); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, err := l.Reask(t.Context(), 9, 1, "a\nb", ""); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
}

func finishIt(t *testing.T, l *Ledger, id int64) {
	t.Helper()
	check(t, mustClaim(t, l, id).Finish(t.Context()))
}

func withdrawIt(t *testing.T, l *Ledger, id int64) {
	t.Helper()
	_, err := l.Withdraw(t.Context(), get(t, l, id).Key)
	check(t, err)
}

func pruneIt(t *testing.T, l *Ledger, id int64) {
	t.Helper()
	finishIt(t, l, id)
	l.options.Clock = func() time.Time { return newFakeClock().now().Add(time.Hour) }
	_, err := l.Prune(t.Context(), time.Minute)
	check(t, err)
}

func TestAnEditIsAnsweredInTheUsualWay(t *testing.T) {
	l := open(t, Options{})
	q := message(1)
	q.Detail = "old"
	id := put(t, l, q)
	finishIt(t, l, id)
	_, err := l.Reask(t.Context(), id, 1, HowLiteral, "")
	check(t, err)
	q = edited(1, "1750000100")
	q.Detail = "new"
	put(t, l, q)
	if e := get(t, l, id); e.How != HowUsual || e.Detail != "new" || e.Revision != 3 {
		t.Errorf("%+v", e)
	}
}

func TestReaskedQuestionsAreWorkedOn(t *testing.T) {
	l := open(t, quick())
	revisions := make(chan int, 2)
	work(t, l, 1, func(ctx context.Context, c *Claim) error {
		revisions <- c.Revision
		return c.Finish(ctx)
	})
	id := put(t, l, message(1))
	<-revisions
	eventually(t, "the answer", stateIs(t, l, id, Answered))
	if fresh, err := l.Reask(t.Context(), id, 1, HowFresh, ""); !fresh || err != nil {
		t.Fatal(fresh, err)
	}
	if got := <-revisions; got != 2 {
		t.Errorf("revision %d", got)
	}
}
