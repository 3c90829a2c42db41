package record

import "time"

// A StepKind says what was done. The ledger gives the kinds no meaning of its
// own; an adapter may add to them.
type StepKind string

// The usual kinds.
const (
	StepHeard    StepKind = "heard"    // the asker was shown that the question was heard
	StepStream   StepKind = "stream"   // a stream was started; TS is its message
	StepSentence StepKind = "sentence" // a verified sentence, Number counts them, before it is appended
	StepPosting  StepKind = "posting"  // a message is about to be posted
	StepPosted   StepKind = "posted"   // it was posted, as TS in Channel
	StepRemoved  StepKind = "removed"  // a message was deleted
	StepFinished StepKind = "finished" // nothing more will be posted
)

// A Step is one thing done about a question. Kind, Purpose and Number tell it
// apart from the revision's other steps.
type Step struct {
	Kind StepKind
	// Purpose says which message or part it is about, such as "answer".
	Purpose string
	// Number counts within a purpose.
	Number int
	// Channel and TS name the message, where there is one; the ledger
	// finds the question by them.
	Channel, TS string
	Text        string

	// Revision and At are set by the ledger.
	Revision int
	At       time.Time
}
