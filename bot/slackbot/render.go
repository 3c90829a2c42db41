package slackbot

import (
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// A message is one Slack message as it is to stand.
type message struct {
	// markdown is the answer's text as it streams; "" for sources alone.
	markdown string
	// tail stands below it: notice, sources, buttons.
	tail []slack.Block
	// text is what notifications and screen readers get.
	text string
	// streams says that it is shown piece by piece where that can be done.
	streams bool
}

func (m message) blocks() []slack.Block {
	if m.markdown == "" {
		return m.tail
	}
	return append([]slack.Block{slack.NewMarkdownBlock("", m.markdown)}, m.tail...)
}

// mostFallback is the length of fallback texts in characters; the blocks hold
// everything.
const mostFallback = 3000

// renderText returns the messages of a text of our own, such as a notice.
func renderText(text string) []message {
	return renderParts(literal(text, nil))
}

func renderParts(markdown string) []message {
	var messages []message
	for _, part := range split(markdown, mostMarkdown) {
		if strings.TrimSpace(part) == "" && len(messages) > 0 {
			messages[len(messages)-1].markdown += part
			continue
		}
		messages = append(messages, message{markdown: part})
	}
	for i := range messages {
		messages[i].text = fallback(messages[i].markdown)
	}
	return messages
}

// fallback is markdown of ours as plain text for a notification.
func fallback(markdown string) string {
	return clip(unbackslashed(markdown), mostFallback)
}

// unbackslashed takes the backslashes of literal away; entities stay, since
// they mean the same in mrkdwn.
func unbackslashed(markdown string) string {
	var b strings.Builder
	for i := 0; i < len(markdown); i++ {
		if markdown[i] == '\\' && i+1 < len(markdown) {
			i++
		}
		b.WriteByte(markdown[i])
	}
	return b.String()
}

// clip cuts a text at a word, if there is one near the limit, and says so.
func clip(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	runes := []rune(text)[:limit-1]
	head := string(runes)
	if i := strings.LastIndexAny(head, " \n"); i > len(head)*3/4 {
		head = head[:i]
	}
	return strings.TrimRight(head[:outOfToken(head)], " \n") + "…"
}

// renderAnswer returns the messages that show an answer: its text, then how it
// came about, then its sources. There is at least one.
func renderAnswer(a record.Answer, question int64) []message {
	quoted := func(link string) bool {
		for _, c := range a.Citations {
			if strings.Contains(c.Quote, link) {
				return true
			}
		}
		return false
	}
	messages := renderParts(literal(a.Text, quoted))
	messages[0].streams = a.Outcome == bot.Answered || a.Outcome == bot.Uncertain
	last := &messages[len(messages)-1]
	for _, line := range asides(a) {
		last.tail = append(last.tail, contextLine(line))
	}
	for _, group := range sourceGroups(a, question) {
		if !last.hasRoomFor(group) {
			messages = append(messages, message{text: moreSources})
			last = &messages[len(messages)-1]
		}
		last.tail = append(last.tail, group...)
	}
	return messages
}

// asides are the lines about the answer itself.
func asides(a record.Answer) []string {
	var lines []string
	if a.Notice != "" {
		lines = append(lines, "_"+unformatted(clip(a.Notice, 500))+"_")
	}
	if a.UnderstoodAs != "" && a.Notice == "" {
		lines = append(lines, "_Understood as: "+unformatted(clip(a.UnderstoodAs, 500))+"_")
	}
	return lines
}

// unformatted is plain, on one line, without marks of mrkdwn.
func unformatted(text string) string {
	return plain(strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if strings.ContainsRune("*_`~", r) {
			return ' '
		}
		return r
	}, text)), " "))
}

// bare is a name for where Slack reads no markup and knows no entities.
func bare(text string) string {
	return unlinked(strings.Join(strings.Fields(strings.NewReplacer("<", "", ">", "").Replace(visible(text))), " "), nil)
}

const (
	// mostBlocks and mostText bound a message, somewhat below Slack's 50 blocks
	// and 13,200 characters.
	mostBlocks = 48
	mostText   = 12800
)

func (m *message) hasRoomFor(more []slack.Block) bool {
	return len(m.tail)+len(more)+1 <= mostBlocks && utf8.RuneCountInString(m.markdown)+textIn(m.tail)+textIn(more) <= mostText
}

// textIn counts the characters of blocks of ours.
func textIn(blocks []slack.Block) int {
	n := 0
	for _, b := range blocks {
		switch b := b.(type) {
		case *slack.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				if t, ok := e.(*slack.TextBlockObject); ok {
					n += utf8.RuneCountInString(t.Text)
				}
			}
		case *slack.ActionBlock:
			for _, e := range b.Elements.ElementSet {
				if t, ok := e.(*slack.ButtonBlockElement); ok {
					n += utf8.RuneCountInString(t.Text.Text)
				}
			}
		}
	}
	return n
}
