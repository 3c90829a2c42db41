package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/corpus"
	"footnote/retrieval/remote"
)

// noChatModel turns the language model off where a key is there for something
// else.
const noChatModel = "off"

// chatSettings say which language model answers.
type chatSettings struct {
	server remote.Server
	model  string
}

func readChatSettings() chatSettings {
	s := chatSettings{server: readModels().server(), model: strings.TrimSpace(os.Getenv("FOOTNOTE_CHAT_MODEL"))}
	if s.model == "" && s.server.Key != "" && s.server.IsOpenAI() {
		s.model = answer.DefaultModel
	}
	return s
}

// reachable reports whether a server was named, or a key for OpenAI's.
func (s chatSettings) reachable() bool { return s.server.URL != "" || s.server.Key != "" }

func (s chatSettings) configured() bool {
	return s.model != "" && s.model != noChatModel && s.reachable()
}

// engineOptions are those of the language model that the environment names, if
// any. A model whose settings cannot work answers nothing, and says why.
func engineOptions(ctx context.Context, c *corpus.Corpus, log *slog.Logger) (bot.EngineOptions, error) {
	opts := bot.EngineOptions{Logger: log}
	s := readChatSettings()
	if !s.configured() {
		if s.model != "" && s.model != noChatModel {
			log.WarnContext(ctx, "no language model is used: FOOTNOTE_CHAT_MODEL names one, but no server",
				"hint", "set OPENAI_API_KEY, or OPENAI_BASE_URL for a local server")
		}
		return opts, nil
	}
	patience, err := modelPatience()
	if err != nil {
		return opts, err
	}
	opts.WriterLimit = patience
	model, err := answer.NewModel(s.server, s.model, answer.ModelOptions{Logger: log, FirstToken: patience / 2, Total: patience})
	if err != nil {
		opts.Writer = unusable{s.model, err}
		return opts, nil
	}
	opts.Writer = model
	opts.WholeCorpus, err = wholeCorpus(c)
	return opts, err
}

// modelPatience reads FOOTNOTE_MODEL_TIMEOUT: how long a question may take the
// model; half of it may pass before the first word.
func modelPatience() (time.Duration, error) {
	setting := os.Getenv("FOOTNOTE_MODEL_TIMEOUT")
	if setting == "" {
		return 3 * time.Minute, nil
	}
	d, err := time.ParseDuration(setting)
	if err != nil || d < time.Second {
		return 0, &hintedError{fmt.Errorf("FOOTNOTE_MODEL_TIMEOUT cannot be %q", setting), "it is a time such as 90s or 10m"}
	}
	return d, nil
}

// wholeTokens is how long a corpus may be, by default, to go into every prompt
// as a whole.
const wholeTokens = 12000

// wholeCorpus reads FOOTNOTE_WHOLE_REPORT.
func wholeCorpus(c *corpus.Corpus) (bool, error) {
	budget := wholeTokens
	switch setting := os.Getenv("FOOTNOTE_WHOLE_REPORT"); setting {
	case "", "off":
		return false, nil
	case "auto":
	default:
		n, err := strconv.Atoi(setting)
		if err != nil || n < 1 {
			return false, &hintedError{fmt.Errorf("FOOTNOTE_WHOLE_REPORT cannot be %q", setting),
				"it is off, auto, or how many tokens the report may have to be sent whole, such as 12000"}
		}
		budget = n
	}
	fits, err := answer.Fits(c, budget)
	if err != nil {
		return false, fmt.Errorf("counting the report's tokens: %w", err)
	}
	return fits, nil
}

// unusable is a language model whose settings cannot work.
type unusable struct {
	model string
	err   error
}

var _ bot.Writer = unusable{}

// A settingsError says in an answer's notice why the model did not write it.
type settingsError struct{ error }

func (e settingsError) Unwrap() error  { return e.error }
func (e settingsError) Reason() string { return "its settings cannot work" }

func (u unusable) Model() string { return u.model }

func (u unusable) Write(context.Context, bot.Request, func(string) error) (bot.Usage, error) {
	return bot.Usage{}, settingsError{u.err}
}

func (u unusable) Mend(context.Context, bot.Request, string, string) (string, bot.Usage, error) {
	return "", bot.Usage{}, settingsError{u.err}
}

func (u unusable) Rewrite(context.Context, string, []bot.Turn) (string, bot.Usage, error) {
	return "", bot.Usage{}, settingsError{u.err}
}

// noModelHint says how to get a language model, for ErrNoModel.
func noModelHint() string {
	s := readChatSettings()
	if s.server.URL != "" && s.model == "" {
		return "let FOOTNOTE_CHAT_MODEL name a model of the server at " + s.server.Host()
	}
	return "set OPENAI_API_KEY, or OPENAI_BASE_URL and FOOTNOTE_CHAT_MODEL for a local server (docs/answers.md); or leave --mode out, and the report's own sentences answer"
}
