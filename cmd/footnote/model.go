package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"footnote/bot/answer"
	"footnote/retrieval"
	"footnote/retrieval/embed"
	"footnote/retrieval/remote"
	"footnote/retrieval/weaviatestore"
)

// models are the settings of model servers, as a person gave them.
type models struct {
	key, url, version string // of the server
	chatModel         string // "" for none, or [noChatModel]
	embedModel        string // "" for the built-in embedder
	embedDimensions   string // "" for the model's own
}

// readModels reads them from the environment; .env is to have been read.
func readModels() models {
	get := func(name string) string { return strings.TrimSpace(os.Getenv(name)) }
	m := models{
		key: get("OPENAI_API_KEY"), url: get("OPENAI_BASE_URL"), version: get("OPENAI_API_VERSION"),
		embedModel: get(embed.ModelSetting), embedDimensions: get("FOOTNOTE_EMBED_DIMENSIONS"),
		chatModel: get("FOOTNOTE_CHAT_MODEL"),
	}
	if m.chatModel == "" && m.key != "" && m.server().IsOpenAI() {
		m.chatModel = answer.DefaultModel
	}
	return m
}

// reachable reports whether a server was named, or a key for OpenAI's.
func (m models) reachable() bool { return m.url != "" || m.key != "" }

// answering reports whether a language model is to answer.
func (m models) answering() bool {
	return m.chatModel != "" && m.chatModel != noChatModel && m.reachable()
}

func (m models) server() remote.Server {
	return remote.Server{URL: m.url, Key: m.key, APIVersion: m.version}
}

// embedder returns the one that the settings choose: the built-in one, or that
// of a server, which may be asked something first. What is remembered of it is
// below the data folder.
func (m models) embedder(ctx context.Context, data dataFolder, log *slog.Logger) (retrieval.Embedder, error) {
	if m.embedModel == "" {
		return embed.NewStatic(), nil
	}
	if !m.reachable() {
		return nil, &remote.SettingError{
			Problem: embed.ModelSetting + " is set, but neither OPENAI_API_KEY nor OPENAI_BASE_URL says by which server",
			Remedy:  "set OPENAI_API_KEY for OpenAI, OPENAI_BASE_URL for another server, such as http://localhost:11434/v1, or leave " + embed.ModelSetting + " out",
		}
	}
	dimensions, err := m.dimensions()
	if err != nil {
		return nil, err
	}
	e, err := embed.NewRemote(ctx, m.server(), m.embedModel, embed.RemoteOptions{
		Dimensions: dimensions, Folder: data.cache(), Client: remote.NewClient(remote.Options{Logger: log}), Logger: log,
	})
	if err != nil {
		return nil, err // not e: it would be a nil within an interface
	}
	return e, nil
}

func (m models) dimensions() (int, error) {
	if m.embedDimensions == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(m.embedDimensions)
	if err != nil || n < 1 || n > 1<<16 {
		return 0, &remote.SettingError{Problem: "FOOTNOTE_EMBED_DIMENSIONS is not a number of dimensions", Remedy: "set it to a number such as 512, or leave it out"}
	}
	return n, nil
}

// isSetting says whether an error is of the settings: no server's state
// changes it.
func isSetting(err error) bool {
	_, ofModel := errors.AsType[*remote.SettingError](err)
	_, ofStore := errors.AsType[*weaviatestore.SettingError](err)
	return ofModel || ofStore
}

// describe says of an embedder, by its name, where it runs.
func (m models) describe(name string) string {
	if m.embedModel == "" {
		return name + ", which is built in and needs no key"
	}
	return name + " at " + m.server().Host()
}

// jobSize says how large a job of a model is.
func (m models) jobSize(tokens, requests int, model string) string {
	return fmt.Sprintf("about %s in %s to %s (%s)", roundTokens(tokens), count(requests, "request"), m.server().Host(), model)
}

func roundTokens(n int) string {
	if n >= 1_000_000 {
		return fmt.Sprintf("%.1f million tokens", float64(n)/1e6)
	}
	return fmt.Sprintf("%d,000 tokens", (n+500)/1000)
}
