package retrieval

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// A kind is what sort of answer a question asks for.
type kind uint8

const (
	kindOther      kind = iota
	kindPerson          // who, whose
	kindDate            // when, what year
	kindPlace           // where
	kindNumber          // how many, how much, what percentage
	kindDuration        // how long
	kindReason          // why
	kindManner          // how
	kindWhich           // which model, what company: a thing of a named sort
	kindDefinition      // what is X
	kindYesNo           // is it, did they
)

// A question is a query as the ranking sees it.
type question struct {
	text string
	kind kind
	// terms are the distinct terms that carry meaning, in order.
	terms []questionTerm
	// sequence is the order in which they stand, as indexes into terms;
	// it has no compounds.
	sequence []int32
	// focus are indexes of the terms right after "which", "what" or "how many".
	focus []int32
	// total weights of all terms, for shares.
	information, background float64
	// open is set where yes or no is no answer: by a question word, unless
	// the question starts as those for yes or no do.
	open bool
	// saying is set when the question asks what somebody said or thinks.
	saying bool
}

// A questionTerm is one distinct term of a question.
type questionTerm struct {
	surface
	text string // folded
	// idf is from the corpus, background from the frequency of English
	// words; both in nats. A term that the corpus lacks has the idf of one
	// that stands in no passage.
	idf, background float64
	inCorpus        bool
	// capital says that it was written with a capital, not being the first word.
	capital bool
	// start and end are where it stands in the text.
	start, end int
	// foreign says that it was put in the place of a Chinese word there; others
	// are what else that may mean.
	foreign bool
	others  []surface
}

// known says whether the corpus has the term, other than in enrichments.
func (t *questionTerm) known() bool { return t.inCorpus }

// specific says whether the term names something: a name, a number, a date.
func (t *questionTerm) specific() bool { return t.capital || t.kind&numeral != 0 }

// analyse reads a question. The index is not changed.
func (x *lexicalIndex) analyse(text string) *question {
	q := &question{text: text}
	q.collect(x, false)
	if len(q.terms) == 0 {
		q.collect(x, true) // nothing but function words: they are all there is
	}
	q.dropBridges()
	q.translate(x)
	q.keepTelling()
	for i := range q.terms {
		q.information += q.terms[i].idf
		q.background += q.terms[i].background
	}
	q.classify()
	return q
}

const maxTerms = 64 // terms of a question that are looked at closely

// keepTelling keeps the terms of an overlong question that say most.
func (q *question) keepTelling() {
	if len(q.terms) <= maxTerms {
		return
	}
	order := make([]int, len(q.terms))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(q.terms[b].background, q.terms[a].background) })
	telling := map[*questionTerm]bool{}
	for _, i := range order[:maxTerms] {
		telling[&q.terms[i]] = true
	}
	q.keep(func(t *questionTerm) bool { return telling[t] })
}

// dropBridges drops the pairs of ideographs that only stand side by side, as
// 匠带 does in "工匠带来": pairs that the corpus lacks, of whose characters
// each is in a pair that it has.
func (q *question) dropBridges() {
	met := map[int]bool{} // where characters stand that are in a known pair
	for i := range q.terms {
		if t := &q.terms[i]; t.kind&ideograms != 0 && t.known() && t.end-t.start > ideographSize {
			met[t.start], met[t.end-ideographSize] = true, true
		}
	}
	if len(met) == 0 {
		return
	}
	q.keep(func(t *questionTerm) bool {
		return t.kind&ideograms == 0 || t.known() || !met[t.start] || !met[t.end-ideographSize]
	})
}

// ideographSize is the length of the ideographs in common use, in bytes.
const ideographSize = 3

// keep leaves out the terms that are not to be kept.
func (q *question) keep(wanted func(*questionTerm) bool) {
	place := map[int32]int32{}
	terms := q.terms[:0]
	for i := range q.terms {
		if wanted(&q.terms[i]) {
			place[int32(i)] = int32(len(terms))
			terms = append(terms, q.terms[i])
		}
	}
	if len(terms) == len(q.terms) {
		return
	}
	q.terms = terms
	sequence := q.sequence[:0]
	for _, i := range q.sequence {
		if n, ok := place[i]; ok {
			sequence = append(sequence, n)
		}
	}
	q.sequence = sequence
}

func (q *question) collect(x *lexicalIndex, stops bool) {
	index := map[string]int32{}
	first := true
	text := withoutQuestionWords(q.text)
	if stops {
		text = q.text
	}
	Tokenize(text, func(t Token) {
		s := x.words.lookup(t)
		initial := first
		first = false
		if s.kind&stopWord != 0 && !stops {
			return
		}
		key := stem(t.Surface)
		n, seen := index[key]
		if !seen {
			n = int32(len(q.terms))
			index[key] = n
			q.terms = append(q.terms, x.questionTerm(s, t))
		}
		if t.Capital && !initial {
			q.terms[n].capital = true
		}
		if !t.Compound {
			q.sequence = append(q.sequence, n)
		}
	})
}

// questionTerm weighs a word of a question.
func (x *lexicalIndex) questionTerm(s surface, t Token) questionTerm {
	out := questionTerm{surface: s, text: t.Surface, start: t.Start, end: t.End}
	out.background = x.words.background(s)
	out.inCorpus = s.term >= 0 && int(s.term) < x.bodyTerms
	if out.inCorpus {
		out.idf = float64(x.inverted.idf[s.term])
	} else {
		out.idf = inverseFrequency(len(x.corpus.Passages), 0)
	}
	if t.Compound { // its parts carry the other half of the information
		out.idf *= 0.5
		out.background *= 0.5
	}
	return out
}

