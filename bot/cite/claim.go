package cite

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// claimsNothing reports whether a sentence without markers may stand without
// one, because it says nothing of the world: it introduces a list, or says that
// the passages are silent on what was asked.
func (k *Checker) claimsNothing(s *sentence) (nothing, leads bool) {
	if !s.paired || slices.ContainsFunc(s.quotes, k.unasked) || !s.repeats(k.question.figures, k.question.names, k.ordinary(nil)) {
		return false, false
	}
	if strings.HasSuffix(s.text, ":") || strings.HasSuffix(s.text, "：") {
		return k.introduces(s), true
	}
	return k.silent(s), false
}

// unasked reports whether a quotation does not stand in the question.
func (k *Checker) unasked(q quotation) bool {
	_, _, ok := k.question.quotable.find(q.claim)
	return !ok && q.claim != ""
}

// introduces reports whether a sentence with a colon at its end only says what
// follows, in the passages' own words and those of introductions, without a verb
// that could state something.
func (k *Checker) introduces(s *sentence) bool {
	const longest = 12 // words
	if mostlyIdeographic(s.words) {
		return listed.MatchString(s.text) && len(s.words) <= 16 && k.mostlyAsked(s.text)
	}
	if len(s.words) > longest || slices.ContainsFunc(s.words, func(w word) bool { return stating()[w.fold] || negates(w.fold) }) {
		return false
	}
	own := func(st string) bool {
		for n := range k.passages {
			if k.evidenceOf(n).stems[st] {
				return true
			}
		}
		return false
	}
	return share(s.stems, func(st string) bool { return introductory()[st] || own(st) }) == 1
}

var listed = regexp.MustCompile(`以下|如下|几点|几个`)

// stating are verbs by which a sentence claims something.
var stating = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for w := range strings.FieldsSeq("is was were has have had does do did will would can could may might must be been yes no exactly indeed true false right wrong") {
		known[w] = true
	}
	return known
})

// silent reports whether a sentence only says that the passages do not say what
// was asked.
func (k *Checker) silent(s *sentence) bool {
	at := absence.FindStringIndex(s.text)
	if at == nil || turns.MatchString(s.text) {
		return false
	}
	rest := strings.TrimRight(s.text[at[1]:], ".。 ")
	if rest == "" {
		rest = s.text
	}
	if strings.ContainsAny(rest, ":;—：；，") {
		return false
	}
	if mostlyIdeographic(s.words) {
		return k.mostlyAsked(rest)
	}
	unknown := 0
	stems := stemsOf(wordsOf(rest))
	for _, st := range stems {
		if !k.question.stems[st] && !introductory()[st] {
			unknown++
		}
	}
	return unknown <= 1 && 4*unknown <= len(stems)
}

// mostlyAsked reports whether the characters of a Chinese text are mostly the
// question's.
func (k *Checker) mostlyAsked(text string) bool {
	const most = 0.7
	var characters []string
	for _, w := range wordsOf(text) {
		if !particle(w.text) && !strings.Contains("以下如几个点方面原因具体明确数据信息内容包括提到说明", w.text) {
			characters = append(characters, w.fold)
		}
	}
	return share(characters, func(c string) bool { return k.question.words[c] }) >= most
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
	return newSentence(text).repeats(numbers, names, func(w word) bool { return common(w.fold) || names.lower[w.fold] })
}

// repeats reports whether all quantities and names of a sentence are among
// those known.
func (s *sentence) repeats(numbers *figures, names *nameSet, ordinary func(w word) bool) bool {
	return !slices.ContainsFunc(s.quantities, func(q quantity) bool { return !numbers.holds(q) }) &&
		!slices.ContainsFunc(s.names(ordinary), func(n name) bool { return !n.opening && !names.holds(n.word) })
}

// introductory are stems of words with which an answer introduces a list or
// says what is absent.
var introductory = sync.OnceValue(func() map[string]bool {
	stems := map[string]bool{}
	for w := range strings.FieldsSeq(`following follow list lists include includes including overview reason reasons point points several various
		different part parts topic topics theme themes detail details specify specifies specified give gives given provide provides provided
		state information mention exact exactly specific directly explicitly precise amount number figure figures name names date
		challenge challenges factor factors benefit benefits risk risks problem problems step steps result results finding findings
		group groups kind kinds player players company companies compete competing take part summary key main important
		about cover covers contain contains discuss discusses summarise summarize way ways example examples`) {
		stems[stem(w)] = true
	}
	return stems
})

var (
	absence = regexp.MustCompile(`(?i)^(?:unfortunately,? |however,? |but |so,? )?(?:` +
		`(?:the|this|these|those) (?:provided |given |cited )?(?:report|document|passages?|text|sources?|article|paper|excerpts?|context)s?(?: itself| also)? ` +
		`(?:(?:do|does|did) not|don[’']t|doesn[’']t|didn[’']t|never) (?:explicitly |directly |clearly |specifically |actually |even |itself )*` +
		`(?:say|state|mention|give|specify|provide|contain|cover|discuss|address|describe|explain|include|indicate|name|report|disclose|reveal|tell|answer|list|identify)\b` +
		`|(?:it|that|this) is not (?:stated|mentioned|said|given|specified|covered)\b` +
		`|there (?:is|are) no (?:figures?|information|mention|data|details?|numbers?|dates?|names?) (?:for|on|about|of)\b` +
		`|I (?:could not|couldn[’']t|cannot|can[’']t|did not|didn[’']t) find\b` +
		`|no (?:information|mention|figure) (?:is given |is made )?(?:on|of|about|for)\b` +
		`|no (?:[^\s.,:;]+ ){1,6}(?:is|are) (?:given|mentioned|stated|provided|named)\b)` +
		`|^(?:很遗憾，|不过，|但)?(?:该|本|这份|此)?(?:报告|文中|原文|文档|文章|段落|资料)(?:中|里|并|也|内容)*(?:没有|未|不曾|没)(?:有)?(?:明确|具体|直接)*(?:提到|提及|说明|提供|给出|涉及|指出|记载)`)
	turns = regexp.MustCompile(`(?i)\b(?:but|however|although|though|while|whereas|instead|rather|yet|because|since|only|just|, (?:and|so|which))\b|, (?:and|so|which)\b|但|而是|不过|只是|因为`)
)
