package answer_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/bot/answer/llmsim"
)

// A purse holds a limit of tokens in memory.
type purse struct {
	mu      sync.Mutex
	left    int
	debits  []int
	settled []bot.Usage
}

func (p *purse) Debit(_ context.Context, most int) (func(context.Context, bot.Usage) error, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left < most {
		return nil, bot.ErrBudget
	}
	p.left -= most
	p.debits = append(p.debits, most)
	return func(ctx context.Context, used bot.Usage) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.left += most - used.Prompt - used.Completion
		p.settled = append(p.settled, used)
		return ctx.Err()
	}, nil
}

const plenty = 1 << 20

// sum is how many tokens of the debits were never given back.
func (p *purse) sum() (spent int) { return plenty - p.left }

func writeWith(ctx context.Context, t *testing.T, m *answer.Model, p bot.Purse) (bot.Usage, error) {
	t.Helper()
	r := request(t, "How many models?")
	r.Purse = p
	return m.Write(ctx, r, func(string) error { return nil })
}

// A request that was refused costs nothing; one that the server may have worked
// on, though its response was lost, keeps its debit beside that of the next.
func TestEachRequestThatMayCostIsDebited(t *testing.T) {
	reset := llmsim.Fault{Kind: llmsim.Reset}
	for name, tt := range map[string]struct {
		options llmsim.Options
		debits  int
		lost    int // debits that stay
		fails   bool
	}{
		"no fault":             {llmsim.Options{}, 1, 0, false},
		"too many requests":    {llmsim.Options{Fault: llmsim.FirstRequests(2, llmsim.RateLimited(""))}, 1, 0, false},
		"overloaded":           {llmsim.Options{Fault: llmsim.FirstRequests(1, llmsim.Unavailable())}, 1, 0, false},
		"a failing server":     {llmsim.Options{Fault: llmsim.FirstRequests(1, llmsim.ServerError())}, 1, 0, false},
		"a gateway":            {llmsim.Options{Fault: llmsim.FirstRequests(1, llmsim.BadGateway())}, 2, 1, false},
		"a lost response":      {llmsim.Options{Fault: llmsim.FirstRequests(2, reset)}, 3, 2, false},
		"lost for good":        {llmsim.Options{Fault: llmsim.FirstRequests(9, reset)}, 6, 6, true},
		"out of quota":         {llmsim.Options{Fault: llmsim.FirstRequests(9, llmsim.OutOfQuota())}, 1, 0, true},
		"cut off, then whole":  {llmsim.Options{Reply: llmsim.Failing(1, llmsim.Fault{Kind: llmsim.CutOff}, llmsim.Fixed(reply))}, 2, 1, false},
		"cut off in the text":  {llmsim.Options{Reply: llmsim.Failing(1, llmsim.Fault{Kind: llmsim.CutOff, After: 9}, llmsim.Fixed(reply))}, 1, 1, true},
		"no end of the stream": {llmsim.Options{Reply: llmsim.Failing(1, llmsim.Fault{Kind: llmsim.NoDone}, llmsim.Fixed(reply))}, 1, 0, false},
		"a page":               {llmsim.Options{Fault: llmsim.FirstRequests(9, llmsim.HTMLPage())}, 2, 2, true},
		"at its limit":         {llmsim.Options{Reply: llmsim.Failing(1, llmsim.Fault{Kind: llmsim.Length, After: 9}, llmsim.Fixed(reply))}, 1, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.options.Reply == nil {
				tt.options.Reply = llmsim.Fixed(reply)
			}
			p := &purse{left: plenty}
			used, err := writeWith(t.Context(), t, newModel(t, simulate(t, tt.options), "some-model", answer.ModelOptions{}), p)
			if (err != nil) != tt.fails {
				t.Fatal(err)
			}
			if len(p.debits) != tt.debits {
				t.Fatalf("%d debits, want %d", len(p.debits), tt.debits)
			}
			if counted := used.Prompt + used.Completion; p.sum() != counted+tt.lost*p.debits[0] || counted > p.debits[0] || counted == 0 && !tt.fails {
				t.Errorf("%d are spent of debits of %v; the server counted %+v", p.sum(), p.debits, used)
			}
		})
	}
}

