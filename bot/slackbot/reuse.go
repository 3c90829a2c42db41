package slackbot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// earlierAnswers is how many earlier answers are looked through for one that the
// asker may see.
const earlierAnswers = 20

// already is the stored answer to the same question about the same version of
// the report, if the asker can read where it was given; ok is false when there
// is none. The key identifies the question; "" where it cannot be shared.
func (b *Bot) already(ctx context.Context, w record.Work, engine Engine, q bot.Question, hash string) (a record.Answer, key string, ok bool, err error) {
	key, shareable := engine.QuestionKey(q)
	if !shareable {
		return record.Answer{}, "", false, nil
	}
	if w.How != record.HowUsual || stopped(w) {
		return record.Answer{}, key, false, nil
	}
	turns, err := b.ledger.Reusable(ctx, w.Team, key, hash, engine.Voice(), earlierAnswers)
	if err != nil {
		return record.Answer{}, key, false, fmt.Errorf("look for an earlier answer: %w", err)
	}
	for _, t := range turns {
		if t.ID == w.ID || !b.canRead(ctx, w.Entry, t.Entry) {
			continue
		}
		a := *t.Answer
		a.ReusedFrom, a.Key = a.ID, key
		a.PromptTokens, a.CompletionTokens, a.Timings = 0, 0, bot.Timings{}
		a.Notice = ""    // how that answer came about
		a.Outdated = nil // another version may have been there for a while
		return a, key, true, nil
	}
	return record.Answer{}, key, false, nil
}

// canRead reports whether the asker of one question can read where another was
// answered: in the same channel, unless that was for one person alone, or in a
// public channel, as members can and guests cannot. Where Slack does not say, it
// is not read.
func (b *Bot) canRead(ctx context.Context, asking, answered record.Entry) bool {
	switch {
	case answered.Asker == asking.Asker:
		return true
	case private(answered.Surface):
		return false
	case answered.Channel == asking.Channel:
		return true
	case isBot(asking.Asker) || isDirect(answered.Channel):
		return false
	}
	p, err := b.people.get(ctx, asking.Asker)
	if err != nil || p.guest || b.isStranger(p) {
		return false
	}
	return b.channels.public(ctx, answered.Channel)
}

// channels remembers which channels are open to every member.
type channels struct {
	web *web

	mu    sync.Mutex
	known map[string]openness
}

type openness struct {
	public bool
	asOf   time.Time
}

// opennessKept is how long a channel that was made private may go unnoticed.
const opennessKept = 5 * time.Minute

func newChannels(w *web) *channels { return &channels{web: w, known: map[string]openness{}} }

func (c *channels) public(ctx context.Context, id string) bool {
	c.mu.Lock()
	known, ok := c.known[id]
	c.mu.Unlock()
	if ok && time.Since(known.asOf) < opennessKept {
		return known.public
	}
	var info *slack.Channel
	err := c.web.call(ctx, "conversations.info", "", func(ctx context.Context) (err error) {
		info, err = c.web.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
		return err
	})
	known = openness{asOf: time.Now()}
	if err == nil && info != nil {
		known.public = info.IsChannel && !info.IsPrivate && !info.IsIM && !info.IsMpIM
	}
	if err == nil || code(err) != "" {
		c.mu.Lock()
		if len(c.known) >= mostProfiles {
			clear(c.known)
		}
		c.known[id] = known
		c.mu.Unlock()
	}
	return known.public
}
