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
	if err := cleanText("text", &f.Text); err != nil {
		return err
	}
	return l.inTx(ctx, "record the feedback", func(t *tx) error {
		n, err := t.exec(`INSERT INTO feedback (answer_id, user_id, vote, reason, text, created_at, updated_at)
			SELECT a.id, ?, ?, ?, ?, ?, ? FROM answer a WHERE a.id = ?
			ON CONFLICT (answer_id, user_id) DO UPDATE SET
				vote = excluded.vote, reason = excluded.reason, text = excluded.text, updated_at = excluded.updated_at`,
			f.User, f.Vote, f.Reason, f.Text, t.now, t.now, f.AnswerID)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// Feedbacks returns all feedback that was given or changed since a time, oldest
// first.
func (l *Ledger) Feedbacks(ctx context.Context, since time.Time) ([]Feedback, error) {
	var all []Feedback
	err := l.look(ctx, "list the feedback", func(t *tx) error {
		all = nil
		rows, err := t.rows(`SELECT answer_id, user_id, vote, reason, text, created_at, updated_at
			FROM feedback WHERE updated_at >= ? ORDER BY updated_at, answer_id, user_id`, since.UnixMicro())
		return each(rows, err, func() error {
			var f Feedback
			fields, done := feedbackFields(&f)
			err := rows.Scan(fields...)
			done()
			all = append(all, f)
			return err
		})
	})
	return all, err
}

// FeedbackOn is Feedbacks with the questions and answers that it is about.
func (l *Ledger) FeedbackOn(ctx context.Context, since time.Time) ([]FeedbackOn, error) {
	var all []FeedbackOn
	err := l.look(ctx, "list the feedback", func(t *tx) error {
		all = nil
		rows, err := t.rows(`SELECT f.answer_id, f.user_id, f.vote, f.reason, f.text, f.created_at, f.updated_at,
				`+entryColumns+`, `+answerColumns+`
			FROM feedback f JOIN answer a ON a.id = f.answer_id JOIN question q ON q.id = a.question_id
			WHERE f.updated_at >= ? ORDER BY f.updated_at, f.answer_id, f.user_id`, since.UnixMicro())
		return each(rows, err, func() error {
			var f FeedbackOn
			fields, feedbackDone := feedbackFields(&f.Feedback)
			more, entryDone := entryFields(&f.Entry)
			fields = append(fields, more...)
			more, answerDone := answerFields(&f.Answer)
			if err := rows.Scan(append(fields, more...)...); err != nil {
				return err
			}
			feedbackDone()
			entryDone()
			err := answerDone()
			all = append(all, f)
			return err
		})
	})
	return all, err
}

// feedbackFields are where a row of feedback is scanned to; done turns the times.
func feedbackFields(f *Feedback) (fields []any, done func()) {
	var created, updated int64
	return []any{&f.AnswerID, &f.User, &f.Vote, &f.Reason, &f.Text, &created, &updated}, func() {
		f.CreatedAt, f.UpdatedAt = fromMicros(created), fromMicros(updated)
	}
}
