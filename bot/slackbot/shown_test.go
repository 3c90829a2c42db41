package slackbot

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"footnote/bot"
	"footnote/bot/record"
	"footnote/bot/slackbot/slacksim"
)

// shows has an engine show sentences before it returns an answer.
func shows(q bot.Question, ctx context.Context, sentences ...string) error {
	for _, s := range sentences {
		if err := q.Show(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// A model may fail after its first sentences were shown: one message stands in
// the end, with nothing of them.
func TestWhatAFailedModelShowedIsReplaced(t *testing.T) {
	for _, refused := range []string{"", "chat.startStream", "chat.appendStream"} {
		t.Run("refused "+refused, func(t *testing.T) {
			w := start(t, setting{engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
				a := sample(2)
				a.Notice = "The language model did not answer, so these are the report's own sentences."
				return a, shows(q, ctx, "A sentence of the model [1].", " Another one [2].")
			}}})
			if refused != "" {
				w.ws.Inject(slacksim.Fault{Method: refused, Kind: slacksim.APIError, Code: "not_allowed"})
			}
			w.alice.Say(w.general, askHowMany)
			w.settle()
			transcript := w.ws.Transcript()
			if strings.Contains(transcript, "of the model") || !strings.Contains(transcript, "Sentence number 2 of") || len(w.general.Posts()) != 1 {
				t.Errorf("%d posts\n%s", len(w.general.Posts()), transcript)
			}
			w.clean()
		})
	}
}

// A worker that is stopped in mid-answer leaves an open stream; the next one
// asks the model again, whose words are others.
func TestAnAnswerThatIsAskedAgainStandsOnce(t *testing.T) {
	for _, stand := range []string{"a stream", "an update"} {
		t.Run(stand, func(t *testing.T) {
			var asked atomic.Int64
			engine := scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
				if asked.Add(1) == 1 {
					if err := shows(q, ctx, "Sentence number 1 as first written [1]."); err != nil {
						return bot.Answer{}, err
					}
					<-ctx.Done()
					return bot.Answer{}, ctx.Err()
				}
				a := sample(3)
				return a, shows(q, ctx, strings.SplitAfter(a.Text, "] ")...)
			}}
			w := start(t, setting{engine: engine})
			if stand == "an update" {
				w.ws.Inject(slacksim.Fault{Method: "chat.startStream", Kind: slacksim.APIError, Code: "not_allowed"})
			}
			w.alice.Say(w.general, askHowMany)
			w.until("the first sentence", func() bool { return strings.Contains(w.ws.Transcript(), "as first written") })
			w.until("the acknowledgement", w.ws.Idle)
			w.close()
			w.run(setting{url: w.url, engine: engine})
			w.settle()
			transcript := w.ws.Transcript()
			if n := len(w.general.Posts()); n != 1 || strings.Contains(transcript, "as first written") || strings.Count(transcript, "Sentence number 3 of") == 0 {
				t.Errorf("asked %d times, %d posts\n%s", asked.Load(), n, transcript)
			}
			w.clean()
		})
	}
}

// Sentences come faster than Slack takes them, for several people at once.
func TestSentencesFasterThanSlackAllowsLoseNothing(t *testing.T) {
	const people = 6
	a := sample(60)
	w := start(t, setting{limited: true, engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
		return a, shows(q, ctx, strings.SplitAfter(a.Text, "] ")...)
	}}})
	for range people {
		w.alice.Say(w.general, askHowMany)
	}
	w.settle()
	transcript := w.ws.Transcript()
	for i := range 60 {
		if n := strings.Count(transcript, fmt.Sprintf("Sentence number %d of", i+1)); n < people {
			t.Fatalf("sentence %d stands %d times", i+1, n)
		}
	}
	w.clean()
}

// What is shown is how the answer begins, as the messages have it.
func TestWhatIsShownIsHowTheMessageBegins(t *testing.T) {
	for _, text := range []string{
		"He said that \"it *works* _well_\" [1]. It is so today [2].",
		"- One thing [1].\n- Another thing [2].\n\nThat was all [1].",
		"1. First [1].\n2. Second [2].", "报告说有238个大模型[1]。百度较早推出[2]。", "It cost <5 & >3 [1]. # Not a heading [2].",
	} {
		a := sample(2)
		a.Text = text
		whole := (&Bot{}).messagesOf(t.Context(), recordOf(a), recordWork())[0].markdown
		shown := ""
		for _, s := range strings.SplitAfter(text, "]") {
			shown += s
			if beginning := renderText(shown)[0].markdown; !strings.HasPrefix(whole, beginning) {
				t.Errorf("%q is not how %q begins", beginning, whole)
				break
			}
		}
	}
}

func recordOf(a bot.Answer) record.Answer { return record.AnswerOf(a, "c0ffee") }
func recordWork() record.Work             { return record.Work{} }
