package answer_test

import (
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
	"footnote/corpus"
	"footnote/retrieval/remote"
)

// impatient are a client's options for tests: waits are short.
func impatient() remote.Options {
	return remote.Options{Attempts: 3, Base: time.Millisecond, Patience: 200 * time.Millisecond, FirstByte: 2 * time.Second}
}

func newModel(t testing.TB, sim *llmsim.Server, name string, opts answer.ModelOptions) *answer.Model {
	t.Helper()
	return modelAt(t, remote.Server{URL: sim.URL(), Key: "sk-test"}, name, opts)
}

func modelAt(t testing.TB, server remote.Server, name string, opts answer.ModelOptions) *answer.Model {
	t.Helper()
	opts.Client = remote.NewClient(impatient())
	m, err := answer.NewModel(server, name, opts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func simulate(t testing.TB, o llmsim.Options) *llmsim.Server {
	t.Helper()
	sim := llmsim.New(o)
	t.Cleanup(sim.Close)
	return sim
}

// request asks about the bundled report.
func request(t testing.TB, question string) bot.Request {
	t.Helper()
	c, err := corpus.New(corpus.Report())
	if err != nil {
		t.Fatal(err)
	}
	return bot.Request{Question: question, Passages: c.Passages[:10]}
}

const reply = "238 large models had been released by October [9]. Baidu came early [3][4]."

// write returns what a model writes, and in how many pieces.
func write(t testing.TB, m *answer.Model) (text string, pieces int, used bot.Usage, err error) {
	t.Helper()
	var b strings.Builder
	used, err = m.Write(t.Context(), request(t, "How many models?"), func(s string) error {
		pieces++
		b.WriteString(s)
		return nil
	})
	return b.String(), pieces, used, err
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	for name, server := range map[string]remote.Server{
		"no key for OpenAI":      {},
		"a key with a space":     {Key: "sk test"},
		"an address without one": {URL: "localhost:11434"},
	} {
		if _, err := answer.NewModel(server, "", answer.ModelOptions{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestMendAndRewrite(t *testing.T) {
	sim := simulate(t, llmsim.Options{})
	m := newModel(t, sim, "some-model", answer.ModelOptions{})
	text, used, err := m.Mend(t.Context(), request(t, "How many models?"), "239 large models have been released in China [9].", `"239" does not stand in a cited passage`)
	if err != nil || !strings.Contains(text, "238") || used.Prompt == 0 {
		t.Errorf("mended %q, %+v, %v", text, used, err)
	}
	text, _, err = m.Rewrite(t.Context(), bot.Request{Question: "What did he say?"}, []bot.Turn{{Question: "Who is Fu Sheng?", Answer: "The chairman of Cheetah Mobile [1]."}})
	if err != nil || !strings.Contains(text, "Fu Sheng") {
		t.Errorf("rewritten %q, %v", text, err)
	}
	for _, nothing := range []string{"NOTHING", "NOT_FOUND", ""} {
		sim := simulate(t, llmsim.Options{Reply: llmsim.Fixed(nothing)})
		text, _, err := newModel(t, sim, "some-model", answer.ModelOptions{}).Mend(t.Context(), request(t, "How many?"), "Twelve [1].", "no")
		if err != nil || text != "" {
			t.Errorf("%q: mended %q, %v", nothing, text, err)
		}
	}
}

// completionOf serves one response to calls that are not streamed.
func completionOf(t *testing.T, body string) remote.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return remote.Server{URL: s.URL + "/v1"}
}

func TestATextIsWholeUnlessItsEndSaysOtherwise(t *testing.T) {
	for _, tt := range []struct {
		finish string
		want   remote.Kind // -1 for none
	}{
		{`"stop"`, -1}, {`""`, -1}, {`null`, -1}, {`"eos_token"`, -1}, {`"end_turn"`, -1},
		{`"length"`, remote.CutOff}, {`"content_filter"`, remote.Filtered},
	} {
		server := completionOf(t, `{"choices":[{"index":0,"message":{"role":"assistant","content":"Who is Fu Sheng?"},"finish_reason":`+tt.finish+`}]}`)
		text, _, err := modelAt(t, server, "some-model", answer.ModelOptions{}).Rewrite(t.Context(), bot.Request{Question: "Who?"}, nil)
		known := new(remote.Error)
		switch {
		case tt.want < 0 && (err != nil || text != "Who is Fu Sheng?"):
			t.Errorf("%s: %q, %v", tt.finish, text, err)
		case tt.want >= 0 && (!errors.As(err, &known) || known.Kind != tt.want):
			t.Errorf("%s: %q, %v", tt.finish, text, err)
		}
	}
}

func TestAResponseThatIsNoTextIsNamed(t *testing.T) {
	for body, want := range map[string]remote.Kind{
		`{"choices":[]}`: remote.Broken,
		`<html>Welcome`:  remote.WrongType,
		``:               remote.CutOff,
		`{"choices":[{"index":0,"message":{"role":"assistant","refusal":"No."},"finish_reason":"stop"}]}`: remote.Declined,
	} {
		known := new(remote.Error)
		if err := modelAt(t, completionOf(t, body), "some-model", answer.ModelOptions{}).Ping(t.Context()); !errors.As(err, &known) || known.Kind != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestMendingAndRewritingHaveLimitsOfTheirOwn(t *testing.T) {
	sim := simulate(t, llmsim.Options{Reply: llmsim.Script(llmsim.Reply{Text: reply, Fault: llmsim.Fault{Kind: llmsim.Hang}})})
	m := newModel(t, sim, "some-model", answer.ModelOptions{Mend: 100 * time.Millisecond, Rewrite: 100 * time.Millisecond})
	_, _, mended := m.Mend(t.Context(), request(t, "How many?"), "Twelve [1].", "no")
	_, _, rewritten := m.Rewrite(t.Context(), bot.Request{Question: "Who?"}, nil)
	for _, err := range []error{mended, rewritten} {
		if known := new(remote.Error); !errors.As(err, &known) || known.Kind != remote.TimedOut {
			t.Errorf("error %v", err)
		}
	}
}
