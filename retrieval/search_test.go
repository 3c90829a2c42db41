package retrieval_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"

	"footnote/corpus"
	"footnote/retrieval"
)

func find(tb testing.TB, ix *retrieval.Index, question string, k int) *retrieval.Result {
	tb.Helper()
	r, err := ix.Search(tb.Context(), question, k)
	if err != nil {
		tb.Fatalf("Search: %v", err)
	}
	return r
}

func TestThePassageThatSaysItComesFirst(t *testing.T) {
	ix := open(t, reportCorpus(t), retrieval.Options{})
	for question, want := range map[string]string{
		"How many large models had been released in China by October?": "238 large models",
		"What is the Chinese language model market worth this year?":   "13.23",
		"Which institute belongs to the Ministry of Industry?":         "CCID",
		"How many parameters does GPT-3 have?":                         "175",
		"238":                                                          "238",
		"CCID Research Institute":                                      "CCID",
	} {
		r := find(t, ix, question, 3)
		if len(r.Passages) == 0 || !strings.Contains(r.Passages[0].Passage.Text, want) {
			t.Errorf("%s: the first passage does not hold %q", question, want)
		}
	}
}

func TestWordsAreFoundHoweverTheyAreWritten(t *testing.T) {
	c := plain(t, "a.txt",
		"The GPT-4 Turbo model was shown in November.",
		"Nothing is said of the weather in Łódź and Zürich.",
		"A budget of 1,800 million was passed.",
		"The U.S. embargo ended in the spring.",
		"国内公开的人工智能大模型数量已经达到两百三十八个。",
		"Its share of the market rose to 15.77% of all phones.",
		"The refineries were inspected by engineers.",
	)
	ix := open(t, c, retrieval.Options{})
	for question, want := range map[string]int{
		"GPT4-Turbo":                   0,
		"gpt 4 turbo":                  0,
		"weather in Zurich":            1,
		"1800 million":                 2,
		"US embargo":                   3,
		"大模型的数量":                       4,
		"15.77 percent":                5,
		"inspecting a refinery":        6,
		"the enginers":                 6,
		"ZÜRICH":                       1,
		"the U.S.A. and its embargoes": 3,
	} {
		r := find(t, ix, question, 1)
		if len(r.Passages) != 1 || r.Passages[0].Passage.ID != c.Passages[want].ID {
			t.Errorf("%q does not find %q but %v", question, c.Passages[want].Text, r.Passages)
		}
	}
}

func TestNoMorePassagesComeThanAskedFor(t *testing.T) {
	c := reportCorpus(t)
	ix := open(t, c, retrieval.Options{})
	for _, k := range []int{0, 1, 3, 10} {
		if r := find(t, ix, "large models in China", k); len(r.Passages) != k {
			t.Errorf("k %d gives %d passages", k, len(r.Passages))
		}
	}
	r := find(t, ix, "large models in China", 100_000)
	if len(r.Passages) > len(c.Passages) {
		t.Errorf("%d passages of %d", len(r.Passages), len(c.Passages))
	}
}

// oddQuestions are what people send who do not ask.
var oddQuestions = []string{
	"", " ", "?", "?!…", "\n\n\t", "the of and", "what is it", "who?", "12345678901234567890", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "\xff\xfe\xfd",
	"مرحبا بالعالم", "これは何ですか", "한국어 질문입니다", "😀😀", "a", "U.S.", "' OR 1=1 --", "<script>", "[1] [2]",
	strings.Repeat("large models in China ", 5000), strings.Repeat("x", 100_000), strings.Repeat("大", 50_000), strings.Repeat("a-", 50_000),
}

func TestAnythingMayBeAsked(t *testing.T) {
	ix := open(t, reportCorpus(t), retrieval.Options{})
	for _, question := range oddQuestions {
		r := find(t, ix, question, 10)
		checkResult(t, ix, reportCorpus(t), r)
		if strings.Trim(question, " ?!…\n\t") == "" && (r.Confidence != 0 || len(r.Passages) > 0 || len(r.Terms) > 0) {
			t.Errorf("%q finds something: %+v", question, r)
		}
	}
}

