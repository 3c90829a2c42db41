package eval_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/bot/answer/llmsim"
	"footnote/bot/eval"
	"footnote/corpus"
	"footnote/corpus/load"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
	"footnote/retrieval/remote"
)

var models = flag.Bool("models", false, "ask models all suites, not the report's alone")

var update = flag.Bool("update", false, "write the figures that were measured to testdata")

// The figures of quote mode are files, so that a change in quality shows where
// changes are reviewed: go test ./bot/eval -update writes them.
func TestFiguresOfQuoteMode(t *testing.T) {
	for name, dir := range map[string]string{
		"report":      "testdata/report",
		"report-held": "testdata/report-held",
		"genres":      "testdata/genres",
		"formats":     "testdata/formats",
		"squad2":      "../../../shared/golden/squad2", // is used where it is present
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := os.Stat(dir); err != nil {
				t.Skipf("the suite %s is not here", name)
			}
			if name == "squad2" && testing.Short() {
				t.Skip("it takes seconds")
			}
			r, err := eval.Run(t.Context(), dir, openQuoteMode, eval.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Errors > 0 || r.MarkersValid != r.Markers || r.QuotesVerbatim != r.Quotes {
				t.Errorf("%d errors, %d of %d markers valid, %d of %d quotes verbatim", r.Errors, r.MarkersValid, r.Markers, r.QuotesVerbatim, r.Quotes)
			}
			compare(t, filepath.Join("testdata", name+".golden.json"), figures(t, r))
		})
	}
}

func TestTheReportSuiteIsAboutTheBundledReport(t *testing.T) {
	text, err := os.ReadFile("testdata/report/report.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != corpus.Report().Text {
		t.Error("testdata/report/report.txt is not the bundled report")
	}
}

// TestFiguresWithAModel has two models answer from the passages that they are
// given: one that picks sentences by the words of the question, and one that
// knows which sentence is asked for, and says it if it was given the passage. The
// second shows what retrieval and the checks allow.
func TestFiguresWithAModel(t *testing.T) {
	for name, dir := range map[string]string{
		"report": "testdata/report",
		"squad2": "../../../shared/golden/squad2", // is used where it is present
	} {
		for reader, reply := range map[string]func(*testing.T, string) llmsim.Replier{
			"faithful": func(*testing.T, string) llmsim.Replier { return llmsim.Faithful() },
			"knowing":  knowing,
		} {
			t.Run(name+" "+reader, func(t *testing.T) {
				if _, err := os.Stat(dir); err != nil {
					t.Skipf("the suite %s is not here", name)
				}
				if name == "squad2" && !*models {
					t.Skip("it takes most of a minute: -models")
				}
				measureModel(t, dir, reply(t, dir), filepath.Join("testdata", name+"-"+reader+".golden.json"))
			})
		}
	}
}

func measureModel(t *testing.T, dir string, reply llmsim.Replier, golden string) {
	sim := llmsim.New(llmsim.Options{Reply: reply})
	defer sim.Close()
	model, err := answer.NewModel(remote.Server{URL: sim.URL(), Key: "none"}, "faithful", answer.ModelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sentences, withdrawn := 0, 0
	open := func(ctx context.Context, path string) (eval.Subject, error) {
		s, err := openWith(ctx, path, model)
		ask := s.Ask
		s.Ask = func(ctx context.Context, q bot.Question) (bot.Answer, error) {
			a, err := ask(ctx, q)
			sentences += a.Checks.Sentences
			withdrawn += a.Checks.SentencesWithdrawn + a.Checks.SentencesRepaired
			return a, err
		}
		return s, err
	}
	r, err := eval.Run(t.Context(), dir, open, eval.Options{Mode: bot.ModeLLM})
	if err != nil {
		t.Fatal(err)
	}
	if r.Errors > 0 || r.MarkersValid != r.Markers || r.QuotesVerbatim != r.Quotes {
		t.Errorf("%d errors, %d of %d markers valid, %d of %d quotes verbatim", r.Errors, r.MarkersValid, r.Markers, r.QuotesVerbatim, r.Quotes)
	}
	t.Logf("%d of %d sentences did not hold as they were written", withdrawn, sentences)
	if 100*withdrawn > sentences {
		t.Errorf("%d of %d sentences of a faithful model did not hold", withdrawn, sentences)
	}
	compare(t, golden, figures(t, r))
}

// knowing returns a model that knows the evidence for the questions of a suite:
// it says the sentences that hold it, word for word, where it is given them.
func knowing(t *testing.T, dir string) llmsim.Replier {
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	evidence := map[string][]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			var q struct {
				Question string
				Evidence []string
			}
			if err := json.Unmarshal(line, &q); err == nil {
				evidence[q.Question] = append(evidence[q.Question], q.Evidence...)
			}
		}
	}
	return func(r llmsim.Request) llmsim.Reply {
		// Far questions are other articles' questions: their evidence is in none
		// of the passages.
		prompt := llmsim.ParsePrompt(r.Messages)
		var said []string
		for _, e := range evidence[prompt.Question] {
			for _, p := range prompt.Passages {
				at := strings.Index(p.Text, e)
				if at < 0 {
					continue
				}
				for _, s := range corpus.Sentences(p.Text) {
					if s.Start < at+len(e) && at < s.End {
						said = append(said, fmt.Sprintf("%s [%d]", strings.TrimRight(p.Text[s.Start:s.End], "."), p.N))
					}
				}
				break
			}
		}
		if said == nil {
			return llmsim.Reply{Text: bot.NotFoundSign}
		}
		return llmsim.Reply{Text: strings.Join(said, ".\n") + "."}
	}
}

