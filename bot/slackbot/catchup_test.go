package slackbot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footnote/bot/ledger"
	"footnote/bot/record"
	"footnote/bot/slackbot/slacksim"
)

// forgetful is a Slack that tells of nothing twice: what is said while no bot is
// there never arrives.
func forgetful() slacksim.Options {
	return slacksim.Options{AckTimeout: 300 * time.Millisecond, Retries: []time.Duration{}}
}

// patient is a Slack that lets a press take as long as it does on a busy machine.
var patient = slacksim.Options{AckTimeout: 5 * time.Second}

// An interrupted world is one whose bot stops and starts.
type interrupted struct {
	*world
	setting setting
	points  map[string]*atomic.Int32
	figures *prometheus.Registry
}

func pausing(t *testing.T, s setting) *interrupted {
	p := &interrupted{setting: s, points: map[string]*atomic.Int32{"catch.begin": {}, "catch.done": {}, "present": {}}}
	lost := forgetful()
	lost.Events = s.sim.Events
	orDefault(&s.sim.AckTimeout, lost.AckTimeout)
	lost.AckTimeout = s.sim.AckTimeout
	s.sim = lost
	p.setting = s
	p.prepare()
	p.world = start(t, p.setting)
	p.until("the mark", func() bool { return p.points["present"].Load() > 0 })
	return p
}

// prepare has the next bot counted from zero.
func (p *interrupted) prepare() {
	p.figures = prometheus.NewRegistry()
	p.setting.bot.Metrics = p.figures
	p.setting.bot.Reached = func(point string) {
		if n := p.points[point]; n != nil {
			n.Add(1)
		}
	}
	tune := p.setting.tune
	p.setting.tune = func(b *Bot) {
		b.presence.settled, b.presence.again = 0, 50*time.Millisecond
		if tune != nil {
			tune(b)
		}
	}
}

// stop ends the bot; what is said from now on is lost.
func (p *interrupted) stop() {
	p.settle()
	p.close()
}

// resume starts the bot, and waits until it has caught up.
func (p *interrupted) resume() {
	p.t.Helper()
	p.until("the events to be lost", p.ws.Idle)
	p.setting.url = p.url
	p.prepare()
	before := p.points["catch.done"].Load()
	p.run(p.setting)
	p.until("the bot to catch up", func() bool { return p.points["catch.done"].Load() > before })
	p.settle()
	p.bot.background.Wait() // titles
}

// late sends everything that was lost after all, the last first.
func (p *interrupted) late() {
	for _, d := range slices.Backward(p.ws.Unacked()) {
		var lost struct {
			Event map[string]any `json:"event"`
		}
		p.must(json.Unmarshal(d.Payload, &lost))
		p.ws.Emit(lost.Event)
	}
	p.settle()
}

