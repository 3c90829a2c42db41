package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// quick are options that wait for next to nothing.
var quick = Options{Base: time.Millisecond}

const question = `{"input":["a question"]}`

func post(ctx context.Context, c *http.Client, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(question))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer sk-canary-0123456789")
	return c.Do(req)
}

// A faulty server answers each request as its script says; the last line of it
// goes for all that follow.
type faulty struct {
	*httptest.Server
	t     *testing.T
	mu    sync.Mutex
	calls int
}

func newFaulty(t *testing.T, script ...http.HandlerFunc) *faulty {
	f := &faulty{t: t}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		f.mu.Lock()
		n := f.calls
		f.calls++
		f.mu.Unlock()
		if err != nil || string(body) != question || r.Header.Get("Authorization") != "Bearer sk-canary-0123456789" {
			t.Errorf("call %d came as %q (%v)", n, body, err)
		}
		script[min(n, len(script)-1)](w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *faulty) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hangUp closes the connection without a word.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// cutOff promises more than it sends.
func cutOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, "half")
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func TestWhatPassesIsTriedAgainAndNothingElse(t *testing.T) {
	ok := says(200, "fine")
	for _, test := range []struct {
		name   string
		script []http.HandlerFunc
		calls  int
		status int // 0 for an error
		body   string
	}{
		{"at once", []http.HandlerFunc{ok}, 1, 200, "fine"},
		{"429", []http.HandlerFunc{says(429, "slow down"), ok}, 2, 200, "fine"},
		{"408", []http.HandlerFunc{says(408, ""), ok}, 2, 200, "fine"},
		{"every 5xx that passes", []http.HandlerFunc{says(500, ""), says(502, ""), says(503, ""), ok}, 4, 200, "fine"},
		{"504", []http.HandlerFunc{says(504, ""), ok}, 2, 200, "fine"},
		{"for ever", []http.HandlerFunc{says(503, "still down")}, 4, 503, "still down"},
		{"a dropped connection", []http.HandlerFunc{hangUp, hangUp, ok}, 3, 200, "fine"},
		{"dropped for ever", []http.HandlerFunc{hangUp}, 4, 0, ""},
		{"400", []http.HandlerFunc{says(400, "no"), ok}, 1, 400, "no"},
		{"401", []http.HandlerFunc{says(401, "no"), ok}, 1, 401, "no"},
		{"403", []http.HandlerFunc{says(403, "no"), ok}, 1, 403, "no"},
		{"404", []http.HandlerFunc{says(404, "no"), ok}, 1, 404, "no"},
		{"501", []http.HandlerFunc{says(501, "no"), ok}, 1, 501, "no"},
		{"no money", []http.HandlerFunc{says(429, `{"error":{"code":"insufficient_quota"}}`), ok}, 1, 429, `{"error":{"code":"insufficient_quota"}}`},
		{"a text that stays too long", []http.HandlerFunc{says(500, "input is too large to process"), ok}, 1, 500, "input is too large to process"},
		{"a long wait asked for", []http.HandlerFunc{says(429, "later", "Retry-After", "3600"), ok}, 1, 429, "later"},
		{"a date far off", []http.HandlerFunc{says(503, "later", "Retry-After", "Fri, 31 Dec 2999 23:59:59 GMT"), ok}, 1, 503, "later"},
		{"a date gone by", []http.HandlerFunc{says(503, "now", "Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"), ok}, 2, 200, "fine"},
		{"milliseconds", []http.HandlerFunc{says(429, "soon", "Retry-After-Ms", "3", "Retry-After", "3600"), ok}, 2, 200, "fine"},
		{"a wait that is none", []http.HandlerFunc{says(429, "soon", "Retry-After", "soon"), ok}, 2, 200, "fine"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFaulty(t, test.script...)
			resp, err := post(t.Context(), NewClient(quick), f.URL)
			if got := f.count(); got != test.calls {
				t.Errorf("%d calls, want %d", got, test.calls)
			}
			if test.status == 0 {
				if err == nil {
					t.Fatal("no error")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != test.status || string(body) != test.body {
				t.Errorf("status %d, %q, %v", resp.StatusCode, body, err)
			}
		})
	}
}

func TestAResponseThatHasBegunIsNotRepeated(t *testing.T) {
	f := newFaulty(t, cutOff, says(200, "fine"))
	resp, err := post(t.Context(), NewClient(quick), f.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) || string(body) != "half" {
		t.Errorf("%q, %v", body, err)
	}
	if f.count() != 1 {
		t.Errorf("%d calls", f.count())
	}
}

func TestABodyThatCannotBeHadTwiceIsKept(t *testing.T) {
	f := newFaulty(t, says(503, ""), says(200, ""))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.URL, io.MultiReader(strings.NewReader(question)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer sk-canary-0123456789")
	resp, err := NewClient(quick).Do(req)
	if err != nil || resp.StatusCode != 200 || f.count() != 2 {
		t.Fatalf("%v, %v, %d calls", resp, err, f.count())
	}
	resp.Body.Close()
}

func TestAServerThatStartsLateIsReached(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	c := NewClient(Options{Base: 50 * time.Millisecond, Attempts: 12})
	server := &http.Server{Handler: says(200, "")}
	time.AfterFunc(100*time.Millisecond, func() {
		if l, err := net.Listen("tcp", address); err == nil {
			_ = server.Serve(l)
		}
	})
	t.Cleanup(func() { server.Close() })
	resp, err := post(t.Context(), c, "http://"+address)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

func TestAConnectionThatCannotBeMadeIsNotTriedAgain(t *testing.T) {
	for _, err := range []error{
		&net.DNSError{Err: "no such host", IsNotFound: true},
		&net.OpError{Op: "dial", Err: context.DeadlineExceeded},
		errors.New("http: " + plainHTTP),
	} {
		calls := 0
		r := &retrier{NewClient(quick).Transport.(*retrier).o, transport(func(*http.Request) (*http.Response, error) {
			calls++
			return nil, err
		})}
		if _, got := post(t.Context(), &http.Client{Transport: r}, "http://example.org"); !errors.Is(got, err) || calls != 1 {
			t.Errorf("%v: %d calls, %v", err, calls, got)
		}
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// scripted is a client over responses in memory, for bubbles of synctest.
func scripted(o Options, at *[]time.Duration, answer func(n int) *http.Response) *http.Client {
	c := NewClient(o)
	start := time.Now()
	c.Transport = &retrier{c.Transport.(*retrier).o, transport(func(r *http.Request) (*http.Response, error) {
		*at = append(*at, time.Since(start))
		resp := answer(len(*at))
		resp.Request = r
		return resp, nil
	})}
	return c
}

func response(status int, header ...string) *http.Response {
	w := httptest.NewRecorder()
	says(status, "", header...)(w, nil)
	return w.Result()
}

func TestHowLongIsWaited(t *testing.T) {
	for _, test := range []struct {
		name   string
		header []string
		bounds [][2]time.Duration // of each attempt after the first
	}{
		{"twice as long each time", nil, [][2]time.Duration{{250e6, 500e6}, {750e6, 1500e6}, {1750e6, 3500e6}}},
		{"seconds", []string{"Retry-After", "2"}, [][2]time.Duration{{2e9, 2.5e9}, {4e9, 5e9}, {6e9, 7.5e9}}},
		{"milliseconds", []string{"Retry-After-Ms", "1500.5"}, [][2]time.Duration{{1500e6, 1900e6}, {3000e6, 3800e6}, {4500e6, 5700e6}}},
		{"a date", []string{"Retry-After", time.Date(2000, 1, 1, 0, 0, 3, 0, time.UTC).Format(http.TimeFormat)}, [][2]time.Duration{{3e9, 4e9}, {3e9, 4e9}, {3e9, 4e9}}},
		{"longer than its patience in all", []string{"Retry-After", "8"}, [][2]time.Duration{{8e9, 10e9}, {16e9, 20e9}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // time begins in 2000
				var at []time.Duration
				c := scripted(Options{}, &at, func(int) *http.Response { return response(503, test.header...) })
				resp, err := post(t.Context(), c, "http://example.org")
				if err != nil || resp.StatusCode != 503 {
					t.Fatal(resp, err)
				}
				if len(at) != len(test.bounds)+1 {
					t.Fatalf("attempts at %v", at)
				}
				for i, b := range test.bounds {
					if at[i+1] < b[0] || at[i+1] > b[1] {
						t.Errorf("attempt %d came at %v, want %v", i+2, at[i+1], b)
					}
				}
			})
		})
	}
}

func TestACancelledWaitEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		c := scripted(Options{}, &at, func(int) *http.Response { return response(429, "Retry-After", "10") })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		if _, err := post(ctx, c, "http://example.org"); !errors.Is(err, context.Canceled) || time.Since(start) != time.Second || len(at) != 1 {
			t.Errorf("%v after %v and %d attempts", err, time.Since(start), len(at))
		}
	})
}

func TestAWaitBeyondTheDeadlineIsNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		c := scripted(Options{}, &at, func(int) *http.Response { return response(429, "Retry-After", "10") })
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		resp, err := post(ctx, c, "http://example.org")
		if err != nil || resp.StatusCode != 429 || time.Since(start) != 0 {
			t.Errorf("%v, %v after %v", resp, err, time.Since(start))
		}
	})
}

func TestACallGoesByThePaceOfItsContext(t *testing.T) {
	for _, test := range []struct {
		name     string
		header   []string
		refused  int // times
		attempts int
		status   int
	}{
		{"two waits of a minute", []string{"Retry-After", "60"}, 2, 3, 200},
		{"many of some seconds", []string{"Retry-After", "5"}, 9, 10, 200},
		{"without end", []string{"Retry-After", "0"}, 1000, 20, 429},
		{"more than its patience", []string{"Retry-After", "181"}, 1000, 1, 429},
		{"not asked to", nil, 1000, 4, 429},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var at []time.Duration
				c := scripted(Options{}, &at, func(n int) *http.Response {
					if n <= test.refused {
						return response(429, test.header...)
					}
					return response(200)
				})
				ctx := WithPace(t.Context(), Pace{Patience: 3 * time.Minute, Attempt: 10 * time.Second})
				if resp, err := post(ctx, c, "http://example.org"); err != nil || resp.StatusCode != test.status || len(at) != test.attempts {
					t.Errorf("%v, %v after attempts at %v", resp, err, at)
				}
			})
		})
	}
}

