package slackbot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"footnote/bot"
	"footnote/bot/record"
)

// take sees to one envelope. When it returns without an error the envelope may
// be acknowledged: what was in it is on disk, or of no interest. With an error
// it is not, so that Slack sends it again.
func (b *Bot) take(ctx context.Context, e envelope) (reply []byte, err error) {
	started := time.Now()
	defer func() { b.metrics.took(e.kind, started, err) }()
	b.options.Reached("received")
	if b.hasLeft() != nil {
		return nil, nil
	}
	switch e.kind {
	case kindEvents:
		err = b.takeEvent(ctx, e)
	case kindInteractive:
		reply, err = b.takeInteraction(ctx, e.payload)
	case kindCommand:
		reply, err = b.takeCommand(ctx, e.payload)
	default:
		b.log.InfoContext(ctx, "an envelope of no interest", "kind", e.kind)
	}
	if errors.Is(err, record.ErrInvalid) {
		b.log.WarnContext(ctx, "an event that cannot be recorded was dropped", "error", err)
		err = nil
	}
	if err == nil {
		b.options.Reached("taken")
	}
	return reply, err
}

func (b *Bot) takeEvent(ctx context.Context, e envelope) error {
	c, err := decodeCallback(e.payload)
	if err != nil {
		b.log.WarnContext(ctx, "a malformed event was dropped", "error", err)
		return nil
	}
	switch c.Event.Type {
	case "app_mention", "message":
	case "file_deleted":
		return b.forgetFile(ctx, c.Team, c.Event.FileID)
	case "app_uninstalled", "tokens_revoked":
		return b.takeRemoval(ctx, c)
	case "app_home_opened", "assistant_thread_started", "assistant_thread_context_changed":
		b.takeOpened(ctx, c)
		return nil
	case "agent_session_stopped":
		return b.takeStop(ctx, c)
	default:
		return nil
	}
	if c.Event.Channel == "" || c.Team == "" {
		return nil
	}
	switch {
	case said(c.Event.Subtype):
		return b.takeMessage(ctx, c)
	case c.Event.Subtype == "message_changed" && c.Event.Changed != nil:
		return b.takeChange(ctx, c, *c.Event.Changed)
	case c.Event.Subtype == "message_deleted":
		return b.takeDeletion(ctx, c, c.Event.DeletedTS)
	}
	return nil
}

// foreign reports whether a message is the bot's own or another bot's that is
// not allowed to ask.
func (b *Bot) foreign(m *incoming) bool {
	if m.User == b.self.user || m.Bot != "" && m.Bot == b.self.bot {
		return true
	}
	if m.Bot == "" {
		return m.User == "" || m.Subtype == "bot_message"
	}
	return !b.options.Access.allowsBot(m.Bot, m.App, m.User)
}

// takeMessage sees to something that was written just now.
func (b *Bot) takeMessage(ctx context.Context, c callback) error {
	m := &c.Event.incoming
	switch {
	case m.TS == "" || b.foreign(m):
		return nil
	case c.Event.direct():
		return b.put(ctx, c, m, surfaceDirect)
	case mentions(m.Text, b.self.user):
		return b.put(ctx, c, m, surfaceMention)
	case m.inThread():
		return b.takeReply(ctx, c, m)
	}
	return nil
}

// takeReply decides whether a reply without a mention is meant for the bot: it
// is when the one who asked in the thread writes it, to nobody else, and nobody
// else has written there since the last question.
func (b *Bot) takeReply(ctx context.Context, c callback, m *incoming) error {
	channel := c.Event.Channel
	asker, latest, err := b.ledger.Asker(ctx, c.Team, channel, m.ThreadTS)
	if errors.Is(err, record.ErrNotFound) {
		return b.holdReply(ctx, c, m)
	}
	if err != nil {
		return fmt.Errorf("look up the thread: %w", err)
	}
	if asker != m.asker() || addressesOthers(m.Text, b.self.user) {
		return b.ledger.NoteTalk(ctx, c.Team, channel, m.ThreadTS, m.TS)
	}
	if latest, err = b.saidTS(ctx, record.Key{Team: c.Team, Channel: channel, TS: latest}); err != nil {
		return err
	}
	talked, err := b.ledger.TalkAt(ctx, c.Team, channel, m.ThreadTS)
	if err != nil {
		return fmt.Errorf("look up the thread: %w", err)
	}
	if laterTS(latest, m.TS) && laterTS(m.TS, talked) { // it comes late: what was asked before it counts
		if latest, err = b.askedBefore(ctx, c, m.ThreadTS, m.TS); err != nil {
			return err
		}
	}
	if talked != "" && laterTS(talked, latest) {
		return nil
	}
	return b.put(ctx, c, m, surfaceFollowUp)
}

