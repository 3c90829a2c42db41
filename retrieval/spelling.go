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

// nearest is the word at the least distance from a word: one edit for words up
// to five letters, two for longer ones. It is a word of the corpus, or
// an English one of which the corpus has another form; "" if there is none, or
// if a word that the corpus lacks is nearer, as what was meant.
func (x *lexicalIndex) nearest(word string) string {
	allowed := edit
	if len(word) > 5 {
		allowed = 2 * edit
	}
	own, distance := x.nearestOwn(word, allowed)
	if distance <= edit {
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
		if int(e.term) >= x.bodyTerms || e.kind&(compoundForm|numeral|ideograms) != 0 || abs(len(text)-len(word))*slip > allowed || !isLowerASCII(text) || differ(letters, lettersOf(text), allowed) {
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
		if abs(len(text)-len(word))*slip > allowed || differ(letters, lettersOf(text), allowed) {
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

// differ says that words with these letters are farther apart than that: an
// error takes away one letter at most and brings one.
func differ(a, b uint32, distance int) bool { return bits.OnesCount32(a^b)*slip > 2*distance }

func abs(n int) int { return max(n, -n) }

// A typing error costs edit, or slip where fingers make it easily: a letter
// beside the one meant, two letters in the other order, a letter doubled or a
// double one single.
const (
	edit = 4
	slip = 3
)

// editDistance is the cost of the cheapest errors that make one word of
// another (optimal string alignment with weights; Damerau, 1964), or more than
// most when it is above that. Words start alike far more often than not, so a
// difference in the first letter costs two edits.
func editDistance[S string | []byte](a string, b S, most int) int {
	var rows [3][40]int
	if len(b) >= len(rows[0]) || len(a) >= len(rows[0]) {
		return most + 1
	}
	two, one, now := &rows[0], &rows[1], &rows[2]
	for j := range len(b) {
		one[j+1] = one[j] + gap(b, j)
	}
	for i := 1; i <= len(a); i++ {
		now[0] = one[0] + gap(a, i-1)
		least := now[0]
		for j := 1; j <= len(b); j++ {
			now[j] = min(one[j]+gap(a, i-1), now[j-1]+gap(b, j-1), one[j-1]+substitution(a[i-1], b[j-1], i == 1 && j == 1))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], two[j-2]+slip)
			}
			least = min(least, now[j])
		}
		if least > most+edit { // a transposition may still go back a row
			return most + 1
		}
		two, one, now = one, now, two
	}
	return one[len(b)]
}

// gap is the cost of a letter that the other word lacks.
func gap[S string | []byte](word S, at int) int {
	if at > 0 && word[at] == word[at-1] {
		return slip
	}
	return edit
}

func substitution(a, b byte, first bool) int {
	switch {
	case a == b:
		return 0
	case first:
		return 2 * edit
	case beside(a, b):
		return slip
	}
	return edit
}

// beside says whether two lower-case letters are neighbours on a keyboard.
func beside(a, b byte) bool { return keyboard[a-'a']&(1<<(b-'a')) != 0 }

// keyboard holds the neighbours of each letter, by bit.
var keyboard = func() (neighbors [26]uint32) {
	// Each row of QWERTY stands a quarter, then half a key to the right.
	rows := []struct {
		letters string
		shift   int // quarters of a key
	}{{"qwertyuiop", 0}, {"asdfghjkl", 1}, {"zxcvbnm", 3}}
	for y, row := range rows {
		for x := range row.letters {
			for y2, other := range rows {
				for x2 := range other.letters {
					if dx := 4*x + row.shift - 4*x2 - other.shift; abs(y-y2) <= 1 && abs(dx) <= 4 && dx*dx+16*(y-y2)*(y-y2) <= 25 && (dx != 0 || y != y2) {
						neighbors[row.letters[x]-'a'] |= 1 << (other.letters[x2] - 'a')
					}
				}
			}
		}
	}
	return neighbors
}()
