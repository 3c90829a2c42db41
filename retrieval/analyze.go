package retrieval

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
	"golang.org/x/text/unicode/norm"
)

// A Token is one indexable unit of a text.
type Token struct {
	// Start and End are byte offsets into the text.
	Start, End int
	// Surface is the token folded to lower case, without diacritics.
	Surface string
	// Capital says that it starts with an upper-case letter.
	Capital bool
	// Compound marks a further term over the tokens before it, such as
	// "gpt4" after "gpt" and "4": it helps to match, but has no place of
	// its own in the sequence.
	Compound bool
}

// Tokenize yields the tokens of a text in order.
//
// A word is a run of letters and digits. It splits where letters meet digits
// and at hyphens, and what was split is also yielded as a compound, so that
// "GPT4-Turbo" and "GPT-4 Turbo" share "gpt", "4", "gpt4" and "turbo". Numbers
// lose their thousands separators and keep their decimals. Chinese, Japanese
// and Korean text gives overlapping pairs of characters; figures before 万 and
// 亿, and months, read as in English.
func Tokenize(text string, yield func(Token)) {
	for i := 0; i < len(text); {
		r, size := runeAt(text, i)
		switch {
		case r == ' ':
			i++
		case isCJK(r):
			i = tokenizeCJK(text, i, yield)
		case isWordRune(r):
			end := tokenizeWord(text, i, yield)
			if end-i == len("United") && text[i:end] == "United" {
				if short, length := unitedCountry(text[end:]); short != "" {
					yield(Token{Start: i, End: end + length, Surface: short, Capital: true, Compound: true})
				}
			}
			i = end
		default:
			if word := symbolWord(r); word != "" {
				yield(Token{Start: i, End: i + size, Surface: word})
			}
			i += size
		}
	}
}

// symbolWord names the signs that carry meaning beside a number.
func symbolWord(r rune) string {
	switch r {
	case '%', '\uFF05', '‰':
		return "percent"
	case '$':
		return "dollar"
	case '€':
		return "euro"
	case '£':
		return "pound"
	}
	return ""
}

// runeAt decodes the character at a position; texts are mostly ASCII.
func runeAt(text string, at int) (r rune, size int) {
	if at < len(text) && text[at] < utf8.RuneSelf {
		return rune(text[at]), 1
	}
	return utf8.DecodeRuneInString(text[at:])
}

