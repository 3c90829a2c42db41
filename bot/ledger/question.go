package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is the length in bytes up to which a question is taken; Slack's own
// limit is 40,000 characters.
const MaxText = 256 << 10

// maxName is the length in bytes of ids, timestamps and names.
const maxName = 255

// normalised checks names and cleans the text. Names that are empty, too long,
// not UTF-8 or hold control characters are refused, since two of them might
// otherwise become one; in texts, NUL and invalid UTF-8 become U+FFFD.
func normalised(q Question) (Question, error) {
	if q.ThreadTS == "" {
		q.ThreadTS = q.TS
	}
	for _, f := range []struct {
		name, value string
		required    bool
	}{
		{"team", q.Team, true}, {"channel", q.Channel, true}, {"ts", q.TS, true}, {"thread ts", q.ThreadTS, true},
		{"surface", q.Surface, false}, {"asker", q.Asker, false}, {"edit ts", q.EditTS, false},
		{"event id", q.EventID, false}, {"corpus hash", q.CorpusHash, false},
	} {
		if err := checkName(f.name, f.value, f.required); err != nil {
			return q, err
		}
	}
	if q.EditTS != "" {
		if _, ok := slackMicros(q.EditTS); !ok {
			return q, fmt.Errorf("%w: the edit ts is no timestamp", ErrInvalid)
		}
	}
	if err := cleanText("text", &q.Text); err != nil {
		return q, err
	}
	return q, cleanText("detail", &q.Detail)
}

func checkName(name, value string, required bool) error {
	switch {
	case value == "" && required:
		return fmt.Errorf("%w: the %s is empty", ErrInvalid, name)
	case len(value) > maxName:
		return fmt.Errorf("%w: the %s has %d bytes, more than %d", ErrInvalid, name, len(value), maxName)
	case !utf8.ValidString(value) || strings.IndexFunc(value, unicode.IsControl) >= 0:
		return fmt.Errorf("%w: the %s is not plain text", ErrInvalid, name)
	}
	return nil
}

// cleanText cleans a text in place and refuses one that is too long.
func cleanText(name string, text *string) error {
	*text = clean(*text)
	if len(*text) > MaxText {
		return fmt.Errorf("%w: the %s has %d bytes, more than %d", ErrInvalid, name, len(*text), MaxText)
	}
	return nil
}

// clean makes text storable in every database.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// slackMicros reads a Slack timestamp, seconds with up to six decimals, as
// microseconds.
func slackMicros(ts string) (int64, bool) {
	seconds, fraction, _ := strings.Cut(ts, ".")
	if len(seconds) == 0 || len(seconds) > 12 || len(fraction) > 6 {
		return 0, false
	}
	micros, err := strconv.ParseUint(seconds+fraction+strings.Repeat("0", 6-len(fraction)), 10, 63)
	return int64(micros), err == nil
}

// editCounts reports whether an edit at editTS is soon enough after the message
// ts, and later than the last one.
func (l *Ledger) editCounts(ts, last, editTS string) bool {
	edited, ok := slackMicros(editTS)
	asked, isTime := slackMicros(ts)
	previous, _ := slackMicros(last)
	return ok && isTime && edited > previous && edited-asked <= l.options.EditWindow.Microseconds()
}

const entryColumns = `q.id, q.team, q.channel, q.ts, q.thread_ts, q.surface, q.asker, q.text, q.edit_ts,
	q.corpus_hash, q.detail, q.state, q.revision, q.how, q.attempts, q.error, q.due_at, q.created_at, q.updated_at`

// entryFields are where entryColumns are scanned to; done turns the times.
func entryFields(e *Entry) (fields []any, done func()) {
	var due, created, updated int64
	fields = []any{
		&e.ID, &e.Team, &e.Channel, &e.TS, &e.ThreadTS, &e.Surface, &e.Asker, &e.Text, &e.EditTS,
		&e.CorpusHash, &e.Detail, &e.State, &e.Revision, &e.How, &e.Attempts, &e.Error, &due, &created, &updated,
	}
	return fields, func() {
		e.DueAt, e.CreatedAt, e.UpdatedAt = fromMicros(due), fromMicros(created), fromMicros(updated)
	}
}

func scanEntry(row interface{ Scan(...any) error }) (Entry, error) {
	var e Entry
	fields, done := entryFields(&e)
	err := row.Scan(fields...)
	if errors.Is(err, sql.ErrNoRows) {
		return e, ErrNotFound
	}
	done()
	return e, err
}

// Get returns a question by its id, or ErrNotFound.
func (l *Ledger) Get(ctx context.Context, id int64) (Entry, error) {
	return l.entry(ctx, `q.id = ?`, id)
}

// Find returns a question by its key, or ErrNotFound.
func (l *Ledger) Find(ctx context.Context, key Key) (Entry, error) {
	return l.entry(ctx, `q.team = ? AND q.channel = ? AND q.ts = ?`, key.Team, key.Channel, key.TS)
}

func (l *Ledger) entry(ctx context.Context, where string, args ...any) (e Entry, err error) {
	err = l.look(ctx, "look up the question", func(t *tx) error {
		e, err = scanEntry(t.row(`SELECT `+entryColumns+` FROM question q WHERE `+where, args...))
		return err
	})
	return e, err
}

// Events returns the ids of the events that brought a question.
func (l *Ledger) Events(ctx context.Context, id int64) ([]string, error) {
	var events []string
	err := l.look(ctx, "list the question's events", func(t *tx) error {
		events = nil
		rows, err := t.rows(`SELECT event_id FROM question_event WHERE question_id = ? ORDER BY event_id`, id)
		return each(rows, err, func() error {
			var event string
			err := rows.Scan(&event)
			events = append(events, event)
			return err
		})
	})
	return events, err
}
