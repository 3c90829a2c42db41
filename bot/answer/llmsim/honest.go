package llmsim

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Case is a sentence with markers, and what is known of it.
type Case struct {
	Kind     Kind
	Variant  string // in which way, such as "digit" of Number; of an honest case, its form
	Sentence string // as the model says it, with its markers
	Truth    string // the sentence of the passage that it came from, with its marker
	What     string // what was falsified, for a log; empty for an honest case
	False    string // the false number, name, quotation or payload itself, where there is one
	Cited    []int  // the passages that the sentence cites
}

// A draft is a sentence before its markers are set.
type draft struct {
	body   string // ends with its full stop
	cited  []Passage
	source string                     // the passage's sentence
	bullet string                     // a list's mark before the body
	read   map[string]map[string]bool // the readings of passages, by text
	form   string
}

// A markerStyle says where a sentence's markers stand.
type markerStyle int

const (
	markerBefore markerStyle = iota // text [1].
	markerAfter                     // text. [1]
	markerTight                     // text[1].
	markerStyles                    // how many there are
)

func marker(n int) string { return fmt.Sprintf("[%d]", n) }

// render sets the markers of a draft.
func (d draft) render(style markerStyle) string {
	var markers strings.Builder
	for _, p := range d.cited {
		markers.WriteString(marker(p.N))
	}
	text, stop := splitStop(d.body)
	text = d.bullet + text
	switch style {
	case markerAfter:
		return text + stop + " " + markers.String()
	case markerTight:
		return text + markers.String() + stop
	}
	return text + " " + markers.String() + stop
}

// splitStop parts a sentence from its final mark. A full stop within closing
// quotation marks goes behind them.
func splitStop(body string) (text, stop string) {
	for _, mark := range []string{".", "。", "!", "?", "！", "？"} {
		for _, closing := range []string{"", "\"", "”", "」", "'", "’"} {
			if text, ok := strings.CutSuffix(body, mark+closing); ok {
				return text + closing, mark
			}
		}
	}
	if chinese(body) {
		return body, "。"
	}
	return body, "."
}

func (d draft) truth() string {
	return draft{body: d.source, cited: d.cited[:1]}.render(markerBefore)
}

func (d draft) numbers() []int {
	var numbers []int
	for _, p := range d.cited {
		numbers = append(numbers, p.N)
	}
	return numbers
}

// honestForms are the ways to say a sentence of a passage. Each is false when
// the sentence gives no material for it.
var honestForms = []struct {
	name string
	make func(rng *rand.Rand, d draft, others []Passage) (draft, bool)
}{
	{"verbatim", func(_ *rand.Rand, d draft, _ []Passage) (draft, bool) { return d, true }},
	{"lead-in", func(rng *rand.Rand, d draft, _ []Passage) (draft, bool) {
		before := d.body
		d.body = leadIn(rng, d.body, d.cited[0].Text)
		return d, d.body != before
	}},
	{"numbers", func(rng *rand.Rand, d draft, _ []Passage) (draft, bool) {
		before := d.body
		d.body = reexpress(rng, d.body)
		return d, d.body != before
	}},
	{"quotation", func(rng *rand.Rand, d draft, _ []Passage) (draft, bool) { return quote(rng, d) }},
	{"shortened", func(rng *rand.Rand, d draft, _ []Passage) (draft, bool) { return shorten(rng, d) }},
	{"joined", func(rng *rand.Rand, d draft, _ []Passage) (draft, bool) { return join(rng, d) }},
	{"across", across},
	{"in Chinese", func(rng *rand.Rand, d draft, _ []Passage) (draft, bool) { return gist(rng, d) }},
	{"saying", func(rng *rand.Rand, d draft, _ []Passage) (draft, bool) {
		all := sayings(d.cited[0])
		if len(all) == 0 {
			return d, false
		}
		return pick(rng, all).retold(rng, d.cited), true
	}},
	{"bullet", func(rng *rand.Rand, d draft, _ []Passage) (draft, bool) {
		d.bullet = pick(rng, []string{"- ", "* ", "• ", "1. "})
		return d, true
	}},
}

