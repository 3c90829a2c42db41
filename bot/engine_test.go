package bot

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"

	"footnote/bot/cite"
	"footnote/corpus"
	"footnote/retrieval"
)

func TestAskAnswersWithCheckedCitations(t *testing.T) {
	e := portEngine(t, &wordSearch{confidence: 0.8}, quoteBest)
	a := ask(t, e, "  Who built the lighthouse?\n")

	if a.Question != "  Who built the lighthouse?\n" {
		t.Errorf("the question came back as %q", a.Question)
	}
	if a.Outcome != Answered || a.Confidence != 0.8 || a.Notice != "" || a.UnderstoodAs != "" {
		t.Errorf("got %+v", a)
	}
	if len(a.Citations) != 1 || len(a.Passages) != 4 {
		t.Fatalf("%d citations, %d passages", len(a.Citations), len(a.Passages))
	}
	got, want := a.Citations[0], Citation{Marker: 1, Document: "port.txt", Paragraph: 3, Heading: "The people", Date: "1931"}
	want.Passage, want.Quote, want.Start, want.End = got.Passage, a.Passages[0].Text, strings.Index(port, "Kåre"), strings.Index(port, "\nShips")
	if got != want {
		t.Errorf("citation\n%+v, want\n%+v", got, want)
	}
	if want := (cite.Checks{Markers: 1, MarkersValid: 1, Quotes: 1, QuotesVerbatim: 1, Numbers: 1, NumbersGrounded: 1}); a.Checks != want {
		t.Errorf("checks %+v, want %+v", a.Checks, want)
	}
}

func TestAskShowsADocumentsOwnBracketsApart(t *testing.T) {
	e := portEngine(t, &wordSearch{confidence: 0.8}, quoteBest)
	a := ask(t, e, "How much did the council pay for the port in pounds?")
	if !strings.Contains(a.Text, "years.(3) [1]") || !strings.HasSuffix(a.Citations[0].Quote, "years.[3]") {
		t.Errorf("text %q, quote %q", a.Text, a.Citations[0].Quote)
	}
}

func TestAskListsWhatIsCitedBeyondTheBest(t *testing.T) {
	var docs []corpus.Document
	for i := range 14 {
		name := string(rune('a' + i))
		docs = append(docs, corpus.Plain(name+".txt", "The letter "+name+" is described in this paragraph, and nothing else is said about it here."))
	}
	c := corpusOf(t, docs...)
	last := c.Passages[13]
	e := NewEngine(c, &wordSearch{corpus: c}, draftFrom(func(string, *retrieval.Result) (Draft, error) {
		return Draft{Text: "It is described [4].", Outcome: Answered,
			Sources: []Source{{Marker: 4, Passage: last.ID, Start: last.Start, End: last.End}}}, nil
	}), EngineOptions{})
	a := ask(t, e, "Which letter?")
	if len(a.Passages) != passagesShown+1 || a.Passages[10].Passage != last.ID || a.Passages[10].Rank != 11 {
		t.Errorf("%d passages", len(a.Passages))
	}
}

func TestAskWithholdsWhatCannotBeChecked(t *testing.T) {
	for name, draft := range map[string]Draft{
		"no marker":         {Text: "It was dug in 1999.", Outcome: Answered},
		"an unknown marker": {Text: "It was dug in 1999. [1]", Outcome: Answered},
		"a false source":    {Text: "It was dug. [1]", Outcome: Uncertain, Sources: []Source{{Marker: 1, Passage: "nowhere", Start: 0, End: 5}}},
		"no outcome":        {Text: "It was dug."},
		"a false outcome":   {Text: "It was dug.", Outcome: Social},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			s := &wordSearch{confidence: 0.7, corpus: corpusOf(t, portDocument())}
			e := NewEngine(s.corpus, s, draftFrom(func(string, *retrieval.Result) (Draft, error) { return draft, nil }),
				EngineOptions{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			a := ask(t, e, "When was the port dug?")
			if !a.Refused || a.Confidence != 0.7 || strings.Contains(a.Text, "dug") {
				t.Errorf("got %+v", a)
			}
			if !strings.Contains(log.String(), "withheld") || strings.Contains(log.String(), "When was") {
				t.Errorf("log: %s", log.String())
			}
		})
	}
}

