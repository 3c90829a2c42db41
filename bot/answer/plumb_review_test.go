package answer_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
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

// Servers open a stream with a chunk without text (the role, or Azure's
// filter results) before the model has thought.
func TestTheFirstTextHasItsTimeAfterAnOpeningChunk(t *testing.T) {
	sim := simulate(t, llmsim.Options{Key: "sk-test", Reply: llmsim.Script(llmsim.Reply{Text: reply, First: 600 * time.Millisecond})})
	for name, server := range map[string]remote.Server{
		"OpenAI": {URL: sim.URL(), Key: "sk-test"},
		"Azure":  {URL: sim.AzureURL(), Key: "sk-test", APIVersion: "2024-10-21"},
	} {
		m := modelAt(t, server, "o4-mini", answer.ModelOptions{FirstToken: 10 * time.Second, NextToken: 200 * time.Millisecond})
		if text, _, _, err := write(t, m); err != nil || text != reply {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

// The chat templates of Mistral, Gemma and others refuse two messages of a user
// in a row: "Conversation roles must alternate user/assistant/user/assistant/...".
func TestRolesAlternate(t *testing.T) {
	sim := simulate(t, llmsim.Options{Reply: llmsim.Fixed(reply)})
	m := newModel(t, sim, "some-model", answer.ModelOptions{})
	r := request(t, "How many models?")
	r.Nearest = []int{9, 2}
	if _, err := m.Write(t.Context(), r, func(string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.Mend(t.Context(), r, "Twelve [1].", "no"); err != nil {
		t.Fatal(err)
	}
	for _, request := range sim.Requests() {
		var roles []string
		for i, msg := range request.Messages {
			if roles = append(roles, msg.Role); i > 0 && msg.Role == request.Messages[i-1].Role {
				t.Errorf("roles %v", roles)
			}
		}
	}
}

// DeepSeek-R1 and others have the opening tag in their prompt's template, so
// that their text holds the closing one alone.
func TestThoughtsWithoutAnOpeningTagAreDropped(t *testing.T) {
	sim := simulate(t, llmsim.Options{Dialect: llmsim.VLLM, Reply: llmsim.Fixed("Okay, the user asks for a number. It is 12 [1].\n</think>\n\n" + reply)})
	text, _, _, err := write(t, newModel(t, sim, "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", answer.ModelOptions{}))
	if err != nil || text != reply {
		t.Errorf("%q, %v", text, err)
	}
}

// A reader may be slow, since sentences are mended and posted meanwhile: that
// is not the model's silence.
func TestASlowReaderIsNoSilenceOfTheModel(t *testing.T) {
	sim := simulate(t, llmsim.Options{Reply: llmsim.Script(llmsim.Reply{Text: reply, Every: 60 * time.Millisecond})})
	m := newModel(t, sim, "some-model", answer.ModelOptions{NextToken: 300 * time.Millisecond})
	first := true
	_, err := m.Write(t.Context(), request(t, "How many?"), func(string) error {
		if first {
			time.Sleep(800 * time.Millisecond)
		}
		first = false
		return nil
	})
	if err != nil {
		t.Errorf("error %v", err)
	}
}

// streamOf serves a stream and what comes after its last chunk.
func streamOf(t *testing.T, after func(http.ResponseWriter, *http.Request), chunks ...string) remote.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, c := range chunks {
			fmt.Fprintf(w, "data: %s\n\n", c)
		}
		_ = http.NewResponseController(w).Flush()
		after(w, r)
	}))
	t.Cleanup(s.Close)
	return remote.Server{URL: s.URL + "/v1"}
}

func TestAnAnswerWithAReasonToFinishIsWhole(t *testing.T) {
	for name, after := range map[string]func(http.ResponseWriter, *http.Request){
		"the connection is lost before [DONE]": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"[DONE] does not come":                 func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			server := streamOf(t, after,
				`{"choices":[{"index":0,"delta":{"content":"Baidu came early [3]."},"finish_reason":null}]}`,
				`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`)
			text, _, _, err := write(t, modelAt(t, server, "some-model", answer.ModelOptions{NextToken: 300 * time.Millisecond}))
			if err != nil || text != "Baidu came early [3]." {
				t.Errorf("%q, %v", text, err)
			}
		})
	}
}

