package retrieval

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// What Chinese needs beyond pairs of characters: its question words, its
// figures and dates, which are also found by the English ones, and its words
// of cause and of title.

// questionWords of Chinese, by the kind of answer they ask for.
var questionWords = []struct {
	words []string
	kind  kind
}{
	{[]string{"百分之多少", "百分之几", "有多少", "多少", "几个", "几家", "几位", "几名", "几次", "几座", "几条", "几种", "几倍", "多大", "多高", "多重", "多深", "多宽", "多远", "多快"}, kindNumber},
	{[]string{"什么人", "哪位", "哪个人", "哪些人", "何人", "是谁", "谁"}, kindPerson},
	{[]string{"什么时候", "什么时间", "什么年代", "何时", "哪一年", "哪年", "几月", "哪一天", "哪天", "几号", "几时"}, kindDate},
	{[]string{"什么地方", "哪里", "哪儿", "何处", "哪个地方"}, kindPlace},
	{[]string{"为什么", "为何", "因何", "何故", "什么原因", "原因是什么", "原因"}, kindReason},
	{[]string{"多久", "多长时间", "多少年", "多少天", "几年", "几天"}, kindDuration},
	{[]string{"如何", "怎么样", "怎么", "怎样"}, kindManner},
	{[]string{"是什么", "什么是", "何谓", "什么意思"}, kindDefinition},
	{[]string{"哪一个", "哪个", "哪些", "哪家", "哪种", "哪一种", "哪几", "什么样", "什么"}, kindWhich},
}

// politeWords are about the asking, and say nothing of the matter.
var politeWords = []string{"请问", "请告诉我", "告诉我", "有没有", "是不是", "能不能", "会不会", "吗", "可以", "能够", "应该", "一共", "总共", "到底", "究竟"}

// chineseQuestion reads the kind of answer that a question asks for from the
// question word that stands first, the longest where several do.
func chineseQuestion(text string) kind {
	if isASCII(text) {
		return kindOther
	}
	found, first, longest := kindOther, len(text), 0
	for _, list := range questionWords {
		for _, w := range list.words {
			if at := strings.Index(text, w); at >= 0 && (at < first || at == first && len(w) > longest) {
				found, first, longest = list.kind, at, len(w)
			}
		}
	}
	return found
}

