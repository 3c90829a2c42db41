package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// A testEmbedder is a server of embeddings: bags of hashed words.
type testEmbedder struct {
	*httptest.Server

	mu         sync.Mutex
	dimensions int
	status     int // of a refusal; 0 for none
	body       string
	after      int // requests until the refusal
	texts      int // embedded since they were last counted
}

const embedderKey = "sk-canary-0123456789"

func newTestEmbedder() *testEmbedder {
	e := &testEmbedder{dimensions: 64}
	e.Server = httptest.NewServer(e)
	return e
}

func (e *testEmbedder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Input      []string
		Dimensions int
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &req)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case err != nil || r.URL.Path != "/v1/embeddings":
		http.NotFound(w, r)
		return
	case r.Header.Get("Authorization") != "Bearer "+embedderKey:
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"error":{"message":"Incorrect API key provided: %s","code":"invalid_api_key"}}`, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		return
	case e.status != 0 && e.after <= 0:
		w.WriteHeader(e.status)
		fmt.Fprint(w, e.body)
		return
	}
	e.after--
	e.texts += len(req.Input)
	dimensions := e.dimensions
	if req.Dimensions > 0 {
		dimensions = req.Dimensions
	}
	data := make([]map[string]any, len(req.Input))
	for i, text := range req.Input {
		data[i] = map[string]any{"index": i, "embedding": hashedWords(text, dimensions)}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}

func hashedWords(text string, dimensions int) []float32 {
	v := make([]float32, dimensions)
	for _, word := range strings.Fields(strings.ToLower(text)) {
		hash := fnv.New32a()
		hash.Write([]byte(strings.Trim(word, ".,;:?!\"'()")))
		v[hash.Sum32()%uint32(dimensions)]++
	}
	return v
}

// embedders are those of all scripts, by their URLs.
var embedders sync.Map

// commandEmbedder is, in a script:
//
//	embedder start            starts a server and makes it that of the settings
//	embedder stop             closes it
//	embedder gives N          its vectors have another length from now on
//	embedder says STATUS BODY what it answers from now on
//	embedder says STATUS BODY N ... from the request after N on
//	embedder heals            ends that
//	embedder embedded N       that many texts were embedded since this was last said
//	embedder corpus FILE N    writes a document of N paragraphs
func commandEmbedder(ts *testscript.TestScript, neg bool, args []string) {
	if args[0] == "start" {
		e := newTestEmbedder()
		ts.Defer(e.Close)
		embedders.Store(e.URL+"/v1", e)
		ts.Setenv("OPENAI_BASE_URL", e.URL+"/v1")
		ts.Setenv("OPENAI_API_KEY", embedderKey)
		ts.Setenv("FOOTNOTE_EMBED_MODEL", "test-model")
		return
	}
	known, ok := embedders.Load(ts.Getenv("OPENAI_BASE_URL"))
	if !ok {
		ts.Fatalf("no embedder was started")
	}
	e := known.(*testEmbedder)
	if args[0] == "stop" {
		e.Close()
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		ts.Check(err)
		return n
	}
	switch args[0] {
	case "gives":
		e.dimensions = number(args[1])
	case "says":
		e.status, e.body, e.after = number(args[1]), args[2], 0
		if len(args) > 3 {
			e.after = number(args[3])
		}
	case "heals":
		e.status = 0
	case "embedded":
		if n := number(args[1]); e.texts != n {
			ts.Fatalf("%d texts were embedded, want %d", e.texts, n)
		}
		e.texts = 0
	case "corpus":
		var b strings.Builder
		for i := range number(args[2]) {
			fmt.Fprintf(&b, "Paragraph %d tells of well number %d, %s, in the valley.\n\n", i, i*7, strings.Repeat("which is deep and old ", 20))
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o644))
	default:
		ts.Fatalf("unknown: embedder %s", args[0])
	}
}

func TestSizesOfJobsAreReadable(t *testing.T) {
	for tokens, want := range map[int]string{
		50_000: "about 50,000 tokens", 51_499: "about 51,000 tokens", 999_000: "about 999,000 tokens", 1_234_567: "about 1.2 million tokens",
	} {
		if got := (models{}).jobSize(tokens, 340, "text-embedding-3-small"); got != want+" in 340 requests to api.openai.com (text-embedding-3-small)" {
			t.Errorf("%d: %s", tokens, got)
		}
	}
}
