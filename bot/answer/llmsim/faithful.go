package llmsim

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// notFound is the reply when the passages do not answer.
const notFound = "NOT_FOUND"

// Faithful answers from the passages alone, as an honest model would: the one
// to three sentences nearest to the question, each said in a way that varies
// with the question and ending with its marker; NOT_FOUND when nothing is near.
// Asked for the questions of a passage it makes them of the passage's words.
func Faithful() Replier {
	return func(r Request) Reply { return Reply{Text: faithful(ParsePrompt(r.Messages))} }
}

func faithful(p Prompt) string {
	rng := randomFor(p.Question+p.Sentence, 3)
	switch p.Task {
	case Ask:
		return say(rng, p, best(p))
	case Summarise:
		return say(rng, p, summary(p))
	case Repair:
		return repair(p)
	case Rewrite:
		return standalone(p)
	case Enrich:
		return string(marshal(enrichment(p)))
	}
	return notFound
}

// A candidate is a sentence of a passage with its nearness to the question.
type candidate struct {
	passage  Passage
	sentence string
	score    float64
}

// best picks the one to three sentences that share most with the question.
func best(p Prompt) []candidate {
	ranked := rank(p.Passages, p.Question)
	if len(ranked) == 0 || ranked[0].score < enough(p) {
		return nil
	}
	n := 1
	for n < len(ranked) && n < 3 && ranked[n].score > 0.7*ranked[0].score {
		n++
	}
	return ranked[:n]
}

// enough is the least score of an answer: a fifth of what a sentence with all
// of the question's words would have.
func enough(p Prompt) float64 {
	weight := idf(p.Passages)
	total := 0.0
	for _, s := range unique(stems(p.Question)) {
		total += weight(s)
	}
	return max(total/5, 1e-9)
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// rank orders the passages' sentences by the words shared with a question,
// rare words counting more; ties keep the order of the passages.
func rank(passages []Passage, question string) []candidate {
	weight := idf(passages)
	asked := unique(stems(question))
	var ranked []candidate
	for _, passage := range passages {
		for _, sentence := range sentences(passage.Text) {
			if !isSentence(sentence) {
				continue
			}
			c := candidate{passage: passage, sentence: sentence}
			for _, s := range unique(stems(sentence)) {
				if _, found := slices.BinarySearch(asked, s); found {
					c.score += weight(s)
				}
			}
			ranked = append(ranked, c)
		}
	}
	slices.SortStableFunc(ranked, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	return ranked
}

// idf weighs a stem by the number of passages that have it; one that none has
// still counts, as something asked for and not found.
func idf(passages []Passage) func(stem string) float64 {
	df := map[string]int{}
	for _, p := range passages {
		for _, s := range unique(stems(p.Text)) {
			df[s]++
		}
	}
	return func(stem string) float64 {
		return math.Log(1 + float64(len(passages)+1)/float64(df[stem]+1))
	}
}

// summary picks the sentence of each of up to five passages that is nearest to
// the question, or the first.
func summary(p Prompt) []candidate {
	var picked []candidate
	for _, passage := range p.Passages {
		if ranked := rank([]Passage{passage}, p.Question); len(ranked) > 0 && len(picked) < 5 {
			picked = append(picked, ranked[0])
		}
	}
	return picked
}

// say words the picked sentences as an answer.
func say(rng *rand.Rand, p Prompt, picked []candidate) string {
	if len(picked) == 0 {
		return notFound
	}
	var said []string
	for _, c := range picked {
		said = append(said, wording(rng, c))
	}
	separator := " "
	if chinese(said[0]) {
		separator = ""
	}
	return strings.Join(said, separator)
}

// wording says one sentence in one of the ways of an honest model, its marker
// before the full stop.
func wording(rng *rand.Rand, c candidate) string {
	d := draft{body: c.sentence, cited: []Passage{c.passage}, source: c.sentence}
	switch rng.IntN(5) {
	case 0:
		d.body = leadIn(rng, d.body, c.passage.Text)
	case 1:
		if q, ok := quote(rng, d); ok {
			d = q
		}
	case 2:
		d.body = reexpress(rng, d.body)
	case 3:
		d.body = leadIn(rng, reexpress(rng, d.body), c.passage.Text)
	}
	return d.render(markerBefore)
}

// repair returns the sentence of the cited passage that is nearest to the one
// that failed, or NOTHING if it cites none.
func repair(p Prompt) string {
	passage, ok := cited(p)
	if !ok {
		return "NOTHING"
	}
	ranked := rank([]Passage{passage}, p.Sentence)
	if len(ranked) == 0 {
		return "NOTHING"
	}
	d := draft{body: ranked[0].sentence, cited: []Passage{passage}}
	return d.render(markerBefore)
}

// cited is the first passage that the failed sentence cites.
func cited(p Prompt) (Passage, bool) {
	for _, passage := range p.Passages {
		if strings.Contains(p.Sentence, marker(passage.N)) {
			return passage, true
		}
	}
	return Passage{}, false
}

var pronouns = set("he she it they him her them his hers its their theirs this that these those")

// standalone makes a follow-up stand alone: the subject of the last question
// in place of its first pronoun, or added at its end.
func standalone(p Prompt) string {
	question := strings.TrimSpace(p.Question)
	if len(p.Turns) == 0 {
		return question
	}
	subject := subjectOf(p.Turns[len(p.Turns)-1].Question)
	if subject == "" || strings.Contains(question, subject) {
		return question
	}
	for _, s := range wordSpans(question) {
		word := strings.ToLower(s.of(question))
		if !pronouns[word] {
			continue
		}
		if word == "his" || word == "its" || word == "their" || word == "hers" || word == "theirs" {
			return replace(question, s, subject+"’s")
		}
		return replace(question, s, subject)
	}
	if chinese(question) {
		return subject + "：" + question
	}
	bare := strings.TrimRight(question, "?？.")
	return bare + " (" + subject + ")" + question[len(bare):]
}

// subjectOf is a question's last name, or its content words.
func subjectOf(question string) string {
	if all := names(question); len(all) > 0 {
		return all[len(all)-1].of(question)
	}
	var content []string
	for _, s := range wordSpans(question) {
		if word := s.of(question); !functionWords[strings.ToLower(word)] {
			content = append(content, word)
		}
	}
	if chinese(question) {
		return strings.Join(content, "")
	}
	return strings.Join(content, " ")
}