func TestAskRefusesWithoutCitationsAndNamesTheNearestHeadings(t *testing.T) {
	refuse := func(string, *retrieval.Result) (Draft, error) {
		return Draft{Text: "The report does not say. [1]", Outcome: NotFound, Sources: []Source{{Marker: 1, Passage: "x", Start: 0, End: 1}}}, nil
	}
	t.Run("one document", func(t *testing.T) {
		e := portEngine(t, &wordSearch{confidence: 0.1}, refuse)
		a := ask(t, e, "What did salted fish from Riga cost in 2027?")
		if want := []string{"The people", "The trade"}; !slices.Equal(a.Headings, want) {
			t.Errorf("headings %q, want %q", a.Headings, want)
		}
		if want := "The report does not say. The nearest parts are “The people” and “The trade”."; a.Text != want {
			t.Errorf("text %q, want %q", a.Text, want)
		}
		if a.Confidence != 0.1 || a.Checks != (cite.Checks{}) {
			t.Errorf("confidence %v, checks %+v", a.Confidence, a.Checks)
		}
	})
	t.Run("several documents", func(t *testing.T) {
		plain := corpus.Plain("ice.txt", "The ice closed the bay every winter until the town bought a ship that could break it.")
		c := corpusOf(t, portDocument(), plain)
		e := NewEngine(c, &wordSearch{corpus: c}, draftFrom(refuse), EngineOptions{})
		if a, want := ask(t, e, "the salt tax"), "The port › The trade"; a.Headings[0] != want {
			t.Errorf("headings %q, want %q first", a.Headings, want)
		}
	})
	t.Run("no headings", func(t *testing.T) {
		c := corpusOf(t, corpus.Plain("ice.txt", "The ice closed the bay every winter."))
		e := NewEngine(c, &wordSearch{corpus: c}, draftFrom(refuse), EngineOptions{})
		if a := ask(t, e, "the salt tax"); a.Headings != nil || a.Text != "The report does not say." {
			t.Errorf("%q, headings %q", a.Text, a.Headings)
		}
	})
}

func TestAskCorrectsWithACitation(t *testing.T) {
	e := portEngine(t, &wordSearch{confidence: 0.9, conflict: &retrieval.Conflict{Asked: "lifted"}}, func(_ string, r *retrieval.Result) (Draft, error) {
		p := r.Passages[0].Passage
		return Draft{Text: "The report does not say this. It says: " + p.Text + " [1]", Outcome: NotFound,
			Sources: []Source{{Marker: 1, Passage: p.ID, Start: p.Start, End: p.End}}}, nil
	})
	a := ask(t, e, "Why was the salt tax lifted?")
	if !a.Refused || a.Confidence != 0.15 || len(a.Citations) != 1 || a.Headings != nil || !strings.HasSuffix(a.Text, " [1]") {
		t.Errorf("got %+v", a)
	}
}

func TestAskSaysHowItReadTheQuestion(t *testing.T) {
	s := &wordSearch{corrections: []retrieval.Correction{{From: "ligthouse", To: "lighthouse"}, {From: "biult", To: "built"}}}
	e := portEngine(t, s, quoteBest)
	a := ask(t, e, "Hi, who biult the ligthouse?")
	if want := "Read “ligthouse” as “lighthouse” and “biult” as “built”."; a.Notice != want {
		t.Errorf("notice %q, want %q", a.Notice, want)
	}
	if want := "who built the lighthouse?"; a.UnderstoodAs != want {
		t.Errorf("understood as %q, want %q", a.UnderstoodAs, want)
	}

	s = &wordSearch{}
	e = portEngine(t, s, quoteBest)
	if a := ask(t, e, "Thanks, and who built it?"); a.UnderstoodAs != "who built it?" || s.queries[0] != "who built it?" {
		t.Errorf("understood as %q, searched %q", a.UnderstoodAs, s.queries)
	}
	long := "Who? " + strings.Repeat("x ", 4000) + "end"
	if a := ask(t, e, long); !strings.Contains(a.Notice, "beginning and its end") || a.Question != long || a.UnderstoodAs != "" {
		t.Errorf("notice %q", a.Notice)
	}
	if a := ask(t, e, "who\xff?"); a.Question != "who\uFFFD?" {
		t.Errorf("the question came back as %q", a.Question)
	}
}

func TestAskRepliesToCourtesiesWithoutASearch(t *testing.T) {
	s := &wordSearch{}
	e := portEngine(t, s, func(string, *retrieval.Result) (Draft, error) { panic("no answer is to be written") })
	for question, wants := range map[string][]string{
		"":             {"“The port”", "“The people”", "“The trade”", "What is it about?"},
		"help":         {"“The port”", "“The people”", "“The trade”"},
		"hello!":       {"Hello.", "“The port”"},
		"thanks a lot": {"Glad to help.", "“The port”"},
		"Goodbye":      {"Goodbye.", "“The port”"},
		"你好":           {"您好。", "“The port”", "关于“The people”"},
		"谢谢":           {"不客气。"},
		"再见":           {"再见。"},
	} {
		a := ask(t, e, question)
		if a.Outcome != Social || a.Refused || a.Confidence != 0 || len(a.Citations)+len(a.Passages) != 0 {
			t.Errorf("%q: %+v", question, a)
		}
		for _, want := range wants {
			if !strings.Contains(a.Text, want) {
				t.Errorf("%q: %q does not hold %q", question, a.Text, want)
			}
		}
	}
	if len(s.queries) > 0 {
		t.Errorf("searched for %q", s.queries)
	}
}

func TestExamplesAreQuestionsThatWork(t *testing.T) {
	plain := corpus.Plain("ice.txt", "The ice closed the bay every winter.")
	for _, docs := range [][]corpus.Document{{portDocument()}, {plain}, {portDocument(), plain}} {
		e := NewEngine(corpusOf(t, docs...), nil, nil, EngineOptions{})
		for _, zh := range []bool{false, true} {
			examples := strings.Split(e.examples(zh), "\n- ")[1:]
			if len(examples) < 2 || len(examples) > 3 {
				t.Errorf("%d examples: %q", len(examples), examples)
			}
			for _, example := range examples {
				onTopic := strings.Contains(example, "“")
				if kind, asked := splitCourtesy(example); kind != noCourtesy || asked != example || aboutWhole(asked) == onTopic {
					t.Errorf("%q is not asked as it is meant", example)
				}
			}
		}
	}
}

