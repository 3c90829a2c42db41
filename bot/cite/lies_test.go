package cite_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"footnote/bot/answer/llmsim"
	"footnote/bot/cite"
	"footnote/corpus"
	"footnote/corpus/load"
)

var (
	lieSeed  = flag.Uint64("lieseed", 1, "seed of the generated lies and honest sentences")
	lieCount = flag.Int("lies", 150, "lies of each kind, and honest sentences, to check")
	lieShow  = flag.Int("lieshow", 10, "how many failures of a kind to log")
)

// A library is the texts of all suites, and the bundled report.
type library struct {
	corpora []*corpus.Corpus
}

func openLibrary(t testing.TB) library {
	t.Helper()
	report, err := corpus.New(corpus.Report())
	if err != nil {
		t.Fatal(err)
	}
	l := library{[]*corpus.Corpus{report}}
	files, err := filepath.Glob("../../../shared/golden/*/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Log("the question suites are not here: the bundled report alone is used")
	}
	for _, file := range files {
		if _, err := os.Stat(file); err != nil {
			t.Fatal(err)
		}
		docs, err := load.Load(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := corpus.New(docs...)
		if err != nil {
			t.Fatal(err)
		}
		l.corpora = append(l.corpora, c)
	}
	return l
}

// A draw is a case with the checker that it is for.
type draw struct {
	llmsim.Case
	corpus   *corpus.Corpus
	passages []corpus.Passage
}

// draw makes a case about one of ten passages of a text, as retrieval would
// give them to a model.
func (l library) draw(rng *rand.Rand, make func(*rand.Rand, llmsim.Passage, []llmsim.Passage) (llmsim.Case, bool)) draw {
	const given = 10
	for {
		c := l.corpora[rng.IntN(len(l.corpora))]
		order := rng.Perm(len(c.Passages))[:min(given, len(c.Passages))]
		d := draw{corpus: c}
		var all []llmsim.Passage
		for i, n := range order {
			d.passages = append(d.passages, c.Passages[n])
			all = append(all, llmsim.Passage{N: i + 1, Text: c.Passages[n].Text, Source: c.Passages[n].Document})
		}
		at := rng.IntN(len(all))
		others := slices.Delete(slices.Clone(all), at, at+1)
		var ok bool
		if d.Case, ok = make(rng, all[at], others); ok {
			return d
		}
	}
}

// shown returns what of a text the checker lets through, as the engine does.
func (d draw) shown(question string) (text string, faults []cite.Fault, result cite.Result) {
	k := cite.NewChecker(d.corpus, question, d.passages)
	var split cite.Splitter
	for _, s := range append(split.Write(d.Sentence), split.Close()...) {
		v := k.Check(s.Text)
		if v.Holds() {
			text += k.Take(s.Break, v, false)
		}
		faults = append(faults, v.Faults...)
	}
	return text, faults, k.Result()
}

// lets reports whether what is false in a lie was shown: for one that cites
// the wrong passage, only where it still does.
func (d draw) lets(text string, result cite.Result) bool {
	if text == "" {
		return false
	}
	if d.False == "" {
		return true
	}
	return strings.Contains(text, d.False)
}

func TestLiesAreNotShown(t *testing.T) {
	l := openLibrary(t)
	asserted := map[llmsim.Kind]bool{llmsim.Number: true, llmsim.Name: true, llmsim.Quotation: true, llmsim.Injection: true}
	for _, kind := range llmsim.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(*lieSeed, uint64(len(kind))))
			let, byVariant, total := 0, map[string]int{}, map[string]int{}
			for range *lieCount {
				d := l.draw(rng, func(rng *rand.Rand, p llmsim.Passage, others []llmsim.Passage) (llmsim.Case, bool) {
					return llmsim.Lie(rng, kind, p, others)
				})
				total[d.Variant]++
				text, _, result := d.shown("")
				if !d.lets(text, result) {
					continue
				}
				let++
				byVariant[d.Variant]++
				if let <= *lieShow {
					t.Logf("shown (%s: %s)\n  lie   %s\n  shown %s\n  truth %s", d.Variant, d.What, d.Sentence, text, d.Truth)
				}
			}
			t.Logf("seed %d: %d of %d lies shown; by variant %s", *lieSeed, let, *lieCount, rates(byVariant, total))
			if asserted[kind] && let > 0 {
				t.Errorf("%d of %d lies about %s were shown", let, *lieCount, kind)
			}
		})
	}
}

func rates(n, of map[string]int) string {
	var parts []string
	for v, total := range of {
		parts = append(parts, fmt.Sprintf("%s %d/%d", v, n[v], total))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

func TestHonestSentencesAreShown(t *testing.T) {
	l := openLibrary(t)
	rng := rand.New(rand.NewPCG(*lieSeed, 7))
	withdrawn, byKind, byForm, total := 0, map[cite.FaultKind]int{}, map[string]int{}, map[string]int{}
	for range *lieCount {
		d := l.draw(rng, llmsim.Honest)
		total[d.Variant]++
		text, faults, _ := d.shown("")
		if text != "" && len(faults) == 0 {
			continue
		}
		withdrawn++
		byForm[d.Variant]++
		why := ""
		for _, f := range faults {
			byKind[f.Kind]++
			why += string(f.Kind) + ": " + f.Reason + "; "
		}
		if withdrawn <= *lieShow {
			t.Logf("withdrawn (%s)\n  %s\n  truth %s\n  %s", d.Variant, d.Sentence, d.Truth, why)
		}
	}
	t.Logf("seed %d: %d of %d honest sentences withdrawn; by fault %v; by form %s", *lieSeed, withdrawn, *lieCount, byKind, rates(byForm, total))
	// The bundled report alone has the same few sentences again and again.
	most := 1.0
	if len(l.corpora) == 1 {
		most = 8
	}
	if float64(withdrawn*100) > most*float64(*lieCount) {
		t.Errorf("%d of %d honest sentences were withdrawn, more than %v%%", withdrawn, *lieCount, most)
	}
}
