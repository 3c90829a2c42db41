package slacksim

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"
)

// A Listener is a network inside the process. Unlike sockets of the operating
// system, its waits count as idle to testing/synctest, so that fake time moves
// on while both sides wait. An app that takes events over HTTP in a bubble
// serves on one, and the workspace reaches it with Client as
// Options.HTTPClient.
type Listener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// pipeBuffer is how much one side may write ahead of the other, like a
// kernel's socket buffer.
const pipeBuffer = 256 << 10

// NewListener opens a network.
func NewListener() *Listener {
	return &Listener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept waits for the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close refuses further connections; open ones stay.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is a stand-in.
func (l *Listener) Addr() net.Addr { return pipeAddr{} }

// Dial opens a connection, whatever the address.
func (l *Listener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := newPipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Client sends requests to the listener, whatever their host.
func (l *Listener) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: l.Dial}}
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "127.0.0.1:0" }

// A pipeConn is one end of a connection in memory.
type pipeConn struct {
	in, out *pipeStream
}

func newPipe() (*pipeConn, *pipeConn) {
	a, b := newPipeStream(), newPipeStream()
	return &pipeConn{in: a, out: b}, &pipeConn{in: b, out: a}
}

func (c *pipeConn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *pipeConn) Write(p []byte) (int, error) { return c.out.write(p) }
func (c *pipeConn) LocalAddr() net.Addr         { return pipeAddr{} }
func (c *pipeConn) RemoteAddr() net.Addr        { return pipeAddr{} }

func (c *pipeConn) Close() error {
	c.in.closeReader(net.ErrClosed)
	c.out.closeWriter(io.EOF)
	return nil
}

// reset ends the connection as a TCP RST does: what is under way is lost.
func (c *pipeConn) reset() {
	c.in.closeReader(syscall.ECONNRESET)
	c.out.drop()
}

func (c *pipeConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}
func (c *pipeConn) SetReadDeadline(t time.Time) error  { c.in.deadline(&c.in.readBy, t); return nil }
func (c *pipeConn) SetWriteDeadline(t time.Time) error { c.out.deadline(&c.out.writeBy, t); return nil }

// A pipeStream is one direction of a connection.
type pipeStream struct {
	mu              sync.Mutex
	changed         *sync.Cond
	buf             []byte
	readErr         error // what the reader gets once buf is empty
	writeErr        error // what the writer gets
	readBy, writeBy pipeDeadline
}

type pipeDeadline struct {
	at    time.Time
	timer *time.Timer
}

func newPipeStream() *pipeStream {
	s := &pipeStream{}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (d *pipeDeadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func (s *pipeStream) deadline(d *pipeDeadline, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
	}
	*d = pipeDeadline{at: t}
	if !t.IsZero() {
		d.timer = time.AfterFunc(time.Until(t), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.changed.Broadcast()
		})
	}
	s.changed.Broadcast()
}

func (s *pipeStream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.readBy.passed():
			return 0, os.ErrDeadlineExceeded
		case len(s.buf) > 0:
			n := copy(p, s.buf)
			s.buf = s.buf[n:]
			s.changed.Broadcast()
			return n, nil
		case s.readErr != nil:
			return 0, s.readErr
		}
		s.changed.Wait()
	}
}

func (s *pipeStream) write(p []byte) (written int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(p) > 0 {
		switch {
		case s.writeErr != nil:
			return written, s.writeErr
		case s.writeBy.passed():
			return written, os.ErrDeadlineExceeded
		case len(s.buf) < pipeBuffer:
			n := min(len(p), pipeBuffer-len(s.buf))
			s.buf = append(s.buf, p[:n]...)
			p, written = p[n:], written+n
			s.changed.Broadcast()
			continue
		}
		s.changed.Wait()
	}
	return written, nil
}

// closeReader ends the stream from the reading side.
func (s *pipeStream) closeReader(err error) { s.end(true, err, syscall.EPIPE) }

// closeWriter ends the stream from the writing side; the reader gets what was
// written, then err.
func (s *pipeStream) closeWriter(err error) { s.end(false, err, net.ErrClosed) }

// drop loses what is under way.
func (s *pipeStream) drop() { s.end(true, syscall.ECONNRESET, syscall.ECONNRESET) }

// end ends the stream; the first errors stay.
func (s *pipeStream) end(lose bool, read, write error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if lose {
		s.buf = nil
	}
	s.readErr = cmp.Or(s.readErr, read)
	s.writeErr = cmp.Or(s.writeErr, write)
	for _, d := range []*pipeDeadline{&s.readBy, &s.writeBy} {
		if d.timer != nil {
			d.timer.Stop()
		}
	}
	s.changed.Broadcast()
}
