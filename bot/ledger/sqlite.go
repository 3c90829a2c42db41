package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

func sqliteDialect() *dialect {
	return &dialect{
		system:    "sqlite",
		oneWriter: true,
		poll:      50 * time.Millisecond,
		hasTable:  `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?`,
		river: func(db *sql.DB, listener *wakeListener) riverdriver.Driver[*sql.Tx] {
			return &sqliteDriver{Driver: riversqlite.New(db), listener: listener}
		},
		explain: explainSQLite,
	}
}

// sqliteDriver wakes workers of the same process when a job is committed, where
// River would poll a table 20 times a second and write to it with every job.
// Other processes find the job when they look, every 50 ms.
type sqliteDriver struct {
	*riversqlite.Driver
	listener *wakeListener
}

func (d *sqliteDriver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return d.listener
}

func (d *sqliteDriver) SupportsListenNotify() bool { return false }

// maxChecked is the size in bytes up to which a file is checked whole when it is
// opened; a larger one would take seconds. Damage there shows when it is met.
const maxChecked = 64 << 20

func openSQLite(ctx context.Context, path string) (*sql.DB, error) {
	if path == "" || path == ":memory:" {
		return nil, &Error{Problem: "the ledger's address names no file", Advice: "write sqlite:PATH, such as sqlite:/var/lib/footnote/ledger.db"}
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the ledger's folder: %w", err)
	}
	size, err := prepareFile(path)
	if err != nil {
		return nil, err
	}
	// secure_delete overwrites what is erased, which costs nothing that can be
	// measured here.
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"_busy_timeout": {"10000"},
		"_txlock":       {"immediate"},
		"_pragma":       {"synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)"},
	}.Encode()}
	connector, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	db := sql.OpenDB(connector)
	// SQLite has one writer, and River wants one connection.
	db.SetMaxOpenConns(1)
	if err := startSQLite(ctx, db, size); err != nil {
		return nil, errors.Join(fmt.Errorf("open the ledger %s: %w", path, explainSQLite(err)), db.Close())
	}
	return db, nil
}

// prepareFile makes the file and its folder, readable by their owner alone
// since questions are private, and returns the file's size.
func prepareFile(path string) (int64, error) {
	advice := "allow writing there, or name another file in DATABASE_URL"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, &Error{Problem: "the ledger's folder " + filepath.Dir(path) + " cannot be made", Advice: advice, Err: err}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return 0, &Error{Problem: "the ledger's file " + path + " cannot be written", Advice: advice, Err: err}
	}
	info, err := f.Stat()
	return info.Size(), errors.Join(err, f.Close())
}

func startSQLite(ctx context.Context, db *sql.DB, size int64) error {
	if err := useWAL(ctx, db); err != nil {
		return err
	}
	if size == 0 || size > maxChecked {
		return nil
	}
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return damaged(errors.New(verdict))
	}
	return nil
}

// useWAL retries, since a change of mode does not wait for the lock as other
// statements do.
func useWAL(ctx context.Context, db *sql.DB) error {
	deadline := time.Now().Add(10 * time.Second)
	for {
		var mode string
		err := db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode)
		if err == nil && mode != "wal" {
			return &Error{Problem: "the file system cannot hold a ledger (no shared memory)", Advice: "keep the ledger on a local disk"}
		}
		if sqliteCode(err) != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// sqliteCode is SQLite's primary result code, or 0.
func sqliteCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

func explainSQLite(err error) error {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_NOTADB:
		return &Error{Problem: "the file is not a ledger", Advice: "name another file in DATABASE_URL, or move this one away", Err: err}
	case sqlite3.SQLITE_CORRUPT:
		return damaged(err)
	case sqlite3.SQLITE_FULL:
		return &Error{Problem: "the disk is full", Advice: "make room on the disk that holds the ledger", Err: err}
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return &Error{Problem: "the ledger cannot be written", Advice: "allow writing to its file and folder", Err: err}
	case sqlite3.SQLITE_IOERR:
		return &Error{Problem: "the disk failed", Advice: "check the disk that holds the ledger", Err: err}
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return &Error{Problem: "another process holds the ledger", Advice: "end what keeps it open, such as a backup or a database shell", Err: err}
	}
	return err
}

func damaged(err error) error {
	return &Error{
		Problem: "the ledger is damaged",
		Advice:  "restore it from a backup, or save what can be read: sqlite3 OLD .recover | sqlite3 NEW",
		Err:     err,
	}
}

// An Error is a failure that a person can mend.
type Error struct {
	Problem string // what is wrong
	Advice  string // what to do about it
	Err     error  // the cause, may be nil
}

// Error returns the problem with its cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Problem
	}
	return e.Problem + " (" + e.Err.Error() + ")"
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *Error) Hint() string { return e.Advice }