func TestAnAddressThatAnsweredIsNotBlamed(t *testing.T) {
	for name, fault := range map[string]llmsim.Fault{
		"a content filter":    {Kind: llmsim.ContentFilter, After: 5},
		"a refusal":           {Kind: llmsim.Refusal, Text: "I cannot"},
		"cut in the middle":   {Kind: llmsim.CutOff, After: 5},
		"an error in between": {Kind: llmsim.StreamError, After: 5, Text: "the engine ran out of memory"},
	} {
		sim := simulate(t, llmsim.Options{Reply: llmsim.Script(llmsim.Reply{Text: reply, Fault: fault})})
		_, _, _, err := write(t, newModel(t, sim, "some-model", answer.ModelOptions{}))
		known := new(remote.Error)
		if !errors.As(err, &known) || strings.Contains(known.Hint(), "OPENAI_BASE_URL") {
			t.Errorf("%s: %v, hint %q", name, err, known.Hint())
		}
	}
}

// The engine logs a Writer's error as a warning, and no question is to be
// logged above debug. FastAPI repeats what it refuses.
func TestAnErrorDoesNotRepeatTheQuestion(t *testing.T) {
	const question = "Is Jane Roe of accounting to be dismissed?"
	sim := simulate(t, llmsim.Options{Fault: func(llmsim.Request) llmsim.Fault {
		return refused(422, `{"detail":[{"type":"string_type","loc":["body","messages",1,"content"],"msg":"Input should be valid","input":"QUESTION:\n`+question+`"}]}`)
	}})
	m := newModel(t, sim, "some-model", answer.ModelOptions{})
	_, err := m.Write(t.Context(), request(t, question), func(string) error { return nil })
	if err == nil || strings.Contains(err.Error(), "Jane Roe") {
		t.Errorf("error %v", err)
	}
}

// A page of a proxy says nothing to the reader of a message.
func TestAPageIsNoDetail(t *testing.T) {
	sim := simulate(t, llmsim.Options{Fault: func(llmsim.Request) llmsim.Fault { return llmsim.BadGateway() }})
	_, _, _, err := write(t, newModel(t, sim, "some-model", answer.ModelOptions{}))
	if err == nil || strings.Contains(err.Error(), "<html>") {
		t.Errorf("error %v", err)
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

// Some servers open the stream before they look at the account: the error comes
// with status 200.
func TestAnErrorWithinAStreamHasItsKind(t *testing.T) {
	for code, want := range map[string]remote.Kind{
		"insufficient_quota": remote.OutOfQuota, "rate_limit_exceeded": remote.RateLimited, "model_not_found": remote.UnknownModel,
	} {
		calls := 0
		server := streamOf(t, func(w http.ResponseWriter, _ *http.Request) {
			calls++
			fmt.Fprintf(w, "data: {\"error\":{\"message\":\"no\",\"type\":%q,\"code\":%q}}\n\n", code, code)
		})
		_, _, _, err := write(t, modelAt(t, server, "some-model", answer.ModelOptions{}))
		known := new(remote.Error)
		if !errors.As(err, &known) || known.Kind != want {
			t.Errorf("%s: %v after %d calls, kind %d, want %d", code, err, calls, known.Kind, want)
		}
	}
}

// A temperature that a server divides by is to be 0, or one that it can divide
// by: llama.cpp's logits overflow, and vLLM takes 0.01 in its place.
func TestTheTemperatureIsZeroOrDivides(t *testing.T) {
	sim := simulate(t, llmsim.Options{Dialect: llmsim.LlamaCPP, Reply: llmsim.Fixed(reply)})
	if _, _, _, err := write(t, newModel(t, sim, "some-model", answer.ModelOptions{})); err != nil {
		t.Fatal(err)
	}
	temperature := float32(number(sim.Requests()[0].Body["temperature"]))
	const logit = float32(30)
	if scaled := logit / temperature; temperature != 0 && math.IsInf(float64(scaled), 0) {
		t.Errorf("a logit of %v divided by the temperature %v is %v", logit, temperature, scaled)
	}
}
