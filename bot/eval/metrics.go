package eval

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"footnote/bot"
)

// A tally adds up what the answers to a suite's questions were worth.
type tally struct {
	questions, answerable          int
	recall1, recall3, recall5, mrr float64
	quote1, answered               int
	refusedAnswerable              int
	refusedFar, refusedNear        int
	markers, markersValid          int
	quotes, quotesVerbatim         int
	words, wordPassages            int
	errors                         int
	places, placesRight            int
	answerableConfidence, far      []float64
	near                           []float64
	latencies                      []float64
	kinds                          map[string]*[2]int
	byFile                         map[string]*Outcomes
	outcomes                       []outcome
	missed, unsilent, misplaced    []Miss
}

func newTally() *tally {
	return &tally{kinds: map[string]*[2]int{}, byFile: map[string]*Outcomes{}}
}

// texts gives a document's text as offsets count it.
type texts func(document string) (string, bool)

// add scores one answer; Result says what the figures mean. An answer counts
// when it was not refused and holds the answer strings, whatever their case.
func (t *tally) add(file string, q Question, a bot.Answer, text texts) {
	t.questions++
	t.latencies = append(t.latencies, a.Timings.Total)
	t.checkCitations(a, text)
	for _, p := range first(a.Passages, 5) {
		t.words += words(p.Text)
		t.wordPassages++
	}
	right := false
	if q.Refuse {
		right = a.Refused
		t.unanswerable(file, q, a)
	} else {
		right = !a.Refused && q.answeredBy(a.Text)
		t.answerableQuestion(file, q, a, right)
		t.placed(file, q, a, right)
	}
	if t.byFile[file] == nil {
		t.byFile[file] = &Outcomes{Right: []string{}, Wrong: []string{}}
	}
	t.byFile[file].add(q.ID, right)
	kind := t.kinds[q.Kind]
	if kind == nil {
		kind = new([2]int)
		t.kinds[q.Kind] = kind
	}
	kind[1]++
	if right {
		kind[0]++
	}
	t.outcomes = append(t.outcomes, outcome{
		confidence: a.Confidence, right: right && !q.Refuse, answerable: !q.Refuse,
		refused: a.Refused, answered: !a.Refused && a.Text != "",
	})
}

func (t *tally) unanswerable(file string, q Question, a bot.Answer) {
	refused := 0
	if a.Refused {
		refused = 1
	} else {
		t.unsilent = append(t.unsilent, newMiss(file, q, a, "answered, though the corpus does not say"))
	}
	if q.far() {
		t.far = append(t.far, a.Confidence)
		t.refusedFar += refused
		return
	}
	t.near = append(t.near, a.Confidence)
	t.refusedNear += refused
}

func (t *tally) answerableQuestion(file string, q Question, a bot.Answer, right bool) {
	t.answerable++
	t.answerableConfidence = append(t.answerableConfidence, a.Confidence)
	t.recall1 += q.recall(first(a.Passages, 1))
	t.recall3 += q.recall(first(a.Passages, 3))
	t.recall5 += q.recall(first(a.Passages, 5))
	rank := q.firstRank(first(a.Passages, 10))
	if rank > 0 {
		t.mrr += 1 / float64(rank)
	}
	if a.Refused {
		t.refusedAnswerable++
	}
	if !a.Refused && q.quotedBy(a) {
		t.quote1++
	}
	if right {
		t.answered++
		return
	}
	t.missed = append(t.missed, newMiss(file, q, a, why(a, rank)))
}

func why(a bot.Answer, rank int) string {
	switch {
	case a.Refused:
		return "refused"
	case rank == 0:
		return "evidence not among the first ten passages"
	case rank == 1:
		return "evidence first, but the answer lacks it"
	}
	return "evidence at rank " + strconv.Itoa(rank)
}

// recall is the share of the evidence that stands in the passages.
func (q Question) recall(passages []bot.Retrieved) float64 {
	wanted, holds := q.Evidence, contains
	if len(q.Documents) > 0 {
		wanted, holds = q.Documents, isFrom
	}
	found := 0
	for _, w := range wanted {
		if slices.ContainsFunc(passages, func(p bot.Retrieved) bool { return holds(p, w) }) {
			found++
		}
	}
	return float64(found) / float64(max(len(wanted), 1))
}

// firstRank is the rank, from 1, of the first passage with any evidence; 0 if none.
func (q Question) firstRank(passages []bot.Retrieved) int {
	return 1 + slices.IndexFunc(passages, func(p bot.Retrieved) bool {
		return slices.ContainsFunc(q.Documents, func(d string) bool { return isFrom(p, d) }) ||
			slices.ContainsFunc(q.Evidence, func(e string) bool { return contains(p, e) })
	})
}

