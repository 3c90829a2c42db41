package cite

import "math/big"

var monthNames = map[string]int{
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
	"september": 9, "october": 10, "november": 11, "december": 12,
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10,
	"nov": 11, "dec": 12,
}

// timePrepositions may stand before a month that is also another word.
var timePrepositions = []string{
	"in", "since", "by", "until", "till", "during", "from", "to", "through", "before", "after", "of", "last",
	"next", "this", "every", "each", "early", "late", "mid", "between", "and", "or",
}

// dateAt reads the dates that start at lexeme i.
func (r *quantityReader) dateAt(i int) []atom {
	l := &r.lex[i]
	switch l.kind {
	case digitLexeme:
		for _, read := range []func(int) []atom{r.numericDate, r.dayMonth, r.hanDate, r.yearRange, r.decade, r.beforeChrist, r.quarterYear} {
			if found := read(i); found != nil {
				return found
			}
		}
	case wordLexeme:
		if found := r.monthFirst(i); found != nil {
			return found
		}
		return r.datePrefix(i)
	case hanLexeme:
		return r.hanDate(i)
	case markLexeme:
		if l.text == "'" && r.digitAt(i+1, 0) && len(r.lex[i+1].text) == 2 && (i == 0 || l.gap > 0) {
			return r.decade(i + 1)
		}
	}
	return nil
}

// dated makes one atom whose claims are the given dates, one of which holds.
func dated(from, to int, dates ...calendarDate) []atom {
	return []atom{{from: from, to: to, dates: dates}}
}

// yearAt returns the year of four digits at lexeme i, else 0.
func (r *quantityReader) yearAt(i int) int {
	if !r.digitAt(i, 2) || len(r.lex[i].text) != 4 || r.attachedWord(i+1) {
		return 0
	}
	if y := shortNumber(r.lex[i].text); y >= 1000 && y < 3000 {
		return y
	}
	return 0
}

// attachedWord reports whether a word follows without a space.
func (r *quantityReader) attachedWord(i int) bool {
	return i < len(r.lex) && r.lex[i].kind == wordLexeme && r.lex[i].gap == 0
}

// dayAt returns the day of a month at lexeme i, 15 or 15th, and what follows
// it; 0 when there is none.
func (r *quantityReader) dayAt(i int) (day, next int) {
	if !r.digitAt(i, 2) || len(r.lex[i].text) > 2 {
		return 0, i
	}
	day = shortNumber(r.lex[i].text)
	if day < 1 || day > 31 {
		return 0, i
	}
	if r.wordAt(i+1, "st", "nd", "rd", "th") && r.lex[i+1].gap == 0 {
		return day, i + 2
	}
	if r.attachedWord(i + 1) {
		return 0, i
	}
	return day, i + 1
}

// monthAt returns the month named at lexeme i and what follows it. It is
// certain when the word can hardly mean anything else.
func (r *quantityReader) monthAt(i int) (month, next int, certain bool) {
	if i >= len(r.lex) || r.lex[i].kind != wordLexeme || !capital(r.lex[i].text) {
		return 0, i, false
	}
	w := r.lex[i].lower
	month, next = monthNames[w], i+1
	short := len(w) <= 4 && w != "june" && w != "july" && w != "may"
	if month != 0 && short && r.markAt(next, ".") && r.lex[next].gap == 0 {
		return month, next + 1, true
	}
	return month, next, month != 0 && !short && w != "may" && w != "march"
}

// numericDate reads 2023-08-15, 2023/8/15, 2023-08, 15/08/2023, 8.15.2023.
func (r *quantityReader) numericDate(i int) []atom {
	for _, mark := range []string{"-", "/", "."} {
		if !r.chainedBy(i, mark) {
			continue
		}
		three := r.chainedBy(i+2, mark)
		if three && r.chainedBy(i+4, mark) {
			return nil
		}
		if y := r.yearAt(i); y != 0 {
			return r.yearFirst(i, y, three, mark)
		}
		if three {
			return r.yearLast(i)
		}
	}
	return nil
}

