package bot

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"footnote/corpus"
	"footnote/retrieval"
)

func TestAQuestionForAHeadingIsAnsweredFromItsSection(t *testing.T) {
	s := &wordSearch{confidence: 0.1}
	e := portEngine(t, s, nil)
	for question, begins := range map[string]string{
		"What does the report say about “The people”?": "“The people” begins, and goes on, like this:",
		"what does it say about \"the People\"":        "“The people” begins",
		"Hi, what is in the section “The trade”?":      "“The trade” begins:",
		"报告关于“The people”说了什么？":                        "“The people”从头到尾大致是：",
		"关于“The trade”，里面说了什么？":                        "“The trade”的开头：",
	} {
		a := ask(t, e, question)
		if a.Outcome != Answered || len(a.Citations) == 0 || !strings.HasPrefix(a.Text, begins) {
			t.Errorf("%q: %s, %q", question, a.Outcome, a.Text)
		}
		for _, c := range a.Citations {
			if !strings.Contains(begins, c.Heading) {
				t.Errorf("%q: cites %q", question, c.Heading)
			}
		}
	}
	if len(s.queries) > 0 {
		t.Errorf("searched for %q", s.queries)
	}
	for _, question := range []string{
		"What does the report say about “The ships”?", "Who wrote “The people”?", "“The people”", "What does Lund say about “The trade”?", "What “”?",
		"What does the report say about the trade?", "谁写了“The trade”？", "What does it say about ”The trade“?",
	} {
		if _, ok := e.asksForSection(question); ok {
			t.Errorf("%q is taken for a question for a section", question)
		}
	}
}

func TestAModelAnswersFromASection(t *testing.T) {
	var given []corpus.Passage
	e := playedEngine(t, playedWriter{write: func(_ context.Context, r Request, emit func(string) error) error {
		given = r.Passages
		return emit("Salt was taxed until 1905 [1].")
	}})
	a, err := e.Ask(t.Context(), Question{Text: "What does the report say about “The trade”?"})
	if err != nil || a.Mode != ModeLLM || len(given) != 1 || given[0].Headings[0] != "The trade" {
		t.Errorf("given %d passages: %+v, %v", len(given), a, err)
	}
}

func TestDocuments(t *testing.T) {
	plain := corpus.Plain("ice.txt", "The ice closed the bay every winter until the town bought a ship that could break it.")
	c := corpusOf(t, portDocument(), plain)
	e := NewEngine(c, &wordSearch{corpus: c}, nil, EngineOptions{})
	want := []DocumentInfo{
		{Name: "port.txt", Title: "The port", Date: "1931", Passages: 4, Headings: []string{"The people", "The trade"}},
		{Name: "ice.txt", Title: plain.Title, Passages: 1},
	}
	if got := e.Documents(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if e.Voice() != "" || playedEngine(t, playedWriter{}).Voice() != "played" {
		t.Error("another voice")
	}
}

// A question that is read as it is written takes nothing from the conversation.
func TestALiteralQuestion(t *testing.T) {
	history := []Turn{{Question: "Who built the lighthouse?", Answer: "Kåre Lund built the lighthouse."}}
	s := &literalSearch{}
	s.corpus, s.confidence = corpusOf(t, portDocument()), 0.8
	e := NewEngine(s.corpus, s, draftFrom(quoteBest), EngineOptions{Writer: playedWriter{
		write:   says("Kåre Lund built the lighthouse [1]."),
		rewrite: func(context.Context, string) (string, error) { t.Error("rewritten"); return "", nil },
	}})
	for _, mode := range []Mode{ModeAuto, ModeQuote} {
		a, err := e.Ask(t.Context(), Question{Text: "And when did he keep it?", History: history, Literal: true, Mode: mode})
		if err != nil || a.UnderstoodAs != "" || s.literal != "And when did he keep it?" || len(s.queries) != 0 {
			t.Errorf("searched %q, %q: %+v, %v", s.literal, s.queries, a, err)
		}
	}
}

type literalSearch struct {
	wordSearch
	literal string
}

func (s *literalSearch) SearchLiteral(ctx context.Context, query string, k int) (*retrieval.Result, error) {
	s.literal = query
	found, err := s.Search(ctx, query, k)
	s.queries = nil
	return found, err
}
