package ledger

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"footnote/bot/record"
)

// An attempt is counted when it begins, so that a question that kills its
// process is given up in the end. One that ended because the ledger was away is
// no fault of the question's: the process that made it lives, and gives it back
// as soon as the ledger is there again.

// An interruption is an attempt to be given back.
type interruption struct {
	question int64
	claim    *Claim // nil where the claim's commit was not confirmed
}

// interrupted notes an attempt that ended with err if that was the ledger's doing.
func (l *Ledger) interrupted(i interruption, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if record.IsOutage(err) {
		l.trouble = time.Now()
	}
	if record.IsOutage(err) || errors.Is(err, ErrLeaseLost) && i.claim != nil && i.claim.cutOff {
		l.interruptions = append(l.interruptions, i)
	}
}

// cutOff notes that the ledger is away, while handlers work.
func (l *Ledger) cutOff(claims []*Claim) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trouble = time.Now()
	for _, c := range claims {
		c.cutOff = true
	}
}

// settled reports whether the ledger has been there for so long that every process
// which lives has given back what it owed.
func (l *Ledger) settled() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.trouble.IsZero() || time.Since(l.trouble) >= 2*l.options.LeaseLapse
}

// postpone leaves the question alone for a while, as if it had not been claimed.
func (c *Claim) postpone(t *tx, wait time.Duration) error {
	if _, err := t.exec(`UPDATE question SET due_at = ? WHERE id = ?`, t.now+wait.Microseconds(), c.ID); err != nil {
		return err
	}
	return c.free(t)
}

// restore gives back what was noted: all of it, or what is of one question, unless
// that is 0. What cannot be given back now is kept.
func (l *Ledger) restore(ctx context.Context, question int64) error {
	l.mu.Lock()
	var due []interruption
	l.interruptions = slices.DeleteFunc(l.interruptions, func(i interruption) bool {
		take := question == 0 || i.question == question
		if take {
			due = append(due, i)
		}
		return take
	})
	l.mu.Unlock()
	var err error
	for n, i := range due {
		if err = l.giveBack(ctx, i); err != nil {
			l.mu.Lock()
			l.interruptions = append(l.interruptions, due[n:]...)
			l.mu.Unlock()
			break
		}
	}
	return err
}

func (l *Ledger) giveBack(ctx context.Context, i interruption) error {
	c := i.claim
	if c == nil {
		var err error
		if c, err = l.unconfirmed(ctx, i.question); err != nil || c == nil {
			return err
		}
	}
	err := c.releaseWithin(ctx, outageLasts)
	if !errors.Is(err, ErrLeaseLost) {
		return err
	}
	return l.inTx(ctx, "give an attempt back", func(t *tx) error {
		_, err := t.exec(`UPDATE question SET attempts = attempts - 1 WHERE id = ? AND revision = ? AND owed = 1 AND attempts > 0 AND owed_at > ?`,
			c.ID, c.Revision, t.now-outageLasts.Microseconds())
		return err
	})
}

// unconfirmed is the claim on a question that was committed without this
// process's hearing of it, nil if it was not.
func (l *Ledger) unconfirmed(ctx context.Context, id int64) (*Claim, error) {
	l.mu.Lock()
	held := l.running[id] != nil
	l.mu.Unlock()
	if held {
		return nil, nil // by a later one
	}
	var c *Claim
	err := l.inTx(ctx, "look for a claim", func(t *tx) error {
		c = nil
		e, err := scanEntry(t.row(`SELECT `+entryColumns+` FROM question q WHERE q.id = ?`, id))
		if err != nil {
			return err
		}
		var token int64
		err = t.row(`SELECT token FROM lease WHERE team = ? AND channel = ? AND thread_ts = ? AND worker = ? AND question_id = ?`,
			e.Team, e.Channel, e.ThreadTS, l.owner, id).Scan(&token)
		if err == nil {
			c = &Claim{Work: record.Work{Entry: e}, ledger: l, token: token}
		}
		return err
	})
	if errors.Is(err, ErrNotFound) || errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return c, err
}
