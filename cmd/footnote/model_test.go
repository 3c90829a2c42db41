package main

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"footnote/bot/answer/llmsim"
)

const modelKey = "sk-canary-of-the-model"

// A scriptedModel is a language model whose manners a script changes.
type scriptedModel struct {
	sim *llmsim.Server

	mu    sync.Mutex
	reply llmsim.Replier
}

type modelOf struct{}

// model MANNER [ARG] starts a language model's server, or changes its manners,
// and lets the settings name it:
//
//	faithful      it answers from its passages
//	liar          it lies, and lies again when asked to mend
//	says TEXT     it says this to everything
//	mends A B     it says A, and B to whoever asks again
//	fails WHAT    429, quota, 500, cut, page
//	enriches HOW  it writes questions plainly, garbled, with orders, …
//	knows A B     it writes questions, for a passage that holds A also B
//	pays N        it writes N more answers before its quota is used up
//	down, up      its server
//	calls N       so many requests came so far
func scriptModel(ts *testscript.TestScript, neg bool, args []string) {
	m, _ := ts.Value(modelOf{}).(*scriptedModel)
	if m == nil {
		ts.Fatalf("no model for this script")
	}
	if m.sim == nil {
		m.sim = llmsim.New(llmsim.Options{Key: modelKey, Models: []string{"test-model"}, Dialect: llmsim.VLLM, Reply: func(r llmsim.Request) llmsim.Reply {
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.reply(r)
		}})
		ts.Defer(m.sim.Close)
		ts.Setenv("OPENAI_BASE_URL", m.sim.URL())
		ts.Setenv("OPENAI_API_KEY", modelKey)
		ts.Setenv("FOOTNOTE_CHAT_MODEL", "test-model")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch args[0] {
	case "faithful":
		m.reply = llmsim.Faithful()
	case "liar":
		m.reply = llmsim.Liar(1, llmsim.Number, llmsim.Name, llmsim.Quotation, llmsim.Injection)
	case "says":
		m.reply = llmsim.Fixed(unescape(args[1]))
	case "mends":
		m.reply = func(r llmsim.Request) llmsim.Reply {
			if llmsim.ParsePrompt(r.Messages).Task == llmsim.Repair {
				return llmsim.Reply{Text: args[2]}
			}
			return llmsim.Reply{Text: args[1]}
		}
	case "fails":
		fault, known := map[string]llmsim.Fault{
			"429": llmsim.RateLimited("0"), "quota": llmsim.OutOfQuota(), "500": llmsim.ServerError(), "page": llmsim.HTMLPage(),
			"cut": {Kind: llmsim.CutOff, After: 8},
		}[args[1]]
		if !known {
			ts.Fatalf("no failure %q", args[1])
		}
		m.reply = llmsim.Script(llmsim.Reply{Text: "The report says that 238 large models have been released in China [1]. That is many.", Fault: fault})
	case "enriches":
		manner, known := map[string]llmsim.Manner{
			"plainly": llmsim.Plainly, "fenced": llmsim.Fenced, "garbled": llmsim.Garbled, "instructing": llmsim.Instructing, "pointing": llmsim.Pointing,
		}[args[1]]
		if !known {
			ts.Fatalf("no manner of enriching %q", args[1])
		}
		m.reply = llmsim.Enriching(manner)
	case "knows":
		m.reply = knowing(args[1], args[2])
	case "pays":
		left, err := strconv.Atoi(args[1])
		ts.Check(err)
		m.reply = func(r llmsim.Request) llmsim.Reply { // called under the lock
			reply := llmsim.Faithful()(r)
			if left--; left < 0 {
				reply.Fault = llmsim.OutOfQuota()
			}
			return reply
		}
	case "down":
		m.sim.Down()
	case "up":
		ts.Check(m.sim.Up())
	case "calls":
		if n := fmt.Sprint(len(m.sim.Requests())); n != args[1] {
			ts.Fatalf("%s requests, want %s", n, args[1])
		}
	default:
		ts.Fatalf("no manner %q", args[0])
	}
}

// knowing writes a question for the passages that hold some words, beside those
// that anybody would.
func knowing(words, question string) llmsim.Replier {
	return func(r llmsim.Request) llmsim.Reply {
		reply := llmsim.Faithful()(r)
		p := llmsim.ParsePrompt(r.Messages)
		for i, sentence := range p.Sentences {
			if strings.Contains(sentence, words) {
				reply.Text = strings.Replace(reply.Text, `"en":[`, fmt.Sprintf(`"en":[[%q,%d],`, question, i+1), 1)
			}
		}
		return reply
	}
}

func unescape(s string) string { return strings.ReplaceAll(s, `\n`, "\n") }
