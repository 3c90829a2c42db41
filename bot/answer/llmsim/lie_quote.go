package llmsim

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

var quotationLies = []falsifier{
	{"word replaced", onClause(replaceWord)},
	{"word dropped", onClause(dropWord)},
	{"word doubled", onClause(doubleWord)},
	{"word moved", onClause(moveWord)},
	{"negated", onClause(negateClause)},
	{"homoglyph", onClause(disguiseWord)},
	{"zero-width", onClause(splitWord)},
	{"stitched", stitched("")},
	{"stitched with an ellipsis", stitched("…")},
	{"unclosed", unclosed},
	{"elsewhere", elsewhere},
}

// onClause is a lie within quotation marks: change gives the false clause.
func onClause(change func(rng *rand.Rand, clause string, p Passage) (string, bool)) func(*rand.Rand, draft, []Passage) (Case, bool) {
	return func(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
		clause, ok := clauseOf(rng, d.source)
		if !ok {
			return Case{}, false
		}
		now, ok := change(rng, clause, d.cited[0])
		if !ok || holdsWords(d.cited[0].Text, now) {
			return Case{}, false
		}
		return misquoted(rng, d, clause, now), true
	}
}

// misquoted is a draft's passage quoted with words that it does not hold.
func misquoted(rng *rand.Rand, d draft, was, now string) Case {
	marks := pick(rng, quotationMarks)
	for marks[0] == "'" && strings.Contains(now, "'") || marks[0] == "‘" && strings.Contains(now, "’") {
		marks = pick(rng, quotationMarks)
	}
	d.cited = d.cited[:1]
	d.body = introduced(rng, marks, now)
	return d.falsified(rng, Quotation, "", was, now)
}

// innerWord picks a word of a clause that is neither the first nor the last.
func innerWord(rng *rand.Rand, clause string) (span, bool) {
	spans := wordSpans(clause)
	if len(spans) < 4 {
		return span{}, false
	}
	return spans[1+rng.IntN(len(spans)-2)], true
}

func replaceWord(rng *rand.Rand, clause string, p Passage) (string, bool) {
	s, ok := innerWord(rng, clause)
	if !ok {
		return "", false
	}
	pool := wordSpans(p.Text)
	by := pick(rng, pool).of(p.Text)
	if chinese(clause) != chinese(by) || capitalised(by) || strings.EqualFold(by, s.of(clause)) {
		return "", false
	}
	return replace(clause, s, by), true
}

func dropWord(rng *rand.Rand, clause string, _ Passage) (string, bool) {
	s, ok := innerWord(rng, clause)
	if !ok {
		return "", false
	}
	if clause[s.start-1] == ' ' {
		s.start--
	}
	return replace(clause, s, ""), true
}

func doubleWord(rng *rand.Rand, clause string, _ Passage) (string, bool) {
	s, ok := innerWord(rng, clause)
	if !ok {
		return "", false
	}
	word := s.of(clause)
	if chinese(word) {
		return replace(clause, s, word+word), true
	}
	return replace(clause, s, word+" "+word), true
}

func moveWord(rng *rand.Rand, clause string, _ Passage) (string, bool) {
	s, ok := innerWord(rng, clause)
	if !ok {
		return "", false
	}
	word := s.of(clause)
	without, _ := dropSpan(clause, s)
	to := pick(rng, wordSpans(without))
	if chinese(word) {
		return without[:to.end] + word + without[to.end:], true
	}
	return without[:to.end] + " " + word + without[to.end:], true
}

func dropSpan(clause string, s span) (string, bool) {
	if s.start > 0 && clause[s.start-1] == ' ' {
		s.start--
	}
	return replace(clause, s, ""), true
}

func negateClause(rng *rand.Rand, clause string, _ Passage) (string, bool) {
	if chinese(clause) {
		s, ok := innerWord(rng, clause)
		return replace(clause, span{s.start, s.start}, "不"), ok
	}
	if denied, ok := deny(rng, clause); ok {
		return denied, true
	}
	s, ok := innerWord(rng, clause)
	return replace(clause, span{s.start, s.start}, "never "), ok
}

func disguiseWord(rng *rand.Rand, clause string, _ Passage) (string, bool) {
	s, ok := innerWord(rng, clause)
	if !ok {
		return "", false
	}
	now, ok := disguise(rng, s.of(clause))
	return replace(clause, s, now), ok
}

func splitWord(rng *rand.Rand, clause string, _ Passage) (string, bool) {
	s, ok := innerWord(rng, clause)
	if !ok {
		return "", false
	}
	cut := s.start + runes(s.of(clause), max(1, utf8.RuneCountInString(s.of(clause))/2))
	return clause[:cut] + pick(rng, zeroWidth) + clause[cut:], true
}

var zeroWidth = []string{"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"}

// stitched quotes the start of one sentence and the end of another as one.
func stitched(between string) func(*rand.Rand, draft, []Passage) (Case, bool) {
	return func(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
		whole := wholeSentences(d.cited[0])
		other := pick(rng, whole)
		if other == d.source || strings.ContainsAny(d.source+other, "\"“”‘「」„«»") {
			return Case{}, false
		}
		first, _ := splitStop(d.source)
		second, _ := splitStop(other)
		a, b := wordSpans(first), wordSpans(second)
		if len(a) < 6 || len(b) < 6 {
			return Case{}, false
		}
		start, end := first[:a[len(a)/2].end], second[b[len(b)/2].start:]
		glue := " "
		if between != "" {
			glue = pick(rng, []string{" … ", "… ", " ... ", " [...] ", "…"})
		} else if chinese(first) {
			glue = ""
		}
		now := start + glue + end
		if holdsWords(d.cited[0].Text, now) {
			return Case{}, false
		}
		return misquoted(rng, d, first, now), true
	}
}

// unclosed opens a quotation of false words and never closes it.
func unclosed(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	clause, ok := clauseOf(rng, d.source)
	if !ok {
		return Case{}, false
	}
	now, ok := replaceWord(rng, clause, d.cited[0])
	if !ok || holdsWords(d.cited[0].Text, now) {
		return Case{}, false
	}
	d.cited = d.cited[:1]
	d.body = introduced(rng, [2]string{pick(rng, quotationMarks[:5])[0], ""}, now)
	return d.falsified(rng, Quotation, "", clause, now), true
}

// elsewhere quotes a passage and cites another that does not hold the words.
func elsewhere(rng *rand.Rand, d draft, others []Passage) (Case, bool) {
	clause, ok := clauseOf(rng, d.source)
	if !ok || len(others) == 0 {
		return Case{}, false
	}
	other := pick(rng, others)
	if other.N == d.cited[0].N || holdsWords(other.Text, clause) {
		return Case{}, false
	}
	truth := draft{body: d.source, cited: d.cited[:1]}.render(markerBefore)
	d.cited = []Passage{other}
	d.body = introduced(rng, pick(rng, marksFor(clause)), clause)
	lie := d.falsified(rng, Quotation, "", "of another passage", clause)
	lie.Truth = truth
	return lie, true
}
