package slackbot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// The action_ids of the buttons that say what a whole channel is answered from.
const (
	wideAction  = "report_wide"  // from what was handed in
	usualAction = "report_usual" // from what everybody asks
)

// choosing is the thread of all choices, so that they come one after another.
const choosing = "report"

// A choice is what a channel is to be answered from: files of one of its
// threads, or what is usual where there are none.
type choice struct {
	Thread string   `json:"thread,omitempty"`
	Files  []string `json:"files,omitempty"`
	Names  []string `json:"names,omitempty"`
	ZH     bool     `json:"zh,omitempty"`
	// Press tells one press of the button from another.
	Press string `json:"press,omitempty"`
}

// choicesLooked is how many of a channel's last choices are looked at for the same
// press, which Slack may tell of twice.
const choicesLooked = 10

// reportButton is what can be done with a report below an answer, nil for
// nothing: used in its whole channel, or no longer.
func (b *Bot) reportButton(ctx context.Context, a record.Answer, w record.Entry) *slack.ButtonBlockElement {
	d := detailOf(w)
	switch {
	case d.Choice != nil && len(d.Choice.Files) > 0:
		return slack.NewButtonBlockElement(usualAction, answerValue(w.ID, a.Revision), plain(useUsual(d.Choice.ZH)))
	case len(d.Files) == 0 || !b.options.Access.choosesReport(w.Asker, w.Channel):
		return nil
	}
	brought, err := b.broughtBy(ctx, w)
	if err != nil || len(brought) == 0 {
		return nil
	}
	zh := bot.InChinese(orElse(w.Text, a.Text))
	return slack.NewButtonBlockElement(wideAction, answerValue(w.ID, a.Revision), plain(useWidely(w.Channel, zh)))
}

// broughtBy are the reports that a question brought and that its thread is still
// answered from.
func (b *Bot) broughtBy(ctx context.Context, w record.Entry) ([]record.Report, error) {
	files := detailOf(w).Files
	if len(files) == 0 || b.options.Library == nil {
		return nil, nil
	}
	reports, err := b.ledger.Reports(ctx, w.Team, w.Channel, w.ThreadTS)
	return slices.DeleteFunc(reports, func(r record.Report) bool {
		return !slices.ContainsFunc(files, func(f file) bool { return f.ID == r.File })
	}), err
}

// pressWide has a whole channel answered from what was handed in.
func (b *Bot) pressWide(ctx context.Context, i *interaction) (response, error) {
	turn, zh, refusal, err := b.mayChoose(ctx, i)
	if err != nil || refusal != "" {
		return response{after: b.tell(i.ResponseURL, refusal)}, err
	}
	brought, err := b.broughtBy(ctx, turn.Entry)
	if err != nil {
		return response{}, err
	}
	if len(brought) == 0 {
		return response{after: b.tell(i.ResponseURL, nothingRead(zh))}, nil
	}
	made, wide, err := b.chosen(ctx, turn)
	if err != nil {
		return response{}, err
	}
	c := &choice{Thread: turn.ThreadTS, ZH: zh}
	fresh := false
	for _, r := range brought {
		c.Files, c.Names = append(c.Files, r.File), append(c.Names, r.Name)
		fresh = fresh || !slices.ContainsFunc(wide, func(u record.Report) bool { return u.File == r.File })
	}
	if !fresh {
		return response{after: b.tell(i.ResponseURL, usedAlready(true, zh))}, nil
	}
	return response{}, b.putChoice(ctx, i, turn, made, c)
}

// pressUsual has a channel answered from what everybody asks again.
func (b *Bot) pressUsual(ctx context.Context, i *interaction) (response, error) {
	turn, zh, refusal, err := b.mayChoose(ctx, i)
	if err != nil || refusal != "" {
		return response{after: b.tell(i.ResponseURL, refusal)}, err
	}
	made, wide, err := b.chosen(ctx, turn)
	if err != nil {
		return response{}, err
	}
	if len(wide) == 0 {
		return response{after: b.tell(i.ResponseURL, usedAlready(false, zh))}, nil
	}
	return response{}, b.putChoice(ctx, i, turn, made, &choice{ZH: zh})
}

// chosen are a channel's last choices, and what it is answered from. They are read
// in this order: a choice that is made in between is seen in the one or the other.
func (b *Bot) chosen(ctx context.Context, turn record.Turn) (made []record.Turn, wide []record.Report, err error) {
	made, err = b.ledger.Thread(ctx, turn.Team, turn.Channel, choosing, 0, choicesLooked)
	if err == nil {
		wide, err = b.ledger.Reports(ctx, turn.Team, turn.Channel, "")
	}
	return made, wide, err
}

