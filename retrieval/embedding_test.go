package retrieval_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/embed"
	"footnote/retrieval/remote"
)

// A billedEmbedder is the built-in one with the ways of a model server: it
// takes ten texts a call, three calls at a time, and bills for each text.
type billedEmbedder struct {
	*embed.Static
	before func(call int) error // asked at each call; the first is 1

	mu     sync.Mutex
	calls  int
	billed map[string]int // how often each text was embedded
}

const billedBatch = 10

func newBilled() *billedEmbedder {
	return &billedEmbedder{Static: embed.NewStatic(), billed: map[string]int{}}
}

func (e *billedEmbedder) Name() string  { return "billed" }
func (e *billedEmbedder) Parallel() int { return 3 }

func (e *billedEmbedder) Batches(texts []string) []int {
	var out []int
	for n := len(texts); n > 0; n -= billedBatch {
		out = append(out, min(n, billedBatch))
	}
	return out
}

func (e *billedEmbedder) Estimate(texts []string) (tokens, requests int) {
	for _, text := range texts {
		tokens += len(text)
	}
	return tokens, len(e.Batches(texts))
}

func (e *billedEmbedder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	e.mu.Lock()
	e.calls++
	call, before := e.calls, e.before
	e.mu.Unlock()
	if before != nil {
		if err := before(call); err != nil {
			return nil, err
		}
	}
	vectors, err := e.Static.Embed(ctx, texts)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, text := range texts {
		e.billed[text]++
	}
	return vectors, nil
}

// bill is how many texts were embedded, and how many of them more than once.
func (e *billedEmbedder) bill() (texts, again int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, n := range e.billed {
		texts += n
		if n > 1 {
			again++
		}
	}
	return texts, again
}

var errDown = errors.New("the server is down")

func TestWhatCameBackIsPaidForOnce(t *testing.T) {
	const n = 205
	for fails := 1; fails <= 21; fails += 4 {
		t.Run(fmt.Sprint("from call ", fails), func(t *testing.T) {
			c := newCorpus(t, document("a.txt", "", paragraphs(n)...))
			e := newBilled()
			e.before = func(call int) error {
				if call >= fails {
					return errDown
				}
				return nil
			}
			opts := kept(t.TempDir(), e)
			var last [2]int
			opts.Progress = func(done, total int) {
				if done <= last[0] {
					t.Errorf("progress goes from %v to %d", last, done)
				}
				last = [2]int{done, total}
			}
			if _, err := retrieval.Open(t.Context(), c, opts); !errors.Is(err, errDown) {
				t.Fatalf("Open: %v", err)
			}
			paid, _ := e.bill()
			if e.calls > fails+2 {
				t.Errorf("%d calls, though from %d on they fail", e.calls, fails)
			}
			e.before = nil
			last = [2]int{}
			built := open(t, c, opts).Built()
			if texts, again := e.bill(); texts != n || again != 0 || built.Embedded != n-paid || built.Reused != paid {
				t.Errorf("%d texts were paid for, %d again; built %+v", texts, again, built)
			}
			if last != [2]int{n - paid, n - paid} {
				t.Errorf("progress ended at %v", last)
			}
		})
	}
}

// The first batch comes back last, and fails: what came before it is kept.
func TestBatchesAreStoredInAnyOrder(t *testing.T) {
	const n = 30
	c := newCorpus(t, document("a.txt", "", paragraphs(n)...))
	e := newBilled()
	var others sync.WaitGroup
	others.Add(2)
	e.before = func(call int) error {
		if call == 1 {
			others.Wait()
			return errDown
		}
		return nil
	}
	opts := kept(t.TempDir(), e)
	opts.Progress = func(int, int) { others.Done() }
	if _, err := retrieval.Open(t.Context(), c, opts); !errors.Is(err, errDown) {
		t.Fatalf("Open: %v", err)
	}
	opts.Progress = nil
	e.before = nil
	open(t, c, opts)
	if texts, again := e.bill(); texts != n || again != 0 {
		t.Errorf("%d texts were paid for, %d again", texts, again)
	}
}

