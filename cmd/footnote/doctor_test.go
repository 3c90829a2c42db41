package main

import (
	"github.com/rogpeppe/go-internal/testscript"

	"footnote/bot/slackbot/slacksim"
)

// workspace [SCOPE...] opens a Slack workspace, sets the settings of an app in
// it, and withholds scopes. The script's variables XOXB and XAPP are its tokens.
func openWorkspace(ts *testscript.TestScript, neg bool, args []string) {
	ws := slacksim.New(nil, slacksim.Options{BotName: "footnote"})
	ts.Defer(ws.Close)
	ws.Withhold(args...)
	for name, value := range ws.Env() {
		ts.Setenv(name, value)
	}
	ts.Setenv("XOXB", ws.BotToken())
	ts.Setenv("XAPP", ws.AppToken())
}
