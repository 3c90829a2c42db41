package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/corpus"
)

// noChatModel turns the language model off where a key is there for something
// else.
const noChatModel = "off"

// engineOptions are those of the language model that the environment names, if
// any. A model whose settings cannot work answers nothing, and says why.
func engineOptions(ctx context.Context, c *corpus.Corpus, log *slog.Logger) (bot.EngineOptions, error) {
	opts := bot.EngineOptions{Logger: log}
	m := readModels()
	if !m.answering() {
		if m.chatModel != "" && m.chatModel != noChatModel {
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
	model, err := answer.NewModel(m.server(), m.chatModel, answer.ModelOptions{Logger: log, FirstToken: patience / 2, Total: patience})
	if err != nil {
		opts.Writer = unusable{m.chatModel, err}
		return opts, nil
	}
	opts.Writer = model
	opts.WholeCorpus, err = wholeCorpus(c)
	return opts, err
}

// modelPatience reads FOOTNOTE_MODEL_TIMEOUT: how long a question may take the
// model, 0 where nothing is set; half of it may pass before the first word.
func modelPatience() (time.Duration, error) {
	setting := os.Getenv("FOOTNOTE_MODEL_TIMEOUT")
	if setting == "" {
		return 0, nil
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

func (u unusable) Rewrite(context.Context, bot.Request, []bot.Turn) (string, bot.Usage, error) {
	return "", bot.Usage{}, settingsError{u.err}
}

// noModelHint says how to get a language model, for ErrNoModel.
func noModelHint() string {
	m := readModels()
	if m.url != "" && m.chatModel == "" {
		return "let FOOTNOTE_CHAT_MODEL name a model of the server at " + m.server().Host()
	}
	return "set OPENAI_API_KEY, or OPENAI_BASE_URL and FOOTNOTE_CHAT_MODEL for a local server (docs/answers.md); or leave --mode out, and the report's own sentences answer"
}
