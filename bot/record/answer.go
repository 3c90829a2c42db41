package record

import (
	"time"

	"footnote/bot"
)

// An Answer is what was found out about one revision of a question.
type Answer struct {
	// ID, QuestionID, Revision and CreatedAt are set by Save of a [Book].
	ID         int64
	QuestionID int64
	Revision   int
	CreatedAt  time.Time

	Text         string
	Outcome      bot.Outcome
	Mode         bot.Mode
	Refused      bool
	Confidence   float64
	Citations    []bot.Citation
	Headings     []string // the nearest ones, where the corpus does not say
	Notice       string
	UnderstoodAs string
	// CorpusHash is the corpus generation that the citations point into.
	CorpusHash string
	Model      string
	// PromptTokens and CompletionTokens are what the model used.
	PromptTokens, CompletionTokens int
	Timings                        bot.Timings
	// Key is what answers that may be shared have in common, empty for one that
	// is not to be shared.
	Key string
	// ReusedFrom is the id of the answer that this one repeats, or 0.
	ReusedFrom int64
	// Outdated is what of it the report no longer says; nil for nothing known.
	Outdated *Outdated
}

// An Outdated answer cites what has changed since.
type Outdated struct {
	// Version is that of the corpus by which that was found.
	Version string `json:"version"`
	// Markers are those whose passages have changed.
	Markers []int `json:"markers"`
}

// AnswerOf is the part of an engine's answer that the ledger keeps.
func AnswerOf(a bot.Answer, corpusHash string) Answer {
	return Answer{
		Text: a.Text, Outcome: a.Outcome, Mode: a.Mode, Refused: a.Refused, Confidence: a.Confidence,
		Citations: a.Citations, Headings: a.Headings, Notice: a.Notice, UnderstoodAs: a.UnderstoodAs,
		CorpusHash: corpusHash, Model: a.Model, PromptTokens: a.Tokens.Prompt, CompletionTokens: a.Tokens.Completion, Timings: a.Timings,
	}
}

// A Turn is a question with its latest answer, nil while there is none.
type Turn struct {
	Entry
	Answer *Answer
}

// Feedback is what a user thinks of an answer.
type Feedback struct {
	AnswerID int64
	User     string
	Vote     int    // 1 for good, -1 for bad, 0 for a vote taken back
	Reason   string // one of the adapter's reasons, may be empty
	Text     string // the user's own words, may be empty
	// CreatedAt and UpdatedAt are set by the ledger.
	CreatedAt, UpdatedAt time.Time
}

// FeedbackOn is feedback with what it is about.
type FeedbackOn struct {
	Feedback
	Entry  Entry
	Answer Answer
}
