package cite

import (
	"math/big"
	"slices"
	"strings"
	"sync"
)

// A quantityReader reads the quantities of a text, in order.
type quantityReader struct {
	lex   []lexeme
	atoms []atom
	// names are the letters with digits in the text, such as "gpt-4".
	names []string
	// listEnd is where a list of numbers without spaces ends that was found
	// to be no single number.
	listEnd int
	// pendingTimes is set by a word such as "threefold".
	pendingTimes bool
}

// An atom is one quantity before the lists and ranges are put in relation.
type atom struct {
	from, to int // lexemes
	// values, more and literals are those of its numeral; a literal alone
	// has no values.
	values, more []*big.Rat
	literals     []string
	dates        []calendarDate
	// tails are what can follow the number, at least one.
	tails []tail
	// prefixed is true when a currency stands before the number.
	prefixed bool
	// scaled is true when the number has a scale.
	scaled bool
	// fixed atoms take nothing from a list or range.
	fixed bool
	// lone and exempt claim nothing without a unit, silent nothing at all.
	lone, exempt, silent bool

	year int
	// name is what the number may be the end of: "gpt-4" for GPT 4.
	name string
	// lent are the tails of the rest of its list or range; when sure, they
	// are the only ones that a sentence can mean.
	lent []tail
	sure bool

	claims, also []reading
}

// A tail is a scale, nil for 1, and a unit.
type tail struct {
	scale *big.Rat
	unit  unit
}

func (t tail) blank() bool { return t.scale == nil && t.unit.of == noMeasure }

func readQuantities(text string) *quantityReader {
	r := &quantityReader{lex: lexemesOf(text)}
	known := knownWords()
	for i := range r.lex {
		l := &r.lex[i]
		l.known = l.kind != wordLexeme || known[l.lower] || strings.HasSuffix(l.lower, "fold")
	}
	for i := r.listNumberEnd(text); i < len(r.lex); {
		i = r.read(i)
	}
	r.spread()
	for i := range r.atoms {
		r.atoms[i].settle()
		r.misfit(&r.atoms[i])
	}
	return r
}

// misfit makes a literal of a number that is followed by a percent sign or a
// scale which it does not take, as in "October 29%" or "No. 4 million": it must
// stand so in the evidence.
func (r *quantityReader) misfit(a *atom) {
	i := a.to
	if i >= len(r.lex) || r.lex[i].gap > 1 || a.percentage() {
		return
	}
	percent := r.markAt(i, "%％‰") || r.wordAt(i, "percent", "pct") || r.wordAt(i, "per") && r.wordAt(i+1, "cent")
	if !percent && (r.scaleAt(i) == 0 || a.scaled) {
		return
	}
	a.also = append(a.also, a.claims...)
	a.claims = []reading{{kind: literalReading, value: r.plainText(a.from, i+1)}}
	a.exempt = false
}

// read reads what starts at lexeme i and returns where to go on.
func (r *quantityReader) read(i int) int {
	if !r.lex[i].known && !(i+1 < len(r.lex) && r.lex[i+1].gap == 0 && r.lex[i+1].kind != wordLexeme) {
		return i + 1
	}
	if found := r.dateAt(i); found != nil {
		r.atoms = append(r.atoms, found...)
		return found[len(found)-1].to
	}
	a, ok := r.amountAt(i)
	if ok {
		r.atoms = append(r.atoms, a)
		return a.to
	}
	if a.to > i { // read, and no claim
		return a.to
	}
	return i + 1
}

// listNumberEnd returns the lexeme after the number of a list item that the
// text starts with: "1. ", "2) ", "(3) ", "一、", "①".
func (r *quantityReader) listNumberEnd(text string) int {
	i := 0
	if r.markAt(0, "-*•") {
		i++
	}
	open := r.markAt(i, "(")
	if open {
		i++
	}
	if i >= len(r.lex) {
		return 0
	}
	l := &r.lex[i]
	_, han := hanDigits[l.text]
	if !(l.kind == digitLexeme && len(l.text) <= 2 && l.text <= "40" || l.kind == digitLexeme && len(l.text) == 1) && !han && l.text != "十" {
		return 0
	}
	next := i + 1
	switch {
	case open && r.markAt(next, ")"), !open && r.markAt(next, ")"), r.markAt(next, "、"):
	case r.markAt(next, ".") && !han && next+1 < len(r.lex) && r.lex[next+1].gap > 0:
	case strings.HasPrefix(text[l.start:], "\u2460") || text[l.start:] > "\u2460" && text[l.start:] < "\u2474":
		return r.circledEnd(i) // ① to ⑳
	default:
		return 0
	}
	if r.lex[next].gap > 0 {
		return 0
	}
	return next + 1
}

