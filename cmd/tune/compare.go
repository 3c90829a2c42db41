package main

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"math"
	"slices"

	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
	"footnote/retrieval/words"
)

// compareEmbedders prints how well passages are found by each keyless
// embedder alone, by BM25 alone, and by both fused in simple ways.
func compareEmbedders(ctx context.Context, w io.Writer, folder string) error {
	articles, err := loadArticles(ctx, folder)
	if err != nil {
		return err
	}
	for _, e := range []retrieval.Embedder{embed.NewStatic(), hashed{256}, hashed{1024}, hashed{8192}} {
		for _, in := range []setting{plain, reworded} {
			runs := map[string]*figures{}
			for _, a := range articles {
				if err := a.compare(ctx, e, in, runs); err != nil {
					return err
				}
			}
			for _, name := range []string{"bm25", "vectors", "reciprocal rank fusion", "min-max, half weight"} {
				f := runs[name]
				n := float64(f.questions)
				fmt.Fprintf(w, "%-22s %-10s %-24s recall@1 %.4f  recall@5 %.4f\n", e.Name(), in, name, f.recall1/n, f.recall5/n)
			}
		}
	}
	return nil
}

func (a *article) compare(ctx context.Context, e retrieval.Embedder, in setting, runs map[string]*figures) error {
	c, err := corpus.New(a.document)
	if err != nil {
		return err
	}
	models := blank()
	models.Embedder = e.Name()
	ix, err := retrieval.Open(ctx, c, retrieval.Options{
		Store: chromemstore.New("", slog.New(slog.DiscardHandler)), Embedder: e, Models: models, Enrichments: retrieval.Enrichments{},
	})
	if err != nil {
		return err
	}
	bm25, vector := slices.Index(retrieval.PassageFeatures, "bm25"), slices.Index(retrieval.PassageFeatures, "vector")
	for _, s := range a.answerable() {
		_, wording := a.put(in, s.half, s.question.Text)
		f, err := ix.Features(ctx, wording)
		if err != nil {
			return err
		}
		lexical, near := column(f.Passages, bm25), column(f.Passages, vector)
		for name, scores := range map[string][]float64{
			"bm25": lexical, "vectors": near, "reciprocal rank fusion": reciprocalRanks(lexical, near), "min-max, half weight": minMax(lexical, near, 0.5),
		} {
			if runs[name] == nil {
				runs[name] = &figures{}
			}
			runs[name].addRanking(s, f.Passages, scores)
		}
	}
	return nil
}

func column(passages []retrieval.PassageSample, feature int) []float64 {
	out := make([]float64, len(passages))
	for i := range passages {
		out[i] = passages[i].Features[feature]
	}
	return out
}

func (f *figures) addRanking(s sample, passages []retrieval.PassageSample, scores []float64) {
	f.questions++
	for i, p := range descending(scores)[:min(5, len(scores))] {
		if holds(passages[p].Passage, s.evidence) {
			f.recall5++
			if i == 0 {
				f.recall1++
			}
			return
		}
	}
}

func descending(scores []float64) []int {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return order
}

// reciprocalRanks fuses two rankings (Cormack, Clarke and Büttcher, 2009).
func reciprocalRanks(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for _, scores := range [][]float64{a, b} {
		for rank, i := range descending(scores) {
			out[i] += 1 / float64(60+rank+1)
		}
	}
	return out
}

func minMax(a, b []float64, weight float64) []float64 {
	out := make([]float64, len(a))
	for i := range out {
		out[i] = scaled(a, i) + weight*scaled(b, i)
	}
	return out
}

func scaled(v []float64, i int) float64 {
	low, high := slices.Min(v), slices.Max(v)
	if high == low {
		return 0
	}
	return (v[i] - low) / (high - low)
}

// hashed is the embedder that was not chosen: words, their stems' pairs and
// character trigrams hashed into so many dimensions, weighed by the frequency
// of English words.
type hashed struct{ dims int }

func (h hashed) Name() string    { return fmt.Sprintf("hashed tf-idf %d", h.dims) }
func (h hashed) Dimensions() int { return h.dims }

func (h hashed) Embed(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	table := words.English()
	for i, text := range texts {
		counts := map[string]float64{}
		retrieval.Tokenize(text, func(t retrieval.Token) {
			idf := max(table.IDF(table.Row(t.Surface))-4, 0.1)
			counts["w"+t.Surface] += idf
			marked := "^" + t.Surface + "$"
			for at := 0; at+3 <= len(marked); at++ {
				counts["t"+marked[at:at+3]] += idf / float64(len(marked))
			}
		})
		out[i] = h.fold(counts)
	}
	return out, nil
}

func (h hashed) fold(counts map[string]float64) []float32 {
	v := make([]float64, h.dims)
	for key, n := range counts {
		sum := fnv.New64a()
		sum.Write([]byte(key))
		code := sum.Sum64()
		sign := 1.0
		if code>>63 == 1 {
			sign = -1
		}
		v[code%uint64(h.dims)] += sign * math.Sqrt(n)
	}
	length := math.Sqrt(dot(v, v))
	out := make([]float32, h.dims)
	for d := range v {
		if length > 0 {
			out[d] = float32(v[d] / length)
		}
	}
	return out
}
