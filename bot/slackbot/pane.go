package slackbot

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"footnote/bot/record"
)

// What is filled of the limits of the pane: Slack shows up to four suggested
// questions (docs.slack.dev, "assistant.threads.setSuggestedPrompts method"), in
// one line each, and titles of up to 200 characters ("agents.sessions.rename
// method").
const (
	maxPrompts     = 4
	maxPromptTitle = 75
	maxPrompt      = 300
	maxTitle       = 80
)

// An assistantThread is what events of the older messaging experience tell of.
type assistantThread struct {
	User    string `json:"user_id"`
	Channel string `json:"channel_id"`
	Thread  string `json:"thread_ts"`
}

// takeOpened sees to somebody who opens the bot's messages or its Home tab: what
// they see is brought up to date beside the acknowledgement, since nothing is
// lost when it is not. In the Agent messaging experience suggested questions
// stand in the messages as a whole, in the older one in a new thread
// (docs.slack.dev, "Migrating to the Agent messaging experience").
func (b *Bot) takeOpened(ctx context.Context, c callback) {
	place := record.Entry{Question: record.Question{Key: record.Key{Team: c.Team, Channel: c.Event.Channel}, Asker: c.Event.User, Surface: surfaceDirect}}
	show, what := b.suggest, "messages"
	switch thread := c.Event.Assistant; {
	case thread != nil:
		place.Channel, place.Asker, place.ThreadTS, what = thread.Channel, thread.User, thread.Thread, "thread"
	case c.Event.Tab == "home":
		show, what = b.publishHome, "home"
	case c.Event.Tab != "messages":
		return
	}
	if place.Team == "" || place.Channel == "" || place.Asker == "" {
		return
	}
	b.metrics.opened.WithLabelValues(what).Inc()
	b.inBackground(func(ctx context.Context) {
		// The first suggestions take longer than a call may.
		if err := show(context.WithoutCancel(ctx), place); err != nil {
			b.log.InfoContext(ctx, "what somebody opened could not be brought up to date", "what", what, "error", err)
		}
	})
}

// suggest shows questions to begin with to somebody who may ask.
func (b *Bot) suggest(ctx context.Context, place record.Entry) error {
	const method = "assistant.threads.setSuggestedPrompts"
	if !b.prompts.available() || !b.web.free(method, "") {
		return nil
	}
	if v, err := b.mayAsk(ctx, place); err != nil || v != admitted {
		return err
	}
	zh := b.people.readsChinese(ctx, place.Asker)
	questions, err := b.suggestions(ctx, place, zh, maxPrompts)
	if err != nil || len(questions) == 0 {
		return err
	}
	p := slack.AssistantThreadsSetSuggestedPromptsParameters{Title: promptsTitle(zh), ChannelID: place.Channel, ThreadTS: place.ThreadTS}
	for _, q := range questions {
		p.AddPrompt(shorten(q, maxPromptTitle), q)
	}
	err = b.web.once(ctx, method, "", func(ctx context.Context) error {
		return b.web.api.SetAssistantThreadsSuggestedPromptsContext(ctx, p)
	})
	b.prompts.refused(err)
	return err
}

// suggestions are questions that are answered in a place, without effect in
// Slack. There are none for a report whose content is lost.
func (b *Bot) suggestions(ctx context.Context, place record.Entry, zh bool, n int) ([]string, error) {
	engine, err := b.engineFor(ctx, place)
	if errors.Is(err, ErrNotKept) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer engine.release()
	var questions []string
	for _, q := range engine.Suggestions(zh, n) {
		if q = inert(q, maxPrompt); q != "" && len(questions) < n {
			questions = append(questions, q)
		}
	}
	return questions, nil
}

// entitle names a conversation of the pane after its first question. That it is
// done again after a crash, or not at all, does no harm.
func (b *Bot) entitle(ctx context.Context, w record.Work, question string) {
	title := inert(question, maxTitle)
	if !isDirect(w.Channel) || w.Revision != 1 || title == "" || !b.titles.available() || !b.web.free("agents.sessions.rename", "") {
		return
	}
	if first, err := b.beginsThread(ctx, w); err != nil || !first {
		return
	}
	b.herald.wait(ctx, w.Channel, w.ThreadTS) // the status makes the session
	err := b.rename(ctx, w, title)
	b.titles.refused(err)
	if err != nil {
		b.log.DebugContext(ctx, "a conversation has no title", "question", w.ID, "error", err)
	}
}

// untitle takes a deleted question out of its conversation's title, while the
// thread is still there. It was begun, or nobody would be asked to take it back.
func (b *Bot) untitle(ctx context.Context, w record.Work) {
	if !isDirect(w.Channel) || !standsInThread(w.Surface) || !b.titles.available() {
		return
	}
	if first, err := b.beginsThread(ctx, w); err != nil || !first {
		return
	}
	zh := w.Asker != "" && b.people.readsChinese(ctx, w.Asker)
	err := b.web.paced(ctx, "agents.sessions.rename", "", func() error { // a first title may wait for another time, this may not
		return b.rename(ctx, w, pick(zh, "Deleted question", "已删除的问题"))
	})
	b.titles.refused(err)
	if err != nil && !isNoMessage(err) {
		b.log.InfoContext(ctx, "a deleted question may still be in its conversation's title", "question", w.ID, "error", err)
	}
}

// rename gives a thread's session a title, or where there is none the thread
// itself, by the older method.
func (b *Bot) rename(ctx context.Context, w record.Work, title string) error {
	err := b.web.once(ctx, "agents.sessions.rename", "", func(ctx context.Context) error {
		_, err := b.web.api.RenameAgentSessionContext(ctx, slack.AgentSessionRenameParameters{ChannelID: w.Channel, ThreadTS: w.ThreadTS, Title: title})
		return err
	})
	if code(err) == "" || !b.web.free("assistant.threads.setTitle", "") {
		return err
	}
	return b.web.once(ctx, "assistant.threads.setTitle", "", func(ctx context.Context) error {
		return b.web.api.SetAssistantThreadsTitleContext(ctx, slack.AssistantThreadsSetTitleParameters{ChannelID: w.Channel, ThreadTS: w.ThreadTS, Title: title})
	})
}

// beginsThread reports whether a question is the first of its thread.
func (b *Bot) beginsThread(ctx context.Context, w record.Work) (bool, error) {
	if w.ThreadTS == w.TS {
		return true, nil
	}
	before, err := b.ledger.Thread(ctx, w.Team, w.Channel, w.ThreadTS, w.ID, 1)
	if err != nil {
		return false, fmt.Errorf("look up the thread: %w", err)
	}
	return len(before) == 0, nil
}
