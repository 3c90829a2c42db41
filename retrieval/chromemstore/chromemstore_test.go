package chromemstore_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/storetest"
)

var discard = slog.New(slog.DiscardHandler)

func TestStore(t *testing.T) {
	t.Run("on disk", func(t *testing.T) {
		storetest.Run(t, storetest.Options{Keeps: true, Damages: damages(), Unusable: belowAFile}, func(t *testing.T) func() retrieval.Store {
			dir := filepath.Join(t.TempDir(), "not", "there", "yet")
			return func() retrieval.Store { return chromemstore.New(dir, discard) }
		})
	})
	t.Run("in memory", func(t *testing.T) {
		storetest.Run(t, storetest.Options{}, func(*testing.T) func() retrieval.Store {
			return func() retrieval.Store { return chromemstore.New("", discard) }
		})
	})
}

func TestAScanningStore(t *testing.T) {
	storetest.Run(t, storetest.Options{Keeps: true, Damages: damages()}, func(t *testing.T) func() retrieval.Store {
		dir := t.TempDir()
		return func() retrieval.Store { return chromemstore.ScanFrom(chromemstore.New(dir, discard), 0) }
	})
}

// What is found does not depend on who looks: to the last bit of a similarity.
func TestAScanFindsWhatChromemFinds(t *testing.T) {
	const passages = 9_001 // more than one goroutine's, and not a multiple of four
	g := storetest.Generation("scan")
	points := storetest.Vectors(1, passages)
	for i := range points[:200] { // some are equally near, some are not of unit length
		points[i].Vector = slices.Clone(points[i%20].Vector)
		for d := range points[2*i].Vector {
			points[2*i].Vector[d] *= 3
		}
	}
	opened := func(scanFrom int) retrieval.Vectors {
		v, err := chromemstore.ScanFrom(chromemstore.New("", discard), scanFrom).Write(t.Context(), g, points)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { v.Close() })
		return v
	}
	scan, chromem := opened(passages), opened(passages+1)
	for i, q := range storetest.Vectors(2, 50) {
		k := []int{1, 7, 100, passages}[i%4]
		if i%5 == 0 {
			q = points[i]
		}
		got, err := scan.Query(t.Context(), q.Vector, k)
		if err != nil {
			t.Fatal(err)
		}
		want, err := chromem.Query(t.Context(), q.Vector, k)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("query %d for %d: the scan differs from chromem", i, k)
		}
		among := func(id string) bool { return id[0] == 'a' } // a sixteenth
		some, err := scan.(retrieval.Selector).QueryAmong(t.Context(), q.Vector, k, among)
		if err != nil {
			t.Fatal(err)
		}
		all, err := chromem.Query(t.Context(), q.Vector, passages)
		if err != nil {
			t.Fatal(err)
		}
		all = slices.DeleteFunc(all, func(n retrieval.Neighbor) bool { return !among(n.ID) })
		if !slices.Equal(some, all[:min(k, len(all))]) {
			t.Errorf("query %d for %d among some: the scan differs from chromem", i, k)
		}
	}
}

// belowAFile is a store whose folder cannot be made.
func belowAFile(t *testing.T) retrieval.Store {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return chromemstore.New(filepath.Join(file, "index"), discard)
}

