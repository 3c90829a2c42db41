package llmsim

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// stream sends an answer as server-sent events, after a wait.
func (c *completion) stream(conn *connection, wait time.Duration) {
	s := &sse{completion: c, conn: conn}
	header := conn.w.Header()
	header.Set("Content-Type", "text/event-stream; charset=utf-8")
	header.Set("Cache-Control", "no-cache")
	conn.w.WriteHeader(http.StatusOK)
	if c.dialect == azure {
		// Azure opens with a chunk that has no choices.
		s.send(map[string]any{
			"id": "", "object": "", "created": 0, "model": "", "choices": []any{},
			"prompt_filter_results": []any{map[string]any{"prompt_index": 0, "content_filter_results": map[string]any{}}},
		})
	} else {
		s.choice(map[string]any{"role": "assistant", "content": "", "refusal": nil}, nil)
	}
	s.flush()
	if !conn.wait(wait) || !s.think() || !s.speak() {
		return
	}
	s.end()
}

// sse writes the events of one stream.
type sse struct {
	*completion
	conn *connection
}

// think sends the reasoning, and reports whether the stream goes on.
func (s *sse) think() bool {
	for _, token := range Tokens(s.reasoning, CutWords) {
		s.choice(map[string]any{"reasoning_content": token}, nil)
		s.flush()
		if !s.conn.wait(s.reply.Every) {
			return false
		}
	}
	return true
}

// speak sends the tokens, and reports whether the stream comes to its end.
func (s *sse) speak() bool {
	after := min(s.reply.Fault.After, len(s.tokens))
	for i := 0; ; i++ {
		if i == after && !s.strike() {
			return false
		}
		if i == len(s.tokens) {
			break
		}
		if i > 0 && !s.conn.wait(s.reply.Every) {
			return false
		}
		s.token(i, s.tokens[i])
	}
	if s.reply.Fault.Kind == Refusal {
		for _, token := range Tokens(s.reply.Fault.Text, CutWords) {
			s.choice(map[string]any{"refusal": token}, nil)
		}
	}
	return true
}

func (s *sse) token(i int, token string) {
	s.choice(map[string]any{"content": token}, nil)
	s.flush()
	if s.reply.Flushed != nil {
		s.reply.Flushed(i, token, time.Now())
	}
}

// strike plays a fault of the stream, and reports whether the stream goes on.
func (s *sse) strike() bool {
	switch s.reply.Fault.Kind {
	case Reset:
		s.conn.reset()
	case Drop:
		s.conn.drop()
	case Stall:
		s.conn.untilGone()
	case Endless:
		s.forever()
	case StreamError:
		s.fail()
	case CutOff:
	case BadChunk:
		fmt.Fprintf(s.conn.w, "data: {\"id\":%q,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\n\n", s.id)
		s.flush()
		return true
	case KeepAlive:
		for range s.reply.Fault.Count {
			fmt.Fprint(s.conn.w, ": keep-alive\n\n")
		}
		s.flush()
		return true
	default:
		return true
	}
	return false
}

// fail sends an error in mid-stream, in the dialect's format.
func (s *sse) fail() {
	f := failure{status: http.StatusInternalServerError, message: s.reply.Fault.Text, kind: "server_error"}
	if f.message == "" {
		f.message = "The server had an error while processing your request. Sorry about that!"
	}
	body := s.dialect.errorBody(f)
	if s.dialect == VLLM {
		body = map[string]any{"error": body} // within a stream vLLM wraps it
	}
	s.send(body)
	s.flush()
}

// forever repeats the text until the client goes away.
func (s *sse) forever() {
	tokens := s.tokens
	if len(tokens) == 0 {
		tokens = []string{" and", " so", " on"}
	}
	for i := 0; s.conn.wait(max(s.reply.Every, time.Millisecond)); i++ {
		s.token(i, tokens[i%len(tokens)])
	}
}

// end sends the finish reason, the usage if it was asked for, and [DONE].
func (s *sse) end() {
	s.choice(map[string]any{}, s.finish)
	if s.request.includeUsage {
		chunk := s.chunk()
		chunk["choices"], chunk["usage"] = []any{}, s.usage
		s.send(chunk)
	}
	if s.reply.Fault.Kind != NoDone {
		fmt.Fprint(s.conn.w, "data: [DONE]\n\n")
	}
	s.flush()
}

// choice sends a chunk with one choice; finish is nil until the last.
func (s *sse) choice(delta map[string]any, finish any) {
	choice := map[string]any{"index": 0, "delta": delta, "logprobs": nil, "finish_reason": finish}
	if s.dialect == azure {
		choice["content_filter_results"] = map[string]any{}
	}
	chunk := s.chunk()
	chunk["choices"] = []any{choice}
	if s.request.includeUsage {
		chunk["usage"] = nil
	}
	s.send(chunk)
}

func (s *sse) chunk() map[string]any {
	return map[string]any{
		"id": s.id, "object": "chat.completion.chunk", "created": created,
		"model": s.model, "system_fingerprint": "fp_llmsim",
	}
}

func (s *sse) send(v any) {
	var event strings.Builder
	event.WriteString("data: ")
	event.Write(marshal(v))
	event.WriteString("\n\n")
	fmt.Fprint(s.conn.w, event.String())
}

// flush hands what was written to the network. A client that has gone is
// noticed at the next wait.
func (s *sse) flush() { _ = http.NewResponseController(s.conn.w).Flush() }