func (p *interrupted) found() float64 {
	p.t.Helper()
	families, err := p.figures.Gather()
	p.must(err)
	for _, f := range families {
		if f.GetName() == "footnote_caught_up_total" {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return -1
}

func TestWhatWasSaidDuringAPauseIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	// Leases of the usual length: on a busy machine a takeover would show.
	p := pausing(t, setting{ledger: ledger.Options{BackoffMax: time.Second, SweepEvery: 50 * time.Millisecond}})
	team := p.ws.AddChannel(slacksim.ChannelSpec{Name: "team", Kind: slacksim.Private, Members: []*slacksim.User{p.alice, p.bob}})
	im := p.ws.DM(p.bob)
	goesOn := p.alice.Say(p.general, "Who is Xiao Yanghua?")
	edited := p.alice.Say(p.general, "What is the market size?")
	deleted := p.bob.Say(p.general, "What should big models never do?")
	p.settle()
	talk := p.alice.Say(p.general, "Who is Wu Wei?")
	p.settle()
	p.bob.Post(p.general, "I know him", slacksim.InThread(talk.TS))
	p.settle()
	p.alice.Post(p.general, "How come?", slacksim.InThread(talk.TS))
	p.settle()
	p.alice.Say(p.general, "Who is Zhou Hongyi?", slacksim.InThread(talk.TS))
	p.stop()

	p.alice.Post(p.general, "people talk here")
	p.bob.Say(p.general, "What did Wu Wei say about the gap?")
	p.alice.Post(p.general, "What did he say about the gap?", slacksim.InThread(goesOn.TS))
	p.bob.Post(p.general, "that is new to me", slacksim.InThread(goesOn.TS))
	p.alice.Post(p.general, "and not to me", slacksim.InThread(goesOn.TS))
	p.alice.Edit(edited, p.ws.Bot.Mention()+" "+askHowMany)
	p.bob.Delete(deleted)
	p.bob.Post(im, "Who is Xiao Yanghua?")
	p.alice.Say(team, "What is the growth rate of the market size of large language models in China?")
	dinner := p.bob.Post(team, "who comes to dinner?")
	p.alice.Post(team, "I do", slacksim.InThread(dinner.TS))
	p.bob.Say(team, "Who is Wu Wei?", slacksim.InThread(dinner.TS))
	p.alice.Delete(p.alice.Say(team, "never mind"))

	p.resume()
	p.golden("caught-up")
	if n := p.found(); n != 6 {
		t.Errorf("%v questions found", n)
	}
	p.clean()
	before := p.ws.Transcript()
	p.late()
	if after := p.ws.Transcript(); after != before {
		t.Errorf("late events changed something:\n%s", after)
	}
	p.stop()
	p.resume()
	if after := p.ws.Transcript(); after != before || p.found() != 0 {
		t.Errorf("%v found again:\n%s", p.found(), after)
	}
}

func TestEventsByHTTPAreCaughtUpWith(t *testing.T) {
	t.Parallel()
	p := pausing(t, setting{engine: echo})
	p.stop()
	m := p.alice.Say(p.general, "question")
	p.until("the event to be lost", p.ws.Idle)
	p.setting.url, p.setting.http = p.url, true
	p.prepare()
	p.run(p.setting)
	p.ended.Go(func() {
		if err := p.bot.Await(p.ctx); err != nil {
			t.Error(err)
		}
	})
	p.until("the bot to catch up", func() bool { return p.points["catch.done"].Load() == 1 })
	p.settle()
	if n := len(p.general.Thread(m.TS)); n != 1 {
		t.Errorf("%d answers\n%s", n, p.ws.Transcript())
	}
	p.clean()
}

func TestSeveralProcessesMayCatchUpAtOnce(t *testing.T) {
	t.Parallel()
	p := pausing(t, setting{engine: echo})
	p.stop()
	asked := 0
	for range 20 {
		m := p.alice.Say(p.general, "question")
		p.alice.Post(p.general, "and more", slacksim.InThread(m.TS))
		asked += 2
	}
	p.until("the events to be lost", p.ws.Idle)
	p.setting.url, p.setting.http = p.url, true
	p.prepare()
	p.run(p.setting)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if err := p.bot.catchUp(p.ctx, time.Now()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	p.settle()
	if n := len(p.general.Posts()); n != asked || int(p.found()) != asked {
		t.Errorf("%d answers to %d questions, %v found", n, asked, p.found())
	}
	p.clean()
}

func TestTheFirstStartLooksAtNothing(t *testing.T) {
	ws := forgetful()
	w := start(t, setting{engine: echo, sim: ws})
	w.close()
	w.alice.Say(w.general, "before")
	w.until("the event to be lost", w.ws.Idle)
	w.run(setting{engine: echo}) // with a ledger of its own
	w.alice.Say(w.general, "after")
	w.settle()
	if posts := len(w.general.Posts()); posts != 1 || len(w.ws.Calls("users.conversations")) != 0 {
		t.Errorf("%d answers\n%s", posts, w.ws.Transcript())
	}
}

func TestCatchingUpCanBeTurnedOffAndHasAWindow(t *testing.T) {
	t.Parallel()
	t.Run("off", func(t *testing.T) {
		p := pausing(t, setting{engine: echo, bot: Options{CatchUp: -1}})
		p.stop()
		p.alice.Say(p.general, "question")
		p.until("the event to be lost", p.ws.Idle)
		p.setting.url = p.url
		p.prepare()
		p.run(p.setting)
		p.until("the mark", func() bool { return p.points["present"].Load() > 1 })
		p.settle()
		if n := len(p.general.Posts()) + len(p.ws.Calls("users.conversations")); n != 0 {
			t.Errorf("%d answers or calls", n)
		}
	})
	t.Run("window", func(t *testing.T) {
		p := pausing(t, setting{engine: echo, bot: Options{CatchUp: 10 * time.Second}})
		p.stop()
		old := p.alice.Say(p.general, "too old")
		time.Sleep(10100 * time.Millisecond)
		recent := p.alice.Say(p.general, "recent")
		p.resume()
		if len(p.general.Thread(old.TS)) != 0 || len(p.general.Thread(recent.TS)) != 1 {
			t.Error(p.ws.Transcript())
		}
	})
}

func TestCatchingUpDoesWithoutSomeScopes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		withhold []string
		later    bool // after the bot has signed in
		answers  int
	}{
		"all":                    {nil, false, 3},
		"no direct messages":     {[]string{"im:read"}, false, 2},
		"no private channels":    {[]string{"groups:history", "im:history"}, false, 1},
		"none to list":           {[]string{"channels:read", "groups:read", "im:read", "mpim:read"}, false, 0},
		"taken away in between":  {[]string{"channels:read"}, true, 2},
		"taken away for reading": {[]string{"channels:history"}, true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			p := pausing(t, setting{engine: echo})
			team := p.ws.AddChannel(slacksim.ChannelSpec{Name: "team", Kind: slacksim.Private})
			p.stop()
			p.alice.Say(p.general, "public")
			p.alice.Say(team, "private")
			p.alice.Post(p.ws.DM(p.alice), "direct")
			if c.later {
				p.setting.tune = func(*Bot) { p.ws.Withhold(c.withhold...) }
			} else {
				p.ws.Withhold(c.withhold...)
			}
			p.resume()
			if n := p.found(); int(n) != c.answers {
				t.Errorf("%v answers\n%s", n, p.log)
			}
			if said := strings.Count(p.log.String(), "cannot be caught up with"); c.later != (said == 1) {
				t.Errorf("said %d times\n%s", said, p.log)
			}
			for call, n := range p.ws.Stats().Errors {
				if strings.Contains(call, "missing_scope") && !c.later {
					t.Errorf("%d times %s", n, call)
				}
			}
		})
	}
}