// chineseYesNo says whether a question asks for yes or no.
func chineseYesNo(text string) bool {
	for _, w := range []string{"吗", "是不是", "有没有", "能不能", "会不会", "是否"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

var blankQuestionWords = sync.OnceValue(func() *strings.Replacer {
	var all []string
	add := func(w string) { all = append(all, w) }
	for _, list := range questionWords {
		for _, w := range list.words {
			if w != "原因" {
				add(w)
			}
		}
	}
	for _, w := range politeWords {
		add(w)
	}
	// A replacer takes the first of those that match at a place.
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, w := range all {
		pairs = append(pairs, w, strings.Repeat(" ", len(w)))
	}
	return strings.NewReplacer(pairs...)
})

// withoutQuestionWords puts spaces in the place of a question's Chinese
// question words, byte by byte: they say nothing about the matter, and pairs
// across their ends would.
func withoutQuestionWords(text string) string {
	if isASCII(text) {
		return text
	}
	return blankQuestionWords().Replace(text)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

const hanDigits = "〇一二三四五六七八九"

// hanNumber reads a Chinese number below a hundred: 十二, 二十.
func hanNumber(s string) (int, bool) {
	before, after, ten := strings.Cut(s, "十")
	digit := func(s string, none int) int {
		if s == "" {
			return none
		}
		if at := strings.Index(hanDigits, s); at >= 0 && utf8.RuneCountInString(s) == 1 {
			return at / len("一")
		}
		return -1
	}
	if !ten {
		n := digit(s, -1)
		return n, n >= 0
	}
	tens, units := digit(before, 1), digit(after, 0)
	return 10*tens + units, tens > 0 && units >= 0
}

// mayMonth is the surface of the month, which "may" alone would not tell from
// the verb.
const mayMonth = "may."

var monthTokens = []string{"january", "february", "march", "april", mayMonth, "june", "july", "august", "september", "october", "november", "december"}

func isMonth(word string) bool { return slices.Contains(monthTokens, word) }

// hanMonth is the English name of the month that ends, with 月, at a byte
// offset, and where it starts: "" if none does.
func hanMonth(text string, end int) (name string, from int) {
	start := end - len("月")
	from = start
	for i := 0; i < 3 && from > 0; i++ {
		r, size := utf8.DecodeLastRuneInString(text[:from])
		if r != '十' && !strings.ContainsRune(hanDigits, r) && (r < '0' || r > '9') {
			break
		}
		from -= size
	}
	n, err := strconv.Atoi(text[from:start])
	if err != nil {
		var ok bool
		if n, ok = hanNumber(text[from:start]); !ok {
			return "", 0
		}
	}
	if n < 1 || n > len(monthTokens) {
		return "", 0
	}
	return monthTokens[n-1], from
}

// hanMagnitude reads figures that 万 or 亿 follow as they are written in
// English: 132.3 and 亿 are 13.23 billion.
func hanMagnitude(figures, rest string) (number, unit string) {
	r, _ := utf8.DecodeRuneInString(rest)
	factor := 0.0
	switch r {
	case '万':
		factor = 1e4
		if strings.HasPrefix(rest, "万亿") {
			factor = 1e12
		}
	case '亿':
		factor = 1e8
	default:
		return figures, ""
	}
	v, err := strconv.ParseFloat(figures, 64)
	if v *= factor; err != nil || math.IsInf(v, 0) {
		return figures, ""
	}
	for _, m := range []struct {
		size float64
		name string
	}{{1e12, "trillion"}, {1e9, "billion"}, {1e6, "million"}} {
		if v >= m.size {
			return shortest(v / m.size), m.name
		}
	}
	return shortest(v), ""
}

// shortest is a number without the noise of its last binary digits.
func shortest(v float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 10, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// hanKind describes a pair of characters.
func hanKind(pair string) surfaceKind {
	first, size := utf8.DecodeRuneInString(pair)
	second, _ := utf8.DecodeRuneInString(pair[size:])
	const numerals, units, dates = "一二三四五六七八九十百千万亿两", "个家人名位岁米里亩斤吨座块元两辆架次倍成条项届户口艘", "年月日"
	switch {
	case len(pair) == size:
	case strings.ContainsRune(numerals, first) && strings.ContainsRune(dates, second), pair == "年代", pair == "世纪":
		return numberWord | dateWord
	case strings.ContainsRune(numerals, first) && (strings.ContainsRune(numerals, second) || first != '一' && strings.ContainsRune(units, second)), pair == "百分":
		return numberWord
	}
	return 0
}

// shareCharacters makes a pair of characters partly met by a sentence that has
// them in other pairs: 造纸作坊 and 作坊造纸的, 船钱 and 渡船.
func (m *matcher) shareCharacters(tokens []occurrence, soft []affinity) {
	const one, both = 0.25, 0.6
	if !m.index.ideographic {
		return
	}
	var has map[rune]bool
	for i := range m.q.terms {
		t := &m.q.terms[i]
		if t.kind&ideograms == 0 && !t.foreign {
			continue
		}
		if has == nil {
			has = m.index.characters(tokens)
		}
		met := 0
		for _, r := range m.q.text[t.start:t.end] {
			if has[r] {
				met++
			}
		}
		switch {
		case met > 1:
			soft[i].near = max(soft[i].near, both)
		case met == 1:
			soft[i].near = max(soft[i].near, one)
		}
	}
}

// characters are the ideographs in tokens.
func (x *lexicalIndex) characters(tokens []occurrence) map[rune]bool {
	out := make(map[rune]bool, len(tokens)+1)
	for _, o := range tokens {
		if x.words.entries[o.surface()].kind&ideograms != 0 {
			for _, r := range string(x.words.surfaces.at(o.surface())) {
				out[r] = true
			}
		}
	}
	return out
}
