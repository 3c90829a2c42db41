package ledger

import (
	"path/filepath"
	"testing"

	"footnote/bot/ledger/pgtest"
)

// The tests are of SQLite, or of PostgreSQL where that is wanted.
var postgres = &pgtest.Servers{}

// address is a ledger of the test's own.
func address(t testing.TB) string {
	if pgtest.Wanted() {
		return postgres.Schema(t)
	}
	return "sqlite:" + filepath.Join(t.TempDir(), "ledger.db")
}

func sqliteOnly(t testing.TB) {
	t.Helper()
	if pgtest.Wanted() {
		t.Skip("this is about SQLite's files")
	}
}

func postgresOnly(t testing.TB) {
	t.Helper()
	if !pgtest.Wanted() {
		t.Skip("FOOTNOTE_TEST_POSTGRES names no PostgreSQL: an address, or start")
	}
}
