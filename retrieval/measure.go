package retrieval

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"footnote/corpus"
)

// A measure is a figure of a question with the word behind it: "14 metres".
type measure struct {
	term  int32 // of the question
	value float64
	unit  string // in one form for all ways to write it; "" where none follows
}

// measures are the question's figures that a range may hold. One that itself
// stands in a bound ("boats over 12 m") asks for those words.
func (q *question) measures() []measure {
	var out []measure
	for i := range q.terms {
		t := &q.terms[i]
		if t.kind&numeral == 0 || t.kind&compoundForm != 0 || q.bounded(t) || beforeMonth(q.text[t.end:]) {
			continue
		}
		if value, ok := figureOf(t.text); ok {
			unit, _ := cutUnit(q.text[t.end:])
			out = append(out, measure{int32(i), value, unit})
		}
	}
	return out
}

// beforeMonth reports whether a text begins with a month: the figure before it is
// a day.
func beforeMonth(text string) bool {
	behind := fields(text)
	return len(behind) > 0 && (isMonth(behind[0].text) || behind[0].text == "may")
}

// A bounds is a range of figures that a text states: "8 to 12 m", "over 12 m".
type bounds struct {
	from, to         float64
	hasFrom, hasTo   bool
	openFrom, openTo bool // the bound itself is outside
	unit             string
}

func (b *bounds) holds(v float64) bool {
	return (!b.hasFrom || v > b.from || v == b.from && !b.openFrom) && (!b.hasTo || v < b.to || v == b.to && !b.openTo)
}

// unitWords are the ways to write the units that people measure things in; the
// first of each is the one that all are read as.
var unitWords = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, line := range strings.Split(`m metre metres meter meters 米
km kilometre kilometres kilometer kilometers 公里 千米
cm centimetre centimetres centimeter centimeters 厘米
mm millimetre millimetres millimeter millimeters 毫米
ft foot feet
mi mile miles
kg kilogram kilograms kilogramme kilogrammes kilo kilos 公斤 千克
g gram grams gramme grammes 克
t tonne tonnes ton tons 吨
lb lbs
l litre litres liter liters 升
ml millilitre millilitres milliliter milliliters 毫升
h hr hrs hour hours 小时
min mins minute minutes 分钟
s sec second seconds 秒
d day days 天
week weeks 周
month months 个月
y yr yrs year years 岁 年
ha hectare hectares 公顷
kw kilowatt kilowatts 千瓦
kwh kilowatthour kilowatthours 千瓦时
c celsius 摄氏度
% percent
€ eur euro euros 欧元
$ usd dollar dollars 美元
£ gbp pound pounds 英镑
¥ yuan rmb 元
person persons people 人`, "\n") {
		words := strings.Fields(line)
		for _, w := range words {
			out[w] = words[0]
		}
	}
	return out
})

// cutUnit cuts the unit off that a text begins with, in its one form; "" if it
// begins with none.
func cutUnit(whole string) (unit, rest string) {
	text := strings.TrimLeft(whole, " -\u00a0\u2011°")
	if r, size := utf8.DecodeRuneInString(text); strings.ContainsRune("%€$£", r) {
		return text[:size], text[size:]
	} else if isCJK(r) {
		for n := 3; n > 0; n-- { // characters
			if length := n * size; length <= len(text) && unitWords()[text[:length]] != "" {
				return unitWords()[text[:length]], text[length:]
			}
		}
		return "", whole
	}
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) || isCJK(r) })
	if end < 0 {
		end = len(text)
	}
	if unit := unitWords()[strings.ToLower(text[:end])]; unit != "" {
		return unit, text[end:]
	}
	return "", whole
}

// figureOf reads a figure as it is written.
func figureOf(text string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	return v, err == nil
}

// A boundWord says that the figure behind it, or before it, is a bound.
type boundWord struct {
	word        string
	lower, open bool
}

// boundsBefore stand before a figure, boundsBehind behind it or its unit. One
// that holds another stands before that.
var (
	boundsBefore = []boundWord{
		{"not more than", false, false}, {"no more than", false, false}, {"not over", false, false}, {"not less than", true, false}, {"no less than", true, false},
		{"more than", true, true}, {"greater than", true, true}, {"over", true, true}, {"above", true, true}, {">", true, true},
		{"at least", true, false}, {"from", true, false}, {"minimum", true, false}, {"min.", true, false}, {"min", true, false}, {"≥", true, false},
		{"less than", false, true}, {"fewer than", false, true}, {"under", false, true}, {"below", false, true}, {"<", false, true},
		{"up to", false, false}, {"at most", false, false}, {"maximum", false, false}, {"max.", false, false}, {"max", false, false}, {"until", false, false}, {"≤", false, false},
		{"不超过", false, false}, {"不少于", true, false}, {"不低于", true, false}, {"不高于", false, false}, {"超过", true, true}, {"多于", true, true}, {"大于", true, true},
		{"至少", true, false}, {"少于", false, true}, {"小于", false, true}, {"低于", false, true}, {"至多", false, false}, {"最多", false, false},
	}
	boundsBehind = []boundWord{
		{"+", true, false}, {"and over", true, false}, {"and more", true, false}, {"and above", true, false}, {"and up", true, false}, {"and older", true, false},
		{"or over", true, false}, {"or more", true, false}, {"or above", true, false}, {"or older", true, false}, {"or longer", true, false}, {"以上", true, false},
		{"and under", false, false}, {"and less", false, false}, {"and below", false, false}, {"or under", false, false}, {"or less", false, false},
		{"or fewer", false, false}, {"or below", false, false}, {"or younger", false, false}, {"or shorter", false, false}, {"以下", false, false}, {"以内", false, false},
	}
	between = []string{"-", "–", "—", "~", "to", "至", "到"}
)

