package record

import "errors"

// The errors that callers tell apart.
var (
	// ErrInvalid is for input that will be refused however often it is sent.
	ErrInvalid = errors.New("invalid")
	// ErrNotFound is for a question or message that the ledger does not know.
	ErrNotFound = errors.New("not in the ledger")
	// ErrNotFailed is for the retry of a question that has not failed.
	ErrNotFailed = errors.New("the question has not failed")
	// ErrLeaseLost is for a worker that is no longer the one to write: it
	// stops at once and does nothing more.
	ErrLeaseLost = errors.New("another worker has taken over")
	// ErrSuperseded is for an answer to a question that was edited or deleted
	// meanwhile: the worker records what it has done and returns.
	ErrSuperseded = errors.New("the question was changed meanwhile")
	// ErrStopping is the cause of a handler's ended context while draining.
	ErrStopping = errors.New("the process is stopping")
	// ErrUnfinished is a handler's return without Finish.
	ErrUnfinished = errors.New("the handler ended without finishing")
)

// Permanent marks an error that a further attempt would meet again: the question
// becomes a dead letter at once.
func Permanent(err error) error { return &permanentError{err} }

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// IsPermanent reports whether an error was marked so.
func IsPermanent(err error) bool {
	_, ok := errors.AsType[*permanentError](err)
	return ok
}

// Outage marks an error that is no fault of the question's, such as that of a
// service which cannot be reached: it is tried on for a day, however often.
func Outage(err error) error { return &outageError{err} }

type outageError struct{ err error }

func (e *outageError) Error() string { return e.err.Error() }
func (e *outageError) Unwrap() error { return e.err }

// IsOutage reports whether an error was marked so.
func IsOutage(err error) bool {
	_, ok := errors.AsType[*outageError](err)
	return ok
}
