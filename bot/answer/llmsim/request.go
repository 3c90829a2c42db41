package llmsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Request is what arrived, whether it was answered or refused.
type Request struct {
	Method string
	Path   string
	Query  url.Values
	Header http.Header
	Raw    []byte
	Body   map[string]any // nil unless the body is a JSON object
	Time   time.Time
	Number int // from 1, among the requests to this path

	Model    string    // the body's model, or the Azure deployment
	Messages []Message // of a chat completion
	Stream   bool
}

// A Message is one of a conversation's. Content joins the text parts.
type Message struct {
	Role    string
	Content string
}

// readRequest reads a request's body. The error says why it is no JSON object;
// what could be read is returned with it.
func readRequest(r *http.Request) (Request, error) {
	request := Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(),
		Header: r.Header.Clone(), Time: time.Now(),
	}
	raw, err := io.ReadAll(r.Body)
	request.Raw = raw
	if err != nil {
		return request, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&request.Body); err != nil {
		return request, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return request, errors.New("something follows the object")
	}
	if request.Body == nil {
		return request, errors.New("null is no object")
	}
	return request, nil
}

// A chatRequest holds the parameters that change the answer.
type chatRequest struct {
	model               string
	messages            []Message
	stream              bool
	includeUsage        bool
	maxTokens           int // 0: not given
	maxCompletionTokens int
	temperature         *float64
	stop                []string
}

// chatParameters are the ones that a chat completion may have. The ones that
// are not read here change nothing that a test can see.
var chatParameters = []string{
	"model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens",
	"temperature", "stop", "top_p", "n", "seed", "user", "presence_penalty", "frequency_penalty",
	"logit_bias", "logprobs", "top_logprobs", "response_format", "reasoning_effort", "metadata",
	"store", "service_tier", "verbosity", "safety_identifier", "prompt_cache_key",
}

// parseChat checks a chat completion's parameters as OpenAI does.
func parseChat(body map[string]any) (chatRequest, *failure) {
	for _, name := range slices.Sorted(maps.Keys(body)) {
		if !slices.Contains(chatParameters, name) {
			return chatRequest{}, invalid(name, "unknown_parameter", "Unknown parameter: '%s'.", name)
		}
	}
	p := parameters{body: body}
	c := chatRequest{
		model:               p.text("model"),
		messages:            p.messages(),
		stream:              p.flag("stream"),
		maxTokens:           p.positive("max_tokens"),
		maxCompletionTokens: p.positive("max_completion_tokens"),
		temperature:         p.number("temperature", 0, 2),
		stop:                p.stop(),
	}
	p.number("top_p", 0, 1)
	p.number("presence_penalty", -2, 2)
	p.number("frequency_penalty", -2, 2)
	if n := p.positive("n"); n > 1 {
		p.fail("n", "unsupported_value", "Unsupported value: 'n' is more than one.")
	}
	if options, ok := body["stream_options"]; ok && options != nil {
		object, isObject := options.(map[string]any)
		if !isObject {
			p.fail("stream_options", "invalid_type", "Invalid type for 'stream_options': expected an object.")
		}
		if !c.stream {
			p.fail("stream_options", "", "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
		}
		inner := parameters{body: object}
		c.includeUsage = inner.flag("include_usage")
		p.keep(inner.failed)
	}
	if c.maxTokens > 0 && c.maxCompletionTokens > 0 {
		p.fail("max_tokens", "invalid_parameter_combination", "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
	}
	return c, p.failed
}

// parameters reads values out of a body and keeps the first failure.
type parameters struct {
	body   map[string]any
	failed *failure
}

func (p *parameters) keep(f *failure) {
	if p.failed == nil {
		p.failed = f
	}
}

func (p *parameters) fail(name, code, format string, args ...any) {
	p.keep(invalid(name, code, format, args...))
}

func (p *parameters) wrongType(name, want string) {
	p.fail(name, "invalid_type", "Invalid type for '%s': expected %s.", name, want)
}

func (p *parameters) text(name string) string {
	switch v := p.body[name].(type) {
	case nil:
		p.fail(name, "missing_required_parameter", "Missing required parameter: '%s'.", name)
	case string:
		if v == "" {
			p.fail(name, "", "you must provide a %s parameter", name)
		}
		return v
	default:
		p.wrongType(name, "a string")
	}
	return ""
}

func (p *parameters) flag(name string) bool {
	switch v := p.body[name].(type) {
	case nil:
	case bool:
		return v
	default:
		p.wrongType(name, "a boolean")
	}
	return false
}

func (p *parameters) number(name string, low, high float64) *float64 {
	switch v := p.body[name].(type) {
	case nil:
	case json.Number:
		f, err := v.Float64()
		if err == nil && f >= low && f <= high {
			return &f
		}
		p.fail(name, "decimal_out_of_range", "Invalid '%s': expected a value between %v and %v, got %s.", name, low, high, v)
	default:
		p.wrongType(name, "a number")
	}
	return nil
}

func (p *parameters) positive(name string) int {
	switch v := p.body[name].(type) {
	case nil:
	case json.Number:
		n, err := v.Int64()
		if err == nil && n > 0 {
			return int(n)
		}
		if err == nil {
			p.fail(name, "integer_below_min_value", "Invalid '%s': integer below minimum value. Expected a value >= 1, but got %d instead.", name, n)
		} else {
			p.wrongType(name, "an integer")
		}
	default:
		p.wrongType(name, "an integer")
	}
	return 0
}

func (p *parameters) stop() []string {
	switch v := p.body["stop"].(type) {
	case nil:
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, e := range v {
			text, ok := e.(string)
			if !ok {
				p.wrongType("stop", "strings")
			}
			all = append(all, text)
		}
		if len(all) > 4 {
			p.fail("stop", "array_above_max_length", "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length %d instead.", len(all))
		}
		return all
	default:
		p.wrongType("stop", "a string or an array of strings")
	}
	return nil
}

func (p *parameters) messages() []Message {
	list, ok := p.body["messages"].([]any)
	if !ok {
		if p.body["messages"] == nil {
			p.fail("messages", "missing_required_parameter", "Missing required parameter: 'messages'.")
		} else {
			p.wrongType("messages", "an array of objects")
		}
		return nil
	}
	if len(list) == 0 {
		p.fail("messages", "empty_array", "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.")
	}
	var messages []Message
	for i, e := range list {
		m, err := decodeMessage(e)
		if err != nil {
			name := fmt.Sprintf("messages[%d]", i)
			p.fail(name, "invalid_value", "Invalid '%s': %v.", name, err)
		}
		messages = append(messages, m)
	}
	return messages
}

var roles = []string{"system", "developer", "user", "assistant"}

func decodeMessage(v any) (Message, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return Message{}, errors.New("expected an object")
	}
	role, _ := object["role"].(string)
	if !slices.Contains(roles, role) {
		return Message{}, fmt.Errorf("role %q is none of %s", role, strings.Join(roles, ", "))
	}
	content, err := decodeContent(object["content"])
	return Message{Role: role, Content: content}, err
}

// decodeContent joins a message's text, which is a string or a list of parts.
func decodeContent(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case []any:
		var text strings.Builder
		for _, part := range v {
			object, _ := part.(map[string]any)
			s, ok := object["text"].(string)
			if object["type"] != "text" || !ok {
				return "", errors.New("only text parts are understood")
			}
			text.WriteString(s)
		}
		return text.String(), nil
	}
	return "", errors.New("content must be a string or an array of parts")
}
