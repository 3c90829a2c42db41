package slackbot

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"footnote/bot/record"
)

// What one catching up may cost. At its pace, mostCalls take 20 minutes. Slack
// wants pages of no more than 200 messages (docs.slack.dev,
// "conversations.history method").
const (
	mostCalls   = 600 // of history and threads
	mostPages   = 20  // of one conversation
	mostReplies = 10  // pages of one thread
	pageSize    = 200
)

// catchPace is how many calls of a method catching up makes in a minute: below
// perMinute, so that something is left for answers.
const catchPace, catchBurst = 30.0, 3

// call makes a call at the pace of catching up, and again when Slack stumbles.
func (c *catching) call(ctx context.Context, method string, do func(context.Context) error) error {
	w := c.bot.web
	for try := 1; ; try++ {
		if !w.unpaced {
			if err := w.pace("catching up "+method, rate.Limit(catchPace/60), catchBurst).wait(ctx); err != nil {
				return err
			}
		}
		err := w.call(ctx, method, "", do)
		if err == nil || !uncertain(err) || try == tries {
			return err
		}
		if err := sleep(ctx, pause(try)); err != nil {
			return err
		}
	}
}

// list asks for the conversations that the bot is in, each kind by itself, since
// each has scopes of its own.
func (c *catching) list(ctx context.Context) ([]place, error) {
	var all []place
	for _, k := range kinds {
		if len(k.lacks(c.bot.granted)) > 0 {
			continue
		}
		found, err := c.listKind(ctx, k)
		if err != nil && !c.refused(ctx, k.list, err) {
			return nil, fmt.Errorf("list the conversations: %w", err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func (c *catching) listKind(ctx context.Context, k kind) ([]place, error) {
	var all []place
	cursor := ""
	for range mostPages {
		var page []slack.Channel
		var next string
		err := c.call(ctx, "users.conversations", func(ctx context.Context) (err error) {
			page, next, err = c.bot.web.api.GetConversationsForUserContext(ctx, &slack.GetConversationsForUserParameters{
				Types: []string{k.list}, Limit: pageSize, Cursor: cursor, ExcludeArchived: true,
			})
			return err
		})
		if err != nil {
			return all, err
		}
		for _, ch := range page {
			if !ch.IsUserDeleted {
				all = append(all, place{ch.ID, k.event})
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	return all, nil
}

// history reads what was said in a conversation, oldest first. Slack gives the
// newest first; where there is too much, the oldest is left, and whole is false.
func (c *catching) history(ctx context.Context, ch place) (messages []foundMessage, whole bool, err error) {
	cursor := ""
	for range mostPages {
		var page *slack.GetConversationHistoryResponse
		c.calls++
		err := c.call(ctx, "conversations.history", func(ctx context.Context) (err error) {
			page, err = c.bot.web.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
				ChannelID: ch.id, Oldest: c.since, Limit: pageSize, Cursor: cursor,
			})
			return err
		})
		if err != nil {
			return nil, false, err
		}
		for _, m := range page.Messages {
			f, err := readAs(m)
			if err != nil {
				return nil, false, err
			}
			messages = append(messages, f)
		}
		if cursor = page.ResponseMetaData.NextCursor; cursor == "" || !page.HasMore {
			whole = true
			break
		}
	}
	if !whole {
		c.bot.log.WarnContext(ctx, "more was said in a conversation than is caught up with; the oldest is left", "messages", len(messages))
	}
	slices.SortFunc(messages, func(a, b foundMessage) int {
		if laterTS(a.TS, b.TS) {
			return 1
		}
		return -1
	})
	return messages, whole, nil
}

// replies reads a thread after a message, oldest first, with its parent at the
// head.
func (c *catching) replies(ctx context.Context, ch place, root, oldest string) (messages []incoming, whole bool, err error) {
	cursor, seen := "", map[string]bool{}
	for range mostReplies {
		var page []slack.Message
		var more bool
		var next string
		c.calls++
		err := c.call(ctx, "conversations.replies", func(ctx context.Context) (err error) {
			page, more, next, err = c.bot.web.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: ch.id, Timestamp: root, Oldest: oldest, Limit: pageSize, Cursor: cursor,
			})
			return err
		})
		if err != nil {
			return nil, false, err
		}
		for _, m := range page {
			f, err := readAs(m)
			if err != nil {
				return nil, false, err
			}
			if !seen[f.TS] { // the parent is on every page
				seen[f.TS] = true
				messages = append(messages, f.incoming)
			}
		}
		if cursor = next; cursor == "" || !more {
			return messages, true, nil
		}
	}
	return messages, false, nil
}

// isGone asks for one message.
func (c *catching) isGone(ctx context.Context, ch place, ts string) (bool, error) {
	var found []slack.Message
	c.calls++
	err := c.call(ctx, "conversations.replies", func(ctx context.Context) (err error) {
		found, _, _, err = c.bot.web.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: ch.id, Timestamp: ts, Limit: 1,
		})
		return err
	})
	if isNoMessage(err) {
		return true, nil
	}
	return err == nil && len(found) > 0 && found[0].Timestamp == ts && found[0].SubType == tombstone, err
}

func isNoMessage(err error) bool {
	return code(err) == "thread_not_found" || code(err) == "message_not_found"
}

// thread sees to a thread, from the last question in it that can no longer be
// edited: whether a reply without a mention is meant for the bot depends on who
// wrote since.
func (c *catching) thread(ctx context.Context, ch place, root string) error {
	oldest, err := c.bot.askedBefore(ctx, c.callback(ch, incoming{}), root, c.edited)
	if err != nil {
		return err
	}
	if oldest == "" {
		oldest = c.edited
	}
	messages, whole, err := c.replies(ctx, ch, root, oldest)
	there := map[string]bool{}
	if isNoMessage(err) {
		return c.withdraw(ctx, ch, there, func(e record.Entry) bool { return e.ThreadTS == root })
	}
	if err != nil {
		return err
	}
	t := &threadTalk{catching: c, ch: ch, root: root}
	for _, m := range messages {
		there[m.TS] = true
		if m.TS == root {
			err = c.take(ctx, ch, m)
		} else {
			err = t.reply(ctx, m)
		}
		if err != nil {
			return err
		}
	}
	if !whole {
		return nil
	}
	return c.withdraw(ctx, ch, there, func(e record.Entry) bool { return e.ThreadTS == root && laterTS(e.TS, oldest) })
}

// A threadTalk follows who talks to whom in a thread, as the intake does when
// events come as they should.
type threadTalk struct {
	*catching
	ch     place
	root   string
	talked bool   // others have written since the last question
	before string // the reply before
}

// reply decides about one reply.
func (t *threadTalk) reply(ctx context.Context, m incoming) error {
	b := t.bot
	if m.TS == "" || m.Subtype != tombstone && (!said(m.Subtype) || b.foreign(&m)) {
		return nil
	}
	if slices.ContainsFunc(t.forms[threadKey{b.self.team, t.ch.id, t.root}], func(asked string) bool {
		return laterTS(asked, t.before) && laterTS(m.TS, asked)
	}) {
		t.talked = false
	}
	t.before = m.TS
	_, err := b.ledger.Find(ctx, record.Key{Team: b.self.team, Channel: t.ch.id, TS: m.TS})
	known := err == nil
	if err != nil && !errors.Is(err, record.ErrNotFound) {
		return fmt.Errorf("look up a message: %w", err)
	}
	if known || t.ch.kind == "im" || mentions(m.Text, b.self.user) {
		t.talked = false
		return t.take(ctx, t.ch, m)
	}
	asker, _, err := b.ledger.Asker(ctx, b.self.team, t.ch.id, t.root)
	if errors.Is(err, record.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up the thread: %w", err)
	}
	during := laterTS(m.TS, t.since)
	switch {
	case asker != m.asker() || addressesOthers(m.Text, b.self.user):
		t.talked = true
		if during {
			return b.ledger.NoteTalk(ctx, b.self.team, t.ch.id, t.root, m.TS)
		}
	case during && !t.talked:
		t.messages++
		return t.taken(ctx, b.put(ctx, t.callback(t.ch, m), &m, surfaceFollowUp))
	}
	return nil
}
