package embed_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"footnote/retrieval/embed"
	"footnote/retrieval/remote"
)

func unit(v []float32) []float32 {
	out := slices.Clone(v)
	length := math.Sqrt(cosine(v, v))
	for i := range out {
		out[i] /= float32(length)
	}
	return out
}

func near(a, b []float32) bool { return len(a) == len(b) && math.Abs(cosine(a, b)-1) < 1e-5 }

func TestTextsGetTheirVectorsInOrder(t *testing.T) {
	s := newModelServer(t, 64)
	r := newRemote(t, s.server(), "a-model", embed.RemoteOptions{})
	texts := []string{"the harbour froze", "", "238 large models", " \n ", "国内发布了238个大模型", "\xff bytes"}
	got, err := r.Embed(t.Context(), texts)
	if err != nil || len(got) != len(texts) {
		t.Fatalf("%d vectors, %v", len(got), err)
	}
	for i, text := range texts {
		if strings.TrimSpace(text) == "" {
			if len(got[i]) != 64 || cosine(got[i], got[i]) != 0 {
				t.Errorf("%q has the vector %v", text, got[i])
			}
			continue
		}
		if want := unit(bag(strings.ToValidUTF8(text, "\ufffd"), 64)); !near(got[i], want) || math.Abs(cosine(got[i], got[i])-1) > 1e-5 {
			t.Errorf("%q has the vector %v, want %v", text, got[i], want)
		}
	}
	last := s.seen()[len(s.seen())-1]
	if last.path != "/v1/embeddings" || last.header.Get("Authorization") != "Bearer "+key || last.Model != "a-model" || last.Dimensions != 0 || len(last.Input) != 4 {
		t.Errorf("the request was %+v", last)
	}
}

func TestNothingToEmbedIsNoCall(t *testing.T) {
	s := newModelServer(t, 8)
	r := newRemote(t, s.server(), "text-embedding-3-small", embed.RemoteOptions{})
	if r.Dimensions() != 1536 || r.Name() != "openai:text-embedding-3-small" {
		t.Errorf("%s has %d dimensions", r.Name(), r.Dimensions())
	}
	for _, texts := range [][]string{nil, {""}, {" ", "\n\n"}} {
		if v, err := r.Embed(t.Context(), texts); err != nil || len(v) != len(texts) {
			t.Errorf("%q: %d vectors, %v", texts, len(v), err)
		}
	}
	if n := len(s.seen()); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

// Of a thousand texts, four requests are under way together: each of the first
// four is answered only once all have come.
func TestManyTextsAreManyRequestsSomeAtOnce(t *testing.T) {
	s := newModelServer(t, 256)
	r := newRemote(t, s.server(), "a-model", embed.RemoteOptions{})
	var met sync.WaitGroup
	met.Add(4)
	s.fault = func(n int, _ http.ResponseWriter) bool {
		if n >= 1 && n <= 4 { // 0 learnt the dimensions
			met.Done()
			met.Wait()
		}
		return false
	}
	var texts []string
	for i := range 1200 {
		texts = append(texts, fmt.Sprintf("text number %d %s", i, strings.Repeat("word ", i%300)))
	}
	got, err := r.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		if !near(got[i], unit(bag(text, 256))) {
			t.Fatalf("text %d has another's vector", i)
		}
	}
	total, requests := 0, s.seen()[1:]
	for _, req := range requests {
		total += len(req.Input)
		if bytes := len(strings.Join(req.Input, "")); len(req.Input) > 256 || bytes > 4*60_000 {
			t.Errorf("a request holds %d texts and %d bytes", len(req.Input), bytes)
		}
	}
	tokens, estimated := r.Estimate(texts)
	if total != len(texts) || estimated != len(requests) || s.most != 4 {
		t.Errorf("%d texts in %d requests (%d estimated), %d at a time", total, len(requests), estimated, s.most)
	}
	if bytes := len(strings.Join(texts, "")); tokens < bytes/4 || tokens > bytes/4+len(texts) {
		t.Errorf("%d tokens are estimated for %d bytes", tokens, bytes)
	}
	sum := 0
	for _, n := range r.Batches(texts) {
		sum += n
	}
	if sum != len(texts) || r.Parallel() != 4 {
		t.Errorf("batches hold %d texts", sum)
	}
}

