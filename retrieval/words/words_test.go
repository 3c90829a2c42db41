package words_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"footnote/retrieval/words"
)

func TestEveryWordIsFoundInItsRow(t *testing.T) {
	table := words.English()
	if table.Len() < 40_000 || table.Dimensions() != 100 {
		t.Fatalf("%d words of %d dimensions", table.Len(), table.Dimensions())
	}
	last := ""
	for row := range table.Len() {
		word := table.Word(row)
		if word <= last || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("row %d is %q, after %q", row, word, last)
		}
		if got := table.Row(word); got != row {
			t.Errorf("%q is found in row %d, not %d", word, got, row)
		}
		last = word
	}
}

func TestAnUnknownWordHasNoRow(t *testing.T) {
	for _, word := range []string{"", "quuxify", "The", "the ", "zzzzzzzzz", "a b", "大模", "\xff", "1740", strings.Repeat("a", 1000)} {
		if row := words.English().Row(word); row != -1 {
			t.Errorf("%q is found in row %d", word, row)
		}
	}
}

func TestRowsOfAPrefix(t *testing.T) {
	table := words.English()
	total := 0
	for c := 'a'; c <= 'z'; c++ {
		first, last := table.Rows(string(c))
		for row := first; row < last; row++ {
			if !strings.HasPrefix(table.Word(row), string(c)) {
				t.Fatalf("%q is among the words with %c", table.Word(row), c)
			}
		}
		total += last - first
	}
	if total != table.Len() {
		t.Errorf("%d words of %d begin with a letter", total, table.Len())
	}
	if first, last := table.Rows("qzx"); first != last {
		t.Errorf("%d words begin with qzx", last-first)
	}
	if first, last := table.Rows(""); first != 0 || last != table.Len() {
		t.Errorf("rows %d to %d begin with nothing", first, last)
	}
}

func TestRanksAreAPermutation(t *testing.T) {
	table := words.English()
	seen := make([]bool, table.Len())
	for row := range table.Len() {
		rank := table.Rank(row)
		if rank >= len(seen) || seen[rank] {
			t.Fatalf("%q has rank %d, out of range or twice", table.Word(row), rank)
		}
		seen[rank] = true
	}
	if rank := table.Rank(table.Row("the")); rank != 0 {
		t.Errorf("the rank of \"the\" is %d", rank)
	}
}

func TestRareWordsSayMore(t *testing.T) {
	table := words.English()
	var all []string
	for _, word := range []string{"the", "company", "language", "baroque", "quuxify"} {
		all = append(all, word)
		p, idf := table.Probability(table.Row(word)), table.IDF(table.Row(word))
		if p <= 0 || p >= 1 || math.Abs(math.Exp(-idf)-p) > 1e-12 {
			t.Errorf("%q has the probability %v and the idf %v", word, p, idf)
		}
	}
	if !slices.IsSortedFunc(all, func(a, b string) int { return cmp.Compare(table.IDF(table.Row(a)), table.IDF(table.Row(b))) }) {
		t.Errorf("by idf, %q are out of order", all)
	}
	var sum float64
	for row := range table.Len() {
		sum += table.Probability(row)
	}
	if sum < 0.5 || sum > 1 {
		t.Errorf("the probabilities add up to %v", sum)
	}
}

func TestCosine(t *testing.T) {
	table := words.English()
	random := rand.New(rand.NewPCG(1, 0))
	for range 20_000 {
		a, b := random.IntN(table.Len()), random.IntN(table.Len())
		got := float64(table.Cosine(a, b))
		if math.IsNaN(got) || got < -1.0001 || got > 1.0001 || math.Abs(float64(table.Cosine(b, a))-got) > 1e-6 {
			t.Fatalf("%q and %q: %v, and %v the other way", table.Word(a), table.Word(b), got, table.Cosine(b, a))
		}
		var dot, x, y float64
		for i, v := range table.Vector(a) {
			w := table.Vector(b)[i]
			dot, x, y = dot+float64(v)*float64(w), x+float64(v)*float64(v), y+float64(w)*float64(w)
		}
		if want := dot / math.Sqrt(x*y); math.Abs(got-want) > 1e-5 {
			t.Fatalf("%q and %q: %v, want %v", table.Word(a), table.Word(b), got, want)
		}
	}
	for row := range table.Len() {
		if n := table.InverseNorm(row); !(n > 0) || math.IsInf(float64(n), 0) {
			t.Fatalf("%q has the inverse norm %v", table.Word(row), n)
		}
		if c := table.Cosine(row, row); c != 1 {
			t.Fatalf("%q and itself: %v", table.Word(row), c)
		}
	}
}

func TestNearWordsMeanTheSame(t *testing.T) {
	table := words.English()
	for word, want := range map[string]string{"king": "queen", "paris": "france", "buy": "purchase", "physician": "doctor", "three": "four"} {
		row := table.Row(word)
		wanted := table.Cosine(row, table.Row(want))
		var nearer []string
		for other := range table.Len() {
			if other != row && table.Cosine(row, other) > wanted {
				nearer = append(nearer, table.Word(other))
			}
		}
		if len(nearer) > 15 {
			t.Errorf("nearer to %q than %q are %q", word, want, nearer)
		}
	}
}

func BenchmarkRow(b *testing.B) {
	table := words.English()
	list := []string{"language", "model", "the", "quuxify", "manufacturers", "october"}
	for n := 0; b.Loop(); n++ {
		table.Row(list[n%len(list)])
	}
}

func BenchmarkCosine(b *testing.B) {
	table := words.English()
	x, y := table.Row("language"), table.Row("model")
	for b.Loop() {
		table.Cosine(x, y)
	}
}
