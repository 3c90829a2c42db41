package retrieval

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// How many candidates are looked at closely.
const (
	passageCandidates  = 40 // passages, by BM25 and by vectors
	sentencePassages   = 8  // passages whose sentences compete to be quoted
	vectorCandidates   = 100
	sentenceCandidates = 24 // sentences reported in a Result
)

// PassageFeatures name what the passage model sees, in order.
var PassageFeatures = []string{
	"bm25", "bm25_of_best", "sentence_bm25", "sentence_of_best", "cover", "background", "sentence_cover",
	"sentence_background", "pairs", "window", "soft", "sentence_soft", "vector", "vector_below_best",
	"typed", "near", "specific", "focus", "length", "first", "sort", "unmet",
	"asked", "asked_below_best", "enriched_bm25", "enriched",
	"meaning", "meaning_below_best", "asked_meaning", "asked_meaning_below_best",
	"asked_cover", "asked_cover_below_best", "opposed", "sister",
	"asked_soft", "asked_soft_below_best", "asked_soft_cover", "beside",
}

// SentenceFeatures name what the sentence model sees, in order.
var SentenceFeatures = []string{
	"bm25", "bm25_of_best", "cover", "background", "pairs", "soft", "specific", "focus", "novel", "typed", "near",
	"person_name", "date", "number", "cause", "which_name", "before", "after", "window", "passage_below_best", "passage_first",
	"passage_cover", "length", "leading", "pronoun", "list", "quotation_saying", "title_person", "definition_leading",
	"sort", "unmet", "words_met", "asked_here", "asked_elsewhere",
	"meaning", "meaning_below_best", "asked_meaning_here", "opposed", "sister", "soft_typed", "asked_soft_here",
}

// A ranking is everything that a search computes; the training command reads
// its features.
type ranking struct {
	q          *question
	matcher    *matcher
	candidates []candidate
	sentences  []rankedSentence
}

type rankedSentence struct {
	match
	candidate int // in ranking.candidates
	features  []float64
	score     float64
}

// examine compares the question with every candidate's sentences.
func (r *ranking) examine(x *lexicalIndex) {
	for i := range r.candidates {
		c := &r.candidates[i]
		first, last := x.bounds[c.passage], x.bounds[c.passage+1]
		c.sentences = make([]match, 0, last-first)
		for n := first; n < last; n++ {
			m := r.matcher.sentence(c.passage, n)
			c.hit |= m.hit
			c.sentences = append(c.sentences, m)
		}
		c.hit |= r.matcher.inHeadings(c.passage)
		c.beside = r.matcher.neighborHits(c.passage)
		c.asked = r.matcher.askedBefore(c.passage)
	}
}

// sums adds up the weights of a set of terms.
func (q *question) sums(hit uint64) (information, background, specific float64) {
	for rest := hit; rest != 0; rest &= rest - 1 {
		t := &q.terms[bits.TrailingZeros64(rest)]
		information += t.idf
		background += t.background
		if t.specific() {
			specific += t.background
		}
	}
	return information, background, specific
}

// passageFeatures fills every candidate's features.
func (r *ranking) passageFeatures(x *lexicalIndex) {
	top := struct{ bm25, sentence, vector, asked, enriched, meaning, askedMeaning, askedCover, askedSoft float64 }{vector: -1}
	for i := range r.candidates {
		c := &r.candidates[i]
		top.bm25 = max(top.bm25, c.bm25)
		top.vector = max(top.vector, c.vector)
		top.asked = max(top.asked, c.asked.score)
		top.enriched = max(top.enriched, c.enriched)
		top.askedCover = max(top.askedCover, c.asked.cover)
		top.askedSoft = max(top.askedSoft, c.asked.soft)
		top.askedMeaning = max(top.askedMeaning, c.asked.meaning)
		for j := range c.sentences {
			top.sentence = max(top.sentence, c.sentences[j].bm25)
			top.meaning = max(top.meaning, c.sentences[j].meaning)
		}
	}
	for i := range r.candidates {
		c := &r.candidates[i]
		var best struct{ bm25, covered, background, pairs, soft, typed, near, focus, window, sort, meaning float64 }
		unmet, opposed, sister := 1.5, 1.0, 1.0
		for j := range c.sentences {
			s := &c.sentences[j]
			best.bm25 = max(best.bm25, s.bm25)
			best.covered = max(best.covered, s.covered)
			best.background = max(best.background, s.background)
			best.pairs = max(best.pairs, s.pairs)
			best.soft = max(best.soft, s.soft)
			best.typed = max(best.typed, s.typed*s.background)
			best.near = max(best.near, s.near*s.background)
			best.focus = max(best.focus, s.focus)
			best.meaning = max(best.meaning, s.meaning)
			best.sort = max(best.sort, s.sort*s.background)
			unmet = min(unmet, s.unmet)
			opposed, sister = min(opposed, s.opposed+1-s.soft), min(sister, s.sister+1-s.soft)
			if j > 0 {
				both, _, _ := r.q.sums(s.hit | c.sentences[j-1].hit)
				best.window = max(best.window, share(both, r.q.information))
			}
		}
		best.window = max(best.window, best.covered)
		information, background, specific := r.q.sums(c.hit)
		length := 0
		for _, s := range x.passageSentences(c.passage) {
			length += int(s.last - s.first)
		}
		c.features = []float64{
			share(c.bm25, r.q.information*(x.inverted.params.K1+1)),
			share(c.bm25, top.bm25),
			best.bm25,
			share(best.bm25, top.sentence),
			share(information, r.q.information),
			share(background, r.q.background),
			best.covered,
			best.background,
			best.pairs,
			best.window,
			r.softShare(c),
			best.soft,
			c.vector,
			c.vector - top.vector,
			best.typed,
			best.near,
			share(specific, r.matcher.specific),
			best.focus,
			math.Log(float64(1 + length)),
			flag(c.passage == 0 || x.corpus.Passages[c.passage-1].Document != x.corpus.Passages[c.passage].Document),
			best.sort,
			unmet,
			c.asked.score,
			c.asked.score - top.asked,
			share(c.enriched, top.enriched),
			flag(x.enriched != nil),
			best.meaning,
			best.meaning - top.meaning,
			c.asked.meaning,
			c.asked.meaning - top.askedMeaning,
			c.asked.cover,
			c.asked.cover - top.askedCover,
			opposed,
			sister,
			c.asked.soft,
			c.asked.soft - top.askedSoft,
			c.asked.softCover,
			r.besideShare(c),
		}
	}
}

