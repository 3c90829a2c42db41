package eval

import "math"

// An outcome pairs how sure the bot was with whether it was right. It is
// never right about a question that the corpus does not answer.
type outcome struct {
	confidence float64
	right      bool
}

// A Bin holds the answers whose confidence lies in [From, To); the last bin
// includes 1.
type Bin struct {
	From       float64 `json:"from"`
	To         float64 `json:"to"`
	Count      int     `json:"count"`
	Confidence float64 `json:"confidence"` // mean; 0 when empty
	Accuracy   float64 `json:"accuracy"`   // share that was right; 0 when empty
}

// Calibration says how far confidence can be taken at its word.
type Calibration struct {
	// Error is the expected calibration error, in [0,1]: the mean distance
	// of a bin's confidence from its accuracy, weighted by count.
	Error float64 `json:"expected_error"`
	Bins  []Bin   `json:"bins"`
}

const bins = 10

func calibrate(outcomes []outcome) Calibration {
	c := Calibration{Bins: make([]Bin, bins)}
	for _, o := range outcomes {
		b := &c.Bins[min(max(int(o.confidence*bins), 0), bins-1)]
		b.Count++
		b.Confidence += o.confidence
		if o.right {
			b.Accuracy++
		}
	}
	for i := range c.Bins {
		b := &c.Bins[i]
		b.From, b.To = float64(i)/bins, float64(i+1)/bins
		if b.Count == 0 {
			continue
		}
		n := float64(b.Count)
		c.Error += math.Abs(b.Confidence-b.Accuracy) / float64(len(outcomes))
		b.Confidence, b.Accuracy = round(b.Confidence/n, 4), round(b.Accuracy/n, 4)
	}
	c.Error = round(c.Error, 4)
	return c
}
