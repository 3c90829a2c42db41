package ledger

import (
	"context"
	"fmt"
)

// Abandon gives up all questions of a team that are owed work, as for a workspace
// that took the app away, and returns how many those were. They are dead letters
// then; workers that have one lose it. What adapters noted on how to answer is
// erased for every question of the team.
func (l *Ledger) Abandon(ctx context.Context, team, problem string) (int, error) {
	if err := checkName("team", team, true); err != nil {
		return 0, err
	}
	problem = problemOf(clean(problem))
	if problem == "" {
		return 0, fmt.Errorf("%w: the problem is empty", ErrInvalid)
	}
	var abandoned int64
	err := l.inTx(ctx, "give up the team's questions", func(t *tx) error {
		for _, s := range []string{
			`DELETE FROM answer WHERE question_id IN (SELECT id FROM question WHERE team = ? AND owed = 1 AND state = ?)`,
			`DELETE FROM question_event WHERE question_id IN (SELECT id FROM question WHERE team = ? AND owed = 1 AND state = ?)`,
		} {
			if _, err := t.exec(s, team, string(Withdrawn)); err != nil {
				return err
			}
		}
		if _, err := t.exec(`UPDATE question SET detail = '' WHERE team = ? AND detail <> ''`, team); err != nil {
			return err
		}
		var err error
		// What stands in full, but for a mark, is answered.
		if _, err := t.exec(`UPDATE question SET owed = 0, error = '', updated_at = remarked, remarked = 0, state = ?
			WHERE team = ? AND owed = 1 AND remarked > 0`, string(Answered), team); err != nil {
			return err
		}
		abandoned, err = t.exec(`UPDATE question SET owed = 0, error = ?, updated_at = ?,
				state = CASE WHEN state = ? THEN state ELSE ? END
			WHERE team = ? AND owed = 1`, problem, t.now, string(Withdrawn), string(Failed), team)
		if err != nil {
			return err
		}
		// Last, since from here on nobody can claim them.
		_, err = t.exec(`UPDATE lease SET worker = '' WHERE team = ?`, team)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, c := range l.held() {
		if c.Team == team {
			c.cancel(ErrLeaseLost)
		}
	}
	return int(abandoned), nil
}
