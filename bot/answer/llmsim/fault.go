package llmsim

import (
	"io"
	"net"
	"net/http"
	"time"
)

// A Fault is something that goes wrong with an answer.
type Fault struct {
	Kind FaultKind
	// After is the number of tokens that arrive before it; more tokens than
	// the text has means after the last.
	After int
	// Status, Header and Body are those of an Refused answer, and Body that of
	// a [WrongBody].
	Status int
	Header http.Header
	Body   string
	// Count is the number of [KeepAlive] comments.
	Count int
	// Text is what a [Refusal] says and a [StreamError]'s message.
	Text string
}

// A FaultKind says what goes wrong.
type FaultKind int

// The kinds of faults. The ones marked "stream" need a streamed answer; when
// the answer is not streamed, CutOff, Drop and the others of the stream break the
// body off in the middle, and the rest are as described.
const (
	NoFault       FaultKind = iota
	Refused                 // Status, Header and Body in place of an answer
	WrongBody               // status 200, Header's or HTML content type, Body
	Hang                    // not a byte until the client goes away
	Reset                   // the connection is reset after After tokens, with 0 before any byte
	Drop                    // the connection is closed in mid-body after After tokens
	CutOff                  // stream: ends cleanly after After tokens without a finish reason or [DONE]
	NoDone                  // stream: a finish reason, usage, but no [DONE]
	StreamError             // stream: an error object after After tokens, then the end
	BadChunk                // stream: a chunk that is no JSON after After tokens, then the rest
	KeepAlive               // stream: Count comment lines after After tokens, then the rest
	Stall                   // stream: nothing after After tokens until the client goes away
	Endless                 // stream: the text over and over until the client goes away
	Empty                   // no text, finish reason stop
	Length                  // After tokens, finish reason length
	ContentFilter           // After tokens, finish reason content_filter
	Refusal                 // no text, Text in the field refusal
)

// RateLimited is a 429 with a Retry-After header, in seconds or as an HTTP
// date; empty leaves the header out.
func RateLimited(retryAfter string) Fault {
	f := Fault{
		Kind: Refused, Status: http.StatusTooManyRequests, Header: http.Header{"Content-Type": {"application/json"}},
		Body: `{"error":{"message":"Rate limit reached for model in organization org-sim on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.","type":"requests","param":null,"code":"rate_limit_exceeded"}}`,
	}
	if retryAfter != "" {
		f.Header.Set("Retry-After", retryAfter)
	}
	return f
}

// OutOfQuota is the 429 that no retry mends.
func OutOfQuota() Fault {
	return Fault{
		Kind: Refused, Status: http.StatusTooManyRequests, Header: http.Header{"Content-Type": {"application/json"}},
		Body: `{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`,
	}
}

// ServerError is a 500 as OpenAI words it.
func ServerError() Fault {
	return Fault{
		Kind: Refused, Status: http.StatusInternalServerError, Header: http.Header{"Content-Type": {"application/json"}},
		Body: `{"error":{"message":"The server had an error while processing your request. Sorry about that!","type":"server_error","param":null,"code":null}}`,
	}
}

const badGatewayPage = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"

// BadGateway is a 502 with a proxy's HTML page.
func BadGateway() Fault {
	return Fault{Kind: Refused, Status: http.StatusBadGateway, Header: http.Header{"Content-Type": {"text/html"}}, Body: badGatewayPage}
}

// Unavailable is a 503 without a Retry-After header.
func Unavailable() Fault {
	return Fault{
		Kind: Refused, Status: http.StatusServiceUnavailable, Header: http.Header{"Content-Type": {"application/json"}},
		Body: `{"error":{"message":"The engine is currently overloaded, please try again later","type":"server_error","param":null,"code":"overloaded"}}`,
	}
}

// HTMLPage is a status 200 with a page in place of an answer, as a captive
// portal sends.
func HTMLPage() Fault {
	return Fault{Kind: WrongBody, Body: "<!DOCTYPE html><html><body>Please sign in.</body></html>"}
}

// JSONForStream is a status 200 with a whole completion where a stream was
// asked for, as a proxy that cannot stream sends.
func JSONForStream(text string) Fault {
	return Fault{
		Kind: WrongBody, Header: http.Header{"Content-Type": {"application/json"}},
		Body: string(marshal(map[string]any{
			"id": "chatcmpl-proxy", "object": "chat.completion", "created": created, "model": "proxied",
			"choices": []any{map[string]any{
				"index": 0, "finish_reason": "stop", "message": map[string]any{"role": "assistant", "content": text},
			}},
		})),
	}
}

// A connection is one request's, with what is needed to break it.
type connection struct {
	w    http.ResponseWriter
	r    *http.Request
	quit <-chan struct{}
}

// failBefore plays the faults that strike before a byte of an answer, and
// reports whether it did.
func (c *connection) failBefore(f Fault) bool {
	switch {
	case f.Kind == Refused || f.Kind == WrongBody:
		c.writeInstead(f)
	case f.Kind == Hang:
		c.untilGone()
	case f.Kind == Reset && f.After == 0:
		c.reset()
	default:
		return false
	}
	return true
}

func (c *connection) writeInstead(f Fault) {
	header := c.w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	for name, values := range f.Header {
		header[name] = values
	}
	status := http.StatusOK
	if f.Kind == Refused {
		status = f.Status
	}
	c.w.WriteHeader(status)
	io.WriteString(c.w, f.Body)
}

// untilGone waits until the client has gone. When the server goes down, the
// connection ends without an answer.
func (c *connection) untilGone() {
	select {
	case <-c.r.Context().Done():
	case <-c.quit:
		panic(http.ErrAbortHandler)
	}
}

// wait reports false when the client went away before d was over. When the
// server goes down, the connection ends without the rest of the answer.
func (c *connection) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.r.Context().Done():
	case <-c.quit:
		panic(http.ErrAbortHandler)
	}
	return false
}

// reset sends an RST, after what was written.
func (c *connection) reset() { c.hangUp(true) }

// drop closes the connection without ending the body.
func (c *connection) drop() { c.hangUp(false) }

func (c *connection) hangUp(reset bool) {
	conn, _, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		return // the client was faster
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		tcp.SetLinger(0)
	}
	conn.Close()
}
