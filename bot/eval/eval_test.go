package eval

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"footnote/bot"
)

// The answers were recorded from a made-up bot with every flaw that the
// metrics look for, and the figures computed from them by a program that
// shares no code with this package.
func TestFiguresAgreeWithAnIndependentProgram(t *testing.T) {
	recorded := map[string]bot.Answer{}
	for _, line := range bytes.Split(bytes.TrimSpace(read(t, "testdata/agreement/answers.jsonl")), []byte("\n")) {
		var a bot.Answer
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatal(err)
		}
		recorded[a.Question] = a
	}
	r, err := Run(t.Context(), "testdata/agreement/suite", replay(t, recorded), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := WriteJSON(&out, r); err != nil {
		t.Fatal(err)
	}
	var got, want map[string]any
	decode(t, out.Bytes(), &got)
	decode(t, read(t, "testdata/agreement/figures.json"), &want)
	if len(want) == 0 {
		t.Fatal("no figures to compare with")
	}
	for key, w := range want {
		if !reflect.DeepEqual(got[key], w) {
			t.Errorf("%s = %v, want %v", key, got[key], w)
		}
	}
}

// replay opens subjects that give recorded answers, and read documents as
// they are on disk.
func replay(t *testing.T, answers map[string]bot.Answer) Open {
	return func(_ context.Context, corpus string) (Subject, error) {
		return Subject{
			Ask: func(_ context.Context, q bot.Question) (bot.Answer, error) {
				a, ok := answers[q.Text]
				if !ok {
					return bot.Answer{}, errors.New("no answer was recorded")
				}
				return a, nil
			},
			Text: func(document string) (string, bool) {
				path := corpus
				if info, err := os.Stat(corpus); err == nil && info.IsDir() {
					path = filepath.Join(corpus, document)
				} else if document != filepath.Base(corpus) {
					return "", false
				}
				text, err := os.ReadFile(path)
				return string(text), err == nil
			},
		}, nil
	}
}

func TestParseNamesFileLineAndProblem(t *testing.T) {
	good := `{"id":"a","kind":"fact","question":"q?","evidence":["e"],"answer":["x"],"match":"any","refuse":false,"note":1}`
	tests := []struct{ name, second, problem string }{
		{"blank line", "", "blank"},
		{"not JSON", "hello", "not one JSON object"},
		{"an array", "[1]", "not one JSON object"},
		{"null", "null", "not one JSON object"},
		{"two objects", `{} {}`, "not one JSON object"},
		{"not UTF-8", "{\"id\":\"\xff\"}", "not UTF-8"},
		{"no id", `{"kind":"k","question":"q","refuse":true}`, `"id" is missing`},
		{"key in another case", `{"ID":"b","kind":"k","question":"q","refuse":true}`, `"id" is missing`},
		{"empty id", `{"id":"","kind":"k","question":"q","refuse":true}`, `"id" is empty`},
		{"empty kind", `{"id":"b","kind":"","question":"q","refuse":true}`, `"kind" is empty`},
		{"same id twice", strings.ReplaceAll(good, `"q?"`, `"r?"`), `already that of line 1`},
		{"refuse is missing", `{"id":"b","kind":"k","question":"q"}`, `"refuse" is missing`},
		{"refuse is a string", `{"id":"b","kind":"k","question":"q","refuse":"no"}`, `"refuse" must be true or false`},
		{"null for a list", `{"id":"b","kind":"k","question":"q","refuse":true,"answer":null}`, `"answer" must be a list of strings`},
		{"answer is a string", `{"id":"b","kind":"k","question":"q","refuse":true,"answer":"x"}`, `"answer" must be a list of strings`},
		{"empty answer string", `{"id":"b","kind":"k","question":"q","refuse":true,"answer":[""]}`, `"answer" holds an empty string`},
		{"match unknown", `{"id":"b","kind":"k","question":"q","refuse":true,"match":"some"}`, `"match" must be`},
		{"question on two lines", `{"id":"b","kind":"k","question":"q\nr","refuse":true}`, "more than one line"},
		{"answerable without answer", `{"id":"b","kind":"k","question":"q","evidence":["e"],"refuse":false}`, `needs an "answer"`},
		{"answerable without evidence", `{"id":"b","kind":"k","question":"q","answer":["e"],"refuse":false}`, `needs "evidence" or "documents"`},
		{"page is a string", `{"id":"b","kind":"k","question":"q","evidence":["e"],"answer":["x"],"refuse":false,"page":"2"}`, `"page" must be a whole number`},
		{"page is negative", `{"id":"b","kind":"k","question":"q","evidence":["e"],"answer":["x"],"refuse":false,"page":-1}`, "count from 1"},
		{"place of nothing", `{"id":"b","kind":"k","question":"q","refuse":true,"heading":"Prices"}`, "has no place"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("dir/s.jsonl", []byte(good+"\n"+tt.second+"\n"+good+"\n"))
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("error %v, want a *SyntaxError", err)
			}
			if !strings.HasPrefix(err.Error(), "dir/s.jsonl:2: ") || !strings.Contains(err.Error(), tt.problem) {
				t.Errorf("error %q, want dir/s.jsonl:2 and %q", err, tt.problem)
			}
		})
	}
}

