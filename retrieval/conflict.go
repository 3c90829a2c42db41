package retrieval

import "footnote/retrieval/words"

// A Conflict is where a question takes for granted what the corpus says
// otherwise: another figure, another name, the opposite.
type Conflict struct {
	// Asked is the question's word, as it stands there.
	Asked string
	// Sentence says it otherwise.
	Sentence Sentence
}

// metElsewhere is the share of the rest of a question that a sentence has to
// meet to contradict it.
const metElsewhere = 0.75

// metOfReasons is that share for a question why something changes in a
// direction that the passage does not speak of.
const metOfReasons = 0.55

// metByOthers is that share where only a name differs: it may be meant, and
// not said.
const metByOthers = 0.85

// conflict looks for a word of the question that the best sentence meets in
// all else, and contradicts. A question that leaves it open ("Is the gap
// narrowing?") takes nothing for granted.
//
// The sentence is left to the caller.
func (ix *Index) conflict(r *ranking) *Conflict {
	if len(r.sentences) == 0 || !r.q.open {
		return nil
	}
	s := &r.sentences[0]
	c := &r.candidates[s.candidate]
	x := ix.lexical
	own := x.sentences[s.match.sentence]
	here := r.matcher.affinities([]sentence{own})
	around := r.matcher.affinities(x.passageSentences(c.passage))
	said := c.hit | c.asked.hit
	met := s.hit | c.asked.hit&r.q.foreign(x)
	for i := range r.q.terms {
		t := &r.q.terms[i]
		if said&(1<<i) != 0 || t.kind&compoundForm != 0 || t.foreign || around[i].kin&(words.Synonym|words.Usual) != 0 || r.q.bounded(t) {
			continue
		}
		rest := r.restMet(i, met, here)
		if r.q.kind == kindReason && rest >= metOfReasons && isChange(t.text) {
			return &Conflict{Asked: r.q.text[t.start:t.end]}
		}
		if rest < metElsewhere {
			continue
		}
		if r.matcher.opposed(i, own) || r.otherFigure(x, i, own) || rest >= metByOthers && t.known() && x.words.isName(t) && s.names > 0 {
			return &Conflict{Asked: r.q.text[t.start:t.end]}
		}
	}
	return nil
}

// isChange recognises words for the direction in which something changes.
// Whoever asks why it does takes the direction for granted.
func isChange(word string) bool {
	base := word
	table, kin := words.English(), words.EnglishKin()
	if row := table.Row(word); row >= 0 {
		base = table.Word(kin.Base(row))
	}
	switch base {
	case "rise", "fall", "increase", "decrease", "grow", "shrink", "widen", "narrow", "improve", "worsen", "strengthen", "weaken", "expand", "contract",
		"accelerate", "slow", "decline", "drop", "climb", "soar", "plunge", "collapse", "double", "halve", "succeed", "fail":
		return true
	}
	return false
}

// bounded says// bounded says whether a word sets a bound or is excluded: "more than 30",
// "since 1980", "other than Delmar". Another one then is no contradiction.
func (q *question) bounded(t *questionTerm) bool {
	const near = 3 // words
	before := fields(q.text[:t.start])
	for _, w := range before[max(0, len(before)-near):] {
		switch w.text {
		case "than", "least", "most", "over", "under", "above", "below", "about", "around", "roughly", "nearly", "almost", "between", "exceed", "exceeds", "exceeding",
			"before", "after", "since", "until", "till", "from", "besides", "except", "excluding", "unlike", "apart":
			return true
		}
	}
	return false
}

// isName says whether a term names one thing: it has a capital, and is none of
// the frequent words of which names of several words, peoples and languages
// consist ("United", "French").
func (v *vocabulary) isName(t *questionTerm) bool {
	const frequent = 2500 // words
	return t.capital && t.kind&(numeral|dateWord|ideograms) == 0 && (t.row < 0 || v.table.Rank(int(t.row)) > frequent)
}

// foreign are the question's terms in a script that the corpus is not in, by
// bit: only what is stored for a passage can meet them.
func (q *question) foreign(x *lexicalIndex) uint64 {
	var out uint64
	for i := range q.terms {
		if q.terms[i].kind&ideograms != 0 && !x.ideographic {
			out |= 1 << i
		}
	}
	return out
}

// inHeadings are the question's terms in a passage's headings and title, by bit.
func (m *matcher) inHeadings(passage int32) uint64 {
	var hit uint64
	for _, term := range m.index.contextTerms(passage) {
		if place, ok := m.place[term]; ok {
			hit |= 1 << place
		}
	}
	return hit
}

// restMet is the share of a question's information, other than one term's,
// that a sentence has in its words or in similar ones; 0 where little else is
// asked.
func (r *ranking) restMet(term int, hit uint64, here []affinity) float64 {
	var met, all float64
	others := 0
	for i := range r.q.terms {
		t := &r.q.terms[i]
		if i == term || t.kind&compoundForm != 0 {
			continue
		}
		others++
		all += t.background
		if hit&(1<<i) != 0 {
			met += t.background
		} else {
			met += t.background * float64(here[i].near)
		}
	}
	if others < 2 {
		return 0
	}
	return share(met, all)
}

// opposed says whether a sentence has the opposite of a term, which the
// question has not.
func (m *matcher) opposed(term int, s sentence) bool {
	for _, o := range m.index.tokens[s.first:s.last] {
		entry := &m.index.words.entries[o.surface()]
		if _, asked := m.place[entry.term]; asked {
			continue
		}
		opposite, asked := false, false
		for j, v := range m.similarities(o.surface(), entry) {
			if m.open[j] == int32(term) {
				opposite = v.kin&(words.Opposite|words.Synonym|words.Usual) == words.Opposite
			} else {
				asked = asked || v.kin&words.Synonym != 0 // "rise or fall"
			}
		}
		if opposite && !asked {
			return true
		}
	}
	return false
}

// otherFigure says whether a sentence has, for a figure or a month of the
// question, another of its sort: a year for a year, a month for a month, or a
// figure before the same word.
func (r *ranking) otherFigure(x *lexicalIndex, term int, s sentence) bool {
	t := &r.q.terms[term]
	if t.kind&numeral == 0 && !isMonth(t.text) {
		return false
	}
	unit := int32(-1)
	for n, i := range r.q.sequence {
		if int(i) == term && n+1 < len(r.q.sequence) {
			unit = r.q.terms[r.q.sequence[n+1]].term
		}
	}
	tokens := x.tokens[s.first:s.last]
	for n, o := range tokens {
		entry := &x.words.entries[o.surface()]
		if _, asked := r.matcher.place[entry.term]; asked {
			continue
		}
		switch {
		case isMonth(t.text):
			if isMonth(string(x.words.surfaces.at(o.surface()))) {
				return true
			}
		case entry.kind&numeral == 0:
		case t.kind&yearForm != 0:
			if entry.kind&yearForm != 0 {
				return true
			}
		case unit >= 0 && n+1 < len(tokens) && x.words.entries[tokens[n+1].surface()].term == unit:
			return true
		}
	}
	return false
}
