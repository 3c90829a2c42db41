package slackbot

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
	"footnote/retrieval"
	"footnote/retrieval/span"
)

// The steps that this adapter adds to the usual ones.
const stepAdmitted record.StepKind = "admitted" // the limits were debited

// The outcomes of questions that the engine was not asked, or did not answer.
const (
	outcomeDenied  bot.Outcome = "denied"
	outcomeLimited bot.Outcome = "limited"
	outcomeFailed  bot.Outcome = "failed"
)

const (
	// patience is after how many failed attempts the asker is told; the first
	// ones follow each other within seconds.
	patience = 3
	// renewEvery keeps a status standing, which lapses after two minutes.
	renewEvery = 90 * time.Second
	// unclaimed is for how long a question may wait for a worker before its
	// status is renewed at once.
	unclaimed = 20 * time.Second
)

// Handle answers the question of one claim, or takes back what was said about a
// deleted one. It is what the ledger's workers run. Whatever keeps an answer
// from being posted, other than Slack's refusal, is no fault of the question's.
func (b *Bot) Handle(ctx context.Context, w record.Work, book record.Book) error {
	b.options.Reached("claimed")
	process := span.Current(ctx)
	process.String("messaging.system", "slack")
	process.String("messaging.operation.name", "process")
	process.String("messaging.operation.type", "process")
	if err := b.refuseWork(); err != nil {
		return err
	}
	d := newDelivery(b, w, book)
	if w.State == record.Withdrawn {
		b.untitle(ctx, w)
		if err := errors.Join(b.takeBackReports(ctx, w), d.takeBack(ctx)); err != nil {
			return outage(err)
		}
		return book.Finish(ctx)
	}
	if w.Attempts > 1 {
		b.metrics.retries.Inc()
	}
	a, failure := b.answerTo(ctx, w, book, d)
	if failure != nil && a.Text == "" {
		return failure
	}
	b.options.Reached("answered")
	err := b.deliver(ctx, d, b.messagesOf(ctx, a, w))
	if errors.Is(err, errUneditable) {
		err = b.deliver(ctx, d, b.besideIt(ctx, a, w))
	}
	if err != nil {
		return err
	}
	if record.IsOutage(failure) {
		return failure
	}
	if !w.Remarked {
		b.metrics.answered(a, w.CreatedAt)
		if a.CorpusHash != b.corpusHash() { // the report may have changed meanwhile
			defer b.Changed()
		}
	}
	b.options.Reached("delivered")
	if failure != nil {
		return record.Permanent(failure)
	}
	return book.Finish(ctx)
}

// deliver shows an answer where the question wants it.
func (b *Bot) deliver(ctx context.Context, d *delivery, messages []message) (err error) {
	ctx, s := span.Start(ctx, "deliver")
	s.Int("footnote.answer.messages", len(messages))
	defer func() { s.Done(err) }()
	if private(d.work.Surface) {
		if err := b.whisper(ctx, d.work, d.book, messages); err != nil {
			return outage(err)
		}
		return nil
	}
	err = d.bring(ctx, messages)
	if err == nil {
		return nil
	}
	// What brought these says nothing by itself, unlike a message that stays
	// without an answer.
	if record.IsPermanent(err) && (d.work.Surface == surfaceShare || d.work.Surface == surfaceAbout) {
		b.notPosted(d.work, err)
	}
	return outage(err)
}

// outage marks an error unless it is known to be final.
func outage(err error) error {
	if record.IsPermanent(err) {
		return err
	}
	return record.Outage(err)
}

// messagesOf is how an answer stands in Slack.
func (b *Bot) messagesOf(ctx context.Context, a record.Answer, w record.Work) []message {
	var messages []message
	switch a.Outcome {
	case outcomeDenied, outcomeLimited, outcomeFailed:
		messages = renderText(a.Text)
	default:
		messages = renderAnswer(a, w.Entry, stopped(w))
	}
	if a.Outdated != nil {
		messages[0].head = append(messages[0].head, small(outdatedLine(a, bot.InChinese(w.Text))))
	}
	if unseen(w.Surface) {
		if line := heading(w.Entry, b.read(ctx, w.Text), b.people.name(ctx, w.Asker)); line != "" {
			messages[0].head = append(messages[0].head, small(line))
		}
	}
	if line := b.chosenBy(ctx, w.Entry); line != "" {
		messages[0].head = append(messages[0].head, small(line))
	}
	if button := b.reportButton(ctx, a, w.Entry); button != nil {
		last := &messages[len(messages)-1]
		last.tail = append(last.tail, slack.NewActionBlock("", button))
	}
	return messages
}

// answerTo returns the answer that was saved for this revision, or makes and
// saves it. With an error, the answer's text is what the asker is to be told, if
// it is time to.
func (b *Bot) answerTo(ctx context.Context, w record.Work, book record.Book, d *delivery) (record.Answer, error) {
	if w.Answer != nil {
		return *w.Answer, nil
	}
	if w.Surface == surfaceShare {
		return b.sharedAnswer(ctx, w, book)
	}
	if w.Surface == surfaceReport {
		return b.choose(ctx, w, book)
	}
	v, wait, err := b.admit(ctx, w, book)
	if err != nil {
		return record.Answer{}, outage(err)
	}
	question := b.read(ctx, w.Text)
	if v != admitted {
		return book.Save(ctx, turnedAway(v, wait, bot.InChinese(question)))
	}
	stop := b.keepCompany(ctx, w, d, question)
	defer stop() // also when the engine panics
	a, err := b.find(ctx, w, book, d, question)
	if shown := stop(); err == nil {
		err = shown
	}
	switch {
	case err == nil:
		return book.Save(ctx, a)
	case ctx.Err() == nil && b.waitsLong(w, err):
		return record.Answer{Text: searchWaits(bot.InChinese(question)), Outcome: outcomeFailed}, err
	case record.IsOutage(err) || ctx.Err() != nil || errors.Is(err, record.ErrLeaseLost) || w.Attempts < patience:
		return record.Answer{}, err
	}
	return record.Answer{Text: searchFailed(bot.InChinese(question)), Outcome: outcomeFailed}, err
}