func (r *quantityReader) yearFirst(i, year int, three bool, mark string) []atom {
	month, end := shortNumber(r.lex[i+2].text), i+3
	if month < 1 || month > 12 || len(r.lex[i+2].text) > 2 {
		return nil
	}
	if !three {
		if mark == "." || len(r.lex[i+2].text) != 2 || r.attachedWord(end) {
			return nil
		}
		found := dated(i, end, newDate(year, month, 0))
		if last := year/100*100 + month; last > year { // 2001-10 may be two years
			found[0].dates = nil
			found[0] = dated(i, i+1, yearDate(year))[0]
			found = append(found, dated(i+2, end, newDate(year, month, 0), yearDate(last))...)
		}
		return found
	}
	day := shortNumber(r.lex[i+4].text)
	if day < 1 || day > 31 || len(r.lex[i+4].text) > 2 {
		return nil
	}
	return dated(i, i+5, newDate(year, month, day))
}

func (r *quantityReader) yearLast(i int) []atom {
	year, a, b := r.yearAt(i+4), shortNumber(r.lex[i].text), shortNumber(r.lex[i+2].text)
	if year == 0 || len(r.lex[i].text) > 2 || len(r.lex[i+2].text) > 2 || a < 1 || b < 1 {
		return nil
	}
	var dates []calendarDate
	if a <= 31 && b <= 12 {
		dates = append(dates, newDate(year, b, a))
	}
	if a <= 12 && b <= 31 && a != b {
		dates = append(dates, newDate(year, a, b))
	}
	if dates == nil {
		return nil
	}
	return dated(i, i+5, dates...)
}

// dayMonth reads "15 August 2023" and "15th of August".
func (r *quantityReader) dayMonth(i int) []atom {
	day, next := r.dayAt(i)
	if day == 0 || r.markAt(i-1, ".:/") && r.lex[i].gap == 0 {
		return nil
	}
	if r.wordAt(next, "of") {
		next++
	}
	month, next, _ := r.monthAt(next)
	if month == 0 {
		return nil
	}
	year, next := r.yearAfter(next)
	return dated(i, next, newDate(year, month, day))
}

// yearAfter reads a year after a month, with a comma or "of" between.
func (r *quantityReader) yearAfter(i int) (year, next int) {
	at := i
	if r.markAt(at, ",") || r.wordAt(at, "of") {
		at++
	}
	if y := r.yearAt(at); y != 0 && !r.chainedBy(at, ",") {
		return y, at + 1
	}
	return 0, i
}

// monthFirst reads "August 15, 2023", "August 2023" and "August".
func (r *quantityReader) monthFirst(i int) []atom {
	month, next, certain := r.monthAt(i)
	if month == 0 {
		return nil
	}
	day, afterDay := r.dayAt(next)
	if day != 0 && !r.chainedBy(next, ",") && !r.chainedBy(next, ":") && !r.chainedBy(next, ".") {
		year, end := r.yearAfter(afterDay)
		return dated(i, end, newDate(year, month, day))
	}
	if year, end := r.yearAfter(next); year != 0 {
		return dated(i, end, newDate(year, month, 0))
	}
	found := dated(i, next, newDate(0, month, 0))
	if !certain && !r.wordAt(i-1, timePrepositions...) && !r.markAt(i-1, "-") {
		found[0].exempt = true
		if i == 0 || len(r.lex[i].text) > 3 && monthNames[r.lex[i].lower] == 3 {
			return nil // a sentence that starts with May or March says little
		}
	}
	return found
}

// yearRange reads 1914-18, 2023/24 and 1914-1918: two years.
func (r *quantityReader) yearRange(i int) []atom {
	year := r.yearAt(i)
	if year == 0 || !r.chainedBy(i, "-") && !r.chainedBy(i, "/") || r.attachedWord(i+3) {
		return nil
	}
	if r.chainedBy(i+2, "-") || r.chainedBy(i+2, "/") || r.chainedBy(i+2, ".") || r.chainedBy(i+2, ",") {
		return nil
	}
	text := r.lex[i+2].text
	last := shortNumber(text)
	if len(text) == 2 {
		last += year / 100 * 100
	}
	if len(text) != 2 && len(text) != 4 || last <= year || r.markAt(i+3, "%") {
		return nil
	}
	return append(dated(i, i+1, yearDate(year)), dated(i+2, i+3, yearDate(last))...)
}

// decade reads 1990s, 1990's and 90s.
func (r *quantityReader) decade(i int) []atom {
	text := r.lex[i].text
	n := shortNumber(text)
	next := i + 1
	if r.markAt(next, "'") && r.lex[next].gap == 0 {
		next++
	}
	if !r.wordAt(next, "s") || r.lex[next].gap > 0 || n < 0 || n%10 != 0 || len(text) != 4 && len(text) != 2 {
		return nil
	}
	if len(text) == 2 {
		n += 1900
	}
	return []atom{special(i, next+1, decadeMeasure, int64(n))}
}

