package llmsim

import (
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// starters begin sentences with a capital without being names.
var starters = set("although according additionally afterwards again among another around besides beyond certain computational consequently currently despite due early eventually every examples few finally first following four further furthermore generally given however hence historically including indeed initially instead just large last late later like likewise meanwhile modern moreover nearly never nevertheless new nowadays often once one only original originally part people perhaps prior recently second several similarly since six soon sometimes still subsequently ten thanks therefore third three through throughout thus today together traditionally two typically under unlike until upon usually various well within without yet")

// notNames are capitalised wherever they stand, and name nobody.
var notNames = set("january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday i mr mrs ms dr st ad bc bce ce")

var nameParticles = set("of de la du von van der den al ibn bin")

// names are the capitalised names in a text, particles inside of them
// included.
func names(text string) []span { return namesIn(text, text) }

// namesIn finds a sentence's names. A single word at the sentence's start is
// one only if the context has it with its capital in mid-sentence.
func namesIn(text, context string) []span {
	var found []span
	spans := wordSpans(text)
	for i := 0; i < len(spans); {
		j := nameEnd(text, spans, i)
		if j == i {
			i++
			continue
		}
		s := trimPossessive(text, span{spans[i].start, spans[j-1].end})
		if j-i > 1 || !startsSentence(text, s.start) || inMidSentence(context, s.of(text)) {
			found = append(found, s)
		}
		i = j
	}
	return found
}

// nameEnd is the index after the last word of the name that starts at word i,
// or i.
func nameEnd(text string, spans []span, i int) int {
	if !capitalised(spans[i].of(text)) {
		return i
	}
	lower := strings.ToLower(spans[i].of(text))
	if notNames[lower] || functionWords[lower] || starters[lower] {
		return i
	}
	end := i + 1
	for j := i + 1; j < len(spans); j++ {
		word := spans[j].of(text)
		if text[spans[j-1].end:spans[j].start] != " " {
			break
		}
		if capitalised(word) && !notNames[strings.ToLower(word)] && !functionWords[strings.ToLower(word)] {
			end = j + 1
		} else if !nameParticles[word] || end != j {
			break
		}
	}
	return end
}

// capitalised reports whether a word has a capital first and a letter more.
func capitalised(word string) bool {
	first, size := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(first) && strings.IndexFunc(word[size:], unicode.IsLetter) >= 0
}

func trimPossessive(text string, s span) span {
	for _, ending := range []string{"'s", "’s"} {
		if strings.HasSuffix(s.of(text), ending) {
			s.end -= len(ending)
		}
	}
	return s
}

// startsSentence reports whether a place is the start of a sentence or of a
// quotation.
func startsSentence(text string, at int) bool {
	before := strings.TrimRight(text[:at], " \n")
	if before == "" {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	return strings.ContainsRune(".!?:;\"“‘「", last)
}

func inMidSentence(context, word string) bool {
	for from := 0; ; {
		i := strings.Index(context[from:], word)
		if i < 0 {
			return false
		}
		at := from + i
		from = at + len(word)
		if !startsSentence(context, at) && context[at-1] == ' ' && !letterFollows(context[from:]) {
			return true
		}
	}
}

// lacks reports whether none of a name's words is in a text, in any case or
// ending.
func lacks(text, name string) bool {
	text = strings.ToLower(text)
	for _, w := range words(name) {
		if nameParticles[w] {
			continue
		}
		prefix := runes(w, max(4, utf8.RuneCountInString(w)-2))
		if strings.Contains(text, w[:prefix]) {
			return false
		}
	}
	return true
}

func allLack(passages []Passage, name string) bool {
	for _, p := range passages {
		if !lacks(p.Text, name) {
			return false
		}
	}
	return true
}

// invented is a name of generated syllables, with as many words as the model.
func invented(rng *rand.Rand, model string) string {
	var parts []string
	for range min(2, len(strings.Fields(model))) {
		word := ""
		for range 2 + rng.IntN(2) {
			word += pick(rng, strings.Fields("bar cor dex fal gor hul jen kel lom mur nov pel quin rask sel tov ulm ver wex yor zan")) +
				pick(rng, strings.Fields("a e i o u ia en or ing eth"))
		}
		parts = append(parts, strings.ToUpper(word[:1])+word[1:])
	}
	return strings.Join(parts, " ")
}

// homoglyphs look like the Latin letter and are not: Cyrillic, then Greek.
var homoglyphs = map[rune][]rune{
	'a': {'а', 'α'}, 'e': {'е'}, 'o': {'о', 'ο'}, 'p': {'р', 'ρ'}, 'c': {'с', 'ϲ'}, 'x': {'х', 'χ'}, 'y': {'у', 'γ'}, 'i': {'і', 'ι'},
	's': {'ѕ'}, 'j': {'ј'}, 'h': {'һ'}, 'v': {'ν', 'ѵ'},
	'A': {'А', 'Α'}, 'B': {'В', 'Β'}, 'E': {'Е', 'Ε'}, 'H': {'Н', 'Η'}, 'I': {'І', 'Ι'}, 'K': {'К', 'Κ'}, 'M': {'М', 'Μ'}, 'N': {'Ν'},
	'O': {'О', 'Ο'}, 'P': {'Р', 'Ρ'}, 'C': {'С'}, 'T': {'Т', 'Τ'}, 'X': {'Х', 'Χ'}, 'Y': {'Ү', 'Υ'}, 'S': {'Ѕ'}, 'J': {'Ј'},
}

// disguise replaces one letter by a homoglyph; false if no letter has one.
func disguise(rng *rand.Rand, word string) (string, bool) {
	letters := []rune(word)
	for _, i := range rng.Perm(len(letters)) {
		if twins := homoglyphs[letters[i]]; len(twins) > 0 {
			letters[i] = pick(rng, twins)
			return string(letters), true
		}
	}
	return "", false
}

// misspelt changes one inner letter of a name's longest word; false if the
// word is too short.
func misspelt(rng *rand.Rand, name string) (string, bool) {
	spans := wordSpans(name)
	longest := spans[0]
	for _, s := range spans {
		if s.end-s.start > longest.end-longest.start {
			longest = s
		}
	}
	letters := []rune(longest.of(name))
	if len(letters) < 5 {
		return "", false
	}
	i := 1 + rng.IntN(len(letters)-3)
	old := letters[i]
	if !unicode.IsLower(old) {
		return "", false
	}
	for letters[i] == old {
		letters[i] = rune('a' + rng.IntN(26))
	}
	return replace(name, longest, string(letters)), true
}
