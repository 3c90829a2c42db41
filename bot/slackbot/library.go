package slackbot

import (
	"context"
	"fmt"

	"footnote/bot/record"
)

// A Library opens reports that people dropped into Slack. It is safe for
// concurrent use.
type Library interface {
	// Open returns an engine for reports that were kept, together one corpus;
	// release says that it is no longer used.
	Open(ctx context.Context, reports []record.Report) (engine Engine, release func(), err error)
}

// engineFor is who answers what is asked in a question's place: the reports of
// its thread, else of its channel, else what everybody asks.
func (b *Bot) engineFor(ctx context.Context, e record.Entry) (engine Engine, release func(), err error) {
	if b.options.Library == nil {
		return b.engine, func() {}, nil
	}
	for _, thread := range []string{e.ThreadTS, ""} {
		reports, err := b.ledger.Reports(ctx, e.Team, e.Channel, thread)
		if err != nil {
			return nil, nil, fmt.Errorf("look up the place's reports: %w", err)
		}
		if len(reports) > 0 {
			return b.options.Library.Open(ctx, reports)
		}
	}
	return b.engine, func() {}, nil
}
