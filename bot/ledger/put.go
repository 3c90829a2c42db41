package ledger

import (
	"context"
	"database/sql"
	"errors"
)

// Put commits a question together with the job of answering it. Only after Put
// returned without an error may its event be acknowledged; on an error it is
// not, so that it is sent again, unless the error is ErrInvalid.
//
// fresh is whether this call made work owed. It is false for a message that is
// known already, in whatever state; id is then the question's as well. An edit
// (same key, later EditTS) within the edit window of a question that was not
// deleted gives it another answer, in the usual way and by the edit's Detail, and
// is fresh where the text differs. The edit of an unknown message is a question of its own within that window, and nothing
// (id 0) after it.
func (l *Ledger) Put(ctx context.Context, q Question) (id int64, fresh bool, err error) {
	q, err = normalised(q)
	if err != nil {
		return 0, false, err
	}
	l.reach("put.begin")
	err = l.inUrgentTx(ctx, "record the question", func(t *tx) error {
		id, fresh, err = l.put(t, q)
		if err != nil || id == 0 {
			return err
		}
		l.reach("put.inserted")
		return addEvent(t, id, q.EventID)
	})
	if err != nil {
		return 0, false, err
	}
	l.reach("put.committed")
	if fresh {
		l.interrupt(id)
		l.listener.notify()
	}
	return id, fresh, nil
}

func (l *Ledger) put(t *tx, q Question) (id int64, fresh bool, err error) {
	e, err := lockByKey(t, q.Key)
	switch {
	case err == nil:
		fresh, err = l.putEdit(t, e, q)
		return e.ID, fresh, err
	case !errors.Is(err, ErrNotFound):
		return 0, false, err
	case q.EditTS != "" && !l.editCounts(q.TS, "", q.EditTS):
		return 0, false, nil
	}
	if err := l.queueUp(t, thread{q.Team, q.Channel, q.ThreadTS}); err != nil {
		return 0, false, err
	}
	id, err = l.insert(t, q, Received, 1)
	if errors.Is(err, errKnown) {
		return l.put(t, q)
	}
	if err != nil {
		return 0, false, err
	}
	return id, true, l.enqueue(t, id)
}

// queueUp has a thread's questions get their numbers in the order in which they are
// committed: one that is numbered later is not seen before the others are.
func (l *Ledger) queueUp(t *tx, th thread) error {
	if t.dialect.queueUp == "" {
		return nil
	}
	_, err := t.exec(t.dialect.queueUp, th.team+" "+th.channel+" "+th.ts)
	return err
}

// errKnown is for a question whose key was added by another transaction since it
// was looked for: it is there, if that is looked for again.
var errKnown = errors.New("the question is known")

func (l *Ledger) insert(t *tx, q Question, state State, owed int) (id int64, err error) {
	err = t.row(`INSERT INTO question (team, channel, ts, thread_ts, surface, asker, text, edit_ts, corpus_hash, detail,
			revision, state, owed, attempts, error, job_id, due_at, owed_at, created_at, updated_at, pruned_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, 0, '', 0, 0, ?, ?, ?, 0)
		ON CONFLICT (team, channel, ts) DO NOTHING RETURNING id`,
		q.Team, q.Channel, q.TS, q.ThreadTS, q.Surface, q.Asker, q.Text, q.EditTS, q.CorpusHash, q.Detail,
		string(state), owed, t.now, t.now, t.now).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errKnown
	}
	return id, err
}

