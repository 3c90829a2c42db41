package main

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"strings"
	"time"

	"footnote/bot/slackbot"
	"footnote/retrieval"
	"footnote/retrieval/weaviatestore"
)

// weaviate is the store that WEAVIATE_URL names; nil where it names none.
func weaviate(log *slog.Logger) (*weaviatestore.Store, error) {
	endpoints := strings.TrimSpace(os.Getenv("WEAVIATE_URL"))
	if endpoints == "" {
		return nil, nil
	}
	unreplicated, err := switchedOn("FOOTNOTE_ALLOW_UNREPLICATED")
	if err != nil {
		return nil, err
	}
	return weaviatestore.New(endpoints, weaviatestore.Options{
		Key: strings.TrimSpace(os.Getenv("WEAVIATE_API_KEY")), AllowUnreplicated: unreplicated, Logger: log,
	})
}

// wordsInWeaviate says whether Weaviate is to find passages by their words.
func wordsInWeaviate() (bool, error) { return switchedOn("FOOTNOTE_WEAVIATE_WORDS") }

// stores are where the vectors of an index are kept.
type stores struct {
	store, fallback retrieval.Store // fallback is nil for none
	await           bool            // see [retrieval.Options]
}

// stores are where the vectors of an index are kept, and where they go when
// that cannot be used. What is to leave no trace stays in memory. Figures are
// to be of the store that is set, or none.
func (how opening) stores(data dataFolder, log *slog.Logger) (stores, error) {
	memory := dataFolder{}.store(log)
	if how.traceless {
		return stores{store: memory, fallback: memory}, nil
	}
	shared, err := weaviate(log)
	switch {
	case err != nil:
		return stores{}, err
	case shared == nil:
		return stores{store: data.store(log), fallback: memory}, nil
	case how.strict:
		return stores{store: shared}, nil
	case how.firm:
		return stores{store: promptly{shared}, await: true}, nil
	case how.waits:
		return stores{store: promptly{shared}, fallback: memory, await: true}, nil
	}
	return stores{store: shared, fallback: memory}, nil
}

// probeTimeout is how long Weaviate is waited for where it is only asked whether
// it answers.
const probeTimeout = 5 * time.Second

// promptly is a store that says soon that nobody answers.
type promptly struct{ *weaviatestore.Store }

// Open looks whether anybody answers before it asks with patience.
func (p promptly) Open(ctx context.Context, g retrieval.Generation) (retrieval.Vectors, error) {
	limited, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if err := p.Probe(limited); err != nil {
		return nil, cmp.Or(ctx.Err(), err)
	}
	return p.Store.Open(ctx, g)
}

// checkWeaviate asks each address of Weaviate, if any are set.
func checkWeaviate(ctx context.Context, log *slog.Logger) []slackbot.Finding {
	const what = "Weaviate"
	store, err := weaviate(log)
	if err != nil {
		return []slackbot.Finding{broken(what, err)}
	}
	if _, err := wordsInWeaviate(); err != nil {
		return []slackbot.Finding{broken(what, err)}
	}
	if store == nil {
		return nil // the data folder's line tells of where the index is
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	var findings []slackbot.Finding
	for _, s := range store.Check(ctx) {
		if s.Err != nil {
			findings = append(findings, broken(what, s.Err))
			continue
		}
		findings = append(findings, found(what, "%s answers (version %s, %s)", s.Host, s.Version, count(s.Nodes, "node")))
	}
	return findings
}
