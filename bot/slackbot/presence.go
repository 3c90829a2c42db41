package slackbot

import (
	"context"
	"errors"
	"time"
)

// A presence says how the bot notices that it was away: the ledger keeps the
// time up to which events could arrive, and whoever starts, or finds that time
// long ago, catches up from there. The time moves on only when that is done, so
// that a process that dies over it leaves it to the next. Of several processes one
// catches up at a time; the others then find the time moved on, and little left.
type presence struct {
	look  time.Duration // how often it is seen to
	every time.Duration // how often the time is written
	gap   time.Duration // after how long without a connection events are lost
	again time.Duration // the pause after catching up failed, doubled each time
	// turn is how long to wait while another process catches up.
	turn time.Duration
	// settled is how old a question must be for the absence of its message to
	// mean anything.
	settled time.Duration
}

// usualPresence: Slack's last retry comes after six minutes (docs.slack.dev,
// "The Events API").
var usualPresence = presence{look: 5 * time.Second, every: time.Minute, gap: 6 * time.Minute, again: time.Minute, turn: 15 * time.Second, settled: time.Minute}

// mostCatchUps is how often catching up is tried when Slack cannot be reached.
const mostCatchUps = 6

// An attendance is the state of one presence. Its goroutine owns it.
type attendance struct {
	presence
	bot   *Bot
	mark  string    // its name in the ledger
	known bool      // what the ledger says was read
	seen  time.Time // when events could last arrive
	wrote time.Time
	mute  time.Time // from when on the ledger took nothing; zero: it does
	owed  time.Time // from when on there is something to catch up with; zero: nothing

	from   time.Time // of the catching up that runs
	done   chan error
	failed int
	wait   time.Time // not before
}

// attend keeps the time and catches up, until ctx ends. arriving reports whether
// events can arrive now. Live events do not wait for it.
func (b *Bot) attend(ctx context.Context, arriving func() bool) {
	a := &attendance{presence: b.presence, bot: b, mark: "present:" + b.self.team}
	ticker := time.NewTicker(a.look)
	defer ticker.Stop()
	soon := time.NewTicker(min(a.look, 50*time.Millisecond)) // a socket takes a moment to open
	defer soon.Stop()
	for ctx.Err() == nil {
		if arriving() {
			a.arrive(ctx)
			soon.Stop()
		}
		select {
		case <-soon.C:
		case <-ticker.C:
		case err := <-a.done:
			a.ended(ctx, err)
		case <-ctx.Done():
		}
	}
	if a.done != nil {
		<-a.done
	}
}

// arrive sees to it that events can arrive now. It goes by the wall's clock,
// since a machine that slept was away, too.
func (a *attendance) arrive(ctx context.Context) {
	now := time.Now().Round(0)
	if !a.known {
		at, err := a.bot.ledger.Marked(ctx, a.mark)
		if err != nil {
			a.bot.log.WarnContext(ctx, "when the bot was last there cannot be read", "error", err)
			return
		}
		a.known, a.owed = true, at
	} else if now.Sub(a.seen) > a.gap {
		a.owe(a.seen)
	}
	a.seen = now
	a.begin(ctx)
	a.write(ctx)
}

func (a *attendance) owe(from time.Time) {
	if a.owed.IsZero() || from.Before(a.owed) {
		a.owed = from
	}
}

// begin catches up beside its caller, if there is something to catch up with.
func (a *attendance) begin(ctx context.Context) {
	if a.owed.IsZero() || a.done != nil || time.Now().Before(a.wait) {
		return
	}
	a.from, a.owed = a.owed, time.Time{}
	if a.bot.options.CatchUp < 0 {
		return
	}
	from, done := a.from, make(chan error, 1)
	a.done = done
	a.bot.background.Go(func() {
		err := errPanicked
		defer func() { done <- err }()
		defer a.bot.contain("catching up")
		err = a.inTurn(ctx, from)
	})
}

// errNotOurTurn is for catching up while another process does.
var errNotOurTurn = errors.New("another process catches up")

func (a *attendance) inTurn(ctx context.Context, from time.Time) error {
	ran, err := a.bot.ledger.Alone(ctx, "catch-up:"+a.bot.self.team, func(ctx context.Context) error {
		at, err := a.bot.ledger.Marked(ctx, a.mark)
		if err != nil {
			return err
		}
		// Another process has been here, or caught up, since.
		if at.After(from) {
			from = at
		}
		return a.bot.catchUp(ctx, from)
	})
	if err == nil && !ran {
		return errNotOurTurn
	}
	return err
}

// ended notes how catching up went.
func (a *attendance) ended(ctx context.Context, err error) {
	a.done = nil
	if err == nil || ctx.Err() != nil {
		a.failed = 0
		a.write(ctx)
		return
	}
	if errors.Is(err, errNotOurTurn) {
		a.owe(a.from)
		a.wait = time.Now().Add(a.turn)
		return
	}
	if a.failed++; a.failed >= mostCatchUps {
		a.bot.log.ErrorContext(ctx, "what was said during a pause could not be read; it is left", "error", err)
		a.failed = 0
		return
	}
	pause := a.again << (a.failed - 1)
	a.bot.log.WarnContext(ctx, "catching up failed and is tried again", "error", err, "seconds", pause.Seconds())
	a.owe(a.from)
	a.wait = time.Now().Add(pause)
}

// write has the ledger know that events arrived up to now, unless there is
// something to catch up with.
func (a *attendance) write(ctx context.Context) {
	if !a.owed.IsZero() || a.done != nil || a.seen.Sub(a.wrote) < a.every || ctx.Err() != nil {
		return
	}
	if err := a.note(ctx); err != nil {
		if a.mute.IsZero() {
			a.mute = a.seen
		}
		a.bot.log.WarnContext(ctx, "when the bot was last there cannot be written", "error", err)
		return
	}
	if !a.owed.IsZero() {
		return
	}
	a.wrote, a.mute = a.seen, time.Time{}
	a.bot.options.Reached("present")
}

// note writes the time. Where the ledger was away for so long that events were
// lost, it is left as it is, and there is something to catch up with.
func (a *attendance) note(ctx context.Context) error {
	if a.mute.IsZero() || a.seen.Sub(a.mute) <= a.gap {
		return a.bot.ledger.Mark(ctx, a.mark, a.seen)
	}
	if _, err := a.bot.ledger.Marked(ctx, a.mark); err != nil {
		return err
	}
	a.owe(a.mute)
	a.mute = time.Time{}
	return nil
}
