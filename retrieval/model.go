package retrieval

import (
	"encoding/json"
	"fmt"
	"math"
)

// A Model scores a vector of features: a linear part and one hidden layer of
// tanh units beside it. With no hidden units it is a linear model.
type Model struct {
	// Features name the inputs, in order.
	Features []string `json:"features"`
	// Mean and Scale standardise each input: (x-mean)*scale.
	Mean  []float64 `json:"mean"`
	Scale []float64 `json:"scale"`
	// Linear has a weight for each input.
	Linear []float64 `json:"linear"`
	// Hidden has, for each unit, a weight for each input, then its bias;
	// Output has a weight for each unit.
	Hidden [][]float64 `json:"hidden"`
	Output []float64   `json:"output"`
	Bias   float64     `json:"bias"`
}

// Score is the model's output, a log-odds up to a constant.
func (m *Model) Score(features []float64) float64 {
	var buffer [80]float64
	x := buffer[:len(features)]
	for i, v := range features {
		x[i] = (v - m.Mean[i]) * m.Scale[i]
	}
	score := m.Bias
	for i, w := range m.Linear {
		score += w * x[i]
	}
	for u, weights := range m.Hidden {
		sum := weights[len(x)]
		for i, v := range x {
			sum += weights[i] * v
		}
		score += m.Output[u] * math.Tanh(sum)
	}
	return score
}

// Models are the three models that ranking uses.
type Models struct {
	// Embedder is whose vectors the models were trained with.
	Embedder string `json:"embedder"`
	// Passage ranks passages, Sentence the sentences of the best ones;
	// Confidence estimates whether the corpus answers at all.
	Passage    Model `json:"passage"`
	Sentence   Model `json:"sentence"`
	Confidence Model `json:"confidence"`
	// Enriched are the models for a corpus that has an enrichment, where the
	// questions stored for a passage say more than its words; nil where they
	// are the same.
	Enriched *Models `json:"enriched,omitempty"`
}

// Of are the models for a corpus with or without an enrichment.
func (m *Models) Of(enriched bool) *Models {
	if enriched && m.Enriched != nil {
		return m.Enriched
	}
	return m
}

// ParseModels reads models from JSON and checks them against the features that
// this program computes.
func ParseModels(data []byte) (*Models, error) {
	var m Models
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("reading the ranking models: %w", err)
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	if m.Enriched != nil {
		if err := m.Enriched.check(); err != nil {
			return nil, fmt.Errorf("the models for enriched corpora: %w", err)
		}
	}
	return &m, nil
}

func (m *Models) check() error {
	for _, part := range []struct {
		name  string
		model *Model
		names []string
	}{
		{"passage", &m.Passage, PassageFeatures},
		{"sentence", &m.Sentence, SentenceFeatures},
		{"confidence", &m.Confidence, ConfidenceFeatures},
	} {
		if err := part.model.check(part.names); err != nil {
			return fmt.Errorf("the %s model: %w", part.name, err)
		}
	}
	return nil
}

func (m *Model) check(names []string) error {
	if len(m.Features) != len(names) {
		return fmt.Errorf("it has %d features, the program %d", len(m.Features), len(names))
	}
	for i, name := range names {
		if m.Features[i] != name {
			return fmt.Errorf("its feature %d is %q, the program's %q", i, m.Features[i], name)
		}
	}
	n := len(names)
	if len(m.Mean) != n || len(m.Scale) != n || len(m.Linear) != n || len(m.Hidden) != len(m.Output) {
		return fmt.Errorf("its weights do not fit its %d features", n)
	}
	for _, unit := range m.Hidden {
		if len(unit) != n+1 {
			return fmt.Errorf("a hidden unit has %d weights instead of %d", len(unit), n+1)
		}
	}
	return nil
}
