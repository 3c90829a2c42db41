package history_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"footnote/corpus/history"
)

const day = 24 * time.Hour

func TestOldVersionsAreErased(t *testing.T) {
	for _, test := range []struct {
		between        time.Duration
		versions, want int
	}{
		{time.Hour, 20, 20},
		{2 * day, 20, 16},
		{20 * day, 8, 5},
		{200 * day, 3, 2},
	} {
		s := history.Open(t.TempDir())
		for i := range test.versions {
			add(t, s, nil, made(t, "a.txt", fmt.Sprintf("Tea costs %d crowns.", i)), noon.Add(time.Duration(i)*test.between))
		}
		if got := len(hashes(t, s, nil)); got != test.want {
			t.Errorf("of %d versions, one every %v, %d are left, want %d", test.versions, test.between, got, test.want)
		}
	}
}

func TestWhatNobodyRefersToIsErased(t *testing.T) {
	folder := t.TempDir()
	s := history.Open(folder)
	documents := func() int { return len(filesIn(t, filepath.Join(folder, "documents"))) }
	for i := range 4 {
		add(t, s, nil, made(t, "a.txt", fmt.Sprintf("Tea costs %d crowns.", i), "b.txt", "It is Tuesday."), noon.Add(time.Duration(i)*200*day))
	}
	if got := documents(); got != 5 {
		t.Errorf("%d documents are there before any is old", got)
	}
	for _, name := range filesIn(t, filepath.Join(folder, "documents")) {
		age(t, filepath.Join(folder, "documents", name), 2*time.Hour)
	}
	add(t, s, nil, made(t, "a.txt", "Tea is out."), noon.Add(600*day))
	if got := documents(); got != 3 {
		t.Errorf("%d documents are left", got)
	}
	checkAll(t, s)
}

func TestSourcesThatNobodyOpensAreForgotten(t *testing.T) {
	s := history.Open(t.TempDir())
	old, used, now := []string{"/old"}, []string{"/used"}, []string{"/now"}
	c := made(t, "a.txt", "Tea costs three crowns.")
	add(t, s, old, c, noon)
	add(t, s, used, c, noon)
	add(t, s, used, c, noon.Add(80*day)) // it is the same
	add(t, s, now, c, noon.Add(100*day))
	for name, want := range map[string]int{"/old": 0, "/used": 1, "/now": 1} {
		if got := len(hashes(t, s, []string{name})); got != want {
			t.Errorf("%s has %d versions, want %d", name, got, want)
		}
	}
}
