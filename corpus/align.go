package corpus

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// An alignment says how one list of texts became another.
type alignment struct {
	// changes are texts that were edited, added (Old is -1) or removed (New is
	// -1), in the order of the new list; what was removed stands behind what
	// stood before it.
	changes []Match
	// moved counts texts that both lists have in different orders.
	moved int
	// same is how many bytes of both lists are the same; edited texts count as
	// far as they are alike.
	same int
}

// align matches texts that are the same, then pairs those alike that are left
// between two matches.
func align(old, new []string) alignment {
	kept := Common(old, new)
	leftOld, leftNew, moved := leftover(old, new, kept)
	x := alignment{moved: len(moved)}
	for _, m := range append(moved, kept...) {
		x.same += 2 * len(old[m.Old])
	}
	kept = append(kept, Match{len(old), len(new)})
	for _, end := range kept {
		var a, b []int
		a, leftOld = until(leftOld, end.Old)
		b, leftNew = until(leftNew, end.New)
		edited := alike(old, new, a, b)
		for _, e := range edited {
			x.same += int(e.share * float64(len(old[e.Old])+len(new[e.New])))
		}
		x.changes = appendInOrder(x.changes, a, b, edited)
	}
	return x
}

// leftover returns what was not kept: texts that one list has more often than
// the other, and those that only moved.
func leftover(old, new []string, kept []Match) (leftOld, leftNew []int, moved []Match) {
	keptOld, keptNew := make([]bool, len(old)), make([]bool, len(new))
	for _, m := range kept {
		keptOld[m.Old], keptNew[m.New] = true, true
	}
	places := map[string][]int{}
	for i, text := range old {
		if !keptOld[i] {
			places[text] = append(places[text], i)
		}
	}
	for j, text := range new {
		switch at := places[text]; {
		case keptNew[j]:
		case len(at) > 0:
			moved = append(moved, Match{at[0], j})
			keptOld[at[0]], places[text] = true, at[1:]
		default:
			leftNew = append(leftNew, j)
		}
	}
	for i := range old {
		if !keptOld[i] {
			leftOld = append(leftOld, i)
		}
	}
	return leftOld, leftNew, moved
}

// until cuts a list of rising places before end.
func until(places []int, end int) (before, rest []int) {
	n, _ := slices.BinarySearch(places, end)
	return places[:n], places[n:]
}

// appendInOrder lists the changes between two matches as they are read: up to
// each text that was edited, what was removed and then what was added.
func appendInOrder(changes []Match, old, new []int, edited []likeness) []Match {
	was := make(map[int]int, len(edited)) // by the new place
	goesOn := make(map[int]bool, len(edited))
	for _, e := range edited {
		was[e.New], goesOn[e.Old] = e.Old, true
	}
	nextOld, nextNew := 0, 0
	passTo := func(endOld, endNew int) {
		for ; nextOld < len(old) && old[nextOld] < endOld; nextOld++ {
			if !goesOn[old[nextOld]] {
				changes = append(changes, Match{old[nextOld], -1})
			}
		}
		for ; nextNew < len(new) && new[nextNew] < endNew; nextNew++ {
			changes = append(changes, Match{-1, new[nextNew]})
		}
	}
	for _, j := range new {
		if i, there := was[j]; there {
			passTo(i, j)
			changes = append(changes, Match{i, j})
			nextNew++
		}
	}
	passTo(math.MaxInt, math.MaxInt)
	return changes
}

// A likeness is how much two texts have in common.
type likeness struct {
	Match
	share float64
	apart int // how far from each other they stand
}

const (
	// alikeFrom is the share of words from which on two texts are one that was
	// edited.
	alikeFrom = 0.5
	// Between two matches every text is compared with every other while that
	// is mostCompared pairs, and otherwise with those that stand about as far
	// from the first match: up to nearest places before and behind.
	mostCompared = 4096
	nearest      = 16
)

// alike pairs the texts at some places that share words, the likest first.
func alike(old, new []string, a, b []int) []likeness {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	if old[a[0]] > new[b[0]] { // the same pairs are found from both sides
		found := alike(new, old, b, a)
		for i, l := range found {
			found[i].Match = Match{l.New, l.Old}
		}
		return found
	}
	reach := nearest * max(len(a), len(b))
	if len(a)*len(b) <= mostCompared {
		reach = len(a) * len(b)
	}
	oldWords, newWords := bags(old, a), bags(new, b)
	var found []likeness
	for i := range a {
		from, to := max(0, (i*len(b)-reach)/len(a)), min(len(b), (i*len(b)+reach)/len(a)+1)
		for j := from; j < to; j++ {
			if share := sharedWords(oldWords[i], newWords[j]); share >= alikeFrom {
				apart := i*len(b) - j*len(a)
				found = append(found, likeness{Match{a[i], b[j]}, share, max(apart, -apart)})
			}
		}
	}
	slices.SortFunc(found, func(x, y likeness) int {
		return cmp.Or(cmp.Compare(y.share, x.share), x.apart-y.apart, x.Old-y.Old, x.New-y.New)
	})
	return eachOnce(found)
}

// eachOnce keeps the first pair of each text.
func eachOnce(found []likeness) []likeness {
	usedOld, usedNew := map[int]bool{}, map[int]bool{}
	return slices.DeleteFunc(found, func(l likeness) bool {
		used := usedOld[l.Old] || usedNew[l.New]
		if !used {
			usedOld[l.Old], usedNew[l.New] = true, true
		}
		return used
	})
}

// bags are the words of the texts at some places.
func bags(texts []string, places []int) [][]uint64 {
	all := make([][]uint64, len(places))
	for i, place := range places {
		all[i] = bag(strings.ToLower(texts[place]))
	}
	return all
}

// bag is the sorted hashes of a text's words; an ideograph is a word.
func bag(text string) []uint64 {
	var words []uint64
	start := -1
	end := func(i int) {
		if start >= 0 {
			words = append(words, hashWord(text[start:i]))
			start = -1
		}
	}
	for i, r := range text {
		switch {
		case ideographic(r) || unspaced(r):
			end(i)
			words = append(words, uint64(r))
		case !alnum(r) && !unicode.Is(unicode.M, r):
			end(i)
		case start < 0:
			start = i
		}
	}
	end(len(text))
	slices.Sort(words)
	return words
}

// hashWord is FNV-1a.
func hashWord(word string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(word) {
		h = (h ^ uint64(word[i])) * 0x100000001b3
	}
	return h
}

// sharedWords is the share of the words of two texts that both have, each as
// often as both have it (Dice's coefficient).
func sharedWords(a, b []uint64) float64 {
	if len(a)+len(b) == 0 {
		return 0
	}
	both := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			both, i, j = both+1, i+1, j+1
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return 2 * float64(both) / float64(len(a)+len(b))
}
