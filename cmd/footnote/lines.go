package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
)

// A line is a line of input without its end, or why reading ended.
type line struct {
	text string
	err  error
}

// readLines reads lines of any length until the input or ctx ends. The input
// is left to a goroutine of its own, since reading from a terminal cannot be
// interrupted: once ctx ends it may wait for one more line, and the channel
// stays open until then.
func readLines(ctx context.Context, r io.Reader) <-chan line {
	out := make(chan line)
	send := func(l line) bool {
		select {
		case out <- l:
			return true
		case <-ctx.Done():
			return false
		}
	}
	go func() {
		defer close(out)
		buffered := bufio.NewReader(r)
		for first := true; ; first = false {
			text, err := buffered.ReadString('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				send(line{err: err})
				return
			}
			if err != nil && text == "" { // the end, after a newline
				return
			}
			text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
			if first {
				text = strings.TrimPrefix(text, "\uFEFF")
			}
			if !send(line{text: text}) || err != nil {
				return
			}
		}
	}()
	return out
}
