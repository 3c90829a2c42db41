package retrieval

import (
	"cmp"
	"math"
	"slices"
)

// BM25 holds the parameters of Okapi BM25 (Robertson and Zaragoza, "The
// Probabilistic Relevance Framework: BM25 and Beyond", 2009).
type BM25 struct {
	// K1 is how soon further occurrences of a term stop to matter; 0 means
	// 1.2, negative that only the first one does.
	K1 float64
	// B in (0,1] is how much long passages are discounted; 0 means 0.75,
	// negative not at all.
	B float64
	// Heading and Title are the weights of one occurrence in the heading
	// path and in the document's title, against 1 in the passage itself
	// (BM25F with a common length). 0 means 0.4 and 0.2; negative means none.
	Heading, Title float64
}

func (p BM25) withDefaults() BM25 {
	fallback := func(v *float64, to float64) {
		if *v == 0 {
			*v = to
		}
		*v = max(*v, 0)
	}
	fallback(&p.K1, 1.2)
	fallback(&p.B, 0.75)
	fallback(&p.Heading, 0.4)
	fallback(&p.Title, 0.2)
	return p
}

// A posting says what a term adds to the score of a passage.
type posting struct {
	passage int32
	// impact is BM25 of the term in the passage; until the index is built,
	// the term's occurrences in it, weighted by field.
	impact float32
}

// postings is the inverted index of a corpus.
type postings struct {
	params BM25
	idf    []float32 // by term
	// saturation is, by passage, the part of the formula's denominator that
	// does not depend on the term.
	saturation []float32
	// lists holds the terms' postings, one list after the other; first says
	// where each begins and, at its end, where the last one ends.
	lists []posting
	first []int32
	// added are the occurrences in the order of the text, until they are
	// sorted into lists.
	added []addition
}

type addition struct {
	term int32
	posting
}

// add counts an occurrence of weight w of a term in a passage; passages come in order.
func (x *postings) add(term, passage int32, w float32) {
	x.added = append(x.added, addition{term, posting{passage, w}})
}

// build finishes the index once every passage is added. It is told the
// passages' lengths and the size of the vocabulary, of which stop words have
// no postings.
func (x *postings) build(lengths []int32, terms int) {
	x.sort(terms)
	var total float64
	for _, n := range lengths {
		total += float64(n)
	}
	average := max(total/float64(len(lengths)), 1)
	x.saturation = make([]float32, len(lengths))
	for i, n := range lengths {
		x.saturation[i] = float32(x.params.K1 * (1 - x.params.B + x.params.B*float64(n)/average))
	}
	x.idf = make([]float32, terms)
	for t := range x.idf {
		list := x.list(int32(t))
		x.idf[t] = float32(inverseFrequency(len(lengths), len(list)))
		for i, p := range list {
			list[i].impact = x.impactOf(int32(t), p.passage, p.impact)
		}
	}
}

// impactOf is what a term adds to the score of a passage where it occurs that
// often, weighted by field.
func (x *postings) impactOf(term, passage int32, occurrences float32) float32 {
	gain := x.idf[term] * float32(x.params.K1+1)
	return gain * occurrences / (occurrences + x.saturation[passage])
}

// sort makes the lists from what was added (a counting sort, by term), adding
// up a term's occurrences in the same passage.
func (x *postings) sort(terms int) {
	end := make([]int32, terms+1) // one past the term's list, as it grows
	for i := range x.added {
		end[x.added[i].term+1]++
	}
	for t := range terms {
		end[t+1] += end[t]
	}
	x.lists = make([]posting, len(x.added))
	start := slices.Clone(end)
	for _, a := range x.added {
		at := end[a.term]
		if at > start[a.term] && x.lists[at-1].passage == a.passage {
			x.lists[at-1].impact += a.impact
			continue
		}
		x.lists[at] = a.posting
		end[a.term]++
	}
	x.added = nil
	x.first = start
	x.compact(end)
}

// compact closes the gaps that adding up left behind the lists.
func (x *postings) compact(end []int32) {
	to := int32(0)
	for t := range len(x.first) - 1 {
		n := copy(x.lists[to:], x.lists[x.first[t]:end[t]])
		x.first[t] = to
		to += int32(n)
	}
	x.first[len(x.first)-1] = to
	x.lists = slices.Clone(x.lists[:to])
}

// list returns a term's postings, by passage.
func (x *postings) list(term int32) []posting {
	return x.lists[x.first[term]:x.first[term+1]]
}

// inverseFrequency is Robertson's idf in the form that never turns negative.
func inverseFrequency(passages, containing int) float64 {
	n := float64(containing)
	return math.Log(1 + (float64(passages)-n+0.5)/(n+0.5))
}

// impact is what a term adds to the score of a passage.
func (x *postings) impact(term, passage int32) float32 {
	list := x.list(term)
	at, found := slices.BinarySearchFunc(list, passage, func(p posting, passage int32) int { return cmp.Compare(p.passage, passage) })
	if !found {
		return 0
	}
	return list[at].impact
}

// accumulate adds a term's scores to scores, one a passage.
func (x *postings) accumulate(term int32, weight float32, scores []float32) {
	for _, p := range x.list(term) {
		scores[p.passage] += weight * p.impact
	}
}
