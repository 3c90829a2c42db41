package retrieval

import (
	"runtime"
	"runtime/debug"
)

// guardMapped makes what a lexical index is mapped from safe to use until the
// result is called, by defer and with the address of the error to be returned:
// the memory stays, and where the system cannot read it any more, as after
// somebody wrote into the file, the error says so instead of the process ending.
func guardMapped(x *lexicalIndex) (done func(*error)) {
	before := debug.SetPanicOnFault(true)
	return func(err *error) {
		debug.SetPanicOnFault(before)
		switch failure := recover().(type) {
		case nil:
		case interface {
			error
			Addr() uintptr // of a fault
		}:
			*err = &mappedError{}
		default:
			panic(failure)
		}
		runtime.KeepAlive(x)
	}
}

// A mappedError is a file that was changed or became unreadable while it was in
// use.
type mappedError struct{}

func (*mappedError) Error() string {
	return "the stored word index cannot be read any more: its file was changed or damaged while it was in use"
}

func (*mappedError) Hint() string { return "start again: a damaged word index is made anew" }
