package retrieval_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"footnote/retrieval"
)

func TestAnEditedCorpusGoesByTheFileThatHasMostOfIt(t *testing.T) {
	const n = 12
	data := t.TempDir()
	folder := retrieval.EnrichmentFolder(data)
	before := newCorpus(t, document("a.txt", "", paragraphs(n)...))
	other := newCorpus(t, document("b.txt", "", "Quite another document, of one paragraph.", paragraphs(1)[0]))
	enrich(t, before, newEnricher("one", "zanzibar"), folder)
	enrich(t, other, newEnricher("two", "quixotic"), folder)
	edited := paragraphs(n)
	edited[4] = "The fifth paragraph tells of something else now."
	c := newCorpus(t, document("a.txt", "", edited...))
	for _, m := range []int{1, 8} {
		if got := finds(t, c, data, "zanzibar "+spelt(m)); got != m {
			t.Errorf("the question about paragraph %d finds %d", m, got)
		}
	}
	if got := finds(t, c, data, "zanzibar "+spelt(5)); got == 5 {
		t.Error("an edited paragraph is found by questions about what it was")
	}
	if got := finds(t, newCorpus(t, document("c.txt", "", "Nothing of all this.", "Or of that.")), data, "zanzibar "+spelt(1)); got != 0 {
		t.Errorf("another corpus finds %d", got)
	}
}

func TestARunThatFailsTakesNothingAway(t *testing.T) {
	const n = 12
	data := t.TempDir()
	folder := retrieval.EnrichmentFolder(data)
	c := newCorpus(t, document("a.txt", "", paragraphs(n)...))
	enrich(t, c, newEnricher("one", "zanzibar"), folder)
	e := newEnricher("two", "quixotic")
	e.answer = func(p retrieval.SituatedPassage, _ int) error {
		if p.Paragraph > 4 {
			return errors.New("down")
		}
		return nil
	}
	w, err := retrieval.WriteEnrichments(t.Context(), c, e, retrieval.WritingOptions{Folder: folder, Parallel: 1})
	if err == nil || w.Written != 4 || w.Questions != 2*n {
		t.Fatalf("%+v, %v", w, err)
	}
	for question, want := range map[string]int{"quixotic " + spelt(2): 2, "zanzibar " + spelt(9): 9} {
		if got := finds(t, c, data, question); got != want {
			t.Errorf("%q finds %d, want %d", question, got, want)
		}
	}
}

func TestAFileOfOnesOwnIsUsed(t *testing.T) {
	const n = 3
	data := t.TempDir()
	folder := retrieval.EnrichmentFolder(data)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	c := newCorpus(t, document("a.txt", "", paragraphs(n)...))
	line := fmt.Sprintf(`{"text_sha256": %q, "en": [["Where is zanzibar?", 1]]}`, retrieval.TextKey(paragraphs(n)[1]))
	if got := finds(t, c, data, "zanzibar"); got != 0 {
		t.Fatalf("before it finds %d", got)
	}
	if err := os.WriteFile(filepath.Join(folder, "mine.jsonl"), []byte("no line\n"+line), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := finds(t, c, data, "zanzibar"); got != 2 {
		t.Errorf("it finds %d", got)
	}
	// It stays when others go, and what it says until a model says something else.
	e := newEnricher("one", "quixotic")
	e.answer = func(p retrieval.SituatedPassage, _ int) error {
		if p.Paragraph == 2 {
			return retrieval.ErrUnusable
		}
		return nil
	}
	enrich(t, c, e, folder)
	for question, want := range map[string]int{"zanzibar": 2, "quixotic " + spelt(3): 3} {
		if got := finds(t, c, data, question); got != want {
			t.Errorf("%q finds %d, want %d", question, got, want)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "mine.jsonl")); err != nil {
		t.Error(err)
	}
}

func TestFilesOfEarlierTextsGo(t *testing.T) {
	folder := t.TempDir()
	e := newEnricher("one", "x")
	texts := paragraphs(20)
	for i := range 5 {
		texts[i] = fmt.Sprintf("Edited %d.", i)
		enrich(t, newCorpus(t, document("a.txt", "", texts...)), e, folder)
		only(t, folder, "*.jsonl")
	}
	enrich(t, newCorpus(t, document("b.txt", "", "Another.", "Document.")), e, folder)
	if left, _ := filepath.Glob(filepath.Join(folder, "*.jsonl")); len(left) != 2 {
		t.Errorf("left are %q", left)
	}
}

func TestADamagedFileIsUsedAsFarAsItCanBeRead(t *testing.T) {
	const n = 8
	c := newCorpus(t, document("a.txt", "", paragraphs(n)...))
	for name, damage := range map[string]func(data []byte) []byte{
		"cut short":      func(d []byte) []byte { return d[:len(d)-30] },
		"a changed byte": func(d []byte) []byte { i := bytes.LastIndex(d, []byte("zanzibar")); d[i+1] ^= 1; return d },
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			folder := retrieval.EnrichmentFolder(data)
			e := newEnricher("one", "zanzibar")
			enrich(t, c, e, folder)
			path := only(t, folder, "*.jsonl")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(bytes.Clone(text)), 0o644); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			opts := kept(data, nil)
			opts.Written, opts.Logger = folder, slog.New(slog.NewTextHandler(&log, nil))
			ix := open(t, c, opts)
			r, err := ix.Search(t.Context(), "zanzibar "+spelt(2), 3)
			if err != nil || len(r.Passages) == 0 || r.Passages[0].Passage.Paragraph != 2 {
				t.Errorf("%+v, %v", r, err)
			}
			if !strings.Contains(log.String(), "damaged in part") || strings.Contains(log.String(), "zanzibar") {
				t.Errorf("the log says %q", log.String())
			}
			e.taken()
			if enrich(t, c, e, folder); total(e.taken()) != 0 {
				t.Error("to mend it the model was asked")
			}
			if mended, err := os.ReadFile(path); err != nil || !bytes.Equal(mended, text) {
				t.Errorf("it was not mended: %v", err)
			}
		})
	}
}

