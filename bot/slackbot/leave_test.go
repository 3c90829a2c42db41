package slackbot

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/ledger"
	"footnote/bot/slackbot/slacksim"
)

// A removal is a world whose app is removed while a question is in work and
// others wait.
type removal struct {
	*world
	working chan struct{} // an answer was begun
	over    chan error    // what Receive or Await returned
}

func removing(t *testing.T, byHTTP bool) *removal {
	r := &removal{working: make(chan struct{}, 8), over: make(chan error, 1)}
	engine := scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
		r.working <- struct{}{}
		<-ctx.Done()
		return bot.Answer{}, ctx.Err()
	}}
	r.world = start(t, setting{engine: engine, http: true, sim: slacksim.Options{AckTimeout: time.Second, Retries: []time.Duration{}}})
	if !byHTTP {
		r.ended.Go(func() { r.over <- r.bot.Receive(r.ctx) })
		r.until("a socket", func() bool { return r.bot.Connected() > 0 })
		return r
	}
	handler, err := r.bot.EventsHandler()
	r.must(err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	r.must(r.ws.UseHTTP(t.Context(), server.URL))
	r.ended.Go(func() { r.over <- r.bot.Await(r.ctx) })
	return r
}

// ends waits for the bot to end, stops its workers as serve does, and returns
// the error and what was called after.
func (r *removal) ends() error {
	r.t.Helper()
	var err error
	select {
	case err = <-r.over:
	case <-time.After(time.Minute):
		r.t.Fatalf("the bot does not end\n%s", r.log)
	}
	calls := len(r.ws.Calls(""))
	r.bot.herald.announce(context.Background(), r.general.ID, "1.1", "busy")(true)
	lateErr := r.bot.web.call(r.ctx, "auth.test", "", func(ctx context.Context) error {
		_, err := r.bot.web.api.AuthTestContext(ctx)
		return err
	})
	if !errors.Is(lateErr, errUnsent) || !strings.Contains(lateErr.Error(), "removed from the workspace") {
		r.t.Errorf("a call after the end: %v", lateErr)
	}
	r.until("events to settle", r.ws.Idle)
	r.close()
	if n := len(r.ws.Calls("")); n != calls {
		r.t.Errorf("%d calls after the end: %v", n-calls, r.ws.Calls("")[calls:])
	}
	return err
}

func TestARemovedAppStopsAndGivesUpWhatIsOwed(t *testing.T) {
	remove := map[string]func(*slacksim.Workspace){
		"uninstalled": (*slacksim.Workspace).Uninstall,
		"revoked":     (*slacksim.Workspace).RevokeTokens,
	}
	for name, happens := range remove {
		for _, byHTTP := range []bool{false, true} {
			t.Run(name+map[bool]string{false: " by socket", true: " by HTTP"}[byHTTP], func(t *testing.T) {
				r := removing(t, byHTTP)
				q := r.alice.Say(r.general, "question")
				r.alice.Post(r.general, "and more?", slacksim.InThread(q.TS))
				<-r.working
				if _, err := r.alice.Command(r.general, "/footnote", "a private question").Wait(r.ctx); err != nil {
					t.Fatal(err)
				}
				<-r.working
				url := r.ws.APIURL()[:strings.Index(r.ws.APIURL(), "/api")] + "/respond/"
				r.until("every event to be taken", r.ws.Idle)
				if !stands(t, r.url, url) {
					t.Fatal("the ledger has no response URL to begin with")
				}
				happens(r.ws)
				err := r.ends()
				var hinted interface{ Hint() string }
				if err == nil || !strings.Contains(err.Error(), "the app was removed from the workspace") || !errors.As(err, &hinted) || !strings.Contains(hinted.Hint(), "install it again") {
					t.Errorf("ended with %v", err)
				}
				if d := r.ws.Deliveries(); !slices.ContainsFunc(d, func(d slacksim.Delivery) bool { return d.EventType == "tokens_revoked" && d.Acked }) {
					t.Error("the event was not acknowledged")
				}
				if stands(t, r.url, url) {
					t.Error("a response URL is left in the ledger's file")
				}
				if strings.Contains(r.log.String(), url) {
					t.Error("the log holds a response URL")
				}
				l, err := ledger.Open(t.Context(), r.url, quickly())
				r.must(err)
				failed, err := l.Failed(t.Context())
				r.must(errors.Join(err, l.Close()))
				if len(failed) != 3 || !strings.Contains(failed[0].Error, "removed from the workspace") || len(r.general.Posts()) != 0 {
					t.Errorf("%d questions were given up\n%s", len(failed), r.ws.Transcript())
				}
				comesBack(t, r, failed[len(failed)-1].ID)
			})
		}
	}
}

