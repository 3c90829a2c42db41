// Package llmsim is an OpenAI-compatible server for tests. A client talks to
// it over loopback with the real protocol; what the model says, how its words
// arrive and what goes wrong on the way is scripted.
//
//	sim := llmsim.New(llmsim.Options{
//		Key:   "sk-test",
//		Reply: llmsim.Failing(2, llmsim.RateLimited("1"), llmsim.Faithful()),
//	})
//	defer sim.Close()
//	ask(sim.URL(), "sk-test", "Who won?")
//	fmt.Println(sim.Calls("/v1/chat/completions")) // 3
//
// # From the bottom up
//
// [Server] serves /v1/chat/completions, /v1/embeddings and /v1/models, and
// the same as Azure deployments. A request is checked as strictly as the
// service does whose [Dialect] is spoken, and recorded ([Server.Requests]).
//
// A [Replier] decides on a [Reply]: the text, its cut into tokens, its delays
// and a [Fault]. [Fixed] and [Script] say what they are told. [Faithful] reads
// the prompt ([ParsePrompt]) and answers from its passages, as an honest model
// would. [Liar] mixes lies with honest sentences. [Enriching] writes the questions
// that passages answer, honestly or not.
//
// The sentences come from two generators, which tests also use as a library.
// [Honest] says what a passage says in the many ways of a careful model:
// quoted, joined, shortened, numbers and dates in other formats, in Chinese.
// [Lie] makes one thing of such a sentence false, by [Kind]. Both are pure
// functions of the random source that they are given.
//
// # Goals
//
// The package shares no code with the checker that it tests: it reads
// prompts, numbers, names and sentences by its own rules. Where a lie must be
// false (a number, a name, a quotation), the generator proves it against the
// cited passages with a reading that is more generous than any checker's, and
// gives the case up when in doubt. So a lie that a checker lets through is the
// checker's fault, and so is an honest sentence that it refuses.
//
// # What is not here
//
// Tools, images, audio, log probabilities, several choices, the Responses and
// Assistants interfaces, and limits by tokens a minute: Footnote uses none.
package llmsim
