package answer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/corpus"
	"footnote/retrieval"
)

// found makes a result from a text: its sentences in the order given, by what
// they start with, each with its share of belief.
func found(t *testing.T, text string, confidence float64, ranked ...pick) *retrieval.Result {
	t.Helper()
	c, err := corpus.New(corpus.Plain("harbour.txt", text))
	if err != nil {
		t.Fatal(err)
	}
	r := &retrieval.Result{Confidence: confidence}
	for _, p := range ranked {
		r.Sentences = append(r.Sentences, p.find(t, c))
	}
	return r
}

type pick struct {
	start       string
	probability float64
	covers      []int
}

func (p pick) find(t *testing.T, c *corpus.Corpus) retrieval.Sentence {
	t.Helper()
	for _, passage := range c.Passages {
		for _, s := range corpus.Sentences(passage.Text) {
			if text := passage.Text[s.Start:s.End]; strings.HasPrefix(text, p.start) {
				return retrieval.Sentence{
					Passage: passage, Start: passage.Start + s.Start, End: passage.Start + s.End, Text: text,
					Probability: p.probability, Covers: p.covers,
				}
			}
		}
	}
	t.Fatalf("no sentence starts with %q", p.start)
	return retrieval.Sentence{}
}

const harbour = `The harbour opened in 1904. It cost 3 million crowns. Ships came from Riga.
"The port was a mistake," wrote the mayor in 1911.
Some liked it. "We never had such trade." Anna Berg, the first harbour master, said.
The railway reached the town in 1920. A second line followed in 1931 [2].`

func TestQuoteChoosesSentences(t *testing.T) {
	for name, c := range map[string]struct {
		confidence float64
		ranked     []pick
		terms      []retrieval.Term
		want       string
		outcome    bot.Outcome
	}{
		"the best alone where it is certain": {
			0.9, []pick{{start: "The harbour", probability: 0.9}, {start: "The railway", probability: 0.05}}, nil,
			"The harbour opened in 1904. [1]", bot.Answered,
		},
		"a rival beside it where the choice is close": {
			0.9, []pick{{start: "The harbour", probability: 0.4}, {start: "The railway", probability: 0.3}}, nil,
			"The harbour opened in 1904. [1]\nThe railway reached the town in 1920. [2]", bot.Answered,
		},
		"neighbours as one quotation": {
			0.9, []pick{{start: "It cost", probability: 0.4}, {start: "The harbour", probability: 0.3}}, nil,
			"The harbour opened in 1904. It cost 3 million crowns. [1]", bot.Answered,
		},
		"a saying with the sentence that says whose it is": {
			0.9, []pick{{start: "\"We never", probability: 0.9}}, nil,
			"\"We never had such trade.\" Anna Berg, the first harbour master, said. [1]", bot.Answered,
		},
		"whose saying it is with the saying where that holds more of the question": {
			0.9, []pick{{start: "Anna Berg", probability: 0.9, covers: []int{0}}, {start: "\"We never", probability: 0.05, covers: []int{1}}},
			[]retrieval.Term{{Text: "Anna Berg", Specific: true}, {Text: "trade"}},
			"\"We never had such trade.\" Anna Berg, the first harbour master, said. [1]", bot.Answered,
		},
		"whose saying it is alone where that is all that was asked": {
			0.9, []pick{{start: "Anna Berg", probability: 0.9, covers: []int{0}}, {start: "\"We never", probability: 0.05}},
			[]retrieval.Term{{Text: "Anna Berg", Specific: true}},
			"Anna Berg, the first harbour master, said. [1]", bot.Answered,
		},
		"a further sentence for a name that the first lacks": {
			0.9, []pick{{start: "The harbour", probability: 0.9, covers: []int{0}}, {start: "Ships", probability: 0.05, covers: []int{1}}},
			[]retrieval.Term{{Text: "harbour"}, {Text: "Riga", Specific: true}},
			"The harbour opened in 1904. [1]\nShips came from Riga. [2]", bot.Answered,
		},
		"with a reservation where it is not sure": {
			0.4, []pick{{start: "The harbour", probability: 0.9}}, nil,
			"The report may not say this. The closest passage is: The harbour opened in 1904. [1]", bot.Uncertain,
		},
		"none where the corpus does not say": {
			0.05, []pick{{start: "The harbour", probability: 0.9}}, nil,
			"The report does not say.", bot.NotFound,
		},
		"without the document's own bracketed numbers as markers": {
			0.9, []pick{{start: "A second", probability: 0.9}}, nil,
			"A second line followed in 1931 (2). [1]", bot.Answered,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := found(t, harbour, c.confidence, c.ranked...)
			r.Terms = c.terms
			draft, err := answer.NewQuote().Answer(t.Context(), "", r)
			if err != nil {
				t.Fatal(err)
			}
			if draft.Text != c.want || draft.Outcome != c.outcome {
				t.Errorf("got %s: %q\nwant %s: %q", draft.Outcome, draft.Text, c.outcome, c.want)
			}
			for _, s := range draft.Sources {
				p := r.Sentences[0].Passage
				if s.Passage == p.ID && (s.Start < p.Start || s.End > p.End) {
					t.Errorf("source %v leaves its passage", s)
				}
			}
		})
	}
}

