package retrieval

import "footnote/retrieval/words"

// An affinity is how one word is like another, or like the likest of several.
type affinity struct {
	near float32 // in [0,1]: 1 for the same word, 0 for unlike ones
	kin  words.Kinship
}

// join makes it the affinity of either word.
func (a *affinity) join(b affinity) {
	a.near = max(a.near, b.near)
	a.kin |= b.kin
}

// temper is a nearness by vectors, which put opposites and members of one
// class side by side, corrected by what is known of the two words.
func temper(near float32, how words.Kinship) float32 {
	const synonyms, usual, class, others = 0.85, 0.6, 0.6, 0.3
	switch {
	case how&words.Synonym != 0:
		return max(near, synonyms)
	case how&words.Usual != 0:
		return max(near, usual)
	case how&(words.Opposite|words.Sister) != 0:
		return min(near, others)
	case how&(words.Wider|words.Narrower) != 0:
		return max(near, class)
	}
	return near
}

// A kinship finds which of a few words another word is related to.
type kinship struct {
	table   *words.Kin
	byBase  map[int][]relative
	byClass map[int][]int
}

type relative struct {
	place int // among the few
	how   words.Kinship
}

// newKinship takes the rows of the few words; those without a row are -1.
func newKinship(rows []int) kinship {
	k := kinship{words.EnglishKin(), map[int][]relative{}, map[int][]int{}}
	for place, row := range rows {
		if row < 0 {
			continue
		}
		base := k.table.Base(row)
		k.byBase[base] = append(k.byBase[base], relative{place, words.Synonym})
		k.table.Each(row, func(other int, how words.Kinship) {
			k.byBase[other] = append(k.byBase[other], relative{place, how})
		})
		for _, other := range everyday()[base] {
			k.byBase[other] = append(k.byBase[other], relative{place, words.Usual})
		}
		k.table.Classes(row, func(class int) { k.byClass[class] = append(k.byClass[class], place) })
	}
	return k
}

// of adds to out, by place, how the word of a row is related.
func (k *kinship) of(row int, out []affinity) {
	for _, r := range k.byBase[k.table.Base(row)] {
		out[r.place].kin |= r.how
	}
	k.table.Classes(row, func(class int) {
		for _, place := range k.byClass[class] {
			out[place].kin |= words.Sister
		}
	})
}