// A figure is a number as it stands in a text.
type figure struct {
	start, end int
	value      float64
}

func figuresIn(text string) []figure {
	var out []figure
	for i := 0; i < len(text); {
		if text[i] < '0' || text[i] > '9' {
			i++
			continue
		}
		end, _ := partEnd(text, i)
		if v, ok := figureOf(text[i:end]); ok {
			out = append(out, figure{i, end, v})
		}
		i = end
	}
	return out
}

// rangesIn are the ranges that a text states, each in one cell of a row.
func rangesIn(text string) []bounds {
	text = strings.ToLower(text)
	var out []bounds
	figures := figuresIn(text)
	last := 0 // end of what belongs to the figures before
	for n := 0; n < len(figures); n++ {
		f := figures[n]
		before := strings.TrimRight(text[last:f.start], " ")
		behind := text[f.end:]
		unit, rest := cutUnit(behind)
		last = len(text) - len(rest)
		if n+1 < len(figures) {
			next := figures[n+1]
			if unit, ok := spans(text[f.end:next.start]); ok && next.value > f.value && !joins(before) && !joins(text[next.end:]) {
				own, rest := cutUnit(text[next.end:])
				out = append(out, bounds{from: f.value, to: next.value, hasFrom: true, hasTo: true, unit: cmp.Or(own, unit)})
				last = len(text) - len(rest)
				n++
				continue
			}
		}
		if b, ok := boundAt(before, strings.TrimLeft(rest, " ")); ok {
			b.unit = unit
			if b.hasFrom {
				b.from = f.value
			} else {
				b.to = f.value
			}
			out = append(out, b)
		}
	}
	return out
}

// joins reports whether a text goes on in a date or a number of several parts.
func joins(text string) bool { return strings.HasSuffix(text, "-") || strings.HasPrefix(text, "-") }

// spans reports whether what stands between two figures makes a range of them,
// and the unit of the first.
func spans(text string) (unit string, ok bool) {
	unit, rest := cutUnit(text)
	return unit, slices.Contains(between, strings.TrimSpace(rest))
}

// boundAt reads the words around a figure and its unit.
func boundAt(before, behind string) (b bounds, ok bool) {
	for _, w := range boundsBefore {
		head, found := strings.CutSuffix(before, w.word)
		if last, _ := utf8.DecodeLastRuneInString(head); found && (!unicode.IsLetter(last) || isCJK(last)) {
			return bounds{hasFrom: w.lower, hasTo: !w.lower, openFrom: w.open, openTo: w.open}, true
		}
	}
	for _, w := range boundsBehind {
		if strings.HasPrefix(behind, w.word) {
			return bounds{hasFrom: w.lower, hasTo: !w.lower, openFrom: w.open, openTo: w.open}, true
		}
	}
	return bounds{}, false
}

// meetRanges counts a figure of the question as met by a row with a range that
// holds it, in the same unit: the one that the range is written in, or that
// stands in the names of the columns or above the table.
func (m *matcher) meetRanges(passage int32, s *sentence, count *[maxTerms]uint8) {
	p := &m.index.corpus.Passages[passage]
	if len(m.measures) == 0 || p.Columns == "" {
		return
	}
	ranges := rangesIn(p.Text[s.start:s.end])
	for _, asked := range m.measures {
		if slices.ContainsFunc(ranges, func(b bounds) bool {
			return b.holds(asked.value) && (b.unit == asked.unit || b.unit == "" && columnsHaveUnit(p, asked.unit))
		}) {
			count[asked.term] = max(count[asked.term], 1)
		}
	}
}

// columnsHaveUnit reports whether a row's columns or what stands above its table
// name a unit.
func columnsHaveUnit(p *corpus.Passage, unit string) bool {
	found := false
	for _, text := range [...]string{p.Columns, p.Lead} {
		Tokenize(text, func(t Token) { found = found || unitWords()[t.Surface] == unit })
	}
	return found
}
