package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot/record"
)

const (
	usualCatchUp = 24 * time.Hour
	// MostCatchUp is the most that Options.CatchUp may be: the ledger knows for
	// 48 hours at least which messages were dealt with.
	MostCatchUp = 47 * time.Hour
	// overlap is read again before the pause: events of that time may have been
	// under way still.
	overlap = 10 * time.Minute
	// edits is for how long questions are edited, by the ledger's default.
	edits = time.Hour
	// mostRecent is how many of the ledger's questions are looked at for threads
	// that may have gone on and messages that may be gone, mostThreads how many
	// threads of a conversation are read, the newest ones.
	mostRecent  = 500
	mostThreads = 200
)

// A kind is one of Slack's kinds of conversations.
type kind struct {
	list          string // in users.conversations
	event         string // in events
	read, history string // the scopes that reading takes
	people        string // in words
}

var kinds = []kind{
	{"im", "im", "im:read", "im:history", "direct messages"},
	{"public_channel", "channel", "channels:read", "channels:history", "public channels"},
	{"private_channel", "group", "groups:read", "groups:history", "private channels"},
	{"mpim", "mpim", "mpim:read", "mpim:history", "group direct messages"},
}

// lacks lists the scopes that are missing for a kind; with none known, nothing.
func (k kind) lacks(granted map[string]bool) []string {
	if granted == nil {
		return nil
	}
	return slices.DeleteFunc([]string{k.read, k.history}, func(s string) bool { return granted[s] })
}

