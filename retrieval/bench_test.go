package retrieval_test

import (
	"context"
	"testing"

	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
	"log/slog"
)

// Opening the index of the bundled report that is on disk already.
func BenchmarkOpenReport(b *testing.B) {
	c, err := corpus.New(corpus.Report())
	if err != nil {
		b.Fatal(err)
	}
	opts := retrieval.Options{Store: chromemstore.New(b.TempDir(), slog.New(slog.DiscardHandler)), Embedder: embed.NewStatic()}
	for b.Loop() {
		ix, err := retrieval.Open(context.Background(), c, opts)
		if err != nil {
			b.Fatal(err)
		}
		ix.Close()
	}
}
