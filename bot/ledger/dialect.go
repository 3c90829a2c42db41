package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/riverqueue/river/riverdriver"

	"footnote/retrieval/span"
)

// A dialect is what differs between databases. All statements are written with
// ? for their parameters.
type dialect struct {
	// system names the database in traces, by OpenTelemetry's conventions.
	system string
	// migrations holds NNN_NAME.sql, applied in order.
	migrations fs.FS
	// numbered says that parameters are $1, $2 and so on.
	numbered bool
	// forUpdate, appended to a SELECT, keeps the row from changing before the
	// transaction ends. Empty where transactions hold the write lock anyway.
	forUpdate string
	// exclusive is run first in a migrating transaction to keep other
	// processes out; empty where transactions hold the write lock anyway.
	exclusive string
	// oneWriter says that transactions wait for each other.
	oneWriter bool
	// river makes the queue's driver, which hears of new jobs from listener.
	river func(*sql.DB, *wakeListener) riverdriver.Driver[*sql.Tx]
	// explain turns a driver's error into one that a person can act on.
	explain func(error) error
}

func (d *dialect) bind(query string) string {
	if !d.numbered {
		return query
	}
	var b strings.Builder
	n := 0
	for i := range len(query) {
		if query[i] != '?' {
			b.WriteByte(query[i])
			continue
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// A tx is a transaction that speaks the ledger's dialect.
type tx struct {
	*sql.Tx
	dialect *dialect
	ctx     context.Context
}

func (t *tx) exec(query string, args ...any) (int64, error) {
	result, err := t.ExecContext(t.ctx, t.dialect.bind(query), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *tx) row(query string, args ...any) *sql.Row {
	return t.QueryRowContext(t.ctx, t.dialect.bind(query), args...)
}

func (t *tx) rows(query string, args ...any) (*sql.Rows, error) {
	return t.QueryContext(t.ctx, t.dialect.bind(query), args...)
}

// inTx runs do in a transaction and commits it unless do fails. doing says what
// it is for, as in "record the question".
func (l *Ledger) inTx(ctx context.Context, doing string, do func(*tx) error) error {
	return l.told(ctx, doing, func(ctx context.Context) error { return l.transact(ctx, do) })
}

// inUrgentTx is inTx for what an acknowledgement waits for: it goes before all
// transactions of workers that have not begun.
func (l *Ledger) inUrgentTx(ctx context.Context, doing string, do func(*tx) error) error {
	return l.told(ctx, doing, func(ctx context.Context) error {
		return l.turn.take(ctx, func() error { return l.commit(ctx, do) })
	})
}

// told explains what a transaction failed by, and traces it: its time is mostly
// that of the disk, and of waiting for others.
func (l *Ledger) told(ctx context.Context, doing string, transact func(context.Context) error) error {
	ctx, s := span.StartCall(ctx, "ledger", doing)
	s.String("db.system.name", l.dialect.system)
	s.String("db.operation.name", doing)
	err := transact(ctx)
	if err != nil && !errors.Is(err, ErrNotFound) && !givenBack(err) {
		s.FailAs(kindOf(err))
	}
	s.End()
	return l.explained(doing, err)
}

func (l *Ledger) explained(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, l.dialect.explain(err))
}

func (l *Ledger) transact(ctx context.Context, do func(*tx) error) error {
	return l.workerTurn.take(ctx, func() error {
		return l.turn.take(ctx, func() error { return l.commit(ctx, do) })
	})
}

func (l *Ledger) commit(ctx context.Context, do func(*tx) error) error {
	t, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	// After a commit this does nothing.
	defer t.Rollback()
	if err := do(&tx{Tx: t, dialect: l.dialect, ctx: ctx}); err != nil {
		return err
	}
	return t.Commit()
}

// A turn lets so many in at a time, in the order in which they came; a
// connection pool would pick the next at random. A nil turn lets all in.
type turn chan struct{}

func (t turn) take(ctx context.Context, do func() error) error {
	if t == nil {
		return do()
	}
	select {
	case t <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-t }()
	return do()
}

// idsOf returns the ids that a query selects.
func idsOf(t *tx, query string, args ...any) ([]int64, error) {
	rows, err := t.rows(query, args...)
	var ids []int64
	err = each(rows, err, func() error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// each calls scan for every row and closes rows.
func each(rows *sql.Rows, err error, scan func() error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(); err != nil {
			return err
		}
	}
	return rows.Err()
}
