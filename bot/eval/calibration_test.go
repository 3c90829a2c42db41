package eval

import (
	"math"
	"slices"
	"testing"

	"footnote/bot"
)

// given are answers to answerable questions, all with one confidence.
func given(confidence float64, right ...bool) []outcome {
	var out []outcome
	for _, r := range right {
		out = append(out, outcome{confidence: confidence, right: r, answerable: true, answered: true})
	}
	return out
}

func TestCalibration(t *testing.T) {
	nineInTen := []bool{true, true, true, true, true, true, true, true, true, false}
	tests := []struct {
		name                 string
		outcomes             []outcome
		count, right         int
		error, chance, brier float64
	}{
		{"nothing", nil, 0, 0, 0, 0, 0},
		{"sure and right", given(1, true, true), 2, 2, 0, 0, 0},
		{"sure and wrong", given(1, false, false), 2, 0, 1, 0, 1},
		{"nine in ten", given(.9, nineInTen...), 10, 9, 0, 2 * .1 * math.Pow(.9, 10), .9*.01 + .1*.81},
		{"a coin", given(.5, true, false), 2, 1, 0, .25, .25},
		{"one coin", given(.5, true), 1, 1, .5, .5, .25},
		{"within a bin errors cancel", slices.Concat(given(.52, true), given(.58, false)), 2, 1, .05, (.2016*1.1 + .4968*.1 + .3016*.9) / 2, (.48*.48 + .58*.58) / 2},
		{"across bins they do not", slices.Concat(given(.45, true), given(.55, false)), 2, 1, .55, .495, .3025},
		{"boastful", slices.Concat(given(1, false), given(.95, false), given(.05, false), given(.02, true)), 4, 1,
			(1.95 + .93) / 4, (.95*.05 + .05*.95 + .931*.07 + .068*.93 + .001*1.93) / 4, (1 + .9025 + .0025 + .9604) / 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := calibrate(tt.outcomes)
			if c.Count != tt.count || c.Right != tt.right {
				t.Errorf("%d of %d right, want %d of %d", c.Right, c.Count, tt.right, tt.count)
			}
			for name, f := range map[string][2]float64{
				"error": {c.Error, tt.error}, "error if calibrated": {c.ErrorIfCalibrated, tt.chance}, "Brier score": {c.Brier, tt.brier},
			} {
				if math.Abs(f[0]-f[1]) > 5.1e-5 {
					t.Errorf("%s = %v, want %v", name, f[0], f[1])
				}
			}
		})
	}
}

func TestBinsHoldTheirLowerEdgeAndTheLastHoldsOne(t *testing.T) {
	for confidence, want := range map[float64]int{0: 0, .0999: 0, .1: 1, .3: 3, .6: 6, .7: 7, .8999: 8, .9: 9, 1: 9, -.1: 0, 1.1: 9} {
		c := calibrate(given(confidence, true))
		if len(c.Bins) != 10 {
			t.Fatalf("%d bins", len(c.Bins))
		}
		for i, b := range c.Bins {
			if (b.Count == 1) != (i == want) {
				t.Errorf("confidence %v: bin %v–%v holds %d", confidence, b.From, b.To, b.Count)
			}
		}
	}
	c := calibrate(slices.Concat(given(.02, true), given(.05, false)))
	if got, want := c.Bins[0], (Bin{From: 0, To: .1, Count: 2, Confidence: .035, Accuracy: .5, Low: .0945, High: .9055}); got != want {
		t.Errorf("bin %+v, want %+v", got, want)
	}
	if got, want := c.Bins[1], (Bin{From: .1, To: .2, High: 1}); got != want {
		t.Errorf("an empty bin %+v, want %+v", got, want)
	}
}