func TestWithoutABudgetNothingIsSent(t *testing.T) {
	for name, call := range map[string]func(m *answer.Model, r bot.Request) error{
		"write": func(m *answer.Model, r bot.Request) error {
			_, err := m.Write(t.Context(), r, func(string) error { return nil })
			return err
		},
		"mend": func(m *answer.Model, r bot.Request) error {
			_, _, err := m.Mend(t.Context(), r, "Twelve [1].", "no")
			return err
		},
		"rewrite": func(m *answer.Model, r bot.Request) error {
			_, _, err := m.Rewrite(t.Context(), r, []bot.Turn{{Question: "Who?", Answer: "He."}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			sim := simulate(t, llmsim.Options{})
			r := request(t, "How many models?")
			r.Purse = &purse{left: 100}
			err := call(newModel(t, sim, "some-model", answer.ModelOptions{}), r)
			reason := interface{ Reason() string }(nil)
			if !errors.Is(err, bot.ErrBudget) || !errors.As(err, &reason) || reason.Reason() != "today's budget is used up" {
				t.Errorf("error %v", err)
			}
			if n := len(sim.Requests()); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// What was lost is paid for, so that it may take what the next attempt needs.
func TestABudgetForOneRequestPaysForOne(t *testing.T) {
	measure := &purse{left: plenty}
	sim := simulate(t, llmsim.Options{Reply: llmsim.Fixed(reply)})
	if _, err := writeWith(t.Context(), t, newModel(t, sim, "some-model", answer.ModelOptions{}), measure); err != nil {
		t.Fatal(err)
	}
	for name, fault := range map[string]llmsim.Fault{"a gateway": llmsim.BadGateway(), "a lost response": {Kind: llmsim.Reset}} {
		sim := simulate(t, llmsim.Options{Fault: llmsim.FirstRequests(1, fault)})
		p := &purse{left: measure.debits[0] + 10}
		if _, err := writeWith(t.Context(), t, newModel(t, sim, "some-model", answer.ModelOptions{}), p); err == nil {
			t.Errorf("%s: answered", name)
		}
		if n := len(sim.Requests()); n != 1 || p.left != 10 {
			t.Errorf("%s: %d requests, %d left", name, n, p.left)
		}
	}
}

// Nobody knows what a model used that was stopped, or that was not heard to its
// end.
func TestAStoppedCallKeepsItsDebit(t *testing.T) {
	sim := simulate(t, llmsim.Options{Reply: llmsim.Script(llmsim.Reply{Text: reply, Fault: llmsim.Fault{Kind: llmsim.Stall, After: 5}})})
	m := newModel(t, sim, "some-model", answer.ModelOptions{})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	p := &purse{left: plenty}
	if _, err := writeWith(ctx, t, m, p); err == nil {
		t.Fatal("answered")
	}
	if len(p.debits) != 1 || p.sum() != p.debits[0] {
		t.Errorf("%d are spent of debits of %v", p.sum(), p.debits)
	}
}

// A server that is not there, and a request that a server does not take as it
// is, cost nothing.
func TestWhatIsNotTakenCostsNothing(t *testing.T) {
	sim := simulate(t, llmsim.Options{Reply: llmsim.Fixed(reply)})
	m := newModel(t, sim, "o3-some", answer.ModelOptions{})
	p := &purse{left: plenty}
	used, err := writeWith(t.Context(), t, m, p)
	if err != nil || p.sum() != used.Prompt+used.Completion {
		t.Errorf("%d are spent of debits of %v; the server counted %+v: %v", p.sum(), p.debits, used, err)
	}
	sim.Down()
	m = newModel(t, sim, "o3-some", answer.ModelOptions{}) // without a connection that is found broken only when it is used
	p = &purse{left: plenty}
	if _, err := writeWith(t.Context(), t, m, p); err == nil || p.sum() != 0 || len(p.debits) != 1 {
		t.Errorf("%d are spent of debits of %v: %v", p.sum(), p.debits, err)
	}
}

// A token has at least a byte, so no tokenizer counts more than the debit.
func TestADebitCoversWhatNoTokenizerExceeds(t *testing.T) {
	sim := simulate(t, llmsim.Options{Reply: llmsim.Fixed(reply)})
	m := newModel(t, sim, "some-model", answer.ModelOptions{})
	p := &purse{left: plenty}
	r := request(t, strings.Repeat("字", 300))
	r.Purse = p
	if _, err := m.Write(t.Context(), r, func(string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	asked := sim.Requests()[0]
	limit, err := strconv.Atoi(fmt.Sprint(asked.Body["max_tokens"]))
	bytes := limit
	for _, m := range asked.Messages {
		bytes += len(m.Content)
	}
	if err != nil || p.debits[0] < bytes {
		t.Errorf("debited %d for %d bytes and tokens", p.debits[0], bytes)
	}
}
