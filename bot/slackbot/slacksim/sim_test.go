package slacksim

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// epoch is where manual clocks start in these tests.
var epoch = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// sim is a workspace with alice in it.
func sim(t *testing.T, opts Options) (*Workspace, *User, *Channel) {
	t.Helper()
	ws := New(t, opts)
	alice := ws.AddUser(UserSpec{Name: "alice"})
	general := ws.Channel("general")
	general.join(alice)
	return ws, alice, general
}

// client is the real Slack client.
func client(ws *Workspace) *slack.Client {
	return slack.New(ws.BotToken(), slack.OptionAppLevelToken(ws.AppToken()), slack.OptionAPIURL(ws.APIURL()), slack.OptionHTTPClient(ws.HTTPClient()))
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func waitFor(t *testing.T, ws *Workspace, cond func() bool) {
	t.Helper()
	if err := ws.Wait(testContext(t), cond); err != nil {
		t.Fatalf("%v\n%s", err, ws.Transcript())
	}
}

// eventually is for conditions outside the workspace, which cannot wake Wait.
func eventually(t *testing.T, cond func() bool) {
	t.Helper()
	for ctx := testContext(t); !cond(); time.Sleep(time.Millisecond) {
		if ctx.Err() != nil {
			t.Fatal("it did not happen in time")
		}
	}
}

// form makes a raw call with the bot token and returns the answer.
func form(t *testing.T, ws *Workspace, method string, args ...string) map[string]any {
	t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(args); i += 2 {
		v.Set(args[i], args[i+1])
	}
	return raw(t, ws, method, "application/x-www-form-urlencoded", v.Encode(), ws.BotToken())
}

func raw(t *testing.T, ws *Workspace, method, contentType, body, token string) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, ws.APIURL()+method, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := ws.HTTPClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal(b, &answer); err != nil {
		t.Fatalf("%s answered %q: %v", method, b, err)
	}
	return answer
}

// wantError checks an answer's error; empty means that it succeeded.
func wantError(t *testing.T, answer map[string]any, code string) {
	t.Helper()
	got, _ := answer["error"].(string)
	if got != code || answer["ok"] != (code == "") {
		t.Errorf("answer = %v, want error %q", answer, code)
	}
}

// events returns the events the app was sent, decoded.
func events(ws *Workspace) []map[string]any {
	var all []map[string]any
	for _, d := range ws.Deliveries() {
		var outer struct {
			Event map[string]any `json:"event"`
		}
		if d.Kind == "events_api" && json.Unmarshal(d.Payload, &outer) == nil {
			all = append(all, outer.Event)
		}
	}
	return all
}

func text(n int) string { return strings.Repeat("x", n) }
