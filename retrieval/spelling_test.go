package retrieval

import (
	"math/rand/v2"
	"testing"

	"footnote/corpus"
	"footnote/retrieval/words"
)

func TestSpelling(t *testing.T) {
	x := newLexicalIndex(t.Context(), reportCorpus(t), BM25{}, newVocabulary(words.English()), Enrichments{})
	for _, test := range []struct{ name, query, want string }{
		{"letters swapped", "langauge", "language"},
		{"a letter left out", "manufactuers", "manufacturers"},
		{"a vowel left out", "predction", "prediction"},
		{"several words", "Which manufactuers made langauge models?", "Which manufacturers made language models?"},
		{"the rest stays as it was", "  The  langauge,\tof US!", "  The  language,\tof US!"},
		{"a right question", "How many large models had been released?", "How many large models had been released?"},
		{"another form than the report's", "gartner predction for 2026?", "gartner prediction for 2026?"},
		{"the first word with a capital", "Langauge models", "Language models"},
		{"a name", "the Baichaun company", "the Baichuan company"},
		{"a name in capitals", "the TENCNET company", "the Tencent company"},
		{"an English word that the report lacks", "photosynthesis of daffodils", "photosynthesis of daffodils"},
		{"nothing near", "qwxzjkv", "qwxzjkv"},
		{"a short word", "teh", "teh"},
		{"a letter beside the one meant", "markwt size", "market size"},
		{"a word with digits", "langauge4", "langauge4"},
		{"a word after digits", "4langauge", "4langauge"},
		{"another script", "модель", "модель"},
		{"ideographs", "大模型", "大模型"},
		{"nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, corrections := x.correct(test.query)
			if got != test.want {
				t.Errorf("%q is read as %q, want %q", test.query, got, test.want)
			}
			if changed := got != test.query; changed != (len(corrections) > 0) {
				t.Errorf("corrections are %v", corrections)
			}
		})
	}
}

func TestAMisspeltWordThatTheCorpusLacksIsNotReadAsAnother(t *testing.T) {
	c, err := corpus.New(corpus.Plain("a.txt", "The production line stood still for a week."))
	if err != nil {
		t.Fatal(err)
	}
	x := newLexicalIndex(t.Context(), c, BM25{}, newVocabulary(words.English()), Enrichments{})
	for query, want := range map[string]string{
		"predction": "predction", "prodction": "production", "a line of productoin": "a line of production",
	} {
		if got, _ := x.correct(query); got != want {
			t.Errorf("%q is read as %q, want %q", query, got, want)
		}
	}
}

// naiveDistance is the weighted optimal string alignment distance by its
// recursive definition; a, m and p stand nowhere side by side on a keyboard.
func naiveDistance(a, b string) int {
	if a == "" && b == "" {
		return 0
	}
	last := func(s string) int {
		if n := len(s); n > 1 && s[n-1] == s[n-2] {
			return 3
		}
		return 4
	}
	if a == "" {
		return naiveDistance("", b[:len(b)-1]) + last(b)
	}
	if b == "" {
		return naiveDistance(a[:len(a)-1], "") + last(a)
	}
	i, j := len(a), len(b)
	cost := 0
	if a[i-1] != b[j-1] {
		cost = 4
		if i == 1 && j == 1 {
			cost = 8
		}
	}
	best := min(naiveDistance(a[:i-1], b)+last(a), naiveDistance(a, b[:j-1])+last(b), naiveDistance(a[:i-1], b[:j-1])+cost)
	if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
		best = min(best, naiveDistance(a[:i-2], b[:j-2])+3)
	}
	return best
}

func TestEditDistanceIsTheNaiveOneUpToItsLimit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	word := func() string {
		b := make([]byte, random.IntN(6))
		for i := range b {
			b[i] = "amp"[random.IntN(3)]
		}
		return string(b)
	}
	for range 2_000 {
		a, b := word(), word()
		want := naiveDistance(a, b)
		for most := range 14 {
			got := editDistance(a, b, most)
			if want <= most && got != want || want > most && got <= most {
				t.Fatalf("%q to %q, at most %d: %d, want %d", a, b, most, got, want)
			}
		}
		if differ(lettersOf(a), lettersOf(b), want) {
			t.Fatalf("%q and %q are taken to be more than %d apart", a, b, want)
		}
		if back := editDistance(b, a, 40); editDistance(a, b, 40) != back {
			t.Fatalf("%q and %q: not symmetric", a, b)
		}
		if got := editDistance(a, a, 0); got != 0 {
			t.Fatalf("%q to itself: %d", a, got)
		}
	}
	long := string(make([]byte, 1000))
	if got := editDistance(long, long+"a", 2); got <= 2 {
		t.Errorf("overlong words: %d", got)
	}
}

func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"language", "language", 0}, {"langauge", "language", slip}, {"languages", "language", edit}, {"lnguage", "language", edit},
		{"lengauge", "language", edit + slip}, {"manguage", "language", 2 * edit}, {"", "", 0}, {"", "ab", 2 * edit},
		{"lsnguage", "language", slip}, {"lznguage", "language", slip}, {"llanguage", "language", slip}, {"comittee", "committee", slip}, {"lpnguage", "language", edit},
	} {
		if got := editDistance(test.a, test.b, 20); got != test.want {
			t.Errorf("%q to %q: %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
