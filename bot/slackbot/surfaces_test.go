package slackbot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/slackbot/slacksim"
)

const askHowMany = "How many large models had been released in China by October?"

func TestAMentionInAChannelIsAnsweredInItsThread(t *testing.T) {
	w := start(t, setting{})
	w.alice.Say(w.general, askHowMany)
	w.settle()
	w.golden("mention")
	w.clean()
}

func TestAThreadGoesOnForTheOneWhoAskedAndStaysOutOfTalk(t *testing.T) {
	w := start(t, setting{})
	q := w.alice.Say(w.general, "Who is Xiao Yanghua?")
	w.settle()
	in := slacksim.InThread(q.TS)
	w.alice.Post(w.general, "What did he say about the gap?", in)
	w.settle()
	w.bob.Post(w.general, "I have met him, and what did he say about OpenAI?", in)
	w.settle()
	w.alice.Post(w.general, "Really? Where was that?", in)
	w.settle()
	w.bob.Say(w.general, askHowMany, in)
	w.settle()
	w.alice.Post(w.general, w.bob.Mention()+" have you read the rest?", in)
	w.settle()
	w.alice.Say(w.general, "thanks", in)
	w.settle()
	w.alice.Post(w.general, "a talk between people, nothing for a bot")
	w.settle()
	w.golden("thread")
	w.clean()
}

func TestADirectMessageNeedsNoMentionAndGoesOn(t *testing.T) {
	w := start(t, setting{})
	im := w.ws.DM(w.alice)
	w.alice.Post(im, "Who is Xiao Yanghua?")
	w.settle()
	w.alice.Post(im, "What did he say about the gap?")
	w.settle()
	w.alice.Post(im, "谢谢")
	w.settle()
	w.golden("direct")
	w.clean()
}

func TestCourtesiesGetFittingAnswers(t *testing.T) {
	w := start(t, setting{})
	for _, text := range []string{"", "help", "thanks!", "hello"} {
		w.alice.Say(w.general, text)
		w.settle()
	}
	w.golden("courtesies")
	w.clean()
}

func TestMarkupInTheQuestionIsRead(t *testing.T) {
	var asked []string
	w := start(t, setting{engine: scripted{func(_ context.Context, q bot.Question) (bot.Answer, error) {
		asked = append(asked, q.Text)
		return bot.Answer{Text: "Yes.", Outcome: bot.Social}, nil
	}}})
	w.alice.Say(w.general, "is AT&amp;T, says "+w.bob.Mention()+" in <#"+w.general.ID+"|general>, &lt; 5% at <https://a.test/x|the site> or <https://b.test>?")
	w.settle()
	if want := "is AT&T, says @bob in #general, < 5% at the site or https://b.test?"; len(asked) != 1 || asked[0] != want {
		t.Errorf("asked %q, want %q", asked, want)
	}
	w.clean()
}

func TestAnEditIsAnsweredInPlaceAndADeletionTakesTheAnswerAlong(t *testing.T) {
	w := start(t, setting{})
	q := w.alice.Say(w.general, "Who is Xiao Yanghua?")
	gone := w.alice.Say(w.general, "What is the market size?")
	other := w.alice.Post(w.general, "not for the bot")
	w.settle()
	w.ws.Unfurl(q, "https://a.test")
	w.alice.Edit(q, w.ws.Bot.Mention()+" "+askHowMany)
	w.alice.Edit(other, w.ws.Bot.Mention()+" Who is Wu Wei?")
	w.alice.Delete(gone)
	w.settle()
	w.golden("edit")
	if n := len(w.general.Posts()); n != 2 {
		t.Errorf("%d answers", n)
	}
	w.clean()
}

func TestAnEditAfterAnHourAndAPreviewChangeNothing(t *testing.T) {
	s := setting{ledger: quickly()}
	s.ledger.EditWindow = time.Millisecond
	w := start(t, s)
	q := w.alice.Say(w.general, "Who is Xiao Yanghua?")
	w.settle()
	before := w.ws.Transcript()
	time.Sleep(5 * time.Millisecond)
	w.alice.Edit(q, w.ws.Bot.Mention()+" "+askHowMany)
	w.settle()
	if got := len(w.general.Posts()); got != 1 || !strings.Contains(before, "Xiao") {
		t.Errorf("%d answers\n%s", got, w.ws.Transcript())
	}
	if n := len(w.ws.Calls("chat.update")); n != 0 {
		t.Errorf("%d updates", n)
	}
}

