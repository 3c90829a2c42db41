package ledger

import (
	"context"
	"fmt"
	"time"
)

// Feedback records a user's opinion, replacing the same user's earlier one of
// the same answer. It fails with ErrNotFound for an answer that is not (or no
// longer) there.
func (l *Ledger) Feedback(ctx context.Context, f Feedback) error {
	if err := checkName("user", f.User, true); err != nil {
		return err
	}
	if err := checkName("reason", f.Reason, false); err != nil {
		return err
	}
	if f.Vote < -1 || f.Vote > 1 {
		return fmt.Errorf("%w: the vote is %d", ErrInvalid, f.Vote)
	}
	text := clean(f.Text)
	if len(text) > MaxText {
		return fmt.Errorf("%w: the text has %d bytes, more than %d", ErrInvalid, len(text), MaxText)
	}
	return l.inTx(ctx, "record the feedback", func(t *tx) error {
		now := l.micros()
		n, err := t.exec(`INSERT INTO feedback (answer_id, user_id, vote, reason, text, created_at, updated_at)
			SELECT a.id, ?, ?, ?, ?, ?, ? FROM answer a WHERE a.id = ?
			ON CONFLICT (answer_id, user_id) DO UPDATE SET
				vote = excluded.vote, reason = excluded.reason, text = excluded.text, updated_at = excluded.updated_at`,
			f.User, f.Vote, f.Reason, text, now, now, f.AnswerID)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// Feedbacks returns all feedback that was given or changed since a time, oldest
// first.
func (l *Ledger) Feedbacks(ctx context.Context, since time.Time) ([]Feedback, error) {
	rows, err := l.db.QueryContext(ctx, l.dialect.bind(`SELECT answer_id, user_id, vote, reason, text, created_at, updated_at
		FROM feedback WHERE updated_at >= ? ORDER BY updated_at, answer_id, user_id`), since.UnixMicro())
	var all []Feedback
	err = each(rows, err, func() error {
		var f Feedback
		var created, updated int64
		err := rows.Scan(&f.AnswerID, &f.User, &f.Vote, &f.Reason, &f.Text, &created, &updated)
		f.CreatedAt, f.UpdatedAt = fromMicros(created), fromMicros(updated)
		all = append(all, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the feedback: %w", l.dialect.explain(err))
	}
	return all, nil
}
