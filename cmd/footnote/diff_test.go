package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"footnote/corpus/history"
)

// version VARIABLE N takes a version's short hash from the list on standard
// output.
func setVersion(ts *testscript.TestScript, neg bool, args []string) {
	var list listLine
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &list))
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Setenv(args[0], list.Versions[n-1].Version)
}

func TestWordsThatDiffer(t *testing.T) {
	for _, test := range []struct{ name, then, now, want string }{
		{"nothing", "Tea costs three crowns.", "Tea costs three crowns.", "Tea costs three crowns."},
		{"a word", "Tea costs three crowns.", "Tea costs four crowns.", "Tea costs [-three][+four] crowns."},
		{"words beside each other are one change", "It costs three old crowns.", "It costs four new crowns.", "It costs [-three old][+four new] crowns."},
		{"words with one between", "It costs three or four crowns.", "It costs five or six crowns.", "It costs [-three][+five] or [-four][+six] crowns."},
		{"a number whole", "It costs 3.50 today.", "It costs 3.75 today.", "It costs [-3.50][+3.75] today."},
		{"a sign", "It costs 3, today.", "It costs 3 today.", "It costs 3[-,] today."},
		{"an end", "It costs 3.", "It costs 3. Or 4.", "It costs 3.[+ Or 4.]"},
		{"all of it", "Tea.", "It rains!", "[-Tea.][+It rains!]"},
		{"Chinese", "茶叶每磅三克朗。", "茶叶每磅四克朗。", "茶叶每磅[-三][+四]克朗。"},
		{"nothing before", "", "Tea.", "[+Tea.]"},
	} {
		var got strings.Builder
		for _, p := range compareWords(test.then, test.now) {
			if p.Op == " " {
				got.WriteString(p.Text)
			} else {
				got.WriteString("[" + p.Op + p.Text + "]")
			}
		}
		if got.String() != test.want {
			t.Errorf("%s: %s, want %s", test.name, got.String(), test.want)
		}
	}
}

func FuzzWordsThatDiffer(f *testing.F) {
	f.Add("Tea costs three crowns.", "Tea costs four crowns.")
	f.Add("a  b", "a c\xff d")
	f.Fuzz(func(t *testing.T, then, now string) {
		var was, is strings.Builder
		for _, p := range compareWords(then, now) {
			if p.Op != "+" {
				was.WriteString(p.Text)
			}
			if p.Op != "-" {
				is.WriteString(p.Text)
			}
		}
		if was.String() != then || is.String() != now {
			t.Errorf("%q and %q became %q and %q", then, now, was.String(), is.String())
		}
	})
}

func TestChangedWordsAreBoldOnATerminal(t *testing.T) {
	s := &screen{colour: true, width: 24}
	words := compareWords("The old crane stands beside the mill.", "The old yellow crane stands beside the new mill.")
	want := "The old " + styleBold + "yellow " + styleOff + "crane\n    stands beside the\n    " + styleBold + "new " + styleOff + "mill."
	if got := s.side(words, "+", "    "); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	if got := s.side(words, "-", "    "); strings.Contains(got, styleBold) {
		t.Errorf("what is in both is bold: %q", got)
	}
}

func TestAVersionIsNamedByItsNumberOrItsHash(t *testing.T) {
	h := &sided{versions: []history.Version{{Hash: "12345678aa"}, {Hash: "1234ff"}, {Hash: "0002ee"}, {Hash: "12345678aa"}}}
	for _, test := range []struct {
		name string
		want int // its place from 1; 0 for none, -1 for several
	}{
		{"1", 1}, {"3", 3}, {"4", 4}, {"5", 0}, {"0", 0}, {"-1", 0},
		{"12345", 1}, {"12345678aa", 1}, {"1234F", 2}, {"1234", -1}, {"0002", 3}, {"123", 0}, {"1234567890", 0}, {"tea.txt", 0},
	} {
		v, err := h.named(test.name)
		got := 0
		switch {
		case err != nil:
			got = -1
		case v != nil:
			got = 1 + slices.IndexFunc(h.versions, func(other history.Version) bool { return other.Hash == v.Hash })
		}
		if test.name == "4" && v == &h.versions[3] {
			got = 4
		}
		if got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}

// What serve and chat read again is kept too, and what it was is still there.
func TestAReportThatIsReadAgainIsKept(t *testing.T) {
	t.Setenv("FOOTNOTE_DATA", t.TempDir())
	file := filepath.Join(t.TempDir(), "mill.md")
	rewrite(t, file, fmt.Sprintf(gate, "4.5"))
	a, log := newApp(os.Stdin, os.Stdout, os.Stderr), slog.New(slog.DiscardHandler)
	first, err := a.openSources(t.Context(), []string{file}, findData(), log, opening{})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	rewrite(t, file, fmt.Sprintf(gate, "5.5"))
	next, err := a.reread(t.Context(), findData(), log, opening{quiet: true, sources: []string{file}}, first.corpus.Hash)
	if err != nil {
		t.Fatal(err)
	}
	if err := next.Close(); err != nil {
		t.Fatal(err)
	}
	store := findData().versions()
	versions, err := store.Versions(t.Context(), []string{file})
	if err != nil || len(versions) != 2 || versions[0].Hash != next.corpus.Hash {
		t.Fatalf("the versions are %v, %v", versions, err)
	}
	was, err := store.Corpus(t.Context(), versions[1])
	if err != nil || !reflect.DeepEqual(was, first.corpus) {
		t.Errorf("the first version is not what it was: %v", err)
	}
}
