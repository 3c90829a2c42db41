package slackbot

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// pressSource shows a source in its surroundings.
func (b *Bot) pressSource(_ context.Context, i *interaction) (response, error) {
	return response{after: func(ctx context.Context) error {
		view, err := b.sourceView(ctx, i)
		if err != nil {
			return err
		}
		return b.openModal(ctx, i, view)
	}}, nil
}

// openModal shows somebody who has just done something a modal.
func (b *Bot) openModal(ctx context.Context, i *interaction, view slack.ModalViewRequest) error {
	return b.web.call(ctx, "views.open", "", func(ctx context.Context) error {
		_, err := b.web.api.OpenViewContext(ctx, i.Trigger, view)
		return err
	})
}

// engineOf is who gave an answer, as far as it is still there: its place may be
// answered from another report by now.
func (b *Bot) engineOf(ctx context.Context, turn record.Turn) (answering, error) {
	other, err := b.fromOther(ctx, turn)
	if err == nil && !other {
		return b.usual(), nil
	}
	if err != nil {
		return answering{}, err
	}
	return b.engineFor(ctx, turn.Entry)
}

func (b *Bot) sourceView(ctx context.Context, i *interaction) (slack.ModalViewRequest, error) {
	question, revision, marker, ok := parseSourceValue(i.Actions[0].Value)
	if !ok {
		return goneModal(sourceNotKept(false)), nil
	}
	turn, err := b.turnOf(ctx, i, question, revision)
	if errors.Is(err, record.ErrNotFound) {
		return goneModal(sourceNotKept(false)), nil
	}
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	engine, err := b.engineOf(ctx, turn)
	if errors.Is(err, ErrNotKept) {
		return goneModal(sourceNotKept(bot.InChinese(turn.Text))), nil
	}
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	defer engine.release()
	for _, c := range turn.Answer.Citations {
		if c.Marker != marker {
			continue
		}
		if x, ok := engine.Excerpt(c, turn.Answer.CorpusHash); ok {
			return sourceModal(x, marker, bot.InChinese(turn.Text)), nil
		}
	}
	return goneModal(sourceNotKept(bot.InChinese(turn.Text))), nil
}
