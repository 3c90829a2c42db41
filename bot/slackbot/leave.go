package slackbot

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"footnote/bot/record"
)

// leaving is what ends a bot whose app was removed: no more calls, no more
// envelopes, nothing owed.
type leaving struct {
	once   sync.Once
	left   chan struct{} // closed once it is so
	asking atomic.Bool   // Slack is being asked whether it is so
	// deciding is held by whoever looks whether a removal is meant.
	deciding sync.Mutex
}

// gone is why a bot that left can do nothing.
func gone(problem string) *Error {
	return &Error{
		Problem: problem,
		Advice: "to have it back, install it again and set the new token, then start; else take its tokens out of .env; " +
			"footnote forget --user erases what a person asked",
	}
}

const (
	appRemoved   = "the app was removed from the workspace"
	tokenRevoked = "the app was removed from the workspace, or its token was revoked"
	// givenUp is what the ledger says of questions that were owed then.
	givenUp = "the app was removed from the workspace"
)

// takeRemoval sees to the end of the app, or of tokens: the bot's own, or those
// of people, which it never had (docs.slack.dev, "app_uninstalled event",
// "tokens_revoked event").
func (b *Bot) takeRemoval(ctx context.Context, c callback) error {
	problem := tokenRevoked
	switch {
	case c.Team != b.self.team:
		b.log.InfoContext(ctx, "another workspace removed the app")
		return nil
	case c.Event.Type == "app_uninstalled":
		problem = appRemoved
	case !slices.Contains(c.Event.Tokens.Bot, b.self.user):
		b.log.InfoContext(ctx, "tokens were revoked, the bot's is none of them")
		return nil
	}
	b.leaving.deciding.Lock() // both events come at once
	defer b.leaving.deciding.Unlock()
	if b.hasLeft() != nil {
		return nil
	}
	if stale, err := b.isStale(ctx, c); stale || err != nil {
		return err
	}
	return b.leave(ctx, problem)
}

// clocksDiffer is by how much Slack's clock and ours may.
const clocksDiffer = time.Minute

// isStale reports whether a removal was of an earlier installation, of which
// Slack tells again: then the token works.
func (b *Bot) isStale(ctx context.Context, c callback) (bool, error) {
	if time.Unix(c.Time, 0).After(b.signedIn.Add(clocksDiffer)) {
		return false, nil
	}
	err := b.authTest(ctx)
	switch {
	case err == nil:
		b.log.InfoContext(ctx, "an earlier removal of the app is passed over: its token works")
		return true, nil
	case lost(err) || b.hasLeft() != nil:
		return false, nil
	}
	return false, fmt.Errorf("ask whether the app is still there: %w", err)
}

func (b *Bot) authTest(ctx context.Context) error {
	return b.web.call(ctx, "auth.test", "", func(ctx context.Context) error {
		_, err := b.web.api.AuthTestContext(ctx)
		return err
	})
}

// leave ends all work for the workspace: nothing is called or taken any more,
// what is owed is given up, and what the ledger noted to answer with is erased.
func (b *Bot) leave(ctx context.Context, problem string) error {
	b.leaving.once.Do(func() {
		reason := gone(problem)
		b.web.close(reason)
		b.log.ErrorContext(ctx, "the bot leaves: "+reason.Problem, "hint", reason.Advice)
		close(b.leaving.left)
	})
	return b.abandon(ctx)
}

// hasLeft is why the bot left, nil while it is there.
func (b *Bot) hasLeft() error {
	if reason := b.web.gone.Load(); reason != nil {
		return reason
	}
	return nil
}

// abandon gives up what is owed. It may be done again: an envelope that was
// being taken meanwhile brought more.
func (b *Bot) abandon(ctx context.Context) error {
	n, err := b.ledger.Abandon(ctx, b.self.team, givenUp)
	if err != nil {
		b.log.ErrorContext(ctx, "the workspace's questions could not be given up", "error", err)
		return err
	}
	if n > 0 {
		b.log.InfoContext(ctx, "questions were given up", "questions", n)
	}
	return nil
}

// lost reports whether an error says that the token works no longer.
func lost(err error) bool {
	switch code(err) {
	case "token_revoked", "account_inactive", "invalid_auth":
		return true
	}
	return false
}

// suspect asks Slack whether the token still works, beside its caller, after a
// call that said it does not: the event that told so may be lost.
func (b *Bot) suspect() {
	if !b.leaving.asking.CompareAndSwap(false, true) {
		return
	}
	begun := b.inBackground(func(ctx context.Context) {
		defer b.leaving.asking.Store(false)
		_ = b.confirm(ctx)
	})
	if !begun {
		b.leaving.asking.Store(false)
	}
}

// confirm leaves if the bot's token works no longer, and says whether it did.
func (b *Bot) confirm(ctx context.Context) error {
	if err := b.authTest(ctx); !lost(err) {
		return b.hasLeft()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.options.CallTimeout)
	defer cancel()
	_ = b.leave(ctx, tokenRevoked) // Close tries again
	return b.hasLeft()
}

// settleUp gives up what came in after the bot left. The workers have stopped.
func (b *Bot) settleUp() {
	if b.hasLeft() == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), b.options.CallTimeout)
	defer cancel()
	for try := 1; b.abandon(ctx) != nil && try < tries; try++ {
		if sleep(ctx, time.Second) != nil {
			return
		}
	}
}

// refuseWork keeps a worker's hands off once the bot has left.
func (b *Bot) refuseWork() error {
	if reason := b.hasLeft(); reason != nil {
		return record.Outage(reason)
	}
	return nil
}