// checkResult checks what holds for every result.
func checkResult(t *testing.T, ix *retrieval.Index, c *corpus.Corpus, r *retrieval.Result) {
	t.Helper()
	between := func(name string, v, low, high float64) {
		t.Helper()
		if math.IsNaN(v) || v < low || v > high {
			t.Errorf("%.60q: %s is %v", r.Query, name, v)
		}
	}
	between("the confidence", r.Confidence, 0, 1)
	last := math.Inf(1)
	seen := map[string]bool{}
	for _, p := range r.Passages {
		between("a passage's score", p.Score, -math.MaxFloat64, last)
		last = p.Score
		if own, ok := c.Passage(p.Passage.ID); !ok || own.Text != p.Passage.Text || seen[p.Passage.ID] {
			t.Errorf("%.60q: passage %s is not of the corpus, or comes twice", r.Query, p.Passage.ID)
		}
		seen[p.Passage.ID] = true
	}
	last = math.Inf(1)
	var shares float64
	for _, s := range r.Sentences {
		between("a sentence's score", s.Score, -math.MaxFloat64, last)
		between("a sentence's share", s.Probability, 0, 1)
		last = s.Score
		shares += s.Probability
		d, _ := c.Document(s.Passage.Document)
		if s.Start < s.Passage.Start || s.End > s.Passage.End || s.Start >= s.End || d.Text[s.Start:s.End] != s.Text {
			t.Errorf("%.60q: sentence %q is not at %d to %d", r.Query, s.Text, s.Start, s.End)
		}
		for i, n := range s.Covers {
			if n < 0 || n >= len(r.Terms) || i > 0 && n <= s.Covers[i-1] {
				t.Errorf("%.60q: covers %v of %d terms", r.Query, s.Covers, len(r.Terms))
				break
			}
		}
	}
	between("the sum of all shares", shares, 0, 1.0001)
	for _, term := range r.Terms {
		between("a term's weight", term.Weight, 0, 100)
		if term.Text == "" || !strings.Contains(r.Query, term.Text) {
			t.Errorf("%.60q: the term %q is not of the question", r.Query, term.Text)
		}
	}
}

func FuzzSearch(f *testing.F) {
	f.Add("A plain text. It has 2 sentences, and U.S. firms.", "How many sentences?")
	f.Add("国内发布了238个大模型。 Mixed text follows.", "多少个大模型?")
	f.Add("## Heading\n\nText “quoted” by Prof. X.\n", "Who said text?")
	for _, q := range oddQuestions[:20] {
		f.Add(fillers, q)
	}
	f.Fuzz(func(t *testing.T, text, question string) {
		c, err := corpus.New(corpus.Plain("fuzz.txt", text))
		if err != nil {
			return
		}
		ix := open(t, c, retrieval.Options{})
		checkResult(t, ix, c, find(t, ix, question, 10))
	})
}

func TestWithoutVectorsWordsAreSearchedAlone(t *testing.T) {
	e := newCounting("one")
	ix := open(t, reportCorpus(t), retrieval.Options{Embedder: e})
	down := errors.New("the model server is down")
	e.failAfter(0, down)
	r := find(t, ix, "How many large models had been released in China by October?", 3)
	if !errors.Is(r.Degraded, down) {
		t.Errorf("Degraded is %v", r.Degraded)
	}
	if len(r.Passages) == 0 || !strings.Contains(r.Passages[0].Passage.Text, "238 large models") {
		t.Error("the words do not find it")
	}
	e.failAfter(-1, nil)
	if r := find(t, ix, "How many large models?", 3); r.Degraded != nil {
		t.Errorf("afterwards Degraded is %v", r.Degraded)
	}
}

