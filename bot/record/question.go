package record

import "time"

// A State is how far a question has come.
type State string

// The states. A question that is edited goes back to Received.
const (
	Received  State = "received"  // on disk, nobody has it, or it waits for another attempt
	Working   State = "working"   // a worker has it
	Answered  State = "answered"  // finished
	Failed    State = "failed"    // given up: a dead letter, see the ledger's Retry
	Withdrawn State = "withdrawn" // deleted by its asker
)

// How a revision is to be answered.
type How string

// The ways; an edit goes back to the usual one.
const (
	HowUsual   How = ""
	HowLiteral How = "literal" // as it is written, nothing added or corrected
	HowFresh   How = "fresh"   // anew, whatever answer there is already
)

// A Key names a message. Where there is no message, as for a slash command, TS
// holds whatever names the request, such as its trigger.
type Key struct {
	Team    string
	Channel string
	TS      string
}

// A Question is what arrived.
type Question struct {
	Key
	// ThreadTS is the thread's first message; empty means TS. The questions of
	// one thread are answered one after another.
	ThreadTS string
	// Surface is where it was asked, in the adapter's own words.
	Surface string
	Asker   string // the user's id
	Text    string
	// EditTS is the edit's timestamp, empty for the message as first sent.
	EditTS string
	// EventID is the id of the event that brought it, if it has one.
	EventID string
	// CorpusHash is the corpus generation at the time.
	CorpusHash string
	// Detail is the adapter's own notes on how to answer, such as JSON; the
	// ledger gives them no meaning, and erases them with the text.
	Detail string
}

// An Entry is a question as the ledger has it. Its EventID is empty: it
// may have come with several events.
type Entry struct {
	ID int64
	Question
	State State
	// Revision is 1, and one more with each edit, with each time that it is asked
	// again, and with the withdrawal.
	Revision int
	// How is how this revision is to be answered.
	How How
	// Attempts counts the claims since the question arrived, was edited, asked
	// again or retried.
	Attempts int
	// Error is why the last attempt failed.
	Error string
	// DueAt is when the next attempt may start; zero means at once.
	DueAt                time.Time
	CreatedAt, UpdatedAt time.Time
}