// Honest says a sentence of a passage as a careful model would, in one of many
// forms, with the markers of what it says. False when the passage has no whole
// sentence.
func Honest(rng *rand.Rand, p Passage, others []Passage) (Case, bool) {
	whole := wholeSentences(p)
	if len(whole) == 0 {
		return Case{}, false
	}
	d := honestDraft(rng, p, whole, others)
	return Case{
		Kind: HonestKind, Variant: d.form, Sentence: d.render(markerStyle(rng.IntN(int(markerStyles)))),
		Truth: d.truth(), Cited: d.numbers(),
	}, true
}

// honestDraft says one of a passage's whole sentences in one of the forms for
// which it gives material; verbatim is always one of them.
func honestDraft(rng *rand.Rand, p Passage, whole []string, others []Passage) draft {
	source := pick(rng, whole)
	d := draft{body: source, cited: []Passage{p}, source: source, form: "verbatim"}
	for _, i := range rng.Perm(len(honestForms)) {
		form := honestForms[i]
		made, ok := form.make(rng, d, others)
		if !ok {
			continue
		}
		made.form = form.name
		if rng.IntN(2) == 0 && form.name != "in Chinese" {
			made.body = reexpress(rng, made.body)
		}
		return made
	}
	return d
}

func wholeSentences(p Passage) []string {
	var whole []string
	for _, s := range sentences(p.Text) {
		if isSentence(s) {
			whole = append(whole, s)
		}
	}
	return whole
}

// leadIn puts words before a sentence that add nothing to it.
func leadIn(rng *rand.Rand, body, context string) string {
	if chinese(body) {
		return pick(rng, []string{"根据报告，", "报告指出，", "简而言之，", "文中提到，"}) + body
	}
	lower, ok := lowered(body, context)
	if !ok {
		return body
	}
	return pick(rng, []string{"According to the report, ", "The report says that ", "In short, ", "The report notes that ", "Per the report, ", "As the report puts it, "}) + lower
}

// lowered gives a sentence a small first letter unless it starts with a name;
// false when that cannot be told.
func lowered(body, context string) (string, bool) {
	spans := wordSpans(body)
	if len(spans) == 0 || spans[0].start != 0 {
		return body, false
	}
	first := spans[0].of(body)
	lower := strings.ToLower(first)
	r, size := utf8.DecodeRuneInString(body)
	switch {
	case unicode.IsDigit(r):
		return body, true
	case first == "I":
		return body, true
	case functionWords[lower] || starters[lower]:
		return string(unicode.ToLower(r)) + body[size:], true
	}
	if all := namesIn(body, context); len(all) > 0 && all[0].start == 0 {
		return body, true
	}
	return body, false
}

// quotationMarks are the pairs that a model quotes with.
var quotationMarks = [][2]string{{"“", "”"}, {`"`, `"`}, {"「", "」"}, {"„", "“"}, {"«", "»"}, {"‘", "’"}, {"'", "'"}}

// quote turns a draft into a quotation of its sentence or of a clause of it.
func quote(rng *rand.Rand, d draft) (draft, bool) {
	clause, ok := clauseOf(rng, d.source)
	if !ok {
		return d, false
	}
	d.body = introduced(rng, pick(rng, marksFor(clause)), clause)
	return d, true
}

// marksFor are the pairs of marks that an honest model would use.
func marksFor(clause string) [][2]string {
	if chinese(clause) {
		return [][2]string{{"「", "」"}, {"“", "”"}}
	}
	return [][2]string{{"“", "”"}, {`"`, `"`}}
}

func introduced(rng *rand.Rand, marks [2]string, clause string) string {
	quoted := marks[0] + clause + marks[1]
	if chinese(clause) {
		return pick(rng, []string{"报告写道：", "原文为："}) + quoted + "。"
	}
	return pick(rng, []string{"The report says: ", "The report states: ", "In the report’s words: ", "It says: "}) + quoted + "."
}

