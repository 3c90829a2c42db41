package slackbot

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"footnote/bot"
)

// A metered engine answers with a model that counts what it used, as a server
// does, and in quotes where it may not.
type metered struct {
	keyed
	used, calls, unpaid, lost *atomic.Int64
}

// mostPerCall is what a call may use; it uses less.
const mostPerCall = 100

func meter() metered {
	m := metered{used: new(atomic.Int64), calls: new(atomic.Int64), unpaid: new(atomic.Int64), lost: new(atomic.Int64)}
	m.ask = m.answer
	return m
}

func (m metered) Voice() string { return "parrot" }

func (m metered) answer(ctx context.Context, q bot.Question) (bot.Answer, error) {
	settle, err := q.Purse.Debit(ctx, mostPerCall)
	if errors.Is(err, bot.ErrBudget) {
		m.unpaid.Add(1)
		a := sample(1)
		a.Notice = "The language model did not answer (today's budget is used up), so these are the report's own sentences."
		return a, nil
	}
	if err != nil {
		return bot.Answer{}, err
	}
	n := m.calls.Add(1)
	used := bot.Usage{Prompt: int(40 + n%50), Completion: 10}
	m.used.Add(int64(used.Prompt + used.Completion))
	if n%10 == 0 { // the response was lost: nobody knows what it took
		m.lost.Add(1)
	} else if err := settle(ctx, used); err != nil {
		return bot.Answer{}, err
	}
	a := sample(1)
	a.Mode, a.Model, a.Tokens = bot.ModeLLM, "parrot", used
	return a, nil
}

// A thousand people who ask at the same time never make the model use more than
// it may in a day, whatever becomes of its responses.
func TestTheBudgetIsNeverOverspent(t *testing.T) {
	const questions, limit = 1000, 30_000
	m := meter()
	w := start(t, setting{engine: m, workers: 64, bot: Options{DailyTokens: limit}})
	for i := range questions {
		w.alice.Say(w.general, fmt.Sprintf("Who won in round %d?", i))
	}
	w.settle()
	spent, err := w.ledger.Spending(w.ctx, 2) // midnight may come
	w.must(err)
	var debited, counted, calls int64
	for _, s := range spent {
		if s.Debited > limit || s.Limit != limit {
			t.Errorf("%s: %d debited of %d", s.Day, s.Debited, s.Limit)
		}
		debited, counted, calls = debited+s.Debited, counted+s.Prompt+s.Completion, calls+s.Calls
	}
	if used := m.used.Load(); used > limit*int64(len(spent)) || used > debited || counted > used {
		t.Errorf("the model used %d of %d; the ledger has %d debited and %d counted", used, limit, debited, counted)
	}
	if want := counted + mostPerCall*m.lost.Load(); debited != want {
		t.Errorf("%d debited, want %d", debited, want)
	}
	if n, unpaid := m.calls.Load(), m.unpaid.Load(); n != calls || n+unpaid != questions || unpaid == 0 || debited < limit-mostPerCall {
		t.Errorf("%d calls, %d in the ledger, %d questions without, %d debited", n, calls, unpaid, debited)
	}
	w.clean()
}

func TestWithoutALimitTokensAreCounted(t *testing.T) {
	m := meter()
	w := start(t, setting{engine: m})
	w.alice.Say(w.general, "Who won?")
	w.settle()
	spent, err := w.ledger.Spending(w.ctx, 0)
	w.must(err)
	if len(spent) != 1 || spent[0].Calls != 1 || spent[0].Limit != 0 || spent[0].Debited != m.used.Load() || spent[0].Team != w.ws.Team.ID {
		t.Errorf("spent: %+v", spent)
	}
}

// What was answered in quotes for want of budget is not what tomorrow's asker
// gets.
func TestAnAnswerForWantOfBudgetIsNotGivenAgain(t *testing.T) {
	m := meter()
	w := start(t, setting{engine: m, bot: Options{DailyTokens: mostPerCall}})
	ask := func(who string, wantCalls, wantUnpaid int64) {
		t.Helper()
		w.alice.Say(w.general, who)
		w.settle()
		if calls, unpaid := m.calls.Load(), m.unpaid.Load(); calls != wantCalls || unpaid != wantUnpaid {
			t.Errorf("%d calls, %d without, want %d and %d", calls, unpaid, wantCalls, wantUnpaid)
		}
	}
	ask("Who won?", 1, 0)
	ask("Who won?", 1, 0)
	ask("Who lost?", 1, 1)
	ask("Who lost?", 1, 2)
	w.golden("budget")
	w.clean()
}