func TestASearchEndsWithItsContext(t *testing.T) {
	ix := open(t, reportCorpus(t), retrieval.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := ix.Search(ctx, "large models", 3); !errors.Is(err, context.Canceled) {
		t.Errorf("Search: %v, %v", r, err)
	}
}

func TestTheSameQuestionHasTheSameResult(t *testing.T) {
	// Passages of the same text are equally near to everything.
	lines := append(paragraphs(60), paragraphs(60)...)
	for name, c := range map[string]*corpus.Corpus{
		"the report": reportCorpus(t), "with passages that are alike": newCorpus(t, document("a.txt", "", lines...)),
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			made, stored := open(t, c, kept(data, newCounting("one"))), open(t, c, kept(data, newCounting("one")))
			for _, question := range append(reportQuestions, "What does paragraph 12 tell of well 77?") {
				want := find(t, made, question, 10)
				for _, ix := range []*retrieval.Index{made, stored} {
					if got := find(t, ix, question, 10); !reflect.DeepEqual(got, want) {
						t.Errorf("%s: the results differ", question)
					}
				}
			}
		})
	}
}

func TestQuestionsMayBeAskedAtOnce(t *testing.T) {
	ix := open(t, reportCorpus(t), retrieval.Options{})
	want := map[string]*retrieval.Result{}
	for _, question := range reportQuestions {
		want[question] = find(t, ix, question, 10)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, question := range reportQuestions {
				got, err := ix.Search(t.Context(), question, 10)
				if err != nil || !reflect.DeepEqual(got, want[question]) {
					t.Errorf("%s: asked at once, the result differs (%v)", question, err)
				}
			}
		})
	}
	all.Wait()
}

func TestWhatTheCorpusLacksIsNamed(t *testing.T) {
	ix := open(t, reportCorpus(t), retrieval.Options{})
	for question, want := range map[string]string{
		"How does photosynthesis work in daffodils?":                   "photosynthesis daffodils",
		"What has photosynthesis to do with Mongolia?":                 "Mongolia", // names before other words
		"How many large models had been released in China by October?": "",
	} {
		if got := strings.Join(find(t, ix, question, 3).Missing, " "); got != want {
			t.Errorf("%s: missing are %q, want %q", question, got, want)
		}
	}
}

func TestAMisspeltWordIsReadAsItsNeighbour(t *testing.T) {
	ix := open(t, reportCorpus(t), retrieval.Options{})
	r := find(t, ix, "langauge model manufactuers", 3)
	want := []retrieval.Correction{{From: "langauge", To: "language"}, {From: "manufactuers", To: "manufacturers"}}
	if r.Query != "language model manufacturers" || !reflect.DeepEqual(r.Corrections, want) {
		t.Errorf("searched %q, corrections %v", r.Query, r.Corrections)
	}
}

func TestTheConfidenceIsHigherWhereTheReportAnswers(t *testing.T) {
	ix := open(t, reportCorpus(t), retrieval.Options{})
	answered := find(t, ix, "How many large models had been released in China by October?", 3).Confidence
	elsewhere := find(t, ix, "Which bird lays the largest eggs?", 3).Confidence
	if answered <= elsewhere {
		t.Errorf("%.3f where the report answers, %.3f where it does not", answered, elsewhere)
	}
}

// As it is written, no word of a question is taken for another.
func TestSearchLiteral(t *testing.T) {
	c := reportCorpus(t)
	ix := open(t, c, retrieval.Options{})
	const query = "Which manufactuers made langauge models, and what is photosynthesis?"
	literal, err := ix.SearchLiteral(t.Context(), query, 5)
	if err != nil || literal.Query != query || literal.Corrections != nil || len(literal.Passages) != 5 {
		t.Errorf("%+v, %v", literal, err)
	}
	usual, err := ix.Search(t.Context(), query, 5)
	if err != nil || len(usual.Corrections) != 2 {
		t.Errorf("%+v, %v", usual, err)
	}
}

func TestExpectedQuestions(t *testing.T) {
	c := reportCorpus(t)
	ix := open(t, c, retrieval.Options{})
	for language, want := range map[string]bool{"en": true, "zh": true, "fr": false} {
		byPassage, err := ix.ExpectedQuestions(t.Context(), language)
		if err != nil || (len(byPassage) > 0) != want {
			t.Errorf("%s: of %d passages, %v", language, len(byPassage), err)
		}
		for id := range byPassage {
			if _, ok := c.Passage(id); !ok {
				t.Errorf("%s: no passage %q", language, id)
			}
		}
	}
}
