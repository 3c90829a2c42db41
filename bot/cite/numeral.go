package cite

import (
	"math/big"
	"strings"
)

// A numeral is a number without its unit, as digits or words.
type numeral struct {
	next int // the lexeme after it
	// values are what it can mean; more holds what it can mean in evidence.
	// A numeral without values is a literal.
	values, more []*big.Rat
	literals     []string
	// year is the number as a year: four plain digits; else 0.
	year int
	// lone is true for small number words and single Chinese numerals, which
	// claim nothing without a unit.
	lone    bool
	ordinal bool
	vague   bool // tens of thousands
	percent bool // 百分之八十, 八成
	exempt  bool // claims nothing without a unit: zero, first
	silent  bool // claims nothing, and is only evidence: a year is one year
	// scaled is true when a scale word is part of it, so that it takes none
	// from a list.
	scaled bool
}

// mostDigits is how many digits are read as a value; more are a literal.
const mostDigits = 60

// numeralAt reads the numeral that starts at lexeme i.
func (r *quantityReader) numeralAt(i int) (numeral, bool) {
	if i >= len(r.lex) {
		return numeral{}, false
	}
	switch l := &r.lex[i]; {
	case l.kind == digitLexeme:
		return r.digitNumeral(i), true
	case l.kind == fractionLexeme:
		value, _ := new(big.Rat).SetString(vulgarFraction([]rune(l.text)[0]))
		return numeral{next: i + 1, values: []*big.Rat{value}}, true
	case l.kind == wordLexeme:
		return r.wordNumeral(i)
	case l.kind == hanLexeme:
		return r.hanNumeral(i)
	case l.text == "." && r.digitAt(i+1, 0) && (i == 0 || l.gap > 0 || r.markAt(i-1, "$£€¥(")):
		n := r.singleNumber(i+1, i+2)
		n.values = []*big.Rat{ratOf("0." + r.lex[i+1].text)}
		n.literals, n.more, n.year = nil, nil, 0
		if n.values[0] == nil {
			n.values, n.literals = nil, []string{"." + r.lex[i+1].text}
		}
		return n, true
	}
	return numeral{}, false
}

func ratOf(text string) *big.Rat {
	if len(text) > mostDigits+2 {
		return nil
	}
	if n := shortNumber(text); n >= 0 {
		return big.NewRat(int64(n), 1)
	}
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	return value
}

// digitNumeral reads digits with their separators, then an exponent or a
// fraction.
func (r *quantityReader) digitNumeral(i int) numeral {
	if n, ok := r.colonNumeral(i); ok {
		return n
	}
	if n, ok := r.slashNumeral(i); ok {
		return n
	}
	n := r.separatedNumber(i)
	switch {
	case r.markAt(n.next, "^") && len(n.values) == 1:
		return r.power(n)
	case r.timesTen(n.next) && len(n.values) == 1:
		ten := r.power(numeral{next: n.next + 2, values: []*big.Rat{big.NewRat(10, 1)}})
		if len(ten.values) == 0 {
			return n
		}
		return numeral{next: ten.next, values: []*big.Rat{new(big.Rat).Mul(n.values[0], ten.values[0])}}
	case n.next == i+1 && len(n.values) == 1:
		return r.mixedNumber(n)
	}
	return n
}

// timesTen reports whether ×10^ follows, as in 6.02×10^23.
func (r *quantityReader) timesTen(i int) bool {
	return r.wordOrMark(i, "×", "x", "*") && r.digitAt(i+1, 1) && r.lex[i+1].text == "10" &&
		r.markAt(i+2, "^") && r.lex[i+2].gap == 0
}

// power reads the exponent of n, which stands at n.next.
func (r *quantityReader) power(n numeral) numeral {
	i, sign := n.next+1, ""
	if r.markAt(i, "-") {
		i, sign = i+1, "-"
	}
	if !r.digitAt(i, 0) {
		return n
	}
	exponent := shortNumber(r.lex[i].text)
	base := n.values[0]
	if exponent < 0 || exponent > mostDigits || len(base.RatString()) > 4 {
		return numeral{next: i + 1, literals: []string{base.RatString() + "^" + sign + r.lex[i].text}}
	}
	value := big.NewRat(1, 1)
	for range exponent {
		value.Mul(value, base)
	}
	if sign != "" && value.Sign() != 0 {
		value.Inv(value)
	}
	return numeral{next: i + 1, values: []*big.Rat{value}}
}

