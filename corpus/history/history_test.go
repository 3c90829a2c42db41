package history_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"footnote/corpus"
	"footnote/corpus/history"
	"footnote/corpus/load"
)

var noon = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

// made is a corpus of documents of plain text: name, text, name, text, …
func made(t testing.TB, parts ...string) *corpus.Corpus {
	t.Helper()
	var docs []corpus.Document
	for i := 0; i < len(parts); i += 2 {
		docs = append(docs, corpus.Plain(parts[i], parts[i+1]))
	}
	c, err := corpus.New(docs...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func add(t testing.TB, s *history.Store, sources []string, c *corpus.Corpus, at time.Time) bool {
	t.Helper()
	added, err := s.Add(t.Context(), sources, c, at)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

// hashes are those of the versions of sources, the latest first.
func hashes(t testing.TB, s *history.Store, sources []string) []string {
	t.Helper()
	versions, err := s.Versions(t.Context(), sources)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{}
	for _, v := range versions {
		all = append(all, v.Hash)
	}
	return all
}

// filesIn are the files below a folder, by their paths in it.
func filesIn(t testing.TB, folder string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(folder, path)
			all = append(all, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestDocumentsOfEveryFormatComeBackAsTheyWere(t *testing.T) {
	var all []string
	for _, extension := range []string{"md", "pdf", "docx", "html", "csv", "tsv"} {
		found, err := filepath.Glob("../load/testdata/*." + extension)
		if err != nil || len(found) == 0 {
			t.Fatalf("there is no .%s", extension)
		}
		all = append(all, found...)
	}
	docs, _, err := load.Read(t.Context(), all, load.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := corpus.New(append(docs, corpus.Report())...)
	if err != nil {
		t.Fatal(err)
	}
	s := history.Open(filepath.Join(t.TempDir(), "not", "there"))
	add(t, s, all, want, noon)
	versions, err := s.Versions(t.Context(), all)
	if err != nil || len(versions) != 1 {
		t.Fatalf("%d versions, %v", len(versions), err)
	}
	if v := versions[0]; v.Hash != want.Hash || v.Passages != len(want.Passages) || !v.At.Equal(noon) || len(v.Sources) != len(all) {
		t.Errorf("the version is %+v", v)
	}
	got, err := s.Corpus(t.Context(), versions[0])
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range want.Documents {
		if !reflect.DeepEqual(got.Documents[i], d) {
			t.Errorf("%s is another document", d.Name)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("it is another corpus")
	}
}

// A field that is added to a document is kept without a change here.
func TestEveryFieldOfADocumentIsKept(t *testing.T) {
	d := corpus.Plain("a.txt", "Tea costs three crowns.")
	v := reflect.ValueOf(&d).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			if f.String() == "" {
				f.SetString("something")
			}
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Struct:
			f.Set(reflect.ValueOf(noon))
		case reflect.Slice:
			b := f.Index(0)
			for j := range b.NumField() {
				switch b := b.Field(j); {
				case !b.IsZero():
				case b.Kind() == reflect.String:
					b.SetString("something")
				case b.CanInt():
					b.SetInt(7)
				}
			}
		default:
			t.Errorf("%s is of a kind that this test does not know", v.Type().Field(i).Name)
		}
	}
	d.Blocks[0].Start = 0
	c, err := corpus.New(d)
	if err != nil {
		t.Fatal(err)
	}
	s := history.Open(t.TempDir())
	add(t, s, nil, c, noon)
	versions, err := s.Versions(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Corpus(t.Context(), versions[0])
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Documents[0], d) {
		t.Errorf("got  %+v\nwant %+v", got.Documents[0], d)
	}
}

func TestVersionsAreInTheOrderInWhichTheyWereCurrent(t *testing.T) {
	s := history.Open(t.TempDir())
	a, b := made(t, "a.txt", "Tea costs three crowns."), made(t, "a.txt", "Tea costs four crowns.")
	sources := []string{"/reports/a.txt"}
	for i, step := range []struct {
		c     *corpus.Corpus
		added bool
	}{{a, true}, {a, false}, {b, true}, {b, false}, {a, true}} {
		if added := add(t, s, sources, step.c, noon.Add(time.Duration(i)*time.Minute)); added != step.added {
			t.Errorf("step %d: added is %v", i, added)
		}
	}
	if got := hashes(t, s, sources); !slices.Equal(got, []string{a.Hash, b.Hash, a.Hash}) {
		t.Errorf("the order is %q", got)
	}
	versions, err := s.Versions(t.Context(), sources)
	if err != nil {
		t.Fatal(err)
	}
	for i, minute := range []int{4, 2, 0} {
		if !versions[i].At.Equal(noon.Add(time.Duration(minute) * time.Minute)) {
			t.Errorf("version %d is of %v", i, versions[i].At)
		}
	}
}

func TestSourcesHaveTheirOwnVersions(t *testing.T) {
	s := history.Open(t.TempDir())
	a, b, report := made(t, "a.txt", "Tea costs three crowns."), made(t, "b.txt", "Ada repairs the crane."), made(t, "r.txt", "A report.")
	add(t, s, []string{"/x/a.txt", "/x/b.txt"}, a, noon)
	add(t, s, []string{"/x/a.txt /x/b.txt"}, b, noon)
	add(t, s, nil, report, noon)
	for _, test := range []struct {
		sources []string
		want    []string
	}{
		{[]string{"/x/b.txt", "/x/a.txt"}, []string{a.Hash}},
		{[]string{"/x/a.txt /x/b.txt"}, []string{b.Hash}},
		{nil, []string{report.Hash}},
		{[]string{"/x/a.txt"}, []string{}},
	} {
		if got := hashes(t, s, test.sources); !slices.Equal(got, test.want) {
			t.Errorf("%q: %q, want %q", test.sources, got, test.want)
		}
	}
}

func TestWhatDidNotChangeIsStoredOnceAndForItsOwner(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "versions")
	s := history.Open(folder)
	long := strings.Repeat("The harbour crane was repaired on Tuesday. ", 1000)
	add(t, s, nil, made(t, "a.txt", "Tea costs three crowns.", "b.txt", long, "c.txt", long), noon)
	first := filesIn(t, folder)
	if len(first) != 3 { // a version, and two texts
		t.Errorf("%q", first)
	}
	add(t, s, nil, made(t, "a.txt", "Tea costs four crowns.", "b.txt", long, "d.txt", long), noon)
	if all := filesIn(t, folder); len(all) != len(first)+2 {
		t.Errorf("%q became %q", first, all)
	}
	before := filesIn(t, folder)
	add(t, s, nil, made(t, "a.txt", "Tea costs four crowns.", "b.txt", long, "d.txt", long), noon)
	if after := filesIn(t, folder); !slices.Equal(after, before) {
		t.Errorf("a known version made %q of %q", after, before)
	}
	total := int64(0)
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		if !d.IsDir() {
			total += info.Size()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > int64(len(long)/4) {
		t.Errorf("%d bytes are stored", total)
	}
}

func TestALostFileIsNamedAndCostsNoOtherVersion(t *testing.T) {
	rewrite := func(change func([]byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, change(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	other := func(data []byte) func(*testing.T, string) { return rewrite(func([]byte) []byte { return data }) }
	damages := map[string]func(*testing.T, string){
		"empty":    other(nil),
		"text":     other([]byte("{}")),
		"cut":      rewrite(func(b []byte) []byte { return b[:len(b)/2] }),
		"cut by 1": rewrite(func(b []byte) []byte { return b[:len(b)-1] }),
		"flipped":  rewrite(func(b []byte) []byte { b[len(b)/2] ^= 4; return b }),
		"doubled":  rewrite(func(b []byte) []byte { return append(b, b...) }),
		"zeros":    rewrite(func(b []byte) []byte { return make([]byte, len(b)) }),
		"a folder": func(t *testing.T, path string) {
			if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
				t.Fatal(err)
			}
		},
	}
	missing := func(t *testing.T, path string) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	for name, damage := range damages {
		t.Run("version/"+name, func(t *testing.T) { damageVersion(t, damage) })
		t.Run("document/"+name, func(t *testing.T) { damageDocument(t, damage) })
	}
	t.Run("document/missing", func(t *testing.T) { damageDocument(t, missing) })
}

// twoVersions keeps two versions, and returns their files and texts.
func twoVersions(t *testing.T) (s *history.Store, folder string, a, b *corpus.Corpus) {
	folder = t.TempDir()
	s = history.Open(folder)
	a, b = made(t, "a.txt", "Tea costs three crowns."), made(t, "a.txt", "Tea costs four crowns.")
	add(t, s, nil, a, noon)
	add(t, s, nil, b, noon.Add(time.Hour))
	return s, folder, a, b
}

func damageVersion(t *testing.T, damage func(*testing.T, string)) {
	s, folder, a, b := twoVersions(t)
	found, err := filepath.Glob(filepath.Join(folder, "*"+b.Hash+"*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%q, %v", found, err)
	}
	damage(t, found[0])
	versions, err := s.Versions(t.Context(), nil)
	lost := new(history.FileError)
	if !errors.As(err, &lost) || lost.Path != found[0] {
		t.Errorf("the error is %v", err)
	}
	if len(versions) != 1 || versions[0].Hash != a.Hash {
		t.Fatalf("left are %v", versions)
	}
	if c, err := s.Corpus(t.Context(), versions[0]); err != nil || c.Hash != a.Hash {
		t.Errorf("the other version: %v", err)
	}
	c := made(t, "a.txt", "Tea costs five crowns.")
	if !add(t, s, nil, c, noon.Add(2*time.Hour)) {
		t.Error("nothing was added")
	}
	if versions, _ = s.Versions(t.Context(), nil); len(versions) != 2 || versions[0].Hash != c.Hash {
		t.Errorf("then there are %v", versions)
	}
}

func damageDocument(t *testing.T, damage func(*testing.T, string)) {
	s, folder, a, b := twoVersions(t)
	versions, err := s.Versions(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "documents", versions[0].Documents[0].Content+".gz")
	damage(t, path)
	_, err = s.Corpus(t.Context(), versions[0])
	lost := new(history.FileError)
	if !errors.As(err, &lost) || lost.Path != path || versions[0].Hash != b.Hash {
		t.Errorf("the error is %v", err)
	}
	if c, err := s.Corpus(t.Context(), versions[1]); err != nil || c.Hash != a.Hash {
		t.Errorf("the other version: %v", err)
	}
}

func TestAFolderThatCannotBeMadeIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := history.Open(filepath.Join(file, "versions"))
	if _, err := s.Add(t.Context(), nil, made(t, "a.txt", "Tea."), noon); err == nil {
		t.Error("nothing was wrong")
	}
}

func TestManyAtOnce(t *testing.T) {
	folder := t.TempDir()
	var corpora []*corpus.Corpus
	for i := range 4 {
		corpora = append(corpora, made(t, "a.txt", fmt.Sprintf("Tea costs %d crowns.", i), "b.txt", "Ada repairs the crane."))
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			s := history.Open(folder)
			for n := range 12 {
				if _, err := s.Add(t.Context(), nil, corpora[(i+n)%len(corpora)], noon.Add(time.Duration(n)*time.Second)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	s := history.Open(folder)
	versions, err := s.Versions(t.Context(), nil)
	if err != nil || len(versions) < len(corpora) {
		t.Fatalf("%d versions, %v", len(versions), err)
	}
	for _, v := range versions {
		if c, err := s.Corpus(t.Context(), v); err != nil || c.Hash != v.Hash {
			t.Errorf("version %s: %v", v.Hash, err)
		}
	}
}
