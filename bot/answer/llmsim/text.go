package llmsim

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// abbreviations do not end a sentence with their full stop.
var abbreviations = set("mr mrs ms dr st prof sr jr rev hon gen col sen rep gov capt lt sgt no vs etc e.g i.e cf ca c b d al fig vol op u.s u.k ph.d p pp ed eds inc ltd co corp jan feb mar apr jun jul aug sept sep oct nov dec approx est mt ft")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

var sentenceEnd = regexp.MustCompile(`[.!?]+["”’')\]]*\s+|[。！？]+[”’」』）]*|\n+`)

// sentences splits a text; each is trimmed, and a verbatim slice of it.
func sentences(text string) []string {
	var found []string
	start := 0
	add := func(end int) {
		if s := strings.TrimSpace(text[start:end]); s != "" {
			found = append(found, s)
		}
		start = end
	}
	for _, m := range sentenceEnd.FindAllStringIndex(text, -1) {
		if m[0] >= start && endsSentence(text[start:m[0]], text[m[0]:m[1]], text[m[1]:]) {
			add(m[1])
		}
	}
	add(len(text))
	return found
}

// endsSentence decides by what stands before and after the marks.
func endsSentence(before, marks, after string) bool {
	if marks[0] != '.' && marks[0] != '!' && marks[0] != '?' {
		return true
	}
	if marks[0] == '.' {
		last := before[strings.LastIndexAny(before, " (“\"")+1:]
		if abbreviations[strings.ToLower(last)] || utf8.RuneCountInString(last) == 1 && unicode.IsUpper(rune(last[0])) {
			return false
		}
	}
	next, _ := utf8.DecodeRuneInString(after)
	return next == utf8.RuneError || unicode.IsUpper(next) || unicode.IsDigit(next) || strings.ContainsRune("“\"‘'([«", next) || unicode.Is(unicode.Han, next)
}

// isSentence reports whether a sentence is whole and can be said on its own.
func isSentence(s string) bool {
	if chinese(s) {
		return utf8.RuneCountInString(s) >= 8
	}
	first, _ := utf8.DecodeRuneInString(s)
	return len(strings.Fields(s)) >= 4 && len(s) < 600 && strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "..") &&
		(unicode.IsUpper(first) || unicode.IsDigit(first)) && balanced(s) && !strings.ContainsAny(s, "[]<>&\n")
}

// balanced reports whether every bracket and quotation mark has its partner.
func balanced(s string) bool {
	return strings.Count(s, `"`)%2 == 0 && strings.Count(s, "“") == strings.Count(s, "”") &&
		strings.Count(s, "(") == strings.Count(s, ")")
}

// chinese reports whether a text is mostly Chinese.
func chinese(s string) bool {
	han, letters := 0, 0
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			han++
		} else if unicode.IsLetter(r) {
			letters++
		}
	}
	return han > 0 && 3*han > letters
}

// A span is a range of bytes.
type span struct{ start, end int }

func (s span) of(text string) string { return text[s.start:s.end] }

func replace(text string, s span, by string) string {
	return text[:s.start] + by + text[s.end:]
}

// wordSpans are the runs of letters and digits, apostrophes and hyphens inside
// of words included; every Chinese character is a word.
func wordSpans(text string) []span {
	var spans []span
	start := -1
	for i, r := range text {
		inner := (r == '\'' || r == '’' || r == '-') && start >= 0 && letterFollows(text[i+utf8.RuneLen(r):])
		switch {
		case unicode.Is(unicode.Han, r):
			if start >= 0 {
				spans = append(spans, span{start, i})
			}
			spans = append(spans, span{i, i + utf8.RuneLen(r)})
			start = -1
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || inner:
			if start < 0 {
				start = i
			}
		case start >= 0:
			spans = append(spans, span{start, i})
			start = -1
		}
	}
	if start >= 0 {
		spans = append(spans, span{start, len(text)})
	}
	return spans
}

func letterFollows(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// words are a text's words in lower case.
func words(text string) []string {
	var found []string
	for _, s := range wordSpans(text) {
		found = append(found, strings.ToLower(strings.ReplaceAll(s.of(text), "’", "'")))
	}
	return found
}

var suffixes = []string{"ations", "ation", "ings", "ing", "edly", "ies", "ied", "ers", "er", "ed", "es", "ly", "s", "e"}

// stem cuts a suffix off a lower-case word, leaving at least three letters.
func stem(word string) string {
	word = strings.TrimSuffix(strings.TrimSuffix(word, "'s"), "'")
	for _, suffix := range suffixes {
		if cut, ok := strings.CutSuffix(word, suffix); ok && len(cut) >= 3 {
			return cut
		}
	}
	return word
}

var functionWords = set("a an and are as at be been but by can could did do does for from had has have he her his how i if in into is it its many may more most much no not of on or our she should so some such than that the their them there these they this those to under up was we were what when where which while who whom whose why will with would you your also about after all any because before between both each other over same then through during 的 了 是 在 和 与 有 什么 吗 谁 多少")

// stems are a text's content words, stemmed; Chinese by pairs of characters.
func stems(text string) []string {
	var found []string
	before := ""
	for _, w := range words(text) {
		r, _ := utf8.DecodeRuneInString(w)
		if unicode.Is(unicode.Han, r) {
			if before != "" {
				found = append(found, before+w)
			}
			before = w
			continue
		}
		before = ""
		if !functionWords[w] {
			found = append(found, stem(w))
		}
	}
	return found
}

// holdsWords reports whether the words of part stand in text one after the
// other, whatever their case and the marks between them.
func holdsWords(text, part string) bool {
	want, have := words(part), words(text)
	for i := 0; i+len(want) <= len(have); i++ {
		if slices.Equal(have[i:i+len(want)], want) {
			return true
		}
	}
	return false
}
