package eval

import (
	"fmt"
	"slices"
	"time"

	"footnote/bot"
)

// A Result holds a suite's figures. Shares are in [0,1], rounded to four
// decimals.
type Result struct {
	Suite      string `json:"suite"`
	Questions  int    `json:"questions"`
	Answerable int    `json:"answerable"`
	// Recall at k is the mean share of a question's evidence that stands in
	// its first k passages; MRR the mean reciprocal rank, among ten, of the
	// first passage with any.
	Recall1 float64 `json:"recall_1"`
	Recall3 float64 `json:"recall_3"`
	Recall5 float64 `json:"recall_5"`
	MRR     float64 `json:"mrr"`
	// Quote1 is how often the first citation quotes an answer from a
	// passage with evidence; Answer how often the answer holds what it must.
	Quote1 float64 `json:"quote_1"`
	Answer float64 `json:"answer"`
	// Place is how often the first citation of an answer given stands on the
	// page, below the heading and at the paragraph that the question names;
	// nil when no question that was answered names any.
	Place *float64 `json:"place,omitempty"`
	// AUROC is how well confidence tells answerable questions from far and
	// near unanswerable ones; nil when the suite lacks either.
	AUROCFar  *float64 `json:"auroc_far"`
	AUROCNear *float64 `json:"auroc_near"`
	// The shares of questions that were refused, by what they are.
	RefusedUnanswerable float64 `json:"refused_of_unanswerable"`
	RefusedAnswerable   float64 `json:"refused_of_answerable"`
	RefusedFar          float64 `json:"refused_far"`
	RefusedNear         float64 `json:"refused_near"`
	// RefusalPrecision is the share of refusals that were due; 0 without any.
	RefusalPrecision float64 `json:"refusal_precision"`
	Markers          int     `json:"markers"`
	MarkersValid     int     `json:"markers_valid"`
	Quotes           int     `json:"quotes"`
	QuotesVerbatim   int     `json:"quotes_verbatim"`
	// PassageWords is the mean length of the first five passages, in words.
	PassageWords float64 `json:"passage_words"`
	// Seconds is the whole run's wall-clock time, opening included.
	Seconds       float64  `json:"seconds"`
	MSPerQuestion float64  `json:"ms_per_question"`
	P99MS         *float64 `json:"p99_ms"`
	// Errors counts questions that failed; they score as wrong answers.
	Errors int `json:"errors"`
	// ByKind maps a kind of question to how many went right, of how many.
	ByKind map[string]*[2]int `json:"by_kind"`
	// Calibration is that of every question asked. One that was refused
	// counts as wrong, with the confidence that led to the refusal.
	Calibration Calibration `json:"calibration"`
	// Reliability is that of the answers given; ECE and Brier are its
	// figures for all of them, nil when all questions were refused.
	Reliability Reliability `json:"reliability"`
	ECE         *float64    `json:"ece"`
	Brier       *float64    `json:"brier"`
	// Outcomes maps the name of what questions are about to how each of them
	// went, which is what two runs are compared by.
	Outcomes map[string]*Outcomes `json:"outcomes"`
	// Missed are the IDs of the first forty answerable questions that went wrong.
	Missed []string `json:"missed"`
	// Misses are answerable questions that went wrong, Unsilent ones that
	// were answered and should not have been.
	Misses   []Miss `json:"misses"`
	Unsilent []Miss `json:"unsilent"`
	// Misplaced answers are right, and cited elsewhere than expected.
	Misplaced []Miss `json:"misplaced,omitempty"`
}

// A Miss is a question that went wrong.
type Miss struct {
	File     string `json:"file"`
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Question string `json:"question"`
	Why      string `json:"why"`
	// Wanted is what the answer must hold; Got the answer.
	Wanted []string `json:"wanted"`
	Got    string   `json:"got"`

	question Question
	answer   bot.Answer
	failed   bool
	// misplaced says that the answer is right, and its place is not.
	misplaced bool
}

