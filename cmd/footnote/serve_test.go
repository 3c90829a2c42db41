package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"footnote/bot/slackbot/slacksim"
)

// A served process is footnote serve, as a person runs it.
type served struct {
	t   *testing.T
	cmd *exec.Cmd
	url string // of its HTTP server

	mu  sync.Mutex
	log bytes.Buffer
}

// Write takes what the process says.
func (s *served) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

func (s *served) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

var listening = regexp.MustCompile(`listen"?[=:]"?(127\.0\.0\.1:\d+)`)

func serve(t *testing.T, env []string, args ...string) *served {
	t.Helper()
	return serveAs(t, "footnote", env, args...)
}

// serveAs names one of the programs that TestMain can be.
func serveAs(t *testing.T, name string, env []string, args ...string) *served {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &served{t: t, cmd: exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)}
	s.cmd.Args[0] = name // TestMain then runs the program
	s.cmd.Dir = t.TempDir()
	s.cmd.Env = append(append(os.Environ(), "FOOTNOTE_CORPUS=", "DATABASE_URL=", "GORACE=atexit_sleep_ms=0"), env...)
	s.start()
	return s
}

// start returns once the process listens.
func (s *served) start() {
	s.t.Helper()
	s.cmd.Stdout, s.cmd.Stderr = s, s
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { s.cmd.Process.Kill() })
	s.until("the server to listen", func() bool { return listening.MatchString(s.said()) })
	s.url = "http://" + listening.FindStringSubmatch(s.said())[1]
}

// ready waits until questions can be taken, by the transport that is named.
func (s *served) ready(ws *slacksim.Workspace, transport string) {
	s.t.Helper()
	if transport == "http" {
		if err := ws.UseHTTP(s.t.Context(), s.url+"/slack/events"); err != nil {
			s.t.Fatal(err)
		}
	}
	s.until("readiness", func() bool { status, _ := s.get("/readyz"); return status == http.StatusOK })
}

func (s *served) until(what string, done func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("in vain waited for %s\n%s", what, s.said())
		}
	}
}

