package llmsim

import (
	"math/big"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
)

var numberLies = []falsifier{
	{"digit", onDigits(changeDigit)},
	{"transposed", onDigits(transpose)},
	{"point", onDigits(movePoint)},
	{"scale", swapScale},
	{"scale added", addScale},
	{"percent dropped", dropPercent},
	{"percent added", addPercent},
	{"unit", swapUnit},
	{"currency", swapCurrency},
	{"year", falseYear},
	{"month", falseMonth},
	{"day", falseDay},
	{"word", falseWord},
	{"range", falseRange},
	{"fullwidth", inScript('０')},
	{"Arabic-Indic", inScript('٠')},
	{"Chinese numeral", falseHan},
}

// holds reports whether a cited passage could be said to hold one of the
// values. The drafts' own words are no evidence, only the passages are.
func (d draft) holds(values ...*big.Rat) bool {
	for _, p := range d.cited {
		have, known := d.read[p.Text]
		if !known {
			have = readings(p.Text)
			d.read[p.Text] = have
		}
		for _, v := range values {
			if have[v.RatString()] {
				return true
			}
		}
	}
	return false
}

// someQuantity picks a number of the body that stands alone.
func (d draft) someQuantity(rng *rand.Rand, want func(quantity) bool) (quantity, bool) {
	var fit []quantity
	for _, q := range quantities(d.body) {
		if q.bare && want(q) {
			fit = append(fit, q)
		}
	}
	if len(fit) == 0 {
		return quantity{}, false
	}
	return pick(rng, fit), true
}

func digitsOnly(q quantity) bool { return !q.inWords }

// onDigits is a lie about a number in digits: change gives the false digits.
func onDigits(change func(rng *rand.Rand, digits string) (string, bool)) func(*rand.Rand, draft, []Passage) (Case, bool) {
	return func(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
		q, ok := d.someQuantity(rng, digitsOnly)
		if !ok {
			return Case{}, false
		}
		value, ok := change(rng, q.value)
		if !ok || !d.lacksValue(q, value) {
			return Case{}, false
		}
		was := q.number.of(d.body)
		now := value
		if strings.Contains(was, ",") {
			now = commas(value)
		}
		return d.with(q.number, now).falsified(rng, Number, "", was, now), true
	}
}

// lacksValue reports whether the passages lack a value in a quantity's place,
// with and without its scale.
func (d draft) lacksValue(q quantity, value string) bool {
	q.value = value
	bare := q
	bare.scale = ""
	return q.amount().Sign() > 0 && !d.holds(q.amount(), bare.amount())
}

func changeDigit(rng *rand.Rand, digits string) (string, bool) {
	i := rng.IntN(len(digits))
	if digits[i] == '.' {
		return "", false
	}
	d := byte('0' + rng.IntN(10))
	if d == digits[i] || i == 0 && d == '0' {
		return "", false
	}
	return digits[:i] + string(d) + digits[i+1:], true
}

func transpose(rng *rand.Rand, digits string) (string, bool) {
	if len(digits) < 2 {
		return "", false
	}
	i := rng.IntN(len(digits) - 1)
	a, b := digits[i], digits[i+1]
	if a == b || a == '.' || b == '.' || i == 0 && b == '0' {
		return "", false
	}
	return digits[:i] + string(b) + string(a) + digits[i+2:], true
}

func movePoint(rng *rand.Rand, digits string) (string, bool) {
	v, ok := new(big.Rat).SetString(digits)
	if !ok || len(digits) < 2 {
		return "", false
	}
	factor := pick(rng, []*big.Rat{big.NewRat(10, 1), big.NewRat(1, 10), big.NewRat(100, 1)})
	moved := decimal(v.Mul(v, factor), 6)
	return moved, moved != ""
}

func swapScale(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	q, ok := d.someQuantity(rng, func(q quantity) bool { return q.scale != "" })
	if !ok {
		return Case{}, false
	}
	choices := []string{"thousand", "million", "billion", "trillion"}
	if strings.ContainsAny(q.scale, "万亿") {
		choices = []string{"万", "亿", "万亿"}
	}
	swapped := q
	swapped.scale = pick(rng, choices)
	if swapped.scale == longScale(q.scale) || d.holds(swapped.amount()) {
		return Case{}, false
	}
	was := q.of(d.body)
	by := swapped.scale
	if q.scale == "bn" {
		by = " " + by
	}
	now := strings.Replace(was, was[strings.Index(strings.ToLower(was), q.scale):][:len(q.scale)], by, 1)
	return d.with(q.span, now).falsified(rng, Number, "", was, now), true
}

