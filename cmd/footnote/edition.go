package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"footnote/bot"
	"footnote/bot/slackbot"
	"footnote/corpus"
	"footnote/corpus/original"
)

// editions are the corpus as it is answered from, from one change to the next. A
// new one takes over between two questions: what is being answered goes on with
// the one it began with.
type editions struct {
	// read makes the corpus as it is now ready for questions, or returns nil where
	// that is still the one with a hash.
	read func(ctx context.Context, hash string) (*opened, error)
	log  *slog.Logger
	// switched is told after another edition took over.
	switched func()
	closing  func(*opened) error

	mu      sync.Mutex
	now     *edition
	trouble string // why the corpus could not be read again; empty when it could
}

// An edition is closed once it is not the current one and nobody uses it.
type edition struct {
	*opened
	users int
}

func newEditions(first *opened, log *slog.Logger, read func(context.Context, string) (*opened, error)) *editions {
	return &editions{read: read, log: log, switched: func() {}, closing: (*opened).Close, now: &edition{opened: first, users: 1}}
}

// Current is the engine of the edition that is answered from now.
func (e *editions) Current() (slackbot.Engine, func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.now
	now.users++
	return now.engine, sync.OnceFunc(func() { e.release(now) })
}

// release gives an edition back.
func (e *editions) release(old *edition) {
	e.mu.Lock()
	old.users--
	unused := old.users == 0
	e.mu.Unlock()
	if !unused {
		return
	}
	if err := e.closing(old.opened); err != nil {
		e.log.Warn("an earlier version of the report could not be closed", "error", err)
	}
}

// ask answers a question from the current edition.
func (e *editions) ask(ctx context.Context, q bot.Question) (bot.Answer, error) {
	engine, release := e.Current()
	defer release()
	return engine.Ask(ctx, q)
}

// hash is that of the corpus that is answered from now.
func (e *editions) hash() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.now.corpus.Hash
}

// figures are the current corpus's hash and size, and whether a newer one cannot
// be read.
func (e *editions) figures() (hash string, passages int, trouble bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.now.corpus.Hash, len(e.now.corpus.Passages), e.trouble != ""
}

// renew has what the corpus is now answered from, if it has changed. Where it
// cannot be read, the old edition stays. It is for one goroutine at a time.
func (e *editions) renew(ctx context.Context) error {
	began, before := time.Now(), e.hash()
	next, err := e.read(ctx, before)
	if err != nil {
		if ctx.Err() == nil {
			e.fails(ctx, before, err)
		}
		return err
	}
	e.mu.Lock()
	e.trouble = ""
	if next == nil {
		e.mu.Unlock()
		return nil
	}
	old := e.now
	e.now = &edition{opened: next, users: 1}
	e.mu.Unlock()
	e.release(old)
	built := next.index.Built()
	e.log.InfoContext(ctx, "the report has changed: answers are from its new version", "version", corpus.Version(next.corpus.Hash), "before", corpus.Version(before),
		"documents", len(next.corpus.Documents), "passages", built.Passages, "embedded", built.Embedded, "took", time.Since(began).Round(time.Millisecond))
	e.switched()
	return nil
}

// fails says that the corpus cannot be read, unless it was said before.
func (e *editions) fails(ctx context.Context, hash string, err error) {
	problem, hint := explain(err)
	e.mu.Lock()
	said := e.trouble == problem
	e.trouble = problem
	e.mu.Unlock()
	if !said {
		e.log.WarnContext(ctx, "the report has changed, and cannot be read: answers are from its last version", "version", corpus.Version(hash), "error", problem, "hint", hint)
	}
}

// Close ends the current edition. Nobody may use one any more.
func (e *editions) Close() error {
	e.mu.Lock()
	now := e.now
	e.mu.Unlock()
	e.release(now)
	return nil
}

// reread makes the corpus of some sources ready for questions once more, without
// a word on a terminal, unless it is the one with a hash.
func (a *app) reread(ctx context.Context, sources []string, data dataFolder, log *slog.Logger, links original.Links, hash string) (*opened, error) {
	docs, skipped, err := documents(ctx, sources, log)
	if err != nil {
		return nil, err
	}
	c, err := corpusOf(strings.Join(sources, ", "), docs)
	if err != nil || c.Hash == hash {
		return nil, err
	}
	s, err := a.openCorpus(ctx, c, data, log, opening{quiet: true, links: links, sources: sources})
	if err != nil {
		return nil, fmt.Errorf("index the report: %w", err)
	}
	s.skipped = skipped
	s.warnDegraded(ctx, log)
	return s, nil
}
