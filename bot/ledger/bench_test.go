package ledger

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"
)

// report gives a distribution as metrics, in milliseconds.
func report(b *testing.B, name string, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	for _, q := range []struct {
		name  string
		share float64
	}{{"p50", .5}, {"p99", .99}, {"p99.9", .999}} {
		b.ReportMetric(took[int(float64(len(took)-1)*q.share)].Seconds()*1000, name+"-"+q.name+"-ms")
	}
}

// BenchmarkPut is one question after another, nobody working.
func BenchmarkPut(b *testing.B) {
	l := open(b, Options{})
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		put(b, l, message(i))
		took = append(took, time.Since(start))
	}
	report(b, "put", took)
}

// BenchmarkPickup is the time from Put's return to the handler's start.
func BenchmarkPickup(b *testing.B) {
	l := open(b, Options{})
	started := make(chan time.Time)
	check(b, l.Work(b.Context(), 4, func(ctx context.Context, c *Claim) error {
		started <- time.Now()
		return c.Finish(ctx)
	}))
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		put(b, l, message(i))
		done := time.Now()
		took = append(took, max(0, (<-started).Sub(done)))
		time.Sleep(time.Millisecond)
	}
	report(b, "pickup", took)
}

// BenchmarkPickupByAnother is the time from Put's return to the start of the handler
// of another replica: told, or found by looking.
func BenchmarkPickupByAnother(b *testing.B) {
	for name, change := range map[string]func(*Ledger){"told": func(*Ledger) {}, "looking": deaf} {
		b.Run(name, func(b *testing.B) {
			postgresOnly(b)
			url := address(b)
			asked, working := openAt(b, url, Options{}), openAt(b, url, Options{})
			change(working)
			started := make(chan time.Time)
			check(b, working.Work(b.Context(), 4, func(ctx context.Context, c *Claim) error {
				started <- time.Now()
				return c.Finish(ctx)
			}))
			time.Sleep(200 * time.Millisecond) // until it listens
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				put(b, asked, message(i))
				done := time.Now()
				took = append(took, max(0, (<-started).Sub(done)))
				time.Sleep(20 * time.Millisecond)
			}
			report(b, "pickup", took)
		})
	}
}

// BenchmarkPutInABurst is a hundred questions a second while 32 workers, all
// busy, record steps: what Slack's acknowledgement waits for.
func BenchmarkPutInABurst(b *testing.B) {
	l := open(b, Options{})
	check(b, l.Work(b.Context(), 32, func(ctx context.Context, c *Claim) error {
		for i := range 12 {
			if err := c.Record(ctx, Step{Kind: StepSentence, Number: i, Text: "A sentence."}); err != nil {
				return err
			}
		}
		if _, err := c.Save(ctx, sampleAnswer()); err != nil {
			return err
		}
		return c.Finish(ctx)
	}))
	var mu sync.Mutex
	var took []time.Duration
	var group sync.WaitGroup
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for i := 0; b.Loop(); i++ {
		<-ticker.C
		group.Go(func() {
			start := time.Now()
			if _, _, err := l.Put(context.Background(), message(i)); err != nil {
				b.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(start))
		})
	}
	group.Wait()
	report(b, "put", took)
}
