package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"footnote/bot/slackbot"
	"footnote/corpus/original"
)

// serveSettings are what serve reads from the environment.
type serveSettings struct {
	botToken, appToken, signingSecret, apiURL string

	listen, format string
	retention      time.Duration
	catchUp        time.Duration
	refresh        time.Duration // zero: the report is read once
	access         slackbot.Access
	dailyTokens    int
	links          original.Links
	log            *slog.Logger
}

const defaultListen = "127.0.0.1:8787"

func (c *serveCommand) settings() (s serveSettings, err error) {
	if c.Workers < 1 || c.Connections < 1 {
		return s, &misuseError{problem: "--workers and --connections are at least 1", hint: "leave them out for the defaults"}
	}
	s.botToken, s.appToken = os.Getenv("SLACK_BOT_TOKEN"), os.Getenv("SLACK_APP_TOKEN")
	s.signingSecret, s.apiURL = os.Getenv("SLACK_SIGNING_SECRET"), os.Getenv("SLACK_API_URL")
	const where = "docs/slack.md says where it comes from; footnote doctor checks the rest"
	switch {
	case s.botToken == "":
		return s, &hintedError{fmt.Errorf("SLACK_BOT_TOKEN is not set"), where}
	case !c.HTTP && s.appToken == "":
		return s, &hintedError{fmt.Errorf("SLACK_APP_TOKEN is not set"), where}
	case c.HTTP && s.signingSecret == "":
		return s, &hintedError{fmt.Errorf("SLACK_SIGNING_SECRET is not set"), where}
	}
	s.listen = firstOf(c.Listen, os.Getenv("FOOTNOTE_LISTEN"), defaultListen)
	s.format = firstOf(c.LogFormat, os.Getenv("FOOTNOTE_LOG"), "text")
	if s.format != "text" && s.format != "json" {
		return s, badSetting("FOOTNOTE_LOG", s.format, "it is text or json")
	}
	if s.retention, err = retention(); err != nil {
		return s, err
	}
	if s.dailyTokens, err = dailyTokens(); err != nil {
		return s, err
	}
	if s.catchUp, err = catchUp(); err != nil {
		return s, err
	}
	if s.refresh, err = refreshing(); err != nil {
		return s, err
	}
	if s.links, err = links(); err != nil {
		return s, err
	}
	s.access, err = access()
	return s, err
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func badSetting(name, value, hint string) error {
	return &hintedError{fmt.Errorf("%s is %q", name, value), hint}
}

const defaultRetention = 90

func retention() (time.Duration, error) {
	days := defaultRetention
	if v := os.Getenv("FOOTNOTE_RETENTION_DAYS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 36500 {
			return 0, badSetting("FOOTNOTE_RETENTION_DAYS", v, "it is a number of days, such as 90")
		}
		days = n
	}
	return time.Duration(days) * 24 * time.Hour, nil
}

// dailyTokens reads FOOTNOTE_DAILY_TOKENS: how many tokens a workspace may use
// in a day, 0 for no limit.
func dailyTokens() (int, error) {
	v := strings.TrimSpace(os.Getenv("FOOTNOTE_DAILY_TOKENS"))
	if v == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.NewReplacer("_", "", ",", "").Replace(v))
	if err != nil || n < 0 || n > 1e12 {
		return 0, badSetting("FOOTNOTE_DAILY_TOKENS", v, "it is a number of tokens for each workspace and day, such as 2000000; 0 is no limit")
	}
	return n, nil
}

// catchUp reads how far back questions are looked for that came during a pause:
// zero is the default, and below zero they are not.
func catchUp() (time.Duration, error) {
	v := os.Getenv("FOOTNOTE_CATCH_UP")
	if v == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 || d > slackbot.MostCatchUp {
		return 0, badSetting("FOOTNOTE_CATCH_UP", v, "it is a duration of up to 47h, such as 24h, or 0 to leave it")
	}
	if d == 0 {
		return -1, nil
	}
	return d, nil
}

// usualRefresh is how often addresses are asked whether they have changed.
const usualRefresh = 15 * time.Minute

// refreshing reads FOOTNOTE_REFRESH; zero is for a report that is read once.
func refreshing() (time.Duration, error) {
	v := strings.TrimSpace(os.Getenv("FOOTNOTE_REFRESH"))
	if v == "" {
		return usualRefresh, nil
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 || d > 0 && d < time.Second {
		return 0, badSetting("FOOTNOTE_REFRESH", v, "it is a duration such as 15m, at least 1s, or 0 to read the report once")
	}
	return d, nil
}

// access reads who may ask.
func access() (a slackbot.Access, err error) {
	a.Teams, a.Channels = ids("FOOTNOTE_ALLOW_TEAMS"), ids("FOOTNOTE_ALLOW_CHANNELS")
	a.Users, a.Bots = ids("FOOTNOTE_ALLOW_USERS"), ids("FOOTNOTE_ALLOW_BOTS")
	a.ReportUsers = ids("FOOTNOTE_REPORT_USERS")
	for name, field := range map[string]*bool{"FOOTNOTE_ALLOW_GUESTS": &a.Guests, "FOOTNOTE_ALLOW_STRANGERS": &a.Strangers} {
		if *field, err = switchedOn(name); err != nil {
			return a, err
		}
	}
	for name, field := range map[string]*slackbot.Limit{"FOOTNOTE_USER_LIMIT": &a.UserLimit, "FOOTNOTE_CHANNEL_LIMIT": &a.ChannelLimit} {
		v := os.Getenv(name)
		if *field, err = slackbot.ParseLimit(v); err != nil {
			return a, badSetting(name, v, "a limit is a number per s, m, h or d, such as 30/h")
		}
	}
	return a, nil
}

// switchedOn reads a setting that is true or false; false when it is not set.
func switchedOn(name string) (bool, error) {
	v := os.Getenv(name)
	if v == "" {
		return false, nil
	}
	on, err := strconv.ParseBool(v)
	if err != nil {
		return false, badSetting(name, v, "it is true or false")
	}
	return on, nil
}

// ids reads a list separated by commas.
func ids(name string) []string {
	var list []string
	for id := range strings.SplitSeq(os.Getenv(name), ",") {
		if id = strings.TrimSpace(id); id != "" {
			list = append(list, id)
		}
	}
	return list
}

// secrets are what no log may hold.
func (s serveSettings) secrets() []string {
	var secrets []string
	for _, v := range append([]string{s.botToken, s.appToken, s.signingSecret, os.Getenv("OPENAI_API_KEY"), os.Getenv("WEAVIATE_API_KEY")}, tracingSecrets()...) {
		if len(v) >= 8 {
			secrets = append(secrets, v)
		}
	}
	return secrets
}

// redacting blots out secrets, as a last guard: nothing should log them.
type redacting struct {
	io.Writer
	secrets []string
}

// Write is given whole lines by the loggers.
func (r redacting) Write(line []byte) (int, error) {
	clean := line
	for _, s := range r.secrets {
		clean = bytes.ReplaceAll(clean, []byte(s), []byte("[redacted]"))
	}
	if _, err := r.Writer.Write(clean); err != nil {
		return 0, err
	}
	return len(line), nil
}
