package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// A vigil knows how the store is that replicas share, since it asks every few
// seconds. When the store is back, it has the questions tried that waited for
// that; and while the index that is answered from is not in the store as it
// should be, it sees to that.
type vigil struct {
	editions *editions
	reach    func(context.Context) error // fails where the store does not answer at all
	hurry    func(context.Context) (int, error)
	log      *slog.Logger
	every    time.Duration

	// Of its goroutine alone.
	next  time.Time     // to try to settle
	pause time.Duration // after the last time
	said  string        // why that failed

	mu    sync.Mutex
	away  error // nil while it can be asked
	since time.Time
}

const (
	probeEvery = 5 * time.Second
	// lookTimeout is enough for one endpoint after the other to be given up.
	lookTimeout = 15 * time.Second
	// mostPause is the longest between two attempts to bring an index to the
	// store, which cost more than to look.
	mostPause = time.Minute
)

// errOpening is for a store that is back, of which the index is not open yet.
var errOpening = errors.New("it answers again, and the index is being opened")

// newVigil begins with what is known of the first edition.
func newVigil(e *editions, reach func(context.Context) error, hurry func(context.Context) (int, error), log *slog.Logger) *vigil {
	v := &vigil{editions: e, reach: reach, hurry: hurry, log: log, every: probeEvery}
	now, release := e.use()
	defer release()
	if failure := now.index.Built().Awaits; failure != nil {
		v.note(context.Background(), failure)
	}
	return v
}

// keep looks until ctx ends.
func (v *vigil) keep(ctx context.Context) {
	ticker := time.NewTicker(v.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			v.look(ctx)
		}
	}
}

func (v *vigil) look(ctx context.Context) {
	now, release := v.editions.use()
	defer release()
	probe := now.index.Probe
	if now.pending != nil {
		probe = v.reach // what is open is not in the store
	}
	limited, cancel := context.WithTimeout(ctx, lookTimeout)
	err := probe(limited)
	cancel()
	if now.pending != nil && err == nil {
		err = v.settle(ctx, now)
	}
	if ctx.Err() == nil {
		v.note(ctx, err)
	}
}

// settle brings the index to where it belongs, if it is time to try, and returns
// why questions wait all the same.
func (v *vigil) settle(ctx context.Context, now *edition) error {
	waits := !now.aside()
	_, before := v.state()
	switch {
	case time.Now().Before(v.next) && waits:
		return before
	case time.Now().Before(v.next):
		return nil
	case waits:
		v.note(ctx, errOpening)
	}
	err := v.editions.settle(ctx)
	switch {
	case err == nil:
		v.next, v.pause, v.said = time.Time{}, 0, ""
		return nil
	case ctx.Err() != nil:
		return err
	}
	v.pause = min(max(2*v.pause, v.every), mostPause)
	v.next = time.Now().Add(v.pause)
	if waits {
		return err
	}
	if problem, hint := explain(err); problem != v.said {
		v.said = problem
		v.log.WarnContext(ctx, "the index cannot be stored in Weaviate yet, and is kept in memory", "error", problem, "hint", hint)
	}
	return nil
}

// note takes down how the store is, and says so where that has changed.
func (v *vigil) note(ctx context.Context, err error) {
	v.mu.Lock()
	before, since := v.away, v.since
	v.away = err
	if before == nil {
		v.since = time.Now()
	}
	v.mu.Unlock()
	switch {
	case err != nil && before == nil:
		problem, hint := explain(err)
		v.log.WarnContext(ctx, "Weaviate cannot be asked: "+v.meanwhile(), "error", problem, "hint", hint)
	case err == nil && before != nil:
		n, err := v.hurry(ctx)
		if err != nil && ctx.Err() == nil {
			v.log.WarnContext(ctx, "questions that wait could not be hurried; they are tried again in their time", "error", err)
		}
		v.log.InfoContext(ctx, "Weaviate can be asked again", "questions", n, "away", time.Since(since).Round(time.Second))
	}
}

// meanwhile is what becomes of questions while the store cannot be asked.
func (v *vigil) meanwhile() string {
	if v.editions.figures().aside {
		return "answers are from memory"
	}
	return "questions are taken, and wait until it can"
}

// state is since when the store cannot be asked, and why; nil while it can.
func (v *vigil) state() (since time.Time, away error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.since, v.away
}

// says is what somebody should know who asks whether all is well, a line for each
// thing; nothing while it is. It may be asked of none.
func (v *vigil) says() string {
	if v == nil {
		return ""
	}
	var b strings.Builder
	now := v.editions.figures()
	since, away := v.state()
	if away != nil {
		fmt.Fprintf(&b, "Weaviate cannot be asked since %s: %s: %s\n", since.UTC().Format(time.RFC3339), v.meanwhile(), inShort(away.Error()))
	}
	if now.aside {
		fmt.Fprintf(&b, "the report's index is not in Weaviate yet, and is kept in memory: %s\n", inShort(now.pending.Error()))
	}
	if now.unstored {
		fmt.Fprintf(&b, "the report has changed, and its index cannot be stored in Weaviate yet: answers are from its last version\n")
	}
	return b.String()
}

// inShort is a text of others', short enough to be read.
func inShort(text string) string {
	const most = 300
	text = oneLine(clean(text))
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
