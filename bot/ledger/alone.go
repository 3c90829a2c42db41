package ledger

import (
	"context"
	"time"
)

// Alone runs do unless another process that shares the ledger runs what has the
// same name; ran is whether it did. do's context ends, with the cause ErrLeaseLost,
// when this process could not be heard of for so long that another may begin. The
// name takes the place of a thread in a lease.
func (l *Ledger) Alone(ctx context.Context, name string, do func(context.Context) error) (ran bool, err error) {
	if err := checkName("name", name, true); err != nil {
		return false, err
	}
	th := thread{ts: name}
	var token int64
	err = l.inTx(ctx, "begin what one process does", func(t *tx) (err error) {
		token, err = l.takeLease(t, th, 0)
		return err
	})
	if err != nil || token == 0 {
		return false, err
	}
	working, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.keep(working, cancel, th, token)
	}()
	defer func() {
		cancel(nil)
		<-ended
		freeing, done := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer done()
		// If that fails, the lease lapses.
		_ = l.transact(freeing, func(t *tx) error { return freeLease(t, th, token) })
	}()
	return true, do(working)
}

// keep renews a lease until ctx ends, and ends it when the lease may be another's.
func (l *Ledger) keep(ctx context.Context, cancel context.CancelCauseFunc, th thread, token int64) {
	ticker := time.NewTicker(l.options.Heartbeat)
	defer ticker.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		at := time.Now()
		beating, done := context.WithDeadline(ctx, last.Add(l.options.LeaseLapse))
		held := int64(1)
		err := l.transact(beating, func(t *tx) (err error) {
			held, err = t.exec(`UPDATE lease SET beat_at = ? WHERE team = ? AND channel = ? AND thread_ts = ? AND worker = ? AND token = ?`,
				t.now, th.team, th.channel, th.ts, l.owner, token)
			return err
		})
		done()
		if err == nil {
			last = at
		}
		if held == 0 || time.Since(last) >= l.options.LeaseLapse {
			cancel(ErrLeaseLost)
			return
		}
	}
}
