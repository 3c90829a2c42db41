package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"footnote/bot/record"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func work(t *testing.T, l *Ledger, n int, handle Handler) {
	t.Helper()
	check(t, l.Work(t.Context(), n, handle))
}

func finish(ctx context.Context, c *Claim) error { return c.Finish(ctx) }

func stateIs(t *testing.T, l *Ledger, id int64, s State) func() bool {
	return func() bool { return get(t, l, id).State == s }
}

func stop(t *testing.T, l *Ledger, patience time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return l.Stop(ctx)
}

// safeBuffer takes log lines from several goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestEveryQuestionIsHandledOnceAndThreadsInOrder(t *testing.T) {
	l := open(t, Options{})
	var mu sync.Mutex
	order := map[string][]int64{}
	busy := map[string]bool{}
	work(t, l, 4, func(ctx context.Context, c *Claim) error {
		mu.Lock()
		if busy[c.ThreadTS] {
			t.Errorf("two workers in thread %s", c.ThreadTS)
		}
		busy[c.ThreadTS] = true
		order[c.ThreadTS] = append(order[c.ThreadTS], c.ID)
		mu.Unlock()
		time.Sleep(time.Millisecond)
		mu.Lock()
		busy[c.ThreadTS] = false
		mu.Unlock()
		return c.Finish(ctx)
	})
	var ids []int64
	for i := range 60 {
		ids = append(ids, put(t, l, inThread(i, fmt.Sprint("thread", i%5))))
	}
	for _, id := range ids {
		eventually(t, "an answer", stateIs(t, l, id, Answered))
	}
	mu.Lock()
	defer mu.Unlock()
	for ts, handled := range order {
		if len(handled) != 12 || !slices.IsSorted(handled) {
			t.Errorf("thread %s: %v", ts, handled)
		}
	}
}

func TestFailuresAndPanicsAreTriedAgainAndSaidWithoutTheQuestion(t *testing.T) {
	var log safeBuffer
	o := quick()
	o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	o.MaxAttempts = 4
	l := open(t, o)
	work(t, l, 2, func(ctx context.Context, c *Claim) error {
		switch c.Attempts {
		case 1:
			panic("CANARY panic about " + c.Text)
		case 2:
			return errors.New("cannot answer " + c.Text + " with xoxb-123456-CANARY")
		case 3:
			return nil // without Finish
		}
		return c.Finish(ctx)
	})
	q := message(1)
	q.Text = "a CANARY question"
	id := put(t, l, q)
	eventually(t, "the fourth attempt", stateIs(t, l, id, Answered))
	if e := get(t, l, id); e.Attempts != 4 || e.Error != "" {
		t.Errorf("%+v", e)
	}
	if strings.Contains(log.String(), "CANARY") || strings.Count(log.String(), "an attempt failed") != 3 {
		t.Error(log.String())
	}
}

func TestAHandlerThatTakesTooLongFails(t *testing.T) {
	o := quick()
	o.AttemptTimeout, o.MaxAttempts = 20*time.Millisecond, 1
	l := open(t, o)
	work(t, l, 1, func(ctx context.Context, c *Claim) error {
		<-ctx.Done()
		return ctx.Err()
	})
	id := put(t, l, message(1))
	eventually(t, "the end of the attempt", stateIs(t, l, id, Failed))
}

func TestStopWaitsForRunningHandlers(t *testing.T) {
	l := open(t, Options{})
	started, let := make(chan bool), make(chan bool)
	work(t, l, 1, func(ctx context.Context, c *Claim) error {
		close(started)
		<-let
		return c.Finish(ctx)
	})
	first := put(t, l, message(1))
	<-started
	second := put(t, l, message(2))
	stopped := make(chan error)
	go func() { stopped <- stop(t, l, time.Minute) }()
	time.Sleep(20 * time.Millisecond)
	close(let)
	check(t, <-stopped)
	if get(t, l, first).State != Answered || get(t, l, second).State != Received {
		t.Errorf("%v, %v", get(t, l, first), get(t, l, second))
	}
	work(t, l, 1, finish)
	eventually(t, "work after the restart", stateIs(t, l, second, Answered))
}

