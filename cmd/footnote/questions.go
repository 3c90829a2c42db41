package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"footnote/bot/ledger"
	"footnote/bot/slackbot"
)

type questionsCommand struct {
	Failed bool     `xor:"what" help:"List the questions that were given up, with what went wrong."`
	Retry  []string `xor:"what" placeholder:"ID" help:"Give a question that was given up all its attempts again; may be repeated, and all is every one."`
	JSON   bool     `name:"json" help:"Print JSON, a question a line."`
	logFlags
}

// questionsShown is how many questions are listed.
const questionsShown = 20

func (questionsCommand) Help() string {
	return `Without a flag it lists the last 20 questions, the latest first.

Examples:

    footnote questions
    footnote questions --failed
    footnote questions --retry 17 --retry 18`
}

func (c *questionsCommand) Run(ctx context.Context, a *app) (err error) {
	if err := readDotEnv(); err != nil {
		return err
	}
	ids, all, err := retryIDs(c.Retry)
	if err != nil {
		return err
	}
	l, err := openLedgerThere(ctx, c.logger(a.err))
	if err != nil {
		return err
	}
	defer closing(l, &err)
	switch {
	case len(c.Retry) > 0:
		return c.retry(ctx, a, l, ids, all)
	case c.Failed:
		return c.listFailed(ctx, a, l)
	}
	turns, err := l.Recent(ctx, questionsShown)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printQuestions(turns)
	}
	return a.out.print(a.out.questions(turns, time.Now()))
}

// retryIDs reads the values of --retry.
func retryIDs(values []string) (ids []int64, all bool, err error) {
	for _, v := range values {
		if v == "all" {
			all = true
			continue
		}
		id, err := strconv.ParseInt(v, 10, 64)
		if err != nil || id < 1 {
			return nil, false, &misuseError{
				problem: "--retry takes a question's number, or all, and not " + quoted(v),
				hint:    "footnote questions --failed lists the questions that were given up",
			}
		}
		ids = append(ids, id)
	}
	return ids, all, nil
}

func (c *questionsCommand) listFailed(ctx context.Context, a *app, l *ledger.Ledger) error {
	failed, err := l.Failed(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printQuestions(asTurns(failed))
	}
	if len(failed) == 0 {
		return a.out.print("No question was given up.\n")
	}
	var b strings.Builder
	for _, e := range failed {
		head := fmt.Sprintf("%d. %s", e.ID, questionText(e))
		fmt.Fprintf(&b, "%s\n", a.out.bold(clip(head, a.out.room(0))))
		fmt.Fprintf(&b, "   %s, %s, given up %s ago after %s\n", surfaceOf(e), e.State, age(time.Since(e.UpdatedAt)), count(e.Attempts, "attempt"))
		fmt.Fprintf(&b, "   error: %s\n", wrap(oneLine(clean(e.Error)), a.out.width, "   "))
		fmt.Fprintf(&b, "   retry: footnote questions --retry %d\n", e.ID)
	}
	return a.out.print(b.String())
}

// retry looks at every question before it touches one, so that a mistyped
// number leaves everything as it was.
func (c *questionsCommand) retry(ctx context.Context, a *app, l *ledger.Ledger, ids []int64, all bool) error {
	failed, err := l.Failed(ctx)
	if err != nil {
		return err
	}
	chosen := map[int64]bool{}
	for _, e := range failed {
		chosen[e.ID] = all
	}
	for _, id := range ids {
		if _, there := chosen[id]; !there {
			return refuseRetry(ctx, l, id)
		}
		chosen[id] = true
	}
	var retried []ledger.Entry
	for _, e := range failed {
		if !chosen[e.ID] {
			continue
		}
		if err := l.Retry(ctx, e.ID); err != nil {
			return fmt.Errorf("question %d: %w", e.ID, err)
		}
		if e, err = l.Get(ctx, e.ID); err != nil {
			return err
		}
		retried = append(retried, e)
	}
	if c.JSON {
		return a.printQuestions(asTurns(retried))
	}
	var b strings.Builder
	for _, e := range retried {
		fmt.Fprintf(&b, "Question %d gets its attempts again.\n", e.ID)
	}
	if len(retried) == 0 {
		b.WriteString("No question was given up, so there is none to retry.\n")
	}
	return a.out.print(b.String())
}

