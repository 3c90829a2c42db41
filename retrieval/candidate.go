package retrieval

import (
	"context"
	"math"
	"slices"
)

// A candidate is a passage that is looked at closely.
type candidate struct {
	passage   int32
	bm25      float64
	enriched  float64 // BM25 of the enrichment
	vector    float64 // cosine of the question's vector and its own
	sentences []match
	hit       uint64 // the question's terms in it, by bit
	beside    uint64 // the question's terms in the passages before and after, by bit
	asked     asked
	features  []float64
	// bonus is added to the score: what vectors say that the models were
	// not trained with.
	bonus float64
	score float64
}

// candidates are the passages that BM25 likes best, up to most of them, then
// those that their enrichment is found by, then those nearest by vector.
func (ix *Index) candidates(ctx context.Context, q *question, neighbors []Neighbor, most int) []candidate {
	chosen, scores := ix.byWords(ctx, q, most)
	similarity, near := ix.near(neighbors, len(chosen) > 0, most)
	for _, p := range near {
		if !slices.Contains(chosen, p) {
			chosen = append(chosen, p)
		}
	}
	lowest := 0.0 // of those known; passages farther away are at most as near
	if len(neighbors) > 0 {
		lowest = neighbors[len(neighbors)-1].Similarity
	}
	out := make([]candidate, len(chosen))
	for i, p := range chosen {
		v, ok := similarity[p]
		if !ok {
			v = lowest
		}
		out[i] = candidate{passage: p, bm25: float64(scores.of(Body, p)), vector: v}
		if ix.lexical.enriched != nil {
			out[i].enriched = float64(scores.of(Asked, p))
		}
	}
	return out
}

// near looks up the neighbors' passages and picks those that are candidates for
// their vectors alone. The built-in vectors are weak: few are, and where no
// passage shares a word with the question only those that are really near.
func (ix *Index) near(neighbors []Neighbor, matched bool, most int) (map[int32]float64, []int32) {
	const floor = 0.3 // cosine
	similarity := make(map[int32]float64, len(neighbors))
	var near []int32
	for _, n := range neighbors {
		p, ok := ix.place[n.ID]
		if !ok {
			continue
		}
		similarity[p] = n.Similarity
		if !ix.trainedVectors() && len(near) < most || len(near) < most/4 && (matched || n.Similarity > floor) {
			near = append(near, p)
		}
	}
	return similarity, near
}

// trainedVectors says whether the vectors are of the embedder that the models
// were trained with.
func (ix *Index) trainedVectors() bool {
	return ix.embedder != nil && ix.embedder.Name() == ix.models.Embedder
}

// defaultVectorWeight is what one standard deviation of similarity adds to a
// passage's log-odds with an embedder that the models were not trained with:
// about as much as the best of their own features.
const defaultVectorWeight = 1.5

// useOtherVectors scores vectors that the models know nothing of: their own
// features of vectors are held at the mean, and each candidate gets a bonus by
// how many standard deviations its similarity is from the candidates' mean.
func (r *ranking) useOtherVectors(models *Models, weight float64) {
	var mean, squares float64
	n := float64(len(r.candidates))
	for i := range r.candidates {
		mean += r.candidates[i].vector / n
	}
	for i := range r.candidates {
		d := r.candidates[i].vector - mean
		squares += d * d / n
	}
	for i := range r.candidates {
		c := &r.candidates[i]
		if squares > 0 {
			c.bonus = weight * (c.vector - mean) / math.Sqrt(squares)
		}
		for f, name := range PassageFeatures {
			if name == "vector" || name == "vector_below_best" {
				c.features[f] = models.Passage.Mean[f]
			}
		}
		c.vector = models.Confidence.Mean[slices.Index(ConfidenceFeatures, "vector")]
	}
}