func TestParseReadsEveryField(t *testing.T) {
	data := `{"id":"a","kind":"multi","question":"q?","evidence":["e","f"],"answer":["x"],"match":"any","refuse":false,"documents":["p15"],"page":2,"heading":"Prices","paragraph":7}` +
		"\r\n" + `{"id":"b","kind":"far","question":"","refuse":true}`
	got, err := Parse("s.jsonl", []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	want := []Question{
		{ID: "a", Kind: "multi", Text: "q?", Evidence: []string{"e", "f"}, Answers: []string{"x"}, MatchAny: true, Documents: []string{"p15"}, Place: Place{Page: 2, Heading: "Prices", Paragraph: 7}},
		{ID: "b", Kind: "far", Refuse: true},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Parse = %+v, want %+v", got, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"id":"a","kind":"k","question":"q","evidence":["e"],"answer":["x"],"refuse":false}`))
	f.Add([]byte("{\"id\":\"a\",\"kind\":\"far\",\"question\":\"q\",\"refuse\":true}\r\n\n"))
	f.Add([]byte(`{"id":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		questions, err := Parse("s.jsonl", data)
		var syntax *SyntaxError
		if err != nil && (!errors.As(err, &syntax) || syntax.Line < 1 || syntax.Line > 1+bytes.Count(data, []byte("\n"))) {
			t.Fatalf("error %v does not name a line of the file", err)
		}
		for _, q := range questions {
			if q.ID == "" || strings.Contains(q.Text, "\n") || (!q.Refuse && len(q.Answers) == 0) {
				t.Fatalf("accepted %+v", q)
			}
		}
	})
}

func TestAUROC(t *testing.T) {
	tests := []struct {
		name      string
		pos, neg  []float64
		want      float64
		undefined bool
	}{
		{"apart", []float64{.9, .8}, []float64{.1, .2}, 1, false},
		{"reversed", []float64{.1}, []float64{.9}, 0, false},
		{"all tied", []float64{.5, .5, .5}, []float64{.5, .5}, .5, false},
		{"half tied", []float64{.5, .9}, []float64{.5, .1}, .875, false},
		{"no negatives", []float64{.5}, nil, 0, true},
		{"no positives", nil, []float64{.5}, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := auroc(tt.pos, tt.neg)
			if (got == nil) != tt.undefined {
				t.Fatalf("auroc = %v", got)
			}
			if got != nil && *got != tt.want {
				t.Errorf("auroc = %v, want %v", *got, tt.want)
			}
		})
	}
}

func TestMarkersOf(t *testing.T) {
	for text, want := range map[string][]string{
		"a [1] b [2] [1]": {"1", "2"},
		"[[3]]":           {"3"},
		"[x] [] [1":       nil,
		"[1 [2]":          {"2"},
		"[01][１]":         {"01", "１"},
	} {
		got := markersOf(text)
		if len(got) != len(want) {
			t.Errorf("markersOf(%q) = %v, want %v", text, got, want)
		}
		for _, m := range want {
			if !got[m] {
				t.Errorf("markersOf(%q) lacks %q", text, m)
			}
		}
	}
}

func TestACorpusIsFoundBesideItsQuestions(t *testing.T) {
	question := `{"id":"a","kind":"far","question":"q","refuse":true}` + "\n"
	tests := []struct {
		name  string
		files []string // a trailing slash makes a folder
		want  string   // "" for an error
	}{
		{"text", []string{"s.txt"}, "s.txt"},
		{"markdown", []string{"s.md"}, "s.md"},
		{"text before markdown", []string{"s.md", "s.txt"}, "s.txt"},
		{"folder before text", []string{"s.txt", "s/"}, "s"},
		{"another's", []string{"t.txt", "s.txt.bak.jsonl/"}, ""},
		{"nothing", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "s.jsonl"), question)
			for _, f := range tt.files {
				if name, folder := strings.CutSuffix(f, "/"); folder {
					if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
						t.Fatal(err)
					}
					continue
				}
				write(t, filepath.Join(dir, f), "text")
			}
			var opened string
			_, err := Run(t.Context(), dir, func(_ context.Context, path string) (Subject, error) {
				opened = filepath.Base(path)
				return replaySilent(), nil
			}, Options{})
			if (err != nil) != (tt.want == "") || (err == nil && opened != tt.want) {
				t.Errorf("opened %q, error %v, want %q", opened, err, tt.want)
			}
		})
	}
}

func replaySilent() Subject {
	return Subject{
		Ask:  func(context.Context, bot.Question) (bot.Answer, error) { return bot.Answer{Refused: true}, nil },
		Text: func(string) (string, bool) { return "", false },
	}
}

func TestAFailedQuestionCountsAsWrongAndTheRunGoesOn(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "s.txt"), "text")
	write(t, filepath.Join(dir, "s.jsonl"), `{"id":"a","kind":"fact","question":"one","evidence":["t"],"answer":["t"],"refuse":false}
{"id":"b","kind":"far","question":"two","refuse":true}
`)
	closed, calls := 0, []int{}
	r, err := Run(t.Context(), dir, func(context.Context, string) (Subject, error) {
		s := replaySilent()
		s.Ask = func(_ context.Context, q bot.Question) (bot.Answer, error) {
			if q.Mode != bot.ModeQuote {
				t.Errorf("asked in mode %q", q.Mode)
			}
			if q.Text == "one" {
				return bot.Answer{Text: "text"}, errors.New("broken")
			}
			return bot.Answer{Refused: true}, nil
		}
		s.Close = func() error { closed++; return nil }
		return s, nil
	}, Options{Progress: func(done, total int) { calls = append(calls, done, total) }})
	if err != nil {
		t.Fatal(err)
	}
	if r.Errors != 1 || r.Answer != 0 || r.RefusedFar != 1 || r.AUROCNear != nil || closed != 1 || !slices.Equal(calls, []int{1, 2, 2, 2}) {
		t.Errorf("result %+v, closed %d, progress %v", r, closed, calls)
	}
	if len(r.Misses) != 1 || r.Misses[0].Question != "one" || r.Missed[0] != "a" {
		t.Errorf("misses %+v", r.Misses)
	}
}

func TestRunFailsWhenItsContextEndsOrTheSuiteIsBad(t *testing.T) {
	dir := t.TempDir()
	open := func(context.Context, string) (Subject, error) { return replaySilent(), nil }
	_, err := Run(t.Context(), dir, open, Options{})
	var hinted interface{ Hint() string }
	if !errors.As(err, &hinted) || !strings.Contains(err.Error(), "no .jsonl file") || !strings.Contains(hinted.Hint(), "NAME.jsonl") {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := Run(t.Context(), filepath.Join(dir, "absent"), open, Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an absent folder: %v", err)
	}
	write(t, filepath.Join(dir, "s.txt"), "text")
	write(t, filepath.Join(dir, "s.jsonl"), `{"id":"b","kind":"far","question":"two","refuse":true}`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, dir, open, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run: %v", err)
	}
}

func TestTheTableShowsFiguresKindsAndMisses(t *testing.T) {
	far := 0.9876543
	r := &Result{
		Suite: "suites/report", Questions: 3, Answerable: 2, Recall1: 0.5, AUROCFar: &far,
		ByKind:      map[string]*[2]int{"fact": {1, 2}, "far": {1, 1}},
		Reliability: reliability(given(.95, true, true, true, true)),
		Misses:      []Miss{{File: "a.txt", ID: "p1", Kind: "fact", Question: "Who?", Why: "refused", Wanted: []string{"Ada"}, Got: "The report\ndoes not say."}},
	}
	var b strings.Builder
	if err := WriteTable(&b, r, &Result{Suite: "other"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"recall@1", "0.5000", "0.9877", "–", "fact   1/2   0.50", "0.9–1.0   4 answers   confidence 0.95   right 1.00   0.51–1.00", "p1 (fact): Who?", "wanted: Ada", "got:    The report does not say."} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, b.String())
		}
	}
	r.Short(0)
	if len(r.Misses) != 0 {
		t.Error("Short(0) kept misses")
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}
