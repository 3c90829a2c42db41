package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"footnote/bot"
	"footnote/corpus"
)

// A fakeChat is the far end of a conversation under test.
type fakeChat struct {
	*conversation
	input      *io.PipeWriter
	output     strings.Builder
	interrupts chan os.Signal
	asked      chan bot.Question
	done       chan error
}

// startChat runs an interactive conversation whose answers echo the question
// unless it is "slow", which waits to be stopped, or "stuck", which does not
// even stop.
func startChat(t *testing.T) *fakeChat {
	in, input := io.Pipe()
	f := &fakeChat{input: input, interrupts: make(chan os.Signal), asked: make(chan bot.Question, 10), done: make(chan error, 1)}
	stuck := make(chan struct{})
	t.Cleanup(func() { close(stuck); input.Close() })
	out := &screen{Writer: &f.output, terminal: true}
	f.conversation = &conversation{
		app: &app{in: in, inTerminal: true, out: out, err: out}, interrupts: f.interrupts, interactive: true,
		renew: func(context.Context) string { return "" },
		ask: func(ctx context.Context, q bot.Question) (bot.Answer, error) {
			f.asked <- q
			switch q.Text {
			case "slow":
				<-ctx.Done()
				return bot.Answer{}, ctx.Err()
			case "stuck":
				<-stuck
			case "broken":
				return bot.Answer{}, &hintedError{errors.New("it broke"), "mend it"}
			case "hello":
				return bot.Answer{Text: "Hello.", Outcome: bot.Social}, nil
			}
			return bot.Answer{Text: "About " + q.Text + ". [1]", Citations: []bot.Citation{{Marker: 1, Document: "r.txt", Paragraph: 2, Quote: "All of\nit.", Start: 3, End: 9}}}, nil
		},
	}
	go func() { f.done <- f.run(context.Background()) }()
	return f
}

func (f *fakeChat) say(t *testing.T, line string) {
	t.Helper()
	if _, err := io.WriteString(f.input, line+"\n"); err != nil {
		t.Fatal(err)
	}
}

// end waits for the conversation to be over and returns what it showed.
func (f *fakeChat) end(t *testing.T) string {
	t.Helper()
	if err := <-f.done; err != nil {
		t.Fatal(err)
	}
	return f.output.String()
}

