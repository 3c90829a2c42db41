package retrieval

import (
	"strings"
)

// correct reads the words of a question that neither the corpus nor the
// English word list has as the nearest words of the corpus. Words written with
// a capital or with digits are names and stay.
func (x *lexicalIndex) correct(query string) (string, []Correction) {
	var corrections []Correction
	var out strings.Builder
	done := 0
	Tokenize(query, func(t Token) {
		if t.Compound || t.Start < done || len(t.Surface) < 4 || !isLowerASCII(t.Surface) {
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

// nearest is the corpus's word at the least edit distance from a word: one
// edit for words up to five letters, two for longer ones, "" if there is none.
// Of equally near words the one in more passages wins.
func (x *lexicalIndex) nearest(word string) string {
	allowed := 1
	if len(word) > 5 {
		allowed = 2
	}
	best, bestDistance, bestCount := "", allowed+1, 0
	for i := range x.words.entries {
		e := &x.words.entries[i]
		text := x.words.surfaces.at(int32(i))
		if int(e.term) >= x.bodyTerms || e.kind&(compoundForm|numeral|ideograms) != 0 || abs(len(text)-len(word)) > allowed || !isLowerASCII(text) {
			continue
		}
		d := editDistance(word, text, allowed)
		count := len(x.inverted.list(e.term))
		if e.kind&stopWord != 0 {
			count = 1 << 20
		}
		if d < bestDistance || d == bestDistance && d <= allowed && (count > bestCount || count == bestCount && string(text) < best) {
			best, bestDistance, bestCount = string(text), d, count
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// editDistance is the optimal string alignment distance (insertions,
// deletions, substitutions, transpositions of neighbours), or more than most
// when it is above that. Words start alike far more often than not, so a
// difference in the first letter counts twice.
func editDistance(a string, b []byte, most int) int {
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
