package main

import (
	"context"
	"strings"

	"footnote/bot"
)

type searchCommand struct {
	JSON  bool     `name:"json" help:"Print the passages as JSON."`
	Top   int      `short:"k" default:"10" help:"How many passages to show."`
	Query []string `arg:"" optional:"" help:"What to look for."`
	inFlags
	corpusFlags
}

func (searchCommand) Help() string {
	return `Examples:

    footnote search -k 3 market size
    footnote search --json "who invests in chips" | jq .passages`
}

func (c *searchCommand) Run(ctx context.Context, a *app) (err error) {
	query := strings.ToValidUTF8(strings.Join(c.Query, " "), "\uFFFD")
	if strings.TrimSpace(query) == "" {
		return &misuseError{problem: "there is nothing to look for", hint: `try: footnote search "market size"`}
	}
	if c.Top < 1 {
		return &misuseError{problem: "-k must be at least 1", hint: `try: footnote search -k 3 "market size"`}
	}
	s, err := a.openIn(ctx, c.corpusFlags, c.inFlags)
	if err != nil {
		return err
	}
	defer closing(s, &err)
	found, err := s.engine.Search(ctx, query, c.Top)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.out.printJSON(searchResult{Query: query, Passages: append([]bot.Retrieved{}, found...)})
	}
	if len(found) == 0 {
		return a.out.print("Nothing in the report fits.\n")
	}
	return a.out.print(a.out.passages(found))
}

type searchResult struct {
	Query    string          `json:"query"`
	Passages []bot.Retrieved `json:"passages"`
}
