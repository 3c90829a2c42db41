package bot

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// An opening is what stands before the name of a document in a question.
type opening struct {
	start int // byte offset of what introduces the name
	at    int // and of the name
	// closing is the quotation mark that ends the name, "" where none began it.
	closing string
	chinese bool
	source  bool // it introduces a source: according to
	titles  bool // the name may be a title's words without quotation marks
	verb    bool // a verb of saying has to follow the name
	// property says that it counts only in a question about the document itself.
	property bool
	instead  string
}

// openingAt reads what stands before a place of a question, from floor on.
func openingAt(question string, floor, at int) (opening, bool) {
	in := opening{at: at}
	before := question[floor:at]
	for _, marks := range [...][2]string{{"“", "”"}, {"\"", "\""}, {"《", "》"}, {"「", "」"}, {"『", "』"}, {"‘", "’"}, {"`", "`"}} {
		if rest, ok := strings.CutSuffix(before, marks[0]); ok {
			before, in.closing = rest, marks[1]
			break
		}
	}
	if word := chineseOpening(before); word != "" {
		in.chinese, in.source = true, word != "在"
		in.start = floor + len(before) - len(word)
		return in, true
	}
	first, _ := utf8.DecodeRuneInString(question[at:])
	last, _ := utf8.DecodeLastRuneInString(before)
	if !inWord(first) || inWord(last) || last == '.' || last == '/' {
		return in, false
	}
	ok := in.english(before)
	in.start += floor
	return in, ok
}

// chineseOpening is the word at the end of a text that introduces a source.
func chineseOpening(before string) string {
	before = strings.TrimRight(before, " ")
	for _, word := range [...]string{"根据", "根據", "按照", "依据", "依據", "依照", "参照", "參照", "据", "據", "在"} {
		if strings.HasSuffix(before, word) {
			return word
		}
	}
	return ""
}

// english reads the words before a name, whose start is then set.
func (in *opening) english(before string) bool {
	name := len(strings.TrimRight(before, " \t\n"))
	rest, word := cutLastWord(before)
	if in.closing != "" && isSort(word) { // in the report “…”
		name = len(rest)
		rest, word = cutLastWord(rest)
	}
	switch word {
	case "the", "our", "your", "this", "that":
		name = len(rest)
		rest, word = cutLastWord(rest)
	}
	in.start = len(rest)
	switch word {
	case "in", "inside", "within", "from":
		in.titles = true
		return true
	case "per":
		in.titles, in.source = true, true
		if shorter, as := cutLastWord(rest); as == "as" {
			in.start = len(shorter)
		}
		return true
	case "to", "on":
		shorter, other := cutLastWord(rest)
		in.titles, in.source, in.start = true, true, len(shorter)
		return word == "to" && other == "according" || word == "on" && other == "based"
	case "do", "does", "did":
		in.titles, in.source, in.verb = true, true, true
	case "is", "was", "wrote", "titled":
		in.property = true
	case "of", "summarise", "summarize", "summarising", "summarizing":
	default:
		return false
	}
	in.start, in.instead = name, "the report"
	if name > 0 {
		in.instead = " the report"
	}
	return true
}

// cutLastWord cuts the last word off a text, in lower case; "" where a pause
// stands behind it.
func cutLastWord(text string) (rest, word string) {
	trimmed := strings.TrimRight(text, " \t\n")
	at := strings.LastIndexFunc(trimmed, func(r rune) bool { return !unicode.IsLetter(r) })
	if at >= 0 {
		_, size := utf8.DecodeRuneInString(trimmed[at:])
		at += size
	}
	at = max(at, 0)
	return trimmed[:at], strings.ToLower(trimmed[at:])
}

// foldedPrefix is the length of a name at the start of a text, whatever its
// case and however much white space is between its words; 0 where it is not there.
func foldedPrefix(text, name string) int {
	at := 0
	for _, r := range name {
		got, size := utf8.DecodeRuneInString(text[at:])
		if size == 0 || unicode.ToLower(got) != unicode.ToLower(r) {
			return 0
		}
		at += size
	}
	return at
}

// endsName reports whether a file's name is over where a text begins.
func endsName(after string) bool {
	r, size := utf8.DecodeRuneInString(after)
	switch {
	case size == 0, unicode.Is(unicode.Han, r):
		return true
	case r == '.' || r == '-' || r == '/' || r == '_':
		next, _ := utf8.DecodeRuneInString(after[size:])
		return r == '.' && !unicode.IsLetter(next) && !unicode.IsDigit(next)
	}
	return !inWord(r) || r == '\'' || r == '’'
}
