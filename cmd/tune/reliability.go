package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path"

	"footnote/bot"
	"footnote/bot/answer"
	"footnote/bot/eval"
	"footnote/corpus"
	"footnote/corpus/load"
	"footnote/retrieval"
	"footnote/retrieval/chromemstore"
	"footnote/retrieval/embed"
)

// drawReliability asks the questions of suites in quote mode, without a network,
// prints how far the confidence of the answers can be taken at its word, and
// writes a picture of it.
func drawReliability(ctx context.Context, w io.Writer, suites []string, out string) error {
	var results []*eval.Result
	for _, dir := range suites {
		r, err := eval.Run(ctx, dir, openQuoteMode, eval.Options{Mode: bot.ModeQuote})
		if err != nil {
			return err
		}
		if r.Errors > 0 {
			return fmt.Errorf("%s: %d questions failed", r.Suite, r.Errors)
		}
		results = append(results, r)
		if err := writeReliability(w, r); err != nil {
			return err
		}
	}
	picture, err := eval.Diagram(results...)
	if err != nil {
		return err
	}
	return os.WriteFile(out, picture, 0o644)
}

// openQuoteMode opens a corpus as footnote does without any settings, in memory.
func openQuoteMode(ctx context.Context, path string) (eval.Subject, error) {
	log := slog.New(slog.DiscardHandler)
	return openQuoteModeWith(ctx, path, retrieval.Options{Store: chromemstore.New("", log), Embedder: embed.NewStatic(), Logger: log})
}

func openQuoteModeWith(ctx context.Context, path string, o retrieval.Options) (eval.Subject, error) {
	docs, err := load.Load(ctx, path)
	if err != nil {
		return eval.Subject{}, err
	}
	c, err := corpus.New(docs...)
	if err != nil {
		return eval.Subject{}, err
	}
	ix, err := retrieval.Open(ctx, c, o)
	if err != nil {
		return eval.Subject{}, err
	}
	engine := bot.NewEngine(c, ix, answer.NewQuote(), bot.EngineOptions{Logger: o.Logger})
	text := func(name string) (string, bool) {
		d, ok := c.Document(name)
		return d.Text, ok
	}
	return eval.Subject{Ask: engine.Ask, Text: text, Close: ix.Close}, nil
}

// writeReliability prints a suite's figures as Markdown that can also be read
// as it is.
func writeReliability(w io.Writer, r *eval.Result) error {
	all, answerable := r.Reliability.Answers, r.Reliability.Answerable
	p := printer{w: w}
	p.line("%s: %s", path.Base(r.Suite), r.Summary())
	p.line("")
	p.line("| confidence | all answers | mean | right | 95%% interval | answerable | mean | right | 95%% interval |")
	p.line("|------------|------------:|-----:|------:|-------------:|-----------:|-----:|------:|-------------:|")
	for i, b := range all.Bins {
		if a := answerable.Bins[i]; b.Count > 0 {
			p.line("| %.1f–%.1f    | %11d %s | %10d %s |", b.From, b.To, b.Count, cells(b), a.Count, cells(a))
		}
	}
	p.line("")
	p.line("| answers          | count | right | mean confidence |   ECE | if calibrated | Brier |")
	p.line("|------------------|------:|------:|----------------:|------:|--------------:|------:|")
	for _, row := range []struct {
		name string
		c    eval.Calibration
	}{{"all", all}, {"answerable alone", answerable}} {
		c := row.c
		p.line("| %-16s | %5d | %5.3f | %15.3f | %5.3f | %13.3f | %5.3f |", row.name, c.Count, c.Share(), c.MeanConfidence(), c.Error, c.ErrorIfCalibrated, c.Brier)
	}
	p.line("")
	return p.err
}

func cells(b eval.Bin) string {
	if b.Count == 0 {
		return "|    – |     – |            –"
	}
	return fmt.Sprintf("| %.2f |  %.2f |    %.2f–%.2f", b.Confidence, b.Accuracy, b.Low, b.High)
}

// A printer keeps the first error of many lines.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}
