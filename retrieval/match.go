package retrieval

import (
	"math"
	"slices"

	"footnote/retrieval/words"
)

// A match is how one sentence meets a question.
type match struct {
	passage             int32
	sentence            int32 // in lexicalIndex.sentences
	bm25                float64
	covered, background float64 // shares of the question's information
	pairs               float64 // share of the question's adjacent pairs
	specific            float64 // share of its names and numbers
	focus               float64 // share of its focus
	soft                float64 // share covered by words of similar meaning
	sort                float64 // nearness of a word to the sort of thing asked for
	unmet               float64 // background of the heaviest word it lacks, in nats over 10
	novel               float64 // share of the sentence that the question did not say
	typed               float64 // whether it offers the kind of answer asked for
	near                float64 // closeness of such an answer to the question's words
	names               float64 // names that the question did not mention, at most 4
	meaning             float64 // cosine of the question's vector and its own
	// opposed and sister are shares of the question's background information
	// in words that it lacks and has an opposite, or another of their class, of.
	opposed, sister float64
	hit             uint64 // the question's terms in it, by bit
}

// A matcher compares a question with sentences. It is used for one search.
type matcher struct {
	index *lexicalIndex
	q     *question
	// place finds a question's term by the corpus's number for it.
	place map[int32]int32
	// similar caches, by surface, how near each open term of the question is.
	similar   map[int32][]affinity
	spare     []affinity // where the next of them are made
	cosines   []float32  // of the word looked at last
	compare   *words.Comparison
	kin       kinship
	open      []int32 // terms that other words can be similar to, by meaning
	rows      []int   // of their words, by place in open
	isFocus   []bool  // by place in open
	pairs     [][2]int32
	pairTotal float64
	specific  float64
	focus     float64
	hits      map[int32]uint64 // terms by passage, for neighbours
	// askedTotal is the question's weight against stored questions.
	askedTotal  float64
	askedWeight []float64           // of each term in it
	askedNear   []float32           // scratch: how near a stored question comes to each term
	vector      []float32           // of the question, of unit length
	columns     map[heading][]int32 // surfaces in the names of a table's columns and above it
	measures    []measure
	periods     []period
}

func newMatcher(x *lexicalIndex, q *question, relations bool) *matcher {
	m := &matcher{askedWeight: make([]float64, len(q.terms)), askedNear: make([]float32, len(q.terms)), index: x, q: q, place: make(map[int32]int32, len(q.terms)), hits: map[int32]uint64{}, similar: make(map[int32][]affinity, 512), vector: q.unitVector(x.words.table)}
	for i := range q.terms {
		t := &q.terms[i]
		if t.term >= 0 {
			m.place[t.term] = int32(i)
			if e := x.enriched; e != nil && t.surface.kind&stopWord == 0 {
				m.askedWeight[i] = float64(e.inverted.idf[t.term])
			}
		} else if x.enriched != nil {
			m.askedWeight[i] = inverseFrequency(len(x.corpus.Passages), 0)
		}
		m.askedTotal += m.askedWeight[i]
		m.openTerm(int32(i), t.surface)
		for _, other := range t.others {
			m.openTerm(int32(i), other)
		}
		if t.specific() {
			m.specific += t.background
		}
	}
	m.compare = x.words.table.Compare(m.rows)
	m.cosines = make([]float32, len(m.rows))
	if relations {
		m.kin = newKinship(m.rows)
	} else {
		m.kin = newKinship(nil)
	}
	for n := 1; n < len(q.sequence); n++ {
		a, b := q.sequence[n-1], q.sequence[n]
		if a == b {
			continue
		}
		m.pairs = append(m.pairs, [2]int32{a, b})
		m.pairTotal += q.terms[a].idf + q.terms[b].idf
	}
	for _, f := range q.focus {
		m.focus += q.terms[f].idf
	}
	m.measures, m.periods = q.measures(), q.periods()
	return m
}

// openTerm lets other words be similar to a term of the question, in one of its
// meanings.
func (m *matcher) openTerm(i int32, s surface) {
	if s.term >= 0 {
		if _, taken := m.place[s.term]; !taken {
			m.place[s.term] = i
		}
	}
	if s.kind&(compoundForm|numeral|ideograms) == 0 {
		m.open = append(m.open, i)
		m.rows = append(m.rows, int(s.row))
		m.isFocus = append(m.isFocus, slices.Contains(m.q.focus, i))
	}
}

