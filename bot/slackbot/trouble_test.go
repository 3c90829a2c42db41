package slackbot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"footnote/bot"
	"footnote/bot/ledger"
	"footnote/bot/record"
	"footnote/bot/slackbot/slacksim"
	"footnote/retrieval"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// slowOnce has the first request of a method reach Slack after d, whatever has
// become of its caller by then; sent is closed when it is on its way.
func slowOnce(method string, d time.Duration, sent chan<- struct{}) func(http.RoundTripper) http.RoundTripper {
	var n atomic.Int64
	return func(inner http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, method) || n.Add(1) != 1 {
				return inner.RoundTrip(r)
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			close(sent)
			type outcome struct {
				response *http.Response
				err      error
			}
			done := make(chan outcome, 1)
			go func() {
				time.Sleep(d)
				late := r.Clone(context.Background())
				late.Body = io.NopCloser(bytes.NewReader(body))
				response, err := inner.RoundTrip(late)
				done <- outcome{response, err}
			}()
			select {
			case o := <-done:
				return o.response, o.err
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		})
	}
}

// noStreams has answers posted rather than streamed.
func (w *world) noStreams() {
	w.ws.Inject(slacksim.Fault{Method: "chat.startStream", Kind: slacksim.APIError, Code: "not_allowed"})
}

func (w *world) oneAnswer(text string) {
	w.t.Helper()
	w.settle()
	if posts := w.general.Posts(); len(posts) != 1 || !strings.Contains(shownText(posts[0]), text) {
		w.t.Errorf("%d posts, want one with %q\n%s", len(posts), text, w.ws.Transcript())
	}
}

func TestAnEditWhileThePostIsUnderWayLeavesOneAnswer(t *testing.T) {
	for _, method := range []string{"chat.postMessage", "chat.startStream"} {
		t.Run(method, func(t *testing.T) {
			sent := make(chan struct{})
			w := start(t, setting{wrap: slowOnce(method, 300*time.Millisecond, sent), engine: echo})
			if method == "chat.postMessage" {
				w.noStreams()
			}
			q := w.alice.Say(w.general, "a question")
			<-sent
			w.alice.Edit(q, w.ws.Bot.Mention()+" the edited question")
			time.Sleep(400 * time.Millisecond)
			w.oneAnswer("The answer to the edited question.")
		})
	}
}

func TestAFirstLineUnderWayBecomesTheAnswer(t *testing.T) {
	sent := make(chan struct{})
	w := start(t, setting{
		wrap: slowOnce("chat.postMessage", 150*time.Millisecond, sent), bot: Options{FirstLine: time.Millisecond},
		engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
			<-sent
			return echo.ask(ctx, q)
		}},
	})
	w.bot.herald.until, w.bot.herald.sessions.until = time.Now().Add(time.Hour), time.Now().Add(time.Hour)
	w.alice.Say(w.general, "a question")
	w.oneAnswer("The answer to a question.")
}

func TestAnErrorOfTheConnectionThatNobodyKnowsIsADoubt(t *testing.T) {
	for _, method := range []string{"chat.postMessage", "chat.startStream"} {
		t.Run(method, func(t *testing.T) {
			var n atomic.Int64
			w := start(t, setting{engine: echo, wrap: func(inner http.RoundTripper) http.RoundTripper {
				return roundTrip(func(r *http.Request) (*http.Response, error) {
					response, err := inner.RoundTrip(r)
					if err == nil && strings.HasSuffix(r.URL.Path, method) && n.Add(1) == 1 {
						response.Body.Close()
						return nil, errors.New("http2: client connection lost")
					}
					return response, err
				})
			}})
			if method == "chat.postMessage" {
				w.noStreams()
			}
			w.alice.Say(w.general, "a question")
			w.oneAnswer("The answer to a question.")
		})
	}
}

func TestAnAnswerThatSomebodyDeletedIsReplacedOnce(t *testing.T) {
	t.Parallel()
	w := start(t, setting{engine: echo})
	w.noStreams()
	q := w.alice.Say(w.general, "a question")
	w.settle()
	if _, _, err := w.bot.web.api.DeleteMessage(w.general.ID, w.general.Posts()[0].TS); err != nil {
		t.Fatal(err)
	}
	// The attempt ends in doubt, as if it had been killed.
	w.ws.Inject(slacksim.Fault{Method: "chat.postMessage", Call: 1, Kind: slacksim.DropResponse, Effect: true})
	w.ws.Inject(slacksim.Fault{Method: "conversations.replies", Call: 1, Times: tries, Kind: slacksim.ServerError})
	w.alice.Edit(q, w.ws.Bot.Mention()+" the edited question")
	w.oneAnswer("The answer to the edited question.")
}

