package slackbot

import (
	"context"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// The action_ids of the buttons that have a question answered once more.
const (
	againAction   = "again"   // anew, rather than from an earlier answer
	literalAction = "literal" // as it was written, rather than as it was understood
)

func againButton(question int64, revision int, zh bool) slack.BlockElement {
	return slack.NewButtonBlockElement(againAction, answerValue(question, revision), plain(pick(zh, "Ask again", "重新提问")))
}

func literalButton(question int64, revision int, zh bool) slack.BlockElement {
	return slack.NewButtonBlockElement(literalAction, answerValue(question, revision), plain(pick(zh, "Take it as I wrote it", "按我的原话提问")))
}

func (b *Bot) pressAgain(ctx context.Context, i *interaction) (response, error) {
	return b.reask(ctx, i, record.HowFresh)
}

func (b *Bot) pressLiteral(ctx context.Context, i *interaction) (response, error) {
	return b.reask(ctx, i, record.HowLiteral)
}

// reask has a question answered once more, in the place of its answer. Only its
// asker can: the answer is theirs, and so is what it costs.
func (b *Bot) reask(ctx context.Context, i *interaction, how record.How) (response, error) {
	turn, ok, err := b.pressed(ctx, i)
	if err != nil {
		return response{}, err
	}
	zh := bot.InChinese(turn.Text)
	switch {
	case !ok:
		return response{after: b.tell(i.ResponseURL, answerNotKept(zh))}, nil
	case turn.Asker != i.User.ID:
		return response{after: b.tell(i.ResponseURL, onlyTheAsker(zh))}, nil
	}
	kept := ""
	if private(turn.Surface) {
		kept = detail{ResponseURL: i.ResponseURL, Replace: true}.String()
	}
	say := b.herald.announce(ctx, turn.Channel, turn.ThreadTS, statusReading(zh))
	defer say(false)
	fresh, err := b.recordAgain(ctx, turn.Entry, turn.Answer.Revision, how, kept)
	if fresh {
		say(standsInThread(turn.Surface))
	}
	return response{}, err
}

func onlyTheAsker(zh bool) string {
	return pick(zh, "Only the one who asked can do that. Ask me the question yourself, and the answer is yours.",
		"只有提问者本人可以这样做。请您自己提问，即可得到您的回答。")
}
