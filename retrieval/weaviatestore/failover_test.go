package weaviatestore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"footnote/retrieval"
)

// A fake is an endpoint with one generation of three passages, which counts
// what it is asked and fails as it is told.
type fake struct {
	*httptest.Server

	mu     sync.Mutex
	calls  map[string]int // by kind
	fails  func(kind string, w http.ResponseWriter, r *http.Request) bool
	sees   int // objects
	writes []int
}

var fakeGeneration = retrieval.Generation{Corpus: "a", Embedder: "b", Dimensions: 2}

func newFake(t *testing.T) *fake {
	f := &fake{calls: map[string]int{}, sees: 4}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	kind := r.Method + " " + strings.Split(r.URL.Path, "/")[2]
	if kind == "POST graphql" {
		kind = "search"
		if strings.Contains(string(body), "Aggregate") {
			kind = "count"
		}
	}
	f.mu.Lock()
	f.calls[kind]++
	fails, sees := f.fails, f.sees
	f.mu.Unlock()
	if fails != nil && fails(kind, w, r) {
		return
	}
	switch kind {
	case "GET .well-known":
	case "GET aliases":
		fmt.Fprint(w, `{"class":"C"}`)
	case "GET objects":
		fmt.Fprint(w, `{"properties":{"manifest":"{\"corpus\":\"a\",\"embedder\":\"b\",\"dimensions\":2,\"count\":3}"}}`)
	case "count":
		fmt.Fprintf(w, `{"data":{"Aggregate":{"C":[{"meta":{"count":%d}}]}}}`, sees)
	case "search":
		fmt.Fprint(w, `{"data":{"Get":{"C":[{"passage":"x","_additional":{"distance":0.1}},{"passage":"y","_additional":{"distance":0.2}}]}}}`)
	case "POST batch":
		f.batch(w, body)
	case "PATCH objects":
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusTeapot)
	}
}

// batch takes objects, except "bad" for the first time.
func (f *fake) batch(w http.ResponseWriter, body []byte) {
	var in struct{ Objects []object }
	_ = json.Unmarshal(body, &in) // it would be seen in the counts
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writes = append(f.writes, len(in.Objects))
	var out []string
	for _, o := range in.Objects {
		errors := "null"
		if o.ID == "bad" && len(f.writes) < 3 {
			errors = `{"error":[{"message":"the shard is not ready"}]}`
		}
		out = append(out, fmt.Sprintf(`{"id":%q,"result":{"errors":%s}}`, o.ID, errors))
	}
	fmt.Fprintf(w, "[%s]", strings.Join(out, ","))
}

func (f *fake) count(kind string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[kind]
}

