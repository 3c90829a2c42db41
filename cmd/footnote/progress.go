package main

import (
	"fmt"
	"strings"
	"time"
)

// A progress bar shows how far long work has come, on a terminal only, and
// only once the work has taken longer than a person likes to wait.
type progress struct {
	on    *screen
	label string
	start time.Time
	shown time.Time
}

const (
	patience    = time.Second
	refresh     = 100 * time.Millisecond
	barColumns  = 24
	lineErasing = "\r\x1b[K"
)

func newProgress(on *screen, label string) *progress {
	return &progress{on: on, label: label, start: time.Now()}
}

func (p *progress) update(done, total int) { p.updateAt(time.Now(), done, total) }

func (p *progress) updateAt(now time.Time, done, total int) {
	if !p.on.cursor || total <= 0 || now.Sub(p.start) < patience || now.Sub(p.shown) < refresh {
		return
	}
	p.shown = now
	full := barColumns * min(done, total) / total
	bar := strings.Repeat("█", full) + strings.Repeat("░", barColumns-full)
	p.on.print(fmt.Sprintf("%s%s %s %d/%d", lineErasing, p.label, bar, done, total))
}

// clear takes the bar away.
func (p *progress) clear() {
	if !p.shown.IsZero() {
		p.on.print(lineErasing)
	}
}
