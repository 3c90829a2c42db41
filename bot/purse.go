package bot

import "context"

// A Purse bounds what a language model may use. Implementations are safe for
// concurrent use.
type Purse interface {
	// Debit takes at most so many tokens ahead of a request, or fails with
	// [ErrBudget] when there are not so many left. The settle that it returns
	// gives back what was not used. It is called at most once, with what the
	// model's server counted, or with nothing where the server refused the
	// request. It is not called where nobody knows what was used, as of a
	// response that was lost or stopped: then all that was taken stays spent.
	Debit(ctx context.Context, most int) (settle func(context.Context, Usage) error, err error)
}

// ErrBudget is a [Purse]'s error when it holds less than a request may use.
var ErrBudget error = budgetError{}

type budgetError struct{}

func (budgetError) Error() string  { return "the budget of the language model is used up" }
func (budgetError) Reason() string { return "today's budget is used up" }
