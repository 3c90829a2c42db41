package cite

import (
	"math/big"
	"slices"
	"strings"
)

// shortScales are the abbreviations of scales. Those of one letter stand right
// after the digits, or after a space in capitals.
var shortScales = map[string]int64{
	"k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "b": 1e9, "B": 1e9, "T": 1e12,
	"mn": 1e6, "mln": 1e6, "mm": 1e6, "bn": 1e9, "bln": 1e9, "tn": 1e12, "trn": 1e12, "Bn": 1e9, "Mn": 1e6,
	"MN": 1e6, "BN": 1e9, "Tn": 1e12,
}

// putTail reads what follows the number of a: scales and a unit.
func (r *quantityReader) putTail(a *atom, n numeral, currencies []unit) {
	switch {
	case n.percent:
		a.tails = []tail{{unit: unit{of: percentMeasure}}}
		return
	case n.vague:
		r.vagueTail(a)
		return
	case n.ordinal:
		r.ordinalTail(a)
		return
	case r.pendingTimes:
		a.tails = []tail{{unit: unit{of: timesMeasure}}}
		return
	case len(n.values) == 1 && !n.exempt:
		if tail := r.hanTail(n); tail.next > n.next {
			a.values, a.to, a.scaled, a.year, a.lone = tail.values, tail.next, true, 0, false
			a.more, a.literals = nil, nil
		}
	}
	if r.hanAt(a.to, "个", "個") && r.hanAt(a.to+1, "半") && len(a.values) == 1 { // 两个半小时
		a.values = []*big.Rat{new(big.Rat).Add(a.values[0], big.NewRat(1, 2))}
		a.more, a.to, a.year = nil, a.to+2, 0
	}
	if len(a.values) == 0 {
		r.literalTail(a)
		return
	}
	if r.ordinalSuffix(a) || r.hourOfDay(a) {
		return
	}
	scale, next := r.scaleAfter(a.to, currencies != nil)
	if scale != nil {
		a.to, a.year, a.scaled = next, 0, true
	}
	a.tails = []tail{{scale: scale}}
	if currencies != nil {
		r.putCurrency(a, currencies)
		return
	}
	metres := scale != nil && next > 0 && r.lex[next-1].text == "m"
	r.putUnit(a)
	if metres && a.tails[0].unit.of == noMeasure {
		a.tails = append(a.tails, tail{unit: unit{of: unitsByForm().one("m")}})
	}
}

// literalTail steps over the unit of a literal: 4.5.1 has none, 3,5% has.
func (r *quantityReader) literalTail(a *atom) {
	if r.markAt(a.to, "%") && r.lex[a.to].gap == 0 {
		for i := range a.literals {
			a.literals[i] += "%"
		}
		a.to++
	}
}

// putCurrency gives an amount the currency before it, or that after it when
// both are named: US$5 million, ¥5亿元.
func (r *quantityReader) putCurrency(a *atom, before []unit) {
	a.prefixed = true
	scale := a.tails[0].scale
	a.tails = nil
	for _, u := range before {
		a.tails = append(a.tails, tail{scale, u})
	}
	after, next := r.unitAfter(a.to)
	for _, u := range after {
		if slices.Contains(before, u) {
			a.tails, a.to = []tail{{scale, u}}, next
			return
		}
	}
}

// putUnit gives an amount the unit after it.
func (r *quantityReader) putUnit(a *atom) {
	units, next := r.unitAfter(a.to)
	if units == nil {
		r.unknownUnit(a)
		return
	}
	scale, forms := a.tails[0].scale, unitsByForm()
	verb := r.wordAt(next-1, "won") && scale == nil
	a.to, a.year, a.tails = next, 0, nil
	for _, u := range units {
		a.tails = append(a.tails, tail{scale, u})
	}
	if verb { // "15 won" may be no money
		a.tails = append(a.tails, tail{scale: scale})
	}
	if forms.kind(units[0].of) == timeKind {
		r.halfMore(a)
	}
	if r.wordAt(next, "old") {
		a.to = next
	}
}

