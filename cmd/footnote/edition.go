package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"footnote/bot"
	"footnote/bot/slackbot"
	"footnote/corpus"
	"footnote/retrieval"
)

// editions are the corpus as it is answered from, from one change to the next. A
// new one takes over between two questions: what is being answered goes on with
// the one it began with.
type editions struct {
	// read makes the corpus as it is now ready for questions, or returns nil where
	// that is still the one with a hash.
	read func(ctx context.Context, hash string) (*opened, error)
	// again opens a corpus of which the vectors are not yet where they belong, or
	// fails; nil where there is no store that replicas share.
	again func(context.Context, *corpus.Corpus) (*opened, error)
	log   *slog.Logger
	// switched is told after another edition took over.
	switched func()
	closing  func(*opened) error

	renewing sync.Mutex // one at a time; taken before mu

	mu       sync.Mutex
	now      *edition
	trouble  string // why the corpus could not be read again; empty when it could
	unstored bool   // it could be read, but its index not be stored
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
	now, release := e.use()
	return now.engine, release
}

// use is the edition that is answered from now, until it is given back.
func (e *editions) use() (now *edition, release func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now = e.now
	now.users++
	return now, sync.OnceFunc(func() { e.release(now) })
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

// editionFigures are what there is to tell of the current corpus.
type editionFigures struct {
	hash       string
	passages   int
	unreadable bool  // a newer one cannot be read
	unstored   bool  // a newer one cannot be stored
	pending    error // see [opened]
	aside      bool  // its vectors are in memory instead of the store that replicas share
}

func (e *editions) figures() editionFigures {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.now.corpus
	return editionFigures{c.Hash, len(c.Passages), e.trouble != "" && !e.unstored, e.unstored, e.now.pending, e.now.aside()}
}

// renew has what the corpus is now answered from, if it has changed. Where it
// cannot be read, or its index not be stored, the old edition stays.
func (e *editions) renew(ctx context.Context) error {
	e.renewing.Lock()
	defer e.renewing.Unlock()
	began, before := time.Now(), e.hash()
	next, err := e.read(ctx, before)
	if err != nil {
		if ctx.Err() == nil {
			e.fails(ctx, before, err)
		}
		return err
	}
	e.mu.Lock()
	e.trouble, e.unstored = "", false
	e.mu.Unlock()
	if next == nil {
		return nil
	}
	e.take(next)
	built := next.index.Built()
	e.log.InfoContext(ctx, "the report has changed: answers are from its new version", "version", corpus.Version(next.corpus.Hash), "before", corpus.Version(before),
		"documents", len(next.corpus.Documents), "passages", built.Passages, "embedded", built.Embedded, "took", time.Since(began).Round(time.Millisecond))
	e.switched()
	return nil
}

// take has questions answered from another edition.
func (e *editions) take(next *opened) {
	e.mu.Lock()
	old := e.now
	e.now = &edition{opened: next, users: 1}
	e.mu.Unlock()
	e.release(old)
}

// settle has the current corpus answered from the store that replicas share,
// where it is not yet.
func (e *editions) settle(ctx context.Context) error {
	e.renewing.Lock()
	defer e.renewing.Unlock()
	now, release := e.use()
	defer release()
	if now.pending == nil {
		return nil
	}
	began := time.Now()
	next, err := e.again(ctx, now.corpus)
	if err != nil {
		return err
	}
	next.skipped = now.skipped
	e.take(next)
	built := next.index.Built()
	e.log.InfoContext(ctx, "answers are from the index in "+built.Location, "version", corpus.Version(next.corpus.Hash),
		"passages", built.Passages, "embedded", built.Embedded, "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// fails says that the corpus cannot be read, or not be stored, unless it was said
// before.
func (e *editions) fails(ctx context.Context, hash string, err error) {
	problem, hint := explain(err)
	_, unstored := errors.AsType[*retrieval.StoreError](err)
	e.mu.Lock()
	said := e.trouble == problem
	e.trouble, e.unstored = problem, unstored
	e.mu.Unlock()
	if said {
		return
	}
	what := "the report has changed, and cannot be read: answers are from its last version"
	if unstored {
		what = "the report has changed, and its index cannot be stored yet: answers are from its last version"
	}
	e.log.WarnContext(ctx, what, "version", corpus.Version(hash), "error", problem, "hint", hint)
}

// Close ends the current edition. Nobody may use one any more.
func (e *editions) Close() error {
	e.mu.Lock()
	now := e.now
	e.mu.Unlock()
	e.release(now)
	return nil
}

// reread makes the corpus of the opening's sources ready for questions once more,
// unless it is the one with a hash.
func (a *app) reread(ctx context.Context, data dataFolder, log *slog.Logger, how opening, hash string) (*opened, error) {
	docs, skipped, err := documents(ctx, how.sources, log)
	if err != nil {
		return nil, err
	}
	c, err := corpusOf(strings.Join(how.sources, ", "), docs)
	if err != nil || c.Hash == hash {
		return nil, err
	}
	s, err := a.openCorpus(ctx, c, data, log, how)
	if err != nil {
		return nil, fmt.Errorf("index the report: %w", err)
	}
	s.skipped = skipped
	s.warnDegraded(ctx, log)
	return s, nil
}
