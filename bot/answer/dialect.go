package answer

import (
	"math"
	"strings"

	openai "github.com/sashabaranov/go-openai"

	"footnote/retrieval/remote"
)

// A dialect is how a server and a model want to be asked. What a server
// refuses is left out from then on: see adapt.
type dialect struct {
	// completionTokens limits by max_completion_tokens, else by max_tokens:
	// OpenAI has replaced the one by the other, others know only the older.
	completionTokens bool
	temperature      bool   // 0 is asked for
	effort           string // of reasoning; "" leaves it to the server
	usage            bool   // is asked for with a stream
}

// Tokens that an answer may have. Those that a model thinks in count too.
const (
	answerTokens    = 2000
	reasoningTokens = 6000
)

// dialectOf is a first guess. Reasoning models take no temperature, except
// those that can be told not to reason, as this use needs none.
func dialectOf(s remote.Server, model string) dialect {
	name := model[strings.LastIndexByte(model, '/')+1:]
	d := dialect{completionTokens: s.IsOpenAI() || s.IsAzure(), temperature: true, usage: true}
	switch {
	case name == openai.GPT6Luna, name == openai.GPT6Sol:
		d.completionTokens, d.effort = true, openai.ReasoningEffortNone
	case reasons(name):
		d.completionTokens, d.temperature, d.effort = true, false, openai.ReasoningEffortLow
	}
	return d
}

func reasons(name string) bool {
	for _, prefix := range [...]string{"o1", "o3", "o4", "gpt-5", "gpt-6"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// apply sets what depends on the server and the model.
func (d dialect) apply(r *openai.ChatCompletionRequest) {
	most := answerTokens
	if d.effort != "" && d.effort != openai.ReasoningEffortNone || !d.temperature {
		most = reasoningTokens
	}
	if d.completionTokens {
		r.MaxCompletionTokens = most
	} else {
		r.MaxTokens = most
	}
	if d.temperature {
		// Zero would be left out of the JSON.
		r.Temperature = math.SmallestNonzeroFloat32
	}
	r.ReasoningEffort = d.effort
	if r.Stream && d.usage {
		r.StreamOptions = &openai.StreamOptions{IncludeUsage: true}
	}
}

// adapt leaves out or replaces the parameter that a server refused. It reports
// false where the refusal is about something else.
func (d dialect) adapt(e *openai.APIError) (dialect, bool) {
	about := e.Message
	if e.Param != nil && *e.Param != "" {
		about = *e.Param
	}
	before := d
	switch {
	case strings.Contains(about, "max_tokens") && !d.completionTokens:
		d.completionTokens = true
	case strings.Contains(about, "max_completion_tokens") && d.completionTokens:
		d.completionTokens = false
	case strings.Contains(about, "temperature"):
		d.temperature = false
	case strings.Contains(about, "reasoning_effort"), strings.Contains(about, "reasoning effort"):
		d.effort = ""
	case strings.Contains(about, "stream_options"):
		d.usage = false
	}
	return d, d != before
}
