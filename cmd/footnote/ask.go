package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"footnote/bot"
)

type askCommand struct {
	JSON     bool     `name:"json" help:"Print the result as JSON."`
	Mode     string   `enum:"auto,llm,quote" default:"auto" help:"Who writes the answer: llm, a language model; quote, the report's own sentences; auto, a model where one is configured."`
	Question []string `arg:"" optional:"" help:"The question; its words need no quotation marks. With - alone, a question per line of standard input, each answered on a line."`
	inFlags
	corpusFlags
}

func (askCommand) Help() string {
	return `Examples:

    footnote ask "How many large models had been released in China by October?"
    footnote ask --corpus minutes.md --json who chaired the meeting
    footnote ask --corpus reports/ --in budget.md "What does the library cost?"
    footnote ask --json - < questions.txt

The status is 0 when the question was answered, or refused because the report
does not say; 1 when something failed; 2 when the command line makes no sense.`
}

func (c *askCommand) Run(ctx context.Context, a *app) (err error) {
	if len(c.Question) == 0 {
		return &misuseError{problem: "there is no question", hint: `try: footnote ask "What is this report about?"`}
	}
	s, err := a.openIn(ctx, c.corpusFlags, c.inFlags)
	if err != nil {
		return errors.Join(err, c.unopened(ctx, a, err))
	}
	defer closing(s, &err)
	if c.batched() {
		return c.batch(ctx, a, s)
	}
	if c.JSON {
		r, err := c.ask(ctx, s, c.text())
		return errors.Join(err, a.out.printJSON(r))
	}
	q, shown := c.question(c.text()), &live{out: a.out}
	if a.out.terminal {
		q.Show = shown.show
	}
	answer, err := s.engine.Ask(ctx, q)
	if err != nil {
		return errors.Join(err, shown.broke())
	}
	return shown.finish(answer)
}

func (c *askCommand) batched() bool { return len(c.Question) == 1 && c.Question[0] == "-" }

func (c *askCommand) text() string { return strings.Join(c.Question, " ") }

func (c *askCommand) question(text string) bot.Question {
	return bot.Question{Text: strings.ToValidUTF8(text, "\uFFFD"), Mode: bot.Mode(c.Mode)}
}

func (c *askCommand) ask(ctx context.Context, s *opened, text string) (result, error) {
	q := c.question(text)
	answer, err := s.engine.Ask(ctx, q)
	return newResult(q, answer, err), err
}

// unopened gives each question its result as JSON where nothing can be asked
// because of err. A command line that makes no sense has no result.
func (c *askCommand) unopened(ctx context.Context, a *app, err error) error {
	if misuse := new(misuseError); !c.JSON || errors.As(err, &misuse) {
		return nil
	}
	fail := func(text string) error {
		return a.out.printJSON(newResult(c.question(text), bot.Answer{}, err))
	}
	if c.batched() {
		return eachLine(ctx, a.in, fail)
	}
	return fail(c.text())
}

// batch answers a question per line of input with a result per line, each
// written before the next question is read. A question that fails does not
// stop the others.
func (c *askCommand) batch(ctx context.Context, a *app, s *opened) error {
	asked, failed, last := 0, 0, error(nil)
	err := eachLine(ctx, a.in, func(text string) error {
		asked++
		r, err := c.ask(ctx, s, text)
		if err != nil {
			failed, last = failed+1, err
		}
		return c.printLine(a, r)
	})
	if err == nil && failed > 0 {
		return fmt.Errorf("%d of %d questions failed, the last one: %w", failed, asked, last)
	}
	return err
}

// eachLine does something with each line of input, until that fails.
func eachLine(ctx context.Context, in io.Reader, do func(text string) error) error {
	for lines := readLines(ctx, in); ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case l, ok := <-lines:
			if !ok {
				return nil
			}
			if l.err != nil {
				return fmt.Errorf("read the questions: %w", l.err)
			}
			if err := do(l.text); err != nil {
				return err
			}
		}
	}
}

func (c *askCommand) printLine(a *app, r result) error {
	if c.JSON {
		return a.out.printJSON(r)
	}
	return a.out.print(answerLine(r) + "\n")
}

// closing closes what a command opened, and lets its error show.
func closing(s io.Closer, err *error) {
	if e := s.Close(); e != nil {
		*err = errors.Join(*err, e)
	}
}
