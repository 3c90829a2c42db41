package bot

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"footnote/retrieval"
)

const honest = "Kåre Lund built the lighthouse [1]. "

// A stopping asker stops as soon as a sentence is shown.
func stoppingAsker(text string) (Question, *[]string) {
	stop := make(chan struct{})
	var shown []string
	return Question{Text: text, Stop: stop, Show: func(ctx context.Context, sentence string) error {
		if shown = append(shown, sentence); len(shown) == 1 {
			close(stop)
		}
		time.Sleep(10 * time.Millisecond) // for whatever the stop ends
		return ctx.Err()
	}}, &shown
}

func TestWhatWasVerifiedBeforeTheStopIsTheAnswer(t *testing.T) {
	for name, tt := range map[string]struct {
		question, first, rest, notice string
		outcome                       Outcome
	}{
		"answered": {"Who built the lighthouse?", honest, "His daughter Marit kept it after him [1]. ",
			"Stopped as you asked; what stands here was checked.", Answered},
		"in Chinese": {"灯塔是谁建的？", "Kåre Lund built the lighthouse [2]. ", "His daughter Marit kept it after him [2]. ", "已按您的要求停止；这里显示的内容都已核对。", Answered},
		"not found":  {"Who built the lighthouse?", "NOT_FOUND\n", honest, "Stopped as you asked; what stands here was checked.", NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan error, 1)
			e := playedEngine(t, playedWriter{write: func(ctx context.Context, _ Request, emit func(string) error) error {
				if err := emit(tt.first + tt.rest + "Ships"); err != nil {
					return err
				}
				<-ctx.Done()
				ended <- ctx.Err()
				return ctx.Err()
			}, mend: func(context.Context, string) (string, error) { t.Error("asked to mend"); return "", nil }})
			q, shown := stoppingAsker(tt.question)
			a, err := e.Ask(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if a.Outcome != tt.outcome || a.Notice != tt.notice || a.Mode != ModeLLM || len(*shown) != 1 || !strings.HasPrefix(a.Text, (*shown)[0]) {
				t.Errorf("%s, %q, notice %q, shown %q", a.Outcome, a.Text, a.Notice, *shown)
			}
			if a.Refused != (tt.outcome == NotFound) || len(a.Citations) != strings.Count(a.Text, "[") {
				t.Errorf("refused %v, citations %+v", a.Refused, a.Citations)
			}
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("the model's call ended with %v", err)
			}
		})
	}
}

func TestAStopBeforeAnythingWasVerified(t *testing.T) {
	history := []Turn{{Question: "Who built the lighthouse?", Answer: "Kåre Lund built the lighthouse."}}
	for name, tt := range map[string]struct {
		text   string
		during string // the call in which the asker stops; "" before any
		calls  string
	}{
		"before the question":        {"Who built the lighthouse?", "", ""},
		"while it is rewritten":      {"And when did he keep it?", "rewrite", "rewrite"},
		"while the model thinks":     {"Who built the lighthouse?", "write", "write"},
		"while a sentence is mended": {"Who kept the lighthouse?", "mend", "write mend"},
		"in Chinese":                 {"灯塔是谁建的？", "write", "write"},
		"a summary":                  {"What is it about?", "write", "write"},
	} {
		t.Run(name, func(t *testing.T) {
			stop := make(chan struct{})
			var calls []string
			called := func(ctx context.Context, name string) error {
				if calls = append(calls, name); name != tt.during {
					return nil
				}
				close(stop)
				<-ctx.Done()
				return ctx.Err()
			}
			e := playedEngine(t, playedWriter{
				rewrite: func(ctx context.Context, q string) (string, error) { return q, called(ctx, "rewrite") },
				write: func(ctx context.Context, _ Request, emit func(string) error) error {
					if err := called(ctx, "write"); err != nil {
						return err
					}
					return emit("The port was dug in 1999 [1]. " + honest)
				},
				mend: func(ctx context.Context, _ string) (string, error) { return honest, called(ctx, "mend") },
			})
			if tt.during == "" {
				close(stop)
			}
			a, err := e.Ask(t.Context(), Question{Text: tt.text, History: history, Stop: stop})
			if err != nil {
				t.Fatal(err)
			}
			want := pick(InChinese(tt.text), "Stopped. Nothing had been found yet that I could show.", "已停止。当时还没有找到可以显示的内容。")
			if a.Outcome != Stopped || a.Refused || a.Text != want || a.Notice != "" || len(a.Citations)+len(a.Passages) != 0 || a.Citations == nil {
				t.Errorf("%+v", a)
			}
			if got := strings.Join(calls, " "); got != tt.calls {
				t.Errorf("called %q, want %q", got, tt.calls)
			}
		})
	}
}

