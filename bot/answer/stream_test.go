package answer_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/bot/answer/llmsim"
	"footnote/retrieval/remote"
)

func TestWritingEndsWithItsContext(t *testing.T) {
	sim := simulate(t, llmsim.Options{Reply: llmsim.Script(llmsim.Reply{Text: reply, Fault: llmsim.Fault{Kind: llmsim.Endless}})})
	m := newModel(t, sim, "some-model", answer.ModelOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	_, err := m.Write(ctx, request(t, "How many?"), func(string) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	stop := errors.New("enough")
	if _, err := m.Write(t.Context(), request(t, "How many?"), func(string) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error %v, want that of emit", err)
	}
}

func TestTheLimitOfTokensIsTold(t *testing.T) {
	sim := simulate(t, llmsim.Options{Reply: llmsim.Script(llmsim.Reply{Text: reply, Fault: llmsim.Fault{Kind: llmsim.Length, After: 4}})})
	_, _, _, err := write(t, newModel(t, sim, "some-model", answer.ModelOptions{}))
	if !errors.Is(err, bot.ErrCutShort) {
		t.Errorf("error %v", err)
	}
}

func TestAnAnswerIsStreamed(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    llmsim.Options
		text llmsim.Reply
	}{
		{"in words", llmsim.Options{}, llmsim.Reply{Text: reply}},
		{"in characters", llmsim.Options{}, llmsim.Reply{Text: reply, Cut: llmsim.CutWords + 1}},
		{"without [DONE] but with a reason to finish", llmsim.Options{}, llmsim.Reply{Text: reply, Fault: llmsim.Fault{Kind: llmsim.NoDone}}},
		{"with hundreds of keep-alive comments", llmsim.Options{}, llmsim.Reply{Text: reply, Fault: llmsim.Fault{Kind: llmsim.KeepAlive, After: 3, Count: 700}}},
		{"by a model that thinks aloud", llmsim.Options{Dialect: llmsim.Ollama, Think: "The answer is 12 [1]."}, llmsim.Reply{Text: reply}},
		{"by a model that thinks aside", llmsim.Options{Dialect: llmsim.VLLM, Reasoning: "The answer is 12 [1]."}, llmsim.Reply{Text: reply}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.Reply = llmsim.Script(tt.text)
			sim := simulate(t, tt.o)
			text, pieces, used, err := write(t, newModel(t, sim, "some-model", answer.ModelOptions{}))
			if err != nil || text != reply {
				t.Fatalf("%q, %v", text, err)
			}
			if pieces < 10 {
				t.Errorf("the answer came in %d pieces", pieces)
			}
			if used.Prompt == 0 || used.Completion == 0 {
				t.Errorf("usage %+v", used)
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
	pieces := 0
	_, err := m.Write(t.Context(), request(t, "How many?"), func(string) error {
		if pieces++; pieces <= 2 {
			time.Sleep(800 * time.Millisecond)
		}
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

// The first answer of a model that is not known to think so has gone out in
// part when its thought ends; the next is held.
func TestAModelThatEndsUnopenedThoughtsIsHeldBackFromThenOn(t *testing.T) {
	sim := simulate(t, llmsim.Options{Dialect: llmsim.VLLM, Reply: llmsim.Fixed("It is 12 [1].\n</think>\n\n" + reply)})
	m := newModel(t, sim, "some-model", answer.ModelOptions{})
	if text, _, _, err := write(t, m); err != nil || strings.Contains(text, "think>") || !strings.HasSuffix(text, reply) {
		t.Errorf("the first time: %q, %v", text, err)
	}
	if text, _, _, err := write(t, m); err != nil || text != reply {
		t.Errorf("the second time: %q, %v", text, err)
	}
}

func TestAThoughtThatIsCutOffIsNoAnswer(t *testing.T) {
	sim := simulate(t, llmsim.Options{Reply: llmsim.Script(llmsim.Reply{Text: "It may be 12 [1]. Or 13 [2].", Fault: llmsim.Fault{Kind: llmsim.Length, After: 6}})})
	text, _, _, err := write(t, newModel(t, sim, "qwq:32b", answer.ModelOptions{}))
	if !errors.Is(err, bot.ErrCutShort) || text != "" {
		t.Errorf("%q, %v", text, err)
	}
}

// A model that thinks for long is not silent, whatever its server calls it.
func TestThoughtsAreNoSilence(t *testing.T) {
	for _, field := range []string{"reasoning_content", "reasoning"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for range 10 {
				fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{%q:\"hm\"}}]}\n\n", field)
				_ = http.NewResponseController(w).Flush()
				time.Sleep(100 * time.Millisecond)
			}
			fmt.Fprint(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Yes.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
		}))
		m := modelAt(t, remote.Server{URL: s.URL + "/v1"}, "some-model", answer.ModelOptions{FirstToken: 500 * time.Millisecond, NextToken: 500 * time.Millisecond})
		if text, _, _, err := write(t, m); err != nil || text != "Yes." {
			t.Errorf("%s: %q, %v", field, text, err)
		}
		s.Close()
	}
}

func TestUsageIsTakenAfterTheEnd(t *testing.T) {
	server := streamOf(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(100 * time.Millisecond)
		fmt.Fprint(w, "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}\n\ndata: [DONE]\n\n")
	}, `{"choices":[{"index":0,"delta":{"content":"Yes."},"finish_reason":"stop"}]}`)
	text, _, used, err := write(t, modelAt(t, server, "some-model", answer.ModelOptions{}))
	if err != nil || text != "Yes." || used.Prompt != 7 || used.Completion != 3 {
		t.Errorf("%q, %+v, %v", text, used, err)
	}
}

// Servers stay connected after an answer: neither keep-alive lines nor the
// chunks of a broken one make it last.
func TestAnAnswerThatEndedIsNotWaitedForWithoutEnd(t *testing.T) {
	server := streamOf(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			fmt.Fprint(w, "data: {\"choices\":[]}\n\n")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	}, `{"choices":[{"index":0,"delta":{"content":"Yes."},"finish_reason":"stop"}]}`)
	m := modelAt(t, server, "some-model", answer.ModelOptions{NextToken: 200 * time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := m.Write(ctx, request(t, "Is it?"), func(string) error { return nil }); err != nil {
		t.Errorf("error %v", err)
	}
}

func TestACallerThatLeavesAfterTheEndIsTold(t *testing.T) {
	server := streamOf(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		`{"choices":[{"index":0,"delta":{"content":"Yes."},"finish_reason":"stop"}]}`)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := modelAt(t, server, "some-model", answer.ModelOptions{}).Write(ctx, request(t, "Is it?"), func(string) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestAnErrorWithinAStreamIsSeenInEveryForm(t *testing.T) {
	for name, event := range map[string]string{
		"OpenRouter's": `{"id":"x","error":{"code":429,"message":"slow down"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}`,
		"vLLM's":       `{"object":"error","message":"slow down","type":"x","code":429}`,
		"OpenAI's":     `{"error":{"message":"slow down","type":"rate_limit_error","code":null}}`,
	} {
		server := streamOf(t, func(w http.ResponseWriter, _ *http.Request) {},
			`{"choices":[{"index":0,"delta":{"content":"Yes"}}]}`, event)
		_, _, _, err := write(t, modelAt(t, server, "some-model", answer.ModelOptions{}))
		known := new(remote.Error)
		if !errors.As(err, &known) || known.Kind != remote.RateLimited || known.Detail != "slow down" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
