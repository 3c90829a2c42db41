package llmsim

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestBadRequestsAreRefusedAsTheServicesDo(t *testing.T) {
	const chat = "/v1/chat/completions"
	reasoning := func(o object) object { o["model"] = "o3-mini"; return asking(o) }
	tests := []struct {
		name    string
		options Options
		key     string
		path    string
		body    any
		status  int
		holds   []string
	}{
		{"unknown path", Options{}, "", "/v1/completions", asking(nil), 404, []string{`"type":"invalid_request_error"`, `"code":"unknown_url"`}},
		{"wrong method", Options{}, "", "/v1/models", asking(nil), 405, []string{`"code":"method_not_supported"`}},
		{"no JSON", Options{}, "", chat, "{", 400, []string{"could not parse the JSON body"}},
		{"two objects", Options{}, "", chat, "{}{}", 400, []string{"could not parse the JSON body"}},
		{"an array", Options{}, "", chat, "[]", 400, []string{"could not parse"}},
		{"no key", Options{Key: "sk-right"}, "", chat, asking(nil), 401, []string{`"code":"invalid_api_key"`, "didn't provide an API key"}},
		{"wrong key", Options{Key: "sk-right"}, "sk-wrong-0123456789", chat, asking(nil), 401, []string{`"code":"invalid_api_key"`, "sk-w***********6789"}},
		{"unknown model", Options{Models: []string{"gpt-4o"}}, "", chat, asking(nil), 404, []string{`"code":"model_not_found"`, "`gpt-sim`"}},
		{"no model", Options{}, "", chat, object{"messages": []object{}}, 400, []string{`"param":"model"`}},
		{"no messages", Options{}, "", chat, object{"model": "m"}, 400, []string{`"param":"messages"`}},
		{"empty messages", Options{}, "", chat, asking(object{"messages": []object{}}), 400, []string{`"code":"empty_array"`}},
		{"unknown role", Options{}, "", chat, asking(object{"messages": []object{{"role": "boss", "content": "x"}}}), 400, []string{`"param":"messages[0]"`}},
		{"unknown parameter", Options{}, "", chat, asking(object{"topp": 1}), 400, []string{`"code":"unknown_parameter"`, `"param":"topp"`}},
		{"temperature too high", Options{}, "", chat, asking(object{"temperature": 3}), 400, []string{`"param":"temperature"`}},
		{"both limits", Options{}, "", chat, asking(object{"max_tokens": 1, "max_completion_tokens": 1}), 400, []string{"at the same time"}},
		{"stream options without a stream", Options{}, "", chat, asking(object{"stream_options": object{"include_usage": true}}), 400, []string{"only allowed when 'stream'"}},
		{"reasoning and max_tokens", Options{}, "", chat, reasoning(object{"max_tokens": 9}), 400, []string{`"param":"max_tokens"`, `"code":"unsupported_parameter"`}},
		{"reasoning and temperature", Options{}, "", chat, reasoning(object{"temperature": 0.2}), 400, []string{`"param":"temperature"`, `"code":"unsupported_value"`, "0.2"}},
		{"Azure without a key", Options{Key: "k"}, "", "/openai/deployments/d/chat/completions?api-version=1", asking(nil), 401, []string{`"code":"401"`}},
		{"Azure without a version", Options{}, "", "/openai/deployments/d/chat/completions", asking(nil), 400, []string{"api-version"}},
		{"Azure, unknown deployment", Options{Models: []string{"e"}}, "", "/openai/deployments/d/embeddings?api-version=1", object{"input": "x"}, 404, []string{`"code":"DeploymentNotFound"`}},
		{"Ollama, not pulled", Options{Dialect: Ollama, Models: []string{"llama"}}, "", chat, asking(nil), 404, []string{"try pulling it first"}},
		{"vLLM, unknown model", Options{Dialect: VLLM, Models: []string{"llama"}}, "", chat, asking(nil), 404, []string{`{"code":404`, `"object":"error"`, `"type":"NotFoundError"`}},
		{"llama.cpp loading", Options{Dialect: LlamaCPP, Loading: true}, "", chat, asking(nil), 503, []string{`{"error":{"code":503,"message":"Loading model"`}},
		{"embedding nothing", Options{}, "", "/v1/embeddings", object{"model": "e", "input": []string{}}, 400, []string{`"param":"input"`}},
		{"embedding an empty text", Options{}, "", "/v1/embeddings", object{"model": "e", "input": []string{"a", ""}}, 400, []string{"empty string"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := start(t, tt.options)
			c.key = tt.key
			status, body := c.call(tt.path, tt.body)
			if status != tt.status {
				t.Errorf("status %d, want %d: %s", status, tt.status, body)
			}
			for _, part := range tt.holds {
				if !strings.Contains(string(body), part) {
					t.Errorf("%s is not in %s", part, body)
				}
			}
			if n := len(c.sim.Requests()); n != 1 {
				t.Errorf("%d requests on record", n)
			}
		})
	}
}

