package slackbot

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/record"
)

// redrawEvery paces updates of a message that stands in for a stream.
const redrawEvery = 2 * time.Second

// mayStream reports whether a message can be streamed now: streams are for
// people, and Slack allows about twenty a minute.
func (d *delivery) mayStream(m message) bool {
	return m.streams && d.inThread() && len(m.head) == 0 && !isBot(d.work.Asker) && d.bot.streams.available() && d.bot.web.free("chat.startStream", "")
}

// stream shows a finished answer piece by piece. It reports false where Slack
// does not stream, and nothing was shown.
func (d *delivery) stream(ctx context.Context, m message) (done bool, err error) {
	started, err := d.start(ctx, pieces(m.markdown)[0])
	if err != nil || !started {
		return false, err
	}
	return true, d.complete(ctx, 0, m)
}

// start begins a stream; the caller has taken its place with free. Where the
// reply is lost, it looks for the stream in the thread.
func (d *delivery) start(ctx context.Context, text string) (started bool, err error) {
	var ts string
	d.part(0).unsure, d.part(0).since = true, time.Now()
	err = d.bot.web.once(context.WithoutCancel(ctx), "chat.startStream", "", func(ctx context.Context) (err error) {
		_, ts, err = d.bot.web.api.StartStreamContext(ctx, d.work.Channel, slack.MsgOptionTS(d.work.ThreadTS), slack.MsgOptionMarkdownText(text),
			slack.MsgOptionRecipientTeamID(d.recipientTeam(ctx)), slack.MsgOptionRecipientUserID(d.work.Asker))
		return err
	})
	switch {
	case err == nil:
		d.fresh = true
		d.bot.options.Reached("stream.started")
		return true, d.opened(context.WithoutCancel(ctx), ts, text, true)
	case !uncertain(err):
		d.part(0).unsure = false
		d.bot.streams.refused(err)
		return false, nil
	}
	d.lostStream = true
	err = d.settle(ctx)
	return d.part(0).ts != "", err
}

// recipientTeam is the workspace of the one who asked.
func (d *delivery) recipientTeam(ctx context.Context) string {
	if p, err := d.bot.people.get(ctx, d.work.Asker); err == nil && p.team != "" {
		return p.team
	}
	return d.bot.self.team
}

