package slackbot

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
	"footnote/corpus"
)

// What the Home tab shows at most. It stays far below Slack's limits, 100 blocks
// and 250 kB (docs.slack.dev, "Views"), whatever the documents are named.
const (
	homeDocuments   = 10
	homeHeadings    = 8
	homeQuestions   = 10
	homeSuggestions = 3
	maxHomeLine     = 150
)

// publishHome shows somebody their Home tab: what the bot reads, how to ask it,
// what they have asked.
func (b *Bot) publishHome(ctx context.Context, place record.Entry) error {
	v, err := b.mayAsk(ctx, place)
	if err != nil {
		return err
	}
	zh := b.people.readsChinese(ctx, place.Asker)
	blocks := []slack.Block{title(pick(zh, "Ask the report", "询问报告"))}
	if v != admitted {
		blocks = append(blocks, paragraph(turnedAway(v, 0, zh).Text))
	} else {
		questions, err := b.suggestions(ctx, record.Entry{Question: record.Question{Key: place.Key, Asker: place.Asker}}, zh, homeSuggestions)
		if err != nil {
			return err
		}
		asked, err := b.ledger.Asked(ctx, place.Team, place.Asker, 2*homeQuestions)
		if err != nil {
			return fmt.Errorf("look up the person's questions: %w", err)
		}
		blocks = append(blocks, howToAsk(zh, b.options.Library != nil)...)
		blocks = append(blocks, homeExamples(questions, zh)...)
		engine := b.usual()
		defer engine.release()
		blocks = append(blocks, documents(engine.Documents(), zh)...)
		blocks = append(blocks, small(b.versions(engine, zh)))
		blocks = append(blocks, b.recently(ctx, asked, zh)...)
	}
	view := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
	return b.web.call(ctx, "views.publish", "", func(ctx context.Context) error {
		_, err := b.web.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: place.Asker, View: view})
		return err
	})
}

func title(text string) slack.Block { return slack.NewHeaderBlock(plain(text)) }

func paragraph(text string) slack.Block { return slack.NewSectionBlock(plain(text), nil, nil) }

// homeList is lines as a list, in which no markup is read.
func homeList(lines ...[]slack.RichTextSectionElement) slack.Block {
	list := slack.NewRichTextList(slack.RTEListBullet, 0)
	for _, l := range lines {
		list.Elements = append(list.Elements, slack.NewRichTextSection(l...))
	}
	return slack.NewRichTextBlock("", list)
}

func howToAsk(zh, takesReports bool) []slack.Block {
	ways := []string{
		pick(zh, "In a channel: mention me, with your question. I answer below it, and you can go on asking there.", "在频道中：提及我并写下问题。我会在其下方回答，您可以在那里继续追问。"),
		pick(zh, "Just you and me: write to me under Messages.", "单独交流：在“消息”中直接给我发消息。"),
		pick(zh, "For your eyes only: "+SlashCommand+", followed by your question, in any channel. You can share the answer afterwards.", "仅您可见：在任意频道输入 "+SlashCommand+" 和您的问题，之后可以分享回答。"),
		pick(zh, "About something somebody wrote: choose “Ask the report about this” among the message's actions.", "针对他人的消息：在消息操作中选择“Ask the report about this”。"),
	}
	if takesReports {
		ways = append(ways, pick(zh, "About a report of your own: attach the file to a message to me, or to one that mentions me in a channel, and ask about it in its thread.", "询问您自己的报告：把文件附在给我的私信中，或附在频道里提及我的消息中，然后在其讨论串中提问。"))
	}
	var lines [][]slack.RichTextSectionElement
	for _, w := range ways {
		lines = append(lines, written(w, nil))
	}
	return []slack.Block{homeList(lines...)}
}

func homeExamples(questions []string, zh bool) []slack.Block {
	var lines [][]slack.RichTextSectionElement
	for _, q := range questions {
		lines = append(lines, written(q, nil))
	}
	if lines == nil {
		return nil
	}
	return []slack.Block{title(pick(zh, "For example", "例如")), homeList(lines...)}
}

// documents are what the bot reads, with their main headings.
func documents(all []bot.DocumentInfo, zh bool) []slack.Block {
	blocks := []slack.Block{title(pick(zh, "What I read", "我读的内容"))}
	for _, d := range all[:min(len(all), homeDocuments)] {
		line := []string{counted(d.Passages, "passage", "个段落", zh)}
		if d.Date != "" {
			line = slices.Insert(line, 0, shorten(oneLine(d.Date), maxHomeLine))
		}
		name := shorten(orElse(oneLine(d.Title), orElse(oneLine(d.Name), "…")), maxHomeLine)
		elements := append(written(name, &slack.RichTextSectionTextStyle{Bold: true}), written("\n"+strings.Join(line, " · "), nil)...)
		if h := headingsOf(d); h != "" {
			elements = append(elements, written("\n"+h, nil)...)
		}
		blocks = append(blocks, slack.NewRichTextBlock("", slack.NewRichTextSection(elements...)))
	}
	if more := len(all) - homeDocuments; more > 0 {
		blocks = append(blocks, small(pick(zh, "and "+counted(more, "other document", "", zh), "以及另外"+strconv.Itoa(more)+"份文件")))
	}
	return blocks
}

