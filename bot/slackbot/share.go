package slackbot

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// shareAction is the action_id of the button that shows a private answer to the
// channel.
const shareAction = "share"

func shareButton(question int64, revision int, zh bool) slack.BlockElement {
	return slack.NewButtonBlockElement(shareAction, answerValue(question, revision), plain(pick(zh, "Share in the channel", "分享到频道")))
}

// pressShare records that a private answer is to be shown to the channel: as a
// question of its own that is answered with the same words, so that it is posted
// once, whatever happens, however often the button is pressed.
func (b *Bot) pressShare(ctx context.Context, i *interaction) (response, error) {
	turn, ok, err := b.pressed(ctx, i)
	if err != nil {
		return response{}, err
	}
	if !ok || !private(turn.Surface) || turn.Asker != i.User.ID {
		return response{after: b.tell(i.ResponseURL, answerNotKept(bot.InChinese(turn.Text)))}, nil
	}
	q := record.Question{
		Key:     record.Key{Team: turn.Team, Channel: turn.Channel, TS: fmt.Sprintf("share.%d.%d", turn.ID, turn.Answer.Revision)},
		Surface: surfaceShare, Asker: turn.Asker, Text: turn.Text, CorpusHash: turn.CorpusHash,
		Detail: detail{Shares: turn.ID, Revision: turn.Answer.Revision, ResponseURL: i.ResponseURL}.String(),
	}
	fresh, err := b.record(ctx, q)
	if err == nil && !fresh {
		err = b.shareAgain(ctx, q)
	}
	return response{}, err
}

// shareAgain tries once more to show the channel what it could not be shown, as
// after the bot was invited.
func (b *Bot) shareAgain(ctx context.Context, q record.Question) error {
	e, err := b.ledger.Find(ctx, q.Key)
	if err != nil || e.State != record.Failed {
		return err
	}
	_, err = b.recordAgain(ctx, e, e.Revision, record.HowUsual, q.Detail)
	return err
}

// sharedAnswer is the answer that a share repeats.
func (b *Bot) sharedAnswer(ctx context.Context, w record.Work, book record.Book) (record.Answer, error) {
	d := detailOf(w.Entry)
	turn, err := b.ledger.Turn(ctx, d.Shares)
	switch {
	case errors.Is(err, record.ErrNotFound) || err == nil && (turn.Answer == nil || turn.Answer.Revision != d.Revision):
		return record.Answer{}, record.Permanent(fmt.Errorf("the answer to share: %w", record.ErrNotFound))
	case err != nil:
		return record.Answer{}, fmt.Errorf("look up the answer to share: %w", err)
	}
	a := *turn.Answer
	a.ReusedFrom, a.Key, a.Outdated = a.ID, "", nil
	a.PromptTokens, a.CompletionTokens = 0, 0
	return book.Save(ctx, a)
}

// notPosted tells the asker why the channel does not see the answer.
func (b *Bot) notPosted(w record.Work, err error) {
	url := detailOf(w.Entry).ResponseURL
	b.inBackground(func(ctx context.Context) {
		if told := b.tell(url, cannotPost(code(err), w.Surface, bot.InChinese(w.Text)))(ctx); told != nil {
			b.log.InfoContext(ctx, "nobody could be told that an answer was not posted", "question", w.ID, "error", told)
		}
	})
}

func cannotPost(reason, surface string, zh bool) string {
	share := surface == surfaceShare
	switch reason {
	case "not_in_channel", "channel_not_found":
		if !share {
			return pick(zh, "I cannot answer here for everybody, since I am not in this channel. Invite me and ask again, or have me answer to you alone.",
				"我不在此频道中，无法在此公开回答。请先邀请我再提问，或选择仅对您可见。")
		}
		return pick(zh, "I cannot post here, since I am not in this channel. Invite me, and press the button again.",
			"我不在此频道中，无法在此发布。请先邀请我，然后再按一次按钮。")
	}
	if !share {
		return pick(zh, "I cannot answer here for everybody: this channel does not let me post. I can answer to you alone.",
			"我无法在此公开回答：此频道不允许我发布消息。您可以选择仅对您可见。")
	}
	return pick(zh, "I cannot share this answer here: this channel does not let me post.", "我无法在此分享该回答：此频道不允许我发布消息。")
}
