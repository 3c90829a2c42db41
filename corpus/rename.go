package corpus

import (
	"cmp"
	"slices"
)

const (
	// sameFrom is how much of two documents of different names must be the
	// same for them to be one that was renamed.
	sameFrom = 0.5
	// Two documents are compared where they share a passage that is in no more
	// than mostSharing of either version, or where both have at most fewPassages
	// and there are at most mostSmall such pairs.
	mostSharing = 4
	fewPassages = 16
	mostSmall   = 1024
)

// pairDocuments gives the place of the old document for that of each new one
// that was there before, by name or by what it says.
func pairDocuments(old, new []part) map[int]int {
	pairs := make(map[int]int, len(new))
	at := make(map[string]int, len(old))
	for i := range old {
		at[old[i].document.Name] = i
	}
	var b []int
	for j := range new {
		name := new[j].document.Name
		if i, ok := at[name]; ok {
			pairs[j] = i
			delete(at, name)
			continue
		}
		b = append(b, j)
	}
	var a []int
	for i := range old {
		if _, left := at[old[i].document.Name]; left {
			a = append(a, i)
		}
	}
	a, b = pairCopies(pairs, old, new, a, b)
	for _, l := range likestDocuments(old, new, candidates(old, new, a, b)) {
		pairs[l.New] = l.Old
	}
	return pairs
}

// pairCopies pairs documents of the same text, and returns the others.
func pairCopies(pairs map[int]int, old, new []part, a, b []int) (leftOld, leftNew []int) {
	copies := map[string][]int{}
	for _, i := range a {
		copies[old[i].document.Text] = append(copies[old[i].document.Text], i)
	}
	taken := map[int]bool{}
	for _, j := range b {
		text := new[j].document.Text
		if found := copies[text]; len(found) > 0 {
			pairs[j], copies[text] = found[0], found[1:]
			taken[found[0]] = true
			continue
		}
		leftNew = append(leftNew, j)
	}
	return slices.DeleteFunc(a, func(i int) bool { return taken[i] }), leftNew
}

// candidates are the pairs of documents that are worth comparing.
func candidates(old, new []part, a, b []int) []Match {
	worth := map[Match]bool{}
	small := func(all []part, places []int) []int {
		return slices.DeleteFunc(slices.Clone(places), func(i int) bool { return len(all[i].passages) > fewPassages })
	}
	smallOld, smallNew := small(old, a), small(new, b)
	if len(smallOld)*len(smallNew) <= mostSmall {
		for _, i := range smallOld {
			for _, j := range smallNew {
				worth[Match{i, j}] = true
			}
		}
	}
	inOld, inNew := standing(old, a), standing(new, b)
	for text, i := range inOld {
		if j := inNew[text]; len(i) <= mostSharing && len(j) <= mostSharing {
			for _, i := range i {
				for _, j := range j {
					worth[Match{i, j}] = true
				}
			}
		}
	}
	all := make([]Match, 0, len(worth))
	for m := range worth {
		all = append(all, m)
	}
	return all
}

// standing says in which documents each passage's text stands.
func standing(all []part, places []int) map[string][]int {
	in := map[string][]int{}
	for _, i := range places {
		for _, p := range all[i].passages {
			if at := in[p.Text]; len(at) == 0 || at[len(at)-1] != i {
				in[p.Text] = append(at, i)
			}
		}
	}
	return in
}

// likestDocuments pairs documents that say the same, the likest first.
func likestDocuments(old, new []part, candidates []Match) []likeness {
	var found []likeness
	for _, m := range candidates {
		a, b := old[m.Old].texts(), new[m.New].texts()
		same := float64(align(a, b).same) / float64(max(1, length(a)+length(b)))
		if same >= sameFrom {
			found = append(found, likeness{Match: m, share: same})
		}
	}
	// The names of a pair are its own: whichever version is the new one, they
	// put equally like pairs into the same order.
	names := func(l likeness) (string, string) {
		a, b := old[l.Old].document.Name, new[l.New].document.Name
		return min(a, b), max(a, b)
	}
	slices.SortFunc(found, func(x, y likeness) int {
		first, second := names(x)
		otherFirst, otherSecond := names(y)
		return cmp.Or(cmp.Compare(y.share, x.share), cmp.Compare(first, otherFirst), cmp.Compare(second, otherSecond))
	})
	return eachOnce(found)
}

func length(texts []string) int {
	n := 0
	for _, text := range texts {
		n += len(text)
	}
	return n
}
