package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadLines(t *testing.T) {
	long := strings.Repeat("x", 3*bufio.MaxScanTokenSize)
	tests := []struct {
		name, input string
		want        []string
	}{
		{"nothing", "", nil},
		{"one without its end", "a", []string{"a"}},
		{"blank lines count", "a\n\n\nb\n", []string{"a", "", "", "b"}},
		{"only a newline", "\n", []string{""}},
		{"Windows line ends", "a\r\n\r\nb\r\n", []string{"a", "", "b"}},
		{"a carriage return inside", "a\rb\r\r\n", []string{"a\rb\r"}},
		{"a byte order mark", "\uFEFFa\n\uFEFFb\n", []string{"a", "\uFEFFb"}},
		{"very long", long + "\nb\n", []string{long, "b"}},
		{"not UTF-8", "a\xff\n", []string{"a\xff"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for l := range readLines(t.Context(), iotest.HalfReader(strings.NewReader(tt.input))) {
				if l.err != nil {
					t.Fatal(l.err)
				}
				got = append(got, l.text)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("lines = %.80q, want %.80q", got, tt.want)
			}
		})
	}
}

func TestReadLinesTellsWhyReadingEnded(t *testing.T) {
	broken := errors.New("broken")
	lines := readLines(t.Context(), io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)))
	if l := <-lines; l.text != "a" || l.err != nil {
		t.Errorf("first line %+v", l)
	}
	if l := <-lines; l.err != broken {
		t.Errorf("second line %+v", l)
	}
	if _, more := <-lines; more {
		t.Error("lines go on after an error")
	}
}

func TestReadLinesEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	lines := readLines(ctx, strings.NewReader(strings.Repeat("a\n", 1000)))
	<-lines
	cancel()
	for n := 0; ; n++ {
		if _, more := <-lines; !more {
			break
		}
		if n > 900 {
			t.Fatal("lines go on after the context ended")
		}
	}
}
