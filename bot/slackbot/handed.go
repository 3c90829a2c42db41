package slackbot

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// stepKept says that a file is about to be asked about; its purpose is the
// file's id. When the message is deleted, the file is forgotten.
const stepKept record.StepKind = "kept"

// What the files of one place may be together.
const (
	mostReports    = 20
	mostReportSize = 3 // times the largest file
)

// What came with a question: what became of each file.
type handedIn struct {
	read    []record.Report // in the order of the message
	unread  []unreadFile
	formats []string
	most    int // the largest size
}

type unreadFile struct {
	name string
	why  Trouble
}

func (h handedIn) empty() bool { return len(h.read)+len(h.unread) == 0 }

// takeIn reads the files that came with a question, so that its thread is
// answered from them. One that was read before is not read again. An error means
// that all of it is to be tried once more.
func (b *Bot) takeIn(ctx context.Context, w record.Work, book record.Book) (handedIn, error) {
	brought := detailOf(w.Entry).Files
	if len(brought) == 0 || b.options.Library == nil {
		return handedIn{}, nil
	}
	here, err := b.ledger.Reports(ctx, w.Team, w.Channel, w.ThreadTS)
	if err != nil {
		return handedIn{}, record.Outage(fmt.Errorf("look up the thread's reports: %w", err))
	}
	in := handedIn{formats: b.options.Library.Formats(), most: b.options.MaxFile}
	for n, f := range brought {
		if i := slices.IndexFunc(here, func(r record.Report) bool { return r.File == f.ID }); i >= 0 {
			in.read = append(in.read, here[i])
			continue
		}
		r, why, err := b.takeFile(ctx, w, book, n, f, here)
		if err != nil {
			return handedIn{}, err
		}
		result := "kept"
		if why != "" {
			result = string(why)
			in.unread = append(in.unread, unreadFile{orElse(r.Name, f.Name), why})
		} else {
			here, in.read = append(here, r), append(in.read, r)
		}
		b.metrics.reports.WithLabelValues(result).Inc()
	}
	return in, b.asOpened(ctx, w.Entry, in.read)
}

// asOpened gives reports of a question's thread the names by which they are
// opened.
func (b *Bot) asOpened(ctx context.Context, w record.Entry, reports []record.Report) error {
	opened, err := b.reportsOf(ctx, w.Team, w.Channel, w.ThreadTS)
	for i, r := range reports {
		if at := slices.IndexFunc(opened, func(o record.Report) bool { return o.Hash == r.Hash }); at >= 0 {
			reports[i].Name = opened[at].Name
		}
	}
	return err
}

// takeFile reads one file, and has the thread answered from it.
func (b *Bot) takeFile(ctx context.Context, w record.Work, book record.Book, n int, f file, here []record.Report) (r record.Report, why Trouble, err error) {
	info, why, err := b.infoOf(ctx, f.ID)
	if info != nil {
		r.Name = shorten(oneLine(orElse(info.Name, f.Name)), maxFileName)
	}
	if err != nil || why != "" {
		return r, why, err
	}
	if crowded(here, info, b.options.MaxFile) {
		return r, troubleCrowded, nil
	}
	content, why, err := b.fileContent(ctx, info)
	if err != nil || why != "" {
		return r, why, err
	}
	b.options.Reached("downloaded")
	r.Hash, err = b.options.Library.Keep(ctx, r.Name, content)
	if unreadable, ok := errors.AsType[*Unreadable](err); ok {
		return r, unreadable.Why, nil
	}
	if err != nil {
		return r, "", fmt.Errorf("keep a report: %w", err)
	}
	b.options.Reached("kept")
	r.Team, r.Channel, r.ThreadTS, r.File, r.Size, r.User = w.Team, w.Channel, w.ThreadTS, f.ID, int64(len(content)), w.Asker
	// With n, since the ledger orders by the time what came at once.
	r.At = w.CreatedAt.Add(time.Duration(n) * time.Millisecond)
	if err := book.Record(ctx, record.Step{Kind: stepKept, Purpose: f.ID}); err != nil {
		return r, "", record.Outage(err)
	}
	if err := b.ledger.AddReport(ctx, r); err != nil {
		return r, "", record.Outage(err)
	}
	b.options.Reached("reported")
	return r, b.lostMeanwhile(ctx, w.Team, f.ID), nil
}

// lostMeanwhile takes a file back that was deleted while it was read: the event
// that said so found nothing to forget.
func (b *Bot) lostMeanwhile(ctx context.Context, team, id string) Trouble {
	_, why, err := b.infoOf(ctx, id)
	if err != nil || why != troubleGone {
		return ""
	}
	if err := b.forgetFile(ctx, team, id); err != nil {
		b.log.WarnContext(ctx, "a report that was deleted meanwhile is still kept", "error", err)
	}
	return troubleGone
}

// crowded reports whether a place has no room for another file.
func crowded(here []record.Report, info *slack.File, most int) bool {
	size := int64(info.Size)
	for _, r := range here {
		size += r.Size
	}
	return len(here) >= mostReports || size > mostReportSize*int64(most)
}

// forgetBrought forgets what a deleted message brought, in its own place.
func (b *Bot) forgetBrought(ctx context.Context, c callback, ts string) error {
	p := c.Event.Previous
	if p == nil {
		return nil
	}
	for _, f := range p.Files {
		if err := b.forgetIn(ctx, c.Team, c.Event.Channel, orElse(p.ThreadTS, ts), f.ID); err != nil {
			return err
		}
	}
	return nil
}

