package retrieval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"footnote/corpus"
	"footnote/retrieval/words"
)

// randomCorpus makes documents of a few words, so that they are much alike.
func randomCorpus(t *testing.T, random *rand.Rand) *corpus.Corpus {
	t.Helper()
	vocabulary := strings.Fields("model models language market GPT-4 1,000 China the of and training trained cost 大模型")
	text := func(most int) string {
		out := make([]string, 1+random.IntN(most))
		for i := range out {
			out[i] = vocabulary[random.IntN(len(vocabulary))]
		}
		return strings.Join(out, " ")
	}
	var docs []corpus.Document
	for n := range 1 + random.IntN(3) {
		d := corpus.Document{Name: fmt.Sprint(n), Title: text(3)}
		add := func(kind corpus.BlockKind, level int, line string) {
			b := corpus.Block{Kind: kind, Level: level, Number: len(d.Blocks) + 1, Start: len(d.Text), End: len(d.Text) + len(line)}
			d.Text += line + "\n"
			d.Blocks = append(d.Blocks, b)
		}
		for range 1 + random.IntN(3) {
			add(corpus.Heading, 1, text(3))
			for range 1 + random.IntN(4) {
				add(corpus.Paragraph, 0, text(12))
			}
		}
		docs = append(docs, d)
	}
	c, err := corpus.New(docs...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// terms are the stems of a text's tokens that are not stop words, and how many
// of them are not compounds.
func terms(text string) (stems []string, length int) {
	Tokenize(text, func(t Token) {
		if wordKinds()[t.Surface]&stopWord != 0 {
			return
		}
		stems = append(stems, stem(t.Surface))
		if !t.Compound {
			length++
		}
	})
	return stems, length
}

// textbookBM25 is the formula as it is printed: for a term in every passage.
func textbookBM25(c *corpus.Corpus, p BM25, term string) []float64 {
	count := func(text string) (n float64) {
		stems, _ := terms(text)
		for _, s := range stems {
			if s == term {
				n++
			}
		}
		return n
	}
	n := float64(len(c.Passages))
	frequencies, lengths := make([]float64, len(c.Passages)), make([]float64, len(c.Passages))
	var containing, total float64
	for i, passage := range c.Passages {
		d, _ := c.Document(passage.Document)
		frequencies[i] = count(passage.Text) + max(p.Heading, 0)*count(strings.Join(passage.Headings, "\n")) + max(p.Title, 0)*count(d.Title)
		if frequencies[i] > 0 {
			containing++
		}
		_, length := terms(passage.Text)
		lengths[i] = float64(length)
		total += lengths[i]
	}
	average := max(total/n, 1)
	idf := math.Log(1 + (n-containing+0.5)/(containing+0.5))
	scores := make([]float64, len(c.Passages))
	for i, f := range frequencies {
		if f > 0 {
			scores[i] = idf * f * (p.K1 + 1) / (f + p.K1*(1-p.B+p.B*lengths[i]/average))
		}
	}
	return scores
}

func TestBM25IsTheTextbookFormula(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	for _, given := range []struct {
		name           string
		options, means BM25
	}{
		{"the defaults", BM25{}, BM25{K1: 1.2, B: 0.75, Heading: 0.4, Title: 0.2}},
		{"its own parameters", BM25{K1: 2, B: 0.3, Heading: 1.5, Title: 3}, BM25{K1: 2, B: 0.3, Heading: 1.5, Title: 3}},
		{"the text alone", BM25{K1: 0.9, B: 1, Heading: -1, Title: -1}, BM25{K1: 0.9, B: 1, Heading: -1, Title: -1}},
		{"lengths ignored", BM25{B: -1}, BM25{K1: 1.2, B: 0, Heading: 0.4, Title: 0.2}},
		{"frequencies ignored", BM25{K1: -1}, BM25{K1: 0, B: 0.75, Heading: 0.4, Title: 0.2}},
	} {
		t.Run(given.name, func(t *testing.T) {
			for range 40 {
				c := randomCorpus(t, random)
				x := newLexicalIndex(t.Context(), c, given.options, newVocabulary(words.English()), Enrichments{})
				for _, word := range []string{"models", "language", "China", "1000", "gpt4", "4", "大模", "trained", "the"} {
					got := make([]float32, len(c.Passages))
					if s := x.words.lookup(Token{Surface: word}); s.term >= 0 {
						x.inverted.accumulate(s.term, 1, got)
					}
					want := textbookBM25(c, given.means, stem(word))
					for i := range want {
						if math.Abs(float64(got[i])-want[i]) > 1e-4 {
							t.Fatalf("%q in %q below %q: %v, want %v", word, c.Passages[i].Text, c.Passages[i].Headings, got[i], want[i])
						}
					}
				}
			}
		})
	}
}

func TestAWordOfTheHeadingFindsAPassageButTheTextWeighsMore(t *testing.T) {
	text := "Markets\nThey grew a lot in that year and after it.\nMarkets grew a lot in that year and after it.\n"
	d := corpus.Document{Name: "a.txt", Title: "Growth", Text: text}
	for i, line := range []string{"Markets", "They grew", "Markets grew"} {
		start := strings.LastIndex(text, line)
		if i == 0 {
			start = 0
		}
		end := start + strings.Index(text[start:], "\n")
		d.Blocks = append(d.Blocks, corpus.Block{Kind: corpus.Paragraph, Number: i + 1, Start: start, End: end})
	}
	d.Blocks[0].Kind, d.Blocks[0].Level = corpus.Heading, 1
	c, err := corpus.New(d)
	if err != nil {
		t.Fatal(err)
	}
	x := newLexicalIndex(t.Context(), c, BM25{}, newVocabulary(words.English()), Enrichments{})
	scores := func(word string) []float32 {
		out := make([]float32, 2)
		x.inverted.accumulate(x.words.lookup(Token{Surface: word}).term, 1, out)
		return out
	}
	if s := scores("markets"); s[0] <= 0 || s[1] <= s[0] {
		t.Errorf("the heading's word scores %v", s)
	}
	if s := scores("growth"); s[0] <= 0 || s[0] >= scores("markets")[0] {
		t.Errorf("the title's word scores %v, the heading's %v", s, scores("markets"))
	}
}

func TestEveryTermHasItsPostingsInOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 0))
	const terms, passages = 50, 40
	x := postings{params: BM25{}.withDefaults()}
	count := map[[2]int32]float32{}
	for p := range int32(passages) {
		for range random.IntN(30) {
			term := int32(random.IntN(terms - 1)) // the last one stands nowhere
			x.add(term, p, 0.5)
			count[[2]int32{term, p}] += 0.5
		}
	}
	lengths := make([]int32, passages)
	x.build(lengths, terms)
	total := 0
	for term := range int32(terms) {
		last := int32(-1)
		for _, p := range x.list(term) {
			if p.passage <= last || count[[2]int32{term, p.passage}] == 0 || p.impact <= 0 {
				t.Errorf("term %d has %+v after passage %d", term, p, last)
			}
			last = p.passage
			total++
		}
	}
	if total != len(count) || len(x.list(terms-1)) != 0 {
		t.Errorf("%d postings, want %d", total, len(count))
	}
}
