package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"footnote/bot"
	"footnote/bot/eval"
)

type evalCommand struct {
	JSON    bool     `name:"json" help:"Print the figures as JSON, a suite a line."`
	HTML    string   `name:"html" placeholder:"FILE" help:"Write a page too: figures, a diagram, and what went wrong with its passages."`
	Compare string   `placeholder:"FILE" help:"Say what got better and worse since a run whose --json is in this file."`
	Mode    string   `enum:"auto,llm,quote" default:"quote" help:"Who writes the answers, as for ask."`
	Misses  int      `default:"10" placeholder:"N" help:"How many questions that went wrong to list for each suite; a page has its own limit."`
	Suite   []string `arg:"" help:"A folder of suites: NAME.jsonl, a question a line, beside the document or folder that NAME is about."`
	logFlags
}

func (evalCommand) Help() string {
	return `Examples:

    footnote eval --misses 5 suites/report
    footnote eval --json suites/report > before.json
    footnote eval --html page.html --compare before.json suites/report`
}

func (c *evalCommand) Run(ctx context.Context, a *app) error {
	if bot.Mode(c.Mode) != bot.ModeQuote {
		if err := readDotEnv(); err != nil {
			return err
		}
	}
	before, err := c.prepare()
	if err != nil {
		return err
	}
	var results []*eval.Result
	var compared []*eval.Comparison
	for _, dir := range c.Suite {
		r, err := c.measure(ctx, a, dir)
		if err != nil {
			return err
		}
		var comparison *eval.Comparison
		if then := eval.Find(before, r.Suite); then != nil {
			comparison = eval.Compare(then, r)
		}
		results, compared = append(results, r), append(compared, comparison)
	}
	if err := c.writePage(results, compared); err != nil {
		return err
	}
	for _, r := range results {
		r.Short(c.Misses)
	}
	if c.JSON {
		return printLines(a.out, results)
	}
	return c.printTable(a, results, compared)
}

// prepare finds, before any question is asked, what would make asking futile.
func (c *evalCommand) prepare() ([]*eval.Result, error) {
	if c.Compare != "" && c.JSON && c.HTML == "" {
		return nil, &misuseError{problem: "--compare has no place in --json", hint: "leave --json out, or add --html FILE"}
	}
	before, err := c.readBefore()
	if err != nil {
		return nil, err
	}
	if c.HTML == "" {
		return before, nil
	}
	_, err = os.Lstat(c.HTML)
	isNew := errors.Is(err, fs.ErrNotExist)
	f, err := os.OpenFile(c.HTML, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return nil, &hintedError{fmt.Errorf("write the page: %w", err), "--html names a file in a folder that exists"}
	}
	if isNew { // it comes into being when it is whole
		defer os.Remove(c.HTML)
	}
	return before, f.Close()
}

func (c *evalCommand) readBefore() ([]*eval.Result, error) {
	if c.Compare == "" {
		return nil, nil
	}
	const hint = "make it with: footnote eval --json SUITE > FILE"
	data, err := os.ReadFile(c.Compare)
	if err != nil {
		return nil, &hintedError{fmt.Errorf("read the run to compare with: %w", err), hint}
	}
	before, err := eval.ReadResults(data)
	if err != nil {
		return nil, &hintedError{fmt.Errorf("%s cannot be compared with: %w", c.Compare, err), hint}
	}
	for _, dir := range c.Suite {
		if eval.Find(before, eval.Name(dir)) != nil {
			return before, nil
		}
	}
	return nil, &hintedError{fmt.Errorf("%s is about other suites", c.Compare), "suites are compared by their names"}
}

func (c *evalCommand) writePage(results []*eval.Result, compared []*eval.Comparison) error {
	if c.HTML == "" {
		return nil
	}
	var b bytes.Buffer
	if err := eval.WritePage(&b, results, compared); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	if err := os.WriteFile(c.HTML, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

func (c *evalCommand) printTable(a *app, results []*eval.Result, compared []*eval.Comparison) error {
	var b strings.Builder
	if err := eval.WriteTable(&b, results...); err != nil {
		return err
	}
	for i, r := range results {
		if c.Compare == "" {
			break
		}
		if err := eval.WriteComparison(&b, r, compared[i]); err != nil {
			return err
		}
	}
	return a.out.print(clean(b.String()))
}

func (c *evalCommand) measure(ctx context.Context, a *app, dir string) (*eval.Result, error) {
	bar := newProgress(a.err, "asking")
	defer bar.clear()
	log := c.logger(a.err)
	return eval.Run(ctx, dir, func(ctx context.Context, path string) (eval.Subject, error) {
		// In memory, unless WEAVIATE_URL is set: measuring leaves nothing behind.
		s, err := a.openSources(ctx, []string{path}, dataFolder{}, log, opening{})
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
