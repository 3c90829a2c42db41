package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"footnote/corpus"
	"footnote/retrieval"
)

// figures are what a set of models achieves on articles.
type figures struct {
	questions        int
	recall1, recall5 float64 // evidence passage among the first 1 and 5
	sentence1        float64 // the first sentence holds an answer
	sentence2        float64 // one of the first two does
	far, near        float64 // AUROC of the confidence, against each kind
	deleted          float64
	// deletedRefused is the share of deleted questions that fall below the
	// confidence that a tenth of the answerable ones fall below.
	deletedRefused float64
}

func (f figures) write(w io.Writer, name string) {
	fmt.Fprintf(w, "%-38s n %4d  recall@1 %.4f  recall@5 %.4f  sentence@1 %.4f  sentence@2 %.4f  AUROC far %.4f near %.4f deleted %.4f (%.3f refused with a tenth of the answerable)\n",
		name, f.questions, f.recall1, f.recall5, f.sentence1, f.sentence2, f.far, f.near, f.deleted, f.deletedRefused)
}

// report measures models, which may differ by article, in every setting. The
// verdicts are the confidence features of each article with its models.
func report(ctx context.Context, w io.Writer, name string, settings []setting, articles []*article, models map[*article]*retrieval.Models, found map[*article]verdicts) error {
	for _, in := range settings {
		f, err := measure(ctx, in, articles, models, found)
		if err != nil {
			return err
		}
		f.write(w, name+", "+string(in))
	}
	return nil
}

func measure(ctx context.Context, in setting, articles []*article, models map[*article]*retrieval.Models, found map[*article]verdicts) (figures, error) {
	var f figures
	confidence := map[string][]float64{}
	for _, a := range articles {
		for _, s := range a.answerable() {
			index, wording := a.put(in, s.half, s.question.Text)
			result, err := index.WithModels(models[a]).Search(ctx, wording, 10)
			if err != nil {
				return f, err
			}
			f.add(s, result)
		}
		for _, kind := range questionKinds {
			for _, v := range found[a][verdictKey{kind, in}] {
				confidence[kind] = append(confidence[kind], models[a].Of(in.enriched()).Confidence.Score(v.features))
			}
		}
	}
	n := float64(max(f.questions, 1))
	f.recall1, f.recall5, f.sentence1, f.sentence2 = f.recall1/n, f.recall5/n, f.sentence1/n, f.sentence2/n
	f.far = auroc(confidence["answerable"], confidence["far"])
	f.near = auroc(confidence["answerable"], confidence["near"])
	f.deleted = auroc(confidence["answerable"], confidence["deleted"])
	if answerable, deleted := confidence["answerable"], confidence["deleted"]; len(answerable) > 0 && len(deleted) > 0 {
		slices.Sort(answerable)
		least := answerable[len(answerable)/10]
		for _, c := range deleted {
			if c < least {
				f.deletedRefused += 1 / float64(len(deleted))
			}
		}
	}
	return f, nil
}

func (f *figures) add(s sample, r *retrieval.Result) {
	f.questions++
	for i, p := range r.Passages[:min(5, len(r.Passages))] {
		if slices.ContainsFunc(s.evidence, func(e corpus.Span) bool { return within(e, p.Passage.Start, p.Passage.End) }) {
			f.recall5++
			if i == 0 {
				f.recall1++
			}
			break
		}
	}
	for i, x := range r.Sentences[:min(2, len(r.Sentences))] {
		if slices.ContainsFunc(s.answers, func(e corpus.Span) bool { return within(e, x.Start, x.End) }) {
			f.sentence2++
			if i == 0 {
				f.sentence1++
			}
			break
		}
	}
}

// auroc is the probability that a positive scores above a negative.
func auroc(positive, negative []float64) float64 {
	type scored struct {
		score    float64
		positive bool
	}
	var all []scored
	for _, s := range positive {
		all = append(all, scored{s, true})
	}
	for _, s := range negative {
		all = append(all, scored{s, false})
	}
	slices.SortFunc(all, func(a, b scored) int { return cmp.Compare(a.score, b.score) })
	var rank float64
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].score == all[i].score {
			j++
		}
		for _, s := range all[i:j] {
			if s.positive {
				rank += float64(i+j+1) / 2
			}
		}
		i = j
	}
	n, m := float64(len(positive)), float64(len(negative))
	return (rank - n*(n+1)/2) / (n * m)
}
