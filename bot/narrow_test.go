package bot_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/corpus"
	"footnote/corpus/load"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
)

// townHall is an engine for a few documents of a town, which disagree.
func townHall(tb testing.TB) *bot.Engine {
	tb.Helper()
	var docs []corpus.Document
	for name, text := range map[string]string{
		"minutes/2022.md": "# Minutes of the council 2022\n\nAda Berg chaired the meeting. The harbour dues were set at 40 pounds.\n",
		"minutes/2023.md": "# Minutes of the council 2023\n\nJonas Lund chaired the meeting. The harbour dues were set at 55 pounds.\n",
		"budget.md":       "# Town budget\n\nThe harbour dues bring in 9,000 pounds. The library costs 4,000 pounds, and the lighthouse 700 pounds.\n",
		"纪要.md":           "# 2023年市议会会议纪要\n\n码头费定为55英镑。会议由伦德主持。\n",
		"old/budget.md":   "# Budget of the old town\n\nThe library cost 12 pounds.\n",
	} {
		d, err := load.Parse(name, []byte(text))
		if err != nil {
			tb.Fatal(err)
		}
		docs = append(docs, d)
	}
	slices.SortFunc(docs, func(a, b corpus.Document) int { return strings.Compare(a.Name, b.Name) })
	c, err := corpus.New(docs...)
	if err != nil {
		tb.Fatal(err)
	}
	discard := slog.New(slog.DiscardHandler)
	ix, err := retrieval.Open(tb.Context(), c, retrieval.Options{Store: chromemstore.New("", discard), Embedder: embed.NewStatic()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = ix.Close() })
	return bot.NewEngine(c, ix, answer.NewQuote(), bot.EngineOptions{Link: func(d corpus.Document, _, _ int) string { return "https://a.test/" + d.Name }})
}

func TestAQuestionNamesItsDocument(t *testing.T) {
	e := townHall(t)
	for _, test := range []struct{ question, in, says string }{
		{"According to the 2023 minutes, who chaired the meeting?", "minutes/2023.md", "Jonas Lund"},
		{"According to the 2022 minutes who chaired the meeting?", "minutes/2022.md", "Ada Berg"},
		{"Who chaired the meeting according to the minutes of the council 2022?", "minutes/2022.md", "Ada Berg"},
		{"What do the 2023 minutes say about the harbour dues?", "minutes/2023.md", "55 pounds"},
		{"Hello, in the report “Town budget”, what does the library cost?", "budget.md", "4,000 pounds"},
		{"What does the library cost in the town budget?", "budget.md", "4,000 pounds"},
		{"What does the library cost in old/budget.md?", "old/budget.md", "12 pounds"},
		{"What does OLD/BUDGET.MD say about the library?", "old/budget.md", "12 pounds"},
		{"Who chaired the meeting in 2022.md?", "minutes/2022.md", "Ada Berg"},
		{"根据《2023年市议会会议纪要》，码头费是多少？", "纪要.md", "55英镑"},
		{"根据2023年市议会会议纪要，码头费是多少？", "纪要.md", "55英镑"},
		{"在纪要.md中，码头费是多少？", "纪要.md", "55英镑"},
		{"Summarise minutes/2022.md", "minutes/2022.md", "Ada Berg"},
		{"What is in minutes/2022.md?", "minutes/2022.md", "Ada Berg"},
		{"Who wrote minutes/2022.md?", "minutes/2022.md", "does not say who"},
		{"How long is minutes/2022.md?", "minutes/2022.md", "words"},
		{"When was the library built, according to 2023.md?", "minutes/2023.md", ""},
	} {
		a, err := e.Ask(t.Context(), bot.Question{Text: test.question})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.In, []string{test.in}) || !strings.Contains(a.Text, test.says) || !strings.Contains(a.Notice, test.in) {
			t.Errorf("%s\nlooked in %q: %s (%s)", test.question, a.In, a.Text, a.Notice)
		}
		for _, p := range a.Passages {
			if p.Document != test.in || p.Link != "https://a.test/"+test.in {
				t.Errorf("%s\nfound a passage of %s, at %s", test.question, p.Document, p.Link)
			}
		}
	}
}

