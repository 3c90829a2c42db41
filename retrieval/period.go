package retrieval

import (
	"strconv"
	"strings"
)

// A period is a decade or a century that a question names: any of its years in
// a sentence meets the words for it.
type period struct {
	terms       []int32 // of the question: "1970s", or "19th" and "century"
	first, last int     // years
	anyCentury  bool    // "the seventies": only the last two digits count
}

var decadeWords = map[string]int{
	"twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80, "nineties": 90,
}

var centuryWords = map[string]int{
	"fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20,
}

// periods are those that a question names.
func (q *question) periods() []period {
	var out []period
	for i := range q.terms {
		t := &q.terms[i]
		written := strings.ToLower(q.text[t.start:t.end])
		rest := q.text[t.end:]
		if n, ok := decadeWords[t.text]; ok {
			out = append(out, period{[]int32{int32(i)}, n, n + 9, true})
			continue
		}
		year, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSuffix(written, "s"), "年代"))
		switch {
		case t.kind&numeral == 0 && centuryWords[t.text] == 0:
		case err == nil && isYear(t.text[:min(4, len(t.text))]) && year%10 == 0 && (strings.HasPrefix(rest, "s") || strings.HasSuffix(written, "s") || strings.HasPrefix(rest, "年代")):
			out = append(out, period{[]int32{int32(i)}, year, year + 9, false})
		case i+1 < len(q.terms) && q.terms[i+1].text == "century":
			n := centuryWords[t.text]
			if n == 0 {
				n, _ = strconv.Atoi(t.text)
			}
			if n > 0 && n < 30 {
				out = append(out, period{[]int32{int32(i), int32(i + 1)}, 100*n - 99, 100 * n, false})
			}
		}
	}
	return out
}

func (p *period) holds(year int) bool {
	if p.anyCentury {
		year %= 100
	}
	return p.first <= year && year <= p.last
}

// meetPeriods counts the words of a period as met by a sentence with one of its years.
func (m *matcher) meetPeriods(tokens []occurrence, count *[maxTerms]uint8) {
	if len(m.periods) == 0 {
		return
	}
	for _, o := range tokens {
		if m.index.words.entries[o.surface()].kind&yearForm == 0 {
			continue
		}
		year, _ := strconv.Atoi(string(m.index.words.surfaces.at(o.surface())))
		for i := range m.periods {
			if p := &m.periods[i]; p.holds(year) {
				for _, t := range p.terms {
					count[t] = max(count[t], 1)
				}
			}
		}
	}
}