func TestALongPauseIsReadWithinBounds(t *testing.T) {
	t.Parallel()
	// Of the talk there are no events, which are not what is tested.
	p := pausing(t, setting{engine: echo, sim: slacksim.Options{Events: []string{"app_mention"}}})
	p.stop()
	first := p.alice.Say(p.general, "the first of all")
	for i := range 10000 {
		p.bob.Post(p.general, fmt.Sprint("talk ", i))
	}
	last := p.alice.Say(p.general, "the last of all")
	p.resume()
	if n := len(p.ws.Calls("conversations.history")); n != mostPages {
		t.Errorf("%d calls", n)
	}
	if len(p.general.Thread(first.TS)) != 0 || len(p.general.Thread(last.TS)) != 1 {
		t.Error("the newest messages are to be read")
	}
	if !strings.Contains(p.log.String(), "the oldest is left") {
		t.Error("nothing was said about what is left")
	}
}

func TestCatchingUpGoesOnUntilSlackCanBeReached(t *testing.T) {
	t.Parallel()
	p := pausing(t, setting{engine: echo})
	p.stop()
	mark := p.marked()
	m := p.alice.Say(p.general, "question")
	p.ws.Inject(slacksim.Fault{Method: "conversations.history", Call: 1, Times: tries + 1, Kind: slacksim.APIError, Code: "internal_error"})
	p.until("the event to be lost", p.ws.Idle)
	p.setting.url = p.url
	p.prepare()
	p.run(p.setting)
	p.until("a failure", func() bool { return strings.Contains(p.log.String(), "catching up failed") })
	if at := p.marked(); !at.Equal(mark) {
		t.Error("the mark moved on before anything was read")
	}
	p.until("the bot to catch up", func() bool { return p.points["catch.done"].Load() == 1 })
	p.settle()
	if len(p.general.Thread(m.TS)) != 1 {
		t.Error(p.ws.Transcript())
	}
	p.until("the mark", func() bool { return p.marked().After(mark) })
}

// marked is the mark that the last bot left.
func (p *interrupted) marked() time.Time {
	l, err := ledger.Open(p.t.Context(), p.url, quickly())
	p.must(err)
	defer l.Close()
	at, err := l.Marked(p.t.Context(), "present:"+p.ws.Team.ID)
	p.must(err)
	return at
}

func TestAGapInTheConnectionIsCaughtUpWith(t *testing.T) {
	t.Parallel()
	p := pausing(t, setting{engine: echo, tune: func(b *Bot) { b.presence.look, b.presence.gap = 20*time.Millisecond, 200*time.Millisecond }})
	p.ws.Inject(slacksim.Fault{Method: "apps.connections.open", Kind: slacksim.APIError, Code: "internal_error"})
	for _, s := range p.ws.Sockets() {
		s.Reset()
	}
	p.until("no socket", func() bool { return p.bot.Connected() == 0 })
	m := p.alice.Say(p.general, "question")
	p.until("the event to be lost", p.ws.Idle)
	p.ws.ClearFaults()
	p.until("the bot to catch up", func() bool { return p.points["catch.done"].Load() > 0 })
	p.settle()
	if len(p.general.Thread(m.TS)) != 1 {
		t.Error(p.ws.Transcript())
	}
}