func TestAskReturnsErrors(t *testing.T) {
	broken := errors.New("broken")
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	fails := func(string, *retrieval.Result) (Draft, error) { return Draft{}, broken }

	for _, tt := range []struct {
		name   string
		ctx    context.Context
		search *wordSearch
		answer draftFrom
		mode   Mode
		want   error
		says   string
	}{
		{"cancelled", cancelled, &wordSearch{}, quoteBest, ModeQuote, context.Canceled, "answering: context canceled"},
		{"search", t.Context(), &wordSearch{err: broken}, quoteBest, ModeAuto, broken, "searching the corpus: broken"},
		{"answerer", t.Context(), &wordSearch{}, fails, "", broken, "writing the answer: broken"},
		{"no model", t.Context(), &wordSearch{}, quoteBest, ModeLLM, ErrNoModel, "no language model is configured"},
		{"unknown mode", t.Context(), &wordSearch{}, quoteBest, "fast", nil, `answering: there is no mode "fast"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := portEngine(t, tt.search, tt.answer).Ask(tt.ctx, Question{Text: "When?", Mode: tt.mode})
			if err == nil || err.Error() != tt.says || (tt.want != nil && !errors.Is(err, tt.want)) {
				t.Errorf("error %v, want %q", err, tt.says)
			}
		})
	}
}

func TestAskGoesOnWithoutVectors(t *testing.T) {
	s := &wordSearch{corpus: corpusOf(t, portDocument()), degraded: errors.New("no vectors today")}
	e := NewEngine(s.corpus, s, draftFrom(quoteBest), EngineOptions{})
	if a := ask(t, e, "Who built the lighthouse?"); a.Outcome != Answered || len(a.Citations) != 1 {
		t.Errorf("got %+v", a)
	}
}

func TestSearchReturnsRankedPassages(t *testing.T) {
	s := &wordSearch{}
	e := portEngine(t, s, quoteBest)
	got, err := e.Search(t.Context(), "lighthouse", 2)
	if err != nil || len(got) != 2 || got[0].Rank != 1 || got[0].Paragraph != 3 || got[0].Heading != "The people" || got[0].Score != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := e.Search(t.Context(), " ? ", 2); err != nil || got == nil || len(got) != 0 {
		t.Errorf("an empty query found %v, %v", got, err)
	}
	if _, err := e.Search(t.Context(), "lighthouse", 0); err == nil {
		t.Error("no error for k = 0")
	}
	s.err = errors.New("broken")
	if _, err := e.Search(t.Context(), "lighthouse", 2); err == nil || err.Error() != "searching the corpus: broken" {
		t.Errorf("error %v", err)
	}
}

func TestConfidenceIsAProbability(t *testing.T) {
	for given, want := range map[float64]float64{0.5: 0.5, -1: 0, 7: 1, math.Inf(1): 1} {
		e := portEngine(t, &wordSearch{confidence: given}, quoteBest)
		if a := ask(t, e, "Who?"); a.Confidence != want {
			t.Errorf("confidence %v became %v, want %v", given, a.Confidence, want)
		}
	}
	e := portEngine(t, &wordSearch{confidence: math.NaN()}, quoteBest)
	if a := ask(t, e, "Who?"); a.Confidence != 0 {
		t.Errorf("NaN became %v", a.Confidence)
	}
}

// FuzzAsk puts any question to any document with an answerer that lies.
func FuzzAsk(f *testing.F) {
	f.Add(port, "Who built it?", "Lund did. [1][2] [[3]1]", 0, 9, 3)
	f.Add("# [1]\n\n[2] Erste Zeile.\n\n第一段。第二段。", "What is it about?", "", -3, 2, 0)
	f.Add("a\n\nb [1]\n\nc", "help", "[1]", 1, 1, 1)
	f.Fuzz(func(t *testing.T, document, question, text string, start, length, outcome int) {
		doc := corpus.Plain("d.txt", strings.ToValidUTF8(document, "?"))
		c, err := corpus.New(doc)
		if err != nil {
			return
		}
		e := NewEngine(c, &wordSearch{corpus: c, confidence: float64(length) / 10}, draftFrom(func(string, *retrieval.Result) (Draft, error) {
			d := Draft{Text: text, Outcome: []Outcome{Answered, Uncertain, NotFound, Social, ""}[uint(outcome)%5]}
			for i, p := range c.Passages[:min(len(c.Passages), 12)] {
				d.Sources = append(d.Sources, Source{Marker: i + 1, Passage: p.ID, Start: p.Start + start, End: p.Start + start + length})
			}
			return d, nil
		}), EngineOptions{})
		ask(t, e, question)
		ask(t, e, "summary")
		ask(t, e, "")
	})
}