// besideShare is the share of the question's information that the passages
// before and after have and this one lacks: what a short passage is about may
// stand above it.
func (r *ranking) besideShare(c *candidate) float64 {
	extra, _, _ := r.q.sums(c.beside &^ c.hit)
	return share(extra, r.q.information)
}

// softShare is the background share of the passage's words, and half of what
// its best sentence adds by words of similar meaning.
func (r *ranking) softShare(c *candidate) float64 {
	_, background, _ := r.q.sums(c.hit)
	own := share(background, r.q.background)
	best := own
	for j := range c.sentences {
		best = max(best, min(1, own+(c.sentences[j].soft-c.sentences[j].background)/2))
	}
	return best
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// rankPassages scores the candidates and sorts them, best first.
func (r *ranking) rankPassages(model *Model) {
	for i := range r.candidates {
		c := &r.candidates[i]
		c.score = model.Score(c.features) + c.bonus
	}
	slices.SortStableFunc(r.candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.passage, b.passage))
	})
}

// sentenceFeatures lists the sentences of the best passages with their features.
func (r *ranking) sentenceFeatures(x *lexicalIndex) {
	n := min(len(r.candidates), sentencePassages)
	var top match // the best of each
	for i := range r.candidates[:n] {
		for j := range r.candidates[i].sentences {
			top.bm25 = max(top.bm25, r.candidates[i].sentences[j].bm25)
			top.meaning = max(top.meaning, r.candidates[i].sentences[j].meaning)
		}
	}
	for i := range r.candidates[:n] {
		c := &r.candidates[i]
		for j := range c.sentences {
			s := &c.sentences[j]
			r.sentences = append(r.sentences, rankedSentence{match: *s, candidate: i})
			at := &r.sentences[len(r.sentences)-1]
			at.features = r.features(x, i, j, &top)
		}
	}
}

// features are what the sentence model sees of sentence j of candidate i.
func (r *ranking) features(x *lexicalIndex, i, j int, top *match) []float64 {
	c := &r.candidates[i]
	s := &c.sentences[j]
	passage, _, _ := r.q.sums(c.hit)
	own := &x.sentences[s.sentence]
	beside := func(at int) float64 {
		if at < 0 || at >= len(c.sentences) {
			return 0
		}
		extra, _, _ := r.q.sums(c.sentences[at].hit &^ s.hit)
		return share(extra, r.q.information)
	}
	before, after := beside(j-1), beside(j+1)
	kindIs := func(k kind) float64 { return flag(r.q.kind == k) }
	trait := func(t traits) float64 { return flag(own.traits&t != 0) }
	return []float64{
		s.bm25,
		share(s.bm25, top.bm25),
		s.covered,
		s.background,
		s.pairs,
		s.soft,
		s.specific,
		s.focus,
		s.novel,
		s.typed,
		s.near,
		kindIs(kindPerson) * flag(s.names > 0),
		kindIs(kindDate) * trait(hasDate),
		(kindIs(kindNumber) + kindIs(kindDuration)) * trait(hasNumber),
		kindIs(kindReason) * trait(hasCause),
		(kindIs(kindWhich) + kindIs(kindPlace)) * math.Min(s.names, 2),
		before,
		after,
		s.covered + max(before, after),
		c.score - r.candidates[0].score,
		flag(i == 0),
		share(passage, r.q.information),
		math.Log(float64(1 + own.last - own.first)),
		flag(j == 0),
		trait(startsWithPronoun),
		trait(hasList),
		flag(r.q.saying) * trait(hasQuotation),
		kindIs(kindPerson) * trait(hasTitle),
		kindIs(kindDefinition) * flag(j == 0),
		s.sort,
		s.unmet,
		float64(bits.OnesCount64(s.hit)),
		c.asked.score * flag(c.asked.byWords == int32(j)),
		c.asked.score * flag(c.asked.byWords >= 0 && c.asked.byWords != int32(j)),
		s.meaning,
		s.meaning - top.meaning,
		c.asked.meaning * flag(c.asked.byMeaning == int32(j)),
		s.opposed,
		s.sister,
		s.typed * s.soft,
		c.asked.soft * flag(c.asked.bySoftWords == int32(j)),
	}
}

// rankSentences scores the sentences and sorts them, best first.
func (r *ranking) rankSentences(model *Model) {
	for i := range r.sentences {
		r.sentences[i].score = model.Score(r.sentences[i].features)
	}
	slices.SortStableFunc(r.sentences, func(a, b rankedSentence) int { return cmp.Compare(b.score, a.score) })
}
