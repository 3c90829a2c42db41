package answer

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"footnote/bot"
	"footnote/retrieval/remote"
)

// What a purse is promised: every HTTP request is debited before it is sent, by
// the most that it may use, and nothing is given back but what the server
// counted as not used, or did not take. So a budget is not overspent, however
// many questions are asked at once and whatever is cut short, as long as
//   - the server keeps to the limit of tokens that a request carries, and adds
//     no more to the prompt than messageTokens and requestTokens allow for;
//   - it charges nothing for what it refuses (see refused);
//   - a token has at least one byte of text, as with every tokenizer in use;
//     one that first rewrites characters into longer ones could break this.
//
// Where a server counts more than that, the purse is told so.
const (
	messageTokens = 16  // of the chat template, for each message: 3 to 10 in known ones
	requestTokens = 256 // of the template's own preamble
	// unlimitedTokens is for requests that carry no limit, as those to a
	// reasoning model whose server refuses the limit's name: no more than the
	// longest answer that OpenAI's models give.
	unlimitedTokens = 128_000
)

// mostOf is how many tokens a request may use.
func mostOf(messages []openai.ChatCompletionMessage, d dialect) int {
	most := requestTokens
	for _, m := range messages {
		most += messageTokens + len(m.Content)
	}
	if d.limit == unlimited {
		return most + unlimitedTokens
	}
	return most + d.tokens()
}

// A bill is what was taken from a purse for a call. The client may make its
// request several times: each that the server may have worked on has its own
// debit. The methods of a nil bill, where nobody counts, do nothing.
type bill struct {
	model *Model
	purse bot.Purse
	most  int
	open  func(context.Context, bot.Usage) error // settles the last debit
	sent  atomic.Bool                            // the last request, or its beginning
}

// A purseError is why a purse did not pay.
type purseError struct{ err error }

func (e *purseError) Error() string { return "paying for the language model: " + e.err.Error() }
func (e *purseError) Unwrap() error { return e.err }

// pay debits a call ahead of it.
func (m *Model) pay(ctx context.Context, r request, d dialect) (*bill, error) {
	if r.purse == nil {
		return nil, nil
	}
	b := &bill{model: m, purse: r.purse, most: mostOf(r.messages, d)}
	return b, b.debit(ctx)
}

func (b *bill) debit(ctx context.Context) error {
	settle, err := b.purse.Debit(ctx, b.most)
	if err != nil {
		return &purseError{err}
	}
	b.open = settle
	return nil
}

type billKey struct{}

// sending notes that a request goes to a client, which may not say what becomes
// of it.
func sending(ctx context.Context) {
	if b, ok := ctx.Value(billKey{}).(*bill); ok {
		b.sent.Store(true)
	}
}

// context returns one whose requests are paid for, each time they are made.
func (b *bill) context(ctx context.Context) context.Context {
	if b == nil {
		return ctx
	}
	ctx = context.WithValue(ctx, billKey{}, b)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { b.sent.Store(false) }, // not yet
		WroteHeaders: func() { b.sent.Store(true) },
	})
	return remote.WithRepeats(ctx, func(ctx context.Context, status int) error {
		if b.free(status) {
			return nil // the debit is good for the next attempt
		}
		return b.debit(ctx)
	})
}

// failed settles a call that was not taken, as far as it is known to have cost
// nothing. Otherwise the debit stays.
func (b *bill) failed(ctx context.Context, status int) {
	if b != nil && b.free(status) {
		b.giveBack(ctx, bot.Usage{})
	}
}

func (b *bill) free(status int) bool { return !b.sent.Load() || refused(status) }

// refused reports whether a status says that nothing was generated. A gateway
// that gave up waiting does not know; no status at all is a response that was
// lost.
func refused(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusGatewayTimeout:
		return false
	}
	return status >= 400
}

// settle gives back what a response that came whole did not use. One whose
// server does not count keeps the debit.
func (b *bill) settle(ctx context.Context, used bot.Usage) {
	if b != nil && used.Prompt > 0 {
		b.giveBack(ctx, used)
	}
}

// settling is how long a purse may take for that; the asker waits.
const settling = 5 * time.Second

// giveBack settles once, though the call's context may have ended.
func (b *bill) giveBack(ctx context.Context, used bot.Usage) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settling)
	defer cancel()
	if err := b.open(ctx, used); err != nil {
		b.model.opts.Logger.WarnContext(ctx, "the budget of the language model is debited by more than was used", "error", fmt.Errorf("settling: %w", err))
	}
}
