package llmsim

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options configure a server. The zero value is an OpenAI server that knows
// every model, asks for no key and answers faithfully.
type Options struct {
	// Key must come as a bearer token, or as api-key for Azure. Empty: any.
	Key string
	// Models are the models, or Azure deployments, that exist. Empty: all.
	Models []string
	// Dialect is the service that is imitated.
	Dialect Dialect
	// Reply decides on each chat completion. Nil: Faithful().
	Reply Replier
	// Fault, when set, is asked at every request that passed the checks,
	// embeddings included, and goes before the fault of a reply. Faults of a
	// stream strike only there. It must be safe for concurrent use.
	Fault func(Request) Fault

	// Think is put in <think> tags before every answer.
	Think string
	// Reasoning is sent as reasoning_content before every answer.
	Reasoning string
	// ReasoningDelay is how long a reasoning model thinks before a token.
	ReasoningDelay time.Duration
	// ReasoningTokens is what a reasoning model spends on that, out of
	// max_completion_tokens. Zero: 64.
	ReasoningTokens int

	// Dimensions is the length of an embedding. Zero: 256.
	Dimensions int
	// ShuffleEmbeddings returns embeddings in another order than asked for,
	// with their index.
	ShuffleEmbeddings bool

	// Loading starts a LlamaCPP server that answers 503 until
	// [Server.SetLoading] says otherwise.
	Loading bool
}

// A Server is a running simulator. Its methods are safe for concurrent use.
type Server struct {
	options Options
	address string
	loading atomic.Bool

	mu       sync.Mutex
	server   *httptest.Server // nil while down
	quit     chan struct{}    // closed when the server goes down
	requests []Request
	counts   map[string]int // of requests, by path
	lies     []Case
	serial   int
}

// New starts a server on loopback. It panics when there is no port to be had.
func New(options Options) *Server {
	if options.Reply == nil {
		options.Reply = Faithful()
	}
	if options.ReasoningTokens == 0 {
		options.ReasoningTokens = 64
	}
	if options.Dimensions == 0 {
		options.Dimensions = 256
	}
	s := &Server{options: options, address: "127.0.0.1:0", counts: map[string]int{}}
	s.loading.Store(options.Loading)
	if err := s.Up(); err != nil {
		panic(err)
	}
	return s
}

// URL is the base URL of the OpenAI interface, ending in /v1.
func (s *Server) URL() string { return s.AzureURL() + "/v1" }

// AzureURL is the base URL of the Azure interface, without a trailing slash.
func (s *Server) AzureURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return "http://" + s.address
}

// Close ends the answers under way and stops the server.
func (s *Server) Close() { s.Down() }

// Down stops the server: connections under way end, new ones are refused.
func (s *Server) Down() {
	s.mu.Lock()
	server, quit := s.server, s.quit
	s.server = nil
	s.mu.Unlock()
	if server == nil {
		return
	}
	close(quit)
	server.CloseClientConnections()
	server.Close()
}

// Up starts the server again at its address after [Server.Down].
func (s *Server) Up() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		return errors.New("llmsim: already up")
	}
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return fmt.Errorf("llmsim: %w", err)
	}
	quit := make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, quit)
	}))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	s.address, s.server, s.quit = listener.Addr().String(), server, quit
	return nil
}

// SetLoading says whether the model is still being loaded (LlamaCPP).
func (s *Server) SetLoading(loading bool) { s.loading.Store(loading) }

// Requests returns every request so far, refused ones included, in order of
// arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Calls counts the requests to a path such as /v1/embeddings.
func (s *Server) Calls(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[path]
}

// Lies returns the lies that a [Liar] told so far.
func (s *Server) Lies() []Case {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lies)
}

// record keeps a request and gives it its number.
func (s *Server) record(r *Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[r.Path]++
	r.Number = s.counts[r.Path]
	s.requests = append(s.requests, *r)
}

// nextID numbers the completions, so that runs repeat.
func (s *Server) nextID(prefix string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	return fmt.Sprintf("%s-%08d", prefix, s.serial)
}

// serve checks a request in the order in which the services do: where it goes,
// whose it is, what it says.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, quit <-chan struct{}) {
	request, readErr := readRequest(r)
	s.record(&request)
	d := s.dialectOf(r.URL.Path)
	if s.options.Dialect == LlamaCPP && s.loading.Load() {
		d.fail(w, failure{status: http.StatusServiceUnavailable, message: "Loading model", kind: "unavailable_error"})
		return
	}
	endpoint, deployment := route(r.URL.Path)
	checks := []func() *failure{
		func() *failure { return checkRoute(endpoint, r) },
		func() *failure { return s.checkKey(d, r) },
		func() *failure { return checkVersion(d, r) },
		func() *failure { return checkBody(r, readErr) },
	}
	for _, check := range checks {
		if f := check(); f != nil {
			d.fail(w, *f)
			return
		}
	}
	conn := &connection{w: w, r: r, quit: quit}
	var fault Fault
	if s.options.Fault != nil {
		fault = s.options.Fault(request)
	}
	if conn.failBefore(fault) {
		return
	}
	switch endpoint {
	case "models":
		s.serveModels(w)
	case "embeddings":
		s.serveEmbeddings(d, w, request, deployment)
	case "chat/completions":
		s.serveChat(d, conn, request, deployment, fault)
	}
}

// route splits a path into its endpoint, empty if there is none, and the
// Azure deployment, empty for OpenAI's paths.
func route(path string) (endpoint, deployment string) {
	if rest, ok := strings.CutPrefix(path, "/v1/"); ok {
		switch rest {
		case "models", "embeddings", "chat/completions":
			return rest, ""
		}
		return "", ""
	}
	rest, ok := strings.CutPrefix(path, azurePrefix)
	if !ok {
		return "", ""
	}
	deployment, endpoint, _ = strings.Cut(rest, "/")
	if deployment == "" || endpoint != "embeddings" && endpoint != "chat/completions" {
		return "", ""
	}
	return endpoint, deployment
}

func (s *Server) serveModels(w http.ResponseWriter) {
	type model struct {
		ID      string `json:"id"`
		Object  string `json:"object"`
		Created int64  `json:"created"`
		OwnedBy string `json:"owned_by"`
	}
	list := []model{}
	for _, m := range s.options.Models {
		list = append(list, model{m, "model", created, "llmsim"})
	}
	writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": list})
}
