// Package slacksim is a Slack workspace in a test server. An app talks to it
// with its real Slack client, over the real protocols on loopback or in
// memory; a test plays the people, and reads afterwards what was said.
//
//	ws := slacksim.New(t, slacksim.Options{})
//	alice := ws.AddUser(slacksim.UserSpec{Name: "alice"})
//	startApp(ws.Env())
//	alice.Say(ws.Channel("general"), "who won?")
//	ws.Wait(ctx, func() bool { return len(ws.Channel("general").Posts()) == 1 })
//	golden.Check(t, ws.Transcript())
//
// # From the bottom up
//
// A [Clock] tells the time; everything that waits, expires or fills up goes by
// it. [ManualClock] moves by hand. With no clock given the time package is
// used, and with [Options.InMemory] the network waits in a way that
// testing/synctest understands, so that hours of load and the whole schedule
// of retries pass in milliseconds.
//
// [Workspace] holds the team, [User]s, [Channel]s and [Message]s. Message
// timestamps rise within a channel and are not unique across channels, as in
// Slack. Identifiers are numbered, so that runs repeat.
//
// The Web API ([Workspace.APIURL]) checks calls as Slack does: token, scopes,
// rate limits, arguments, Block Kit; and answers with Slack's error strings.
// [Workspace.Inject] makes calls fail, before or after they took effect.
//
// Events and interactions reach the app as [Delivery]s, by Socket Mode
// ([Workspace.Sockets], with refreshes, half-open connections and resets) or
// signed HTTP ([Workspace.UseHTTP]), and are redelivered until acknowledged.
// [Options.OnFrame] delays, copies and drops them. [Workspace.Forge] makes
// requests that an app must refuse.
//
// People act through the methods of [User]: Post, Upload, Edit, Delete, Click,
// ChooseView, Submit, Command, OpenHome, OpenAssistant, StopSession and so on.
// What the app did is read from [Workspace.Transcript], [Workspace.Violations],
// [Workspace.Duplicates], [Workspace.Pings], [Workspace.Links],
// [Workspace.Unfurling], [Workspace.Unacked], [Workspace.Calls] and
// [Workspace.Stats].
//
// A program that lets somebody play a person follows [Workspace.Changed], shows
// [Workspace.Render] and [Workspace.RenderView], and offers [Message.Actions],
// [View.Actions], [View.Fields] and [Channel.Prompts].
//
// # Goals
//
// Where Slack is documented, the simulator does what the page says, and each
// limit names its page. Where only others' measurements exist, it does what
// they measured, and says so. Where Slack is known to surprise, it surprises:
// a mention arrives as two events; deleting a question that has answers
// arrives as message_changed with a tombstone; a reply to a deleted question
// lands in the channel; link previews arrive as message_changed; a thread's
// parent stands on every page of its replies; an app hears its own messages;
// chat.startStream takes no metadata, and streams end after five minutes; an
// acknowledgement on another connection than the envelope's does not count; a
// redelivery within the same second carries the same signature; pressing stop
// leaves a session processing until the app moves it; a deleted file arrives as
// a bare ID, and as message_changed though nobody edited.
//
// Where Slack is lenient in ways that lose data, the simulator is strict: a
// text that Slack would cut is refused with msg_too_long.
//
// # What is not here
//
// Search, canvases, workflows, calls, user tokens, OAuth, Enterprise Grid, and
// rendering: text is kept as it was sent.
package slacksim
