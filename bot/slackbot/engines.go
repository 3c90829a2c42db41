package slackbot

import (
	"context"
	"fmt"

	"footnote/bot"
	"footnote/bot/record"
)

// An Engine answers questions; [bot.Engine] is one. It is safe for concurrent
// use and returns promptly with ctx's error once ctx is done.
type Engine interface {
	Ask(ctx context.Context, q bot.Question) (bot.Answer, error)
	// Excerpt shows what a citation of an answer from the given generation of
	// the corpus points at; ok is false when nothing can be shown.
	Excerpt(c bot.Citation, corpusHash string) (x bot.Excerpt, ok bool)
	// Stands reports whether what an earlier answer cites is still there as it
	// was.
	Stands(c bot.Citation) bool
	// CorpusHash names the generation that is answered from.
	CorpusHash() string
	// Voice names the language model that answers; empty for quotes.
	Voice() string
	// QuestionKey identifies a question among those asked of one corpus: the
	// same key may have the same answer. ok is false for one whose answer is
	// for its asker alone.
	QuestionKey(q bot.Question) (key string, ok bool)
	// Suggestions are up to n questions that the corpus answers.
	Suggestions(zh bool, n int) []string
	// Documents lists what the corpus holds.
	Documents() []bot.DocumentInfo
}

// Engines know which engine answers now: a report that changes gets another. They
// are safe for concurrent use.
type Engines interface {
	// Current returns the engine that answers now. It can be used until release
	// is called, whichever answers by then.
	Current() (engine Engine, release func())
}

// An answering engine is one in use.
type answering struct {
	Engine
	// usual says that it is the one that everybody asks, rather than one for
	// what was handed in.
	usual   bool
	release func()
}

// usual is the engine that everybody asks; its release must follow.
func (b *Bot) usual() answering {
	engine, release := b.engines.Current()
	return answering{engine, true, release}
}

// corpusHash is the generation that everybody is answered from now.
func (b *Bot) corpusHash() string {
	engine := b.usual()
	defer engine.release()
	return engine.CorpusHash()
}

// servedMark begins the names of the marks of the generations that everybody was
// answered from.
const servedMark = "corpus:"

// wasUsual reports whether a generation is one that everybody was answered from
// at any time, rather than of what was handed in.
func (b *Bot) wasUsual(ctx context.Context, hash string) (bool, error) {
	b.served.Lock()
	defer b.served.Unlock()
	if usual, known := b.served.hashes[hash]; known {
		return usual, nil
	}
	at, err := b.ledger.Marked(ctx, servedMark+hash)
	if err != nil {
		return false, fmt.Errorf("look up a version of the report: %w", err)
	}
	if len(b.served.hashes) >= mostProfiles {
		clear(b.served.hashes)
	}
	b.served.hashes[hash] = !at.IsZero()
	return !at.IsZero(), nil
}

// nowUsual records the generation that everybody is answered from now.
func (b *Bot) nowUsual(ctx context.Context, hash string) error {
	if err := b.ledger.Mark(ctx, servedMark+hash, b.now()); err != nil {
		return fmt.Errorf("record the report's version: %w", err)
	}
	b.served.Lock()
	defer b.served.Unlock()
	b.served.hashes[hash] = true
	return nil
}

// fromOther reports whether a turn was answered from a report that was handed in.
func (b *Bot) fromOther(ctx context.Context, t record.Turn) (bool, error) {
	if t.Answer == nil || t.Answer.CorpusHash == "" || t.Answer.CorpusHash == t.CorpusHash || t.Answer.CorpusHash == b.corpusHash() {
		return false, nil
	}
	usual, err := b.wasUsual(ctx, t.Answer.CorpusHash)
	return !usual, err
}
