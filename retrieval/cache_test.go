package retrieval_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"footnote/corpus"
	"footnote/retrieval"
)

// cacheFile is the only vector cache below a data folder.
func cacheFile(t *testing.T, data string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(retrieval.CacheFolder(data), "*.vec"))
	if err != nil || len(found) != 1 {
		t.Fatalf("caches are %q, %v", found, err)
	}
	return found[0]
}

func TestADamagedCacheCostsOnlyWhatWasDamaged(t *testing.T) {
	const n = 10
	c := newCorpus(t, document("a.txt", "", paragraphs(n)...))
	for _, test := range []struct {
		name   string
		damage func(data []byte) []byte
		want   int
	}{
		{"whole", func(d []byte) []byte { return d }, 0},
		{"a torn tail", func(d []byte) []byte { return d[:len(d)-10] }, 1},
		{"a last record of which little was written", func(d []byte) []byte { return append(d, "abcdefg"...) }, 0},
		{"a last record of zeros", func(d []byte) []byte { return append(d, make([]byte, len(d)/n)...) }, 0},
		{"a bit flipped in a hash", func(d []byte) []byte { d[3] ^= 1; return d }, 1},
		{"a bit flipped in a vector", func(d []byte) []byte { d[len(d)/n*3+40] ^= 64; return d }, 1},
		{"a bit flipped in a checksum", func(d []byte) []byte { d[len(d)-1] ^= 128; return d }, 1},
		{"half of it", func(d []byte) []byte { return d[:len(d)/2] }, n / 2},
		{"empty", func([]byte) []byte { return nil }, n},
		{"something else", func([]byte) []byte { return bytes.Repeat([]byte("no vectors here. "), 1000) }, n},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			e := newCounting("one")
			opts := kept(folder, e)
			opts.Rebuild = true
			open(t, c, opts)
			e.taken()
			path := cacheFile(t, folder)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, test.damage(data), 0o644); err != nil {
				t.Fatal(err)
			}
			for _, want := range []int{test.want, 0} {
				open(t, c, opts)
				if got := e.taken(); got != want {
					t.Errorf("%d texts were embedded, want %d", got, want)
				}
			}
		})
	}
}

func TestWaitingForAnotherProcessEndsWithTheContext(t *testing.T) {
	data := t.TempDir()
	c := newCorpus(t, document("a.txt", "", paragraphs(3)...))
	opts := kept(data, newCounting("one"))
	open(t, c, opts)
	opts.Rebuild = true
	lock := flock.New(cacheFile(t, data) + ".lock")
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := retrieval.Open(ctx, c, opts); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Open while another holds the lock: %v", err)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	open(t, c, opts)
}

func TestAnIndexOnDiskWaitsForNobody(t *testing.T) {
	data := t.TempDir()
	c := newCorpus(t, document("a.txt", "", paragraphs(3)...))
	opts := kept(data, newCounting("one"))
	open(t, c, opts)
	lock := flock.New(cacheFile(t, data) + ".lock")
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	defer lock.Unlock()
	if !open(t, c, opts).Built().Opened {
		t.Error("it was built again")
	}
}

// Child processes of the tests below are this test binary, told by the
// environment what to index where.
const (
	childData  = "FOOTNOTE_TEST_DATA"
	childLoops = "FOOTNOTE_TEST_LOOPS"
)