// mixedNumber reads 2½, 2 1/2 and "3 and a half".
func (r *quantityReader) mixedNumber(n numeral) numeral {
	i := n.next
	var part *big.Rat
	switch {
	case i < len(r.lex) && r.lex[i].kind == fractionLexeme && r.lex[i].gap <= 1:
		f, _ := r.numeralAt(i)
		part, i = f.values[0], f.next
	case r.digitAt(i, 1) && r.lex[i].gap == 1:
		f, ok := r.slashNumeral(i)
		if !ok || len(f.values) == 0 || f.values[0].Cmp(big.NewRat(1, 1)) >= 0 {
			return n
		}
		part, i = f.values[0], f.next
	default:
		return r.andPart(n)
	}
	return numeral{next: i, values: []*big.Rat{new(big.Rat).Add(n.values[0], part)}}
}

// andPart reads "and a half" after a number.
func (r *quantityReader) andPart(n numeral) numeral {
	if !r.wordAt(n.next, "and") {
		return n
	}
	var part *big.Rat
	next := n.next + 3
	switch {
	case r.wordAt(n.next+1, "a", "one") && r.wordAt(n.next+2, "half"):
		part = big.NewRat(1, 2)
	case r.wordAt(n.next+1, "a", "one") && r.wordAt(n.next+2, "quarter"):
		part = big.NewRat(1, 4)
	case r.wordAt(n.next+1, "three") && r.wordAt(n.next+2, "quarters"):
		part = big.NewRat(3, 4)
	default:
		return n
	}
	n.values = []*big.Rat{new(big.Rat).Add(n.values[0], part)}
	n.more, n.literals, n.year, n.lone, n.next = nil, nil, 0, false, next
	return n
}

// colonNumeral reads a ratio or a time of day: 3:1, 10:30, 10:30:05. They are
// literals.
func (r *quantityReader) colonNumeral(i int) (numeral, bool) {
	if !r.chainedBy(i, ":") {
		return numeral{}, false
	}
	end := i + 1
	for r.chainedBy(end-1, ":") {
		end += 2
	}
	var literal strings.Builder
	literal.WriteString(trimZeros(r.lex[i].text))
	for j := i + 2; j < end; j += 2 {
		literal.WriteString(":" + trimColon(r.lex[j].text, end-i))
	}
	return r.dayTime(numeral{next: end, literals: []string{literal.String()}}), true
}

// trimColon leaves the zeros of minutes.
func trimColon(text string, lexemes int) string {
	if lexemes == 3 && len(text) != 2 {
		return trimZeros(text)
	}
	return text
}

// dayTime reads a.m. or p.m. after a time.
func (r *quantityReader) dayTime(n numeral) numeral {
	half, next := r.halfOfDay(n.next)
	if half == "" {
		return n
	}
	n.next = next
	n.literals = []string{n.literals[0] + half}
	return n
}

// halfOfDay reads am, pm, a.m. or p.m. at lexeme i.
func (r *quantityReader) halfOfDay(i int) (half string, next int) {
	switch {
	case r.wordAt(i, "am", "pm"):
		return r.lex[i].lower, i + 1
	case r.wordAt(i, "a", "p") && r.markAt(i+1, ".") && r.wordAt(i+2, "m") && r.lex[i+2].gap == 0:
		if r.markAt(i+3, ".") && r.lex[i+3].gap == 0 && i+4 < len(r.lex) && !capital(r.lex[i+4].text) {
			return r.lex[i].lower + "m", i + 4
		}
		return r.lex[i].lower + "m", i + 3
	}
	return "", i
}

// slashNumeral reads a fraction, 2/3, or a longer chain, which is a literal.
func (r *quantityReader) slashNumeral(i int) (numeral, bool) {
	if !r.chainedBy(i, "/") {
		return numeral{}, false
	}
	end := i + 3
	for r.chainedBy(end-1, "/") {
		end += 2
	}
	n := numeral{next: end, literals: []string{r.plainText(i, end)}}
	if end == i+3 && len(n.literals[0]) <= mostDigits {
		if value, ok := new(big.Rat).SetString(n.literals[0]); ok {
			n.values = []*big.Rat{value}
		}
	}
	return n, true
}