func newMiss(file string, q Question, a bot.Answer, why string) Miss {
	return Miss{File: file, ID: q.ID, Kind: q.Kind, Question: q.Text, Why: why, Wanted: append([]string{}, q.Answers...), Got: a.Text, question: q, answer: a}
}

// Outcomes are the IDs of questions by whether they went right, in the order
// in which they were asked.
type Outcomes struct {
	Right []string `json:"right"`
	Wrong []string `json:"wrong"`
}

func (o *Outcomes) add(id string, right bool) {
	if right {
		o.Right = append(o.Right, id)
	} else {
		o.Wrong = append(o.Wrong, id)
	}
}

func (t *tally) result(suite string, took time.Duration) *Result {
	n := max(t.answerable, 1)
	share := func(count, of int) float64 { return round(float64(count)/float64(max(of, 1)), 4) }
	mean := func(sum float64) float64 { return round(sum/float64(n), 4) }
	refused := t.refusedFar + t.refusedNear
	r := &Result{
		Suite: suite, Questions: t.questions, Answerable: t.answerable,
		Recall1: mean(t.recall1), Recall3: mean(t.recall3), Recall5: mean(t.recall5), MRR: mean(t.mrr),
		Quote1: share(t.quote1, n), Answer: share(t.answered, n),
		AUROCFar:            auroc(t.answerableConfidence, t.far),
		AUROCNear:           auroc(t.answerableConfidence, t.near),
		RefusedUnanswerable: share(refused, len(t.far)+len(t.near)),
		RefusedAnswerable:   share(t.refusedAnswerable, n),
		RefusedFar:          share(t.refusedFar, len(t.far)),
		RefusedNear:         share(t.refusedNear, len(t.near)),
		RefusalPrecision:    share(refused, refused+t.refusedAnswerable),
		Markers:             t.markers, MarkersValid: t.markersValid,
		Quotes: t.quotes, QuotesVerbatim: t.quotesVerbatim,
		PassageWords:  round(float64(t.words)/float64(max(t.wordPassages, 1)), 1),
		Seconds:       round(took.Seconds(), 2),
		MSPerQuestion: round(1000*took.Seconds()/float64(max(t.questions, 1)), 2),
		Errors:        t.errors,
		ByKind:        t.kinds,
		Calibration:   calibrate(t.outcomes),
		Reliability:   reliability(t.outcomes),
		Outcomes:      t.byFile,
		Missed:        []string{},
		Misses:        append([]Miss{}, t.missed...),
		Unsilent:      append([]Miss{}, t.unsilent...),
		Misplaced:     t.misplaced,
	}
	if t.places > 0 {
		place := share(t.placesRight, t.places)
		r.Place = &place
	}
	if answers := r.Reliability.Answers; answers.Count > 0 {
		r.ECE, r.Brier = &answers.Error, &answers.Brier
	}
	for _, m := range t.missed[:min(40, len(t.missed))] {
		r.Missed = append(r.Missed, m.ID)
	}
	if len(t.latencies) > 0 {
		slices.Sort(t.latencies)
		r.P99MS = &t.latencies[int(float64(len(t.latencies))*.99)]
	}
	return r
}

// Summary says what became of a suite's questions.
func (r *Result) Summary() string {
	rel := r.Reliability
	return fmt.Sprintf("%d questions: %d answered, %d refused (%d of them answerable)", r.Questions, rel.Answers.Count, rel.Refused, rel.RefusedAnswerable)
}

// Short keeps at most n misses of each sort.
func (r *Result) Short(n int) {
	r.Misses = r.Misses[:min(max(n, 0), len(r.Misses))]
	r.Unsilent = r.Unsilent[:min(max(n, 0), len(r.Unsilent))]
	r.Misplaced = r.Misplaced[:min(max(n, 0), len(r.Misplaced))]
}
