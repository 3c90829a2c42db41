package retrieval

import (
	"math"
	"slices"
	"strings"

	"footnote/retrieval/words"
)

// ConfidenceFeatures name what the confidence model sees, in order. All of
// them are about the best sentence, the best passage, or the question and the
// corpus as a whole.
var ConfidenceFeatures = []string{
	"cover", "background", "soft", "pairs", "specific", "focus", "typed", "near", "bm25",
	"passage_cover", "passage_background", "passage_specific", "passage_soft", "passage_pairs",
	"missing", "missing_most", "missing_specific", "passage_score", "sentence_score", "passage_margin", "sentence_margin",
	"sentence_share", "terms", "vector", "asked_number", "asked_person", "asked_date", "asked_reason", "asked_definition", "typed_asked",
	"unmet_most", "unmet_specific", "window", "sort", "unmet", "asked", "enriched", "meaning", "asked_meaning", "asked_cover",
	"opposed", "sister", "opposed_in_passage",
	"names_unmet", "figures_unmet", "rare_unmet", "plain_unmet", "unmet_count",
	"names_absent", "figures_absent", "rare_absent", "plain_absent", "absent_count",
	"names_missing", "figures_missing", "focus_near", "focus_absent", "rival", "rival_soft", "typed_soft", "near_soft",
	"asked_soft", "asked_soft_cover", "beside", "counted_absent", "sort_absent", "untyped",
}

