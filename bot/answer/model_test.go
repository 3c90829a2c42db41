package answer_test

import (
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
	text, _, err = m.Rewrite(t.Context(), "What did he say?", []bot.Turn{{Question: "Who is Fu Sheng?", Answer: "The chairman of Cheetah Mobile [1]."}})
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