// circledEnd returns the lexeme after a circled number at lexeme i, which all
// its digits come from; 0 when it is none.
func (r *quantityReader) circledEnd(i int) int {
	if r.lex[i].gap == 0 || i+1 < len(r.lex) && r.lex[i+1].gap == 0 {
		return 0
	}
	return i + 1
}

// amountAt reads a number with what stands before and after it. When there is
// none, to is where to go on, if it is known.
func (r *quantityReader) amountAt(i int) (atom, bool) {
	if end := r.nameEnd(i); end > i {
		return atom{to: end}, false
	}
	negative, at := r.signAt(i)
	currencies, at := r.currencyBefore(at)
	if !negative && currencies != nil {
		negative, at = r.signAt(at)
	}
	r.pendingTimes = false
	n, ok := r.numeralAt(at)
	if !ok {
		return atom{}, false
	}
	if r.nameNumber(at, n) {
		return atom{to: at + 2}, false
	}
	a := atom{
		from: i, to: n.next, values: n.values, more: n.more, literals: n.literals,
		scaled: n.scaled, lone: n.lone, exempt: n.exempt, silent: n.silent, year: n.year, tails: []tail{{}},
	}
	if chain, ok := r.hyphenLiteral(at, n); ok && currencies == nil {
		return chain, true
	}
	r.putTail(&a, n, currencies)
	if n.next == at+1 && at > 0 && r.lex[at-1].kind == wordLexeme && capital(r.lex[at-1].text) && r.lex[at].kind == digitLexeme {
		a.name = r.lex[at-1].lower + "-" + r.lex[at].text
	}
	if negative {
		a.negate()
	}
	if len(a.values)+len(a.literals) == 0 {
		return atom{to: a.to}, false
	}
	return a, true
}

func (a *atom) negate() {
	a.year = 0
	for _, list := range [][]*big.Rat{a.values, a.more} {
		for i, v := range list {
			list[i] = new(big.Rat).Neg(v)
		}
	}
	for i, l := range a.literals {
		a.literals[i] = "-" + l
	}
}

// signAt reads a minus. A hyphen between words or numbers is none.
func (r *quantityReader) signAt(i int) (negative bool, next int) {
	after := len(r.atoms) > 0 && r.atoms[len(r.atoms)-1].to == i
	switch {
	case after:
	case r.wordAt(i, "minus", "negative") || r.hanAt(i, "负"):
		return true, i + 1
	case r.markAt(i, "-") && i+1 < len(r.lex) && r.lex[i+1].gap == 0 &&
		(i == 0 || r.lex[i].gap > 0 || r.markAt(i-1, "([:$£€¥<>=~≈/")):
		return true, i + 1
	}
	return false, i
}

// currencyBefore reads a currency that stands before a number.
func (r *quantityReader) currencyBefore(i int) ([]unit, int) {
	forms := unitsByForm().before
	if i >= len(r.lex) || !unitsByForm().starts[r.lex[i].lower] {
		return nil, i
	}
	for size := 4; size > 0; size-- {
		end := i + size
		if end >= len(r.lex) || r.lex[i].kind == digitLexeme {
			continue
		}
		next := &r.lex[end]
		if next.kind != digitLexeme && !(next.kind == hanLexeme && size > 1) && !r.markAt(end, "-.") || next.gap > 1 {
			continue
		}
		if size > 1 && r.lex[i].kind == hanLexeme != (r.lex[end-1].kind == hanLexeme) {
			continue
		}
		if form, ok := r.form(i, end); ok && forms[form] != nil && r.currencyLike(i, end) {
			if r.wordAt(i, "rs") && r.markAt(end, ".") {
				end++
			}
			return forms[form], end
		}
	}
	return nil, i
}

// currencyLike reports whether lexemes are written as a currency before a
// number is: not "dollar 5" or "元5", but 人民币5, USD 5 and $5.
func (r *quantityReader) currencyLike(i, end int) bool {
	l := &r.lex[i]
	switch l.kind {
	case hanLexeme:
		return end-i > 1
	case wordLexeme:
		return end-i > 1 || l.text == "Rs" || l.text == "rmb" || l.text[0] < 'a' && l.text != "Won" && len(l.text) == 3
	}
	return true
}

