package slackbot

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// stopAction is the action_id of the button below an answer in the making, for
// where Slack shows none of its own.
const stopAction = "stop"

// stoppable is how many of a thread's last questions Slack's stop button is for.
const stoppable = 50

func stopButton(question int64, revision int, zh bool) slack.BlockElement {
	return slack.NewButtonBlockElement(stopAction, answerValue(question, revision), plain(pick(zh, "Stop", "停止")))
}

// unfinished is a message that stands for an answer in the making.
func (d *delivery) unfinished(m message) message {
	if !isBot(d.work.Asker) {
		m.tail = append(m.tail, slack.NewActionBlock("", stopButton(d.work.ID, d.work.Revision, bot.InChinese(d.work.Text))))
	}
	return m
}

// takeStop sees to Slack's stop button, which is there while an answer is being
// written (docs.slack.dev, "agent_session_stopped event"): whatever its presser
// waits for in the thread is stopped. Slack has ended the streams already; those
// of other people's questions go on as messages that are rewritten.
func (b *Bot) takeStop(ctx context.Context, c callback) error {
	e := c.Event
	if c.Team == "" || e.Channel == "" || e.ThreadTS == "" {
		return nil
	}
	turns, err := b.ledger.Thread(ctx, c.Team, e.Channel, e.ThreadTS, 0, stoppable)
	if err != nil {
		return fmt.Errorf("look up the thread: %w", err)
	}
	var others *record.Turn
	stopped := false
	for i, t := range turns {
		switch {
		case t.State != record.Received && t.State != record.Working:
		case t.Asker != e.User && !isBot(t.Asker):
			others = &turns[i]
		default:
			if err := b.stop(ctx, t.Entry, "slack"); err != nil {
				return err
			}
			stopped = true
		}
	}
	switch {
	case stopped: // who answers the question sees to the session
	case others != nil:
		b.whisperInThread(e.Channel, e.ThreadTS, e.User, onlyTheAskerStops(bot.InChinese(others.Text)))
	default:
		b.inBackground(func(ctx context.Context) { b.herald.rest(ctx, e.Channel, e.ThreadTS) })
	}
	return nil
}

// pressStop sees to our own button.
func (b *Bot) pressStop(ctx context.Context, i *interaction) (response, error) {
	question, revision, ok := parseAnswerValue(i.Actions[0].Value)
	turn, err := b.ledger.AnswerAt(ctx, i.Channel.ID, i.Container.MessageTS)
	switch {
	case errors.Is(err, record.ErrNotFound) || err == nil && (!ok || turn.ID != question || turn.Revision != revision):
		return response{}, nil // it is another question by now
	case err != nil:
		return response{}, err
	case turn.Asker != i.User.ID && !isBot(turn.Asker):
		return response{after: b.tell(i.ResponseURL, onlyTheAskerStops(bot.InChinese(turn.Text)))}, nil
	}
	return response{}, b.stop(ctx, turn.Entry, "own")
}

// stop has an answer end with what was verified by then. One that is finished
// stays as it is.
func (b *Bot) stop(ctx context.Context, e record.Entry, button string) error {
	err := b.ledger.StopAnswer(ctx, e.ID, e.Revision)
	if errors.Is(err, record.ErrNotFound) { // it was changed or deleted
		return nil
	}
	if err == nil {
		b.metrics.stops.WithLabelValues(button).Inc()
	}
	return err
}

// whisperInThread tells somebody a line of ours; it matters to nobody else.
func (b *Bot) whisperInThread(channel, thread, user, line string) {
	m := renderText(line)[0]
	b.inBackground(func(ctx context.Context) {
		err := b.web.call(ctx, "chat.postEphemeral", "", func(ctx context.Context) error {
			_, err := b.web.api.PostEphemeralContext(ctx, channel, user, append(contentOf(m), slack.MsgOptionTS(thread))...)
			return err
		})
		if err != nil {
			b.log.InfoContext(ctx, "somebody could not be told something", "error", err)
		}
	})
}

// stopped reports whether the asker wants no more of this revision.
func stopped(w record.Work) bool {
	select {
	case <-w.Stop:
		return true
	default:
		return false
	}
}
