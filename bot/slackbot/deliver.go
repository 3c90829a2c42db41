package slackbot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot/record"
)

// A delivery brings a question's thread into the state that its answer asks
// for. It knows what stands there from the ledger's steps, and where they leave
// a doubt, it looks.
type delivery struct {
	bot  *Bot
	work record.Work
	book record.Book

	mu    sync.Mutex
	parts map[int]*part // the messages of the answer, by number
	text  string        // what the engine has shown so far
	quiet bool          // nothing more is shown before the answer is complete
	drawn time.Time     // when a message was last updated for what was shown
	fresh bool          // a message was posted, which ended the thread's status
	cut   bool          // a stream ended in another way than by our call
	fixed bool          // what stands of the answer cannot be rewritten
	heard time.Time     // when the one who waits last saw a sign of life
	// lostStream says that a stream may have begun of which nothing was heard.
	lostStream bool
}

// A part is one message of the answer.
type part struct {
	ts     string
	sum    string    // identifies what stands there; empty when that is not known
	unsure bool      // a post may have been made: it was intended and not recorded
	since  time.Time // when it was intended
	open   bool      // a stream that takes more text
	shown  string    // what an open stream shows, as markdown, if sure
	sure   bool
}

// noteAt is the number of the part that stands below an answer that cannot be
// rewritten.
const noteAt = 1000

// leaves reports whether a part stays as it is.
func (d *delivery) leaves(n int) bool { return d.fixed && n != noteAt }

// partPurpose names the answer's messages in the ledger's steps.
const partPurpose = "answer"

// metadataType is the event_type of the answers' message metadata.
const metadataType = "footnote_answer"

// errUneditable is for an answer that Slack does not let be rewritten to mark it.
var errUneditable = errors.New("the answer is too old to be edited")

// errGone is for a thread that is not there any more.
var errGone = errors.New("the thread is gone")

func newDelivery(b *Bot, w record.Work, book record.Book) *delivery {
	d := &delivery{bot: b, work: w, book: book, parts: map[int]*part{}, heard: time.Now()}
	for _, s := range w.Steps {
		if s.Purpose != partPurpose {
			continue
		}
		p := d.part(s.Number)
		switch s.Kind {
		case record.StepPosting:
			// Steps of one moment have no order, so what was posted stays so.
			if p.ts == "" {
				p.unsure, p.since = true, s.At
			}
		case record.StepStream:
			*p = part{ts: s.TS, open: true}
		case record.StepPosted:
			*p = part{ts: s.TS, sum: s.Text}
		case record.StepRemoved:
			if p.ts == s.TS {
				*p = part{}
			}
		}
	}
	return d
}

func (d *delivery) part(n int) *part {
	p := d.parts[n]
	if p == nil {
		p = &part{}
		d.parts[n] = p
	}
	return p
}

// bring has the thread show the wanted messages as the answer, and nothing else
// of ours. It may be called again after it failed. A thread that is gone needs
// nothing.
func (d *delivery) bring(ctx context.Context, want []message) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bot.herald.wait(ctx, d.work.Channel, d.work.ThreadTS)
	err := d.settle(ctx)
	wanted := map[int]bool{}
	for n, m := range want {
		if m.note {
			n = noteAt
		}
		wanted[n] = true
		if err == nil {
			err = d.stand(ctx, n, m)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(d.parts)) {
		if err == nil && !wanted[n] && !d.leaves(n) {
			err = d.remove(ctx, n)
		}
	}
	if err == nil && d.inThread() && !d.work.Remarked { // nobody waits for a mark
		d.calm(ctx)
	}
	if errors.Is(err, errGone) {
		d.bot.log.InfoContext(ctx, "a question's thread is gone", "question", d.work.ID)
		return nil
	}
	return err
}

// calm ends what the thread shows of an answer in the making, where the answer
// has not. Slack leaves it to the app to end what somebody stopped.
func (d *delivery) calm(ctx context.Context) {
	herald := d.bot.herald
	if !d.fresh || !herald.available() {
		herald.clear(ctx, d.work.Channel, d.work.ThreadTS)
	}
	if d.cut || stopped(d.work) {
		herald.rest(ctx, d.work.Channel, d.work.ThreadTS)
	}
}

// takeBack deletes every message of the answer.
func (d *delivery) takeBack(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bot.herald.wait(ctx, d.work.Channel, d.work.ThreadTS)
	if err := d.settle(ctx); err != nil && !errors.Is(err, errGone) {
		return err
	}
	for _, n := range slices.Sorted(maps.Keys(d.parts)) {
		if err := d.remove(ctx, n); err != nil {
			return err
		}
	}
	d.bot.herald.clear(ctx, d.work.Channel, d.work.ThreadTS)
	return nil
}

