package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"footnote/retrieval/span"
)

// A tx is a transaction that speaks the ledger's dialect, or, for [Ledger.look],
// the database itself.
type tx struct {
	queryer
	sql     *sql.Tx // nil in look
	dialect *dialect
	ctx     context.Context
	now     int64 // when it began, in microseconds
}

type queryer interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
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
// it is for, as in "record the question". do may run more than once, so it sets
// what it returns anew each time.
func (l *Ledger) inTx(ctx context.Context, doing string, do func(*tx) error) error {
	return l.told(ctx, doing, func(ctx context.Context) error { return l.transact(ctx, do) })
}

// inUrgentTx is inTx for what an acknowledgement waits for: it goes before all
// transactions of workers that have not begun.
func (l *Ledger) inUrgentTx(ctx context.Context, doing string, do func(*tx) error) error {
	return l.told(ctx, doing, func(ctx context.Context) error {
		return l.turn.take(ctx, func() error { return l.persist(ctx, l.commit, do) })
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

// look is inTx for what reads by a single statement and writes nothing: there is
// no transaction, so do does not need the time.
func (l *Ledger) look(ctx context.Context, doing string, do func(*tx) error) error {
	return l.explained(doing, l.persist(ctx, func(ctx context.Context, do func(*tx) error) (bool, error) {
		return false, do(&tx{queryer: l.db, dialect: l.dialect, ctx: ctx})
	}, do))
}

func (l *Ledger) explained(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, l.dialect.explain(err))
}

func (l *Ledger) transact(ctx context.Context, do func(*tx) error) error {
	return l.workerTurn.take(ctx, func() error {
		return l.turn.take(ctx, func() error { return l.persist(ctx, l.commit, do) })
	})
}

// A verdict is what to do about an error of the database.
type verdict int

const (
	giveUp   verdict = iota
	tryAgain         // nothing was done
	whoKnows         // nothing was done, unless it was the commit that failed
)

// mostTries is how often a transaction is tried that the database took back or
// lost the connection of. Whoever called tries again later, and is told why.
const mostTries = 5

// persist runs an attempt until it succeeds, the error is one that the next would
// meet too, or it is unknown whether a commit was made: who then tries again must
// be ready to meet what was done, as the ledger's callers are.
func (l *Ledger) persist(ctx context.Context, attempt func(context.Context, func(*tx) error) (committing bool, err error), do func(*tx) error) error {
	if l.dialect.patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, l.dialect.patience)
		defer cancel()
	}
	for try := 1; ; try++ {
		committing, err := attempt(ctx, do)
		if err == nil || l.dialect.again == nil || try == mostTries || ctx.Err() != nil {
			return err
		}
		verdict := l.dialect.again(err)
		if verdict == giveUp || verdict == whoKnows && committing {
			return err
		}
		// Two that met each other should not meet again.
		pause := time.Duration(rand.Int64N(int64(10*time.Millisecond) << (2 * (try - 1))))
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// commit makes one transaction. committing says that an error came when the
// commit was under way.
func (l *Ledger) commit(ctx context.Context, do func(*tx) error) (committing bool, err error) {
	return l.commitOn(ctx, l.db, do)
}

func (l *Ledger) commitOn(ctx context.Context, db *sql.DB, do func(*tx) error) (committing bool, err error) {
	begun, err := db.BeginTx(ctx, l.dialect.begin)
	if err != nil {
		return false, err
	}
	// After a commit this does nothing.
	defer begun.Rollback()
	t := &tx{queryer: begun, sql: begun, dialect: l.dialect, ctx: ctx}
	if t.now, err = l.timeIn(t); err != nil {
		return false, err
	}
	if err := do(t); err != nil {
		return false, err
	}
	l.reach("commit.begin")
	return true, begun.Commit()
}

// timeIn is the time that counts in a transaction: the database's, so that
// processes whose clocks differ agree about leases, limits and days.
func (l *Ledger) timeIn(t *tx) (now int64, err error) {
	if l.options.Clock != nil {
		return l.options.Clock().UnixMicro(), nil
	}
	if l.dialect.clock == "" {
		return l.wall().UnixMicro(), nil
	}
	err = t.row(l.dialect.clock).Scan(&now)
	return now, err
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
