package remote

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

const key = "sk-canary-0123456789"

func TestWhatAServerSaysIsUnderstood(t *testing.T) {
	for _, test := range []struct {
		name          string
		status        int
		code, message string
		want          Kind
	}{
		{"OpenAI, wrong key", 401, "invalid_api_key", "Incorrect API key provided: sk-ca***6789.", Unauthorized},
		{"OpenAI, unknown model", 404, "model_not_found", "The model `gpt-9` does not exist or you do not have access to it.", UnknownModel},
		{"OpenAI, model not for the project", 403, "model_not_found", "Project `p` does not have access to model `gpt-9`", UnknownModel},
		{"OpenAI, country", 403, "unsupported_country_region_territory", "Country, region, or territory not supported", Unauthorized},
		{"OpenAI, rate", 429, "rate_limit_exceeded", "Rate limit reached for requests", RateLimited},
		{"OpenAI, quota", 429, "insufficient_quota", "You exceeded your current quota, please check your plan and billing details.", OutOfQuota},
		{"OpenAI, quota without a code", 429, "", "You exceeded your current quota", OutOfQuota},
		{"OpenAI, too long", 400, "context_length_exceeded", "This model's maximum context length is 8192 tokens", Refused},
		{"OpenAI, wrong path", 404, "", "Invalid URL (POST /embeddings)", WrongAddress},
		{"OpenAI, down", 503, "", "The engine is currently overloaded", Overloaded},
		{"Azure, deployment", 404, "DeploymentNotFound", "The API deployment for this resource does not exist.", UnknownModel},
		{"Azure, path", 404, "404", "Resource not found", WrongAddress},
		{"Azure, key", 401, "401", "Access denied due to invalid subscription key", Unauthorized},
		{"Ollama, model", 404, "", `model "gpt-9" not found, try pulling it first`, UnknownModel},
		{"Ollama, another way", 404, "", "model 'gpt-9' not found", UnknownModel},
		{"Ollama, path", 404, "", "404 page not found", WrongAddress},
		{"Ollama, memory", 500, "", "model requires more system memory (9 GiB) than is available", Overloaded},
		{"Ollama, no embedder", 400, "", `"gpt-9" does not support embeddings`, Refused},
		{"vLLM, model", 404, "404", "The model `gpt-9` does not exist.", UnknownModel},
		{"llama.cpp, loading", 503, "503", "Loading model", Overloaded},
		{"llama.cpp, key", 401, "401", "Invalid API Key", Unauthorized},
		{"llama.cpp, router", 400, "400", "model 'gpt-9' not found", UnknownModel},
		{"OpenRouter, no money", 402, "402", "Insufficient credits", OutOfQuota},
		{"a proxy, slow", 504, "", "Gateway Timeout", TimedOut},
		{"a method", 405, "", "Method Not Allowed", WrongAddress},
		{"too large", 413, "", "", Refused},
		{"no status of any kind", 599, "", "", Overloaded},
		{"fine, yet unreadable", 200, "", "", Broken},
		{"llama.cpp, a long text", 500, "500", "input (812 tokens) is too large to process. increase the physical batch size", Refused},
		{"Azure, a filter", 400, "content_filter", "The response was filtered", Filtered},
		{"in a stream, quota", 200, "insufficient_quota", "no", OutOfQuota},
		{"in a stream, rate", 200, "rate_limit_exceeded", "no", RateLimited},
		{"in a stream, OpenRouter's rate", 200, "429", "no", RateLimited},
		{"in a stream, model", 0, "model_not_found", "no", UnknownModel},
		{"in a stream, failed", 0, "server_error", "no", Overloaded},
		{"in a stream, vLLM", 0, "500", "no", Overloaded},
		{"a bad request of type server_error", 400, "server_error", "no", Refused},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := Classify(Server{Key: key}, "gpt-9", test.status, test.code, test.message, errors.New("cause"))
			if e.Kind != test.want {
				t.Errorf("kind %d, want %d: %v", e.Kind, test.want, e)
			}
			if e.Hint() == "" || e.Reason() == "" || e.Status != test.status || !strings.Contains(e.Error(), "api.openai.com") {
				t.Errorf("%v; %q; %q", e, e.Hint(), e.Reason())
			}
			if strings.Contains(e.Error(), "***") {
				t.Errorf("a masked key is shown: %v", e)
			}
		})
	}
}

func closedAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestWhatTheNetworkDoesIsUnderstood(t *testing.T) {
	secure := httptest.NewUnstartedServer(says(200, ""))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	release := make(chan struct{})
	hung := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hung.Close()
	defer close(release)
	dropping := httptest.NewServer(http.HandlerFunc(hangUp))
	defer dropping.Close()
	cutting := httptest.NewServer(http.HandlerFunc(cutOff))
	defer cutting.Close()
	plain := httptest.NewServer(says(200, "<html>"))
	defer plain.Close()

	soon, cancelSoon := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancelSoon()
	gone, cancelGone := context.WithCancel(t.Context())
	cancelGone()
	for _, test := range []struct {
		name string
		ctx  context.Context
		url  string
		want Kind
		says string
		is   error
	}{
		{"nobody listens", t.Context(), "http://" + closedAddress(t), Unreachable, "refused", nil},
		{"no such host", t.Context(), "http://footnote.invalid", Unreachable, "", nil},
		{"an unknown certificate", t.Context(), secure.URL, Unreachable, "certificate", nil},
		{"http at an https address", t.Context(), strings.Replace(plain.URL, "http:", "https:", 1), Unreachable, "https", nil},
		{"no answer", soon, hung.URL, TimedOut, "", context.DeadlineExceeded},
		{"given up by the caller", gone, hung.URL, Interrupted, "", context.Canceled},
		{"dropped", t.Context(), dropping.URL, CutOff, "cut off", io.EOF},
		{"cut off", t.Context(), cutting.URL, CutOff, "cut off", io.ErrUnexpectedEOF},
		{"not JSON", t.Context(), plain.URL, WrongType, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp, err := post(test.ctx, NewClient(quick), test.url)
			if err == nil {
				var body []byte
				if body, err = io.ReadAll(resp.Body); err == nil {
					err = json.Unmarshal(body, new(struct{}))
				}
				resp.Body.Close()
			}
			e := Classify(Server{URL: test.url, Key: key}, "m", 0, "", "", err)
			if e.Kind != test.want || !strings.Contains(e.Error(), test.says) || test.is != nil && !errors.Is(e, test.is) {
				t.Errorf("kind %d, want %d: %v (%v)", e.Kind, test.want, e, err)
			}
			if (e.Hint() == "") != (e.Kind == Interrupted) || e.Reason() == "" || strings.Contains(e.Error()+e.Hint(), "canary") {
				t.Errorf("%v; %q; %q", e, e.Hint(), e.Reason())
			}
		})
	}
}

func TestHintsSayWhatToDo(t *testing.T) {
	local := Server{URL: "http://localhost:11434/v1"}
	for _, test := range []struct {
		e    *Error
		want string
	}{
		{Classify(local, "gemma", 404, "", "model 'gemma' not found", nil), "ollama pull gemma"},
		{Classify(local, "gemma", 404, "", "model 'gemma' not found", nil), "FOOTNOTE_CHAT_MODEL"},
		{Classify(Server{}, "gpt-9", 404, "model_not_found", "", nil), "FOOTNOTE_CHAT_MODEL"},
		{Classify(local, "gemma", 0, "", "", &net.DNSError{IsNotFound: true}), "http://localhost:11434/v1"},
		{Classify(Server{}, "gpt-9", 401, "", "", nil), "OPENAI_API_KEY"},
		{Classify(Server{}, "gpt-9", 404, "", "404 page not found", nil), "OPENAI_BASE_URL"},
	} {
		if hint := test.e.Hint(); !strings.Contains(hint, test.want) {
			t.Errorf("%v: the hint %q lacks %q", test.e, hint, test.want)
		}
	}
	for kind := Broken; kind <= Filtered; kind++ {
		e := Classify(local, "gemma", 0, "", "", &Fault{Kind: kind})
		blames := strings.Contains(e.Hint(), "OPENAI_BASE_URL right")
		if e.Kind != kind || e.Reason() == "" || blames != (kind == WrongAddress || kind == WrongType) {
			t.Errorf("%v: the hint %q", e, e.Hint())
		}
	}
	e := Classify(local, "gemma", 404, "", "model 'gemma' not found", nil)
	e.Setting = "FOOTNOTE_EMBED_MODEL"
	if !strings.Contains(e.Hint(), "FOOTNOTE_EMBED_MODEL") || strings.Contains(e.Hint(), "CHAT") {
		t.Errorf("the hint is %q", e.Hint())
	}
	if want := "the model server at localhost:11434 does not know the model gemma"; !strings.HasPrefix(e.Error(), want) {
		t.Errorf("the message is %q", e.Error())
	}
}

func TestAnErrorHoldsNoKey(t *testing.T) {
	s := Server{URL: "http://user:" + key + "@localhost/v1", Key: key}
	for _, status := range []int{0, 200, 400, 401, 403, 404, 429, 500} {
		e := Classify(s, "m", status, "", "Incorrect key "+key+"!", errors.New("header Bearer "+key))
		for _, text := range []string{e.Error(), e.Hint(), e.Detail} {
			if strings.Contains(text, "canary") {
				t.Errorf("%d: %q", status, text)
			}
		}
		if e.Unwrap() != nil {
			t.Errorf("%d: its cause is kept: %v", status, e.Unwrap())
		}
	}
}

func FuzzClassify(f *testing.F) {
	f.Add(404, "model_not_found", "The model `x` does not exist\x1b[31m", key)
	f.Add(0, "", strings.Repeat("长", 500), "")
	f.Add(401, "", "Incorrect API key provided: "+key, key)
	f.Fuzz(func(t *testing.T, status int, code, message, key string) {
		s := Server{URL: "http://localhost/v1", Key: key}
		e := Classify(s, "m", status, code, message, nil)
		if utf8.RuneCountInString(e.Detail) > maxDetail || !utf8.ValidString(e.Error()) || strings.ContainsFunc(e.Error(), unicode.IsControl) {
			t.Errorf("%q", e.Error())
		}
		if e.Reason() == "" {
			t.Errorf("%v has no reason", e)
		}
	})
}
