package retrieval

import (
	"context"

	"footnote/corpus"
)

// Features are what the models see of one question; the training command
// reads them. Passages are in the order that the passage model gave them, and
// the features of sentences and of the confidence depend on that order.
type Features struct {
	Passages   []PassageSample
	Sentences  []SentenceSample
	Confidence []float64 // as named by ConfidenceFeatures
}

// A PassageSample is a candidate passage.
type PassageSample struct {
	Passage  corpus.Passage
	Features []float64 // as named by PassageFeatures
}

// A SentenceSample is a candidate sentence.
type SentenceSample struct {
	Sentence Sentence
	Features []float64 // as named by SentenceFeatures
}

// Features runs a search and returns what its models saw.
func (ix *Index) Features(ctx context.Context, query string) (out *Features, err error) {
	defer guardMapped(ix.lexical)(&err)
	corrected, _ := ix.correct(query)
	r, _, err := ix.rank(ctx, corrected, passageCandidates)
	if err != nil {
		return nil, err
	}
	out = &Features{Confidence: r.confidenceFeatures(ix.lexical)}
	for i := range r.candidates {
		c := &r.candidates[i]
		out.Passages = append(out.Passages, PassageSample{ix.corpus.Passages[c.passage], c.features})
	}
	for i := range r.sentences {
		out.Sentences = append(out.Sentences, SentenceSample{ix.sentence(&r.sentences[i]), r.sentences[i].features})
	}
	return out, nil
}

// WithModels returns an index of the same corpus that ranks with other models.
func (ix *Index) WithModels(m *Models) *Index {
	other := *ix
	other.models = m
	return &other
}