// What an index is made with is part of its key: nothing is made anew while
// that stays, and nothing old is used when it changes.
func TestTheStoredIndexIsThatOfItsEnrichment(t *testing.T) {
	data := t.TempDir()
	folder := retrieval.EnrichmentFolder(data)
	c := newCorpus(t, document("a.txt", "", paragraphs(5)...))
	stored := func() int {
		finds(t, c, data, "wells")
		found, _ := filepath.Glob(filepath.Join(retrieval.CacheFolder(data), "*.lexical"))
		return len(found)
	}
	one, two := newEnricher("one", "zanzibar"), newEnricher("two", "quixotic")
	for i, step := range []struct {
		do   func()
		want int
	}{
		{func() {}, 1},
		{func() { enrich(t, c, one, folder) }, 2},
		{func() { enrich(t, c, one, folder) }, 2}, // it says the same
		{func() { enrich(t, newCorpus(t, document("b.txt", "", "Another.")), one, folder) }, 2},
		{func() { enrich(t, c, two, folder) }, 3},
	} {
		step.do()
		if got := stored(); got != step.want {
			t.Errorf("step %d: %d indexes are stored, want %d", i, got, step.want)
		}
	}
}

// Whatever a model wrote is searched and nothing else: no part of a result is
// made of it.
func TestWhatAModelWroteIsNotInAnyResult(t *testing.T) {
	data := t.TempDir()
	c := newCorpus(t, document("a.txt", "A heading", paragraphs(12)...))
	enrich(t, c, newEnricher("one", "zanzibar"), retrieval.EnrichmentFolder(data))
	opts := kept(data, nil)
	opts.Written = retrieval.EnrichmentFolder(data)
	ix := open(t, c, opts)
	for _, question := range []string{"zanzibar " + spelt(3), "zanzibr of wells?", "zanzibarr " + spelt(3) + "y", "Context of zanzibra"} {
		r, err := ix.Search(t.Context(), question, 10)
		if err != nil {
			t.Fatal(err)
		}
		r.Query, r.Terms, r.Missing = "", nil, nil // they are the question's
		for _, correction := range r.Corrections {
			if strings.HasPrefix(correction.To, "zanz") || strings.HasPrefix(correction.To, "matter") {
				t.Errorf("%q: read as %q", question, correction.To)
			}
		}
		r.Corrections = nil
		if shown := fmt.Sprintf("%+v", *r); strings.Contains(shown, "zanzibar") || strings.Contains(shown, "matterx") {
			t.Errorf("%q: %s", question, shown)
		}
		for _, hit := range r.Passages {
			if d, _ := c.Document(hit.Passage.Document); d.Text[hit.Passage.Start:hit.Passage.End] != hit.Passage.Text {
				t.Errorf("%q: %q is not the document's", question, hit.Passage.Text)
			}
		}
	}
}
