// Package record holds what is kept of a question from its arrival to its
// answer: the types that the ledger stores and that an adapter such as Slack's
// reads and writes, so that neither needs to know the other.
package record

import "context"

// Work is a question in the hands of one worker, with what earlier workers did
// about it. In state Withdrawn it asks for the question's messages to be taken
// away.
type Work struct {
	Entry
	// Steps are what was done for every revision, oldest first, as of the claim.
	Steps []Step
	// Answer is what an earlier attempt saved for this revision, else nil: it
	// is then to be posted, not made again.
	Answer *Answer
	// Remarked says that the answer stands in full, and is to be shown again
	// because another part of it is outdated than before, or none.
	Remarked bool
	// Stop is closed once the asker wants this revision stopped: what was found
	// by then is the answer. The ledger always gives one.
	Stop <-chan struct{}
}

// A Book takes down what a worker does about its question. Each method commits
// before it returns, is safe for concurrent use, and fails with ErrLeaseLost
// once another worker has taken over; the worker then does nothing more.
type Book interface {
	// Record commits a step. Recording one of the same kind, purpose and number
	// again replaces it. It is taken for a superseded question too, since what
	// was done was done.
	Record(ctx context.Context, s Step) error
	// Save commits the answer before it is posted, and returns it with its id.
	// It fails with ErrSuperseded when the question was changed meanwhile.
	Save(ctx context.Context, a Answer) (Answer, error)
	// Finish commits that everything owed was done. It fails with ErrSuperseded
	// when the question was changed meanwhile: the worker then returns, and the
	// question comes back.
	Finish(ctx context.Context) error
}
