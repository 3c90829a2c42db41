package ledger

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"footnote/retrieval/badnet"
)

// An outage that is longer than a lease ends the attempts that it meets, however
// many such outages there are: none of them counts.
func TestOutagesUseUpNoAttempts(t *testing.T) {
	postgresOnly(t)
	own := address(t)
	p := badnet.New(t, hostOf(t, own))
	o := quick()
	o.MaxAttempts = 3
	reach := with(t, own, setHost(p.Addr()))
	replicas := []*Ledger{openAt(t, reach, o), openAt(t, reach, o)}
	var begun, calm atomic.Int32
	for _, l := range replicas {
		work(t, l, 1, func(ctx context.Context, c *Claim) error {
			begun.Add(1)
			if calm.Load() > 0 {
				return c.Finish(ctx)
			}
			<-ctx.Done()
			return context.Cause(ctx)
		})
	}
	id := put(t, openAt(t, own, o), message(1))
	for range 5 {
		before := begun.Load()
		eventually(t, "an attempt", func() bool { return begun.Load() > before })
		p.Be(badnet.Manner{Refuses: true})
		p.Cut()
		time.Sleep(2 * o.LeaseLapse)
		p.Be(badnet.Manner{})
	}
	l := openAt(t, own, o)
	calm.Store(1)
	eventually(t, "the answer", stateIs(t, l, id, Answered))
	if n := begun.Load(); n < 6 {
		t.Errorf("%d attempts", n)
	}
	if e := get(t, l, id); e.Attempts > 2 {
		t.Errorf("%d attempts count", e.Attempts)
	}
}

// A claim whose commit was not confirmed is given back, and not left to lapse.
func TestAClaimThatNobodyHeardOfIsGivenBack(t *testing.T) {
	postgresOnly(t)
	own := address(t)
	p := badnet.New(t, hostOf(t, own))
	l := openAt(t, own, quick())
	id := put(t, l, message(1))
	o := quick()
	o.LeaseLapse, o.SweepEvery = time.Minute, time.Minute // what is not given back stays
	var claiming, heard atomic.Bool
	o.Reached = func(point string) {
		switch {
		case point == "claim.begin":
			claiming.Store(true)
		case point == "commit.begin" && claiming.Swap(false) && !heard.Load():
			p.Be(badnet.Manner{Deaf: true})
			go func() {
				for range 100 {
					if e, err := l.Get(context.Background(), id); err == nil && e.Attempts == 1 {
						heard.Store(true)
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
				p.Be(badnet.Manner{})
				p.Cut()
			}()
		}
	}
	worker := openAt(t, with(t, own, setHost(p.Addr())), o)
	work(t, worker, 1, finish)
	eventually(t, "the answer", stateIs(t, l, id, Answered))
	if e := get(t, l, id); e.Attempts != 1 || !heard.Load() {
		t.Errorf("%d attempts count, the claim was committed: %t", e.Attempts, heard.Load())
	}
}

// Whoever has just begun, or was cut off, does not know whether attempts are to be
// given back, and gives no question up yet.
func TestNothingIsGivenUpRightAfterAnOutage(t *testing.T) {
	o := quick()
	o.MaxAttempts = 2
	l := open(t, o)
	id := put(t, l, message(1))
	for range 2 {
		mustClaim(t, l, id)
		time.Sleep(o.LeaseLapse + 10*time.Millisecond)
	}
	l.cutOff(nil)
	noClaim(t, l, id)
	if e := get(t, l, id); e.State == Failed || e.Attempts != 2 {
		t.Errorf("%+v", e)
	}
	time.Sleep(2 * o.LeaseLapse)
	noClaim(t, l, id)
	if e := get(t, l, id); e.State != Failed {
		t.Errorf("%+v", e)
	}
}
