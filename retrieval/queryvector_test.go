package retrieval_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"footnote/retrieval"
)

func TestAQuestionThatWasAskedCostsNothing(t *testing.T) {
	e := newBilled()
	ix := open(t, reportCorpus(t), retrieval.Options{Embedder: e})
	before := e.calls
	first := find(t, ix, "How many large models?", 3)
	again := find(t, ix, "How many large models?", 3)
	if got := e.calls - before; got != 1 {
		t.Errorf("asking twice took %d calls", got)
	}
	if first.Passages[0].Passage.ID != again.Passages[0].Passage.ID || first.Passages[0].Score != again.Passages[0].Score {
		t.Error("the second time another passage was found")
	}
}

func TestAQuestionOfSeveralPartsIsOneCall(t *testing.T) {
	e := newBilled()
	ix := open(t, reportCorpus(t), retrieval.Options{Embedder: e})
	before := e.calls
	r := find(t, ix, "How many large models had been released in China, and what was said about copyright?", 3)
	if len(r.Parts) != 2 {
		t.Fatalf("%d parts", len(r.Parts))
	}
	if got := e.calls - before; got != 1 {
		t.Errorf("it took %d calls", got)
	}
}

func TestManyQuestionsDoNotFillTheMemory(t *testing.T) {
	e := newBilled()
	ix := open(t, newCorpus(t, document("a.txt", "", paragraphs(9)...)), retrieval.Options{Embedder: e})
	for _, question := range paragraphs(600) {
		find(t, ix, question, 1)
	}
	before := e.calls
	find(t, ix, paragraphs(600)[599], 1)
	if e.calls != before {
		t.Error("the last one was forgotten")
	}
	find(t, ix, paragraphs(1)[0], 1)
	if e.calls != before+1 {
		t.Error("the first one was still there")
	}
}

// A slow embedder is waited for once, then left alone for a while; the log
// says so once, and once more when all is well.
func TestAnOutageCostsOneQuestionItsPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e := &slowEmbedder{billedEmbedder: newBilled()}
		ix := open(t, reportCorpus(t), retrieval.Options{Embedder: e, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		ask := func(question string, takes time.Duration, degraded bool) {
			t.Helper()
			start := time.Now()
			r := find(t, ix, question, 3)
			if took := time.Since(start); took != takes || (r.Degraded != nil) != degraded {
				t.Errorf("%s took %v, want %v; degraded because of %v", question, took, takes, r.Degraded)
			}
			if degraded && !errors.Is(r.Degraded, context.DeadlineExceeded) {
				t.Errorf("degraded because of %v", r.Degraded)
			}
			if len(r.Passages) == 0 {
				t.Errorf("%s finds nothing", question)
			}
		}
		ask("How many large models were there?", 0, false)
		e.delay = time.Minute
		ask("Who tried Pika?", 5*time.Second, true)
		ask("Which companies joined the competition?", 0, true)
		ask("How many large models were there?", 0, false) // it is remembered
		time.Sleep(11 * time.Second)
		ask("Which companies joined the competition?", 5*time.Second, true)
		e.delay = time.Second
		time.Sleep(11 * time.Second)
		ask("Which companies joined the competition?", time.Second, false)
		ask("Which companies joined the competition?", 0, false)
		if warnings := strings.Count(log.String(), "level=WARN"); warnings != 1 || strings.Count(log.String(), "used again") != 1 {
			t.Errorf("the log: %s", log.String())
		}
	})
}

type slowEmbedder struct {
	*billedEmbedder
	delay time.Duration
}

func (e *slowEmbedder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	select {
	case <-time.After(e.delay):
		return e.billedEmbedder.Embed(ctx, texts)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestACallerThatGivesUpIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e := &slowEmbedder{billedEmbedder: newBilled()}
		ix := open(t, reportCorpus(t), retrieval.Options{Embedder: e, Logger: slog.New(slog.NewTextHandler(&log, nil)), QueryTimeout: 2 * time.Second})
		e.delay = time.Second
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if _, err := ix.Search(ctx, "Who tried Pika?", 3); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Search: %v", err)
		}
		if r := find(t, ix, "Who tried Pika?", 3); r.Degraded != nil || log.Len() > 0 {
			t.Errorf("degraded because of %v; the log: %s", r.Degraded, log.String())
		}
	})
}

// A hinted error is one that says what to do.
type hinted struct{ error }

func (hinted) Hint() string { return "start the server" }

func TestWarningsOfAFlickeringServerAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e := newBilled()
		ix := open(t, reportCorpus(t), retrieval.Options{Embedder: e, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		for i, question := range paragraphs(30) {
			e.before = nil
			if i%2 == 0 {
				e.before = func(int) error { return hinted{errDown} }
			}
			if r := find(t, ix, question, 3); (r.Degraded != nil) != (i%2 == 0) {
				t.Errorf("question %d: degraded because of %v", i, r.Degraded)
			}
			time.Sleep(10 * time.Second)
		}
		warnings := strings.Count(log.String(), "level=WARN")
		if warnings < 2 || warnings > 5 || !strings.Contains(log.String(), `hint="start the server"`) {
			t.Errorf("%d warnings in five minutes: %s", warnings, log.String())
		}
	})
}
