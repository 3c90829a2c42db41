package answer_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/bot/answer/llmsim"
	"footnote/retrieval/remote"
)

func refused(status int, body string) llmsim.Fault {
	return llmsim.Fault{Kind: llmsim.Refused, Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
}

// vLLM's words, with both names of the limit, for a prompt that leaves too
// little room for the answer.
const noRoom = `{"error":{"message":"'max_tokens' or 'max_completion_tokens' is too large: 2000. This model's maximum context length is 4096 tokens and your request has 3012 input tokens (2000 > 4096 - 3012).","type":"BadRequestError","param":null,"code":400}}`

func TestALimitThatIsTooLargeIsNotAskedForWithoutEnd(t *testing.T) {
	for name, call := range map[string]func(*testing.T, *answer.Model) error{
		"writing": func(t *testing.T, m *answer.Model) error { _, _, _, err := write(t, m); return err },
		"asking":  func(t *testing.T, m *answer.Model) error { return m.Ping(t.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			sim := simulate(t, llmsim.Options{Dialect: llmsim.VLLM, Fault: func(llmsim.Request) llmsim.Fault { return refused(400, noRoom) }})
			err := call(t, newModel(t, sim, "Qwen/Qwen3-8B", answer.ModelOptions{FirstToken: 500 * time.Millisecond}))
			known := new(remote.Error)
			if !errors.As(err, &known) || known.Kind != remote.Refused {
				t.Errorf("error %v, want one of the request", err)
			}
			if n := sim.Calls("/v1/chat/completions"); n > 4 {
				t.Errorf("the server was asked %d times", n)
			}
		})
	}
}

func TestARefusedRequestDoesNotSilenceAModelForGood(t *testing.T) {
	const body = `{"error":{"message":"max_completion_tokens is too large: 6000. This model supports at most 4096 completion tokens, whereas you provided 6000.","type":"invalid_request_error","param":"max_completion_tokens","code":null}}`
	sim := simulate(t, llmsim.Options{Reply: llmsim.Fixed(reply), Fault: func(r llmsim.Request) llmsim.Fault {
		if r.Number == 1 {
			return refused(400, body)
		}
		return llmsim.Fault{}
	}})
	m := newModel(t, sim, "gpt-5-mini", answer.ModelOptions{})
	_, _, _, _ = write(t, m) // may fail
	if text, _, _, err := write(t, m); err != nil || text != reply {
		t.Errorf("the next question: %q, %v, after %d calls", text, err, sim.Calls("/v1/chat/completions"))
	}
}

func TestTheDefaultModelAnswersOnAzureWithoutReasoningEffort(t *testing.T) {
	// Versions of the classic interface before 2024-12-01-preview do not know it.
	const body = `{"error":{"message":"Unrecognized request argument supplied: reasoning_effort","type":"invalid_request_error","param":null,"code":null}}`
	sim := simulate(t, llmsim.Options{Key: "sk-test", Reply: llmsim.Fixed(reply), Fault: func(r llmsim.Request) llmsim.Fault {
		if r.Body["reasoning_effort"] != nil {
			return refused(400, body)
		}
		return llmsim.Fault{}
	}})
	m := modelAt(t, remote.Server{URL: sim.AzureURL(), Key: "sk-test", APIVersion: "2024-10-21"}, answer.DefaultModel, answer.ModelOptions{})
	if text, _, _, err := write(t, m); err != nil || text != reply {
		t.Errorf("%q, %v", text, err)
	}
}

func TestAParameterIsLeftOutInWhateverFormItIsRefused(t *testing.T) {
	for name, fault := range map[string]llmsim.Fault{
		"FastAPI's": refused(422, `{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{"include_usage":true}}]}`),
		"Mistral's": refused(422, `{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{"include_usage":true}}]},"type":"invalid_request_error","param":null,"code":null}`),
		"vLLM's":    refused(400, `{"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]","type":"BadRequestError","param":null,"code":400}`),
		"a string":  refused(400, `{"error":"stream_options is not supported"}`),
	} {
		t.Run(name, func(t *testing.T) {
			sim := simulate(t, llmsim.Options{Dialect: llmsim.VLLM, Reply: llmsim.Fixed(reply), Fault: func(r llmsim.Request) llmsim.Fault {
				if r.Body["stream_options"] != nil {
					return fault
				}
				return llmsim.Fault{}
			}})
			if text, _, _, err := write(t, newModel(t, sim, "some-model", answer.ModelOptions{})); err != nil || text != reply {
				t.Errorf("%q, %v", text, err)
			}
		})
	}
}

// Azure's newer interface takes a deployment of any name; max_tokens is refused
// by every reasoning model there, and by none is max_completion_tokens.
func TestAzuresNewInterfaceIsAskedForCompletionTokens(t *testing.T) {
	const base = "https://acme.openai.azure.com/openai/v1"
	var sent []string
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		sent = append(sent, string(body))
		return nil, errors.New("no network here")
	})}
	m, err := answer.NewModel(remote.Server{URL: base, Key: "sk-test"}, "our-deployment", answer.ModelOptions{Client: client})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Ping(t.Context()); err == nil || len(sent) == 0 {
		t.Fatalf("%v, %d requests", err, len(sent))
	}
	if strings.Contains(sent[0], `"max_tokens"`) {
		t.Error("it was asked with max_tokens")
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The library refuses by itself what it thinks a model does not take. Whatever a
// server refused before, what is asked next is to pass.
func TestEveryDialectPassesTheLibrary(t *testing.T) {
	for _, model := range []string{openai.GPT6Luna, openai.GPT6Sol, openai.GPT6Astra, openai.GPT6Dot1Sol, openai.GPT5, openai.GPT5Dot1, openai.O3Mini, "o4-mini"} {
		for _, param := range []string{"reasoning_effort", "temperature", "max_completion_tokens", "stream_options"} {
			sim := simulate(t, llmsim.Options{Dialect: llmsim.VLLM, Reply: llmsim.Fixed(reply), Fault: func(r llmsim.Request) llmsim.Fault {
				if _, has := r.Body[param]; !has {
					return llmsim.Fault{}
				}
				return refused(400, `{"error":{"message":"Unsupported parameter: '`+param+`'","type":"invalid_request_error","param":"`+param+`","code":"unsupported_parameter"}}`)
			}})
			m := newModel(t, sim, model, answer.ModelOptions{})
			for range 2 {
				if _, err := m.Write(t.Context(), request(t, "How many?"), func(string) error { return nil }); err != nil && !errors.Is(err, bot.ErrCutShort) {
					t.Errorf("%s without %s: %v (%d calls)", model, param, err, sim.Calls("/v1/chat/completions"))
					break
				}
			}
		}
	}
}

func number(v any) float64 {
	n, _ := v.(json.Number)
	x, err := n.Float64()
	if err != nil {
		return math.NaN()
	}
	return x
}

func TestServersAndModelsAreAskedAsTheyWant(t *testing.T) {
	type body = map[string]any
	for _, tt := range []struct {
		name, model string
		dialect     llmsim.Dialect
		azure       bool
		check       func(body) bool
	}{
		{"a reasoning model", "o4-mini", llmsim.OpenAI, false, func(b body) bool {
			return b["max_tokens"] == nil && b["max_completion_tokens"] != nil && b["temperature"] == nil && b["reasoning_effort"] == "low"
		}},
		{"the default", "", llmsim.OpenAI, false, func(b body) bool {
			return b["model"] == answer.DefaultModel && b["max_tokens"] == nil && b["max_completion_tokens"] != nil
		}},
		{"Ollama", "llama3.2", llmsim.Ollama, false, func(b body) bool {
			return b["max_tokens"] != nil && b["max_completion_tokens"] == nil && number(b["temperature"]) == 0
		}},
		{"vLLM", "Qwen/Qwen3-8B", llmsim.VLLM, false, func(b body) bool { return b["max_tokens"] != nil && b["temperature"] != nil }},
		{"llama.cpp", "any", llmsim.LlamaCPP, false, func(b body) bool { return b["max_tokens"] != nil }},
		{"Azure", "my-deployment", llmsim.OpenAI, true, func(b body) bool { return b["max_completion_tokens"] != nil && number(b["temperature"]) == 0 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sim := simulate(t, llmsim.Options{Key: "sk-test", Dialect: tt.dialect, Reply: llmsim.Fixed(reply)})
			server := remote.Server{URL: sim.URL(), Key: "sk-test"}
			if tt.azure {
				server = remote.Server{URL: sim.AzureURL(), Key: "sk-test", APIVersion: "2024-10-21"}
			}
			text, _, _, err := write(t, modelAt(t, server, tt.model, answer.ModelOptions{}))
			if err != nil || text != reply {
				t.Fatalf("%q, %v", text, err)
			}
			requests := sim.Requests()
			if last := requests[len(requests)-1].Body; !tt.check(last) {
				delete(last, "messages")
				t.Errorf("asked with %v", last)
			}
		})
	}
}

func TestAParameterThatAServerRefusesIsLeftOut(t *testing.T) {
	// A deployment's name does not say that a reasoning model is behind it.
	refuse := func(param string) func(llmsim.Request) llmsim.Fault {
		return func(r llmsim.Request) llmsim.Fault {
			if _, has := r.Body[param]; !has {
				return llmsim.Fault{}
			}
			return llmsim.Fault{Kind: llmsim.Refused, Status: 400, Body: `{"error":{"message":"Unsupported parameter: '` + param +
				`' is not supported with this model.","type":"invalid_request_error","param":"` + param + `","code":"unsupported_parameter"}}`}
		}
	}
	for _, param := range []string{"max_tokens", "temperature", "stream_options"} {
		t.Run(param, func(t *testing.T) {
			sim := simulate(t, llmsim.Options{Dialect: llmsim.VLLM, Reply: llmsim.Fixed(reply), Fault: refuse(param)})
			m := newModel(t, sim, "hidden", answer.ModelOptions{})
			for call, want := range []int{2, 3} { // the second question is asked right at once
				if text, _, _, err := write(t, m); err != nil || text != reply {
					t.Fatalf("%q, %v", text, err)
				}
				if n := sim.Calls("/v1/chat/completions"); n != want {
					t.Errorf("after question %d: %d calls, want %d", call+1, n, want)
				}
			}
		})
	}
}

// What stands for a temperature of 0 within the program is text elsewhere.
func TestTheTemperatureIsReplacedInItsPlaceAlone(t *testing.T) {
	const question = `What does "temperature":1e-45 mean?`
	sim := simulate(t, llmsim.Options{Reply: llmsim.Fixed(reply)})
	if _, err := newModel(t, sim, "some-model", answer.ModelOptions{}).Write(t.Context(), request(t, question), func(string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	sent := sim.Requests()[0]
	if number(sent.Body["temperature"]) != 0 || !strings.HasSuffix(sent.Messages[1].Content, question) {
		t.Errorf("temperature %v, asked %q", sent.Body["temperature"], sent.Messages[1].Content)
	}
}

// limits are the limits of tokens that a server was asked with.
func limits(sim *llmsim.Server) []float64 {
	var out []float64
	for _, r := range sim.Requests() {
		for _, name := range []string{"max_tokens", "max_completion_tokens"} {
			if _, has := r.Body[name]; has {
				out = append(out, number(r.Body[name]))
			}
		}
	}
	return out
}

func TestALimitThatIsTooLargeIsHalved(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		most       float64
		want       []float64 // of two questions
	}{
		{"for the model", `{"error":{"message":"max_tokens is too large: 2000. This model supports at most 1024 completion tokens","param":"max_tokens"}}`, 1024, []float64{2000, 1000, 1000}},
		{"for the prompt", noRoom, 1024, []float64{2000, 1000, 2000, 1000}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sim := simulate(t, llmsim.Options{Dialect: llmsim.VLLM, Reply: llmsim.Fixed(reply), Fault: func(r llmsim.Request) llmsim.Fault {
				if number(r.Body["max_tokens"]) > tt.most {
					return refused(400, tt.body)
				}
				return llmsim.Fault{}
			}})
			m := newModel(t, sim, "some-model", answer.ModelOptions{})
			for range 2 {
				if text, _, _, err := write(t, m); err != nil || text != reply {
					t.Fatalf("%q, %v", text, err)
				}
			}
			if got := limits(sim); !slices.Equal(got, tt.want) {
				t.Errorf("limits %v, want %v", got, tt.want)
			}
		})
	}
}

func TestModelsThatThinkMayWriteMore(t *testing.T) {
	for _, tt := range []struct {
		name, model string
		o           llmsim.Options
		want        []float64 // of two questions
	}{
		{"known by its name", "qwen3:4b-thinking-2507", llmsim.Options{}, []float64{6000, 6000}},
		{"known by a part of its name", "deepseek-r1:8b", llmsim.Options{}, []float64{6000, 6000}},
		{"seen to think aloud", "some-model", llmsim.Options{Think: "Hm."}, []float64{2000, 6000}},
		{"seen to think aside", "some-model", llmsim.Options{Reasoning: "Hm."}, []float64{2000, 6000}},
		{"of no thoughts", "gemma-r100", llmsim.Options{}, []float64{2000, 2000}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.Dialect, tt.o.Reply = llmsim.VLLM, llmsim.Fixed(reply)
			sim := simulate(t, tt.o)
			m := newModel(t, sim, tt.model, answer.ModelOptions{})
			for range 2 {
				if text, _, _, err := write(t, m); err != nil || text != reply {
					t.Fatalf("%q, %v", text, err)
				}
			}
			if got := limits(sim); !slices.Equal(got, tt.want) {
				t.Errorf("limits %v, want %v", got, tt.want)
			}
		})
	}
}

func TestADialectThatDidNotHelpIsNotKept(t *testing.T) {
	sim := simulate(t, llmsim.Options{Reply: llmsim.Fixed(reply), Fault: func(r llmsim.Request) llmsim.Fault {
		if r.Number <= 2 {
			return refused(400, `{"error":{"message":"temperature, or something else"}}`)
		}
		return llmsim.Fault{}
	}})
	m := newModel(t, sim, "some-model", answer.ModelOptions{})
	if _, _, _, err := write(t, m); err == nil {
		t.Fatal("no error")
	}
	if text, _, _, err := write(t, m); err != nil || text != reply {
		t.Fatalf("%q, %v", text, err)
	}
	if last := sim.Requests()[2].Body; number(last["temperature"]) != 0 {
		t.Errorf("temperature %v", last["temperature"])
	}
}
