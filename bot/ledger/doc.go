// Package ledger keeps every question in a database until it is answered, and
// remembers what was done about it. It is a file of SQLite's for one machine, or
// PostgreSQL for several.
//
// # The promise
//
// A question for which [Ledger.Put] returned is handled, whatever dies after
// that: the event that brought it may be acknowledged. What a worker does about
// it is recorded step by step, so that another worker goes on from there and
// does nothing twice. The one thing that a ledger cannot know is whether a
// message was posted when the worker died between posting and recording it.
// Handlers therefore record the intent first ([StepPosting]) and look in the
// channel when they find an intent without a [StepPosted].
//
// # The tables
//
//   - question: one row per message, keyed by (team, channel, message ts),
//     which is what makes an app_mention, a message event, a retry and another
//     replica one question. The row outlives its text, so that a delivery that
//     comes a day late is still known. owed says whether work is owed; revision
//     counts edits, being asked again and the withdrawal. how and detail say how
//     the revision is to be answered, stopped which one its asker had enough of.
//   - question_event: the ids of the events that brought it.
//   - step: what was done, unique by (question, revision, kind, purpose,
//     number), so recording twice changes nothing. Its messages lead from a
//     pressed button back to the question.
//   - answer: one row per revision, stored before it is posted: what is tried
//     again is the post, never the model. share_key is what answers have in
//     common that may be given for one another ([Ledger.Reusable]).
//   - feedback: one row per answer and user.
//   - lease: one row per thread, or per name that [Ledger.Alone] was given: which worker has it, its fencing token and its
//     heartbeat. One thread is worked by one worker at a time, questions in the
//     order they came; threads are independent. Tokens only grow, also over
//     restarts and pruning, so every write of a worker that lost its lease is
//     refused with [ErrLeaseLost].
//   - talk: one row per thread in which somebody other than its asker wrote
//     without mentioning us: the ts of the latest such message. An adapter
//     keeps out of threads in which people talk among themselves.
//   - worker: one heartbeat row per working process.
//   - rate: limits per user, channel or whatever the scope names.
//   - budget: one row per team and day: what language models may use and used.
//     It is debited ahead and settled afterwards, so that the limit holds for any
//     number of processes, and whatever dies in between.
//   - mark: one row per name: up to when something was done.
//   - report: one row per file that was handed in and place that it is for.
//   - river_*: the queue's own.
//
// # Who does what
//
// River dispatches: a job says "see to question 17", is inserted in the
// transaction that makes the work owed, and is harmless to run twice or too
// often, since a claim decides what there is to do. What River is too slow for
// is ours: its rescuer looks every 30 s and its scheduler every 5 s, so a sweep
// every second hands back the jobs of processes whose heartbeat lapsed, and
// wakes whatever is owed, due and has no job. The sweep is also what makes the
// queue self-mending: from the question table alone it can rebuild every job.
//
// Attempts are counted when a question is claimed, not when it fails, so a
// question that kills its worker ends in the dead letters ([Ledger.Failed]),
// too. An attempt that ended because the database was away is given back by the
// process that made it, which has outlived it, for a day: outages give no
// question up, however many there are.
//
// # Databases
//
// The statements are the same for both (see dialect): no types of one alone,
// upserts by ON CONFLICT, times as integers.
//
// SQLite is for one machine: one connection, WAL, synchronous=FULL, and
// transactions that take the write lock when they begin. Since an acknowledgement
// waits for Put, Put goes before the workers' transactions.
//
// PostgreSQL's transactions are READ COMMITTED and lock the rows that they decide
// by: the lease first, then the question. What it takes back (a deadlock, a row
// that was pruned) is tried again, and so is a transaction whose connection broke,
// unless that was over the commit: Put then fails, the event is not acknowledged,
// and comes again to find the question by its key. The time is the database's, read
// as each transaction begins. New jobs are told by NOTIFY, within the transaction
// that makes the work owed, and looked for twice a second all the same. A fetch of
// River's whose connection breaks leaves jobs that nobody works on; the sweep knows
// them by their process's not knowing them. Migrations hold an advisory lock.
//
// Question texts appear in no error, and in no log.
package ledger
