package bot

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How much of a conversation a follow-up may draw on: so many earlier turns
// are looked through for one with content, and so many words are taken over.
const (
	carriedTurns = 8
	carriedWords = 8
)

// carryOver makes a follow-up question stand alone as far as search needs: to
// "What did he say about the gap?" after a question on Wu Wei it adds "(Wu
// Wei)". A question that stands alone is returned as it is.
//
// It goes by words and form, and knows no grammar: a question counts as a
// follow-up when it has no name or number and begins by pointing back ("did he
// …", "… cost it?"), when nothing in it has a meaning of its own ("Why?"), or
// when it only varies the last one ("And in 2022?"). What is added are the
// names of the last question that had content, else its other words; names
// that only its answer mentioned are not known. Questions in other languages
// than English and Chinese are not changed.
func carryOver(question string, history []Turn) string {
	if len(history) == 0 {
		return question
	}
	kind := followUpOf(question)
	if kind == standsAlone {
		return question
	}
	words := recalled(history[max(0, len(history)-carriedTurns):]).missingIn(question, kind)
	if len(words) == 0 {
		return question
	}
	return strings.TrimSpace(question) + " (" + strings.Join(words, " ") + ")"
}

// A followUp says how a question depends on the one before.
type followUp uint8

const (
	standsAlone followUp = iota
	pointsBack           // "What did he say about the gap?"
	bare                 // "Why?"
	varies               // "And in 2022?"
)

func followUpOf(question string) followUp {
	if InChinese(question) {
		return followUpOfChinese(question)
	}
	words := splitWords(question)
	own := contentOf(question)
	switch {
	case len(words) == 0 || len(words) > 16 || !latin(question):
		return standsAlone
	case varying(words, own):
		return varies
	case len(own.names)+len(own.numbers) > 0:
		return standsAlone
	case len(own.words) == 0:
		return bare
	case pointing(words):
		return pointsBack
	}
	return standsAlone
}

// latin reports whether a text is in the only alphabet whose words are known.
func latin(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) })
}

// varying recognises "and …", "what about …", "how about …" without a verb or a
// question word after it.
func varying(words []word, own content) bool {
	opening := 0
	switch {
	case words[0].text == "and" || words[0].text == "or":
		opening = 1
	case len(words) > 1 && (words[0].text == "what" || words[0].text == "how") && words[1].text == "about":
		opening = 2
	}
	rest := words[opening:]
	if opening == 0 || len(own.names)+len(own.numbers)+len(own.words) == 0 || len(rest) > 5 {
		return false
	}
	return !slices.ContainsFunc(rest, func(w word) bool { return opensQuestion(w.text) || points(w.text) })
}

// pointing recognises a pronoun that stands before every word with a meaning
// of its own, or that a question of one verb ends with ("Who built it?"): any
// other may point to something in the question itself.
func pointing(words []word) bool {
	if words[0].text == "and" || words[0].text == "but" || words[0].text == "so" {
		words = words[1:]
	}
	for i, w := range words {
		last := i == len(words)-1
		switch w.text {
		case "he", "she", "him", "her", "his", "hers", "they", "them", "their", "theirs":
			return true
		case "it", "its":
			return last || !expletive(words[i+1:])
		case "that", "this", "those", "these", "there", "then":
			if last || i > 0 && auxiliary(words[i-1].text) && i == len(words)-2 {
				return true
			}
		}
		if !functional(w.text) {
			return len(words) == i+2 && i == 1 && points(words[i+1].text)
		}
	}
	return false
}

func points(w string) bool {
	switch w {
	case "he", "she", "him", "her", "his", "hers", "they", "them", "their", "theirs", "it", "its", "that", "this", "those", "these":
		return true
	}
	return false
}

// expletive reports whether the words after "it" show that it stands for
// nothing before ("does it take to train", "is it true that"), or for the
// report ("does it say about").
func expletive(after []word) bool {
	switch after[0].text {
	case "say", "says", "said", "mention", "mentions", "cover", "covers", "discuss", "discusses", "contain", "contains", "describe",
		"describes", "conclude", "concludes", "explain", "explains", "predict", "predicts", "tell", "tells", "include", "includes":
		return true
	}
	return slices.ContainsFunc(after, func(w word) bool {
		switch w.text {
		case "to", "that", "who", "when", "if", "how", "why", "called":
			return true
		}
		return false
	})
}

func auxiliary(w string) bool {
	switch w {
	case "do", "does", "did", "can", "could", "will", "would", "should", "may", "might":
		return true
	}
	return false
}

// content is what a question is about, as it is written.
type content struct {
	names, numbers, words []string
}

func (c content) empty() bool { return len(c.names)+len(c.numbers)+len(c.words) == 0 }

// contentOf sorts the words of an English question that have a meaning of
// their own. A name has a capital or a figure inside a word or after the
// question's first word.
func contentOf(question string) content {
	var c content
	first := true
	for raw := range strings.FieldsFuncSeq(question, func(r rune) bool { return unicode.IsSpace(r) || r == '/' || r == '—' }) {
		w := strings.TrimFunc(raw, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '%' && r != '$' })
		for _, suffix := range [...]string{"'s", "’s"} {
			w = strings.TrimSuffix(w, suffix)
		}
		opening := first
		first = w == "" && first
		switch {
		case w == "" || functional(plainWord(w)):
		case !strings.ContainsFunc(w, unicode.IsLetter):
			c.numbers = appendNew(c.numbers, w)
		case named(w, opening):
			c.names = appendNew(c.names, w)
		default:
			c.words = appendNew(c.words, w)
		}
	}
	return c
}

func named(w string, opening bool) bool {
	_, size := utf8.DecodeRuneInString(w)
	inside := strings.ContainsFunc(w[size:], func(r rune) bool { return unicode.IsUpper(r) || unicode.IsDigit(r) })
	return inside || !opening && strings.ContainsFunc(w[:size], unicode.IsUpper)
}

// recalled returns what the last turn with content was about. Where that
// pointed back itself and has no name, the names before it count.
func recalled(history []Turn) content {
	for i := len(history) - 1; i >= 0; i-- {
		text, _ := clean(history[i].Question)
		kind, asked := splitCourtesy(text)
		if kind != noCourtesy || aboutWhole(asked) || aboutInstructions(asked) {
			continue
		}
		if p, _ := aboutDocument(asked); p != noProperty {
			continue
		}
		c := contentOf(asked)
		if InChinese(asked) {
			c = contentOfChinese(asked)
		}
		if c.empty() {
			continue
		}
		if len(c.names) == 0 && followUpOf(asked) != standsAlone {
			before := recalled(history[:i])
			c.names = before.names
			if followUpOf(asked) == varies {
				c.words = append(c.words, before.words...)
			}
		}
		return c
	}
	return content{}
}

// missingIn returns the words that a follow-up takes over, at most
// [carriedWords] of them.
func (c content) missingIn(question string, kind followUp) []string {
	own := contentOf(question)
	if InChinese(question) {
		own = contentOfChinese(question)
	}
	var words []string
	switch {
	case kind == varies:
		if len(own.names) == 0 {
			words = append(words, c.names...)
		}
		words = append(words, c.words...)
		if len(own.numbers) == 0 {
			words = append(words, c.numbers...)
		}
	case kind == pointsBack && len(c.names) > 0:
		words = append(words, c.names...)
	default:
		words = append(append(append(words, c.names...), c.words...), c.numbers...)
	}
	words = slices.DeleteFunc(words, func(w string) bool {
		return slices.Contains(own.words, w) || slices.Contains(own.names, w)
	})
	return words[:min(len(words), carriedWords)]
}