func addScale(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	q, ok := d.someQuantity(rng, func(q quantity) bool { return q.scale == "" && !q.percent && !q.isYear() })
	if !ok {
		return Case{}, false
	}
	scaled := q
	scaled.scale = pick(rng, []string{"thousand", "million", "billion"})
	if chinese(d.body) {
		scaled.scale = pick(rng, []string{"万", "亿"})
	}
	if d.holds(scaled.amount()) || inNumber(d.body, q.number) {
		return Case{}, false
	}
	was := q.number.of(d.body)
	now := was + " " + scaled.scale
	if chinese(d.body) {
		now = was + scaled.scale
	}
	return d.with(q.number, now).falsified(rng, Number, "", was, now), true
}

// sameAmount lists the quantities of the cited passages with an amount.
func (d draft) sameAmount(amount *big.Rat) []quantity {
	var same []quantity
	for _, p := range d.cited {
		for _, q := range quantities(p.Text) {
			if q.amount().Cmp(amount) == 0 {
				same = append(same, q)
			}
		}
	}
	return same
}

func dropPercent(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	// Without its percent a small number word is hardly a number: see falseWord.
	q, ok := d.someQuantity(rng, func(q quantity) bool { return q.percent && !q.inWords })
	if !ok || percentAhead.MatchString(d.body[q.end:]) {
		return Case{}, false
	}
	same := d.sameAmount(q.amount())
	for _, s := range same {
		if !s.percent {
			return Case{}, false
		}
	}
	was, now := q.of(d.body), q.number.of(d.body)
	return d.with(q.span, now).falsified(rng, Number, "", was, now), len(same) > 0
}

func addPercent(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	q, ok := d.someQuantity(rng, func(q quantity) bool {
		return !q.percent && q.scale == "" && q.money == "" && q.unit == "" && !q.isYear() && !q.inWords
	})
	// In "7 to 10 percent" and "six and nine percent" it is no lie.
	if !ok || percentAhead.MatchString(d.body[q.end:]) {
		return Case{}, false
	}
	same := d.sameAmount(q.amount())
	for _, s := range same {
		if s.percent {
			return Case{}, false
		}
	}
	was := q.of(d.body)
	now := was + pick(rng, []string{"%", " percent", " per cent"})
	return d.with(q.span, now).falsified(rng, Number, "", was, now), len(same) > 0
}

var percentAhead = regexp.MustCompile(`^[\s-]*(?:percent|per cent)|^(?:[^.;]|\.\d){0,30}(?:%|percent|per cent|百分之)`)

// unitFamilies are units that can be mistaken for each other, with what a text
// would hold if it used them.
var unitFamilies = [][][2]string{
	{{"km", "km"}, {"kilometres", "kilom"}, {"miles", "mile"}, {"metres", "metre"}, {"feet", "feet"}},
	{{"years", "year"}, {"months", "month"}, {"weeks", "week"}, {"days", "day"}, {"hours", "hour"}},
	{{"acres", "acre"}, {"hectares", "hectare"}},
}

func swapUnit(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	q, ok := d.someQuantity(rng, func(q quantity) bool { return q.unit != "" })
	if !ok {
		return Case{}, false
	}
	for _, family := range unitFamilies {
		for _, unit := range family {
			if unit[0] != q.unit {
				continue
			}
			by := pick(rng, family)
			if by[0] == q.unit || d.mentions(by[1]) || by[0] == "km" && d.mentions("kilom") || by[0] == "kilometres" && d.mentions("km") || by[0] == "metres" && d.mentions("meter") {
				return Case{}, false
			}
			was := q.of(d.body)
			now := strings.TrimSuffix(was, q.unit) + by[0]
			return d.with(q.span, now).falsified(rng, Number, "", was, now), true
		}
	}
	return Case{}, false
}

// mentions reports whether a cited passage has a string, whatever its case.
func (d draft) mentions(part string) bool {
	for _, p := range d.cited {
		if strings.Contains(strings.ToLower(p.Text), strings.ToLower(part)) {
			return true
		}
	}
	return false
}

func swapCurrency(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	q, ok := d.someQuantity(rng, func(q quantity) bool { return currencyOf(q.money) != nil })
	if !ok {
		return Case{}, false
	}
	by := pick(rng, currencies)
	if by[2] == currencyOf(q.money)[2] {
		return Case{}, false
	}
	for _, sign := range by[:3] {
		if sign != "" && d.mentions(strings.TrimSuffix(sign, "s")) {
			return Case{}, false
		}
	}
	was := q.of(d.body)
	var now string
	switch c := currencyOf(q.money); {
	case strings.HasSuffix(was, c[2]):
		now = strings.TrimSuffix(strings.TrimSuffix(was, c[2]), "US ") + by[2]
	default:
		now = strings.TrimPrefix(was, q.money) + " " + by[2]
	}
	return d.with(q.span, now).falsified(rng, Number, "", was, now), true
}

