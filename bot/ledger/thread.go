package ledger

import (
	"context"
	"database/sql"
	"errors"
)

// Asker returns who asked first in a thread, and the ts of its latest question,
// or fails with ErrNotFound.
func (l *Ledger) Asker(ctx context.Context, team, channel, threadTS string) (asker, latest string, err error) {
	err = l.look(ctx, "look up the thread", func(t *tx) error {
		err := t.row(`SELECT first.asker, last.ts FROM question first, question last
			WHERE first.id = (SELECT MIN(id) FROM question WHERE team = ? AND channel = ? AND thread_ts = ? AND asker <> '')
			AND last.id = (SELECT MAX(id) FROM question WHERE team = ? AND channel = ? AND thread_ts = ?)`,
			team, channel, threadTS, team, channel, threadTS).Scan(&asker, &latest)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		return err
	})
	return asker, latest, err
}
