package main

import (
	"context"
	"strings"

	"footnote/bot"
	"footnote/bot/cite"
)

// A live answer appears on a terminal sentence by sentence.
type live struct {
	out     *screen
	text    string // shown so far
	printed string // as it was laid out
}

// show prints a sentence that was checked.
func (l *live) show(_ context.Context, sentence string) error {
	l.text += sentence
	laid := wrap(clean(strings.TrimSpace(l.text)), l.out.width, "")
	rest, goesOn := strings.CutPrefix(laid, l.printed)
	if !goesOn {
		return nil // the end shows it whole
	}
	l.printed = laid
	return l.out.print(l.out.boldAll(rest))
}

// finish prints what is not there yet: the end, the notices and the sources;
// all of it where another answer took the place of the one shown.
func (l *live) finish(a bot.Answer) error {
	whole := l.out.answer(a)
	if l.printed == "" {
		return l.out.print(whole)
	}
	if rest, goesOn := strings.CutPrefix(whole, l.out.boldAll(l.printed)); goesOn {
		return l.out.print(rest)
	}
	return l.out.print("\n" + l.out.dim("(That answer is taken back.)") + "\n\n" + whole)
}

// broke ends the line after an error.
func (l *live) broke() error {
	if l.printed == "" {
		return nil
	}
	return l.out.print("\n")
}

// boldAll sets off all markers of a text.
func (s *screen) boldAll(text string) string {
	var all []bot.Citation
	for _, m := range cite.Markers(text) {
		all = append(all, bot.Citation{Marker: m.Number})
	}
	return s.boldMarkers(text, all)
}
