package main

import (
	"fmt"
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

func unescape(s string) string { return strings.ReplaceAll(s, `\n`, "\n") }
