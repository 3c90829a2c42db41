package corpus

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A FrontMatter is what a document says of itself between two lines of "---"
// at its very top.
type FrontMatter struct {
	// Title and Author are empty, and Date zero, when they are not given.
	Title, Author string
	Date          time.Time
	// YearOnly is true when Date is certain to the year only.
	YearOnly bool
	// End is where the document's body starts, in bytes: after the front
	// matter, or after a byte order mark, or 0.
	End int
}

const byteOrderMark = "\uFEFF"

// ParseFrontMatter reads the keys title, author and date of a front matter.
// Lines between "---" that are not in the form of YAML are not a front matter.
func ParseFrontMatter(text string) FrontMatter {
	var f FrontMatter
	if strings.HasPrefix(text, byteOrderMark) {
		f.End = len(byteOrderMark)
	}
	found := f
	line, pos := cutLine(text, f.End)
	if line != "---" {
		return f
	}
	const most = 200
	for range most {
		if pos >= len(text) {
			break
		}
		if line, pos = cutLine(text, pos); line == "---" || line == "..." {
			found.End = pos
			return found
		}
		if !found.take(line) {
			break
		}
	}
	return f
}

// take reads a line of a front matter. It reports whether it could be one.
func (f *FrontMatter) take(line string) bool {
	if line == "" || strings.ContainsRune(" \t#-", rune(line[0])) {
		return true // blank, comment, or the value of a key above
	}
	key, value, ok := strings.Cut(line, ":")
	if !ok || strings.ContainsAny(key, " \t") || value != "" && !asciiSpace(value[0]) {
		return false
	}
	value = strings.TrimSpace(value)
	if n := len(value); n > 1 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		value = value[1 : n-1]
	}
	switch strings.ToLower(key) {
	case "title":
		f.Title = oneLine(value)
	case "author", "authors":
		f.Author = authorOf(value)
	case "date":
		if date, yearOnly, _, ok := parseDate(value); ok {
			f.Date, f.YearOnly = date, yearOnly
		} else if n := digits(value); n == 4 && n == len(value) {
			f.Date, f.YearOnly = newYear(number(value)), true
		}
	}
	return true
}

// cutLine returns the line at an offset, without the white space at its end,
// and where the next one starts.
func cutLine(text string, from int) (string, int) {
	end, next := len(text), len(text)
	if n := strings.IndexByte(text[from:], '\n'); n >= 0 {
		end, next = from+n, from+n+1
	}
	return strings.TrimRightFunc(text[from:end], unicode.IsSpace), next
}

// statedDate finds a line such as "Published 12 December 2023" among the
// document's first lines.
func statedDate(text string, blocks []Block) (time.Time, bool) {
	const first = 10
	for _, b := range blocks[:min(len(blocks), first)] {
		if date, yearOnly, ok := lineDate(text[b.Start:b.End]); ok {
			return date, yearOnly
		}
	}
	return time.Time{}, false
}

// lineDate reads the date of a line that says little else: a date alone,
// after a word such as "Published", or beside a name.
func lineDate(t string) (date time.Time, yearOnly, ok bool) {
	const longest = 120
	if len(t) > longest || !strings.ContainsAny(t, "12") {
		return time.Time{}, false, false
	}
	for part := range strings.FieldsFuncSeq(t, func(r rune) bool { return strings.ContainsRune("|·•\n", r) }) {
		part, announced := cutAnnouncement(strings.Trim(part, " \t*_()（）"))
		date, yearOnly, rest, ok := parseDate(part)
		if !ok {
			continue
		}
		rest = strings.TrimSpace(rest)
		if rest == "" || clockTime(rest) || announced && strings.ContainsRune(",;-–—(", runeAt(rest, 0)) {
			return date, yearOnly, true
		}
	}
	return time.Time{}, false, false
}

// cutAnnouncement cuts words such as "Published on:" off a line.
func cutAnnouncement(t string) (string, bool) {
	for _, word := range [...]string{"date of publication", "publication date", "first published", "last updated", "published",
		"posted", "updated", "released", "issued", "dated", "date", "发布时间", "发布日期", "发表于", "发布于", "日期", "时间",
		"發布日期", "公開日", "投稿日"} {
		if len(t) < len(word) || !strings.EqualFold(t[:len(word)], word) {
			continue
		}
		rest := t[len(word):]
		if asciiAlnum(word[0]) && rest != "" && asciiAlnum(rest[0]) {
			continue
		}
		rest = strings.TrimLeft(rest, " \t:：*_")
		for _, preposition := range [...]string{"on ", "at ", "in "} {
			rest = strings.TrimPrefix(rest, preposition)
		}
		return rest, true
	}
	return t, false
}

// clockTime reports whether t is the time of a day, such as "10:32 am GMT" or
// "T10:32:00Z".
func clockTime(t string) bool {
	t = strings.TrimLeft(t, "T ,at")
	n := digits(t)
	return 0 < n && n <= 2 && n < len(t) && t[n] == ':' && len(t) < 20
}

// parseDate reads the date that t starts with and returns what follows it.
// A date without a day is certain to the year only.
func parseDate(t string) (date time.Time, yearOnly bool, rest string, ok bool) {
	if word := lettersAt(t); strings.HasSuffix(strings.ToLower(word), "day") {
		t = strings.TrimLeft(t[len(word):], ", ")
	}
	if n := digits(t); n == 4 {
		return parseYearFirst(number(t[:4]), t[4:])
	}
	day, afterDay, dayFirst := cutDay(t)
	word := lettersAt(afterDay)
	month, ok := monthNamed(word)
	if !ok {
		return time.Time{}, false, "", false
	}
	rest = strings.TrimLeft(afterDay[len(word):], "., ")
	if !dayFirst {
		if d, after, ok := cutDay(rest); ok {
			day, rest = d, strings.TrimLeft(after, ", ")
		}
	}
	if digits(rest) != 4 {
		return time.Time{}, false, "", false
	}
	return dateOf(number(rest[:4]), month, day, rest[4:])
}

