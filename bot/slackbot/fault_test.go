package slackbot

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/slackbot/slacksim"
)

// TestAPostWhoseReplyIsLostIsNotMadeTwice has each call of the answer fail in
// each way, before and after it took effect.
func TestAPostWhoseReplyIsLostIsNotMadeTwice(t *testing.T) {
	t.Parallel()
	kinds := map[string]slacksim.Fault{
		"503":       {Kind: slacksim.ServerError},
		"reset":     {Kind: slacksim.Reset},
		"dropped":   {Kind: slacksim.DropResponse},
		"malformed": {Kind: slacksim.Malformed},
		"hanging":   {Kind: slacksim.Hang},
		"internal":  {Kind: slacksim.APIError, Code: "internal_error"},
		"limited":   {Kind: slacksim.RateLimit, RetryAfter: time.Second},
	}
	for _, method := range []string{"chat.postMessage", "chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update", "chat.delete", "conversations.replies"} {
		for name, f := range kinds {
			for _, effect := range []bool{false, true} {
				if effect && (name == "internal" || name == "limited") {
					continue
				}
				t.Run(fmt.Sprintf("%s %s effect %t", method, name, effect), func(t *testing.T) {
					t.Parallel()
					var o Options
					if name == "hanging" {
						o.CallTimeout = 900 * time.Millisecond
					}
					w := start(t, setting{engine: echo, bot: o})
					if method == "chat.postMessage" || method == "conversations.replies" {
						w.ws.Inject(slacksim.Fault{Method: "chat.startStream", Kind: slacksim.APIError, Code: "not_allowed"})
					}
					if method == "conversations.replies" {
						w.ws.Inject(slacksim.Fault{Method: "chat.postMessage", Call: 1, Kind: slacksim.DropResponse, Effect: effect})
					}
					f.Method, f.Call, f.Effect = method, 1, effect
					w.ws.Inject(f)
					q := w.alice.Say(w.general, "the first question")
					gone := w.alice.Say(w.general, "a question to be deleted")
					w.settle()
					w.alice.Edit(q, w.ws.Bot.Mention()+" the edited question")
					w.alice.Delete(gone)
					w.settle()
					posts := w.general.Posts()
					if len(posts) != 1 || !strings.Contains(shownText(posts[0]), "The answer to the edited question.") {
						t.Errorf("%d posts\n%s\n%s", len(posts), w.ws.Transcript(), w.log)
					}
					if d := w.ws.Duplicates("post"); len(d) > 0 {
						t.Errorf("posted twice: %v", d)
					}
				})
			}
		}
	}
}

func TestAQuestionInAThreadThatIsGoneLeavesNothingBehind(t *testing.T) {
	hold := make(chan struct{})
	w := start(t, setting{engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
		<-hold
		return echo.ask(ctx, q)
	}}, sim: slacksim.Options{Events: []string{"app_mention"}}}) // deletions are not heard of
	q := w.alice.Say(w.general, "a question")
	w.until("the question to be taken", w.ws.Idle)
	w.alice.Delete(q)
	close(hold)
	w.settle()
	if n := len(w.general.Posts()); n != 0 {
		t.Errorf("%d posts\n%s", n, w.ws.Transcript())
	}
}

func TestAnAnswerThatStrayedIntoTheChannelIsTakenBack(t *testing.T) {
	hold := make(chan struct{})
	w := start(t, setting{engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
		<-hold
		return echo.ask(ctx, q)
	}}, sim: slacksim.Options{Events: []string{"app_mention"}}})
	w.ws.Inject(slacksim.Fault{Method: "chat.startStream", Kind: slacksim.APIError, Code: "not_allowed"})
	w.ws.Inject(slacksim.Fault{Method: "chat.postMessage", Call: 1, Kind: slacksim.DropResponse, Effect: true})
	q := w.alice.Say(w.general, "a question")
	w.until("the question to be taken", w.ws.Idle)
	w.alice.Delete(q)
	close(hold)
	w.settle()
	if n := len(w.general.Posts()); n != 0 || w.ws.Stats().Orphans != 1 {
		t.Errorf("%d posts, %d strays\n%s", n, w.ws.Stats().Orphans, w.ws.Transcript())
	}
}

func TestAChannelThatCannotBeWrittenToMakesADeadLetter(t *testing.T) {
	hold := make(chan struct{})
	w := start(t, setting{engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
		<-hold
		return echo.ask(ctx, q)
	}}})
	w.alice.Say(w.general, "a question")
	w.until("the question to be taken", w.ws.Idle)
	w.general.Archive()
	close(hold)
	w.settle()
	failed, err := w.ledger.Failed(w.ctx)
	if err != nil || len(failed) != 1 || failed[0].Attempts != 1 || !strings.Contains(failed[0].Error, "is_archived") {
		t.Errorf("failed: %+v, %v", failed, err)
	}
}

// TestAHostileAnswererReachesNobody has the engine return what a hijacked model
// might: nothing of it may ping, link or unfurl.
func TestAHostileAnswererReachesNobody(t *testing.T) {
	t.Parallel()
	attacks := []string{
		"<!channel> <!here> <!everyone> @channel @here",
		"<@U000000002> and <@U000000003|bob>", "<!subteam^S1|@ops>", "<#C000000001|general>",
		"[click](https://evil.test/a) ![x](https://evil.test/x.png)", "<https://evil.test|the report>", "https://evil.test/?q=secret",
		"hthttps://tps://evil.test", "HTTPS://EVIL.TEST", "mailto:a@evil.test <mailto:a@evil.test|mail>", "[1]: https://evil.test\n\n[1]",
		"<img src=x onerror=alert(1)>", "`<!channel>`", "```\n<!here>\n```", "&lt;!channel&gt; &amp;lt;!here&amp;gt;",
		"\u202e<!channel>", "<\u200b!channel>", "<!date^0^{date}^https://evil.test|x>", "slack://channel?id=C1", "| a | b |\n|---|---|\n| <!here> | x |",
	}
	for _, live := range []bool{false, true} {
		t.Run(fmt.Sprint("shown as it comes ", live), func(t *testing.T) {
			var n atomic.Int64
			w := start(t, setting{engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
				attack := attacks[int(n.Add(1))%len(attacks)]
				if live {
					if err := q.Show(ctx, attack+" "); err != nil {
						return bot.Answer{}, err
					}
				}
				a := sample(1)
				a.Text = attack + " [1]"
				a.Notice, a.UnderstoodAs, a.Citations[0].Heading, a.Citations[0].Document = attack, attack, attack, attack
				return a, nil
			}}, sim: patient, workers: 1})
			for range attacks {
				w.alice.Say(w.general, "tell me")
			}
			w.settle()
			for _, m := range w.general.Posts() {
				click := w.bob.Click(m, sourceAction+":1")
				if _, err := click.Wait(w.ctx); err != nil {
					t.Errorf("%v: %s", err, m.Text)
				}
			}
			w.until("the modals", func() bool { return len(w.ws.Calls("views.open")) == len(attacks) })
			w.clean()
		})
	}
}
