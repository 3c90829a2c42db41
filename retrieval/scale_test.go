//go:build scale

package retrieval_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/philippgille/chromem-go"

	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
)

var sizes = []int{1_000, 10_000, 100_000}

// BenchmarkScale makes the tables of docs/performance.md; the command is there.
func BenchmarkScale(b *testing.B) {
	var rows []*scaleRow
	for _, passages := range sizes {
		b.Run(fmt.Sprint(passages), func(b *testing.B) {
			row := &scaleRow{passages: passages, parts: map[string]durations{}}
			row.measure(b)
			rows = append(rows, row)
		})
	}
	writeScale(rows)
}

// A scaleRow is what was measured at one size.
type scaleRow struct {
	passages, documents, bytes int
	built, opened              time.Duration
	peak, resident             uint64 // bytes
	vectors, words, cache      int64  // bytes of the files
	whole, chromem, misspelt   durations
	order                      []string // of the parts
	parts                      map[string]durations
}

func (r *scaleRow) measure(b *testing.B) {
	g := newGenerator(b, 1)
	c := g.corpusOf(b, r.passages, 100)
	r.documents = len(c.Documents)
	for i := range c.Documents {
		r.bytes += len(c.Documents[i].Text)
	}
	questions := g.questions(c, 500)
	embedder, data := embed.NewStatic(), b.TempDir()
	highest := watchMemory()
	ix := openAt(b, c, embedder, data)
	r.built, r.peak = ix.Built().Took, highest()
	ix.Close()
	ix = openAt(b, c, embedder, data)
	debug.FreeOSMemory()
	r.opened, r.resident = ix.Built().Took, memory()
	b.Cleanup(func() { ix.Close() })
	r.vectors, r.words, r.cache = sizeOf(b, data, "*.vectors"), sizeOf(b, data, "*.lexical"), sizeOf(b, data, "*.vec")
	alone := collectionOf(b, c, embedder)
	for n := 0; b.Loop(); n++ {
		r.ask(b, ix, alone, embedder, questions[n%len(questions)])
	}
	r.whole.report(b, "search")
	r.chromem.report(b, "chromem")
	b.ReportMetric(float64(r.whole.at(0.5))/float64(r.chromem.at(0.5)), "ratio-p50")
}

// ask times a question, in turn with chromem's own query for its neighbours.
func (r *scaleRow) ask(b *testing.B, ix *retrieval.Index, alone *chromem.Collection, e *embed.Static, question string) {
	vectors, err := e.Embed(b.Context(), []string{question})
	if err != nil {
		b.Fatal(err)
	}
	r.whole = append(r.whole, timed(func() { search(b, ix, question) }))
	r.chromem = append(r.chromem, timed(func() {
		if _, err := alone.QueryEmbedding(b.Context(), vectors[0], 100, nil, nil); err != nil {
			b.Fatal(err)
		}
	}))
	timings, err := ix.Timings(b.Context(), question)
	if err != nil {
		b.Fatal(err)
	}
	misspelt, err := ix.Timings(b.Context(), misspell(question))
	if err != nil {
		b.Fatal(err)
	}
	r.misspelt = append(r.misspelt, misspelt[0].Took)
	r.order = r.order[:0]
	for _, t := range timings {
		r.order = append(r.order, t.Part)
		r.parts[t.Part] = append(r.parts[t.Part], t.Took)
	}
}

// misspell leaves a letter in the middle out of a question's longest word.
func misspell(question string) string {
	longest := ""
	for _, w := range strings.Fields(question) {
		if len(w) > len(longest) {
			longest = w
		}
	}
	return strings.Replace(question, longest, longest[:len(longest)/2]+longest[len(longest)/2+1:], 1)
}

// writeScale prints the tables, in Markdown.
func writeScale(rows []*scaleRow) {
	line := func(name string, cell func(r *scaleRow) string) {
		fmt.Printf("| %s |", name)
		for _, r := range rows {
			fmt.Printf(" %s |", cell(r))
		}
		fmt.Println()
	}
	ms := func(d durations) string { return fmt.Sprintf("%.2f", float64(d.at(0.5).Nanoseconds())/1e6) }
	mb := func(n float64) string {
		if n >= 10e6 {
			return fmt.Sprintf("%.0f MB", n/1e6)
		}
		return fmt.Sprintf("%.2g MB", n/1e6)
	}
	fmt.Println()
	line("passages", func(r *scaleRow) string { return fmt.Sprint(r.passages) })
	line("---", func(*scaleRow) string { return "---" })
	line("documents, text", func(r *scaleRow) string { return fmt.Sprintf("%d, %s", r.documents, mb(float64(r.bytes))) })
	line("indexing", func(r *scaleRow) string { return fmt.Sprintf("%.2f s", r.built.Seconds()) })
	line("opening", func(r *scaleRow) string { return fmt.Sprintf("%.0f ms", r.opened.Seconds()*1e3) })
	line("memory at most, indexing", func(r *scaleRow) string { return mb(float64(r.peak)) })
	line("memory, open", func(r *scaleRow) string { return mb(float64(r.resident)) })
	line("files: words, vectors, cache", func(r *scaleRow) string {
		return fmt.Sprintf("%s, %s, %s", mb(float64(r.words)), mb(float64(r.vectors)), mb(float64(r.cache)))
	})
	line("a question, ms", func(r *scaleRow) string { return ms(r.whole) })
	line("chromem's query, ms", func(r *scaleRow) string { return ms(r.chromem) })
	line("ratio", func(r *scaleRow) string {
		return fmt.Sprintf("%.2f", float64(r.whole.at(0.5))/float64(r.chromem.at(0.5)))
	})
	if len(rows) > 0 {
		for _, part := range rows[0].order {
			line(part+", ms", func(r *scaleRow) string { return ms(r.parts[part]) })
		}
	}
	line("spelling, a word misspelt, ms", func(r *scaleRow) string { return ms(r.misspelt) })
	fmt.Println()
}