// askedBefore is the thread's last question before a message, as far as the
// ledger's last turns tell.
func (b *Bot) askedBefore(ctx context.Context, c callback, threadTS, ts string) (latest string, err error) {
	turns, err := b.ledger.Thread(ctx, c.Team, c.Event.Channel, threadTS, 0, turnsLooked)
	if err != nil {
		return "", fmt.Errorf("look up the thread's questions: %w", err)
	}
	for _, t := range turns {
		if said := saidAt(t.Entry); laterTS(ts, said) && laterTS(said, latest) {
			latest = said
		}
	}
	return latest, nil
}

// saidTS is the timestamp of a thread's question. A form's has none in its key.
func (b *Bot) saidTS(ctx context.Context, key record.Key) (string, error) {
	if isTimestamp(key.TS) {
		return key.TS, nil
	}
	e, err := b.ledger.Find(ctx, key)
	if err != nil {
		return "", fmt.Errorf("look up the thread's last question: %w", err)
	}
	return saidAt(e), nil
}

// saidAt is when a question was asked, as Slack's timestamps are.
func saidAt(e record.Entry) string {
	if isTimestamp(e.TS) {
		return e.TS
	}
	return slackTime(e.CreatedAt)
}

// holdReply keeps a reply by the one who began a thread of which no question is
// known: that may be on its way.
func (b *Bot) holdReply(ctx context.Context, c callback, m *incoming) error {
	if m.Parent != m.User {
		return nil
	}
	b.early.hold(c)
	// The question may have come since it was looked for.
	_, _, err := b.ledger.Asker(ctx, c.Team, c.Event.Channel, m.ThreadTS)
	if errors.Is(err, record.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up the thread: %w", err)
	}
	return b.takeHeld(ctx, keyOf(c))
}

// turnsLooked bounds how many questions of a thread are looked through.
const turnsLooked = 100

// takeHeld takes the replies that waited for a thread's question. What fails is
// held again: the event that brought this about will come again.
func (b *Bot) takeHeld(ctx context.Context, key threadKey) error {
	held := b.early.release(key)
	for i, c := range held {
		err := b.takeReply(ctx, c, &c.Event.incoming)
		if errors.Is(err, record.ErrInvalid) {
			b.log.WarnContext(ctx, "a reply that cannot be recorded was dropped", "error", err)
			continue
		}
		if err != nil {
			for _, c := range held[i:] {
				b.early.hold(c)
			}
			return err
		}
	}
	return nil
}

// asker is who asks: a person, or a bot by its bot id.
func (m *incoming) asker() string {
	if m.Bot != "" {
		return m.Bot
	}
	return m.User
}

// isBot tells the two apart.
func isBot(asker string) bool { return strings.HasPrefix(asker, "B") }

// put records a question, and has the asker shown that it was heard.
func (b *Bot) put(ctx context.Context, c callback, m *incoming, surface string) error {
	q := record.Question{
		Key:        record.Key{Team: c.Team, Channel: c.Event.Channel, TS: m.TS},
		ThreadTS:   m.ThreadTS,
		Surface:    surface,
		Asker:      m.asker(),
		Text:       m.Text,
		EditTS:     m.editTS(),
		EventID:    c.ID,
		CorpusHash: b.corpusHash(),
	}
	if files := m.handedIn(); len(files) > 0 && b.options.Library != nil {
		q.Detail = detail{Files: files}.String()
	}
	if q.ThreadTS == "" {
		q.ThreadTS = q.TS
	}
	// Announced first, so that a worker that gets the question at once waits
	// for the status before it posts: one set later would stand there.
	ctx, receive := receiving(ctx, q.Key, max(c.revision, 1), surface)
	say := b.herald.announce(ctx, q.Channel, q.ThreadTS, statusReading(bot.InChinese(q.Text)))
	defer say(false) // in case of a panic, too
	id, fresh, err := b.ledger.Put(ctx, q)
	if err == nil && id == 0 && c.found != nil {
		// It was edited too late for an edit to count, but was never seen before.
		q.EditTS = ""
		id, fresh, err = b.ledger.Put(ctx, q)
	}
	receive.Bool("footnote.question.fresh", fresh)
	if err != nil {
		return err
	}
	if fresh {
		say(true)
		c.found.count(b.metrics)
		b.metrics.questions.WithLabelValues(surface).Inc()
		b.log.DebugContext(ctx, "a question was recorded", "question", id, "surface", surface)
	}
	return b.takeHeld(ctx, threadKey{q.Team, q.Channel, q.ThreadTS})
}

