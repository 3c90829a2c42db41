package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"footnote/bot/record"
)

// Cited returns up to n finished questions whose answers were given
// since a time and cite something, in the order of their ids, from the one after
// the given id on.
func (l *Ledger) Cited(ctx context.Context, since time.Time, after int64, n int) ([]Turn, error) {
	turns, err := l.turns(ctx, `q.id > ? AND q.state = ? AND q.owed = 0 AND q.pruned_at = 0
			AND q.id IN (SELECT a.question_id FROM answer a WHERE a.question_id = q.id AND a.revision = q.revision
				AND a.created_at >= ? AND a.citations NOT IN ('[]', 'null'))
		ORDER BY q.id LIMIT ?`, after, string(Answered), since.UnixMicro(), limitOf(n))
	if err != nil {
		return nil, fmt.Errorf("list the answers that cite: %w", l.dialect.explain(err))
	}
	return turns, nil
}

// Remark records what is outdated in the answer to a revision, nil for nothing,
// and has the answer shown again. fresh is whether it did: not where that is known
// already, nor where the revision is no longer the current one or is in work. The
// question is as old afterwards as before, and if it cannot be shown again, the
// answer stands as it is. It fails with ErrNotFound for a question that is not
// there.
func (l *Ledger) Remark(ctx context.Context, id int64, revision int, o *record.Outdated) (fresh bool, err error) {
	mark, err := encodeOutdated(o)
	if err != nil {
		return false, err
	}
	err = l.inTx(ctx, "mark the answer", func(t *tx) error {
		e, err := lockByID(t, id)
		if err != nil || e.Revision != revision || e.State != Answered {
			return err
		}
		n, err := t.exec(`UPDATE answer SET outdated = ? WHERE question_id = ? AND revision = ? AND outdated <> ?`, mark, id, revision, mark)
		if err != nil || n == 0 {
			return err
		}
		_, err = t.exec(`UPDATE question SET state = ?, owed = 1, attempts = 0, error = '', due_at = 0, owed_at = ?, remarked = updated_at
			WHERE id = ? AND owed = 0`, string(Received), t.now, id)
		if err != nil {
			return err
		}
		fresh = true
		return l.enqueue(t, id)
	})
	if err != nil {
		return false, err
	}
	if fresh {
		l.reach("remark.committed")
		l.listener.notify()
	}
	return fresh, nil
}

// encodeOutdated is what is outdated as it is kept.
func encodeOutdated(o *record.Outdated) (string, error) {
	if o == nil {
		return "", nil
	}
	b, err := json.Marshal(o)
	return string(b), err
}

func decodeOutdated(kept string) (*record.Outdated, error) {
	if kept == "" {
		return nil, nil
	}
	o := &record.Outdated{}
	return o, json.Unmarshal([]byte(kept), o)
}
