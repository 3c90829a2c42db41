package storetest

import (
	"bufio"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"footnote/retrieval"
)

// Child starts the test's own program once more, which a TestMain tells by the
// setting, and returns what it prints. It is killed at the end if not before.
func Child(t *testing.T, setting string, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	child := exec.Command(os.Args[0], args...)
	child.Env = append(os.Environ(), setting)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill() })
	return child, bufio.NewScanner(out)
}

// A Killing is of processes that write a generation over and over, and print a line
// each time that it is written.
type Killing struct {
	Rounds int
	// Writes is how many writes are waited for, at most, before one is killed.
	Writes int
	// Write is how long one takes at least.
	Write time.Duration
	// Start starts one.
	Start func() (*exec.Cmd, *bufio.Scanner)
}

// WriterKilled kills one process after the other at any point of a write, the first
// too, where nothing is there yet: what it leaves behind is whole.
func WriterKilled(t *testing.T, s retrieval.Store, g retrieval.Generation, points []retrieval.Point, m Killing) {
	t.Helper()
	opened, write := 0, m.Write // the longest that a child took for one
	for round := range m.Rounds {
		child, lines := m.Start()
		waited := round % (m.Writes + 1)
		for range waited {
			began := time.Now()
			if !lines.Scan() {
				t.Fatalf("round %d: the child wrote nothing", round)
			}
			write = max(write, time.Since(began))
		}
		time.Sleep(time.Duration(rand.Int64N(int64(write))))
		if err := child.Process.Kill(); err != nil {
			t.Errorf("the child ended by itself: %v", err)
		}
		_ = child.Wait() // it was killed
		v, err := s.Open(t.Context(), g)
		if errors.Is(err, fs.ErrNotExist) && opened == 0 && waited == 0 {
			continue // it had not come so far
		}
		if err != nil {
			t.Fatalf("after %d good ones: %v", opened, err)
		}
		opened++
		if found, err := v.Query(t.Context(), points[round].Vector, 9); err != nil || v.Len() != len(points) || len(found) != 9 || found[0].ID != points[round].ID {
			t.Errorf("of %d it finds %v, %v", v.Len(), found, err)
		}
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	}
}
