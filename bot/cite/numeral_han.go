package cite

import (
	"math/big"
	"strings"
)

var hanDigits = map[string]int64{
	"〇": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "两": 2, "兩": 2,
	"壹": 1, "贰": 2, "貳": 2, "叁": 3, "參": 3, "叄": 3, "肆": 4, "伍": 5, "陆": 6, "陸": 6, "柒": 7, "捌": 8, "玖": 9,
}

var hanScales = map[string]int64{
	"十": 10, "拾": 10, "百": 1e2, "佰": 1e2, "千": 1e3, "仟": 1e3,
	"万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8, "兆": 1e12,
}

// hanIdioms hold numerals that are not numbers. What follows a longer one is
// read on its own.
var hanIdioms = []string{
	"万一", "千千万万", "千万不", "千万别", "千万要", "千万勿", "千万记", "千万注意", "千万小心", "千万莫", "千万得",
	"百万富翁", "亿万", "一一", "三三两两", "七七八八", "一五一十", "百分百", "十万火急", "千百", "万万", "万千",
	"十分", "百度", "百姓", "百科", "百货", "万科", "三星", "一些", "一个", "一天", "一时", "一旦", "一定", "一样",
	"一般", "一直", "一起", "一切", "一方面", "一体", "九九", "三七", "四六", "五五",
}

// hanParser adds up a run of Chinese numerals, digits among them: 一百三十,
// 1.3万亿, 1亿2000万.
type hanParser struct {
	r     *quantityReader
	at    int
	total *big.Rat // closed by 万, 亿, 兆
	open  *big.Rat // closed by 十, 百, 千
	digit *big.Rat // not closed
	// large is the last scale of 万 or more, small the last below it.
	large, small int64
	row          string // digits without scales between them
	zero         bool   // a 零 stands before the digit
	scales       int
	chars        int
	bad          bool
}

// hanNumeral reads a number that starts with a Chinese character.
func (r *quantityReader) hanNumeral(i int) (numeral, bool) {
	if n, ok := r.partsNumeral(i); ok {
		return n, true
	}
	l := r.lex[i].text
	if (l == "数" || l == "几" || l == "數" || l == "幾") && i+1 < len(r.lex) && hanScales[r.lex[i+1].text] > 0 {
		n := r.hanRun(i + 1)
		n.vague, n.exempt, n.more = true, false, nil
		return n, true
	}
	if l == "半" {
		return numeral{next: i + 1, values: []*big.Rat{big.NewRat(1, 2)}, lone: true}, true
	}
	_, isDigit := hanDigits[l]
	if !isDigit && hanScales[l] == 0 || l == "百" && r.hanAt(i+1, "分") {
		return numeral{}, false
	}
	if end := r.idiomEnd(i); end > i && !r.hanAt(i-1, "第") {
		return numeral{next: end, exempt: true}, true
	}
	n := r.hanRun(i)
	if r.hanAt(i-1, "第") {
		n.ordinal = true
	}
	return n, true
}

// partsNumeral reads 百分之八十, 千分之三 and 三分之二.
func (r *quantityReader) partsNumeral(i int) (numeral, bool) {
	whole := numeral{next: i + 1}
	if r.hanText(i, "分之") {
		return numeral{}, false
	}
	switch {
	case r.hanText(i, "百分之"), r.hanText(i, "千分之"), r.hanText(i, "万分之"):
		whole.values = []*big.Rat{big.NewRat(hanScales[r.lex[i].text], 1)}
	case hanDigits[r.lex[i].text] > 0 || r.lex[i].text == "十":
		whole = r.hanRun(i)
	}
	if len(whole.values) == 0 || !r.hanText(whole.next, "分之") {
		return numeral{}, false
	}
	at := whole.next + 2
	if at >= len(r.lex) || r.lex[at].gap > 1 {
		return numeral{}, false
	}
	part := numeral{}
	if r.lex[at].kind == hanLexeme {
		if _, ok := hanDigits[r.lex[at].text]; !ok && hanScales[r.lex[at].text] == 0 {
			return numeral{}, false
		}
		part = r.hanRun(at)
	} else if r.lex[at].kind == digitLexeme {
		part = r.digitNumeral(at)
	}
	if len(part.values) == 0 || whole.values[0].Sign() == 0 {
		return numeral{}, false
	}
	if r.lex[i].text == "百" {
		return numeral{next: part.next, values: part.values, percent: true}, true
	}
	value := new(big.Rat).Quo(part.values[0], whole.values[0])
	return numeral{next: part.next, values: []*big.Rat{value}}, true
}

// hanRun reads the run of numerals at lexeme i, whose first is Chinese or
// digits.
func (r *quantityReader) hanRun(i int) numeral {
	p := hanParser{r: r, at: i, total: new(big.Rat), open: new(big.Rat)}
	for p.step() {
	}
	return p.number(i)
}