func TestTheFourNos(t *testing.T) {
	t.Run("not in the report", func(t *testing.T) {
		w := start(t, setting{})
		w.alice.Say(w.general, "Which team won the 1998 football world cup in Paris?")
		w.settle()
		w.golden("no-not-in-report")
		w.clean()
	})
	t.Run("search failed", func(t *testing.T) {
		broken := true
		engine, err := reportEngine()
		if err != nil {
			t.Fatal(err)
		}
		w := start(t, setting{engine: brokenEngine{engine, &broken}, workers: 1})
		w.alice.Say(w.general, askHowMany)
		w.settle()
		w.golden("no-search-failed")
		failed, err := w.ledger.Failed(w.ctx)
		if err != nil || len(failed) != 1 || !strings.Contains(failed[0].Error, "the index is on fire") {
			t.Errorf("failed: %v, %v", failed, err)
		}
		broken = false
		w.must(w.ledger.Retry(w.ctx, failed[0].ID))
		w.settle()
		w.golden("no-search-failed-retried")
		w.clean()
	})
	t.Run("model failed", func(t *testing.T) {
		a := sample(1)
		a.Notice = "The model did not answer in time; these are the report's own words."
		w := start(t, setting{engine: saying(a)})
		w.alice.Say(w.general, askHowMany)
		w.settle()
		w.golden("no-model-failed")
		w.clean()
	})
	t.Run("not allowed", func(t *testing.T) {
		var s setting
		w := start(t, s)
		w.close()
		s.bot.Access = Access{Channels: []string{w.general.ID}, UserLimit: Limit{1, time.Hour}}
		w.run(s)
		gus := w.ws.AddUser(slacksim.UserSpec{Name: "gus", Kind: slacksim.Guest})
		sam := w.ws.AddUser(slacksim.UserSpec{Name: "sam", Kind: slacksim.Stranger})
		random := w.ws.AddChannel(slacksim.ChannelSpec{Name: "random"})
		for _, ask := range []func(){
			func() { w.alice.Say(random, askHowMany) },
			func() { gus.Say(w.general, askHowMany) },
			func() { sam.Say(w.general, askHowMany) },
			func() { w.alice.Say(w.general, askHowMany) },
			func() { w.alice.Say(w.general, "And who is Wu Wei?") },
		} {
			ask()
			w.settle()
		}
		w.golden("no-not-allowed")
		w.clean()
	})
}

// brokenEngine fails while it is broken.
type brokenEngine struct {
	Engine
	broken *bool
}

func (b brokenEngine) Ask(ctx context.Context, q bot.Question) (bot.Answer, error) {
	if *b.broken {
		return bot.Answer{}, errors.New("the index is on fire")
	}
	return b.Engine.Ask(ctx, q)
}

// sample is an answer with n citations.
func sample(n int) bot.Answer {
	a := bot.Answer{Outcome: bot.Answered, Mode: bot.ModeQuote, Confidence: .9}
	for i := range n {
		quote := fmt.Sprintf("Sentence number %d of the report says something worth citing.", i+1)
		a.Text += fmt.Sprintf("%s [%d] ", quote, i+1)
		a.Citations = append(a.Citations, bot.Citation{Marker: i + 1, Document: "report.txt", Paragraph: i + 3, Heading: "Competition and elimination",
			Passage: fmt.Sprint("p", i), Quote: quote, Start: 100 * i, End: 100*i + len(quote)})
	}
	a.Text = strings.TrimSpace(a.Text)
	return a
}

func TestALongAnswerIsSplitAndLosesNothing(t *testing.T) {
	a := sample(400)
	w := start(t, setting{engine: saying(a)})
	w.alice.Say(w.general, askHowMany)
	w.settle()
	transcript := w.ws.Transcript()
	for i := range 400 {
		if !strings.Contains(transcript, fmt.Sprintf("Sentence number %d of", i+1)) || !strings.Contains(transcript, fmt.Sprintf("[%d] ¶%d ", i+1, i+3)) {
			t.Fatalf("sentence or source %d is missing", i+1)
		}
	}
	if n := len(w.general.Posts()); n < 4 {
		t.Errorf("%d messages", n)
	}
	w.clean()
}

func TestASourceOpensInItsSurroundings(t *testing.T) {
	w := start(t, setting{})
	w.alice.Say(w.general, askHowMany)
	w.settle()
	m := w.general.Posts()[0]
	if _, err := w.bob.Click(m, sourceAction+":1").Wait(w.ctx); err != nil {
		t.Fatal(err)
	}
	w.until("the modal", func() bool { return w.bob.Modal() != nil })
	w.golden("source")
	w.clean()
}