// sentence compares the question with one sentence.
func (m *matcher) sentence(passage, number int32) match {
	x := m.index
	s := &x.sentences[number]
	tokens := x.tokens[s.first:s.last]
	out := match{passage: passage, sentence: number}
	var count [maxTerms]uint8
	var soft [maxTerms]affinity
	var order []int32 // the question's terms as they stand in the sentence, -1 for other words
	var buffer [96]int32
	order = buffer[:0]
	novel := 0
	for _, o := range tokens {
		entry := &x.words.entries[o.surface()]
		place, ok := m.place[entry.term]
		if !ok {
			place = -1
			novel++
		} else {
			count[place] = min(count[place]+1, 250)
		}
		if entry.kind&compoundForm == 0 {
			order = append(order, place)
		}
		for j, v := range m.similarities(o.surface(), entry) {
			soft[m.open[j]].join(v)
			if !ok && m.isFocus[j] {
				out.sort = max(out.sort, float64(v.near))
			}
		}
	}
	for _, id := range m.columnWords(passage) { // a row says what its columns are
		entry := &x.words.entries[id]
		if place, ok := m.place[entry.term]; ok {
			count[place] = max(count[place], 1)
		}
		for j, v := range m.similarities(id, entry) {
			soft[m.open[j]].join(v)
		}
	}
	m.meetRanges(passage, s, &count)
	m.meetPeriods(tokens, &count)
	m.shareCharacters(tokens, soft[:])
	m.fill(&out, &count, &soft, len(tokens))
	if len(tokens) > 0 {
		out.novel = float64(novel) / float64(len(tokens))
	}
	out.pairs = m.pairShare(order)
	out.meaning = x.meanings.cosine(int(number), m.vector)
	m.answerType(&out, s, tokens, order)
	return out
}

// A heading is what stands above a row of a table, or an item of a list.
type heading struct{ columns, lead string }

// columnWords are the words in the names of a row's columns, and in what
// introduces its table or list.
func (m *matcher) columnWords(passage int32) []int32 {
	p := &m.index.corpus.Passages[passage]
	if p.Columns == "" && p.Lead == "" {
		return nil
	}
	key := heading{p.Columns, p.Lead}
	words, ok := m.columns[key]
	if ok {
		return words
	}
	Tokenize(p.Columns+"\n"+p.Lead, func(t Token) {
		if id := m.index.words.surfaces.find(t.Surface); id >= 0 && m.index.words.entries[id].kind&stopWord == 0 {
			words = append(words, id)
		}
	})
	if m.columns == nil {
		m.columns = map[heading][]int32{}
	}
	m.columns[key] = words
	return words
}

// fill sums what the counts of the question's terms give.
func (m *matcher) fill(out *match, count *[maxTerms]uint8, soft *[maxTerms]affinity, length int) {
	q, params := m.q, m.index.inverted.params
	const averageSentence = 14 // content words
	scale := params.K1 * (1 - params.B + params.B*float64(length)/averageSentence)
	for i := range q.terms {
		t := &q.terms[i]
		if f := float64(count[i]); f > 0 {
			out.hit |= 1 << i
			out.bm25 += t.idf * f * (params.K1 + 1) / (f + scale)
			out.covered += t.idf
			out.background += t.background
			out.soft += t.background
			if t.specific() {
				out.specific += t.background
			}
			continue
		}
		near := float64(soft[i].near)
		out.soft += t.background * near
		out.unmet = max(out.unmet, t.background*(1-near)/10)
		if soft[i].kin&(words.Synonym|words.Usual) == 0 {
			out.opposed += t.background * flag(soft[i].kin&words.Opposite != 0)
			out.sister += t.background * flag(soft[i].kin&words.Sister != 0)
		}
	}
	for _, f := range q.focus {
		if count[f] > 0 {
			out.focus += q.terms[f].idf
		}
	}
	out.bm25 = share(out.bm25, q.information*(params.K1+1))
	out.covered = share(out.covered, q.information)
	out.background = share(out.background, q.background)
	out.soft = share(out.soft, q.background)
	out.specific = share(out.specific, m.specific)
	out.focus = share(out.focus, m.focus)
	out.opposed = share(out.opposed, q.background)
	out.sister = share(out.sister, q.background)
}

func share(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}