// An absent ledger takes nothing for a while.
type absent struct {
	Ledger
	away atomic.Bool
}

var errAbsent = errors.New("the ledger is away")

func (l *absent) Put(ctx context.Context, q record.Question) (int64, bool, error) {
	if l.away.Load() {
		return 0, false, errAbsent
	}
	return l.Ledger.Put(ctx, q)
}

func (l *absent) Mark(ctx context.Context, name string, at time.Time) error {
	if l.away.Load() {
		return errAbsent
	}
	return l.Ledger.Mark(ctx, name, at)
}

func (l *absent) Marked(ctx context.Context, name string) (time.Time, error) {
	if l.away.Load() {
		return time.Time{}, errAbsent
	}
	return l.Ledger.Marked(ctx, name)
}

func TestWhatWasSaidWhileTheLedgerWasAwayIsCaughtUpWith(t *testing.T) {
	away := &absent{}
	p := pausing(t, setting{engine: echo, tune: func(b *Bot) {
		b.presence.look, b.presence.every, b.presence.gap = 20*time.Millisecond, 20*time.Millisecond, 2*time.Second
		away.Ledger = b.ledger
		b.ledger = away
	}})
	away.away.Store(true)
	m := p.alice.Say(p.general, "question")
	p.until("the event to be lost", p.ws.Idle)
	time.Sleep(2500 * time.Millisecond) // longer than the gap
	away.away.Store(false)
	p.until("the bot to catch up", func() bool { return p.points["catch.done"].Load() > 0 })
	p.settle()
	if len(p.general.Thread(m.TS)) != 1 {
		t.Error(p.ws.Transcript())
	}
	before := p.points["present"].Load()
	p.until("the mark to move on", func() bool { return p.points["present"].Load() > before })
	if n := p.points["catch.begin"].Load(); n != 1 {
		t.Errorf("caught up %d times", n)
	}
}

func TestAQuestionEditedLongAfterItWasAskedIsStillFound(t *testing.T) {
	t.Parallel()
	p := pausing(t, setting{engine: echo, ledger: ledger.Options{EditWindow: time.Millisecond, BackoffMax: time.Second, SweepEvery: 50 * time.Millisecond}})
	p.stop()
	m := p.alice.Say(p.general, "question")
	time.Sleep(5 * time.Millisecond)
	p.alice.Edit(m, p.ws.Bot.Mention()+" a better question")
	p.resume()
	if posts := p.general.Thread(m.TS); len(posts) != 1 || !strings.Contains(shownText(posts[0]), "a better question") {
		t.Error(p.ws.Transcript())
	}
	before := p.ws.Transcript()
	p.late()
	if after := p.ws.Transcript(); after != before {
		t.Error(after)
	}
}

func TestADeletedQuestionIsTakenBackOnlyIfSlackSaysItIsGone(t *testing.T) {
	t.Parallel()
	p := pausing(t, setting{engine: echo})
	root := p.bob.Post(p.general, "talk")
	kept := p.alice.Say(p.general, "kept", slacksim.InThread(root.TS))
	gone := p.alice.Say(p.general, "gone", slacksim.InThread(root.TS))
	p.stop()
	p.alice.Delete(gone)
	p.resume()
	for _, m := range []*slacksim.Message{kept, gone} {
		e, err := p.ledger.Find(p.ctx, record.Key{Team: p.ws.Team.ID, Channel: m.Channel, TS: m.TS})
		if err != nil || (e.State == record.Withdrawn) != (m == gone) {
			t.Errorf("%s is %s, %v", m.Text, e.State, err)
		}
	}
	if n := len(p.general.Posts()); n != 1 {
		t.Errorf("%d answers\n%s", n, p.ws.Transcript())
	}
}