// putEdit takes a second delivery of e's message: an edit or a duplicate.
func (l *Ledger) putEdit(t *tx, e Entry, q Question) (fresh bool, err error) {
	if q.EditTS == "" || e.State == Withdrawn || !l.editCounts(e.TS, e.EditTS, q.EditTS) {
		return false, nil
	}
	if e.Text == q.Text {
		_, err := t.exec(`UPDATE question SET edit_ts = ? WHERE id = ?`, q.EditTS, e.ID)
		return false, err
	}
	_, err = t.exec(`UPDATE question SET text = ?, edit_ts = ?, corpus_hash = ?, detail = ?, how = '', revision = revision + 1, state = ?,
			asker = CASE WHEN asker = '' THEN ? ELSE asker END, owed = 1, attempts = 0, error = '', due_at = 0, owed_at = ?, updated_at = ?, pruned_at = 0, remarked = 0
		WHERE id = ?`, q.Text, q.EditTS, q.CorpusHash, q.Detail, string(Received), q.Asker, t.now, t.now, e.ID)
	if err != nil {
		return false, err
	}
	return true, l.enqueue(t, e.ID)
}

// Withdraw records that a message was deleted. Its text is erased at once. Where
// work had begun, a handler gets the question once more, in state Withdrawn, to
// take its messages along; Finish then erases the answer too. known is false
// for a message that the ledger had not seen: it is remembered all the same,
// since events arrive in any order.
func (l *Ledger) Withdraw(ctx context.Context, key Key) (known bool, err error) {
	q, err := normalised(Question{Key: key})
	if err != nil {
		return false, err
	}
	var id int64
	err = l.inUrgentTx(ctx, "record the deletion", func(t *tx) error {
		id, known = 0, false
		e, err := lockByKey(t, q.Key)
		if errors.Is(err, ErrNotFound) {
			if _, err = l.insert(t, q, Withdrawn, 0); !errors.Is(err, errKnown) {
				return err
			}
			e, err = lockByKey(t, q.Key)
		}
		if err != nil {
			return err
		}
		id, known = e.ID, true
		if e.State == Withdrawn {
			return nil
		}
		return l.withdraw(t, e)
	})
	if err != nil {
		return false, err
	}
	if known {
		l.interrupt(id)
		l.listener.notify()
	}
	return known, nil
}

func (l *Ledger) withdraw(t *tx, e Entry) error {
	var begun int
	err := t.row(`SELECT CASE WHEN EXISTS (SELECT 1 FROM step WHERE question_id = ?)
			OR EXISTS (SELECT 1 FROM lease WHERE question_id = ? AND worker <> '') THEN 1 ELSE 0 END`,
		e.ID, e.ID).Scan(&begun)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE question SET text = '', detail = '', revision = revision + 1, state = ?, owed = ?, attempts = 0,
			error = '', due_at = 0, owed_at = ?, updated_at = ?, remarked = 0 WHERE id = ?`,
		string(Withdrawn), begun, t.now, t.now, e.ID)
	if err != nil {
		return err
	}
	if begun == 0 {
		if err := eraseWork(t, e.ID); err != nil {
			return err
		}
	}
	return l.enqueueHead(t, threadOf(e))
}

// eraseWork forgets what was done and answered.
func eraseWork(t *tx, id int64) error {
	if _, err := t.exec(`DELETE FROM step WHERE question_id = ?`, id); err != nil {
		return err
	}
	return eraseAnswer(t, id)
}

func eraseAnswer(t *tx, id int64) error {
	for _, statement := range []string{
		`DELETE FROM answer WHERE question_id = ?`,
		`DELETE FROM question_event WHERE question_id = ?`,
	} {
		if _, err := t.exec(statement, id); err != nil {
			return err
		}
	}
	return nil
}

func lockByKey(t *tx, key Key) (Entry, error) {
	return scanEntry(t.row(`SELECT `+entryColumns+` FROM question q
		WHERE q.team = ? AND q.channel = ? AND q.ts = ?`+t.dialect.forUpdate, key.Team, key.Channel, key.TS))
}

func lockByID(t *tx, id int64) (Entry, error) {
	return scanEntry(t.row(`SELECT `+entryColumns+` FROM question q WHERE q.id = ?`+t.dialect.forUpdate, id))
}

func addEvent(t *tx, id int64, event string) error {
	if event == "" {
		return nil
	}
	_, err := t.exec(`INSERT INTO question_event (question_id, event_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, id, event)
	return err
}