// damages are what can happen to the file of a generation.
func damages() []storetest.Damage {
	rewrite := func(change func(data []byte) []byte) func(*testing.T, retrieval.Store, retrieval.Generation) {
		return func(t *testing.T, s retrieval.Store, g retrieval.Generation) {
			path := fileOf(s, g)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, change(data), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	flip := func(at func(size int) int) func([]byte) []byte {
		return func(data []byte) []byte { data[at(len(data))] ^= 0x10; return data }
	}
	return []storetest.Damage{
		{Name: "empty", Do: rewrite(func([]byte) []byte { return nil })},
		{Name: "the first half", Do: rewrite(func(d []byte) []byte { return d[:len(d)/2] })},
		{Name: "one byte short", Do: rewrite(func(d []byte) []byte { return d[:len(d)-1] })},
		{Name: "one byte more", Do: rewrite(func(d []byte) []byte { return append(d, 0) })},
		{Name: "zeros", Do: rewrite(func(d []byte) []byte { return make([]byte, len(d)) })},
		{Name: "a bit flipped in the magic", Do: rewrite(flip(func(int) int { return 0 }))},
		{Name: "a bit flipped in a length", Do: rewrite(flip(func(int) int { return 5 }))},
		{Name: "a bit flipped in the manifest", Do: rewrite(flip(func(int) int { return 20 }))},
		{Name: "a bit flipped in a vector", Do: rewrite(flip(func(n int) int { return n / 2 }))},
		{Name: "a bit flipped in the checksum", Do: rewrite(flip(func(n int) int { return n - 1 }))},
		{Name: "another generation's file", Do: func(t *testing.T, s retrieval.Store, g retrieval.Generation) {
			other := storetest.Generation("other")
			if _, err := s.Write(t.Context(), other, storetest.Vectors(9, 5)); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(fileOf(s, other), fileOf(s, g)); err != nil {
				t.Fatal(err)
			}
		}},
	}
}

func fileOf(s retrieval.Store, g retrieval.Generation) string {
	return filepath.Join(s.Location(), g.Key()+".vectors")
}

func writeOne(t *testing.T, s retrieval.Store, g retrieval.Generation) {
	t.Helper()
	v, err := s.Write(t.Context(), g, storetest.Vectors(1, 3))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
}

// age makes a file as old as that.
func age(t *testing.T, path string, old time.Duration) {
	t.Helper()
	then := time.Now().Add(-old)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestTheGenerationsOpenedLeastRecentlyGoFirst(t *testing.T) {
	s := chromemstore.New(t.TempDir(), discard)
	const kept, written = 16, 20
	for i := range written {
		g := storetest.Generation(fmt.Sprint(i))
		writeOne(t, s, g)
		age(t, fileOf(s, g), time.Duration(100-i)*time.Hour)
	}
	// The oldest that is left is opened today, and so outlives younger ones.
	used := storetest.Generation(fmt.Sprint(written - kept))
	v, err := s.Open(t.Context(), used)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for i := range 5 {
		writeOne(t, s, storetest.Generation(fmt.Sprint("new ", i)))
	}
	if n := len(files(t, s.Location())); n != kept {
		t.Errorf("%d files are kept, want %d", n, kept)
	}
	for i := range written {
		_, err := os.Stat(fileOf(s, storetest.Generation(fmt.Sprint(i))))
		if want := i == written-kept || i >= written-10; (err == nil) != want {
			t.Errorf("generation %d is kept: %v, want %v", i, err == nil, want)
		}
	}
	if _, err := v.Query(t.Context(), storetest.Vectors(1, 1)[0].Vector, 3); err != nil {
		t.Errorf("the open one: %v", err)
	}
}

func TestPruningTakesTheDraftsOfKilledProcessesAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	s := chromemstore.New(dir, discard)
	for name, old := range map[string]time.Duration{
		"draft-killed": 2 * time.Hour, "draft-at-work": time.Minute, "notes.txt": 1000 * time.Hour,
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		age(t, path, old)
	}
	if err := os.Mkdir(filepath.Join(dir, "draft-folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	age(t, filepath.Join(dir, "draft-folder"), 1000*time.Hour)
	g := storetest.Generation("a")
	writeOne(t, s, g)
	want := []string{"draft-at-work", "draft-folder", g.Key() + ".vectors", "notes.txt"}
	slices.Sort(want)
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
}

func TestAFailedWriteLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	s := chromemstore.New(dir, discard)
	g := storetest.Generation("a")
	// A folder stands where the file belongs, so that the rename fails.
	if err := os.MkdirAll(filepath.Join(fileOf(s, g), "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(t.Context(), g, storetest.Vectors(1, 3)); err == nil {
		t.Fatal("it succeeded")
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("left are %q", got)
	}
	if _, err := s.Open(t.Context(), g); !errors.Is(err, retrieval.ErrDamaged) {
		t.Errorf("Open: %v, want ErrDamaged", err)
	}
}

func TestAPlaceThatCannotBeWrittenIsAnErrorThatNamesIt(t *testing.T) {
	s := belowAFile(t)
	_, err := s.Write(t.Context(), storetest.Generation("a"), storetest.Vectors(1, 3))
	var path *fs.PathError
	if !errors.As(err, &path) || errors.Is(err, retrieval.ErrDamaged) {
		t.Errorf("below a file: %v", err)
	}

	if os.Geteuid() == 0 {
		t.Skip("permissions do not hold for root")
	}
	dir := t.TempDir()
	s = chromemstore.New(dir, discard)
	g := storetest.Generation("a")
	writeOne(t, s, g)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) }) // or it cannot be removed
	if _, err := s.Write(t.Context(), g, storetest.Vectors(1, 3)); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Write into a read-only folder: %v", err)
	}
	if _, err := s.Open(t.Context(), g); err != nil {
		t.Errorf("Open in a read-only folder: %v", err)
	}
	if err := os.Chmod(fileOf(s, g), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), g); !errors.Is(err, fs.ErrPermission) || errors.Is(err, retrieval.ErrDamaged) {
		t.Errorf("Open of a file that may not be read: %v", err)
	}
}
