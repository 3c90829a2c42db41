package slackbot

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/record"
	"footnote/bot/slackbot/slacksim"
	"footnote/corpus"
)

// A turning report is answered from by one engine after another.
type turning struct {
	mu     sync.Mutex
	engine Engine
}

func (e *turning) Current() (Engine, func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.engine, func() {}
}

// turn has another engine answer.
func (w *world) turn(e *turning, engine Engine) {
	w.t.Helper()
	e.mu.Lock()
	e.engine = engine
	e.mu.Unlock()
	w.bot.Changed()
	w.until("a look at the answers", func() bool {
		at, err := w.ledger.Marked(w.ctx, servedMark+engine.CorpusHash())
		return err == nil && !at.IsZero() && len(w.bot.changed) == 0
	})
}

// An edition of an engine holds nothing that another cited.
type edition struct {
	Engine
	hash string
}

func (e edition) CorpusHash() string       { return e.hash }
func (e edition) Stands(bot.Citation) bool { return false }

// rewritten is the bundled report with a change.
func rewritten(t *testing.T, old, new string) Engine {
	t.Helper()
	was := corpus.Report()
	if !strings.Contains(was.Text, old) {
		t.Fatalf("the report does not say %q", old)
	}
	e, err := engineOn(corpus.Plain(was.Name, strings.ReplaceAll(was.Text, old, new)))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (w *world) outdated(n int) {
	w.t.Helper()
	w.until("marks", func() bool {
		shown := w.ws.Transcript()
		return strings.Count(shown, "[context] Outdated:")+strings.Count(shown, "[context] 已过时：") == n
	})
	w.settle()
}

// An answer whose passage changes is marked where it stands, and no other; asking
// again answers from the report as it is, and a report that says the same again
// takes the marks away.
func TestAnAnswerIsMarkedWhenItsPassageChanges(t *testing.T) {
	first, err := reportEngine()
	if err != nil {
		t.Fatal(err)
	}
	second := rewritten(t, "238 large models", "244 large models")
	report := &turning{engine: first}
	w := start(t, setting{engines: report})
	general := w.alice.Say(w.general, askHowMany)
	w.settle()
	w.bob.Say(w.general, "Who is Wu Wei?")
	w.settle()
	w.bob.Post(w.ws.DM(w.bob), "截至10月，中国发布了多少个大模型？")
	w.settle()
	w.alice.Post(w.ws.DM(w.alice), "How many large models had been released in China by October, and who is Wu Wei?")
	w.settle()
	w.did(w.alice.Command(w.general, SlashCommand, askHowMany))
	w.turn(report, second)
	w.outdated(3)
	w.golden("outdated")
	turns, err := w.ledger.Recent(w.ctx, 0)
	w.must(err)
	for _, turn := range turns {
		if private(turn.Surface) && turn.Answer.Outdated != nil {
			t.Error("a private answer is marked, which nobody would see")
		}
	}
	w.did(w.alice.Click(w.general.Thread(general.TS)[0], againAction))
	if got := w.ws.Transcript(); !strings.Contains(got, "244 large models") {
		t.Errorf("asked again:\n%s", got)
	}
	w.outdated(2)
	w.turn(report, first)
	w.outdated(1) // what was answered again in the meantime
	w.clean()
	if m := gathered(t, w, "footnote_answers_total"); m != 6 { // marking is no answering
		t.Errorf("%v answers are counted", m)
	}
}

// Where Slack does not let an old answer be rewritten, a reply below it says that
// it is outdated.
func TestAnAnswerThatCannotBeEditedIsMarkedBelow(t *testing.T) {
	first, err := reportEngine()
	if err != nil {
		t.Fatal(err)
	}
	report := &turning{engine: first}
	w := start(t, setting{engines: report, sim: slacksim.Options{EditWindow: time.Nanosecond}})
	w.alice.Say(w.general, askHowMany)
	w.settle()
	w.turn(report, rewritten(t, "238 large models", "244 large models"))
	w.until("a reply", func() bool { return strings.Contains(w.ws.Transcript(), "Outdated:") })
	w.settle()
	w.golden("outdated-below")
	w.turn(report, first)
	w.until("it to go", func() bool { return strings.Contains(w.ws.Transcript(), "(deleted): Outdated:") })
	w.settle()
	w.clean()
}

// What is older than 30 days stays as it is, and so does what was answered from a
// report that was handed in.
func TestWhatIsOldIsNotMarked(t *testing.T) {
	first, err := reportEngine()
	if err != nil {
		t.Fatal(err)
	}
	report := &turning{engine: first}
	var ahead atomic.Int64
	later := func(b *Bot) {
		b.now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	}
	w := start(t, setting{engines: report, bot: Options{Library: &shelf{folder: t.TempDir()}}, tune: later})
	w.alice.Say(w.general, askHowMany)
	w.hand(w.bob, w.general, "Who cuts the hedge?", text("minutes.md", minutes))
	w.settle()
	before := w.ws.Transcript()
	ahead.Store(int64(markedFor + time.Hour))
	w.turn(report, rewritten(t, "238 large models", "244 large models"))
	w.settle()
	if got := w.ws.Transcript(); got != before {
		t.Errorf("it changed:\n%s", got)
	}
}

// Wherever the process is killed while it marks answers, each is marked once and
// stands once.
func TestKilledWhileAnswersAreMarked(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"remark.committed", "claim.committed", "claimed", "answered", "updated", "record.posted", "delivered", "finish.begin", "finish.committed"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			s := besiege(t, 1, time.Second)
			s.version = "aaaaaaaaaa"
			var asked []*slacksim.Message
			s.killed(t, "", func() *slacksim.Message {
				for i := range 3 {
					asked = append(asked, s.people[i].Say(s.channels[i], "Who is there?"))
				}
				return nil
			})
			s.version = "bbbbbbbbbb"
			s.killed(t, point, func() *slacksim.Message { return nil })
			p := s.start("none", 1)
			for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
				if strings.Count(s.ws.Transcript(), "Outdated:") == len(asked) {
					break
				}
			}
			s.ends(t, p)
			for _, m := range asked {
				ours := s.ours(m)
				if len(ours) != 1 || strings.Count(s.ws.Channel(m.Channel).Transcript(), "Outdated:") != 1 {
					t.Errorf("%d messages\n%s", len(ours), s.ws.Channel(m.Channel).Transcript())
				}
			}
			if d := s.ws.Duplicates("post"); len(d) > 0 {
				t.Errorf("posted twice: %v", d)
			}
		})
	}
}

