package slackbot

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"footnote/bot"
)

const (
	// mostElement is the length of one text in a modal.
	mostElement = 2900
	// mostQuote is how much of a quote a modal shows, mostAround how much of a
	// passage or paragraph beside it.
	mostQuote  = 20000
	mostAround = 4000
)

// sourceModal shows a source in its surroundings. Everything of the document
// stands in rich text, where no markup is read.
func sourceModal(x bot.Excerpt, marker int) slack.ModalViewRequest {
	if strings.TrimSpace(visible(x.Text)) == "" {
		return goneModal(sourceGone(false))
	}
	var blocks []slack.Block
	title := x.Title
	if title == "" {
		title = x.Document
	}
	heading := "*" + unformatted(clip(title, 300)) + "*"
	if x.Heading != "" {
		heading += "\n" + unformatted(clip(x.Heading, 1000))
	}
	blocks = append(blocks, slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, heading, false, false), nil, nil))
	if strings.TrimSpace(visible(x.Before)) != "" {
		blocks = append(blocks, richText(clipStart(x.Before, mostAround), "", ""))
	}
	before, quote, after := around(x)
	blocks = append(blocks, slack.NewDividerBlock(), richText(before, quote, after), slack.NewDividerBlock())
	if strings.TrimSpace(visible(x.After)) != "" {
		blocks = append(blocks, richText(clip(x.After, mostAround), "", ""))
	}
	blocks = append(blocks, contextLine(placeOf(x)))
	if x.Outdated {
		blocks = append(blocks, contextLine(outdated))
	}
	return modal(fmt.Sprintf("Source [%d]", marker), blocks)
}

// goneModal says why there is nothing to show.
func goneModal(text string) slack.ModalViewRequest {
	return modal("Source", []slack.Block{slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, text, false, false), nil, nil)})
}

func modal(title string, blocks []slack.Block) slack.ModalViewRequest {
	text := func(s string) *slack.TextBlockObject {
		return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
	}
	return slack.ModalViewRequest{Type: slack.VTModal, Title: text(clip(title, 24)), Close: text("Close"), Blocks: slack.Blocks{BlockSet: blocks}}
}

// placeOf says where the source stands: report.txt · version 3f2a91c0 · ¶18 of 41.
func placeOf(x bot.Excerpt) string {
	parts := []string{unformatted(clip(x.Document, 200))}
	if x.Date != "" {
		parts = append(parts, unformatted(x.Date))
	}
	if x.Version != "" {
		parts = append(parts, "version "+unformatted(x.Version))
	}
	if x.Paragraph > 0 {
		place := fmt.Sprintf("¶%d", x.Paragraph)
		if x.Paragraphs > 0 {
			place += fmt.Sprintf(" of %d", x.Paragraphs)
		}
		parts = append(parts, place)
	}
	return strings.Join(parts, " · ")
}

// around cuts an excerpt's passage into what is before the quote, the quote, and
// what is after it.
func around(x bot.Excerpt) (before, quote, after string) {
	if x.QuoteStart < 0 || x.QuoteEnd > len(x.Text) || x.QuoteStart > x.QuoteEnd {
		return clip(x.Text, mostAround), "", ""
	}
	return clipStart(x.Text[:x.QuoteStart], mostAround), clip(x.Text[x.QuoteStart:x.QuoteEnd], mostQuote), clip(x.Text[x.QuoteEnd:], mostAround)
}

// clipStart keeps the end of a text.
func clipStart(text string, limit int) string {
	n := utf8.RuneCountInString(text)
	if n <= limit {
		return text
	}
	runes := []rune(text)
	return "…" + string(runes[n-limit+1:])
}

// richText shows text literally, the middle part in bold.
func richText(before, bold, after string) *slack.RichTextBlock {
	var elements []slack.RichTextSectionElement
	add := func(text string, style *slack.RichTextSectionTextStyle) {
		for _, part := range split(unlinked(visible(text), nil), mostElement) {
			if part != "" {
				elements = append(elements, slack.NewRichTextSectionTextElement(part, style))
			}
		}
	}
	add(before, nil)
	add(bold, &slack.RichTextSectionTextStyle{Bold: true})
	add(after, nil)
	return slack.NewRichTextBlock("", slack.NewRichTextSection(elements...))
}