// clauseOf is a verbatim part of a sentence of at least four words, without
// quotation marks, from the sentence's start or from a comma.
func clauseOf(rng *rand.Rand, sentence string) (string, bool) {
	body, _ := splitStop(sentence)
	if strings.ContainsAny(body, "\"“”‘「」„«»") {
		return "", false
	}
	separator := ", "
	if chinese(body) {
		separator = "，"
	}
	parts := strings.Split(body, separator)
	start := rng.IntN(len(parts))
	end := start + 1 + rng.IntN(len(parts)-start)
	clause := strings.Join(parts[start:end], separator)
	if len(words(clause)) < 4 {
		clause = body
	}
	return clause, len(words(clause)) >= 4 && balanced(clause)
}

var (
	parenthesis = regexp.MustCompile(` \([^()]*\)`)
	relative    = regexp.MustCompile(`, (?:which|who|whose|where|including|such as|making|causing|leading|resulting)\b[^,;:."“”()]*([,.])`)
)

// shorten leaves out a parenthesis or a clause that only adds to a sentence.
func shorten(rng *rand.Rand, d draft) (draft, bool) {
	for _, form := range []*regexp.Regexp{parenthesis, relative} {
		found := form.FindAllStringSubmatchIndex(d.body, -1)
		if len(found) == 0 {
			continue
		}
		m := pick(rng, found)
		s := span{m[0], m[1]}
		if inQuotes(d.body, s) {
			continue
		}
		end := ""
		if form == relative && d.body[m[2]] == '.' {
			end = "."
		}
		d.body = replace(d.body, s, end)
		return d, len(words(d.body)) >= 4
	}
	return d, false
}

// join makes one sentence of two of a passage that follow each other.
func join(rng *rand.Rand, d draft) (draft, bool) {
	all := sentences(d.cited[0].Text)
	for i, s := range all[:max(0, len(all)-1)] {
		if s == d.source && isSentence(all[i+1]) {
			return joined(rng, d, all[i+1], d.cited[0])
		}
	}
	return d, false
}

// across makes one sentence of two passages' sentences, citing both.
func across(rng *rand.Rand, d draft, others []Passage) (draft, bool) {
	for range 4 {
		if len(others) == 0 {
			break
		}
		other := pick(rng, others)
		whole := wholeSentences(other)
		if other.N == d.cited[0].N || len(whole) == 0 {
			continue
		}
		if second := pick(rng, whole); chinese(second) == chinese(d.body) {
			d.cited = append(d.cited[:1:1], other)
			return joined(rng, d, second, other)
		}
	}
	return d, false
}

func joined(rng *rand.Rand, d draft, second string, from Passage) (draft, bool) {
	text, stop := splitStop(d.body)
	if chinese(text) {
		d.body = text + pick(rng, []string{"；", "，而且"}) + second
		return d, true
	}
	lower, ok := lowered(second, from.Text)
	if !ok || stop != "." {
		return d, false
	}
	d.body = text + pick(rng, []string{", and ", "; ", " and "}) + lower
	return d, true
}

// gist is a Chinese sentence that keeps an English sentence's names and
// numbers.
func gist(rng *rand.Rand, d draft) (draft, bool) {
	if chinese(d.source) {
		return d, false
	}
	var kept []string
	for _, n := range namesIn(d.source, d.cited[0].Text) {
		if name := n.of(d.source); len(kept) < 2 {
			kept = append(kept, name)
		}
	}
	for _, at := range dates(d.source) {
		if len(kept) < 4 && standsAlone(d.source, at.span) {
			kept = append(kept, at.inChinese())
		}
	}
	for _, q := range quantities(d.source) {
		if len(kept) < 5 && q.bare && (q.money == "" || currencyOf(q.money) != nil) {
			kept = append(kept, q.inChinese(rng))
		}
	}
	if len(kept) < 2 {
		return d, false
	}
	list := strings.Join(kept[:len(kept)-1], "、") + pick(rng, []string{" 和 ", "以及", "与"}) + kept[len(kept)-1]
	d.body = pick(rng, []string{"报告提到 ", "根据报告，文中谈到 ", "这一段涉及 "}) + list + "。"
	return d, true
}
