package llmsim

import (
	"math/big"
	"regexp"
	"strings"
	"unicode"
)

// A quantity is a number as a text writes it, with what belongs to it.
type quantity struct {
	span
	number  span   // the digits or number words alone
	value   string // the digits without commas, "13.23"
	scale   string // "billion", "亿" or empty
	percent bool
	money   string // "$", "pounds" or empty
	unit    string // "km" or empty
	inWords bool
	bare    bool // nothing touches it: no letter, hyphen, digit or mark
}

// A date has a month, and a day or a year or both.
type date struct {
	span
	day, month, year string // year is four digits; month a name as written
}

const (
	scaleWords = `hundred|thousand|million|billion|trillion`
	moneyWords = `US dollars|dollars|pounds|euros|yuan`
	unitWords  = `kilometres|kilometers|km2|km|miles|mi|metres|meters|feet|acres|hectares|years|months|weeks|days|hours|degrees`
	monthWords = `January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec`
	smallWords = `two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen`
	tensWords  = `twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety`
)

var (
	quantityForm = regexp.MustCompile(`(US\$|\$|£|€|¥)?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)( ?(?:` + scaleWords + `)\b|bn\b|(?:万亿|亿|万))?( ?%| per ?cent\b)?(?:[ -](` + moneyWords + `|` + unitWords + `)\b)?`)
	wordsForm    = regexp.MustCompile(`\b((?:` + tensWords + `)(?:-(?:one|` + smallWords + `))?|` + smallWords + `)( (?:` + scaleWords + `))?\b( ?%| per ?cent\b)?(?:[ -](` + moneyWords + `|` + unitWords + `)\b)?`)
	dayFirst     = regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)? (` + monthWords + `)\b\.?(?:,? (\d{4})\b)?`)
	monthFirst   = regexp.MustCompile(`\b(` + monthWords + `)\b\.? (\d{1,2})\b(?:,? (\d{4})\b)?`)
	monthYear    = regexp.MustCompile(`\b(` + monthWords + `)\b\.? (\d{4})\b`)
)

// dates are a text's dates, in order of form and then of place, none
// overlapping another.
func dates(text string) []date {
	if !holdsMonth(text) {
		return nil
	}
	var found []date
	add := func(d date) {
		for _, other := range found {
			if d.start < other.end && other.start < d.end {
				return
			}
		}
		found = append(found, d)
	}
	for _, m := range dayFirst.FindAllStringSubmatchIndex(text, -1) {
		add(date{span{m[0], m[1]}, group(text, m, 1), group(text, m, 2), group(text, m, 3)})
	}
	for _, m := range monthFirst.FindAllStringSubmatchIndex(text, -1) {
		if m[6] < 0 && m[1] < len(text) && (text[m[1]] == ',' || text[m[1]] == '-') {
			continue // "March 7,500 men" is no date
		}
		add(date{span{m[0], m[1]}, group(text, m, 2), group(text, m, 1), group(text, m, 3)})
	}
	for _, m := range monthYear.FindAllStringSubmatchIndex(text, -1) {
		add(date{span{m[0], m[1]}, "", group(text, m, 1), group(text, m, 2)})
	}
	return found
}

// findAll searches only when there is something to find: the searches are what
// takes the time here.
func findAll(form *regexp.Regexp, text string, worthwhile bool) [][]int {
	if !worthwhile {
		return nil
	}
	return form.FindAllStringSubmatchIndex(text, -1)
}

func holdsNumberWord(text string) bool {
	for word := range strings.SplitSeq(smallWords+"|"+tensWords, "|") {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// holdsMonth spares texts without a month the search for dates.
func holdsMonth(text string) bool {
	if !strings.ContainsAny(text, "0123456789") {
		return false
	}
	for month := range strings.SplitSeq(monthWords, "|") {
		if len(month) == 3 && strings.Contains(text, month) {
			return true
		}
	}
	return false
}

func group(text string, m []int, i int) string {
	if m[2*i] < 0 {
		return ""
	}
	return text[m[2*i]:m[2*i+1]]
}

// quantities are a text's numbers outside of dates, by place.
func quantities(text string) []quantity {
	taken := dates(text)
	free := func(s span) bool {
		for _, d := range taken {
			if s.start < d.end && d.start < s.end {
				return false
			}
		}
		return true
	}
	var found []quantity
	for _, m := range findAll(quantityForm, text, strings.ContainsAny(text, "0123456789")) {
		q := newQuantity(text, m, 2, 3, 4, 5)
		q.money = or(group(text, m, 1), q.money)
		if free(q.span) {
			found = append(found, q)
		}
	}
	for _, m := range findAll(wordsForm, text, holdsNumberWord(text)) {
		q := newQuantity(text, m, 1, 2, 3, 4)
		q.inWords = true
		q.bare = q.bare && !inNumber(text, q.span) && !unicode.IsUpper(rune(text[q.start]))
		if value, ok := wordValue(q.number.of(text)); ok && free(q.span) {
			q.value = value.RatString()
			found = append(found, q)
		}
	}
	return found
}

func newQuantity(text string, m []int, number, scale, percent, unit int) quantity {
	q := quantity{
		span: span{m[0], m[1]}, number: span{m[2*number], m[2*number+1]},
		value:   strings.ReplaceAll(group(text, m, number), ",", ""),
		scale:   strings.ToLower(strings.TrimSpace(group(text, m, scale))),
		percent: m[2*percent] >= 0,
		bare:    standsAlone(text, span{m[0], m[1]}),
	}
	if u := group(text, m, unit); strings.Contains("|"+moneyWords+"|", "|"+u+"|") {
		q.money = u
	} else {
		q.unit = u
	}
	return q
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// standsAlone reports whether a number is no part of a longer number, a name
// such as GPT-4, a range or an ordinal.
func standsAlone(text string, s span) bool {
	var before, after rune
	for _, r := range text[:s.start] {
		before = r
	}
	rest := []rune(text[s.end:min(len(text), s.end+8)])
	if len(rest) > 0 {
		after = rest[0]
	}
	joins := func(r rune) bool {
		return unicode.IsLetter(r) && !unicode.Is(unicode.Han, r) || unicode.IsDigit(r) || strings.ContainsRune("-–—/.,:$£€¥°'’+", r)
	}
	if before != 0 && joins(before) && before != ',' && before != ':' {
		return false
	}
	if after == '.' || after == ',' || after == ':' {
		return len(rest) < 2 || !unicode.IsDigit(rest[1])
	}
	if after == ' ' && len(rest) > 1 && rest[1] == '°' {
		return false
	}
	return after == 0 || !joins(after) && after != '%'
}

// inNumber reports whether a number word is part of a longer number.
func inNumber(text string, s span) bool {
	before, after := words(text[:s.start]), words(text[s.end:])
	if n := len(before); n > 1 && before[n-1] == "and" {
		before = before[:n-1]
	}
	if len(after) > 1 && after[0] == "and" {
		after = after[1:]
	}
	isNumber := func(w string) bool {
		_, ok := wordValues[w]
		return ok
	}
	return len(before) > 0 && isNumber(before[len(before)-1]) || len(after) > 0 && isNumber(after[0])
}

// isYear reports whether a number looks like a year.
func (q quantity) isYear() bool {
	return len(q.value) == 4 && q.number.end-q.number.start == 4 && q.value >= "1000" && q.value < "2100" &&
		q.scale == "" && !q.percent && q.money == "" && q.unit == "" && !q.inWords
}

var scales = map[string]int64{
	"hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
	"bn": 1e9, "tn": 1e12, "m": 1e6, "k": 1e3, "万": 1e4, "亿": 1e8, "万亿": 1e12, "百": 100, "千": 1e3, "dozen": 12,
}

// amount is a quantity's value with its scale.
func (q quantity) amount() *big.Rat {
	v, ok := new(big.Rat).SetString(q.value)
	if !ok {
		return new(big.Rat)
	}
	if scale, ok := scales[q.scale]; ok {
		v.Mul(v, new(big.Rat).SetInt64(scale))
	}
	return v
}

// decimal writes a value without trailing zeros, or "" if it has more than
// places decimals.
func decimal(v *big.Rat, places int) string {
	text := v.FloatString(places)
	back, _ := new(big.Rat).SetString(text)
	if back.Cmp(v) != 0 {
		return ""
	}
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// commas puts a comma between groups of three digits.
func commas(digits string) string {
	whole, fraction, _ := strings.Cut(digits, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		return whole + "." + fraction
	}
	return whole
}
