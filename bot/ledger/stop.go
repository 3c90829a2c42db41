package ledger

import "context"

// StopAnswer records that the asker wants no more of a revision's answer. That
// closes Stop of the claim on it, at once in this process and with the next
// heartbeat in others, and of every later claim. A revision that is done is left
// as it is. It fails with ErrNotFound where that revision is not the current one.
func (l *Ledger) StopAnswer(ctx context.Context, id int64, revision int) error {
	err := l.inUrgentTx(ctx, "stop the answer", func(t *tx) error {
		e, err := lockByID(t, id)
		if err != nil {
			return err
		}
		if e.Revision != revision || e.State == Withdrawn {
			return ErrNotFound
		}
		_, err = t.exec(`UPDATE question SET stopped = ? WHERE id = ? AND owed = 1`, revision, id)
		return err
	})
	if err != nil {
		return err
	}
	// A claim that is being made right now is not among the running ones yet: it
	// hears of it by heartbeat.
	l.mu.Lock()
	c := l.running[id]
	l.mu.Unlock()
	if c != nil && c.Revision == revision {
		c.halt()
	}
	return nil
}

// halt closes Stop.
func (c *Claim) halt() {
	c.ledger.mu.Lock()
	defer c.ledger.mu.Unlock()
	if !c.stopped {
		c.stopped = true
		close(c.stop)
	}
}

// Reask makes a new revision of a question, to be answered in the given way and
// by the given notes; empty ones leave those that are there. fresh is whether it
// did: not where revision is no longer the current one, where there is no answer
// to it yet, or where its text was erased. An answer that is still being posted
// is interrupted: its buttons may stand there before its work is finished. Reask
// fails with ErrNotFound for a question that is not there.
func (l *Ledger) Reask(ctx context.Context, id int64, revision int, how How, detail string) (fresh bool, err error) {
	if err := checkName("how", string(how), false); err != nil {
		return false, err
	}
	if err := cleanText("detail", &detail); err != nil {
		return false, err
	}
	err = l.inUrgentTx(ctx, "ask the question again", func(t *tx) error {
		e, err := lockByID(t, id)
		if err != nil {
			return err
		}
		if detail == "" {
			detail = e.Detail
		}
		n, err := t.exec(`UPDATE question SET how = ?, detail = ?, revision = revision + 1, state = ?, owed = 1, attempts = 0,
				error = '', due_at = 0, owed_at = ?, updated_at = ?, remarked = 0
			WHERE id = ? AND revision = ? AND state <> ? AND pruned_at = 0
			AND (owed = 0 OR EXISTS (SELECT 1 FROM answer a WHERE a.question_id = question.id AND a.revision = question.revision))`,
			string(how), detail, string(Received), t.now, t.now, id, revision, string(Withdrawn))
		if err != nil || n == 0 {
			return err
		}
		fresh = true
		return l.enqueue(t, id)
	})
	if err != nil {
		return false, err
	}
	if fresh {
		l.interrupt(id)
		l.listener.notify()
	}
	return fresh, nil
}