// waitsLong reports whether it is time to tell somebody that a question waits for
// the report to be searchable. The answer takes the place of that; nothing that
// stands is taken away for it, and what only the asker sees cannot be replaced.
func (b *Bot) waitsLong(w record.Work, err error) bool {
	_, unsearchable := errors.AsType[*retrieval.StoreError](err)
	return unsearchable && standsInThread(w.Surface) && w.Revision == 1 && time.Since(w.CreatedAt) > b.options.Notice
}

// find is the answer to a question, from the reports that came with it or those
// of its place. An outage is no fault of the question's.
func (b *Bot) find(ctx context.Context, w record.Work, book record.Book, d *delivery, question string) (record.Answer, error) {
	in, err := b.takeIn(ctx, w, book)
	if err != nil {
		return record.Answer{}, err
	}
	zh := bot.InChinese(question)
	engine, err := b.engineFor(ctx, w.Entry)
	if errors.Is(err, ErrNotKept) {
		return record.Answer{Outcome: bot.Social, Text: reportGone(zh)}, nil
	}
	if err != nil {
		return record.Answer{}, err
	}
	defer engine.release()
	if a, ok := in.answerAlone(question, engine); ok {
		return a, nil
	}
	turns, err := turnsBefore(ctx, b.ledger, w.Entry)
	if err != nil {
		return record.Answer{}, outage(err)
	}
	for _, t := range turns {
		if !engine.usual || t.ThreadTS != w.ThreadTS {
			continue
		}
		other, err := b.fromOther(ctx, t)
		if err != nil {
			return record.Answer{}, outage(err)
		}
		if other {
			return record.Answer{Outcome: bot.Social, Text: reportGone(zh)}, nil
		}
	}
	q := bot.Question{
		Text: question, History: conversation(turns, func(e record.Entry) string { return b.read(ctx, e.Text) }),
		Stop: w.Stop, Literal: w.How == record.HowLiteral, Purse: b.purse(w.Team),
	}
	if standsInThread(w.Surface) {
		q.Show = d.show
	}
	a, err := b.ask(ctx, w, engine, q)
	if err == nil {
		in.note(&a, engine, zh)
	}
	return a, err
}

// ask is the stored answer to a question, or else the engine's.
func (b *Bot) ask(ctx context.Context, w record.Work, engine Engine, q bot.Question) (record.Answer, error) {
	hash := engine.CorpusHash()
	earlier, key, ok, err := b.already(ctx, w, engine, q, hash)
	if err != nil {
		return record.Answer{}, outage(err)
	}
	if ok {
		b.metrics.reused.Inc()
		return earlier, nil
	}
	a, err := engine.Ask(ctx, q)
	if failure, ok := errors.AsType[*retrieval.StoreError](err); ok {
		return record.Answer{}, record.Outage(failure)
	}
	if err != nil {
		return record.Answer{}, err
	}
	kept := record.AnswerOf(a, hash)
	kept.Key = key
	return kept, nil
}

// turnedAway says why there is no answer.
func turnedAway(v verdict, wait time.Duration, zh bool) record.Answer {
	a := record.Answer{Outcome: outcomeDenied}
	switch v {
	case tooOften:
		a.Outcome, a.Text = outcomeLimited, askedTooOften(wait, zh)
	case wrongChannel:
		a.Text = notAllowed(deniedChannel, zh)
	case outsider:
		a.Text = notAllowed(deniedGuest, zh)
	case unchecked:
		a.Text = cannotIdentify(zh)
	default:
		a.Text = notAllowed(deniedPerson, zh)
	}
	return a
}

// keepCompany sees to it that somebody who waits sees that something is being
// done: the status is renewed before it lapses, also in the middle of an answer
// that pauses; where there is none, a first line is posted. The conversation gets
// its title. The returned function ends that, and says what went wrong in a way
// that matters; it may be called again.
func (b *Bot) keepCompany(ctx context.Context, w record.Work, d *delivery, question string) (stop func() error) {
	if !standsInThread(w.Surface) { // the acknowledgement said it
		return func() error { return nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	var company sync.WaitGroup
	var failure error
	if w.Attempts > 1 || time.Since(w.CreatedAt) > unclaimed || w.Surface == surfaceAbout {
		d.renew(ctx) // what the intake has set may have lapsed; a form sets none
	}
	company.Go(func() {
		defer b.contain("while somebody waits")
		if !b.herald.reaches() {
			if sleep(ctx, b.options.FirstLine) == nil {
				failure = d.firstLine(ctx)
			}
			return
		}
		for ctx.Err() == nil {
			if wait := d.untilRenewal(); wait <= 0 {
				d.renew(ctx)
			} else if sleep(ctx, wait) != nil {
				return
			}
		}
	})
	company.Go(func() {
		defer b.contain("while a title is set")
		b.entitle(context.WithoutCancel(ctx), w, question)
	})
	return func() error {
		cancel()
		company.Wait()
		if errors.Is(failure, record.ErrLeaseLost) {
			return failure
		}
		return nil
	}
}