// neighborHits are the question's terms in the passages before and after one,
// of the same document, by bit.
func (m *matcher) neighborHits(passage int32) uint64 {
	var hit uint64
	passages := m.index.corpus.Passages
	for _, n := range []int32{passage - 1, passage + 1} {
		if n < 0 || int(n) >= len(passages) || passages[n].Document != passages[passage].Document {
			continue
		}
		if known, ok := m.hits[n]; ok {
			hit |= known
			continue
		}
		var own uint64
		for _, s := range m.index.passageSentences(n) {
			for _, o := range m.index.tokens[s.first:s.last] {
				if place, ok := m.place[m.index.words.entries[o.surface()].term]; ok {
					own |= 1 << place
				}
			}
		}
		m.hits[n] = own
		hit |= own
	}
	return hit
}

// similarities gives, for each open term, how a surface is like it.
func (m *matcher) similarities(id int32, entry *surface) []affinity {
	if entry.kind&(compoundForm|numeral|ideograms) != 0 || len(m.open) == 0 {
		return nil
	}
	if known, ok := m.similar[id]; ok {
		return known
	}
	const threshold = 0.4 // of the cosine; below it words have little in common
	if len(m.spare) < len(m.open) {
		m.spare = make([]affinity, 256*len(m.open))
	}
	out := m.spare[:len(m.open):len(m.open)]
	m.spare = m.spare[len(m.open):]
	clear(m.cosines)
	if entry.row >= 0 {
		m.compare.Cosines(int(entry.row), m.cosines)
		m.kin.of(int(entry.row), out)
	}
	word := m.index.words.surfaces.at(id)
	for j, i := range m.open {
		t := &m.q.terms[i]
		if t.term == entry.term {
			out[j] = affinity{near: 1}
			continue
		}
		near := max((m.cosines[j]-threshold)/(1-threshold), 0)
		if t.capital || t.kind&dateWord != 0 {
			near = 0 // another name is not nearly the same one, whatever vectors say
		}
		out[j].near = temper(near, out[j].kin)
		if related(word, t.text) {
			out[j].near = max(out[j].near, 0.8)
		}
	}
	m.similar[id] = out
	return out
}

// related recognises words of one family by their beginning: "invade" and
// "invasion", "refine" and "refinery".
func related(a []byte, b string) bool {
	const shortest, tail = 4, 5
	common := 0
	for common < len(a) && common < len(b) && a[common] == b[common] {
		common++
	}
	return common >= shortest && len(a)-common <= tail && len(b)-common <= tail && 2*common > max(len(a), len(b))
}

// pairShare is the share of the question's adjacent pairs that stand, in
// order, at most two words apart.
func (m *matcher) pairShare(order []int32) float64 {
	if m.pairTotal == 0 {
		return 0
	}
	var sum float64
	for _, p := range m.pairs {
		best := 0.0
		for at, term := range order {
			if term != p[0] {
				continue
			}
			for gap := 1; gap <= 3 && at+gap < len(order); gap++ {
				if order[at+gap] == p[1] {
					best = max(best, 1/float64(gap))
				}
			}
		}
		sum += best * (m.q.terms[p[0]].idf + m.q.terms[p[1]].idf)
	}
	return sum / m.pairTotal
}

// answerType looks for the kind of answer that is asked for, and how near it
// stands to the question's words.
func (m *matcher) answerType(out *match, s *sentence, tokens []occurrence, order []int32) {
	x := m.index
	distance := math.MaxInt
	last := -1 << 20
	candidate := -1 << 20
	at := 0
	for n, o := range tokens {
		entry := &x.words.entries[o.surface()]
		if entry.kind&compoundForm != 0 {
			continue
		}
		asked := order[at] >= 0
		if asked {
			last = at
			distance = min(distance, at-candidate)
		}
		name := o.capital() && !asked && entry.kind&(dateWord|stopWord) == 0
		if name && n > 0 {
			out.names++
		}
		if !asked && m.offers(entry, name) {
			candidate = at
			distance = min(distance, at-last)
		}
		at++
	}
	out.names = min(out.names, 4)
	if distance < 1<<19 {
		out.near = 1 / float64(1+distance)
		out.typed = 1
	} else if candidate >= 0 {
		out.typed = 1
	}
	if m.q.kind == kindReason && s.traits&hasCause != 0 {
		out.typed = 1
	}
}

// offers says whether a word can be (part of) the answer to the question's kind.
func (m *matcher) offers(entry *surface, name bool) bool {
	switch m.q.kind {
	case kindPerson, kindPlace:
		return name && entry.kind&numeral == 0
	case kindDate:
		return entry.kind&(dateWord|yearForm) != 0
	case kindNumber:
		return entry.kind&(numeral|numberWord) != 0
	case kindDuration:
		return entry.kind&(numeral|numberWord) != 0 || entry.kind&dateWord != 0
	}
	return false
}
