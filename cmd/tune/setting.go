package main

import "footnote/retrieval"

// A setting is a way to put a question: in its own words, in other words, or
// in another language; to the plain index or to one enriched with questions.
type setting string

const (
	plain            setting = "plain"
	reworded         setting = "reworded"
	enriched         setting = "enriched"
	enrichedReworded setting = "enriched, reworded"
	enrichedForeign  setting = "enriched, foreign"
)

var settings = []setting{plain, reworded, enriched, enrichedReworded, enrichedForeign}

func (s setting) enriched() bool { return s != plain && s != reworded }

// repeated is how often a question in a setting is learnt from when sentences
// and passages are chosen: twice as people mostly ask.
func (s setting) repeated() int {
	if s == plain {
		return 2
	}
	return 1
}

// put gives the index and the wording for a question of one half of the
// article's; it is enriched with the other half.
func (a *article) put(in setting, half int, question string) (*retrieval.Index, string) {
	switch in {
	case reworded:
		return a.index, a.reworder.reword(question, 0)
	case enriched:
		return a.enriched[1-half], question
	case enrichedReworded:
		return a.enriched[1-half], a.reworder.reword(question, 0)
	case enrichedForeign:
		return a.foreign[1-half], foreign(question)
	}
	return a.index, question
}
