package llmsim

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"unicode"
)

var negationLies = []falsifier{
	{"not added", func(rng *rand.Rand, d draft, _ []Passage) (Case, bool) { return denial(rng, d, deny) }},
	{"not removed", func(rng *rand.Rand, d draft, _ []Passage) (Case, bool) { return denial(rng, d, affirm) }},
	{"denied whole", func(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
		return denial(rng, d, func(rng *rand.Rand, body string) (string, bool) {
			if chinese(body) {
				return "并非" + body, true
			}
			lower, ok := lowered(body, d.cited[0].Text)
			return pick(rng, []string{"It is not true that ", "The report denies that ", "It is false that "}) + lower, ok
		})
	}},
}

// denial turns a sentence into its contrary. Quotations are left to the lies
// about quotations.
func denial(rng *rand.Rand, d draft, change func(*rand.Rand, string) (string, bool)) (Case, bool) {
	if len(quotedSpans(d.body)) > 0 || d.form == "in Chinese" {
		return Case{}, false
	}
	was := d.body
	now, ok := change(rng, was)
	if !ok {
		return Case{}, false
	}
	d.body = now
	return d.falsified(rng, Negation, "", was, now).whole(), true
}

var (
	auxiliary = regexp.MustCompile(`\b(?:is|was|are|were|has|have|had|can|will|would|should|must|did|does|do)\b`)
	denying   = regexp.MustCompile(` (?:not|never|no longer|hardly|rarely)\b|n['’]t\b|(?:not|不|没有|未)`)
)

// deny adds a "not" behind an auxiliary verb that has none.
func deny(rng *rand.Rand, body string) (string, bool) {
	var fit []int
	for _, m := range auxiliary.FindAllStringIndex(body, -1) {
		after := body[m[1]:]
		if strings.HasPrefix(after, " ") && !strings.HasPrefix(after, " not") && !strings.HasPrefix(after, " never") && !strings.HasPrefix(after, " no ") {
			fit = append(fit, m[1])
		}
	}
	if len(fit) == 0 {
		return "", false
	}
	at := pick(rng, fit)
	return body[:at] + pick(rng, []string{" not", " not", " never"}) + body[at:], true
}

// affirm removes a negation.
func affirm(rng *rand.Rand, body string) (string, bool) {
	found := denying.FindAllStringIndex(body, -1)
	if len(found) == 0 {
		return "", false
	}
	m := pick(rng, found)
	if text := body[m[0]:m[1]]; text == "not" && (m[0] == 0 || body[m[0]-1] != 'n') {
		return "", false // the tail of another word, not of "cannot"
	}
	return body[:m[0]] + body[m[1]:], true
}

var roleLies = []falsifier{
	{"names swapped", swapNames},
	{"numbers swapped", swapNumbers},
	{"number of another thing", takeNumber},
}

// apart reports whether what stands between two things says that they have
// different parts: more than the links of a list.
func apart(between string) bool {
	if strings.Contains(between, "between") {
		return false
	}
	for _, w := range words(between) {
		first := []rune(w)[0]
		if len(w) >= 4 && unicode.IsLetter(first) && !nameParticles[w] && w != "with" && strings.Contains(between, w) {
			return true
		}
	}
	return false
}

// swap exchanges two parts of a text, the first before the second.
func swap(text string, a, b span) string {
	return text[:a.start] + b.of(text) + text[a.end:b.start] + a.of(text) + text[b.end:]
}

func swapNames(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	if d.form == "in Chinese" || d.form == "joined" || d.form == "across" {
		return Case{}, false
	}
	all := namesIn(d.body, d.context())
	if len(all) < 2 {
		return Case{}, false
	}
	i := rng.IntN(len(all) - 1)
	a, b := all[i], all[i+1]
	was, by := a.of(d.body), b.of(d.body)
	if strings.Contains(was, by) || strings.Contains(by, was) || !apart(d.body[a.end:b.start]) || inQuotes(d.body, span{a.start, b.end}) {
		return Case{}, false
	}
	d.body = swap(d.body, a, b)
	return d.falsified(rng, Role, "", was+" … "+by, by+" … "+was).whole(), true
}

// likewise reports whether two quantities could stand for each other.
func likewise(a, b quantity) bool {
	return a.bare && b.bare && a.isYear() == b.isYear() && a.percent == b.percent && a.scale == b.scale && a.amount().Cmp(b.amount()) != 0
}

func swapNumbers(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	all := quantities(d.body)
	for _, i := range rng.Perm(len(all)) {
		for _, j := range rng.Perm(len(all)) {
			a, b := all[i], all[j]
			if a.end > b.start || !likewise(a, b) || !apart(d.body[a.end:b.start]) || d.form == "in Chinese" {
				continue
			}
			was, by := a.number.of(d.body), b.number.of(d.body)
			d.body = swap(d.body, a.number, b.number)
			return d.falsified(rng, Role, "", was+" … "+by, by+" … "+was).whole(), true
		}
	}
	return Case{}, false
}

// takeNumber puts a number of the passage in another's place.
func takeNumber(rng *rand.Rand, d draft, _ []Passage) (Case, bool) {
	if d.form == "in Chinese" || inQuotesAnywhere(d.body) {
		return Case{}, false
	}
	text := d.cited[0].Text
	all := quantities(d.body)
	for _, i := range rng.Perm(len(all)) {
		for _, by := range quantities(text) {
			now := by.number.of(text)
			if likewise(all[i], by) && !strings.Contains(d.body, now) {
				was := all[i].number.of(d.body)
				return d.with(all[i].number, now).falsified(rng, Role, "", was, now), true
			}
		}
	}
	return Case{}, false
}

func inQuotesAnywhere(text string) bool { return len(quotedSpans(text)) > 0 }
