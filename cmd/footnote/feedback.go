package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"footnote/bot"
	"footnote/bot/ledger"
	"footnote/bot/slackbot"
)

type feedbackCommand struct {
	Since int    `placeholder:"DAYS" help:"Only votes of the last so many days. Without it, all that are kept."`
	Suite string `placeholder:"FOLDER" help:"Write a question suite for footnote eval into a new folder, instead of listing."`
	JSON  bool   `name:"json" help:"Print JSON, a vote a line."`
	corpusFlags
}

func (feedbackCommand) Help() string {
	return `Without --suite it lists what people thought of answers, the latest last.

With --suite it writes NAME.jsonl beside a copy of the report, each question
once; of several people the majority counts, each with their latest vote:

    helpful                         the sources that still stand in the report are
                                    the evidence; the answer must hold a figure or
                                    a name that it had from them, or their words
    helpful, and not answered       must not be answered
    the report does not say that    must not be answered

Whatever nobody but a person can label is left out of the measuring: answers that
were called wrong or badly written, ties, sources that are gone, questions that
lean on others, and refusals about another version of the report. They go into
FOLDER/unlabelled/NAME.jsonl, which footnote eval does not read, with what was
said about them. Give a line what it lacks, and move it into NAME.jsonl.

Who asked and who voted is not written; what they wrote is.

Examples:

    footnote feedback --since 7
    footnote feedback --suite suites/asked && footnote eval suites/asked`
}

func (c *feedbackCommand) Run(ctx context.Context, a *app) (err error) {
	if c.Since < 0 {
		return &misuseError{problem: "--since is a number of days", hint: "such as --since 7 for the last week"}
	}
	if c.Suite != "" && c.JSON {
		return &misuseError{problem: "--suite and --json do not go together", hint: "a suite is JSON by itself"}
	}
	if err := readDotEnv(); err != nil {
		return err
	}
	l, err := openLedgerThere(ctx, c.logger(a.err))
	if err != nil {
		return err
	}
	defer closing(l, &err)
	var since time.Time
	if c.Since > 0 {
		since = time.Now().AddDate(0, 0, -c.Since)
	}
	votes, err := votesSince(ctx, l, since)
	switch {
	case err != nil:
		return err
	case c.Suite != "":
		return c.writeSuite(ctx, a, l, votes)
	case c.JSON:
		return a.printVotes(votes)
	}
	return a.out.print(a.out.votes(votes, time.Now()))
}

// votesSince leaves out votes that were taken back.
func votesSince(ctx context.Context, l *ledger.Ledger, since time.Time) ([]ledger.FeedbackOn, error) {
	all, err := l.FeedbackOn(ctx, since)
	if err != nil {
		return nil, err
	}
	var votes []ledger.FeedbackOn
	for _, f := range all {
		if f.Vote != 0 {
			votes = append(votes, f)
		}
	}
	return votes, nil
}

// votes lists votes for a person.
func (s *screen) votes(votes []ledger.FeedbackOn, now time.Time) string {
	if len(votes) == 0 {
		return "Nobody has voted yet.\n"
	}
	var b strings.Builder
	for _, f := range votes {
		head := fmt.Sprintf("%d. %s", f.Entry.ID, oneLine(clean(wording(f.Entry))))
		fmt.Fprintf(&b, "%s\n", s.bold(clip(head, s.room(0))))
		fmt.Fprintf(&b, "   %s, %s ago; %s\n", opinion(f.Feedback), age(now.Sub(f.UpdatedAt)), outcomeShown(f.Answer))
		if said := oneLine(clean(f.Text)); said != "" {
			fmt.Fprintf(&b, "   %s\n", wrap("“"+said+"”", s.width, "   "))
		}
	}
	return b.String()
}

// opinion is a vote in words.
func opinion(f ledger.Feedback) string {
	if f.Vote > 0 {
		return "helpful"
	}
	reason := map[string]string{
		slackbot.ReasonWrong:       ": wrong",
		slackbot.ReasonNotInReport: ": the report does not say that",
		slackbot.ReasonBadlyPut:    ": badly written",
		slackbot.ReasonOther:       ": something else",
	}[f.Reason]
	return "not helpful" + reason
}

// outcomeShown says what an answer was that somebody voted on.
func outcomeShown(a ledger.Answer) string {
	switch a.Outcome {
	case bot.Answered:
		return "it was answered"
	case bot.NotFound:
		return "the report did not say"
	case bot.Uncertain:
		return "the closest passage was shown"
	}
	return oneLine(clean(string(a.Outcome)))
}

// wording is a question as its asker meant it; of an erased one nothing is left.
func wording(e ledger.Entry) string {
	if text := slackbot.Wording(e); text != "" {
		return text
	}
	return questionText(e)
}

// A voteLine is a vote as JSON.
type voteLine struct {
	QuestionID int64     `json:"question_id"`
	Revision   int       `json:"revision"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	User       string    `json:"user"`
	Vote       int       `json:"vote"`
	Reason     string    `json:"reason"`
	Text       string    `json:"text"`
	Question   string    `json:"question"`
	Outcome    string    `json:"outcome"`
	Answer     string    `json:"answer"`
	CorpusHash string    `json:"corpus_hash"`
	Model      string    `json:"model"`
}

func (a *app) printVotes(votes []ledger.FeedbackOn) error {
	for _, f := range votes {
		err := a.out.printJSON(voteLine{
			QuestionID: f.Entry.ID, Revision: f.Answer.Revision, CreatedAt: f.CreatedAt, UpdatedAt: f.UpdatedAt, User: f.User,
			Vote: f.Vote, Reason: f.Reason, Text: f.Text, Question: wording(f.Entry), Outcome: string(f.Answer.Outcome),
			Answer: f.Answer.Text, CorpusHash: f.Answer.CorpusHash, Model: f.Answer.Model,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// writeSuite writes a suite of what was voted on.
func (c *feedbackCommand) writeSuite(ctx context.Context, a *app, l *ledger.Ledger, votes []ledger.FeedbackOn) (err error) {
	if len(votes) == 0 {
		return &hintedError{errors.New("there is nothing to make a suite of: nobody has voted"), "the buttons are below each answer in Slack; docs/slack.md tells more"}
	}
	sources, err := c.sources()
	if err != nil {
		return err
	}
	docs, _, err := documents(ctx, sources, c.logger(a.err))
	if err != nil {
		return err
	}
	b, err := newLabeller(docs)
	if err != nil {
		return err
	}
	for _, of := range byQuestion(votes) {
		if err := b.add(ctx, l, of); err != nil {
			return err
		}
	}
	s := suiteFolder{dir: c.Suite, corpus: sources, docs: docs}
	if err := s.write(b.labelled, b.unlabelled); err != nil {
		return err
	}
	text := fmt.Sprintf("%s: %s, %s a label.\n", clean(c.Suite), count(len(b.labelled), "question"), needing(len(b.unlabelled)))
	if len(b.labelled) > 0 {
		text += fmt.Sprintf("Next: footnote eval %s\n", clean(c.Suite))
	}
	return a.out.print(text)
}

func needing(n int) string {
	if n == 1 {
		return "1 more needs"
	}
	return fmt.Sprintf("%d more need", n)
}
