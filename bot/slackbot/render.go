package slackbot

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
	"footnote/corpus"
)

// What we fill of Slack's limits, in characters. Slack takes 12,000 in a
// markdown block and about 13,200 in all blocks of a message; the rest is for
// what stands below the answer, and above it.
const (
	maxMarkdown = 10_800
	maxMessage  = 12_400
	maxBlocks   = 43 // of 50, for there are also the text, what stands above it, and the footer
	maxFallback = 3000
	maxPiece    = 3000
	maxNotice   = 1000
)

// A message is one Slack message as it is to stand.
type message struct {
	// markdown is the answer's text as it streams; empty for a message of
	// sources alone.
	markdown string
	// tail stands below it: notice, sources, buttons.
	tail []slack.Block
	// text is for notifications and screen readers: a preview, since the
	// blocks hold everything.
	text string
	// head stands above it: who asked what, where nobody sees the question.
	head []slack.Block
	// streams says that it is shown piece by piece where that can be done.
	streams bool
	// note says that it is no part of the answer, but stands below it.
	note bool
}

// blocks are the message whole.
func (m message) blocks() []slack.Block {
	blocks := slices.Clone(m.head)
	if m.markdown != "" {
		blocks = append(blocks, slack.NewMarkdownBlock("", m.markdown))
	}
	return append(blocks, m.tail...)
}

// renderAnswer writes an answer as messages, of which there is at least one.
// Nothing in the answer has an effect in Slack; its addresses are links only
// where a quote holds them. The question's number goes into the buttons. The asker
// of an answer that was cut short, because they stopped it, can ask again.
func renderAnswer(a record.Answer, question record.Entry, cutShort bool) []message {
	if question.Surface == surfaceShare { // of course it was asked before
		a.ReusedFrom = 0
	}
	messages := textMessages(a.Text, quotedAddresses(a.Citations))
	messages[0].streams = a.Outcome == bot.Answered || a.Outcome == bot.Uncertain
	last := &messages[len(messages)-1]
	for _, line := range notices(a, question.Text) {
		last.tail = append(last.tail, small(line))
	}
	if !a.Refused || len(a.Citations) > 0 {
		messages = withSources(messages, a, question.ID)
	}
	last = &messages[len(messages)-1]
	if lookedUp(a.Outcome) && a.CorpusHash != "" {
		last.tail = append(last.tail, small(versionLine(a, bot.InChinese(question.Text))))
	}
	last.tail = append(last.tail, footer(a, question, cutShort)...)
	return messages
}

// versionLine names what an answer was given from.
func versionLine(a record.Answer, zh bool) string {
	return pick(zh, "Version ", "版本 ") + shorten(oneLine(corpus.Version(a.CorpusHash)), maxDocumentShown)
}

// renderText writes a text of ours that has no sources.
func renderText(text string) []message { return textMessages(text, nil) }

func textMessages(text string, permitted []string) []message {
	text = tidy(text, permitted)
	if text == "" {
		text = "…"
	}
	var messages []message
	for rest, continues := text, false; rest != ""; {
		n := cut(rest, maxMarkdown, worstCost)
		part := rest[:n]
		messages = append(messages, message{markdown: literal(part, continues), text: fallback(part)})
		continues = !strings.HasSuffix(part, "\n")
		rest = rest[n:]
	}
	return messages
}

// notices are the small lines below an answer: how it came about, and what the
// question was taken for, unless the notice says that.
func notices(a record.Answer, question string) []string {
	var lines []string
	if a.ReusedFrom != 0 {
		lines = append(lines, pick(bot.InChinese(question), "This was asked before; the report has not changed since.", "此前有人问过；报告此后没有变化。"))
	}
	if notice := oneLine(a.Notice); notice != "" {
		lines = append(lines, shorten(notice, maxNotice))
	}
	if as := oneLine(a.UnderstoodAs); as != "" && !tellsReading(a.Notice, a.UnderstoodAs) {
		lines = append(lines, pick(bot.InChinese(as), "Understood as: ", "理解为：")+shorten(as, maxNotice/2))
	}
	return lines
}

// tellsReading reports whether a notice quotes a word that the question was
// searched with.
func tellsReading(notice, understoodAs string) bool {
	for {
		_, rest, ok := strings.Cut(notice, "“")
		word, next, closed := strings.Cut(rest, "”")
		if !ok || !closed {
			return false
		}
		if word != "" && strings.Contains(strings.ToLower(understoodAs), strings.ToLower(word)) {
			return true
		}
		notice = next
	}
}

// small is a line in a context block. Its text is plain: mrkdwn has no way to
// show a star or an underscore as it stands.
func small(text string) slack.Block {
	return slack.NewContextBlock("", plain(text))
}

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

// fallback is a text as a preview.
func fallback(text string) string {
	if size(text, entityCost) <= maxFallback {
		return strings.TrimSpace(entity.Replace(text))
	}
	n := cut(text, maxFallback-1, entityCost)
	if space := strings.LastIndexAny(text[:n], " \n"); space > n/2 {
		n = space
	}
	return entity.Replace(strings.TrimSpace(text[:n])) + "…"
}

// shorten cuts a line to n characters, at a word where there is one nearby.
func shorten(line string, n int) string {
	if utf8.RuneCountInString(line) <= n {
		return line
	}
	end := cut(line, n-1, func(rune) int { return 1 })
	if space := strings.LastIndexByte(line[:end], ' '); space > end*2/3 {
		end = space
	}
	return strings.TrimRight(line[:end], " ,;:，、；：—–-") + "…"
}
