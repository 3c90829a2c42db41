package cite

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// attribute finds out who says each sentence of a passage: who is named with a
// verb of saying in it; of a quotation, in the sentence after or before it; of
// a sentence that goes on with "He", in the one before.
func (e *evidence) attribute() {
	explicit := make([][]string, len(e.sentences))
	for i, s := range e.sentences {
		explicit[i] = speakersOf(s.text, s.words)
	}
	for i := range e.sentences {
		s := &e.sentences[i]
		s.speaker = explicit[i]
		if s.speaker != nil || len(s.words) == 0 {
			continue
		}
		switch quotes := strings.ContainsAny(s.text, `"“「`); {
		case quotes && i+1 < len(explicit) && explicit[i+1] != nil:
			s.speaker = explicit[i+1]
		case i > 0 && (quotes || pronoun(s.words[0].fold)):
			s.speaker = e.sentences[i-1].speaker
		}
	}
}

func pronoun(fold string) bool { return fold == "he" || fold == "she" || fold == "they" }

// speakersOf returns the names, folded, of whom a sentence says it is that
// says, thinks or predicts something; nil where it names nobody.
func speakersOf(text string, words []word) []string {
	names, _ := attributionOf(text, words)
	return names
}

// attributionOf also returns the words that are attributed.
func attributionOf(text string, words []word) (names []string, said []word) {
	quotes, _ := quotationsOf(text)
	for i, w := range words {
		if w.capital && i > 0 || insideQuote(quotes, w) || i > 0 && passive(words[i-1].fold) {
			continue
		}
		if i > 0 && (w.fold == "to" && words[i-1].fold == "according" || w.fold == "of" && words[i-1].fold == "words") {
			if names, n := capitalsAfter(text, words[i+1:], quotes); names != nil {
				// "according to" ends a clause, or opens one.
				opens := i == 1 || strings.ContainsAny(text[words[i-2].end:words[i-1].start], ",;:.(")
				if said = words[i+1+n:]; len(said) < 3 || !opens {
					said = words[:i-1]
				}
				return names, said
			}
		}
		if !verbOfSaying(w.fold) || !reporting(text, words, i) {
			continue
		}
		said = words[i+1:]
		postposed := i > 0 && strings.ContainsAny(text[words[i-1].end:w.start], ",\"”’」")
		if names, n := capitalsAfter(text, words[i+1:], quotes); postposed && names != nil && words[i+1].capital {
			if said = words[:i]; len(said) < 3 {
				said = words[i+1+n:]
			}
			return names, said
		}
		if names, from := capitalsBefore(text, words[:i], quotes, postposed); names != nil {
			if len(said) < 3 { // "…," said or told somebody
				said = words[:from]
			}
			return names, said
		}
	}
	return nil, nil
}

// passive reports whether a verb after this word is said of what it is done to.
func passive(fold string) bool {
	switch fold {
	case "is", "are", "was", "were", "be", "been", "being", "also", "by":
		return fold != "also"
	}
	return false
}

func insideQuote(quotes []quotation, w word) bool {
	return slices.ContainsFunc(quotes, func(q quotation) bool { return q.start <= w.start && w.end <= q.end })
}

// capitalsBefore returns the capitalised words of a clause that ends with a
// verb, up to a quotation, and the place of the first. They end at a comma
// unless one stands before the verb too, which sets an apposition apart.
func capitalsBefore(text string, words []word, quotes []quotation, apposed bool) (names []string, from int) {
	const reach = 18 // words: "Fu Sheng, Chairman and CEO of …, said"
	for n := len(words) - 1; n >= 0 && len(words)-n <= reach; n-- {
		w := words[n]
		if insideQuote(quotes, w) || n+1 < len(words) && endsClause(text, w, words[n+1]) {
			break
		}
		if !apposed && names != nil && strings.Contains(text[w.end:words[n+1].start], ",") {
			break
		}
		if conjoins(text, words, n) {
			break
		}
		if w.capital && !functionWords()[w.fold] && !(n == 0 && common(w.fold)) {
			apposed = apposed || names == nil && strings.Contains(text[w.end:words[len(words)-1].end], ",") // "of Baidu, recently said"
			names, from = append(names, w.fold), n
		}
	}
	slices.Reverse(names)
	return names, from
}