// special makes an atom whose measure the grammar knows by name.
func special(from, to int, m measure, value int64) atom {
	return atom{from: from, to: to, values: []*big.Rat{big.NewRat(value, 1)}, tails: []tail{{unit: unit{of: m}}}, fixed: true}
}

// eraAt reads BC, BCE, B.C., AD, A.D. or CE at lexeme i: sign is -1 or 1, and
// 0 when there is none.
func (r *quantityReader) eraAt(i int) (sign, next int) {
	if i >= len(r.lex) || r.lex[i].kind != wordLexeme {
		return 0, i
	}
	switch r.lex[i].text {
	case "BC", "BCE":
		return -1, i + 1
	case "AD", "CE":
		return 1, i + 1
	case "B", "A":
		ends := map[string]string{"B": "C", "A": "D"}[r.lex[i].text]
		if r.markAt(i+1, ".") && i+2 < len(r.lex) && r.lex[i+2].text == ends && r.lex[i+2].gap == 0 {
			next = i + 3
			if r.markAt(next, ".") && r.lex[next].gap == 0 && next+1 < len(r.lex) && !capital(r.lex[next+1].text) {
				next++
			}
			if ends == "C" {
				return -1, next
			}
			return 1, next
		}
	}
	return 0, i
}

// beforeChrist reads "44 BC", "13,000 BC" and "79 AD".
func (r *quantityReader) beforeChrist(i int) []atom {
	n := r.separatedNumber(i)
	sign, next := r.eraAt(n.next)
	if sign == 0 || len(n.values) != 1 || !n.values[0].IsInt() || !n.values[0].Num().IsInt64() {
		return nil
	}
	year := n.values[0].Num().Int64()
	if year == 0 || year > 1e8 {
		return nil
	}
	return dated(i, next, yearDate(sign*int(year)))
}

// datePrefix reads "AD 79", "Q3", "FY2023" and "third quarter".
func (r *quantityReader) datePrefix(i int) []atom {
	l := &r.lex[i]
	if sign, next := r.eraAt(i); sign > 0 && r.digitAt(next, 1) && len(r.lex[next].text) <= 4 {
		if y := shortNumber(r.lex[next].text); y > 0 && !r.attachedWord(next+1) {
			return dated(i, next+1, yearDate(y))
		}
	}
	if l.text == "FY" && r.digitAt(i+1, 1) {
		y := r.yearAt(i + 1)
		if y == 0 && len(r.lex[i+1].text) == 2 {
			y = 2000 + shortNumber(r.lex[i+1].text)
		}
		if y != 0 {
			return dated(i, i+2, yearDate(y))
		}
	}
	if (l.text == "Q" || l.text == "q") && r.digitAt(i+1, 0) && len(r.lex[i+1].text) == 1 && !r.attachedWord(i+2) {
		if q := shortNumber(r.lex[i+1].text); q >= 1 && q <= 4 {
			return []atom{special(i, i+2, quarterMeasure, int64(q))}
		}
	}
	if n := ordinalWords[l.lower]; n >= 1 && n <= 4 && r.wordAt(i+1, "quarter") {
		return []atom{special(i, i+2, quarterMeasure, n)}
	}
	return nil
}

// quarterYear reads 2023Q3, 3Q23 and "3rd quarter".
func (r *quantityReader) quarterYear(i int) []atom {
	text := r.lex[i].text
	if len(text) == 1 && text >= "1" && text <= "4" {
		if r.wordAt(i+1, "st", "nd", "rd", "th") && r.lex[i+1].gap == 0 && r.wordAt(i+2, "quarter") {
			return []atom{special(i, i+3, quarterMeasure, int64(shortNumber(text)))}
		}
		if r.wordAt(i+1, "q") && r.digitAt(i+2, 1) && r.lex[i+1].gap == 0 {
			y := r.yearAt(i + 2)
			if y == 0 && len(r.lex[i+2].text) == 2 {
				y = 2000 + shortNumber(r.lex[i+2].text)
			}
			if y != 0 {
				return append([]atom{special(i, i+2, quarterMeasure, int64(shortNumber(text)))}, dated(i+2, i+3, yearDate(y))...)
			}
		}
	}
	if len(text) == 4 && r.wordAt(i+1, "q") && r.lex[i+1].gap == 0 && r.digitAt(i+2, 0) {
		y, q := shortNumber(text), shortNumber(r.lex[i+2].text)
		if y >= 1000 && y < 3000 && q >= 1 && q <= 4 {
			return append(dated(i, i+1, yearDate(y)), special(i+1, i+3, quarterMeasure, int64(q)))
		}
	}
	return nil
}

