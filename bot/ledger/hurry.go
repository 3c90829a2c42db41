package ledger

import "context"

// Hurry has questions tried at once that wait for the end of an outage; those
// that failed for another reason keep their pause. It returns how many those were.
func (l *Ledger) Hurry(ctx context.Context) (n int, err error) {
	var hurried int64
	err = l.inTx(ctx, "hurry what waits", func(t *tx) error {
		hurried, err = t.exec(`UPDATE question SET due_at = ? WHERE owed = 1 AND attempts = 0 AND due_at > ?`, t.now, t.now)
		return err
	})
	return int(hurried), err
}
