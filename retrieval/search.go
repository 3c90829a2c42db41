package retrieval

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/bits"
	"slices"
	"unicode/utf8"

	"footnote/retrieval/span"
)

// Search finds the passages that answer a question, at most k of them, best
// first, and the sentences among them that say it. Without vectors (the embedder
// fails, or the store does) it goes on with words alone and says so in
// Result.Degraded. It fails only when ctx is done, where the stored word index
// was damaged while it was in use and, with [Options.Await], where the store
// fails.
func (ix *Index) Search(ctx context.Context, query string, k int) (out *Result, err error) {
	defer guardMapped(ix.lexical)(&err)
	corrected, corrections := ix.correct(query)
	return ix.searchParts(ctx, corrected, corrections, k)
}

// SearchLiteral is Search for a question that is read as it is written: no word
// of it is taken for another.
func (ix *Index) SearchLiteral(ctx context.Context, query string, k int) (out *Result, err error) {
	defer guardMapped(ix.lexical)(&err)
	return ix.searchParts(ctx, query, nil, k)
}

// searchParts searches a question as it is to be read, and the parts that it joins.
func (ix *Index) searchParts(ctx context.Context, corrected string, corrections []Correction, k int) (out *Result, err error) {
	ctx, s := span.Start(ctx, "search")
	defer func() { s.Done(err) }()
	parts, several := ix.lexical.splitParts(corrected)
	if ix.without&Splitting != 0 {
		parts = nil
	}
	if ix.queries != nil && parts != nil {
		ix.queries.prepare(ctx, append([]string{corrected}, parts...))
	}
	out, err = ix.searchOne(ctx, corrected, corrections, k, !several)
	if err != nil {
		return nil, err
	}
	var sum float64
	for _, text := range parts { // of what is corrected already
		part, err := ix.searchOne(ctx, text, nil, k, true)
		if err != nil {
			return nil, err
		}
		sum += part.Confidence
		out.Parts = append(out.Parts, part)
	}
	if out.Parts != nil {
		out.Confidence = max(out.Confidence, sum/float64(len(out.Parts)))
	}
	s.Int("footnote.search.passages", len(out.Passages))
	s.Int("footnote.search.parts", len(out.Parts))
	s.Bool("footnote.search.degraded", out.Degraded != nil)
	s.Float("footnote.search.confidence", out.Confidence)
	return out, nil
}

func (ix *Index) correct(query string) (string, []Correction) {
	if ix.without&Spelling != 0 {
		return query, nil
	}
	return ix.lexical.correct(query)
}

// searchOne searches a question, or a part of one, which is whole where it has
// no parts: one that joins several questions is not contradicted by the answer
// to the first.
func (ix *Index) searchOne(ctx context.Context, query string, corrections []Correction, k int, whole bool) (*Result, error) {
	r, out, err := ix.rank(ctx, query, k)
	if err != nil {
		return nil, err
	}
	out.Corrections = corrections
	for i := range r.candidates[:min(max(k, 0), len(r.candidates))] {
		c := &r.candidates[i]
		out.Passages = append(out.Passages, Hit{ix.corpus.Passages[c.passage], c.score})
	}
	out.Terms = r.q.reported()
	out.Sentences = ix.reportSentences(r)
	if whole && ix.without&Conflicts == 0 {
		if out.Conflict = ix.conflict(r); out.Conflict != nil {
			out.Conflict.Sentence = out.Sentences[0]
		}
	}
	return out, nil
}

// reportSentences are the best sentences with their shares of belief.
func (ix *Index) reportSentences(r *ranking) []Sentence {
	var total float64
	for i := range r.sentences {
		total += math.Exp(r.sentences[i].score - r.sentences[0].score)
	}
	out := make([]Sentence, 0, sentenceCandidates)
	for i := range r.sentences[:min(len(r.sentences), sentenceCandidates)] {
		s := ix.sentence(&r.sentences[i])
		s.Probability = math.Exp(s.Score-r.sentences[0].score) / total
		for rest := r.sentences[i].hit; rest != 0; rest &= rest - 1 {
			s.Covers = append(s.Covers, bits.TrailingZeros64(rest))
		}
		out = append(out, s)
	}
	return out
}

