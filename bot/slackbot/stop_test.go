package slackbot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/bot/answer/llmsim"
	"footnote/bot/slackbot/slacksim"
	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
	"footnote/retrieval/remote"
)

// A storyteller says a sentence at each nod, and ends when it is told to stop
// with what it said by then.
type storyteller struct {
	scripted
	nod  chan struct{}
	said atomic.Int64 // sentences drawn from the model
}

func newStoryteller() *storyteller {
	s := &storyteller{nod: make(chan struct{}, 100)}
	s.ask = s.tell
	return s
}

func (s *storyteller) tell(ctx context.Context, q bot.Question) (bot.Answer, error) {
	whole := sample(3)
	told := bot.Answer{Outcome: bot.Answered, Mode: bot.ModeLLM, Citations: whole.Citations[:0:0]}
	for i, sentence := range strings.SplitAfter(whole.Text, "] ") {
		select {
		case <-q.Stop: // first of all
			return s.ended(told), nil
		default:
		}
		select {
		case <-q.Stop:
			return s.ended(told), nil
		case <-ctx.Done():
			return bot.Answer{}, ctx.Err()
		case <-s.nod:
		}
		s.said.Add(1)
		told.Text += sentence
		told.Citations = append(told.Citations, whole.Citations[i])
		if q.Show == nil {
			continue
		}
		if err := q.Show(ctx, sentence); err != nil {
			return bot.Answer{}, err
		}
	}
	told.Text = strings.TrimSpace(told.Text)
	return told, nil
}

func (s *storyteller) ended(told bot.Answer) bot.Answer {
	if told.Text == "" {
		return bot.Answer{Outcome: bot.Stopped, Text: "Stopped. Nothing had been found yet that I could show."}
	}
	told.Text = strings.TrimSpace(told.Text)
	told.Notice = "Stopped as you asked; what stands here was checked."
	return told
}

// shows waits until a sentence stands in the channel.
func (w *world) shows(text string) {
	w.t.Helper()
	w.until(text, func() bool { return strings.Contains(w.ws.Transcript(), text) })
}

// rested checks that nothing in a thread looks as if it were going on.
func (w *world) rested(q *slacksim.Message) {
	w.t.Helper()
	if s := w.general.Session(q.TS); s != nil && s.Status != slacksim.SessionActive {
		w.t.Errorf("the session is %v", s.Status)
	}
	if s := w.general.Status(q.TS); s != "" {
		w.t.Errorf("the status is %q", s)
	}
}

func TestSlacksStopKeepsWhatWasVerified(t *testing.T) {
	s := newStoryteller()
	w := start(t, setting{engine: s})
	q := w.alice.Say(w.general, askHowMany)
	s.nod <- struct{}{}
	w.shows("Sentence number 1 of")
	for range 2 {
		if !w.alice.StopSession(w.general, q.TS) {
			t.Fatal("no stop button")
		}
	}
	w.settle()
	w.rested(q)
	w.golden("stop-streamed")
	if n := s.said.Load(); n != 1 {
		t.Errorf("%d sentences", n)
	}
	w.alice.StopSession(w.general, q.TS)
	w.ws.Emit(map[string]any{"type": "agent_session_stopped", "channel": w.general.ID, "thread_ts": q.TS, "user": w.alice.ID, "streaming_message_ts": []string{}})
	w.settle()
	w.bot.background.Wait()
	if n := len(w.general.Posts()); n != 1 {
		t.Errorf("%d posts after a stop of nothing", n)
	}
	w.clean()
}

func TestAStopBeforeAnythingWasFoundOffersToAskAgain(t *testing.T) {
	s := newStoryteller()
	w := start(t, setting{engine: s})
	q := w.alice.Say(w.general, askHowMany)
	w.until("the stop button", func() bool { return w.alice.StopSession(w.general, q.TS) })
	w.settle()
	w.rested(q)
	w.golden("stop-early")
	for range 3 {
		s.nod <- struct{}{}
	}
	w.did(w.alice.Click(w.general.Posts()[0], againAction))
	w.rested(q)
	w.golden("stop-again")
	w.clean()
}

