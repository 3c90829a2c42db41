package slackbot

import (
	"slices"
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

func keyOf(c callback) threadKey { return threadKey{c.Team, c.Event.Channel, c.Event.ThreadTS} }

func (e *early) hold(c callback) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	for len(e.order) > 0 && (len(e.order) >= heldThreads || now.Sub(e.order[0].since) > heldFor) {
		e.drop(e.order[0].key)
	}
	key := keyOf(c)
	replies, known := e.held[key]
	if len(replies) >= heldReplies || slices.ContainsFunc(replies, func(r callback) bool { return r.Event.TS == c.Event.TS }) {
		return
	}
	if !known {
		e.order = append(e.order, heldThread{key, now})
	}
	e.held[key] = append(replies, c)
}

// release returns what was held for a thread, in order.
func (e *early) release(key threadKey) []callback {
	e.mu.Lock()
	defer e.mu.Unlock()
	replies := e.held[key]
	e.drop(key)
	return replies
}

// forget takes a reply back that was deleted before it was asked.
func (e *early) forget(team, channel, ts string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for key, replies := range e.held {
		if key.team == team && key.channel == channel {
			e.held[key] = slices.DeleteFunc(replies, func(c callback) bool { return c.Event.TS == ts })
		}
	}
}

// amend has a held reply say what it was edited to. It reports whether there is
// one.
func (e *early) amend(team, channel string, m incoming) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for key, replies := range e.held {
		for i := range replies {
			if key.team == team && key.channel == channel && replies[i].Event.TS == m.TS {
				if laterTS(m.editTS(), replies[i].Event.editTS()) { // edits come in any order
					replies[i].Event.Text, replies[i].Event.Edited = m.Text, m.Edited
				}
				return true
			}
		}
	}
	return false
}

func (e *early) drop(key threadKey) {
	delete(e.held, key)
	e.order = slices.DeleteFunc(e.order, func(t heldThread) bool { return t.key == key })
}