// reported are the question's terms as a result shows them.
func (q *question) reported() []Term {
	out := make([]Term, len(q.terms))
	for i := range q.terms {
		t := &q.terms[i]
		out[i] = Term{Text: q.text[t.start:t.end], Weight: t.background, Known: t.known(), Specific: t.specific()}
	}
	return out
}

func (ix *Index) sentence(s *rankedSentence) Sentence {
	p := ix.corpus.Passages[s.passage]
	own := &ix.lexical.sentences[s.match.sentence]
	return Sentence{
		Passage: p,
		Start:   p.Start + int(own.start),
		End:     p.Start + int(own.end),
		Text:    p.Text[own.start:own.end],
		Score:   s.score,
	}
}

// rank runs a search, of a question whose spelling is corrected, up to and
// including the confidence.
func (ix *Index) rank(ctx context.Context, query string, k int) (*ranking, *Result, error) {
	out := &Result{Query: query}
	q := ix.lexical.analyse(query)
	r := &ranking{q: q, matcher: newMatcher(ix.lexical, q, ix.without&Relations == 0)}
	models := ix.models.Of(ix.lexical.enriched != nil)
	sought := query
	if ix.trainedVectors() { // these know English alone
		sought = cmp.Or(q.inEnglish(), query)
	}
	neighbors, err := ix.neighbors(ctx, sought)
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	if failure, ok := errors.AsType[*StoreError](err); ok && ix.await {
		return nil, nil, failure
	}
	out.Degraded = err
	inWords, words := span.Start(ctx, "words")
	r.candidates = ix.candidates(inWords, q, neighbors, max(k, passageCandidates))
	words.Int("footnote.search.candidates", len(r.candidates))
	words.End()
	_, ordering := span.Start(ctx, "rank")
	defer ordering.End()
	r.examine(ix.lexical)
	r.passageFeatures(ix.lexical)
	if !ix.trainedVectors() {
		r.useOtherVectors(models, ix.vectorWeight)
	}
	r.rankPassages(&models.Passage)
	r.sentenceFeatures(ix.lexical)
	r.rankSentences(&models.Sentence)
	out.Missing = q.missingWords(ix.lexical)
	out.Saying = q.saying
	if len(q.terms) > 0 && len(r.candidates) > 0 {
		features := r.confidenceFeatures(ix.lexical)
		out.Confidence = logistic(models.Confidence.Score(features) - uncounted*features[countedAbsent] - r.doubts(ix.lexical, features))
	}
	if !q.meansSomething() {
		out.Confidence = min(out.Confidence, vagueConfidence)
	}
	return r, out, nil
}

// uncounted is what a question for a number or a duration loses, in log-odds,
// by how far the best passage stays from a word for what is to be counted.
// The questions that the model learnt from, written to mislead programs, seldom
// ask for another property of what a text is about; people often do ("How many
// employees has it?").
const uncounted = 1.0

// A question loses, in log-odds, valueless where it asks for a figure and the
// best passage has none, and uncolumned, by how far the best passage stays from
// a word for the sort of thing asked for, where that is a row of a table: its
// columns are all that it tells.
const valueless, uncolumned = 2.0, 1.0

// doubts is what speaks against the best sentence besides what the model knows.
func (r *ranking) doubts(x *lexicalIndex, features []float64) float64 {
	if len(r.sentences) == 0 {
		return 0
	}
	s := &r.sentences[0]
	doubt := 0.0
	if r.q.kind == kindNumber && !slices.ContainsFunc(x.passageSentences(s.passage), func(s sentence) bool { return s.traits&hasNumber != 0 }) {
		doubt += valueless
	}
	if x.corpus.Passages[s.passage].Columns != "" && (r.q.kind == kindNumber || r.q.kind == kindDuration) {
		doubt += uncolumned * min(features[focusAbsent], r.matcher.farFromHeadings(s.passage))
	}
	return doubt
}

