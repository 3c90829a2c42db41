package answer_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/bot/answer/llmsim"
	"footnote/retrieval/remote"
)

func TestCutRepliesAreNotUsed(t *testing.T) {
	sim := simulate(t, llmsim.Options{Reply: llmsim.Script(llmsim.Reply{Text: reply, Fault: llmsim.Fault{Kind: llmsim.Length, After: 3}})})
	if text, _, err := newModel(t, sim, "some-model", answer.ModelOptions{}).Rewrite(t.Context(), bot.Request{Question: "Who?"}, nil); err == nil {
		t.Errorf("a question that was cut off is used: %q", text)
	}
}

func TestALogDoesNotRepeatTheQuestion(t *testing.T) {
	const question = "Is Jane Roe of accounting to be dismissed for her temperature?"
	for name, fault := range map[string]llmsim.Fault{
		"a parameter":           refused(400, `{"error":{"message":"temperature is not known, in `+question+`"}}`),
		"an error":              refused(500, `{"error":{"message":"`+question+`"}}`),
		"an error in a stream":  {Kind: llmsim.StreamError, Text: question},
		"a string":              refused(400, `{"error":"no: `+question+`"}`),
		"something not of JSON": refused(400, question),
	} {
		sim := simulate(t, llmsim.Options{Reply: llmsim.Script(llmsim.Reply{Text: reply, Fault: fault})})
		var log bytes.Buffer
		m := newModel(t, sim, "some-model", answer.ModelOptions{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		_, err := m.Write(t.Context(), request(t, question), func(string) error { return nil })
		if err == nil || strings.Contains(err.Error()+log.String()+fmt.Sprint(errors.Unwrap(err)), "Jane Roe") {
			t.Errorf("%s: error %v, caused by %v, log %s", name, err, errors.Unwrap(err), log.String())
		}
		known := new(remote.Error)
		if !errors.As(err, &known) || known.Reason() == "" {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestAFailureBeforeTheFirstTokenMayPass(t *testing.T) {
	for name, fault := range map[string]llmsim.Fault{
		"429 with Retry-After": llmsim.RateLimited("0"),
		"503":                  llmsim.Unavailable(),
		"connection reset":     {Kind: llmsim.Reset},
		"cut at the start":     {Kind: llmsim.CutOff},
		"error in the stream":  {Kind: llmsim.StreamError, Text: "overloaded"},
	} {
		t.Run(name, func(t *testing.T) {
			sim := simulate(t, llmsim.Options{Reply: llmsim.Failing(1, fault, llmsim.Fixed(reply))})
			text, _, _, err := write(t, newModel(t, sim, "some-model", answer.ModelOptions{}))
			if err != nil || text != reply {
				t.Fatalf("%q, %v", text, err)
			}
		})
	}
}

func TestAFailureIsNamed(t *testing.T) {
	always := func(f llmsim.Fault) llmsim.Replier { return llmsim.Script(llmsim.Reply{Text: reply, Fault: f}) }
	for _, tt := range []struct {
		name  string
		reply llmsim.Replier
		want  remote.Kind
		calls int
	}{
		{"429 for ever", always(llmsim.RateLimited("0")), remote.RateLimited, 3},
		{"429 with a long wait", always(llmsim.RateLimited("600")), remote.RateLimited, 1},
		{"no quota", always(llmsim.OutOfQuota()), remote.OutOfQuota, 1},
		{"500 for ever", always(llmsim.ServerError()), remote.Overloaded, 3},
		{"502 with a page", always(llmsim.BadGateway()), remote.Overloaded, 3},
		{"503 for ever", always(llmsim.Unavailable()), remote.Overloaded, 3},
		{"a page", always(llmsim.HTMLPage()), remote.WrongType, 2},
		{"JSON for a stream", always(llmsim.JSONForStream(reply)), remote.WrongType, 2},
		{"cut at the start", always(llmsim.Fault{Kind: llmsim.CutOff}), remote.CutOff, 2},
		{"cut in the middle", always(llmsim.Fault{Kind: llmsim.CutOff, After: 5}), remote.CutOff, 1},
		{"cut at the end", always(llmsim.Fault{Kind: llmsim.CutOff, After: 999}), remote.CutOff, 1},
		{"connection lost in the middle", always(llmsim.Fault{Kind: llmsim.Drop, After: 5}), remote.CutOff, 1},
		{"connection reset in the middle", always(llmsim.Fault{Kind: llmsim.Reset, After: 5}), remote.CutOff, 1},
		{"an error in the middle", always(llmsim.Fault{Kind: llmsim.StreamError, After: 5, Text: "boom"}), remote.Overloaded, 1},
		{"an error at the start", always(llmsim.Fault{Kind: llmsim.StreamError, Text: "boom"}), remote.Overloaded, 2},
		{"a chunk that is no JSON", always(llmsim.Fault{Kind: llmsim.BadChunk, After: 5}), remote.Broken, 1},
		{"stalled before the first token", always(llmsim.Fault{Kind: llmsim.Stall}), remote.TimedOut, 1},
		{"stalled in the middle", always(llmsim.Fault{Kind: llmsim.Stall, After: 5}), remote.TimedOut, 1},
		{"not a byte", always(llmsim.Fault{Kind: llmsim.Hang}), remote.TimedOut, 1},
		{"a content filter", always(llmsim.Fault{Kind: llmsim.ContentFilter, After: 5}), remote.Filtered, 1},
		{"a refusal", always(llmsim.Fault{Kind: llmsim.Refusal, Text: "I cannot"}), remote.Declined, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sim := simulate(t, llmsim.Options{Key: "sk-test", Reply: tt.reply})
			limit := 300 * time.Millisecond
			_, _, _, err := write(t, newModel(t, sim, "some-model", answer.ModelOptions{FirstToken: limit, NextToken: limit}))
			known := new(remote.Error)
			if !errors.As(err, &known) || known.Kind != tt.want {
				t.Fatalf("%v, want kind %d", err, tt.want)
			}
			if known.Reason() == "" || strings.Contains(err.Error(), "sk-test") {
				t.Errorf("error %q with reason %q", err, known.Reason())
			}
			if n := sim.Calls("/v1/chat/completions"); n != tt.calls {
				t.Errorf("%d calls, want %d", n, tt.calls)
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
