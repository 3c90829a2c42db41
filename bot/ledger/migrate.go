package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/riverqueue/river/rivermigrate"
)

// migrate brings the tables to this version, ours and River's, so that a process
// that dies or comes second meets either the old version or the new one.
func (l *Ledger) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrations(), "*.sql")
	if err != nil {
		return fmt.Errorf("list the ledger's migrations: %w", err)
	}
	version := 0
	err = l.inTx(ctx, "look at the ledger's tables", func(t *tx) (err error) {
		version, err = schemaVersion(t, len(names))
		return err
	})
	switch {
	case err != nil:
		return err
	case version == len(names):
		return nil
	case version == 0 && l.options.Existing:
		return ErrNone
	case l.dialect.alone == nil:
		_, err = l.commit(ctx, func(t *tx) error { return l.migrateIn(t, names, l.migrateRiverIn) })
	default:
		err = l.dialect.alone(ctx, func(db *sql.DB) error { return l.migrateApart(ctx, db, names) })
	}
	return l.explained("prepare the ledger", err)
}

// migrateIn is to be called by one process at a time.
func (l *Ledger) migrateIn(t *tx, names []string, river func(*tx) error) error {
	version, err := schemaVersion(t, len(names))
	if err != nil || version == len(names) {
		return err
	}
	if err := river(t); err != nil {
		return err
	}
	if version == 0 {
		if _, err := t.exec(`CREATE TABLE IF NOT EXISTS ledger_migration (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)`); err != nil {
			return err
		}
	}
	for _, name := range names[version:] {
		if err := apply(t, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// migrateApart has River's migrations in transactions of their own, since one
// cannot use what another did in the same. Ours come last: while they are not
// there, River's are seen to again.
func (l *Ledger) migrateApart(ctx context.Context, db *sql.DB, names []string) error {
	version := 0
	_, err := l.commitOn(ctx, db, func(t *tx) (err error) {
		version, err = schemaVersion(t, len(names))
		return err
	})
	if err != nil || version == len(names) {
		return err
	}
	if err := l.migrateRiver(ctx, db); err != nil {
		return err
	}
	_, err = l.commitOn(ctx, db, func(t *tx) error {
		return l.migrateIn(t, names, func(*tx) error { return nil })
	})
	return err
}

// schemaVersion is the version of the tables, 0 where there are none.
func schemaVersion(t *tx, known int) (version int, err error) {
	var tables int
	if err := t.row(t.dialect.hasTable, "ledger_migration").Scan(&tables); err != nil || tables == 0 {
		return 0, err
	}
	err = t.row(`SELECT COALESCE(MAX(version), 0) FROM ledger_migration`).Scan(&version)
	if err == nil && version > known {
		err = &Error{
			Problem: fmt.Sprintf("the ledger was written by a newer version (its tables are version %d, this program knows %d)", version, known),
			Advice:  "use the newer program, or restore the backup made before the upgrade",
		}
	}
	return version, err
}

// migrateRiver runs with each migration of ours: a new version of River comes
// with one, be it empty.
func (l *Ledger) migrateRiver(ctx context.Context, db *sql.DB) error {
	migrator, err := l.riverMigrator(db)
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

func (l *Ledger) migrateRiverIn(t *tx) error {
	migrator, err := l.riverMigrator(l.db)
	if err != nil {
		return err
	}
	//lint:ignore SA1019 the migrations of SQLite can share one transaction, and have to: two processes may start at once.
	_, err = migrator.MigrateTx(t.ctx, t.sql, rivermigrate.DirectionUp, nil)
	return err
}

func (l *Ledger) riverMigrator(db *sql.DB) (*rivermigrate.Migrator[*sql.Tx], error) {
	return rivermigrate.New(l.dialect.river(db, l.listener), &rivermigrate.Config{Logger: riverLogger(l.log)})
}

func apply(t *tx, name string) error {
	number, _, _ := strings.Cut(name, "_")
	version, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	file, err := fs.ReadFile(migrations(), name)
	if err != nil {
		return err
	}
	statements := string(file)
	if t.dialect.types != nil {
		statements = t.dialect.types.Replace(statements)
	}
	if _, err := t.ExecContext(t.ctx, statements); err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO ledger_migration (version, applied_at) VALUES (?, ?)`, version, t.now)
	return err
}
