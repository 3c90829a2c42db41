package llmsim

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const fiveWords = "one two three four five"

func faulty(f Fault) Options {
	return Options{Reply: func(Request) Reply { return Reply{Text: fiveWords, Fault: f} }}
}

func TestFaultsBeforeTheAnswer(t *testing.T) {
	tests := []struct {
		name    string
		fault   Fault
		status  int
		content string
		holds   string
	}{
		{"rate limit", RateLimited("7"), 429, "application/json", "rate_limit_exceeded"},
		{"quota", OutOfQuota(), 429, "application/json", "insufficient_quota"},
		{"server error", ServerError(), 500, "application/json", "server_error"},
		{"bad gateway", BadGateway(), 502, "text/html", "<h1>502 Bad Gateway</h1>"},
		{"unavailable", Unavailable(), 503, "application/json", "overloaded"},
		{"a page", HTMLPage(), 200, "text/html; charset=utf-8", "sign in"},
		{"JSON for a stream", JSONForStream("whole"), 200, "application/json", `"content":"whole"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := start(t, faulty(tt.fault))
			response, err := c.post(t.Context(), "/v1/chat/completions", asking(object{"stream": true}))
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != tt.status || response.Header.Get("Content-Type") != tt.content || !strings.Contains(string(body), tt.holds) {
				t.Errorf("%d %s: %s (%v)", response.StatusCode, response.Header.Get("Content-Type"), body, err)
			}
			if tt.name == "rate limit" && response.Header.Get("Retry-After") != "7" {
				t.Error("no Retry-After")
			}
		})
	}
}

func TestFaultsOfTheStream(t *testing.T) {
	tests := []struct {
		name  string
		fault Fault
		check func(h heard) bool
	}{
		{"cut off", Fault{Kind: CutOff, After: 2}, func(h heard) bool {
			return h.text == "one two" && h.finish == "" && !h.done && h.err == nil
		}},
		{"dropped", Fault{Kind: Drop, After: 2}, func(h heard) bool {
			return h.text == "one two" && errors.Is(h.err, io.ErrUnexpectedEOF)
		}},
		{"reset", Fault{Kind: Reset, After: 2}, func(h heard) bool {
			return strings.HasPrefix("one two", h.text) && h.err != nil
		}},
		{"reset at once", Fault{Kind: Reset}, func(h heard) bool { return h.text == "" && h.err != nil }},
		{"no DONE", Fault{Kind: NoDone}, func(h heard) bool {
			return h.text == fiveWords && h.finish == "stop" && !h.done && h.err == nil
		}},
		{"an error", Fault{Kind: StreamError, After: 3}, func(h heard) bool {
			return h.text == "one two three" && strings.Contains(h.failure, "The server had an error") && !h.done
		}},
		{"a bad chunk", Fault{Kind: BadChunk, After: 1}, func(h heard) bool { return h.malformed == 1 && h.done }},
		{"keep-alives", Fault{Kind: KeepAlive, Count: 400}, func(h heard) bool {
			return h.comments == 400 && h.text == fiveWords && h.done
		}},
		{"empty", Fault{Kind: Empty}, func(h heard) bool { return h.text == "" && h.finish == "stop" && h.done }},
		{"length", Fault{Kind: Length, After: 2}, func(h heard) bool { return h.text == "one two" && h.finish == "length" }},
		{"filtered", Fault{Kind: ContentFilter, After: 1}, func(h heard) bool { return h.text == "one" && h.finish == "content_filter" }},
		{"refused", Fault{Kind: Refusal, Text: "I cannot."}, func(h heard) bool { return h.text == "" && h.refusal == "I cannot." && h.done }},
		{"after the end", Fault{Kind: CutOff, After: 99}, func(h heard) bool { return h.text == fiveWords && h.finish == "" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if h := start(t, faulty(tt.fault)).listen(t.Context(), nil); !tt.check(h) {
				t.Errorf("%+v", h)
			}
		})
	}
}

func TestSomeStreamsEndOnlyWithTheClient(t *testing.T) {
	tests := []struct {
		name  string
		fault Fault
		check func(h heard) bool
	}{
		{"hanging", Fault{Kind: Hang}, func(h heard) bool { return len(h.events) == 0 }},
		{"silent", Fault{Kind: Stall}, func(h heard) bool { return len(h.events) == 1 && h.text == "" }},
		{"stalled", Fault{Kind: Stall, After: 2}, func(h heard) bool { return h.text == "one two" }},
		{"endless", Fault{Kind: Endless, After: 5}, func(h heard) bool { return len(h.text) > 2*len(fiveWords) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := start(t, faulty(tt.fault)).listen(soon(t), nil)
			if !tt.check(h) || !errors.Is(h.err, context.DeadlineExceeded) {
				t.Errorf("%+v", h)
			}
		})
	}
}

func TestFaultsOfAWholeAnswer(t *testing.T) {
	for _, kind := range []FaultKind{CutOff, Drop, Reset} {
		c := start(t, faulty(Fault{Kind: kind, After: 1}))
		response, err := c.post(t.Context(), "/v1/chat/completions", asking(nil))
		if err != nil {
			continue // the reset was faster than the header
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err == nil && strings.HasSuffix(string(body), "}") {
			t.Errorf("fault %d: a whole body: %s", kind, body)
		}
	}
}

func TestFaultsHeal(t *testing.T) {
	c := start(t, Options{Reply: Failing(2, RateLimited("1"), Fixed("yes"))})
	var statuses []int
	for range 4 {
		status, _ := c.call("/v1/chat/completions", asking(nil))
		statuses = append(statuses, status)
	}
	if statuses[0] != 429 || statuses[1] != 429 || statuses[2] != 200 || statuses[3] != 200 {
		t.Error(statuses)
	}
	c = start(t, Options{Fault: FirstRequests(1, Unavailable())})
	for _, want := range []int{503, 200} {
		if status, _ := c.call("/v1/embeddings", object{"model": "e", "input": "x"}); status != want {
			t.Errorf("%d, want %d", status, want)
		}
	}
}

func TestAServerThatIsDownRefusesConnections(t *testing.T) {
	c := start(t, faulty(Fault{Kind: Hang}))
	ended := make(chan error)
	go func() {
		_, err := c.post(t.Context(), "/v1/chat/completions", asking(nil))
		ended <- err
	}()
	for c.sim.Calls("/v1/chat/completions") == 0 {
		time.Sleep(time.Millisecond)
	}
	url := c.sim.URL()
	c.sim.Down()
	if err := <-ended; err == nil {
		t.Error("the request under way was answered")
	}
	if _, err := http.Get(url + "/models"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("want a refused connection, got %v", err)
	}
	if err := c.sim.Up(); err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(url + "/models")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
}

func TestEachTokenIsReportedAsItLeaves(t *testing.T) {
	var mu sync.Mutex
	var tokens []string
	var times []time.Time
	c := start(t, Options{Reply: func(Request) Reply {
		return Reply{Text: fiveWords, First: 20 * time.Millisecond, Every: 5 * time.Millisecond, Flushed: func(i int, token string, at time.Time) {
			mu.Lock()
			defer mu.Unlock()
			tokens, times = append(tokens, token), append(times, at)
		}}
	}})
	begun := time.Now()
	c.listen(t.Context(), nil)
	mu.Lock()
	defer mu.Unlock()
	if strings.Join(tokens, "|") != "one| two| three| four| five" {
		t.Error(tokens)
	}
	if first, gap := times[0].Sub(begun), times[4].Sub(times[0]); first < 20*time.Millisecond || gap < 20*time.Millisecond {
		t.Errorf("first after %v, the rest in %v: sooner than the delays allow", first, gap)
	}
}

func TestALoadingModelComesUp(t *testing.T) {
	c := start(t, Options{Dialect: LlamaCPP, Loading: true})
	if status, _ := c.call("/v1/chat/completions", asking(nil)); status != 503 {
		t.Error(status)
	}
	c.sim.SetLoading(false)
	if status, _ := c.call("/v1/chat/completions", asking(nil)); status != 200 {
		t.Error(status)
	}
}
