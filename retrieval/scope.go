package retrieval

import (
	"context"
	"slices"
)

// A scope is the passages that may be found, by their numbers; nil where all may.
type scope []bool

// In is the index narrowed to documents: no passage of another is looked at. It
// is ready at once, shares everything with ix, and is closed with it.
func (ix *Index) In(documents ...string) *Index {
	wanted := make(map[string]bool, len(documents))
	for _, name := range documents {
		wanted[name] = true
	}
	narrowed := *ix
	narrowed.scope, narrowed.within = make(scope, len(ix.corpus.Passages)), nil
	for i := range ix.corpus.Passages {
		narrowed.scope[i] = wanted[ix.corpus.Passages[i].Document] && (ix.scope == nil || ix.scope[i])
		if narrowed.scope[i] && !slices.Contains(narrowed.within, ix.corpus.Passages[i].Document) {
			narrowed.within = append(narrowed.within, ix.corpus.Passages[i].Document)
		}
	}
	return &narrowed
}

// limit takes the scores of all other passages away, before the best are chosen.
func (s scope) limit(scores []float32) {
	if s == nil {
		return
	}
	for i := range scores {
		if !s[i] {
			scores[i] = 0
		}
	}
}

// nearest are the passages nearest to a vector of those that may be found.
// Vectors that cannot choose are asked for all, since nobody knows how far down
// those begin.
func (ix *Index) nearest(ctx context.Context, vector []float32) ([]Neighbor, error) {
	if ix.scope == nil {
		return ix.vectors.Query(ctx, vector, vectorCandidates)
	}
	if v, ok := ix.vectors.(DocumentSelector); ok {
		return v.QueryDocuments(ctx, vector, vectorCandidates, ix.within)
	}
	if v, ok := ix.vectors.(Selector); ok {
		return v.QueryAmong(ctx, vector, vectorCandidates, ix.inScope)
	}
	found, err := ix.vectors.Query(ctx, vector, ix.vectors.Len())
	kept := make([]Neighbor, 0, vectorCandidates)
	for _, n := range found {
		if ix.inScope(n.ID) && len(kept) < vectorCandidates {
			kept = append(kept, n)
		}
	}
	return kept, err
}

// inScope says whether a passage may be found.
func (ix *Index) inScope(id string) bool {
	p, ok := ix.place[id]
	return ok && ix.scope[p]
}