func TestAStopThatComesTooLateChangesNothing(t *testing.T) {
	stop := make(chan struct{})
	s := &wordSearch{confidence: 0.8}
	e := portEngine(t, s, quoteBest)
	q := Question{Text: "Who built the lighthouse?", Stop: stop}
	usual, err := e.Ask(t.Context(), q)
	if err != nil || usual.Outcome != Answered || usual.Notice != "" {
		t.Fatalf("%+v, %v", usual, err)
	}
	// Quotes are found at once.
	e = portEngine(t, s, func(question string, found *retrieval.Result) (Draft, error) {
		close(stop)
		return quoteBest(question, found)
	})
	if a, err := e.Ask(t.Context(), q); err != nil || a.Outcome != Answered || a.Text != usual.Text {
		t.Errorf("%+v, %v", a, err)
	}
	// The model had written all.
	q.Stop = make(chan struct{})
	e = playedEngine(t, playedWriter{write: says(honest)})
	if a, err := e.Ask(t.Context(), q); err != nil || a.Outcome != Answered || a.Notice != "" {
		t.Errorf("%+v, %v", a, err)
	}
}

// The tokens that were counted before the stop are told.
func TestAStoppedAnswerTellsWhatWasCounted(t *testing.T) {
	q, _ := stoppingAsker("Who built the lighthouse?")
	e := playedEngine(t, countingWriter{playedWriter{write: func(ctx context.Context, _ Request, emit func(string) error) error {
		if err := emit(honest + "Ships "); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}}})
	a, err := e.Ask(t.Context(), q)
	if err != nil || a.Tokens != (Usage{Prompt: 100, Completion: 7}) {
		t.Errorf("%+v, %v", a.Tokens, err)
	}
}

// A countingWriter's server counts, whatever becomes of the call.
type countingWriter struct{ playedWriter }

func (c countingWriter) Write(ctx context.Context, r Request, emit func(string) error) (Usage, error) {
	_, err := c.playedWriter.Write(ctx, r, emit)
	return Usage{Prompt: 100, Completion: 7}, err
}

// An empty purse is no failure of the model: the next question asks it.
func TestAnEmptyPurse(t *testing.T) {
	for zh, want := range map[bool]string{
		false: "The language model did not answer (today's budget is used up), so these are the report's own sentences.",
		true:  "语言模型未能回答（今天的额度已用完），以下是报告原文。",
	} {
		asked := 0
		e := playedEngine(t, playedWriter{write: func(context.Context, Request, func(string) error) error { asked++; return ErrBudget }})
		for range 2 {
			a, err := e.Ask(t.Context(), Question{Text: pick(zh, "Who built the lighthouse?", "灯塔是谁建的？")})
			if err != nil || a.Mode != ModeQuote || a.Notice != want || len(a.Citations) == 0 {
				t.Fatalf("%+v, %v", a, err)
			}
		}
		if asked != 2 {
			t.Errorf("asked %d times", asked)
		}
		e.noteFailure(t.Context(), ErrBudget, time.Minute)
		if err := e.rest.now(); err != nil {
			t.Errorf("the model rests: %v", err)
		}
	}
}

// A purse that is emptied by the answer mends nothing, and rewrites nothing.
func TestAPurseEmptiedOnTheWay(t *testing.T) {
	history := []Turn{{Question: "Who built the lighthouse?", Answer: "Kåre Lund built the lighthouse."}}
	mends := 0
	e := playedEngine(t, playedWriter{
		rewrite: func(context.Context, string) (string, error) { return "", ErrBudget },
		write:   says(falsehoods + honest),
		mend:    func(context.Context, string) (string, error) { mends++; return "", ErrBudget },
	})
	a, err := e.Ask(t.Context(), Question{Text: "When did he keep it?", History: history})
	if err != nil || a.Outcome != Answered || mends != 1 || a.Checks.SentencesWithdrawn != 4 || !strings.Contains(a.Text, "Kåre Lund built") {
		t.Errorf("%d mends, %+v, %v", mends, a, err)
	}
	if !strings.Contains(a.UnderstoodAs, "(lighthouse") && !strings.Contains(a.UnderstoodAs, "built") {
		t.Errorf("understood as %q", a.UnderstoodAs)
	}
}

// Every request carries the question's purse.
func TestThePurseGoesWithEveryRequest(t *testing.T) {
	p := struct{ Purse }{}
	w := &purseWriter{}
	e := playedEngine(t, w)
	history := []Turn{{Question: "Who built the lighthouse?", Answer: "Kåre Lund built the lighthouse."}}
	for _, text := range []string{"And when did he keep it?", "What is it about?"} {
		if _, err := e.Ask(t.Context(), Question{Text: text, History: history, Purse: p}); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.purses) < 4 {
		t.Errorf("%d requests", len(w.purses))
	}
	for _, got := range w.purses {
		if got != p {
			t.Errorf("a request with the purse %v", got)
		}
	}
}

type purseWriter struct{ purses []Purse }

func (*purseWriter) Model() string { return "purse" }

func (w *purseWriter) Write(_ context.Context, r Request, emit func(string) error) (Usage, error) {
	w.purses = append(w.purses, r.Purse)
	return Usage{}, emit("The port was dug in 1999 [1]. " + honest)
}

func (w *purseWriter) Mend(_ context.Context, r Request, _, _ string) (string, Usage, error) {
	w.purses = append(w.purses, r.Purse)
	return "", Usage{}, nil
}

func (w *purseWriter) Rewrite(_ context.Context, r Request, _ []Turn) (string, Usage, error) {
	w.purses = append(w.purses, r.Purse)
	return r.Question, Usage{}, nil
}
