package chromemstore_test

import (
	"bufio"
	"context"
	"fmt"
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
	storetest.WriterKilled(t, s, g, points, storetest.Killing{
		Rounds: 30, Writes: 2, Write: 40 * time.Millisecond,
		Start: func() (*exec.Cmd, *bufio.Scanner) { return storetest.Child(t, placeToWrite+"="+dir) },
	})

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
