package llmsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// created is the time of every completion, so that runs repeat.
const created = 1_700_000_000

// A completion is an answer about to be written.
type completion struct {
	dialect   Dialect
	id        string
	model     string
	request   chatRequest
	reply     Reply
	tokens    []string
	finish    string
	usage     usage
	reasoning string // for reasoning_content
}

type usage struct {
	PromptTokens     int            `json:"prompt_tokens"`
	CompletionTokens int            `json:"completion_tokens"`
	TotalTokens      int            `json:"total_tokens"`
	Details          *usageOfTokens `json:"completion_tokens_details,omitempty"`
}

type usageOfTokens struct {
	ReasoningTokens int `json:"reasoning_tokens"`
}

func (s *Server) serveChat(d Dialect, conn *connection, request Request, deployment string, fault Fault) {
	chat, failed := parseChat(request.Body)
	if deployment != "" {
		chat.model = deployment
		if failed != nil && failed.param == "model" {
			failed = nil // a deployment names the model
		}
	}
	if failed == nil {
		failed = s.checkModel(d, chat.model)
	}
	if failed == nil && d.reasons(chat.model) {
		failed = checkReasoning(chat, request.Body)
	}
	if failed != nil {
		d.fail(conn.w, *failed)
		return
	}
	request.Model, request.Messages, request.Stream = chat.model, chat.messages, chat.stream
	reply := s.options.Reply(request)
	s.note(request, reply)
	if fault.Kind != NoFault {
		reply.Fault = fault
	}
	if conn.failBefore(reply.Fault) {
		return
	}
	c := s.complete(d, chat, reply)
	wait := reply.First
	if d.reasons(chat.model) {
		wait += s.options.ReasoningDelay
	}
	if chat.stream {
		c.stream(conn, wait)
	} else if conn.wait(wait) {
		c.write(conn)
	}
}

// note puts what was understood of a request, and the lies told, on record.
func (s *Server) note(request Request, reply Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lies = append(s.lies, reply.Lies...)
	for i := range slices.Backward(s.requests) {
		if r := &s.requests[i]; r.Path == request.Path && r.Number == request.Number {
			*r = request
			return
		}
	}
}

// complete decides on the tokens of an answer and how it finishes.
func (s *Server) complete(d Dialect, chat chatRequest, reply Reply) *completion {
	c := &completion{
		dialect: d, id: s.nextID("chatcmpl"), model: chat.model, request: chat, reply: reply,
		finish: "stop", reasoning: s.options.Reasoning,
	}
	text := reply.Text
	if s.options.Think != "" {
		text = "<think>\n" + s.options.Think + "\n</think>\n\n" + text
	}
	for _, stop := range chat.stop {
		if before, _, found := strings.Cut(text, stop); found && stop != "" {
			text = before
		}
	}
	if reply.Fault.Kind == Empty || reply.Fault.Kind == Refusal {
		text = ""
	}
	c.tokens = Tokens(text, reply.Cut)
	spent := 0
	if d.reasons(chat.model) {
		spent = s.options.ReasoningTokens
		c.usage.Details = &usageOfTokens{spent}
	}
	if limit := d.limit(chat); limit > 0 && spent+len(c.tokens) > limit {
		spent = min(spent, limit)
		c.tokens, c.finish = c.tokens[:limit-spent], "length"
	}
	switch reply.Fault.Kind {
	case Length, ContentFilter:
		c.tokens = c.tokens[:min(reply.Fault.After, len(c.tokens))]
		c.finish = map[FaultKind]string{Length: "length", ContentFilter: "content_filter"}[reply.Fault.Kind]
	}
	for _, m := range chat.messages {
		c.usage.PromptTokens += 4 + len(Tokens(m.Content, CutWords))
	}
	c.usage.CompletionTokens = spent + len(c.tokens)
	if c.usage.Details != nil {
		c.usage.Details.ReasoningTokens = spent
	}
	c.usage.TotalTokens = c.usage.PromptTokens + c.usage.CompletionTokens
	return c
}

// write sends an answer that is not streamed.
func (c *completion) write(conn *connection) {
	message := map[string]any{"role": "assistant", "content": strings.Join(c.tokens, ""), "refusal": nil}
	if c.reply.Fault.Kind == Refusal {
		message["content"], message["refusal"] = nil, c.reply.Fault.Text
	}
	if c.reasoning != "" {
		message["reasoning_content"] = c.reasoning
	}
	body := marshal(map[string]any{
		"id": c.id, "object": "chat.completion", "created": created, "model": c.model,
		"choices": []any{map[string]any{"index": 0, "message": message, "logprobs": nil, "finish_reason": c.finish}},
		"usage":   c.usage,
	})
	conn.w.Header().Set("Content-Type", "application/json")
	half := len(body) / 2
	switch c.reply.Fault.Kind {
	case CutOff, StreamError, BadChunk:
		conn.w.Write(body[:half])
	case Reset, Drop, Stall, Endless:
		conn.w.Write(body[:half])
		http.NewResponseController(conn.w).Flush()
		switch c.reply.Fault.Kind {
		case Reset:
			conn.reset()
		case Drop:
			conn.drop()
		default:
			conn.untilGone()
		}
	default:
		conn.w.Write(body)
	}
}

// marshal writes our own plain structures, which cannot fail.
func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
