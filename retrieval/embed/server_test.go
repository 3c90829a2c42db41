package embed_test

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"footnote/retrieval/embed"
	"footnote/retrieval/remote"
)

const key = "sk-canary-0123456789"

// A modelServer embeds texts as bags of hashed words, as a model server does
// on the wire. Requests are first given to fault, which may answer them itself.
type modelServer struct {
	*httptest.Server
	dimensions int
	fault      func(n int, w http.ResponseWriter) bool // n counts from 0

	mu       sync.Mutex
	requests []modelRequest
	at, most int // requests at a time
}

type modelRequest struct {
	path, query string
	header      http.Header
	Model       string   `json:"model"`
	Input       []string `json:"input"`
	Dimensions  int      `json:"dimensions"`
}

func newModelServer(t *testing.T, dimensions int) *modelServer {
	s := &modelServer{dimensions: dimensions}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *modelServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := modelRequest{path: r.URL.Path, query: r.URL.RawQuery, header: r.Header}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &req)
	}
	if err != nil || r.Method != http.MethodPost {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, req)
	s.at++
	s.most = max(s.most, s.at)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.at--
		s.mu.Unlock()
	}()
	if s.fault != nil && s.fault(n, w) {
		return
	}
	dimensions := s.dimensions
	if req.Dimensions > 0 {
		dimensions = req.Dimensions
	}
	data := []map[string]any{}
	for i, text := range req.Input {
		data = append(data, map[string]any{"object": "embedding", "index": i, "embedding": bag(text, dimensions)})
	}
	slices.Reverse(data) // the index is what counts
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"object": "list", "data": data, "model": req.Model})
}

// bag is a text's vector, of no particular length.
func bag(text string, dimensions int) []float32 {
	v := make([]float32, dimensions)
	for _, word := range strings.Fields(strings.ToLower(text)) {
		hash := fnv.New32a()
		hash.Write([]byte(word))
		v[hash.Sum32()%uint32(dimensions)]++
	}
	return v
}

// seen are the requests so far.
func (s *modelServer) seen() []modelRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *modelServer) server() remote.Server { return remote.Server{URL: s.URL + "/v1", Key: key} }

// says answers with a status and a body, always.
func says(status int, body string) func(int, http.ResponseWriter) bool {
	return func(_ int, w http.ResponseWriter) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
		return true
	}
}

func newRemote(t *testing.T, s remote.Server, model string, o embed.RemoteOptions) *embed.Remote {
	t.Helper()
	if o.Client == nil {
		o.Client = remote.NewClient(remote.Options{Base: time.Millisecond})
	}
	r, err := embed.NewRemote(t.Context(), s, model, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
