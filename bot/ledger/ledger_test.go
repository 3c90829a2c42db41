package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A fakeClock stands still until it is moved.
type fakeClock struct{ micros atomic.Int64 }

func newFakeClock() *fakeClock {
	c := &fakeClock{}
	c.micros.Store(1_750_000_000_000_000)
	return c
}

func (c *fakeClock) now() time.Time          { return time.UnixMicro(c.micros.Load()) }
func (c *fakeClock) advance(d time.Duration) { c.micros.Add(d.Microseconds()) }
func (c *fakeClock) options() Options        { return Options{Clock: c.now} }
func openAt(t testing.TB, url string, o Options) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func open(t testing.TB, o Options) *Ledger {
	t.Helper()
	return openAt(t, address(t), o)
}

// quick are settings under which a takeover takes a fraction of a second.
func quick() Options {
	return Options{
		Heartbeat: 100 * time.Millisecond, LeaseLapse: 400 * time.Millisecond, SweepEvery: 50 * time.Millisecond,
		BackoffBase: time.Millisecond, BackoffMax: 10 * time.Millisecond,
	}
}

func message(n int) Question {
	return Question{
		Key:  Key{Team: "T1", Channel: "C1", TS: fmt.Sprintf("17500%05d.000100", n)},
		Text: fmt.Sprintf("question %d", n), Asker: "U1", Surface: "mention",
	}
}

func put(t testing.TB, l *Ledger, q Question) int64 {
	t.Helper()
	id, fresh, err := l.Put(t.Context(), q)
	if err != nil || !fresh {
		t.Fatalf("Put(%s) = %d, %t, %v", q.TS, id, fresh, err)
	}
	return id
}

func get(t testing.TB, l *Ledger, id int64) Entry {
	t.Helper()
	e, err := l.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func mustClaim(t testing.TB, l *Ledger, id int64) *Claim {
	t.Helper()
	c, err := l.claim(t.Context(), id)
	if err != nil || c == nil {
		t.Fatalf("claim(%d) = %v, %v", id, c, err)
	}
	return c
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for a condition that other goroutines bring about.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	within(t, 20*time.Second, what, condition)
}

func within(t testing.TB, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !condition(); {
		if time.Now().After(deadline) {
			t.Fatal("in vain waited for: " + what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		check(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	for name, c := range map[string]struct{ url, want string }{
		"no scheme":             {"ledger.db", "names no database"},
		"an unknown scheme":     {"mysql://localhost/x", "names no database"},
		"no path":               {"sqlite:", "names no file"},
		"memory":                {"sqlite::memory:", "names no file"},
		"a folder in the way":   {"sqlite:" + folder, "cannot be written"},
		"a file for a folder":   {"sqlite:" + filepath.Join(file("plain", "x"), "ledger.db"), "cannot be made"},
		"a file of other kind":  {"sqlite:" + file("text", strings.Repeat("not a database\n", 500)), "not a ledger"},
		"a short file of kinds": {"sqlite:" + file("short", "hello"), "not a ledger"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := Open(t.Context(), c.url, Options{})
			if err == nil {
				l.Close()
				t.Fatal("it opened")
			}
			e, ok := errors.AsType[*Error](err)
			if !ok || !strings.Contains(err.Error(), c.want) || e.Hint() == "" {
				t.Errorf("error %q, want %q with a hint", err, c.want)
			}
		})
	}
}

func TestOpenRefusesADamagedLedger(t *testing.T) {
	sqliteOnly(t)
	url := address(t)
	l, err := Open(t.Context(), url, Options{})
	check(t, err)
	for i := range 60 {
		put(t, l, message(i))
	}
	check(t, l.Close())
	path := strings.TrimPrefix(url, "sqlite:")
	b, err := os.ReadFile(path)
	check(t, err)
	for i := 4096 * 8; i < len(b)-4096; i += 64 {
		copy(b[i:], "damage")
	}
	check(t, os.WriteFile(path, b, 0o600))
	l, err = Open(t.Context(), url, Options{})
	if err == nil {
		l.Close()
		t.Fatal("it opened")
	}
	if e, ok := errors.AsType[*Error](err); !ok || e.Hint() == "" {
		t.Errorf("no hint in %q", err)
	}
}

func TestOpenRefusesANewerLedger(t *testing.T) {
	url := address(t)
	l, err := Open(t.Context(), url, Options{})
	check(t, err)
	_, err = l.db.Exec(`INSERT INTO ledger_migration (version, applied_at) VALUES (99, 0)`)
	check(t, err)
	check(t, l.Close())
	_, err = Open(t.Context(), url, Options{})
	if err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("error %v", err)
	}
}

func TestOpenTakesAnyFileName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder?mode=memory#1", "50% &ü.db")
	for range 2 {
		l, err := Open(t.Context(), "sqlite:"+path, Options{})
		check(t, err)
		check(t, l.Close())
		check(t, l.Close())
	}
	info, err := os.Stat(path)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestOpenAtOnceMigratesOnce(t *testing.T) {
	url := address(t)
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			l, err := Open(context.WithoutCancel(t.Context()), url, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	l := openAt(t, url, Options{})
	var n int
	check(t, l.db.QueryRow(`SELECT COUNT(*) FROM ledger_migration`).Scan(&n))
	if n != len(undone)+1 {
		t.Errorf("%d migrations recorded", n)
	}
}

func TestDialectNumbersParameters(t *testing.T) {
	d := &dialect{numbered: true}
	if got := d.bind("a = ? AND b = ?"); got != "a = $1 AND b = $2" {
		t.Error(got)
	}
}
