package main

import (
	"errors"
	"strings"

	"footnote/bot/slackbot"
)

type manifestCommand struct {
	Name string `default:"Footnote" help:"What the app and its bot user are called."`
	URL  string `name:"url" placeholder:"URL" help:"Where Slack sends signed HTTP events, https://…/slack/events, instead of Socket Mode."`
}

func (manifestCommand) Help() string {
	return `The manifest says which permissions the app asks for, and why. Create the app
from it at https://api.slack.com/apps; docs/slack.md goes through every step.

Examples:

    footnote manifest
    footnote manifest --url https://bot.example.com/slack/events`
}

func (c *manifestCommand) Run(a *app) error {
	if c.Name == "" {
		return &misuseError{problem: "--name is empty", hint: "give the app a name, or leave --name out"}
	}
	var b strings.Builder
	err := slackbot.WriteManifest(&b, slackbot.ManifestOptions{Name: c.Name, RequestURL: c.URL})
	if refused, ok := errors.AsType[*slackbot.ManifestError](err); ok {
		return &misuseError{problem: refused.Problem, hint: refused.Advice}
	}
	if err != nil {
		return err
	}
	return a.out.print(b.String())
}