func (s *served) get(path string) (int, string) {
	s.t.Helper()
	r, err := http.Get(s.url + path)
	if err != nil {
		return 0, err.Error()
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// ends waits for the process and returns its exit status.
func (s *served) ends() int {
	s.t.Helper()
	done := make(chan error, 1)
	go func() { done <- s.cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		s.t.Fatalf("the process does not end\n%s", s.said())
	}
	return s.cmd.ProcessState.ExitCode()
}

// workspace is a Slack that, unless told otherwise, sends again each second what
// was not acknowledged in time: Slack's own minutes would be waited for.
func workspace(t *testing.T, o slacksim.Options) (*slacksim.Workspace, []string) {
	if o.Retries == nil {
		o.Retries = append([]time.Duration{0}, slices.Repeat([]time.Duration{time.Second}, 120)...)
	}
	ws := slacksim.New(t, o)
	env := []string{"FOOTNOTE_DATA=" + t.TempDir()}
	for name, value := range ws.Env() {
		env = append(env, name+"="+value)
	}
	return ws, env
}

func TestServeAnswersIsWatchedAndDrains(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"socket", "http"} {
		t.Run(transport, func(t *testing.T) {
			ws, env := workspace(t, slacksim.Options{})
			var args []string
			if transport == "http" {
				args = []string{"--http", "--log-format", "json"}
			}
			s := serve(t, env, args...)
			s.ready(ws, transport)
			alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
			alice.Say(general, "How many large models had been released in China by October?")
			s.until("the answer", func() bool {
				return strings.Contains(ws.Transcript(), "238 large models") && strings.Contains(ws.Transcript(), "([1])")
			})
			alice.Say(general, "Which team won the 1998 football world cup in Paris?")
			s.until("the refusal", func() bool { return strings.Contains(ws.Transcript(), "The report does not say.") })
			if status, body := s.get("/healthz"); status != http.StatusOK || body != "ok\n" {
				t.Errorf("healthz: %d %s", status, body)
			}
			s.until("the figures", func() bool {
				_, body := s.get("/metrics")
				return strings.Contains(body, `footnote_answers_total{mode="quote",outcome="answered"} 1`) &&
					strings.Contains(body, `footnote_answers_total{mode="quote",outcome="not_found"} 1`) &&
					strings.Contains(body, "footnote_queue_age_seconds 0") && strings.Contains(body, `footnote_ledger_questions{state="answered"} 2`)
			})
			if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if status := s.ends(); status != 0 || !strings.Contains(s.said(), "stopped") {
				t.Errorf("status %d\n%s", status, s.said())
			}
			if n := len(ws.Violations()) + len(ws.Duplicates("post")) + len(ws.Unacked()); n > 0 {
				t.Errorf("%d violations, double posts or lost events", n)
			}
			noSecrets(t, ws, s.said())
		})
	}
}

// noSecrets checks that tokens appear nowhere.
func noSecrets(t *testing.T, ws *slacksim.Workspace, said string) {
	t.Helper()
	for _, secret := range []string{ws.BotToken(), ws.AppToken(), ws.SigningSecret(), "Canary", "canary"} {
		if strings.Contains(said, secret) {
			t.Errorf("the log holds %q:\n%s", secret, said)
		}
	}
}

func TestASignalDrainsAndASecondOneAbortsAndNothingIsLost(t *testing.T) {
	t.Parallel()
	ws, env := workspace(t, slacksim.Options{})
	s := serve(t, env, "--workers", "1")
	s.until("readiness", func() bool { status, _ := s.get("/readyz"); return status == http.StatusOK })
	// Slack hangs, so the answer in work cannot be finished.
	for _, method := range []string{"chat.startStream", "chat.postMessage"} {
		ws.Inject(slacksim.Fault{Method: method, Kind: slacksim.Hang})
	}
	alice, general := ws.AddUser(slacksim.UserSpec{Name: "alice"}), ws.Channel("general")
	for i := range 3 {
		alice.Say(general, fmt.Sprintf("How many large models had been released in China by October? (%d)", i))
	}
	s.until("the post", func() bool {
		return len(ws.Calls("chat.startStream"))+len(ws.Calls("chat.postMessage")) > 0 && ws.Idle()
	})
	for range 2 {
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		s.until("the drain", func() bool { return strings.Contains(s.said(), "stopping") })
	}
	s.ends()
	if !strings.Contains(s.said(), "stopping at once") {
		t.Error(s.said())
	}
	ws.ClearFaults()
	again := serve(t, env)
	again.until("the answers", func() bool { return strings.Count(ws.Transcript(), "([1])") == 3 })
	if d := ws.Duplicates("post"); len(d) > 0 {
		t.Errorf("posted twice: %v\n%s", d, ws.Transcript())
	}
	noSecrets(t, ws, s.said()+again.said())
}

func TestServeSaysWhatIsWrongWithItsSettings(t *testing.T) {
	ws, env := workspace(t, slacksim.Options{})
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		env    []string
		args   []string
		status int
		want   string
	}{
		"no bot token":   {env: []string{"SLACK_BOT_TOKEN="}, status: 1, want: "SLACK_BOT_TOKEN is not set"},
		"no app token":   {env: []string{"SLACK_APP_TOKEN="}, status: 1, want: "SLACK_APP_TOKEN is not set"},
		"no secret":      {env: []string{"SLACK_SIGNING_SECRET="}, args: []string{"--http"}, status: 1, want: "SLACK_SIGNING_SECRET is not set"},
		"wrong token":    {env: []string{"SLACK_BOT_TOKEN=xoxb-canary-1"}, status: 1, want: "invalid_auth"},
		"wrong app":      {env: []string{"SLACK_APP_TOKEN=xapp-canary-1"}, status: 1, want: "invalid_auth"},
		"bad budget":     {env: []string{"FOOTNOTE_DAILY_TOKENS=-5"}, status: 1, want: "number of tokens"},
		"bad limit":      {env: []string{"FOOTNOTE_USER_LIMIT=lots"}, status: 1, want: "30/h"},
		"bad switch":     {env: []string{"FOOTNOTE_ALLOW_GUESTS=perhaps"}, status: 1, want: "true or false"},
		"bad retention":  {env: []string{"FOOTNOTE_RETENTION_DAYS=-1"}, status: 1, want: "number of days"},
		"bad catch-up":   {env: []string{"FOOTNOTE_CATCH_UP=3d"}, status: 1, want: "up to 47h"},
		"bad log":        {env: []string{"FOOTNOTE_LOG=xml"}, status: 1, want: "text or json"},
		"bad address":    {args: []string{"--listen", "nowhere:x"}, status: 1, want: "--listen"},
		"bad ledger":     {env: []string{"DATABASE_URL=mysql:x"}, status: 1, want: "sqlite:PATH"},
		"bad corpus":     {args: []string{"--corpus", "absent.txt"}, status: 1, want: "absent.txt"},
		"no workers":     {args: []string{"--workers", "0"}, status: 2, want: "at least 1"},
		"unknown format": {args: []string{"--log-format", "xml"}, status: 2, want: "--log-format"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, program, append([]string{"serve", "--listen", "127.0.0.1:0"}, c.args...)...)
			cmd.Args[0], cmd.Dir = "footnote", t.TempDir()
			cmd.Env = append(append(append(os.Environ(), "FOOTNOTE_CORPUS=", "DATABASE_URL=", "GORACE=atexit_sleep_ms=0"), env...), c.env...)
			out, _ := cmd.CombinedOutput()
			if cmd.ProcessState.ExitCode() != c.status || !strings.Contains(string(out), c.want) || !strings.Contains(string(out), "hint: ") {
				t.Errorf("status %d\n%s", cmd.ProcessState.ExitCode(), out)
			}
			noSecrets(t, ws, string(out))
		})
	}
}
