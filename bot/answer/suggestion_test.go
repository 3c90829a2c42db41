package answer_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
)

func TestSuggestionsForTheBundledReport(t *testing.T) {
	e := reportEngine(t, nil)
	for _, tt := range []struct {
		zh   bool
		n    int
		want []string
	}{
		{false, 0, nil},
		{false, 1, []string{"What event kicked off the worldwide craze for large AI models?"}},
		{false, 5, []string{
			"What event kicked off the worldwide craze for large AI models?",
			"What does Gartner forecast about company use of generative AI by 2026?",
			"Why will the large model market turn into an oligopoly?",
			"Could regulators relax rules on large models?",
			"What is this report about?",
		}},
		{false, 100, []string{
			"What event kicked off the worldwide craze for large AI models?",
			"How big is the Chinese LLM market expected to be in 2023?",
			"How many parameters does GPT-3 have?",
			"What does Gartner forecast about company use of generative AI by 2026?",
			"Which two countries dominate the release of general-purpose LLMs?",
			"Who said the gap with OpenAI is getting bigger rather than smaller?",
			"What is considered the foundation of large model training?",
			"Why will the large model market turn into an oligopoly?",
			"Why did everyone turn to the application of large models?",
			"What is the first direction of change in large models?",
			"Where is the opportunity for latecomers in large models?",
			"Could regulators relax rules on large models?",
			"What is this report about?",
		}},
		{true, 5, []string{
			"AI大模型热潮是由什么引发的?",
			"Gartner预测到2026年有多少企业会使用生成式AI?",
			"李庆为什么认为大模型会走向寡头化?",
			"监管层面会不会放宽对大模型的限制?",
			"这份报告讲了什么？",
		}},
	} {
		if got := e.Suggestions(tt.zh, tt.n); !slices.Equal(got, tt.want) {
			t.Errorf("%d: %q", tt.n, got)
		}
	}
}

const harbourText = `The people

Kåre Lund built the lighthouse in 1871 and kept it for forty years, in all weathers. His daughter Marit kept it after him.

The trade

Salt was taxed until 1905, when the council lifted the tax. After that year the trade in salted fish doubled.

Of this and that

Ships came from Riga with timber every summer, and went back with salted fish.
`

const millText = `The wheel

The wheel of the mill was made of oak and turned for a hundred years before it broke.
`

const iceText = "The ice closed the bay every winter until the town bought a ship that could break it."

func TestSuggestionsAreSpreadOverTheParts(t *testing.T) {
	enriched := retrieval.Enrichments{}
	for text, q := range map[string]retrieval.ExpectedQuestion{
		"Salt was taxed until 1905, when the council lifted the tax. After that year the trade in salted fish doubled.":              {Text: "Until when was salt taxed?", Language: "en"},
		"Ships came from Riga with timber every summer, and went back with salted fish.":                                             {Text: "riga timber ships", Language: "en"}, // no question
		"Kåre Lund built the lighthouse in 1871 and kept it for forty years, in all weathers. His daughter Marit kept it after him.": {Text: "What did Marit keep?", Language: "en"},
	} {
		enriched[retrieval.TextKey(text)] = retrieval.Enrichment{Questions: []retrieval.ExpectedQuestion{q}}
	}
	people, trade, rest, wheel := "What does the report say about “The people”?", "What does the report say about “The trade”?", "What does the report say about “Of this and that”?", "What does the report say about “The wheel”?"
	const whole = "What is this report about?"
	for name, tt := range map[string]struct {
		docs     []corpus.Document
		enriched retrieval.Enrichments
		zh       bool
		n        int
		want     []string
	}{
		"headings":                 {[]corpus.Document{corpus.Plain("harbour.txt", harbourText)}, retrieval.Enrichments{}, false, 9, []string{people, trade, rest, whole}},
		"in Chinese":               {[]corpus.Document{corpus.Plain("harbour.txt", harbourText)}, retrieval.Enrichments{}, true, 9, []string{"报告关于“The people”说了什么？", "报告关于“The trade”说了什么？", "报告关于“Of this and that”说了什么？", "这份报告讲了什么？"}},
		"a question that is known": {[]corpus.Document{corpus.Plain("harbour.txt", harbourText)}, enriched, false, 9, []string{"What did Marit keep?", "Until when was salt taxed?", rest, whole}},
		"no headings":              {[]corpus.Document{corpus.Plain("ice.txt", iceText)}, retrieval.Enrichments{}, false, 9, []string{whole}},
		"several documents":        {[]corpus.Document{corpus.Plain("harbour.txt", harbourText), corpus.Plain("mill.txt", millText)}, retrieval.Enrichments{}, false, 9, []string{people, trade, rest, wheel, whole}},
		"several, room for two":    {[]corpus.Document{corpus.Plain("harbour.txt", harbourText), corpus.Plain("mill.txt", millText)}, retrieval.Enrichments{}, false, 3, []string{people, wheel, whole}},
	} {
		t.Run(name, func(t *testing.T) {
			e, _ := countedEngine(t, tt.enriched, tt.docs...)
			if got := e.Suggestions(tt.zh, tt.n); !slices.Equal(got, tt.want) {
				t.Errorf("suggested %q", got)
			}
		})
	}
}