// unknownUnit makes an amount literal whose unit has digits that no unit has:
// 5 km4.
func (r *quantityReader) unknownUnit(a *atom) {
	at := a.to
	if at+1 >= len(r.lex) || r.lex[at].gap > 1 || r.lex[at].kind != wordLexeme || !r.digitAt(at+1, 0) {
		return
	}
	if l := &r.lex[at]; unitsByForm().exact[l.text] == nil && unitsByForm().words[l.lower] == nil {
		return
	}
	for _, v := range a.values {
		a.literals = append(a.literals, v.RatString()+r.plainText(at, at+2))
	}
	a.values, a.more, a.to, a.year = nil, a.values, at+2, 0
}

// halfMore reads the 半 of 两年半.
func (r *quantityReader) halfMore(a *atom) {
	if r.hanAt(a.to, "半") && r.lex[a.to-1].kind == hanLexeme && !r.hanAt(a.to+1, "导", "数", "年", "月", "天", "径", "个") {
		for i, v := range a.values {
			a.values[i] = new(big.Rat).Add(v, big.NewRat(1, 2))
		}
		a.to++
	}
}

func (r *quantityReader) vagueTail(a *atom) {
	m := unit{of: vagueMeasure}
	at := a.to
	if r.wordAt(at, "of") {
		at++
	}
	if units, next := r.unitAfter(at); units != nil {
		m.per, a.to = units[0].of, next
	}
	// The vague amount alone stands as well: tens of millions of dollars.
	a.tails = []tail{{unit: m}}
	if m.per != noMeasure {
		for _, v := range append(slices.Clone(a.values), a.more...) {
			a.also = append(a.also, reading{value: v.RatString(), unit: vagueMeasure})
		}
	}
}

// ordinalTail reads the century or the fraction after an ordinal in words.
func (r *quantityReader) ordinalTail(a *atom) {
	a.tails = []tail{{unit: unit{of: ordinalMeasure}}}
	at := a.to
	if r.markAt(at, "-") {
		at++
	}
	if r.wordAt(at, "century", "centuries") {
		a.to, a.tails = at+1, []tail{{unit: unit{of: centuryMeasure}}}
		if sign, next := r.eraAt(a.to); sign != 0 {
			a.to = next
			if sign < 0 {
				a.negate()
			}
		}
	}
}

// ordinalSuffix reads 21st and 22 nd.
func (r *quantityReader) ordinalSuffix(a *atom) bool {
	if !r.wordAt(a.to, "st", "nd", "rd", "th") || r.lex[a.to].gap > 1 || r.lex[a.to].text != r.lex[a.to].lower || r.lex[a.to-1].kind != digitLexeme {
		return false
	}
	a.to++
	a.exempt = a.values[0].IsInt() && a.values[0].Cmp(big.NewRat(10, 1)) <= 0
	a.year = 0
	if v := a.values[0]; v.IsInt() && v.Cmp(big.NewRat(31, 1)) <= 0 && v.Sign() > 0 { // "on the 15th"
		a.dates = []calendarDate{newDate(0, 0, int(v.Num().Int64()))}
	}
	r.ordinalTail(a)
	if a.tails[0].unit.of == centuryMeasure {
		a.dates = nil
	}
	return true
}

// hourOfDay reads 4pm and 4 p.m., which are times: 4:00pm.
func (r *quantityReader) hourOfDay(a *atom) bool {
	half, next := r.halfOfDay(a.to)
	if half == "" || r.lex[a.to].gap > 1 || r.lex[a.to-1].kind != digitLexeme || a.year != 0 || len(a.values) != 1 {
		return false
	}
	a.literals = []string{a.values[0].RatString() + ":00" + half}
	a.values, a.more, a.to = nil, nil, next
	return true
}

