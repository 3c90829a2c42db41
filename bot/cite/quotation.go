package cite

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A quotation is what a sentence sets in quotation marks.
type quotation struct {
	// start and end are byte offsets of what is quoted, without the marks.
	start, end int
	text       string
	claim      string // what of it must be verbatim, folded; may be empty
}

// quotationsOf finds the quotations of a sentence, the outermost where one
// stands in another. ok is false where marks do not pair up: what is quoted
// then cannot be told from what is not.
func quotationsOf(text string) (found []quotation, ok bool) {
	single := false
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if single && strings.ContainsRune("’'", r) && !apostrophe(text, i, r) && closers(text, i, r) == "" {
			return found, false // an earlier one may have been an apostrophe
		}
		closing := closers(text, i, r)
		if closing == "" {
			if strings.ContainsRune("”»」』〞›＂❞❜｣﹂﹄", r) || r == '"' && !inches(text, i) {
				return found, false
			}
			i += size
			continue
		}
		n := closingQuote(text, i+size, r, closing)
		if n < 0 {
			return found, false
		}
		single = single || strings.ContainsRune(closing, '\'')
		inner := text[i+size : i+size+n]
		found = append(found, quotation{i + size, i + size + n, inner, claimed(inner)})
		_, after := utf8.DecodeRuneInString(text[i+size+n:])
		i += size + n + after
	}
	return found, true
}

// closers returns the marks that can close a quotation that r opens at offset
// i, and "" where it opens none.
func closers(text string, i int, r rune) string {
	switch r {
	case '“', '„', '‟':
		return "”“\""
	case '«':
		return "»"
	case '»': // as German books set it: »so«
		if before, _ := utf8.DecodeLastRuneInString(text[:i]); i == 0 || unicode.IsSpace(before) {
			return "«"
		}
	case '‹':
		return "›"
	case '「':
		return "」"
	case '｢':
		return "｣"
	case '﹁':
		return "﹂"
	case '﹃':
		return "﹄"
	case '❝':
		return "❞"
	case '❛':
		return "❜"
	case '″':
		if !inches(text, i) {
			return "″"
		}
	case '《', '〈': // titles, in Chinese; a quotation where there is Latin text
		if end := strings.IndexAny(text[i:], "》〉"); end > 0 && strings.Count(text[i:i+end], " ") > 1 {
			return "》〉"
		}
	case '『':
		return "』"
	case '〝':
		return "〞〟"
	case '"', '＂':
		if r == '"' && inches(text, i) {
			return ""
		}
		return "\"＂”"
	case '‘', '‚', '‛', '\'', '＇', '`', '´':
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		if i > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
			return ""
		}
		const marks = "’'‘`´＇"
		if unicode.IsLetter(after) {
			return marks
		}
		n := closingQuote(text, i+utf8.RuneLen(r), r, marks)
		if !unicode.IsSpace(after) && n > len("'90s") && strings.Contains(text[i:i+utf8.RuneLen(r)+n], " ") {
			return marks
		}
	}
	return ""
}

// closingQuote returns where, after offset from, the mark stands that closes a
// quotation; -1 where none does.
func closingQuote(text string, from int, open rune, closing string) int {
	single := strings.ContainsRune(closing, '\'')
	depth := 0
	for i, r := range text[from:] {
		switch {
		case r == open && !strings.ContainsRune(closing, r):
			depth++
		case !strings.ContainsRune(closing, r):
		case single && apostrophe(text, from+i, r):
		case depth > 0:
			depth--
		default:
			return i
		}
	}
	return -1
}

// apostrophe reports whether a single mark belongs to a word, as in "don't".
func apostrophe(text string, i int, r rune) bool {
	after, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
	return unicode.IsLetter(after) || unicode.IsDigit(after)
}

// inches reports whether a straight mark follows a figure, as in 5'10".
func inches(text string, i int) bool {
	_, size := utf8.DecodeRuneInString(text[i:])
	after, _ := utf8.DecodeRuneInString(text[i+size:])
	return i > 0 && text[i-1] >= '0' && text[i-1] <= '9' && !wordRune(after)
}

// A folded text is one in which white space and typographic marks are brought
// to one form, with the way back: at[i] is the offset in the original of byte
// i.
type folded struct {
	original string
	text     string
	at       []int
}

// fold brings white space to single spaces, none between ideographs, and
// typographic quotation marks to straight ones. All else stays as it is, so
// that what is equal in folded texts is verbatim.
func fold(text string) folded {
	f := folded{original: text, at: make([]int, 0, len(text)+1)}
	var b strings.Builder
	b.Grow(len(text))
	put := func(s string, at int) {
		b.WriteString(s)
		for range len(s) {
			f.at = append(f.at, at)
		}
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			end := i + size
			for end < len(text) {
				next, n := utf8.DecodeRuneInString(text[end:])
				if !unicode.IsSpace(next) {
					break
				}
				end += n
			}
			before, _ := utf8.DecodeLastRuneInString(text[:i])
			after, _ := utf8.DecodeRuneInString(text[end:])
			if !unspaced(before) || !unspaced(after) {
				put(" ", i)
			}
			i = end
			continue
		}
		put(foldMark(text[i:i+size], r), i)
		i += size
	}
	f.text = b.String()
	return f
}

func foldMark(s string, r rune) string {
	switch r {
	case '“', '”', '„', '‟', '«', '»', '＂', '〝', '〞', '〟', '「', '」', '『', '』':
		return `"`
	case '‘', '’', '‚', '‛', '‹', '›', '＇', '`', '´':
		return "'"
	}
	return s
}

// claimed returns what of a quotation must be verbatim: without the white space
// and the punctuation at its ends, which American style sets inside the marks.
func claimed(text string) string {
	return strings.TrimFunc(fold(text).text, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(`,.;:!?，。；：！？、"'`, r)
	})
}

// find returns the range of the original text in which a quotation stands
// verbatim, from one word's start to another's end; false where it does not.
// Only its first letter may differ in case.
func (f folded) find(quote string) (start, end int, ok bool) {
	if quote == "" {
		return 0, 0, false
	}
	first, size := utf8.DecodeRuneInString(quote)
	for _, q := range [...]string{quote, string(swapCase(first)) + quote[size:]} {
		if i := indexWords(f.text, q); i >= 0 {
			return f.at[i], f.end(i + len(q)), true
		}
	}
	return 0, 0, false
}

// end is the offset in the original after the folded text's first n bytes, of
// which the last belongs to no white space.
func (f folded) end(n int) int {
	_, size := utf8.DecodeRuneInString(f.original[f.at[n-1]:])
	return f.at[n-1] + size
}

func swapCase(r rune) rune {
	if unicode.IsUpper(r) {
		return unicode.ToLower(r)
	}
	return unicode.ToUpper(r)
}

// indexWords returns where a part of a text first stands that neither starts nor
// ends inside a word; -1 where it does not.
func indexWords(text, part string) int {
	for from := 0; ; {
		i := strings.Index(text[from:], part)
		if i < 0 {
			return -1
		}
		if i += from; wholeWords(text, i, i+len(part)) {
			return i
		}
		from = i + 1
	}
}

// wholeWords reports whether text[start:end] neither starts nor ends inside a word.
func wholeWords(text string, start, end int) bool {
	return !joined(text, start) && !joined(text, end)
}

// joined reports whether an offset lies between two letters or digits of a
// word.
func joined(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	return i > 0 && i < len(text) && wordRune(before) && wordRune(after) && !ideographic(before) && !ideographic(after)
}
