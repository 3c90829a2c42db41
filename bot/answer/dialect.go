package answer

import (
	"cmp"
	"errors"
	"math"
	"net/http"
	"regexp"
	"strings"

	openai "github.com/sashabaranov/go-openai"

	"footnote/retrieval/remote"
)

// A dialect is how a server and a model want to be asked. What a server
// refuses is asked otherwise from then on: see adapt.
type dialect struct {
	limit       limit
	halvings    int    // of the limit, for a model that takes less
	temperature bool   // 0 is asked for
	effort      string // of reasoning; "" leaves it to the server
	usage       bool   // is asked for with a stream
	thinks      bool   // before it answers, in tokens that count
	forOnce     bool   // the last halving was for one prompt
}

// A limit is the parameter that limits the tokens of an answer: OpenAI has
// replaced the one by the other, others know only the older.
type limit int

const (
	unlimited limit = iota
	maxTokens
	maxCompletionTokens
)

// Tokens that an answer may have. Those that a model thinks in count too.
const (
	answerTokens    = 2000
	reasoningTokens = 6000
	mostHalvings    = 3
)

// dialectOf is a first guess. Reasoning models take no temperature, except
// those that can be told not to reason, as this use needs none.
func dialectOf(s remote.Server, model string) dialect {
	name := model[strings.LastIndexByte(model, '/')+1:]
	d := dialect{limit: maxTokens, temperature: true, usage: true, thinks: thinksAloud(model)}
	if s.IsOpenAI() || s.IsAzure() || s.IsAzureV1() {
		d.limit = maxCompletionTokens
	}
	switch {
	case name == openai.GPT6Luna, name == openai.GPT6Sol:
		d.limit, d.effort = maxCompletionTokens, openai.ReasoningEffortNone
	case reasons(name):
		d.limit, d.temperature, d.effort = maxCompletionTokens, false, openai.ReasoningEffortLow
	}
	return d
}

// reasons reports whether a name is that of one of OpenAI's reasoning models.
// The library refuses by itself to send these what it thinks they do not take.
func reasons(name string) bool {
	for _, prefix := range [...]string{"o1", "o3", "o4", "gpt-5", "gpt-6"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// tokens is the limit.
func (d dialect) tokens() int {
	most := answerTokens
	if d.thinks || d.effort != "" && d.effort != openai.ReasoningEffortNone || !d.temperature {
		most = reasoningTokens
	}
	return most >> d.halvings
}

// apply sets what depends on the server and the model.
func (d dialect) apply(r *openai.ChatCompletionRequest) {
	switch d.limit {
	case maxTokens:
		//lint:ignore SA1019 many servers know only the older name
		r.MaxTokens = d.tokens()
	case maxCompletionTokens:
		r.MaxCompletionTokens = d.tokens()
	}
	if d.temperature {
		r.Temperature = math.SmallestNonzeroFloat32 // 0 when it is sent: see zeroing
	}
	r.ReasoningEffort = d.effort
	if r.Stream && d.usage {
		r.StreamOptions = &openai.StreamOptions{IncludeUsage: true}
	}
}

// A complaint is what a server says of a request that it does not take.
type complaint struct{ param, message string }

// complaintOf reads a 400 or 422 in whatever form it comes.
func complaintOf(err error) (complaint, bool) {
	status, r := 0, complaint{}
	// A RequestError matches *APIError too, with empty fields.
	if request := new(openai.RequestError); errors.As(err, &request) {
		status = request.HTTPStatusCode
		_, r.message = remote.Said(request.Body)
	} else if api := new(openai.APIError); errors.As(err, &api) {
		status, r.message = api.HTTPStatusCode, api.Message
		if api.Param != nil {
			r.param = *api.Param
		}
	}
	return r, status == http.StatusBadRequest || status == http.StatusUnprocessableEntity
}

// A parameter is what a call may change, each once.
type parameter string

const (
	limitName   parameter = "the name of the limit of tokens"
	limitSize   parameter = "the limit of tokens"
	temperature parameter = "temperature"
	effort      parameter = "reasoning_effort"
	usage       parameter = "stream_options"
)

// contextLength matches refusals of a prompt that leaves too little room for
// the answer, tooMany those of a limit beyond a model's.
var (
	contextLength = regexp.MustCompile(`(?i)context (length|window|size)`)
	tooMany       = regexp.MustCompile(`(?i)too (large|high|big|many)|at most|less than or equal|exceed|maximum (value|allowed|of)`)
)

// adapt leaves out or replaces the parameter that a server refused, and names
// it; "" where the refusal is about something that cannot be changed.
func (d dialect) adapt(model string, r complaint) (dialect, parameter) {
	about := cmp.Or(r.param, r.message)
	older, newer := strings.Contains(about, "max_tokens"), strings.Contains(about, "max_completion_tokens")
	crowded := contextLength.MatchString(r.message)
	switch {
	case crowded || (older || newer) && tooMany.MatchString(r.message):
		if d.limit == unlimited || d.halvings == mostHalvings {
			return d, ""
		}
		d.halvings, d.forOnce = d.halvings+1, crowded
		return d, limitSize
	case older && d.limit == maxTokens:
		d.limit = maxCompletionTokens
		return d, limitName
	case newer && d.limit == maxCompletionTokens:
		d.limit = maxTokens
		if reasons(model) {
			d.limit = unlimited // the library would refuse the older name
		}
		return d, limitName
	case strings.Contains(about, "temperature") && d.temperature:
		d.temperature = false
		return d, temperature
	case (strings.Contains(about, "reasoning_effort") || strings.Contains(about, "reasoning effort")) && d.effort != "":
		// Without an effort of none the model reasons, and then takes no temperature.
		d.temperature = d.temperature && d.effort != openai.ReasoningEffortNone
		d.effort = ""
		return d, effort
	case strings.Contains(about, "stream_options") && d.usage:
		d.usage = false
		return d, usage
	}
	return d, ""
}
