package cite

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// claimsNothing reports whether a sentence without markers may stand without
// one, because it says nothing of the world: it introduces what follows, or
// says that the passages are silent on what was asked.
func (k *Checker) claimsNothing(s *sentence) bool {
	if quotes, ok := quotationsOf(s.text); !ok || slices.ContainsFunc(quotes, k.unasked) {
		return false
	}
	if slices.ContainsFunc(quantitiesOf(s.text), func(q quantity) bool { return !newFigures(k.question.text).holds(q) }) {
		return false
	}
	if slices.ContainsFunc(namesOf(s.text, s.words, k.ordinary(nil)), func(n name) bool { return !n.opening && !k.question.names.holds(n.word) }) {
		return false
	}
	switch {
	case introduces(s.text):
		return share(s.stems, func(st string) bool { return k.question.stems[st] || introductory()[st] }) == 1
	case absence.MatchString(s.text) && !turns.MatchString(s.text):
		return k.asks(s)
	}
	return false
}

// unasked reports whether a quotation does not stand in the question.
func (k *Checker) unasked(q quotation) bool {
	_, _, ok := fold(k.question.text).find(quoted(q.text))
	return !ok && quoted(q.text) != ""
}

// asks reports whether most of what a sentence says to be absent was asked for.
func (k *Checker) asks(s *sentence) bool {
	const most = 0.5
	if mostlyIdeographic(s.words) {
		own := 0
		for _, w := range s.words {
			if k.question.words[w.fold] {
				own++
			}
		}
		return own > 0 || len(s.words) <= 12
	}
	return share(s.stems, func(st string) bool { return k.question.stems[st] || introductory()[st] }) >= most
}

// Silence reports whether a text only says that the passages do not say
// something.
func Silence(text string) bool { return absence.MatchString(text) && !turns.MatchString(text) }

// Repeats reports whether a text that a model wrote may stand beside the texts
// that it was made from: it holds nothing that must not be shown, and no name
// or number that does not stand in them.
func Repeats(text string, known ...string) bool {
	names, numbers := newNameSet(), newFigures(known...)
	for _, t := range known {
		names.add(wordsOf(t))
	}
	inKnown := func(address string) bool {
		return slices.ContainsFunc(known, func(t string) bool { return strings.Contains(t, address) })
	}
	if clean := plain(text); clean != text || forbidden(text, inKnown) != "" {
		return false
	}
	s := newSentence(text)
	ordinary := func(w word) bool { return common(w.fold) || names.lower[w.fold] }
	return !slices.ContainsFunc(quantitiesOf(text), func(q quantity) bool { return !numbers.holds(q) }) &&
		!slices.ContainsFunc(namesOf(text, s.words, ordinary), func(n name) bool { return !n.opening && !names.holds(n.word) })
}

func introduces(text string) bool {
	return strings.HasSuffix(text, ":") || strings.HasSuffix(text, "：")
}

// introductory are stems of words with which an answer introduces a list or
// says what is absent.
var introductory = sync.OnceValue(func() map[string]bool {
	stems := map[string]bool{}
	for w := range strings.FieldsSeq(`following follow list lists include includes including overview reason reasons point points several various
		different part parts topic topics theme themes detail details specify specifies specified give gives given provide provides provided
		state information mention exact exactly specific directly explicitly precise amount number figure figures name names date
		about cover covers contain contains discuss discusses summarise summarize way ways example examples`) {
		stems[stem(w)] = true
	}
	return stems
})

var (
	absence = regexp.MustCompile(`(?i)^(?:unfortunately,? |however,? |but |so,? )?(?:` +
		`(?:the|this|these|those) (?:provided |given |cited )?(?:report|document|passages?|text|sources?|article|paper|excerpts?|context)s?(?: itself| also)? (?:(?:do|does|did) not|don[’']t|doesn[’']t|didn[’']t|never|nowhere|cannot|say nothing|says nothing|is silent|are silent)\b` +
		`|(?:it|that|this) is not (?:stated|mentioned|said|given|specified|covered)\b` +
		`|(?:no information|there is no (?:information|mention)|nothing is said)\b)` +
		`|^(?:很遗憾，|不过，|但)?(?:该|本|这份|此)?(?:报告|文中|原文|文档|文章|段落|资料)(?:中|里|并|也|内容)*(?:没有|未|不曾|没)(?:有)?(?:明确|具体|直接)*(?:提到|提及|说明|提供|给出|涉及|指出|记载|说)`)
	turns = regexp.MustCompile(`(?i)\b(?:but|however|although|though|while|whereas|instead|rather|yet|because|since|only|just)\b|[;；]|但|而是|不过|只是|因为`)
)