// comesBack installs the app again: what is asked is answered, what was given up
// is not until somebody says so.
func comesBack(t *testing.T, r *removal, id int64) {
	r.ws.Reinstall()
	r.run(setting{engine: echo, url: r.url, http: true})
	again := r.alice.Say(r.ws.AddChannel(slacksim.ChannelSpec{Name: "elsewhere"}), "again")
	r.must(r.bot.takeMessage(r.ctx, callback{Team: r.ws.Team.ID, Event: event{Channel: again.Channel, ChannelType: "channel",
		incoming: incoming{User: again.User, Text: again.Text, TS: again.TS}}}))
	r.until("the answer", func() bool { return len(r.ws.Channel(again.Channel).Posts()) == 1 })
	if n := len(r.general.Posts()); n != 0 {
		t.Errorf("%d questions that were given up are answered", n)
	}
	r.must(r.ledger.Retry(r.ctx, id))
	r.until("the retried answer", func() bool {
		e, err := r.ledger.Get(r.ctx, id)
		return err == nil && e.State == "answered"
	})
	r.close()
}

// stands reports whether a text stands anywhere in a ledger's files, freed pages
// included.
func stands(t *testing.T, url, text string) bool {
	t.Helper()
	for _, end := range []string{"", "-wal"} {
		raw, err := os.ReadFile(strings.TrimPrefix(url, "sqlite:") + end)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), text) {
			return true
		}
	}
	return false
}

func TestOtherTokensAreNoConcern(t *testing.T) {
	w := start(t, setting{engine: echo})
	w.ws.Emit(map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"oauth": []string{w.alice.ID}, "bot": []string{}}})
	w.ws.Emit(map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"oauth": []string{w.ws.Bot.ID}}})
	w.settle()
	w.alice.Say(w.general, "question")
	w.settle()
	if len(w.general.Posts()) != 1 {
		t.Error(w.ws.Transcript())
	}
}

func TestALostRemovalShowsInTheNextCall(t *testing.T) {
	for _, failure := range []string{"account_inactive", "token_revoked", "invalid_auth"} {
		t.Run(failure, func(t *testing.T) {
			w := start(t, setting{engine: echo, http: true})
			over := make(chan error, 1)
			w.ended.Go(func() { over <- w.bot.Receive(w.ctx) })
			w.until("a socket", func() bool { return w.bot.Connected() > 0 })
			w.ws.FailToken(w.ws.BotToken(), failure)
			w.alice.Say(w.general, "question")
			select {
			case err := <-over:
				if err == nil || !strings.Contains(err.Error(), "removed from the workspace") {
					t.Errorf("ended with %v", err)
				}
			case <-time.After(time.Minute):
				t.Fatalf("it goes on\n%s", w.log)
			}
			w.until("the question to be given up", func() bool {
				failed, err := w.ledger.Failed(w.ctx)
				return err == nil && len(failed) == 1
			})
		})
	}
}

// TestARefusedCallAloneDoesNotEndTheBot: only what auth.test confirms does.
func TestARefusedCallAloneDoesNotEndTheBot(t *testing.T) {
	w := start(t, setting{engine: echo})
	w.ws.Inject(slacksim.Fault{Method: "assistant.threads.setStatus", Call: 1, Kind: slacksim.APIError, Code: "invalid_auth"})
	w.alice.Say(w.general, "question")
	w.settle()
	w.until("the check", func() bool { return len(w.ws.Calls("auth.test")) > 1 })
	w.alice.Say(w.general, "another question")
	w.settle()
	if len(w.general.Posts()) != 2 {
		t.Error(w.ws.Transcript())
	}
}

// TestAnEarlierRemovalIsPassedOver: Slack delivers the event again, by then to
// the app that was installed anew.
func TestAnEarlierRemovalIsPassedOver(t *testing.T) {
	w := start(t, setting{engine: echo})
	w.ws.Emit(map[string]any{"type": "app_uninstalled"})
	w.ws.Emit(map[string]any{"type": "tokens_revoked", "tokens": map[string]any{"bot": []string{w.ws.Bot.ID}}})
	w.settle()
	w.alice.Say(w.general, "question")
	w.settle()
	if len(w.general.Posts()) != 1 {
		t.Error(w.ws.Transcript())
	}
}