func TestAnswersComeWholeOrInAStream(t *testing.T) {
	const text = "Eighty percent “believe” it [1]. 一共有238个 [2]。"
	for _, cut := range []Cut{CutWords, CutRunes, CutRagged, CutNone} {
		c := start(t, Options{Key: "sk-right", Reply: func(Request) Reply { return Reply{Text: text, Cut: cut} }})
		status, body := c.call("/v1/chat/completions", asking(nil))
		var whole struct {
			Choices []struct {
				Message Message
				Finish  string `json:"finish_reason"`
			}
			Usage usage
		}
		if err := json.Unmarshal(body, &whole); err != nil || status != 200 {
			t.Fatal(status, err)
		}
		if got := whole.Choices[0]; got.Message.Content != text || got.Finish != "stop" {
			t.Errorf("%+v", got)
		}
		h := c.listen(t.Context(), object{"stream_options": object{"include_usage": true}})
		if h.text != text || h.finish != "stop" || !h.done || h.err != nil || h.malformed > 0 {
			t.Errorf("cut %d: %+v", cut, h)
		}
		if h.usage == nil || *h.usage != whole.Usage || len(h.events[len(h.events)-1].Choices) != 0 {
			t.Errorf("usage %+v, whole %+v", h.usage, whole.Usage)
		}
		if h := c.listen(t.Context(), nil); h.usage != nil {
			t.Error("usage without being asked for")
		}
		if n := c.sim.Calls("/v1/chat/completions"); n != 3 {
			t.Errorf("%d calls", n)
		}
	}
}

func TestAzureAnswersByDeployment(t *testing.T) {
	c := start(t, Options{Key: "k", Models: []string{"mine"}, Reply: Fixed("yes")})
	body := asking(object{"stream": true})
	delete(body, "model")
	response, err := c.post(t.Context(), "/openai/deployments/mine/chat/completions?api-version=2024-10-21", body)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	h := hear(response.Body)
	if h.text != "yes" || !h.done || len(h.events[0].Choices) != 0 {
		t.Errorf("%+v", h)
	}
	if r := c.sim.Requests()[0]; r.Model != "mine" || r.Query.Get("api-version") != "2024-10-21" {
		t.Errorf("%+v", r)
	}
}

