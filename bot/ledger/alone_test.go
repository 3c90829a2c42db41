package ledger

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestOneProcessAtATimeRunsWhatHasAName(t *testing.T) {
	url := address(t)
	a, b := openAt(t, url, quick()), openAt(t, url, quick())
	nothing := func(context.Context) error { return nil }
	failure := errors.New("no")
	ran, err := a.Alone(t.Context(), "catch-up:T1", func(ctx context.Context) error {
		// For longer than a lease lasts without a heartbeat.
		for range 3 {
			if ran, err := b.Alone(ctx, "catch-up:T1", nothing); ran || err != nil {
				t.Errorf("%t, %v", ran, err)
			}
			time.Sleep(quick().LeaseLapse / 2)
		}
		if ran, err := b.Alone(ctx, "catch-up:T2", nothing); !ran || err != nil {
			t.Errorf("another name: %t, %v", ran, err)
		}
		if err := ctx.Err(); err != nil {
			t.Error(err)
		}
		return failure
	})
	if !ran || !errors.Is(err, failure) {
		t.Errorf("%t, %v", ran, err)
	}
	if ran, err := b.Alone(t.Context(), "catch-up:T1", nothing); !ran || err != nil {
		t.Errorf("afterwards: %t, %v", ran, err)
	}
	if s, err := a.Stats(t.Context()); err != nil || s.Running != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestWhatOneProcessDoesEndsWhenAnotherMayBegin(t *testing.T) {
	l := open(t, quick())
	_, err := l.Alone(t.Context(), "catch-up:T1", func(ctx context.Context) error {
		_, err := l.db.Exec(`UPDATE lease SET worker = 'another'`)
		check(t, err)
		<-ctx.Done()
		return context.Cause(ctx)
	})
	if !errors.Is(err, ErrLeaseLost) {
		t.Error(err)
	}
}
