package llmsim

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reexpress writes some of a sentence's numbers and dates in other formats of
// the same meaning. What stands within quotation marks stays.
func reexpress(rng *rand.Rand, body string) string {
	type change struct {
		span
		forms []string
	}
	var changes []change
	for _, d := range dates(body) {
		changes = append(changes, change{d.span, d.forms(body)})
	}
	for _, q := range quantities(body) {
		switch {
		case q.bare && !chinese(body):
			changes = append(changes, change{q.span, q.forms(body)})
		case q.bare && q.percent:
			changes = append(changes, change{q.span, []string{q.inChinese(rng)}})
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return b.start - a.start })
	end := len(body)
	for _, c := range changes {
		if c.end > end || len(c.forms) == 0 || inQuotes(body, c.span) || rng.IntN(4) == 0 {
			continue
		}
		body = replace(body, c.span, pick(rng, c.forms))
		end = c.start
	}
	return body
}

func pick[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

// inQuotes reports whether a span touches what stands in quotation marks.
func inQuotes(text string, s span) bool {
	for _, q := range quotedSpans(text) {
		if s.start < q.end && q.start < s.end {
			return true
		}
	}
	return false
}

// quotedSpans are the quoted parts of a text, marks included.
func quotedSpans(text string) []span {
	partners := map[rune]rune{'"': '"', '“': '”', '「': '」', '„': '“', '«': '»'}
	var found []span
	start, want := -1, rune(0)
	for i, r := range text {
		switch {
		case start >= 0 && r == want:
			found = append(found, span{start, i + utf8.RuneLen(r)})
			start = -1
		case start < 0 && partners[r] != 0:
			start, want = i, partners[r]
		}
	}
	return found
}

// forms are other ways to write a date.
func (d date) forms(text string) []string {
	if !standsAlone(text, d.span) {
		return nil
	}
	n := monthNumber(d.month)
	long := strings.Split(monthWords, "|")[n-1]
	short := long[:3]
	switch {
	case d.day == "":
		return []string{short + " " + d.year, long + " " + d.year}
	case d.year == "":
		return []string{d.day + " " + long, long + " " + d.day, short + " " + d.day}
	}
	day, _ := strconv.Atoi(d.day)
	return []string{
		fmt.Sprintf("%d %s %s", day, long, d.year), fmt.Sprintf("%s %d, %s", long, day, d.year),
		fmt.Sprintf("%s %d, %s", short, day, d.year), fmt.Sprintf("%s-%02d-%02d", d.year, n, day),
	}
}

// forms are other ways to write a quantity.
func (q quantity) forms(text string) []string {
	if q.isYear() || afterName(text, q.start) {
		return nil
	}
	var forms []string
	for _, n := range q.numberForms() {
		forms = append(forms, q.dress(n)...)
	}
	return forms
}

// afterName reports whether a capitalised word stands before a place other
// than the start: the number is part of a name, as in Interstate 95.
func afterName(text string, at int) bool {
	before := wordSpans(text[:at])
	if len(before) < 2 {
		return false
	}
	last := before[len(before)-1]
	first, _ := utf8.DecodeRuneInString(last.of(text))
	return last.end+1 == at && unicode.IsUpper(first)
}

// numberForms are ways to write a quantity's number with its scale.
func (q quantity) numberForms() []string {
	amount := q.amount()
	var forms []string
	add := func(s string) {
		if s != "" {
			forms = append(forms, s)
		}
	}
	whole := decimal(amount, 0)
	switch {
	case q.scale != "":
		add(commas(q.value) + " " + longScale(q.scale))
		if longScale(q.scale) == "billion" {
			add(q.value + "bn")
			if in := decimal(new(big.Rat).Quo(amount, big.NewRat(1e6, 1)), 3); in != "" {
				add(commas(in) + " million")
			}
		}
		if whole != "" && len(whole) <= 10 {
			add(commas(whole))
		}
	case whole == "":
		add(commas(q.value))
	default:
		add(commas(whole))
		if len(whole) == 4 && (q.number.end-q.number.start == 5 || whole >= "2100") {
			add(whole)
		}
		for _, s := range []string{"million", "thousand"} {
			in := decimal(new(big.Rat).Quo(amount, big.NewRat(scales[s], 1)), 0)
			if in != "" && len(in) <= 3 && in != "0" {
				add(in + " " + s)
				if n, _ := strconv.Atoi(in); n <= 20 {
					add(numberWord(n) + " " + s)
				}
				break
			}
		}
	}
	if n, err := strconv.Atoi(whole); err == nil && n > 1 && n < 100 && q.scale == "" {
		add(numberWord(n))
		if q.inWords {
			add(whole)
		}
	}
	return forms
}

func longScale(scale string) string {
	if scale == "bn" {
		return "billion"
	}
	return scale
}

// numberWord writes 1 to 99 in words.
func numberWord(n int) string {
	small := append([]string{"zero", "one"}, strings.Split(smallWords, "|")...)
	if n < 20 {
		return small[n]
	}
	word := strings.Split(tensWords, "|")[n/10-2]
	if n%10 > 0 {
		word += "-" + small[n%10]
	}
	return word
}

// currencies are what a sum may be written with: sign, code, word, Chinese.
var currencies = [][4]string{
	{"$", "USD", "dollars", "美元"}, {"£", "GBP", "pounds", "英镑"},
	{"€", "EUR", "euros", "欧元"}, {"", "RMB", "yuan", "元"},
}

// currencyOf finds the row of a sign or a word, nil if there is none.
func currencyOf(money string) []string {
	for _, c := range currencies {
		if money != "" && (money == c[0] || money == c[2] || money == "US"+c[0] || money == "US "+c[2]) {
			return c[:]
		}
	}
	return nil
}

// dress puts the percent sign, the currency or the unit to a number.
func (q quantity) dress(number string) []string {
	unicodeDigits := number[0] >= '0' && number[0] <= '9'
	c := currencyOf(q.money)
	switch {
	case q.percent && !unicodeDigits:
		return []string{number + " percent", number + " per cent"}
	case q.percent:
		return []string{number + "%", number + " percent", number + " per cent"}
	case c != nil && unicodeDigits:
		forms := []string{number + " " + c[2], c[1] + " " + number}
		if c[0] != "" {
			forms = append(forms, c[0]+number)
		}
		return forms
	case c != nil:
		return []string{number + " " + c[2]}
	case q.money != "":
		return nil
	case q.unit != "":
		return []string{number + " " + q.unit}
	}
	return []string{number}
}

var unitsInChinese = map[string]string{
	"km": "公里", "kilometres": "公里", "kilometers": "公里", "miles": "英里", "mi": "英里", "metres": "米", "meters": "米",
	"feet": "英尺", "acres": "英亩", "hectares": "公顷", "years": "年", "months": "个月", "weeks": "周", "days": "天", "hours": "小时",
}

// inChinese writes a quantity for a Chinese sentence.
func (q quantity) inChinese(rng *rand.Rand) string {
	amount := q.amount()
	number := decimal(amount, 6)
	for _, scale := range []string{"亿", "万"} {
		factor := big.NewRat(scales[scale], 1)
		in := decimal(new(big.Rat).Quo(amount, factor), 4)
		if amount.Cmp(factor) >= 0 && in != "" {
			number = in + scale
			break
		}
	}
	if number == "" {
		number = q.value
	}
	n, err := strconv.Atoi(number)
	switch {
	case q.isYear():
		return number + pick(rng, []string{"年", " 年"})
	case q.percent && err == nil && n < 100 && n > 0 && rng.IntN(3) == 0:
		return "百分之" + hanNumeral(n)
	case q.percent:
		return number + "%"
	case currencyOf(q.money) != nil:
		return number + currencyOf(q.money)[3]
	case unitsInChinese[q.unit] != "":
		return number + " " + unitsInChinese[q.unit]
	}
	return number
}

// inChinese writes a date for a Chinese sentence.
func (d date) inChinese() string {
	text := fmt.Sprintf("%d月", monthNumber(d.month))
	if d.year != "" {
		text = d.year + "年" + text
	}
	if d.day != "" {
		text += d.day + "日"
	}
	return text
}
