package slacksim

import (
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A method is one Web API method.
type method struct {
	// scopes: any one of them is enough.
	scopes []string
	token  tokenKind
	// open methods need no token.
	open bool
	tier Tier
	call func(*call) (reply, *apiError)
}

// methods is the Web API; scopes and tiers are from each method's reference
// page (docs.slack.dev, "Web API methods").
func methods() map[string]method {
	write := []string{"chat:write"}
	threads := []string{"assistant:write"}
	status := []string{"chat:write", "assistant:write"}
	return map[string]method{
		"api.test":              {open: true, tier: Tier4, call: apiTest},
		"auth.test":             {tier: TierSpecial, call: authTest},
		"apps.connections.open": {token: appToken, scopes: []string{"connections:write"}, tier: Tier3, call: connectionsOpen},

		"chat.postMessage":   {scopes: write, tier: TierPost, call: postMessage},
		"chat.postEphemeral": {scopes: write, tier: Tier4, call: postEphemeral},
		"chat.update":        {scopes: write, tier: Tier3, call: updateMessage},
		"chat.delete":        {scopes: write, tier: Tier3, call: deleteMessage},
		"chat.getPermalink":  {tier: TierSpecial, call: getPermalink},
		"chat.startStream":   {scopes: write, tier: Tier2, call: startStream},
		"chat.appendStream":  {scopes: write, tier: Tier4, call: appendStream},
		"chat.stopStream":    {scopes: write, tier: Tier2, call: stopStream},

		"conversations.history": {tier: Tier3, call: history},
		"conversations.replies": {tier: Tier3, call: threadReplies},
		"conversations.info":    {tier: Tier3, call: conversationInfo},
		"conversations.open":    {tier: Tier3, call: conversationOpen},
		"conversations.members": {tier: Tier4, call: conversationMembers},

		"users.conversations": {tier: Tier3, call: userConversations},
		"users.info":          {scopes: []string{"users:read"}, tier: Tier4, call: userInfo},
		"team.info":           {scopes: []string{"team:read"}, tier: Tier3, call: teamInfo},
		"files.info":          {scopes: []string{"files:read"}, tier: Tier4, call: fileInfo},
		"reactions.add":       {scopes: []string{"reactions:write"}, tier: Tier3, call: addReaction},
		"reactions.remove":    {scopes: []string{"reactions:write"}, tier: Tier2, call: removeReaction},

		"views.open":    {tier: Tier4, call: openView},
		"views.push":    {tier: Tier4, call: pushView},
		"views.update":  {tier: Tier4, call: updateView},
		"views.publish": {tier: Tier4, call: publishView},

		"agents.sessions.setStatus": {scopes: write, tier: Tier3, call: setSessionStatus},
		"agents.sessions.rename":    {scopes: write, tier: Tier3, call: renameSession},

		"assistant.threads.setStatus":           {scopes: status, tier: TierSpecial, call: setStatus},
		"assistant.threads.setTitle":            {scopes: threads, tier: Tier4, call: setTitle},
		"assistant.threads.setSuggestedPrompts": {scopes: threads, tier: Tier4, call: setSuggestedPrompts},
	}
}

func (ws *Workspace) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", ws.serveAPI)
	mux.HandleFunc("GET /link/", ws.serveSocket)
	mux.HandleFunc("GET /files-pri/{id}/{name}", ws.serveFile)
	mux.HandleFunc("GET /{$}", serveSignIn)
	mux.HandleFunc("POST /respond/{id}", ws.serveResponse)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ws.enter() {
			panic(http.ErrAbortHandler)
		}
		defer ws.wg.Done()
		mux.ServeHTTP(w, r)
	})
}

// enter registers a request, so that Close waits for it.
func (ws *Workspace) enter() bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.closed {
		return false
	}
	ws.wg.Add(1)
	return true
}

func (ws *Workspace) serveAPI(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	args, value, warning, bad := readArgs(r)
	ws.mu.Lock()
	c := &call{ws: ws, method: name, args: args}
	ws.record(c)
	fault := ws.fault(name)
	ws.mu.Unlock()

	switch {
	case fault == nil || fault.Effect:
	case fault.Kind == Slow:
		ws.slow(r, fault.Delay)
		fault = nil
	default:
		ws.strike(w, r, fault, nil)
		return
	}
	body, failure := ws.answer(c, value, bad)
	if failure != nil {
		body = failure.body()
	}
	answer := &answer{body: withWarning(body, warning), status: http.StatusOK, header: http.Header{}}
	if failure != nil && failure.status != 0 {
		answer.status, answer.header = failure.status, failure.header
	}
	if c.token != nil {
		answer.header.Set("X-Oauth-Scopes", c.granted)
		answer.header.Set("X-Accepted-Oauth-Scopes", strings.Join(ws.methods[name].scopes, ","))
	}
	if fault != nil {
		ws.strike(w, r, fault, answer)
		return
	}
	answer.write(w)
}

