package retrieval_test

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	"github.com/philippgille/chromem-go"

	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
)

const large = 10_000 // passages

// BenchmarkReport searches the bundled report; a question at a time.
func BenchmarkReport(b *testing.B) {
	ix := open(b, reportCorpus(b), retrieval.Options{})
	var took durations
	for n := 0; b.Loop(); n++ {
		start := time.Now()
		search(b, ix, reportQuestions[n%len(reportQuestions)])
		took = append(took, time.Since(start))
	}
	took.report(b, "search")
}

// BenchmarkOpen opens the index of the bundled report: as it lies on disk, and
// when there is nothing yet.
func BenchmarkOpen(b *testing.B) {
	c := reportCorpus(b)
	openAt := func(b *testing.B, data string) {
		b.Helper()
		ix, err := retrieval.Open(b.Context(), c, retrieval.Options{
			Store: chromemstore.New(data, discard), Embedder: embed.NewStatic(), Cache: retrieval.CacheFolder(data),
		})
		if err != nil {
			b.Fatal(err)
		}
		ix.Close()
	}
	b.Run("stored", func(b *testing.B) {
		data := b.TempDir()
		openAt(b, data)
		for b.Loop() {
			openAt(b, data)
		}
	})
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			openAt(b, b.TempDir())
		}
	})
}

// BenchmarkIndex builds the index of 10,000 passages on disk, keyless, and
// opens it again.
func BenchmarkIndex(b *testing.B) {
	c := newGenerator(b, 1).corpus(b, large)
	for _, stored := range []bool{false, true} {
		name := "new"
		if stored {
			name = "stored"
		}
		b.Run(name, func(b *testing.B) {
			data := b.TempDir()
			if stored {
				openLarge(b, c, data)
			}
			runtime.GC()
			before, highest := memory(), watchMemory()
			for b.Loop() {
				if !stored {
					data = b.TempDir()
				}
				openLarge(b, c, data)
			}
			b.ReportMetric(float64(before)/1e6, "MB-before")
			b.ReportMetric(float64(highest())/1e6, "MB-peak")
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/op")
		})
	}
}

func openLarge(b *testing.B, c *corpus.Corpus, data string) {
	b.Helper()
	ix, err := retrieval.Open(b.Context(), c, retrieval.Options{
		Store: chromemstore.New(data, discard), Embedder: embed.NewStatic(), Cache: retrieval.CacheFolder(data),
	})
	if err != nil {
		b.Fatal(err)
	}
	ix.Close()
}

// BenchmarkLarge asks 10,000 passages, each question in turn with chromem's own
// query for the same neighbours: the whole search and that query alone.
func BenchmarkLarge(b *testing.B) {
	g := newGenerator(b, 1)
	c := g.corpus(b, large)
	questions := g.questions(c, 500)
	store := &recordingStore{Store: chromemstore.New("", discard)}
	embedder := embed.NewStatic()
	ix := open(b, c, retrieval.Options{Store: store, Embedder: embedder})
	alone := store.collection(b)
	var whole, query durations
	for n := 0; b.Loop(); n++ {
		question := questions[n%len(questions)]
		vectors, err := embedder.Embed(b.Context(), []string{question})
		if err != nil {
			b.Fatal(err)
		}
		first, second := time.Duration(0), time.Duration(0)
		searchIt := func() { first = timed(func() { search(b, ix, question) }) }
		queryIt := func() {
			second = timed(func() {
				if _, err := alone.QueryEmbedding(b.Context(), vectors[0], 100, nil, nil); err != nil {
					b.Fatal(err)
				}
			})
		}
		if n%2 == 0 {
			searchIt()
			queryIt()
		} else {
			queryIt()
			searchIt()
		}
		whole, query = append(whole, first), append(query, second)
	}
	whole.report(b, "search")
	query.report(b, "chromem")
	b.ReportMetric(float64(whole.at(0.5))/float64(query.at(0.5)), "ratio-p50")
}

func BenchmarkTokenize(b *testing.B) {
	text := corpus.Report().Text
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		retrieval.Tokenize(text, func(retrieval.Token) {})
	}
}

func search(b *testing.B, ix *retrieval.Index, question string) {
	b.Helper()
	r, err := ix.Search(b.Context(), question, 10)
	if err != nil || r.Degraded != nil {
		b.Fatal(cmp.Or(err, r.Degraded))
	}
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

type durations []time.Duration

// at is a quantile, by nearest rank.
func (d durations) at(q float64) time.Duration {
	s := slices.Sorted(slices.Values(d))
	return s[max(0, int(math.Ceil(q*float64(len(s))))-1)]
}

func (d durations) report(b *testing.B, name string) {
	b.ReportMetric(float64(d.at(0.5).Nanoseconds())/1e6, name+"-p50-ms")
	b.ReportMetric(float64(d.at(0.99).Nanoseconds())/1e6, name+"-p99-ms")
}

// memory is what the process holds of the machine's, in bytes.
func memory() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}

// watchMemory looks at it every millisecond; the result ends that and says
// what was the most.
func watchMemory() (highest func() uint64) {
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		most := memory()
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				most = max(most, memory())
			case <-stop:
				done <- most
				return
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-done
	}
}

// A recordingStore remembers what was written.
type recordingStore struct {
	retrieval.Store
	points []retrieval.Point
}

func (s *recordingStore) Write(ctx context.Context, g retrieval.Generation, points []retrieval.Point) (retrieval.Vectors, error) {
	s.points = points
	return s.Store.Write(ctx, g, points)
}

// collection is a chromem collection of what was written.
func (s *recordingStore) collection(b testing.TB) *chromem.Collection {
	b.Helper()
	c, err := chromem.NewDB().CreateCollection("alone", nil, func(context.Context, string) ([]float32, error) { panic("it embeds nothing") })
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range s.points {
		if err := c.AddDocument(b.Context(), chromem.Document{ID: p.ID, Embedding: p.Vector}); err != nil {
			b.Fatal(err)
		}
	}
	return c
}

var reportQuestions = []string{
	"How many large models had been released in China by October?",
	"Who is the president of Megvii?",
	"What is the market size of large language models in 2023?",
	"Compare the parameter counts of BERT, GPT-3 and GPT-4",
	"Why did AI suddenly become popular in 2023?",
	"When was ChatGPT released?",
	"Which companies open sourced their models?",
	"How much does training GPT-4 cost?",
	"What do investors think of the competition between models?",
	"国内发布了多少个大模型?",
	"langauge model manufactuers predction",
	"What is the capital of Mongolia?",
}
