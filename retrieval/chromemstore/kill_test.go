package chromemstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"footnote/retrieval/chromemstore"
	"footnote/retrieval/storetest"
)

// placeToWrite is set for the child processes of the test below.
const placeToWrite = "FOOTNOTE_TEST_WRITE_TO"

func TestMain(m *testing.M) {
	if dir := os.Getenv(placeToWrite); dir != "" {
		writeForEver(dir)
	}
	os.Exit(m.Run())
}

// writeForEver writes a generation over and over, until the process is killed.
// It prints a line for each that it has written.
func writeForEver(dir string) {
	s := chromemstore.New(dir, discard)
	points := storetest.Vectors(1, 2000)
	for {
		if _, err := s.Write(context.Background(), storetest.Generation("a"), points); err != nil {
			println(err.Error())
			os.Exit(1)
		}
		fmt.Println("written")
	}
}

func TestAProcessKilledWhileWritingHarmsNothing(t *testing.T) {
	dir := t.TempDir()
	s := chromemstore.New(dir, discard)
	g := storetest.Generation("a")
	points := storetest.Vectors(1, 2000)
	random := rand.New(rand.NewPCG(1, 0))
	opened := 0
	write := 40 * time.Millisecond // the longest that a child took for one
	for round := range 30 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), placeToWrite+"="+dir)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		// Each is killed at any point of the write after those waited for: the
		// first of all too, where nothing is there yet.
		lines := bufio.NewScanner(out)
		for range round % 3 {
			began := time.Now()
			if !lines.Scan() {
				t.Fatalf("round %d: the child wrote nothing", round)
			}
			write = max(write, time.Since(began))
		}
		time.Sleep(time.Duration(random.Int64N(int64(write))))
		if err := child.Process.Kill(); err != nil {
			t.Errorf("the child ended by itself: %v", err)
		}
		_ = child.Wait() // it was killed
		v, err := s.Open(t.Context(), g)
		if errors.Is(err, fs.ErrNotExist) && opened == 0 && round%3 == 0 {
			continue // it had not come so far
		}
		if err != nil {
			t.Fatalf("after %d good ones: %v", opened, err)
		}
		opened++
		if v.Len() != len(points) {
			t.Errorf("it has %d passages, want %d", v.Len(), len(points))
		}
	}

	for _, name := range files(t, dir) {
		if name != g.Key()+".vectors" {
			age(t, dir+"/"+name, 2*time.Hour)
		}
	}
	if _, err := s.Write(t.Context(), g, points); err != nil {
		t.Fatal(err)
	}
	if left := files(t, dir); len(left) != 1 {
		t.Errorf("left are %q", left)
	}
}
