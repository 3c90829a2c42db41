package slacksim

import (
	"slices"
	"strings"
)

type tokenKind int

const (
	botToken tokenKind = iota
	appToken
)

// A token is a credential of the app. failure is the error that calls with it
// get, empty while it works.
type token struct {
	kind    tokenKind
	scopes  map[string]bool
	failure string
}

func newSet(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, s := range list {
		set[s] = true
	}
	return set
}

func (t *token) scopeList() string {
	var list []string
	for s := range t.scopes {
		list = append(list, s)
	}
	slices.Sort(list)
	return strings.Join(list, ",")
}

// DefaultScopes are all bot scopes that the simulated methods and events ask for.
func DefaultScopes() []string {
	return []string{
		"app_mentions:read", "assistant:write",
		"channels:history", "channels:read", "chat:write", "commands",
		"files:read", "groups:history", "groups:read",
		"im:history", "im:read", "im:write", "mpim:history", "mpim:read", "mpim:write",
		"reactions:read", "reactions:write", "team:read", "users:read",
	}
}

// Grant adds scopes to the bot token.
func (ws *Workspace) Grant(scopes ...string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, s := range scopes {
		ws.tokens[ws.opts.BotToken].scopes[s] = true
	}
}

// Withhold takes scopes from the bot token.
func (ws *Workspace) Withhold(scopes ...string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, s := range scopes {
		delete(ws.tokens[ws.opts.BotToken].scopes, s)
	}
}

// FailToken makes calls with the token fail with an error such as
// "token_revoked", "account_inactive" or "token_expired"; empty mends it.
func (ws *Workspace) FailToken(value, code string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if t := ws.tokens[value]; t != nil {
		t.failure = code
	}
}

// authenticate finds the token of a call (docs.slack.dev, "Tokens").
func (ws *Workspace) authenticate(value string, want tokenKind) (*token, *apiError) {
	if value == "" {
		return nil, fail("not_authed")
	}
	t := ws.tokens[value]
	switch {
	case t == nil:
		return nil, fail("invalid_auth")
	case t.failure != "":
		return nil, fail(t.failure)
	case t.kind != want:
		return nil, fail("not_allowed_token_type")
	}
	return t, nil
}

// need fails unless the token has one of the scopes; the first is the one
// asked for.
func (t *token) need(scopes ...string) *apiError {
	if len(scopes) == 0 || slices.ContainsFunc(scopes, func(s string) bool { return t.scopes[s] }) {
		return nil
	}
	return &apiError{code: "missing_scope", fields: map[string]any{"needed": scopes[0], "provided": t.scopeList()}}
}
