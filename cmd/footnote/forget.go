package main

import (
	"context"
	"fmt"
	"strings"

	"footnote/bot/ledger"
)

type forgetCommand struct {
	User string `required:"" placeholder:"ID" help:"The person's id in Slack, such as U012AB3C4."`
	Team string `placeholder:"ID" help:"Only in this workspace, such as T012AB3C4. Without it, in all."`
	Yes  bool   `help:"Erase without asking first."`
	logFlags
}

func (forgetCommand) Help() string {
	return `Erases a person from the ledger: their questions with the answers to them, the
feedback on those, and the feedback that they gave. Files that they handed in stay,
but no longer say by whom. Answers in Slack stay, and so does what is in backups;
what is being answered just now is taken away.

Example:

    footnote forget --user U012AB3C4`
}

func (c *forgetCommand) Run(ctx context.Context, a *app) (err error) {
	user, team := strings.TrimSpace(c.User), strings.TrimSpace(c.Team)
	if user == "" {
		return &misuseError{problem: "--user is empty", hint: "name the person's id in Slack; footnote questions --json shows who asked"}
	}
	if err := readDotEnv(); err != nil {
		return err
	}
	l, err := openLedgerThere(ctx, c.logger(a.err))
	if err != nil {
		return err
	}
	defer closing(l, &err)
	if !c.Yes {
		if sure, err := c.confirmed(ctx, a, user, team); err != nil || !sure {
			return err
		}
	}
	f, err := l.Forget(ctx, team, user)
	if err != nil {
		return err
	}
	return a.out.print(forgotten(f, user))
}

// confirmed asks whoever is at the terminal.
func (c *forgetCommand) confirmed(ctx context.Context, a *app, user, team string) (bool, error) {
	if !a.inTerminal {
		return false, &misuseError{problem: "nobody is there to be asked whether to erase", hint: "add --yes to erase without asking; it cannot be undone"}
	}
	where := "every workspace"
	if team != "" {
		where = "workspace " + oneLine(clean(team))
	}
	if err := a.out.print(fmt.Sprintf("Erase what is kept of %s in %s? It cannot be undone. [y/N] ", oneLine(clean(user)), where)); err != nil {
		return false, err
	}
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case l := <-readLines(ctx, a.in):
		answer := strings.ToLower(strings.TrimSpace(l.text))
		if l.err == nil && (answer == "y" || answer == "yes") {
			return true, nil
		}
	}
	return false, a.out.print("Nothing was erased.\n")
}

func forgotten(f ledger.Forgotten, user string) string {
	if f == (ledger.Forgotten{}) {
		return "Nothing is kept of " + oneLine(clean(user)) + ".\n"
	}
	parts := []string{count(int(f.Questions), "question"), count(int(f.Answers), "answer"), count(int(f.Feedback), "vote")}
	text := "Erased: " + strings.Join(parts, ", ") + ".\n"
	if f.Reports > 0 {
		text += fmt.Sprintf("%s no longer %s by whom.\n", count(int(f.Reports), "file"), plural(f.Reports, "says", "say"))
	}
	return text + "Answers that were posted stay in Slack; those still being written are taken away.\n"
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
