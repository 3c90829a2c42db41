package corpus

import "slices"

// A Match is the place of a text in each of two lists.
type Match struct{ Old, New int }

// mostEdits bounds the work of [Common]: up to four megabytes, and a thousand
// times the length of the lists, which few real edits come near.
const mostEdits = 1000

// Common returns a longest common subsequence of two lists of texts, by Myers'
// algorithm ("An O(ND) difference algorithm", 1986) on what is in both of them.
// Where more than a thousand of these would have to be left out for it, only
// the beginning and the end that both lists share are returned.
//
// Common(new, old) is the same with the places exchanged.
func Common(old, new []string) []Match {
	start := 0
	for start < len(old) && start < len(new) && old[start] == new[start] {
		start++
	}
	end := 0
	for end < len(old)-start && end < len(new)-start && old[len(old)-1-end] == new[len(new)-1-end] {
		end++
	}
	var all []Match
	for i := range start {
		all = append(all, Match{i, i})
	}
	for _, m := range commonBetween(old[start:len(old)-end], new[start:len(new)-end]) {
		all = append(all, Match{start + m.Old, start + m.New})
	}
	for i := range end {
		all = append(all, Match{len(old) - end + i, len(new) - end + i})
	}
	return all
}

// commonBetween takes the lesser list first: of several longest subsequences
// the same is found from both sides.
func commonBetween(old, new []string) []Match {
	if slices.Compare(old, new) > 0 {
		all := commonBetween(new, old)
		for i, m := range all {
			all[i] = Match{m.New, m.Old}
		}
		return all
	}
	numbers := make(map[string]int32, len(old))
	for _, text := range old {
		if _, ok := numbers[text]; !ok {
			numbers[text] = int32(len(numbers))
		}
	}
	// What is in one list alone is in no common subsequence.
	shared := make(map[int32]bool, len(new))
	b, atNew := make([]int32, 0, len(new)), make([]int, 0, len(new))
	for j, text := range new {
		if n, ok := numbers[text]; ok {
			shared[n] = true
			b, atNew = append(b, n), append(atNew, j)
		}
	}
	a, atOld := make([]int32, 0, len(b)), make([]int, 0, len(b))
	for i, text := range old {
		if n := numbers[text]; shared[n] {
			a, atOld = append(a, n), append(atOld, i)
		}
	}
	all := shortestEdit(a, b)
	for i, m := range all {
		all[i] = Match{atOld[m.Old], atNew[m.New]}
	}
	return all
}

// shortestEdit is what the shortest way from a to b leaves in place; nil where
// that way is too long.
func shortestEdit(a, b []int32) []Match {
	most := min(len(a)+len(b), mostEdits)
	reach := make([]int32, 2*most+3) // how far in a, by the diagonal k = x - y
	middle := most + 1
	var earlier [][]int32 // after each edit, the diagonals that it may have reached
	for d := 0; d <= most; d++ {
		for k := -d; k <= d; k += 2 {
			from := cameFrom(reach, middle, k, d)
			x := int(reach[middle+from])
			if from < k {
				x++
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			reach[middle+k] = int32(x)
			if x >= len(a) && x-k >= len(b) {
				return walkBack(earlier, len(a), len(b))
			}
		}
		earlier = append(earlier, slices.Clone(reach[middle-d:middle+d+1]))
	}
	return nil
}

// cameFrom is the diagonal from which an edit leads farthest along diagonal k:
// from the one above by leaving out a text of b, from the one below by leaving
// out one of a.
func cameFrom(reach []int32, middle, k, d int) int {
	if k == -d || k != d && reach[middle+k-1] < reach[middle+k+1] {
		return k + 1
	}
	return k - 1
}

// walkBack collects what a way of edits to (x, y) left in place.
func walkBack(earlier [][]int32, x, y int) []Match {
	var all []Match
	for d := len(earlier); d >= 0; d-- {
		fromX, fromY := 0, 0
		if d > 0 {
			from := cameFrom(earlier[d-1], d-1, x-y, d)
			fromX = int(earlier[d-1][d-1+from])
			fromY = fromX - from
		}
		for x > fromX && y > fromY {
			x, y = x-1, y-1
			all = append(all, Match{x, y})
		}
		x, y = fromX, fromY
	}
	slices.Reverse(all)
	return all
}
