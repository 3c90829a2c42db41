package cite

import (
	"slices"
	"strings"
)

func (k *Checker) checkNames(s *sentence, cited []*evidence) string {
	known := func(has func(*nameSet) bool) bool {
		return has(k.question.names) || slices.ContainsFunc(cited, func(e *evidence) bool { return has(e.names) })
	}
	var wrong []string
	for _, n := range s.names(k.ordinary(cited)) {
		leads := known(func(set *nameSet) bool { return set.leads[n.fold] })
		if n.opening {
			if leads && !known(func(set *nameSet) bool { return set.joins(n.word, *n.next, false) }) {
				wrong = append(wrong, n.text+" "+n.next.text)
			}
			continue
		}
		if !known(func(set *nameSet) bool { return set.holds(n.word) }) && !knownJoined(s, n, known) && !k.renames(s, n.word, cited) {
			wrong = append(wrong, n.text)
			continue
		}
		if n.next != nil && !known(func(set *nameSet) bool { return set.joins(n.word, *n.next, !leads) }) {
			wrong = append(wrong, n.text+" "+n.next.text)
		}
	}
	if wrong == nil {
		return ""
	}
	return "the name " + strings.Join(wrong, ", ") + " does not stand in a cited passage"
}

// renames accepts another name, such as Chinese for China, in place of one that
// the sentence itself does not have: the question has it, or the sentence of a
// passage that says what this one does.
func (k *Checker) renames(s *sentence, w word, cited []*evidence) bool {
	if people(w.fold) && !s.describes(w) {
		return false
	}
	replaces := func(n *nameSet) bool {
		other, ok := n.alias(w)
		return ok && !slices.ContainsFunc(s.words, func(o word) bool { return o.fold == other })
	}
	if replaces(k.question.names) {
		return true
	}
	for _, e := range cited {
		for i := range e.sentences {
			if s.overlap(&e.sentences[i]) >= relatedOverlap/2 && replaces(e.sentences[i].names) {
				return true
			}
		}
	}
	return false
}

// people reports whether a name is that of a people, not of a country.
func people(fold string) bool {
	for _, ending := range [...]string{"an", "ans", "ese", "ish", "ch", "ss", "sh", "ns", "ks", "ards"} {
		if strings.HasSuffix(fold, ending) {
			return true
		}
	}
	return false
}

// describes reports whether a word stands right before a plain word that it can
// belong to, as in "Chinese firms".
func (s *sentence) describes(w word) bool {
	i := slices.IndexFunc(s.words, func(o word) bool { return o.start == w.end+1 })
	return i >= 0 && s.words[i].joint && !s.words[i].capital && s.words[i].content()
}

// related reports whether a sentence of a passage speaks of the same thing.
func (s *sentence) related(st *statement) bool { return s.overlap(st) >= relatedOverlap }

// overlap is the part of a sentence's words that a sentence of a passage has.
func (s *sentence) overlap(st *statement) float64 {
	return share(s.stems, func(x string) bool { return st.stems[x] })
}

// knownJoined accepts a word that makes a known name with its neighbour, as in
// "GPT4 Turbo" for GPT4-Turbo.
func knownJoined(s *sentence, n name, known func(func(*nameSet) bool) bool) bool {
	i := slices.IndexFunc(s.words, func(w word) bool { return w.start == n.start })
	for _, pair := range [...][2]int{{i, i + 1}, {i - 1, i}} {
		if pair[0] >= 0 && pair[1] < len(s.words) {
			joined := s.words[pair[0]].fold + s.words[pair[1]].fold
			if known(func(set *nameSet) bool { return set.folds[joined] }) {
				return true
			}
		}
	}
	return false
}

// ordinary returns what decides whether a capitalised word at a sentence's start
// is a word of the language: passages or the question have it in lower case, or
// the list of common words has it.
func (k *Checker) ordinary(cited []*evidence) func(word) bool {
	return func(w word) bool {
		if common(w.fold) || k.question.names.lower[w.fold] {
			return true
		}
		return slices.ContainsFunc(cited, func(e *evidence) bool { return e.names.lower[w.fold] })
	}
}
