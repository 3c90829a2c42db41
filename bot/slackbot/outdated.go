package slackbot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
	"footnote/corpus"
)

const (
	// markedFor is how old an answer may be that is marked as outdated.
	markedFor = 30 * 24 * time.Hour
	// markEvery keeps marking slower than Slack lets messages be rewritten (50 a
	// minute: docs.slack.dev, "Rate limits", tier 3), so that answers come first.
	markEvery = 2 * time.Second
	// citedAtOnce is how many answers are looked at in one piece.
	citedAtOnce = 100
	// lookEvery is how often answers are looked at though nothing is known to have
	// changed: another process may have given some.
	lookEvery = time.Hour
)

// Changed tells the bot that another engine answers now than before.
func (b *Bot) Changed() {
	select {
	case b.changed <- struct{}{}:
	default: // it is about to look
	}
}

// KeepMarked marks the answers of the last 30 days that cite a passage which has
// changed since, in their threads, and takes the marks of others back, at first and
// after each change of the report, until ctx ends.
func (b *Bot) KeepMarked(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		marked, err := b.mark(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			b.log.ErrorContext(ctx, "answers could not be checked against the report as it is now", "error", err)
		case marked > 0:
			b.log.InfoContext(ctx, "answers were marked, since the report has changed", "answers", marked)
		}
		select {
		case <-b.changed:
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// mark compares all answers of the last 30 days with the report as it is now.
func (b *Bot) mark(ctx context.Context) (marked int, err error) {
	hash := b.corpusHash()
	if err := b.nowUsual(ctx, hash); err != nil {
		return 0, err
	}
	for after := int64(0); ; {
		turns, err := b.ledger.Cited(ctx, b.now().Add(-markedFor), after, citedAtOnce)
		if err != nil || len(turns) == 0 {
			return marked, err
		}
		after = turns[len(turns)-1].ID
		due, err := b.toBeMarked(ctx, turns)
		if err != nil {
			return marked, err
		}
		for _, t := range due {
			if b.corpusHash() != hash {
				return marked, nil // another look is due
			}
			fresh, err := b.ledger.Remark(ctx, t.ID, t.Revision, t.Answer.Outdated)
			if err != nil && !errors.Is(err, record.ErrNotFound) {
				return marked, err
			}
			if fresh {
				marked++
				if err := sleep(ctx, b.markEvery); err != nil {
					return marked, err
				}
			}
		}
	}
}

// toBeMarked are the turns whose answers are to be marked in another way than
// they are, in their Outdated.
func (b *Bot) toBeMarked(ctx context.Context, turns []record.Turn) ([]record.Turn, error) {
	engine := b.usual()
	defer engine.release()
	var due []record.Turn
	for _, t := range turns {
		if private(t.Surface) { // Slack lets nobody rewrite it
			continue
		}
		if other, err := b.fromOther(ctx, t); other || err != nil {
			if err != nil {
				return nil, err
			}
			continue
		}
		now := outdatedIn(engine, *t.Answer)
		if !slices.Equal(markersOf(now), markersOf(t.Answer.Outdated)) {
			t.Answer.Outdated = now
			due = append(due, t)
		}
	}
	return due, nil
}

// outdatedIn is what of an answer an engine's corpus no longer holds.
func outdatedIn(engine Engine, a record.Answer) *record.Outdated {
	o := record.Outdated{Version: corpus.Version(engine.CorpusHash())}
	for _, c := range a.Citations {
		if a.CorpusHash != engine.CorpusHash() && !slices.Contains(o.Markers, c.Marker) && !engine.Stands(c) {
			o.Markers = append(o.Markers, c.Marker)
		}
	}
	if o.Markers == nil {
		return nil
	}
	return &o
}

func markersOf(o *record.Outdated) []int {
	if o == nil {
		return nil
	}
	return o.Markers
}

// outdatedLine says what of an answer is outdated.
func outdatedLine(a record.Answer, zh bool) string {
	var markers []string
	for _, m := range a.Outdated.Markers {
		markers = append(markers, bracketed(m))
	}
	// All that is cited, or some of it.
	what := pick(zh, " What it cites has changed.", "所引用的内容已有改动。")
	if len(markers) < len(sourceLines(a.Citations)) {
		what = pick(zh, " Changed: "+strings.Join(markers, ", ")+".", "有改动的来源："+strings.Join(markers, "、")+"。")
	}
	return fmt.Sprintf(pick(zh, "Outdated: this is from version %s of the report; now there is version %s.", "已过时：此回答依据报告的版本 %s，现在的版本是 %s。"),
		corpus.Version(a.CorpusHash), a.Outdated.Version) + what
}

// besideIt is a marked answer where Slack does not let it be rewritten: as it
// stands, with a reply below that marks it.
func (b *Bot) besideIt(ctx context.Context, a record.Answer, w record.Work) []message {
	bare := a
	bare.Outdated = nil
	messages := b.messagesOf(ctx, bare, w)
	if a.Outdated == nil {
		return messages
	}
	zh := bot.InChinese(w.Text)
	line := outdatedLine(a, zh)
	note := message{text: line, markdown: literal(line, false), note: true}
	note.tail = []slack.Block{slack.NewActionBlock("", againButton(w.ID, a.Revision, zh))}
	return append(messages, note)
}
