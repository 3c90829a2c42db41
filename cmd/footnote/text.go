package main

import (
	"context"
	"fmt"
	"os"

	"footnote/corpus/load"
)

type textCommand struct {
	File string `arg:"" help:"The document: a file, or an address."`
}

func (textCommand) Help() string {
	return `The start and end of a citation count the bytes of this text. For text and
Markdown files it is the file as it is.

Example:

    footnote text report.txt | tail -c +3090 | head -c 103`
}

func (c *textCommand) Run(ctx context.Context, a *app) error {
	if info, err := os.Stat(c.File); err == nil && info.IsDir() {
		return &hintedError{fmt.Errorf("%s is a folder", c.File), "name one of its documents"}
	}
	docs, _, err := load.Read(ctx, []string{c.File}, loadOptions(logFlags{LogLevel: "warn"}.logger(a.err)))
	if err != nil {
		return err
	}
	if len(docs) > 1 {
		return &hintedError{fmt.Errorf("%s are %d documents", c.File, len(docs)), "name one of them"}
	}
	text := docs[0].Text
	if a.out.terminal {
		text = clean(text)
	}
	return a.out.print(text)
}
