package slackbot

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot/record"
)

// privatePurpose names the messages that only the asker sees in the ledger's steps.
const privatePurpose = "private"

// responseLasts is for how long a response URL can be used, and mostPrivate how
// many messages an answer may have there: both are below Slack's limits, half an
// hour and five uses (docs.slack.dev, "Handling user interaction").
const (
	responseLasts = 29 * time.Minute
	mostPrivate   = 4
)

// whisper shows an answer to its asker alone. Slack forgets such messages and
// lets nobody look for them, so what may have been sent when a worker died is
// sent again, and counted: the asker may see it twice, but not never.
func (b *Bot) whisper(ctx context.Context, w record.Work, book record.Book, messages []message) error {
	messages = messages[:min(len(messages), mostPrivate)]
	sent, begun := map[int]bool{}, map[int]bool{}
	for _, s := range w.Steps {
		if s.Purpose == privatePurpose && s.Revision == w.Revision {
			sent[s.Number] = sent[s.Number] || s.Kind == record.StepPosted
			begun[s.Number] = true
		}
	}
	for n, m := range messages {
		if sent[n] {
			continue
		}
		if begun[n] {
			b.metrics.ambiguous.WithLabelValues("unknown").Inc()
		}
		step := record.Step{Kind: record.StepPosting, Purpose: privatePurpose, Number: n}
		if err := book.Record(ctx, step); err != nil {
			return err
		}
		var err error
		if step.Channel, step.TS, err = b.whisperOne(ctx, w, n, m); err != nil {
			return err
		}
		b.options.Reached("whispered")
		step.Kind = record.StepPosted
		if err := book.Record(context.WithoutCancel(ctx), step); err != nil {
			return err
		}
	}
	return nil
}

// whisperOne sends one message by the first way that is open: the response URL,
// a message in the channel that only the asker sees, a direct message. Of the
// last alone Slack says where it stands.
func (b *Bot) whisperOne(ctx context.Context, w record.Work, n int, m message) (channel, ts string, err error) {
	d := detailOf(w.Entry)
	if d.ResponseURL != "" && time.Since(w.CreatedAt) < responseLasts || d.Replace {
		err := b.respond(ctx, d.ResponseURL, d.Replace && n == 0, m)
		if err == nil || !expired(err) {
			return "", "", err
		}
	}
	options := append(contentOf(m), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	err = b.web.callWhole(ctx, "chat.postEphemeral", "", func(ctx context.Context) error {
		_, err := b.web.api.PostEphemeralContext(ctx, w.Channel, w.Asker, options...)
		return err
	})
	switch code(err) {
	case "channel_not_found", "not_in_channel", "user_not_in_channel", "is_archived", "method_not_supported_for_channel_type":
	default:
		return "", "", whisperRefusal(err)
	}
	err = b.web.callWhole(ctx, "chat.postMessage", w.Asker, func(ctx context.Context) (err error) {
		channel, ts, err = b.web.api.PostMessageContext(ctx, w.Asker, options...)
		return err
	})
	return channel, ts, whisperRefusal(err)
}

// respond sends a message to a response URL.
func (b *Bot) respond(ctx context.Context, url string, replace bool, m message) error {
	no := false
	sent := &slack.WebhookMessage{
		Text: m.text, ResponseType: slack.ResponseTypeEphemeral, ReplaceOriginal: replace, UnfurlLinks: &no, UnfurlMedia: &no,
	}
	if blocks := m.blocks(); len(blocks) > 0 {
		sent.Blocks = &slack.Blocks{BlockSet: blocks}
	}
	return b.web.callWhole(ctx, "response_url", "", func(ctx context.Context) error {
		// Whoever has the address can write in the bot's name: no log is to hold it.
		return withoutAddress(slack.PostWebhookCustomHTTPContext(ctx, url, b.options.HTTPClient, sent))
	})
}

// expired reports whether a response URL can be used no longer.
func expired(err error) bool {
	e, ok := errors.AsType[slack.StatusCodeError](err)
	return ok && (e.Code == http.StatusNotFound || e.Code == http.StatusGone || e.Code == http.StatusForbidden)
}

func whisperRefusal(err error) error {
	if err != nil && hopeless(err) {
		return record.Permanent(err)
	}
	return err
}

// tell shows somebody a line of ours about what they have just done; it matters
// to nobody else.
func (b *Bot) tell(url, line string) func(context.Context) error {
	return func(ctx context.Context) error {
		if url == "" {
			return nil
		}
		return b.respond(ctx, url, false, renderText(line)[0])
	}
}
