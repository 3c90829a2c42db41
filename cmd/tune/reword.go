package main

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/kljensen/snowball/english"

	"footnote/retrieval"
	"footnote/retrieval/words"
)

// A reworder asks questions in other words, so that the models learn what to
// rely on when a question shares few words with its answer: it replaces words
// by ones of similar meaning.
type reworder struct {
	table *words.Table
	near  map[string][]string
}

func newReworder() *reworder {
	return &reworder{table: words.English(), near: map[string][]string{}}
}

// replaced is the share of words that are replaced.
const replaced = 0.5

// reword is deterministic: the same question gives the same wording.
func (r *reworder) reword(question string) string {
	seed := uint64(len(question))
	for i := range len(question) {
		seed = seed*1099511628211 + uint64(question[i])
	}
	random := rand.New(rand.NewPCG(seed, 7))
	var out strings.Builder
	done := 0
	retrieval.Tokenize(question, func(t retrieval.Token) {
		const functionWords = 300 // the most frequent words hold the question together
		row := r.table.Row(t.Surface)
		if t.Compound || t.Start < done || row < 0 || r.table.Rank(row) < functionWords || random.Float64() > replaced {
			return
		}
		if near := r.neighbors(t.Surface, row); len(near) > 0 {
			out.WriteString(question[done:t.Start])
			out.WriteString(near[random.IntN(len(near))])
			done = t.End
		}
	})
	out.WriteString(question[done:])
	return out.String()
}

// neighbors are the words nearest in meaning that are not of the same stem.
func (r *reworder) neighbors(word string, row int) []string {
	if known, ok := r.near[word]; ok {
		return known
	}
	type scored struct {
		row    int
		cosine float32
	}
	const count, threshold = 6, 0.45
	var best []scored
	for other := range r.table.Len() {
		if c := r.table.Cosine(row, other); c > threshold && other != row {
			best = append(best, scored{other, c})
		}
	}
	slices.SortFunc(best, func(a, b scored) int { return cmp.Compare(b.cosine, a.cosine) })
	var out []string
	for _, s := range best {
		if w := r.table.Word(s.row); len(out) < count && english.Stem(w, false) != english.Stem(word, false) {
			out = append(out, w)
		}
	}
	r.near[word] = out
	return out
}

func same(question string) string { return question }

// foreign puts a question in a language of its own: every word that carries
// meaning becomes one that no document has, the same for the same stem. What
// is left to find the answer by are the figures, a few names, and questions in
// that language.
func foreign(question string) string {
	var out strings.Builder
	done := 0
	table := words.English()
	retrieval.Tokenize(question, func(t retrieval.Token) {
		const functionWords, keptNames = 300, 4 // one name in four stays
		row := table.Row(t.Surface)
		if t.Compound || t.Start < done || t.Surface[0] < 'a' || t.Surface[0] > 'z' || row >= 0 && table.Rank(row) < functionWords {
			return
		}
		hash := fnv.New64a()
		hash.Write([]byte(english.Stem(t.Surface, false)))
		code := hash.Sum64()
		if t.Capital && code%keptNames == 0 {
			return
		}
		out.WriteString(question[done:t.Start])
		out.WriteString("qx")
		for range 7 {
			out.WriteByte('a' + byte(code%26))
			code /= 26
		}
		done = t.End
	})
	out.WriteString(question[done:])
	return out.String()
}
