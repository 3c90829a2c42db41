package slackbot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

// A Verdict is how a check ended.
type Verdict string

// The verdicts.
const (
	VerdictOK     Verdict = "ok"
	VerdictFail   Verdict = "fail"
	VerdictAbsent Verdict = "absent" // not set, or it could not be looked at
)

// A Finding is what one check found out. Tokens and secrets are in none.
type Finding struct {
	What    string  `json:"what"`
	Verdict Verdict `json:"verdict"`
	Detail  string  `json:"detail"`
	Hint    string  `json:"hint"` // how to mend it, empty where nothing is wrong
}

// CheckupOptions are the Slack settings as a person gave them.
type CheckupOptions struct {
	BotToken, AppToken, SigningSecret string
	// APIURL is where Slack's Web API is; empty means Slack's own.
	APIURL string
	// CatchUp is as in Options.
	CatchUp time.Duration
	// Client makes the calls; nil means one of its own.
	Client *http.Client
	// Timeout is for each call; default 10 s.
	Timeout time.Duration
}

// Checkup checks the settings, and with real calls whether Slack takes them. It
// makes every check that it can, whatever the others find.
//
// The socket that it opens is one of the app's: an event that Slack happens to
// send there goes unacknowledged, and comes again on another.
func Checkup(ctx context.Context, o CheckupOptions) []Finding {
	o.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	o.CatchUp = min(cmp.Or(o.CatchUp, usualCatchUp), MostCatchUp)
	if o.Client == nil {
		o.Client = &http.Client{Timeout: o.Timeout}
	}
	c := &checkup{CheckupOptions: o}
	if o.BotToken == "" && o.AppToken == "" && o.SigningSecret == "" {
		c.absent("slack", "not set up; docs/slack.md shows how, in ten minutes")
		return c.findings
	}
	if c.setAPI() {
		c.checkBot(ctx)
		c.checkApp(ctx)
	}
	c.checkSecret()
	return c.findings
}

type checkup struct {
	CheckupOptions
	api      *slack.Client
	findings []Finding
}

func (c *checkup) ok(what, format string, args ...any) {
	c.add(Finding{What: what, Verdict: VerdictOK, Detail: fmt.Sprintf(format, args...)})
}

func (c *checkup) fail(what, problem, hint string) {
	c.add(Finding{What: what, Verdict: VerdictFail, Detail: problem, Hint: hint})
}

func (c *checkup) absent(what, detail string) {
	c.add(Finding{What: what, Verdict: VerdictAbsent, Detail: detail})
}

// add takes secrets out of what servers and libraries said; what is shorter is
// no secret but a slip.
func (c *checkup) add(f Finding) {
	for _, secret := range []string{c.BotToken, c.AppToken, c.SigningSecret} {
		if len(secret) >= 8 {
			f.Detail = strings.ReplaceAll(f.Detail, secret, "[redacted]")
		}
	}
	c.findings = append(c.findings, f)
}

// setAPI makes the client, unless its address is none.
func (c *checkup) setAPI() bool {
	options := []slack.Option{slack.OptionHTTPClient(c.Client), slack.OptionAppLevelToken(c.AppToken)}
	if c.APIURL != "" {
		u, err := url.Parse(c.APIURL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			c.fail("slack address", "SLACK_API_URL is no URL", "leave it out: it is for tests, and Slack's own address is known")
			return false
		}
		c.APIURL = strings.TrimSuffix(c.APIURL, "/") + "/" // method names are appended
		options = append(options, slack.OptionAPIURL(c.APIURL))
	}
	c.api = slack.New(c.BotToken, options...)
	return true
}

