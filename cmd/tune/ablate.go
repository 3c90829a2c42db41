package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path"
	"slices"

	"footnote/bot"
	"footnote/bot/eval"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
)

// A part of retrieval that can be switched off: features that are held at their
// mean, or a way of opening the index.
type part struct {
	name     string
	features []string
	off      func(*retrieval.Options)
	data     string // the file that it ships with
}

func without(p retrieval.Part) func(*retrieval.Options) {
	return func(o *retrieval.Options) { o.Without = p }
}

var errSwitchedOff = errors.New("switched off")

var parts = []part{
	{name: "nothing"},
	{name: "sentence BM25", features: []string{"sentence_bm25", "sentence_of_best"}},
	{name: "adjacent pairs", features: []string{"pairs", "passage_pairs"}},
	{name: "neighbouring sentences", features: []string{"window", "before", "after"}},
	{name: "neighbouring passages", features: []string{"beside"}},
	{name: "words of similar meaning", features: []string{"soft", "sentence_soft", "passage_soft", "sort", "soft_typed", "typed_soft", "near_soft"}, data: "retrieval/words/words.bin"},
	{name: "relations of words", off: without(retrieval.Relations), data: "retrieval/words/kin.bin"},
	{name: "passage vectors", off: func(o *retrieval.Options) { o.Embedder, o.Unavailable = nil, errSwitchedOff }},
	{name: "that the models know the vectors", off: otherEmbedder(renamed{embed.NewStatic()})},
	{name: "the same: hashed words, 256 dimensions", off: otherEmbedder(hashed{256})},
	{name: "the same: hashed words, 1,024 dimensions", off: otherEmbedder(hashed{1024})},
	{name: "the same: random vectors", off: otherEmbedder(noise{64})},
	{name: "sentence vectors", features: []string{"meaning", "meaning_below_best"}},
	{name: "type of answer", features: []string{"typed", "near", "person_name", "date", "number", "cause", "which_name", "title_person", "quotation_saying", "typed_asked", "definition_leading", "untyped", "soft_typed", "typed_soft", "near_soft"}},
	{name: "names and numbers", features: []string{"specific", "passage_specific", "missing_specific", "names_unmet", "figures_unmet", "names_absent", "figures_absent", "names_missing", "figures_missing"}},
	{name: "what is lacking, by class", features: []string{"names_unmet", "figures_unmet", "rare_unmet", "plain_unmet", "unmet_count", "names_absent", "figures_absent", "rare_absent", "plain_absent", "absent_count", "names_missing", "figures_missing", "focus_near", "focus_absent", "counted_absent", "sort_absent"}},
	{name: "rivals and margins", features: []string{"rival", "rival_soft", "passage_margin", "sentence_margin", "sentence_share"}},
	{name: "headings and title in BM25", off: func(o *retrieval.Options) { o.BM25 = retrieval.BM25{Heading: -1, Title: -1} }},
	{name: "missing words", features: []string{"missing", "missing_most", "missing_specific", "names_missing", "figures_missing"}},
	{name: "hidden units", features: []string{"*"}, data: "retrieval/models.json"},
	{name: "enrichment", off: func(o *retrieval.Options) { o.Enrichments = retrieval.Enrichments{} }, data: "retrieval/enrichment/report.jsonl"},
	{name: "spelling", off: without(retrieval.Spelling)},
	{name: "parts of a question", off: without(retrieval.Splitting)},
	{name: "conflicts", off: without(retrieval.Conflicts)},
}

// otherEmbedder puts another embedder in place of the built-in one, as a model
// server's would be.
func otherEmbedder(e retrieval.Embedder) func(*retrieval.Options) {
	return func(o *retrieval.Options) { o.Embedder = e }
}

// renamed is the built-in embedder under a name that the models do not know.
type renamed struct{ retrieval.Embedder }

func (renamed) Name() string { return "renamed" }

// noise gives each text a random vector, the same each time.
type noise struct{ dims int }

func (n noise) Name() string    { return "noise" }
func (n noise) Dimensions() int { return n.dims }

func (n noise) Embed(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, text := range texts {
		sum := fnv.New64a()
		sum.Write([]byte(text))
		random := rand.New(rand.NewPCG(sum.Sum64(), 1))
		out[i] = make([]float32, n.dims)
		var squares float64
		for d := range out[i] {
			x := random.NormFloat64()
			out[i][d] = float32(x)
			squares += x * x
		}
		for d := range out[i] {
			out[i][d] /= float32(math.Sqrt(squares))
		}
	}
	return out, nil
}

// ablate prints what quote mode achieves on suites with each part switched off
// in turn, as a table in Markdown. Nothing is trained anew, so a part that
// others can stand in for shows little.
func ablate(ctx context.Context, w io.Writer, suites []string) error {
	models, err := retrieval.ShippedModels()
	if err != nil {
		return err
	}
	p := printer{w: w}
	for _, dir := range suites {
		p.line("%s, without | recall@1 | recall@5 | quote@1 | answer | far | near | refused far / answerable | ms | bytes", path.Base(dir))
		p.line("---|---|---|---|---|---|---|---|---|---")
		for _, part := range parts {
			r, err := eval.Run(ctx, dir, part.open(models), eval.Options{Mode: bot.ModeQuote})
			if err != nil {
				return err
			}
			size := ""
			if info, err := os.Stat(part.data); part.data != "" && err == nil {
				size = fmt.Sprintf("%.1f MB", float64(info.Size())/1e6)
			}
			p.line("%s | %.1f | %.1f | %.1f | %.1f | %s | %s | %s / %s | %.2f | %s", part.name, 100*r.Recall1, 100*r.Recall5, 100*r.Quote1, 100*r.Answer,
				figure(r.AUROCFar, 3), figure(r.AUROCNear, 3), figure(&r.RefusedFar, 2), figure(&r.RefusedAnswerable, 2), r.MSPerQuestion, size)
		}
		p.line("")
	}
	return p.err
}

// figure is a figure that a suite may not have.
func figure(v *float64, digits int) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.*f", digits, *v)
}

func (p part) open(models *retrieval.Models) eval.Open {
	log := slog.New(slog.DiscardHandler)
	held := p.hold(models)
	held.Enriched = p.hold(models.Enriched)
	o := retrieval.Options{Store: chromemstore.New("", log), Embedder: embed.NewStatic(), Logger: log, Models: held}
	if p.off != nil {
		p.off(&o)
	}
	return func(ctx context.Context, path string) (eval.Subject, error) { return openQuoteModeWith(ctx, path, o) }
}

// hold gives models that the part's features are at their mean for.
func (p part) hold(m *retrieval.Models) *retrieval.Models {
	return &retrieval.Models{
		Embedder: m.Embedder, Passage: withoutFeatures(m.Passage, p.features), Sentence: withoutFeatures(m.Sentence, p.features),
		Confidence: withoutFeatures(m.Confidence, p.features),
	}
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
