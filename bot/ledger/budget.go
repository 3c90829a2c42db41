package ledger

import (
	"context"
	"fmt"
	"math"
	"time"

	"footnote/bot"
)

// budgetKept is for how many days what was spent is kept.
const budgetKept = 400

// day is the one so many days ago, by UTC.
func (t *tx) day(ago int) string {
	return fromMicros(t.now).AddDate(0, 0, -ago).Format(time.DateOnly)
}

// Debit takes tokens from what the team may use today, in UTC, and reports whether
// there were so many left of the limit. A limit of 0 is none; then it only counts.
// What is debited and never settled stays spent, since nobody knows what a server
// counted for a process that died.
func (l *Ledger) Debit(ctx context.Context, team string, tokens, limit int) (d Debit, ok bool, err error) {
	if err := checkName("team", team, true); err != nil {
		return Debit{}, false, err
	}
	if tokens < 0 || limit < 0 {
		return Debit{}, false, fmt.Errorf("%w: %d tokens of %d", ErrInvalid, tokens, limit)
	}
	room := limit - tokens
	if limit == 0 {
		room = math.MaxInt - tokens
	}
	err = l.inTx(ctx, "take from the budget", func(t *tx) error {
		d = Debit{Team: team, Day: t.day(0), Tokens: tokens}
		_, err := t.exec(`INSERT INTO budget (team, day, limit_tokens, debited, prompt, completion, cached, calls)
			VALUES (?, ?, ?, 0, 0, 0, 0, 0) ON CONFLICT (team, day) DO UPDATE SET limit_tokens = excluded.limit_tokens`,
			d.Team, d.Day, limit)
		if err != nil {
			return err
		}
		// In one statement, so that two processes never see the same room.
		n, err := t.exec(`UPDATE budget SET debited = debited + ?, calls = calls + 1 WHERE team = ? AND day = ? AND debited <= ?`,
			tokens, d.Team, d.Day, room)
		ok = n > 0
		return err
	})
	if err != nil || !ok {
		return Debit{}, false, err
	}
	return d, true, nil
}

// Settle replaces a debit by what was really used; it is to be called once. A
// server may count more than was debited: that is added, so the limit may be
// passed by as much as servers count beyond what callers expected of them.
func (l *Ledger) Settle(ctx context.Context, d Debit, used bot.Usage) error {
	if used.Prompt < 0 || used.Completion < 0 || used.Cached < 0 {
		return fmt.Errorf("%w: a use of %+v", ErrInvalid, used)
	}
	return l.inTx(ctx, "settle with the budget", func(t *tx) error {
		n, err := t.exec(`UPDATE budget SET debited = debited + ?, prompt = prompt + ?, completion = completion + ?, cached = cached + ?
			WHERE team = ? AND day = ?`, used.Prompt+used.Completion-d.Tokens, used.Prompt, used.Completion, used.Cached, d.Team, d.Day)
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
}

// Spending returns what was used in the last days, today included, newest first;
// all that is kept where days is 0.
func (l *Ledger) Spending(ctx context.Context, days int) ([]Spending, error) {
	var all []Spending
	err := l.inTx(ctx, "list what was used", func(t *tx) error {
		all = nil
		since := ""
		if days > 0 {
			since = t.day(days - 1)
		}
		rows, err := t.rows(`SELECT team, day, calls, debited, prompt, completion, cached, limit_tokens
			FROM budget WHERE day >= ? ORDER BY day DESC, team`, since)
		return each(rows, err, func() error {
			var s Spending
			err := rows.Scan(&s.Team, &s.Day, &s.Calls, &s.Debited, &s.Prompt, &s.Completion, &s.Cached, &s.Limit)
			all = append(all, s)
			return err
		})
	})
	return all, err
}
