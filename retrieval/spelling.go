package retrieval

import (
	"math/bits"
	"strings"
)

// correct reads the words of a question that neither the corpus nor the
// English word list has as the nearest words of the corpus: names too, which
// people misspell most. Words written with digits are codes and stay.
func (x *lexicalIndex) correct(query string) (string, []Correction) {
	var corrections []Correction
	var out strings.Builder
	done := 0
	Tokenize(query, func(t Token) {
		if besideDigit(query, t) || t.Compound || t.Start < done || len(t.Surface) < 4 || !isLowerASCII(t.Surface) {
			return
		}
		s := x.words.lookup(t)
		if s.term >= 0 || s.row >= 0 {
			return
		}
		best := x.nearest(t.Surface)
		if best == "" {
			return
		}
		if t.Capital {
			best = strings.ToUpper(best[:1]) + best[1:] // it is a name still
		}
		out.WriteString(query[done:t.Start])
		out.WriteString(best)
		done = t.End
		corrections = append(corrections, Correction{From: query[t.Start:t.End], To: best})
	})
	if corrections == nil {
		return query, nil
	}
	out.WriteString(query[done:])
	return out.String(), corrections
}

func isLowerASCII[S string | []byte](s S) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}

func besideDigit(text string, t Token) bool {
	isDigit := func(at int) bool { return at >= 0 && at < len(text) && text[at] >= '0' && text[at] <= '9' }
	return isDigit(t.Start-1) || isDigit(t.End)
}

// nearest is the word at the least edit distance from a word: one edit for
// words up to five letters, two for longer ones. It is a word of the corpus, or
// an English one of which the corpus has another form; "" if there is none, or
// if a word that the corpus lacks is nearer, as what was meant.
func (x *lexicalIndex) nearest(word string) string {
	allowed := 1
	if len(word) > 5 {
		allowed = 2
	}
	own, distance := x.nearestOwn(word, allowed)
	if distance == 1 {
		return own
	}
	english, meant := x.nearestEnglish(word, distance-1)
	switch {
	case english == "":
		return own
	case meant:
		return english
	}
	return ""
}

// nearestOwn is the corpus's word nearest to a word, with its distance: "" and
// one more than is allowed if there is none. Of equally near words the one in
// more passages wins.
func (x *lexicalIndex) nearestOwn(word string, allowed int) (best string, distance int) {
	distance = allowed + 1
	bestCount := 0
	letters := lettersOf(word)
	for i := range x.words.entries {
		e := &x.words.entries[i]
		text := x.words.surfaces.at(int32(i))
		if int(e.term) >= x.bodyTerms || e.kind&(compoundForm|numeral|ideograms) != 0 || abs(len(text)-len(word)) > allowed || !isLowerASCII(text) || differ(letters, lettersOf(text), allowed) {
			continue
		}
		d := editDistance(word, text, allowed)
		count := len(x.inverted.list(e.term))
		if e.kind&stopWord != 0 {
			count = 1 << 20
		}
		if d < distance || d == distance && d <= allowed && (count > bestCount || count == bestCount && string(text) < best) {
			best, distance, bestCount = string(text), d, count
		}
	}
	return best, distance
}

// nearestEnglish is the English word nearest to a word that begins with the
// same letter, and whether the corpus has a form of it. Of equally near words
// one that it has wins, then the more frequent.
func (x *lexicalIndex) nearestEnglish(word string, allowed int) (best string, known bool) {
	table := x.words.table
	distance, bestRank := allowed+1, 0
	letters := lettersOf(word)
	for row, end := table.Rows(word[:1]); row < end; row++ {
		text := table.Word(row)
		if abs(len(text)-len(word)) > allowed || differ(letters, lettersOf(text), allowed) {
			continue
		}
		d := editDistance(word, text, allowed)
		if d > min(distance, allowed) {
			continue
		}
		term := x.words.terms.find(stem(text))
		has, rank := term >= 0 && int(term) < x.bodyTerms, table.Rank(row)
		if d < distance || has && !known || has == known && rank < bestRank {
			best, known, distance, bestRank = text, has, d, rank
		}
	}
	return best, known
}

// lettersOf is the set of a word's letters.
func lettersOf[S string | []byte](word S) uint32 {
	var set uint32
	for i := range len(word) {
		set |= 1 << (word[i] & 31)
	}
	return set
}

// differ says that words with these letters are more than that many edits
// apart: an edit takes away one letter at most and brings one.
func differ(a, b uint32, edits int) bool { return bits.OnesCount32(a^b) > 2*edits }

func abs(n int) int { return max(n, -n) }

// editDistance is the optimal string alignment distance (insertions,
// deletions, substitutions, transpositions of neighbours), or more than most
// when it is above that. Words start alike far more often than not, so a
// difference in the first letter counts twice.
func editDistance[S string | []byte](a string, b S, most int) int {
	var rows [3][40]int
	if len(b) >= len(rows[0]) || len(a) >= len(rows[0]) {
		return most + 1
	}
	two, one, now := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			} else if i == 1 && j == 1 {
				cost = 2
			}
			now[j] = min(one[j]+1, now[j-1]+1, one[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], two[j-2]+1)
			}
			least = min(least, now[j])
		}
		if least > most {
			return most + 1
		}
		two, one, now = one, now, two
	}
	return one[len(b)]
}
