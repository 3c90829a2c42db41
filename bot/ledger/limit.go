package ledger

import (
	"context"
	"fmt"
	"time"
)

// Allow takes one from the scope's allowance of limit per window, such as
// 20 per hour for "user:T1:U123", and reports whether there was one; if not, wait
// is when there will be. The allowance refills evenly (GCRA), survives restarts
// and is shared by all processes.
func (l *Ledger) Allow(ctx context.Context, scope string, limit int, window time.Duration) (ok bool, wait time.Duration, err error) {
	if err := checkName("scope", scope, true); err != nil {
		return false, 0, err
	}
	if limit <= 0 || window <= 0 {
		return false, 0, fmt.Errorf("%w: a limit of %d per %s", ErrInvalid, limit, window)
	}
	err = l.inTx(ctx, "check the rate limit", func(t *tx) error {
		ok, wait = false, 0
		var arrival int64
		// The update changes nothing, but nobody else has the row from here on.
		err := t.row(`INSERT INTO rate (scope, arrival_at) VALUES (?, ?)
			ON CONFLICT (scope) DO UPDATE SET arrival_at = rate.arrival_at RETURNING arrival_at`, scope, t.now).Scan(&arrival)
		if err != nil {
			return err
		}
		// Rounded up, so that never more than limit fit into a window.
		step := (window.Microseconds() + int64(limit) - 1) / int64(limit)
		next := max(arrival, t.now) + step
		if early := next - t.now - step*int64(limit); early > 0 {
			wait = time.Duration(early) * time.Microsecond
			return nil
		}
		ok = true
		_, err = t.exec(`UPDATE rate SET arrival_at = ? WHERE scope = ?`, next, scope)
		return err
	})
	if err != nil {
		return false, 0, err
	}
	return ok, wait, nil
}