// scaleAfter reads the scales at lexeme i: million, hundred thousand, bn.
func (r *quantityReader) scaleAfter(i int, money bool) (*big.Rat, int) {
	if i >= len(r.lex) {
		return nil, i
	}
	if s := r.shortScale(i, money); s > 0 {
		return big.NewRat(s, 1), i + 1
	}
	var scale *big.Rat
	for range 3 {
		at := i
		if r.markAt(at, "-") && r.lex[at].gap == 0 {
			at++
		}
		s := r.scaleAt(at)
		if s == 0 && at < len(r.lex) && at == i {
			s = pluralScales[r.lex[at].lower]
			if s == 10 || s == 12 {
				s = 0
			}
		}
		if s == 0 || r.lex[at].gap > 1 {
			break
		}
		if scale == nil {
			scale = big.NewRat(1, 1)
		}
		scale = new(big.Rat).Mul(scale, big.NewRat(s, 1))
		i = at + 1
	}
	return scale, i
}

func (r *quantityReader) shortScale(i int, money bool) int64 {
	l := &r.lex[i]
	s := shortScales[l.text]
	if s == 0 || l.kind != wordLexeme || l.gap > 1 || r.lex[i-1].kind != digitLexeme {
		return 0
	}
	if l.text == "mm" && !money || l.text == "m" && !money && l.gap > 0 {
		return 0
	}
	capitals := l.text[0] < 'a'
	if len(l.text) == 1 && l.gap > 0 && !capitals && !money {
		return 0
	}
	if i+1 < len(r.lex) && r.lex[i+1].gap == 0 && (r.markAt(i+1, "/'") || r.lex[i+1].kind == digitLexeme) {
		return 0
	}
	return s
}

// unitAfter reads the unit at lexeme i, a hyphen or 个 before it included.
func (r *quantityReader) unitAfter(i int) ([]unit, int) {
	at := i
	if at >= len(r.lex) || r.lex[at].gap > 1 {
		return nil, i
	}
	if r.hanAt(at, "多", "余", "餘", "几", "来") {
		at++
	}
	if r.markAt(at, "-") && r.lex[at].gap == 0 && at+1 < len(r.lex) && r.lex[at+1].gap == 0 {
		at++
	} else if r.markAt(at, "+") && r.lex[at].gap == 0 {
		at++
	}
	if r.hanAt(at, "个", "個") && !r.hanAt(at+1, "人") {
		if r.hanAt(at+1, "多") {
			at++
		}
		if units, next := r.unitAt(at + 1); units != nil {
			return units, next
		}
		if r.hanAt(at+1, "月") {
			return unitsByForm().words["months"], at + 2
		}
	}
	units, next := r.unitAt(at)
	if units == nil {
		return nil, i
	}
	return units, next
}

// unitAt reads a unit at lexeme i, the longest form first, and the unit that
// it is per.
func (r *quantityReader) unitAt(i int) ([]unit, int) {
	units, next := r.simpleUnit(i)
	if units == nil || units[0].per != noMeasure {
		return units, next
	}
	forms := unitsByForm()
	if forms.kind(units[0].of) == ratioKind || forms.kind(units[0].of) == currencyKind {
		return units, next
	}
	at := next
	switch {
	case r.markAt(at, "/") && r.lex[at].gap == 0, r.wordAt(at, "per"), r.hanAt(at, "每", "/"):
		at++
	case r.wordAt(at, "a", "an", "each", "every") && forms.kind(units[0].of) != timeKind:
		at++
	default:
		return units, next
	}
	per, end := r.simpleUnit(at)
	if per == nil || forms.kind(per[0].of) == ratioKind || forms.kind(per[0].of) == currencyKind {
		return units, next
	}
	return []unit{{units[0].of, per[0].of}}, end
}

func (r *quantityReader) simpleUnit(i int) ([]unit, int) {
	if i >= len(r.lex) || r.lex[i].gap > 1 || r.lex[i].kind == digitLexeme {
		return nil, i
	}
	forms := unitsByForm()
	if !r.lex[i].known || !forms.starts[r.lex[i].lower] {
		return nil, i
	}
	if r.lex[i].kind == hanLexeme {
		return r.hanUnit(i)
	}
	for size := min(4, len(r.lex)-i); size > 0; size-- {
		if size > 1 && r.lex[i+size-1].gap > 1 {
			continue
		}
		exact := r.plainText(i, i+size)
		if size == 1 || r.lex[i+1].gap == 0 {
			if u := forms.exact[exact]; u != nil && r.unitEnds(i, i+size) {
				return u, i + size
			}
		}
		form, ok := r.form(i, i+size)
		if u := forms.words[form]; ok && u != nil && r.unitEnds(i, i+size) {
			if form == "x" && (r.digitAt(i+1, 1) || r.lex[i].gap > 0) {
				return nil, i
			}
			return u, i + size
		}
	}
	return nil, i
}

