package retrieval_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"footnote/corpus"
	"footnote/retrieval"
)

// A countingEnricher writes questions in words that no passage has, and counts
// how often it is asked for each.
type countingEnricher struct {
	name string
	word string // in each question

	mu     sync.Mutex
	asked  map[string]int                                    // by text
	answer func(p retrieval.SituatedPassage, call int) error // nil for no failure
	write  func(retrieval.SituatedPassage) retrieval.WrittenEnrichment
}

func newEnricher(name, word string) *countingEnricher {
	return &countingEnricher{name: name, word: word, asked: map[string]int{}}
}

func (e *countingEnricher) Name() string { return e.name }

func (e *countingEnricher) Estimate(retrieval.SituatedPassage) int { return 1000 }

func (e *countingEnricher) Enrich(ctx context.Context, p retrieval.SituatedPassage) (retrieval.WrittenEnrichment, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked[p.Text]++
	if e.answer != nil {
		if err := e.answer(p, e.calls()); err != nil {
			return retrieval.WrittenEnrichment{}, err
		}
	}
	if e.write != nil {
		return e.write(p), nil
	}
	return retrieval.WrittenEnrichment{Context: "Context of " + e.word, Questions: map[string][]retrieval.ExpectedQuestion{
		"en": {{Text: fmt.Sprintf("%s of %s?", e.word, spelt(p.Paragraph)), Sentence: 1}}, "zh": {{Text: "<" + e.word + "> & 谁?"}},
	}}, ctx.Err()
}

// spelt is a word of its own for each number.
func spelt(n int) string { return "matter" + strings.Repeat("x", n) }

func (e *countingEnricher) calls() int {
	n := 0
	for _, times := range e.asked {
		n += times
	}
	return n
}

// taken are how often it was asked for each text since this was last asked.
func (e *countingEnricher) taken() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := e.asked
	e.asked = map[string]int{}
	return out
}

func total(asked map[string]int) int {
	n := 0
	for _, times := range asked {
		n += times
	}
	return n
}