func TestOnlyTheAskerStopsAnAnswer(t *testing.T) {
	s := newStoryteller()
	w := start(t, setting{engine: s})
	q := w.alice.Say(w.general, askHowMany)
	s.nod <- struct{}{}
	w.shows("Sentence number 1 of")
	w.general.Invite(w.bob)
	w.bob.StopSession(w.general, q.TS) // ends Slack's stream all the same
	w.until("a word to bob", func() bool { return len(w.seen(w.general, w.bob)) == 1 })
	s.nod <- struct{}{}
	s.nod <- struct{}{}
	w.settle()
	w.rested(q)
	w.golden("stop-other")
	w.clean()
}

// Where Slack has no button, the message that stands for the answer has one.
func TestOurOwnStopButton(t *testing.T) {
	for name, first := range map[string]string{"stop-line": "Reading the report", "stop-drawn": "Sentence number 1 of"} {
		t.Run(name, func(t *testing.T) {
			s := newStoryteller()
			w := start(t, setting{engine: s, sim: slacksim.Options{NotAnAgent: true}})
			for _, method := range []string{"chat.startStream", "assistant.threads.setStatus", "agents.sessions.setStatus"} {
				w.ws.Inject(slacksim.Fault{Method: method, Kind: slacksim.APIError, Code: "not_allowed"})
			}
			w.bot.herald.until, w.bot.herald.sessions.until = time.Now().Add(time.Hour), time.Now().Add(time.Hour)
			q := w.alice.Say(w.general, askHowMany)
			if name == "stop-drawn" {
				s.nod <- struct{}{}
			}
			w.shows(first)
			w.until("a button", func() bool { return strings.Contains(w.ws.Transcript(), "(Stop)") })
			m := w.general.Posts()[0]
			w.until("the step", func() bool { _, err := w.ledger.AnswerAt(w.ctx, w.general.ID, m.TS); return err == nil })
			if _, err := w.bob.Click(m, stopAction).Wait(w.ctx); err != nil {
				t.Fatal(err)
			}
			w.until("a word to bob", func() bool { return len(w.seen(w.general, w.bob)) == 1 })
			for n := range 2 {
				_, err := w.alice.Click(m, stopAction).Wait(w.ctx)
				if err != nil && !(n > 0 && errors.Is(err, slacksim.ErrNoAction)) { // by then it may have ended
					t.Fatal(err)
				}
			}
			w.settle()
			w.rested(q)
			w.golden(name)
			w.clean()
		})
	}
}

// Questions of a thread wait for each other, so a stop may come before anybody
// has begun.
func TestAStopReachesWhatNobodyHasBegun(t *testing.T) {
	s := newStoryteller()
	w := start(t, setting{engine: s})
	q := w.alice.Say(w.general, askHowMany)
	s.nod <- struct{}{}
	w.shows("Sentence number 1 of")
	w.alice.Post(w.general, "And in the world?", slacksim.InThread(q.TS))
	w.until("the follow-up", func() bool { st, err := w.ledger.Stats(w.ctx); return err == nil && st.Depth+st.Running == 2 })
	w.alice.StopSession(w.general, q.TS)
	w.settle()
	w.rested(q)
	if n := s.said.Load(); n != 1 || len(w.general.Posts()) != 2 || !strings.Contains(w.ws.Transcript(), "Nothing had been found") {
		t.Errorf("%d sentences\n%s", n, w.ws.Transcript())
	}
	w.clean()
}

func TestAStopIsRememberedAcrossAKill(t *testing.T) {
	deaf := newStoryteller()
	deaf.ask = func(ctx context.Context, q bot.Question) (bot.Answer, error) {
		if err := q.Show(ctx, "Sentence number 1 of the report says something worth citing. [1] "); err != nil {
			return bot.Answer{}, err
		}
		<-ctx.Done() // with the process
		return bot.Answer{}, ctx.Err()
	}
	w := start(t, setting{engine: deaf})
	q := w.alice.Say(w.general, askHowMany)
	w.shows("Sentence number 1 of")
	w.alice.StopSession(w.general, q.TS)
	w.until("the event", w.ws.Idle)
	w.close()
	s := newStoryteller()
	w.run(setting{engine: s, url: w.url})
	w.settle()
	w.rested(q)
	if n := s.said.Load(); n != 0 || len(w.general.Posts()) != 1 || !strings.Contains(w.ws.Transcript(), "Nothing had been found") {
		t.Errorf("%d sentences\n%s", n, w.ws.Transcript())
	}
	w.clean()
}

