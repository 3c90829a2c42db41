package answer_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/bot/answer/llmsim"
)

// A stop ends the call of the model's server, and no other follows: not for the
// sentences that do not hold, nor after a stream that broke.
func TestAStopEndsTheCallsOfTheServer(t *testing.T) {
	const question = "How many large models had been released in China by October?"
	const first = "As of October this year, 238 large models have been released in China [1]. "
	for name, tt := range map[string]struct {
		rest  string
		fault llmsim.Fault
		calls int
	}{
		"the model hesitates":   {"GPT4-Turbo is far ahead", llmsim.Fault{Kind: llmsim.Stall, After: 22}, 1},
		"the model goes on":     {"GPT4-Turbo is far ahead. ", llmsim.Fault{Kind: llmsim.Endless}, 1},
		"what follows is wrong": {"In all, 999 models were sold in Peru [1]. In all, 998 models were sold in Chile [1].", llmsim.Fault{}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			sim := simulate(t, llmsim.Options{Reply: func(llmsim.Request) llmsim.Reply {
				return llmsim.Reply{Text: first + tt.rest, Fault: tt.fault, Every: time.Millisecond}
			}})
			e := reportEngine(t, newModel(t, sim, "some-model", answer.ModelOptions{}))
			p := &purse{left: plenty}
			stop := make(chan struct{})
			once := sync.OnceFunc(func() { close(stop) })
			a, err := e.Ask(t.Context(), bot.Question{Text: question, Stop: stop, Purse: p, Show: func(context.Context, string) error { once(); return nil }})
			if err != nil || a.Outcome != bot.Answered || a.Mode != bot.ModeLLM || a.Notice != "Stopped as you asked; what stands here was checked." {
				t.Fatalf("%+v, %v", a, err)
			}
			time.Sleep(50 * time.Millisecond)
			if n := len(sim.Requests()); n != tt.calls || len(p.debits) != n {
				t.Errorf("%d requests, %d debits", n, len(p.debits))
			}
			if p.sum() != p.debits[0] {
				t.Errorf("%d are spent of debits of %v", p.sum(), p.debits)
			}
		})
	}
}

// However many ask at once, and whatever becomes of their calls, a server never
// uses more than was taken from the purse.
func TestABudgetIsNotOverspent(t *testing.T) {
	faults := []llmsim.Fault{
		{}, {Kind: llmsim.CutOff}, {Kind: llmsim.Drop, After: 5}, {Kind: llmsim.Stall, After: 5}, {Kind: llmsim.Length, After: 5},
		llmsim.RateLimited(""), {Kind: llmsim.Reset, After: 3}, {Kind: llmsim.NoDone}, llmsim.BadGateway(), {Kind: llmsim.StreamError, After: 5},
	}
	var used, n atomic.Int64
	sim := simulate(t, llmsim.Options{Reply: func(r llmsim.Request) llmsim.Reply {
		fault := faults[n.Add(1)%int64(len(faults))]
		if fault.Status != 429 {
			for _, m := range r.Messages {
				used.Add(int64(len(llmsim.Tokens(m.Content, llmsim.CutWords))))
			}
			used.Add(int64(len(llmsim.Tokens(reply, llmsim.CutWords))))
		}
		return llmsim.Reply{Text: reply, Fault: fault}
	}})
	m := newModel(t, sim, "some-model", answer.ModelOptions{})
	const limit = 300_000
	p := &purse{left: limit}
	var asking sync.WaitGroup
	for range 100 {
		asking.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_, _ = writeWith(ctx, t, m, p)
		})
	}
	asking.Wait()
	if spent := int64(limit - p.left); used.Load() > spent || spent > limit || used.Load() == 0 {
		t.Errorf("the server used %d, the purse gave %d", used.Load(), spent)
	}
	if refused := 100 - len(sim.Requests()); refused <= 0 && p.left > 9000 {
		t.Errorf("%d requests, %d left: the budget stopped nobody", len(sim.Requests()), p.left)
	}
}
