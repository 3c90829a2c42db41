package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"footnote/bot/cite"
	"footnote/retrieval/span"
)

// Limits of one answer that a model writes: characters that are read, in
// bytes, and sentences that it is asked to mend.
const (
	longestWriting = 16 << 10
	mostMended     = 4
)

// errEnough ends the reading of an answer that is long enough.
var errEnough = errors.New("the answer is long enough")

// A writing is an answer on its way from the model to the asker: cut into
// sentences, each checked, mended or withdrawn, and shown.
type writing struct {
	engine  *Engine
	request Request
	check   *cite.Checker
	show    func(sentence string) error // nil where nobody looks on
	stop    <-chan struct{}             // closed when the asker wants no more
	refusal string                      // how to say that the corpus does not answer

	split    cite.Splitter
	pause    string // before the next sentence that is shown
	usage    Usage
	read     int // bytes
	mended   int
	cut      bool // the model wrote more than is read
	notFound bool
	text     strings.Builder // what was shown
}

// written is how a model's answer ended.
type written struct {
	// text is what was shown: that of result, after the refusal if notFound.
	text     string
	result   cite.Result
	usage    Usage
	notFound bool
	cut      bool // the end is not in the result
	stopped  bool // the asker did not want it
}

// write has the model answer. The stream is read while sentences are checked
// and mended; write returns after it has ended, or was ended by the asker. What
// is being shown then is shown: the stop ends the model's calls alone.
func (e *Engine) write(ctx context.Context, q Question, r Request, refusal string) (written, error) {
	w := &writing{engine: e, request: r, check: cite.NewChecker(e.corpus, r.Question, r.Passages), stop: q.Stop, refusal: refusal}
	if q.Show != nil {
		w.show = func(sentence string) error { return q.Show(ctx, sentence) }
	}
	if closed(q.Stop) {
		return written{stopped: true}, nil
	}
	asking, stop := untilStopped(ctx, q.Stop)
	defer stop()
	err := w.hear(asking, stop)
	out := written{text: w.text.String(), result: w.check.Result(), usage: w.usage, notFound: w.notFound, cut: w.cut}
	switch shown := new(showError); {
	case err == nil:
		return out, nil
	case closed(q.Stop) && ctx.Err() == nil && !errors.As(err, &shown):
		out.stopped = true
		return out, nil
	}
	return written{usage: w.usage}, err
}

// hear takes the model's answer, and stops the model where no more is wanted
// of it.
func (w *writing) hear(ctx context.Context, stop context.CancelFunc) error {
	pieces := make(chan string, 1024)
	type end struct {
		usage Usage
		err   error
	}
	ended := make(chan end, 1)
	go func() {
		defer close(pieces)
		defer func() {
			if p := recover(); p != nil {
				ended <- end{err: fmt.Errorf("the language model's adapter failed: %v", p)}
			}
		}()
		usage, err := w.engine.writer.Write(ctx, w.request, func(text string) error {
			select {
			case pieces <- text:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		ended <- end{usage, err}
	}()
	err := w.readAll(ctx, pieces)
	early := err != nil
	if early {
		stop()
	}
	last := <-ended
	w.usage = w.usage.Plus(last.usage)
	switch {
	case errors.Is(err, errEnough):
		w.cut = true
		return nil
	case early:
		return err
	case errors.Is(last.err, ErrCutShort):
		w.cut = true
		return nil
	case last.err != nil:
		return last.err
	}
	return w.takeAll(ctx, w.split.Close())
}

// readAll takes the pieces until there are no more, or more than enough.
func (w *writing) readAll(ctx context.Context, pieces <-chan string) error {
	for text := range pieces {
		if w.read += len(text); w.read > longestWriting {
			return errEnough
		}
		if err := w.takeAll(ctx, w.split.Write(text)); err != nil {
			return err
		}
	}
	return nil
}

func (w *writing) takeAll(ctx context.Context, sentences []cite.Piece) error {
	for _, s := range sentences {
		if closed(w.stop) {
			return errStopped
		}
		if len(s.Break) > len(w.pause) || s.Break == "\n" && w.pause == " " {
			w.pause = s.Break
		}
		if err := w.take(ctx, s.Text); err != nil {
			return err
		}
	}
	return nil
}

// take shows a sentence if it holds, or what the model writes in its place.
func (w *writing) take(ctx context.Context, sentence string) error {
	if strings.Trim(sentence, " .。*`\"") == NotFoundSign {
		if w.text.Len() > 0 {
			return nil
		}
		w.notFound = true
		return w.put(w.refusal)
	}
	v := w.checked(ctx, sentence)
	switch {
	case v.Blank:
		return nil
	case v.Holds():
		return w.put(w.check.Take(w.pause, v, false))
	}
	w.engine.log.DebugContext(ctx, "a sentence of the model did not hold", "reasons", v.Reasons())
	mended, err := w.mend(ctx, sentence, v)
	if err != nil || mended {
		return err
	}
	w.check.Withdraw(v)
	return nil
}

// checked says whether a sentence holds, as a step of its own.
func (w *writing) checked(ctx context.Context, sentence string) cite.Verdict {
	_, s := span.Start(ctx, "check")
	v := w.check.Check(sentence)
	s.Bool("footnote.checks.holds", v.Holds())
	s.End()
	return v
}

func (w *writing) put(text string) error {
	w.pause = ""
	if text == "" { // an introduction, held with its pause
		return nil
	}
	if w.notFound && w.text.Len() > 0 && !strings.HasPrefix(text, "\n") {
		text = " " + strings.TrimPrefix(text, " ")
	}
	w.text.WriteString(text)
	if w.show == nil {
		return nil
	}
	if err := w.show(text); err != nil {
		return &showError{err}
	}
	return nil
}

// A showError says that the answer could not be shown, which is no failure of
// the model.
type showError struct{ err error }

func (e *showError) Error() string { return "showing the answer: " + e.err.Error() }
func (e *showError) Unwrap() error { return e.err }

// mend asks the model, once, for the sentence anew, and shows what of that
// holds. Without a reply there is none: the answer goes on.
func (w *writing) mend(ctx context.Context, sentence string, v cite.Verdict) (bool, error) {
	switch {
	case w.mended == mostMended:
		return false, nil
	case closed(w.stop):
		return false, errStopped
	}
	w.mended++
	text, usage, err := w.engine.writer.Mend(ctx, w.request, sentence, v.Reasons())
	w.usage = w.usage.Plus(usage)
	if closed(w.stop) {
		return false, errStopped
	}
	if err != nil {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		w.mended = mostMended // it will not mend the next one either
		w.engine.log.WarnContext(ctx, "the model did not mend a sentence", "error", err)
		return false, nil
	}
	var split cite.Splitter
	anew := false
	for _, s := range append(split.Write(text), split.Close()...) {
		v := w.checked(ctx, s.Text)
		if !v.Holds() {
			continue
		}
		if err := w.put(w.check.Take(w.pause, v, !anew)); err != nil {
			return false, err
		}
		anew, w.pause = true, " "
	}
	return anew, nil
}
