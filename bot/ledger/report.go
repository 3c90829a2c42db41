package ledger

import (
	"context"
)

// AddReport records a file that was handed in. The same file in the same place
// again changes nothing.
func (l *Ledger) AddReport(ctx context.Context, r Report) error {
	for _, f := range []struct {
		name, value string
		required    bool
	}{
		{"team", r.Team, true}, {"channel", r.Channel, true}, {"thread ts", r.ThreadTS, false},
		{"file", r.File, true}, {"hash", r.Hash, true}, {"user", r.User, false},
	} {
		if err := checkName(f.name, f.value, f.required); err != nil {
			return err
		}
	}
	if err := cleanText("file's name", &r.Name); err != nil {
		return err
	}
	return l.inTx(ctx, "record the report", func(t *tx) error {
		at := t.now
		if !r.At.IsZero() {
			at = r.At.UnixMicro()
		}
		_, err := t.exec(`INSERT INTO report (team, channel, thread_ts, file, name, hash, size, user_id, at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (team, channel, thread_ts, file) DO NOTHING`,
			r.Team, r.Channel, r.ThreadTS, r.File, r.Name, r.Hash, r.Size, r.User, at)
		return err
	})
}

// Reports returns the files of exactly that place, oldest first: a thread's, or
// the whole channel's where threadTS is empty.
func (l *Ledger) Reports(ctx context.Context, team, channel, threadTS string) ([]Report, error) {
	var reports []Report
	err := l.look(ctx, "list the reports", func(t *tx) error {
		reports = nil
		rows, err := t.rows(`SELECT team, channel, thread_ts, file, name, hash, size, user_id, at
			FROM report WHERE team = ? AND channel = ? AND thread_ts = ? ORDER BY at, file`, team, channel, threadTS)
		return each(rows, err, func() error {
			var r Report
			var at int64
			err := rows.Scan(&r.Team, &r.Channel, &r.ThreadTS, &r.File, &r.Name, &r.Hash, &r.Size, &r.User, &at)
			r.At = fromMicros(at)
			reports = append(reports, r)
			return err
		})
	})
	return reports, err
}

// RemoveReport forgets a file in one place, or wherever the team uses it where
// channel is empty, and returns in how many places that was.
func (l *Ledger) RemoveReport(ctx context.Context, team, channel, threadTS, file string) (removed int, err error) {
	err = l.inTx(ctx, "remove the report", func(t *tx) error {
		var n int64
		var err error
		if channel == "" {
			n, err = t.exec(`DELETE FROM report WHERE team = ? AND file = ?`, team, file)
		} else {
			n, err = t.exec(`DELETE FROM report WHERE team = ? AND channel = ? AND thread_ts = ? AND file = ?`, team, channel, threadTS, file)
		}
		removed = int(n)
		return err
	})
	return removed, err
}

// ReportHashes returns the contents that some report refers to.
func (l *Ledger) ReportHashes(ctx context.Context) (map[string]bool, error) {
	hashes := map[string]bool{}
	err := l.look(ctx, "list the reports' contents", func(t *tx) error {
		clear(hashes)
		rows, err := t.rows(`SELECT DISTINCT hash FROM report`)
		return each(rows, err, func() error {
			var hash string
			err := rows.Scan(&hash)
			hashes[hash] = true
			return err
		})
	})
	return hashes, err
}
