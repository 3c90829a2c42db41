package retrieval_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/words"
)

// The enrichment that ships with the program was written from the report
// alone. A question of a suite that found its way into it would make the
// suite's figures worthless, so none may share five content words in a row with
// one, other than words that the passage itself has in a row.
func TestTheEnrichmentHoldsNoQuestionOfASuite(t *testing.T) {
	c := reportCorpus(t)
	enrichments, err := retrieval.ShippedEnrichments(c)
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]string{}
	for _, file := range suiteFiles(t) {
		for _, q := range questions(t, file) {
			for _, gram := range contentGrams(q) {
				asked[gram] = q
			}
		}
	}
	compared := 0
	for _, p := range c.Passages {
		own := strings.Join(contentWords(p.Text), " ")
		for _, q := range enrichments[retrieval.TextKey(p.Text)].Questions {
			compared++
			for _, gram := range contentGrams(q.Text) {
				if suite, shared := asked[gram]; shared && !strings.Contains(own, gram) {
					t.Errorf("¶%d: %q shares %q with the suite's %q", p.Paragraph, q.Text, gram, suite)
				}
			}
		}
	}
	if compared < 16*len(c.Passages) {
		t.Errorf("only %d questions for %d passages", compared, len(c.Passages))
	}
}

func TestEveryPassageOfTheReportIsEnriched(t *testing.T) {
	c := reportCorpus(t)
	enrichments, err := retrieval.ShippedEnrichments(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Passages {
		sentences := len(corpus.Sentences(p.Text))
		english := 0
		for _, q := range enrichments[retrieval.TextKey(p.Text)].Questions {
			if q.Sentence < 1 || q.Sentence > sentences {
				t.Errorf("¶%d has %d sentences, but %q is answered by number %d", p.Paragraph, sentences, q.Text, q.Sentence)
			}
			if !strings.ContainsFunc(q.Text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				english++
			}
		}
		if all := len(enrichments[retrieval.TextKey(p.Text)].Questions); english < 8 || all-english < 8 {
			t.Errorf("¶%d: %d English questions of %d", p.Paragraph, english, all)
		}
	}
}

func suiteFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"../bot/eval/testdata/report/*.jsonl", "../../shared/golden/report/*.jsonl"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Fatal("no suite to compare with")
	}
	return files
}

func questions(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		var q struct{ Question string }
		if err := json.Unmarshal([]byte(line), &q); err != nil {
			t.Fatal(err)
		}
		out = append(out, q.Question)
	}
	return out
}

// contentWords are the words that are not among the most frequent English
// ones; in Chinese, the pairs of characters.
func contentWords(text string) []string {
	const functionWords = 150
	table := words.English()
	var out []string
	for _, word := range strings.Fields(text) {
		folded, ideograms := "", false
		retrieval.Tokenize(word, func(t retrieval.Token) {
			if t.Surface[0] >= 0xE3 { // a character above U+3000
				out = append(out, t.Surface)
				ideograms = true
			} else if !t.Compound {
				folded += t.Surface
			}
		})
		if row := table.Row(folded); !ideograms && folded != "" && (row < 0 || table.Rank(row) >= functionWords) {
			out = append(out, folded)
		}
	}
	return out
}

func contentGrams(text string) []string {
	const n = 5
	list := contentWords(text)
	var out []string
	for i := 0; i+n <= len(list); i++ {
		out = append(out, strings.Join(list[i:i+n], " "))
	}
	return out
}
