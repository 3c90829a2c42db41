package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"footnote/bot"
)

func sample() bot.Answer {
	return bot.Answer{
		Text:   "As of October this year, 238 large models have been released in China. [1] Rivals disagree [x] [7].",
		Notice: "“Chna” was read as “China”.",
		Citations: []bot.Citation{
			{Marker: 1, Document: "report.txt", Paragraph: 11, Heading: "Competition and elimination", Quote: "As of October this year, 238 large models have been released in China.", Start: 10, End: 80},
			{Marker: 2, Document: "a\x1b[2Jb.txt", Paragraph: 3, Quote: "Another passage says\nsomething that the answer does not show, and goes on for longer than a line."},
		},
	}
}

func TestAnAnswerIsLaidOutWithFootnotes(t *testing.T) {
	s := &screen{width: 40}
	want := `As of October this year, 238 large
models have been released in China. [1]
Rivals disagree [x] [7].
(“Chna” was read as “China”.)

[1] report.txt ¶11 · Competition and
    elimination
[2] a[2Jb.txt ¶3
    “Another passage says something…”
`
	if got := s.answer(sample()); got != want {
		t.Errorf("answer:\n%s\nwant:\n%s", got, want)
	}
}

func TestWithoutATerminalLinesAreLeftWhole(t *testing.T) {
	got := (&screen{}).answer(sample())
	if !strings.HasPrefix(got, sample().Text+"\n(") || strings.Contains(got, "\x1b") {
		t.Errorf("answer: %q", got)
	}
}

func TestTheOriginalsAddressIsOneLine(t *testing.T) {
	a := sample()
	a.Citations[1].Link = "https://files.example.com/reports/a%1B%5B2Jb.txt#page=2\x1b[2J"
	want := "[2] a[2Jb.txt ¶3\n    https://files.example.com/reports/a%1B%5B2Jb.txt#page=2[2J\n    “Another"
	for _, s := range []*screen{{}, {width: 40}} {
		if got := s.answer(a); !strings.Contains(got, want) {
			t.Errorf("answer:\n%s\nwant in it:\n%s", got, want)
		}
	}
	if got := (&screen{width: 40}).sources(a); !strings.Contains(got, "#page=2[2J\n    “Another passage") {
		t.Errorf("sources:\n%s", got)
	}
}

func TestColourSetsOffMarkersThatHaveASource(t *testing.T) {
	got := (&screen{colour: true, width: 88}).answer(sample())
	for _, want := range []string{"China. \x1b[1m[1]\x1b[0m", "disagree [x] [7].", "\x1b[1m[2] \x1b[0m\x1b[2ma[2Jb.txt ¶3\x1b[0m"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}

func TestColourIsForTerminalsThatWantIt(t *testing.T) {
	tests := []struct {
		env  map[string]string
		want bool
	}{
		{map[string]string{"TERM": "xterm"}, true},
		{map[string]string{}, true},
		{map[string]string{"TERM": "dumb"}, false},
		{map[string]string{"NO_COLOR": "1", "TERM": "xterm"}, false},
	}
	for _, tt := range tests {
		if got := wantsColour(func(k string) string { return tt.env[k] }); got != tt.want {
			t.Errorf("with %v: %v", tt.env, got)
		}
	}
}

func TestAnAnswerLineIsOneLine(t *testing.T) {
	a := sample()
	a.Text = "First.\n- Second. [1]\x1b"
	want := "First. - Second. [1] — [1] report.txt ¶11 · Competition and elimination; [2] a[2Jb.txt ¶3"
	if got := answerLine(result{Answer: a}); got != want {
		t.Errorf("answerLine = %q, want %q", got, want)
	}
	if got := answerLine(newResult(bot.Question{}, bot.Answer{}, errors.New("it\nbroke"))); got != "error: it broke" {
		t.Errorf("answerLine of a failure = %q", got)
	}
}

func TestAFailedQuestionHasEveryKeyAndTheError(t *testing.T) {
	failure := &hintedError{errors.New("it broke"), "mend it"}
	text, err := encode(newResult(bot.Question{Text: "why?", Mode: bot.ModeLLM}, bot.Answer{Text: "half"}, failure))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got["error"] != "it broke" || got["hint"] != "mend it" || got["question"] != "why?" || got["mode"] != "llm" || got["answer"] != "" {
		t.Errorf("result %s", text)
	}
	if problems := contractProblems(got, nil); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestJSONIsReadableAndSafeToShow(t *testing.T) {
	text, err := encode(map[string]string{"q": "a<b>&c \x1b[2J \u009b1m \u202e \x7f 数"})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"q":"a<b>&c \u001b[2J \u009b1m \u202e \u007f 数"}`; text != want {
		t.Errorf("encode = %s, want %s", text, want)
	}
}

func TestTheProgressBarWaitsThenShowsAndClears(t *testing.T) {
	var out strings.Builder
	p := newProgress(&screen{Writer: &out, cursor: true}, "indexing")
	p.updateAt(p.start.Add(patience/2), 1, 10)
	p.clear()
	if out.Len() > 0 {
		t.Errorf("an impatient bar: %q", out.String())
	}
	p.updateAt(p.start.Add(2*patience), 5, 10)
	p.updateAt(p.start.Add(2*patience+time.Millisecond), 6, 10)
	p.clear()
	got := out.String()
	if !strings.Contains(got, "indexing ████████████░░░░░░░░░░░░ 5/10") || strings.Contains(got, "6/10") || !strings.HasSuffix(got, lineErasing) {
		t.Errorf("bar %q", got)
	}
	out.Reset()
	piped := newProgress(&screen{Writer: &out}, "indexing")
	piped.updateAt(piped.start.Add(time.Hour), 5, 10)
	piped.clear()
	if out.Len() > 0 {
		t.Errorf("a bar in a pipe: %q", out.String())
	}
}