// checkBot checks the bot token and the scopes it was granted.
func (c *checkup) checkBot(ctx context.Context) {
	const what = "bot token"
	if problem, hint := tokenProblem("SLACK_BOT_TOKEN", c.BotToken, c.AppToken); problem != "" {
		c.fail(what, problem, hint)
		c.absent("scopes", "not checked without a bot token that works")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	r, err := c.api.AuthTestContext(ctx)
	if err != nil {
		problem, hint := c.explain(err, "SLACK_BOT_TOKEN")
		c.fail(what, problem, hint)
		c.absent("scopes", "not checked without a bot token that works")
		return
	}
	c.ok(what, "team %s (%s), bot user %s (%s)", r.Team, r.TeamID, r.User, r.UserID)
	c.checkScopes(r.Header)
}

func (c *checkup) checkScopes(header http.Header) {
	granted := scopesOf(header)
	if granted == nil {
		c.absent("scopes", "Slack did not say which ones are granted")
		return
	}
	missing := 0
	for _, s := range Scopes() {
		if granted[s.Name] {
			continue
		}
		missing++
		c.fail("scope "+s.Name, "not granted; it is needed "+s.Reason,
			"add it under OAuth & Permissions (or paste footnote manifest under App Manifest), then reinstall the app")
	}
	if missing == 0 {
		c.ok("scopes", "all %d are granted", len(Scopes()))
	}
	c.checkCatchUp(granted)
}

// checkCatchUp says where questions that came during a pause will be looked for.
func (c *checkup) checkCatchUp(granted map[string]bool) {
	const what = "catching up"
	if c.CatchUp < 0 {
		c.absent(what, "turned off by FOOTNOTE_CATCH_UP")
		return
	}
	var lacks []string
	for _, k := range kinds {
		if needs := k.lacks(granted); len(needs) > 0 {
			lacks = append(lacks, k.people+" (needs "+strings.Join(needs, " and ")+")")
		}
	}
	if len(lacks) > 0 {
		c.absent(what, "after a pause, not in "+strings.Join(lacks, ", nor in "))
		return
	}
	c.ok(what, "questions of up to %s that came during a pause are found in every conversation it is in", spell(c.CatchUp))
}

// checkApp checks the app token, and opens a socket with it as serving does.
func (c *checkup) checkApp(ctx context.Context) {
	const what = "app token"
	if c.AppToken == "" && c.SigningSecret != "" {
		c.absent(what, "not set (needed for Socket Mode; with the signing secret alone, events come over HTTP)")
		return
	}
	if problem, hint := tokenProblem("SLACK_APP_TOKEN", c.AppToken, c.BotToken); problem != "" {
		c.fail(what, problem, hint)
		c.absent("socket", "not checked without an app token that works")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	_, address, err := c.api.StartSocketModeContext(ctx)
	switch {
	case isSocketModeOff(checkupCode(err)):
		c.ok(what, "Slack knows it")
		c.fail("socket", socketModeOff, socketModeHint)
	case err != nil:
		problem, hint := c.explain(err, "SLACK_APP_TOKEN")
		c.fail(what, problem, hint)
		c.absent("socket", "not checked without an app token that works")
	default:
		c.ok(what, "Slack knows it")
		c.checkSocket(ctx, address)
	}
}

// checkSocket opens a socket and waits for Slack's hello.
func (c *checkup) checkSocket(ctx context.Context, address string) {
	dialer := &websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: c.Timeout}
	conn, _, err := dialer.DialContext(ctx, address, nil)
	if err != nil {
		// Its address has a ticket in it, and is left out.
		c.fail("socket", strings.ReplaceAll(err.Error(), address, "wss://…"), "let WebSocket connections (wss) out, or use signed HTTP events; docs/slack.md")
		return
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetReadDeadline(deadline) // it fails only where reading does
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	for {
		_, data, err := conn.ReadMessage()
		if err != nil {
			c.fail("socket", "it opened, but Slack said no hello", "try again; if it stays so, something between here and Slack breaks WebSocket connections")
			return
		}
		var m struct{ Type, Reason string }
		if json.Unmarshal(data, &m) != nil {
			continue
		}
		switch m.Type {
		case "hello":
			c.ok("socket", "Slack said hello")
			_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
			return
		case "disconnect":
			c.refusedSocket(m.Reason)
			return
		}
	}
}

func (c *checkup) refusedSocket(reason string) {
	switch {
	case isSocketModeOff(reason):
		c.fail("socket", socketModeOff, socketModeHint)
	case reason == "too_many_websockets":
		c.fail("socket", "the app holds as many connections as Slack allows, ten", "end a footnote serve that nobody needs, or give them fewer --connections")
	default:
		c.fail("socket", "Slack ended it ("+reason+")", "try again in a minute")
	}
}

// checkSecret can only look at the secret: an event alone would prove it.
func (c *checkup) checkSecret() {
	const what = "signing secret"
	hint := "copy it from Basic Information, App Credentials, Signing Secret"
	s := c.SigningSecret
	switch {
	case s == "":
		c.absent(what, "not set (needed for signed HTTP events; Socket Mode does without)")
	case strings.HasPrefix(s, "xox") || strings.HasPrefix(s, "xapp-"):
		c.fail(what, "SLACK_SIGNING_SECRET holds a token", hint)
	case tokenHasSpace(s):
		c.fail(what, "SLACK_SIGNING_SECRET has a space in it", hint)
	case len(s) < 32:
		c.fail(what, "SLACK_SIGNING_SECRET is too short for one", hint+"; it has 32 characters")
	default:
		c.ok(what, "set; the first event proves it")
	}
}

func tokenHasSpace(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}