// chainedBy reports whether the mark and more digits follow the digits at
// lexeme i without a space.
func (r *quantityReader) chainedBy(i int, mark string) bool {
	return r.digitAt(i, 2) && r.markAt(i+1, mark) && r.lex[i+1].gap == 0 && r.digitAt(i+2, 0)
}

// separatedNumber reads 1,000, 1,00,000, 1'000, 1 000, 15.77 and 4.5.1.
func (r *quantityReader) separatedNumber(i int) numeral {
	end, seps := i+1, ""
	if i >= r.listEnd {
		end, seps = r.numberChain(i)
	} else if r.chainedBy(i, ".") && !r.chainedBy(i+2, ".") {
		end, seps = i+3, "."
	}
	if seps == "" {
		return r.singleNumber(i, end)
	}
	if len(seps) > mostDigits {
		return r.literalOrList(i, end, seps)
	}
	commas := strings.Trim(seps, ".")
	points := strings.Count(seps, ".")
	switch {
	case commas != "" && strings.Count(commas, commas[:1]) == len(commas) && points <= 1 &&
		strings.HasPrefix(seps, commas) && r.grouped(i, len(commas)):
		return r.groupedNumber(i, end, commas[0] == ' ')
	case seps == ".":
		n := r.joined(i, end)
		return r.pointTime(i, n)
	case points == len(seps):
		n := numeral{next: end, literals: []string{r.plainText(i, end)}}
		if r.grouped(i, points) { // 1.234.567, as some countries write it
			n.more = r.values(strings.ReplaceAll(r.plainText(i, end), ".", ""))
		}
		return n
	case seps == "," && !r.twoYears(i):
		return r.decimalComma(i, end)
	case strings.HasSuffix(seps, ",") && points == len(seps)-1 && r.grouped(i, points):
		text := strings.ReplaceAll(r.plainText(i, end), ".", "")
		return numeral{next: end, values: r.values(strings.Replace(text, ",", ".", 1)), literals: []string{r.plainText(i, end)}}
	}
	return r.literalOrList(i, end, seps)
}

// numberChain returns where the digits at lexeme i end, separators included,
// and the separators. White space joins groups of three only.
func (r *quantityReader) numberChain(i int) (end int, seps string) {
	var b strings.Builder
	end = i + 1
	spaced, marked := false, false
	for {
		switch {
		case end+1 < len(r.lex) && !spaced && r.separator(end) && r.digitAt(end+1, 0):
			b.WriteString(r.lex[end].text)
			marked, end = true, end+2
		case end+1 < len(r.lex) && spaced && r.markAt(end, ".") && r.lex[end].gap == 0 && r.digitAt(end+1, 0):
			b.WriteByte('.')
			return end + 2, b.String()
		case !marked && r.digitAt(end, 1) && r.lex[end].gap == 1 && len(r.lex[end].text) == 3 &&
			len(r.lex[i].text) <= 3 && r.lex[i].text[0] != '0' && !r.afterName(i):
			b.WriteByte(' ')
			spaced, end = true, end+1
		default:
			return end, b.String()
		}
	}
}

func (r *quantityReader) separator(i int) bool {
	l := &r.lex[i]
	return l.kind == markLexeme && l.gap == 0 && (l.text == "," || l.text == "." || l.text == "'")
}

// afterName reports whether a capitalised word stands before lexeme i, so that
// the number there may be part of a name or a date: Q3 100, August 15 238.
func (r *quantityReader) afterName(i int) bool {
	return i > 0 && r.lex[i-1].kind == wordLexeme && capital(r.lex[i-1].text) && i > 1
}

// grouped reports whether the digits from lexeme i on are in groups, with n
// separators: the first of one to three digits, the last of three, the others
// of three or, as in India, of two.
func (r *quantityReader) grouped(i, n int) bool {
	size := len(r.lex[i].text)
	if size > 3 || r.lex[i].text[0] == '0' {
		return false
	}
	j, groups := i, 0
	for k := 1; k <= n; k++ {
		j++
		if r.lex[j].kind == markLexeme {
			j++
		}
		size = len(r.lex[j].text)
		if size != 3 && (size != 2 || k == n) {
			return false
		}
		groups++
	}
	return groups == n && size == 3
}

