package llmsim

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// readings are all the values that a text could be said to hold, as rational
// numbers in decimal. It errs on the generous side: digits within names, both
// halves of a decimal, ordinals, Roman numerals and months count, with and
// without the scale that follows. What is not among them is not in the text.
func readings(text string) map[string]bool {
	found := map[string]bool{}
	add := func(v *big.Rat) { found[v.RatString()] = true }
	text = plainDigits(text)
	for _, variant := range []string{text, groupComma.ReplaceAllString(groupComma.ReplaceAllString(text, "$1$2"), "$1$2")} {
		for _, m := range digitRun.FindAllStringSubmatch(variant, -1) {
			for _, part := range append(strings.Split(m[1], "."), m[1]) {
				if v, ok := new(big.Rat).SetString(part); ok {
					addScaled(add, v, strings.ToLower(m[2]))
				}
			}
		}
	}
	for _, m := range shortRange.FindAllStringSubmatch(text, -1) {
		if v, ok := new(big.Rat).SetString(m[1][:len(m[1])-len(m[2])] + m[2]); ok {
			add(v)
		}
	}
	wordReadings(text, add)
	for _, run := range hanRun.FindAllString(text, -1) {
		for _, v := range hanValues(run) {
			add(v)
		}
	}
	for _, run := range romanRun.FindAllString(text, -1) {
		add(big.NewRat(int64(romanValue(run)), 1))
	}
	return found
}

var (
	digitRun   = regexp.MustCompile(`(?i)(\d+(?:\.\d+)?)(?:[ \x{a0}-]?(hundred|thousand|million|billion|trillion|dozen|bn|tn|m\b|k\b|万亿|亿|万|千|百))?`)
	groupComma = regexp.MustCompile(`(\d),(\d{3})`)
	shortRange = regexp.MustCompile(`(\d{3,4})[-–/](\d{2})\b`)
	hanRun     = regexp.MustCompile(`[〇零一二两三四五六七八九十百千万亿]+`)
	romanRun   = regexp.MustCompile(`\b[IVXLC]+\b`)
)

func addScaled(add func(*big.Rat), v *big.Rat, scale string) {
	add(v)
	if factor, ok := scales[scale]; ok {
		add(new(big.Rat).Mul(v, big.NewRat(factor, 1)))
	}
}

var superscripts = []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")

// plainDigits turns the digits of every script into ASCII.
func plainDigits(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x80:
			return r
		case r == '．':
			return '.'
		case r == '，':
			return ','
		case r == '％':
			return '%'
		case unicode.Is(unicode.Nd, r):
			return '0' + digitValue(r)
		}
		if i := slices.Index(superscripts, r); i >= 0 {
			return '0' + rune(i)
		}
		return r
	}, text)
}

// digitValue is the value of a decimal digit of any script; Unicode keeps each
// script's ten digits together, from zero up.
func digitValue(r rune) rune {
	zero := r
	for unicode.Is(unicode.Nd, zero-1) && r-zero < 9 {
		zero--
	}
	return r - zero
}

var wordValues = wordTable()

// wordTable gives the value of each number word, ordinals and months included.
func wordTable() map[string]int64 {
	table := map[string]int64{
		"zero": 0, "one": 1, "once": 1, "single": 1, "both": 2, "twice": 2, "pair": 2, "couple": 2, "double": 2,
		"triple": 3, "thrice": 3, "dozen": 12, "first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12,
		"hundredth": 100, "thousandth": 1000,
	}
	for i, w := range strings.Split(smallWords, "|") {
		table[w] = int64(i + 2)
		table[w+"th"] = int64(i + 2)
	}
	for i, w := range strings.Split(tensWords, "|") {
		table[w] = int64(10 * (i + 2))
		table[w[:len(w)-1]+"ieth"] = int64(10 * (i + 2))
		table[w[:len(w)-1]+"ies"] = int64(10 * (i + 2))
	}
	for i, w := range strings.Split(monthWords, "|") {
		if i < 12 {
			table[strings.ToLower(w)] = int64(i + 1)
		} else {
			table[strings.ToLower(w)] = monthNumber(w)
		}
	}
	for w, v := range scales {
		table[w], table[w+"s"] = v, v
	}
	delete(table, "m")
	delete(table, "k")
	return table
}

