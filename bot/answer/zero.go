package answer

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	openai "github.com/sashabaranov/go-openai"
)

// zeroing sends a temperature of 0, which the library leaves out of the JSON:
// until the request leaves, the smallest number stands for it. Servers are not
// to see that: llama.cpp divides by it, and vLLM takes it for 0.01.
type zeroing struct{ openai.HTTPDoer }

// Within a string of JSON the quotation marks would be escaped.
var (
	smallest = []byte(`"temperature":1e-45`)
	zero     = []byte(`"temperature":0`)
)

func (z zeroing) Do(req *http.Request) (*http.Response, error) {
	sending(req.Context())
	if req.Body == nil {
		return z.HTTPDoer.Do(req)
	}
	body, err := io.ReadAll(req.Body)
	if err = errors.Join(err, req.Body.Close()); err != nil {
		return nil, err
	}
	body = bytes.Replace(body, smallest, zero, 1)
	sent := req.Clone(req.Context())
	sent.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	sent.Body, _ = sent.GetBody()
	sent.ContentLength = int64(len(body))
	return z.HTTPDoer.Do(sent)
}
