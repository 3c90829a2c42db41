package cite

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// inQuantity reports whether an offset lies in a quantity.
func (s *sentence) inQuantity(at int) bool {
	return slices.ContainsFunc(s.quantities, func(q quantity) bool { return q.start <= at && at < q.end })
}

var (
	percentSign = regexp.MustCompile(`(?i)[%％]|\bper ?cent\b`)
	lastWord    = regexp.MustCompile(`\S+\s*$`)

	outOf = regexp.MustCompile(`(?i)\b(one|two|three|four|five|six|seven|eight|nine) (?:out of|in) (?:every )?(two|three|four|five|six|seven|eight|nine|ten)\b`)
)

// holdsShare reports whether a fraction such as 4/5 stands as a percentage.
func (f *figures) holdsShare(fraction string) bool {
	share, ok := new(big.Rat).SetString(fraction)
	if !ok || share.IsInt() {
		return false
	}
	percent := share.Mul(share, big.NewRat(100, 1))
	return f.readings[reading{kind: amountReading, value: percent.RatString(), unit: percentMeasure}]
}

func (s *sentence) checkNumbers(cited []*evidence) string {
	var wrong []string
	for _, q := range s.quantities {
		held := func(e *evidence) bool {
			return e.figures.holds(q) || slices.ContainsFunc(q.readings, func(r reading) bool { return r.unit == noMeasure && e.figures.holdsShare(r.value) })
		}
		if !slices.ContainsFunc(cited, held) {
			wrong = append(wrong, strconv.Quote(q.text))
		}
	}
	for _, at := range percentSign.FindAllStringIndex(s.text, -1) {
		if s.inQuantity(at[0]) {
			continue
		}
		phrase := strings.ToLower(lastWord.FindString(s.text[:at[0]]) + s.text[at[0]:at[1]])
		if !slices.ContainsFunc(cited, func(e *evidence) bool { return strings.Contains(strings.ToLower(e.passage.Text), phrase) }) {
			wrong = append(wrong, strconv.Quote(phrase))
		}
	}
	for _, m := range outOf.FindAllStringSubmatch(s.text, -1) {
		phrase, of := strings.ToLower(m[0]), fmt.Sprintf("%d/%d", cardinalWords[strings.ToLower(m[1])], cardinalWords[strings.ToLower(m[2])])
		if !slices.ContainsFunc(cited, func(e *evidence) bool {
			return strings.Contains(strings.ToLower(e.passage.Text), phrase) || e.figures.holdsShare(of)
		}) {
			wrong = append(wrong, strconv.Quote(m[0]))
		}
	}
	if wrong == nil {
		return ""
	}
	return strings.Join(wrong, ", ") + " does not stand in a cited passage"
}

// checkFigures returns why a number that a cited passage has is another
// thing's there: no sentence with that number has enough of the words that
// stand around it.
func (s *sentence) checkFigures(cited []*evidence) string {
	if !slices.ContainsFunc(cited, func(e *evidence) bool { return e.comparable(s) }) {
		return ""
	}
	for _, q := range s.quantities {
		if w := s.counted(q); w != nil && !slices.ContainsFunc(cited, func(e *evidence) bool { return e.stems[stem(w.fold)] || e.names.folds[w.fold] }) {
			return strconv.Quote(q.text+" "+w.text) + " does not stand in a cited passage"
		}
		if around := s.around(q); len(around) > 2 && !saidNear(q, around, cited) {
			return strconv.Quote(q.text) + " is said of something else in the cited passage"
		}
	}
	return ""
}

// counted returns the word after a quantity where it is none that English
// articles use: it may be a unit or a currency that no table has.
func (s *sentence) counted(q quantity) *word {
	for i := range s.words {
		if w := &s.words[i]; w.start >= q.end {
			if slang(w.fold) {
				return w
			}
			if w.start-q.end == 1 && w.joint && w.content() && !w.capital && !w.mixed && !common(w.fold) && latinWord(w.fold) && !strings.ContainsRune(w.text, '-') {
				return w
			}
			return nil
		}
	}
	return nil
}

// slang reports whether an ordinary word multiplies a number or makes money of it.
func slang(fold string) bool {
	switch fold {
	case "grand", "bucks", "quid", "mil", "score", "pairs", "pair":
		return true
	}
	return false
}

// around returns the stems of the words beside a quantity.
func (s *sentence) around(q quantity) []string {
	const reach = 7 // words on each side
	first := slices.IndexFunc(s.words, func(w word) bool { return w.end > q.start })
	if first < 0 {
		first = len(s.words)
	}
	last := slices.IndexFunc(s.words, func(w word) bool { return w.start >= q.end })
	if last < 0 {
		last = len(s.words)
	}
	near := slices.Concat(s.words[max(0, first-reach):first], s.words[last:min(len(s.words), last+reach)])
	return slices.DeleteFunc(stemsOf(near), func(st string) bool { return s.counts[st] })
}

// saidNear reports whether a quantity stands in a sentence that has one of the
// words around it, or in a row of a table, which has hardly any. A date may have
// its year in another sentence like it, or above.
func saidNear(q quantity, around []string, cited []*evidence) bool {
	const row = 3 // words
	var texts []string
	for _, e := range cited {
		for i := range e.sentences {
			st := &e.sentences[i]
			if sharedBy(around, st.stems) == 0 && len(st.stems) > row {
				continue
			}
			if st.figures.holds(q) {
				return true
			}
			texts = append(append(texts, st.text), e.above...)
		}
	}
	return newFigures(texts...).holds(q)
}
