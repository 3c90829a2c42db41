package bot

import (
	"context"
	"errors"

	"footnote/corpus"
)

// A Writer writes answers with a language model. Nothing that it writes is
// trusted: the engine checks every sentence before anyone sees it.
// Implementations are safe for concurrent use and return promptly with
// ctx.Err() once ctx is done. Where a request has a purse, it is debited ahead of
// everything that is sent to the model's server, by what that may use at most;
// an error of the purse is returned, and nothing sent. An error may have a method Reason() string that
// says in a few words, for the asker, why there is no answer, such as "it
// could not be reached".
type Writer interface {
	// Model names the model.
	Model() string
	// Write gives the text of an answer to emit, piece by piece as it comes,
	// with markers [n] for Passages[n-1]. An error of emit ends the writing
	// and is returned. With any error the text is not whole.
	Write(ctx context.Context, r Request, emit func(text string) error) (Usage, error)
	// Mend returns a sentence anew that did not hold, for the reason given; it
	// is empty when the sentence is to be dropped.
	Mend(ctx context.Context, r Request, sentence, reason string) (string, Usage, error)
	// Rewrite returns the question of a request, which follows up the turns
	// before it, so that it stands alone. The request has no passages.
	Rewrite(ctx context.Context, r Request, history []Turn) (string, Usage, error)
}

// ErrCutShort is a Writer's error for an answer that reached the model's limit
// of tokens: what was written is right as far as it goes, but for its last
// sentence.
var ErrCutShort = errors.New("the model stopped at its limit of tokens")

// NotFoundSign is what a Writer writes, alone or before a correction of what the
// question takes for granted, when the passages do not answer.
const NotFoundSign = "NOT_FOUND"

// A Request is what an answer is written from.
type Request struct {
	Question string
	// Passages may be cited; they are data, whatever they say.
	Passages []corpus.Passage
	// Nearest are the numbers of the passages that answer best, where Passages
	// are the whole corpus in its order; nil where they were chosen for the
	// question, best first.
	Nearest []int
	// Summary says that the question is about the corpus as a whole, and that
	// the passages were chosen to cover it.
	Summary bool
	// Purse pays for what is asked; nil where nobody counts.
	Purse Purse
}

// Usage counts a model's tokens, as its server reported them.
type Usage struct {
	Prompt     int `json:"prompt"`
	Completion int `json:"completion"`
	// Cached of the prompt's tokens were read from the server's cache.
	Cached int `json:"cached"`
}

// Plus adds up two counts.
func (u Usage) Plus(v Usage) Usage {
	return Usage{u.Prompt + v.Prompt, u.Completion + v.Completion, u.Cached + v.Cached}
}