// background is how much a word says, in nats, whatever the corpus: little for
// frequent English words, most for names and numbers.
func (v *vocabulary) background(s surface) float64 {
	const floor = 4 // frequent words tell little; function words are gone already
	switch {
	case s.kind&ideograms != 0:
		return 2 // a word of two characters is in two pairs or three
	case s.kind&numeral != 0:
		return 5 // figures meet by chance more often than names
	case s.kind&dateWord != 0 && s.row < 0:
		return 5
	}
	return max(v.table.IDF(int(s.row))-floor, 1)
}

// A field is a word of a question as it stands there, in lower case.
type field struct {
	text string
	end  int // byte offset in the question
}

// fields splits a question at everything but letters, digits and apostrophes.
func fields(text string) []field {
	var out []field
	start := -1
	for i, r := range text {
		inside := unicode.IsLetter(r) || unicode.IsDigit(r) || isApostrophe(r)
		if inside && start < 0 {
			start = i
		}
		if !inside && start >= 0 {
			out = append(out, field{strings.ToLower(text[start:i]), i})
			start = -1
		}
	}
	if start >= 0 {
		out = append(out, field{strings.ToLower(text[start:]), len(text)})
	}
	return out
}

// classify reads from the question words what is asked for.
func (q *question) classify() {
	words := fields(q.text)
	at := func(i int) string {
		if i < len(words) {
			return words[i].text
		}
		return ""
	}
	for i, w := range words {
		k, ok := kindAt(w.text, at(i+1), at(i+2))
		if !ok {
			continue
		}
		q.kind, q.open = k, true
		if k == kindOther && slices.ContainsFunc(words[i:], func(w field) bool { return isMeasuredBy(w.text) }) {
			q.kind = kindNumber // "what does it cost": no sort of thing is named
			break
		}
		q.findFocus(w.end)
		break
	}
	if q.kind == kindOther && isAuxiliary(at(0)) {
		q.kind = kindYesNo
	}
	if q.kind == kindOther {
		q.kind = chineseQuestion(q.text)
		q.open = q.open || q.kind != kindOther
	}
	if isAuxiliary(at(0)) || chineseYesNo(q.text) {
		q.open = false
	}
	for _, w := range words {
		switch w.text {
		case "said", "say", "says", "think", "thinks", "believe", "believes", "opinion", "view", "argue", "claim", "predict":
			q.saying = true
		}
	}
}

// isMeasuredBy recognises verbs whose object is a figure.
func isMeasuredBy(word string) bool {
	switch word {
	case "cost", "costs", "weigh", "weighs", "pay", "pays", "paid", "earn", "earns", "charge", "charges", "owe", "owes":
		return true
	}
	return false
}

// kindAt reads a question word with the two words after it.
func kindAt(word, next, third string) (kind, bool) {
	switch word {
	case "who", "whom", "whose", "who's":
		return kindPerson, true
	case "when":
		return kindDate, true
	case "where":
		return kindPlace, true
	case "why":
		return kindReason, true
	case "how":
		return howKind(next), true
	case "what", "which", "what's":
		return whatKind(word, next, third), true
	}
	return kindOther, false
}

func howKind(next string) kind {
	switch next {
	case "many", "much", "big", "large", "high", "tall", "far", "deep", "wide", "fast", "heavy", "expensive", "few", "small", "low":
		return kindNumber
	case "long", "old", "often":
		return kindDuration
	}
	return kindManner
}

func whatKind(word, next, third string) kind {
	for _, w := range []string{next, third} {
		switch w {
		case "year", "date", "century", "day", "month", "decade", "time":
			return kindDate
		case "percentage", "percent", "number", "amount", "share", "score", "size", "population", "proportion", "rate", "cost",
			"price", "temperature", "distance", "height", "length", "speed", "weight", "age", "growth", "value", "area":
			return kindNumber
		case "person", "man", "woman", "author", "king", "president", "scientist", "actor", "leader", "ceo", "director", "professor":
			return kindPerson
		case "city", "country", "state", "place", "region", "location", "continent", "river", "county", "town", "island":
			return kindPlace
		case "reason", "cause":
			return kindReason
		}
	}
	if word == "which" {
		return kindWhich
	}
	switch next {
	case "is", "are", "was", "were":
		return kindDefinition
	case "did", "do", "does", "has", "have", "had", "can", "could", "will", "would", "should", "":
		return kindOther
	}
	return kindWhich
}

func isAuxiliary(w string) bool {
	switch w {
	case "is", "are", "was", "were", "do", "does", "did", "can", "could", "will", "would", "has", "have", "had", "should":
		return true
	}
	return false
}

// findFocus marks the first content term behind the question word, which ends
// at an offset, and those that follow it directly: "which industry-specific
// models" asks for models.
func (q *question) findFocus(from int) {
	for n, i := range q.sequence {
		t := &q.terms[i]
		if t.start < from {
			continue
		}
		q.focus = append(q.focus, i)
		if n+1 < len(q.sequence) && q.terms[q.sequence[n+1]].start > t.end+1 || len(q.focus) == 3 {
			return
		}
	}
}
