package retrieval

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Search finds the passages that answer a question, at most k of them, best
// first, and the sentences among them that say it. It fails only when ctx is
// done; without vectors (the embedder fails) it goes on with words alone and
// says so in Result.Degraded.
func (ix *Index) Search(ctx context.Context, query string, k int) (*Result, error) {
	r, out, err := ix.rank(ctx, query)
	if err != nil {
		return nil, err
	}
	for i := range r.candidates {
		if len(out.Passages) == k {
			break
		}
		c := &r.candidates[i]
		out.Passages = append(out.Passages, Hit{ix.corpus.Passages[c.passage], c.score})
	}
	out.Terms = r.q.reported()
	out.Sentences = ix.reportSentences(r)
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

// rank runs a search up to and including the confidence.
func (ix *Index) rank(ctx context.Context, query string) (*ranking, *Result, error) {
	corrected, corrections := ix.lexical.correct(query)
	out := &Result{Query: corrected, Corrections: corrections}
	q := ix.lexical.analyse(corrected)
	r := &ranking{q: q, matcher: newMatcher(ix.lexical, q)}
	neighbors, err := ix.neighbors(ctx, corrected)
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	if err != nil {
		ix.log.WarnContext(ctx, "searching by words alone", "error", err)
		out.Degraded = err
	}
	r.candidates = ix.candidates(q, neighbors)
	r.examine(ix.lexical)
	r.passageFeatures(ix.lexical)
	r.rankPassages(&ix.models.Passage)
	r.sentenceFeatures(ix.lexical)
	r.rankSentences(&ix.models.Sentence)
	out.Missing = q.missingWords(ix.lexical)
	if len(q.terms) > 0 && len(r.candidates) > 0 {
		out.Confidence = logistic(ix.models.Confidence.Score(r.confidenceFeatures(ix.lexical)))
	}
	return r, out, nil
}

func (ix *Index) neighbors(ctx context.Context, query string) ([]Neighbor, error) {
	vectors, err := ix.embedder.Embed(ctx, []string{query})
	if err != nil {
		return nil, fmt.Errorf("embedding the question: %w", err)
	}
	if len(vectors) != 1 {
		return nil, fmt.Errorf("embedding the question: %s gave %d vectors", ix.embedder.Name(), len(vectors))
	}
	return ix.vectors.Query(ctx, vectors[0], vectorCandidates)
}

// candidates are the passages that BM25 likes best, then those nearest by vector.
func (ix *Index) candidates(q *question, neighbors []Neighbor) []candidate {
	scores := make([]float32, len(ix.corpus.Passages))
	for i := range q.terms {
		if t := &q.terms[i]; t.known() {
			weight := float32(1)
			if t.surface.kind&compoundForm != 0 {
				weight = 0.5
			}
			ix.lexical.inverted.accumulate(t.term, weight, scores)
		}
	}
	similarity := make(map[int32]float64, len(neighbors))
	var near []int32
	lowest := 0.0
	for _, n := range neighbors {
		if p, ok := ix.place[n.ID]; ok {
			similarity[p] = n.Similarity
			near = append(near, p)
			lowest = n.Similarity
		}
	}
	chosen := topPassages(scores, passageCandidates)
	var expanded []float32
	if e := ix.lexical.enriched; e != nil {
		expanded = make([]float32, len(scores))
		for i := range q.terms {
			if t := q.terms[i].term; t >= 0 {
				e.inverted.accumulate(t, 1, expanded)
			}
		}
		for _, p := range topPassages(expanded, passageCandidates/2) {
			if !slices.Contains(chosen, p) {
				chosen = append(chosen, p)
			}
		}
	}
	for _, p := range near[:min(len(near), passageCandidates/4)] {
		if !slices.Contains(chosen, p) {
			chosen = append(chosen, p)
		}
	}
	out := make([]candidate, len(chosen))
	for i, p := range chosen {
		v, ok := similarity[p]
		if !ok {
			v = lowest
		}
		out[i] = candidate{passage: p, bm25: float64(scores[p]), vector: v}
		if expanded != nil {
			out[i].enriched = float64(expanded[p])
		}
	}
	return out
}

// topPassages are the k passages with the highest scores above zero, best first.
func topPassages(scores []float32, k int) []int32 {
	top := make([]int32, 0, k+1)
	for p, s := range scores {
		if s <= 0 || len(top) == k && s <= scores[top[k-1]] {
			continue
		}
		at, _ := slices.BinarySearchFunc(top, s, func(p int32, s float32) int {
			return cmp.Or(cmp.Compare(s, scores[p]), -1)
		})
		top = slices.Insert(top, at, int32(p))
		if len(top) > k {
			top = top[:k]
		}
	}
	return top
}

// missingWords are the question's words that the corpus lacks, as they were
// written. Left out are words that tell little, and words of another script
// than the corpus's: not finding them says nothing.
func (q *question) missingWords(x *lexicalIndex) []string {
	const telling = 4.5 // nats
	var out []string
	end := -1
	for i := range q.terms {
		t := &q.terms[i]
		cjk := t.surface.kind&ideograms != 0
		switch {
		case t.known() || t.surface.kind&(compoundForm|stopWord) != 0 || cjk && !x.ideographic || !cjk && t.background < telling:
		case cjk && t.start < end: // bigrams overlap: the word goes on
			out[len(out)-1] += q.text[end:t.end]
			end = t.end
		default:
			out = append(out, q.text[t.start:t.end])
			end = t.end
		}
	}
	return out
}
