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

// parts are the groups of features that can be switched off.
var parts = []struct {
	name     string
	features []string
}{
	{"nothing", nil},
	{"sentence BM25", []string{"sentence_bm25", "sentence_of_best"}},
	{"cover of the question", []string{"cover", "background", "sentence_cover", "sentence_background", "passage_cover", "passage_background", "unmet", "unmet_most", "unmet_specific"}},
	{"adjacent pairs", []string{"pairs", "passage_pairs"}},
	{"neighbouring sentences", []string{"window", "before", "after"}},
	{"words of similar meaning", []string{"soft", "sentence_soft", "passage_soft", "sort"}},
	{"passage vectors", []string{"vector", "vector_below_best"}},
	{"sentence vectors", []string{"meaning", "meaning_below_best"}},
	{"type of answer", []string{"typed", "near", "person_name", "date", "number", "cause", "which_name", "title_person", "quotation_saying", "typed_asked", "definition_leading"}},
	{"names and numbers", []string{"specific", "passage_specific", "missing_specific"}},
	{"headings and title", []string{"heading"}},
	{"missing words", []string{"missing", "missing_most", "missing_specific"}},
	{"enrichment", []string{"asked", "asked_below_best", "enriched_bm25", "asked_meaning", "asked_meaning_below_best", "asked_cover", "asked_cover_below_best", "asked_here", "asked_elsewhere", "asked_meaning_here"}},
	{"hidden units", []string{"*"}},
}

// ablate prints what the shipped models achieve with each part switched off:
// its features are held at their mean.
func ablate(ctx context.Context, w io.Writer, folder string) error {
	models, err := retrieval.ShippedModels()
	if err != nil {
		return err
	}
	articles, err := loadArticles(ctx, folder)
	if err != nil {
		return err
	}
	inTurn := []setting{plain, reworded, enriched}
	for _, part := range parts {
		without := &retrieval.Models{
			Embedder: models.Embedder, Passage: withoutFeatures(models.Passage, part.features), Sentence: withoutFeatures(models.Sentence, part.features),
			Confidence: withoutFeatures(models.Confidence, part.features),
		}
		all, found := map[*article]*retrieval.Models{}, map[*article]verdicts{}
		for _, a := range articles {
			all[a] = without
			if found[a], err = a.verdicts(ctx, without, inTurn...); err != nil {
				return err
			}
		}
		for _, in := range inTurn {
			f, err := measure(ctx, in, articles, all, found)
			if err != nil {
				return err
			}
			f.write(w, string(in)+" without "+part.name)
		}
	}
	return nil
}

func withoutFeatures(m retrieval.Model, names []string) retrieval.Model {
	out := m
	out.Linear = slices.Clone(m.Linear)
	out.Hidden = make([][]float64, len(m.Hidden))
	for u := range m.Hidden {
		out.Hidden[u] = slices.Clone(m.Hidden[u])
	}
	for i, name := range m.Features {
		if slices.Contains(names, name) {
			out.Linear[i] = 0
			for u := range out.Hidden {
				out.Hidden[u][i] = 0
			}
		}
	}
	if slices.Contains(names, "*") {
		out.Output = make([]float64, len(m.Output))
	}
	return out
}
