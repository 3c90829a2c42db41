package slackbot

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// aboutShortcut is the callback_id of the message shortcut "Ask the report about
// this", and of the form that it opens.
const aboutShortcut = "ask_about"

// The elements of the form.
const (
	aboutQuestion = "question"
	aboutWhere    = "where"
	whereHere     = "thread"
	whereAlone    = "alone"
)

// An aboutForm is what the form remembers of the message.
type aboutForm struct {
	Team        string    `json:"team"`
	Channel     string    `json:"channel"`
	Thread      string    `json:"thread"`
	ResponseURL string    `json:"response_url"`
	At          time.Time `json:"at"`
}

// maxPrivateMetadata is Slack's limit (docs.slack.dev, "Views").
const maxPrivateMetadata = 3000

// useShortcut opens a form with the message's text as the question: few messages
// are questions word for word.
func (b *Bot) useShortcut(_ context.Context, i *interaction) (response, error) {
	form := aboutForm{Team: i.Team.ID, Channel: i.Channel.ID, Thread: orElse(i.Message.ThreadTS, i.Message.TS), ResponseURL: i.ResponseURL, At: time.Now()}
	return response{after: func(ctx context.Context) error {
		kept, err := json.Marshal(form)
		if err != nil || len(kept) > maxPrivateMetadata {
			return fmt.Errorf("the shortcut's form cannot be kept: %w", err)
		}
		view := aboutModal(b.read(ctx, i.Message.Text))
		view.PrivateMetadata = string(kept)
		return b.openModal(ctx, i, view)
	}}, nil
}

func aboutModal(text string) slack.ModalViewRequest {
	zh := bot.InChinese(text)
	question := slack.NewPlainTextInputBlockElement(nil, aboutQuestion)
	question.Multiline, question.MinLength, question.MaxLength = true, 1, maxElement
	question.InitialValue = beginning(visible(text), maxElement-1)
	alone := slack.NewOptionBlockObject(whereAlone, plain(pick(zh, "To me alone", "仅对我可见")), nil)
	here := slack.NewOptionBlockObject(whereHere, plain(pick(zh, "In the message's thread, for everybody", "在该消息的讨论串中，所有人可见")), nil)
	where := slack.NewRadioButtonsBlockElement(aboutWhere, alone, here)
	where.InitialOption = alone
	view := modal(zh, pick(zh, "Ask the report", "询问报告"),
		slack.NewInputBlock("ask", plain(pick(zh, "Question", "问题")), nil, question),
		slack.NewInputBlock("answer", plain(pick(zh, "Where to answer", "在哪里回答")), nil, where))
	view.CallbackID, view.Submit = aboutShortcut, plain(pick(zh, "Ask", "提问"))
	view.Close = plain(pick(zh, "Cancel", "取消"))
	return view
}

// submitAbout records what the form asks.
func (b *Bot) submitAbout(ctx context.Context, i *interaction) (response, error) {
	var form aboutForm
	if json.Unmarshal([]byte(i.View.Private), &form) != nil || form.Channel == "" || i.View.ID == "" {
		b.log.WarnContext(ctx, "a form of unknown origin was dropped")
		return response{}, nil
	}
	q := record.Question{
		Key:        record.Key{Team: orElse(form.Team, i.Team.ID), Channel: form.Channel, TS: "form." + i.View.ID},
		Surface:    surfaceShortcut,
		Asker:      i.User.ID,
		Text:       entity.Replace(i.field(aboutQuestion)), // as Slack stores messages
		CorpusHash: b.corpusHash(),
		Detail:     detail{ResponseURL: form.ResponseURL}.String(),
	}
	if i.field(aboutWhere) == whereHere {
		q.Surface, q.ThreadTS = surfaceAbout, form.Thread
	}
	_, err := b.record(ctx, q)
	return response{}, err
}
