package bot

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// A playedWriter is a model of which each part is a function; a nil one does
// nothing.
type playedWriter struct {
	write   func(ctx context.Context, r Request, emit func(string) error) error
	mend    func(ctx context.Context, sentence string) (string, error)
	rewrite func(ctx context.Context, question string) (string, error)
}

func (p playedWriter) Model() string { return "played" }

func (p playedWriter) Write(ctx context.Context, r Request, emit func(string) error) (Usage, error) {
	if p.write == nil {
		return Usage{}, nil
	}
	return Usage{}, p.write(ctx, r, emit)
}

func (p playedWriter) Mend(ctx context.Context, _ Request, sentence, _ string) (string, Usage, error) {
	if p.mend == nil {
		return "", Usage{}, nil
	}
	text, err := p.mend(ctx, sentence)
	return text, Usage{}, err
}

func (p playedWriter) Rewrite(ctx context.Context, r Request, _ []Turn) (string, Usage, error) {
	if p.rewrite == nil {
		return r.Question, Usage{}, nil
	}
	text, err := p.rewrite(ctx, r.Question)
	return text, Usage{}, err
}

func playedEngine(t *testing.T, w Writer) *Engine {
	s := &wordSearch{confidence: 0.8, corpus: corpusOf(t, portDocument())}
	return NewEngine(s.corpus, s, draftFrom(quoteBest), EngineOptions{Writer: w})
}

// says writes a text whole.
func says(text string) func(context.Context, Request, func(string) error) error {
	return func(_ context.Context, _ Request, emit func(string) error) error { return emit(text) }
}

const falsehoods = "The port was dug in 1999 [1]. Salt was taxed until 1777 [2]. The lighthouse was built by Ole Hansen [3]. Ships came from Paris [4]. "

// A server that hangs costs each call its whole time limit. One that did not
// mend a sentence will not mend the next.
func TestAModelThatCannotMendIsNotAskedOn(t *testing.T) {
	calls := 0
	e := playedEngine(t, playedWriter{write: says(falsehoods), mend: func(context.Context, string) (string, error) {
		calls++
		return "", errors.New("it took too long")
	}})
	if _, err := e.Ask(t.Context(), Question{Text: "When was the port dug?"}); err != nil {
		t.Fatal(err)
	}
	if calls != 1 {
		t.Errorf("asked %d times to mend", calls)
	}
}

// Rewrite, Write and four times Mend each have a limit of their own: 90 s, 4
// minutes and 90 s. Nothing limits them together.
func TestAQuestionHasATimeLimitForAllOfItsCalls(t *testing.T) {
	limited := map[string]bool{}
	note := func(name string, ctx context.Context) { _, limited[name] = ctx.Deadline() }
	e := playedEngine(t, playedWriter{
		rewrite: func(ctx context.Context, q string) (string, error) { note("rewrite", ctx); return q, nil },
		write: func(ctx context.Context, _ Request, emit func(string) error) error {
			note("write", ctx)
			return emit(falsehoods)
		},
		mend: func(ctx context.Context, _ string) (string, error) { note("mend", ctx); return "", nil },
	})
	history := []Turn{{Question: "Who built the lighthouse?", Answer: "Kåre Lund built the lighthouse."}}
	if _, err := e.Ask(t.Context(), Question{Text: "And when did he keep it?", History: history}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rewrite", "write", "mend"} {
		if has, called := limited[name]; !called || !has {
			t.Errorf("%s: called %v, with a deadline %v", name, called, has)
		}
	}
}

// A reasonError is a Writer's error with a reason.
type reasonError string

func (e reasonError) Error() string  { return string(e) }
func (e reasonError) Reason() string { return string(e) }

func TestAChineseAskerIsToldWhyTheModelDidNotAnswer(t *testing.T) {
	notices := map[string]bool{}
	for _, reason := range []string{"it could not be reached", "its quota is used up", "it took too long"} {
		e := playedEngine(t, playedWriter{write: func(context.Context, Request, func(string) error) error { return reasonError(reason) }})
		a, err := e.Ask(t.Context(), Question{Text: "灯塔是谁建的？"})
		if err != nil {
			t.Fatal(err)
		}
		notices[a.Notice] = true
	}
	if len(notices) != 3 {
		t.Errorf("three reasons, %d notices: %v", len(notices), notices)
	}
}

