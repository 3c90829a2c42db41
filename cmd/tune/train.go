package main

import (
	"math"
	"math/rand/v2"

	"footnote/retrieval"
)

// A choice is one question's candidates, of which some are right. Training
// raises the probability of the right ones among all (a listwise softmax).
type choice struct {
	features [][]float64
	right    []bool
}

// A case is one question with a yes-or-no outcome, for the confidence.
type verdict struct {
	features []float64
	yes      bool
	weight   float64
}

// recipe holds the settings of a training run.
type recipe struct {
	hidden int     // tanh units; 0 trains a linear model
	epochs int     // passes over the questions
	rate   float64 // Adam's step
	decay  float64 // weight decay
	seed   uint64
}

// trainChoices fits a model to choose.
func trainChoices(names []string, data []choice, how recipe) retrieval.Model {
	var rows [][]float64
	for _, c := range data {
		rows = append(rows, c.features...)
	}
	t := newTrainer(names, rows, how)
	order := rand.New(rand.NewPCG(how.seed, 1))
	for epoch := range how.epochs {
		t.setRate(epoch)
		for _, i := range order.Perm(len(data)) {
			t.learnChoice(data[i])
		}
	}
	return t.model()
}

// trainVerdicts fits a model to tell yes from no.
func trainVerdicts(names []string, data []verdict, how recipe) retrieval.Model {
	rows := make([][]float64, len(data))
	for i := range data {
		rows[i] = data[i].features
	}
	t := newTrainer(names, rows, how)
	order := rand.New(rand.NewPCG(how.seed, 1))
	for epoch := range how.epochs {
		t.setRate(epoch)
		for n, i := range order.Perm(len(data)) {
			d := &data[i]
			out := t.forward(d.features)
			target := 0.0
			if d.yes {
				target = 1
			}
			t.backward(d.features, (1/(1+math.Exp(-out))-target)*d.weight)
			if n%16 == 15 {
				t.step()
			}
		}
		t.step()
	}
	return t.model()
}

// A trainer holds parameters in one flat slice: the linear weights, then for
// each hidden unit its input weights, bias and output weight, then the bias.
type trainer struct {
	names       []string
	mean, scale []float64
	how         recipe
	p, grad     []float64
	m, v        []float64 // Adam's moments
	steps       float64
	rate        float64
	hidden      []float64 // activations of the last forward pass
	x           []float64 // its standardised input
}

func newTrainer(names []string, rows [][]float64, how recipe) *trainer {
	n := len(names)
	t := &trainer{names: names, how: how, mean: make([]float64, n), scale: make([]float64, n), hidden: make([]float64, how.hidden), x: make([]float64, n)}
	for i := range n {
		var sum, squares float64
		for _, row := range rows {
			sum += row[i]
		}
		t.mean[i] = sum / float64(len(rows))
		for _, row := range rows {
			squares += (row[i] - t.mean[i]) * (row[i] - t.mean[i])
		}
		if deviation := math.Sqrt(squares / float64(len(rows))); deviation > 1e-6 {
			t.scale[i] = 1 / deviation
		}
	}
	size := n + how.hidden*(n+2) + 1
	t.p, t.grad, t.m, t.v = make([]float64, size), make([]float64, size), make([]float64, size), make([]float64, size)
	random := rand.New(rand.NewPCG(how.seed, 2))
	for i := n; i < size-1; i++ {
		t.p[i] = random.NormFloat64() * 0.5 / math.Sqrt(float64(n))
	}
	return t
}

// setRate lowers the step to nothing over the run, by a cosine.
func (t *trainer) setRate(epoch int) {
	t.rate = t.how.rate * (0.02 + 0.98*0.5*(1+math.Cos(math.Pi*float64(epoch)/float64(t.how.epochs))))
}

func (t *trainer) forward(features []float64) float64 {
	n := len(t.names)
	out := t.p[len(t.p)-1]
	for i, f := range features {
		t.x[i] = (f - t.mean[i]) * t.scale[i]
		out += t.p[i] * t.x[i]
	}
	for u := range t.hidden {
		w := t.p[n+u*(n+2):]
		sum := w[n]
		for i, x := range t.x {
			sum += w[i] * x
		}
		t.hidden[u] = math.Tanh(sum)
		out += w[n+1] * t.hidden[u]
	}
	return out
}

// backward adds the gradient of the loss by the output, at the given features.
func (t *trainer) backward(features []float64, slope float64) {
	t.forward(features)
	n := len(t.names)
	for i, x := range t.x {
		t.grad[i] += slope * x
	}
	for u, h := range t.hidden {
		w, g := t.p[n+u*(n+2):], t.grad[n+u*(n+2):]
		inner := slope * w[n+1] * (1 - h*h)
		for i, x := range t.x {
			g[i] += inner * x
		}
		g[n] += inner
		g[n+1] += slope * h
	}
	t.grad[len(t.grad)-1] += slope
}

func (t *trainer) learnChoice(c choice) {
	scores := make([]float64, len(c.features))
	top := math.Inf(-1)
	for i, f := range c.features {
		scores[i] = t.forward(f)
		top = max(top, scores[i])
	}
	var all, right float64
	for i, s := range scores {
		scores[i] = math.Exp(s - top)
		all += scores[i]
		if c.right[i] {
			right += scores[i]
		}
	}
	if right == 0 || right == all {
		return
	}
	for i, f := range c.features {
		slope := scores[i] / all
		if c.right[i] {
			slope -= scores[i] / right
		}
		if math.Abs(slope) > 1e-4 {
			t.backward(f, slope)
		}
	}
	t.step()
}

// step is one of Adam (Kingma and Ba, 2015) with decoupled weight decay.
func (t *trainer) step() {
	const b1, b2, epsilon = 0.9, 0.999, 1e-8
	t.steps++
	c1, c2 := 1-math.Pow(b1, t.steps), 1-math.Pow(b2, t.steps)
	for i, g := range t.grad {
		t.m[i] = b1*t.m[i] + (1-b1)*g
		t.v[i] = b2*t.v[i] + (1-b2)*g*g
		t.p[i] -= t.rate * (t.m[i]/c1/(math.Sqrt(t.v[i]/c2)+epsilon) + t.how.decay*t.p[i])
		t.grad[i] = 0
	}
}

func (t *trainer) model() retrieval.Model {
	n := len(t.names)
	m := retrieval.Model{
		Features: t.names, Mean: rounded(t.mean), Scale: rounded(t.scale), Linear: rounded(t.p[:n]),
		Hidden: [][]float64{}, Output: []float64{}, Bias: rounded(t.p[len(t.p)-1:])[0],
	}
	for u := range t.hidden {
		w := rounded(t.p[n+u*(n+2) : n+(u+1)*(n+2)])
		m.Hidden = append(m.Hidden, w[:n+1])
		m.Output = append(m.Output, w[n+1])
	}
	return m
}

// rounded keeps five significant digits: enough, and the file stays readable.
func rounded(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		if x == 0 {
			continue
		}
		unit := math.Pow(10, 4-math.Floor(math.Log10(math.Abs(x))))
		out[i] = math.Round(x*unit) / unit
	}
	return out
}
