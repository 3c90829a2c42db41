package retrieval

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestAModelIsALinearPartBesideAHiddenLayer(t *testing.T) {
	linear := Model{Mean: []float64{1, 0}, Scale: []float64{2, 1}, Linear: []float64{3, -1}, Bias: 0.5}
	for _, test := range []struct {
		name     string
		model    Model
		features []float64
		want     float64
	}{
		{"at the mean", linear, []float64{1, 0}, 0.5},
		{"linear", linear, []float64{2, 4}, 0.5 + 3*2 - 4},
		{"with a hidden unit", Model{
			Mean: []float64{0, 0}, Scale: []float64{1, 1}, Linear: []float64{0, 0},
			Hidden: [][]float64{{1, -2, 0.25}, {0, 0, 1}}, Output: []float64{2, -1},
		}, []float64{3, 1}, 2*math.Tanh(3-2+0.25) - math.Tanh(1)},
		{"without features", Model{Bias: -2}, nil, -2},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.model.Score(test.features); math.Abs(got-test.want) > 1e-12 {
				t.Errorf("it scores %v, want %v", got, test.want)
			}
		})
	}
}

// flat is a model of zeros.
func flat(names []string, hidden int) Model {
	n := len(names)
	m := Model{Features: names, Mean: make([]float64, n), Scale: make([]float64, n), Linear: make([]float64, n), Output: make([]float64, hidden)}
	for range hidden {
		m.Hidden = append(m.Hidden, make([]float64, n+1))
	}
	return m
}

func TestParseModels(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(m *Models)
		want   string // part of the error; "" for none
	}{
		{"that fit", func(*Models) {}, ""},
		{"without a hidden layer", func(m *Models) { m.Sentence = flat(SentenceFeatures, 0) }, ""},
		{"a missing model", func(m *Models) { m.Confidence = Model{} }, "the confidence model: it has 0 features"},
		{"a feature too few", func(m *Models) { m.Passage = flat(PassageFeatures[1:], 2) }, "the passage model: it has"},
		{"other features", func(m *Models) {
			m.Sentence.Features = slices.Clone(SentenceFeatures)
			m.Sentence.Features[3] = "luck"
		}, `the sentence model: its feature 3 is "luck"`},
		{"too few means", func(m *Models) { m.Passage.Mean = m.Passage.Mean[1:] }, "its weights do not fit"},
		{"too few scales", func(m *Models) { m.Passage.Scale = nil }, "its weights do not fit"},
		{"too few weights", func(m *Models) { m.Passage.Linear = m.Passage.Linear[1:] }, "its weights do not fit"},
		{"too few outputs", func(m *Models) { m.Passage.Output = m.Passage.Output[1:] }, "its weights do not fit"},
		{"a hidden unit without its bias", func(m *Models) { m.Passage.Hidden[1] = m.Passage.Hidden[1][1:] }, "a hidden unit has"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := Models{Passage: flat(PassageFeatures, 2), Sentence: flat(SentenceFeatures, 2), Confidence: flat(ConfidenceFeatures, 2)}
			test.change(&m)
			data, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			_, err = ParseModels(data)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
	for _, data := range []string{"", "{", "[]", `{"passage": 3}`, `{"passage": {"mean": ["a"]}}`, "null"} {
		if _, err := ParseModels([]byte(data)); err == nil {
			t.Errorf("%q is read as models", data)
		}
	}
}

func TestTheShippedModelsFitTheProgram(t *testing.T) {
	if _, err := ShippedModels(); err != nil {
		t.Error(err)
	}
}

func FuzzParseModels(f *testing.F) {
	f.Add([]byte(`{"passage":{"features":["bm25"],"mean":[0],"scale":[1],"linear":[1]}}`))
	f.Add(modelsJSON)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseModels(data)
		if err == nil { // then it can be used
			m.Passage.Score(make([]float64, len(PassageFeatures)))
			m.Sentence.Score(make([]float64, len(SentenceFeatures)))
			m.Confidence.Score(make([]float64, len(ConfidenceFeatures)))
		}
	})
}
