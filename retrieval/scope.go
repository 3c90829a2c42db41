package retrieval

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
	narrowed.scope = make(scope, len(ix.corpus.Passages))
	for i := range ix.corpus.Passages {
		narrowed.scope[i] = wanted[ix.corpus.Passages[i].Document] && (ix.scope == nil || ix.scope[i])
	}
	return &narrowed
}

// limit takes the scores of all other passages away, before the best are chosen.
func (s scope) limit(scores []float32) {
	for i, within := range s {
		if !within {
			scores[i] = 0
		}
	}
}

// nearest is how many neighbours to ask for: where some do not count, all of
// them, since nobody knows how far down the others begin.
func (ix *Index) nearest() int {
	if ix.scope == nil {
		return vectorCandidates
	}
	return ix.vectors.Len()
}

// inScope are the nearest of those neighbours that may be found.
func (ix *Index) inScope(found []Neighbor) []Neighbor {
	if ix.scope == nil {
		return found
	}
	kept := make([]Neighbor, 0, vectorCandidates)
	for _, n := range found {
		if p, ok := ix.place[n.ID]; ok && ix.scope[p] && len(kept) < vectorCandidates {
			kept = append(kept, n)
		}
	}
	return kept
}
