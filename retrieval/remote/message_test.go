package remote

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestAnErrorIsReadInEveryForm(t *testing.T) {
	for _, test := range []struct{ name, body, code, message string }{
		{"OpenAI's", `{"error":{"message":"no","type":"invalid_request_error","param":null,"code":"bad"}}`, "bad", "no"},
		{"OpenAI's without a code", `{"error":{"message":"no","type":"server_error","code":null}}`, "server_error", "no"},
		{"a code of 0", `{"error":{"message":"no","type":"server_error","code":0}}`, "server_error", "no"},
		{"llama.cpp's", `{"error":{"message":"no","type":"server_error","code":500}}`, "500", "no"},
		{"a string", `{"error":"no"}`, "", "no"},
		{"vLLM's", `{"object":"error","message":"no","type":"BadRequestError","param":null,"code":400}`, "400", "no"},
		{"a detail", `{"detail":"no"}`, "", "no"},
		{"FastAPI's", `{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs","input":{"a":"secret"}},{"loc":["body",1],"msg":"too"}]}`, "", "body.stream_options: Extra inputs; body.1: too"},
		{"Mistral's", `{"object":"error","message":{"detail":[{"loc":["body","n"],"msg":"no","input":1}]},"type":"invalid_request_error","code":null}`, "invalid_request_error", "body.n: no"},
		{"plain text", "404 page not found\n", "", "404 page not found"},
		{"a page", "\n<!DOCTYPE html><p>no", "", ""},
		{"a list", `[{"error":"odd"}]`, "", ""},
		{"nothing", "", "", ""},
		{"null", `{"error":null}`, "", ""},
	} {
		if code, message := Said([]byte(test.body)); code != test.code || message != test.message {
			t.Errorf("%s: %q, %q", test.name, code, message)
		}
	}
}

func FuzzSaid(f *testing.F) {
	for _, body := range []string{"", "404 page not found", `{"error":"x"}`, `{"detail":[]}`, "<html>", `{"error":{"message":1}}`, `{"detail":[{"loc":["a",1.5e300],"msg":"x"}]}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_, message := Said(body)
		if isPage(body) && message != "" {
			t.Errorf("%q gives %q", body, message)
		}
	})
}

func TestWhatWasSentIsNotRepeated(t *testing.T) {
	const asked = "Is Jane Roe of accounting to be dismissed?"
	for _, test := range []struct {
		message string
		sent    []string
		kept    bool
	}{
		{"invalid input: jane roe of accoun", []string{asked}, true}, // 19 bytes
		{"invalid input: is JANE  Roe of\naccounting", []string{"passages\n" + asked}, false},
		{"input should be valid", []string{asked}, true},
		{"cannot embed 'Who is Roe?'", []string{"Who is Roe?"}, false},
		{"no such input", []string{"", "no"}, true},
		{"错误：谁解雇了会计部的罗女士", []string{"谁解雇了会计部的罗女士？"}, false},
		{strings.Repeat("x ", 3000) + asked, []string{asked}, true}, // cut long before
	} {
		cause := fmt.Errorf("status 400: %s", test.message)
		e := Classify(Server{}, "m", 400, "", test.message, cause, test.sent...)
		if kept := e.Detail != ""; kept != test.kept {
			t.Errorf("%q: detail %q", test.message, e.Detail)
		}
		if !test.kept && errors.Is(e, cause) {
			t.Errorf("%q: the cause repeats it", test.message)
		}
	}
}