// answer checks and makes a call, and counts how it failed.
func (ws *Workspace) answer(c *call, value string, bad *apiError) (reply, *apiError) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	body, failure := ws.make(c, value, bad)
	if failure != nil {
		ws.stats.Errors[c.method+" "+failure.code]++
		return nil, failure
	}
	out := reply{"ok": true}
	maps.Copy(out, body)
	return out, nil
}

// make checks and makes a call; the caller holds mu.
func (ws *Workspace) make(c *call, value string, bad *apiError) (reply, *apiError) {
	m, ok := ws.methods[c.method]
	switch {
	case !ok:
		return nil, &apiError{code: "unknown_method", fields: map[string]any{"req_method": c.method}}
	case bad != nil:
		return nil, bad
	}
	if !m.open {
		t, failure := ws.authenticate(value, m.token)
		if failure != nil {
			return nil, failure
		}
		c.token, c.granted = t, t.scopeList()
		if failure := t.need(m.scopes...); failure != nil {
			return nil, failure
		}
	}
	if failure := ws.limit(c, m.tier); failure != nil {
		return nil, failure
	}
	return m.call(c)
}

// An answer is a response that is about to be written.
type answer struct {
	body   reply
	status int
	header http.Header
}

func (a *answer) write(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	_, _ = w.Write(mustJSON(a.body)) // a client that went away is its own business
}

// strike lets a fault happen; a is nil when the call took no effect.
func (ws *Workspace) strike(w http.ResponseWriter, r *http.Request, f *Fault, a *answer) {
	switch f.Kind {
	case Hang:
		select {
		case <-r.Context().Done():
		case <-ws.ctx.Done():
		}
		panic(http.ErrAbortHandler)
	case Reset:
		resetConn(w)
	case DropResponse:
		panic(http.ErrAbortHandler)
	case ServerError:
		http.Error(w, "<html>upstream connect error</html>", f.status())
	case Malformed:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write([]byte(`{"ok":true,"channel":"C0`))
	case RateLimit:
		ws.rateLimitAnswer(f.RetryAfter).write(w)
	case APIError:
		(&answer{body: fail(f.Code).body(), status: http.StatusOK, header: http.Header{}}).write(w)
	case Slow:
		ws.slow(r, f.Delay)
		a.write(w)
	}
}

func (ws *Workspace) slow(r *http.Request, d time.Duration) {
	done, timer := ws.after(d)
	defer timer.Stop()
	select {
	case <-done:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	case <-ws.ctx.Done():
		panic(http.ErrAbortHandler)
	}
}

// resetConn ends the client's connection with a TCP reset.
func resetConn(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	reset(conn)
}

func reset(conn net.Conn) {
	switch c := conn.(type) {
	case *net.TCPConn:
		_ = c.SetLinger(0) // Close then sends RST
		c.Close()
	case *pipeConn:
		c.reset()
	default:
		c.Close()
	}
}

func (ws *Workspace) rateLimitAnswer(after time.Duration) *answer {
	a := &answer{body: fail("ratelimited").body(), status: http.StatusTooManyRequests, header: http.Header{}}
	if after > 0 {
		a.header.Set("Retry-After", strconv.Itoa(wholeSeconds(after)))
	}
	return a
}

func apiTest(c *call) (reply, *apiError) {
	if code := c.args["error"]; code != "" {
		return nil, &apiError{code: code, fields: map[string]any{"args": c.args}}
	}
	return reply{"args": c.args}, nil
}

func authTest(c *call) (reply, *apiError) {
	ws := c.ws
	return reply{
		"url": "https://" + ws.Team.Domain + ".slack.com/", "team": ws.Team.Name, "team_id": ws.Team.ID,
		"user": ws.Bot.Name, "user_id": ws.Bot.ID, "bot_id": ws.BotID, "is_enterprise_install": false,
	}, nil
}

// decode reads a JSON argument.
func (c *call) decode(name string, into any) error {
	if !json.Valid([]byte(c.args[name])) {
		return errors.New("not JSON")
	}
	return json.Unmarshal([]byte(c.args[name]), into)
}
