package slackbot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/slack-go/slack"
)

const (
	socketModeOff  = "Socket Mode is switched off for the app"
	socketModeHint = "switch it on in the app's settings under Socket Mode, or use signed HTTP events; docs/slack.md"
)

// isSocketModeOff knows what Slack says where Socket Mode is off: the reason of
// a disconnect, and the errors of apps.connections.open.
func isSocketModeOff(code string) bool {
	return code == "link_disabled" || code == "forbidden_team" || code == "socket_mode_not_enabled"
}

// whereToken says where a token is to be found.
func whereToken(name string) string {
	if name == "SLACK_APP_TOKEN" {
		return "make one under Basic Information, App-Level Tokens, with the scope connections:write; it begins with xapp-"
	}
	return "copy the Bot User OAuth Token from OAuth & Permissions; it begins with xoxb-"
}

// tokenProblem says what is wrong with a token's form, or nothing. other is the
// token that the other setting holds.
func tokenProblem(name, value, other string) (problem, hint string) {
	want, wrong := "xoxb-", "xapp-"
	if name == "SLACK_APP_TOKEN" {
		want, wrong = wrong, want
	}
	switch {
	case value == "":
		return name + " is not set", whereToken(name)
	case tokenHasSpace(value):
		return name + " has a space in it", whereToken(name)
	case value == want:
		return name + " breaks off after " + want, whereToken(name)
	case strings.HasPrefix(value, want):
		return "", ""
	case strings.HasPrefix(value, wrong) && strings.HasPrefix(other, want):
		return "SLACK_BOT_TOKEN and SLACK_APP_TOKEN hold each other's token", "exchange the two: xoxb- is the bot token, xapp- the app token"
	case strings.HasPrefix(value, "xapp-"):
		return name + " holds an app token", whereToken(name)
	case strings.HasPrefix(value, "xoxb-"):
		return name + " holds a bot token", whereToken(name)
	case strings.HasPrefix(value, "xoxp-"):
		return name + " holds a person's token", whereToken(name)
	}
	return name + " holds no token", whereToken(name)
}

// checkupCode is Slack's own name for an error, or empty.
func checkupCode(err error) string {
	if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return e.Err
	}
	return ""
}

// explain says in words why a call failed, and how to mend it.
func (c *checkup) explain(err error, name string) (problem, hint string) {
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return "Slack asks to be left alone for " + limited.RetryAfter.String(), "run footnote doctor again after that"
	}
	switch code := checkupCode(err); code {
	case "":
		return c.explainNetwork(err)
	case "invalid_auth", "not_authed":
		return "Slack does not know this token (" + code + ")", whereToken(name)
	case "token_revoked", "account_inactive":
		return "the token was revoked, or the app uninstalled (" + code + ")", "install the app again under Install App, and set " + name + " anew: " + whereToken(name)
	case "token_expired":
		return "the token has expired (" + code + ")", "switch token rotation off for the app, and set " + name + " anew: " + whereToken(name)
	case "not_allowed_token_type":
		return "it is a token of another kind (" + code + ")", whereToken(name)
	case "missing_scope":
		if name == "SLACK_APP_TOKEN" {
			return "it lacks the scope connections:write", whereToken(name)
		}
		return "it lacks a scope (" + code + ")", "compare the app with footnote manifest, and reinstall it"
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited":
		return "Slack has a problem of its own (" + code + ")", "see https://slack-status.com, and try again"
	default:
		return "Slack says " + code, "docs.slack.dev explains it"
	}
}

func (c *checkup) explainNetwork(err error) (problem, hint string) {
	hint = "check the network; a proxy goes in HTTPS_PROXY; https://slack-status.com says whether Slack is up"
	if c.APIURL != "" {
		hint = "SLACK_API_URL sends calls to " + c.APIURL + "; leave it out for Slack itself"
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return fmt.Sprintf("no answer within %s", c.Timeout), hint
	}
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		return "the server answers " + status.Status, hint
	}
	return "Slack could not be reached: " + err.Error(), hint
}
