package slackbot

import "encoding/json"

// An envelope is one thing that Slack sent, by whatever transport.
type envelope struct {
	kind    string          // kindEvents, kindInteractive, kindCommand, or one not known
	payload json.RawMessage // JSON, whatever the transport's own encoding was
	retry   int             // 0 the first time
}

// The kinds of envelopes, as Socket Mode names them (docs.slack.dev, "Using
// Socket Mode").
const (
	kindEvents      = "events_api"
	kindInteractive = "interactive"
	kindCommand     = "slash_commands"
)