// TestAPostThatLandsLateStandsOnce has Slack's edge give up on a post that Slack
// makes all the same, before and after it was looked for in vain.
func TestAPostThatLandsLateStandsOnce(t *testing.T) {
	t.Parallel()
	for _, late := range []time.Duration{200 * time.Millisecond, 900 * time.Millisecond} {
		t.Run(late.String(), func(t *testing.T) {
			var n atomic.Int64
			w := start(t, setting{engine: echo, wrap: func(inner http.RoundTripper) http.RoundTripper {
				return roundTrip(func(r *http.Request) (*http.Response, error) {
					if !strings.HasSuffix(r.URL.Path, "chat.postMessage") || n.Add(1) > 2 {
						return inner.RoundTrip(r)
					}
					body, err := io.ReadAll(r.Body)
					if err != nil {
						return nil, err
					}
					again := r.Clone(context.Background())
					again.Body = io.NopCloser(bytes.NewReader(body))
					if n.Load() == 2 { // the second one takes its time to answer
						time.Sleep(time.Second)
						return inner.RoundTrip(again)
					}
					go func() {
						time.Sleep(late)
						if response, err := inner.RoundTrip(again); err == nil {
							response.Body.Close()
						}
					}()
					return nil, errors.New("504, by way of the edge")
				})
			}})
			w.noStreams()
			w.alice.Say(w.general, "a question")
			time.Sleep(late + 200*time.Millisecond)
			w.oneAnswer("The answer to a question.")
		})
	}
}

func TestAMessageThatSlackWillNotShowIsPostedAsPlainText(t *testing.T) {
	w := start(t, setting{engine: echo})
	w.noStreams()
	w.ws.Inject(slacksim.Fault{Method: "chat.postMessage", Call: 1, Kind: slacksim.APIError, Code: "invalid_blocks"})
	w.alice.Say(w.general, "a question")
	w.oneAnswer("The answer to a question.")
}

func TestAnOutageUsesUpNoPatienceWithTheEngine(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	w := start(t, setting{engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
		if asked.Add(1) == 1 {
			return bot.Answer{}, errors.New("a moment, please")
		}
		return echo.ask(ctx, q)
	}}})
	w.ws.Inject(slacksim.Fault{Method: "users.info", Call: 1, Times: 2 * patience, Kind: slacksim.ServerError})
	w.alice.Say(w.general, "a question")
	w.oneAnswer("The answer to a question.")
}

// While the report cannot be searched a question waits, however often that is
// tried; its asker is told once, and the answer takes the place of that.
func TestAQuestionWaitsUntilTheReportCanBeSearched(t *testing.T) {
	t.Parallel()
	for language, c := range map[string]struct{ question, notice string }{
		"English": {"a question", "I cannot search the report at the moment."}, "Chinese": {"报告说了什么？", "我暂时无法检索报告。"},
	} {
		t.Run(language, func(t *testing.T) {
			var tried atomic.Int64
			var back atomic.Bool
			w := start(t, setting{bot: Options{Notice: 100 * time.Millisecond}, engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
				tried.Add(1)
				if !back.Load() {
					return bot.Answer{}, fmt.Errorf("searching: %w", &retrieval.StoreError{Err: errors.New("nobody answers")})
				}
				return echo.ask(ctx, q)
			}}})
			w.alice.Say(w.general, c.question)
			w.until("a notice", func() bool { return strings.Contains(w.ws.Transcript(), c.notice) })
			before := tried.Load()
			w.until("more attempts than a failure has", func() bool { return tried.Load() > before+10 })
			back.Store(true)
			w.until("the answer", func() bool { return strings.Contains(w.ws.Transcript(), "The answer to ") })
			w.oneAnswer("The answer to ")
			if n := len(w.ws.Calls("chat.postMessage")) + len(w.ws.Calls("chat.startStream")); n != 1 {
				t.Errorf("it is posted %d times, want once", n)
			}
			e, err := w.ledger.Failed(t.Context())
			if err != nil || len(e) > 0 {
				t.Errorf("given up are %v, %v", e, err)
			}
		})
	}
}

func TestALongOutageLosesNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		o := slowly
		o.BackoffMax = 5 * time.Minute
		w := start(t, setting{engine: echo, limited: true, url: "sqlite:" + folder + "/ledger.db", ledger: o,
			sim: slacksim.Options{InMemory: true, Events: []string{"app_mention"}, SocketLifetime: 100 * time.Hour}})
		w.ws.Inject(slacksim.Fault{Kind: slacksim.ServerError})
		w.alice.Say(w.general, "a question")
		time.Sleep(time.Hour)
		w.ws.ClearFaults()
		time.Sleep(10 * time.Minute)
		if n := len(w.general.Posts()); n != 1 {
			t.Errorf("%d answers\n%s", n, w.log)
		}
		w.close()
		w.ws.Close()
	})
}

// A meddlingLedger does something before a question is recorded, and after one
// was looked for in vain.
type meddlingLedger struct {
	Ledger
	put, missed func()
}

func (m meddlingLedger) Put(ctx context.Context, q record.Question) (int64, bool, error) {
	m.put()
	return m.Ledger.Put(ctx, q)
}

func (m meddlingLedger) Asker(ctx context.Context, team, channel, ts string) (string, string, error) {
	asker, latest, err := m.Ledger.Asker(ctx, team, channel, ts)
	if err != nil {
		m.missed()
	}
	return asker, latest, err
}

