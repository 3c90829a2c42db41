package main

import (
	"context"
	"errors"
	"fmt"

	"footnote/bot"
	"footnote/corpus/load"
)

// A misuseError is a command line that cannot be meant; the status is 2.
type misuseError struct{ problem, hint string }

func (e *misuseError) Error() string { return e.problem }
func (e *misuseError) Hint() string  { return e.hint }

// A hintedError is a failure with what a person can do about it.
type hintedError struct {
	err  error
	hint string
}

func (e *hintedError) Error() string { return e.err.Error() }
func (e *hintedError) Unwrap() error { return e.err }
func (e *hintedError) Hint() string  { return e.hint }

// explain says in words what went wrong and, where anything can be, what to
// do about it.
func explain(err error) (message, hint string) {
	if errors.Is(err, context.Canceled) {
		return "interrupted", ""
	}
	if errors.Is(err, bot.ErrNoModel) {
		return err.Error(), noModelHint()
	}
	var bad *load.Error
	if errors.As(err, &bad) {
		return err.Error(), bad.Hint
	}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return err.Error(), hinted.Hint()
	}
	return err.Error(), ""
}

// report tells the person at the terminal about a failure.
func (a *app) report(err error) {
	message, hint := explain(err)
	text := fmt.Sprintf("footnote: %s\n", clean(message))
	if hint != "" {
		text += fmt.Sprintf("hint: %s\n", clean(hint))
	}
	a.err.print(text)
}
