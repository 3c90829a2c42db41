package retrieval

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"footnote/corpus"
	"footnote/retrieval/words"
)

// A stored index made by another version of the analysis would be wrong in
// silence, so that a change of what is stored has to change lexicalVersion.
func TestAChangeOfTheLexicalIndexChangesItsVersion(t *testing.T) {
	const version, fingerprint = 5, "da3a770a3d108c27"
	c := reportCorpus(t)
	x := newLexicalIndex(t.Context(), c, BM25{}, newVocabulary(words.English()), Enrichments{})
	// The bytes between fields of a struct are not defined, so the whole is
	// fingerprinted through its values.
	var values bytes.Buffer
	for _, e := range x.words.entries {
		fmt.Fprintln(&values, e.term, e.row, e.kind)
	}
	for _, st := range x.sentences {
		fmt.Fprintln(&values, st.start, st.first, st.last, st.traits, st.words)
	}
	values.Write(x.words.surfaces.text)
	values.Write(x.words.terms.text)
	values.Write(raw(x.tokens))
	values.Write(raw(x.inverted.lists))
	values.Write(raw(x.context))
	values.Write(raw(x.titles))
	values.Write(raw(x.inverted.saturation))
	values.Write(raw(x.meanings.data))
	sum := sha256.Sum256(values.Bytes())
	if got := hex.EncodeToString(sum[:8]); lexicalVersion != version || got != fingerprint {
		t.Errorf("version %d, fingerprint %s; the test knows %d, %s.\nIf the index changed, add 1 to lexicalVersion, then write both here.",
			lexicalVersion, got, version, fingerprint)
	}
}

func reportCorpus(t *testing.T) *corpus.Corpus {
	t.Helper()
	c, err := corpus.New(corpus.Report())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAStoredLexicalIndexIsTheSame(t *testing.T) {
	c := reportCorpus(t)
	enrichments, err := ShippedEnrichments(c)
	if err != nil {
		t.Fatal(err)
	}
	made := newLexicalIndex(t.Context(), c, BM25{}, newVocabulary(words.English()), enrichments)
	path := filepath.Join(t.TempDir(), "x.lexical")
	if err := made.store(path); err != nil {
		t.Fatal(err)
	}
	read, err := readLexical(path, c, BM25{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(made, read) {
		t.Error("what was read is not what was stored")
	}
}

func TestADamagedLexicalIndexIsMadeAnew(t *testing.T) {
	c := reportCorpus(t)
	for name, damage := range map[string]func([]byte) []byte{
		"truncated":      func(b []byte) []byte { return b[:len(b)/2] },
		"header alone":   func(b []byte) []byte { return b[:headerSize] },
		"empty":          func([]byte) []byte { return nil },
		"a flipped bit":  func(b []byte) []byte { b[len(b)/3] ^= 4; return b },
		"another format": func(b []byte) []byte { b[0] = 'X'; return b },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			opts := Options{Cache: t.TempDir(), Logger: slog.New(slog.NewTextHandler(&log, nil))}
			open := func() *lexicalIndex {
				x, _, err := openLexical(context.Background(), c, opts)
				if err != nil {
					t.Fatal(err)
				}
				return x
			}
			whole := open()
			files, _ := filepath.Glob(filepath.Join(opts.Cache, "*.lexical"))
			if len(files) != 1 {
				t.Fatalf("stored %q", files)
			}
			data, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			damaged := filepath.Join(t.TempDir(), "damaged") // what is in use is not written into
			if err := errors.Join(os.WriteFile(damaged, damage(bytes.Clone(data)), 0o644), os.Rename(damaged, files[0])); err != nil {
				t.Fatal(err)
			}
			if again := open(); !reflect.DeepEqual(whole.tokens, again.tokens) {
				t.Error("made anew, it differs")
			}
			if !strings.Contains(log.String(), "damaged") {
				t.Errorf("the log says %q", log.String())
			}
			if mended, err := readLexical(files[0], c, BM25{}); err != nil || mended == nil {
				t.Errorf("it was not mended: %v", err)
			}
		})
	}
}

// What is mapped from a file is used until the file cannot be read.
func TestAWordIndexThatIsDamagedWhileItIsInUse(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it is in memory there")
	}
	folder := t.TempDir()
	ix, err := Open(t.Context(), reportCorpus(t), Options{Unavailable: errors.New("none"), Store: noStore{}, Cache: folder})
	if err != nil {
		t.Fatal(err)
	}
	const question = "How many large models are there?"
	want, err := ix.Search(t.Context(), question, 3)
	if err != nil || len(want.Passages) != 3 {
		t.Fatal(want, err)
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*.lexical"))
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	runtime.GC() // which unmaps what nobody keeps
	if got, err := ix.Search(t.Context(), question, 3); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("removed: %v", err)
	}
	again, err := Open(t.Context(), reportCorpus(t), Options{Unavailable: errors.New("none"), Store: noStore{}, Cache: folder})
	if err != nil {
		t.Fatal(err)
	}
	files, _ = filepath.Glob(filepath.Join(folder, "*.lexical"))
	if err := os.Truncate(files[0], 0); err != nil {
		t.Fatal(err)
	}
	for _, search := range []func(context.Context, string, int) (*Result, error){again.Search, again.SearchLiteral} {
		if _, err := search(t.Context(), question, 3); err == nil || !strings.Contains(err.Error(), "word index cannot be read") {
			t.Errorf("truncated: %v", err)
		}
	}
}

// noStore is where nothing is stored.
type noStore struct{ Store }

func (noStore) Location() string { return "nowhere" }

func FuzzReadingALexicalIndex(f *testing.F) {
	c, err := corpus.New(corpus.Plain("a.txt", "One sentence. Another one, from 1904."))
	if err != nil {
		f.Fatal(err)
	}
	x := newLexicalIndex(context.Background(), c, BM25{}, newVocabulary(words.English()), nil)
	s := &snapshot{}
	x.exchange(s)
	f.Add(s.bytes)
	f.Fuzz(func(t *testing.T, body []byte) {
		path := filepath.Join(t.TempDir(), "x.lexical")
		if err := os.WriteFile(path, append(bytes.Clone(raw([]snapshotHeader{newHeader(body)})), body...), 0o644); err != nil {
			t.Fatal(err)
		}
		_, _ = readLexical(path, c, BM25{}) // must not panic
	})
}