// conjoins reports whether a clause of its own starts with words[n], or with a
// pronoun there.
func conjoins(text string, words []word, n int) bool {
	switch words[n].fold {
	case "while", "whereas", "when", "where", "which", "that", "because", "he", "she", "they", "it", "who":
		return true
	case "and", "but", "so", "yet", "before", "after", "as", "if":
		return n > 0 && strings.ContainsAny(text[words[n-1].end:words[n].start], ",;")
	}
	return false
}

// reporting reports whether a verb that has other meanings is one of saying:
// what is said follows it.
func reporting(text string, words []word, i int) bool {
	switch words[i].fold {
	case "claimed", "claims", "stated", "states", "noted", "notes", "added", "adds", "add", "declared", "suggested", "suggests", "observed",
		"announced", "announces", "estimated", "estimates", "insisted", "tell", "revealed", "reported":
	default:
		return true
	}
	end := len(text)
	if i+1 < len(words) {
		if words[i+1].fold == "that" {
			return true
		}
		end = words[i+1].start
	}
	return strings.ContainsAny(text[words[i].end:end], ",:.\"“‘「")
}

// capitalsAfter returns the capitalised words up to a comma or a small word
// that belongs to no name, and how many words that took.
func capitalsAfter(text string, words []word, quotes []quotation) (names []string, n int) {
	const reach = 10
	for n < min(len(words), reach) {
		w := words[n]
		if insideQuote(quotes, w) || n > 0 && (endsClause(text, words[n-1], w) || strings.Contains(text[words[n-1].end:w.start], ",")) {
			break
		}
		switch {
		case w.capital && !functionWords()[w.fold]:
			names = append(names, w.fold)
		case len(names) > 0 && !functionWords()[w.fold]:
			return names, n
		}
		n++
	}
	return names, n
}

// endsClause reports whether a clause ends between two words: an initial's
// point ends none.
func endsClause(text string, a, b word) bool {
	between := text[a.end:b.start]
	if a.capital && len(a.text) <= 3 && strings.HasPrefix(between, ". ") {
		between = between[1:]
	}
	return strings.ContainsAny(between, ".;:!?")
}

func verbOfSaying(fold string) bool {
	switch fold {
	case "said", "says", "say", "told", "tells", "tell", "argued", "argues", "argue", "claimed", "claims", "stated", "noted", "notes",
		"added", "adds", "explained", "explains", "predicted", "predicts", "predict", "believed", "believes", "believe", "thinks", "thought",
		"think", "warned", "warns", "announced", "announces", "suggested", "suggests", "wrote", "writes", "observed", "remarked",
		"emphasised", "emphasized", "emphasises", "emphasizes", "stressed", "stresses", "revealed", "commented", "comments",
		"replied", "admitted", "acknowledged", "concluded", "concludes", "estimated", "estimates", "declared", "declares", "insisted", "reported",
		"asserted", "asserts":
		return true
	}
	return false
}

// checkSpeaker returns why a sentence may not give a saying to the one it
// names: nobody of that name says so in a passage that it cites.
func (s *sentence) checkSpeaker(cited []*evidence) string {
	speakers, attributed := attributionOf(s.text, s.words)
	if chinese := speakerOfChinese(s.text); speakers == nil && chinese != "" {
		return chineseSpeaker(chinese, cited)
	}
	if speakers == nil {
		return ""
	}
	named := strings.Join(speakers, " ")
	said := stemsWithout(s.oneClause(attributed), speakers)
	most := 0.0 // of the saying that a passage has
	for _, e := range cited {
		most = max(most, share(said, func(st string) bool { return e.stems[st] }))
	}
	for _, e := range cited {
		if share(speakers, func(n string) bool { return e.names.folds[n] }) < 0.6 {
			continue
		}
		if share(said, func(st string) bool { return e.stems[st] }) >= 0.75*most && says(e, speakers, said) {
			return ""
		}
	}
	return "no cited passage has " + named + " say this"
}

// oneClause returns words up to where another statement may begin.
func (s *sentence) oneClause(words []word) []word {
	const least = 3
	for i := least; i < len(words); i++ {
		between := s.text[words[i-1].end:words[i].start]
		if insideQuote(s.quotes, words[i]) {
			continue
		}
		if strings.ContainsAny(between, ";") || strings.ContainsAny(between, `,"”`) && (words[i].fold == "and" || words[i].fold == "but") {
			return words[:i]
		}
	}
	return words
}

