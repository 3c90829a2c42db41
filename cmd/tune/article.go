package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"footnote/bot/eval"
	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
)

// An article is one document of a suite with its questions and its index.
type article struct {
	name      string
	document  corpus.Document
	questions []eval.Question
	index     *retrieval.Index
	// enriched are the same index enriched with one half of the article's
	// answerable questions, each to answer the other half; foreign are the
	// same with the questions in another language.
	enriched, foreign [2]*retrieval.Index
	reworder          *reworder
	choices           map[string]choice // by wording and index: what the passage model sees
}

func loadArticles(ctx context.Context, folder string) ([]*article, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no suite", folder)
	}
	r := newReworder()
	var out []*article
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		questions, err := eval.Parse(file, data)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(file, ".jsonl") + ".txt"
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		a := &article{
			name: filepath.Base(name), document: corpus.Plain(filepath.Base(name), string(text)), questions: questions, choices: map[string]choice{}, reworder: r,
		}
		if a.index, err = openIndex(ctx, a.document, retrieval.Enrichments{}); err != nil {
			return nil, err
		}
		for half := range a.enriched {
			if a.enriched[half], err = openIndex(ctx, a.document, a.half(half, same)); err != nil {
				return nil, err
			}
			if a.foreign[half], err = openIndex(ctx, a.document, a.half(half, foreign)); err != nil {
				return nil, err
			}
		}
		out = append(out, a)
	}
	return out, nil
}

// half is an enrichment for the answerable questions that are not in one half:
// that half's questions, and every second of the others in other words, since a
// good enrichment foresees about half of what is asked; each in several
// wordings, as a good one has them.
func (a *article) half(which int, wording func(string) string) retrieval.Enrichments {
	out := retrieval.Enrichments{}
	passages := corpus.Segment(a.document)
	for n, s := range a.answerable() {
		var texts []string
		if s.half == which {
			texts = append(texts, s.question.Text)
		} else if n%4 < 2 {
			continue
		}
		for variant := 1; variant <= storedWordings; variant++ { // none as it is asked
			texts = append(texts, a.reworder.reword(s.question.Text, variant))
		}
		for i := range passages {
			if within(s.evidence[0], passages[i].Start, passages[i].End) {
				key := retrieval.TextKey(passages[i].Text)
				e := out[key]
				for _, text := range texts {
					e.Questions = append(e.Questions, retrieval.ExpectedQuestion{Text: wording(text), Sentence: s.sentenceIn(passages[i])})
				}
				out[key] = e
			}
		}
	}
	return out
}

// storedWordings is how many other wordings of a question an enrichment has.
const storedWordings = 3

// sentenceIn is which sentence of a passage holds the answer, from 1; 0 if none does.
func (s sample) sentenceIn(p corpus.Passage) int {
	for i, span := range corpus.Sentences(p.Text) {
		if slices.ContainsFunc(s.answers, func(e corpus.Span) bool { return within(e, p.Start+span.Start, p.Start+span.End) }) {
			return i + 1
		}
	}
	return 0
}

func openIndex(ctx context.Context, d corpus.Document, e retrieval.Enrichments) (*retrieval.Index, error) {
	c, err := corpus.New(d)
	if err != nil {
		return nil, err
	}
	return retrieval.Open(ctx, c, retrieval.Options{
		Store: chromemstore.New("", slog.New(slog.DiscardHandler)), Embedder: embed.NewStatic(), Models: blank(), Enrichments: e,
	})
}

// blank are models that rank by BM25, to start from.
func blank() *retrieval.Models {
	zero := func(names []string, by string) retrieval.Model {
		m := retrieval.Model{Features: names, Mean: make([]float64, len(names)), Scale: make([]float64, len(names)), Linear: make([]float64, len(names))}
		for i, name := range names {
			m.Scale[i] = 1
			if name == by {
				m.Linear[i] = 1
			}
		}
		return m
	}
	return &retrieval.Models{
		Embedder:   embed.NewStatic().Name(),
		Passage:    zero(retrieval.PassageFeatures, "bm25"),
		Sentence:   zero(retrieval.SentenceFeatures, "bm25"),
		Confidence: zero(retrieval.ConfidenceFeatures, "cover"),
	}
}

// evidenceSpans are where the question's answers stand in the document, inside
// its evidence.
func (a *article) evidenceSpans(q eval.Question) (evidence, answers []corpus.Span) {
	for _, e := range q.Evidence {
		at := strings.Index(a.document.Text, e)
		if at < 0 {
			continue
		}
		evidence = append(evidence, corpus.Span{Start: at, End: at + len(e)})
		for _, s := range q.Answers {
			if i := strings.Index(strings.ToLower(e), strings.ToLower(s)); i >= 0 {
				answers = append(answers, corpus.Span{Start: at + i, End: at + i + len(s)})
			}
		}
	}
	return evidence, answers
}

func within(s corpus.Span, start, end int) bool { return s.Start >= start && s.End <= end }

func holds(p corpus.Passage, spans []corpus.Span) bool {
	return slices.ContainsFunc(spans, func(e corpus.Span) bool { return within(e, p.Start, p.End) })
}

// A sample is a question with what it should have found.
type sample struct {
	article  *article
	question eval.Question
	half     int // which half of the article's questions it is in
	evidence []corpus.Span
	answers  []corpus.Span
}

func (a *article) answerable() []sample {
	var out []sample
	for _, q := range a.questions {
		if q.Refuse {
			continue
		}
		if evidence, answers := a.evidenceSpans(q); len(evidence) > 0 {
			out = append(out, sample{a, q, len(out) % 2, evidence, answers})
		}
	}
	return out
}

type passageGroup struct {
	passage corpus.Block
	samples []sample
}

// byPassage groups the answerable questions by the block that answers them.
func (a *article) byPassage() []passageGroup {
	var out []passageGroup
	for _, b := range a.document.Blocks {
		g := passageGroup{passage: b}
		for _, s := range a.answerable() {
			if len(s.evidence) == 1 && within(s.evidence[0], b.Start, b.End) {
				g.samples = append(g.samples, s)
			}
		}
		if len(g.samples) > 0 {
			out = append(out, g)
		}
	}
	return out
}
