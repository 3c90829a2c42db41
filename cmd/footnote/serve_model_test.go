package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"footnote/bot/answer/llmsim"
	"footnote/bot/slackbot/slacksim"
)

// The whole way: a mention in Slack, a model that writes one sentence that holds
// and one that does not, the answer with its source; then the model's server
// goes away, and the report's own sentences answer.
func TestServeAnswersWithALanguageModel(t *testing.T) {
	t.Parallel()
	ws, env := workspace(t, slacksim.Options{})
	sim := llmsim.New(llmsim.Options{Key: modelKey, Reply: func(r llmsim.Request) llmsim.Reply {
		if llmsim.ParsePrompt(r.Messages).Task == llmsim.Repair {
			return llmsim.Reply{Text: "NOTHING"}
		}
		return llmsim.Reply{Every: 5 * time.Millisecond, Text: "As of October this year, 238 large models have been released in China [1]. Elon Musk released 999 of them <!channel> [1]."}
	}})
	defer sim.Close()
	env = append(env, "OPENAI_BASE_URL="+sim.URL(), "OPENAI_API_KEY="+modelKey, "FOOTNOTE_CHAT_MODEL=test-model")
	s := serve(t, env)
	s.until("readiness", func() bool { status, _ := s.get("/readyz"); return status == http.StatusOK })
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	alice.Say(general, "How many large models had been released in China by October?")
	s.until("the answer", func() bool {
		return strings.Contains(ws.Transcript(), "238 large models") && strings.Contains(ws.Transcript(), "([1])") &&
			strings.Contains(ws.Transcript(), "One sentence was left out")
	})
	if shown := ws.Transcript(); strings.Contains(shown, "Musk") || strings.Contains(shown, "channel>") {
		t.Errorf("shown\n%s", shown)
	}
	s.until("the figures", func() bool {
		_, body := s.get("/metrics")
		return strings.Contains(body, `footnote_answers_total{mode="llm",outcome="answered"} 1`) &&
			strings.Contains(body, `footnote_model_tokens_total{kind="prompt"}`) &&
			strings.Contains(body, `footnote_budget_tokens{state="limit",team="`+ws.Team.ID+`"} 0`) &&
			!strings.Contains(body, `footnote_budget_tokens{state="debited",team="`+ws.Team.ID+`"} 0`)
	})
	sim.Down()
	alice.Say(general, "What is the growth rate of the market size of large language models in China?")
	s.until("the report's own sentences", func() bool {
		return strings.Contains(ws.Transcript(), "110%") && strings.Contains(ws.Transcript(), "The language model did not answer")
	})
	if said := s.said(); strings.Contains(said, modelKey) || strings.Contains(said, "large models") || strings.Contains(said, "growth rate") {
		t.Errorf("the log tells too much:\n%s", said)
	}
	s.until("every event to be acknowledged", func() bool { return len(ws.Unacked()) == 0 })
	if len(ws.Violations())+len(ws.Duplicates("post")) > 0 {
		t.Errorf("violations %v, double posts %v", ws.Violations(), ws.Duplicates("post"))
	}
	noSecrets(t, ws, s.said())
}

// A budget that is too small for a call lets none be made.
func TestServeKeepsToTheBudget(t *testing.T) {
	t.Parallel()
	ws, env := workspace(t, slacksim.Options{})
	sim := llmsim.New(llmsim.Options{Key: modelKey})
	defer sim.Close()
	env = append(env, "OPENAI_BASE_URL="+sim.URL(), "OPENAI_API_KEY="+modelKey, "FOOTNOTE_CHAT_MODEL=test-model", "FOOTNOTE_DAILY_TOKENS=1000")
	s := serve(t, env)
	s.until("readiness", func() bool { status, _ := s.get("/readyz"); return status == http.StatusOK })
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	alice.Say(general, "How many large models had been released in China by October?")
	alice.Say(general, "到10月为止，中国发布了多少个大模型？")
	s.until("the report's own sentences", func() bool {
		shown := ws.Transcript()
		return strings.Contains(shown, "The language model did not answer (today's budget is used up), so these are the report's own sentences.") &&
			strings.Contains(shown, "语言模型未能回答（今天的")
	})
	s.until("the figures", func() bool {
		_, body := s.get("/metrics")
		return strings.Contains(body, `footnote_budget_tokens{state="limit",team="`+ws.Team.ID+`"} 1000`) &&
			strings.Contains(body, `footnote_budget_tokens{state="debited",team="`+ws.Team.ID+`"} 0`)
	})
	if n := len(sim.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}
