package retrieval

import (
	"math"
)

// ConfidenceFeatures name what the confidence model sees, in order. All of
// them are about the best sentence, the best passage, or the question and the
// corpus as a whole.
var ConfidenceFeatures = []string{
	"cover", "background", "soft", "pairs", "specific", "focus", "typed", "near", "bm25",
	"passage_cover", "passage_background", "passage_specific", "passage_soft", "passage_pairs", "heading",
	"missing", "missing_most", "missing_specific", "passage_score", "sentence_score", "passage_margin", "sentence_margin",
	"sentence_share", "terms", "vector", "asked_number", "asked_person", "asked_date", "asked_reason", "asked_definition", "typed_asked",
	"unmet_most", "unmet_specific", "window", "sort", "unmet", "asked", "enriched", "meaning", "asked_meaning", "asked_cover",
}

// confidenceFeatures describes how well the best evidence meets the question.
func (r *ranking) confidenceFeatures(x *lexicalIndex) []float64 {
	out := make([]float64, len(ConfidenceFeatures))
	q := r.q
	if len(r.candidates) == 0 || len(r.sentences) == 0 || len(q.terms) == 0 {
		out[15], out[16] = 1, 1
		return out
	}
	s := &r.sentences[0]
	c := &r.candidates[s.candidate]
	information, background, specific := q.sums(c.hit)
	missing, most, missingSpecific := q.missingShares()
	unmetMost, unmetSpecific := q.unmet(c.hit)
	margin := 4.0
	if len(r.candidates) > 1 {
		margin = r.candidates[0].score - r.candidates[1].score
	}
	sentenceMargin := 4.0
	if len(r.sentences) > 1 {
		sentenceMargin = s.score - r.sentences[1].score
	}
	var exponentials float64
	for i := range r.sentences {
		exponentials += math.Exp(r.sentences[i].score - s.score)
	}
	pairs, window := s.pairs, s.covered
	for i := range c.sentences {
		pairs = max(pairs, c.sentences[i].pairs)
		if i > 0 {
			both, _, _ := q.sums(c.sentences[i].hit | c.sentences[i-1].hit)
			window = max(window, share(both, q.information))
		}
	}
	asked := func(k kind) float64 { return flag(q.kind == k) }
	return []float64{
		s.covered, s.background, s.soft, s.pairs, s.specific, s.focus, s.typed, s.near, s.bm25,
		share(information, q.information), share(background, q.background), share(specific, r.matcher.specific),
		r.softShare(c), pairs, c.heading,
		missing, most, missingSpecific,
		r.candidates[0].score, s.score, min(margin, 8), min(sentenceMargin, 8),
		1 / exponentials,
		math.Log(float64(1 + len(q.terms))),
		c.vector,
		asked(kindNumber), asked(kindPerson), asked(kindDate), asked(kindReason), asked(kindDefinition),
		flag(s.typed > 0 || q.kind == kindOther || q.kind >= kindReason),
		unmetMost, unmetSpecific, window, s.sort, s.match.unmet, c.asked.score, flag(x.enriched != nil), s.match.meaning, c.asked.meaning, c.asked.cover,
	}
}

// missingShares weighs the question's words that the corpus lacks: their share
// of its background information, the heaviest of them (in nats, over 10), and
// the share of them that are names or numbers.
func (q *question) missingShares() (all, most, specific float64) {
	var sum, named float64
	for i := range q.terms {
		t := &q.terms[i]
		if t.known() {
			continue
		}
		sum += t.background
		most = max(most, t.background/10)
		if t.specific() {
			named += t.background
		}
	}
	return share(sum, q.background), most, share(named, q.background)
}

// unmet weighs what the best passage lacks of the question: the heaviest word,
// and the heaviest name or number (in nats, over 10).
func (q *question) unmet(hit uint64) (most, specific float64) {
	for i := range q.terms {
		t := &q.terms[i]
		if hit&(1<<i) != 0 || t.kind&compoundForm != 0 {
			continue
		}
		most = max(most, t.background/10)
		if t.specific() {
			specific = max(specific, t.background/10)
		}
	}
	return most, specific
}

// logistic turns a log-odds into a probability.
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