func enrich(t *testing.T, c *corpus.Corpus, e retrieval.Enricher, folder string) retrieval.Writing {
	t.Helper()
	w, err := retrieval.WriteEnrichments(t.Context(), c, e, retrieval.WritingOptions{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// finds is the paragraph that a question finds first in an index of a corpus,
// with its generations kept in a data folder; 0 when it finds none.
func finds(t *testing.T, c *corpus.Corpus, data, question string) int {
	t.Helper()
	opts := kept(data, nil)
	opts.Written = retrieval.EnrichmentFolder(data)
	ix := open(t, c, opts)
	r, err := ix.Search(t.Context(), question, 3)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Passages) == 0 {
		return 0
	}
	return r.Passages[0].Passage.Paragraph
}

func TestNothingIsWrittenAgainThatHasNotChanged(t *testing.T) {
	const n = 12
	before := paragraphs(n)
	edited := slices.Clone(before)
	edited[4] = "The fifth paragraph tells of something else now."
	twice := append(slices.Clone(before), before[2])
	data := t.TempDir()
	folder := retrieval.EnrichmentFolder(data)
	one, other := newEnricher("one", "zanzibar"), newEnricher("other", "quixotic")
	for _, step := range []struct {
		name       string
		by         *countingEnricher
		paragraphs []string
		want       retrieval.Writing
	}{
		{"at first", one, before, retrieval.Writing{Passages: n, Written: n, Questions: 2 * n}},
		{"again", one, before, retrieval.Writing{Passages: n, Reused: n, Questions: 2 * n}},
		{"a paragraph was edited", one, edited, retrieval.Writing{Passages: n, Reused: n - 1, Written: 1, Questions: 2 * n}},
		{"back", one, before, retrieval.Writing{Passages: n, Reused: n, Questions: 2 * n}},
		{"another model, prompt or language", other, before, retrieval.Writing{Passages: n, Written: n, Questions: 2 * n}},
		{"the way back", one, before, retrieval.Writing{Passages: n, Reused: n, Questions: 2 * n}},
		{"a text that stands twice", one, twice, retrieval.Writing{Passages: n + 1, Reused: n + 1, Questions: 2 * n}},
	} {
		c := newCorpus(t, document("a.txt", "", step.paragraphs...))
		if got := enrich(t, c, step.by, folder); got != step.want {
			t.Errorf("%s: %+v, want %+v", step.name, got, step.want)
		}
		asked := step.by.taken()
		for text, times := range asked {
			if times != 1 {
				t.Errorf("%s: %q was asked for %d times", step.name, text, times)
			}
		}
		if len(asked) != step.want.Written {
			t.Errorf("%s: %d texts were asked for", step.name, len(asked))
		}
		if got := finds(t, c, data, step.by.word+" "+spelt(8)); got != 8 {
			t.Errorf("%s: the question finds paragraph %d", step.name, got)
		}
	}
	// The same texts under another name, or in another order, are known too.
	slices.Reverse(before)
	if got := enrich(t, newCorpus(t, document("b.txt", "New", before...)), one, folder); got.Written != 0 || got.Reused != n {
		t.Errorf("renamed and turned round: %+v", got)
	}
}

func TestWhatFailsGoesOnFromThere(t *testing.T) {
	const n, underWay = 40, 4
	c := newCorpus(t, document("a.txt", "", paragraphs(n)...))
	data := t.TempDir()
	folder := retrieval.EnrichmentFolder(data)
	down := errors.New("the server is down")
	e := newEnricher("one", "zanzibar")
	asked := map[string]int{}
	written := 0
	for round := range 4 {
		e.answer = func(_ retrieval.SituatedPassage, call int) error {
			if call > 7 {
				return down
			}
			return nil
		}
		w, err := retrieval.WriteEnrichments(t.Context(), c, e, retrieval.WritingOptions{Folder: folder})
		if !errors.Is(err, down) || w.Written != 7 || w.Reused != written || w.Missing() != n-written-7 {
			t.Fatalf("round %d: %+v, %v", round, w, err)
		}
		written += 7
		taken := e.taken()
		if calls := total(taken); calls > 7+underWay {
			t.Errorf("round %d: %d calls after the failure", round, calls-7)
		}
		for text := range taken {
			asked[text]++
		}
		if got := finds(t, c, data, "zanzibar "+spelt(1)); got != 1 {
			t.Errorf("round %d: what came is not found: %d", round, got)
		}
	}
	e.answer = nil
	if w := enrich(t, c, e, folder); w.Written != n-written || w.Reused != written {
		t.Errorf("at last: %+v", w)
	}
	last := e.taken()
	if len(last) != n-written || total(last) != n-written {
		t.Errorf("at last %d texts were asked for, %d times", len(last), total(last))
	}
}

func TestAnswersThatCannotBeUsedStopNothing(t *testing.T) {
	const n = 60
	c := newCorpus(t, document("a.txt", "", paragraphs(n)...))
	folder := t.TempDir()
	e := newEnricher("one", "zanzibar")
	hopeless := func(p retrieval.SituatedPassage, _ int) error {
		if p.Paragraph%3 == 0 {
			return fmt.Errorf("%w: no JSON", retrieval.ErrUnusable)
		}
		return nil
	}
	e.answer = hopeless
	if w := enrich(t, c, e, folder); w != (retrieval.Writing{Passages: n, Written: 40, Unusable: 20, Questions: 80}) {
		t.Errorf("%+v", w)
	}
	e.taken()
	e.answer = nil
	if w := enrich(t, c, e, folder); w != (retrieval.Writing{Passages: n, Reused: 40, Written: 20, Questions: 120}) || total(e.taken()) != 20 {
		t.Errorf("once it is well: %+v", w)
	}

	// A model that never gives anything usable is asked no more.
	fool := newEnricher("fool", "x")
	fool.answer = func(retrieval.SituatedPassage, int) error { return retrieval.ErrUnusable }
	w, err := retrieval.WriteEnrichments(t.Context(), c, fool, retrieval.WritingOptions{Folder: folder})
	if err == nil || w.Unusable < 20 || w.Unusable > 24 || w.Questions != 120 {
		t.Errorf("%+v, %v", w, err)
	}
}

func TestWhatIsBeyondTheBoundsIsNotKept(t *testing.T) {
	question := func(text string, sentence int) map[string][]retrieval.ExpectedQuestion {
		return map[string][]retrieval.ExpectedQuestion{"en": {{Text: text, Sentence: sentence}}}
	}
	c := newCorpus(t, document("a.txt", "", paragraphs(1)...))
	for name, w := range map[string]retrieval.WrittenEnrichment{
		"a long context":  {Context: strings.Repeat("x", retrieval.MaxContextBytes+1)},
		"a long question": {Questions: question(strings.Repeat("x", retrieval.MaxQuestionBytes+1), 0)},
		"no question":     {Questions: question("", 0)},
		"no sentence":     {Questions: question("Why?", -1)},
		"no language":     {Questions: map[string][]retrieval.ExpectedQuestion{"text_sha256": {{Text: "Why?"}}}},
		"many questions":  {Questions: map[string][]retrieval.ExpectedQuestion{"en": make([]retrieval.ExpectedQuestion, retrieval.MaxQuestions+1)}},
	} {
		e := newEnricher("one", "x")
		e.write = func(retrieval.SituatedPassage) retrieval.WrittenEnrichment { return w }
		if got := enrich(t, c, e, t.TempDir()); got.Unusable != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestShippedEnrichmentsAreNotAskedFor(t *testing.T) {
	report := corpus.Report()
	e := newEnricher("one", "zanzibar")
	n := len(reportCorpus(t).Passages)
	if w := enrich(t, reportCorpus(t), e, t.TempDir()); w != (retrieval.Writing{Passages: n, Shipped: n}) || total(e.taken()) != 0 {
		t.Errorf("%+v", w)
	}
	data := t.TempDir()
	both := newCorpus(t, report, document("more.txt", "", "A paragraph about wells."))
	if w := enrich(t, both, e, retrieval.EnrichmentFolder(data)); w != (retrieval.Writing{Passages: n + 1, Shipped: n, Written: 1, Questions: 2}) || total(e.taken()) != 1 {
		t.Errorf("with another document: %+v", w)
	}
	if got := finds(t, both, data, "zanzibar "+spelt(1)); got != 1 {
		t.Errorf("the question finds paragraph %d", got)
	}
}

func TestDamagedRecordsAreSkipped(t *testing.T) {
	const n = 10
	c := newCorpus(t, document("a.txt", "", paragraphs(n)...))
	line := func(data []byte, i int) (start, end int) {
		for range i {
			start += bytes.IndexByte(data[start:], '\n') + 1
		}
		return start, start + bytes.IndexByte(data[start:], '\n')
	}
	for _, test := range []struct {
		name   string
		damage func(data []byte) []byte
		want   int // asked for again
		logged bool
	}{
		{"whole", func(d []byte) []byte { return d }, 0, false},
		{"a torn tail", func(d []byte) []byte { return d[:len(d)-10] }, 1, false},
		{"a tail without its end", func(d []byte) []byte { return d[:len(d)-1] }, 0, false},
		{"a tail of zeros", func(d []byte) []byte { return append(d, make([]byte, 200)...) }, 0, false},
		{"a letter of a question", func(d []byte) []byte { i := bytes.Index(d, []byte("zanzibar")); d[i] = 'Z'; return d }, 1, true},
		{"a key", func(d []byte) []byte { i := bytes.Index(d, []byte("sha256\":\"")) + 9; d[i] ^= 1; return d }, 1, true},
		{"a line's end", func(d []byte) []byte { _, e := line(d, 3); d[e] = ' '; return d }, 2, true},
		{"a line of something else", func(d []byte) []byte {
			s, e := line(d, 3)
			return append(append(slices.Clone(d[:s]), "no JSON"...), d[e:]...)
		}, 1, true},
		{"an endless line", func(d []byte) []byte { return append(append(bytes.Repeat([]byte("x"), 3<<20), '\n'), d...) }, 0, true},
		{"empty", func([]byte) []byte { return nil }, n, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			e := newEnricher("one", "zanzibar")
			enrich(t, c, e, folder)
			e.taken()
			path := only(t, folder, "*.cache")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, test.damage(data), 0o644); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			w, err := retrieval.WriteEnrichments(t.Context(), c, e, retrieval.WritingOptions{Folder: folder, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if asked := total(e.taken()); err != nil || asked != test.want || w.Written != test.want || w.Questions != 2*n {
				t.Errorf("%d were asked for, %+v, %v; want %d", asked, w, err, test.want)
			}
			if strings.Contains(log.String(), "damaged") != test.logged || strings.Contains(log.String(), "zanzibar") {
				t.Errorf("the log says %q", log.String())
			}
			if enrich(t, c, e, folder); total(e.taken()) != 0 {
				t.Error("it was not mended")
			}
		})
	}
}

// only is the one file in a folder that a pattern fits.
func only(t *testing.T, folder, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %q, %v", pattern, found, err)
	}
	return found[0]
}

func TestAJobTellsOfItself(t *testing.T) {
	const n = 60 // at 1,000 tokens each
	c := newCorpus(t, document("a.txt", "", paragraphs(n)...))
	var told []int
	var steps []int
	opts := retrieval.WritingOptions{
		Folder: t.TempDir(), Large: func(tokens, requests int) { told = append(told, tokens, requests) },
		Progress: func(done, total int) { steps = append(steps, done, total) },
	}
	e := newEnricher("one", "x")
	for range 2 {
		if _, err := retrieval.WriteEnrichments(t.Context(), c, e, opts); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(told, []int{60_000, 60}) {
		t.Errorf("told was %v", told)
	}
	if len(steps) != 2*n || steps[0] != 1 || steps[2*n-2] != n || steps[2*n-1] != n {
		t.Errorf("its steps were %v", steps)
	}
}

func TestAnInterruptedJobKeepsWhatCame(t *testing.T) {
	c := newCorpus(t, document("a.txt", "", paragraphs(30)...))
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	e := newEnricher("one", "zanzibar")
	e.answer = func(_ retrieval.SituatedPassage, call int) error {
		if call == 9 {
			cancel()
		}
		return ctx.Err()
	}
	w, err := retrieval.WriteEnrichments(ctx, c, e, retrieval.WritingOptions{Folder: folder})
	if !errors.Is(err, context.Canceled) || w.Written != 8 || w.Questions != 16 {
		t.Errorf("%+v, %v", w, err)
	}
	e.taken()
	e.answer = nil
	if w := enrich(t, c, e, folder); w.Written != 22 || total(e.taken()) != 22 {
		t.Errorf("then: %+v", w)
	}
}

func TestEnrichmentsThatCannotBeKeptAreNotAskedFor(t *testing.T) {
	c := newCorpus(t, document("a.txt", "", paragraphs(3)...))
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	e := newEnricher("one", "x")
	if _, err := retrieval.WriteEnrichments(t.Context(), c, e, retrieval.WritingOptions{Folder: filepath.Join(file, "enrichment")}); err == nil || total(e.taken()) != 0 {
		t.Errorf("%v", err)
	}
}

func TestTwoJobsAtOnceAskForEachTextOnce(t *testing.T) {
	c := newCorpus(t, document("a.txt", "", paragraphs(20)...))
	folder := t.TempDir()
	e := newEnricher("one", "x")
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if _, err := retrieval.WriteEnrichments(t.Context(), c, e, retrieval.WritingOptions{Folder: folder}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	asked := e.taken()
	if len(asked) != 20 || slices.Max(slices.Collect(maps.Values(asked))) != 1 {
		t.Errorf("asked was %v", asked)
	}
}

func TestWaitingForAnotherJobIsToldOfAndEndsWithTheContext(t *testing.T) {
	c := newCorpus(t, document("a.txt", "", paragraphs(3)...))
	folder := t.TempDir()
	e := newEnricher("one", "x")
	enrich(t, c, e, folder)
	lock := flock.New(only(t, folder, "*.lock"))
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatalf("%v, %v", ok, err)
	}
	defer lock.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var log bytes.Buffer
	_, err := retrieval.WriteEnrichments(ctx, c, e, retrieval.WritingOptions{Folder: folder, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(log.String(), "this one waits for it") {
		t.Errorf("%v, %s", err, log.String())
	}
}
