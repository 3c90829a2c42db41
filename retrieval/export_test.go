package retrieval

import (
	"context"
	"time"
)

// A Timing is how long a part of a search took.
type Timing struct {
	Part string
	Took time.Duration
}

// Timings searches a question, of one part, and says what takes how long.
func (ix *Index) Timings(ctx context.Context, query string) (out []Timing, err error) {
	defer guardMapped(ix.lexical)(&err)
	last := time.Now()
	done := func(part string) {
		now := time.Now()
		out = append(out, Timing{part, now.Sub(last)})
		last = time.Now()
	}
	query, _ = ix.correct(query)
	done("spelling")
	q := ix.lexical.analyse(query)
	r := &ranking{q: q, matcher: newMatcher(ix.lexical, q, true)}
	done("reading the question")
	near, err := ix.neighbors(ctx, query)
	if err != nil {
		return nil, err
	}
	done("vectors")
	r.candidates = ix.candidates(ctx, q, near, passageCandidates)
	done("BM25")
	r.examine(ix.lexical)
	done("comparing sentences")
	models := ix.models.Of(ix.lexical.enriched != nil)
	r.passageFeatures(ix.lexical)
	r.rankPassages(&models.Passage)
	r.sentenceFeatures(ix.lexical)
	r.rankSentences(&models.Sentence)
	_ = models.Confidence.Score(r.confidenceFeatures(ix.lexical))
	done("ranking and confidence")
	return out, nil
}
