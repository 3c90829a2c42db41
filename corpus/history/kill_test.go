package history_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"footnote/corpus"
	"footnote/corpus/history"
)

// placeToWrite is set for the child processes of the test below.
const placeToWrite = "FOOTNOTE_TEST_WRITE_TO"

func TestMain(m *testing.M) {
	if folder := os.Getenv(placeToWrite); folder != "" {
		addForEver(folder)
	}
	os.Exit(m.Run())
}

// addForEver adds version after version, until the process is killed, and
// prints a line for each that was added.
func addForEver(folder string) {
	s := history.Open(folder)
	for {
		_, err := s.Add(context.Background(), nil, numbered(rand.IntN(1000)), time.Now())
		if err != nil {
			println(err.Error())
			os.Exit(1)
		}
		fmt.Println("added")
	}
}

func numbered(n int) *corpus.Corpus {
	text := fmt.Sprintf("Tea costs %d crowns.\n", n) + strings.Repeat("Ada repairs the crane.\n", 2000)
	c, err := corpus.New(corpus.Plain("a.txt", text), corpus.Plain("b.txt", "It is Tuesday."))
	if err != nil {
		panic(err)
	}
	return c
}

func TestAProcessKilledWhileAddingHarmsNothing(t *testing.T) {
	folder := t.TempDir()
	s := history.Open(folder)
	random := rand.New(rand.NewPCG(1, 0))
	write := 40 * time.Millisecond // the longest that a child took for one
	for round := range 12 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), placeToWrite+"="+folder)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range round % 3 {
			began := time.Now()
			if !lines.Scan() {
				t.Fatalf("round %d: the child added nothing", round)
			}
			write = max(write, time.Since(began))
		}
		time.Sleep(time.Duration(random.Int64N(int64(write))))
		if err := child.Process.Kill(); err != nil {
			t.Errorf("the child ended by itself: %v", err)
		}
		_ = child.Wait() // it was killed
		checkAll(t, s)
	}
	for _, name := range filesIn(t, folder) {
		if strings.Contains(name, "draft-") {
			age(t, filepath.Join(folder, name), 2*time.Hour)
		}
	}
	add(t, s, nil, numbered(1001), time.Now())
	for _, name := range filesIn(t, folder) {
		if strings.Contains(name, "draft-") {
			t.Errorf("%s is left", name)
		}
	}
}

// checkAll reads all versions.
func checkAll(t *testing.T, s *history.Store) {
	t.Helper()
	versions, err := s.Versions(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range versions {
		if c, err := s.Corpus(t.Context(), v); err != nil || c.Hash != v.Hash {
			t.Fatalf("version %s: %v", v.Hash, err)
		}
	}
}

// age makes a file older.
func age(t *testing.T, path string, by time.Duration) {
	t.Helper()
	then := time.Now().Add(-by)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}
