package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// beatLoop renews the leases of running handlers, and ends the handlers whose
// lease was lost.
func (l *Ledger) beatLoop(ctx context.Context, w *workers) {
	ticker := time.NewTicker(l.options.Heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		// What others see is the time of the heartbeat's beginning. Those that the
		// wall's clock tells may jump.
		at := time.Since(w.began)
		err := l.beatInTime(ctx, at-time.Duration(w.lastBeat.Load()))
		if err == nil {
			w.lastBeat.Store(int64(at))
			err = l.restore(ctx, 0)
			if err != nil && ctx.Err() == nil {
				l.log.Warn("attempts could not be given back yet", "error", err)
			}
			continue
		}
		if ctx.Err() != nil {
			return
		}
		l.log.Error("the heartbeat failed", "error", err)
		l.cutOff(l.held())
		// Others count the lapse from the last heartbeat that they can see.
		if time.Since(w.began)-time.Duration(w.lastBeat.Load()) >= l.options.LeaseLapse {
			for _, c := range l.held() {
				c.cancel(ErrLeaseLost)
			}
		}
	}
}

// beatInTime renews the leases, whose last heartbeat was so long ago. A server that
// does not answer is given up when they lapse, so that their handlers end. Where
// this process is alone with its file, a heartbeat that gave up its place in the
// queue would only wait again.
func (l *Ledger) beatInTime(ctx context.Context, ago time.Duration) error {
	if !l.dialect.oneWriter {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, max(l.options.LeaseLapse-ago, l.options.LeaseLapse/2))
		defer cancel()
	}
	return l.beat(ctx, l.held())
}

func (l *Ledger) held() []*Claim {
	l.mu.Lock()
	defer l.mu.Unlock()
	claims := make([]*Claim, 0, len(l.running))
	for _, c := range l.running {
		claims = append(claims, c)
	}
	return claims
}

// beat renews this process's heartbeat and its leases in one transaction.
func (l *Ledger) beat(ctx context.Context, claims []*Claim) error {
	causes := make([]error, len(claims))
	err := l.inTx(ctx, "renew the leases", func(t *tx) error {
		_, err := t.exec(`INSERT INTO worker (id, beat_at) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at`, l.owner, t.now)
		if err != nil {
			return err
		}
		for i, c := range claims {
			if causes[i], err = l.renew(t, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, c := range claims {
		if causes[i] != nil && !c.isOver() {
			c.cancel(causes[i])
		}
	}
	return nil
}

// renew returns why the claim's handler must end, if it must.
func (l *Ledger) renew(t *tx, c *Claim) (cause, err error) {
	n, err := t.exec(`UPDATE lease SET beat_at = ? WHERE team = ? AND channel = ? AND thread_ts = ? AND worker = ? AND token = ?`,
		t.now, c.Team, c.Channel, c.ThreadTS, l.owner, c.token)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return ErrLeaseLost, nil
	}
	var revision, stopped int
	err = t.row(`SELECT revision, stopped FROM question WHERE id = ?`, c.ID).Scan(&revision, &stopped)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ErrLeaseLost, nil
	case err == nil && revision != c.Revision:
		return ErrSuperseded, nil
	case err == nil && stopped == c.Revision:
		c.halt()
	}
	return nil, err
}

// sweepLoop looks for abandoned work, at the latest when the next pause between
// attempts is over.
func (l *Ledger) sweepLoop(ctx context.Context) {
	timer := time.NewTimer(l.options.SweepEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		wait, err := l.sweepOnce(ctx)
		if err != nil && ctx.Err() == nil {
			l.log.Error("the sweep failed", "error", err)
		}
		timer.Reset(wait)
	}
}

// sweepOnce ends a sweep that the database leaves without an answer.
func (l *Ledger) sweepOnce(ctx context.Context) (wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, longestSweep)
	defer cancel()
	return l.sweep(ctx)
}

const longestSweep = 30 * time.Second

// sweep hands back the jobs of dead processes and enqueues whatever is owed, due
// and has no job. It returns how long to wait before the next one.
func (l *Ledger) sweep(ctx context.Context) (wait time.Duration, err error) {
	jobs, err := l.inserter.JobList(ctx, river.NewJobListParams().
		Kinds(seeTo{}.Kind()).States(rivertype.JobStateRunning).First(1000))
	if err != nil {
		return l.options.SweepEvery, fmt.Errorf("list the running jobs: %w", l.dialect.explain(err))
	}
	found := 0
	wait = l.options.SweepEvery
	err = l.inTx(ctx, "look for abandoned work", func(t *tx) error {
		handed, err := l.handBackFrom(t, jobs.Jobs)
		if err != nil {
			return err
		}
		woken, err := l.enqueueAbandoned(t)
		if err != nil {
			return err
		}
		found = handed + woken
		wait, err = l.untilDue(t)
		return err
	})
	if err == nil && found > 0 {
		l.listener.notify()
	}
	return wait, err
}

// handBackFrom hands back the jobs whose process has no live heartbeat or, where
// that is this one, does not work on them.
func (l *Ledger) handBackFrom(t *tx, jobs []*rivertype.JobRow) (handed int, err error) {
	if len(jobs) == 0 {
		return 0, nil
	}
	var live []string
	rows, err := t.rows(`SELECT id FROM worker WHERE beat_at > ?`, l.lapsed(t))
	err = each(rows, err, func() error {
		var id string
		err := rows.Scan(&id)
		live = append(live, id)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, job := range jobs {
		if n := len(job.AttemptedBy); n > 0 {
			by := job.AttemptedBy[n-1]
			if by == l.owner && !l.lost(t, job) || by != l.owner && slices.Contains(live, by) {
				continue
			}
		}
		done, err := handBack(t, job)
		if err != nil {
			return handed, err
		}
		if done {
			handed++
			l.log.Info("took over a job", "job", job.ID)
		}
	}
	return handed, nil
}

// lapsed is the time before which a heartbeat means death.
func (l *Ledger) lapsed(t *tx) int64 { return t.now - l.options.LeaseLapse.Microseconds() }

// enqueueAbandoned finds the questions that are next in their thread, due, in
// nobody's hands and without a job that will see to them.
func (l *Ledger) enqueueAbandoned(t *tx) (int, error) {
	ids, err := idsOf(t, `SELECT q.id FROM question q LEFT JOIN river_job j ON j.id = q.job_id
		WHERE q.owed = 1 AND q.due_at <= ?
		AND (j.id IS NULL OR j.state NOT IN ('available', 'pending', 'retryable', 'running', 'scheduled'))
		AND NOT EXISTS (SELECT 1 FROM question p WHERE p.owed = 1 AND p.id < q.id
			AND p.team = q.team AND p.channel = q.channel AND p.thread_ts = q.thread_ts)
		AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.worker <> '' AND l.beat_at > ?
			AND l.team = q.team AND l.channel = q.channel AND l.thread_ts = q.thread_ts)
		ORDER BY q.id`, t.now, l.lapsed(t))
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := l.enqueue(t, id); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// untilDue is how long the next question is still to wait for its attempt, at
// most SweepEvery.
func (l *Ledger) untilDue(t *tx) (time.Duration, error) {
	var next sql.NullInt64
	if err := t.row(`SELECT MIN(due_at) FROM question WHERE owed = 1 AND due_at > ?`, t.now).Scan(&next); err != nil {
		return l.options.SweepEvery, err
	}
	if !next.Valid {
		return l.options.SweepEvery, nil
	}
	wait := time.Duration(next.Int64-t.now) * time.Microsecond
	return min(max(wait, time.Millisecond), l.options.SweepEvery), nil
}
