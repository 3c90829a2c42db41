package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"footnote/corpus"
	"footnote/retrieval"
)

// A trainingRun is what is learnt from and how.
type trainingRun struct {
	articles []*article
	folds    int
	passage  recipe
	sentence recipe
	verdict  recipe
	seeds    int
	weights  verdictWeights
	// crossOnly leaves out the final training on all articles.
	crossOnly bool
	out       io.Writer // for the cross-validated figures
	settings  []setting // that it learns from
}

// verdictWeights balance the kinds of unanswerable question against the
// answerable ones: the total weight of each kind, where answerable ones have 1.
type verdictWeights struct{ far, near, deleted float64 }

// train fits the models for plain corpora and those for enriched ones.
func (t *trainingRun) train(ctx context.Context) (*retrieval.Models, error) {
	t.settings = []setting{plain, reworded}
	models, err := t.trainThree(ctx)
	if err != nil {
		return nil, err
	}
	t.settings = []setting{enriched, enrichedReworded, enrichedForeign}
	inEnriched, err := t.trainThree(ctx)
	if err != nil || t.crossOnly {
		return nil, err
	}
	models.Enriched = inEnriched
	return models, nil
}

// trainThree fits three models on all articles, and cross-validates them:
// whatever is measured, and whatever is learnt from the output of another
// model, is measured and learnt on articles that the models have not seen.
func (t *trainingRun) trainThree(ctx context.Context) (*retrieval.Models, error) {
	held := map[*article]*retrieval.Models{}
	for _, a := range t.articles {
		held[a] = blank()
	}
	err := t.eachFold(func(seen, unseen []*article) error {
		m, err := t.trainPassages(ctx, seen)
		for _, a := range unseen {
			held[a].Passage = m
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	// From here on an article's features come from the passage model that has not seen it.
	err = t.eachFold(func(seen, unseen []*article) error {
		m, err := t.trainSentences(ctx, seen, held)
		for _, a := range unseen {
			held[a].Sentence = m
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	found := map[*article]verdicts{}
	for _, a := range t.articles {
		if found[a], err = a.verdicts(ctx, held[a], t.settings...); err != nil {
			return nil, err
		}
	}
	err = t.eachFold(func(seen, unseen []*article) error {
		m := t.trainConfidence(seen, found)
		for _, a := range unseen {
			held[a].Confidence = m
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := report(ctx, t.out, "cross-validated", t.settings, t.articles, held, found); err != nil {
		return nil, err
	}
	if t.crossOnly {
		return nil, nil
	}
	out := blank()
	if out.Passage, err = t.trainPassages(ctx, t.articles); err != nil {
		return nil, err
	}
	if out.Sentence, err = t.trainSentences(ctx, t.articles, held); err != nil {
		return nil, err
	}
	out.Confidence = t.trainConfidence(t.articles, found)
	return out, nil
}

func (t *trainingRun) eachFold(do func(seen, held []*article) error) error {
	for f := range t.folds {
		var seen, held []*article
		for i, a := range t.articles {
			if i%t.folds == f {
				held = append(held, a)
			} else {
				seen = append(seen, a)
			}
		}
		if err := do(seen, held); err != nil {
			return err
		}
	}
	return nil
}

func (t *trainingRun) trainPassages(ctx context.Context, articles []*article) (retrieval.Model, error) {
	var data []choice
	for _, a := range articles {
		for _, s := range a.answerable() {
			for _, in := range t.settings {
				c, err := s.passageChoice(ctx, in)
				if err != nil {
					return retrieval.Model{}, err
				}
				data = append(data, slices.Repeat([]choice{c}, in.repeated())...)
			}
		}
	}
	return t.ensemble(t.passage, func(r recipe) retrieval.Model { return trainChoices(retrieval.PassageFeatures, data, r) }), nil
}

func (s sample) passageChoice(ctx context.Context, in setting) (choice, error) {
	key := string(in) + s.question.Text
	if known, ok := s.article.choices[key]; ok {
		return known, nil
	}
	index, wording := s.article.put(in, s.half, s.question.Text)
	f, err := index.Features(ctx, wording)
	if err != nil {
		return choice{}, err
	}
	var c choice
	for _, p := range f.Passages {
		c.features = append(c.features, p.Features)
		c.right = append(c.right, holds(p.Passage, s.evidence))
	}
	s.article.choices[key] = c
	return c, nil
}

func (t *trainingRun) trainSentences(ctx context.Context, articles []*article, held map[*article]*retrieval.Models) (retrieval.Model, error) {
	var data []choice
	for _, a := range articles {
		for _, s := range a.answerable() {
			for _, in := range t.settings {
				index, wording := a.put(in, s.half, s.question.Text)
				c, err := s.sentenceChoice(ctx, index.WithModels(held[a]), wording)
				if err != nil {
					return retrieval.Model{}, err
				}
				data = append(data, slices.Repeat([]choice{c}, in.repeated())...)
			}
		}
	}
	return t.ensemble(t.sentence, func(r recipe) retrieval.Model { return trainChoices(retrieval.SentenceFeatures, data, r) }), nil
}

func (s sample) sentenceChoice(ctx context.Context, index *retrieval.Index, wording string) (choice, error) {
	f, err := index.Features(ctx, wording)
	if err != nil {
		return choice{}, err
	}
	var c choice
	for _, x := range f.Sentences {
		c.features = append(c.features, x.Features)
		c.right = append(c.right, slices.ContainsFunc(s.answers, func(e corpus.Span) bool { return within(e, x.Sentence.Start, x.Sentence.End) }))
	}
	return c, nil
}

// settingWeights are what one question in each setting weighs for the
// confidence: what people mostly do counts most.
var settingWeights = map[setting]float64{plain: 1, reworded: 0.3, enriched: 0.5, enrichedReworded: 0.3, enrichedForeign: 0.5}

var questionKinds = []string{"answerable", "far", "near", "deleted"}

// trainConfidence learns from answerable questions, from far and near
// unanswerable ones, and from answerable ones whose paragraph was taken out.
func (t *trainingRun) trainConfidence(articles []*article, found map[*article]verdicts) retrieval.Model {
	kinds := map[string][]verdict{}
	for _, a := range articles {
		for _, in := range t.settings { // in order, so that training is repeatable
			for _, kind := range questionKinds {
				for _, v := range found[a][verdictKey{kind, in}] {
					v.weight = settingWeights[in]
					kinds[kind] = append(kinds[kind], v)
				}
			}
		}
	}
	weights := map[string]float64{"answerable": 1, "far": t.weights.far, "near": t.weights.near, "deleted": t.weights.deleted}
	totals := map[string]float64{}
	for kind, list := range kinds {
		for _, v := range list {
			totals[kind] += v.weight
		}
	}
	var data []verdict
	for _, kind := range questionKinds {
		for _, v := range kinds[kind] {
			v.weight *= weights[kind] * totals["answerable"] / totals[kind]
			data = append(data, v)
		}
	}
	return t.ensemble(t.verdict, func(r recipe) retrieval.Model { return trainVerdicts(retrieval.ConfidenceFeatures, data, r) })
}

// verdicts are the confidence features of the article's questions in some
// settings.
func (a *article) verdicts(ctx context.Context, models *retrieval.Models, in ...setting) (verdicts, error) {
	out := verdicts{}
	add := func(in setting, kind string, ix *retrieval.Index, question string, evidence []corpus.Span) error {
		f, err := ix.WithModels(models).Features(ctx, question)
		if err != nil {
			return err
		}
		// In its own words a question is answerable whether we find the
		// answer or not; in others it may not be the same question.
		if evidence != nil && in != plain && in != enriched && (len(f.Passages) == 0 || !holds(f.Passages[0].Passage, evidence)) {
			return nil
		}
		key := verdictKey{kind, in}
		out[key] = append(out[key], verdict{features: f.Confidence, yes: kind == "answerable"})
		return nil
	}
	for _, in := range in {
		for _, s := range a.answerable() {
			ix, wording := a.put(in, s.half, s.question.Text)
			if err := add(in, "answerable", ix, wording, s.evidence); err != nil {
				return nil, err
			}
		}
		for n, q := range a.questions {
			if !q.Refuse {
				continue
			}
			ix, wording := a.put(in, n%2, q.Text)
			if err := add(in, q.Kind, ix, wording, nil); err != nil {
				return nil, err
			}
		}
		for _, group := range a.byPassage() {
			if err := a.deleted(ctx, in, group, add); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

type verdictKey struct {
	kind string
	in   setting
}

type verdicts map[verdictKey][]verdict

// deleted asks the questions that a block answers of the article without it.
func (a *article) deleted(ctx context.Context, in setting, g passageGroup, add func(setting, string, *retrieval.Index, string, []corpus.Span) error) error {
	rest := &article{document: corpus.Plain(a.name, a.document.Text[:g.passage.Start]+a.document.Text[g.passage.End:])}
	enrichment := retrieval.Enrichments{}
	switch in {
	case enriched, enrichedReworded:
		enrichment = a.half(0, same)
	case enrichedForeign:
		enrichment = a.half(0, foreign)
	}
	ix, err := openIndex(ctx, rest.document, enrichment)
	if err != nil {
		return err
	}
	for _, s := range g.samples {
		if mentionsAny(rest.document.Text, s.question.Answers) {
			continue
		}
		_, wording := a.put(in, 0, s.question.Text)
		if err := add(in, "deleted", ix, wording, nil); err != nil {
			return err
		}
	}
	return nil
}

func mentionsAny(text string, answers []string) bool {
	low := strings.ToLower(text)
	return slices.ContainsFunc(answers, func(s string) bool { return strings.Contains(low, strings.ToLower(s)) })
}

// ensemble averages models trained from several seeds into one: their linear
// parts add up and their hidden units stand side by side.
func (t *trainingRun) ensemble(r recipe, fit func(recipe) retrieval.Model) retrieval.Model {
	var out retrieval.Model
	fitted := make([]retrieval.Model, t.seeds)
	var seeds sync.WaitGroup
	for i := range fitted {
		r.seed = uint64(i + 1)
		own := r
		seeds.Go(func() { fitted[i] = fit(own) })
	}
	seeds.Wait()
	for i, m := range fitted {
		share := 1 / float64(t.seeds)
		if i == 0 {
			out = retrieval.Model{Features: m.Features, Mean: m.Mean, Scale: m.Scale, Linear: make([]float64, len(m.Linear)), Hidden: [][]float64{}, Output: []float64{}}
		}
		for k, w := range m.Linear {
			out.Linear[k] += w * share
		}
		for u := range m.Hidden {
			out.Hidden = append(out.Hidden, m.Hidden[u])
			out.Output = append(out.Output, m.Output[u]*share)
		}
		out.Bias += m.Bias * share
	}
	return out
}

func writeModels(path string, m *retrieval.Models) error {
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}