// A model that thinks may spend all its tokens on that.
func TestALimitOfTokensReachedBeforeTheFirstSentenceIsTold(t *testing.T) {
	e := playedEngine(t, playedWriter{write: func(context.Context, Request, func(string) error) error { return ErrCutShort }})
	a, err := e.Ask(t.Context(), Question{Text: "When was the port dug?"})
	if err != nil {
		t.Fatal(err)
	}
	if a.Mode != ModeQuote || !strings.Contains(a.Notice, "limit") {
		t.Errorf("mode %s, notice %q", a.Mode, a.Notice)
	}
}

// What is complete when the limit is reached holds, though no space follows it.
func TestTheLastWholeSentenceBeforeTheLimitIsKept(t *testing.T) {
	e := playedEngine(t, playedWriter{write: func(_ context.Context, _ Request, emit func(string) error) error {
		if err := emit("Kåre Lund built the lighthouse [1]."); err != nil {
			return err
		}
		return ErrCutShort
	}})
	a, err := e.Ask(t.Context(), Question{Text: "Who built the lighthouse?"})
	if err != nil {
		t.Fatal(err)
	}
	if a.Mode != ModeLLM || !strings.Contains(a.Text, "Kåre Lund") {
		t.Errorf("mode %s, %q, notice %q", a.Mode, a.Text, a.Notice)
	}
}

func TestAQuestionThatWasRewrittenToItselfIsNotAnnounced(t *testing.T) {
	history := []Turn{{Question: "Who built the lighthouse?", Answer: "Kåre Lund built the lighthouse."}}
	for asked, rewritten := range map[string]string{
		"And what was its cost":          "And what was its cost?",
		"and what did he do afterwards?": "And what did he do afterwards?",
		"And when  was it taxed?":        "And when was it taxed?",
	} {
		e := playedEngine(t, playedWriter{
			write:   says("Kåre Lund built the lighthouse [1]. "),
			rewrite: func(context.Context, string) (string, error) { return rewritten, nil },
		})
		a, err := e.Ask(t.Context(), Question{Text: asked, History: history})
		if err != nil {
			t.Fatal(err)
		}
		if a.UnderstoodAs != "" {
			t.Errorf("%q: understood as %q", asked, a.UnderstoodAs)
		}
	}
}

// What was shown stands, or is replaced once all is known: an error of Show, a
// context that ends and a model that fails are three things.
func TestWhoseFailureItIs(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	stuck := errors.New("the pipe is closed")
	for name, tt := range map[string]struct {
		ctx  context.Context
		w    playedWriter
		show func(context.Context, string) error
		want error // nil where quotes answer
	}{
		"Show fails": {t.Context(), playedWriter{write: says("Kåre Lund built the lighthouse [1]. ")},
			func(context.Context, string) error { return stuck }, stuck},
		"Show says that a context ended which is not the asker's": {t.Context(), playedWriter{write: says("Kåre Lund built the lighthouse [1]. ")},
			func(context.Context, string) error { return context.Canceled }, context.Canceled},
		"the asker leaves while a sentence is mended": {ended, playedWriter{write: says("The port was dug in 1999 [1]. "),
			mend: func(ctx context.Context, _ string) (string, error) { end(); <-ctx.Done(); return "", ctx.Err() }}, nil, context.Canceled},
		"the model's call is cancelled from within": {t.Context(), playedWriter{write: func(context.Context, Request, func(string) error) error { return context.Canceled }}, nil, nil},
	} {
		a, err := playedEngine(t, tt.w).Ask(tt.ctx, Question{Text: "Who built the lighthouse?", Show: tt.show})
		if !errors.Is(err, tt.want) || tt.want == nil && (err != nil || a.Mode != ModeQuote || a.Notice == "") {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
}

// An introduction is held with the pause before it.
func TestWhatAnIntroductionIntroducesFollowsItsOwnPause(t *testing.T) {
	const written = "Kåre Lund kept the lighthouse for forty years [1].\n\nThe report gives the following reasons:\n- Kåre Lund built the lighthouse [1]."
	e := playedEngine(t, playedWriter{write: says(written)})
	a, err := e.Ask(t.Context(), Question{Text: "Who built the lighthouse?"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(a.Text, "\n\nThe report gives the following reasons:\n- Kåre Lund") {
		t.Errorf("shown as %q", a.Text)
	}
}
