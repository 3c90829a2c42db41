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
	"footnote/bot/eval"
	"footnote/corpus"
	"footnote/corpus/load"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
)

var update = flag.Bool("update", false, "write the figures that were measured to testdata")

// The figures of quote mode are files, so that a change in quality shows where
// changes are reviewed: go test ./bot/eval -update writes them.
func TestFiguresOfQuoteMode(t *testing.T) {
	for name, dir := range map[string]string{
		"report": "testdata/report",
		"squad2": "../../../shared/golden/squad2", // is used where it is present
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

func openQuoteMode(ctx context.Context, path string) (eval.Subject, error) {
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
	engine := bot.NewEngine(c, ix, answer.NewQuote(), bot.EngineOptions{Logger: log})
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
	data, err := json.MarshalIndent(map[string]any{
		"questions": r.Questions, "answerable": r.Answerable,
		"recall_1": r.Recall1, "recall_3": r.Recall3, "recall_5": r.Recall5, "mrr": r.MRR,
		"quote_1": r.Quote1, "answer": r.Answer, "auroc_far": rounded(r.AUROCFar), "auroc_near": rounded(r.AUROCNear),
		"refused_far": r.RefusedFar, "refused_near": r.RefusedNear, "refused_of_answerable": r.RefusedAnswerable,
		"calibration_error": r.Calibration.Error, "by_kind": kinds, "missed": r.Missed,
	}, "", "  ")
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