// hanTail reads the Chinese scales after the digits of n: 1.3亿, 20多万, 3个亿.
func (r *quantityReader) hanTail(n numeral) numeral {
	at := n.next
	if r.hanAt(at, "个", "個") && r.hanAt(at+1, "亿", "億") {
		at++
	} else if r.hanAt(at, "多", "余", "餘", "几", "来") {
		at++
	}
	if at >= len(r.lex) || r.lex[n.next].gap > 1 || hanScales[r.lex[at].text] == 0 || r.scaleOfUnit(at) || r.hanAt(at, "百") && r.hanAt(at+1, "分") {
		return n
	}
	p := hanParser{r: r, at: at, total: new(big.Rat), open: new(big.Rat), digit: n.values[0], chars: 1}
	for p.step() {
	}
	if tail := p.number(n.next); len(tail.values) == 1 && p.scales > 0 {
		return tail
	}
	return n
}

func (p *hanParser) step() bool {
	r := p.r
	if p.at >= len(r.lex) || p.chars > 0 && r.lex[p.at].gap > 1 || p.chars > mostDigits {
		return false
	}
	l := &r.lex[p.at]
	if l.kind == digitLexeme {
		return p.takeDigits()
	}
	if l.kind != hanLexeme {
		return false
	}
	if v, ok := hanDigits[l.text]; ok {
		p.takeDigit(v)
	} else if s := hanScales[l.text]; s > 0 && !(p.chars > 0 && r.scaleOfUnit(p.at)) {
		p.takeScale(s)
	} else if p.chars > 0 && r.hanAt(p.at, "多", "余", "餘", "几", "来") && p.at+1 < len(r.lex) && hanScales[r.lex[p.at+1].text] > 0 {
		p.at++ // 一百多万
		return true
	} else if l.text == "点" || l.text == "點" {
		return p.takePoint()
	} else {
		return false
	}
	p.at++
	p.chars++
	return true
}

// takeDigits reads the 2000 of 1亿2000万. Digits end a number that they do not
// go on with.
func (p *hanParser) takeDigits() bool {
	if p.digit != nil || p.chars == 0 || p.scales == 0 || p.r.lex[p.at].gap > 0 {
		return false
	}
	n := p.r.separatedNumber(p.at)
	if len(n.values) != 1 || n.next >= len(p.r.lex) || hanScales[p.r.lex[n.next].text] == 0 || p.r.scaleOfUnit(n.next) {
		return false
	}
	p.digit = n.values[0]
	p.at = n.next
	p.chars++
	return true
}

func (p *hanParser) takeDigit(v int64) {
	if p.digit != nil && p.row != "" {
		if len(p.row) > mostDigits {
			p.bad = true
		} else {
			p.row += itoa(int(v))
		}
		return
	}
	if v == 0 && p.chars > 0 {
		p.zero = true
		return
	}
	p.digit = big.NewRat(v, 1)
	p.row = itoa(int(v))
}

// takePoint reads the 点五 of 三点五.
func (p *hanParser) takePoint() bool {
	at := p.at + 1
	var decimals strings.Builder
	for at < len(p.r.lex) && decimals.Len() < mostDigits {
		v, ok := hanDigits[p.r.lex[at].text]
		if !ok {
			break
		}
		decimals.WriteString(itoa(int(v)))
		at++
	}
	if decimals.Len() == 0 || p.chars == 0 || len(p.row) > 1 {
		return false
	}
	p.finish()
	p.digit = new(big.Rat).Add(p.total, ratOf("0."+decimals.String()))
	p.total, p.open, p.row, p.large, p.small = new(big.Rat), new(big.Rat), "", 0, 0
	p.at, p.chars = at, p.chars+1
	return true
}

func (p *hanParser) takeScale(s int64) {
	if len(p.row) > 1 || p.scales > 12 {
		p.bad = true
	}
	scale := big.NewRat(s, 1)
	p.scales++
	p.zero = false
	if s < 1e4 {
		if p.small != 0 && s >= p.small {
			p.bad = true
		}
		if p.digit == nil {
			p.digit = big.NewRat(1, 1)
		}
		p.open.Add(p.open, p.digit.Mul(new(big.Rat).Set(p.digit), scale))
		p.small = s
	} else {
		p.takeLarge(s, scale)
	}
	p.digit, p.row = nil, ""
}

func (p *hanParser) takeLarge(s int64, scale *big.Rat) {
	section := new(big.Rat).Set(p.open)
	if p.digit != nil {
		section.Add(section, p.digit)
	}
	switch {
	case section.Sign() == 0 && p.large == 0:
		section.SetInt64(1)
		p.total.Mul(section, scale)
	case p.large != 0 && s > p.large: // 1.3万亿, 1万3千亿
		p.total.Add(p.total, section)
		p.total.Mul(p.total, scale)
	case p.large != 0 && s == p.large, p.large != 0 && section.Sign() == 0:
		p.bad = true
	default:
		p.total.Add(p.total, section.Mul(section, scale))
	}
	p.open, p.large, p.small = new(big.Rat), s, 0
}