func TestAnAttemptHasItsTimeLimitDownToItsBody(t *testing.T) {
	for name, handle := range map[string]http.HandlerFunc{
		"no head": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"no body": func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFaulty(t, handle)
			resp, err := post(WithPace(t.Context(), Pace{Attempt: 100 * time.Millisecond}), NewClient(quick), f.URL)
			if err == nil {
				defer resp.Body.Close()
				_, err = io.ReadAll(resp.Body)
			}
			if e := Classify(Server{}, "m", 0, "", "", err); e.Kind != TimedOut || f.count() != 1 {
				t.Errorf("%v after %d calls", err, f.count())
			}
		})
	}
}

func TestAHungServerIsLeftAfterTheFirstByteLimit(t *testing.T) {
	release := make(chan struct{})
	f := newFaulty(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	_, err := post(t.Context(), NewClient(Options{FirstByte: 50 * time.Millisecond}), f.URL)
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() || f.count() != 1 {
		t.Errorf("%v after %d calls", err, f.count())
	}
}

func TestTheKeyStaysWithItsServer(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		f := newFaulty(t, says(status, "", "Location", other.URL+"/v1"))
		_, err := post(t.Context(), NewClient(quick), f.URL)
		e := Classify(Server{URL: f.URL, Key: "sk-canary-0123456789"}, "m", 0, "", "", err)
		if e.Kind != WrongAddress || !strings.Contains(e.Error(), other.URL) {
			t.Errorf("%d: %v", status, e)
		}
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("another server got %d requests", n)
	}
	f := newFaulty(t, says(308, "", "Location", "/v1/there"), says(200, "there"))
	resp, err := post(t.Context(), NewClient(quick), f.URL)
	if err != nil || resp.StatusCode != 200 || f.count() != 2 {
		t.Fatalf("at home: %v, %v, %d calls", resp, err, f.count())
	}
	resp.Body.Close()
}

func TestTheLogTellsOfRetriesWithoutTheKey(t *testing.T) {
	var log bytes.Buffer
	o := quick
	o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	f := newFaulty(t, says(429, ""), hangUp, says(200, ""))
	resp, err := post(t.Context(), NewClient(o), f.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if strings.Count(log.String(), "asked again") != 2 || !strings.Contains(log.String(), "429") || strings.Contains(log.String(), "canary") {
		t.Errorf("the log: %s", log.String())
	}
}

func TestManyRequestsAtOnceAreEachTriedAgain(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1)%2 == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.Copy(w, r.Body)
	}))
	defer server.Close()
	c := NewClient(Options{Base: time.Millisecond, Attempts: 20})
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			want := fmt.Sprint("text ", i)
			resp, err := c.Post(server.URL, "text/plain", strings.NewReader(want))
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			if got, err := io.ReadAll(resp.Body); err != nil || string(got) != want {
				t.Errorf("%d: %q, %v", resp.StatusCode, got, err)
			}
		})
	}
	all.Wait()
}

func FuzzRetryAfter(f *testing.F) {
	for _, v := range []string{"", "1", "0.5", "-1", "1e400", "NaN", "Inf", "Fri, 31 Dec 2999 23:59:59 GMT", " 7 "} {
		f.Add(v, v)
	}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, seconds, millis string) {
		h := http.Header{"Retry-After": {seconds}, "Retry-After-Ms": {millis}}
		if d, _ := retryAfter(h, now); d < 0 {
			t.Errorf("%q, %q: %v", seconds, millis, d)
		}
	})
}