func TestAReplyThatOvertakesItsQuestionIsAnsweredToo(t *testing.T) {
	w := start(t, setting{engine: echo, tune: func(b *Bot) {
		b.ledger = meddlingLedger{b.ledger, func() { time.Sleep(10 * time.Millisecond) }, func() { time.Sleep(30 * time.Millisecond) }}
	}})
	q := w.alice.Say(w.general, "a question")
	w.alice.Post(w.general, "and who said that?", slacksim.InThread(q.TS))
	w.until("both answers", func() bool { return len(w.general.Posts()) == 2 })
	w.settle()
	if n := len(w.bot.early.held) + len(w.bot.early.order); n != 0 {
		t.Errorf("%d replies are still held", n)
	}
}

func TestWhatWasTakenIsAcknowledgedBeforeTheSocketCloses(t *testing.T) {
	began := make(chan struct{})
	s := setting{engine: echo, sim: slacksim.Options{AckTimeout: 5 * time.Second, Events: []string{"app_mention"}}, bot: Options{Connections: 1}}
	s.tune = func(b *Bot) {
		b.ledger = meddlingLedger{b.ledger, func() {
			close(began)
			time.Sleep(200 * time.Millisecond)
		}, func() {}}
	}
	w := start(t, s)
	w.alice.Say(w.general, "the first question")
	<-began
	w.end() // as by a signal
	w.alice.Say(w.general, "the second question, too late")
	w.ended.Wait()
	w.until("the acknowledgement", func() bool { return w.ws.Deliveries()[0].Acked })
	if w.ws.Deliveries()[1].Acked {
		t.Error("the second question was acknowledged")
	}
}

func TestADeletedQuestionLeavesNoStatusInItsThread(t *testing.T) {
	w := start(t, setting{engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
		if strings.Contains(q.Text, "held") {
			<-ctx.Done()
			return bot.Answer{}, context.Cause(ctx)
		}
		return echo.ask(ctx, q)
	}}})
	root := w.alice.Say(w.general, "a question")
	w.settle()
	m := w.alice.Say(w.general, "held", slacksim.InThread(root.TS))
	w.until("the status", func() bool { return w.general.Status(root.TS) != "" })
	w.alice.Delete(m)
	w.until("its end", func() bool { return w.general.Status(root.TS) == "" })
}

func TestAnEditedQuestionIsReadWithWhatCameBeforeIt(t *testing.T) {
	var turns atomic.Int64
	w := start(t, setting{engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
		if q.Text == "edited" {
			turns.Store(int64(len(q.History)))
		}
		return echo.ask(ctx, q)
	}}})
	root := w.alice.Say(w.general, "question 0")
	w.settle()
	var third *slacksim.Message
	for i := range 12 {
		m := w.alice.Say(w.general, fmt.Sprint("question ", i+1), slacksim.InThread(root.TS))
		if i == 2 {
			third = m
		}
		if i <= 2 {
			w.settle() // in this order
		}
	}
	w.settle()
	w.alice.Edit(third, w.ws.Bot.Mention()+" edited")
	w.settle()
	if n := turns.Load(); n != 3 {
		t.Errorf("%d turns before it, want 3", n)
	}
}

func TestThoseWhoWaitForSlackComeOneAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Options{}.withDefaults()
		w := newWeb(o, newMetrics(o.Metrics))
		began := time.Now()
		var calls atomic.Int64
		at := make(chan time.Duration, 16)
		for range 16 {
			go func() {
				_ = w.call(t.Context(), "chat.postMessage", "C1", func(context.Context) error {
					if calls.Add(1) == 1 {
						return &slack.RateLimitedError{RetryAfter: 20 * time.Second}
					}
					at <- time.Since(began)
					return nil
				})
			}()
		}
		last := time.Duration(0)
		for range 16 {
			d := <-at
			if d < 20*time.Second || d-last < time.Second {
				t.Errorf("a call %s after the one before, at %s", d-last, d)
			}
			last = d
		}
	})
}

func TestStoppingUnderLoadAcknowledgesOrLeavesAlone(t *testing.T) {
	for i := range 4 {
		w := start(t, setting{engine: echo, ledger: ledger.Options{Heartbeat: time.Second}, sim: slacksim.Options{Events: []string{"app_mention"}}})
		for j := range 40 {
			w.alice.Say(w.general, fmt.Sprint("question ", j))
		}
		time.Sleep(time.Duration(i) * time.Millisecond)
		w.close()
		again := start(t, setting{engine: echo, url: w.url})
		for _, d := range w.ws.Deliveries() {
			if !d.Acked {
				continue
			}
			if _, err := again.ledger.Find(t.Context(), record.Key{Team: w.ws.Team.ID, Channel: d.Channel, TS: d.TS}); err != nil {
				t.Errorf("acknowledged and not recorded: %v", err)
			}
		}
		again.close()
		w.ws.Close()
	}
}