func TestStopHandsBackWhatDoesNotEnd(t *testing.T) {
	l := open(t, Options{})
	started := make(chan bool)
	causes := make(chan error, 1)
	work(t, l, 1, func(ctx context.Context, c *Claim) error {
		close(started)
		<-ctx.Done()
		causes <- context.Cause(ctx)
		return ctx.Err()
	})
	id := put(t, l, message(1))
	<-started
	check(t, stop(t, l, time.Millisecond))
	if cause := <-causes; !errors.Is(cause, ErrStopping) {
		t.Error(cause)
	}
	if e := get(t, l, id); e.State != Received || e.Attempts != 0 || e.Error != "" {
		t.Errorf("%+v", e)
	}
	mustClaim(t, l, id)
}

func TestAnEditInterruptsTheHandler(t *testing.T) {
	for name, two := range map[string]bool{"in this process": false, "from another": true} {
		t.Run(name, func(t *testing.T) {
			url := address(t)
			l := openAt(t, url, quick())
			editor := l
			if two {
				editor = openAt(t, url, quick())
			}
			texts := make(chan string, 2)
			work(t, l, 2, func(ctx context.Context, c *Claim) error {
				texts <- c.Text
				if c.Revision == 1 {
					<-ctx.Done()
					return context.Cause(ctx)
				}
				return c.Finish(ctx)
			})
			id := put(t, l, message(1))
			<-texts
			edit := message(1)
			edit.Text, edit.EditTS = "edited", "1750000050.000000"
			put(t, editor, edit)
			if text := <-texts; text != "edited" {
				t.Error(text)
			}
			eventually(t, "the second answer", stateIs(t, l, id, Answered))
		})
	}
}

// abandon makes the ledger's process look dead: no heartbeat, jobs still
// running.
func abandon(t *testing.T, l *Ledger) {
	t.Helper()
	_, err := l.db.Exec(`UPDATE worker SET beat_at = 1`)
	check(t, err)
	_, err = l.db.Exec(`UPDATE lease SET beat_at = 1`)
	check(t, err)
}

func TestTheWorkOfADeadProcessIsTakenOver(t *testing.T) {
	url := address(t)
	o := quick()
	o.Heartbeat, o.LeaseLapse, o.SweepEvery = time.Hour, 2*time.Hour, time.Hour
	dead := openAt(t, url, o)
	release := make(chan bool)
	var once sync.Once
	started := make(chan bool)
	stale := make(chan error, 1)
	work(t, dead, 1, func(ctx context.Context, c *Claim) error {
		once.Do(func() { close(started) })
		<-release
		err := c.Finish(ctx)
		stale <- err
		return err
	})
	id := put(t, dead, message(1))
	<-started
	abandon(t, dead)

	o = quick()
	l := openAt(t, url, o)
	work(t, l, 1, finish)
	eventually(t, "the takeover", stateIs(t, l, id, Answered))
	close(release)
	if err := <-stale; !errors.Is(err, ErrLeaseLost) {
		t.Errorf("the stale worker got %v", err)
	}
	if e := get(t, l, id); e.State != Answered || e.Attempts != 2 {
		t.Errorf("%+v", e)
	}
}

func TestTheSweepRebuildsLostJobs(t *testing.T) {
	l := open(t, quick())
	ids := []int64{put(t, l, message(1)), put(t, l, message(2))}
	_, err := l.db.Exec(`DELETE FROM river_job`)
	check(t, err)
	work(t, l, 1, finish)
	for _, id := range ids {
		eventually(t, "an answer", stateIs(t, l, id, Answered))
	}
}

