package slackbot

import (
	"context"
	"encoding/json"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// A command is a slash command as Slack sends it.
type command struct {
	Team        string `json:"team_id"`
	Channel     string `json:"channel_id"`
	User        string `json:"user_id"`
	Text        string `json:"text"`
	Trigger     string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
}

// takeCommand records what somebody asks by the slash command. The reply, which
// only the asker sees, repeats the question: Slack does not show it.
func (b *Bot) takeCommand(ctx context.Context, payload json.RawMessage) (reply []byte, err error) {
	var c command
	if json.Unmarshal(payload, &c) != nil || c.Team == "" || c.Channel == "" || c.User == "" || c.Trigger == "" {
		b.log.WarnContext(ctx, "a malformed command was dropped")
		return nil, nil
	}
	_, err = b.record(ctx, record.Question{
		Key:        record.Key{Team: c.Team, Channel: c.Channel, TS: "command." + c.Trigger},
		Surface:    surfaceCommand,
		Asker:      c.User,
		Text:       c.Text,
		CorpusHash: b.corpusHash(),
		Detail:     detail{ResponseURL: c.ResponseURL}.String(),
	})
	if err != nil {
		return nil, err
	}
	question := b.read(ctx, c.Text)
	if question == "" {
		return nil, nil
	}
	line := shorten(oneLine(heardCommand(question)), maxNotice)
	return json.Marshal(struct {
		Type   string        `json:"response_type"`
		Text   string        `json:"text"`
		Blocks []slack.Block `json:"blocks"`
	}{slack.ResponseTypeEphemeral, fallback(line), []slack.Block{small(line)}})
}

func heardCommand(question string) string {
	return pick(bot.InChinese(question), "Reading the report for: "+question, "正在阅读报告："+question)
}

// read is a stored text as its author meant it.
func (b *Bot) read(ctx context.Context, text string) string {
	question, _ := decode(text, b.self.user, func(id string) string { return b.people.name(ctx, id) })
	return question
}
