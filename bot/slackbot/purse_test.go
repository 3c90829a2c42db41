package slackbot

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"footnote/bot"
	quoting "footnote/bot/answer"
	"footnote/bot/answer/llmsim"
	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
	"footnote/retrieval/remote"
)

var askers = flag.Int("askers", 60, "how many people ask at the same time while the budget is used up")

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

// However many ask at the same time, they never make the model use more than it
// may in a day, whatever becomes of its responses.
func TestTheBudgetIsNeverOverspent(t *testing.T) {
	questions := *askers
	limit := int64(30 * questions)
	m := meter()
	workers := min(max(questions/8, 4), 64)
	w := start(t, setting{engine: m, workers: workers, bot: Options{DailyTokens: int(limit)}})
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
	if n, unpaid := m.calls.Load(), m.unpaid.Load(); n != calls || n+unpaid != int64(questions) || unpaid == 0 ||
		debited < limit-int64(workers)*mostPerCall { // what others have debited and not used keeps some from asking
		t.Errorf("%d calls, %d in the ledger, %d questions without, %d debited", n, calls, unpaid, debited)
	}
	t.Logf("%d questions, %d calls, %d of %d tokens debited", questions, calls, debited, limit)
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

// The same with the real engine, a model's server that counts, and some of its
// responses lost on the way: what it generated is never more than the budget.
func TestAServerNeverCountsMoreThanTheBudget(t *testing.T) {
	questions := *askers
	limit := int64(250 * questions)
	var asked atomic.Int64
	sim := llmsim.New(llmsim.Options{Fault: func(r llmsim.Request) llmsim.Fault {
		if asked.Add(1)%7 == 0 {
			return llmsim.Fault{Kind: llmsim.Drop, After: 3}
		}
		return llmsim.Fault{}
	}})
	defer sim.Close()
	w := start(t, setting{})
	engine := writingEngine(t, sim)
	var running sync.WaitGroup
	var modelled, unpaid atomic.Int64
	for i := range questions {
		running.Go(func() {
			q := bot.Question{Text: fmt.Sprintf("How many large models had been released in China by October, asks number %d?", i), Purse: purse{w.ledger, "T1", int(limit)}}
			a, err := engine.Ask(w.ctx, q)
			switch {
			case err != nil:
				t.Error(err)
			case a.Mode == bot.ModeLLM:
				modelled.Add(1)
			case strings.Contains(a.Notice, "budget"):
				unpaid.Add(1)
			}
		})
	}
	running.Wait()
	spent, err := w.ledger.Spending(w.ctx, 0)
	w.must(err)
	var debited, counted, calls int64
	for _, s := range spent {
		debited += s.Debited
		if s.Debited > limit || s.Prompt+s.Completion > s.Debited {
			t.Errorf("%+v", s)
		}
		counted, calls = counted+s.Prompt+s.Completion, calls+s.Calls
	}
	if n := int64(len(sim.Requests())); n != calls || modelled.Load() == 0 || unpaid.Load() == 0 || counted == 0 {
		t.Errorf("%d requests, %d debits, %d answers by the model, %d without, %d tokens", n, calls, modelled.Load(), unpaid.Load(), counted)
	}
	t.Logf("%d questions, %d requests, %d tokens counted, %d of %d debited", questions, calls, counted, debited, limit)
}

// writingEngine is the real engine on the bundled report, with a model at a server.
func writingEngine(t *testing.T, sim *llmsim.Server) *bot.Engine {
	t.Helper()
	c, err := corpus.New(corpus.Report())
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	store := chromemstore.New("", log)
	index, err := retrieval.Open(t.Context(), c, retrieval.Options{Store: store, Fallback: store, Embedder: embed.NewStatic(), Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { index.Close() })
	model, err := quoting.NewModel(remote.Server{URL: sim.URL(), Key: "sk-test"}, "test-model", quoting.ModelOptions{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	return bot.NewEngine(c, index, quoting.NewQuote(), bot.EngineOptions{Writer: model})
}
