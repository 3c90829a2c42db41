package eval

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"footnote/bot"
)

// A Subject is what is measured: an engine over one corpus.
type Subject struct {
	Ask func(ctx context.Context, q bot.Question) (bot.Answer, error)
	// Text gives a document's text as the offsets of citations count it.
	Text func(document string) (string, bool)
	// Close lets the engine go; it may be nil.
	Close func() error
}

// Open makes a subject for the corpus at a path.
type Open func(ctx context.Context, path string) (Subject, error)

// Options are choices in running a suite.
type Options struct {
	// Mode is how questions are to be answered; empty means quote mode.
	Mode bot.Mode
	// Progress, where given, is called after each question.
	Progress func(done, total int)
}

// Run asks every question of the suite in a folder, one after another. A
// question that fails counts as wrong; Run itself fails when the suite cannot
// be read, a corpus cannot be opened or ctx is done.
func Run(ctx context.Context, dir string, open Open, opts Options) (*Result, error) {
	if opts.Mode == "" {
		opts.Mode = bot.ModeQuote
	}
	parts, err := load(dir)
	if err != nil {
		return nil, &suiteError{err}
	}
	total := 0
	for _, p := range parts {
		total += len(p.questions)
	}
	start := time.Now()
	t := newTally()
	for _, p := range parts {
		if err := t.ask(ctx, p, open, opts, total); err != nil {
			return nil, err
		}
	}
	return t.result(Name(dir), time.Since(start)), nil
}

// Name is the name that results give the suite in a folder.
func Name(dir string) string { return filepath.ToSlash(filepath.Clean(dir)) }

// A suiteError says why a suite cannot be read.
type suiteError struct{ err error }

func (e *suiteError) Error() string { return "read the suite: " + e.err.Error() }
func (e *suiteError) Unwrap() error { return e.err }

// Hint says what to do about it.
func (e *suiteError) Hint() string {
	if syntax := new(SyntaxError); errors.As(e.err, &syntax) {
		return `each line is one JSON object, such as {"id":"p01","kind":"fact","question":"…","evidence":["…"],"answer":["…"],"match":"all","refuse":false}`
	}
	return "a suite is a folder: NAME.jsonl, a question a line, beside what it is about, NAME.txt or a folder NAME"
}

func (t *tally) ask(ctx context.Context, p part, open Open, opts Options, total int) (err error) {
	subject, err := open(ctx, p.corpus)
	if err != nil {
		return err
	}
	if subject.Close != nil {
		defer func() {
			if e := subject.Close(); err == nil {
				err = e
			}
		}()
	}
	for _, q := range p.questions {
		a, err := subject.Ask(ctx, bot.Question{Text: q.Text, Mode: opts.Mode})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			a = bot.Answer{}
		}
		t.add(filepath.Base(p.corpus), q, a, subject.Text)
		if err != nil {
			t.failed(q, err)
		}
		if opts.Progress != nil {
			opts.Progress(t.questions, total)
		}
	}
	return nil
}

// failed notes that a question had no answer, which was scored as a wrong one.
func (t *tally) failed(q Question, err error) {
	t.errors++
	misses := t.missed
	if q.Refuse {
		misses = t.unsilent
	}
	last := &misses[len(misses)-1]
	last.Why, last.failed = "failed: "+err.Error(), true
}