// The intervals are those of Newcombe 1998, table I, method 3.
func TestWilson(t *testing.T) {
	tests := []struct {
		right, count int
		low, high    float64
	}{
		{81, 263, .2553, .3662},
		{15, 148, .0624, .1605},
		{0, 20, 0, .1611},
		{1, 29, .0061, .1718},
		{20, 20, .8389, 1},
		{0, 0, 0, 1},
	}
	for _, tt := range tests {
		if low, high := wilson(tt.right, tt.count); low != tt.low || high != tt.high {
			t.Errorf("%d of %d: %v–%v, want %v–%v", tt.right, tt.count, low, high, tt.low, tt.high)
		}
	}
}

// Each sort of question and what became of it, in a suite of one document.
func TestReliabilityIsOfTheAnswersGiven(t *testing.T) {
	answerable := Question{ID: "a", Kind: "fact", Answers: []string{"Ada"}}
	near, far := Question{ID: "n", Kind: "near", Refuse: true}, Question{ID: "f", Kind: "far", Refuse: true}
	silent := bot.Answer{Refused: true, Text: "The report does not say. Ada.", Confidence: .1}
	failed := bot.Answer{}
	says := func(text string, confidence float64) bot.Answer {
		return bot.Answer{Text: text, Confidence: confidence}
	}
	tests := []struct {
		name                             string
		question                         Question
		answer                           bot.Answer
		answers, right, answerable       int
		refused, refusedAnswerable       int
		answersError, answersBrierByHand float64
	}{
		{"right", answerable, says("It was ADA.", .9), 1, 1, 1, 0, 0, .1, .01},
		{"wrong", answerable, says("It was Bob.", .9), 1, 0, 1, 0, 0, .9, .81},
		{"refused", answerable, silent, 0, 0, 0, 1, 1, 0, 0},
		{"failed", answerable, failed, 0, 0, 0, 0, 0, 0, 0},
		{"near, answered", near, says("It was Ada.", .6), 1, 0, 0, 0, 0, .6, .36},
		{"near, refused", near, silent, 0, 0, 0, 1, 0, 0, 0},
		{"far, answered", far, says("It was Ada.", .3), 1, 0, 0, 0, 0, .3, .09},
		{"far, refused", far, silent, 0, 0, 0, 1, 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newTally()
			s.add("a.txt", tt.question, tt.answer, func(string) (string, bool) { return "", false })
			result := s.result("suite", 0)
			r := result.Reliability
			got := [5]int{r.Answers.Count, r.Answers.Right, r.Answerable.Count, r.Refused, r.RefusedAnswerable}
			if want := [5]int{tt.answers, tt.right, tt.answerable, tt.refused, tt.refusedAnswerable}; got != want {
				t.Errorf("answers, right, to answerable, refused, refused answerable: %v, want %v", got, want)
			}
			if r.Answerable.Right != r.Answers.Right {
				t.Errorf("%d right of the answerable, %d of all", r.Answerable.Right, r.Answers.Right)
			}
			if r.Answers.Error != tt.answersError || r.Answers.Brier != tt.answersBrierByHand {
				t.Errorf("error %v and Brier score %v, want %v and %v", r.Answers.Error, r.Answers.Brier, tt.answersError, tt.answersBrierByHand)
			}
			if (result.ECE == nil) != (tt.answers == 0) || (result.Brier == nil) != (tt.answers == 0) {
				t.Errorf("ECE %v, Brier %v of %d answers", result.ECE, result.Brier, tt.answers)
			}
		})
	}
}

// For every weight of the unanswerable questions up to the suite's own, what
// is right in a bin lies between the two curves.
func TestTheTwoCurvesBracketEveryMixture(t *testing.T) {
	wrong := outcome{confidence: .85, answered: true}
	answerable := given(.85, true, true, true, false)
	whole := reliability(append(slices.Clone(answerable), wrong, wrong, wrong))
	low, high := whole.Answers.Bins[8].Accuracy, whole.Answerable.Bins[8].Accuracy
	for n := range 4 {
		mixed := reliability(append(slices.Clone(answerable), slices.Repeat([]outcome{wrong}, n)...))
		if a := mixed.Answers.Bins[8].Accuracy; a < low || a > high {
			t.Errorf("%d unanswerable questions: %v is not in %v–%v", n, a, low, high)
		}
	}
}
