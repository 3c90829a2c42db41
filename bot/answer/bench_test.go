package answer_test

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/bot/answer/llmsim"
	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
)

// reportEngine answers about the bundled report with a model.
func reportEngine(t testing.TB, writer bot.Writer) *bot.Engine {
	t.Helper()
	c, err := corpus.New(corpus.Report())
	if err != nil {
		t.Fatal(err)
	}
	ix, err := retrieval.Open(t.Context(), c, retrieval.Options{Store: chromemstore.New("", slog.New(slog.DiscardHandler)), Embedder: embed.NewStatic()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ix.Close() })
	return bot.NewEngine(c, ix, answer.NewQuote(), bot.EngineOptions{Writer: writer})
}

const benchReply = "As of October this year, 238 large models have been released in China [1]. GPT4-Turbo is far ahead with a total score of 89.79 [5]. " +
	"Gartner predicts that by 2026, more than 80% of enterprises will use generative artificial intelligence APIs and models [2]."

// BenchmarkFirstSentence measures from the moment at which the model's server
// has sent the first sentence to the moment at which it is shown, checked.
func BenchmarkFirstSentence(b *testing.B) {
	var finished atomic.Int64 // ns since 1970
	sim := llmsim.New(llmsim.Options{Reply: func(llmsim.Request) llmsim.Reply {
		return llmsim.Reply{Text: benchReply, Every: time.Millisecond, Flushed: func(_ int, token string, at time.Time) {
			if token == "." {
				finished.CompareAndSwap(0, at.UnixNano())
			}
		}}
	}})
	defer sim.Close()
	e := reportEngine(b, newModel(b, sim, "some-model", answer.ModelOptions{}))
	var waits []float64
	for b.Loop() {
		finished.Store(0)
		first := time.Time{}
		_, err := e.Ask(b.Context(), bot.Question{Text: "How many large models had been released in China by October?", Show: func(context.Context, string) error {
			if first.IsZero() {
				first = time.Now()
			}
			return nil
		}})
		if err != nil {
			b.Fatal(err)
		}
		waits = append(waits, float64(first.UnixNano()-finished.Load())/1e6)
	}
	report(b, waits)
}

// BenchmarkChecking measures what searching, checking and assembling add to an
// answer that is there at once.
func BenchmarkChecking(b *testing.B) {
	e := reportEngine(b, at(benchReply))
	for b.Loop() {
		if _, err := e.Ask(b.Context(), bot.Question{Text: "How many large models had been released in China by October?"}); err != nil {
			b.Fatal(err)
		}
	}
}

// at is a model that has its answer at once.
type at string

func (a at) Model() string { return "at once" }
func (a at) Write(_ context.Context, _ bot.Request, emit func(string) error) (bot.Usage, error) {
	return bot.Usage{}, emit(string(a))
}
func (a at) Mend(context.Context, bot.Request, string, string) (string, bot.Usage, error) {
	return "", bot.Usage{}, nil
}
func (a at) Rewrite(_ context.Context, r bot.Request, _ []bot.Turn) (string, bot.Usage, error) {
	return r.Question, bot.Usage{}, nil
}

func report(b *testing.B, waits []float64) {
	slices.Sort(waits)
	b.ReportMetric(waits[len(waits)/2], "ms-p50")
	b.ReportMetric(waits[len(waits)*99/100], "ms-p99")
}
