package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Mark records up to when something was done. An earlier time than the one that
// is there changes nothing.
func (l *Ledger) Mark(ctx context.Context, name string, at time.Time) error {
	if err := checkName("mark", name, true); err != nil {
		return err
	}
	return l.inTx(ctx, "set the mark", func(t *tx) error {
		_, err := t.exec(`INSERT INTO mark (name, at) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE mark.at < excluded.at`, name, at.UnixMicro())
		return err
	})
}

// Marked returns the time of a mark, zero where it was never set.
func (l *Ledger) Marked(ctx context.Context, name string) (time.Time, error) {
	var at int64
	err := l.look(ctx, "look up the mark", func(t *tx) error {
		err := t.row(`SELECT at FROM mark WHERE name = ?`, name).Scan(&at)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return fromMicros(at), err
}