// The model behind the real engine is not asked for anything after a stop.
func TestAStopEndsTheModelsWork(t *testing.T) {
	sim := llmsim.New(llmsim.Options{Reply: llmsim.Paced(0, 10*time.Millisecond, func(llmsim.Request) llmsim.Reply {
		const said = "According to public information, as of October this year, 238 large models have been released in China [1]. "
		return llmsim.Reply{Text: strings.Repeat(said, 30)}
	})})
	defer sim.Close()
	e := modelEngine(t, sim)
	w := start(t, setting{engine: e})
	q := w.alice.Say(w.general, askHowMany)
	w.shows("238 large models have been")
	calls := len(sim.Requests())
	if !w.alice.StopSession(w.general, q.TS) {
		t.Fatal("no stop button")
	}
	w.settle()
	time.Sleep(100 * time.Millisecond)
	w.rested(q)
	if n := len(sim.Requests()); n != calls {
		t.Errorf("%d more calls of the model", n-calls)
	}
	got := w.ws.Transcript()
	if !strings.Contains(got, "Stopped as you asked") || !strings.Contains(got, "[actions] ([1])") || strings.Count(got, "238") > 60 {
		t.Errorf("%s", got)
	}
	w.clean()
}

// modelEngine is the real engine on the bundled report with a simulated model.
func modelEngine(t *testing.T, sim *llmsim.Server) *bot.Engine {
	t.Helper()
	c, err := corpus.New(corpus.Report())
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	index, err := retrieval.Open(t.Context(), c, retrieval.Options{
		Store: chromemstore.New("", log), Fallback: chromemstore.New("", log), Embedder: embed.NewStatic(), Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := answer.NewModel(remote.Server{URL: sim.URL()}, "some-model", answer.ModelOptions{Client: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	return bot.NewEngine(c, index, answer.NewQuote(), bot.EngineOptions{Writer: m})
}

// However long an answer takes, and wherever in it the model pauses, the thread
// shows that it is being written, and in the end nothing of that is left.
func TestAStatusOutlastsALongAnswer(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]string{"streamed": "", "updated": "chat.startStream", "sessions": "assistant.threads.setStatus"} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			synctest.Test(t, func(t *testing.T) { longAnswer(t, path, refuse) })
		})
	}
}

func longAnswer(t *testing.T, folder, refuse string) {
	s := newStoryteller()
	w := start(t, setting{
		engine: s, limited: true, url: "sqlite:" + folder + "/ledger.db", ledger: slowly,
		sim: slacksim.Options{InMemory: true, StreamTTL: -1},
	})
	if refuse != "" {
		w.ws.Inject(slacksim.Fault{Method: refuse, Kind: slacksim.APIError, Code: "not_allowed"})
	}
	q := w.alice.Say(w.general, askHowMany)
	for range 2 {
		for range 13 { // beyond every lapse
			time.Sleep(30 * time.Second)
			if ses := w.general.Session(q.TS); ses == nil || ses.Status != slacksim.SessionProcessing || !ses.Stoppable {
				t.Fatalf("after %d sentences the session is %+v\n%s", s.said.Load(), ses, w.ws.Transcript())
			}
		}
		s.nod <- struct{}{}
	}
	s.nod <- struct{}{}
	time.Sleep(time.Minute)
	w.rested(q)
	if n := len(w.general.Posts()); n != 1 || t.Failed() {
		t.Errorf("%d posts\n%s\n%s", n, w.ws.Transcript(), w.log)
	}
	w.clean()
	w.close()
	w.ws.Close()
}