func (f *fake) fail(how func(kind string, w http.ResponseWriter, r *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fails = how
}

// Ways to fail.
func answers(status int) func(string, http.ResponseWriter, *http.Request) bool {
	return func(_ string, w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(status)
		fmt.Fprint(w, `{"error":[{"message":"so it is"}]}`)
		return true
	}
}

func hangs(_ string, _ http.ResponseWriter, r *http.Request) bool {
	<-r.Context().Done()
	return true
}

func refusesQueries(kind string, w http.ResponseWriter, _ *http.Request) bool {
	if kind != "search" {
		return false
	}
	fmt.Fprint(w, `{"errors":[{"message":"shard is not ready"}]}`)
	return true
}

func hangsUp(_ string, w http.ResponseWriter, _ *http.Request) bool {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
	return true
}

// storeAt tries the endpoints in their order.
func storeAt(t *testing.T, key string, fakes ...*fake) *Store {
	t.Helper()
	var urls []string
	for _, f := range fakes {
		urls = append(urls, f.URL)
	}
	s, err := New(strings.Join(urls, ","), Options{Key: key, Transport: &http.Transport{DisableKeepAlives: true}})
	if err != nil {
		t.Fatal(err)
	}
	s.client.first = 0
	s.times.ask, s.times.patience, s.times.pause, s.times.short = 200*time.Millisecond, 200*time.Millisecond, time.Millisecond, 50*time.Millisecond
	return s
}

// opened is the generation of a store, which does not mark it as used any more:
// that would be a call at any time.
func opened(t *testing.T, s *Store) retrieval.Vectors {
	t.Helper()
	v := mustOpen(t, s, fakeGeneration)
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	return v
}

func ask(t *testing.T, v retrieval.Vectors) {
	t.Helper()
	found, err := v.Query(t.Context(), []float32{1, 0}, 1)
	if err != nil || len(found) != 1 || found[0].ID != "x" {
		t.Fatalf("found %v, %v", found, err)
	}
}

func TestAnEndpointThatFailsIsLeftAloneForAWhile(t *testing.T) {
	for name, how := range map[string]func(string, http.ResponseWriter, *http.Request) bool{
		"hangs up": hangsUp, "hangs": hangs, "500": answers(500), "503": answers(503), "429": answers(429), "errors in GraphQL": refusesQueries,
	} {
		t.Run(name, func(t *testing.T) {
			bad, good := newFake(t), newFake(t)
			s := storeAt(t, "", bad, good)
			now := time.Now()
			s.client.now = func() time.Time { return now }
			v := opened(t, s)
			ask(t, v)
			if bad.count("search") != 1 || good.count("search") != 0 {
				t.Fatalf("while all is well %d and %d are asked", bad.count("search"), good.count("search"))
			}
			bad.fail(how)
			for range 5 {
				ask(t, v)
			}
			if bad.count("search") != 2 || good.count("search") != 5 || good.count("count") != 1 {
				t.Errorf("the bad one is asked %d times, the good one %d times and counts %d times; want 2, 5, 1",
					bad.count("search"), good.count("search"), good.count("count"))
			}
			bad.fail(nil)
			now = now.Add(rest + time.Second)
			before := bad.count("count")
			ask(t, v)
			if bad.count("search") != 3 || good.count("search") != 5 || bad.count("count") != before+1 {
				t.Errorf("after its rest it is asked %d times, the other one %d times; it counts %d times, want 3, 5, %d",
					bad.count("search"), good.count("search"), bad.count("count"), before+1)
			}
		})
	}
}

func TestAnEndpointThatGoesOnFailingRestsLonger(t *testing.T) {
	e, now := &endpoint{}, time.Now()
	for _, want := range []time.Duration{rest, 2 * rest, 4 * rest, 8 * rest, mostRest, mostRest} {
		e.failed(now)
		if !e.resting(now.Add(want-time.Second)) || e.resting(now.Add(want)) {
			t.Errorf("after %d failures it does not rest %s", e.failures, want)
		}
	}
	e.succeeded()
	e.failed(now)
	if e.resting(now.Add(rest)) {
		t.Error("after a success it rests as if there had been none")
	}
}

func TestEachEndpointIsTriedOnceWhereAllFail(t *testing.T) {
	a, b := newFake(t), newFake(t)
	s := storeAt(t, "", a, b)
	v := opened(t, s)
	ask(t, v)
	a.fail(answers(500))
	b.fail(refusesQueries)
	_, err := v.Query(t.Context(), []float32{1, 0}, 1)
	var all *unreachedError
	if !errors.As(err, &all) || !strings.Contains(err.Error(), s.client.endpoints[0].host) || !strings.Contains(err.Error(), "shard is not ready") {
		t.Errorf("the error is %v", err)
	}
	if a.count("search") != 2 || b.count("search") != 1 {
		t.Errorf("they are asked %d and %d times, want 2 and 1", a.count("search"), b.count("search"))
	}
}

func TestACopyThatIsNotWholeIsNotSearched(t *testing.T) {
	behind, whole := newFake(t), newFake(t)
	behind.sees = 3 // the manifest and two of three passages
	s := storeAt(t, "", behind, whole)
	v := opened(t, s)
	now := time.Now()
	s.client.now = func() time.Time { return now }
	for range 3 {
		ask(t, v)
	}
	if behind.count("search") != 0 || whole.count("search") != 3 || whole.count("count") != 1 {
		t.Errorf("searched are %d and %d times, want 0 and 3", behind.count("search"), whole.count("search"))
	}
	behind.mu.Lock()
	behind.sees = 4
	behind.mu.Unlock()
	now = now.Add(time.Second)
	ask(t, v)
	ask(t, v)
	if behind.count("search") != 2 {
		t.Errorf("once it has caught up it is searched %d times, want 2", behind.count("search"))
	}
}

func TestWhereNoCopyIsWholeTheGenerationIsDamaged(t *testing.T) {
	a, b := newFake(t), newFake(t)
	a.sees, b.sees = 1, 2
	if _, err := storeAt(t, "", a, b).Open(t.Context(), fakeGeneration); !errors.Is(err, retrieval.ErrDamaged) {
		t.Errorf("Open: %v", err)
	}
	// Where one does not answer nobody knows.
	b.fail(func(kind string, w http.ResponseWriter, r *http.Request) bool {
		return kind == "count" && answers(500)(kind, w, r)
	})
	if _, err := storeAt(t, "", a, b).Open(t.Context(), fakeGeneration); err == nil || errors.Is(err, retrieval.ErrDamaged) {
		t.Errorf("where one does not answer: %v", err)
	}
}

func TestANodeThatDoesNotKnowTheCollectionYetIsBehind(t *testing.T) {
	behind, ahead := newFake(t), newFake(t)
	unknown := func(kind string, w http.ResponseWriter, r *http.Request) bool {
		return kind == "GET objects" && answers(http.StatusNotFound)(kind, w, r)
	}
	behind.fail(unknown)
	s := storeAt(t, "", behind, ahead)
	opened(t, s)
	if behind.count("GET objects") != 1 || ahead.count("GET objects") != 1 {
		t.Errorf("they are asked %d and %d times, want 1 and 1", behind.count("GET objects"), ahead.count("GET objects"))
	}
	ahead.fail(unknown)
	if _, err := s.Open(t.Context(), fakeGeneration); !errors.Is(err, retrieval.ErrDamaged) {
		t.Errorf("where none knows it: %v", err)
	}
	ahead.fail(answers(500))
	if _, err := s.Open(t.Context(), fakeGeneration); err == nil || errors.Is(err, retrieval.ErrDamaged) {
		t.Errorf("where one does not answer: %v", err)
	}
}

func TestANodeThatIsCutOffFromTheOthersIsPassedOver(t *testing.T) {
	for _, status := range []int{400, 403, 422, 500} {
		alone, other := newFake(t), newFake(t)
		s := storeAt(t, "", alone, other)
		alone.fail(func(kind string, w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			fmt.Fprint(w, `{"error":[{"message":"leader not found, can not resolve nodes [a]"}]}`)
			return true
		})
		ask(t, opened(t, s))
		if alone.count("GET aliases") != 1 || other.count("search") != 1 {
			t.Errorf("with %d it is asked %d times, the other one %d times", status, alone.count("GET aliases"), other.count("search"))
		}
		_, err := storeAt(t, "", alone).Open(t.Context(), fakeGeneration)
		var refused *statusError
		if !errors.As(err, &refused) || errors.Is(err, fs.ErrNotExist) || !strings.Contains(refused.Hint(), "reach each other") {
			t.Errorf("where there is no other: %v", err)
		}
	}
}

func TestADeadlineEndsEverything(t *testing.T) {
	a, b := newFake(t), newFake(t)
	s := storeAt(t, "", a, b)
	v := opened(t, s)
	s.times.ask = time.Minute
	a.fail(hangs)
	b.fail(hangs)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := v.Query(ctx, []float32{1, 0}, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Query: %v", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %s", took)
	}
	if b.count("search") != 0 || s.client.endpoints[0].resting(time.Now()) {
		t.Error("an endpoint is blamed for a question that was given up")
	}
}

