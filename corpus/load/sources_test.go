package load

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAPatternNamesFiles(t *testing.T) {
	root := folder(t, map[string]string{
		"r/a.md": "Text.", "r/b.txt": "Text.", "r/2023/c.md": "Text.", "r/2023/q/d.md": "Text.", "r/.hidden/e.md": "Text.", "r/.f.md": "Text.",
		"r/g.log": "Text.", "r/h.png": "\x89PNG\r\n\x1a\n", "r/i[1].md": "Text.", "r/empty.md": " ",
	})
	t.Chdir(root)
	for _, test := range []struct {
		pattern string
		want    string // or what is said of an error
		passed  string
	}{
		{"r/*.md", "a.md i[1].md", "1 empty"},
		{"r/[ab].*", "a.md b.txt", ""},
		{"r/?.md", "a.md", ""},
		{"./r//*.md", "a.md i[1].md", "1 empty"},
		{"r/**/*.md", "2023/c.md 2023/q/d.md a.md i[1].md", "1 empty"},
		{"r/**", "2023/c.md 2023/q/d.md a.md b.txt i[1].md", "1 .log, 1 .png, 1 empty"},
		{"**/q/*.md", "r/2023/q/d.md", ""},
		{"r/*/c.md", "2023/c.md", ""},
		{"r/*", "a.md b.txt i[1].md", "1 .log, 1 .png, 1 empty"},
		{"r/*.log", "g.log", ""},
		{"r/.*/*.md", ".hidden/e.md", ""},
		{"r/i[1].md", "i[1].md", ""}, // a file's own name
		{"r/*.csw", "no file matches", ""},
		{"r/20*", "matches folders alone", ""},
		{"absent/*.md", "there is no such", ""},
		{"r/[a.md", "malformed", ""},
		{"r/*.png", "not text", ""},
		{"r/h*", "found 1 .png", ""},
	} {
		docs, skipped, err := Read(t.Context(), []string{test.pattern}, Options{})
		got := strings.Join(names(docs), " ")
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != test.want || err != nil && !strings.Contains(got, test.want) || skipped.String() != test.passed {
			t.Errorf("%s: %q, passed over %q; want %q, %q", test.pattern, got, skipped, test.want, test.passed)
		}
	}
	docs, _, err := Read(t.Context(), []string{filepath.Join(root, "r", "?.md")}, Options{})
	if err != nil || !slices.Equal(names(docs), []string{"a.md"}) {
		t.Errorf("a whole path: %q, %v", names(docs), err)
	}
}

func TestNamesOfSeveralSourcesDiffer(t *testing.T) {
	root := folder(t, map[string]string{
		"2022/minutes/may.md": "Text.", "2023/minutes/may.md": "Text.", "2023/minutes/june.md": "Text.", "notes.txt": "Text.",
	})
	t.Chdir(root)
	for _, test := range []struct {
		sources []string
		want    string
	}{
		{[]string{"2022/minutes", "2023/minutes"}, "2022/minutes/may.md june.md 2023/minutes/may.md"},
		{[]string{"2022/minutes/may.md", "notes.txt"}, "may.md notes.txt"},
		{[]string{"2022", "2023"}, "2022/minutes/may.md minutes/june.md 2023/minutes/may.md"},
		{[]string{"2023/minutes", "2023/minutes/may.md", "./2023//minutes/*.md"}, "june.md may.md"},
		{[]string{"2022/minutes/*.md", "2023/minutes/may.md"}, "2022/minutes/may.md 2023/minutes/may.md"},
	} {
		docs, _, err := Read(t.Context(), test.sources, Options{})
		if got := strings.Join(names(docs), " "); err != nil || got != test.want {
			t.Errorf("%q: %q, %v; want %q", test.sources, got, err, test.want)
		}
	}
	if _, _, err := Read(t.Context(), []string{"notes.txt", "absent"}, Options{}); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Error("an absent source is passed over: ", err)
	}
	if _, err := os.Stat("notes.txt"); err != nil {
		t.Error(err)
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("**/*.md", "a/b.md")
	f.Add("[", "")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern)+len(name) > 60 {
			return
		}
		p, parts := strings.Split(pattern, "/"), strings.Split(name, "/")
		if matches(p, parts) {
			for i := 1; i < len(parts); i++ {
				if !mayMatch(p, parts[:i]) {
					t.Errorf("%q matches %q, and its folder is passed over", pattern, name)
				}
			}
		}
	})
}
