package slackbot

import (
	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// footer is what people can do with an answer, below its sources.
func footer(a record.Answer, w record.Entry, cutShort bool) []slack.Block {
	zh := bot.InChinese(w.Text)
	var buttons []slack.BlockElement
	// In a direct message there is nobody to share it with, or no way to post it.
	if private(w.Surface) && lookedUp(a.Outcome) && !isDirect(w.Channel) {
		buttons = append(buttons, shareButton(w.ID, a.Revision, zh))
	}
	if a.UnderstoodAs != "" && w.How != record.HowLiteral && w.Surface != surfaceShare {
		buttons = append(buttons, literalButton(w.ID, a.Revision, zh))
	}
	if (a.Outdated != nil || a.ReusedFrom != 0 || cutShort || a.Outcome == bot.Stopped) && w.Surface != surfaceShare {
		buttons = append(buttons, againButton(w.ID, a.Revision, zh))
	}
	var blocks []slack.Block
	if len(buttons) > 0 {
		blocks = append(blocks, slack.NewActionBlock("", buttons...))
	}
	if lookedUp(a.Outcome) {
		blocks = append(blocks, feedbackButtons(w.ID, a.Revision, zh))
	}
	return blocks
}

// lookedUp reports whether an answer says what the report says, or that it does
// not: others can use it, and people can think well or ill of it.
func lookedUp(o bot.Outcome) bool {
	return o == bot.Answered || o == bot.Uncertain || o == bot.NotFound
}

// heading says what was asked, and by whom, above an answer whose question
// nobody sees.
func heading(w record.Entry, question, asker string) string {
	question = shorten(oneLine(question), maxNotice/2)
	asker = shorten(oneLine(asker), maxDocumentShown)
	zh := bot.InChinese(question)
	switch {
	case !unseen(w.Surface) || question == "":
		return ""
	case private(w.Surface):
		return pick(zh, "You asked: ", "您的问题：") + question
	case asker == "":
		return pick(zh, "Asked: ", "问题：") + question
	}
	return asker + pick(zh, " asked: ", "提问：") + question
}
