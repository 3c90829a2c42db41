package retrieval

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// wordScores say what BM25 gives passages of the scope for a question.
type wordScores interface {
	of(field Field, passage int32) float32
}

// byWords are the passages that BM25 likes best, up to most of them, then those
// that their enrichment is found by: as the store finds them where it knows
// words and answers, else as the lexical index does.
func (ix *Index) byWords(ctx context.Context, q *question, most int) ([]int32, wordScores) {
	sought := ix.lexical.sought(q)
	if ix.storeWords != nil && ix.storeOutage.recent(time.Second) == nil {
		chosen, err := ix.wordsInStore(ctx, sought, most)
		if err == nil {
			ix.wordsOutage.end(ctx)
			return chosen, sought
		}
		if ctx.Err() == nil && !errors.Is(err, ErrUnsettled) {
			ix.wordsOutage.begin(ctx, err)
		}
	}
	scores := ix.lexical.scores(sought)
	for _, s := range scores {
		ix.scope.limit(s)
	}
	chosen := topPassages(scores[Body], most)
	return appendNew(chosen, topPassages(scores[Asked], most/2)), scores
}

func appendNew(chosen, more []int32) []int32 {
	for _, p := range more {
		if !slices.Contains(chosen, p) {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

// A soughtTerm is a word that passages are looked for by.
type soughtTerm struct {
	term   int32
	weight float32
}

// A wordQuery is what is looked for in each field of the passages of an index.
type wordQuery struct {
	index *lexicalIndex
	terms [Fields][]soughtTerm
}

// postings are those of a field; nil where there are none.
func (x *lexicalIndex) postings(f Field) *postings {
	switch {
	case f == Body:
		return &x.inverted
	case x.enriched != nil:
		return &x.enriched.inverted
	}
	return nil
}

// sought is what a question looks for.
func (x *lexicalIndex) sought(q *question) *wordQuery {
	out := &wordQuery{index: x}
	for i := range q.terms {
		t := &q.terms[i]
		if t.known() {
			weight := float32(1)
			if t.surface.kind&compoundForm != 0 {
				weight = 0.5
			}
			out.terms[Body] = append(out.terms[Body], soughtTerm{t.term, weight})
		}
		for _, other := range t.others {
			if other.term >= 0 && int(other.term) < x.bodyTerms {
				out.terms[Body] = append(out.terms[Body], soughtTerm{other.term, 1})
			}
		}
		if x.enriched != nil && t.term >= 0 {
			out.terms[Asked] = append(out.terms[Asked], soughtTerm{t.term, 1})
		}
	}
	return out
}

// allScores are the scores of all passages by field.
type allScores [Fields][]float32

func (s allScores) of(field Field, passage int32) float32 { return s[field][passage] }

// scores are what BM25 gives every passage.
func (x *lexicalIndex) scores(q *wordQuery) (out allScores) {
	for f := range Field(Fields) {
		in := x.postings(f)
		if in == nil {
			continue
		}
		out[f] = make([]float32, len(x.corpus.Passages))
		for _, t := range q.terms[f] {
			in.accumulate(t.term, t.weight, out[f])
		}
	}
	return out
}

// of is what BM25 gives one passage: to the last bit what scores says. That of
// the body is made from the passage's own words, beside those of its sentences,
// so that the postings need not be in memory.
func (q *wordQuery) of(field Field, passage int32) (score float32) {
	in := q.index.postings(field)
	for _, t := range q.terms[field] {
		if field != Body {
			score += t.weight * in.impact(t.term, passage)
		} else if n := q.index.occurrences(t.term, passage); n > 0 {
			score += t.weight * in.impactOf(t.term, passage, n)
		}
	}
	return score
}

// occurrences is how often a term occurs in a passage, weighted by field and
// added up in the order in which the index was made.
func (x *lexicalIndex) occurrences(term, passage int32) (n float32) {
	for _, s := range x.passageSentences(passage) {
		for _, o := range x.tokens[s.first:s.last] {
			if x.words.entries[o.surface()].term == term {
				n++
			}
		}
	}
	context := x.contextTerms(passage)
	title := len(context) - int(x.contextEnds[passage]-x.titles[passage])
	for i, t := range context {
		weight := x.inverted.params.Heading
		if i >= title {
			weight = x.inverted.params.Title
		}
		if t == term {
			n += float32(weight)
		}
	}
	return n
}

// overfetch is how many times as many passages a store is asked for as are
// wanted, since its BM25 is not quite ours.
const overfetch = 2

// wordsInStore are the passages that our BM25 likes best among those that the
// store's does.
func (ix *Index) wordsInStore(ctx context.Context, q *wordQuery, most int) ([]int32, error) {
	var chosen []int32
	for field, wanted := range [Fields]int{most, most / 2} {
		f := Field(field)
		found, err := ix.queryWords(ctx, f, q.terms[f], overfetch*wanted)
		if err != nil {
			return nil, err
		}
		scores := make(map[int32]float32, len(found))
		for _, p := range found {
			scores[p] = q.of(f, p)
		}
		slices.SortFunc(found, func(a, b int32) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
		chosen = appendNew(chosen, found[:min(len(found), wanted)])
	}
	return chosen, nil
}

// queryWords asks the store for passages of the scope.
func (ix *Index) queryWords(ctx context.Context, field Field, terms []soughtTerm, k int) ([]int32, error) {
	if len(terms) == 0 || k <= 0 {
		return nil, nil
	}
	var words []int32
	for _, t := range terms {
		for range int(2 * t.weight) { // 0.5 is 1 of 2
			words = append(words, t.term)
		}
	}
	ids, err := ix.storeWords.QueryWords(ctx, field, words, k, ix.within)
	if err != nil {
		return nil, err
	}
	found := make([]int32, 0, len(ids))
	for _, id := range ids {
		if p, ok := ix.place[id]; ok {
			found = append(found, p)
		}
	}
	return found, nil
}

// storedWords are a passage's words as a store takes them: a word of the
// headings counts as much there as one of the text.
func (x *lexicalIndex) storedWords(passage int32) (words [Fields][]int32) {
	for _, s := range x.passageSentences(passage) {
		for _, o := range x.tokens[s.first:s.last] {
			words[Body] = append(words[Body], x.words.entries[o.surface()].term)
		}
	}
	words[Body] = append(words[Body], x.contextTerms(passage)...)
	if e := x.enriched; e != nil {
		for n := e.bounds[passage]; n < e.bounds[passage+1]; n++ {
			for _, id := range e.tokens[e.questions[n].first:e.questions[n].last] {
				words[Asked] = append(words[Asked], x.words.entries[id].term)
			}
		}
	}
	for _, w := range words {
		slices.Sort(w) // their order would tell what is said
	}
	return words
}
