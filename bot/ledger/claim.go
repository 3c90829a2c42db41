package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"footnote/bot/record"
)

// A Claim is a question in the hands of one worker, and that worker's
// [record.Book]. Its fields are for the handler to read.
type Claim struct {
	record.Work

	ledger   *Ledger
	token    int64
	cancel   context.CancelCauseFunc
	stop     chan struct{} // Work.Stop
	finished bool
	stopped  bool      // stop is closed
	cutOff   bool      // the ledger was away at some time since
	since    time.Time // when the work became owed
	ended    State     // what became of the revision, once that is final
}

// Token is the claim's fencing token: larger than that of every earlier claim
// on the thread.
func (c *Claim) Token() int64 { return c.token }

// claim takes a question for this process. It returns nil where there is
// nothing to do now: no work is owed or due, or the thread is busy, in which
// case whoever frees it enqueues what is next.
func (l *Ledger) claim(ctx context.Context, id int64) (*Claim, error) {
	l.reach("claim.begin")
	if err := l.restore(ctx, id); err != nil {
		return nil, err
	}
	var c *Claim
	err := l.inTx(ctx, "claim the question", func(t *tx) error {
		var err error
		c, err = l.claimIn(t, id)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		l.interrupted(interruption{question: id}, err)
		return nil, err
	}
	l.reach("claim.committed")
	return c, nil
}

func (l *Ledger) claimIn(t *tx, id int64) (*Claim, error) {
	e, err := scanEntry(t.row(`SELECT `+entryColumns+` FROM question q WHERE q.id = ?`, id))
	if err != nil {
		return nil, err
	}
	if next, err := l.nextInThread(t, threadOf(e)); err != nil || next != id {
		return nil, err
	}
	token, err := l.takeLease(t, threadOf(e), id)
	if err != nil || token == 0 {
		return nil, err
	}
	// Once more, now that nobody else can change it.
	if e, err = lockByID(t, id); err != nil {
		return nil, err
	}
	if next, err := l.nextInThread(t, threadOf(e)); err != nil || next != id {
		return nil, errors.Join(err, freeLease(t, threadOf(e), token))
	}
	stop := make(chan struct{})
	c := &Claim{Work: record.Work{Entry: e, Stop: stop}, ledger: l, token: token, stop: stop}
	if e.Attempts >= l.options.MaxAttempts && !l.settled() {
		return nil, c.postpone(t, l.options.LeaseLapse)
	}
	if e.Attempts >= l.options.MaxAttempts {
		return nil, c.bury(t, "the process ended during the last attempt")
	}
	return c, c.begin(t)
}

// nextInThread is the question that the thread's next claim is for, or 0.
func (l *Ledger) nextInThread(t *tx, th thread) (id int64, err error) {
	var due int64
	err = t.row(`SELECT id, due_at FROM question WHERE team = ? AND channel = ? AND thread_ts = ? AND owed = 1
		ORDER BY id LIMIT 1`, th.team, th.channel, th.ts).Scan(&id, &due)
	if errors.Is(err, sql.ErrNoRows) || err == nil && due > t.now {
		return 0, nil
	}
	return id, err
}

// takeLease returns the new lease's token, or 0 where somebody live has it.
// Tokens start at the time, so that they grow even where a thread's row was
// pruned in between.
func (l *Ledger) takeLease(t *tx, th thread, id int64) (token int64, err error) {
	err = t.row(`INSERT INTO lease (team, channel, thread_ts, question_id, worker, token, beat_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (team, channel, thread_ts) DO UPDATE SET
			question_id = excluded.question_id, worker = excluded.worker, beat_at = excluded.beat_at,
			token = CASE WHEN lease.token >= excluded.token THEN lease.token + 1 ELSE excluded.token END
		WHERE lease.worker = '' OR lease.beat_at <= ?
		RETURNING token`,
		th.team, th.channel, th.ts, id, l.owner, t.now, t.now, t.now-l.options.LeaseLapse.Microseconds()).Scan(&token)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return token, err
}

func freeLease(t *tx, th thread, token int64) error {
	_, err := t.exec(`UPDATE lease SET worker = '' WHERE team = ? AND channel = ? AND thread_ts = ? AND token = ?`,
		th.team, th.channel, th.ts, token)
	return err
}

// begin counts the attempt and gathers what the handler needs to go on.
func (c *Claim) begin(t *tx) error {
	if c.State != Withdrawn {
		c.State = Working
	}
	c.Attempts++
	var stopped int
	var remarked, owed int64
	err := t.row(`UPDATE question SET state = ?, attempts = ?, updated_at = ? WHERE id = ? RETURNING stopped, remarked, owed_at`,
		string(c.State), c.Attempts, t.now, c.ID).Scan(&stopped, &remarked, &owed)
	if err != nil {
		return err
	}
	c.Remarked, c.since = remarked > 0, fromMicros(owed)
	if stopped == c.Revision {
		c.halt()
	}
	if c.Steps, err = stepsOf(t, c.ID); err != nil {
		return err
	}
	c.Answer, err = answerOf(t, c.ID, c.Revision)
	return err
}

// write runs do in a transaction in which the lease is known to be held, and
// tells whether the question is still the one that was claimed.
func (c *Claim) write(ctx context.Context, doing string, do func(t *tx, superseded bool) error) error {
	err := c.ledger.inTx(ctx, doing, func(t *tx) error {
		var held int64
		err := t.row(`SELECT question_id FROM lease WHERE team = ? AND channel = ? AND thread_ts = ? AND worker = ? AND token = ?`+
			t.dialect.forUpdate, c.Team, c.Channel, c.ThreadTS, c.ledger.owner, c.token).Scan(&held)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrLeaseLost
		}
		if err != nil {
			return err
		}
		e, err := lockByID(t, c.ID)
		if err != nil {
			return err
		}
		return do(t, e.Revision != c.Revision)
	})
	if errors.Is(err, ErrLeaseLost) && c.cancel != nil {
		c.cancel(ErrLeaseLost)
	}
	return err
}

