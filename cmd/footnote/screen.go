package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// maxWidth is where lines stop being comfortable to read.
const maxWidth = 88

// A screen is an output stream and what it can show.
type screen struct {
	io.Writer
	terminal bool
	// cursor says that a line on it can be written over.
	cursor bool
	// width is the number of columns to wrap at; 0 leaves lines as they are.
	width  int
	colour bool
}

func newScreen(f *os.File) *screen {
	s := &screen{Writer: f, terminal: isTerminal(f)}
	if !s.terminal {
		return s
	}
	s.cursor = os.Getenv("TERM") != "dumb"
	s.colour = wantsColour(os.Getenv)
	s.width = maxWidth
	if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
		s.width = min(columns, maxWidth)
	}
	return s
}

// wantsColour follows no-color.org.
func wantsColour(getenv func(string) string) bool {
	return getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// print writes text at once, so that a reader of a pipe has it now.
func (s *screen) print(text string) error {
	_, err := io.WriteString(s, text)
	return err
}

const (
	styleBold = "\x1b[1m"
	styleDim  = "\x1b[2m"
	styleOff  = "\x1b[0m"
)

func (s *screen) bold(text string) string { return s.styled(styleBold, text) }
func (s *screen) dim(text string) string  { return s.styled(styleDim, text) }

func (s *screen) styled(style, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return style + text + styleOff
}
