package corpus

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestCommonIsALongestCommonSubsequence(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	for range 5000 {
		old, new := shortList(random), shortList(random)
		got := Common(old, new)
		checkMatches(t, old, new, got)
		if want := lengthOfCommon(old, new); len(got) != want {
			t.Fatalf("%q and %q: %d in common, want %d", old, new, len(got), want)
		}
	}
}

func shortList(random *rand.Rand) []string {
	list := make([]string, random.IntN(12))
	for i := range list {
		list[i] = string(rune('a' + random.IntN(1+random.IntN(8))))
	}
	return list
}

// checkMatches wants matches of equal texts in order, and the same mirrored.
func checkMatches(t *testing.T, old, new []string, matches []Match) {
	t.Helper()
	last := Match{-1, -1}
	for _, m := range matches {
		if m.Old <= last.Old || m.New <= last.New || old[m.Old] != new[m.New] {
			t.Fatalf("%q and %q: %v", old, new, matches)
		}
		last = m
	}
	mirrored := Common(new, old)
	for i, m := range mirrored {
		mirrored[i] = Match{m.New, m.Old}
	}
	if !slices.Equal(mirrored, matches) {
		t.Fatalf("%q and %q: %v, mirrored %v", old, new, matches, mirrored)
	}
}

// lengthOfCommon is the textbook's.
func lengthOfCommon(old, new []string) int {
	if len(old) == 0 || len(new) == 0 {
		return 0
	}
	if old[0] == new[0] {
		return 1 + lengthOfCommon(old[1:], new[1:])
	}
	return max(lengthOfCommon(old[1:], new), lengthOfCommon(old, new[1:]))
}

func TestListsThatAreTooDifferentShareTheirEnds(t *testing.T) {
	var old, new []string
	for i := range 2 * mostEdits {
		old = append(old, fmt.Sprint(i))
	}
	new = slices.Clone(old)
	slices.Reverse(new[1 : len(new)-1])
	if got := Common(old, new); len(got) != 2 {
		t.Errorf("%d in common", len(got))
	}
	slices.Reverse(new[mostEdits/2 : len(new)-mostEdits/2])
	checkMatches(t, old, new, Common(old, new))
	rotated := append(slices.Clone(old[mostEdits/2:]), old[:mostEdits/2]...)
	if got := Common(old, rotated); len(got) != len(old)-mostEdits/2 {
		t.Errorf("%d in common", len(got))
	}
}

func FuzzCommon(f *testing.F) {
	f.Add("a b c a b b a", "c b a b a c")
	f.Add("", "a")
	f.Fuzz(func(t *testing.T, old, new string) {
		a, b := strings.Fields(old), strings.Fields(new)
		checkMatches(t, a, b, Common(a, b))
	})
}
