package slackbot

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot/record"
)

// look reads the thread and finds out which of the answer's messages stand
// there: by their metadata, and a stream, which has none until it ends, by
// being ours and nobody's. Where Slack does not let us look, a post is made
// again rather than an answer lost, and counted.
func (d *delivery) look(ctx context.Context) error {
	found, err := d.ours(ctx)
	switch code(err) {
	case "thread_not_found", "message_not_found":
		if err := d.removeStrays(ctx); err != nil {
			return err
		}
		d.sure()
		return errGone
	case "missing_scope", "not_in_channel", "channel_not_found", "no_permission":
		d.bot.log.ErrorContext(ctx, "a post whose reply was lost cannot be looked for", "question", d.work.ID, "error", err,
			"hint", "footnote doctor names the missing scope")
		d.bot.metrics.ambiguous.WithLabelValues("unknown").Inc()
		d.sure()
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for what was posted: %w", err)
	}
	for _, m := range found {
		if err := d.recognise(ctx, m); err != nil {
			return err
		}
	}
	d.bot.options.Reached("looked")
	return nil
}

// sure ends all doubt: what was not found is not there.
func (d *delivery) sure() {
	for _, p := range d.parts {
		p.unsure = false
	}
}

// recognise takes a message of ours for the part that it is.
func (d *delivery) recognise(ctx context.Context, m slack.Message) error {
	for _, p := range d.parts {
		if p.ts == m.Timestamp {
			return nil
		}
	}
	if m.Metadata.EventType == "" {
		if p := d.part(0); p.unsure && p.ts == "" && !d.anothers(ctx, m.Timestamp) {
			d.bot.metrics.ambiguous.WithLabelValues("posted").Inc()
			return d.opened(ctx, m.Timestamp, "", false)
		}
		if d.lostStream && !d.anothers(ctx, m.Timestamp) { // it came after all
			return d.delete(ctx, m.Timestamp)
		}
		return nil
	}
	if m.Metadata.EventType != metadataType || m.Metadata.EventPayload["question"] != d.work.TS {
		return nil
	}
	n, err := strconv.Atoi(fmt.Sprint(m.Metadata.EventPayload["part"]))
	if err != nil {
		return nil
	}
	if d.part(n).ts != "" { // a copy
		return d.delete(ctx, m.Timestamp)
	}
	d.bot.metrics.ambiguous.WithLabelValues("posted").Inc()
	// What it shows is not compared: it is brought up to date.
	return d.posted(ctx, n, m.Timestamp, "")
}

// anothers reports whether a message belongs to another question.
func (d *delivery) anothers(ctx context.Context, ts string) bool {
	t, err := d.bot.ledger.AnswerAt(ctx, d.work.Channel, ts)
	return err == nil && t.ID != d.work.ID
}

// ours are the bot's own messages in the thread since the question.
func (d *delivery) ours(ctx context.Context) ([]slack.Message, error) {
	if !d.inThread() {
		return d.oursInChannel(ctx)
	}
	var all []slack.Message
	cursor := ""
	for {
		var page []slack.Message
		var more bool
		var next string
		err := d.again(ctx, func() error {
			return d.bot.web.call(ctx, "conversations.replies", "", func(ctx context.Context) (err error) {
				page, more, next, err = d.bot.web.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
					ChannelID: d.work.Channel, Timestamp: d.work.ThreadTS, Cursor: cursor, Oldest: d.work.TS, Limit: 200, IncludeAllMetadata: true,
				})
				return err
			})
		})
		if err != nil {
			return nil, err
		}
		for _, m := range page {
			if (m.User == d.bot.self.user || m.BotID == d.bot.self.bot && m.BotID != "") && laterTS(m.Timestamp, d.work.TS) {
				all = append(all, m)
			}
		}
		if !more || next == "" {
			return all, nil
		}
		cursor = next
	}
}

// removeStrays deletes what was posted to a thread that was gone by then: Slack
// puts that into the channel.
func (d *delivery) removeStrays(ctx context.Context) error {
	strays, err := d.oursInChannel(ctx)
	switch {
	case code(err) != "" && !uncertain(err):
		d.bot.log.WarnContext(ctx, "a channel cannot be searched for a stray answer", "question", d.work.ID, "error", err)
		return nil
	case err != nil:
		return fmt.Errorf("look for a stray answer: %w", err)
	}
	for _, m := range strays {
		if err := d.delete(ctx, m.Timestamp); err != nil {
			return err
		}
	}
	return nil
}

// oursInChannel are the answer's messages in the channel itself, as far as their
// metadata tells.
func (d *delivery) oursInChannel(ctx context.Context) ([]slack.Message, error) {
	oldest := d.work.TS
	if !d.inThread() { // the question is no message; clocks differ
		oldest = fmt.Sprintf("%d.000000", d.work.CreatedAt.Add(-time.Minute).Unix())
	}
	var all []slack.Message
	cursor := ""
	for {
		var page *slack.GetConversationHistoryResponse
		err := d.again(ctx, func() error {
			return d.bot.web.call(ctx, "conversations.history", "", func(ctx context.Context) (err error) {
				page, err = d.bot.web.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
					ChannelID: d.work.Channel, Cursor: cursor, Oldest: oldest, Limit: 200, IncludeAllMetadata: true,
				})
				return err
			})
		})
		if err != nil {
			return nil, err
		}
		for _, m := range page.Messages {
			if m.Metadata.EventType == metadataType && m.Metadata.EventPayload["question"] == d.work.TS {
				all = append(all, m)
			}
		}
		if cursor = page.ResponseMetaData.NextCursor; cursor == "" || !page.HasMore {
			return all, nil
		}
	}
}

// opened records a stream's message, so that whoever takes over can end it.
func (d *delivery) opened(ctx context.Context, ts, shown string, sure bool) error {
	*d.part(0) = part{ts: ts, open: true, shown: shown, sure: sure}
	return d.book.Record(ctx, record.Step{Kind: record.StepStream, Purpose: partPurpose, Channel: d.work.Channel, TS: ts})
}

// laterTS compares Slack's timestamps: seconds, a dot, six digits.
func laterTS(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}

// isTimestamp tells a message's timestamp from the other names of questions.
func isTimestamp(ts string) bool { return ts != "" && strings.Trim(ts, "0123456789.") == "" }