// form returns lexemes as the tables of units have them: words with a space
// between, whatever parts them; marks and Chinese without.
func (r *quantityReader) form(from, to int) (string, bool) {
	if to == from+1 {
		return r.lex[from].lower, true
	}
	out := make([]byte, 0, 24)
	for i := from; i < to; i++ {
		l := &r.lex[i]
		if l.gap > 1 && i > from || len(out) > 40 {
			return "", false
		}
		if i > from && l.gap > 0 && l.kind != hanLexeme {
			out = append(out, ' ')
		}
		if l.text == "-" && i > from && i+1 < to {
			out = append(out, ' ')
			continue
		}
		out = append(out, l.lower...)
	}
	return string(out), true
}

// hyphenLiteral reads 3-2, where the second number is not the larger one, and
// 010-1234-5678: they stand digit by digit.
func (r *quantityReader) hyphenLiteral(i int, n numeral) (atom, bool) {
	if n.next != i+1 || !r.chainedBy(i, "-") || r.markAt(i-1, "-") && r.lex[i].gap == 0 {
		return atom{}, false
	}
	end := i + 3
	for r.chainedBy(end-1, "-") {
		end += 2
	}
	first, second := shortNumber(r.lex[i].text), shortNumber(r.lex[i+2].text)
	if end == i+3 && (first < second || len(r.lex[i].text) > 3 || r.followed(end)) {
		return atom{}, false
	}
	a := atom{from: i, to: end, literals: []string{r.plainText(i, end)}, tails: []tail{{}}, fixed: true}
	for j := i; j < end; j += 2 {
		if v := ratOf(r.lex[j].text); v != nil {
			a.more = append(a.more, v)
		}
	}
	return a, true
}

// followed reports whether something after the number at lexeme i - 1 belongs
// to it.
func (r *quantityReader) followed(i int) bool {
	if r.attachedWord(i) || r.chainedBy(i-1, ".") || r.chainedBy(i-1, ",") || r.chainedBy(i-1, "/") || r.chainedBy(i-1, ":") {
		return true
	}
	scale, next := r.scaleAfter(i, false)
	units, _ := r.unitAfter(next)
	return scale != nil || units != nil || i < len(r.lex) && hanScales[r.lex[i].text] > 0
}

// settle writes down what an atom means: claims is what a sentence says with
// it, also what else it gives as evidence.
func (a *atom) settle() {
	for _, d := range a.dates {
		a.claims = append(a.claims, reading{kind: dateReading, date: d})
	}
	for _, l := range a.literals {
		a.claims = append(a.claims, reading{kind: literalReading, value: l})
	}
	if a.name != "" && !a.scaled && !a.measured() {
		a.claims = append(a.claims, reading{kind: nameReading, value: a.name})
	}
	own := a.tails
	if a.lent != nil && a.sure {
		own = nil
	}
	for _, v := range a.values {
		a.claims = appendReadings(a.claims, v, own)
		a.claims = appendReadings(a.claims, v, a.lent)
		a.also = appendReadings(a.also, v, a.tails)
	}
	for _, v := range a.more {
		a.also = appendReadings(a.also, v, a.tails)
		a.also = appendReadings(a.also, v, a.lent)
	}
	a.exempt = a.silent || (a.exempt || a.lone) && !a.measured()
}

// measured reports whether a unit, a scale or a percent sign is part of it.
func (a *atom) measured() bool {
	for _, t := range append(slices.Clone(a.tails), a.lent...) {
		if !t.blank() && t.unit.of != ordinalMeasure {
			return true
		}
	}
	return false
}

// percentage reports whether a percent sign belongs to a number.
func (a *atom) percentage() bool {
	return slices.ContainsFunc(slices.Concat(a.tails, a.lent), func(t tail) bool {
		return t.unit.of == percentMeasure || t.unit.of == perMilleMeasure
	})
}

func appendReadings(to []reading, value *big.Rat, tails []tail) []reading {
	for _, t := range tails {
		v := value
		if t.scale != nil {
			v = new(big.Rat).Mul(v, t.scale)
		}
		m := reading{value: v.RatString(), unit: t.unit.of, per: t.unit.per}
		if !slices.Contains(to, m) {
			to = append(to, m)
		}
	}
	return to
}

// knownWords are all the words that can start something to be read: most words
// of a text cannot.
var knownWords = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for _, w := range []string{
		"a", "an", "half", "several", "few", "many", "minus", "negative", "ad", "bc", "bce", "ce", "b", "fy", "q",
	} {
		known[w] = true
	}
	for _, table := range []map[string]int64{cardinalWords, scaleWords, pluralScales, ordinalWords} {
		for w := range table {
			known[w] = true
		}
	}
	for w := range monthNames {
		known[w] = true
	}
	for w := range unitsByForm().starts {
		known[w] = true
	}
	return known
})