func TestWhatOnlyLooksLikeANameNarrowsNothing(t *testing.T) {
	e := townHall(t)
	for _, question := range []string{
		"Who chaired the meeting?",
		"What is the budget of the library?",
		"According to the minutes, who chaired the meeting?",   // of several
		"According to the council, what are the harbour dues?", // a council is no document
		"What does the library cost according to budget.md?",   // two have that name
		"Compare the dues in 2022.md with those in 2023.md",
		"What was decided in 2023?",
		"What does the town cost?",
		"In the town, what does the library cost?",
		"Where is minutes/2022.md mentioned?",
		"Is the library in the town budgeted?",
		"What does the report say about “Town budget”?",
		"根据会议纪要，码头费是多少？",
		"在2023年，码头费是多少？",
	} {
		a, err := e.Ask(t.Context(), bot.Question{Text: question})
		if err != nil {
			t.Fatal(err)
		}
		if a.In != nil || strings.Contains(a.Notice, "only") {
			t.Errorf("%s\nlooked only in %q", question, a.In)
		}
	}
}

func TestAFollowUpStaysInTheDocument(t *testing.T) {
	e := townHall(t)
	first := bot.Turn{Question: "According to the 2022 minutes, who chaired the meeting?", Answer: "Ada Berg chaired the meeting. [1]"}
	for _, test := range []struct{ question, in, says string }{
		{"And the harbour dues?", "minutes/2022.md", "40 pounds"},
		{"And in 2023.md?", "minutes/2023.md", "Jonas Lund"},
		{"What does the library cost?", "", "pounds"},
	} {
		a, err := e.Ask(t.Context(), bot.Question{Text: test.question, History: []bot.Turn{first}})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(a.In, " ") != test.in || !strings.Contains(a.Text, test.says) {
			t.Errorf("%s\nlooked in %q: %s", test.question, a.In, a.Text)
		}
	}
}

func TestAnEngineIsNarrowedByName(t *testing.T) {
	e := townHall(t)
	for given, want := range map[string]string{
		"budget.md": "budget.md", "old/budget.md": "old/budget.md", "Town budget": "budget.md", "2022.md": "minutes/2022.md",
		"2023": "minutes/2023.md", "minutes of the COUNCIL 2023": "minutes/2023.md",
	} {
		narrowed, err := e.In(given)
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		if docs := narrowed.Documents(); len(docs) != 1 || docs[0].Name != want {
			t.Errorf("%s is %+v, want %s", given, docs, want)
		}
	}
	both, err := e.In("2022", "2023")
	if err != nil {
		t.Fatal(err)
	}
	a, err := both.Ask(t.Context(), bot.Question{Text: "What does the library cost?"})
	if err != nil || !a.Refused && len(a.Citations) > 0 && a.Citations[0].Document == "budget.md" {
		t.Errorf("%+v, %v", a, err)
	}
	found, err := both.Search(t.Context(), "library", 10)
	if err != nil || slices.ContainsFunc(found, func(r bot.Retrieved) bool { return !strings.HasPrefix(r.Document, "minutes/") }) {
		t.Errorf("%+v, %v", found, err)
	}
	unknown := new(bot.UnknownDocumentError)
	if _, err := e.In("minuts/2023.md"); !errors.As(err, &unknown) || unknown.Several || unknown.Near[0] != "minutes/2023.md" {
		t.Errorf("%v, %+v", err, unknown)
	}
	if _, err := e.In("budget"); !errors.As(err, &unknown) || !unknown.Several || len(unknown.Near) != 2 {
		t.Errorf("%v, %+v", err, unknown)
	}
}

func TestAnswersFromSeveralDocumentsSayWhich(t *testing.T) {
	a, err := townHall(t).Ask(t.Context(), bot.Question{Text: "Who chaired the meeting?"})
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Citations) < 2 || !strings.Contains(a.Text, "minutes/2022.md: ") || !strings.Contains(a.Text, "minutes/2023.md: ") {
		t.Errorf("%d citations: %s", len(a.Citations), a.Text)
	}
}

func FuzzNamedDocument(f *testing.F) {
	for _, q := range []string{
		"According to the 2023 minutes, who?", "In “Town budget”", "根据《2023年市议会会议纪要》中", "does budget.md say", "of \"", "in İ.md", "As per  the\n budget.md.", "\xff in \xff",
	} {
		f.Add(q)
	}
	e := townHall(f)
	f.Fuzz(func(t *testing.T, question string) {
		a, err := e.Ask(t.Context(), bot.Question{Text: question, History: []bot.Turn{{Question: question}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range a.Citations {
			if a.In != nil && !slices.Contains(a.In, c.Document) {
				t.Errorf("%q is narrowed to %q and cites %s", question, a.In, c.Document)
			}
		}
	})
}
