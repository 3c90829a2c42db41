package cite

import "math/big"

var cardinalWords = map[string]int64{
	"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
	"nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
	"sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30,
	"forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}

var scaleWords = map[string]int64{
	"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
	"dozen": 12, "lakh": 1e5, "lakhs": 1e5, "crore": 1e7, "crores": 1e7,
}

// pluralScales make vague amounts: hundreds, tens of millions. After a number
// they are scales as well.
var pluralScales = map[string]int64{
	"tens": 10, "dozens": 12, "hundreds": 1e2, "thousands": 1e3, "millions": 1e6, "billions": 1e9, "trillions": 1e12,
}

var ordinalWords = map[string]int64{
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
	"ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14,
	"fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
	"twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50, "sixtieth": 60,
	"seventieth": 70, "eightieth": 80, "ninetieth": 90, "hundredth": 100, "thousandth": 1000,
}

// fractionWords are the parts that "two" or "one" may stand before.
var fractionWords = map[string]int64{
	"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourths": 4, "fifth": 5,
	"fifths": 5, "sixth": 6, "sixths": 6, "seventh": 7, "sevenths": 7, "eighth": 8, "eighths": 8,
	"ninth": 9, "ninths": 9, "tenth": 10, "tenths": 10, "hundredths": 100,
}

// wordNumeral reads a number in English words.
func (r *quantityReader) wordNumeral(i int) (numeral, bool) {
	w := r.lex[i].lower
	if n, ok := r.vagueNumeral(i); ok {
		return n, true
	}
	switch {
	case w == "half":
		return r.halfNumeral(i)
	case (w == "a" || w == "an") && r.scaleAt(i+1) > 0:
		p := wordParser{r: r, at: i + 1, current: 1}
		return p.number(), true
	case w == "a" && r.wordAt(i+1, "third", "quarter", "fifth", "tenth") && r.wordAt(i+2, "of"):
		return numeral{next: i + 2, values: []*big.Rat{big.NewRat(1, fractionWords[r.lex[i+1].lower])}}, true
	case w == "a" || w == "an" || w == "one" && r.wordAt(i+1, "day"):
		if units, _ := r.unitAfter(i + 1); units == nil || !r.longWord(i+1) {
			return numeral{}, false
		}
		return numeral{next: i + 1, values: []*big.Rat{big.NewRat(1, 1)}, silent: true}, true
	case ordinalWords[w] > 0:
		return r.ordinalNumeral(i+1, ordinalWords[w]), true
	}
	if _, ok := cardinalWords[w]; ok {
		p := wordParser{r: r, at: i}
		return p.number(), true
	}
	if n, ok := r.foldWord(i); ok {
		return n, true
	}
	if s := scaleWords[w]; s > 0 { // "hundred-model war": no claim
		return numeral{next: i + 1, values: []*big.Rat{big.NewRat(s, 1)}, exempt: true}, true
	}
	return numeral{}, false
}

func (r *quantityReader) longWord(i int) bool {
	return i < len(r.lex) && r.lex[i].kind == wordLexeme && len(r.lex[i].text) > 2
}

func (r *quantityReader) scaleAt(i int) int64 {
	if i >= len(r.lex) || r.lex[i].kind != wordLexeme {
		return 0
	}
	return scaleWords[r.lex[i].lower]
}

// ordinalNumeral makes an ordinal; those to ten are of style, and claim
// nothing on their own.
func (r *quantityReader) ordinalNumeral(next int, value int64) numeral {
	return numeral{next: next, values: []*big.Rat{big.NewRat(value, 1)}, ordinal: true, exempt: value <= 10}
}

// halfNumeral reads "half a million", "half a year" and "half of".
func (r *quantityReader) halfNumeral(i int) (numeral, bool) {
	half := numeral{next: i + 1, values: []*big.Rat{big.NewRat(1, 2)}, lone: true}
	switch {
	case r.wordAt(i-1, "first", "second", "other", "latter", "better", "third"):
		return numeral{}, false
	case r.wordAt(i+1, "a", "an") && r.scaleAt(i+2) > 0:
		half.next, half.scaled, half.lone = i+3, true, false
		half.values = []*big.Rat{big.NewRat(r.scaleAt(i+2), 2)}
		for r.scaleAt(half.next) > 0 && half.next < i+6 {
			half.values = []*big.Rat{new(big.Rat).Mul(half.values[0], big.NewRat(r.scaleAt(half.next), 1))}
			half.next++
		}
	case r.wordAt(i+1, "a", "an"):
		half.next++
	case r.wordAt(i+1, "of", "the"):
		half.lone = false
	}
	return half, true
}

// foldWord reads twofold, threefold, tenfold.
func (r *quantityReader) foldWord(i int) (numeral, bool) {
	w := r.lex[i].lower
	if len(w) < 7 || w[len(w)-4:] != "fold" {
		return numeral{}, false
	}
	value, ok := cardinalWords[w[:len(w)-4]]
	if !ok {
		if value = scaleWords[w[:len(w)-4]]; value == 0 {
			return numeral{}, false
		}
	}
	r.pendingTimes = true
	return numeral{next: i + 1, values: []*big.Rat{big.NewRat(value, 1)}, lone: true}, true
}

// vagueNumeral reads "tens of millions", "thousands", "several hundred".
func (r *quantityReader) vagueNumeral(i int) (numeral, bool) {
	value := pluralScales[r.lex[i].lower]
	next := i + 1
	if value == 0 && r.wordAt(i, "several", "few", "many") {
		value = r.scaleAt(i + 1)
		next++
	}
	if value == 0 {
		return numeral{}, false
	}
	product := big.NewRat(value, 1)
	tail := big.NewRat(value, 1)
	for range 3 {
		at := next
		if r.wordAt(at, "of") {
			at++
		}
		scale := r.scaleAt(at)
		if scale == 0 && at > next && at < len(r.lex) {
			scale = pluralScales[r.lex[at].lower]
		}
		if scale == 0 {
			break
		}
		tail = big.NewRat(scale, 1)
		product = new(big.Rat).Mul(product, tail)
		next = at + 1
	}
	return numeral{next: next, values: []*big.Rat{product}, more: []*big.Rat{tail}, vague: true}, true
}

// A wordParser adds up number words: two hundred and fifty thousand.
type wordParser struct {
	r  *quantityReader
	at int
	// total is what the scales so far have closed; current what is open.
	total, current int64
	last           int64 // the last scale that closed, 0 before the first
	words          int
	scaled         bool
}

func (p *wordParser) number() numeral {
	for p.step() {
	}
	value := p.total + p.current
	n := numeral{next: p.at, values: []*big.Rat{big.NewRat(value, 1)}, lone: value < 11, scaled: p.scaled, exempt: value == 0}
	if o, ok := p.ordinal(); ok {
		return o
	}
	if f, ok := p.fraction(value); ok {
		return f
	}
	if y, ok := p.year(value); ok {
		return y
	}
	return p.r.andPart(n)
}

// step reads one more word. It reports whether it belonged to the number.
func (p *wordParser) step() bool {
	at, joined := p.join()
	if at >= len(p.r.lex) || p.r.lex[at].kind != wordLexeme || p.words > 40 {
		return false
	}
	w := p.r.lex[at].lower
	if v, ok := cardinalWords[w]; ok {
		if p.words > 0 && (v == 0 || !p.fits(v)) {
			return false
		}
		p.current += v
	} else if s := scaleWords[w]; s > 0 && !joined {
		if !p.close(s) {
			return false
		}
		p.scaled = true
	} else {
		return false
	}
	p.words++
	p.at = at + 1
	return true
}

// join skips a hyphen, or an "and" after a hundred or a larger scale.
func (p *wordParser) join() (at int, and bool) {
	if p.words == 0 {
		return p.at, false
	}
	if p.r.markAt(p.at, "-") && p.r.lex[p.at].gap == 0 && p.at+1 < len(p.r.lex) && p.r.lex[p.at+1].gap == 0 {
		return p.at + 1, false
	}
	if p.scaled && p.current%100 == 0 && p.r.wordAt(p.at, "and") {
		return p.at + 1, true
	}
	return p.at, false
}

// fits reports whether a word can follow: units after tens, either after a
// hundred or a scale.
func (p *wordParser) fits(v int64) bool {
	rest := p.current % 100
	if rest == 0 {
		return p.scaled
	}
	return v < 10 && rest >= 20 && rest%10 == 0
}

// close multiplies by a scale: hundred what is open, a larger one all below it.
func (p *wordParser) close(scale int64) bool {
	switch {
	case p.current == 0 && p.total == 0:
		return false
	case scale <= 100: // hundred, dozen
		if p.current == 0 || p.current > 99 {
			return false
		}
		p.current *= scale
		return true
	case p.last != 0 && p.current == 0: // a million million
		if p.total > 1e15/scale {
			return false
		}
		p.total *= scale
		return true
	case p.last != 0 && scale >= p.last:
		return false
	}
	p.total += p.current * scale
	p.current, p.last = 0, scale
	return true
}

// ordinal reads the end of "twenty-first" or "one hundred and fifth".
func (p *wordParser) ordinal() (numeral, bool) {
	at, _ := p.join()
	if at >= len(p.r.lex) || p.r.lex[at].kind != wordLexeme || p.current%10 != 0 || p.current == 0 && !p.scaled {
		return numeral{}, false
	}
	v := ordinalWords[p.r.lex[at].lower]
	if v == 0 || v >= 100 || v >= 10 && p.current%100 != 0 || p.current%100 == 10 {
		return numeral{}, false
	}
	if p.current == 0 && p.total == 0 {
		return numeral{}, false
	}
	return p.r.ordinalNumeral(at+1, p.total+p.current+v), true
}

// fraction reads the end of "two-thirds" and "one quarter".
func (p *wordParser) fraction(value int64) (numeral, bool) {
	at := p.at
	if p.r.markAt(at, "-") && p.r.lex[at].gap == 0 {
		at++
	}
	if value == 0 || value > 99 || at >= len(p.r.lex) || p.r.lex[at].kind != wordLexeme || p.words == 0 {
		return numeral{}, false
	}
	w := p.r.lex[at].lower
	parts := fractionWords[w]
	if parts == 0 || value > 1 && w[len(w)-1] != 's' || value == 1 && w[len(w)-1] == 's' {
		return numeral{}, false
	}
	n := numeral{next: at + 1, values: []*big.Rat{big.NewRat(value, parts)}}
	return n, true
}

// year reads the end of "nineteen eighty-four".
func (p *wordParser) year(century int64) (numeral, bool) {
	if p.scaled || century < 10 || century > 20 || p.at >= len(p.r.lex) {
		return numeral{}, false
	}
	if v, ok := cardinalWords[p.r.lex[p.at].lower]; !ok || v < 10 {
		return numeral{}, false
	}
	rest := wordParser{r: p.r, at: p.at}
	for rest.step() {
	}
	if rest.scaled || rest.current < 10 {
		return numeral{}, false
	}
	year := century*100 + rest.current
	return numeral{next: rest.at, values: []*big.Rat{big.NewRat(year, 1)}, year: int(year)}, true
}