func TestALeaseThatCannotBeRenewedEndsTheHandler(t *testing.T) {
	l := open(t, quick())
	causes := make(chan error, 1)
	started := make(chan bool)
	work(t, l, 1, func(ctx context.Context, c *Claim) error {
		close(started)
		<-ctx.Done()
		causes <- context.Cause(ctx)
		return ctx.Err()
	})
	put(t, l, message(1))
	<-started
	_, err := l.db.Exec(`ALTER TABLE worker RENAME TO worker_gone`)
	check(t, err)
	if cause := <-causes; !errors.Is(cause, ErrLeaseLost) {
		t.Error(cause)
	}
	_, err = l.db.Exec(`ALTER TABLE worker_gone RENAME TO worker`)
	check(t, err)
}

func TestWorkTwiceIsRefused(t *testing.T) {
	l := open(t, Options{})
	work(t, l, 1, finish)
	if err := l.Work(t.Context(), 1, finish); err == nil {
		t.Error("it works twice")
	}
}

func TestAnOutageUsesUpNoAttempts(t *testing.T) {
	o := quick()
	o.MaxAttempts = 2
	l := open(t, o)
	var mu sync.Mutex
	outages, attempts := 6, []int{}
	work(t, l, 1, func(ctx context.Context, c *Claim) error {
		mu.Lock()
		defer mu.Unlock()
		attempts = append(attempts, c.Attempts)
		if outages--; outages >= 0 {
			return record.Outage(errors.New("nobody answers"))
		}
		return c.Finish(ctx)
	})
	id := put(t, l, message(1))
	eventually(t, "the answer", stateIs(t, l, id, Answered))
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(attempts, []int{1, 1, 1, 1, 1, 1, 1}) {
		t.Errorf("attempts %v", attempts)
	}
}

func TestADeletedQuestionThatIsGivenUpKeepsNoAnswer(t *testing.T) {
	o := quick()
	l := open(t, o)
	work(t, l, 1, func(ctx context.Context, c *Claim) error {
		if c.State == Withdrawn {
			return Permanent(errors.New("the messages cannot be deleted"))
		}
		if _, err := c.Save(ctx, sampleAnswer()); err != nil {
			return err
		}
		if err := c.Record(ctx, Step{Kind: StepPosted, Channel: "C1", TS: "1.1"}); err != nil {
			return err
		}
		return c.Finish(ctx)
	})
	q := message(1)
	id := put(t, l, q)
	eventually(t, "the answer", stateIs(t, l, id, Answered))
	_, err := l.Withdraw(t.Context(), q.Key)
	check(t, err)
	eventually(t, "its end", func() bool { f, err := l.Failed(t.Context()); return err == nil && len(f) == 1 })
	var answers, steps int
	check(t, l.db.QueryRow(`SELECT (SELECT COUNT(*) FROM answer), (SELECT COUNT(*) FROM step)`).Scan(&answers, &steps))
	if answers != 0 || steps == 0 {
		t.Errorf("%d answers and %d steps are left", answers, steps)
	}
}

func TestWhatWaitsForTheEndOfAnOutageCanBeHurried(t *testing.T) {
	o := quick()
	o.BackoffBase, o.BackoffMax = time.Hour, time.Hour
	l := open(t, o)
	away := atomic.Bool{}
	away.Store(true)
	work(t, l, 1, func(ctx context.Context, c *Claim) error {
		switch {
		case c.Key == message(2).Key:
			return errors.New("the question's own fault")
		case away.Load():
			return record.Outage(errors.New("nobody answers"))
		}
		return c.Finish(ctx)
	})
	waits, failed := put(t, l, message(1)), put(t, l, message(2))
	tried := func(id int64) func() bool {
		return func() bool { e := get(t, l, id); return e.State == Received && e.Error != "" }
	}
	eventually(t, "the attempts", func() bool { return tried(waits)() && tried(failed)() })
	away.Store(false)
	if n, err := l.Hurry(t.Context()); n != 1 || err != nil {
		t.Errorf("hurried are %d, %v, want 1", n, err)
	}
	eventually(t, "the answer", stateIs(t, l, waits, Answered))
	if e := get(t, l, failed); e.Attempts != 1 || e.State != Received {
		t.Errorf("the one that failed is tried too: %+v", e)
	}
}
