// Command footnote answers questions about a report and cites where the
// report says so. It is the only place that reads the environment, handles
// signals and wires the parts together.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// commands is the grammar of the command line; each command has its own file.
type commands struct {
	Ask       askCommand       `cmd:"" help:"Answer a question, with citations."`
	Chat      chatCommand      `cmd:"" help:"Hold a conversation about the report."`
	Demo      demoCommand      `cmd:"" help:"Try the bot in a Slack that is played in the terminal."`
	Search    searchCommand    `cmd:"" help:"Show the passages that fit a query best."`
	Text      textCommand      `cmd:"" help:"Print a document's text as citations count it."`
	Index     indexCommand     `cmd:"" help:"Build the index, and say what was done."`
	Diff      diffCommand      `cmd:"" help:"Show what has changed in the report."`
	Manifest  manifestCommand  `cmd:"" help:"Print the manifest from which Slack makes the app."`
	Doctor    doctorCommand    `cmd:"" help:"Check every setting, and say how to mend what is wrong."`
	Serve     serveCommand     `cmd:"" help:"Answer in Slack until stopped."`
	Health    healthCommand    `cmd:"" help:"Ask the running bot how it is."`
	Questions questionsCommand `cmd:"" help:"List the bot's last questions, or retry those given up."`
	Feedback  feedbackCommand  `cmd:"" help:"List what people thought of answers, or make a question suite of it."`
	Replay    replayCommand    `cmd:"" help:"Answer a stored question again, and show what has changed."`
	Usage     usageCommand     `cmd:"" help:"Show what the language model used, day by day."`
	Forget    forgetCommand    `cmd:"" help:"Erase a person's questions and feedback."`
	Eval      evalCommand      `cmd:"" help:"Measure answers with question suites."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
}

const description = `Ask a report a question. The answer says where in the report it stands.

Examples:
  footnote ask "How many large models had been released in China by October?"
  footnote ask --corpus reports/ --json "Who wrote the summary?"
  footnote chat`

// run is the whole program but for the process around it. It returns the exit
// status: 0 done, 1 failed, 2 misused.
func run(args []string, stdin *os.File, stdout, stderr *os.File) int {
	return newApp(stdin, stdout, stderr).run(args)
}

func (a *app) run(args []string) int {
	err := a.dispatch(args)
	if err == nil {
		return 0
	}
	a.report(err)
	var misuse *misuseError
	if errors.As(err, &misuse) {
		return 2
	}
	return 1
}

var errHelpShown = errors.New("help was shown")

func (a *app) dispatch(args []string) error {
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "help":
		args = append(args[1:len(args):len(args)], "--help")
	case args[0] == "--version":
		args = []string{"version"}
	}
	var grammar commands
	parser, err := kong.New(&grammar,
		kong.Name("footnote"),
		kong.Description(description),
		kong.Writers(a.out, a.err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, NoAppDescFormat: true, WrapUpperBound: maxWidth}),
		kong.Help(func(options kong.HelpOptions, ctx *kong.Context) error {
			return errors.Join(kong.DefaultHelpPrinter(options, ctx), errHelpShown)
		}),
		kong.Bind(a),
	)
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if errors.Is(err, errHelpShown) {
		return nil
	}
	if err != nil {
		return misused(parser.Model, args, err)
	}
	ctx, stop := untilInterrupted(parsed.Command())
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	return parsed.Run()
}

// untilInterrupted gives a context that ends at the first interrupt; a second
// one ends the process. A conversation and a server handle them by themselves.
func untilInterrupted(command string) (context.Context, context.CancelFunc) {
	if command == "chat" || command == "serve" {
		return context.WithCancel(context.Background())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// misused says what is wrong with a command line that cannot be parsed.
func misused(grammar *kong.Application, args []string, err error) error {
	named := func(n *kong.Node) bool { return n.Name == args[0] }
	if !slices.ContainsFunc(grammar.Children, named) && isQuestion(args) {
		return &misuseError{problem: quoted(args[0]) + " is no command", hint: "to ask a question: footnote ask " + asQuestion(args)}
	}
	return &misuseError{problem: parseProblem(err), hint: parseHint(args[0])}
}

// isQuestion tells a question without a command before it from a mistyped
// command: it has several words, or signs that no command has.
func isQuestion(args []string) bool {
	if strings.HasPrefix(args[0], "-") {
		return false
	}
	return strings.ContainsFunc(args[0], func(r rune) bool { return r == ' ' || r == '?' || r >= utf8.RuneSelf }) ||
		len(args) > 1 && !strings.HasPrefix(args[1], "-")
}

// asQuestion puts the words up to the first flag into quotation marks.
func asQuestion(args []string) string {
	n := slices.IndexFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "-") })
	if n < 0 {
		n = len(args)
	}
	line := quoted(strings.Join(args[:n], " "))
	for _, arg := range args[n:] {
		if strings.ContainsFunc(arg, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_=./", r)
		}) {
			arg = quoted(arg)
		}
		line += " " + arg
	}
	return line
}

// parseProblem says what is wrong with a command line without the parser's
// own terms: a flag "expected string value but got "EOL" (<EOL>)".
func parseProblem(err error) string {
	message := err.Error()
	if flag, _, ok := strings.Cut(message, ": expected "); ok && strings.HasSuffix(message, `"EOL" (<EOL>)`) {
		return flag + " needs a value"
	}
	if flag, _, ok := strings.Cut(message, ": missing value, expecting"); ok {
		return flag + " needs a value"
	}
	if argument, ok := strings.CutPrefix(message, "expected "); ok {
		return argument + " is missing"
	}
	return message
}

func parseHint(command string) string {
	switch {
	case command == "ask" || command == "search":
		return "put quotation marks around the words, and -- before them if they begin with a dash; footnote " + command + " --help lists the flags"
	case strings.HasPrefix(command, "-"):
		return "flags come after a command; footnote --help lists the commands"
	}
	return "footnote --help lists the commands, footnote COMMAND --help a command's flags"
}

// quoted makes s one word for a shell, as a person would.
func quoted(s string) string {
	if !strings.ContainsAny(s, "\"$`\\!") {
		return `"` + s + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// An app is the process around a command: its streams.
type app struct {
	in         io.Reader
	inTerminal bool
	out, err   *screen
	unpaced    bool // in tests: Slack has no limits
}

func newApp(stdin, stdout, stderr *os.File) *app {
	return &app{in: stdin, inTerminal: isTerminal(stdin), out: newScreen(stdout), err: newScreen(stderr)}
}
