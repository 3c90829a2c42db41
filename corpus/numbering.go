package corpus

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kinds of numbering.
const (
	styleDecimal byte = 'd' // 2.1 Method
	styleRoman   byte = 'r' // IV. Results
	styleLetter  byte = 'l' // A. Tables
	styleWord    byte = 'w' // Chapter 3, 第三章
	styleCJK     byte = 'c' // 一、背景
)

// numberedHeading recognises a heading by its number.
func numberedHeading(t string, columns int) (shape, bool) {
	s := shape{form: numbered}
	rest, ok := s.cutNumber(t)
	if !ok || columns > 100 || len(strings.Fields(rest)) > 14 {
		return shape{}, false
	}
	rest = strings.TrimLeft(rest, " \t\u3000")
	if rest == "" {
		return s, s.style == styleWord
	}
	first, _ := utf8.DecodeRuneInString(rest)
	if !unicode.IsUpper(first) && !unicode.Is(unicode.Lo, first) && !opensQuote(rest, 0, first) {
		return shape{}, false
	}
	end := stopBefore(rest, 0, len(rest)).kind
	last, _ := utf8.DecodeLastRuneInString(rest)
	question := last == '?' || last == '？'
	return s, (end == stopNone || question) && !strings.ContainsRune(",;，；、:：", last)
}

// cutNumber cuts the number off a heading and notes its style and depth.
func (s *shape) cutNumber(t string) (rest string, ok bool) {
	for _, cut := range [...]func(string) (string, int, byte, bool){cutDecimal, cutRoman, cutWord, cutChineseOrdinal, cutChineseItem} {
		if rest, rank, style, ok := cut(t); ok {
			s.rank, s.style = rank, style
			return rest, true
		}
	}
	return "", false
}

// cutDecimal cuts "2 ", "2. ", "2.1 ", "2.1.3. ".
func cutDecimal(t string) (string, int, byte, bool) {
	depth, i := 0, 0
	for {
		n := digits(t[i:])
		if n == 0 || n > 2 {
			break
		}
		depth++
		i += n
		if i == len(t) || t[i] != '.' && t[i] != ')' {
			break
		}
		i++
	}
	if depth == 0 || i == len(t) || asciiDigit(t[i]) {
		return "", 0, 0, false
	}
	rest, dunhao := strings.CutPrefix(t[i:], "、")
	apart := dunhao || asciiSpace(t[i]) || t[i-1] == '.' && ideographic(runeAt(t, i)) || strings.HasPrefix(rest, "\u3000")
	return rest, depth, styleDecimal, apart
}

// cutRoman cuts "IV. " and "B. ".
func cutRoman(t string) (string, int, byte, bool) {
	number, rest, ok := strings.Cut(t, ". ")
	switch {
	case !ok || number == "" || len(number) > 6:
	case strings.Trim(number, "IVX") == "":
		return rest, 1, styleRoman, true
	case len(number) == 1 && 'A' <= number[0] && number[0] <= 'H':
		return rest, 1, styleLetter, true
	}
	return "", 0, 0, false
}

// cutWord cuts "Chapter 3: ", "Section IV ", "Appendix A".
func cutWord(t string) (string, int, byte, bool) {
	word, rest, _ := strings.Cut(t, " ")
	rank := 0
	switch strings.ToLower(word) {
	case "part", "book":
		rank = 1
	case "chapter", "appendix", "annex":
		rank = 2
	case "section":
		rank = 3
	}
	if rank == 0 || !capital(word) {
		return "", 0, 0, false
	}
	number := rest
	if n := strings.IndexAny(rest, " :.-–—"); n >= 0 {
		number, rest = rest[:n], rest[n:]
	} else {
		rest = ""
	}
	if !ordinal(number) {
		return "", 0, 0, false
	}
	return strings.TrimLeft(rest, " :.-–—"), rank, styleWord, true
}

// ordinal reports whether t is a number, a Roman numeral, a capital, or a
// number word.
func ordinal(t string) bool {
	if t == "" {
		return false
	}
	if n := digits(t); n > 0 {
		return n == len(t) && n <= 3
	}
	if len(t) == 1 {
		return 'A' <= t[0] && t[0] <= 'Z'
	}
	if strings.Trim(t, "IVXLC") == "" {
		return true
	}
	switch strings.ToLower(t) {
	case "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve":
		return true
	}
	return false
}

const (
	chineseNumerals = "〇零一二三四五六七八九十百千两"
	chineseDigits   = chineseNumerals + "0123456789０１２３４５６７８９"
)

// cutChineseOrdinal cuts "第三章 ".
func cutChineseOrdinal(t string) (string, int, byte, bool) {
	rest, ok := strings.CutPrefix(t, "第")
	if !ok {
		return "", 0, 0, false
	}
	number := strings.TrimLeft(rest, chineseDigits)
	n := len(rest) - len(number)
	if n == 0 || n > 18 || number == "" {
		return "", 0, 0, false
	}
	unit, size := utf8.DecodeRuneInString(number)
	rank := 0
	switch unit {
	case '部', '编', '編', '篇', '卷':
		rank = 1
	case '章':
		rank = 2
	case '节', '節':
		rank = 3
	case '条', '條':
		rank = 4
	default:
		return "", 0, 0, false
	}
	return strings.TrimLeft(number[size:], " \u3000:："), rank, styleWord, true
}

// cutChineseItem cuts "一、" and "（一）".
func cutChineseItem(t string) (string, int, byte, bool) {
	open, bracketed := strings.CutPrefix(t, "（")
	rest := strings.TrimLeft(open, chineseNumerals)
	n := len(open) - len(rest)
	if n == 0 || n > 9 {
		return "", 0, 0, false
	}
	if bracketed {
		rest, ok := strings.CutPrefix(rest, "）")
		return rest, 2, styleCJK, ok
	}
	rest, ok := strings.CutPrefix(rest, "、")
	return rest, 1, styleCJK, ok
}

// generic reports whether a heading names a part that any document may have,
// and so not the document.
func generic(heading string) bool {
	if _, ok := numberedHeading(heading, 0); ok {
		return true
	}
	switch strings.ToLower(heading) {
	case "introduction", "abstract", "summary", "executive summary", "overview", "contents", "table of contents",
		"preface", "foreword", "background", "引言", "前言", "摘要", "概述", "目录":
		return true
	}
	return false
}