// refuseRetry says why a question cannot be retried.
func refuseRetry(ctx context.Context, l *ledger.Ledger, id int64) error {
	e, err := l.Get(ctx, id)
	hint := "footnote questions --failed lists the questions that were given up; nothing was retried"
	if errors.Is(err, ledger.ErrNotFound) {
		return &hintedError{fmt.Errorf("there is no question %d", id), hint}
	}
	if err != nil {
		return err
	}
	return &hintedError{fmt.Errorf("question %d was not given up: it is %s", id, e.State), hint}
}

// questions lays questions out as a table.
func (s *screen) questions(turns []ledger.Turn, now time.Time) string {
	if len(turns) == 0 {
		return "No question was asked yet.\n"
	}
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "id\tage\tstate\tsurface\tattempts\toutcome\tquestion")
	for _, t := range turns {
		outcome := "-"
		if t.Answer != nil && t.Answer.Outcome != "" {
			outcome = string(t.Answer.Outcome)
		}
		fmt.Fprintf(tw, "%d\t%s\t%s\t%s\t%d\t%s\t%s\n", t.ID, age(now.Sub(t.CreatedAt)), t.State, surfaceOf(t.Entry),
			t.Attempts, oneLine(clean(outcome)), clip(questionText(t.Entry), 40))
	}
	tw.Flush()
	return b.String()
}

func surfaceOf(e ledger.Entry) string {
	if s := oneLine(clean(e.Surface)); s != "" {
		return s
	}
	return "-"
}

// questionText is a question on a line; the text of deleted and old ones is gone.
func questionText(e ledger.Entry) string {
	switch text := oneLine(clean(slackbot.Wording(e))); {
	case text != "":
		return text
	case e.State == ledger.Withdrawn:
		return "(deleted)"
	}
	return "(erased)"
}

// age is a duration in its largest unit.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(max(d, 0).Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func asTurns(entries []ledger.Entry) []ledger.Turn {
	turns := make([]ledger.Turn, len(entries))
	for i, e := range entries {
		turns[i].Entry = e
	}
	return turns
}

// printQuestions writes questions as JSON, one a line.
func (a *app) printQuestions(turns []ledger.Turn) error {
	lines := make([]questionLine, len(turns))
	for i, t := range turns {
		lines[i] = newQuestionLine(t)
	}
	return printLines(a.out, lines)
}

// A questionLine is a question as JSON; outcome and answer are empty while
// there is no answer.
type questionLine struct {
	ID        int64     `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	State     string    `json:"state"`
	Surface   string    `json:"surface"`
	Team      string    `json:"team"`
	Channel   string    `json:"channel"`
	TS        string    `json:"ts"`
	ThreadTS  string    `json:"thread_ts"`
	Asker     string    `json:"asker"`
	Attempts  int       `json:"attempts"`
	Question  string    `json:"question"`
	Outcome   string    `json:"outcome"`
	Answer    string    `json:"answer"`
	Error     string    `json:"error"`
}

func newQuestionLine(t ledger.Turn) questionLine {
	q := questionLine{
		ID: t.ID, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, State: string(t.State), Surface: t.Surface,
		Team: t.Team, Channel: t.Channel, TS: t.TS, ThreadTS: t.ThreadTS, Asker: t.Asker,
		Attempts: t.Attempts, Question: t.Text, Error: t.Error,
	}
	if t.Answer != nil {
		q.Outcome, q.Answer = string(t.Answer.Outcome), t.Answer.Text
	}
	return q
}