// takeChange sees to an edit. Previews of links arrive as changes, too, without
// one; the deletion of a question that has replies arrives as a change into a
// tombstone.
func (b *Bot) takeChange(ctx context.Context, c callback, m incoming) error {
	if m.Subtype == "tombstone" {
		return b.takeDeletion(ctx, c, m.TS)
	}
	for _, f := range m.Files {
		if f.Mode == tombstone {
			if err := b.forgetFile(ctx, c.Team, f.ID); err != nil {
				return err
			}
		}
	}
	if m.TS == "" || m.Edited == nil || !said(m.Subtype) || b.foreign(&m) {
		return nil
	}
	e, err := b.ledger.Find(ctx, record.Key{Team: c.Team, Channel: c.Event.Channel, TS: m.TS})
	switch {
	case err == nil:
		m.ThreadTS = e.ThreadTS
		c.revision = e.Revision
		if m.editTS() != e.EditTS {
			c.revision++
		}
		return b.put(ctx, c, &m, e.Surface)
	case !errors.Is(err, record.ErrNotFound):
		return fmt.Errorf("look up the edited message: %w", err)
	case c.Event.direct():
		return b.put(ctx, c, &m, surfaceDirect)
	case mentions(m.Text, b.self.user):
		return b.put(ctx, c, &m, surfaceMention)
	case m.inThread() && !b.early.amend(c.Team, c.Event.Channel, m):
		// A follow-up whose own event is late.
		return b.takeReply(ctx, callback{Team: c.Team, ID: c.ID, Event: event{incoming: m, Channel: c.Event.Channel, ChannelType: c.Event.ChannelType}}, &m)
	}
	return nil
}

// takeDeletion sees to a message that is gone. One that is not known is
// remembered if it may have been a question: events arrive in any order.
func (b *Bot) takeDeletion(ctx context.Context, c callback, ts string) error {
	if ts == "" {
		return nil
	}
	key := record.Key{Team: c.Team, Channel: c.Event.Channel, TS: ts}
	b.early.forget(key.Team, key.Channel, ts)
	if err := b.forgetBrought(ctx, c, ts); err != nil {
		return err
	}
	e, err := b.ledger.Find(ctx, key)
	if errors.Is(err, record.ErrNotFound) {
		if asked, err := b.mayHaveAsked(ctx, c); err != nil || !asked {
			return err
		}
	} else if err != nil {
		return fmt.Errorf("look up the deleted message: %w", err)
	}
	if _, err := b.ledger.Withdraw(ctx, key); err != nil {
		return err
	}
	if e.State == record.Received { // nobody has it, so nobody else ends its status
		b.inBackground(func(ctx context.Context) {
			b.herald.wait(ctx, e.Channel, e.ThreadTS)
			b.herald.clear(ctx, e.Channel, e.ThreadTS)
		})
	}
	return nil
}

// mayHaveAsked reports whether a deleted message that is not known may have been
// a question.
func (b *Bot) mayHaveAsked(ctx context.Context, c callback) (bool, error) {
	p := c.Event.Previous
	switch {
	case p == nil || b.foreign(p):
		return false, nil
	case c.Event.direct() || mentions(p.Text, b.self.user):
		return true, nil
	case !p.inThread():
		return false, nil
	}
	asker, _, err := b.ledger.Asker(ctx, c.Team, c.Event.Channel, p.ThreadTS)
	if errors.Is(err, record.ErrNotFound) {
		return false, nil
	}
	return asker == p.asker(), err
}