func openQuoteMode(ctx context.Context, path string) (eval.Subject, error) {
	return openWith(ctx, path, nil)
}

// openWith opens a corpus for questions, in quote mode without a writer.
func openWith(ctx context.Context, path string, writer bot.Writer) (eval.Subject, error) {
	docs, err := load.Load(ctx, path)
	if err != nil {
		return eval.Subject{}, err
	}
	c, err := corpus.New(docs...)
	if err != nil {
		return eval.Subject{}, err
	}
	log := slog.New(slog.DiscardHandler)
	ix, err := retrieval.Open(ctx, c, retrieval.Options{Store: chromemstore.New("", log), Embedder: embed.NewStatic(), Logger: log})
	if err != nil {
		return eval.Subject{}, err
	}
	engine := bot.NewEngine(c, ix, answer.NewQuote(), bot.EngineOptions{Writer: writer, Logger: log})
	text := func(name string) (string, bool) {
		d, ok := c.Document(name)
		return d.Text, ok
	}
	return eval.Subject{Ask: engine.Ask, Text: text, Close: ix.Close}, nil
}

// figures are a result without what differs from run to run or from machine
// to machine: times, and digits beyond the fourth.
func figures(t *testing.T, r *eval.Result) []byte {
	t.Helper()
	kinds := map[string]string{}
	for kind, right := range r.ByKind {
		kinds[kind] = fmt.Sprintf("%d of %d", right[0], right[1])
	}
	all := map[string]any{
		"questions": r.Questions, "answerable": r.Answerable,
		"recall_1": r.Recall1, "recall_3": r.Recall3, "recall_5": r.Recall5, "mrr": r.MRR,
		"quote_1": r.Quote1, "answer": r.Answer, "auroc_far": rounded(r.AUROCFar), "auroc_near": rounded(r.AUROCNear),
		"refused_far": r.RefusedFar, "refused_near": r.RefusedNear, "refused_of_answerable": r.RefusedAnswerable,
		"calibration_error": r.Calibration.Error, "ece": r.ECE, "brier": r.Brier, "by_kind": kinds, "missed": r.Missed,
	}
	if r.Place != nil {
		misplaced := []string{}
		for _, m := range r.Misplaced {
			misplaced = append(misplaced, m.ID)
		}
		all["place"], all["misplaced"] = r.Place, misplaced
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

func rounded(x *float64) any {
	if x == nil {
		return nil
	}
	return float64(int(*x*1e4+.5)) / 1e4
}

func compare(t *testing.T, golden string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the figures changed; go test ./bot/eval -update writes them to %s\n%s", golden, difference(string(want), string(got)))
	}
}

// difference lists the lines that only one of two texts has.
func difference(before, after string) string {
	var b strings.Builder
	was, is := strings.Split(before, "\n"), strings.Split(after, "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			b.WriteString("-" + line + "\n")
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			b.WriteString("+" + line + "\n")
		}
	}
	return b.String()
}
