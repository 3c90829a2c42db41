package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"footnote/bot/answer/llmsim"
	"footnote/retrieval"
)

// wells writes a document of n paragraphs.
func wells(t *testing.T, n int) string {
	t.Helper()
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "Well number %d lies %d metres below the hill.\n\n", i+1, i*7)
	}
	path := filepath.Join(t.TempDir(), "wells.txt")
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// indexing is a process of footnote index --enrich, whose requests have a key.
func indexing(t *testing.T, sim *llmsim.Server, data, corpus, key string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "index", "--enrich", "--corpus", corpus)
	cmd.Args[0] = "footnote" // TestMain then runs the program
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "FOOTNOTE_DATA="+data, "FOOTNOTE_LANGUAGES=", "FOOTNOTE_EMBED_MODEL=", "FOOTNOTE_MODEL_TIMEOUT=", "FOOTNOTE_CORPUS=",
		"FOOTNOTE_CHAT_MODEL=test-model", "OPENAI_API_KEY="+key, "OPENAI_API_VERSION=", "OPENAI_BASE_URL="+sim.URL(), "GORACE=atexit_sleep_ms=0")
	return cmd
}

// withKey are the requests of a process: those that one sent before it was
// killed may arrive late.
func withKey(requests []llmsim.Request, key string) []llmsim.Request {
	return slices.DeleteFunc(requests, func(r llmsim.Request) bool { return r.Header.Get("Authorization") != "Bearer "+key })
}

// writtenFor is how often each passage was asked for, requests aside that broke
// off on their way.
func writtenFor(requests []llmsim.Request) map[string]int {
	asked := map[string]int{}
	for _, r := range requests {
		if sentences := llmsim.ParsePrompt(r.Messages).Sentences; len(sentences) > 0 {
			asked[strings.Join(sentences, " ")]++
		}
	}
	return asked
}

func TestAKilledJobRepeatsOnlyWhatWasUnderWay(t *testing.T) {
	const n, parallel, kills = 60, 4, 6
	sim := llmsim.New(llmsim.Options{Reply: llmsim.Paced(4*time.Millisecond, 0, llmsim.Faithful())})
	defer sim.Close()
	data, corpus := t.TempDir(), wells(t, n)
	random := rand.New(rand.NewPCG(1, 0))
	kept := func() []byte {
		files, _ := filepath.Glob(filepath.Join(retrieval.EnrichmentFolder(data), "*.cache"))
		if len(files) != 1 {
			return nil
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		return text[:bytes.LastIndexByte(text, '\n')+1]
	}
	for round := range kills {
		before, key := kept(), fmt.Sprintf("round-%d", round)
		cmd := indexing(t, sim, data, corpus, key)
		var shown bytes.Buffer
		cmd.Stdout, cmd.Stderr = &shown, &shown
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		enough := parallel + random.IntN(2*parallel)
		for deadline := time.Now().Add(20 * time.Second); len(withKey(sim.Requests(), key)) < enough; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("round %d: nothing is asked for: %s", round, &shown)
			}
		}
		time.Sleep(time.Duration(random.Int64N(int64(8 * time.Millisecond))))
		if err := cmd.Process.Kill(); err != nil {
			t.Errorf("round %d: it ended by itself: %v", round, err)
		}
		_ = cmd.Wait() // it was killed
		after := kept()
		if !bytes.HasPrefix(after, before) {
			t.Errorf("round %d: what was kept has changed", round)
		}
		asked, lines := len(withKey(sim.Requests(), key)), bytes.Count(after[len(before):], []byte("\n"))
		if lost := asked - lines; lost < 0 || lost > parallel {
			t.Errorf("round %d: %d answers of %d were lost", round, lost, asked)
		}
		for text := range writtenFor(withKey(sim.Requests(), key)) {
			if bytes.Contains(before, []byte(retrieval.TextKey(text))) {
				t.Errorf("round %d: %q was asked for again", round, text)
			}
		}
	}
	left := n - bytes.Count(kept(), []byte("\n"))
	out, err := indexing(t, sim, data, corpus, "at-last").CombinedOutput()
	if err != nil || !strings.Contains(string(out), fmt.Sprintf("%d passages have", n)) {
		t.Errorf("%v: %s", err, out)
	}
	if last := len(withKey(sim.Requests(), "at-last")); last != left {
		t.Errorf("at last %d were asked for, and %d were missing", last, left)
	}
	if asked := writtenFor(sim.Requests()); len(asked) != n || len(sim.Requests()) > n+parallel*kills {
		t.Errorf("%d passages were asked for, %d times", len(asked), len(sim.Requests()))
	}
	t.Logf("killed %d times: %d requests for %d passages", kills, len(sim.Requests()), n)
}

func TestAnInterruptedJobSaysHowToGoOn(t *testing.T) {
	const n = 40
	sim := llmsim.New(llmsim.Options{Reply: llmsim.Paced(20*time.Millisecond, 0, llmsim.Faithful())})
	defer sim.Close()
	data, corpus := t.TempDir(), wells(t, n)
	cmd := indexing(t, sim, data, corpus, "some-key")
	var shown bytes.Buffer
	cmd.Stderr = &shown
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); len(sim.Requests()) < 10; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing is asked for")
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its status is looked at
	if got := cmd.ProcessState.ExitCode(); got != 1 {
		t.Errorf("its status is %d", got)
	}
	if said := shown.String(); !strings.Contains(said, "40 passages have their questions, which are kept; the same command goes on from there\nfootnote: interrupted\n") {
		t.Errorf("it says %q", said)
	}
	out, err := indexing(t, sim, data, corpus, "some-key").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "40 passages have") {
		t.Errorf("%v: %s", err, out)
	}
}