// Record commits a step. Recording one of the same kind, purpose and number
// again replaces it. It is taken for a superseded question too, since what was
// done was done. It fails with ErrLeaseLost when another worker has taken over.
func (c *Claim) Record(ctx context.Context, s Step) error {
	if err := checkStep(&s); err != nil {
		return err
	}
	err := c.write(ctx, "record a step", func(t *tx, _ bool) error {
		return putStep(t, c.ID, c.Revision, s)
	})
	if err == nil {
		c.ledger.reach("record." + string(s.Kind))
	}
	return err
}

// Save commits the answer before it is posted, and returns it with its id. A
// second answer for the same revision replaces the first. It fails with
// ErrLeaseLost, or with ErrSuperseded when the question was changed meanwhile.
func (c *Claim) Save(ctx context.Context, a Answer) (Answer, error) {
	err := c.write(ctx, "record the answer", func(t *tx, superseded bool) error {
		if superseded {
			return ErrSuperseded
		}
		a.QuestionID, a.Revision, a.CreatedAt = c.ID, c.Revision, fromMicros(t.now)
		return putAnswer(t, &a)
	})
	if err != nil {
		return Answer{}, err
	}
	c.ledger.reach("save.committed")
	return a, nil
}

// Finish commits that everything owed was done; of a withdrawn question nothing
// but its key remains. It fails with ErrLeaseLost, or with ErrSuperseded when
// the question was changed meanwhile: the handler then returns, and the question
// comes back.
func (c *Claim) Finish(ctx context.Context) error {
	c.ledger.reach("finish.begin")
	err := c.write(ctx, "finish the question", func(t *tx, superseded bool) error {
		if superseded {
			return ErrSuperseded
		}
		state := Answered
		if c.State == Withdrawn {
			state = Withdrawn
			if err := eraseWork(t, c.ID); err != nil {
				return err
			}
		}
		return c.leave(t, state, "")
	})
	if err != nil {
		return err
	}
	c.ledger.reach("finish.committed")
	c.over()
	return nil
}

// over marks the claim as given back.
func (c *Claim) over() {
	c.ledger.mu.Lock()
	c.finished = true
	c.ledger.mu.Unlock()
	c.ledger.listener.notify()
}

func (c *Claim) isOver() bool {
	c.ledger.mu.Lock()
	defer c.ledger.mu.Unlock()
	return c.finished
}

