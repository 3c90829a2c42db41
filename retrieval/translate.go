package retrieval

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"footnote/corpus"
	"footnote/retrieval/words"
)

// chineseWords are the words of a question's Chinese parts, without its question
// words: those of the dictionary, longest first where several cuts would do.
func chineseWords(text string) []corpus.Span {
	if isASCII(text) {
		return nil
	}
	text = withoutQuestionWords(text)
	var out []corpus.Span
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if size != ideographSize || !isCJK(r) {
			at += size
			continue
		}
		end := at
		for end < len(text) {
			r, size := utf8.DecodeRuneInString(text[end:])
			if size != ideographSize || !isCJK(r) {
				break
			}
			end += size
		}
		start := at
		if at > 0 && text[at-1] >= '0' && text[at-1] <= '9' && strings.ContainsRune("年月日号万亿", r) {
			start += size // it belongs to the figures
		}
		out = append(out, cutChinese(text, start, end)...)
		at = end
	}
	return out
}

// cutChinese cuts text[start:end] into the fewest words of the dictionary;
// characters that are in none of them are left out.
func cutChinese(text string, start, end int) []corpus.Span {
	const word, character, unknown, longest = 2, 3, 5, 4
	dictionary := words.ChineseWords()
	n := (end - start) / ideographSize
	cost := make([]int, n+1) // of the best cut before a character
	last := make([]int, n+1) // characters of its last word; 0 where that is none
	for i := 1; i <= n; i++ {
		cost[i] = cost[i-1] + unknown
		for length := 1; length <= min(i, longest); length++ {
			from := start + (i-length)*ideographSize
			c := cost[i-length] + word
			if length == 1 {
				c = cost[i-1] + character
			}
			if c < cost[i] && dictionary.Has(text[from:from+length*ideographSize]) {
				cost[i], last[i] = c, length
			}
		}
	}
	var out []corpus.Span
	for i := n; i > 0; i -= max(last[i], 1) {
		if last[i] > 0 {
			out = append(out, corpus.Span{Start: start + (i-last[i])*ideographSize, End: start + i*ideographSize})
		}
	}
	slices.Reverse(out)
	return out
}

// translate puts English words in the place of the question's Chinese ones that
// the corpus lacks, where it is not in Chinese, nor enriched in it.
func (q *question) translate(x *lexicalIndex) {
	lacking := func(t *questionTerm) bool { return t.kind&ideograms != 0 && t.term < 0 }
	if x.mostlyIdeographic || !slices.ContainsFunc(q.terms, func(t questionTerm) bool { return lacking(&t) }) || x.enrichedInChinese() {
		return
	}
	var translated []questionTerm
	for _, w := range chineseWords(q.text) {
		word := q.text[w.Start:w.End]
		if q.hasPairIn(w) || strings.ContainsAny(word, functionCharacters) || len(word) == ideographSize && strings.Contains(emptyCharacters, word) {
			continue
		}
		terms := x.translated(q.text, w)
		if terms == nil {
			continue
		}
		q.keep(func(t *questionTerm) bool { return !lacking(t) || t.end <= w.Start || t.start >= w.End })
		translated = append(translated, terms...)
	}
	if translated != nil {
		q.take(translated)
	}
}

// enrichedInChinese reports whether what the corpus is enriched with has Chinese,
// which says better what a question means than a dictionary.
func (x *lexicalIndex) enrichedInChinese() bool {
	x.scripts.Do(func() {
		x.chineseEnriched = x.enriched != nil && slices.ContainsFunc(x.enriched.tokens, func(surface int32) bool {
			return x.words.entries[surface].kind&ideograms != 0
		})
	})
	return x.chineseEnriched
}

// emptyCharacters say nothing where they stand alone: places and directions,
// units of counting, auxiliaries.
const emptyCharacters = "上下中里内外前后边每各所以为会要能可到来去过得地之其此该某两些只条位名次件台座家种共有无不最更太又再才一几多少大小"