func TestChatRemembersEarlierTurns(t *testing.T) {
	f := startChat(t)
	for _, text := range []string{"one", "hello", "broken", "", "two"} {
		f.say(t, text)
	}
	f.say(t, ":quit")
	out := f.end(t)
	var last bot.Question
	for range 4 {
		last = <-f.asked
	}
	if last.Text != "two" || len(last.History) != 1 || last.History[0] != (bot.Turn{Question: "one", Answer: "About one. [1]"}) {
		t.Errorf("the last question was asked as %+v", last)
	}
	for _, want := range []string{greeting, prompt, "About two. [1]", "[1] r.txt ¶2", "footnote: it broke\nhint: mend it\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
}

func TestChatCommands(t *testing.T) {
	f := startChat(t)
	for _, line := range []string{":sources", ":history", "hello", ":sources", "one", ":sources", ":history", ":help", ":nonsense\x1b[2J", ":quit"} {
		f.say(t, line)
	}
	out := f.end(t)
	for _, want := range []string{
		"There is no answer yet.", "Nothing was asked yet.", "The last answer cites nothing.",
		"    “All of it.”\n    bytes 3–9", "1. one\n", "There is no command :nonsense[2J.\nAsk a question",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
}

func TestAnInterruptStopsTheAnswerThenTheConversation(t *testing.T) {
	f := startChat(t)
	f.say(t, "slow")
	<-f.asked
	f.interrupts <- os.Interrupt
	// Once the third line is read the second was taken, so the answer is over.
	for _, line := range []string{"one", ":help", ":help", ":help"} {
		f.say(t, line)
	}
	f.interrupts <- os.Interrupt
	out := f.end(t)
	if !strings.Contains(out, "(stopped)") || !strings.Contains(out, "About one. [1]") {
		t.Errorf("output:\n%s", out)
	}
}

func TestASecondInterruptLeavesAnAnswerThatDoesNotStop(t *testing.T) {
	f := startChat(t)
	f.say(t, "stuck")
	<-f.asked
	f.interrupts <- os.Interrupt
	f.interrupts <- os.Interrupt
	f.end(t)
}

func TestTheEndOfInputEndsTheConversation(t *testing.T) {
	f := startChat(t)
	f.say(t, "one")
	<-f.asked
	f.input.Close()
	f.end(t)
	g := startChat(t)
	g.input.CloseWithError(errors.New("the line is cut"))
	if err := <-g.done; err == nil || !strings.Contains(err.Error(), "the line is cut") {
		t.Errorf("a broken input: %v", err)
	}
}

// A conversation goes on with the report as it is; one that cannot be read is
// asked as it was.
func TestAChatReadsAReportThatHasChanged(t *testing.T) {
	t.Setenv("FOOTNOTE_DATA", t.TempDir())
	t.Setenv("FOOTNOTE_LINKS", "https://files.example.com/")
	t.Chdir(t.TempDir())
	const file = "mill.md"
	rewrite(t, file, fmt.Sprintf(gate, "4.5"))
	var said strings.Builder
	c := &chatCommand{corpusFlags: corpusFlags{Corpus: []string{file}, logFlags: logFlags{LogLevel: "warn"}}}
	report, renew, err := c.open(t.Context(), &app{out: &screen{Writer: &said}, err: &screen{Writer: &said}})
	if err != nil {
		t.Fatal(err)
	}
	defer report.Close()
	versions := map[string]bool{"": true}
	for _, step := range []struct{ text, width, warning string }{
		{"", "4.5", ""},
		{fmt.Sprintf(gate, "5.2"), "5.2", ""},
		{"", "5.2", ""},
		{"\x00\x01", "5.2", "cannot be read: answers are from its last version"},
		{fmt.Sprintf(gate, "6.1"), "6.1", ""},
	} {
		if step.text != "" {
			rewrite(t, file, step.text)
		}
		said.Reset()
		version := renew(t.Context())
		if changed := step.text != "" && step.warning == ""; changed == versions[version] {
			t.Errorf("%s: version %q", step.width, version)
		}
		versions[version] = true
		if got := said.String(); !strings.Contains(got, step.warning) || step.warning == "" && got != "" {
			t.Errorf("%s: %s", step.width, got)
		}
		a, err := report.ask(t.Context(), bot.Question{Text: "How wide is the sluice gate?"})
		if err != nil || !strings.Contains(a.Text, step.width+" metres") {
			t.Fatalf("%s: %s, %v", step.width, a.Text, err)
		}
		if link := a.Citations[0].Link; link != "https://files.example.com/"+file {
			t.Errorf("%s: the original is at %q", step.width, link)
		}
	}
}

// An edition is closed when the last question that it is asked is answered, and
// not before: its version is on the disk by then.
func TestAnEditionEndsWithItsLastQuestion(t *testing.T) {
	old, next := &opened{corpus: &corpus.Corpus{Hash: "old"}}, &opened{corpus: &corpus.Corpus{Hash: "next"}}
	e := newEditions(old, slog.New(slog.DiscardHandler), nil)
	_, release := e.Current()
	before := e.now
	e.mu.Lock()
	e.now = &edition{opened: next, users: 1}
	e.mu.Unlock()
	var closed []string
	e.closing = func(o *opened) error {
		closed = append(closed, o.corpus.Hash)
		return nil
	}
	e.release(before)
	if len(closed) != 0 {
		t.Error("it is closed while it is asked")
	}
	release()
	release()
	if err := e.Close(); err != nil || !slices.Equal(closed, []string{"old", "next"}) {
		t.Errorf("%v, closed: %q", err, closed)
	}
}
