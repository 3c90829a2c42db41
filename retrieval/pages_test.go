//go:build scale && linux

package retrieval_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
)

// TestPagesOfTheWordIndex says how much of the file of a word index is looked at
// by 300 questions about 100,000 passages, where passages are found by its own
// postings and where a store finds them.
func TestPagesOfTheWordIndex(t *testing.T) {
	g := newGenerator(t, 1)
	c := g.corpusOf(t, 100_000, 100)
	questions := g.questions(c, 300)
	folder, before := t.TempDir(), 0
	for _, stored := range []bool{false, true} {
		ix := open(t, c, retrieval.Options{Store: &wordStore{Store: chromemstore.New("", discard)}, StoredWords: stored, Cache: folder})
		for _, q := range questions {
			if _, err := ix.Search(t.Context(), q, 10); err != nil {
				t.Fatal(err)
			}
		}
		now := resident(t, ".lexical")
		fmt.Printf("of a word index of %d MB, %d MB are looked at; a store finds passages: %v\n", sizeOf(t, folder, "*.lexical")/1e6, (now-before)/1e6, stored)
		before = now
	}
}

// resident is how much of the mapped files of a name this process has in memory,
// in bytes.
func resident(t *testing.T, name string) (bytes int) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if !strings.HasSuffix(fields[0], ":") { // a mapping begins
			inside = strings.HasSuffix(fields[len(fields)-1], name)
		}
		if inside && fields[0] == "Rss:" {
			var kilobytes int
			_, _ = fmt.Sscan(fields[1], &kilobytes)
			bytes += kilobytes << 10
		}
	}
	return bytes
}