func headingsOf(d bot.DocumentInfo) string {
	var headings []string
	for _, h := range d.Headings {
		if h = shorten(oneLine(h), maxHomeLine); h == "" {
			continue
		}
		if len(headings) == homeHeadings {
			headings = append(headings, "…")
			break
		}
		headings = append(headings, h)
	}
	return strings.Join(headings, " · ")
}

func counted(n int, english, chinese string, zh bool) string {
	if !zh && n != 1 {
		english += "s"
	}
	return strconv.Itoa(n) + pick(zh, " "+english, chinese)
}

// versions say of what an answer given now is made.
func (b *Bot) versions(engine Engine, zh bool) string {
	parts := []string{pick(zh, "Version ", "版本 ") + shorten(oneLine(corpus.Version(engine.CorpusHash())), maxHomeLine)}
	if voice := oneLine(engine.Voice()); voice != "" {
		parts = append(parts, pick(zh, "Answers are written by ", "回答由以下模型撰写：")+shorten(voice, maxHomeLine)+pick(zh, " and checked against the report", "，并与报告核对"))
	} else {
		parts = append(parts, pick(zh, "Answers are the report's own sentences", "回答均为报告原文"))
	}
	if version := oneLine(b.options.Version); version != "" {
		parts = append(parts, pick(zh, "program: ", "程序：")+shorten(version, maxHomeLine))
	}
	return strings.Join(parts, " · ")
}

// recently lists a person's last questions, with what came of them. They link
// to where they were asked.
func (b *Bot) recently(ctx context.Context, turns []record.Turn, zh bool) []slack.Block {
	var lines [][]slack.RichTextSectionElement
	for _, t := range turns {
		question := inert(b.read(ctx, t.Text), maxHomeLine)
		if t.Surface == surfaceShare || question == "" || t.Answer != nil && t.Answer.Outcome == bot.Social || len(lines) == homeQuestions {
			continue
		}
		line := written(question, nil)
		if link := b.permalink(t.Entry); link != "" {
			line = []slack.RichTextSectionElement{slack.NewRichTextSectionLinkElement(link, question, nil)}
		}
		lines = append(lines, append(line, written(" — "+cameOf(t, zh), nil)...))
	}
	if lines == nil {
		return nil
	}
	return []slack.Block{title(pick(zh, "Your recent questions", "您最近的提问")), homeList(lines...)}
}

// permalink is where a question stands, or empty: what was asked by a command or
// a form stands nowhere.
func (b *Bot) permalink(e record.Entry) string {
	if private(e.Surface) || unseen(e.Surface) || !isTimestamp(e.TS) {
		return ""
	}
	u, err := url.Parse(b.self.url)
	if err != nil || u.Scheme != "https" || !strings.HasSuffix(u.Hostname(), ".slack.com") && !strings.HasSuffix(u.Hostname(), ".slack-gov.com") {
		return ""
	}
	u = u.JoinPath("archives", e.Channel, "p"+strings.ReplaceAll(e.TS, ".", ""))
	if e.ThreadTS != e.TS {
		u.RawQuery = url.Values{"thread_ts": {e.ThreadTS}, "cid": {e.Channel}}.Encode()
	}
	return u.String()
}

// cameOf says what came of a question.
func cameOf(t record.Turn, zh bool) string {
	switch {
	case t.State == record.Received || t.State == record.Working:
		return pick(zh, "being answered", "正在回答")
	case t.State == record.Failed || t.Answer == nil:
		return pick(zh, "could not be answered", "未能回答")
	}
	if t.Answer.Outdated != nil {
		return pick(zh, "answered, outdated by now", "已回答，现已过时")
	}
	switch t.Answer.Outcome {
	case bot.NotFound:
		return pick(zh, "the report does not say", "报告中没有提到")
	case bot.Uncertain:
		return pick(zh, "answered, though not for certain", "已回答，但不确定")
	case bot.Stopped:
		return pick(zh, "stopped", "已停止")
	case outcomeDenied:
		return pick(zh, "not allowed", "没有权限")
	case outcomeLimited:
		return pick(zh, "too many questions at once", "提问过于频繁")
	case outcomeFailed:
		return pick(zh, "could not be answered", "未能回答")
	}
	return pick(zh, "answered", "已回答")
}