// parseYearFirst reads what follows a year: "-12-12", "/12/12", "年12月12日".
func parseYearFirst(year int, t string) (time.Time, bool, string, bool) {
	separator, size := utf8.DecodeRuneInString(t)
	if t == "" || !strings.ContainsRune("-/.年", separator) {
		return time.Time{}, false, "", false
	}
	chinese := separator == '年'
	t = strings.TrimLeft(t[size:], " ")
	n := digits(t)
	if n == 0 || n > 2 {
		return time.Time{}, false, "", false
	}
	month, t := time.Month(number(t[:n])), t[n:]
	next := string(separator)
	if chinese {
		next = "月"
	}
	after, ok := strings.CutPrefix(strings.TrimLeft(t, " "), next)
	if !ok {
		return dateOf(year, month, 0, t)
	}
	after = strings.TrimLeft(after, " ")
	n = digits(after)
	if n == 0 || n > 2 {
		return dateOf(year, month, 0, after)
	}
	rest := after[n:]
	if chinese {
		rest = strings.TrimPrefix(strings.TrimLeft(rest, " "), "日")
	}
	return dateOf(year, month, number(after[:n]), rest)
}

// dateOf checks the parts of a date; day 0 is an unknown one.
func dateOf(year int, month time.Month, day int, rest string) (time.Time, bool, string, bool) {
	date := time.Date(year, month, max(1, day), 0, 0, 0, 0, time.UTC)
	ok := date.Month() == month && date.Day() == max(1, day) && digits(rest) == 0
	return date, day == 0, rest, ok
}

// cutDay cuts "12", "3rd of".
func cutDay(t string) (int, string, bool) {
	n := digits(t)
	if n == 0 || n > 2 {
		return 0, t, false
	}
	rest := t[n:]
	for _, suffix := range [...]string{"st", "nd", "rd", "th", "."} {
		rest = strings.TrimPrefix(rest, suffix)
	}
	rest = strings.TrimLeft(rest, " ")
	return number(t[:n]), strings.TrimPrefix(rest, "of "), true
}

// monthNamed reads an English month's name, whole or abbreviated.
func monthNamed(word string) (time.Month, bool) {
	if len(word) < 3 || !capital(word) {
		return 0, false
	}
	for m := time.January; m <= time.December; m++ {
		name := m.String()
		if strings.EqualFold(word, name) || strings.EqualFold(word, name[:3]) || m == time.September && strings.EqualFold(word, "Sept") {
			return m, true
		}
	}
	return 0, false
}

func lettersAt(t string) string {
	n := 0
	for n < len(t) && asciiAlnum(t[n]) && !asciiDigit(t[n]) {
		n++
	}
	return t[:n]
}

// number reads up to four ASCII digits.
func number(digits string) int {
	n := 0
	for _, c := range []byte(digits) {
		n = n*10 + int(c-'0')
	}
	return n
}

func newYear(year int) time.Time { return time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC) }

// inferredDate returns the start of the year that a text seems to be written
// in. A text that says "this year" or "recently" tells of its own time; that
// is taken to be the year it mentions most, if it does so three times, twice
// as often as any other, and twice as often as all later years together, which
// a text can only look forward to. Otherwise the date is not known.
func inferredDate(text string) (time.Time, bool) {
	if deictics(text) < 2 {
		return time.Time{}, false
	}
	const first, last = 1900, 2100
	var mentions [last - first + 1]int
	for i := 0; i+4 <= len(text); i++ {
		if !asciiDigit(text[i]) {
			continue
		}
		n := digits(text[i:min(len(text), i+20)])
		if year := number(text[i : i+min(n, 4)]); n == 4 && first <= year && year <= last && !partOfNumber(text, i) {
			mentions[year-first]++
		}
		i += n
	}
	best, second, later := 0, 0, 0
	for i, n := range mentions {
		switch {
		case n >= mentions[best]:
			second, best, later = mentions[best], i, 0
		default:
			second, later = max(second, n), later+n
		}
	}
	if n := mentions[best]; n < 3 || n < 2*second || n < 2*later {
		return time.Time{}, false
	}
	return newYear(first + best), true
}

// partOfNumber reports whether the four digits at offset i are an amount, a
// fraction or a part of a larger number.
func partOfNumber(text string, i int) bool {
	before, _ := runeBefore(text, i)
	if strings.ContainsRune("$€£¥.,", before) {
		return true
	}
	after := text[i+4:]
	return len(after) > 1 && (after[0] == ',' || after[0] == '.') && asciiDigit(after[1])
}

// deictics weighs the expressions in a text that point to the time of writing.
func deictics(text string) int {
	weight := 0
	for _, e := range [...]struct {
		expression string
		weight     int
	}{
		{"This year", 2}, {"this year", 2}, {"Last year", 2}, {"last year", 2}, {"next year", 2},
		{"Recently", 1}, {"recently", 1}, {"今年", 2}, {"去年", 2}, {"明年", 2}, {"近日", 1}, {"最近", 1},
	} {
		weight += e.weight * strings.Count(text, e.expression)
	}
	return weight
}
