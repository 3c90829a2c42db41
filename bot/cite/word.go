package cite

import (
	_ "embed"
	"maps"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
	"golang.org/x/text/unicode/norm"
)

// A word is a run of letters and digits of a text, with the hyphens,
// apostrophes and points inside it: GPT4-Turbo, O'Brien, U.S., 89.79. Of
// Chinese and Japanese, which set no spaces, each character is a word.
type word struct {
	text       string // as written
	start, end int    // byte offsets
	fold       string // lower case, without width, hyphens, points, 's
	capital    bool   // has an upper-case letter
	mixed      bool   // has letters and digits
	ideograph  bool
	possessive bool
	joint      bool // after nothing but a space
}

func wordsOf(text string) []word {
	words := make([]word, 0, len(text)/6+1)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case ideographic(r):
			words = append(words, word{text: text[i : i+size], start: i, end: i + size, fold: text[i : i+size], ideograph: true})
			i += size
		case wordRune(r):
			end := wordEnd(text, i)
			w := newWord(text[i:end], i)
			w.joint = i > 1 && text[i-1] == ' '
			words = append(words, w)
			i = end
		default:
			i += size
		}
	}
	return words
}

func wordEnd(text string, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if wordRune(r) && !ideographic(r) {
			i += size
			continue
		}
		next, _ := utf8.DecodeRuneInString(text[i+size:])
		within := inner(r) || r == ',' && unicode.IsDigit(next) && text[i-1] >= '0' && text[i-1] <= '9'
		if !within || !wordRune(next) || ideographic(next) {
			break
		}
		i += size
	}
	return i
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// inner reports whether r can stand inside a word.
func inner(r rune) bool { return strings.ContainsRune("-'’.&‐‑_", r) }

func ideographic(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

func newWord(text string, start int) word {
	w := word{text: text, start: start, end: start + len(text)}
	letters, digits := false, false
	for _, r := range text {
		w.capital = w.capital || unicode.IsUpper(r)
		letters = letters || unicode.IsLetter(r)
		digits = digits || unicode.IsDigit(r)
	}
	w.mixed = letters && digits
	bare := text
	for _, s := range [...]string{"'s", "’s"} {
		if cut, ok := strings.CutSuffix(text, s); ok {
			bare, w.possessive = cut, true
		}
	}
	w.fold = foldName(bare)
	return w
}

// foldName brings the ways of writing a name to one: gpt4turbo for GPT4-Turbo.
func foldName(name string) string {
	name = norm.NFKC.String(name)
	var b strings.Builder
	for i, r := range name {
		within := i > 0 && i+1 < len(name) && name[i-1] >= '0' && name[i-1] <= '9' && name[i+1] >= '0' && name[i+1] <= '9'
		switch {
		case r == '.' && within: // GPT3.5 is not GPT-35
			b.WriteByte('.')
		case inner(r) || r == ' ' || r == ',':
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// stem is what the forms of an English word have in common.
func stem(fold string) string {
	for i := range len(fold) {
		if fold[i] < 'a' || fold[i] > 'z' {
			return fold
		}
	}
	return english.Stem(fold, false)
}

//go:embed common.txt
var commonWords string

// commonSet are words that are no names: a sentence may start with one of them
// in capitals. They are those that English articles write in lower case (go run
// ./cmd/tune common), and words of grammar.
var commonSet = sync.OnceValue(func() map[string]bool {
	words := make(map[string]bool, 4000)
	for w := range strings.FieldsSeq(commonWords) {
		words[w] = true
	}
	maps.Copy(words, functionWords())
	return words
})

// common reports whether a word is none of those, or a form of one. Other
// derivations are not taken off: Protestant is no form of protest.
func common(fold string) bool {
	words := commonSet()
	if words[fold] {
		return true
	}
	for _, ending := range [...]string{"s", "es", "d", "ed", "ing", "ly", "er", "ers"} {
		root, ok := strings.CutSuffix(fold, ending)
		if ok && len(root) > 2 && (words[root] || words[root+"e"] || strings.HasSuffix(root, "i") && words[root[:len(root)-1]+"y"]) {
			return true
		}
	}
	return false
}

// functionWords say nothing of a topic: words of grammar, and those by which
// an answer speaks of its report.
var functionWords = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for w := range strings.FieldsSeq(`
a an the this that these those it its he she they him her his hers them their theirs i me my we us our you your one ones there here
then who whom whose what when where which why how is are was were be been being am do does did done doing has have had having can could
will would shall should may might must isnt arent wasnt werent dont doesnt didnt cant couldnt wont wouldnt hasnt havent hadnt thats not no
nor never none neither yes so and or but if than because of in on at by for from to into with without about as over under after before
during between since until up out off much many more most less least few fewer else also too very just again now still only both each such
same any some all every either while whereas although though however therefore thus hence moreover furthermore additionally meanwhile
nevertheless nonetheless instead otherwise overall finally lastly firstly secondly first second third next last later earlier ago per via
among amongst within across through throughout against toward towards upon onto like unlike despite whether yet once already even well
according report reports document documents text article passage passages source sources section paragraph state states stated note notes
noted mention mentions mentioned describe describes described say says said saying tell tells told add adds added explain explains
explained information other others another own itself themselves himself herself
itll theyll itd theyd youll well weve theyve ive id im youre theyre were indeed especially particularly notably specifically generally typically usually often sometimes currently recently initially
eventually subsequently previously formerly originally consequently accordingly similarly likewise conversely
interestingly importantly regardless altogether ultimately apart besides beyond except including excluding regarding concerning given
considering based due owing thanks compared approximately roughly nearly almost around exactly precisely
yes please sorry unfortunately clearly evidently apparently reportedly allegedly presumably
summary conclusion answer question key main points`) {
		known[w] = true
	}
	return known
})

// content reports whether a word says something of a topic.
func (w word) content() bool {
	if w.ideograph {
		return false // counted as pairs: see stemsOf
	}
	return len(w.fold) > 1 && !functionWords()[w.fold] && !numeric(w.fold)
}

// numeric reports whether a word is a number: numbers are checked as such.
func numeric(fold string) bool {
	for _, r := range fold {
		if !unicode.IsDigit(r) && r != '.' {
			return false
		}
	}
	return true
}

// stemsOf are what a text's words of content have in common with their other
// forms, in order: stems of words, pairs of ideographs.
func stemsOf(words []word) []string {
	stems := make([]string, 0, len(words))
	for i, w := range words {
		switch {
		case w.ideograph:
			if i+1 < len(words) && words[i+1].ideograph && words[i+1].start == w.end && !particle(w.text) && !particle(words[i+1].text) {
				stems = append(stems, w.text+words[i+1].text)
			}
		case w.content():
			stems = append(stems, stem(w.fold))
		}
	}
	return stems
}

// particle reports whether a Chinese character mostly serves grammar.
func particle(c string) bool {
	return strings.Contains("的了和与在是有为以及对将也被把等这那其之或而但并从到于就都", c)
}
