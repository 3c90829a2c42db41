package ledger

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"footnote/bot"
)

var spenders = flag.Int("spenders", 9, "how many processes TestKilledSpendersNeverPassTheLimit kills")

func debit(t *testing.T, l *Ledger, team string, tokens, limit int) (Debit, bool) {
	t.Helper()
	d, ok, err := l.Debit(t.Context(), team, tokens, limit)
	check(t, err)
	return d, ok
}

func spending(t *testing.T, l *Ledger, days int) []Spending {
	t.Helper()
	all, err := l.Spending(t.Context(), days)
	check(t, err)
	return all
}

func TestABudgetIsDebitedAheadAndSettled(t *testing.T) {
	for name, c := range map[string]struct {
		debits  []int // tried one after another, of 100 tokens
		taken   []bool
		settled []bot.Usage // what those taken really used, as far as they say
		want    Spending
	}{
		"exactly all":         {[]int{60, 40, 1}, []bool{true, true, false}, nil, Spending{Calls: 2, Debited: 100}},
		"too much":            {[]int{101}, []bool{false}, nil, Spending{}},
		"nothing":             {[]int{100, 0}, []bool{true, true}, nil, Spending{Calls: 2, Debited: 100}},
		"a rest comes back":   {[]int{100}, []bool{true}, []bot.Usage{{Prompt: 30, Completion: 5, Cached: 20}}, Spending{Calls: 1, Debited: 35, Prompt: 30, Completion: 5, Cached: 20}},
		"a call that failed":  {[]int{80}, []bool{true}, []bot.Usage{{}}, Spending{Calls: 1}},
		"more than was taken": {[]int{100}, []bool{true}, []bot.Usage{{Prompt: 90, Completion: 20}}, Spending{Calls: 1, Debited: 110, Prompt: 90, Completion: 20}},
		"one never settled":   {[]int{50, 50}, []bool{true, true}, []bot.Usage{{Prompt: 1}}, Spending{Calls: 2, Debited: 51, Prompt: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, newFakeClock().options())
			var taken []Debit
			for i, tokens := range c.debits {
				d, ok := debit(t, l, "T1", tokens, 100)
				if ok != c.taken[i] {
					t.Errorf("debit %d of %d: %t", i, tokens, ok)
				}
				if ok {
					taken = append(taken, d)
				}
			}
			for i, used := range c.settled {
				check(t, l.Settle(t.Context(), taken[i], used))
			}
			c.want.Team, c.want.Day, c.want.Limit = "T1", "2025-06-15", 100
			if got := spending(t, l, 1); !reflect.DeepEqual(got, []Spending{c.want}) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestADayHasItsOwnBudget(t *testing.T) {
	clock := newFakeClock()
	l := open(t, clock.options())
	first, _ := debit(t, l, "T1", 10, 10)
	if _, ok := debit(t, l, "T2", 10, 10); !ok {
		t.Error("teams share a budget")
	}
	if _, ok := debit(t, l, "T1", 1, 11); !ok {
		t.Error("a limit that was raised does not count")
	}
	if _, ok := debit(t, l, "T1", math.MaxInt, 0); ok {
		t.Error("the count flows over")
	}
	if _, ok := debit(t, l, "T1", 1<<40, 0); !ok {
		t.Error("there is a limit without one")
	}
	clock.advance(24 * time.Hour)
	if _, ok := debit(t, l, "T1", 10, 10); !ok {
		t.Error("yesterday counts today")
	}
	check(t, l.Settle(t.Context(), first, bot.Usage{}))
	var got []string
	for _, s := range spending(t, l, 0) {
		got = append(got, fmt.Sprint(s.Day, s.Team, s.Debited))
	}
	want := []string{"2025-06-16T110", fmt.Sprint("2025-06-15T1", 1+1<<40), "2025-06-15T210"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	if got := spending(t, l, 1); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	clock.advance(budgetKept * 24 * time.Hour)
	_, err := l.Prune(t.Context(), time.Hour)
	check(t, err)
	if got := spending(t, l, 0); len(got) != 1 || got[0].Day != "2025-06-16" {
		t.Errorf("%+v", got)
	}
}

func TestABudgetRefusesNonsense(t *testing.T) {
	l := open(t, Options{})
	for name, err := range map[string]error{
		"no team":        second(l.Debit(t.Context(), "", 1, 1)),
		"negative":       second(l.Debit(t.Context(), "T", -1, 1)),
		"negative limit": second(l.Debit(t.Context(), "T", 1, -1)),
		"negative use":   l.Settle(t.Context(), Debit{}, bot.Usage{Prompt: -1}),
	} {
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := l.Settle(t.Context(), Debit{Team: "T", Day: "2025-06-15"}, bot.Usage{}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func second(_ Debit, _ bool, err error) error { return err }

// spend takes and uses tokens at random until a debit of most is refused or n were
// made. used is told what a server has counted before that is settled.
func spend(ctx context.Context, l *Ledger, n, most, limit int, used func(int)) error {
	for range n {
		d, ok, err := l.Debit(ctx, "T1", 1+rand.IntN(most), limit)
		if err != nil || !ok {
			return err
		}
		u := bot.Usage{Prompt: rand.IntN(d.Tokens + 1)}
		u.Completion = rand.IntN(d.Tokens - u.Prompt + 1)
		used(u.Prompt + u.Completion)
		if err := l.Settle(ctx, d, u); err != nil {
			return err
		}
	}
	return nil
}

// watchLimit looks at what was debited until it is told to stop, which waits.
func watchLimit(t *testing.T, l *Ledger, limit int64) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		for ctx.Err() == nil {
			all, err := l.Spending(t.Context(), 0)
			if err != nil || len(all) > 0 && all[0].Debited > limit {
				t.Errorf("%+v, %v", all, err)
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
	return func() { cancel(); group.Wait() }
}

func TestManySpendersNeverPassTheLimit(t *testing.T) {
	const limit = 30_000
	l := open(t, newFakeClock().options())
	stop := watchLimit(t, l, limit)
	var total atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := spend(t.Context(), l, 125, 100, limit, func(n int) { total.Add(int64(n)) }); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	stop()
	got := spending(t, l, 1)[0]
	if got.Debited != total.Load() || got.Prompt+got.Completion != got.Debited || got.Debited < limit/2 {
		t.Errorf("used %d, counted %+v", total.Load(), got)
	}
}

const killedLimit = 20_000

// spender spends until nothing is left, and says what a server counted.
func spender() error {
	ctx := context.Background()
	l, err := Open(ctx, os.Getenv("LEDGER_TEST_URL"), Options{Clock: newFakeClock().now})
	if err != nil {
		return err
	}
	var group sync.WaitGroup
	errs := make([]error, 3)
	for i := range errs {
		group.Go(func() {
			errs[i] = spend(ctx, l, math.MaxInt, 200, killedLimit, func(n int) { fmt.Println("USED", n) })
		})
	}
	group.Wait()
	return errors.Join(errors.Join(errs...), l.Close())
}

// watchSpender adds up what a child says, and kills it after so many lines.
func watchSpender(url string, lines int, total *atomic.Int64) error {
	p, err := launch("LEDGER_TEST_CHILD=spender", "LEDGER_TEST_URL="+url)
	if err != nil {
		return err
	}
	for said := 1; p.lines.Scan(); said++ {
		var n int64
		if _, err := fmt.Sscanf(p.lines.Text(), "USED %d", &n); err != nil {
			return fmt.Errorf("the child said %q", p.lines.Text())
		}
		total.Add(n)
		if said == lines {
			p.Process.Kill()
		}
	}
	if err := p.Wait(); err != nil && !wasKilled(p.ProcessState) {
		return err
	}
	return nil
}

func TestKilledSpendersNeverPassTheLimit(t *testing.T) {
	url := address(t)
	l := openAt(t, url, newFakeClock().options())
	stop := watchLimit(t, l, killedLimit)
	var total atomic.Int64
	var group sync.WaitGroup
	const atOnce = 3
	for slot := range atOnce {
		group.Go(func() {
			for i := slot; i < *spenders; i += atOnce {
				if err := watchSpender(url, 1+rand.IntN(30), &total); err != nil {
					t.Error(err)
				}
			}
			// The last one lives until nothing is left.
			if err := watchSpender(url, math.MaxInt, &total); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	stop()
	got := spending(t, l, 1)[0]
	if got.Debited < total.Load() || got.Debited > killedLimit || got.Debited < killedLimit/2 {
		t.Errorf("used %d, counted %+v", total.Load(), got)
	}
	t.Logf("used %d tokens in %d calls, %d tokens settled", total.Load(), got.Calls, got.Prompt+got.Completion)
}
