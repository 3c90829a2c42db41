//go:build scale && linux

package retrieval

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"footnote/corpus"
	"footnote/retrieval/words"
)

// TestPagesOfTheWordIndex says how much of the file of a word index is looked at
// by 300 questions about 100,000 passages, where passages are found by its own
// postings and where a store finds them.
func TestPagesOfTheWordIndex(t *testing.T) {
	c, questions := mixedReport(t, 100_000, 300)
	folder := t.TempDir()
	ix, err := Open(t.Context(), c, Options{Unavailable: errors.New("words alone"), Store: noStore{}, Cache: folder, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.lexical"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	x := ix.lexical
	var found [][]int32 // by the store
	for _, q := range questions {
		found = append(found, topPassages(x.scores(x.sought(x.analyse(q)))[Body], overfetch*passageCandidates))
	}
	postings := resident(t, files[0])
	searchAll(t, ix, questions)
	here := resident(t, files[0])

	stored := *ix
	if stored.lexical, err = readLexical(files[0], c, BM25{}); err != nil {
		t.Fatal(err)
	}
	for i, q := range questions {
		sought := stored.lexical.sought(stored.lexical.analyse(q))
		for _, p := range found[i] {
			sought.of(Body, p)
		}
		r := &ranking{q: stored.lexical.analyse(q), matcher: newMatcher(stored.lexical, stored.lexical.analyse(q), true)}
		for _, p := range found[i][:min(len(found[i]), passageCandidates)] {
			r.candidates = append(r.candidates, candidate{passage: p})
		}
		r.examine(stored.lexical)
	}
	there := resident(t, files[0]) - here
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("of %d MB: %d MB, %d MB of it to find passages; where a store finds them %d MB\n", info.Size()/1e6, here/1e6, postings/1e6, there/1e6)
}

func searchAll(t *testing.T, ix *Index, questions []string) {
	t.Helper()
	for _, q := range questions {
		if _, err := ix.Search(t.Context(), q, 10); err != nil {
			t.Fatal(err)
		}
	}
}

// resident is how much of a mapped file this process has in memory, in bytes.
func resident(t *testing.T, file string) (bytes int) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "-") && strings.Contains(line, " r--") || strings.Contains(line, " rw-") {
			inside = strings.Contains(line, filepath.Base(file))
		}
		if rest, ok := strings.CutPrefix(line, "Rss:"); ok && inside {
			var kilobytes int
			_, _ = fmt.Sscan(rest, &kilobytes)
			bytes += kilobytes << 10
		}
	}
	return bytes
}

// mixedReport is n passages of the bundled report's sentences, every sixth word
// another, in documents of a hundred, and questions made of its sentences.
func mixedReport(t *testing.T, n, questions int) (*corpus.Corpus, []string) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 1))
	report := corpus.Report().Text
	spans := corpus.Sentences(report)
	sentence := func() []string {
		s := spans[random.IntN(len(spans))]
		return strings.Fields(report[s.Start:s.End])
	}
	table := words.English()
	var docs []corpus.Document
	var text strings.Builder
	for i := range n {
		for range 5 {
			for j, w := range sentence() {
				if j%6 == 3 {
					w = table.Word(random.IntN(table.Len()))
				}
				text.WriteString(w + " ")
			}
		}
		text.WriteString("\n\n")
		if i%100 == 99 || i == n-1 {
			docs = append(docs, corpus.Plain(fmt.Sprint("mixed ", i), text.String()))
			text.Reset()
		}
	}
	c, err := corpus.New(docs...)
	if err != nil {
		t.Fatal(err)
	}
	asked := make([]string, questions)
	for i := range asked {
		s := sentence()
		asked[i] = "What about " + strings.Join(s[:min(len(s), 9)], " ") + "?"
	}
	return c, asked
}
