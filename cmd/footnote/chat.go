package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"footnote/bot"
	"footnote/corpus"
	"footnote/corpus/load"
)

type chatCommand struct {
	Mode string `enum:"auto,llm,quote" default:"auto" help:"Who writes the answers, as for ask."`
	inFlags
	corpusFlags
}

func (chatCommand) Help() string {
	return `A question that goes on from the last one ("And in 2022?") is searched with
words of that one. In the conversation, :sources shows the last answer's
quotes in full, :history what was asked, :quit ends; so do the end of input
and ctrl-C. Ctrl-C during an answer stops that answer only.

Example:

    footnote chat --corpus minutes.md`
}

func (c *chatCommand) Run(ctx context.Context, a *app) (err error) {
	report, renew, err := c.open(ctx, a)
	if err != nil {
		return err
	}
	defer closing(report, &err)
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	chat := &conversation{app: a, ask: report.ask, renew: renew, mode: bot.Mode(c.Mode), interrupts: interrupts, interactive: a.inTerminal && a.out.terminal}
	return chat.run(ctx)
}

// open opens the report; renew has it read again if its files are not as they
// were, and returns its version where that is new.
func (c *chatCommand) open(ctx context.Context, a *app) (report *editions, renew func(context.Context) string, err error) {
	if err := readDotEnv(); err != nil {
		return nil, nil, err
	}
	sources, err := c.sources()
	if err != nil {
		return nil, nil, err
	}
	originals, err := links()
	if err != nil {
		return nil, nil, err
	}
	state := load.State(sources)
	first, err := a.openIn(ctx, c.corpusFlags, c.inFlags)
	if err != nil {
		return nil, nil, err
	}
	log := c.logger(a.err)
	report = newEditions(first, log, func(ctx context.Context, hash string) (*opened, error) {
		s, err := a.reread(ctx, findData(), log, opening{quiet: true, links: originals, sources: sources}, hash)
		return c.narrow(s, err)
	})
	return report, func(ctx context.Context) string {
		now, before := load.State(sources), report.hash()
		if now == state || report.renew(ctx) != nil {
			return ""
		}
		state = now
		if report.hash() == before {
			return ""
		}
		return corpus.Version(report.hash())
	}, nil
}

// A conversation asks what its input says, one question after another.
type conversation struct {
	*app
	ask         func(context.Context, bot.Question) (bot.Answer, error)
	mode        bot.Mode
	renew       func(ctx context.Context) (version string) // "" while the report stays as it was
	interrupts  <-chan os.Signal
	interactive bool
	turns       []bot.Turn
	last        *bot.Answer
}

const (
	prompt   = "› "
	greeting = "Ask about the report. :help lists the commands, :quit ends."
	chatHelp = `Ask a question, or give a command:
  :sources   the last answer's quotes in full, and where they stand
  :history   what was asked so far
  :help      this list
  :quit      end the conversation
`
)

func (c *conversation) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if c.interactive {
		c.out.print(c.out.dim(greeting) + "\n")
	}
	for lines := readLines(ctx, c.in); ; {
		if c.interactive {
			c.out.print(c.out.bold(prompt))
		}
		select {
		case <-c.interrupts:
			return c.leave()
		case l, ok := <-lines:
			if !ok {
				return c.leave()
			}
			if l.err != nil {
				return fmt.Errorf("read the question: %w", l.err)
			}
			over, err := c.take(ctx, strings.TrimSpace(l.text))
			if over || err != nil {
				return err
			}
		}
	}
}

// leave ends the line that the prompt stands on.
func (c *conversation) leave() error {
	if c.interactive {
		return c.out.print("\n")
	}
	return nil
}

// take does what a line says, and reports whether the conversation is over.
func (c *conversation) take(ctx context.Context, text string) (over bool, err error) {
	switch text {
	case ":quit", ":q", ":exit":
		return true, nil
	case ":help":
		return false, c.out.print(chatHelp)
	case ":sources":
		return false, c.out.print(c.sources())
	case ":history":
		return false, c.out.print(c.history())
	}
	if strings.HasPrefix(text, ":") {
		return false, c.out.print(clean(fmt.Sprintf("There is no command %s.\n%s", oneLine(text), chatHelp)))
	}
	if text == "" && c.interactive {
		return false, nil
	}
	return c.answer(ctx, text)
}

// answer asks a question and prints what comes of it. The first interrupt
// stops the answer, a second one the conversation.
func (c *conversation) answer(ctx context.Context, text string) (over bool, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if version := c.renew(ctx); version != "" {
		c.out.print(c.out.dim("(The report has changed. From here on it is version "+version+".)") + "\n")
	}
	q := bot.Question{Text: strings.ToValidUTF8(text, "\uFFFD"), Mode: c.mode, History: c.turns}
	shown := &live{out: c.out}
	if c.out.terminal {
		q.Show = shown.show
	}
	type reply struct {
		answer bot.Answer
		err    error
	}
	replies := make(chan reply, 1)
	go func() {
		a, err := c.ask(ctx, q)
		replies <- reply{a, err}
	}()
	for {
		select {
		case r := <-replies:
			return false, c.show(ctx, q, r.answer, r.err, shown)
		case <-c.interrupts:
			if ctx.Err() != nil {
				return true, c.leave()
			}
			stop()
		}
	}
}

func (c *conversation) show(ctx context.Context, q bot.Question, a bot.Answer, err error, shown *live) error {
	if err != nil {
		if broken := shown.broke(); broken != nil {
			return broken
		}
	}
	if err != nil && ctx.Err() != nil {
		return c.out.print("\n(stopped)\n")
	}
	if err != nil {
		c.report(err)
		return nil
	}
	c.last = &a
	if a.Outcome != bot.Social {
		c.turns = append(c.turns, bot.Turn{Question: q.Text, Answer: a.Text})
	}
	if err := shown.finish(a); err != nil {
		return err
	}
	return c.out.print("\n")
}

func (c *conversation) sources() string {
	switch {
	case c.last == nil:
		return "There is no answer yet.\n"
	case len(c.last.Citations) == 0:
		return "The last answer cites nothing.\n"
	}
	return c.out.sources(*c.last)
}

func (c *conversation) history() string {
	if len(c.turns) == 0 {
		return "Nothing was asked yet.\n"
	}
	var b strings.Builder
	for i, t := range c.turns {
		fmt.Fprintf(&b, "%d. %s\n", i+1, oneLine(clean(t.Question)))
	}
	return b.String()
}