func isCJK(r rune) bool {
	switch {
	case r < 0x2E80:
		return false
	case r >= 0x4E00 && r <= 0x9FFF: // the ideographs in common use
		return true
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// isWordRune says whether a character is a letter or a digit.
func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return isASCIILetter(byte(r)) || r >= '0' && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// tokenizeCJK yields the character bigrams of a run, or its only character.
func tokenizeCJK(text string, at int, yield func(Token)) int {
	r, size := utf8.DecodeRuneInString(text[at:])
	if at > 0 && text[at-1] >= '0' && text[at-1] <= '9' && strings.ContainsRune("年月日号万亿", r) {
		// It belongs to the figures before it, not to the word behind it.
		return at + size
	}
	previous, i := at, at+size
	single := true
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !isCJK(r) {
			break
		}
		yield(Token{Start: previous, End: i + size, Surface: text[previous : i+size]})
		if r == '月' {
			if name, start := hanMonth(text, i+size); name != "" {
				yield(Token{Start: start, End: i + size, Surface: name, Capital: true})
			}
		}
		single = false
		previous, i = i, i+size
	}
	if single {
		yield(Token{Start: at, End: i, Surface: text[at:i]})
	}
	return i
}

// tokenizeWord yields the word at a position, its parts and its compounds, and
// returns where it ends.
func tokenizeWord(text string, at int, yield func(Token)) int {
	if end, surface := acronym(text, at); end > 0 {
		yield(Token{Start: at, End: end, Surface: surface, Capital: true})
		return end
	}
	var buffer [64]byte
	joined := buffer[:0]
	parts := 0
	i := at
	for i < len(text) {
		end, number := partEnd(text, i)
		if number && parts == 0 && strings.HasPrefix(text[end:], "月") {
			if name, start := hanMonth(text, end+len("月")); name != "" && start == i {
				yield(Token{Start: i, End: end + len("月"), Surface: name, Capital: true})
				return end + len("月")
			}
		}
		surface := fold(text[i:end], number)
		if number && isOrdinal(text[end:]) {
			end += 2 // "10th" is found as 10
		}
		if unit := numberUnit(text, i, end, parts); unit != "" {
			surface = unit
		}
		switch {
		case text[i:end] == "US":
			surface = country(surface)
		case text[i:end] == "May" && insideSentence(text, i):
			surface = mayMonth
		}
		first, _ := runeAt(text, i)
		magnitude := ""
		if number {
			surface, magnitude = hanMagnitude(surface, text[end:])
		}
		yield(Token{Start: i, End: end, Surface: surface, Capital: unicode.IsUpper(first)})
		if magnitude != "" {
			yield(Token{Start: i, End: end, Surface: magnitude})
		}
		joined = append(joined, surface...)
		parts++
		i = end
		next, size := runeAt(text, i)
		switch {
		case isApostrophe(next):
			i = skipPossessive(text, i, size)
		case isHyphen(next) && continuesWord(text[i+size:]):
			i += size
			continue
		}
		if !continuesWord(text[i:]) {
			break
		}
	}
	if parts > 1 {
		yield(Token{Start: at, End: i, Surface: string(joined), Compound: true})
	}
	return i
}

// acronym recognises "U.S." and "e.g.": single letters each followed by a full stop.
func acronym(text string, at int) (end int, surface string) {
	var letters []byte
	i := at
	for i+1 < len(text) && isASCIILetter(text[i]) && text[i+1] == '.' {
		letters = append(letters, text[i]|0x20)
		i += 2
	}
	if len(letters) < 2 {
		return 0, ""
	}
	if i < len(text) && isASCIILetter(text[i]) && (i+1 >= len(text) || !isASCIILetter(text[i+1])) {
		letters = append(letters, text[i]|0x20) // "U.S.A" without its last stop
		i++
	}
	return i, country(string(letters))
}

// insideSentence says whether a word has another before it: a capital then is
// no mere beginning.
func insideSentence(text string, at int) bool {
	before := strings.TrimRight(text[:at], " \u00a0")
	if before == "" || len(before) == at {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(before)
	return r == ',' || isWordRune(r)
}

// country keeps the abbreviation of the United States apart from the pronoun.
func country(surface string) string {
	if surface == "us" {
		return "usa"
	}
	return surface
}

// unitedCountry gives the abbreviation of what follows "United", and the length
// of that.
func unitedCountry(rest string) (string, int) {
	for _, c := range []struct{ rest, short string }{{" States", "usa"}, {" Kingdom", "uk"}, {" Nations", "un"}} {
		if strings.HasPrefix(rest, c.rest) && !continuesWord(rest[len(c.rest):]) {
			return c.short, len(c.rest)
		}
	}
	return "", 0
}

// partEnd returns the end of the run of letters, or the number, at a position.
func partEnd(text string, at int) (end int, number bool) {
	first, size := utf8.DecodeRuneInString(text[at:])
	i := at + size
	if unicode.IsDigit(first) {
		for i < len(text) {
			c := text[i]
			if c >= '0' && c <= '9' || (c == '.' || c == ',') && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9' {
				i++
				continue
			}
			r, size := utf8.DecodeRuneInString(text[i:])
			if c < utf8.RuneSelf || !unicode.IsDigit(r) {
				break
			}
			i += size
		}
		return i, true
	}
	for i < len(text) {
		if isASCIILetter(text[i]) {
			i++
			continue
		}
		if text[i] < utf8.RuneSelf {
			break
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) || isCJK(r) {
			break
		}
		i += size
	}
	return i, false
}

// fold brings a part to its indexed form: lower case, compatibility forms
// resolved, diacritics and thousands separators removed.
func fold(part string, number bool) string {
	ascii := true
	lower := true
	for i := range len(part) {
		c := part[i]
		ascii = ascii && c < utf8.RuneSelf
		lower = lower && (c < 'A' || c > 'Z')
	}
	if !ascii {
		part = foldUnicode(part)
	} else if !lower {
		part = strings.ToLower(part)
	}
	if number && strings.Contains(part, ",") {
		part = strings.ReplaceAll(part, ",", "")
	}
	return part
}

func foldUnicode(part string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(part) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// numberUnit spells out an abbreviated magnitude that follows a number without a space.
func numberUnit(text string, start, end, parts int) string {
	if parts == 0 {
		return ""
	}
	switch strings.ToLower(text[start:end]) {
	case "bn":
		return "billion"
	case "mn":
		return "million"
	case "tn":
		return "trillion"
	}
	return ""
}

func isOrdinal(rest string) bool {
	if len(rest) < 2 || continuesWord(rest[2:]) {
		return false
	}
	switch rest[:2] {
	case "st", "nd", "rd", "th":
		return true
	}
	return false
}

func isASCIILetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == 'ʼ' }

func isHyphen(r rune) bool { return r == '-' || r == '‐' || r == '‑' }

// continuesWord says whether a word goes on at the start of rest.
func continuesWord(rest string) bool {
	r, _ := runeAt(rest, 0)
	return isWordRune(r) && !isCJK(r)
}

// skipPossessive steps over "'s"; of other apostrophes it steps over the sign
// alone, so that the word goes on behind it ("O'Brien", "don't").
func skipPossessive(text string, at, size int) int {
	rest := text[at+size:]
	if rest != "" && rest[0]|0x20 == 's' && !continuesWord(rest[1:]) {
		return at + size + 1
	}
	if continuesWord(rest) {
		return at + size
	}
	return at
}

// stem reduces an English word to its stem (Porter 2); other scripts and
// numbers stay as they are.
func stem(surface string) string {
	for i := range len(surface) {
		if c := surface[i]; c < 'a' || c > 'z' {
			return surface
		}
	}
	if !mayHaveSuffix(surface) {
		return surface
	}
	return english.Stem(surface, false)
}

// mayHaveSuffix says whether a word ends as some suffix of Porter 2 does. The
// others, a third of all words, need not be looked at closely.
func mayHaveSuffix(word string) bool {
	if len(word) < 3 {
		return false
	}
	before := word[len(word)-2]
	switch word[len(word)-1] {
	case 'e', 'i', 's', 'y':
		return true
	case 'c':
		return before == 'i'
	case 'd':
		return before == 'e'
	case 'g':
		return before == 'n'
	case 'l':
		return before == 'a' || before == 'l' || before == 'u'
	case 'm':
		return before == 's'
	case 'n':
		return before == 'o'
	case 'r':
		return before == 'e' || before == 'o'
	case 't':
		return before == 'n'
	}
	return false
}
