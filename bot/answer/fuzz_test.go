package answer

import (
	"context"
	"errors"
	"testing"

	openai "github.com/sashabaranov/go-openai"

	"footnote/retrieval/remote"
)

// Whatever a server refuses, and however often, a call ends, and what is asked
// next is something that the library sends.
func FuzzAdapt(f *testing.F) {
	f.Add("gpt-6-luna", "", "Unsupported parameter: 'max_completion_tokens'")
	f.Add("gpt-5-mini", "temperature", "")
	f.Add("llama3.2", "", "max_tokens and max_completion_tokens, temperature, reasoning_effort, stream_options")
	f.Add("o3", "", "'max_tokens' or 'max_completion_tokens' is too large; maximum context length")
	f.Fuzz(func(t *testing.T, model, param, message string) {
		validator := openai.NewReasoningValidator()
		m, err := NewModel(remote.Server{URL: "http://localhost/v1"}, model, ModelOptions{})
		if err != nil {
			t.Fatal(err)
		}
		calls := 0
		_, err = m.speaking(t.Context(), request{}, func(_ context.Context, d dialect) error {
			calls++
			r := openai.ChatCompletionRequest{Model: m.name, Stream: true}
			d.apply(&r)
			if err := validator.Validate(r); err != nil {
				t.Errorf("call %d: %v", calls, err)
			}
			return &openai.APIError{HTTPStatusCode: 400, Param: &param, Message: message}
		})
		if err == nil || calls > 6 {
			t.Errorf("%d calls, %v", calls, err)
		}
		if m.dialect != dialectOf(m.server, m.name) {
			t.Errorf("%+v is kept", m.dialect)
		}
	})
}

func FuzzChunk(f *testing.F) {
	for _, raw := range []string{
		"", "null", "[]", `{"choices":null}`, `{"error":null,"choices":[{"delta":{"content":"a"}}]}`, `{"error":{"message":"no","code":429}}`, `{"error":"no"}`,
		`{"choices":[{"delta":{"reasoning":{"a":1}}}]}`, `{"choices":[{"delta":{"reasoning_content":"a"}}],"usage":{"prompt_tokens":1}}`, `{"object":"error"}`,
	} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := parseChunk(raw)
		fault, failed := new(remote.Fault), new(openai.APIError)
		if err != nil && !errors.As(err, &fault) && !errors.As(err, &failed) {
			t.Errorf("%q: %v", raw, err)
		}
		if c.thinks() && !c.speaks() {
			t.Errorf("%q thinks without a sound", raw)
		}
	})
}
