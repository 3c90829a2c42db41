package slackbot

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"footnote/bot/ledger"
	"footnote/bot/slackbot/slacksim"
)

var (
	schedules    = flag.Int("schedules", 300, "how many seeded schedules of deliveries are tried in process, in hundreds")
	loadFor      = flag.Duration("load", 8*time.Minute, "for how long load is simulated")
	scheduleSeed = flag.Uint64("scheduleseed", 1, "the first seed of the schedules")
)

// questionsOf one schedule share a workspace; each has fates of its own.
const questionsOf = 100

// unkind delays, copies and drops deliveries, out of order.
func unkind(random *rand.Rand, most time.Duration) func(slacksim.Frame) slacksim.FrameAction {
	return func(slacksim.Frame) slacksim.FrameAction {
		switch random.IntN(8) {
		case 0, 1:
			return slacksim.FrameAction{Delay: time.Duration(random.Int64N(int64(most)))}
		case 2:
			return slacksim.FrameAction{Copies: 1 + random.IntN(2)}
		case 3, 4:
			return slacksim.FrameAction{Drop: true}
		}
		return slacksim.FrameAction{}
	}
}

// TestEverySeededScheduleEndsInOneAnswerEach goes through Slack's whole schedule
// of retries in fake time: deliveries are lost, doubled, late and out of order,
// and each question arrives as app_mention and as message.
func TestEverySeededScheduleEndsInOneAnswerEach(t *testing.T) {
	t.Parallel()
	bubbles := (*schedules + questionsOf - 1) / questionsOf
	for i := range bubbles {
		seed := *scheduleSeed + uint64(i)
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			t.Parallel()
			path := t.TempDir()
			synctest.Test(t, func(t *testing.T) { oneAnswerEach(t, seed, path) })
		})
	}
	t.Logf("%d schedules from seed %d", bubbles*questionsOf, *scheduleSeed)
}

func oneAnswerEach(t *testing.T, seed uint64, folder string) {
	random := rand.New(rand.NewPCG(seed, 11))
	w := start(t, setting{
		engine: echo, limited: true, url: "sqlite:" + folder + "/ledger.db",
		ledger: slowly,
		sim:    slacksim.Options{InMemory: true, OnFrame: unkind(rand.New(rand.NewPCG(seed, 17)), 20*time.Second)},
	})
	people := []*slacksim.User{w.alice, w.bob}
	channels := []*slacksim.Channel{w.general, w.ws.AddChannel(slacksim.ChannelSpec{Name: "one"}), w.ws.DM(w.bob)}
	for i := range questionsOf {
		people[min(i%len(channels), 1)].Say(channels[i%len(channels)], fmt.Sprint("question ", i))
		time.Sleep(time.Duration(random.IntN(15000)) * time.Millisecond)
	}
	time.Sleep(8 * time.Minute)
	for _, ch := range channels {
		w.answeredOnce(ch)
	}
	w.clean()
	w.close()
	w.ws.Close()
}

// answeredOnce checks that each question of a channel was answered once. One of
// which no event arrived at all, at any try, is none.
func (w *world) answeredOnce(ch *slacksim.Channel) {
	w.t.Helper()
	for _, m := range ch.Messages() {
		if m.BotID != "" {
			continue
		}
		arrived := false
		for _, d := range w.ws.Deliveries() {
			arrived = arrived || d.TS == m.TS && d.Channel == ch.ID && d.Acked
		}
		if n := len(ch.Thread(m.TS)); n > 1 || arrived && n == 0 {
			w.t.Errorf("%d answers to %q, arrived %t", n, m.Text, arrived)
		}
	}
}

// slowly are settings of a ledger that looks about itself seldom, so that hours
// of fake time pass quickly.
var slowly = ledger.Options{Heartbeat: 20 * time.Second, SweepEvery: 20 * time.Second, PollEvery: time.Minute, BackoffMax: 10 * time.Second}

// TestSchedulesOverRealSockets is the same in real time, with short waits, by
// both transports.
func TestSchedulesOverRealSockets(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"socket", "http"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(*scheduleSeed, 13))
			w := start(t, setting{
				engine: echo, http: transport == "http",
				sim: slacksim.Options{
					OnFrame: unkind(rand.New(rand.NewPCG(*scheduleSeed, 17)), 300*time.Millisecond), AckTimeout: 3 * time.Second,
					// As many as it takes a busy machine.
					Retries: append([]time.Duration{0, 100 * time.Millisecond, 300 * time.Millisecond}, slices.Repeat([]time.Duration{time.Second}, 60)...),
				},
			})
			if transport == "http" {
				w.overHTTP()
			}
			const questions = 160
			for i := range questions {
				// A channel each for a few, since posts are paced by channel.
				ch := w.ws.Channel(fmt.Sprint("room", i%40))
				if ch == nil {
					ch = w.ws.AddChannel(slacksim.ChannelSpec{Name: fmt.Sprint("room", i%40)})
				}
				w.alice.Say(ch, fmt.Sprint("question ", i))
				time.Sleep(time.Duration(random.IntN(10)) * time.Millisecond)
			}
			w.settle()
			answered := 0
			for i := range 40 {
				for _, m := range w.ws.Channel(fmt.Sprint("room", i)).Messages() {
					if m.BotID != "" {
						continue
					}
					n := len(w.ws.Channel(m.Channel).Thread(m.TS))
					if n != 1 {
						t.Errorf("%d answers to %q", n, m.Text)
					}
					answered += n
				}
			}
			if answered != questions {
				t.Errorf("%d answers to %d questions", answered, questions)
			}
			w.clean()
		})
	}
}

// overHTTP takes Slack's events by signed requests.
func (w *world) overHTTP() {
	w.t.Helper()
	handler, err := w.bot.EventsHandler()
	w.must(err)
	server := httptest.NewServer(handler)
	w.t.Cleanup(server.Close)
	w.must(w.ws.UseHTTP(w.ctx, server.URL))
}

// TestHoursOfLoadKeepToTheLimits asks for hours, in fake time, more than one
// channel's limit allows at once.
func TestHoursOfLoadKeepToTheLimits(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(5, 5))
		w := start(t, setting{
			engine: echo, limited: true, url: "sqlite:" + folder + "/ledger.db", workers: 16, ledger: slowly,
			sim: slacksim.Options{InMemory: true, Events: []string{"app_mention"}},
		})
		began := time.Now()
		asked := 0
		for time.Since(began) < *loadFor {
			for range 1 + random.IntN(12) {
				asked++
				w.alice.Say(w.general, fmt.Sprint("question ", asked))
			}
			time.Sleep(time.Duration(10+random.IntN(40)) * time.Second)
		}
		time.Sleep(20 * time.Minute)
		if n := len(w.general.Posts()); n != asked {
			t.Errorf("%d answers to %d questions\n%s", n, asked, w.log)
		}
		w.clean()
		t.Logf("%d questions in %s, %v calls", asked, time.Since(began), w.ws.CallCount())
		w.close()
		w.ws.Close()
	})
}
