package load

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// watched watches sources until the test ends, and counts the calls.
func watched(t *testing.T, how Watching, changed func() error, sources ...string) *atomic.Int64 {
	t.Helper()
	var calls atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	if how.Since == "" {
		how.Since = State(sources)
	}
	how.Settle = cmp.Or(how.Settle, 20*time.Millisecond)
	watching.Go(func() {
		Watch(ctx, sources, how, func(context.Context) error {
			calls.Add(1)
			return changed()
		})
	})
	t.Cleanup(func() {
		cancel()
		watching.Wait()
	})
	return &calls
}

func fine() error { return nil }

// reaches waits until there were n calls.
func reaches(t *testing.T, calls *atomic.Int64, n int64) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); calls.Load() < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d calls, want %d", calls.Load(), n)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// Whatever changes a document is noticed, by the system's telling alone: files are
// looked at once in an hour here.
func TestAChangeIsNoticed(t *testing.T) {
	for name, c := range map[string]struct {
		source string // below the folder
		change func(t *testing.T, folder string)
	}{
		"written in place": {"a.txt", func(t *testing.T, folder string) { write(t, filepath.Join(folder, "a.txt"), "other") }},
		"replaced": {"a.txt", func(t *testing.T, folder string) {
			write(t, filepath.Join(folder, "draft"), "other")
			rename(t, filepath.Join(folder, "draft"), filepath.Join(folder, "a.txt"))
		}},
		"taken away":           {"a.txt", func(t *testing.T, folder string) { remove(t, filepath.Join(folder, "a.txt")) }},
		"a file of a folder":   {"", func(t *testing.T, folder string) { write(t, filepath.Join(folder, "sub", "b.txt"), "other") }},
		"a new file":           {"", func(t *testing.T, folder string) { write(t, filepath.Join(folder, "new.txt"), "new") }},
		"in a new folder":      {"", func(t *testing.T, folder string) { write(t, filepath.Join(folder, "deep", "er", "new.txt"), "new") }},
		"one of a pattern":     {"**/*.txt", func(t *testing.T, folder string) { write(t, filepath.Join(folder, "sub", "b.txt"), "other") }},
		"what a link leads to": {"link", func(t *testing.T, folder string) { write(t, filepath.Join(folder, "sub", "b.txt"), "other") }},
		"another link": {"link", func(t *testing.T, folder string) {
			symlink(t, "other", filepath.Join(folder, "draft"))
			rename(t, filepath.Join(folder, "draft"), filepath.Join(folder, "link"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			write(t, filepath.Join(folder, "a.txt"), "text")
			write(t, filepath.Join(folder, "sub", "b.txt"), "text")
			write(t, filepath.Join(folder, "other", "b.txt"), "text")
			symlink(t, "sub", filepath.Join(folder, "link"))
			calls := watched(t, Watching{Look: time.Hour}, fine, filepath.Join(folder, c.source))
			time.Sleep(100 * time.Millisecond) // until the system tells
			if n := calls.Load(); n != 0 {
				t.Fatalf("%d calls before anything happened", n)
			}
			c.change(t, folder)
			reaches(t, calls, 1)
		})
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

// What is no change of the sources is no reason to read them again: neither other
// files beside them, nor hidden ones, nor that they are read or touched.
func TestWhatIsNoChangeIsNotRead(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "a.txt")
	write(t, file, "text")
	write(t, filepath.Join(folder, ".git", "c.txt"), "text")
	one := watched(t, Watching{Look: 50 * time.Millisecond}, fine, file)
	all := watched(t, Watching{Look: 50 * time.Millisecond}, fine, folder)
	write(t, filepath.Join(folder, ".git", "c.txt"), "other")
	if _, err := os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o400); err != nil {
		t.Fatal(err)
	}
	whole := filepath.Join(t.TempDir(), "b.txt") // a look may fall between a file's beginning and its end
	write(t, whole, "text")
	if err := os.Rename(whole, filepath.Join(folder, "b.txt")); err != nil {
		t.Fatal(err)
	}
	reaches(t, all, 1)
	time.Sleep(300 * time.Millisecond)
	if one.Load() != 0 || all.Load() != 1 {
		t.Errorf("%d and %d calls", one.Load(), all.Load())
	}
}

// While files are being written, a look at them does not have them read.
func TestWhatIsBeingWrittenIsNotRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "a.txt")
	write(t, file, "text")
	calls := watched(t, Watching{Look: 10 * time.Millisecond, Settle: 3 * time.Second}, fine, folder)
	time.Sleep(100 * time.Millisecond)
	write(t, filepath.Join(folder, ".draft"), "somebody writes") // which is told of, and no file of the folder's
	time.Sleep(200 * time.Millisecond)
	write(t, file, "half")
	time.Sleep(200 * time.Millisecond)
	if n := calls.Load(); n != 0 {
		t.Errorf("half a file was read: %d calls", n)
	}
	reaches(t, calls, 1)
}

// A change of which the system does not tell, and one from before, are seen too.
func TestFilesAreLookedAt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.txt")
	write(t, file, "text")
	reaches(t, watched(t, Watching{Look: time.Hour, Since: "before"}, fine, file), 1)
	calls := watched(t, Watching{Look: 20 * time.Millisecond}, fine, file)
	if err := os.Chtimes(file, time.Time{}, time.Now().Add(-time.Hour)); err != nil { // a chmod, to the system
		t.Fatal(err)
	}
	reaches(t, calls, 1)
}

// What cannot be read is tried again until it can be, without a further change.
func TestAFailureIsTriedAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.txt")
	write(t, file, "text")
	var failures atomic.Int64
	calls := watched(t, Watching{Look: time.Hour}, func() error {
		if failures.Add(1) <= 3 {
			return errors.New("half a file")
		}
		return nil
	}, file)
	time.Sleep(50 * time.Millisecond)
	write(t, file, "other")
	reaches(t, calls, 4)
	time.Sleep(200 * time.Millisecond)
	if n := calls.Load(); n != 4 {
		t.Errorf("%d calls after it succeeded", n)
	}
}

func TestAddressesAreAskedOnceInAWhile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.txt")
	write(t, file, "text")
	local := watched(t, Watching{Ask: 10 * time.Millisecond}, fine, file)
	reaches(t, watched(t, Watching{Ask: 10 * time.Millisecond}, fine, "https://example.org/a.txt"), 3)
	if n := local.Load(); n != 0 {
		t.Errorf("%d calls for a file", n)
	}
}

func symlink(t *testing.T, to, file string) {
	t.Helper()
	if err := os.Symlink(to, file); err != nil {
		t.Fatal(err)
	}
}
