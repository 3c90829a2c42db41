package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"footnote/bot/ledger"
)

// ledgerURL is the ledger's address: that of DATABASE_URL, else a file in the
// folder of FOOTNOTE_DATA, else one in the user's state folder. A ledger is no
// cache: nobody can make it again.
func ledgerURL() (string, error) {
	if address := os.Getenv("DATABASE_URL"); address != "" {
		return address, nil
	}
	folder, err := stateFolder()
	if err != nil {
		return "", &hintedError{fmt.Errorf("finding a folder for the ledger: %w", err), "set DATABASE_URL to sqlite:PATH, such as sqlite:/var/lib/footnote/ledger.db, or to a PostgreSQL database"}
	}
	return "sqlite:" + filepath.Join(folder, "ledger.db"), nil
}

// stateFolder is where that is kept which nobody can make again: the folder of
// FOOTNOTE_DATA, else one in the user's state folder.
func stateFolder() (string, error) {
	if data := os.Getenv("FOOTNOTE_DATA"); data != "" {
		return data, nil
	}
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // as its specification asks
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "footnote"), nil
}

// openLedger opens the ledger, and makes it where there is none yet.
func openLedger(ctx context.Context, log *slog.Logger, o ledger.Options) (*ledger.Ledger, error) {
	address, err := ledgerURL()
	if err != nil {
		return nil, err
	}
	o.Logger = log
	l, err := ledger.Open(ctx, address, o)
	if errors.Is(err, ledger.ErrNone) {
		return nil, &noLedgerError{ledger.Place(address)}
	}
	return l, err
}

// openLedgerThere is openLedger for those who only look: it makes none.
func openLedgerThere(ctx context.Context, log *slog.Logger) (*ledger.Ledger, error) {
	address, err := ledgerURL()
	if err != nil {
		return nil, err
	}
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		path = strings.TrimPrefix(path, "//")
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
			return nil, &noLedgerError{"at " + path}
		}
	}
	return openLedger(ctx, log, ledger.Options{Existing: true})
}

// A noLedgerError is a ledger that nothing was ever written to.
type noLedgerError struct{ place string }

func (e *noLedgerError) Error() string { return "there is no ledger " + e.place }
func (e *noLedgerError) Hint() string {
	return "footnote serve makes it when it starts; DATABASE_URL names another one"
}
