package llmsim

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
)

type embeddingRequest struct {
	model      string
	inputs     []string
	dimensions int
	base64     bool
}

var embeddingParameters = []string{"model", "input", "dimensions", "encoding_format", "user"}

// maxInputs is how many texts OpenAI embeds in one request.
const maxInputs = 2048

func parseEmbedding(body map[string]any) (embeddingRequest, *failure) {
	for _, name := range slices.Sorted(maps.Keys(body)) {
		if !slices.Contains(embeddingParameters, name) {
			return embeddingRequest{}, invalid(name, "unknown_parameter", "Unknown parameter: '%s'.", name)
		}
	}
	p := parameters{body: body}
	e := embeddingRequest{model: p.text("model"), inputs: p.inputs(), dimensions: p.positive("dimensions")}
	switch body["encoding_format"] {
	case nil, "float":
	case "base64":
		e.base64 = true
	default:
		p.fail("encoding_format", "invalid_value", "Invalid value for 'encoding_format': expected 'float' or 'base64'.")
	}
	return e, p.failed
}

func (p *parameters) inputs() []string {
	var inputs []string
	switch v := p.body["input"].(type) {
	case string:
		inputs = []string{v}
	case []any:
		for _, e := range v {
			text, ok := e.(string)
			if !ok {
				p.wrongType("input", "a string or an array of strings")
				return nil
			}
			inputs = append(inputs, text)
		}
	default:
		p.fail("input", "missing_required_parameter", "Missing required parameter: 'input'.")
		return nil
	}
	if len(inputs) == 0 || len(inputs) > maxInputs {
		p.fail("input", "", "'$.input' is invalid: expected 1 to %d texts, got %d.", maxInputs, len(inputs))
	}
	for i, text := range inputs {
		if text == "" {
			p.fail("input", "", "'$.input[%d]' is invalid: input cannot be an empty string.", i)
		}
	}
	return inputs
}

func (s *Server) serveEmbeddings(d Dialect, w http.ResponseWriter, request Request, deployment string) {
	e, failed := parseEmbedding(request.Body)
	if deployment != "" {
		e.model = deployment
		if failed != nil && failed.param == "model" {
			failed = nil
		}
	}
	if failed == nil {
		failed = s.checkModel(d, e.model)
	}
	if failed != nil {
		d.fail(w, *failed)
		return
	}
	dimensions := e.dimensions
	if dimensions == 0 {
		dimensions = s.options.Dimensions
	}
	tokens := 0
	data := make([]any, len(e.inputs))
	for i, text := range e.inputs {
		tokens += len(Tokens(text, CutWords))
		data[i] = map[string]any{"object": "embedding", "index": i, "embedding": encode(Embed(text, dimensions), e.base64)}
	}
	if s.options.ShuffleEmbeddings {
		shuffle(data)
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"object": "list", "data": data, "model": e.model,
		"usage": map[string]int{"prompt_tokens": tokens, "total_tokens": tokens},
	})
}

// shuffle changes the order of what has one.
func shuffle(data []any) {
	rng := rand.New(rand.NewPCG(uint64(len(data)), 1))
	rng.Shuffle(len(data), func(i, j int) { data[i], data[j] = data[j], data[i] })
	if len(data) > 1 && fmt.Sprint(data[0].(map[string]any)["index"]) == "0" {
		data[0], data[1] = data[1], data[0]
	}
}

// encode gives a vector as an array of numbers or as base64 of little-endian
// float32.
func encode(vector []float32, asBase64 bool) any {
	if !asBase64 {
		return json.RawMessage(marshal(vector))
	}
	raw := make([]byte, 0, 4*len(vector))
	for _, x := range vector {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// Embed gives a text a vector of length one: the sum of a pseudo-random vector
// for each of its stems, so that texts with words in common are near.
func Embed(text string, dimensions int) []float32 {
	sum := make([]float64, dimensions)
	for _, stem := range append(stems(text), "\x00") {
		rng := randomFor(strings.ToLower(stem), 2)
		weight := 1.0
		if stem == "\x00" {
			weight = 0.05 // keeps a text without words from being the zero vector
		}
		for i := range sum {
			sum[i] += weight * rng.NormFloat64()
		}
	}
	norm := 0.0
	for _, x := range sum {
		norm += x * x
	}
	vector := make([]float32, dimensions)
	for i, x := range sum {
		vector[i] = float32(x / math.Sqrt(norm))
	}
	return vector
}