// settle ends all doubt about posts that may have been made. One that is not
// found may still land, so it is looked for until that is unlikely.
func (d *delivery) settle(ctx context.Context) error {
	for {
		since, doubt := d.inDoubt()
		if !doubt {
			return nil
		}
		if err := d.look(ctx); err != nil {
			return err
		}
		if _, doubt := d.inDoubt(); !doubt {
			return nil
		}
		wait := d.bot.options.Doubt - time.Since(since)
		if wait <= 0 {
			d.bot.metrics.ambiguous.WithLabelValues("not posted").Inc()
			d.sure()
			return nil
		}
		if err := sleep(ctx, min(wait, d.bot.options.Doubt/4)); err != nil {
			return err
		}
	}
}

// inDoubt reports whether a post may have been made, and when the last such was
// intended.
func (d *delivery) inDoubt() (since time.Time, doubt bool) {
	for _, p := range d.parts {
		if p.unsure && p.ts == "" {
			doubt = true
			if p.since.After(since) {
				since = p.since
			}
		}
	}
	return since, doubt
}

// stand has part n show a message.
func (d *delivery) stand(ctx context.Context, n int, m message) error {
	p := d.part(n)
	switch {
	case d.leaves(n) || p.ts == "" && d.work.Remarked && !m.note: // somebody took it away
		return nil
	case p.ts == "":
		return d.post(ctx, n, m)
	case p.open:
		return d.complete(ctx, n, m)
	case p.sum == sumOf(m):
		return nil
	}
	return d.update(ctx, n, m)
}

// post makes a message, recording the intent before and the outcome after it.
// Where the outcome is not known, it looks in the thread.
func (d *delivery) post(ctx context.Context, n int, m message) error {
	if err := d.intend(ctx, n); err != nil {
		return err
	}
	if n == 0 && d.mayStream(m) {
		if done, err := d.stream(ctx, m); done || err != nil {
			return err
		}
	}
	for try := 1; ; try++ {
		d.part(n).unsure, d.part(n).since = true, time.Now()
		ts, err := d.postOnce(ctx, n, m)
		if err == nil {
			d.fresh = true
			d.bot.options.Reached("posted")
			err = d.posted(context.WithoutCancel(ctx), n, ts, sumOf(m))
			if err == nil && (try > 1 || d.lostStream) {
				err = d.look(ctx) // for a copy that landed late
			}
			return err
		}
		if !uncertain(err) || errors.Is(err, errGone) {
			d.part(n).unsure = false
		}
		if errors.Is(err, errGone) {
			return err
		}
		if plainer, ok := d.plainer(m, err); ok {
			m = plainer
			continue
		}
		if !uncertain(err) || try == tries {
			return d.refusal("post the answer", err)
		}
		if err := d.settle(ctx); err != nil {
			return err
		}
		if d.part(n).ts != "" {
			return d.stand(ctx, n, m)
		}
	}
}

// plainer is a message without blocks, for one that Slack will not show as it is:
// better a plain answer than none.
func (d *delivery) plainer(m message, err error) (message, bool) {
	if !unshowable(err) || len(m.blocks()) == 0 || m.text == "" {
		return m, false
	}
	d.bot.log.Error("Slack will not show an answer as it is; it is posted as plain text", "question", d.work.ID, "error", err)
	return message{text: m.text}, true
}

// tries is how often a call is made whose outcome is not known.
const tries = 4

func pause(try int) time.Duration { return 500 * time.Millisecond << (try - 1) }

func (d *delivery) intend(ctx context.Context, n int) error {
	return d.book.Record(ctx, record.Step{Kind: record.StepPosting, Purpose: partPurpose, Number: n, Channel: d.work.Channel})
}

