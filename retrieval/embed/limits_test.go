package embed_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"footnote/retrieval/embed"
	"footnote/retrieval/remote"
)

// Azure and OpenAI ask for up to a minute, since their limits are by the minute.
// A job of many passages waits longer than its client does; a question does not.
func TestAJobWaitsAsLongAsItIsAsked(t *testing.T) {
	s := newModelServer(t, 8)
	s.fault = func(n int, w http.ResponseWriter) bool {
		if n > 0 {
			return false
		}
		w.Header().Set("Retry-After", "1")
		return says(429, `{"error":{"message":"Requests to the Embeddings_Create Operation have exceeded the token rate limit. Please retry after 1 second.","code":"429"}}`)(n, w)
	}
	client := remote.NewClient(remote.Options{Patience: 100 * time.Millisecond})
	r := newRemote(t, s.server(), "text-embedding-3-small", embed.RemoteOptions{Dimensions: 8, Client: client})
	if _, err := r.Embed(t.Context(), []string{"a passage"}); err != nil {
		t.Errorf("after %d requests: %v", len(s.seen()), err)
	}
	s.fault = func(n int, w http.ResponseWriter) bool {
		w.Header().Set("Retry-After", "1")
		return says(429, `{"error":{"message":"slow down"}}`)(n, w)
	}
	known := new(remote.Error)
	if _, err := r.EmbedQueries(t.Context(), []string{"a question"}); !errors.As(err, &known) || known.Kind != remote.RateLimited {
		t.Errorf("a question waits as a job does: %v", err)
	}
}

// Servers limit a request otherwise than OpenAI does, and say so with a 4xx:
// text-embeddings-inference takes 32 texts, Gemini 100. Half of them fit.
func TestABatchThatIsTooLargeIsHalved(t *testing.T) {
	s := newModelServer(t, 8)
	s.fault = func(n int, w http.ResponseWriter) bool {
		if got := s.seen()[n].Input; len(got) > 32 {
			return says(422, fmt.Sprintf(`{"message":"batch size %d > maximum allowed batch size 32","type":"validation"}`, len(got)))(n, w)
		}
		return false
	}
	texts := make([]string, 100)
	for i := range texts {
		texts[i] = fmt.Sprintf("passage %d", i)
	}
	r := newRemote(t, s.server(), "bge-m3", embed.RemoteOptions{Dimensions: 8})
	for round, want := range []int{6, 4} { // 100, 50 and four times 25; then that at once
		before := len(s.seen())
		got, err := r.Embed(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range texts {
			if !near(got[i], unit(bag(text, 8))) {
				t.Fatalf("passage %d has another's vector", i)
			}
		}
		if n := len(s.seen()) - before; n != want {
			t.Errorf("round %d: %d requests", round+1, n)
		}
	}
}

func TestATextThatIsRefusedAloneIsNotHalvedWithoutEnd(t *testing.T) {
	for name, fault := range map[string]func(int, http.ResponseWriter) bool{
		"400": says(400, `{"error":{"message":"This model's maximum context length is 512 tokens"}}`),
		"413": says(413, `{"error":"payload"}`),
	} {
		s := newModelServer(t, 8)
		s.fault = fault
		r := newRemote(t, s.server(), "bge-m3", embed.RemoteOptions{Dimensions: 8})
		known := new(remote.Error)
		if _, err := r.Embed(t.Context(), slices.Repeat([]string{"a text"}, 64)); !errors.As(err, &known) || known.Kind != remote.Refused {
			t.Errorf("%s: error %v", name, err)
		}
		if n := len(s.seen()); n != 7 { // 64, 32, 16, 8, 4, 2, 1
			t.Errorf("%s: %d requests", name, n)
		}
	}
}

// A llama.cpp server takes no more of one text than its physical batch holds,
// 512 tokens by default, and answers 500 for a longer one: a failure that no
// other attempt mends.
func TestATextThatIsTooLargeIsNotTriedAgain(t *testing.T) {
	s := newModelServer(t, 8)
	s.fault = says(500, `{"error":{"code":500,"message":"input (812 tokens) is too large to process. increase the physical batch size (current batch size: 512)","type":"server_error"}}`)
	r := newRemote(t, s.server(), "nomic-embed-text", embed.RemoteOptions{Dimensions: 8})
	_, err := r.Embed(t.Context(), []string{strings.Repeat("word ", 1000)})
	known := new(remote.Error)
	if !errors.As(err, &known) || !strings.Contains(known.Detail, "physical batch") {
		t.Fatalf("error %v", err)
	}
	if n := len(s.seen()); n != 1 {
		t.Errorf("%d requests", n)
	}
	if strings.Contains(known.Hint(), "try again") {
		t.Errorf("hint %q", known.Hint())
	}
}

// A question is in the log at debug only, whatever the server repeats of it.
func TestAnErrorDoesNotRepeatWhatWasEmbedded(t *testing.T) {
	s := newModelServer(t, 8)
	for _, body := range []string{
		`{"error":{"message":"cannot embed \"Is Jane Roe to be dismissed?\"","type":"invalid_request_error"}}`,
		`{"detail":"cannot embed \"Is Jane Roe to be dismissed?\""}`,
		`{"detail":[{"type":"string_type","loc":["body","input",0],"msg":"Input should be valid","input":"Is Jane Roe to be dismissed?"}]}`,
	} {
		s.fault = says(422, body)
		_, err := newRemote(t, s.server(), "some-model", embed.RemoteOptions{Dimensions: 8}).EmbedQueries(t.Context(), []string{"Is Jane Roe to be dismissed?"})
		if err == nil || strings.Contains(err.Error(), "Jane Roe") {
			t.Errorf("error %v", err)
		}
	}
}

// A server that sends an answer's head and then nothing is out of time at some
// point, without anybody's context.
func TestABodyThatDoesNotComeHasATimeLimit(t *testing.T) {
	s := newModelServer(t, 8)
	gone := make(chan struct{})
	s.fault = func(_ int, w http.ResponseWriter) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-gone
		return true
	}
	defer close(gone)
	r := newRemote(t, s.server(), "some-model", embed.RemoteOptions{Dimensions: 8, Limit: 100 * time.Millisecond})
	known := new(remote.Error)
	if _, err := r.Embed(t.Context(), []string{"a passage"}); !errors.As(err, &known) || known.Kind != remote.TimedOut {
		t.Errorf("error %v", err)
	}
}
