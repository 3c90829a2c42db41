package ledger

import (
	"footnote/bot"
	"footnote/bot/record"
)

// What is kept is described in [record], where adapters can know it without
// knowing the ledger. These are its names here.
type (
	Key      = record.Key
	How      = record.How
	Question = record.Question
	Entry    = record.Entry
	State    = record.State
	Step     = record.Step
	StepKind = record.StepKind
	Answer   = record.Answer
	Turn     = record.Turn
	Feedback = record.Feedback

	FeedbackOn = record.FeedbackOn
	Report     = record.Report
	Debit      = record.Debit
	Spending   = record.Spending
	Forgotten  = record.Forgotten
)

// The ways to answer; see [record].
const (
	HowUsual   = record.HowUsual
	HowLiteral = record.HowLiteral
	HowFresh   = record.HowFresh
)

// The states and the usual kinds of steps; see [record].
const (
	Received  = record.Received
	Working   = record.Working
	Answered  = record.Answered
	Failed    = record.Failed
	Withdrawn = record.Withdrawn

	StepHeard    = record.StepHeard
	StepStream   = record.StepStream
	StepSentence = record.StepSentence
	StepPosting  = record.StepPosting
	StepPosted   = record.StepPosted
	StepRemoved  = record.StepRemoved
	StepFinished = record.StepFinished
)

// The errors that callers tell apart; see [record].
var (
	ErrInvalid    = record.ErrInvalid
	ErrNotFound   = record.ErrNotFound
	ErrNotFailed  = record.ErrNotFailed
	ErrLeaseLost  = record.ErrLeaseLost
	ErrSuperseded = record.ErrSuperseded
	ErrStopping   = record.ErrStopping
	ErrUnfinished = record.ErrUnfinished
)

// Permanent marks an error that a further attempt would meet again.
func Permanent(err error) error { return record.Permanent(err) }

// AnswerOf is the part of an engine's answer that the ledger keeps.
func AnswerOf(a bot.Answer, corpusHash string) Answer { return record.AnswerOf(a, corpusHash) }