// hanDate reads 2023年8月15日, 8月15日, 2023年, 二〇二三年, 90年代, 19世纪,
// 公元前44年 and 第三季度.
func (r *quantityReader) hanDate(i int) []atom {
	from := i
	if r.lex[i].kind == digitLexeme && (i+1 >= len(r.lex) || r.lex[i+1].kind != hanLexeme) {
		return nil
	}
	if r.hanAt(i, "第") {
		i++
	}
	sign := 1
	if r.hanText(i, "公元") {
		if i += 2; r.hanAt(i, "前") {
			i, sign = i+1, -1
		} else if i == from+2 && !r.digitAt(i, 1) && (i >= len(r.lex) || hanDigits[r.lex[i].text] == 0) {
			return nil
		}
	}
	n, text, ok := r.plainHan(i)
	if !ok {
		return nil
	}
	switch {
	case r.hanText(n.next, "世纪"):
		if i > from && sign > 0 && !r.hanAt(from, "公") && !r.hanAt(from, "第") {
			return nil
		}
		if sign < 0 {
			text = -text
		}
		return []atom{special(from, n.next+2, centuryMeasure, int64(text))}
	case r.hanText(n.next, "季度") && text >= 1 && text <= 4:
		return []atom{special(from, n.next+2, quarterMeasure, int64(text))}
	case r.hanText(n.next, "年代") && text%10 == 0 && text > 0:
		if text < 100 {
			text += 1900
		}
		return []atom{special(from, n.next+2, decadeMeasure, int64(text))}
	case r.hanAt(from, "第"):
		return nil
	case r.hanAt(n.next, "年") && (sign < 0 || r.hanAt(from, "公") || text >= 1000 && text < 3000 && (n.year != 0)):
		month, day, next := r.hanMonthDay(n.next + 1)
		return dated(from, next, newDate(sign*text, month, day))
	case from != i:
		return nil
	}
	return r.hanDayOfYear(i, n, text)
}

// hanDayOfYear reads 8月15日, 8月 and 15日.
func (r *quantityReader) hanDayOfYear(i int, n numeral, value int) []atom {
	month, day, next := r.hanMonthDay(i)
	if month != 0 {
		return dated(i, next, newDate(0, month, day))
	}
	if r.hanAt(n.next, "日", "号") && value >= 1 && value <= 31 && r.lex[i].kind == digitLexeme {
		found := dated(i, n.next+1, newDate(0, 0, value))
		found[0].values = n.values
		found[0].tails = []tail{{unit: unitsByForm().words["天"][0]}}
		return found
	}
	return nil
}

// hanMonthDay reads 8月15日 or 8月 at lexeme i.
func (r *quantityReader) hanMonthDay(i int) (month, day, next int) {
	n, value, ok := r.plainHan(i)
	if !ok || !r.hanAt(n.next, "月") || value < 1 || value > 12 {
		return 0, 0, i
	}
	month, next = value, n.next+1
	if d, value, ok := r.plainHan(next); ok && r.hanAt(d.next, "日", "号") && value >= 1 && value <= 31 {
		return month, value, d.next + 1
	}
	if r.hanAt(next, "份") {
		next++
	}
	return month, 0, next
}

// plainHan reads a short whole number at lexeme i, digits or Chinese.
func (r *quantityReader) plainHan(i int) (n numeral, value int, ok bool) {
	if i >= len(r.lex) {
		return n, 0, false
	}
	switch l := &r.lex[i]; l.kind {
	case digitLexeme:
		n = numeral{next: i + 1, values: r.values(l.text), year: shortNumber(l.text)}
		if len(l.text) != 4 {
			n.year = 0
		}
		return n, shortNumber(l.text), len(l.text) <= 4
	case hanLexeme:
		if _, digit := hanDigits[l.text]; !digit && l.text != "十" {
			return n, 0, false
		}
		n = r.hanRun(i)
		if len(n.values) != 1 || !n.values[0].IsInt() || !n.values[0].Num().IsInt64() || n.values[0].Num().Int64() > 1e6 {
			return n, 0, false
		}
		return n, int(n.values[0].Num().Int64()), true
	}
	return n, 0, false
}
