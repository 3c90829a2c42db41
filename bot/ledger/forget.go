package ledger

import (
	"context"
	"unicode/utf8"
)

// Forget erases what is kept of a person: texts, answers and steps of their
// questions, feedback on those and by them, their allowance, and that a file was
// handed in by them. Questions that are still owed are withdrawn, so that a worker
// takes their messages away. Of each question its key stays, so that a late
// delivery is known. An empty team means all.
func (l *Ledger) Forget(ctx context.Context, team, user string) (Forgotten, error) {
	var total Forgotten
	if err := checkName("team", team, false); err != nil {
		return total, err
	}
	if err := checkName("user", user, true); err != nil {
		return total, err
	}
	for {
		n, err := l.forgetSome(ctx, team, user, &total)
		if err != nil {
			return total, err
		}
		if n < pruneBatch {
			break
		}
	}
	return total, l.forgetRest(ctx, team, user, &total)
}

// forgetSome forgets a batch of questions. Those are nobody's afterwards, so the
// next batch is of others.
func (l *Ledger) forgetSome(ctx context.Context, team, user string, total *Forgotten) (int, error) {
	var ids, withdrawn []int64
	var batch Forgotten
	err := l.inTx(ctx, "forget the person's questions", func(t *tx) (err error) {
		batch, withdrawn = *total, nil
		ids, err = idsOf(t, `SELECT id FROM question WHERE asker = ? AND (? = '' OR team = ?) ORDER BY id LIMIT ?`+t.dialect.forUpdate, user, team, team, pruneBatch)
		for i := 0; err == nil && i < len(ids); i++ {
			var was bool
			if was, err = l.forgetOne(t, ids[i], &batch); was {
				withdrawn = append(withdrawn, ids[i])
			}
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	*total = batch
	for _, id := range withdrawn {
		l.interrupt(id)
	}
	l.listener.notify()
	return len(ids), nil
}

// forgetOne forgets one question, and reports whether it had to be withdrawn.
func (l *Ledger) forgetOne(t *tx, id int64, f *Forgotten) (withdrawn bool, err error) {
	e, err := lockByID(t, id)
	if err != nil {
		return false, err
	}
	var owed int
	if err := t.row(`SELECT owed FROM question WHERE id = ?`, id).Scan(&owed); err != nil {
		return false, err
	}
	p := Pruned{}
	if err := eraseCounted(t, id, &p); err != nil {
		return false, err
	}
	f.Questions++
	f.Answers += p.Answers
	f.Feedback += p.Feedback
	switch {
	case e.State == Withdrawn:
		// The steps stay until its messages are taken away.
		return false, l.forgetWithdrawn(t, id)
	case owed != 0:
		if err := l.withdraw(t, e); err != nil {
			return false, err
		}
		return true, l.forgetWithdrawn(t, id)
	}
	if _, err := t.exec(`DELETE FROM step WHERE question_id = ?`, id); err != nil {
		return false, err
	}
	return false, l.blank(t, id)
}

// forgetWithdrawn leaves what it takes to find the messages.
func (l *Ledger) forgetWithdrawn(t *tx, id int64) error {
	if _, err := t.exec(`UPDATE step SET text = '' WHERE question_id = ? AND kind = ?`, id, string(StepSentence)); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE question SET asker = '' WHERE id = ?`, id)
	return err
}

// forgetRest forgets what a person did about others' answers, and files.
func (l *Ledger) forgetRest(ctx context.Context, team, user string, f *Forgotten) error {
	var feedback, reports int64
	err := l.inTx(ctx, "forget the person", func(t *tx) (err error) {
		feedback, err = t.exec(`DELETE FROM feedback WHERE user_id = ? AND answer_id IN (
			SELECT a.id FROM answer a JOIN question q ON q.id = a.question_id WHERE ? = '' OR q.team = ?)`, user, team, team)
		if err != nil {
			return err
		}
		reports, err = t.exec(`UPDATE report SET user_id = '' WHERE user_id = ? AND (? = '' OR team = ?)`, user, team, team)
		if err != nil {
			return err
		}
		if team != "" {
			_, err = t.exec(`DELETE FROM rate WHERE scope = ?`, "user:"+team+":"+user)
			return err
		}
		end := ":" + user
		_, err = t.exec(`DELETE FROM rate WHERE scope LIKE 'user:%' AND SUBSTR(scope, LENGTH(scope) - ? + 1) = ?`,
			utf8.RuneCountInString(end), end)
		return err
	})
	if err == nil {
		f.Feedback += feedback
		f.Reports += reports
	}
	return err
}