// scopesOf are the scopes that a response says are granted, nil if it does not.
func scopesOf(h http.Header) map[string]bool {
	list := strings.FieldsFunc(h.Get("X-OAuth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
	if len(list) == 0 {
		return nil
	}
	granted := map[string]bool{}
	for _, s := range list {
		granted[s] = true
	}
	return granted
}

// spell is a duration without what is zero.
func spell(d time.Duration) string {
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}

// A catching is one reading of what was said during a pause. Whatever it finds
// goes the way that an event goes, so that the ledger makes it once, however
// many processes catch up and whatever events come late.
type catching struct {
	bot    *Bot
	began  time.Time
	since  string // messages up to here are not taken
	edited string // questions up to here are not edited any more
	recent []record.Entry
	// forms are when something was asked in a thread by the shortcut: no message
	// there says so.
	forms map[threadKey][]string

	calls                         int // of history and threads, to be bounded
	conversations, messages, made int
	unread                        int             // conversations that no calls were left for
	noted                         map[string]bool // refusals that were logged
}

// A place is a conversation that the bot is in.
type place struct{ id, kind string }

// A foundMessage is a message as the history shows it.
type foundMessage struct {
	incoming
	Latest string `json:"latest_reply"`
}

// count notes a question or an edit that was found; an event's are not.
func (c *catching) count(m *metrics) {
	if c != nil {
		c.made++
		m.caughtUp.Inc()
	}
}

// catchUp finds what was said since events last arrived. It returns an error when
// Slack could not be reached; what Slack refuses is logged and passed over.
func (b *Bot) catchUp(ctx context.Context, from time.Time) error {
	now := time.Now()
	since := from.Add(-overlap)
	if earliest := now.Add(-b.options.CatchUp); since.Before(earliest) {
		since = earliest
	}
	c := &catching{bot: b, began: now, since: slackTime(since), edited: slackTime(since.Add(-edits)), forms: map[threadKey][]string{}, noted: map[string]bool{}}
	b.options.Reached("catch.begin")
	if err := c.lookBack(ctx, since); err != nil {
		return err
	}
	list, err := c.list(ctx)
	if err != nil {
		return err
	}
	if err := c.readAll(ctx, list); err != nil {
		return err
	}
	b.options.Reached("catch.done")
	b.log.InfoContext(ctx, "caught up", "since", since.UTC().Format(time.RFC3339), "conversations", c.conversations, "messages", c.messages,
		"questions", c.made, "calls", c.calls, "left", c.unread, "seconds", time.Since(now).Seconds())
	return nil
}

// lookBack reads the ledger's last questions of the team.
func (c *catching) lookBack(ctx context.Context, since time.Time) error {
	turns, err := c.bot.ledger.Recent(ctx, mostRecent)
	if err != nil {
		return fmt.Errorf("look up the last questions: %w", err)
	}
	threads := c.began.Add(-c.bot.options.CatchUp)
	for _, t := range turns {
		if t.Team != c.bot.self.team || !t.CreatedAt.After(threads) {
			continue
		}
		if !unseen(t.Surface) {
			c.recent = append(c.recent, t.Entry)
		} else if t.Surface == surfaceAbout {
			key := threadKey{t.Team, t.Channel, t.ThreadTS}
			c.forms[key] = append(c.forms[key], saidAt(t.Entry))
		}
	}
	return nil
}

// readAll reads conversations, those first in which something was asked last.
// Three that fail in a row are one trouble too many.
func (c *catching) readAll(ctx context.Context, list []place) error {
	var failure error
	failed := 0
	for i, ch := range c.byActivity(list) {
		if c.calls >= mostCalls {
			c.unread = len(list) - i
			c.bot.log.WarnContext(ctx, "there is more to catch up with than is read at once", "conversations", c.unread)
			return failure
		}
		err := c.conversation(ctx, ch)
		switch {
		case err == nil:
			failed = 0
			c.conversations++
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case c.refused(ctx, ch.kind, err):
		default:
			failure = fmt.Errorf("read a conversation: %w", err)
			if failed++; failed == 3 {
				return failure
			}
		}
	}
	return failure
}

// byActivity puts conversations with the latest questions first.
func (c *catching) byActivity(list []place) []place {
	rank := map[string]int{}
	for i, e := range slices.Backward(c.recent) {
		rank[e.Channel] = i - len(c.recent)
	}
	slices.SortStableFunc(list, func(x, y place) int { return rank[x.id] - rank[y.id] })
	return list
}

// refused reports whether Slack refuses something in words, and logs it once.
func (c *catching) refused(ctx context.Context, what string, err error) bool {
	if code(err) == "" || uncertain(err) || lost(err) {
		return false
	}
	if note := what + " " + code(err); !c.noted[note] {
		c.noted[note] = true
		c.bot.log.WarnContext(ctx, "something cannot be caught up with", "kind", what, "error", err, "hint", "footnote doctor names missing scopes")
	}
	return true
}

// conversation sees to one conversation: its messages from the oldest to the
// newest, then the threads that went on, then what is gone.
func (c *catching) conversation(ctx context.Context, ch place) error {
	messages, whole, err := c.history(ctx, ch)
	if err != nil {
		return err
	}
	there, threads := map[string]bool{}, map[string]bool{}
	for _, e := range c.recent {
		if e.Channel == ch.id {
			threads[e.ThreadTS] = true
		}
	}
	for key := range c.forms {
		if key.channel == ch.id {
			threads[key.thread] = true
		}
	}
	for _, m := range messages {
		there[m.TS] = true
		if m.inThread() { // shown to the channel as well
			threads[m.ThreadTS] = true
			continue
		}
		threads[m.TS] = laterTS(m.Latest, c.since)
		if err := c.take(ctx, ch, m.incoming); err != nil {
			return err
		}
	}
	roots := sortedTrue(threads)
	for _, root := range roots[max(0, len(roots)-mostThreads):] {
		if c.calls >= mostCalls {
			break
		}
		if err := c.thread(ctx, ch, root); err != nil {
			return err
		}
	}
	if !whole {
		return nil
	}
	return c.withdraw(ctx, ch, there, func(e record.Entry) bool { return e.ThreadTS == e.TS && laterTS(e.TS, c.since) })
}

func sortedTrue(set map[string]bool) []string {
	var all []string
	for ts, in := range set {
		if in {
			all = append(all, ts)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		if laterTS(a, b) {
			return 1
		}
		return -1
	})
	return all
}

// take decides about one message as if its event had come. What was not said
// during the pause is only looked at for what became of it.
func (c *catching) take(ctx context.Context, ch place, m incoming) error {
	c.messages++
	if m.Edited == nil && m.Subtype != tombstone && len(m.Files) == 0 && ch.kind != "im" && !mentions(m.Text, c.bot.self.user) {
		return nil // talk, which is most of what is read
	}
	_, err := c.bot.ledger.Find(ctx, record.Key{Team: c.bot.self.team, Channel: ch.id, TS: m.TS})
	switch known := err == nil; {
	case known:
		err = c.bot.takeChange(ctx, c.callback(ch, m), m)
	case !errors.Is(err, record.ErrNotFound):
		return fmt.Errorf("look up a message: %w", err)
	case !said(m.Subtype) || !laterTS(m.TS, c.since):
		return nil
	default:
		err = c.bot.takeMessage(ctx, c.callback(ch, m))
	}
	return c.taken(ctx, err)
}

func (c *catching) taken(ctx context.Context, err error) error {
	c.bot.options.Reached("catch.taken")
	if errors.Is(err, record.ErrInvalid) {
		c.bot.log.WarnContext(ctx, "a message that cannot be recorded was passed over", "error", err)
		return nil
	}
	return err
}

// callback is the event that a message's would have been.
func (c *catching) callback(ch place, m incoming) callback {
	return callback{Team: c.bot.self.team, Event: event{incoming: m, Type: "message", Channel: ch.id, ChannelType: ch.kind}, found: c}
}

// withdraw sees to questions whose messages are not there where they would be.
// Each is asked for by itself, since nobody gets an erased answer back.
func (c *catching) withdraw(ctx context.Context, ch place, there map[string]bool, would func(record.Entry) bool) error {
	for _, e := range c.recent {
		if e.Channel != ch.id || there[e.TS] || e.State == record.Withdrawn || c.began.Sub(e.CreatedAt) < c.bot.presence.settled || !would(e) {
			continue
		}
		gone, err := c.isGone(ctx, ch, e.TS)
		if err != nil {
			return err
		}
		if !gone {
			continue
		}
		if err := c.taken(ctx, c.bot.takeDeletion(ctx, c.callback(ch, incoming{}), e.TS)); err != nil {
			return err
		}
	}
	return nil
}

// readAs reads a message of the Web API as one of an event.
func readAs(m slack.Message) (f foundMessage, err error) {
	raw, err := json.Marshal(m)
	if err == nil {
		err = json.Unmarshal(raw, &f)
	}
	if err != nil {
		return f, fmt.Errorf("read a message: %T", err)
	}
	if f.App == "" && m.BotProfile != nil {
		f.App = m.BotProfile.AppID
	}
	return f, nil
}

// slackTime is a time as Slack's timestamps are.
func slackTime(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}
