package llmsim

import (
	"math/rand/v2"
	"regexp"
	"strings"
)

// A saying is what a passage has a named speaker say.
type saying struct {
	speaker string
	verb    string // of an indirect saying: "argued that"
	words   string // verbatim; the clause after "that" of an indirect saying
	direct  bool
	source  string // the part of the passage with speaker and words
}

const (
	nameForm   = `([A-Z][\p{L}'’.-]+(?: (?:(?:of|de|von|van) )?[A-Z][\p{L}'’.-]+){0,3})`
	titleForm  = `(?:,[^"“”.]{3,100},)?`
	sayingVerb = `(said|told|argued|argues|stated|wrote|claimed|claims|believed|suggested|suggests|noted|predicted|predicts|says|concluded|pointed out|explained|declared|proposed|observed|reported|announced|estimated|commented|added|remarked|asserted|thought|found|held)`
)

var (
	sayingAfter  = regexp.MustCompile(`["“]([^"“”]{20,400})["”],? ` + nameForm + titleForm + ` ` + sayingVerb + `\b`)
	sayingBefore = regexp.MustCompile(nameForm + titleForm + ` ` + sayingVerb + `\b[^"“”.]{0,60}[,:] ["“]([^"“”]{20,400})["”]`)
	sayingThat   = regexp.MustCompile(nameForm + titleForm + ` (?:has |have |had )?` + sayingVerb + ` that ([^.;"“”()\n]{20,300})\.`)
)

// sayings finds a passage's sayings by named speakers.
func sayings(p Passage) []saying {
	var found []saying
	add := func(s saying) {
		first := strings.ToLower(strings.Fields(s.speaker)[0])
		if !functionWords[first] && !starters[first] && !notNames[first] && !strings.Contains(s.words, "[") {
			s.words = strings.TrimRight(s.words, ".,;: ")
			found = append(found, s)
		}
	}
	if strings.ContainsAny(p.Text, "\"“") && holdsVerb(p.Text, "") {
		for _, m := range sayingAfter.FindAllStringSubmatch(p.Text, -1) {
			add(saying{speaker: m[2], words: m[1], direct: true, source: m[0]})
		}
		for _, m := range sayingBefore.FindAllStringSubmatch(p.Text, -1) {
			add(saying{speaker: m[1], words: m[3], direct: true, source: m[0]})
		}
	}
	if !holdsVerb(p.Text, " that ") {
		return found
	}
	for _, m := range sayingThat.FindAllStringSubmatch(p.Text, -1) {
		add(saying{speaker: m[1], verb: m[2] + " that", words: m[3], source: strings.TrimSuffix(m[0], ".")})
	}
	return found
}

// holdsVerb spares most passages the slow search for a saying.
func holdsVerb(text, after string) bool {
	for verb := range strings.SplitSeq(strings.Trim(sayingVerb, "()"), "|") {
		if strings.Contains(text, verb+after) {
			return true
		}
	}
	return false
}

// retold says who said what.
func (s saying) retold(rng *rand.Rand, cited []Passage) draft {
	d := draft{cited: cited, source: s.source + ".", form: "saying"}
	if s.direct {
		marks := pick(rng, marksFor(s.words))
		quoted := marks[0] + s.words + marks[1]
		d.body = pick(rng, []string{
			s.speaker + " said: " + quoted + ".", "According to " + s.speaker + ", " + quoted + ".",
			quoted + ", " + s.speaker + " said.", "In the words of " + s.speaker + ": " + quoted + ".",
		})
		return d
	}
	d.body = pick(rng, []string{
		s.speaker + " " + s.verb + " " + s.words + ".", "According to " + s.speaker + ", " + s.words + ".",
		"The report says that " + s.speaker + " " + s.verb + " " + s.words + ".",
	})
	return d
}

// swapSpeaker gives a saying to someone who said something else, there or in
// another passage.
func swapSpeaker(rng *rand.Rand, p Passage, others []Passage) (Case, bool) {
	here := sayings(p)
	if len(here) == 0 {
		return Case{}, false
	}
	said := pick(rng, here)
	name, from, ok := rivalOf(rng, said, append([]Passage{p}, others...))
	if !ok {
		return Case{}, false
	}
	cited := []Passage{p}
	if from.N != p.N && rng.IntN(2) == 0 {
		cited = append(cited, from)
	}
	swapped := said
	swapped.speaker = name
	d := swapped.retold(rng, cited)
	d.source = said.source + "."
	variant := "another passage"
	if from.N == p.N {
		variant = "same passage"
	}
	return d.falsified(rng, Speaker, variant, said.speaker, name), true
}

// rivalOf is another speaker of one of the passages, and the passage.
func rivalOf(rng *rand.Rand, said saying, passages []Passage) (string, Passage, bool) {
	for _, i := range rng.Perm(len(passages)) {
		for _, s := range sayings(passages[i]) {
			if lacks(said.source, s.speaker) && lacks(s.speaker, said.speaker) {
				return s.speaker, passages[i], true
			}
		}
	}
	return "", Passage{}, false
}
