package slackbot

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/slackbot/slacksim"
)

func excerptOf(before, passageBefore, quote, passageAfter, after string) bot.Excerpt {
	return bot.Excerpt{
		Document: "report.txt", Title: "The *report*", Heading: "Market › <Growth>", Version: "3f2a91c0", Date: "2023", Paragraph: 18, Paragraphs: 41,
		Before: before, After: after, Text: passageBefore + quote + passageAfter,
		QuoteStart: len(passageBefore), QuoteEnd: len(passageBefore) + len(quote),
	}
}

// shownIn is what a modal shows, the bold parts between stars.
func shownIn(t *testing.T, v slack.ModalViewRequest) string {
	t.Helper()
	var b strings.Builder
	section := func(elements []slack.RichTextSectionElement) {
		for _, e := range elements {
			x := e.(*slack.RichTextSectionTextElement)
			if len([]rune(x.Text)) > maxElement || x.Text == "" {
				t.Errorf("an element of %d characters", len([]rune(x.Text)))
			}
			if x.Style != nil && x.Style.Bold {
				b.WriteString("*" + x.Text + "*")
			} else {
				b.WriteString(x.Text)
			}
		}
		b.WriteString("\n")
	}
	for _, block := range v.Blocks.BlockSet {
		switch x := block.(type) {
		case *slack.RichTextBlock:
			for _, e := range x.Elements {
				switch e := e.(type) {
				case *slack.RichTextSection:
					section(e.Elements)
				case *slack.RichTextQuote:
					b.WriteString("> ")
					section(e.Elements)
				}
			}
		case *slack.ContextBlock:
			b.WriteString(x.ContextElements.Elements[0].(*slack.TextBlockObject).Text + "\n")
		case *slack.SectionBlock:
			b.WriteString(x.Text.Text + "\n")
		}
	}
	return b.String()
}

func TestASourceIsShownInItsContext(t *testing.T) {
	x := excerptOf("It *was* so.", "First. ", "The <quote> of `it`.", " Last.", "And <@U1> so on.")
	want := `*The *report**
Market › <Growth>
It *was* so.
> First. *The <quote> of ` + "`it`" + `.* Last.
And <@U1> so on.
report.txt · 2023 · version 3f2a91c0 · ¶18 of 41
`
	v := sourceModal(x, 1, false)
	if got := shownIn(t, v); got != want || v.Title.Text != "Source [1]" {
		t.Errorf("%s:\n%s", v.Title.Text, got)
	}
	x.Columns = "Item | Price (EUR)"
	if got := shownIn(t, sourceModal(x, 1, false)); !strings.Contains(got, "Market › <Growth>\nColumns: Item | Price (EUR)\n") {
		t.Errorf("a row:\n%s", got)
	}
	x.Since = "0a1b2c3d"
	if got := shownIn(t, sourceModal(x, 1, false)); !strings.Contains(got, "(version 0a1b2c3d), but this passage has not") {
		t.Errorf("of an earlier version:\n%s", got)
	}
	x.Gone, x.Before, x.After, x.Paragraphs, x.Date = true, "", "", 0, ""
	if got := shownIn(t, sourceModal(x, 1, false)); !strings.Contains(got, "This passage has changed since") || !strings.Contains(got, "version 3f2a91c0 · ¶18\n") {
		t.Errorf("gone:\n%s", got)
	}
}

func TestALongPassageIsCutAroundItsQuote(t *testing.T) {
	quote := strings.Repeat("引文", 9_999) + "ef"
	got := shownIn(t, sourceModal(excerptOf(strings.Repeat("a", 5000), strings.Repeat("b", 5000), quote, strings.Repeat("c", 5000), strings.Repeat("d", 5000)), 1, false))
	for _, want := range []string{"…" + strings.Repeat("a", maxNeighbour) + "\n", "…" + strings.Repeat("b", maxAround), strings.Repeat("c", maxAround) + "…", "\n" + strings.Repeat("d", maxNeighbour) + "…"} {
		if !strings.Contains(got, want) {
			t.Errorf("%.20q is missing", want)
		}
	}
	if !strings.Contains(strings.ReplaceAll(got, "*", ""), quote) {
		t.Error("the quote is not whole")
	}
}

func TestSlackTakesTheModals(t *testing.T) {
	ws := slacksim.New(t, slacksim.Options{Limits: slacksim.Limits{Off: true}})
	alice := ws.AddUser(slacksim.UserSpec{Name: "alice"})
	api := slack.New(ws.BotToken(), slack.OptionAPIURL(ws.APIURL()), slack.OptionHTTPClient(ws.HTTPClient()))
	long := strings.Repeat("<&\u2028", 50_000)
	named := excerptOf(long, long, long, long, long)
	named.Document, named.Title, named.Heading = long, long, long
	bad := excerptOf("", "", "x", "", "")
	bad.QuoteStart, bad.QuoteEnd = -5, 99
	views := map[string]slack.ModalViewRequest{
		"plain": sourceModal(excerptOf("a", "b", "c", "d", "e"), 1, true), "long": sourceModal(named, 999_999_999, false),
		"empty": sourceModal(bot.Excerpt{}, 0, false), "bad offsets": sourceModal(bad, 1, false),
		"invisible": sourceModal(excerptOf("\u200b", "\u200b", "\u202e", "", "\x00"), 1, false),
		"gone":      goneModal(sourceNotKept(false)), "gone without words": goneModal(""), "gone at length": goneModal(long),
	}
	for name, v := range views {
		b, err := json.Marshal(v)
		if err != nil || len(b) > 200_000 {
			t.Errorf("%s: %d bytes, %v", name, len(b), err)
		}
		if _, err := api.OpenView(alice.Shortcut("x").TriggerID, v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if p := ws.Pings(); len(p) > 0 {
		t.Errorf("pings: %v", p)
	}
}
