package ledger

import (
	"context"
	"fmt"
	"time"
)

// keyKept is how long a question's key is kept at least after its last change:
// Slack's delayed retries come up to a day late.
const keyKept = 48 * time.Hour

// markKept is how long a mark is kept at least that is not set again.
const markKept = 90 * 24 * time.Hour

// Pruned counts what Prune removed.
type Pruned struct {
	Texts    int64 // questions whose text was erased, their keys kept
	Answers  int64
	Feedback int64
	Keys     int64 // questions of which nothing is left
}

// pruneBatch keeps each transaction short, so that questions can be recorded in
// between.
const pruneBatch = 500

// Prune erases questions that were last changed longer than olderThan ago and
// are not owed any work: texts, answers, steps and feedback. Buttons on their
// messages then lead nowhere. Files that were handed in for a thread are forgotten
// at the same age, those for a whole channel are not. The keys stay for 48 hours in any case, so that a
// delivery that comes late is still known.
func (l *Ledger) Prune(ctx context.Context, olderThan time.Duration) (Pruned, error) {
	var total Pruned
	if olderThan < 0 {
		return total, fmt.Errorf("%w: an age of %s", ErrInvalid, olderThan)
	}
	for {
		n, err := l.pruneSome(ctx, olderThan, &total)
		if err != nil {
			return total, err
		}
		if n < pruneBatch {
			break
		}
	}
	return total, l.pruneRest(ctx, olderThan)
}

// pruneSome erases the contents of a batch of questions.
func (l *Ledger) pruneSome(ctx context.Context, olderThan time.Duration, total *Pruned) (int, error) {
	var ids []int64
	var batch Pruned
	err := l.inTx(ctx, "prune the ledger", func(t *tx) (err error) {
		batch = Pruned{}
		ids, err = idsOf(t, `SELECT id FROM question WHERE owed = 0 AND updated_at < ? AND (pruned_at = 0 OR updated_at < ?)
			ORDER BY updated_at LIMIT ?`+t.dialect.forUpdate, t.ago(olderThan), t.ago(max(olderThan, keyKept)), pruneBatch)
		for i := 0; err == nil && i < len(ids); i++ {
			err = l.pruneOne(t, ids[i], olderThan, &batch)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	total.Texts += batch.Texts
	total.Answers += batch.Answers
	total.Feedback += batch.Feedback
	total.Keys += batch.Keys
	return len(ids), nil
}

func (t *tx) ago(d time.Duration) int64 { return t.now - d.Microseconds() }

func (l *Ledger) pruneOne(t *tx, id int64, olderThan time.Duration, p *Pruned) error {
	if err := eraseCounted(t, id, p); err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM step WHERE question_id = ?`, id); err != nil {
		return err
	}
	n, err := t.exec(`DELETE FROM question WHERE id = ? AND updated_at < ?`, id, t.ago(max(olderThan, keyKept)))
	p.Keys += n
	if err != nil || n > 0 {
		return err
	}
	p.Texts++
	return l.blank(t, id)
}

// blank leaves nothing of a question but its key.
func (l *Ledger) blank(t *tx, id int64) error {
	_, err := t.exec(`UPDATE question SET text = '', detail = '', error = '', asker = '', pruned_at = ? WHERE id = ?`, t.now, id)
	return err
}

// eraseCounted erases what was answered and said to it.
func eraseCounted(t *tx, id int64, p *Pruned) error {
	for _, s := range []struct {
		count     *int64
		statement string
	}{
		{&p.Feedback, `DELETE FROM feedback WHERE answer_id IN (SELECT id FROM answer WHERE question_id = ?)`},
		{&p.Answers, `DELETE FROM answer WHERE question_id = ?`},
		{new(int64), `DELETE FROM question_event WHERE question_id = ?`},
	} {
		n, err := t.exec(s.statement, id)
		if err != nil {
			return err
		}
		*s.count += n
	}
	return nil
}

// pruneRest removes what nothing refers to any more: leases and talk of threads
// without questions, full allowances, long dead workers; and what is too old, marks
// that were not set for months among it.
func (l *Ledger) pruneRest(ctx context.Context, olderThan time.Duration) error {
	return l.inTx(ctx, "prune the ledger", func(t *tx) error {
		_, err := t.exec(`DELETE FROM talk WHERE NOT EXISTS (SELECT 1 FROM question q
			WHERE q.team = talk.team AND q.channel = talk.channel AND q.thread_ts = talk.thread_ts)`)
		if err != nil {
			return err
		}
		for _, s := range []struct {
			statement string
			before    any
		}{
			{`DELETE FROM lease WHERE (worker = '' OR beat_at < ?) AND NOT EXISTS (SELECT 1 FROM question q
				WHERE q.team = lease.team AND q.channel = lease.channel AND q.thread_ts = lease.thread_ts)`, l.lapsed(t)},
			{`DELETE FROM rate WHERE arrival_at <= ?`, t.now},
			{`DELETE FROM worker WHERE beat_at < ?`, t.ago(time.Hour)},
			{`DELETE FROM report WHERE thread_ts <> '' AND at < ?`, t.ago(olderThan)},
			{`DELETE FROM budget WHERE day < ?`, t.day(budgetKept)},
			{`DELETE FROM mark WHERE at < ?`, t.ago(max(olderThan, markKept))},
		} {
			if _, err := t.exec(s.statement, s.before); err != nil {
				return err
			}
		}
		return nil
	})
}