func TestAnAttributionIsNotAnySentenceWithSaid(t *testing.T) {
	for text, whole := range map[string]bool{
		`"We will win." Xiao Yanghua, a professor at the School of Computer Science, said.`:    true,
		`"We will win." Wu Wei told reporters.`:                                                true,
		`"We will win." Qiu Xipeng, head of the system, said in an interview with the herald.`: true,
		`"We will win." The company announced a new office in Lisbon on Monday.`:               false,
		`"We will win." Wu Wei told the herald that in his view the gap was half a year.`:      false,
		`"We will win." Anna said the harbour had closed.`:                                     false,
		`他们会赢：“我们会赢。”王小川说。`:                                                                    true,
	} {
		c, err := corpus.New(corpus.Plain("a.txt", text))
		if err != nil {
			t.Fatal(err)
		}
		p := c.Passages[0]
		spans := corpus.Sentences(p.Text)
		r := &retrieval.Result{Confidence: 0.9, Sentences: []retrieval.Sentence{{
			Passage: p, Start: p.Start + spans[0].Start, End: p.Start + spans[0].End, Text: p.Text[spans[0].Start:spans[0].End], Probability: 1, Covers: []int{0},
		}}}
		draft, err := answer.NewQuote().Answer(t.Context(), "who", r)
		if err != nil {
			t.Fatal(err)
		}
		if got := draft.Sources[0].End == p.End; got != whole {
			t.Errorf("%q: all of it is quoted: %v (sentences %v)", text, got, spans)
		}
	}
}

func TestEveryPartOfAQuestionIsAnswered(t *testing.T) {
	r := found(t, harbour, 0.9, pick{start: "The harbour", probability: 0.9})
	r.Parts = []*retrieval.Result{
		found(t, harbour, 0.9, pick{start: "The railway", probability: 0.9}),
		found(t, harbour, 0.1, pick{start: "Ships", probability: 0.9}),
		found(t, harbour, 0.9, pick{start: "It cost", probability: 0.9}),
	}
	draft, err := answer.NewQuote().Answer(t.Context(), "", r)
	if want := "The railway reached the town in 1920. [1]\nIt cost 3 million crowns. [2]"; err != nil || draft.Text != want {
		t.Errorf("got %q, want %q (%v)", draft.Text, want, err)
	}
}

func TestARefusalNamesWhatIsMissing(t *testing.T) {
	for want, missing := range map[string][]string{
		"The report does not say.":                                                 nil,
		"The report does not say. It does not mention “tofu”.":                     {"tofu"},
		"The report does not say. It does not mention “mapo” or “tofu”.":           {"mapo", "tofu"},
		"The report does not say. It does not mention “recipe”, “mapo” or “tofu”.": {"recipe", "mapo", "tofu"},
		"The report does not say. It does not mention “recipe”, “mapo” or “bean”.": {"recipe", "mapo", "bean", "curd"},
	} {
		if got := answer.NewQuote().Refusal("what", &retrieval.Result{Missing: missing}); got != want {
			t.Errorf("missing %q: %q, want %q", missing, got, want)
		}
	}
}

func TestARefusalIsInTheAskersLanguage(t *testing.T) {
	for want, missing := range map[string][]string{
		"报告没有说明这一点。":           nil,
		"报告没有说明这一点，也没有提到“豆腐”。": {"豆腐"},
	} {
		if got := answer.NewQuote().Refusal("豆腐怎么做?", &retrieval.Result{Missing: missing}); got != want {
			t.Errorf("missing %q: %q, want %q", missing, got, want)
		}
	}
}

func TestAnEndedContextEndsTheAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := answer.NewQuote().Answer(ctx, "", &retrieval.Result{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAQuotationThatIsAskedForTakesItsSpeakerAlong(t *testing.T) {
	const text = `"The port is at the level of Riga's." Anna Berg, the harbour master, told the Herald that the gap was half a year. It rained.`
	for saying, want := range map[bool]string{
		true:  `"The port is at the level of Riga's." Anna Berg, the harbour master, told the Herald that the gap was half a year. [1]`,
		false: `"The port is at the level of Riga's." [1]`,
	} {
		r := found(t, text, 0.9, pick{`"The port`, 0.9, nil})
		r.Saying = saying
		draft, err := answer.NewQuote().Answer(t.Context(), "Who thinks that the port is at Riga's level?", r)
		if err != nil || draft.Text != want {
			t.Errorf("asked for what was said %t: %q, %v", saying, draft.Text, err)
		}
	}
}

func TestWhatTheReportContradictsIsCorrectedWithAQuote(t *testing.T) {
	for question, lead := range map[string]string{
		"Why did the harbour open in 1914?": "The report does not say “1914” here. What it says is: ",
		"港口为什么在1914年开放？":                    "报告没有说“1914”。原文是：",
	} {
		r := found(t, harbour, 0.1, pick{"The harbour", 0.9, nil})
		r.Conflict = &retrieval.Conflict{Asked: "1914", Sentence: r.Sentences[0]}
		draft, err := answer.NewQuote().Answer(t.Context(), question, r)
		if err != nil {
			t.Fatal(err)
		}
		if want := lead + "The harbour opened in 1904. [1]"; draft.Text != want || draft.Outcome != bot.NotFound {
			t.Errorf("%s: %q, want %q", draft.Outcome, draft.Text, want)
		}
		if len(draft.Sources) != 1 || draft.Sources[0].Passage != r.Sentences[0].Passage.ID {
			t.Errorf("the sources are %+v", draft.Sources)
		}
	}
}