// postOnce posts a message below the question. In a thread that is gone a post
// would stand in the channel by itself; it is taken back.
func (d *delivery) postOnce(ctx context.Context, n int, m message) (ts string, err error) {
	var got slack.Message
	err = d.bot.web.callWhole(ctx, "chat.postMessage", d.work.Channel, func(ctx context.Context) (err error) {
		options := append(d.content(n, m), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
		if d.inThread() {
			options = append(options, slack.MsgOptionTS(d.work.ThreadTS))
		}
		_, ts, got, err = d.bot.web.api.PostMessageWithResponseContext(ctx, d.work.Channel, options...)
		return err
	})
	if err == nil && d.inThread() && got.Timestamp != "" && got.ThreadTimestamp == "" {
		if err := d.delete(ctx, ts); err != nil {
			return "", err
		}
		return "", errGone
	}
	return ts, err
}

// content is what a message says, with what it is for, by which it is found
// again.
func (d *delivery) content(n int, m message) []slack.MsgOption {
	return append(contentOf(m), d.metadata(n))
}

func contentOf(m message) []slack.MsgOption {
	options := []slack.MsgOption{slack.MsgOptionText(m.text, false)}
	if blocks := m.blocks(); len(blocks) > 0 {
		options = append(options, slack.MsgOptionBlocks(blocks...))
	}
	return options
}

// inThread reports whether the answer stands in the question's thread, rather
// than in the channel itself.
func (d *delivery) inThread() bool { return standsInThread(d.work.Surface) }

func (d *delivery) metadata(n int) slack.MsgOption {
	return slack.MsgOptionMetadata(slack.SlackMetadata{EventType: metadataType, EventPayload: map[string]any{
		"question": d.work.TS, "part": n, "revision": d.work.Revision, "post": d.postName(n),
	}})
}

// postName is unique to a part of an answer.
func (d *delivery) postName(n int) string {
	return fmt.Sprintf("%s/%s/%d", d.work.Channel, d.work.TS, n)
}

func (d *delivery) posted(ctx context.Context, n int, ts, sum string) error {
	*d.part(n) = part{ts: ts, sum: sum}
	return d.book.Record(ctx, record.Step{Kind: record.StepPosted, Purpose: partPurpose, Number: n, Channel: d.work.Channel, TS: ts, Text: sum})
}

// update rewrites a part. That can be done again without harm.
func (d *delivery) update(ctx context.Context, n int, m message) error {
	return d.rewrite(ctx, n, m, d.bot.web.call, false)
}

// A caller is how a call keeps to Slack's pace.
type caller func(ctx context.Context, method, channel string, do func(context.Context) error) error

// rewrite is update by one of the ways to call; again says that it was tried and
// what stood in its way was removed.
func (d *delivery) rewrite(ctx context.Context, n int, m message, call caller, again bool) error {
	p := d.part(n)
	err := d.again(ctx, func() error {
		return call(ctx, "chat.update", d.work.Channel, func(ctx context.Context) error {
			_, _, _, err := d.bot.web.api.UpdateMessageContext(ctx, d.work.Channel, p.ts, d.content(n, m)...)
			return err
		})
	})
	m.streams = false // it was seen already
	switch reason := code(err); {
	case reason == "streaming_state_conflict" && !again: // a stream that nobody knew to be open
		if err := d.stop(ctx, n, nil); err != nil {
			return err
		}
		return d.rewrite(ctx, n, m, call, true)
	case reason == "message_not_found":
		if err := d.removed(ctx, n); err != nil {
			return err
		}
		return d.stand(ctx, n, m)
	case reason == "edit_window_closed" && d.work.Remarked && !m.note:
		d.fixed = true
		return errUneditable
	case reason == "edit_window_closed":
		if err := d.remove(ctx, n); err != nil {
			return err
		}
		return d.post(ctx, n, m)
	}
	if plainer, ok := d.plainer(m, err); ok {
		return d.rewrite(ctx, n, plainer, call, again)
	}
	if err != nil {
		return d.refusal("update the answer", err)
	}
	d.bot.options.Reached("updated")
	return d.posted(ctx, n, p.ts, sumOf(m))
}

// remove deletes a part, if it is there.
func (d *delivery) remove(ctx context.Context, n int) error {
	p := d.part(n)
	if p.ts == "" {
		return nil
	}
	if err := d.delete(ctx, p.ts); err != nil {
		return err
	}
	d.bot.options.Reached("deleted")
	return d.removed(ctx, n)
}

// removed records that a part is not there any more.
func (d *delivery) removed(ctx context.Context, n int) error {
	p := d.part(n)
	err := d.book.Record(ctx, record.Step{Kind: record.StepRemoved, Purpose: partPurpose, Number: n, Channel: d.work.Channel, TS: p.ts})
	*p = part{}
	return err
}

func (d *delivery) delete(ctx context.Context, ts string) error {
	err := d.again(ctx, func() error {
		return d.bot.web.call(ctx, "chat.delete", d.work.Channel, func(ctx context.Context) error {
			_, _, err := d.bot.web.api.DeleteMessageContext(ctx, d.work.Channel, ts)
			return err
		})
	})
	switch code(err) {
	case "message_not_found", "thread_not_found":
		return nil
	}
	if err != nil {
		return d.refusal("delete a message", err)
	}
	return nil
}

// again makes a call that does no harm when it is made twice until its outcome
// is known.
func (d *delivery) again(ctx context.Context, call func() error) error {
	for try := 1; ; try++ {
		err := call()
		if err == nil || !uncertain(err) || try == tries || ctx.Err() != nil {
			return err
		}
		if err := sleep(ctx, pause(try)); err != nil {
			return err
		}
	}
}

// refusal is an error of Slack's as the ledger is to take it.
func (d *delivery) refusal(doing string, err error) error {
	if errors.Is(err, errGone) {
		return err
	}
	err = fmt.Errorf("%s: %w", doing, err)
	if hopeless(err) {
		return record.Permanent(err)
	}
	return err
}

// sumOf identifies what a message shows.
func sumOf(m message) string {
	encoded, err := json.Marshal(struct {
		Text   string
		Blocks []slack.Block
	}{m.text, m.blocks()})
	if err != nil {
		return "" // never equal to what stands there
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:12])
}