func falseYear(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	q, ok := d.someQuantity(rng, quantity.isYear)
	s, was := q.number, q.value
	if !ok {
		for _, t := range dates(d.body) {
			if t.year != "" {
				i := t.start + strings.LastIndex(t.of(d.body), t.year)
				s, was, ok = span{i, i + 4}, t.year, true
			}
		}
	}
	if !ok {
		return Case{}, false
	}
	year, err := strconv.Atoi(was)
	if err != nil {
		return Case{}, false
	}
	year += pick(rng, []int{-1, 1, -10, 10, -100, 100, -2, 3, 7})
	if d.holds(big.NewRat(int64(year), 1), big.NewRat(int64(year%100), 1)) {
		return Case{}, false
	}
	now := strconv.Itoa(year)
	return d.with(s, now).falsified(rng, Number, "", was, now), true
}

func falseMonth(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	all := dates(d.body)
	if len(all) == 0 {
		return Case{}, false
	}
	at := pick(rng, all)
	month := pick(rng, strings.Split(monthWords, "|")[:12])
	if d.mentions(month[:3]) || d.holds(big.NewRat(monthNumber(month), 1)) {
		return Case{}, false
	}
	was := at.of(d.body)
	now := strings.Replace(was, at.month, month, 1)
	return d.with(at.span, now).falsified(rng, Number, "", was, now), true
}

func falseDay(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	all := dates(d.body)
	if len(all) == 0 {
		return Case{}, false
	}
	at := pick(rng, all)
	day := 1 + rng.IntN(28)
	if at.day == "" || d.holds(big.NewRat(int64(day), 1)) {
		return Case{}, false
	}
	was := at.of(d.body)
	now := strings.Replace(was, at.day, strconv.Itoa(day), 1)
	return d.with(at.span, now).falsified(rng, Number, "", was, now), true
}

// falseWord gives a number above ten: below, words such as "two" are hardly
// numbers ("two of them say"), and go unchecked without a unit.
func falseWord(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	q, ok := d.someQuantity(rng, func(q quantity) bool { return q.inWords })
	if !ok {
		return Case{}, false
	}
	n := 11 + rng.IntN(89)
	if !d.lacksValue(q, strconv.Itoa(n)) {
		return Case{}, false
	}
	was, now := q.number.of(d.body), numberWord(n)
	return d.with(q.number, now).falsified(rng, Number, "", was, now), true
}

var rangeForm = regexp.MustCompile(`\b(\d{1,4})( ?[–—-] ?| to | and )(\d{2,4})\b`)

func falseRange(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	found := rangeForm.FindAllStringSubmatchIndex(d.body, -1)
	if len(found) == 0 {
		return Case{}, false
	}
	m := pick(rng, found)
	end := span{m[6], m[7]}
	was := end.of(d.body)
	now, ok := changeDigit(rng, was)
	if !ok || !d.lacksValue(quantity{}, now) || !standsAlone(d.body, span{m[0], m[1]}) {
		return Case{}, false
	}
	start := group(d.body, m, 1)
	if len(was) == 2 && len(start) == 4 && !d.lacksValue(quantity{}, start[:2]+now) {
		return Case{}, false
	}
	return d.with(end, now).falsified(rng, Number, "", was, now), true
}

// inScript is a false number in the digits of another script, given by its
// zero.
func inScript(zero rune) func(*rand.Rand, draft, []Passage) (Case, bool) {
	return func(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
		q, ok := d.someQuantity(rng, digitsOnly)
		if !ok {
			return Case{}, false
		}
		value, ok := changeDigit(rng, q.value)
		if !ok || !d.lacksValue(q, value) {
			return Case{}, false
		}
		now := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return zero + r - '0'
			}
			return r
		}, value)
		return d.with(q.number, now).falsified(rng, Number, "", q.number.of(d.body), now), true
	}
}

func falseHan(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	if !chinese(d.source) {
		var ok bool
		if d, ok = gist(rng, d); !ok {
			return Case{}, false
		}
	}
	q, ok := d.someQuantity(rng, func(q quantity) bool { return !q.inWords && len(q.value) <= 4 && !strings.Contains(q.value, ".") })
	if !ok {
		return Case{}, false
	}
	value, ok := changeDigit(rng, q.value)
	n, err := strconv.Atoi(value)
	if !ok || err != nil || n < 11 || !d.lacksValue(q, value) {
		return Case{}, false
	}
	was, now := q.number.of(d.body), hanNumeral(n)
	return d.with(q.number, now).falsified(rng, Number, "", was, now), true
}