// confidenceFeatures describes how well the best evidence meets the question.
func (r *ranking) confidenceFeatures(x *lexicalIndex) []float64 {
	out := make([]float64, len(ConfidenceFeatures))
	q := r.q
	if len(r.candidates) == 0 || len(r.sentences) == 0 || len(q.terms) == 0 {
		out[slices.Index(ConfidenceFeatures, "missing")], out[slices.Index(ConfidenceFeatures, "missing_most")] = 1, 1
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
	l := r.lacking(x, s, c)
	rival, rivalSoft := r.rival(s)
	return []float64{
		s.covered, s.background, s.soft, s.pairs, s.specific, s.focus, s.typed, s.near, s.bm25,
		share(information, q.information), share(background, q.background), share(specific, r.matcher.specific),
		r.softShare(c), pairs,
		missing, most, missingSpecific,
		r.candidates[0].score, s.score, min(margin, 8), min(sentenceMargin, 8),
		1 / exponentials,
		math.Log(float64(1 + len(q.terms))),
		c.vector,
		asked(kindNumber), asked(kindPerson), asked(kindDate), asked(kindReason), asked(kindDefinition),
		flag(s.typed > 0 || q.kind == kindOther || q.kind >= kindReason),
		unmetMost, unmetSpecific, window, s.sort, s.match.unmet, c.asked.score, flag(x.enriched != nil), s.match.meaning, c.asked.meaning, c.asked.cover,
		s.opposed, s.sister, l.opposed,
		l.unmet[0], l.unmet[1], l.unmet[2], l.unmet[3], l.unmetCount,
		l.absent[0], l.absent[1], l.absent[2], l.absent[3], l.absentCount,
		l.missing[0], l.missing[1], l.focusNear, l.focusAbsent, rival, rivalSoft, s.typed * s.soft, s.near * s.soft,
		c.asked.soft, c.asked.softCover, r.besideShare(c),
		(asked(kindNumber) + asked(kindDuration)) * l.focusAbsent, (asked(kindWhich) + asked(kindPlace)) * l.focusAbsent,
		flag(s.typed == 0 && (q.kind == kindNumber || q.kind == kindDuration || q.kind == kindDate || q.kind == kindPerson)),
	}
}

// A lack is what of the question the best sentence ("unmet"), its passage
// with its enrichment ("absent") and the corpus ("missing") do not have, by class of word: names,
// figures and dates, rare words, plain words; each in nats of background
// information over 8, less what words of similar meaning make up for.
type lack struct {
	unmet, absent, missing  [4]float64
	unmetCount, absentCount float64 // words, over 4
	opposed                 float64 // nats over 8 of words whose opposite the passage has
	// focusNear is how near the sentence comes to the sort of thing asked
	// for, focusAbsent how far from it the passage stays, both in [0,1].
	focusNear, focusAbsent float64
}

func (r *ranking) lacking(x *lexicalIndex, s *rankedSentence, c *candidate) lack {
	const nats, words4 = 8, 4
	var l lack
	here := r.matcher.affinities(x.sentences[s.match.sentence : s.match.sentence+1])
	around := r.matcher.affinities(x.passageSentences(c.passage))
	r.matcher.joinColumns(c.passage, here, around)
	for i := range r.q.terms {
		t := &r.q.terms[i]
		if t.kind&compoundForm != 0 {
			continue
		}
		class, weight, word := t.class(), t.background/nats, 1.0/words4
		if t.kind&ideograms != 0 {
			word /= 2 // a word is in more than one pair
		}
		if s.hit&(1<<i) == 0 {
			l.unmet[class] += weight * float64(1-here[i].near)
			l.unmetCount += float64(1-here[i].near) * word
		}
		if (c.hit|c.asked.hit)&(1<<i) == 0 {
			l.absent[class] += weight * float64(1-around[i].near)
			l.absentCount += float64(1-around[i].near) * word
			if around[i].kin&(words.Opposite|words.Synonym|words.Usual) == words.Opposite {
				l.opposed += weight
			}
		}
		if t.term < 0 { // nor has any enrichment
			l.missing[class] += weight
		}
	}
	for _, f := range r.q.focus {
		l.focusNear = max(l.focusNear, flag(s.hit&(1<<f) != 0), float64(here[f].near))
		l.focusAbsent = max(l.focusAbsent, flag(c.hit&(1<<f) == 0)*float64(1-around[f].near))
	}
	return l
}

// class is which of the lack's four classes a word is of.
func (t *questionTerm) class() int {
	const rare = 4 // nats of background information
	switch {
	case t.kind&(numeral|dateWord|numberWord) != 0:
		return 1
	case t.capital:
		return 0
	case t.background >= rare:
		return 2
	}
	return 3
}

// affinities are, by term, how the words of some sentences are like it.
func (m *matcher) affinities(sentences []sentence) []affinity {
	out := make([]affinity, len(m.q.terms))
	for _, s := range sentences {
		for _, o := range m.index.tokens[s.first:s.last] {
			for j, v := range m.similarities(o.surface(), &m.index.words.entries[o.surface()]) {
				out[m.open[j]].join(v)
			}
		}
		m.shareCharacters(m.index.tokens[s.first:s.last], out)
	}
	return out
}

// joinColumns adds to affinities what the columns of a row are called.
func (m *matcher) joinColumns(passage int32, to ...[]affinity) {
	for _, id := range m.columnWords(passage) {
		for j, v := range m.similarities(id, &m.index.words.entries[id]) {
			for _, out := range to {
				out[m.open[j]].join(v)
			}
		}
	}
}

// farFromHeadings is how far the headings above a passage stay from a word for
// what is asked for, in [0,1].
func (m *matcher) farFromHeadings(passage int32) float64 {
	far := 1.0
	Tokenize(strings.Join(m.index.corpus.Passages[passage].Headings, "\n"), func(t Token) {
		id := m.index.words.surfaces.find(t.Surface)
		if id < 0 {
			return
		}
		for j, v := range m.similarities(id, &m.index.words.entries[id]) {
			if m.isFocus[j] {
				far = min(far, 1-float64(v.near))
			}
		}
	})
	return far
}

// rival is how well a sentence of another passage does: the best one's share
// of the question, in its words and in similar ones, less that of the best
// sentence. Where the corpus answers, its answer stands out.
func (r *ranking) rival(s *rankedSentence) (covered, soft float64) {
	covered, soft = -1, -1
	for i := range r.candidates {
		if i == s.candidate {
			continue
		}
		for j := range r.candidates[i].sentences {
			other := &r.candidates[i].sentences[j]
			covered, soft = max(covered, other.covered-s.covered), max(soft, other.soft-s.soft)
		}
	}
	return covered, soft
}

// missingShares weighs the question's words that the corpus and its enrichment
// lack: their share
// of its background information, the heaviest of them (in nats, over 10), and
// the share of them that are names or numbers.
func (q *question) missingShares() (all, most, specific float64) {
	var sum, named float64
	for i := range q.terms {
		t := &q.terms[i]
		if t.term >= 0 {
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