// monthNumber is 1 to 12 for a month's name or abbreviation, else 0.
func monthNumber(name string) int64 {
	if len(name) < 3 {
		return 0
	}
	for i, w := range strings.Split(monthWords, "|")[:12] {
		if strings.EqualFold(w[:3], name[:3]) {
			return int64(i + 1)
		}
	}
	return 0
}

// wordReadings adds each number word's value and that of each run of them.
func wordReadings(text string, add func(*big.Rat)) {
	text = strings.ReplaceAll(text, "-", " ")
	var run []string
	flush := func() {
		for i := range run {
			for j := i + 1; j <= len(run); j++ {
				if v, ok := wordValue(strings.Join(run[i:j], " ")); ok {
					add(v)
				}
			}
		}
		run = nil
	}
	for _, w := range words(text) {
		_, number := wordValues[w]
		switch {
		case number && len(run) < 12:
			run = append(run, w)
		case w == "and" && len(run) > 0:
		case w == "half":
			add(big.NewRat(1, 2))
			add(big.NewRat(50, 1))
			flush()
		default:
			flush()
		}
	}
	flush()
}

// wordValue reads "two hundred thousand" or "twenty-one".
func wordValue(text string) (*big.Rat, bool) {
	total, part, any := big.NewRat(0, 1), big.NewRat(0, 1), false
	for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return r == ' ' || r == '-' }) {
		value, ok := wordValues[w]
		if !ok {
			return nil, false
		}
		_, scale := scales[strings.TrimSuffix(w, "s")]
		switch {
		case !scale:
			part.Add(part, big.NewRat(value, 1))
		case part.Sign() == 0:
			part.SetInt64(value)
		default:
			part.Mul(part, big.NewRat(value, 1))
		}
		if scale && value >= 1000 {
			total.Add(total, part)
			part = big.NewRat(0, 1)
		}
		any = true
	}
	return total.Add(total, part), any
}

const hanDigits = "〇一二三四五六七八九"

// hanValues reads Chinese numerals, both as 一百三十 and as 一九九八.
func hanValues(run string) []*big.Rat {
	var positional strings.Builder
	total, section, digit := int64(0), int64(0), int64(0)
	for _, r := range run {
		if r == '零' {
			r = '〇'
		}
		if r == '两' {
			r = '二'
		}
		if i := strings.IndexRune(hanDigits, r); i >= 0 {
			digit = int64(i / len("〇"))
			positional.WriteByte(byte('0' + digit))
			continue
		}
		switch r {
		case '十', '百', '千':
			unit := map[rune]int64{'十': 10, '百': 100, '千': 1000}[r]
			section += max(digit, 1) * unit
		case '万', '亿':
			unit := map[rune]int64{'万': 1e4, '亿': 1e8}[r]
			total = (total + section + digit) * unit
			section = 0
		}
		digit = 0
	}
	values := []*big.Rat{big.NewRat(total+section+digit, 1)}
	if v, ok := new(big.Rat).SetString(positional.String()); ok {
		values = append(values, v)
	}
	return values
}

// hanNumeral writes 0 to 9999 in Chinese.
func hanNumeral(n int) string {
	if n == 0 {
		return "〇"
	}
	digits := []rune(hanDigits)
	var out strings.Builder
	gap := false
	for _, u := range []struct {
		value int
		name  string
	}{{1000, "千"}, {100, "百"}, {10, "十"}, {1, ""}} {
		d := n / u.value % 10
		switch {
		case d == 0:
			gap = out.Len() > 0
			continue
		case gap:
			out.WriteString("零")
			gap = false
		}
		if d != 1 || u.value != 10 || out.Len() > 0 {
			out.WriteRune(digits[d])
		}
		out.WriteString(u.name)
	}
	return out.String()
}

func romanValue(run string) int {
	values := map[byte]int{'I': 1, 'V': 5, 'X': 10, 'L': 50, 'C': 100}
	total := 0
	for i := range len(run) {
		if i+1 < len(run) && values[run[i]] < values[run[i+1]] {
			total -= values[run[i]]
		} else {
			total += values[run[i]]
		}
	}
	return total
}