// finish closes what is open: 两千三 is 2300, 一千零三 is 1003.
func (p *hanParser) finish() {
	if p.digit != nil {
		unit := p.small
		if unit == 0 && p.open.Sign() == 0 {
			unit = p.large
		}
		if unit >= 100 && !p.zero && p.row != "" && len(p.row) == 1 {
			p.digit.Mul(new(big.Rat).Set(p.digit), big.NewRat(unit/10, 1))
		}
		p.open.Add(p.open, p.digit)
	}
	p.total.Add(p.total, p.open)
	p.digit, p.open = nil, new(big.Rat)
}

func (p *hanParser) number(from int) numeral {
	n := numeral{next: p.at, scaled: p.scales > 0, lone: p.chars == 1}
	switch {
	case p.bad || len(p.row) > 1 && p.scales > 0 || len(p.row) == 2 && !strings.Contains(p.row, "0"):
		// 三四十, 七八: an approximation, or no number at all.
		n.literals = []string{simplified(p.r.plainText(from, p.at))}
	case len(p.row) > 1:
		n.values = p.r.values(trimZeros(p.row))
		if len(p.row) == 4 {
			n.year = shortNumber(p.row)
		}
	default:
		p.finish()
		n.values = []*big.Rat{p.total}
	}
	n.exempt = p.chars == 1 && len(n.values) == 1 && n.values[0].Sign() == 0
	return p.tenths(n)
}

// tenths reads 成 after one digit: 八成 is 80%, 八成五 is 85%.
func (p *hanParser) tenths(n numeral) numeral {
	r := p.r
	if p.chars != 1 || !r.hanAt(n.next, "成") || len(n.values) != 1 || n.values[0].Cmp(big.NewRat(10, 1)) > 0 ||
		r.hanAt(n.next+1, "员", "立", "功", "为", "本", "果", "长", "熟", "都", "品", "交", "绩", "就", "年", "分", "套") {
		return n
	}
	value := new(big.Rat).Mul(n.values[0], big.NewRat(10, 1))
	n.next++
	if n.next < len(r.lex) {
		if v, ok := hanDigits[r.lex[n.next].text]; ok && v > 0 && !r.hanTailUnit(n.next+1) {
			value.Add(value, big.NewRat(v, 1))
			n.next++
		}
	}
	return numeral{next: n.next, values: []*big.Rat{value}, percent: true}
}

// hanTailUnit reports whether a measure word follows, so that the digit before
// it is a number of its own.
func (r *quantityReader) hanTailUnit(i int) bool {
	return r.hanAt(i, "个", "家", "成", "年", "人", "位", "种", "项", "款", "十", "百", "千", "万", "亿")
}

var simplifier = strings.NewReplacer("萬", "万", "億", "亿", "兩", "两", "貳", "贰", "參", "叁", "陸", "陆")

func simplified(text string) string { return simplifier.Replace(text) }

// scaleOfUnit reports whether the scale at lexeme i is part of a unit, as in
// 5千米 and 3兆瓦.
func (r *quantityReader) scaleOfUnit(i int) bool {
	return r.hanAt(i, "千") && r.hanAt(i+1, "米", "克", "瓦", "卡", "赫", "帕", "伏", "焦") ||
		r.hanAt(i, "兆") && r.hanAt(i+1, "瓦", "赫", "帕", "字", "比")
}

// idiomEnd returns where an idiom that starts at lexeme i ends, or i.
func (r *quantityReader) idiomEnd(i int) int {
	for _, idiom := range hanIdioms {
		if r.hanText(i, idiom) {
			if (idiom == "十分" && r.hanAt(i+2, "钟", "之")) || idiom == "一个" {
				continue
			}
			end := i + len(idiom)/3
			if end < len(r.lex) && hanDigits[r.lex[end].text] > 0 {
				continue // a number that only starts like it
			}
			return end
		}
	}
	return i
}

// hanAt reports whether one of the characters stands at lexeme i.
func (r *quantityReader) hanAt(i int, chars ...string) bool {
	if i < 0 || i >= len(r.lex) || r.lex[i].kind != hanLexeme {
		return false
	}
	for _, c := range chars {
		if r.lex[i].text == c {
			return true
		}
	}
	return false
}

// hanText reports whether the characters of text stand from lexeme i on.
func (r *quantityReader) hanText(i int, text string) bool {
	for _, c := range text {
		if i >= len(r.lex) || r.lex[i].kind != hanLexeme || r.lex[i].text != string(c) {
			return false
		}
		i++
	}
	return true
}
