package slackbot

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"footnote/bot/slackbot/slacksim"
)

func settingsOf(ws *slacksim.Workspace) CheckupOptions {
	return CheckupOptions{
		BotToken: ws.BotToken(), AppToken: ws.AppToken(), SigningSecret: ws.SigningSecret(), APIURL: ws.APIURL(),
	}
}

// findingLines are findings as a person would note them; that no secret stands in one
// is checked on the way.
func findingLines(t *testing.T, o CheckupOptions) []string {
	t.Helper()
	var all []string
	for _, f := range Checkup(t.Context(), o) {
		all = append(all, fmt.Sprintf("%s %s: %s", f.Verdict, f.What, f.Detail))
		if (f.Hint != "") != (f.Verdict == VerdictFail) {
			t.Errorf("%s: the hint is %q", f.What, f.Hint)
		}
		for _, secret := range []string{o.BotToken, o.AppToken, o.SigningSecret} {
			if secret != "" && strings.Contains(f.Detail+f.Hint, secret) {
				t.Errorf("%s shows a secret", f.What)
			}
		}
	}
	return all
}

func expectFindings(t *testing.T, got []string, want ...string) {
	t.Helper()
	ok := len(got) == len(want)
	for i := 0; ok && i < len(want); i++ {
		ok = strings.HasPrefix(got[i], want[i])
	}
	if !ok {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestCheckupFindsNothingWrong(t *testing.T) {
	ws := slacksim.New(t, slacksim.Options{BotName: "footnote"})
	o := settingsOf(ws)
	o.APIURL = strings.TrimSuffix(o.APIURL, "/") // people leave the slash out
	expectFindings(t, findingLines(t, o), "ok bot token: team Acme (T000000001), bot user footnote (U", "ok scopes: all 14", "ok catching up",
		"ok app token: ", "ok socket: Slack said hello", "ok signing secret: set")
}

func TestCheckupOfSettings(t *testing.T) {
	ws := slacksim.New(t, slacksim.Options{})
	for name, c := range map[string]struct {
		change func(*CheckupOptions)
		want   []string
	}{
		"nothing is set": {
			func(o *CheckupOptions) { *o = CheckupOptions{} },
			[]string{"absent slack: not set up; docs/slack.md"},
		},
		"swapped tokens": {
			func(o *CheckupOptions) { o.BotToken, o.AppToken = o.AppToken, o.BotToken },
			[]string{"fail bot token: SLACK_BOT_TOKEN and SLACK_APP_TOKEN hold each other's", "absent scopes", "fail app token: SLACK_BOT_TOKEN and", "absent socket", "ok signing"},
		},
		"the app token twice": {
			func(o *CheckupOptions) { o.BotToken = o.AppToken },
			[]string{"fail bot token: SLACK_BOT_TOKEN holds an app token", "absent scopes", "ok app", "ok socket", "ok signing"},
		},
		"a person's token": {
			func(o *CheckupOptions) { o.BotToken = "xoxp-1-2-3" },
			[]string{"fail bot token: SLACK_BOT_TOKEN holds a person's token", "absent scopes", "ok app", "ok socket", "ok signing"},
		},
		"a space in a token": {
			func(o *CheckupOptions) { o.AppToken += " " },
			[]string{"ok bot", "ok scopes", "ok catching up", "fail app token: SLACK_APP_TOKEN has a space", "absent socket", "ok signing"},
		},
		"another word for a token": {
			func(o *CheckupOptions) { o.BotToken, o.AppToken = "secret-word", "word-secret" },
			[]string{"fail bot token: SLACK_BOT_TOKEN holds no token", "absent scopes", "fail app token", "absent socket", "ok signing"},
		},
		"no bot token": {
			func(o *CheckupOptions) { o.BotToken = "" },
			[]string{"fail bot token: SLACK_BOT_TOKEN is not set", "absent scopes", "ok app", "ok socket", "ok signing"},
		},
		"signed HTTP events": {
			func(o *CheckupOptions) { o.AppToken = "" },
			[]string{"ok bot", "ok scopes", "ok catching up", "absent app token: not set (needed for Socket Mode", "ok signing"},
		},
		"neither way for events": {
			func(o *CheckupOptions) { o.AppToken, o.SigningSecret = "", "" },
			[]string{"ok bot", "ok scopes", "ok catching up", "fail app token: SLACK_APP_TOKEN is not set", "absent socket", "absent signing"},
		},
		"a token for a secret": {
			func(o *CheckupOptions) { o.SigningSecret = o.BotToken },
			[]string{"ok bot", "ok scopes", "ok catching up", "ok app", "ok socket", "fail signing secret: SLACK_SIGNING_SECRET holds a token"},
		},
		"a short secret": {
			func(o *CheckupOptions) { o.SigningSecret = "8f742231b10e8888abcd99yy" },
			[]string{"ok bot", "ok scopes", "ok catching up", "ok app", "ok socket", "fail signing secret: SLACK_SIGNING_SECRET is too short"},
		},
		"no URL": {
			func(o *CheckupOptions) { o.APIURL = "slack.com/api" },
			[]string{"fail slack address: SLACK_API_URL", "ok signing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := settingsOf(ws)
			c.change(&o)
			expectFindings(t, findingLines(t, o), c.want...)
		})
	}
}

func TestCheckupOfWhatSlackSays(t *testing.T) {
	noBot := "absent scopes"
	noApp := "absent socket"
	for name, c := range map[string]struct {
		happens func(*slacksim.Workspace, *CheckupOptions)
		want    []string
	}{
		"an unknown bot token": {
			func(_ *slacksim.Workspace, o *CheckupOptions) { o.BotToken = "xoxb-1-2-other" },
			[]string{"fail bot token: Slack does not know this token (invalid_auth)", noBot, "ok app", "ok socket", "ok signing"},
		},
		"an unknown app token": {
			func(_ *slacksim.Workspace, o *CheckupOptions) { o.AppToken = "xapp-1-2-other" },
			[]string{"ok bot", "ok scopes", "ok catching up", "fail app token: Slack does not know this token (invalid_auth)", noApp, "ok signing"},
		},
		"a revoked token": {
			func(ws *slacksim.Workspace, o *CheckupOptions) { ws.FailToken(o.BotToken, "token_revoked") },
			[]string{"fail bot token: the token was revoked", noBot, "ok app", "ok socket", "ok signing"},
		},
		"an expired token": {
			func(ws *slacksim.Workspace, o *CheckupOptions) { ws.FailToken(o.BotToken, "token_expired") },
			[]string{"fail bot token: the token has expired", noBot, "ok app", "ok socket", "ok signing"},
		},
		"missing scopes": {
			func(ws *slacksim.Workspace, _ *CheckupOptions) { ws.Withhold("im:history", "users:read") },
			[]string{"ok bot", "fail scope im:history: not granted; it is needed to hear direct messages", "fail scope users:read: not granted; it is needed to tell", "absent catching up: after a pause, not in direct messages (needs im:history)", "ok app", "ok socket", "ok signing"},
		},
		"no scope for sockets": {
			func(ws *slacksim.Workspace, _ *CheckupOptions) {
				ws.Inject(slacksim.Fault{Method: "apps.connections.open", Kind: slacksim.APIError, Code: "missing_scope"})
			},
			[]string{"ok bot", "ok scopes", "ok catching up", "fail app token: it lacks the scope connections:write", noApp, "ok signing"},
		},
		"Socket Mode is off": {
			func(ws *slacksim.Workspace, _ *CheckupOptions) { ws.DisableSocketMode(true) },
			[]string{"ok bot", "ok scopes", "ok catching up", "ok app", "fail socket: Socket Mode is switched off", "ok signing"},
		},
		"Slack is down": {
			func(ws *slacksim.Workspace, _ *CheckupOptions) { ws.Inject(slacksim.Fault{Kind: slacksim.ServerError}) },
			[]string{"fail bot token: the server answers 503", noBot, "fail app token: the server answers 503", noApp, "ok signing"},
		},
		"nobody is there": {
			func(ws *slacksim.Workspace, _ *CheckupOptions) { ws.Close() },
			[]string{"fail bot token: Slack could not be reached", noBot, "fail app token: Slack could not be reached", noApp, "ok signing"},
		},
		"Slack does not answer": {
			func(ws *slacksim.Workspace, o *CheckupOptions) {
				o.Timeout = 50 * time.Millisecond
				ws.Inject(slacksim.Fault{Kind: slacksim.Hang})
			},
			[]string{"fail bot token: no answer within 50ms", noBot, "fail app token: no answer within 50ms", noApp, "ok signing"},
		},
		"too many calls": {
			func(ws *slacksim.Workspace, _ *CheckupOptions) {
				ws.Inject(slacksim.Fault{Method: "auth.test", Kind: slacksim.RateLimit, RetryAfter: 7 * time.Second})
			},
			[]string{"fail bot token: Slack asks to be left alone for 7s", noBot, "ok app", "ok socket", "ok signing"},
		},
		"an error that is new": {
			func(ws *slacksim.Workspace, _ *CheckupOptions) {
				ws.Inject(slacksim.Fault{Method: "auth.test", Kind: slacksim.APIError, Code: "no_such_luck"})
			},
			[]string{"fail bot token: Slack says no_such_luck", noBot, "ok app", "ok socket", "ok signing"},
		},
		"half an answer": {
			func(ws *slacksim.Workspace, _ *CheckupOptions) {
				ws.Inject(slacksim.Fault{Method: "auth.test", Kind: slacksim.Malformed})
			},
			[]string{"fail bot token: Slack could not be reached", noBot, "ok app", "ok socket", "ok signing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ws := slacksim.New(t, slacksim.Options{})
			o := settingsOf(ws)
			c.happens(ws, &o)
			expectFindings(t, findingLines(t, o), c.want...)
		})
	}
}

func TestCheckupOfTooManySockets(t *testing.T) {
	ws := slacksim.New(t, slacksim.Options{MaxSockets: -1})
	expectFindings(t, findingLines(t, settingsOf(ws)), "ok bot", "ok scopes", "ok catching up", "ok app", "fail socket: the app holds as many connections", "ok signing")
}

// A server whose socket says what the simulator's would not.
func TestCheckupOfSockets(t *testing.T) {
	for name, c := range map[string]struct{ says, want string }{
		"it is refused":     {`{"type":"disconnect","reason":"link_disabled"}`, "fail socket: Socket Mode is switched off"},
		"it ends otherwise": {`{"type":"disconnect","reason":"other"}`, "fail socket: Slack ended it (other)"},
		"it says nothing":   {"", "fail socket: it opened, but Slack said no hello"},
		"it is no socket":   {"404", "fail socket: websocket: bad handshake"},
		"hello comes late":  {"broken", "ok socket: Slack said hello"},
	} {
		t.Run(name, func(t *testing.T) {
			var server *httptest.Server
			server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/api/apps.connections.open" {
					fmt.Fprintf(w, `{"ok":true,"url":"ws%s/link?ticket=secret"}`, strings.TrimPrefix(server.URL, "http"))
					return
				}
				if c.says == "404" {
					http.NotFound(w, r)
					return
				}
				conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
				if err != nil {
					return
				}
				defer conn.Close()
				_ = conn.WriteMessage(websocket.TextMessage, []byte(c.says))
				if c.says == "broken" {
					_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello"}`))
				}
				_, _, _ = conn.ReadMessage()
			}))
			defer server.Close()
			got := findingLines(t, CheckupOptions{AppToken: "xapp-1-2-3", APIURL: server.URL + "/api/", Timeout: 200 * time.Millisecond})
			expectFindings(t, got, "fail bot token", "absent scopes", "ok app", c.want, "absent signing")
			if strings.Contains(strings.Join(got, ""), "secret=") || strings.Contains(strings.Join(got, ""), "ticket") {
				t.Errorf("the ticket shows: %q", got)
			}
		})
	}
}