// hasPairIn reports whether the corpus has a pair of characters of a word, or,
// of a single character, one that it stands in.
func (q *question) hasPairIn(w corpus.Span) bool {
	return slices.ContainsFunc(q.terms, func(t questionTerm) bool {
		inside := w.Start <= t.start && t.end <= w.End || w.End-w.Start == ideographSize && t.start <= w.Start && w.End <= t.end
		return t.kind&ideograms != 0 && t.term >= 0 && inside
	})
}

// take adds terms where they stand in the question.
func (q *question) take(more []questionTerm) {
	type placed struct {
		start int
		term  int32
	}
	var order []placed
	for _, i := range q.sequence {
		order = append(order, placed{q.terms[i].start, i})
	}
	for _, t := range more {
		if slices.ContainsFunc(q.terms, func(other questionTerm) bool { return t.term >= 0 && other.term == t.term }) {
			continue
		}
		order = append(order, placed{t.start, int32(len(q.terms))})
		q.terms = append(q.terms, t)
	}
	slices.SortStableFunc(order, func(a, b placed) int { return cmp.Compare(a.start, b.start) })
	q.sequence = q.sequence[:0]
	for _, p := range order {
		q.sequence = append(q.sequence, p.term)
	}
}

// translated are the terms for a Chinese word: those of all its meanings count
// for one, but the words of a single meaning each for itself.
func (x *lexicalIndex) translated(text string, w corpus.Span) []questionTerm {
	meanings := words.ChineseWords().Meanings(text[w.Start:w.End])
	var terms []questionTerm
	for _, m := range meanings {
		for _, word := range m.Words {
			t := Token{Start: w.Start, End: w.End, Surface: word}
			s := x.words.lookup(t)
			if s.kind&(stopWord|askingWord) != 0 || slices.ContainsFunc(terms, func(other questionTerm) bool { return other.text == word }) {
				continue
			}
			term := x.questionTerm(s, t)
			term.foreign, term.capital = true, m.Name && term.known()
			if w.End-w.Start == ideographSize { // a character alone may mean much else
				term.idf, term.background = term.idf/2, term.background/2
			}
			terms = append(terms, term)
		}
	}
	if len(meanings) < 2 || len(terms) < 2 {
		return terms
	}
	best := max(slices.IndexFunc(terms, func(t questionTerm) bool { return t.known() }), 0)
	one := terms[best]
	for i, t := range terms {
		if i != best {
			one.others = append(one.others, t.surface)
			if t.known() {
				one.idf = min(one.idf, t.idf)
			}
		}
		one.background = min(one.background, t.background)
	}
	return []questionTerm{one}
}

// inEnglish is the question with English words for its Chinese ones, "" where
// none were put there.
func (q *question) inEnglish() string {
	if !slices.ContainsFunc(q.terms, func(t questionTerm) bool { return t.foreign }) {
		return ""
	}
	var out []string
	for _, i := range q.sequence {
		if t := &q.terms[i]; t.kind&ideograms == 0 {
			out = append(out, t.text)
		}
	}
	return strings.Join(out, " ")
}

// missingChinese are the words of a question's Chinese parts that the corpus
// lacks. What is in no dictionary is not named: it may be no word.
func (q *question) missingChinese(x *lexicalIndex) []string {
	if !x.ideographic || !slices.ContainsFunc(q.terms, func(t questionTerm) bool { return !t.known() && (t.foreign || t.kind&ideograms != 0) }) {
		return nil
	}
	var out []string
	for _, w := range chineseWords(q.text) {
		word := q.text[w.Start:w.End]
		met := slices.ContainsFunc(q.terms, func(t questionTerm) bool { return t.known() && t.start < w.End && w.Start < t.end })
		if !met && len(word) > ideographSize && !strings.ContainsAny(word, functionCharacters) && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}