// takeBackReports forgets what a withdrawn question brought: in its place, and
// wherever it is used unless Slack says that the file is still there. Whoever sees
// a file can share it once more, and must not take it from others by deleting that.
func (b *Bot) takeBackReports(ctx context.Context, w record.Work) error {
	for _, s := range w.Steps {
		if s.Kind != stepKept {
			continue
		}
		if err := b.forgetIn(ctx, w.Team, w.Channel, w.ThreadTS, s.Purpose); err != nil {
			return err
		}
		info, why, err := b.infoOf(ctx, s.Purpose)
		if err == nil && (info == nil || why == troubleGone) {
			err = b.forgetFile(ctx, w.Team, s.Purpose)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetIn forgets a file in a thread and its channel.
func (b *Bot) forgetIn(ctx context.Context, team, channel, thread, file string) error {
	removed := 0
	for _, place := range []string{thread, ""} {
		n, err := b.ledger.RemoveReport(ctx, team, channel, place, file)
		if err != nil {
			return err
		}
		removed += n
	}
	if removed > 0 {
		b.sweepSoon()
	}
	return nil
}

// answerAlone is the answer to files that came without a question; ok is false
// where there is one.
func (h handedIn) answerAlone(question string, engine Engine) (a record.Answer, ok bool) {
	if h.empty() || question != "" && !handsOver(question) {
		return record.Answer{}, false
	}
	zh := h.inChinese(question, engine)
	a = record.Answer{Outcome: bot.Social, CorpusHash: engine.CorpusHash()}
	var lines []string
	if len(h.read) > 0 {
		lines = append(lines, haveRead(h.counted(engine), zh)+pick(zh, " ", "")+askHere(len(h.read), zh))
	}
	lines = append(lines, h.troubles(zh)...)
	a.Text = strings.Join(lines, "\n\n")
	if len(h.read) > 0 {
		a.Text += examples(engine.Suggestions(zh, 2), zh)
	}
	return a, true
}

// note adds what became of the files to the answer of the question beside them.
func (h handedIn) note(a *record.Answer, engine Engine, zh bool) {
	var lines []string
	if len(h.read) > 0 {
		lines = append(lines, haveRead(h.counted(engine), zh))
	}
	lines = append(lines, h.troubles(zh)...)
	if a.Notice != "" {
		lines = append(lines, a.Notice)
	}
	a.Notice = strings.Join(lines, pick(zh, " ", ""))
}

func (h handedIn) troubles(zh bool) []string {
	var lines []string
	for _, u := range h.unread {
		lines = append(lines, couldNotRead(u.name, u.why, h.formats, h.most, zh))
	}
	return lines
}

// A countedFile is a file with what there is to answer from in it.
type countedFile struct {
	name     string
	passages int // 0 where that is not known
}

// counted looks the files up in an engine of theirs.
func (h handedIn) counted(engine Engine) []countedFile {
	documents := engine.Documents()
	var counted []countedFile
	for _, r := range h.read {
		c := countedFile{name: r.Name}
		i := slices.IndexFunc(documents, func(d bot.DocumentInfo) bool { return d.Name == r.Name })
		if i >= 0 {
			c.passages = documents[i].Passages
		}
		counted = append(counted, c)
	}
	return counted
}

// inChinese reports what to tell about the files in: the language of what was
// said beside them, or else their own.
func (h handedIn) inChinese(question string, engine Engine) bool {
	if question != "" || len(h.read) == 0 {
		return bot.InChinese(question)
	}
	var said strings.Builder
	for _, d := range engine.Documents() {
		said.WriteString(d.Title + " " + strings.Join(d.Headings, " "))
	}
	return bot.InChinese(said.String())
}

// What people say beside a file that they hand over, and what they would ask
// with. Anything that may be a question is taken for one.
var (
	offering = regexp.MustCompile(`(?i)^(?:(?:please|pls|hi|hello|hey|ok|and)[,!.]? )*(?:here(?:'s|’s| is| are| it is| you go| you are)|this is|these are|attached|(?:see|find|cf\.?) (?:the )?attach|fyi|for your information|(?:read|use|take|study|have a look at|look at) (?:this|these|it|them|that|the (?:attached|attachment|file|files|report|document|documents))\b)`)
	asking   = regexp.MustCompile(`(?i)[?？]|[.!;:] +\S|\b(?:and|then|what|who|whom|whose|when|where|which|why|how|whether|if|tell|list|explain|compare|summari[sz]e|summary|find out|give)\b`)

	offeringZH = regexp.MustCompile(`^(?:你好|您好|请|麻烦|先|给你|给您|[，,！! ])*(?:看|看看|阅读|读|读读|查看|查收|收|参考|使用|用)?(?:一下|下)?(?:这|附件|附上|见附|如附|给你|给您|报告|文件)`)
	askingZH   = regexp.MustCompile(`[?？。；;：:]\s*\S|[?？吗么谁哪几多如怎为何总列概说解比]|什么|多少|是否|告诉|回答`)
)

// handsOver reports whether a text beside files says no more than that here they
// are.
func handsOver(text string) bool {
	const most = 100
	if len(text) > 3*most {
		return false
	}
	if offeringZH.MatchString(text) {
		return !askingZH.MatchString(text)
	}
	return offering.MatchString(text) && !asking.MatchString(text)
}