// complete ends an open stream with what is left of the message. Where what it
// shows is not known, or is not how the message begins, the message is rewritten
// as a whole.
func (d *delivery) complete(ctx context.Context, n int, m message) error {
	p := d.part(n)
	rest, goesOn := strings.CutPrefix(m.markdown, p.shown)
	if !p.sure || !goesOn {
		if err := d.stop(ctx, n, nil); err != nil {
			return err
		}
		return d.update(ctx, n, m)
	}
	for _, text := range pieces(rest) {
		// Where Slack's pace allows no more pieces, the end comes in one.
		if !d.bot.web.free("chat.appendStream", d.work.Channel) {
			break
		}
		shown := len(p.shown)
		if d.append(ctx, p, text); len(p.shown) == shown {
			break
		}
		rest = rest[len(text):]
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !p.sure {
		return d.complete(ctx, n, m)
	}
	if err := d.stop(ctx, n, &finale{text: rest, tail: m.tail}); err != nil {
		return err
	}
	if !d.part(n).open && d.part(n).sure {
		return d.posted(ctx, n, p.ts, sumOf(m))
	}
	return d.update(ctx, n, m)
}

// append adds text to a stream; the caller has taken its place with free. When
// that fails, what it shows is not sure any more.
func (d *delivery) append(ctx context.Context, p *part, text string) {
	if text == "" {
		return
	}
	err := d.bot.web.once(ctx, "chat.appendStream", d.work.Channel, func(ctx context.Context) error {
		_, _, err := d.bot.web.api.AppendStreamContext(ctx, d.work.Channel, p.ts, slack.MsgOptionMarkdownText(text))
		return err
	})
	if err != nil {
		p.sure = p.sure && !uncertain(err) && !ended(err)
		return
	}
	p.shown += text
	d.bot.options.Reached("stream.appended")
}

// A finale is what a complete stream ends with.
type finale struct {
	text string
	tail []slack.Block
}

// stop ends a stream, with its finale if it is complete. Afterwards the part is
// sure only if the stream was open until then.
func (d *delivery) stop(ctx context.Context, n int, f *finale) error {
	p := d.part(n)
	options := []slack.MsgOption{d.metadata(n)}
	if f != nil && f.text != "" {
		options = append(options, slack.MsgOptionMarkdownText(f.text))
	}
	if f != nil && len(f.tail) > 0 {
		options = append(options, slack.MsgOptionBlocks(f.tail...))
	}
	first := true
	err := d.again(ctx, func() error {
		err := d.bot.web.call(ctx, "chat.stopStream", d.work.Channel, func(ctx context.Context) error {
			_, _, err := d.bot.web.api.StopStreamContext(ctx, d.work.Channel, p.ts, options...)
			return err
		})
		first = first && err == nil
		return err
	})
	switch {
	case ended(err):
		err, first, d.cut = nil, false, true
	default:
		if f != nil && unshowable(err) { // the message is rewritten then
			p.sure = false
			return d.stop(ctx, n, nil)
		}
	}
	if err != nil {
		return d.refusal("end the stream", err)
	}
	p.open, p.sure = false, p.sure && first
	d.bot.options.Reached("stream.stopped")
	return nil
}

// ended reports whether a stream ended by itself, by its reader, or by a call
// whose reply was lost.
func ended(err error) bool {
	switch code(err) {
	case "message_not_in_streaming_state", "stopped_by_user", "message_not_found":
		return true
	}
	return false
}

// show is given the answer's text as it comes, a checked sentence at a time. It
// shows it as well as can be; the finished answer is brought in any case. It
// fails only when somebody else has the question.
func (d *delivery) show(ctx context.Context, sentence string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.text += sentence
	if _, doubt := d.inDoubt(); d.quiet || doubt {
		return nil
	}
	d.bot.herald.wait(ctx, d.work.Channel, d.work.ThreadTS)
	beginning := renderText(d.text)[0]
	beginning.streams = true
	err := d.draw(ctx, beginning)
	if errors.Is(err, record.ErrLeaseLost) {
		return err
	}
	if err != nil {
		d.quiet = true
	}
	return nil
}

// draw shows the beginning of an answer.
func (d *delivery) draw(ctx context.Context, m message) error {
	p := d.part(0)
	rest, goesOn := strings.CutPrefix(m.markdown, p.shown)
	switch {
	case p.ts == "":
		if err := d.intend(ctx, 0); err != nil {
			return err
		}
		if d.mayStream(m) {
			if started, err := d.start(ctx, m.markdown); started || err != nil {
				d.heard = time.Now()
				return err
			}
		}
		m = d.unfinished(m)
		m.streams, d.drawn = false, time.Now()
		err := d.post(ctx, 0, message{text: m.text, tail: m.blocks()})
		d.goOn(ctx) // the post has ended the status
		return err
	case p.open && (!p.sure || !goesOn):
		d.quiet = true
	case p.open && d.bot.web.free("chat.appendStream", d.work.Channel):
		d.append(ctx, p, rest)
		d.heard = time.Now()
	case !p.open && time.Since(d.drawn) >= redrawEvery && d.bot.web.free("chat.update", d.work.Channel):
		d.drawn = time.Now()
		d.heard = d.drawn
		return d.rewrite(ctx, 0, d.unfinished(m), d.bot.web.once, false)
	}
	return nil
}

// untilRenewal is in how long the one who waits is to see another sign of life.
func (d *delivery) untilRenewal() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return renewEvery - time.Since(d.heard)
}

// renew has the thread show that the answer is still being written.
func (d *delivery) renew(ctx context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.goOn(ctx)
}

// goOn sets the status. A post that came before does not end this one.
func (d *delivery) goOn(ctx context.Context) {
	d.heard = time.Now()
	if d.bot.herald.reaches() {
		d.fresh = false
		d.bot.herald.announce(ctx, d.work.Channel, d.work.ThreadTS, statusReading(bot.InChinese(d.work.Text)))(true)
	}
}

// firstLine posts a line that stands until the answer does.
func (d *delivery) firstLine(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, doubt := d.inDoubt(); doubt || d.part(0).ts != "" {
		return nil
	}
	m := d.unfinished(renderText(firstLine(bot.InChinese(d.work.Text)))[0])
	return d.post(ctx, 0, message{text: m.text, tail: m.blocks()})
}
