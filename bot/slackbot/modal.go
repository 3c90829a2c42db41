package slackbot

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"footnote/bot"
)

// What a modal shows, in characters. A quote is whole up to maxQuote, which
// leaves the view far below Slack's 250 kB even where JSON writes six bytes
// for each of its signs.
const (
	maxElement   = 3000
	maxQuote     = 20_000
	maxAround    = 2000 // of the passage on each side of the quote
	maxNeighbour = 1000
)

// sourceModal shows a source in its context, literally.
func sourceModal(x bot.Excerpt, marker int, zh bool) slack.ModalViewRequest {
	blocks := []slack.Block{sourceHead(x)}
	switch {
	case x.Gone:
		blocks = append(blocks, small(pick(zh, "This passage has changed since, or is gone. This is what the answer quoted.", "此段落此后已有改动或不复存在。以下是回答当时引用的内容。")))
	case x.Since != "":
		blocks = append(blocks, small(pick(zh, "The report has changed since this answer was given (version "+x.Since+"), but this passage has not.", "自此回答给出（版本 "+x.Since+"）后，报告已有变化，但此段落没有改动。")))
	}
	blocks = append(blocks, sourceBody(x), small(sourceFoot(x, zh)))
	return modal(zh, pick(zh, "Source ", "来源 ")+bracketed(marker), blocks...)
}

// goneModal says in place of a source why it cannot be shown.
func goneModal(text string) slack.ModalViewRequest {
	text = orElse(shorten(squeeze(visible(text)), maxElement), "…")
	zh := bot.InChinese(text)
	return modal(zh, pick(zh, "Source", "来源"), slack.NewSectionBlock(plain(text), nil, nil))
}

func modal(zh bool, title string, blocks ...slack.Block) slack.ModalViewRequest {
	const most = 24 // Slack's limit
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain(shorten(title, most)), Close: plain(pick(zh, "Close", "关闭")),
		Blocks: slack.Blocks{BlockSet: blocks},
	}
}

// sourceHead names the document and the headings above the passage.
func sourceHead(x bot.Excerpt) slack.Block {
	title := shorten(orElse(oneLine(x.Title), orElse(oneLine(x.Document), "…")), 300)
	elements := written(title, &slack.RichTextSectionTextStyle{Bold: true})
	if x.Heading != "" {
		elements = append(elements, written("\n"+shorten(oneLine(x.Heading), 600), nil)...)
	}
	if x.Columns != "" {
		elements = append(elements, written("\nColumns: "+shorten(oneLine(x.Columns), 600), nil)...)
	}
	return slack.NewRichTextBlock("", slack.NewRichTextSection(elements...))
}

// sourceBody is the passage, set off as a quotation, between its neighbours.
func sourceBody(x bot.Excerpt) slack.Block {
	var parts []slack.RichTextElement
	if before := written(ending(visible(x.Before), maxNeighbour), nil); before != nil {
		parts = append(parts, slack.NewRichTextSection(before...))
	}
	start := min(max(x.QuoteStart, 0), len(x.Text))
	end := min(max(x.QuoteEnd, start), len(x.Text))
	passage := written(ending(visible(x.Text[:start]), maxAround), nil)
	passage = append(passage, written(beginning(visible(x.Text[start:end]), maxQuote), &slack.RichTextSectionTextStyle{Bold: true})...)
	passage = append(passage, written(beginning(visible(x.Text[end:]), maxAround), nil)...)
	if passage == nil {
		passage = written("…", nil)
	}
	parts = append(parts, &slack.RichTextQuote{Type: slack.RTEQuote, Elements: passage})
	if after := written(beginning(visible(x.After), maxNeighbour), nil); after != nil {
		parts = append(parts, slack.NewRichTextSection(after...))
	}
	return slack.NewRichTextBlock("", parts...)
}

func sourceFoot(x bot.Excerpt, zh bool) string {
	parts := []string{shorten(oneLine(x.Document), 200)}
	if x.Date != "" {
		parts = append(parts, shorten(oneLine(x.Date), maxDocumentShown))
	}
	if x.Version != "" {
		parts = append(parts, pick(zh, "version ", "版本 ")+shorten(oneLine(x.Version), maxDocumentShown))
	}
	if x.Page > 0 {
		parts = append(parts, fmt.Sprintf(pick(zh, "page %d", "第 %d 页"), x.Page))
	}
	place := fmt.Sprintf("¶%d", x.Paragraph)
	if x.Paragraphs > 0 {
		place += fmt.Sprintf(pick(zh, " of %d", " / %d"), x.Paragraphs)
	}
	return strings.Join(append(parts, place), " · ")
}

// written is a text as rich text, in which no markup is read, in elements that
// Slack takes.
func written(text string, style *slack.RichTextSectionTextStyle) []slack.RichTextSectionElement {
	var elements []slack.RichTextSectionElement
	for text != "" {
		n := prefix(text, maxElement)
		elements = append(elements, slack.NewRichTextSectionTextElement(text[:n], style))
		text = text[n:]
	}
	return elements
}

// prefix returns the length in bytes of a text's first n characters.
func prefix(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}

// beginning is a text's first n characters, with a mark where more follow.
func beginning(text string, n int) string {
	if at := prefix(text, n); at < len(text) {
		return text[:at] + "…"
	}
	return text
}

// ending is a text's last n characters, with a mark where others precede them.
func ending(text string, n int) string {
	if more := utf8.RuneCountInString(text) - n; more > 0 {
		return "…" + text[prefix(text, more):]
	}
	return text
}