func contains(p bot.Retrieved, evidence string) bool { return strings.Contains(p.Text, evidence) }

func isFrom(p bot.Retrieved, document string) bool {
	return strings.HasPrefix(p.Document[strings.LastIndex(p.Document, "/")+1:], document)
}

func (q Question) answeredBy(text string) bool {
	text = strings.ToLower(text)
	for _, a := range q.Answers {
		if strings.Contains(text, strings.ToLower(a)) == q.MatchAny {
			return q.MatchAny
		}
	}
	return !q.MatchAny
}

// quotedBy reports whether the first citation's passage holds evidence and
// its quote an answer.
func (q Question) quotedBy(a bot.Answer) bool {
	if len(a.Citations) == 0 {
		return false
	}
	cited := a.Citations[0]
	i := slices.IndexFunc(a.Passages, func(p bot.Retrieved) bool { return p.Passage == cited.Passage })
	if i < 0 {
		return false
	}
	quote := strings.ToLower(cited.Quote)
	return slices.ContainsFunc(q.Evidence, func(e string) bool { return contains(a.Passages[i], e) }) &&
		slices.ContainsFunc(q.Answers, func(s string) bool { return strings.Contains(quote, strings.ToLower(s)) })
}

// checkCitations counts the answer's distinct markers, those that have a
// citation of a returned passage, the quotes and those that are verbatim.
func (t *tally) checkCitations(a bot.Answer, text texts) {
	cited := map[string]bool{}
	returned := true
	for _, c := range a.Citations {
		cited[strconv.Itoa(c.Marker)] = true
		returned = returned && slices.ContainsFunc(a.Passages, func(p bot.Retrieved) bool { return p.Passage == c.Passage })
		t.quotes++
		if verbatim(c, text) {
			t.quotesVerbatim++
		}
	}
	for marker := range markersOf(a.Text) {
		t.markers++
		if returned && cited[marker] {
			t.markersValid++
		}
	}
}

func verbatim(c bot.Citation, text texts) bool {
	doc, ok := text(c.Document)
	return ok && c.Quote != "" && 0 <= c.Start && c.Start <= c.End && c.End <= len(doc) && doc[c.Start:c.End] == c.Quote
}

// markersOf is the set of what stands in brackets and is a number. It reads
// the text for itself, so that what it measures does not depend on the parser
// that the engine used.
func markersOf(text string) map[string]bool {
	set := map[string]bool{}
	for {
		_, rest, ok := strings.Cut(text, "[")
		if !ok {
			return set
		}
		digits := rest[:len(rest)-len(strings.TrimLeftFunc(rest, unicode.IsDigit))]
		if digits != "" && strings.HasPrefix(rest[len(digits):], "]") {
			set[digits] = true
		}
		text = rest
	}
}

func words(s string) int {
	return len(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }))
}

func first(passages []bot.Retrieved, n int) []bot.Retrieved { return passages[:min(n, len(passages))] }

// auroc is the probability that a random positive scores above a random
// negative, ties counting half (the Mann-Whitney statistic); nil when either
// is missing.
func auroc(positives, negatives []float64) *float64 {
	if len(positives) == 0 || len(negatives) == 0 {
		return nil
	}
	type scored struct {
		score    float64
		positive bool
	}
	all := make([]scored, 0, len(positives)+len(negatives))
	for _, s := range positives {
		all = append(all, scored{s, true})
	}
	for _, s := range negatives {
		all = append(all, scored{s, false})
	}
	slices.SortFunc(all, func(a, b scored) int {
		switch {
		case a.score < b.score:
			return -1
		case a.score > b.score:
			return 1
		}
		return 0
	})
	ranks := 0.0
	for i := 0; i < len(all); {
		tied := 0 // positives among the equal scores from i to j
		j := i
		for ; j < len(all) && all[j].score == all[i].score; j++ {
			if all[j].positive {
				tied++
			}
		}
		ranks += float64(tied) * float64(i+j+1) / 2
		i = j
	}
	n, m := float64(len(positives)), float64(len(negatives))
	area := (ranks - n*(n+1)/2) / (n * m)
	return &area
}

// round rounds to a number of decimals as printing does: correctly, from the
// exact binary value.
func round(x float64, decimals int) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	r, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'f', decimals, 64), 64)
	return r
}