// mayChoose finds the answer that a button stands below, or says why whoever
// pressed it gets nothing.
func (b *Bot) mayChoose(ctx context.Context, i *interaction) (turn record.Turn, zh bool, refusal string, err error) {
	turn, ok, err := b.pressed(ctx, i)
	if err != nil {
		return turn, false, "", err
	}
	zh = turn.Answer != nil && bot.InChinese(orElse(turn.Text, turn.Answer.Text))
	switch {
	case !ok || b.options.Library == nil || i.Trigger == "":
		return turn, zh, nothingRead(zh), nil
	case !b.options.Access.choosesReport(i.User.ID, turn.Channel):
		return turn, zh, onlyReportUsers(zh), nil
	}
	return turn, zh, "", nil
}

// putChoice records a choice as a question of its own, whose answer tells the
// channel: so it is made and told once, whatever happens. Its key is the choice
// before it, so that of presses that come together one counts.
func (b *Bot) putChoice(ctx context.Context, i *interaction, turn record.Turn, made []record.Turn, c *choice) error {
	c.Press = i.Trigger
	var before int64
	for n, t := range made {
		before = t.ID
		is := detailOf(t.Entry).Choice
		if is == nil {
			continue
		}
		pending := n == len(made)-1 && (t.State == record.Received || t.State == record.Working)
		if is.Press == c.Press || pending && slices.Equal(is.Files, c.Files) {
			return nil
		}
	}
	_, err := b.record(ctx, record.Question{
		Key:      record.Key{Team: turn.Team, Channel: turn.Channel, TS: fmt.Sprintf("report.%d.%d.%d", turn.ID, turn.Answer.Revision, before)},
		ThreadTS: choosing, Surface: surfaceReport, Asker: i.User.ID, CorpusHash: turn.CorpusHash,
		Detail: detail{Choice: c}.String(),
	})
	return err
}

// choose makes a choice, and is what the channel is told of it.
func (b *Bot) choose(ctx context.Context, w record.Work, book record.Book) (record.Answer, error) {
	c := detailOf(w.Entry).Choice
	if c == nil {
		return record.Answer{}, record.Permanent(fmt.Errorf("a choice without its details: %w", record.ErrNotFound))
	}
	change := b.useWidely
	if len(c.Files) == 0 {
		change = b.useUsually
	}
	if err := change(ctx, w, c); err != nil {
		return record.Answer{}, err
	}
	b.options.Reached("chosen")
	return book.Save(ctx, record.Answer{Outcome: bot.Social, Text: nowAnswering(*c, w.Channel)})
}

// chosenBy says who made a choice, where there are others; names are not kept.
func (b *Bot) chosenBy(ctx context.Context, w record.Entry) string {
	c := detailOf(w).Choice
	if c == nil || isDirect(w.Channel) {
		return ""
	}
	who := shorten(oneLine(b.people.name(ctx, w.Asker)), maxDocumentShown)
	if who == "" {
		return ""
	}
	return pick(c.ZH, "Chosen by "+who, "由"+who+"选定")
}

func (b *Bot) useWidely(ctx context.Context, w record.Work, c *choice) error {
	reports, err := b.ledger.Reports(ctx, w.Team, w.Channel, c.Thread)
	if err != nil {
		return record.Outage(err)
	}
	found := 0
	for n, r := range reports {
		if !slices.Contains(c.Files, r.File) {
			continue
		}
		found++
		r.ThreadTS, r.User, r.At = "", w.Asker, w.CreatedAt.Add(time.Duration(n)*time.Millisecond)
		if err := b.ledger.AddReport(ctx, r); err != nil {
			return record.Outage(err)
		}
	}
	if found == 0 { // deleted since the button was pressed
		return record.Permanent(fmt.Errorf("the report to use in a channel: %w", record.ErrNotFound))
	}
	return nil
}

func (b *Bot) useUsually(ctx context.Context, w record.Work, _ *choice) error {
	reports, err := b.ledger.Reports(ctx, w.Team, w.Channel, "")
	for _, r := range reports {
		if err == nil {
			_, err = b.ledger.RemoveReport(ctx, w.Team, w.Channel, "", r.File)
		}
	}
	if err != nil {
		return record.Outage(err)
	}
	b.sweepSoon()
	return nil
}
