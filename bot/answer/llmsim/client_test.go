package llmsim

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A client is a plain one, so that the wire is seen as it is.
type client struct {
	t   testing.TB
	sim *Server
	key string
}

func start(t testing.TB, options Options) client {
	t.Helper()
	sim := New(options)
	t.Cleanup(sim.Close)
	return client{t: t, sim: sim, key: options.Key}
}

// post sends JSON to a path; the response's body is the caller's to close.
func (c client) post(ctx context.Context, path string, body any) (*http.Response, error) {
	c.t.Helper()
	text, ok := body.(string)
	if !ok {
		raw, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		text = string(raw)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.sim.AzureURL()+path, strings.NewReader(text))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
		r.Header.Set("api-key", c.key)
	}
	return http.DefaultClient.Do(r)
}

// call reads a whole response.
func (c client) call(path string, body any) (int, []byte) {
	c.t.Helper()
	response, err := c.post(c.t.Context(), path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return response.StatusCode, raw
}

type object = map[string]any

// asking is a chat completion's body, with changes.
func asking(changes object) object {
	body := object{"model": "gpt-sim", "messages": []object{{"role": "user", "content": "hello"}}}
	for name, value := range changes {
		body[name] = value
	}
	return body
}

// An event is what a stream said, read strictly.
type event struct {
	ID      string
	Object  string
	Choices []struct {
		Delta struct {
			Role, Content, Refusal string
			Reasoning              string `json:"reasoning_content"`
		}
		Finish string `json:"finish_reason"`
	}
	Usage *usage
	Error *struct{ Message string }
}

// A heard stream is everything that arrived.
type heard struct {
	text, refusal, reasoning, finish string
	events                           []event
	comments, malformed              int
	done                             bool
	usage                            *usage
	failure                          string
	err                              error
}

// listen reads a streamed completion to its end or until ctx is over.
func (c client) listen(ctx context.Context, changes object) heard {
	c.t.Helper()
	body := asking(changes)
	body["stream"] = true
	response, err := c.post(ctx, "/v1/chat/completions", body)
	if err != nil {
		return heard{err: err}
	}
	defer response.Body.Close()
	return hear(response.Body)
}

func hear(body io.Reader) heard {
	var h heard
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		line := lines.Bytes()
		data, isData := bytes.CutPrefix(line, []byte("data: "))
		switch {
		case len(line) == 0:
		case line[0] == ':':
			h.comments++
		case !isData:
			h.malformed++
		case string(data) == "[DONE]":
			h.done = true
		default:
			h.add(data)
		}
	}
	h.err = lines.Err()
	return h
}

func (h *heard) add(data []byte) {
	var e event
	if json.Unmarshal(data, &e) != nil {
		h.malformed++
		return
	}
	h.events = append(h.events, e)
	if e.Error != nil {
		h.failure = e.Error.Message
	}
	if e.Usage != nil {
		h.usage = e.Usage
	}
	for _, choice := range e.Choices {
		h.text += choice.Delta.Content
		h.refusal += choice.Delta.Refusal
		h.reasoning += choice.Delta.Reasoning
		h.finish += choice.Finish
	}
}

// soon is a context for what only ends when the client goes away.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}