// TestALateReplyIsReadAfterWhatWasSaidBefore: a reply that people's talk came
// before is no question, even if its event comes after the next mention's.
func TestALateReplyIsReadAfterWhatWasSaidBefore(t *testing.T) {
	w := start(t, setting{engine: echo})
	q := w.alice.Say(w.general, "question")
	w.settle()
	in := slacksim.InThread(q.TS)
	talk := w.bob.Post(w.general, "talk", in)
	w.settle()
	w.alice.Say(w.general, "another question", in)
	w.settle()
	reply := func(ts string) {
		w.ws.Emit(map[string]any{"type": "message", "channel": w.general.ID, "channel_type": "channel", "user": w.alice.ID,
			"text": "reply at " + ts, "ts": ts, "thread_ts": q.TS, "parent_user_id": w.alice.ID})
		w.settle()
	}
	reply(next(talk.TS, 1))
	if n := len(w.general.Posts()); n != 2 {
		t.Errorf("%d answers\n%s", n, w.ws.Transcript())
	}
	reply(next(q.TS, 1))
	if n := len(w.general.Posts()); n != 3 {
		t.Errorf("%d answers\n%s", n, w.ws.Transcript())
	}
}

// next is a timestamp some microseconds after another.
func next(ts string, micros int) string {
	seconds, fraction, _ := strings.Cut(ts, ".")
	n, _ := strconv.Atoi(fraction)
	return fmt.Sprintf("%s.%06d", seconds, n+micros)
}

func TestCatchingUpKeepsToSlacksPace(t *testing.T) {
	t.Parallel()
	p := pausing(t, setting{engine: echo, limited: true})
	for i := range 4 {
		p.ws.AddChannel(slacksim.ChannelSpec{Name: fmt.Sprint("channel", i)})
	}
	p.stop()
	m := p.alice.Say(p.general, "question")
	p.resume()
	if len(p.general.Thread(m.TS)) != 1 {
		t.Error(p.ws.Transcript())
	}
	p.clean()
}

// A thread that begins with a question by the shortcut is read like others.
func TestAThreadThatTheShortcutBeganIsCaughtUpWith(t *testing.T) {
	t.Parallel()
	p := pausing(t, setting{engine: echo, sim: patient})
	m := p.bob.Post(p.general, "people talk here")
	p.askAbout(m, "first question")
	p.stop()
	p.alice.Post(p.general, "second question", slacksim.InThread(m.TS))
	p.bob.Say(p.general, "third question")
	p.resume()
	if n := len(p.general.Posts()); n != 3 {
		t.Errorf("%d answers\n%s\n%s", n, p.ws.Transcript(), p.log)
	}
	p.clean()
}

// Who asked by the shortcut after others had talked goes on with the bot.
func TestAThreadThatWentOnByTheShortcutIsCaughtUpWith(t *testing.T) {
	t.Parallel()
	p := pausing(t, setting{engine: echo, sim: patient})
	m := p.bob.Post(p.general, "people talk here")
	in := slacksim.InThread(m.TS)
	p.askAbout(m, "first question")
	p.bob.Post(p.general, "talk", in)
	p.settle()
	p.askAbout(m, "second question")
	p.stop()
	p.alice.Post(p.general, "third question", in)
	p.bob.Post(p.general, "talk again", in)
	p.alice.Post(p.general, "no question", in)
	p.resume()
	if n := len(p.general.Posts()); n != 3 {
		t.Errorf("%d answers\n%s\n%s", n, p.ws.Transcript(), p.log)
	}
	p.clean()
}

func TestOneReplicaCatchesUpAtATime(t *testing.T) {
	t.Parallel()
	p := pausing(t, setting{engine: echo, tune: func(b *Bot) { b.presence.look, b.presence.turn = 20*time.Millisecond, 20*time.Millisecond }})
	p.stop()
	m := p.alice.Say(p.general, "question")
	p.until("the event to be lost", p.ws.Idle)
	other, err := ledger.Open(t.Context(), p.url, quickly())
	p.must(err)
	defer other.Close()
	begun, end := make(chan bool), make(chan bool)
	go other.Alone(t.Context(), "catch-up:"+p.ws.Team.ID, func(context.Context) error {
		close(begun)
		<-end
		return nil
	})
	<-begun
	p.setting.url = p.url
	p.prepare()
	p.run(p.setting)
	time.Sleep(300 * time.Millisecond)
	if n := len(p.ws.Calls("conversations.history")); n != 0 {
		t.Errorf("%d calls while another catches up", n)
	}
	close(end)
	p.until("the bot to catch up", func() bool { return p.points["catch.done"].Load() > 0 })
	p.settle()
	if len(p.general.Thread(m.TS)) != 1 {
		t.Error(p.ws.Transcript())
	}
}