// says reports whether the sentences of a passage that have most in common
// with a saying belong to a speaker.
func says(e *evidence, speakers, said []string) bool {
	if len(said) == 0 {
		return true
	}
	best, overlaps := 0.0, make([]float64, len(e.sentences))
	for i := range e.sentences {
		overlaps[i] = share(said, func(st string) bool { return e.sentences[i].stems[st] })
		best = max(best, overlaps[i])
	}
	if best == 0 {
		return true // in other words or another language: nothing to compare
	}
	for i, s := range e.sentences {
		if overlaps[i] < 0.75*best {
			continue
		}
		if s.speaker == nil && near(e, i, speakers) {
			return true
		}
		if share(speakers, func(n string) bool { return slices.Contains(s.speaker, n) || s.names.folds[n] && s.speaker == nil }) >= 0.6 {
			return true
		}
	}
	return false
}

// near reports whether a sentence that is nobody's stands next to one that
// names the speakers.
func near(e *evidence, i int, speakers []string) bool {
	for _, n := range [...]int{i - 2, i - 1, i, i + 1} {
		if n >= 0 && n < len(e.sentences) && share(speakers, func(s string) bool { return e.sentences[n].names.folds[s] }) >= 0.6 {
			return true
		}
	}
	return false
}

// share returns which part of a list has a property; 1 of an empty list.
func share(list []string, has func(string) bool) float64 {
	if len(list) == 0 {
		return 1
	}
	n := 0
	for _, s := range list {
		if has(s) {
			n++
		}
	}
	return float64(n) / float64(len(list))
}

// speakerOfChinese returns the characters before a Chinese verb of saying that
// name who says it: "吴炜" of "吴炜表示". Pronouns and the report itself are
// nobody.
func speakerOfChinese(text string) string {
	for _, verb := range [...]string{"表示", "认为", "指出", "强调", "预测", "说道", "坦言", "称，", "说，", "说：", "称："} {
		i := strings.Index(text, verb)
		if i <= 0 {
			continue
		}
		before := strings.TrimRight(text[:i], "也还曾则都又便就并 ")
		var name []rune
		for before != "" && len(name) < 3 {
			r, size := utf8.DecodeLastRuneInString(before)
			if !ideographic(r) || particle(string(r)) {
				break
			}
			name = append([]rune{r}, name...)
			before = before[:len(before)-size]
		}
		s := string(name)
		switch {
		case len(name) < 2, strings.HasSuffix(s, "报告"), strings.HasSuffix(s, "文中"), strings.HasSuffix(s, "文章"),
			strings.HasSuffix(s, "他"), strings.HasSuffix(s, "她"), strings.HasSuffix(s, "他们"):
			return ""
		}
		return s
	}
	return ""
}

// checkTitled returns why a Chinese sentence may not name somebody or a place by
// a title: the Chinese passages cited do not have it.
func (s *sentence) checkTitled(cited []*evidence) string {
	for _, m := range titled.FindAllStringSubmatch(s.text, -1) {
		for _, e := range cited {
			if !e.ideograph {
				return ""
			}
		}
		name, title := m[1], m[2]
		held := slices.ContainsFunc(cited, func(e *evidence) bool {
			return strings.Contains(e.passage.Text, name) || strings.Contains(e.passage.Text, string([]rune(name)[1:])+title)
		})
		if !held {
			return "no cited passage has " + m[0]
		}
	}
	return ""
}

var titled = regexp.MustCompile(`(\p{Han}{2,3})(教授|董事长|总裁|创始人|先生|女士|博士|大学|公司|集团|研究院|主席|总统|总理)`)

// chineseSpeaker looks for a Chinese name, or its last two characters where
// they follow a title, in the Chinese passages cited.
func chineseSpeaker(name string, cited []*evidence) string {
	_, first := utf8.DecodeRuneInString(name)
	for _, e := range cited {
		if !e.ideograph || strings.Contains(e.passage.Text, name) || strings.Contains(e.passage.Text, name[first:]) && len(name[first:]) > 3 {
			return ""
		}
	}
	return "no cited passage names " + name
}