func (r *quantityReader) groupedNumber(i, end int, spaced bool) numeral {
	text := strings.NewReplacer(",", "", "'", "").Replace(r.plainText(i, end))
	n := numeral{next: end, values: r.values(text)}
	if n.values == nil {
		n.literals = []string{text}
	}
	if spaced { // it may be two numbers that stand side by side
		for j := i; j < end && r.lex[j].kind == digitLexeme; j++ {
			n.more = append(n.more, r.values(r.lex[j].text)...)
		}
	}
	return n
}

func (r *quantityReader) joined(i, end int) numeral {
	text := r.plainText(i, end)
	n := numeral{next: end, values: r.values(text)}
	if n.values == nil {
		n.literals = []string{text}
	}
	return n
}

// pointTime reads 10.30am.
func (r *quantityReader) pointTime(i int, n numeral) numeral {
	half, next := r.halfOfDay(n.next)
	if half == "" || len(r.lex[i+2].text) != 2 {
		return n
	}
	return numeral{next: next, literals: []string{trimZeros(r.lex[i].text) + ":" + r.lex[i+2].text + half}}
}

// decimalComma reads 3,5, which may be a decimal or, in evidence, a list.
func (r *quantityReader) decimalComma(i, end int) numeral {
	text := r.plainText(i, end)
	n := numeral{next: end, literals: []string{text}, values: r.values(strings.Replace(text, ",", ".", 1))}
	n.more = append(r.values(r.lex[i].text), r.values(r.lex[i+2].text)...)
	return n
}

func (r *quantityReader) twoYears(i int) bool {
	return len(r.lex[i].text) == 4 && len(r.lex[i+2].text) == 4
}

// literalOrList reads what is in no form of a number: only points are a
// version, with commas it is a list without spaces, read one by one.
func (r *quantityReader) literalOrList(i, end int, seps string) numeral {
	if !strings.ContainsAny(seps, ",' ") {
		return numeral{next: end, literals: []string{r.plainText(i, end)}}
	}
	r.listEnd = end
	return r.separatedNumber(i)
}

func (r *quantityReader) singleNumber(i, end int) numeral {
	text := r.lex[i].text
	n := numeral{next: end, values: r.values(text)}
	switch {
	case n.values == nil:
		n.literals = []string{text}
	case len(text) > 1 && text[0] == '0': // 007, 0800: digit by digit
		n.values, n.more, n.literals = nil, n.values, []string{text}
	case len(text) == 4:
		n.year = shortNumber(text)
	}
	return n
}

func (r *quantityReader) values(text string) []*big.Rat {
	if value := ratOf(strings.ReplaceAll(text, " ", "")); value != nil {
		return []*big.Rat{value}
	}
	return nil
}

// plainText returns the folded text of lexemes, without spaces.
func (r *quantityReader) plainText(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		b.WriteString(r.lex[i].text)
	}
	return b.String()
}

func trimZeros(text string) string {
	if t := strings.TrimLeft(text, "0"); t != "" {
		return t
	}
	return "0"
}

func (r *quantityReader) digitAt(i, mostGap int) bool {
	return i < len(r.lex) && r.lex[i].kind == digitLexeme && r.lex[i].gap <= mostGap
}

// markAt reports whether one of the marks stands at lexeme i.
func (r *quantityReader) markAt(i int, marks string) bool {
	return i >= 0 && i < len(r.lex) && r.lex[i].kind == markLexeme && strings.Contains(marks, r.lex[i].text)
}

// wordAt reports whether one of the words, in lower case, stands at lexeme i.
func (r *quantityReader) wordAt(i int, words ...string) bool {
	if i < 0 || i >= len(r.lex) || r.lex[i].kind != wordLexeme {
		return false
	}
	for _, w := range words {
		if r.lex[i].lower == w {
			return true
		}
	}
	return false
}

func (r *quantityReader) wordOrMark(i int, texts ...string) bool {
	if i < 0 || i >= len(r.lex) {
		return false
	}
	for _, t := range texts {
		if r.lex[i].lower == t {
			return true
		}
	}
	return false
}
