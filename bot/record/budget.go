package record

// A Debit is tokens that were taken from a day's budget ahead of their use.
type Debit struct {
	Team   string
	Day    string // as 2026-11-26, in UTC
	Tokens int
}

// Spending is what a team used in a day.
type Spending struct {
	Team string
	Day  string // as 2026-11-26, in UTC
	// Calls counts the debits.
	Calls int64
	// Debited is the tokens that count against Limit: what was used, and what
	// was taken and not settled yet, or never.
	Debited int64
	// Prompt, Completion and Cached are the tokens that servers counted.
	Prompt, Completion, Cached int64
	Limit                      int64 // as of the last debit; 0 for none
}

// Forgotten counts what was erased of a person's.
type Forgotten struct {
	Questions int64
	Answers   int64
	Feedback  int64 // on their questions' answers, and by them
	Reports   int64 // that no longer say who handed them in
}