func openAt(tb testing.TB, c *corpus.Corpus, e retrieval.Embedder, data string) *retrieval.Index {
	tb.Helper()
	ix, err := retrieval.Open(tb.Context(), c, retrieval.Options{
		Store: chromemstore.New(data, discard), Embedder: e, Cache: retrieval.CacheFolder(data),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return ix
}

func sizeOf(tb testing.TB, data, pattern string) (size int64) {
	tb.Helper()
	for _, folder := range []string{data, retrieval.CacheFolder(data)} {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			tb.Fatal(err)
		}
		for _, path := range found {
			info, err := os.Stat(path)
			if err != nil {
				tb.Fatal(err)
			}
			size += info.Size()
		}
	}
	return size
}

// collectionOf is a chromem collection of a corpus's vectors.
func collectionOf(tb testing.TB, c *corpus.Corpus, e retrieval.Embedder) *chromem.Collection {
	tb.Helper()
	store := &recordingStore{Store: chromemstore.New("", discard)}
	open(tb, c, retrieval.Options{Store: store, Embedder: e})
	return store.collection(tb)
}

// Questions about eight real articles, among so many generated passages: each
// finds the same, to the last bit, whether chromem or the scan looks for its
// neighbours.
func TestAtScaleAScanCostsNoQuality(t *testing.T) {
	for _, passages := range sizes {
		c, asked := squadAmong(t, passages)
		e := embed.NewStatic()
		scan := open(t, c, retrieval.Options{Store: chromemstore.New("", discard), Embedder: e})
		words := open(t, c, retrieval.Options{Store: chromemstore.New("", discard), Unavailable: fmt.Errorf("words alone")})
		chromem := open(t, c, retrieval.Options{Store: &chromemOnly{Store: chromemstore.New("", discard), tb: t}, Embedder: e})
		var found, foundByChromem, foundByWords int
		for _, q := range asked {
			got, want, without := result(t, scan, q.Question), result(t, chromem, q.Question), result(t, words, q.Question)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%d passages: %q has another result", passages, q.Question)
			}
			found, foundByChromem, foundByWords = found+q.foundIn(got), foundByChromem+q.foundIn(want), foundByWords+q.foundIn(without)
		}
		percent := func(n int) float64 { return 100 * float64(n) / float64(len(asked)) }
		fmt.Printf("| %d | %d | %.1f | %.1f | %.1f |\n", passages, len(asked), percent(foundByChromem), percent(found), percent(foundByWords))
	}
}

func result(t *testing.T, ix *retrieval.Index, question string) *retrieval.Result {
	t.Helper()
	r, err := ix.Search(t.Context(), question, 5)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// chromemOnly has chromem itself look for neighbours.
type chromemOnly struct {
	retrieval.Store
	tb testing.TB
}

func (s *chromemOnly) Write(ctx context.Context, g retrieval.Generation, points []retrieval.Point) (retrieval.Vectors, error) {
	v, err := s.Store.Write(ctx, g, nil)
	return &chromemVectors{v, (&recordingStore{points: points}).collection(s.tb)}, err
}

type chromemVectors struct {
	retrieval.Vectors
	collection *chromem.Collection
}

func (v *chromemVectors) Query(ctx context.Context, vector []float32, k int) ([]retrieval.Neighbor, error) {
	found, err := v.collection.QueryEmbedding(ctx, vector, min(k, v.collection.Count()), nil, nil)
	out := make([]retrieval.Neighbor, len(found))
	for i, f := range found {
		out[i] = retrieval.Neighbor{ID: f.ID, Similarity: float64(f.Similarity)}
	}
	return out, err
}

type squadQuestion struct {
	Question string   `json:"question"`
	Evidence []string `json:"evidence"`
	Refuse   bool     `json:"refuse"`
}

func (q *squadQuestion) foundIn(r *retrieval.Result) int {
	for _, hit := range r.Passages {
		for _, e := range q.Evidence {
			if strings.Contains(hit.Passage.Text, e) {
				return 1
			}
		}
	}
	return 0
}

// squadAmong is squad2 among generated documents, and every third of its
// questions that have an answer.
func squadAmong(t *testing.T, passages int) (*corpus.Corpus, []squadQuestion) {
	t.Helper()
	const suite = "../../shared/golden/squad2/"
	articles, err := filepath.Glob(suite + "*.txt")
	if err != nil || len(articles) == 0 {
		t.Skip("the suite squad2 is not here")
	}
	var docs []corpus.Document
	var asked []squadQuestion
	for _, path := range articles {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, corpus.Plain(filepath.Base(path), string(text)))
		asked = append(asked, readSquad(t, strings.TrimSuffix(path, ".txt")+".jsonl")...)
	}
	own, err := corpus.New(docs...)
	if err != nil {
		t.Fatal(err)
	}
	noise := newGenerator(t, 3).corpusOf(t, passages-len(own.Passages), 100)
	c, err := corpus.New(append(docs, noise.Documents...)...)
	if err != nil {
		t.Fatal(err)
	}
	var third []squadQuestion
	for i := 0; i < len(asked); i += 3 {
		third = append(third, asked[i])
	}
	return c, third
}

func readSquad(t *testing.T, path string) (asked []squadQuestion) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var q squadQuestion
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		if !q.Refuse {
			asked = append(asked, q)
		}
	}
	return asked
}
