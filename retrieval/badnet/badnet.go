// Package badnet is a bad network for tests: a proxy between a program and a
// server that delays, swallows, refuses and cuts.
package badnet

import (
	"net"
	"sync"
	"testing"
	"time"
)

// A Manner is how a proxy treats what passes; the zero value harms nothing.
type Manner struct {
	Delay   time.Duration // of each piece
	Silent  bool          // what comes is not passed on, and nobody is told
	Deaf    bool          // the same, of what the server says
	Refuses bool          // connections
}

// A Proxy stands between a program and a server. It is safe for concurrent use.
type Proxy struct {
	listener net.Listener
	to       string

	mu     sync.Mutex
	conns  map[net.Conn]bool
	manner Manner
	came   int
}

// New opens a proxy to a server's host and port. It ends with its test.
func New(t testing.TB, to string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, to: to, conns: map[net.Conn]bool{}}
	go p.serve()
	t.Cleanup(func() { l.Close(); p.Cut() })
	return p
}

// Addr is the host and port to reach the server at.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Be has the proxy be like that from now on.
func (p *Proxy) Be(m Manner) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.manner = m
}

// Came is how many connections have been opened, or were refused.
func (p *Proxy) Came() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.came
}

// Cut ends all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *Proxy) serve() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.to)
		p.mu.Lock()
		p.came++
		if err != nil || p.manner.Refuses {
			in.Close()
			if err == nil {
				out.Close()
			}
			p.mu.Unlock()
			continue
		}
		p.conns[in], p.conns[out] = true, true
		p.mu.Unlock()
		go p.pass(in, out, false)
		go p.pass(out, in, true)
	}
}

func (p *Proxy) pass(from, to net.Conn, reply bool) {
	defer p.drop(from, to)
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		now := p.manner
		p.mu.Unlock()
		time.Sleep(now.Delay)
		if now.Silent || reply && now.Deaf {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *Proxy) drop(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		c.Close()
		delete(p.conns, c)
	}
}
