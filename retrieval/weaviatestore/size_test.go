package weaviatestore

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
	"footnote/retrieval/words"
)

var sizes = flag.String("sizes", "", "how many vectors to measure with, such as 10000,100000")

// Above some thousands Weaviate finds nearly all of the nearest, and this says
// how many, and how fast. The vectors are of pairs of English words: as unevenly
// spread as those of passages are.
func TestSizes(t *testing.T) {
	if *sizes == "" {
		t.Skip("-sizes names none")
	}
	c := newCluster(t, 1)
	for _, size := range strings.Split(*sizes, ",") {
		t.Run(size, func(t *testing.T) {
			var n int
			if _, err := fmt.Sscan(size, &n); err != nil {
				t.Fatal(err)
			}
			c.measure(t, n)
		})
	}
}

func (c *cluster) measure(t *testing.T, n int) {
	points := pairs(t, n)
	g := retrieval.Generation{Corpus: fmt.Sprint(n), Embedder: "pairs", Dimensions: len(points[0].Vector)}
	began := time.Now()
	ours := mustWrite(t, c.place(t)(), g, points)
	took := time.Since(began)
	theirs := mustWrite(t, chromemstore.New("", slog.New(slog.DiscardHandler)), g, points)

	questions := readQuestions(t, "../../bot/eval/testdata/report/report.jsonl")
	asked, err := embed.NewStatic().Embed(t.Context(), questions)
	if err != nil {
		t.Fatal(err)
	}
	const k = 100
	same, times, otherTimes := map[int]int{}, []time.Duration{}, []time.Duration{}
	for range 4 { // the first is not counted: caches are cold
		clear(same)
		for _, q := range asked {
			got, fast := timed(t, ours, q, k)
			want, slow := timed(t, theirs, q, k)
			times, otherTimes = append(times, fast), append(otherTimes, slow)
			for _, top := range []int{10, k} {
				for _, id := range want[:top] {
					if slices.Contains(got[:min(top, len(got))], id) {
						same[top]++
					}
				}
			}
		}
	}
	t.Logf("%d vectors of %d dimensions: written in %s; of the nearest 10 and 100 the same %.2f%% and %.2f%%",
		n, g.Dimensions, took.Round(time.Millisecond), 10*float64(same[10])/float64(len(asked)), float64(same[k])/float64(len(asked)))
	t.Logf("a query, p50 and p95: %s and %s; chromemstore %s and %s; Weaviate takes %d MB",
		quantile(times, 0.5), quantile(times, 0.95), quantile(otherTimes, 0.5), quantile(otherTimes, 0.95), c.Nodes[0].Memory())
}

func timed(t *testing.T, v retrieval.Vectors, vector []float32, k int) ([]string, time.Duration) {
	t.Helper()
	began := time.Now()
	found, err := v.Query(context.Background(), vector, k)
	if err != nil {
		t.Fatal(err)
	}
	return ids(found), time.Since(began)
}

func quantile(all []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[int(q*float64(len(sorted)-1))].Round(10 * time.Microsecond)
}

func pairs(t *testing.T, n int) []retrieval.Point {
	t.Helper()
	table := words.English()
	texts := make([]string, n)
	for i := range texts {
		texts[i] = table.Word(i%table.Len()) + " " + table.Word(i*7919%table.Len())
	}
	vectors, err := embed.NewStatic().Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	points := make([]retrieval.Point, n)
	for i := range points {
		points[i] = retrieval.Point{ID: fmt.Sprint(i), Vector: vectors[i]}
	}
	return points
}
