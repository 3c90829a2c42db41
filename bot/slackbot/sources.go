package slackbot

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// sourceAction begins the action_id of the buttons that open a source.
const sourceAction = "source:"

const (
	// sourcesTogether is how many sources stand above one row of buttons.
	sourcesTogether = 10
	// mostLines is the length of their lines together, below the 3,000
	// characters of a text (docs.slack.dev, "Text object").
	mostLines = 2800
)

// sourceGroups are the blocks that list an answer's sources, ten at a time: a
// line for each, then a button for each.
func sourceGroups(a record.Answer, question int64) [][]slack.Block {
	var groups [][]slack.Block
	several := severalDocuments(a.Citations)
	var lines string
	var buttons []slack.BlockElement
	end := func() {
		if len(buttons) > 0 {
			groups = append(groups, []slack.Block{contextLine(strings.TrimSuffix(lines, "\n")), slack.NewActionBlock("", buttons...)})
		}
		lines, buttons = "", nil
	}
	for _, c := range a.Citations {
		line := sourceLine(c, several) + "\n"
		if len(buttons) == sourcesTogether || utf8.RuneCountInString(lines+line) > mostLines {
			end()
		}
		lines += line
		buttons = append(buttons, sourceButton(c, question, a.Revision))
	}
	end()
	return groups
}

func contextLine(text string) *slack.ContextBlock {
	return slack.NewContextBlock("", slack.NewTextBlockObject(slack.MarkdownType, text, false, false))
}

func severalDocuments(citations []bot.Citation) bool {
	for _, c := range citations {
		if c.Document != citations[0].Document {
			return true
		}
	}
	return false
}

// sourceLine is a source in a line: [1] ¶18 · Competition and elimination —
// “The eliminated big model…”.
func sourceLine(c bot.Citation, several bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*[%d]* ", c.Marker)
	if several {
		b.WriteString(unformatted(clip(c.Document, 100)) + " ")
	}
	fmt.Fprintf(&b, "¶%d", c.Paragraph)
	if c.Heading != "" {
		b.WriteString(" · " + unformatted(clip(c.Heading, 150)))
	}
	b.WriteString(" — “" + unformatted(clip(strings.Join(strings.Fields(c.Quote), " "), 80)) + "”")
	return b.String()
}

func sourceButton(c bot.Citation, question int64, revision int) *slack.ButtonBlockElement {
	marker := fmt.Sprintf("[%d]", c.Marker)
	b := slack.NewButtonBlockElement(fmt.Sprint(sourceAction, c.Marker), sourceValue(question, revision, c.Marker),
		slack.NewTextBlockObject(slack.PlainTextType, marker, false, false))
	b.AccessibilityLabel = clip(fmt.Sprintf("Show source %d: paragraph %d of %s", c.Marker, c.Paragraph, bare(c.Document)), 75)
	return b
}

// sourceValue names a source in a button.
func sourceValue(question int64, revision, marker int) string {
	return fmt.Sprintf("q%d.r%d.m%d", question, revision, marker)
}

func parseSourceValue(s string) (question int64, revision, marker int, ok bool) {
	n, err := fmt.Sscanf(s, "q%d.r%d.m%d", &question, &revision, &marker)
	return question, revision, marker, err == nil && n == 3 && s == sourceValue(question, revision, marker)
}