// What Slack does not let be edited any more stays as it is, also where it would
// be rendered in another way and in fewer messages today.
func TestAnAnswerThatCannotBeEditedIsLeftAsItWasRendered(t *testing.T) {
	w := start(t, setting{engine: saying(sample(400)), sim: slacksim.Options{EditWindow: time.Nanosecond}})
	q := w.alice.Say(w.general, askHowMany)
	w.settle()
	entry, err := w.ledger.Find(w.ctx, record.Key{Team: w.ws.Team.ID, Channel: q.Channel, TS: q.TS})
	w.must(err)
	now := recordOf(sample(1))
	now.Outdated = &record.Outdated{Markers: []int{1}, Version: "beefed"}
	work := record.Work{Entry: entry, Answer: &now, Remarked: true}
	stood := w.general.Thread(q.TS)
	for i, m := range stood {
		work.Steps = append(work.Steps, record.Step{Kind: record.StepPosted, Purpose: partPurpose, Number: i, Channel: m.Channel, TS: m.TS, Text: "as it was rendered"})
	}
	before := textsOf(stood)
	w.must(w.bot.Handle(w.ctx, work, &notebook{}))
	stands := w.general.Thread(q.TS)
	if len(stood) < 2 || len(stands) != len(stood)+1 || !slices.Equal(textsOf(stands[:len(stood)]), before) || !strings.Contains(stands[len(stood)].Text, "Outdated:") {
		t.Errorf("%d messages became\n%s", len(stood), w.general.Transcript())
	}
}

func textsOf(messages []*slacksim.Message) []string {
	var shown []string
	for _, m := range messages {
		shown = append(shown, shownText(m))
	}
	return shown
}
