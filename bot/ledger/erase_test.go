package ledger

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// What is erased is not left on pages that SQLite has given free, whatever its
// length.
func TestErasedTextsAreNotInTheFile(t *testing.T) {
	sqliteOnly(t)
	for name, erase := range map[string]func(*Ledger, Question) error{
		"deleted": func(l *Ledger, q Question) error { _, err := l.Withdraw(t.Context(), q.Key); return err },
		"forgotten": func(l *Ledger, q Question) error {
			_, err := l.Forget(t.Context(), "", q.Asker)
			return err
		},
		"given up, as for notes": func(l *Ledger, q Question) error {
			_, err := l.Abandon(t.Context(), q.Team, "the app was removed")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			url := address(t)
			l := openAt(t, url, Options{})
			q := message(1)
			q.Detail = strings.Repeat("a secret note. ", 2000)
			if !strings.HasPrefix(name, "given up") {
				q.Text = strings.Repeat("a secret question. ", 2000)
			}
			put(t, l, q)
			if !inFile(t, url, "a secret") {
				t.Fatal("it is not there to begin with")
			}
			check(t, erase(l, q))
			check(t, l.Close())
			if inFile(t, url, "a secret") {
				t.Error("it is still there")
			}
		})
	}
}

func inFile(t *testing.T, url, text string) bool {
	t.Helper()
	for _, end := range []string{"", "-wal"} {
		raw, err := os.ReadFile(strings.TrimPrefix(url, "sqlite:") + end)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), text) {
			return true
		}
	}
	return false
}
