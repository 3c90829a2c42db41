package cite

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A name is a word of a sentence that must stand in what it cites or in the
// question.
type name struct {
	word
	next *word // the capitalised word right after it, if any
	// opening says that it starts the sentence and may be an ordinary word: all
	// that is asked is whether it goes with the next.
	opening bool
}

// names returns the words of a sentence that are names, or may be: those
// with a capital where the language does not ask for one, those of letters and
// digits, and in a Chinese sentence those in Latin letters. ordinary decides
// whether a word that starts a sentence is one of the language.
func (s *sentence) names(ordinary func(w word) bool) []name {
	words := s.words
	chinese := mostlyIdeographic(words)
	mixed := chinese || len(words) > 0 && words[0].ideograph || partlyIdeographic(words)
	counted := func(w word) bool {
		return slices.ContainsFunc(s.quantities, func(q quantity) bool { return q.start <= w.start && w.end <= q.end })
	}
	var names []name
	for i, w := range words {
		switch {
		case !mixed && foreign(w), isMonth(w) && !w.capital && fullMonth(w.fold):
		case w.ideograph, numeric(w.fold), ordinal(w.text), isMonth(w), counted(w):
			continue
		case chinese && latinWord(w.fold) && len(w.fold) > 1 && !(functionWords()[w.fold] && !w.capital):
		case !w.capital && !w.mixed:
			continue
		case w.mixed && !w.capital && quantityWord(w):
			continue
		case starts(s.text, w) && initialCapital(w) && ordinary(w):
			if next := following(words, i); next != nil && !functionWords()[w.fold] {
				names = append(names, name{word: w, next: next, opening: true})
			}
			continue
		case w.text == "I" || honorific(w.text):
			continue
		}
		names = append(names, name{word: w, next: following(words, i)})
	}
	return names
}

// following returns the capitalised word of the same name after words[i].
func following(words []word, i int) *word {
	if i+1 < len(words) && words[i+1].capital && sameName(words[i], words[i+1]) {
		return &words[i+1]
	}
	return nil
}

func mostlyIdeographic(words []word) bool {
	n := 0
	for _, w := range words {
		if w.ideograph {
			n++
		}
	}
	return 2*n > len(words)
}

// partlyIdeographic reports whether a text is Chinese or Japanese with many
// names in Latin letters, rather than the other way round.
func partlyIdeographic(words []word) bool {
	ideographs, letters := 0, 0
	for _, w := range words {
		if w.ideograph {
			ideographs++
		}
		letters += utf8.RuneCountInString(w.text)
	}
	return 8*ideographs > letters
}

func latinWord(fold string) bool {
	r, _ := utf8.DecodeRuneInString(fold)
	return unicode.Is(unicode.Latin, r)
}

