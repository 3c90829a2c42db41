package slackbot

import (
	"context"
	"fmt"

	"footnote/bot"
	"footnote/bot/record"
)

// A purse lets a language model use what is left of a workspace's day. Without a
// limit it counts.
type purse struct {
	ledger Ledger
	team   string
	limit  int
}

var _ bot.Purse = purse{}

func (b *Bot) purse(team string) bot.Purse { return purse{b.ledger, team, b.options.DailyTokens} }

// Debit takes tokens ahead of a request. A ledger that cannot be written pays
// for nothing.
func (p purse) Debit(ctx context.Context, most int) (settle func(context.Context, bot.Usage) error, err error) {
	d, ok, err := p.ledger.Debit(ctx, p.team, most, p.limit)
	switch {
	case err != nil:
		return nil, fmt.Errorf("debit the budget: %w", err)
	case !ok:
		return nil, bot.ErrBudget
	}
	return func(ctx context.Context, used bot.Usage) error { return p.settle(ctx, d, used) }, nil
}

// settle is done even for an asker who no longer waits.
func (p purse) settle(ctx context.Context, d record.Debit, used bot.Usage) error {
	return p.ledger.Settle(context.WithoutCancel(ctx), d, used)
}
