package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"footnote/bot"
	"footnote/bot/ledger"
	"footnote/bot/record"
	"footnote/bot/slackbot"
	"footnote/corpus"
)

type replayCommand struct {
	ID   string `arg:"" help:"The question's number, as footnote questions lists it."`
	Mode string `enum:"auto,llm,quote" default:"auto" help:"Who writes the answer, as for ask."`
	JSON bool   `name:"json" help:"Print JSON."`
	corpusFlags
}

func (replayCommand) Help() string {
	return `Answers a question from the ledger as it would be answered today, after the same
conversation, and shows how the answer differs from the stored one. Lines that are
gone begin with -, new ones with +. The ledger stays as it is, and nothing is
posted. A language model that is asked is paid for, outside of the day's budget.

Examples:

    footnote questions
    footnote replay 17`
}

func (c *replayCommand) Run(ctx context.Context, a *app) (err error) {
	id, err := strconv.ParseInt(c.ID, 10, 64)
	if err != nil || id < 1 {
		return &misuseError{problem: "a question has a number, and not " + quoted(c.ID), hint: "footnote questions lists the last ones"}
	}
	if err := readDotEnv(); err != nil {
		return err
	}
	l, err := openLedgerThere(ctx, c.logger(a.err))
	if err != nil {
		return err
	}
	defer closing(l, &err)
	turn, q, err := storedQuestion(ctx, l, id)
	if err != nil {
		return err
	}
	q.Mode = bot.Mode(c.Mode)
	s, err := a.open(ctx, c.corpusFlags)
	if err != nil {
		return err
	}
	defer closing(s, &err)
	answer, err := s.engine.Ask(ctx, q)
	if err != nil {
		return err
	}
	r := replayed{turn: turn, question: q, now: record.AnswerOf(answer, s.corpus.Hash)}
	if r.handedIn, err = aboutHandedIn(ctx, l, turn.Entry); err != nil {
		return err
	}
	if c.JSON {
		return a.out.printJSON(r.line())
	}
	return a.out.print(a.out.replay(r, time.Now()))
}

// storedQuestion is a question as the bot would ask it.
func storedQuestion(ctx context.Context, l *ledger.Ledger, id int64) (ledger.Turn, bot.Question, error) {
	turn, err := l.Turn(ctx, id)
	if errors.Is(err, ledger.ErrNotFound) {
		return turn, bot.Question{}, &hintedError{fmt.Errorf("there is no question %d", id), "footnote questions lists the last ones"}
	}
	if err != nil {
		return turn, bot.Question{}, err
	}
	if turn.Text == "" {
		why := "it, or its asker, was to be forgotten, or it is older than FOOTNOTE_RETENTION_DAYS"
		if turn.State == ledger.Withdrawn {
			why = "its asker deleted it"
		}
		return turn, bot.Question{}, &hintedError{fmt.Errorf("question %d was erased, so it cannot be asked again", id), why}
	}
	q, err := slackbot.Stored(ctx, l, turn.Entry)
	return turn, q, err
}

// aboutHandedIn reports whether a question was asked where people had handed in
// reports of their own.
func aboutHandedIn(ctx context.Context, l *ledger.Ledger, e ledger.Entry) (bool, error) {
	for _, thread := range []string{e.ThreadTS, ""} {
		reports, err := l.Reports(ctx, e.Team, e.Channel, thread)
		if err != nil || len(reports) > 0 {
			return len(reports) > 0, err
		}
	}
	return false, nil
}

// A replayed question has the stored answer, if there is one, in its turn.
type replayed struct {
	turn     ledger.Turn
	question bot.Question
	now      ledger.Answer
	handedIn bool
}

// replay lays a replayed question out for a person.
func (s *screen) replay(r replayed, at time.Time) string {
	var b strings.Builder
	b.WriteString(s.bold(wrap(fmt.Sprintf("%d. %s", r.turn.ID, oneLine(clean(r.question.Text))), s.width, "")) + "\n")
	if n := len(r.question.History); n > 0 {
		fmt.Fprintf(&b, "(after %s of the same conversation)\n", count(n, "earlier question"))
	}
	if r.handedIn {
		b.WriteString(wrap("(People handed in reports of their own there; here the one report is asked.)", s.width, "") + "\n")
	}
	if then := r.turn.Answer; then != nil {
		fmt.Fprintf(&b, "\n%s\n", s.bold("Then, "+age(at.Sub(then.CreatedAt))+" ago:"))
		b.WriteString(s.answer(shownAnswer(*then, r.question.Text)))
	}
	fmt.Fprintf(&b, "\n%s\n", s.bold("Now:"))
	b.WriteString(s.answer(shownAnswer(r.now, r.question.Text)))
	if r.turn.Answer == nil {
		return b.String() + "\nNo answer is stored, so there is nothing to compare.\n"
	}
	return b.String() + "\n" + s.difference(compare(*r.turn.Answer, r.now))
}

// difference lists what differs between two answers.
func (s *screen) difference(d difference) string {
	var b strings.Builder
	b.WriteString(s.bold("Difference:") + "\n")
	for _, f := range d.Fields {
		fmt.Fprintf(&b, "%s: %s → %s\n", f.Name, orDash(oneLine(clean(f.Then))), orDash(oneLine(clean(f.Now))))
	}
	if d.sameText() {
		b.WriteString("text: the same\n")
	} else {
		b.WriteString("text:\n")
		for _, p := range d.Text {
			b.WriteString("  " + p.Op + " " + wrap(oneLine(clean(p.Text)), s.width, "    ") + "\n")
		}
	}
	for _, group := range []struct {
		what  string
		cited []cited
	}{{"kept", d.Kept}, {"lost", d.Lost}, {"new", d.New}} {
		for _, c := range group.cited {
			line := fmt.Sprintf("source %s: %s “%s”", group.what, place(c.Document, c.Page, c.Paragraph, ""), oneLine(clean(c.Quote)))
			b.WriteString(clip(line, s.room(0)) + "\n")
		}
	}
	b.WriteString("report: " + d.report() + "\n")
	return b.String()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// shownAnswer is a stored answer as the screen shows answers.
func shownAnswer(a ledger.Answer, question string) bot.Answer {
	return bot.Answer{
		Question: question, Text: a.Text, Outcome: a.Outcome, Mode: a.Mode, Citations: a.Citations,
		Notice: a.Notice, UnderstoodAs: a.UnderstoodAs, Version: corpus.Version(a.CorpusHash),
	}
}
