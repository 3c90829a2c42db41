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
		{"assistant:write", "to show that a question was heard, suggest questions, and offer a stop button"},
		{"channels:history", "to hear follow-ups, edits and deletions in public channels it was invited to"},
		{"channels:read", "to know which channels are public, and which it is in when it catches up after a pause"},
		{"chat:write", "to post, stream, correct and take away its own answers"},
		{"commands", "for the slash command and the shortcut on messages"},
		{"files:read", "to read a report that somebody hands it in a message"},
		{"groups:history", "follow-ups, edits and deletions in private channels it was invited to"},
		{"groups:read", "to know which private channels it is in when it catches up"},
		{"im:history", "to hear direct messages"},
		{"im:read", "to know its direct messages when it catches up"},
		{"mpim:history", "to hear group direct messages it was added to"},
		{"mpim:read", "to know its group direct messages when it catches up"},
		{"users:read", "to tell members from guests, other workspaces' people and bots"},
	}
}

// A ManifestEvent is an event that the app subscribes to, and why.
type ManifestEvent struct{ Name, Reason string }

// ManifestEvents are all events that the bot listens to.
func ManifestEvents() []ManifestEvent {
	return []ManifestEvent{
		{"agent_session_stopped", "somebody pressed stop"},
		{"app_home_opened", "somebody looks at its Home tab or its messages"},
		{"app_mention", "a question"},
		{"app_uninstalled", "the end: nothing more can be posted"},
		{"file_deleted", "a report that it was handed is gone"},
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

// SlashCommand is the command that asks a question for its asker alone.
const SlashCommand = "/footnote"

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
	writeManifestFeatures(&b, o.Name, o.RequestURL)
	b.WriteString("oauth_config:\n  scopes:\n    bot:\n")
	for _, s := range Scopes() {
		fmt.Fprintf(&b, "      - %s # %s\n", s.Name, s.Reason)
	}
	writeManifestSettings(&b, o.RequestURL)
	_, err := w.Write(b.Bytes())
	return err
}

func writeManifestFeatures(b *bytes.Buffer, name, requestURL string) {
	url := ""
	if requestURL != "" {
		url = "      url: " + yamlString(requestURL) + "\n"
	}
	fmt.Fprintf(b, `display_information:
  name: %s
  description: %s
  long_description: %s
  background_color: "#2b3a55"
features:
  app_home:
    home_tab_enabled: true
    messages_tab_enabled: true # people can write to it directly
    messages_tab_read_only_enabled: false
  agent_view: # suggested questions, a status and a stop button
    agent_description: %[2]s
  bot_user:
    display_name: %[1]s
    always_online: true
  shortcuts:
    - name: Ask the report about this
      type: message
      callback_id: %[4]s
      description: Ask about a message, for you alone or in its thread
  slash_commands:
    - command: %[5]s
      description: Ask the report a question that only you see answered
      usage_hint: "[your question]"
      should_escape: true
%[6]s`, yamlString(name), yamlString("Answers questions about a report, and says where the report says so."),
		yamlString("Ask a question about the report, by a mention in a channel or in a direct message. "+
			"The answer comes with citations that were checked, word for word, against the report. "+
			"When the report does not say, the answer says that."), aboutShortcut, SlashCommand, url)
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
