package slackbot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"footnote/bot"
	"footnote/bot/record"
)

const (
	// turnsKept are how many earlier turns of a conversation the engine gets.
	turnsKept = 8
	// conversationLasts is for how long a direct message goes on from the one
	// before; a thread does for ever.
	conversationLasts = time.Hour
)

// Turns are the parts of a [Ledger] that know what was said before.
type Turns interface {
	Thread(ctx context.Context, team, channel, threadTS string, before int64, last int) ([]record.Turn, error)
	Conversation(ctx context.Context, team, channel string, since time.Time, before int64, last int) ([]record.Turn, error)
	Asked(ctx context.Context, team, asker string, n int) ([]record.Turn, error)
}

// Stored is a question of the ledger as the bot gives it to its engine, with
// the conversation before it, for those who read the ledger without Slack: they
// see "@someone" for people whose names only Slack knows.
func Stored(ctx context.Context, ledger Turns, e record.Entry) (bot.Question, error) {
	turns, err := turnsBefore(ctx, ledger, e)
	if err != nil {
		return bot.Question{}, err
	}
	return bot.Question{Text: Wording(e), History: conversation(turns, Wording), Literal: e.How == record.HowLiteral}, nil
}

// Wording is a stored question as its author meant it. Who the bot is the ledger
// does not say: it is taken to be the first who is mentioned where a mention is
// what made the question, elsewhere who is mentioned at the beginning.
func Wording(e record.Entry) string {
	self := ""
	if start, end, ok := nextMarkup(e.Text); ok && (e.Surface == surfaceMention || strings.TrimSpace(e.Text[:start]) == "") {
		target, _, _ := strings.Cut(e.Text[start+1:end-1], "|")
		if id := strings.TrimPrefix(target, "@"); id != target {
			self = id
		}
	}
	question, _ := decode(e.Text, self, nil)
	return question
}

// conversation is what was said in some turns, as far as the engine is to know it.
func conversation(turns []record.Turn, read func(record.Entry) string) []bot.Turn {
	var history []bot.Turn
	for _, t := range turns {
		if t.Answer == nil || !lookedUp(t.Answer.Outcome) {
			continue // courtesies, and what was not answered: turned away, stopped, failed
		}
		history = append(history, bot.Turn{Question: read(t.Entry), Answer: t.Answer.Text})
	}
	return history
}

// turnsBefore is what was asked before a question, from the ledger's own record.
func turnsBefore(ctx context.Context, ledger Turns, e record.Entry) (turns []record.Turn, err error) {
	switch {
	case private(e.Surface):
		turns, err = privateTurns(ctx, ledger, e)
	case e.Surface == surfaceDirect && e.ThreadTS == e.TS:
		turns, err = ledger.Conversation(ctx, e.Team, e.Channel, e.CreatedAt.Add(-conversationLasts), e.ID, turnsKept)
	default:
		turns, err = ledger.Thread(ctx, e.Team, e.Channel, e.ThreadTS, e.ID, turnsKept)
	}
	if err != nil {
		return nil, fmt.Errorf("read the conversation: %w", err)
	}
	return turns, nil
}

// privateTurns are the asker's last private questions in the same channel.
func privateTurns(ctx context.Context, ledger Turns, e record.Entry) ([]record.Turn, error) {
	turns, err := ledger.Asked(ctx, e.Team, e.Asker, 2*turnsKept)
	turns = slices.DeleteFunc(turns, func(t record.Turn) bool {
		return !private(t.Surface) || t.Channel != e.Channel || t.ID >= e.ID || e.CreatedAt.Sub(t.CreatedAt) > conversationLasts
	})
	slices.Reverse(turns)
	return turns[max(0, len(turns)-turnsKept):], err
}
