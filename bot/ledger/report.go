package ledger

import (
	"context"
	"fmt"
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
	if r.At.IsZero() {
		r.At = l.options.Clock()
	}
	return l.inTx(ctx, "record the report", func(t *tx) error {
		_, err := t.exec(`INSERT INTO report (team, channel, thread_ts, file, name, hash, size, user_id, at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (team, channel, thread_ts, file) DO NOTHING`,
			r.Team, r.Channel, r.ThreadTS, r.File, r.Name, r.Hash, r.Size, r.User, r.At.UnixMicro())
		return err
	})
}

// Reports returns the files of exactly that place, oldest first: a thread's, or
// the whole channel's where threadTS is empty.
func (l *Ledger) Reports(ctx context.Context, team, channel, threadTS string) ([]Report, error) {
	rows, err := l.db.QueryContext(ctx, l.dialect.bind(`SELECT team, channel, thread_ts, file, name, hash, size, user_id, at
		FROM report WHERE team = ? AND channel = ? AND thread_ts = ? ORDER BY at, file`), team, channel, threadTS)
	var reports []Report
	err = each(rows, err, func() error {
		var r Report
		var at int64
		err := rows.Scan(&r.Team, &r.Channel, &r.ThreadTS, &r.File, &r.Name, &r.Hash, &r.Size, &r.User, &at)
		r.At = fromMicros(at)
		reports = append(reports, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the reports: %w", l.dialect.explain(err))
	}
	return reports, nil
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
	rows, err := l.db.QueryContext(ctx, `SELECT DISTINCT hash FROM report`)
	hashes := map[string]bool{}
	err = each(rows, err, func() error {
		var hash string
		err := rows.Scan(&hash)
		hashes[hash] = true
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the reports' contents: %w", l.dialect.explain(err))
	}
	return hashes, nil
}
