package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"footnote/bot/ledger"
)

type usageCommand struct {
	Days int  `default:"30" placeholder:"N" help:"How many days to list, today included."`
	JSON bool `name:"json" help:"Print JSON, a day of a workspace a line."`
	logFlags
}

func (usageCommand) Help() string {
	return `What the language model used in Slack, for each day and workspace, the latest
first. Days begin at midnight UTC. A day's limit is FOOTNOTE_DAILY_TOKENS; debited
is what counts against it: what was used, and what was set aside for requests
whose response was lost.

Example:

    footnote usage --days 7`
}

func (c *usageCommand) Run(ctx context.Context, a *app) (err error) {
	if c.Days < 1 {
		return &misuseError{problem: "--days is at least 1", hint: "leave it out for the last 30 days"}
	}
	if err := readDotEnv(); err != nil {
		return err
	}
	limit, err := dailyTokens()
	if err != nil {
		return err
	}
	l, err := openLedgerThere(ctx, c.logger(a.err))
	if err != nil {
		return err
	}
	defer closing(l, &err)
	spent, err := l.Spending(ctx, c.Days)
	if err != nil {
		return err
	}
	today := time.Now().UTC().Format(time.DateOnly)
	if c.JSON {
		return a.printUsage(spent, today, int64(limit))
	}
	return a.out.print(usageTable(spent, today, int64(limit)))
}

// usageTable lays days out as a table, below which stands what is left of today.
func usageTable(spent []ledger.Spending, today string, limit int64) string {
	if len(spent) == 0 {
		return "Nothing was spent.\n"
	}
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "day\tworkspace\tcalls\tprompt\tcompletion\tcached\tdebited\tlimit\t")
	for _, s := range spent {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", s.Day, oneLine(clean(s.Team)), grouped(s.Calls), grouped(s.Prompt),
			grouped(s.Completion), grouped(s.Cached), grouped(s.Debited), limitShown(s.Limit))
	}
	tw.Flush()
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	table := strings.Join(lines, "\n")
	for _, s := range spent {
		if left, limited := leftOf(s, today, limit); limited {
			table += fmt.Sprintf("%s has %s of %s tokens left today.\n", oneLine(clean(s.Team)), grouped(left), grouped(limit))
		}
	}
	return table
}

// leftOf is what is left of today's limit, by the settings as they are now.
func leftOf(s ledger.Spending, today string, limit int64) (left int64, limited bool) {
	return max(limit-s.Debited, 0), limit > 0 && s.Day == today
}

func limitShown(limit int64) string {
	if limit == 0 {
		return "-"
	}
	return grouped(limit)
}

// grouped writes a number with commas between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// A usageLine is a day of a workspace as JSON; limit is 0 for none, and left is
// null but for today's.
type usageLine struct {
	Day        string `json:"day"`
	Team       string `json:"team"`
	Calls      int64  `json:"calls"`
	Prompt     int64  `json:"prompt_tokens"`
	Completion int64  `json:"completion_tokens"`
	Cached     int64  `json:"cached_tokens"`
	Debited    int64  `json:"debited_tokens"`
	Limit      int64  `json:"limit_tokens"`
	Left       *int64 `json:"left_tokens"`
}

func (a *app) printUsage(spent []ledger.Spending, today string, limit int64) error {
	for _, s := range spent {
		line := usageLine{s.Day, s.Team, s.Calls, s.Prompt, s.Completion, s.Cached, s.Debited, s.Limit, nil}
		if left, limited := leftOf(s, today, limit); limited {
			line.Left = &left
		}
		if err := a.out.printJSON(line); err != nil {
			return err
		}
	}
	return nil
}