var focusAbsent = slices.Index(ConfidenceFeatures, "focus_absent")

var countedAbsent = slices.Index(ConfidenceFeatures, "counted_absent")

// vagueConfidence is the most that a question of nothing but letters and
// figures gets: it finds them, but nobody knows what was asked.
const vagueConfidence = 0.4

func (q *question) meansSomething() bool {
	for i := range q.terms {
		if t := &q.terms[i]; t.surface.kind&numeral == 0 && utf8.RuneCountInString(t.text) > 1 {
			return true
		}
	}
	return false
}

// neighbors are the passages nearest to a question. An error means that there
// are no vectors to search with; the log was told.
func (ix *Index) neighbors(ctx context.Context, query string) (found []Neighbor, err error) {
	if ix.build.Awaits != nil {
		return nil, ix.build.Awaits
	}
	if ix.vectors == nil {
		return nil, ix.build.Degraded
	}
	ctx, s := span.Start(ctx, "vectors")
	defer func() { s.Done(err) }()
	vector, err := ix.queries.of(ctx, query)
	if err != nil {
		return nil, err
	}
	found, err = ix.nearest(ctx, vector)
	if err != nil {
		if ctx.Err() == nil && !ix.await { // else who asks is told by the error
			ix.storeOutage.begin(ctx, err)
		}
		return nil, &StoreError{err}
	}
	ix.storeOutage.end(ctx)
	return found, nil
}

// Probe asks whether a search would have its vectors from the store.
func (ix *Index) Probe(ctx context.Context) error {
	if ix.build.Awaits != nil {
		return ix.build.Awaits
	}
	v, ok := ix.vectors.(Prober)
	if !ok {
		return nil
	}
	if err := v.Probe(ctx); err != nil {
		return &StoreError{err}
	}
	return nil
}

// topPassages are the k passages with the highest scores above zero, best
// first, equally good ones in their order.
func topPassages(scores []float32, k int) []int32 {
	if k <= 0 {
		return nil
	}
	top := make([]int32, 0, k+1)
	least := float32(0) // what a further one has to be above
	for p, s := range scores {
		if s <= least {
			continue
		}
		top = insertPassage(top, scores, int32(p), k)
		if len(top) == k {
			least = scores[top[k-1]]
		}
	}
	return top
}

// insertPassage puts a passage in its place among the best k.
func insertPassage(top []int32, scores []float32, passage int32, k int) []int32 {
	at, _ := slices.BinarySearchFunc(top, scores[passage], func(p int32, s float32) int {
		return cmp.Or(cmp.Compare(s, scores[p]), -1)
	})
	top = slices.Insert(top, at, passage)
	return top[:min(len(top), k)]
}

// missingWords are the question's words that the corpus lacks, as they were
// written: its names and figures where it lacks any, else the other words that
// tell something. Words of another script than the corpus's are left out: not
// finding them says nothing.
func (q *question) missingWords(x *lexicalIndex) []string {
	if names := q.missing(x, true); names != nil {
		return names
	}
	return append(q.missing(x, false), q.missingChinese(x)...)
}

func (q *question) missing(x *lexicalIndex, specific bool) []string {
	const telling = 5 // nats
	var out []string
	for i := range q.terms {
		t := &q.terms[i]
		switch {
		case t.known(), t.foreign, t.surface.kind&(compoundForm|stopWord|askingWord|ideograms) != 0, specific != t.specific(),
			!specific && (t.background < telling || x.mostlyIdeographic):
		default:
			out = append(out, q.text[t.start:t.end])
		}
	}
	return out
}