// A counted index counts its searches.
type counted struct {
	*retrieval.Index
	mu       sync.Mutex
	searches int
}

func (c *counted) Search(ctx context.Context, query string, k int) (*retrieval.Result, error) {
	c.mu.Lock()
	c.searches++
	c.mu.Unlock()
	return c.Index.Search(ctx, query, k)
}

func countedEngine(t *testing.T, e retrieval.Enrichments, docs ...corpus.Document) (*bot.Engine, *counted) {
	t.Helper()
	c, err := corpus.New(docs...)
	if err != nil {
		t.Fatal(err)
	}
	ix, err := retrieval.Open(t.Context(), c, retrieval.Options{Store: chromemstore.New("", slog.New(slog.DiscardHandler)), Embedder: embed.NewStatic(), Enrichments: e})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ix.Close() })
	s := &counted{Index: ix}
	return bot.NewEngine(c, s, answer.NewQuote(), bot.EngineOptions{}), s
}

// Whoever asks first waits for the searches; they are few, and made once.
func TestSuggestionsAreFoundOnceWithFewSearches(t *testing.T) {
	var text strings.Builder
	for _, heading := range strings.Fields("one two three four five six seven eight nine ten eleven twelve thirteen fourteen") {
		text.WriteString("About " + heading + "\n\n" + strings.Repeat("This paragraph is about nothing at all, and goes on for a while without an end.\n\n", 9))
	}
	c, err := corpus.New(corpus.Plain("nothing.txt", text.String()))
	if err != nil {
		t.Fatal(err)
	}
	enriched := retrieval.Enrichments{}
	for _, p := range c.Passages {
		enriched[retrieval.TextKey(p.Text)] = retrieval.Enrichment{Questions: []retrieval.ExpectedQuestion{{Text: "What did the king of Denmark pay for the palace?", Language: "en"}}}
	}
	e, s := countedEngine(t, enriched, c.Documents...)
	var suggesting sync.WaitGroup
	for range 8 {
		suggesting.Go(func() { e.Suggestions(false, 8) })
	}
	suggesting.Wait()
	if s.searches == 0 || s.searches > 40 {
		t.Errorf("%d searches", s.searches)
	}
}

// What is suggested is answered, in whatever language, and can be shown.
func TestSuggestionsAreAnswered(t *testing.T) {
	e := reportEngine(t, nil)
	for _, zh := range []bool{false, true} {
		for _, q := range e.Suggestions(zh, 100) {
			a, err := e.Ask(t.Context(), bot.Question{Text: q, Mode: bot.ModeQuote})
			if err != nil || a.Outcome != bot.Answered || a.Refused || len(a.Citations) == 0 {
				t.Errorf("%q: %s, %v", q, a.Outcome, err)
			}
			if utf8.RuneCountInString(q) > 75 || bot.InChinese(q) != zh {
				t.Errorf("%q", q)
			}
			if _, ok := e.QuestionKey(bot.Question{Text: q}); !ok {
				t.Errorf("%q has no key", q)
			}
		}
	}
}
