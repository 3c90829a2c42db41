package slackbot

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// What a source's line shows, in characters.
const (
	maxQuoteShown    = 80
	maxHeadingShown  = 80
	maxDocumentShown = 60
)

// sourceAction begins the action_id of the buttons that open a source, before a
// colon and the marker.
const sourceAction = "source"

// sourcesInRow is how many sources share a context block and a row of buttons.
const sourcesInRow = 10

// withSources puts the sources below the last message, and into further ones
// where they are many.
func withSources(messages []message, a record.Answer, question int64) []message {
	lines := sourceLines(a.Citations)
	var rows []sourceRow
	for start := 0; start < len(lines); start += sourcesInRow {
		rows = append(rows, newSourceRow(lines[start:min(start+sourcesInRow, len(lines))], question, a.Revision))
	}
	last := &messages[len(messages)-1]
	room := maxMessage - utf8.RuneCountInString(last.markdown) - blockChars(last.tail)
	for len(rows) > 0 {
		n := fitting(rows, room, maxBlocks-len(last.tail))
		if n > 0 {
			last.tail = append(last.tail, rowBlocks(rows[:n])...)
			if last.markdown == "" {
				last.text = sourcesPreview(rows[:n], bot.InChinese(a.Text))
			}
			rows = rows[n:]
		}
		if len(rows) > 0 {
			messages = append(messages, message{})
			last, room = &messages[len(messages)-1], maxMessage
		}
	}
	return messages
}

// A sourceLine is one source as it is listed.
type sourceLine struct {
	bot.Citation
	text string
}

// A sourceRow is some sources with their buttons.
type sourceRow struct {
	lines   []sourceLine
	text    string
	buttons []slack.BlockElement
	chars   int
}

func newSourceRow(lines []sourceLine, question int64, revision int) sourceRow {
	r := sourceRow{lines: lines}
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.text
		r.buttons = append(r.buttons, sourceButton(l.Citation, question, revision))
		r.chars += len(bracketed(l.Marker))
	}
	r.text = strings.Join(texts, "\n")
	r.chars += utf8.RuneCountInString(r.text)
	return r
}

// fitting returns how many rows there is room for.
func fitting(rows []sourceRow, chars, blocks int) int {
	n := 0
	for n < len(rows) && rows[n].chars <= chars && 2 <= blocks {
		chars -= rows[n].chars
		blocks -= 2
		n++
	}
	return n
}

// rowBlocks are the lines of all rows, then their buttons.
func rowBlocks(rows []sourceRow) []slack.Block {
	var lines, buttons []slack.Block
	for _, r := range rows {
		lines = append(lines, small(r.text))
		buttons = append(buttons, slack.NewActionBlock("", r.buttons...))
	}
	return append(lines, buttons...)
}

// sourceLines lists an answer's sources, each marker once. Documents are named
// where there are several.
func sourceLines(citations []bot.Citation) []sourceLine {
	documents, seen := map[string]bool{}, map[int]bool{}
	for _, c := range citations {
		documents[c.Document] = true
	}
	var lines []sourceLine
	for _, c := range citations {
		if !seen[c.Marker] {
			seen[c.Marker] = true
			lines = append(lines, sourceLine{c, describe(c, len(documents) > 1)})
		}
	}
	return lines
}

func describe(c bot.Citation, named bool) string {
	var b strings.Builder
	b.WriteString(bracketed(c.Marker) + " ")
	if named {
		b.WriteString(shorten(oneLine(c.Document), maxDocumentShown) + " ")
	}
	if c.Page > 0 {
		b.WriteString("p. " + strconv.Itoa(c.Page) + " ")
	}
	b.WriteString("¶" + strconv.Itoa(c.Paragraph))
	if h := oneLine(c.Heading); h != "" {
		b.WriteString(" · " + shorten(h, maxHeadingShown))
	}
	if names := oneLine(c.Columns); names != "" {
		b.WriteString(" · Columns: " + shorten(names, maxHeadingShown))
	}
	if q := oneLine(c.Quote); q != "" {
		b.WriteString(" — “" + shorten(q, maxQuoteShown) + "”")
	}
	return b.String()
}

func sourceButton(c bot.Citation, question int64, revision int) slack.BlockElement {
	b := slack.NewButtonBlockElement(sourceAction+":"+strconv.Itoa(c.Marker), sourceValue(question, revision, c.Marker), plain(bracketed(c.Marker)))
	label := fmt.Sprintf("Show source %d: paragraph %d of ", c.Marker, c.Paragraph)
	const most = 75 // Slack's limit
	b.AccessibilityLabel = label + shorten(oneLine(c.Document), most-utf8.RuneCountInString(label))
	return b
}

func bracketed(marker int) string { return "[" + strconv.Itoa(marker) + "]" }

// sourcesPreview is the fallback of a message that holds sources alone.
func sourcesPreview(rows []sourceRow, zh bool) string {
	last := rows[len(rows)-1].lines
	from, to := bracketed(rows[0].lines[0].Marker), bracketed(last[len(last)-1].Marker)
	if from == to {
		return pick(zh, "Source ", "来源 ") + from
	}
	return pick(zh, "Sources "+from+" to "+to, "来源 "+from+" 至 "+to)
}

// blockChars counts the characters of context blocks.
func blockChars(blocks []slack.Block) int {
	n := 0
	for _, b := range blocks {
		if c, ok := b.(*slack.ContextBlock); ok {
			for _, e := range c.ContextElements.Elements {
				if t, ok := e.(*slack.TextBlockObject); ok {
					n += utf8.RuneCountInString(t.Text)
				}
			}
		}
	}
	return n
}

// sourceValue is what a source's button carries: which answer it belongs to and
// which of its sources it shows.
func sourceValue(question int64, revision, marker int) string {
	return fmt.Sprintf("q%d.r%d.m%d", question, revision, marker)
}

// parseSourceValue reads what sourceValue wrote; ok is false for anything else.
func parseSourceValue(s string) (question int64, revision, marker int, ok bool) {
	_, err := fmt.Sscanf(s, "q%d.r%d.m%d", &question, &revision, &marker)
	if err != nil || question < 0 || revision < 0 || marker < 0 || s != sourceValue(question, revision, marker) {
		return 0, 0, 0, false
	}
	return question, revision, marker, true
}
