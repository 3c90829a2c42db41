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
	kin   *words.Kin
	near  map[string][]string
}

func newReworder() *reworder {
	return &reworder{table: words.English(), kin: words.EnglishKin(), near: map[string][]string{}}
}

// replaced is the share of words that are replaced.
const replaced = 0.5

// reword is deterministic: the same question gives the same wordings.
func (r *reworder) reword(question string, variant int) string {
	seed := uint64(len(question))
	for i := range len(question) {
		seed = seed*1099511628211 + uint64(question[i])
	}
	random := rand.New(rand.NewPCG(seed, uint64(7+variant)))
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

// neighbors are the words nearest in meaning that are not of the same stem, nor
// opposites or others of its class: "fall" does not put "rise" in other words.
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
	kin := map[int]words.Kinship{}
	r.kin.Each(row, func(other int, how words.Kinship) { kin[other] |= how })
	sisters := map[int]bool{}
	r.kin.Classes(row, func(class int) { sisters[class] = true })
	for other := range r.table.Len() {
		c := r.table.Cosine(row, other)
		if c <= threshold || other == row {
			continue
		}
		how := kin[r.kin.Base(other)]
		r.kin.Classes(other, func(class int) {
			if sisters[class] {
				how |= words.Sister
			}
		})
		if how&words.Synonym != 0 || how&(words.Sister|words.Opposite) == 0 {
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

// foreign puts a question in something like Chinese, so that the models learn
// what a question in another language than the document's has to go by: the
// words that carry meaning become two characters each, the same for the same
// stem and unlike any document's, run together; figures and a few names stay.
func foreign(question string) string {
	var out strings.Builder
	table := words.English()
	retrieval.Tokenize(question, func(t retrieval.Token) {
		const functionWords, keptNames = 300, 4 // one name in four stays
		row := table.Row(t.Surface)
		switch {
		case t.Compound:
		case row >= 0 && table.Rank(row) < functionWords:
			out.WriteString(particles[t.Surface])
		case t.Surface[0] < 'a' || t.Surface[0] > 'z':
			out.WriteString(" " + question[t.Start:t.End] + " ")
		default:
			hash := fnv.New64a()
			hash.Write([]byte(english.Stem(t.Surface, false)))
			code := hash.Sum64()
			if t.Capital && code%keptNames == 0 {
				out.WriteString(" " + question[t.Start:t.End] + " ")
				return
			}
			const first, count = 0x4E00, 4000 // of the unified ideographs
			out.WriteRune(rune(first + code%count))
			out.WriteRune(rune(first + code/count%count))
		}
	})
	return out.String()
}

// particles stand for English function words.
var particles = map[string]string{
	"who": "谁", "when": "什么时候", "where": "哪里", "why": "为什么", "how": "多少", "which": "哪个", "what": "什么",
	"of": "的", "is": "是", "in": "在", "and": "和", "was": "了", "did": "了",
}
