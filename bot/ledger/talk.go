package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// NoteTalk records that at ts somebody other than the thread's asker wrote in a
// thread without mentioning us. The latest ts is kept, in whatever order they
// come. A thread without a question is nobody's concern: nothing is recorded.
func (l *Ledger) NoteTalk(ctx context.Context, team, channel, threadTS, ts string) error {
	at, ok := slackMicros(ts)
	if !ok {
		return fmt.Errorf("%w: the talk's ts is no timestamp", ErrInvalid)
	}
	thread := Question{Key: Key{Team: team, Channel: channel, TS: threadTS}}
	if _, err := normalised(thread); err != nil {
		return err
	}
	return l.inUrgentTx(ctx, "record the talk", func(t *tx) error {
		var known int
		err := t.row(`SELECT COUNT(*) FROM (SELECT 1 FROM question WHERE team = ? AND channel = ? AND thread_ts = ? LIMIT 1) q`,
			team, channel, threadTS).Scan(&known)
		if err != nil || known == 0 {
			return err
		}
		// The update changes nothing, but nobody else has the row from here on.
		var was string
		err = t.row(`INSERT INTO talk (team, channel, thread_ts, at_ts) VALUES (?, ?, ?, ?)
			ON CONFLICT (team, channel, thread_ts) DO UPDATE SET at_ts = talk.at_ts RETURNING at_ts`,
			team, channel, threadTS, ts).Scan(&was)
		if before, ok := slackMicros(was); err != nil || ok && before >= at {
			return err
		}
		_, err = t.exec(`UPDATE talk SET at_ts = ? WHERE team = ? AND channel = ? AND thread_ts = ?`, ts, team, channel, threadTS)
		return err
	})
}

// TalkAt returns the latest ts of NoteTalk for a thread, "" where there is none.
func (l *Ledger) TalkAt(ctx context.Context, team, channel, threadTS string) (ts string, err error) {
	err = l.inUrgentTx(ctx, "look up the talk", func(t *tx) error {
		err := t.row(`SELECT at_ts FROM talk WHERE team = ? AND channel = ? AND thread_ts = ?`, team, channel, threadTS).Scan(&ts)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return ts, err
}