func TestAFailedBatchDoesNotCancelTheOthers(t *testing.T) {
	c := newCorpus(t, document("a.txt", "", paragraphs(30)...))
	e := newBilled()
	failed := make(chan struct{})
	var started sync.WaitGroup
	started.Add(3)
	e.before = func(call int) error {
		started.Done()
		started.Wait()
		if call == 1 {
			close(failed)
			return errDown
		}
		<-failed
		return nil
	}
	opts := kept(t.TempDir(), e)
	if _, err := retrieval.Open(t.Context(), c, opts); !errors.Is(err, errDown) {
		t.Fatalf("Open: %v", err)
	}
	e.before = nil
	open(t, c, opts)
	if texts, again := e.bill(); texts != 30 || again != 0 {
		t.Errorf("%d texts were paid for, %d again", texts, again)
	}
}

func TestALargeJobIsToldOfBefore(t *testing.T) {
	for _, test := range []struct{ passages, told int }{{100, 0}, {1500, 1}} {
		var log strings.Builder
		e := newBilled()
		opts := kept(t.TempDir(), e)
		opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
		told := 0
		opts.Large = func(tokens, requests int) {
			told++
			if tokens < 50_000 || requests != test.passages/billedBatch || e.calls > 0 {
				t.Errorf("told of %d tokens, %d requests after %d calls", tokens, requests, e.calls)
			}
		}
		c := newCorpus(t, document("a.txt", "", paragraphs(test.passages)...))
		open(t, c, opts)
		open(t, c, opts) // from the store
		if told != test.told || strings.Count(log.String(), "tokens=") != test.told {
			t.Errorf("%d passages: told %d times; the log: %s", test.passages, told, log.String())
		}
	}
}

func TestWithoutVectorsWordsAreSearched(t *testing.T) {
	data := t.TempDir()
	c := reportCorpus(t)
	e := newBilled()
	e.before = func(call int) error {
		if call > 2 {
			return errDown
		}
		return nil
	}
	opts := kept(data, e)
	opts.WordsAlone = true
	ix := open(t, c, opts)
	if !errors.Is(ix.Built().Degraded, errDown) {
		t.Fatalf("built %+v", ix.Built())
	}
	r := find(t, ix, "How many large models had been released in China by October?", 3)
	if !errors.Is(r.Degraded, errDown) || !strings.Contains(r.Passages[0].Passage.Text, "238 large models") || r.Confidence < 0.5 {
		t.Errorf("degraded because of %v, confidence %.2f, found %q", r.Degraded, r.Confidence, r.Passages[0].Passage.Text)
	}
	e.before = nil
	ix = open(t, c, opts)
	if ix.Built().Degraded != nil || find(t, ix, "How many large models?", 3).Degraded != nil {
		t.Errorf("afterwards built %+v", ix.Built())
	}
	passages := map[string]bool{}
	for _, p := range c.Passages {
		passages[p.Text] = true
	}
	for text, n := range e.billed {
		if passages[text] && n > 1 {
			t.Errorf("%.40q was paid for %d times", text, n)
		}
	}
}

func TestWithoutAnEmbedderWordsAreSearched(t *testing.T) {
	opts := kept(t.TempDir(), nil)
	opts.Unavailable = errDown
	ix := open(t, reportCorpus(t), opts)
	r := find(t, ix, "How many large models had been released in China by October?", 3)
	if !errors.Is(ix.Built().Degraded, errDown) || !errors.Is(r.Degraded, errDown) || !strings.Contains(r.Passages[0].Passage.Text, "238 large models") {
		t.Errorf("built %+v, found %q", ix.Built(), r.Passages[0].Passage.Text)
	}
}

func TestAnIndexThatIsGivenUpIsNoIndexOfWords(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	e := newBilled()
	e.before = func(int) error { cancel(); return ctx.Err() }
	opts := kept(t.TempDir(), e)
	opts.WordsAlone = true
	if _, err := retrieval.Open(ctx, reportCorpus(t), opts); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v", err)
	}
}

