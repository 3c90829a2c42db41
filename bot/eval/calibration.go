package eval

import "math"

// An outcome pairs how sure the bot was with whether it was right. It is
// never right about a question that the corpus does not answer.
type outcome struct {
	confidence float64
	right      bool
	// What the question was and what became of it. A question that failed
	// was neither answered nor refused.
	answerable        bool
	answered, refused bool
}

// A Bin holds the outcomes whose confidence lies in [From, To); the last bin
// includes 1.
type Bin struct {
	From       float64 `json:"from"`
	To         float64 `json:"to"`
	Count      int     `json:"count"`
	Confidence float64 `json:"confidence"` // mean; 0 when empty
	Accuracy   float64 `json:"accuracy"`   // share that was right; 0 when empty
	// Low and High are the Wilson 95% interval of Accuracy; 0 and 1 when empty.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Calibration says how far confidence can be taken at its word: of outcomes
// with confidence 0.9, nine in ten should be right. Without outcomes its
// figures are 0.
type Calibration struct {
	Count int `json:"count"`
	Right int `json:"right"`
	// Error is the expected calibration error, in [0,1]: the mean distance
	// of a bin's confidence from its accuracy, weighted by count (Naeini et
	// al. 2015; Guo et al. 2017).
	Error float64 `json:"expected_error"`
	// ErrorIfCalibrated is the Error to expect of a bot whose confidences are
	// true. Of few outcomes it is far from 0, so that an Error says little
	// unless it is compared with it.
	ErrorIfCalibrated float64 `json:"expected_error_if_calibrated"`
	// Brier is the mean squared distance of confidence from what happened,
	// 1 for right and 0 for wrong (Brier 1950).
	Brier float64 `json:"brier"`
	Bins  []Bin   `json:"bins"`
}

// Share is the share that was right.
func (c Calibration) Share() float64 { return float64(c.Right) / float64(max(c.Count, 1)) }

// MeanConfidence is the mean confidence of all outcomes.
func (c Calibration) MeanConfidence() float64 {
	sum := 0.0
	for _, b := range c.Bins {
		sum += b.Confidence * float64(b.Count)
	}
	return sum / float64(max(c.Count, 1))
}

const bins = 10

func calibrate(outcomes []outcome) Calibration {
	c := Calibration{Count: len(outcomes), Bins: make([]Bin, bins)}
	confidences := make([][]float64, bins)
	right := make([]int, bins)
	for _, o := range outcomes {
		i := min(max(int(o.confidence*bins), 0), bins-1)
		confidences[i] = append(confidences[i], o.confidence)
		happened := 0.0
		if o.right {
			right[i]++
			happened = 1
		}
		c.Brier += (o.confidence - happened) * (o.confidence - happened)
	}
	for i := range c.Bins {
		b := &c.Bins[i]
		b.From, b.To = float64(i)/bins, float64(i+1)/bins
		b.Count = len(confidences[i])
		b.Low, b.High = wilson(right[i], b.Count)
		if b.Count == 0 {
			continue
		}
		c.Right += right[i]
		sum := 0.0
		for _, p := range confidences[i] {
			sum += p
		}
		c.Error += math.Abs(sum - float64(right[i]))
		c.ErrorIfCalibrated += meanDeviation(confidences[i], sum)
		n := float64(b.Count)
		b.Confidence, b.Accuracy = round(sum/n, 4), round(float64(right[i])/n, 4)
	}
	n := float64(max(len(outcomes), 1))
	c.Error, c.ErrorIfCalibrated, c.Brier = round(c.Error/n, 4), round(c.ErrorIfCalibrated/n, 4), round(c.Brier/n, 4)
	return c
}

// wilson is the 95% interval of a share (Wilson 1927). Unlike the normal
// approximation it holds for few outcomes and for shares of 0 and 1.
func wilson(right, count int) (low, high float64) {
	if count == 0 {
		return 0, 1
	}
	const z = 1.959964 // the 97.5th percentile of the normal distribution
	n, p := float64(count), float64(right)/float64(count)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return round(max(middle-half, 0), 4), round(min(middle+half, 1), 4)
}

// meanDeviation is the mean distance from mean of how many of independent
// events happen, each with its own probability; mean is the sum of these.
func meanDeviation(probabilities []float64, mean float64) float64 {
	// counts[k] is the probability that k of the events so far happen.
	counts := make([]float64, 1, len(probabilities)+1)
	counts[0] = 1
	for _, p := range probabilities {
		p = min(max(p, 0), 1)
		counts = append(counts, 0)
		for k := len(counts) - 1; k > 0; k-- {
			counts[k] = counts[k]*(1-p) + counts[k-1]*p
		}
		counts[0] *= 1 - p
	}
	deviation := 0.0
	for k, p := range counts {
		deviation += p * math.Abs(float64(k)-mean)
	}
	return deviation
}
