package retrieval_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"footnote/retrieval"
)

// knowing is an embedder that understands one question: its vector is that of
// the passage that holds a word. Everything else has a vector of its own.
type knowing struct {
	question, word string
}

func (knowing) Name() string    { return "knowing" }
func (knowing) Dimensions() int { return 16 }

func (k knowing) Embed(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, text := range texts {
		v := make([]float32, k.Dimensions())
		if text == k.question || strings.Contains(text, k.word) {
			v[0] = 1
		} else {
			angle := float64(len(text))
			v[1], v[2] = float32(math.Cos(angle)), float32(math.Sin(angle))
		}
		out[i] = v
	}
	return out, nil
}

// The models were trained with weak vectors. Those of a real model count for
// more: they find what no word leads to.
func TestVectorsOfAnotherEmbedderWeighMore(t *testing.T) {
	const question = "What did the reviewer make of it all?" // no word of the passage
	e := knowing{question: question, word: "Pika"}
	plain := find(t, open(t, reportCorpus(t), retrieval.Options{}), question, 5)
	known := find(t, open(t, reportCorpus(t), retrieval.Options{Embedder: e}), question, 5)
	if strings.Contains(plain.Passages[0].Passage.Text, "Pika") {
		t.Fatal("the built-in vectors find it too: the test shows nothing")
	}
	if !strings.Contains(known.Passages[0].Passage.Text, "Pika") {
		t.Errorf("first is %q", known.Passages[0].Passage.Text)
	}
	weak := find(t, open(t, reportCorpus(t), retrieval.Options{Embedder: e, VectorWeight: 0.001}), question, 5)
	if strings.Contains(weak.Passages[0].Passage.Text, "Pika") {
		t.Error("without weight the vectors decide all the same")
	}
}

// A vector of features that is shorter than the list of their names would give
// every weight behind the gap to the wrong feature.
func TestEveryFeatureHasItsName(t *testing.T) {
	ix := open(t, reportCorpus(t), retrieval.Options{})
	for _, question := range []string{"How many large models were released?", "Who?", ""} {
		f, err := ix.Features(t.Context(), question)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range f.Passages {
			if len(p.Features) != len(retrieval.PassageFeatures) {
				t.Fatalf("a passage has %d features, named are %d", len(p.Features), len(retrieval.PassageFeatures))
			}
		}
		for _, s := range f.Sentences {
			if len(s.Features) != len(retrieval.SentenceFeatures) {
				t.Fatalf("a sentence has %d features, named are %d", len(s.Features), len(retrieval.SentenceFeatures))
			}
		}
		if len(f.Confidence) != len(retrieval.ConfidenceFeatures) {
			t.Fatalf("the confidence has %d features, named are %d", len(f.Confidence), len(retrieval.ConfidenceFeatures))
		}
	}
}