// childServer tells a child process to embed by a model server.
const childServer = "FOOTNOTE_TEST_SERVER"

const remotePassages = 1500

func remoteCorpus() (*corpus.Corpus, error) {
	return corpus.New(document("a.txt", "", paragraphs(remotePassages)...))
}

// indexRemotelyAsChild indexes by a model server until it is done or killed.
func indexRemotelyAsChild(data, url string) error {
	c, err := remoteCorpus()
	if err != nil {
		return err
	}
	e, err := embed.NewRemote(context.Background(), remote.Server{URL: url}, "a-model", embed.RemoteOptions{Dimensions: 8})
	if err != nil {
		return err
	}
	ix, err := retrieval.Open(context.Background(), c, kept(data, e))
	if err != nil {
		return err
	}
	return ix.Close()
}

// A process that indexes by a model server is killed with -9 as soon as it has
// stored something, again and again, until one finishes. What is paid for twice
// is at most what was under way at a kill: four requests of up to 256 texts.
func TestAKilledProcessPaysOnlyForWhatWasUnderWay(t *testing.T) {
	data := t.TempDir()
	var mu sync.Mutex
	sent := map[string]int{}
	var cmd *exec.Cmd
	requests, stored := 0, int64(0) // of this process; bytes before it
	process := ""                   // how the paths of its requests begin
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req struct{ Input []string }
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &req)
		}
		if err != nil {
			return // of a killed process
		}
		mu.Lock()
		defer mu.Unlock() // one at a time, so that kills come between
		for _, text := range req.Input {
			sent[text]++
		}
		if !strings.HasPrefix(r.URL.Path, process) {
			return // one of a killed process was still waiting
		}
		if requests++; requests == 2 { // the first is answered
			untilGrown(t, data, stored)
			_ = cmd.Process.Kill()
		}
		writeVectors(w, len(req.Input))
	}))
	defer server.Close()
	kills := 0
	for round := 1; ; round++ {
		mu.Lock()
		process = fmt.Sprintf("/process-%d/", round)
		cmd, requests, stored = child(data, childServer+"="+server.URL+process), 0, cacheSize(data)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		mu.Unlock()
		if err := cmd.Wait(); err == nil {
			break
		}
		if kills++; round > 20 {
			t.Fatal("killed processes make no progress")
		}
	}
	total := 0
	for i, line := range paragraphs(remotePassages) {
		if sent[line] == 0 {
			t.Errorf("paragraph %d was never embedded", i+1)
		}
		total += sent[line]
	}
	if again := total - remotePassages; kills == 0 || again > kills*4*256 {
		t.Errorf("after %d kills %d texts were sent again", kills, again)
	}
	c, err := remoteCorpus()
	if err != nil {
		t.Fatal(err)
	}
	e, err := embed.NewRemote(t.Context(), remote.Server{URL: server.URL}, "a-model", embed.RemoteOptions{Dimensions: 8})
	if err != nil {
		t.Fatal(err)
	}
	opts := kept(data, e)
	opts.Rebuild = true
	if built := open(t, c, opts).Built(); built.Embedded != 0 || built.Reused != remotePassages {
		t.Errorf("rebuilt %+v", built)
	}
}

func cacheSize(data string) int64 {
	var size int64
	found, _ := filepath.Glob(filepath.Join(retrieval.CacheFolder(data), "*.vec"))
	for _, path := range found {
		if info, err := os.Stat(path); err == nil {
			size += info.Size()
		}
	}
	return size
}

func untilGrown(t *testing.T, data string, size int64) {
	for deadline := time.Now().Add(2 * time.Minute); cacheSize(data) <= size; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error("nothing is stored")
			return
		}
	}
}

func writeVectors(w io.Writer, n int) {
	type embedding struct {
		Index     int       `json:"index"`
		Embedding []float32 `json:"embedding"`
	}
	data := make([]embedding, n)
	for i := range data {
		data[i] = embedding{i, []float32{1, float32(i), 0, 0, 2, 0, 0, 1}}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}
