package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// An interaction is a pressed button.
type interaction struct {
	Type    string `json:"type"`
	Trigger string `json:"trigger_id"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		MessageTS string `json:"message_ts"`
	} `json:"container"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	Actions []struct {
		ID    string `json:"action_id"`
		Value string `json:"value"`
	} `json:"actions"`
}

// takeInteraction does what a button asks for, after it was acknowledged: Slack
// waits three seconds for the one and as long for the other.
func (b *Bot) takeInteraction(payload json.RawMessage) {
	var i interaction
	if err := json.Unmarshal(payload, &i); err != nil {
		b.log.Warn("a malformed interaction was dropped")
		return
	}
	if i.Type != "block_actions" || len(i.Actions) == 0 || !strings.HasPrefix(i.Actions[0].ID, sourceAction) {
		return
	}
	started := b.inBackground(func(ctx context.Context) {
		if err := b.openSource(ctx, i); err != nil {
			b.log.WarnContext(ctx, "a source could not be opened", "error", err)
		}
	})
	if !started {
		b.log.Warn("a button was pressed while too much was going on")
	}
}

// openSource shows a source in its surroundings.
func (b *Bot) openSource(ctx context.Context, i interaction) error {
	view, err := b.sourceView(ctx, i)
	if err != nil {
		return err
	}
	return b.web.call(ctx, "views.open", "", func(ctx context.Context) error {
		_, err := b.web.api.OpenViewContext(ctx, i.Trigger, view)
		return err
	})
}

func (b *Bot) sourceView(ctx context.Context, i interaction) (slack.ModalViewRequest, error) {
	question, revision, marker, ok := parseSourceValue(i.Actions[0].Value)
	if !ok {
		return goneModal(sourceNotKept(false)), nil
	}
	turn, err := b.ledger.AnswerAt(ctx, i.Channel.ID, i.Container.MessageTS)
	if err != nil && !errors.Is(err, record.ErrNotFound) {
		return slack.ModalViewRequest{}, err
	}
	a := turn.Answer
	// The button is believed only as far as the message it stands in.
	if err != nil || a == nil || turn.ID != question || a.Revision != revision {
		return goneModal(sourceNotKept(false)), nil
	}
	for _, c := range a.Citations {
		if c.Marker != marker {
			continue
		}
		if x, ok := b.engine.Excerpt(c, a.CorpusHash); ok {
			return sourceModal(x, marker), nil
		}
	}
	return goneModal(sourceNotKept(bot.InChinese(turn.Text))), nil
}
