package slacksim

import (
	"net/http"
	"time"
)

// A FaultKind is a way in which a Web API call goes wrong.
type FaultKind int

// The kinds of faults.
const (
	// ServerError answers with Status (zero is 503) and HTML, as Slack's edge does.
	ServerError FaultKind = iota
	// Hang never answers.
	Hang
	// Reset resets the TCP connection.
	Reset
	// DropResponse closes the connection without an answer.
	DropResponse
	// Malformed answers with JSON, or a file, that breaks off.
	Malformed
	// Slow takes Delay longer; the call itself succeeds or fails as usual.
	Slow
	// RateLimit answers 429, with Retry-After only if RetryAfter is above zero.
	RateLimit
	// APIError answers "ok": false with Code, such as "internal_error".
	APIError
)

// Download is the method of faults that strike the download of a file.
const Download = "download"

// A Fault makes calls of a method go wrong.
type Fault struct {
	// Method is the method's name, or Download; empty is every method.
	Method string
	// Call is which call of the method from now on, counted from 1; zero is
	// every call.
	Call int
	// Times is how many calls in a row from Call on; zero is one.
	Times int
	Kind  FaultKind
	// Effect says that the call takes effect first: what was posted is posted.
	Effect     bool
	Status     int
	Delay      time.Duration
	RetryAfter time.Duration
	Code       string

	seen int
}

// Inject adds a fault. The first fault that fits a call strikes.
func (ws *Workspace) Inject(f Fault) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.faults = append(ws.faults, &f)
}

// ClearFaults ends all faults.
func (ws *Workspace) ClearFaults() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.faults = nil
}

// fault returns the fault that strikes this call; the caller holds mu.
func (ws *Workspace) fault(method string) *Fault {
	var strikes *Fault
	for _, f := range ws.faults {
		if f.Method != method && (f.Method != "" || method == Download) {
			continue
		}
		f.seen++
		if strikes == nil && f.fits() {
			strikes = f
		}
	}
	if strikes != nil {
		ws.stats.Faults++
	}
	return strikes
}

func (f *Fault) fits() bool {
	return f.Call == 0 || f.seen >= f.Call && f.seen < f.Call+max(f.Times, 1)
}

func (f *Fault) status() int {
	if f.Status == 0 {
		return http.StatusServiceUnavailable
	}
	return f.Status
}
