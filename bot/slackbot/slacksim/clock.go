package slacksim

import (
	"slices"
	"sync"
	"time"
)

// A Clock tells the simulator the time and wakes it. The zero choice is the
// time package, which inside a testing/synctest bubble is fake time; a
// [ManualClock] moves only when a test says so.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f once d has passed, in a goroutine of the clock's choice.
	AfterFunc(d time.Duration, f func()) Timer
}

// A Timer is a pending call of a [Clock].
type Timer interface {
	// Stop reports whether it kept the call from happening.
	Stop() bool
}

type systemClock struct{}

func (systemClock) Now() time.Time                            { return time.Now() }
func (systemClock) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }

// A ManualClock stands still until Advance. It is safe for concurrent use. A
// leap over several PingIntervals leaves a client no time for its pongs: with
// sockets, set Options.PingInterval beyond the leaps.
type ManualClock struct {
	mu      sync.Mutex
	now     time.Time
	timers  []*manualTimer
	changed *sync.Cond
}

type manualTimer struct {
	clock *ManualClock
	at    time.Time
	f     func()
}

// NewManualClock returns a clock that shows start.
func NewManualClock(start time.Time) *ManualClock {
	c := &ManualClock{now: start}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// Now returns the time the clock shows.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc calls f in the goroutine of the Advance that passes d.
func (c *ManualClock) AfterFunc(d time.Duration, f func()) Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &manualTimer{clock: c, at: c.now.Add(max(d, 0)), f: f}
	c.timers = append(c.timers, t)
	c.changed.Broadcast()
	return t
}

// Advance moves the clock by d and runs what falls due, in order of time; each
// call sees the time it was due at.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	until := c.now.Add(d)
	for t := c.due(until); t != nil; t = c.due(until) {
		c.now = t.at
		c.mu.Unlock()
		t.f()
		c.mu.Lock()
	}
	c.now = until
	c.mu.Unlock()
}

// BlockUntil waits until at least n timers are pending, so that a test can
// advance the clock knowing that the other side sleeps.
func (c *ManualClock) BlockUntil(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.timers) < n {
		c.changed.Wait()
	}
}

// Pending returns how many timers wait.
func (c *ManualClock) Pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers)
}

// due takes the earliest timer that falls due by until; the caller holds mu.
func (c *ManualClock) due(until time.Time) *manualTimer {
	var first *manualTimer
	for _, t := range c.timers {
		if !t.at.After(until) && (first == nil || t.at.Before(first.at)) {
			first = t
		}
	}
	c.remove(first)
	return first
}

// remove reports whether t was pending; the caller holds mu.
func (c *ManualClock) remove(t *manualTimer) bool {
	i := slices.Index(c.timers, t)
	if i < 0 {
		return false
	}
	c.timers = slices.Delete(c.timers, i, i+1)
	c.changed.Broadcast()
	return true
}

func (t *manualTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	return t.clock.remove(t)
}