func TestLimitsAreKeptAsTheServiceReadsThem(t *testing.T) {
	const text = "one two three four five"
	tests := []struct {
		name    string
		dialect Dialect
		model   string
		limits  object
		text    string
		finish  string
	}{
		{"OpenAI, old limit", OpenAI, "gpt-4o", object{"max_tokens": 2}, "one two", "length"},
		{"OpenAI, new limit", OpenAI, "gpt-4o", object{"max_completion_tokens": 2}, "one two", "length"},
		{"Ollama ignores the new one", Ollama, "llama", object{"max_completion_tokens": 2}, text, "stop"},
		{"Ollama, old limit", Ollama, "llama", object{"max_tokens": 2}, "one two", "length"},
		{"vLLM, new limit", VLLM, "llama", object{"max_completion_tokens": 2}, "one two", "length"},
		{"reasoning spends it all", OpenAI, "o1", object{"max_completion_tokens": 60}, "", "length"},
		{"reasoning leaves some", OpenAI, "gpt-5", object{"max_completion_tokens": 66}, "one two", "length"},
		{"enough", OpenAI, "gpt-4o", object{"max_tokens": 5}, text, "stop"},
		{"a stop sequence", OpenAI, "gpt-4o", object{"stop": " four"}, "one two three", "stop"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := start(t, Options{Dialect: tt.dialect, Reply: Fixed(text)})
			tt.limits["model"] = tt.model
			tt.limits["stream_options"] = object{"include_usage": true}
			h := c.listen(t.Context(), tt.limits)
			if h.text != tt.text || h.finish != tt.finish {
				t.Errorf("%q, %s", h.text, h.finish)
			}
			reasons := h.usage.Details != nil && h.usage.Details.ReasoningTokens > 0
			if reasons != tt.dialect.reasons(tt.model) {
				t.Errorf("usage %+v", h.usage)
			}
		})
	}
}

func TestThoughtComesBeforeTheAnswer(t *testing.T) {
	c := start(t, Options{Reply: Fixed("yes"), Think: "Let me see.", Reasoning: "They ask who."})
	h := c.listen(t.Context(), nil)
	if h.text != "<think>\nLet me see.\n</think>\n\nyes" || h.reasoning != "They ask who." {
		t.Errorf("%q, %q", h.text, h.reasoning)
	}
}

func TestEmbeddingsAreNearWhenWordsAreShared(t *testing.T) {
	c := start(t, Options{ShuffleEmbeddings: true})
	texts := []string{"the harbour of Port Lindsay opened", "Port Lindsay has a harbour", "oxygen is a gas", "x"}
	vectors := map[string][][]float32{}
	for _, format := range []string{"float", "base64"} {
		status, body := c.call("/v1/embeddings", object{"model": "e", "input": texts, "encoding_format": format, "dimensions": 64})
		var got struct {
			Data []struct {
				Index     int
				Embedding json.RawMessage
			}
		}
		if err := json.Unmarshal(body, &got); err != nil || status != http.StatusOK || len(got.Data) != len(texts) {
			t.Fatalf("%d, %v: %s", status, err, body)
		}
		if got.Data[0].Index == 0 {
			t.Error("not shuffled")
		}
		vectors[format] = make([][]float32, len(texts))
		for _, d := range got.Data {
			vectors[format][d.Index] = decodeVector(t, d.Embedding)
		}
	}
	for i, text := range texts {
		if v := vectors["float"][i]; !slices.Equal(v, vectors["base64"][i]) || len(v) != 64 || !slices.Equal(v, Embed(text, 64)) {
			t.Errorf("%q: %d dimensions, differing", text, len(v))
		}
	}
	v := vectors["float"]
	if near, far := dot(v[0], v[1]), dot(v[0], v[2]); near < far+0.3 {
		t.Errorf("near %f, far %f", near, far)
	}
	if norm := dot(v[3], v[3]); math.Abs(norm-1) > 1e-5 {
		t.Errorf("length %f", norm)
	}
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func decodeVector(t *testing.T, raw json.RawMessage) []float32 {
	var vector []float32
	if json.Unmarshal(raw, &vector) == nil {
		return vector
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		t.Fatal(err)
	}
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for ; len(packed) >= 4; packed = packed[4:] {
		vector = append(vector, math.Float32frombits(binary.LittleEndian.Uint32(packed)))
	}
	return vector
}

func TestModelsAreListed(t *testing.T) {
	c := start(t, Options{Models: []string{"a", "b"}})
	response, err := http.Get(c.sim.URL() + "/models")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var got struct{ Data []struct{ ID string } }
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil || len(got.Data) != 2 || got.Data[1].ID != "b" {
		t.Errorf("%+v, %v", got, err)
	}
}