func TestALongTextIsTheMeanOfItsPieces(t *testing.T) {
	s := newModelServer(t, 128)
	r := newRemote(t, s.server(), "a-model", embed.RemoteOptions{})
	long := strings.Repeat("harbour winter carts ", 1000) + "end"
	got, err := r.Embed(t.Context(), []string{"short", long, strings.Repeat("长", 4000)})
	if err != nil {
		t.Fatal(err)
	}
	if c := cosine(got[1], unit(bag(long, 128))); c < 0.999 {
		t.Errorf("the mean is %.4f from the whole", c)
	}
	var inputs []string
	for _, req := range s.seen()[1:] {
		inputs = append(inputs, req.Input...)
	}
	if joined := strings.Join(inputs, ""); joined != "short"+long+strings.Repeat("长", 4000) {
		t.Error("the pieces are not the text")
	}
	for _, input := range inputs {
		if len(input) > 6000 || strings.Count(input, "长") > 1500 {
			t.Errorf("a piece has %d bytes", len(input))
		}
	}
	if n := r.Batches([]string{"a", long, "b"}); !slices.Equal(n, []int{3}) {
		t.Errorf("the batches are %v", n)
	}
}

func TestUnusableResponsesAreRefused(t *testing.T) {
	vector := func(index int, values string) string {
		return fmt.Sprintf(`{"index":%d,"embedding":[%s]}`, index, values)
	}
	list := func(data ...string) string { return `{"data":[` + strings.Join(data, ",") + `]}` }
	for name, body := range map[string]string{
		"nothing":               list(),
		"no list":               `{}`,
		"one too few":           list(vector(0, "1,0,0")),
		"one too many":          list(vector(0, "1,0,0"), vector(1, "1,0,0"), vector(2, "1,0,0")),
		"an index twice":        list(vector(0, "1,0,0"), vector(0, "0,1,0")),
		"an index out of range": list(vector(0, "1,0,0"), vector(2, "0,1,0")),
		"a negative index":      list(vector(0, "1,0,0"), vector(-1, "0,1,0")),
		"no numbers":            list(vector(0, "1,0,0"), vector(1, `"a","b","c"`)),
		"NaN":                   list(vector(0, "1,0,0"), vector(1, "NaN,0,0")),
		"beyond float32":        list(vector(0, "1,0,0"), vector(1, "1e39,0,0")),
		"a page":                "<html><body>Welcome</body></html>",
		"cut off":               list(vector(0, "1,0,0"), vector(1, "1,0,0"))[:40],
		"empty":                 "",
		"an error all the same": `{"error":{"message":"the model crashed"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newModelServer(t, 3)
			r := newRemote(t, s.server(), "a-model", embed.RemoteOptions{})
			s.fault = says(200, body)
			_, err := r.Embed(t.Context(), []string{"one", "two"})
			want := remote.Broken
			switch name {
			case "a page":
				want = remote.WrongType
			case "cut off", "empty":
				want = remote.CutOff
			}
			if e, ok := errors.AsType[*remote.Error](err); !ok || e.Kind != want || e.Hint() == "" {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestFailuresSayWhatToDo(t *testing.T) {
	down, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	down.Close()
	for _, test := range []struct {
		name   string
		status int
		body   string
		kind   remote.Kind
		calls  int
		says   string
		hint   string
	}{
		{"the key", 401, `{"error":{"message":"Incorrect API key provided: ` + key + `","code":"invalid_api_key"}}`, remote.Unauthorized, 1, "does not accept the key", "OPENAI_API_KEY"},
		{"no such model, OpenAI", 404, `{"error":{"message":"The model ` + "`a-model`" + ` does not exist","code":"model_not_found"}}`, remote.UnknownModel, 1, "does not know the model a-model", "FOOTNOTE_EMBED_MODEL"},
		{"no such model, Ollama", 404, `{"error":"model 'a-model' not found"}`, remote.UnknownModel, 1, "a-model", "ollama pull a-model"},
		{"no such path", 404, "404 page not found\n", remote.WrongAddress, 1, "404 page not found", "OPENAI_BASE_URL"},
		{"a page", 502, "<html><h1>Bad Gateway</h1></html>", remote.Overloaded, 4, "failed (status 502)", "again"},
		{"for ever busy", 429, `{"error":{"message":"Rate limit reached","type":"requests"}}`, remote.RateLimited, 4, "limit", "again"},
		{"no money", 429, `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota"}}`, remote.OutOfQuota, 1, "quota", "balance"},
		{"not an embedder", 400, `{"error":{"message":"\"a-model\" does not support embeddings"}}`, remote.Refused, 1, "does not support embeddings", "FOOTNOTE_EMBED_MODEL"},
		{"a list of errors", 400, `[{"error":"odd"}]`, remote.Refused, 1, "refused", "a-model"},
		{"vLLM's detail", 422, `{"detail":"input too long"}`, remote.Refused, 1, "input too long", "a-model"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newModelServer(t, 3)
			s.fault = says(test.status, test.body)
			_, err := embed.NewRemote(t.Context(), s.server(), "a-model", embed.RemoteOptions{Client: remote.NewClient(remote.Options{Base: time.Millisecond})})
			e, ok := errors.AsType[*remote.Error](err)
			if !ok || e.Kind != test.kind || !strings.Contains(err.Error(), test.says) || !strings.Contains(e.Hint(), test.hint) {
				t.Fatalf("the error is %v, the hint %q", err, e.Hint())
			}
			if n := len(s.seen()); n != test.calls {
				t.Errorf("%d calls, want %d", n, test.calls)
			}
			if strings.Contains(err.Error()+e.Hint()+fmt.Sprint(errors.Unwrap(e)), "canary") {
				t.Errorf("the key is in %v (%v)", err, errors.Unwrap(e))
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		server := remote.Server{URL: "http://" + down.Addr().String() + "/v1"}
		_, err := embed.NewRemote(t.Context(), server, "a-model", embed.RemoteOptions{Client: remote.NewClient(remote.Options{Base: time.Millisecond})})
		if e, ok := errors.AsType[*remote.Error](err); !ok || e.Kind != remote.Unreachable || !strings.Contains(e.Hint(), server.URL) {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("no key", func(t *testing.T) {
		_, err := embed.NewRemote(t.Context(), remote.Server{}, "a-model", embed.RemoteOptions{})
		if _, ok := errors.AsType[*remote.SettingError](err); !ok {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestAPassingFailureIsNotSeen(t *testing.T) {
	s := newModelServer(t, 16)
	s.fault = func(n int, w http.ResponseWriter) bool { return n%2 == 0 && says(503, "busy")(n, w) }
	r := newRemote(t, s.server(), "a-model", embed.RemoteOptions{})
	if v, err := r.Embed(t.Context(), []string{"one two"}); err != nil || !near(v[0], unit(bag("one two", 16))) {
		t.Errorf("%v, %v", v, err)
	}
}

func TestEmbeddingRemotelyEndsWithItsContext(t *testing.T) {
	s := newModelServer(t, 16)
	r := newRemote(t, s.server(), "a-model", embed.RemoteOptions{})
	release := make(chan struct{})
	defer close(release)
	called := make(chan struct{})
	s.fault = func(int, http.ResponseWriter) bool {
		close(called)
		<-release
		return false
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-called
		cancel()
	}()
	if _, err := r.Embed(ctx, []string{"one"}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

func TestAzureIsSpokenToAsItWants(t *testing.T) {
	for _, test := range []struct{ version, want string }{{"2025-01-01-preview", "2025-01-01-preview"}, {"2024-10-21", "2024-10-21"}} {
		s := newModelServer(t, 16)
		newRemote(t, remote.Server{URL: s.URL + "/", Key: key, APIVersion: test.version}, "my.embedder-3.5", embed.RemoteOptions{})
		req := s.seen()[0]
		if req.path != "/openai/deployments/my.embedder-3.5/embeddings" || req.query != "api-version="+test.want {
			t.Errorf("asked for %s?%s", req.path, req.query)
		}
		if req.header.Get("api-key") != key || req.header.Get("Authorization") != "" {
			t.Errorf("the headers are %v", req.header)
		}
	}
}

// toLoopback sends every request to a test server, whatever its host.
type toLoopback struct{ host string }

func (l toLoopback) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", l.host
	return http.DefaultTransport.RoundTrip(r)
}

func TestAzureByItsHostHasACurrentVersion(t *testing.T) {
	for url, want := range map[string][2]string{
		"https://acme.openai.azure.com/":          {"/openai/deployments/emb/embeddings", "api-version=2024-10-21"},
		"https://acme.openai.azure.com/openai/v1": {"/openai/v1/embeddings", ""},
	} {
		s := newModelServer(t, 16)
		newRemote(t, remote.Server{URL: url, Key: key}, "emb", embed.RemoteOptions{
			Client: &http.Client{Transport: toLoopback{strings.TrimPrefix(s.URL, "http://")}},
		})
		if req := s.seen()[0]; req.path != want[0] || req.query != want[1] {
			t.Errorf("%s: asked for %s?%s", url, req.path, req.query)
		}
	}
}

func TestDimensionsAreLearntOnce(t *testing.T) {
	s := newModelServer(t, 24)
	folder := filepath.Join(t.TempDir(), "cache")
	steps := []struct {
		name  string
		spoil func(path string)
		calls int
	}{
		{"at first", func(string) {}, 1},
		{"again", func(string) {}, 0},
		{"the file is damaged", func(path string) { os.WriteFile(path, []byte(`{"dim`), 0o644) }, 1},
		{"again", func(string) {}, 0},
		{"it is another model's", func(path string) { os.WriteFile(path, []byte(`{"embedder":"x","dimensions":3}`), 0o644) }, 1},
		{"it is absurd", func(path string) { os.WriteFile(path, []byte(`{"embedder":"openai:a-model","dimensions":-3}`), 0o644) }, 1},
		{"it is a folder", func(path string) { os.Remove(path); os.Mkdir(path, 0o755) }, 1},
		{"it still is", func(string) {}, 1},
	}
	for _, step := range steps {
		found, _ := filepath.Glob(filepath.Join(folder, "*.dimensions"))
		for _, path := range found {
			step.spoil(path)
		}
		before := len(s.seen())
		r := newRemote(t, s.server(), "a-model", embed.RemoteOptions{Folder: folder})
		if got := len(s.seen()) - before; got != step.calls || r.Dimensions() != 24 {
			t.Errorf("%s: %d calls, want %d; %d dimensions", step.name, got, step.calls, r.Dimensions())
		}
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*.draft")); len(left) > 0 {
		t.Errorf("left behind are %q", left)
	}
}

func TestAnotherModelUnderTheSameNameIsNoticed(t *testing.T) {
	s := newModelServer(t, 24)
	folder := t.TempDir()
	r := newRemote(t, s.server(), "a-model", embed.RemoteOptions{Folder: folder})
	s.dimensions = 32
	_, err := r.Embed(t.Context(), []string{"one"})
	if e, ok := errors.AsType[*embed.DimensionsError](err); !ok || e.Got != 32 || e.Want != 24 || !strings.Contains(e.Hint(), "footnote index") {
		t.Fatalf("the error is %v", err)
	}
	if r := newRemote(t, s.server(), "a-model", embed.RemoteOptions{Folder: folder}); r.Dimensions() != 32 {
		t.Errorf("afterwards it has %d dimensions", r.Dimensions())
	}
}

func TestFewerDimensionsCanBeAskedFor(t *testing.T) {
	s := newModelServer(t, 1536)
	r := newRemote(t, s.server(), "text-embedding-3-small", embed.RemoteOptions{Dimensions: 256})
	v, err := r.Embed(t.Context(), []string{"one"})
	if err != nil || len(v[0]) != 256 || r.Dimensions() != 256 || r.Name() != "openai:text-embedding-3-small:256" {
		t.Errorf("%s: %d dimensions, %v", r.Name(), len(v[0]), err)
	}
	if got := s.seen()[0].Dimensions; got != 256 {
		t.Errorf("asked for %d", got)
	}
	s.fault = says(200, `{"data":[{"index":0,"embedding":[1,0]}]}`)
	_, err = r.Embed(t.Context(), []string{"one"})
	if e, ok := errors.AsType[*embed.DimensionsError](err); !ok || !strings.Contains(e.Hint(), "FOOTNOTE_EMBED_DIMENSIONS") {
		t.Errorf("the error is %v", err)
	}
}

func TestModelsAreToldWhatIsAQuestion(t *testing.T) {
	for _, test := range []struct{ model, query, passage string }{
		{"text-embedding-3-small", "q", "p"},
		{"nomic-embed-text", "search_query: q", "search_document: p"},
		{"nomic-ai/nomic-embed-text-v1.5", "search_query: q", "search_document: p"},
		{"embeddinggemma:300m", "task: search result | query: q", "title: none | text: p"},
		{"Qwen/Qwen3-Embedding-0.6B", "Instruct: Given a question about a report, retrieve passages that answer it\nQuery:q", "p"},
		{"intfloat/e5-base-v2", "query: q", "passage: p"},
		{"BAAI/bge-m3", "q", "p"},
	} {
		s := newModelServer(t, 1536)
		r := newRemote(t, s.server(), test.model, embed.RemoteOptions{})
		before := len(s.seen())
		if _, err := r.EmbedQueries(t.Context(), []string{"q"}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Embed(t.Context(), []string{"p"}); err != nil {
			t.Fatal(err)
		}
		seen := s.seen()[before:]
		if seen[0].Input[0] != test.query || seen[1].Input[0] != test.passage {
			t.Errorf("%s: %q, %q", test.model, seen[0].Input, seen[1].Input)
		}
		if prompted := test.query != "q"; strings.HasSuffix(r.Name(), ":prompted") != prompted {
			t.Errorf("%s is called %s", test.model, r.Name())
		}
	}
}
