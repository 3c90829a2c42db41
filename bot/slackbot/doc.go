// Package slackbot is the Slack adapter: it turns what Slack sends into
// questions of a ledger, and the answers to them into messages.
//
// # From an event to an answer
//
//   - socket.go, receiver.go: envelopes arrive by Socket Mode, over several
//     connections, or as signed HTTP requests. Each is handed to the intake and
//     acknowledged only when the intake returns without an error.
//   - event.go, intake.go: what in an envelope is a question, an edit or a
//     deletion goes into the ledger; everything else is dropped. Nothing here
//     calls Slack. early.go holds replies that overtook their question.
//   - presence.go, catchup.go, catchread.go: what was said while no event could
//     arrive is read from the history, and goes the same way.
//   - command.go, about.go: the slash command and the shortcut on a message ask,
//     too; private.go answers for the asker alone, share.go shows it to others.
//   - herald.go: the asker sees at once that the question was heard.
//   - handle.go: a worker with the question in its hands checks who may ask
//     (access.go), asks the engine and saves its answer, unless reuse.go finds
//     one that the asker can read.
//   - library.go, handed.go, files.go: a file that came with a question becomes
//     what its thread is answered from; wide.go has a whole channel use it.
//   - render.go, markdown.go, sources.go: the answer becomes messages, in which
//     nothing has an effect but what was meant to.
//   - deliver.go, look.go, stream.go: the thread is brought into the state that
//     those messages describe. What stands there is known from the ledger's
//     steps, or found out by message metadata, so a worker can die at any point
//     and the next one goes on.
//   - leave.go: when the app is removed, everything ends.
//   - interact.go, modal.go: a button opens the source in its surroundings.
//   - again.go: a button has a question answered anew, or as it was written.
//   - feedback.go: what people think of an answer, and why.
//   - purse.go: what the language model may use in a day.
//   - stop.go: a button ends the model's work and keeps what was verified.
//   - pane.go, home.go: what people see before they ask.
//
// manifest.go is the app as Slack is to make it, checkup.go looks whether it is;
// words.go holds what the bot says itself. web.go paces every call to Slack's
// limits. The package knows the engine and the ledger by the small interfaces
// of bot.go.
package slackbot
