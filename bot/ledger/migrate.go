package ledger

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/riverqueue/river/rivermigrate"
)

// migrate brings the tables to this version, ours and River's in one
// transaction, so that a process that dies or comes second meets either the old
// version or the new one.
func (l *Ledger) migrate(ctx context.Context) error {
	names, err := fs.Glob(l.dialect.migrations, "*.sql")
	if err != nil {
		return fmt.Errorf("list the ledger's migrations: %w", err)
	}
	return l.inTx(ctx, "prepare the ledger", func(t *tx) error {
		if l.dialect.exclusive != "" {
			if _, err := t.exec(l.dialect.exclusive); err != nil {
				return err
			}
		}
		version, err := schemaVersion(t)
		if err != nil {
			return err
		}
		if version > len(names) {
			return &Error{
				Problem: fmt.Sprintf("the ledger was written by a newer version (its tables are version %d, this program knows %d)", version, len(names)),
				Advice:  "use the newer program, or restore the backup made before the upgrade",
			}
		}
		if version == len(names) {
			return nil
		}
		if err := l.migrateRiver(ctx, t); err != nil {
			return err
		}
		for _, name := range names[version:] {
			if err := l.apply(t, name); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	})
}

func schemaVersion(t *tx) (int, error) {
	if _, err := t.exec(`CREATE TABLE IF NOT EXISTS ledger_migration (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)`); err != nil {
		return 0, err
	}
	var version int
	err := t.row(`SELECT COALESCE(MAX(version), 0) FROM ledger_migration`).Scan(&version)
	return version, err
}

// migrateRiver runs with each migration of ours: a new version of River comes
// with one, be it empty.
func (l *Ledger) migrateRiver(ctx context.Context, t *tx) error {
	migrator, err := rivermigrate.New(l.dialect.river(l.db, l.listener), &rivermigrate.Config{Logger: riverLogger(l.log)})
	if err != nil {
		return err
	}
	//lint:ignore SA1019 the migrations of SQLite can share one transaction, and have to: two processes may start at once.
	_, err = migrator.MigrateTx(ctx, t.Tx, rivermigrate.DirectionUp, nil)
	return err
}

func (l *Ledger) apply(t *tx, name string) error {
	number, _, _ := strings.Cut(name, "_")
	version, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	statements, err := fs.ReadFile(l.dialect.migrations, name)
	if err != nil {
		return err
	}
	if _, err := t.ExecContext(t.ctx, string(statements)); err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO ledger_migration (version, applied_at) VALUES (?, ?)`, version, l.micros())
	return err
}
