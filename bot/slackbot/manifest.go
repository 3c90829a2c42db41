package slackbot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Scope is a permission that the app asks a workspace for, and why.
type Scope struct{ Name, Reason string }

// Scopes are all permissions of the bot, and no more than its calls need.
func Scopes() []Scope {
	return []Scope{
		{"app_mentions:read", "to hear a mention of the bot"},
		{"assistant:write", "to show that a question was heard while it is being answered"},
		{"channels:history", "to hear follow-ups, edits and deletions in public channels it was invited to"},
		{"chat:write", "to post, stream, correct and take away its own answers"},
		{"groups:history", "the same in private channels it was invited to"},
		{"im:history", "to hear direct messages"},
		{"mpim:history", "to hear group direct messages it was added to"},
		{"users:read", "to tell members from guests, other workspaces' people and bots"},
	}
}

// A ManifestEvent is an event that the app subscribes to, and why.
type ManifestEvent struct{ Name, Reason string }

// ManifestEvents are all events that the bot listens to.
func ManifestEvents() []ManifestEvent {
	return []ManifestEvent{
		{"app_mention", "a question"},
		{"app_uninstalled", "the end: nothing more can be posted"},
		{"message.channels", "follow-ups in a thread, edits and deletions"},
		{"message.groups", "the same in private channels"},
		{"message.im", "a question in a direct message"},
		{"message.mpim", "follow-ups in a group direct message"},
		{"tokens_revoked", "the bot token works no longer"},
	}
}

// ManifestOptions are optional; the zero value makes a Socket Mode app named
// Footnote.
type ManifestOptions struct {
	// Name is the app's and its bot user's; empty means Footnote.
	Name string
	// RequestURL is where Slack sends signed HTTP events and interactions,
	// instead of Socket Mode.
	RequestURL string
}

// A ManifestError is an option that Slack would refuse.
type ManifestError struct{ Problem, Advice string }

func (e *ManifestError) Error() string { return e.Problem }

// Hint says what to do about it.
func (e *ManifestError) Hint() string { return e.Advice }

// maxAppName is Slack's limit for an app's name (docs.slack.dev, "App manifest
// reference", display_information).
const maxAppName = 35

func (o ManifestOptions) check() error {
	if strings.TrimSpace(o.Name) == "" || utf8.RuneCountInString(o.Name) > maxAppName ||
		!utf8.ValidString(o.Name) || strings.ContainsFunc(o.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return &ManifestError{"the app's name is not one that Slack takes", fmt.Sprintf("choose one to %d letters, digits, spaces and signs", maxAppName)}
	}
	if o.RequestURL == "" {
		return nil
	}
	u, err := url.Parse(o.RequestURL)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return &ManifestError{"the request URL is no https URL", "Slack sends events to a public address such as https://bot.example.com/slack/events"}
	}
	return nil
}

// WriteManifest writes the app's manifest as YAML, which is to be pasted where
// Slack asks for one; comments say what each permission is for.
func WriteManifest(w io.Writer, o ManifestOptions) error {
	if o.Name == "" {
		o.Name = "Footnote"
	}
	if err := o.check(); err != nil {
		return err
	}
	var b bytes.Buffer
	writeManifestFeatures(&b, o.Name)
	b.WriteString("oauth_config:\n  scopes:\n    bot:\n")
	for _, s := range Scopes() {
		fmt.Fprintf(&b, "      - %s # %s\n", s.Name, s.Reason)
	}
	writeManifestSettings(&b, o.RequestURL)
	_, err := w.Write(b.Bytes())
	return err
}

func writeManifestFeatures(b *bytes.Buffer, name string) {
	fmt.Fprintf(b, `display_information:
  name: %s
  description: %s
  long_description: %s
  background_color: "#2b3a55"
features:
  app_home:
    home_tab_enabled: false
    messages_tab_enabled: true # people can write to it directly
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: %[1]s
    always_online: true
`, yamlString(name), yamlString("Answers questions about a report, and says where the report says so."),
		yamlString("Ask a question about the report, by a mention in a channel or in a direct message. "+
			"The answer comes with citations that were checked, word for word, against the report. "+
			"When the report does not say, the answer says that."))
}

// writeManifestSettings asks for Socket Mode, or for events sent to requestURL.
func writeManifestSettings(b *bytes.Buffer, requestURL string) {
	address := ""
	if requestURL != "" {
		address = "    request_url: " + yamlString(requestURL) + "\n"
	}
	b.WriteString("settings:\n  event_subscriptions:\n" + address + "    bot_events:\n")
	for _, e := range ManifestEvents() {
		fmt.Fprintf(b, "      - %s # %s\n", e.Name, e.Reason)
	}
	fmt.Fprintf(b, `  interactivity: # buttons under answers
    is_enabled: true
%s  org_deploy_enabled: false
  socket_mode_enabled: %t
  token_rotation_enabled: false
`, address, requestURL == "")
}

// yamlString quotes any printable text: YAML's double-quoted strings take
// everything that JSON's do.
func yamlString(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
