package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"footnote/retrieval"
	"footnote/retrieval/words"
)

// A linear model cannot learn which of two features differ, hidden units can.
func TestTrainingLearnsWhatALinearModelCannot(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var data []verdict
	for range 400 {
		a, b := random.IntN(2), random.IntN(2)
		data = append(data, verdict{features: []float64{float64(a), float64(b)}, yes: a != b, weight: 1})
	}
	right := func(hidden int) float64 {
		m := trainVerdicts([]string{"a", "b"}, data, recipe{hidden: hidden, epochs: 60, rate: 0.02, seed: 1})
		n := 0
		for _, d := range data {
			if (m.Score(d.features) > 0) == d.yes {
				n++
			}
		}
		return float64(n) / float64(len(data))
	}
	if got := right(6); got < 0.99 {
		t.Errorf("with hidden units %.2f are right", got)
	}
	if got := right(0); got > 0.8 {
		t.Errorf("a linear model is right in %.2f: the test shows nothing", got)
	}
}

func TestTrainingPrefersTheRightCandidate(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 1))
	var data []choice
	for range 200 {
		var c choice
		best := random.IntN(5)
		for i := range 5 {
			noise := random.Float64()
			signal := random.Float64() * 0.5
			if i == best {
				signal += 0.5
			}
			c.features = append(c.features, []float64{noise, signal})
			c.right = append(c.right, i == best)
		}
		data = append(data, c)
	}
	m := trainChoices([]string{"noise", "signal"}, data, recipe{epochs: 20, rate: 0.02, seed: 1})
	if math.Abs(m.Linear[0]) > 0.3*m.Linear[1] {
		t.Errorf("weights of noise and signal: %v", m.Linear)
	}
	if again := trainChoices([]string{"noise", "signal"}, data, recipe{epochs: 20, rate: 0.02, seed: 1}); !slices.Equal(m.Linear, again.Linear) {
		t.Error("the same seed gives another model")
	}
}

func TestAnEnsembleScoresTheMeanOfItsModels(t *testing.T) {
	names := []string{"a"}
	one := func(r recipe) retrieval.Model {
		return retrieval.Model{
			Features: names, Mean: []float64{0}, Scale: []float64{1}, Linear: []float64{float64(r.seed)},
			Hidden: [][]float64{{1, 0}}, Output: []float64{float64(r.seed)}, Bias: float64(r.seed),
		}
	}
	run := &trainingRun{seeds: 3}
	both := run.ensemble(recipe{}, one)
	want := 0.0
	for seed := range uint64(3) {
		m := one(recipe{seed: seed + 1})
		want += m.Score([]float64{0.7}) / 3
	}
	if got := both.Score([]float64{0.7}); math.Abs(got-want) > 1e-9 {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAnotherWordingKeepsTheFunctionWordsAndChangesTheRest(t *testing.T) {
	const question = "How many refineries were built near the harbour in 1931?"
	r := newReworder()
	if first, again := r.reword(question, 0), r.reword(question, 0); first != again {
		t.Error("the same question gets two wordings")
	}
	for _, kept := range []string{"How many", "were", "the", "in 1931?"} {
		if got := r.reword(question, 0); !strings.Contains(got, kept) {
			t.Errorf("%q lost %q", got, kept)
		}
	}
	if got := foreign(question); !strings.Contains(got, "多少") || !strings.Contains(got, "1931") || strings.Contains(got, "refiner") ||
		foreign("a refinery") != foreign("a refineries") {
		t.Errorf("in another language: %q", got)
	}
}

func TestAllButTheTopRemovesMeanAndDominantDirection(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	vectors := make([][]float64, 500)
	for i := range vectors {
		along := random.NormFloat64() * 20
		vectors[i] = []float64{5 + along, 3 + along + random.NormFloat64(), random.NormFloat64()}
	}
	allButTheTop(vectors, 1)
	var mean, spread [3]float64
	for _, v := range vectors {
		for d, x := range v {
			mean[d] += x / 500
			spread[d] += x * x / 500
		}
	}
	for d := range mean {
		if math.Abs(mean[d]) > 0.01 || spread[d] > 2 {
			t.Errorf("dimension %d: mean %.3f, spread %.3f", d, mean[d], spread[d])
		}
	}
}

func TestAUROC(t *testing.T) {
	for _, c := range []struct {
		positive, negative []float64
		want               float64
	}{
		{[]float64{2, 3}, []float64{0, 1}, 1},
		{[]float64{0, 1}, []float64{2, 3}, 0},
		{[]float64{1, 1}, []float64{1, 1}, 0.5},
		{[]float64{1, 3}, []float64{2}, 0.5},
	} {
		if got := auroc(c.positive, c.negative); got != c.want {
			t.Errorf("auroc(%v, %v) = %v, want %v", c.positive, c.negative, got, c.want)
		}
	}
}

func TestTheTableOfWordsReadsWhatItWrites(t *testing.T) {
	table := words.English()
	if table.Len() < 40_000 || table.Row("harbour") < 0 || table.Row("qqqq") >= 0 {
		t.Errorf("%d words", table.Len())
	}
}
