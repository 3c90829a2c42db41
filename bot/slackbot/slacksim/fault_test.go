package slacksim

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

func TestFaultsStrikeBeforeOrAfterTheEffect(t *testing.T) {
	has := func(s string) func(error) bool {
		return func(err error) bool { return err != nil && strings.Contains(err.Error(), s) }
	}
	code := func(n int) func(error) bool {
		return func(err error) bool { s, ok := err.(slack.StatusCodeError); return ok && s.Code == n }
	}
	broken := func(err error) bool { return err != nil }
	cases := []struct {
		name  string
		fault Fault
		want  func(error) bool
	}{
		{"server error", Fault{Kind: ServerError}, code(http.StatusServiceUnavailable)},
		{"bad gateway", Fault{Kind: ServerError, Status: 502}, code(http.StatusBadGateway)},
		{"hang", Fault{Kind: Hang}, func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }},
		{"reset", Fault{Kind: Reset}, broken},
		{"dropped response", Fault{Kind: DropResponse}, func(err error) bool { return errors.Is(err, io.EOF) }},
		{"malformed", Fault{Kind: Malformed}, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		{"rate limit", Fault{Kind: RateLimit, RetryAfter: 30 * time.Second}, has("retry after 30s")},
		{"API error", Fault{Kind: APIError, Code: "internal_error"}, has("internal_error")},
	}
	for _, inMemory := range []bool{false, true} {
		for _, effect := range []bool{false, true} {
			for _, c := range cases {
				name := c.name + map[bool]string{false: ", nothing done", true: ", done"}[effect] + map[bool]string{true: ", in memory"}[inMemory]
				t.Run(name, func(t *testing.T) {
					ws, _, general := sim(t, Options{InMemory: inMemory})
					c.fault.Method, c.fault.Effect = "chat.postMessage", effect
					ws.Inject(c.fault)
					patience := 10 * time.Second
					if c.fault.Kind == Hang {
						patience = 100 * time.Millisecond
					}
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					_, _, err := client(ws).PostMessageContext(ctx, general.ID, slack.MsgOptionText("x", false))
					if !c.want(err) {
						t.Errorf("err = %v", err)
					}
					if got := len(general.Posts()) == 1; got != effect {
						t.Errorf("posted: %v", got)
					}
					ws.ClearFaults()
					if _, _, err := client(ws).PostMessage(general.ID, slack.MsgOptionText("y", false)); err != nil {
						t.Errorf("afterwards: %v", err)
					}
				})
			}
		}
	}
}

func TestFaultsChooseTheirCalls(t *testing.T) {
	ws, _, _ := sim(t, Options{})
	wantError(t, form(t, ws, "auth.test"), "")
	ws.Inject(Fault{Method: "auth.test", Call: 2, Times: 2, Kind: APIError, Code: "fatal_error"})
	for _, want := range []string{"", "fatal_error", "fatal_error", ""} {
		wantError(t, form(t, ws, "auth.test"), want)
		wantError(t, form(t, ws, "team.info"), "")
	}
	ws.ClearFaults()
	ws.Inject(Fault{Kind: APIError, Code: "internal_error"})
	wantError(t, form(t, ws, "auth.test"), "internal_error")
	wantError(t, form(t, ws, "team.info"), "internal_error")
	if n := ws.Stats().Faults; n != 4 {
		t.Errorf("%d faults", n)
	}
}

func TestASlowCallTakesItsTime(t *testing.T) {
	for _, effect := range []bool{false, true} {
		clock := NewManualClock(epoch)
		ws, _, general := sim(t, Options{Clock: clock})
		ws.Inject(Fault{Method: "chat.postMessage", Kind: Slow, Delay: time.Minute, Effect: effect})
		done := make(chan error, 1)
		go func() {
			_, _, err := client(ws).PostMessage(general.ID, slack.MsgOptionText("x", false))
			done <- err
		}()
		clock.BlockUntil(1)
		if got := len(general.Posts()) == 1; got != effect {
			t.Errorf("effect %v: posted %v", effect, got)
		}
		clock.Advance(time.Minute)
		if err := <-done; err != nil || len(general.Posts()) != 1 {
			t.Errorf("effect %v: %v, %d posts", effect, err, len(general.Posts()))
		}
	}
}

func TestPrivateFilesNeedTheToken(t *testing.T) {
	ws, alice, general := sim(t, Options{})
	m := alice.Post(general, "see", WithFile(File{Name: "a report.txt", Content: []byte("the north won")}))
	api := client(ws)
	f, _, _, err := api.GetFileInfo(m.Files[0].ID, 0, 0)
	if err != nil || f.Name != "a report.txt" || f.Size != 13 || f.User != alice.ID {
		t.Fatalf("file = %+v, %v", f, err)
	}
	var b strings.Builder
	if err := api.GetFile(f.URLPrivateDownload, &b); err != nil || b.String() != "the north won" {
		t.Errorf("content %q, %v", b.String(), err)
	}
	response, err := ws.HTTPClient().Get(f.URLPrivate)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if page, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK || !strings.Contains(string(page), "Sign in") {
		t.Errorf("without a token: %d %s", response.StatusCode, page)
	}
	ws.Withhold("files:read")
	if err := api.GetFile(f.URLPrivate, io.Discard); err == nil {
		t.Error("without files:read it was served")
	}
	ws.Grant("files:read")
	wantError(t, form(t, ws, "files.info", "file", "F404"), "file_not_found")
}
