package cite

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// checkPolarity returns why a sentence contradicts a passage: it negates what
// the passage states, or states what the passage negates. Both are compared
// where they use the same word; negation in other words is not seen.
func (s *sentence) checkPolarity(cited []*evidence) string {
	if m := denial.FindString(s.text); m != "" && !slices.ContainsFunc(cited, func(e *evidence) bool { return denial.MatchString(e.passage.Text) }) {
		return "it denies what the cited passage says"
	}
	own := polarityOf(s.text, s.words)
	said := polarity{states: map[string]bool{}, denies: map[string]bool{}, reaches: map[string]bool{}}
	for _, e := range cited {
		for i := range e.sentences {
			if st := &e.sentences[i]; s.related(st) {
				said.add(polarityOf(st.text, st.words))
			}
		}
	}
	for p := range own.denies {
		if said.states[p] && !said.reaches[p] {
			return "it denies what the cited passage says"
		}
	}
	for p := range own.states {
		if said.denies[p] && !said.states[p] && !own.reaches[p] {
			return "the cited passage denies this"
		}
	}
	return ""
}

// denial is a phrase that denies all that follows.
var denial = regexp.MustCompile(`(?i)\b(?:(?:is|was) (?:not true|untrue|false|not the case|wrong|incorrect|a myth|a lie)(?: to (?:say|claim))? that|(?:den(?:y|ies|ied)|disput(?:es?|ed)|rejects?|rejected|refut(?:es?|ed)|rules out|ruled out) that|contrary to (?:the|what)|far from being true)|并非|并不是|否认|不实`)

// relatedOverlap is the share of a sentence's words that a sentence of a
// passage has when the two speak of the same thing.
const relatedOverlap = 0.5

// A polarity is what a text does with its stems: it states some, negates
// others, and may mean the negation of those that follow.
type polarity struct{ states, denies, reaches map[string]bool }

func (p polarity) add(q polarity) {
	maps.Copy(p.states, q.states)
	maps.Copy(p.denies, q.denies)
	maps.Copy(p.reaches, q.reaches)
}

// polarityOf takes a negation to deny the first word of content after it, and
// to reach up to three, to the end of the clause.
func polarityOf(text string, words []word) polarity {
	const reach = 3
	p := polarity{states: map[string]bool{}, denies: map[string]bool{}, reaches: map[string]bool{}}
	left := 0
	for i, w := range words {
		if i > 0 && strings.ContainsAny(text[words[i-1].end:w.start], ",;:.!?，。；：") {
			left = 0
		}
		if left == reach && (w.fold == "longer" || w.fold == "more") {
			continue // "no longer"
		}
		if negates(w.fold) || w.ideograph && strings.Contains("不没未非无", w.text) {
			if left = reach; i+1 < len(words) && (words[i+1].fold == "only" || words[i+1].fold == "least") {
				left = 0
			}
			continue
		}
		st := ""
		switch {
		case w.ideograph && i+1 < len(words) && words[i+1].ideograph:
			st = w.text + words[i+1].text
		case w.content():
			st = stem(w.fold)
		default:
			continue
		}
		if left == 0 {
			p.states[st] = true
			continue
		}
		if left == reach {
			p.denies[st] = true
		}
		p.reaches[st] = true
		left--
	}
	return p
}

func negates(fold string) bool {
	switch fold {
	case "not", "no", "never", "neither", "nor", "without", "cannot", "unable", "hardly", "scarcely", "barely",
		"dont", "doesnt", "didnt", "isnt", "arent", "wasnt", "werent", "wont", "wouldnt", "cant", "couldnt", "shouldnt",
		"hasnt", "havent", "hadnt", "mustnt", "stopped", "stops", "ceased", "ceases":
		return true
	}
	return false
}

// checkRoles returns why a sentence turns a passage around: a clause of it is
// built of the same words in the same order, but two of its names or numbers
// have changed places, as in "B beat A" for "A beat B".
func (s *sentence) checkRoles(cited []*evidence) string {
	const (
		sameWords = 0.75
		sameOrder = 0.85
		few       = 2 // words that say too little of the order
	)
	for _, clause := range s.clauses() {
		a := skeleton(s.text, clause)
		if len(a.rest) < few || len(a.names) < 2 {
			continue
		}
		for _, e := range cited {
			for i := range e.sentences {
				st := &e.sentences[i]
				if share(a.rest, func(x string) bool { return st.stems[x] || functionWords()[x] }) < sameWords {
					continue
				}
				b := skeleton(st.text, st.words)
				if float64(commonInOrder(a.rest, b.rest)) >= sameOrder*float64(len(a.rest)) && swapped(a.names, b.names) {
					return "it gives to one what the cited passage gives to another"
				}
			}
		}
	}
	return ""
}

// clauses cuts a sentence where another statement may begin; short ones stay
// with what stands before.
func (s *sentence) clauses() [][]word {
	const least = 4 // words
	var found [][]word
	start := 0
	for i := least; i < len(s.words); i++ {
		between := s.text[s.words[i-1].end:s.words[i].start]
		cut := strings.ContainsAny(between, ";；") || strings.Contains(between, ",") && (s.words[i].fold == "and" || s.words[i].fold == "but")
		if cut && i-start >= least && len(s.words)-i >= least {
			found = append(found, s.words[start:i])
			start = i
		}
	}
	return append(found, s.words[start:])
}

// A frame is a sentence as its names and numbers, and the other words.
type frame struct{ names, rest []string }

func skeleton(text string, words []word) frame {
	var f frame
	quotes, _ := quotationsOf(text)
	for i, w := range words {
		switch {
		case insideQuote(quotes, w): // verbatim, whatever its order
		case w.ideograph, isMonth(w), i > 0 && isMonth(words[i-1]), i+1 < len(words) && isMonth(words[i+1]):
		case numeric(w.fold), w.mixed, w.capital && !starts(text, w), w.capital && !common(w.fold):
			f.names = append(f.names, w.fold)
		case w.content():
			f.rest = append(f.rest, stem(w.fold))
		case w.fold == "by" || w.fold == "from" || w.fold == "to" || w.fold == "than":
			f.rest = append(f.rest, w.fold)
		}
	}
	return f
}

// swapped reports whether two names, or two numbers, each of which both lists
// hold once, stand in another order in one list than in the other.
func swapped(a, b []string) bool {
	last := map[bool]int{true: -1, false: -1}
	for _, n := range a {
		at := slices.Index(b, n)
		if at < 0 || count(a, n) != 1 || count(b, n) != 1 {
			continue
		}
		if at < last[numeric(n)] {
			return true
		}
		last[numeric(n)] = at
	}
	return false
}

func count(list []string, s string) int {
	n := 0
	for _, x := range list {
		if x == s {
			n++
		}
	}
	return n
}

// commonInOrder is the length of the longest common subsequence.
func commonInOrder(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			above := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}
