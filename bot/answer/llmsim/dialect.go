package llmsim

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// A Dialect is a service that speaks OpenAI's protocol in its own way.
type Dialect int

// OpenAI is strict: unknown parameters, and for reasoning models max_tokens
// and a temperature other than 1, are refused. Ollama ignores
// max_completion_tokens and has 404 for a model that was not pulled. VLLM
// knows both limits and has its own error object. LlamaCPP serves one model
// under every name, and 503 while it loads. Azure is not a dialect of the
// server: its paths are always served, in Azure's way.
const (
	OpenAI Dialect = iota
	Ollama
	VLLM
	LlamaCPP
	azure
)

const azurePrefix = "/openai/deployments/"

func (s *Server) dialectOf(path string) Dialect {
	if strings.HasPrefix(path, "/openai/") {
		return azure
	}
	return s.options.Dialect
}

// A failure is a refusal, before it is put in a dialect's words.
type failure struct {
	status  int
	message string
	kind    string // "type" in JSON
	param   string // null in JSON when empty
	code    string // null in JSON when empty
}

// invalid is a 400 for a parameter.
func invalid(param, code, format string, args ...any) *failure {
	return &failure{
		status: http.StatusBadRequest, message: fmt.Sprintf(format, args...),
		kind: "invalid_request_error", param: param, code: code,
	}
}

// fail writes a refusal in a dialect's error format.
func (d Dialect) fail(w http.ResponseWriter, f failure) {
	writeJSON(w, f.status, d.errorBody(f))
}

// errorBody is the JSON of an error; it also goes into streams.
func (d Dialect) errorBody(f failure) any {
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	switch d {
	case Ollama:
		return map[string]any{"error": map[string]any{"message": f.message, "type": f.kind, "param": nil, "code": nil}}
	case VLLM:
		return map[string]any{"object": "error", "message": f.message, "type": vllmType(f.status), "param": null(f.param), "code": f.status}
	case LlamaCPP:
		return map[string]any{"error": map[string]any{"code": f.status, "message": f.message, "type": f.kind}}
	case azure:
		code := f.code
		if code == "" {
			code = fmt.Sprint(f.status)
		}
		return map[string]any{"error": map[string]any{"code": code, "message": f.message, "type": null(f.kind), "param": null(f.param)}}
	}
	return map[string]any{"error": map[string]any{"message": f.message, "type": f.kind, "param": null(f.param), "code": null(f.code)}}
}

func vllmType(status int) string {
	switch status {
	case http.StatusNotFound:
		return "NotFoundError"
	case http.StatusUnauthorized:
		return "AuthenticationError"
	case http.StatusBadRequest:
		return "BadRequestError"
	}
	return http.StatusText(status)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // only our own plain structures come here
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(text)
}

func checkRoute(endpoint string, r *http.Request) *failure {
	if endpoint == "" {
		return &failure{
			status: http.StatusNotFound, kind: "invalid_request_error", code: "unknown_url",
			message: fmt.Sprintf("Unknown request URL: %s %s. Please check the URL for typos.", r.Method, r.URL.Path),
		}
	}
	want := http.MethodPost
	if endpoint == "models" {
		want = http.MethodGet
	}
	if r.Method != want {
		return &failure{
			status: http.StatusMethodNotAllowed, kind: "invalid_request_error", code: "method_not_supported",
			message: fmt.Sprintf("Only %s requests are accepted.", want),
		}
	}
	return nil
}

func (s *Server) checkKey(d Dialect, r *http.Request) *failure {
	if s.options.Key == "" {
		return nil
	}
	f := failure{status: http.StatusUnauthorized, kind: "invalid_request_error", code: "invalid_api_key"}
	if d == azure {
		if r.Header.Get("api-key") == s.options.Key {
			return nil
		}
		f.message = "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."
		f.code, f.kind = "401", ""
		return &f
	}
	key, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case key == s.options.Key && bearer:
		return nil
	case key == "" || !bearer:
		f.message = "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
	default:
		f.message = "Incorrect API key provided: " + masked(key) + ". You can find your API key at https://platform.openai.com/account/api-keys."
	}
	return &f
}

// masked hides the middle of a key, as OpenAI's message does.
func masked(key string) string {
	if len(key) < 12 {
		return strings.Repeat("*", len(key))
	}
	return key[:4] + strings.Repeat("*", len(key)-8) + key[len(key)-4:]
}

func checkVersion(d Dialect, r *http.Request) *failure {
	if d == azure && !r.URL.Query().Has("api-version") {
		return &failure{status: http.StatusBadRequest, code: "BadRequest", message: "The api-version query parameter is required."}
	}
	return nil
}

func checkBody(r *http.Request, readErr error) *failure {
	if r.Method == http.MethodGet {
		return nil
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return &failure{
			status: http.StatusUnsupportedMediaType, kind: "invalid_request_error", code: "unsupported_content_type",
			message: fmt.Sprintf("Unsupported content type: %q. This API method only accepts 'application/json' requests.", r.Header.Get("Content-Type")),
		}
	}
	if readErr == nil {
		return nil
	}
	return invalid("", "", "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON: %v.)", readErr)
}

// checkModel refuses a model that does not exist.
func (s *Server) checkModel(d Dialect, model string) *failure {
	if d == LlamaCPP || len(s.options.Models) == 0 || slices.Contains(s.options.Models, model) {
		return nil
	}
	f := failure{status: http.StatusNotFound, kind: "invalid_request_error", code: "model_not_found"}
	switch d {
	case Ollama:
		f.message, f.kind = fmt.Sprintf("model %q not found, try pulling it first", model), "not_found_error"
	case VLLM:
		f.message = fmt.Sprintf("The model `%s` does not exist.", model)
	case azure:
		f.message, f.kind, f.code = "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.", "", "DeploymentNotFound"
	default:
		f.message = fmt.Sprintf("The model `%s` does not exist or you do not have access to it.", model)
	}
	return &f
}

var reasoningName = regexp.MustCompile(`^(o1|o3|o4|gpt-5|gpt-6)`)

// reasons reports whether a model is one that thinks before it answers.
func (d Dialect) reasons(model string) bool {
	return (d == OpenAI || d == azure) && reasoningName.MatchString(model)
}

// checkReasoning refuses what a reasoning model does not take.
func checkReasoning(c chatRequest, body map[string]any) *failure {
	if c.maxTokens > 0 {
		return invalid("max_tokens", "unsupported_parameter", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")
	}
	if c.temperature != nil && *c.temperature != 1 {
		return invalid("temperature", "unsupported_value", "Unsupported value: 'temperature' does not support %v with this model. Only the default (1) value is supported.", *c.temperature)
	}
	for _, name := range []string{"top_p", "presence_penalty", "frequency_penalty", "stop", "logprobs", "logit_bias"} {
		if body[name] != nil {
			return invalid(name, "unsupported_parameter", "Unsupported parameter: '%s' is not supported with this model.", name)
		}
	}
	return nil
}

// limit is how many tokens an answer may have; 0 is no limit.
func (d Dialect) limit(c chatRequest) int {
	if d == Ollama || c.maxCompletionTokens == 0 {
		return c.maxTokens
	}
	return c.maxCompletionTokens
}
