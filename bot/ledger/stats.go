package ledger

import (
	"context"
	"database/sql"
	"time"
)

// Stats are the ledger's figures at one moment.
type Stats struct {
	States   map[State]int // questions by state
	Depth    int           // questions that wait, retries included
	Running  int           // questions in a live worker's hands
	Attempts int           // attempts of all questions that are kept
	// OldestWait is for how long the longest waiting question has been owed its
	// work; 0 where none waits.
	OldestWait time.Duration
}

// Stats counts what there is.
func (l *Ledger) Stats(ctx context.Context) (Stats, error) {
	var s Stats
	err := l.inTx(ctx, "count the questions", func(t *tx) error {
		s = Stats{States: map[State]int{}}
		owed := 0
		rows, err := t.rows(`SELECT state, COUNT(*), SUM(owed), SUM(attempts) FROM question GROUP BY state`)
		err = each(rows, err, func() error {
			var state State
			var n, o, attempts int
			err := rows.Scan(&state, &n, &o, &attempts)
			s.States[state] = n
			owed += o
			s.Attempts += attempts
			return err
		})
		if err != nil {
			return err
		}
		const running = `EXISTS (SELECT 1 FROM lease l WHERE l.question_id = q.id AND l.worker <> '' AND l.beat_at > ?
			AND l.team = q.team AND l.channel = q.channel AND l.thread_ts = q.thread_ts)`
		if err := t.row(`SELECT COUNT(*) FROM question q WHERE q.owed = 1 AND `+running, l.lapsed(t)).Scan(&s.Running); err != nil {
			return err
		}
		s.Depth = owed - s.Running
		var oldest sql.NullInt64
		if err := t.row(`SELECT MIN(q.owed_at) FROM question q WHERE q.owed = 1 AND NOT `+running, l.lapsed(t)).Scan(&oldest); err != nil {
			return err
		}
		if oldest.Valid {
			s.OldestWait = max(0, time.Duration(t.now-oldest.Int64)*time.Microsecond)
		}
		return nil
	})
	return s, err
}

// Failed lists the dead letters, the oldest first: questions that were given up,
// and deleted ones whose messages could not be taken away.
func (l *Ledger) Failed(ctx context.Context) ([]Entry, error) {
	var failed []Entry
	err := l.look(ctx, "list the failed questions", func(t *tx) error {
		failed = nil
		rows, err := t.rows(`SELECT `+entryColumns+` FROM question q
			WHERE q.owed = 0 AND (q.state = ? OR q.state = ? AND q.error <> '') ORDER BY q.updated_at, q.id`,
			string(Failed), string(Withdrawn))
		return each(rows, err, func() error {
			e, err := scanEntry(rows)
			failed = append(failed, e)
			return err
		})
	})
	return failed, err
}

// Retry gives a dead letter all its attempts again. It fails with ErrNotFound or
// ErrNotFailed.
func (l *Ledger) Retry(ctx context.Context, id int64) error {
	err := l.inTx(ctx, "retry the question", func(t *tx) error {
		e, err := lockByID(t, id)
		if err != nil {
			return err
		}
		state := Received
		switch {
		case e.State == Withdrawn && e.Error != "":
			state = Withdrawn
		case e.State != Failed:
			return ErrNotFailed
		}
		n, err := t.exec(`UPDATE question SET state = ?, owed = 1, attempts = 0, error = '', due_at = 0, owed_at = ?, updated_at = ?
			WHERE id = ? AND owed = 0 AND pruned_at = 0`, string(state), t.now, t.now, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFailed
		}
		return l.enqueue(t, id)
	})
	if err == nil {
		l.listener.notify()
	}
	return err
}
