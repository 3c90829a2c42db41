// Package embed turns texts into vectors.
package embed

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"

	"footnote/retrieval"
	"footnote/retrieval/words"
)

// Static is the built-in embedder: it needs no key, no network and no model
// server. A text's vector is the sum of its words' static vectors, rare words
// weighing more (smooth inverse frequency: Arora, Liang and Ma, "A Simple but
// Tough-to-Beat Baseline for Sentence Embeddings", 2017). A word without a
// vector, a name or a misspelling mostly, gets one from its character
// trigrams, so that the same or nearly the same word still meets itself.
//
// It is a pure function of the text and safe for concurrent use.
type Static struct{ table *words.Table }

// NewStatic returns the built-in embedder.
func NewStatic() *Static { return &Static{table: words.English()} }

// Name identifies the embedder and its data.
func (s *Static) Name() string { return fmt.Sprintf("static-glove-%d-v1", s.table.Dimensions()) }

// Dimensions is the length of every vector.
func (s *Static) Dimensions() int { return s.table.Dimensions() }

// Embed returns a unit vector for each text, a zero vector for one without words.
func (s *Static) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, text := range texts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[i] = s.vector(text)
	}
	return out, nil
}

func (s *Static) vector(text string) []float32 {
	sum := make([]float32, s.table.Dimensions())
	retrieval.Tokenize(text, func(t retrieval.Token) {
		if !t.Compound {
			s.addWord(sum, t.Surface)
		}
	})
	normalise(sum)
	return sum
}

func (s *Static) addWord(sum []float32, word string) {
	row := s.table.Row(word)
	if row < 0 {
		addTrigrams(sum, word)
		return
	}
	s.table.AddTo(sum, row)
}

// addTrigrams adds a unit vector made of a pseudo-random sign vector for each
// character trigram of a word.
func addTrigrams(sum []float32, word string) {
	marked := []rune("^" + word + "$")
	own := make([]float32, len(sum))
	for i := 0; i+3 <= len(marked) || i == 0; i++ {
		hash := fnv.New64a()
		hash.Write([]byte(string(marked[i:min(i+3, len(marked))])))
		bits := hash.Sum64()
		for d := range own {
			if d%64 == 0 {
				bits = mix(bits + uint64(d))
			}
			if bits>>(d%64)&1 == 1 {
				own[d]++
			} else {
				own[d]--
			}
		}
	}
	normalise(own)
	for d, v := range own {
		sum[d] += v
	}
}

// mix is the finaliser of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func normalise(v []float32) {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return
	}
	scale := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= scale
	}
}