// starts reports whether a word starts a sentence, or what is written like one.
func starts(text string, w word) bool {
	before := strings.TrimRight(text[:w.start], ` "'“‘«„「『(（[-–—*•`)
	if before == "" {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(before)
	if strings.ContainsRune(":：.!?。！？;；", r) {
		return true
	}
	enumerator := strings.TrimRight(before, ".)、 ")
	return len(enumerator) <= 3 && numeric(enumerator)
}

// initialCapital reports whether a word is written like any that starts a
// sentence.
func initialCapital(w word) bool {
	for i, r := range bare(w) {
		if i > 0 && (unicode.IsUpper(r) || unicode.IsDigit(r)) {
			return strings.ContainsRune(w.text, '-') && !w.mixed && plainParts(w.text)
		}
	}
	return true
}

// plainParts reports whether each part of a word with hyphens has at most its
// first letter in capitals, as in "Open-Source".
func plainParts(text string) bool {
	for _, p := range strings.Split(text, "-") {
		for i, r := range p {
			if i > 0 && unicode.IsUpper(r) {
				return false
			}
		}
	}
	return true
}

func ordinal(text string) bool {
	digits := strings.TrimRight(strings.ToLower(text), "stndrh")
	return digits != "" && digits != strings.ToLower(text) && numeric(digits)
}

// quantityWord reports whether a word such as 7b, 100km or 1990s is a number:
// those are checked as quantities.
func quantityWord(w word) bool {
	r, _ := utf8.DecodeRuneInString(w.text)
	if !unicode.IsDigit(r) {
		return false
	}
	rest := strings.TrimLeftFunc(w.text, func(r rune) bool { return unicode.IsDigit(r) || r == '.' || r == ',' })
	return !strings.ContainsFunc(rest, unicode.IsDigit)
}

// isMonth reports whether a word belongs to a date or a time of day.
func isMonth(w word) bool {
	switch w.fold {
	case "bc", "bce", "ad", "ce", "am", "pm":
		return true
	}
	return monthNames[w.fold] > 0
}

// fullMonth reports whether a word in small letters is a month all the same.
func fullMonth(fold string) bool {
	switch fold {
	case "january", "february", "april", "june", "july", "september", "october", "november", "december":
		return true
	}
	return false
}

// foreign reports whether a word in a text of Latin letters is in others, of
// which nothing tells names apart.
func foreign(w word) bool {
	for _, r := range w.text {
		if unicode.IsLetter(r) && !unicode.In(r, unicode.Latin, unicode.Greek) {
			return true
		}
	}
	return false
}

func honorific(text string) bool {
	switch text {
	case "Mr", "Mrs", "Ms", "Dr", "Prof":
		return true
	}
	return false
}

// holds reports whether a name stands among the words, as it is or as the
// acronym of what stands there.
func (n *nameSet) holds(w word) bool {
	fold := w.fold
	if exact := bare(w); len(exact) <= 3 && exact == strings.ToUpper(exact) && latinWord(fold) {
		plain := strings.ReplaceAll(exact, ".", "")
		if plain != exact && n.folds[fold] || currencyNamed(plain, n) {
			return true
		}
		return n.exact[exact] || n.acronyms[plain] || n.exact[plain] || n.exact[strings.Join(strings.Split(plain, ""), ".")]
	}
	if n.folds[fold] || n.acronyms[bare(w)] {
		return true
	}
	if s, ok := strings.CutSuffix(fold, "s"); ok && len(s) > 1 && n.folds[s] || n.folds[fold+"s"] {
		return true
	}
	return n.holdsParts(w)
}

// currencyNamed accepts the code of a currency whose name stands there.
func currencyNamed(code string, n *nameSet) bool {
	for _, name := range strings.Fields(map[string]string{
		"RMB": "yuan renminbi cny", "CNY": "yuan renminbi rmb", "USD": "dollar dollars", "GBP": "pound pounds", "EUR": "euro euros", "JPY": "yen", "CN": "yuan",
	}[code]) {
		if n.folds[name] {
			return true
		}
	}
	return false
}

// holdsParts accepts a word with hyphens of which each part stands there, such
// as US-China. A product's name is not taken apart.
func (n *nameSet) holdsParts(w word) bool {
	parts := strings.FieldsFunc(w.text, func(r rune) bool { return strings.ContainsRune("-‐‑/&–", r) })
	if len(parts) < 2 || w.mixed {
		return false
	}
	for i, p := range parts {
		part := newWord(p, 0)
		if !n.folds[part.fold] && !common(part.fold) {
			return false
		}
		// "Robin-Ma" joins no two names that are whole.
		if before := newWord(parts[max(0, i-1)], 0); i > 0 && part.capital && before.capital && !n.pairs[before.fold+" "+part.fold] && !(n.last[before.fold] && n.first[part.fold]) {
			return false
		}
	}
	return true
}

// alias returns another name of what stands there for a word that does not.
func (n *nameSet) alias(w word) (other string, ok bool) {
	if n.folds[w.fold] {
		return "", false
	}
	for _, other := range aliases()[w.fold] {
		if n.acronyms[strings.ToUpper(other)] {
			return other, true
		}
		// It must be a name by itself there: the Scottish Parliament is not Scotland.
		if (len(other) > 2 || n.exact[strings.ToUpper(other)]) && n.first[other] && n.last[other] {
			return other, true
		}
	}
	return "", false
}

// aliases are the names that may stand for one another, by each of them: a
// country and its people, and the like. A rule of endings would accept misspelt
// names too.
var aliases = sync.OnceValue(func() map[string][]string {
	known := map[string][]string{}
	for line := range strings.Lines(aliasList) {
		same := strings.Fields(line)
		for _, name := range same {
			known[name] = append(known[name], same...)
		}
	}
	return known
})

const aliasList = `
us usa america american americans
uk britain british briton britons
eu europe european europeans
un nations
china chinese
japan japanese
korea korean koreans
india indian indians
russia russian russians
germany german germans
france french
italy italian italians
spain spanish spaniards
portugal portuguese
netherlands dutch
belgium belgian belgians
denmark danish danes
sweden swedish swedes
norway norwegian norwegians
finland finnish finns
poland polish poles
turkey turkish turks
greece greek greeks
switzerland swiss
austria austrian austrians
hungary hungarian hungarians
ireland irish
scotland scottish scots
wales welsh
england english
canada canadian canadians
mexico mexican mexicans
brazil brazilian brazilians
australia australian australians
africa african africans
asia asian asians
israel israeli israelis
iran iranian iranians
iraq iraqi iraqis
egypt egyptian egyptians
vietnam vietnamese
mongolia mongol mongols mongolian mongolians
tibet tibetan tibetans
normandy norman normans
rome roman romans
ai artificial
llm llms
`

// joins reports whether two names may stand side by side: they do so there; or
// one of them is a title that is nobody else's (vacant) and the other a name
// that is whole, as in "Baidu CEO Robin Li". "Robin Ma" is no name where only
// Robin Li and Jack Ma are.
func (n *nameSet) joins(a, b word, vacant bool) bool {
	switch {
	case n.pairs[a.fold+" "+b.fold], n.folds[a.fold+b.fold]:
		return true
	case title(a):
		return vacant && (n.first[b.fold] || n.last[b.fold])
	case title(b):
		return n.last[a.fold]
	case generic(a), generic(b):
		return (n.last[a.fold] || generic(a)) && (n.first[b.fold] || generic(b))
	}
	return false
}

// generic reports whether an acronym goes with any name.
func generic(w word) bool {
	switch w.text {
	case "AI", "API", "APIs", "LLM", "LLMs", "IT", "GPU", "GPUs", "R&D", "GDP":
		return true
	}
	return false
}

// title reports whether a word is an office or a rank that stands beside names.
func title(w word) bool {
	switch w.fold {
	case "ceo", "cto", "cfo", "coo", "president", "chairman", "chairwoman", "chair", "professor", "prof", "dr", "mr", "mrs", "ms", "director", "minister",
		"king", "queen", "emperor", "empress", "prince", "princess", "duke", "earl", "count", "baron", "lord", "lady", "sir", "governor",
		"general", "admiral", "captain", "colonel", "major", "marshal", "commander", "bishop", "archbishop", "pope", "cardinal",
		"senator", "judge", "justice", "secretary", "founder", "partner", "analyst", "chancellor", "premier", "mayor":
		return true
	}
	return false
}