func TestWithoutStreamsAndStatusesAFirstLineStandsUntilTheAnswer(t *testing.T) {
	release := make(chan struct{})
	w := start(t, setting{engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return sample(2), ctx.Err()
	}}})
	for _, method := range []string{"chat.startStream", "assistant.threads.setStatus", "agents.sessions.setStatus"} {
		w.ws.Inject(slacksim.Fault{Method: method, Kind: slacksim.APIError, Code: "not_allowed"})
	}
	w.alice.Say(w.general, "the first one learns that there are no statuses")
	release <- struct{}{}
	w.settle()
	w.alice.Say(w.general, askHowMany)
	w.until("a first line", func() bool { return len(w.general.Posts()) == 2 })
	w.golden("first-line")
	release <- struct{}{}
	w.settle()
	w.golden("first-line-answered")
	w.clean()
}

func TestSentencesAreShownAsTheyCome(t *testing.T) {
	for name, fault := range map[string]string{"streamed": "", "updated": "chat.startStream"} {
		t.Run(name, func(t *testing.T) {
			next := make(chan struct{})
			a := sample(3)
			w := start(t, setting{engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
				for _, s := range strings.SplitAfter(a.Text, "] ") {
					if err := q.Show(ctx, s); err != nil {
						return bot.Answer{}, err
					}
					<-next
				}
				return a, nil
			}}})
			if fault != "" {
				w.ws.Inject(slacksim.Fault{Method: fault, Kind: slacksim.APIError, Code: "not_allowed"})
			}
			w.alice.Say(w.general, askHowMany)
			w.until("the first sentence", func() bool { return strings.Contains(w.ws.Transcript(), "Sentence number 1 of") })
			if strings.Contains(w.ws.Transcript(), "number 2") {
				t.Error("the second sentence was shown before it was said")
			}
			for range 3 {
				next <- struct{}{}
			}
			w.settle()
			w.golden("shown-" + name)
			w.clean()
		})
	}
}

func TestBotsAreIgnoredUnlessAllowed(t *testing.T) {
	w := start(t, setting{})
	build := w.ws.AddUser(slacksim.UserSpec{Name: "build", Kind: slacksim.Bot})
	build.Say(w.general, askHowMany)
	w.alice.Post(w.general, w.ws.Bot.Mention()+" "+askHowMany, slacksim.AsLegacyBot("old"))
	w.settle()
	if n := len(w.general.Posts()); n != 0 {
		t.Fatalf("%d answers to bots", n)
	}
	w.close()
	// Catching up would find what it said while it was not allowed.
	w.run(setting{url: w.url, bot: Options{Access: Access{Bots: []string{build.BotID}}, CatchUp: -1}})
	build.Say(w.general, askHowMany)
	w.settle()
	if n := len(w.general.Posts()); n != 1 {
		t.Errorf("%d answers to an allowed bot\n%s", n, w.log)
	}
	w.clean()
}

func TestPeopleAreHeardAtOnceThoughAllWorkersAreBusy(t *testing.T) {
	block := make(chan struct{})
	w := start(t, setting{workers: 1, engine: scripted{func(ctx context.Context, q bot.Question) (bot.Answer, error) {
		select {
		case <-block:
		case <-ctx.Done():
		}
		return sample(1), ctx.Err()
	}}})
	var questions []*slacksim.Message
	for range 8 {
		questions = append(questions, w.alice.Say(w.general, askHowMany))
	}
	for _, q := range questions {
		w.until("a status", func() bool { return w.general.Status(q.TS) == statusReading(false) })
	}
	close(block)
	w.settle()
	for _, q := range questions {
		if s := w.general.Status(q.TS); s != "" {
			t.Errorf("the status %q stands after the answer", s)
		}
	}
	w.clean()
}

// What was asked by a form has no timestamp of its own, and is a question of its
// thread all the same.
func TestAThreadGoesOnAfterAQuestionByTheShortcut(t *testing.T) {
	w := start(t, setting{engine: echo})
	m := w.bob.Post(w.general, "people talk here")
	in := slacksim.InThread(m.TS)
	w.askAbout(m, "first question")
	w.bob.Post(w.general, "talk", in)
	w.settle()
	w.alice.Post(w.general, "no question", in)
	w.settle()
	if n := len(w.general.Posts()); n != 1 {
		t.Errorf("%d answers after talk\n%s", n, w.ws.Transcript())
	}
	w.askAbout(m, "second question")
	w.alice.Post(w.general, "and a third", in)
	w.settle()
	if n := len(w.general.Posts()); n != 3 {
		t.Errorf("%d answers\n%s", n, w.ws.Transcript())
	}
	w.clean()
}
