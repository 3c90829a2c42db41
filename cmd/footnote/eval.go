package main

import (
	"context"
	"strings"

	"footnote/bot"
	"footnote/bot/eval"
)

type evalCommand struct {
	JSON   bool     `name:"json" help:"Print the figures as JSON, a suite a line."`
	Mode   string   `enum:"auto,llm,quote" default:"quote" help:"Who writes the answers, as for ask."`
	Misses int      `default:"10" placeholder:"N" help:"How many questions that went wrong to list for each suite."`
	Suite  []string `arg:"" help:"A folder of suites: NAME.jsonl, a question a line, beside the document or folder that NAME is about."`
	logFlags
}

func (evalCommand) Help() string {
	return `Example:

    footnote eval --misses 5 suites/report`
}

func (c *evalCommand) Run(ctx context.Context, a *app) error {
	if bot.Mode(c.Mode) != bot.ModeQuote {
		if err := readDotEnv(); err != nil {
			return err
		}
	}
	var results []*eval.Result
	for _, dir := range c.Suite {
		r, err := c.measure(ctx, a, dir)
		if err != nil {
			return err
		}
		r.Short(c.Misses)
		results = append(results, r)
	}
	var b strings.Builder
	if c.JSON {
		for _, r := range results {
			text, err := encode(r)
			if err != nil {
				return err
			}
			b.WriteString(text + "\n")
		}
		return a.out.print(b.String())
	}
	if err := eval.WriteTable(&b, results...); err != nil {
		return err
	}
	return a.out.print(clean(b.String()))
}

func (c *evalCommand) measure(ctx context.Context, a *app, dir string) (*eval.Result, error) {
	bar := newProgress(a.err, "asking")
	defer bar.clear()
	log := c.logger(a.err)
	return eval.Run(ctx, dir, func(ctx context.Context, path string) (eval.Subject, error) {
		// In memory: measuring leaves nothing behind.
		s, err := a.openSources(ctx, []string{path}, dataFolder{}, log, false)
		if err != nil {
			return eval.Subject{}, err
		}
		return eval.Subject{Ask: s.engine.Ask, Text: s.text, Close: s.Close}, nil
	}, eval.Options{Mode: bot.Mode(c.Mode), Progress: bar.update})
}

func (s *opened) text(document string) (string, bool) {
	d, ok := s.corpus.Document(document)
	return d.Text, ok
}
