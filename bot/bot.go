// Package bot answers questions about a corpus. It knows nothing of Slack or
// of terminals: a [Question] goes in, a checked [Answer] comes out.
package bot

import (
	"context"
	"time"

	"footnote/bot/cite"
	"footnote/retrieval"
)

// A Mode says who writes the answer.
type Mode string

// The modes.
const (
	ModeAuto  Mode = "auto"  // a language model where one is configured, else quotes
	ModeLLM   Mode = "llm"   // a language model
	ModeQuote Mode = "quote" // the corpus's own sentences
)

// A Question is what somebody asks.
type Question struct {
	Text string
	// Mode is how to answer; empty means ModeAuto.
	Mode Mode
	// History holds the conversation's earlier turns, oldest first.
	History []Turn
	// Show, if set, is given the answer as it comes, a checked sentence at a
	// time, in order, before Ask returns. An error of its ends the answering.
	// An answer that is complete at once, such as a quote, is not shown ahead.
	Show func(ctx context.Context, sentence string) error
	// Stop is closed when the asker wants no more: what was verified by then
	// is the answer. Nil for an asker who cannot stop.
	Stop <-chan struct{}
	// Literal reads the question as it is written: no words are taken from
	// the conversation, and no spelling is corrected.
	Literal bool
	// Purse pays for the language model; nil where nobody counts.
	Purse Purse
}

// A Turn is one earlier question of a conversation with its answer.
type Turn struct {
	Question string
	Answer   string
}

// An Outcome is how a question ended.
type Outcome string

// The outcomes.
const (
	Answered  Outcome = "answered"  // the corpus says it
	Uncertain Outcome = "uncertain" // the corpus may not say it; the closest passage is shown
	NotFound  Outcome = "not_found" // the corpus does not say it
	Social    Outcome = "social"    // help, thanks, an empty line: nothing was looked up
	Stopped   Outcome = "stopped"   // stopped by the asker before anything was verified
)

// An Answer is what the asker gets. Its JSON form is a contract (docs/architecture.md):
// every key is present, arrays are never null.
type Answer struct {
	Question string `json:"question"`
	// Text is the answer with markers such as [1].
	Text    string `json:"answer"`
	Refused bool   `json:"refused"`
	Mode    Mode   `json:"mode"`
	// Confidence, in [0,1], is how sure we are that the corpus answers the
	// question; it is given for refused answers too.
	Confidence float64 `json:"confidence"`
	// Model names the language model that wrote the answer; empty in quote mode.
	Model string `json:"model"`
	// Tokens are what the language model used, for whatever it was asked.
	Tokens    Usage       `json:"tokens"`
	Citations []Citation  `json:"citations"`
	Passages  []Retrieved `json:"passages"`
	Checks    cite.Checks `json:"checks"`
	Timings   Timings     `json:"timings_ms"`
	Outcome   Outcome     `json:"outcome"`
	// Version is that of the corpus that was asked.
	Version string `json:"version"`
	// Notice is a short line on how the answer came about, such as why
	// quote mode stepped in for a model or which word was read as another.
	Notice string `json:"notice,omitempty"`
	// In names the documents that were looked in, where that is not all of them.
	In []string `json:"in,omitempty"`
	// UnderstoodAs is the question as it was searched, where that differs.
	UnderstoodAs string `json:"understood_as,omitempty"`
	// Headings are the nearest parts of the corpus when it does not say.
	Headings []string `json:"headings,omitempty"`
}

// A Citation ties a marker of the answer to a verbatim quote of a passage.
type Citation struct {
	Marker    int    `json:"marker"`
	Document  string `json:"document"`
	Paragraph int    `json:"paragraph"`
	// Page is the page that the quote begins on, from 1; 0 where the document
	// has no pages.
	Page int `json:"page,omitempty"`
	// Heading is the heading path, outermost first, joined by " › ".
	Heading string `json:"heading"`
	// Columns are the names of the columns, joined by " | ", where the quote
	// is a row of a table that has them.
	Columns string `json:"columns,omitempty"`
	// Date is the document's date (YYYY-MM-DD, or YYYY when only the year is known).
	Date    string `json:"date,omitempty"`
	Passage string `json:"passage"`
	Quote   string `json:"quote"`
	// Link is where the original can be opened, at its page where that can be
	// had; empty where that is not known.
	Link string `json:"link,omitempty"`
	// Start and End are byte offsets of Quote in the document.
	Start int `json:"start"`
	End   int `json:"end"`
}

// A Retrieved passage is one that the answer could be drawn from.
type Retrieved struct {
	Rank      int     `json:"rank"`
	Document  string  `json:"document"`
	Paragraph int     `json:"paragraph"`
	Page      int     `json:"page,omitempty"`
	Heading   string  `json:"heading"`
	Columns   string  `json:"columns,omitempty"`
	Passage   string  `json:"passage"`
	Score     float64 `json:"score"`
	Text      string  `json:"text"`
	Link      string  `json:"link,omitempty"` // as of a Citation
}

// Timings are wall-clock milliseconds.
type Timings struct {
	Retrieve float64 `json:"retrieve"`
	Answer   float64 `json:"answer"`
	Total    float64 `json:"total"`
}

// A Draft is an answer before it was checked.
type Draft struct {
	// Text carries markers [n], each of which must have a Source.
	Text    string
	Sources []Source
	Outcome Outcome
	Model   string
}

// A Source is what a marker of a draft claims to point at: a range of a
// document, inside one passage.
type Source = cite.Source

// An Answerer writes a draft from what was retrieved. Implementations are safe
// for concurrent use and return promptly with ctx.Err() once ctx is done. They
// are not trusted: the engine checks every draft. Text that is not the
// answerer's own goes into a draft through [cite.Escape]. A draft with the
// outcome NotFound says in words what the corpus lacks; the engine adds the
// nearest headings to it. With sources it corrects what the question takes for
// granted.
type Answerer interface {
	Answer(ctx context.Context, question string, found *retrieval.Result) (Draft, error)
}

// A Searcher finds the passages that may answer a query, at most k of them,
// best first; [retrieval.Index] is one. Implementations are safe for
// concurrent use. An error means that nothing could be searched, and wraps
// ctx.Err() once ctx is done; a query that nothing matches is no error.
type Searcher interface {
	Search(ctx context.Context, query string, k int) (*retrieval.Result, error)
}

// A LiteralSearcher is a [Searcher] that can search for a query as it is
// written, without correcting its spelling; [retrieval.Index] is one.
type LiteralSearcher interface {
	SearchLiteral(ctx context.Context, query string, k int) (*retrieval.Result, error)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