// leave ends the work on this revision and frees the thread for the next
// question.
func (c *Claim) leave(t *tx, state State, problem string) error {
	_, err := t.exec(`UPDATE question SET state = ?, owed = 0, error = ?, remarked = 0,
			updated_at = CASE WHEN remarked > 0 THEN remarked ELSE ? END WHERE id = ?`,
		string(state), problem, t.now, c.ID)
	if err != nil {
		return err
	}
	c.ended = state
	return c.free(t)
}

func (c *Claim) free(t *tx) error {
	if err := freeLease(t, threadOf(c.Entry), c.token); err != nil {
		return err
	}
	return c.ledger.enqueueHead(t, threadOf(c.Entry))
}

// bury makes a dead letter, other than of an answer that stands.
func (c *Claim) bury(t *tx, problem string) error {
	if c.Remarked {
		c.ledger.log.Warn("an answer could not be marked", "question", c.ID, "attempts", c.Attempts, "error", problem)
		return c.leave(t, Answered, "")
	}
	state := Failed
	if c.State == Withdrawn {
		state = Withdrawn
		// The steps stay: they know the messages that are still there.
		if err := eraseAnswer(t, c.ID); err != nil {
			return err
		}
	}
	c.ledger.log.Error("a question was given up", "question", c.ID, "attempts", c.Attempts)
	return c.leave(t, state, problem)
}

// fail records a failed attempt: the next one after a pause, or the end.
func (c *Claim) fail(ctx context.Context, cause error) error {
	err := c.write(ctx, "record the failure", func(t *tx, superseded bool) error {
		if superseded {
			return c.free(t)
		}
		problem := c.describe(cause)
		attempts, wait, err := c.afterwards(t, cause)
		if err != nil {
			return err
		}
		if record.IsPermanent(cause) || attempts >= c.ledger.options.MaxAttempts {
			return c.bury(t, problem)
		}
		_, err = t.exec(`UPDATE question SET state = ?, attempts = ?, error = ?, due_at = ?, updated_at = ? WHERE id = ?`,
			string(c.resting()), attempts, problem, t.now+wait.Microseconds(), t.now, c.ID)
		if err != nil {
			return err
		}
		return c.free(t)
	})
	if err == nil {
		c.over()
	}
	return err
}

// outageLasts is for how long an outage does not use up a question's attempts.
const outageLasts = 24 * time.Hour

// forever is longer than anything is owed.
const forever = 1 << 62 * time.Nanosecond

// afterwards says how many attempts the question has used after a failed one, and
// how long to wait for the next. An outage gives its attempt back, for a day.
func (c *Claim) afterwards(t *tx, cause error) (attempts int, wait time.Duration, err error) {
	var owed int64
	// Others may have given attempts back since this one began.
	if err := t.row(`SELECT owed_at, attempts FROM question WHERE id = ?`, c.ID).Scan(&owed, &attempts); err != nil {
		return 0, 0, err
	}
	lasted := time.Duration(t.now-owed) * time.Microsecond
	if !record.IsOutage(cause) || lasted >= outageLasts {
		return attempts, c.ledger.backoff(attempts), nil
	}
	return attempts - 1, c.ledger.outagePause(lasted), nil
}

// release gives the question back as if it had not been claimed.
func (c *Claim) release(ctx context.Context) error { return c.releaseWithin(ctx, forever) }

// releaseWithin is release, but that the attempt counts where the question is owed
// for longer than most.
func (c *Claim) releaseWithin(ctx context.Context, most time.Duration) error {
	err := c.write(ctx, "give the question back", func(t *tx, superseded bool) error {
		if superseded {
			return c.free(t)
		}
		_, err := t.exec(`UPDATE question SET state = ?, attempts = CASE WHEN owed_at > ? THEN attempts - 1 ELSE attempts END, updated_at = ? WHERE id = ?`,
			string(c.resting()), t.now-most.Microseconds(), t.now, c.ID)
		if err != nil {
			return err
		}
		return c.free(t)
	})
	if err == nil {
		c.over()
	}
	return err
}

func (c *Claim) resting() State {
	if c.State == Withdrawn {
		return Withdrawn
	}
	return Received
}

// String names the question without its text.
func (c *Claim) String() string {
	return fmt.Sprintf("question %d (revision %d, attempt %d)", c.ID, c.Revision, c.Attempts)
}