// unitEnds reports whether nothing is attached after a unit that would make it
// another word, such as the 2 of m2.
func (r *quantityReader) unitEnds(i, end int) bool {
	if end >= len(r.lex) || r.lex[end].gap > 0 {
		return true
	}
	l := &r.lex[end]
	if l.kind == digitLexeme && r.lex[end-1].kind == wordLexeme {
		return false
	}
	return !(r.lex[i].kind == wordLexeme && l.text == "'" && end+1 < len(r.lex) && len(r.lex[i].text) == 1)
}

// hanUnit reads a Chinese unit at lexeme i.
func (r *quantityReader) hanUnit(i int) ([]unit, int) {
	forms := unitsByForm().words
	var b strings.Builder
	size := 0
	for size < 5 && i+size < len(r.lex) && r.lex[i+size].kind == hanLexeme && r.lex[i+size].gap <= 1 {
		b.WriteString(r.lex[i+size].text)
		size++
	}
	text := b.String()
	for ; size > 0; size-- {
		if u := forms[text]; u != nil && !r.notUnit(i, size) {
			return u, i + size
		}
		_, last := lastRune(text)
		text = text[:len(text)-last]
	}
	return nil, i
}

// notUnit reports whether the character at lexeme i starts another word.
func (r *quantityReader) notUnit(i, size int) bool {
	if size > 1 {
		return false
	}
	return r.hanAt(i, "年") && r.hanAt(i+1, "级", "代") || r.hanAt(i, "天") && r.hanAt(i+1, "然", "使", "才") ||
		r.hanAt(i, "元") && r.hanAt(i+1, "素", "宇") || r.hanAt(i, "周") && r.hanAt(i+1, "边", "围") ||
		r.hanAt(i, "日") && r.hanAt(i+1, "本") || r.hanAt(i, "节") || r.hanAt(i, "度") && r.hanAt(i+1, "假", "过")
}

// namedInSentence returns the units that words of the text name, on their own
// or with a number: those that a number of the sentence may be meant in.
func (r *quantityReader) namedInSentence() measureSet {
	var named measureSet
	for i := range r.lex {
		if r.lex[i].kind == wordLexeme && r.lex[i].known && len(r.lex[i].text) > 2 {
			r.name(&named, i, otherKind, timeKind)
		}
	}
	for i := range r.atoms {
		for _, t := range r.atoms[i].tails {
			if t.unit.of >= firstMeasure && unitsByForm().kind(t.unit.of) != currencyKind {
				named.put(t.unit.of)
				named.put(t.unit.per)
			}
		}
	}
	return named
}

// namedInText returns the currencies that the text names, and percent where
// its sign stands away from a number, as in the heading of a table.
func (r *quantityReader) namedInText() measureSet {
	var named measureSet
	for i := range r.lex {
		switch l := &r.lex[i]; {
		case l.text == "%" && (i == 0 || r.lex[i-1].kind == markLexeme):
			named.put(percentMeasure)
		case l.kind == wordLexeme && l.known && len(l.text) > 2, l.kind == markLexeme:
			r.name(&named, i, currencyKind)
		case l.kind == hanLexeme && i+1 < len(r.lex) && r.lex[i+1].kind == hanLexeme:
			if _, next := r.simpleUnit(i); next > i+1 {
				r.name(&named, i, currencyKind)
			}
		}
	}
	for i := range r.atoms {
		for _, t := range r.atoms[i].tails {
			if unitsByForm().kind(t.unit.of) == currencyKind {
				named.put(t.unit.of)
			}
		}
	}
	return named
}

func (r *quantityReader) name(to *measureSet, i int, kinds ...measureKind) {
	units, _ := r.simpleUnit(i)
	for _, u := range units {
		if slices.Contains(kinds, unitsByForm().kind(u.of)) {
			to.put(u.of)
		}
	}
}
