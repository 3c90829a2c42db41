package retrieval

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

func FuzzTheBestPassages(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed, uint16(seed*131), uint8(seed*7))
	}
	f.Fuzz(func(t *testing.T, seed uint64, passages uint16, k uint8) {
		random := rand.New(rand.NewPCG(seed, 0))
		scores := make([]float32, passages)
		var want []int32
		for p := range scores {
			switch random.IntN(4) {
			case 0:
				scores[p] = random.Float32() * 20
			case 1:
				scores[p] = float32(random.IntN(4)) // many are equally good
			}
			if scores[p] > 0 {
				want = append(want, int32(p))
			}
		}
		slices.SortStableFunc(want, func(a, b int32) int { return cmp.Compare(scores[b], scores[a]) })
		want = want[:min(len(want), int(k))]
		if got := topPassages(scores, int(k)); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}