func TestMain(m *testing.M) {
	if data := os.Getenv(childData); data != "" {
		err := error(nil)
		if url := os.Getenv(childServer); url != "" {
			err = indexRemotelyAsChild(data, url)
		} else if os.Getenv(childLong) != "" {
			err = indexLongAsChild(data)
		} else {
			err = indexAsChild(data, os.Getenv(childLoops) != "")
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func childCorpus(edition int) (*corpus.Corpus, error) {
	lines := paragraphs(700)
	for i := range 300 {
		lines[i] += fmt.Sprint(" Edition ", edition, ".")
	}
	return corpus.New(document("a.txt", "Wells", lines...))
}

// indexAsChild indexes one corpus and prints how many passages it embedded, or
// one edition after the other until it is killed.
func indexAsChild(data string, loops bool) error {
	for edition := 0; ; edition++ {
		c, err := childCorpus(edition)
		if err != nil {
			return err
		}
		ix, err := retrieval.Open(context.Background(), c, kept(data, newCounting("child")))
		if err != nil {
			return err
		}
		if !loops {
			fmt.Println(ix.Built().Embedded)
			return ix.Close()
		}
	}
}

func child(data string, more ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childData+"="+data), more...)
	cmd.Stderr = os.Stderr
	return cmd
}

func TestProcessesThatStartAtOnceEmbedEverythingOnce(t *testing.T) {
	data := t.TempDir()
	const processes = 4
	var children []*exec.Cmd
	var outputs [processes]bytes.Buffer
	for i := range processes {
		cmd := child(data)
		cmd.Stdout = &outputs[i]
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		children = append(children, cmd)
	}
	total := 0
	for i, cmd := range children {
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(strings.TrimSpace(outputs[i].String()))
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	if total != 700 {
		t.Errorf("together they embedded %d passages of 700", total)
	}
}

func TestAProcessKilledWhileIndexingLeavesAUsableIndex(t *testing.T) {
	data := t.TempDir()
	random := rand.New(rand.NewPCG(1, 0))
	for range 12 {
		cmd := child(data, childLoops+"=yes")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+random.IntN(120)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Errorf("the child ended by itself: %v", err)
		}
		_ = cmd.Wait() // it was killed
	}
	c, err := childCorpus(0)
	if err != nil {
		t.Fatal(err)
	}
	e := newCounting("child")
	for range 2 {
		ix := open(t, c, kept(data, e))
		r, err := ix.Search(t.Context(), "What does paragraph 650 tell of?", 1)
		if err != nil || r.Degraded != nil || len(r.Passages) != 1 {
			t.Fatalf("Search: %+v, %v", r, err)
		}
		if !strings.HasPrefix(r.Passages[0].Passage.Text, "Paragraph 650 ") {
			t.Errorf("found %q", r.Passages[0].Passage.Text)
		}
	}
	e.taken()
	opts := kept(data, e)
	opts.Rebuild = true
	open(t, c, opts)
	if got := e.taken(); got != 0 {
		t.Errorf("rebuilding embedded %d texts", got)
	}
}

// childLong tells a child process to index many passages.
const childLong = "FOOTNOTE_TEST_LONG"

const longPassages = 20_000

func longCorpus() (*corpus.Corpus, error) {
	return corpus.New(document("a.txt", "Wells", paragraphs(longPassages)...))
}

func indexLongAsChild(data string) error {
	c, err := longCorpus()
	if err != nil {
		return err
	}
	ix, err := retrieval.Open(context.Background(), c, kept(data, newCounting("child")))
	if err != nil {
		return err
	}
	return ix.Close()
}

// A process that is killed with -9 in the middle of its first index: the next
// one embeds what the first had not stored, and nothing else.
func TestAKilledBuildGoesOn(t *testing.T) {
	data := t.TempDir()
	cmd := child(data, childLong+"=yes")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	untilGrown(t, data, 0)
	if err := cmd.Process.Kill(); err != nil {
		t.Errorf("the child ended by itself: %v", err)
	}
	_ = cmd.Wait() // it was killed
	e := newCounting("child")
	stored := int(cacheSize(data)) / (16 + 4*e.Dimensions() + 4) // whole records
	if stored == 0 || stored >= longPassages {
		t.Fatalf("%d of %d passages were stored", stored, longPassages)
	}
	c, err := longCorpus()
	if err != nil {
		t.Fatal(err)
	}
	built := open(t, c, kept(data, e)).Built()
	if left := longPassages - stored; e.taken() != left || built.Embedded != left || built.Reused != stored {
		t.Errorf("of %d stored and %d left: %+v", stored, left, built)
	}
}