func TestAKeyThatIsRefusedIsSaidOnceAndNeverShown(t *testing.T) {
	a, b := newFake(t), newFake(t)
	a.fail(answers(http.StatusUnauthorized))
	const key = "a-secret-key"
	_, err := storeAt(t, key, a, b).Open(t.Context(), fakeGeneration)
	var refused *statusError
	if !errors.As(err, &refused) || !strings.Contains(refused.Hint(), "WEAVIATE_API_KEY") || strings.Contains(err.Error(), key) {
		t.Errorf("the error is %v", err)
	}
	if a.count("GET aliases") != 1 || b.count("GET aliases") != 0 {
		t.Errorf("they are asked %d and %d times, want 1 and 0", a.count("GET aliases"), b.count("GET aliases"))
	}
}

func TestObjectsThatFailAreWrittenAgain(t *testing.T) {
	f := newFake(t)
	s := storeAt(t, "", f)
	objects := []object{{ID: "good"}, {ID: "bad"}, {ID: "better"}}
	if err := s.putObjects(t.Context(), objects); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(f.writes); got != "[3 1 1]" {
		t.Errorf("written are %s objects, want [3 1 1]", got)
	}
	f.writes, s.times.patience = nil, 0
	var left *objectsError
	if err := s.putObjects(t.Context(), objects); !errors.As(err, &left) || left.refused != 1 || left.of != 3 || !strings.Contains(err.Error(), "not ready") {
		t.Errorf("without patience: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"http://a:8080": "", "https://a": "", "http://a:8080, https://b/": "", "http://a:8080/v1": "",
		"": "is empty", "http://a,": "is empty", "a:8080": "http://", "ftp://a": "http://", "http://": "no host", "http://a b": "no URL",
		"http://user:password@a": "user name", "http://a?key=secret": "query",
	} {
		_, err := New(text, Options{})
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want one with %q", text, err, want)
		case err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "password@")):
			t.Errorf("%q: %v shows a secret", text, err)
		}
	}
	if _, err := New("http://a", Options{Key: "two words"}); err == nil {
		t.Error("a key with a space is taken")
	}
}
