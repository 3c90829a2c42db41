package slackbot

import (
	"sync"
	"time"
)

// early holds replies that came before the question they follow: a question's
// event may be delayed or lost, and come again after a minute. They are kept in
// memory only, since most replies in a workspace are no business of the bot's
// and must not be written down.
type early struct {
	mu    sync.Mutex
	held  map[threadKey][]callback
	order []heldThread // oldest first
}

type threadKey struct{ team, channel, thread string }

type heldThread struct {
	key   threadKey
	since time.Time
}

const (
	// heldFor is longer than Slack's schedule of retries, 0, 1 and 5 minutes.
	heldFor     = 10 * time.Minute
	heldThreads = 1000
	heldReplies = 8 // of a thread
)

func newEarly() *early { return &early{held: map[threadKey][]callback{}} }

func (e *early) hold(c callback) {
	key := threadKey{c.Team, c.Event.Channel, c.Event.ThreadTS}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.forget(time.Now())
	replies, known := e.held[key]
	if len(replies) >= heldReplies {
		return
	}
	for _, r := range replies {
		if r.Event.TS == c.Event.TS {
			return
		}
	}
	if !known {
		e.order = append(e.order, heldThread{key, time.Now()})
	}
	e.held[key] = append(replies, c)
}

// release returns what was held for a thread, in order.
func (e *early) release(team, channel, thread string) []callback {
	key := threadKey{team, channel, thread}
	e.mu.Lock()
	defer e.mu.Unlock()
	replies := e.held[key]
	if replies == nil {
		return nil
	}
	delete(e.held, key)
	return replies
}

func (e *early) forget(now time.Time) {
	for len(e.order) > 0 && (len(e.order) >= heldThreads || now.Sub(e.order[0].since) > heldFor) {
		delete(e.held, e.order[0].key)
		e.order = e.order[1:]
	}
}
