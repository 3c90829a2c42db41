package slacksim

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAManualClockRunsTimersInOrder(t *testing.T) {
	c := NewManualClock(epoch)
	var ran []string
	at := func(name string, d time.Duration) Timer {
		return c.AfterFunc(d, func() { ran = append(ran, name+" "+c.Now().Sub(epoch).String()) })
	}
	at("b", 2*time.Second)
	at("a", time.Second)
	stopped := at("c", time.Second)
	c.AfterFunc(time.Second, func() { at("nested", 500*time.Millisecond) })
	if !stopped.Stop() || stopped.Stop() {
		t.Error("Stop reports what it did")
	}
	c.Advance(3 * time.Second)
	if got := strings.Join(ran, ", "); got != "a 1s, nested 1.5s, b 2s" {
		t.Errorf("ran %s", got)
	}
	if c.Pending() != 0 || c.Now() != epoch.Add(3*time.Second) {
		t.Errorf("%d pending at %v", c.Pending(), c.Now())
	}
}

func TestAConnectionInMemoryBehavesLikeTCP(t *testing.T) {
	a, b := newPipe()
	if _, err := a.Write([]byte("hello")); err != nil { // without a reader
		t.Fatal(err)
	}
	buf := make([]byte, 16)
	if n, err := b.Read(buf); err != nil || string(buf[:n]) != "hello" {
		t.Errorf("read %q, %v", buf[:n], err)
	}
	_ = b.SetReadDeadline(time.Now().Add(time.Millisecond))
	var timeout net.Error
	if _, err := b.Read(buf); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("past the deadline: %v", err)
	}
	_ = b.SetReadDeadline(time.Time{})
	_, _ = a.Write([]byte("bye"))
	a.Close()
	if got, err := io.ReadAll(b); err != nil || string(got) != "bye" {
		t.Errorf("after the close: %q, %v", got, err)
	}
	if _, err := b.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("writing to a closed peer: %v", err)
	}
	if _, err := a.Read(buf); !errors.Is(err, net.ErrClosed) {
		t.Errorf("reading after closing: %v", err)
	}
}

func TestAFullConnectionBlocksUntilTheDeadline(t *testing.T) {
	a, b := newPipe()
	_ = a.SetWriteDeadline(time.Now().Add(5 * time.Millisecond))
	n, err := a.Write(make([]byte, pipeBuffer+1))
	if n != pipeBuffer || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("wrote %d, %v", n, err)
	}
	_ = a.SetWriteDeadline(time.Time{})
	go func() { _, _ = io.CopyN(io.Discard, b, 10) }()
	if _, err := a.Write([]byte("x")); err != nil {
		t.Errorf("once there is room: %v", err)
	}
}

func TestAResetLosesWhatIsUnderWay(t *testing.T) {
	a, b := newPipe()
	_, _ = a.Write([]byte("lost"))
	a.reset()
	if _, err := b.Read(make([]byte, 8)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read: %v", err)
	}
	if _, err := b.Write([]byte("x")); err == nil {
		t.Error("a write succeeded")
	}
}

func TestAClosedListenerRefuses(t *testing.T) {
	l := NewListener()
	l.Close()
	l.Close()
	if _, err := l.Dial(t.Context(), "", ""); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept: %v", err)
	}
}
