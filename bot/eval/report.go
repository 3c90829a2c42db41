package eval

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// WriteJSON writes each result as a JSON object on a line.
func WriteJSON(w io.Writer, results ...*Result) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, r := range results {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// WriteTable writes the results for people: one table of all suites, then for
// each suite its kinds of question, its calibration and what went wrong.
func WriteTable(w io.Writer, results ...*Result) error {
	var b strings.Builder
	writeFigures(&b, results)
	for _, r := range results {
		fmt.Fprintf(&b, "\n%s: right, by kind of question\n", r.Suite)
		writeKinds(&b, r)
		writeCalibration(&b, r)
		writeMisses(&b, "Missed", r.Misses)
		writeMisses(&b, "Answered, though the corpus does not say", r.Unsilent)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeFigures has a column for each suite, so that figures line up.
func writeFigures(b *strings.Builder, results []*Result) {
	rows := []struct {
		name   string
		figure func(*Result) string
	}{
		{"", func(r *Result) string { return r.Suite }},
		{"questions", func(r *Result) string { return strconv.Itoa(r.Questions) }},
		{"answerable", func(r *Result) string { return strconv.Itoa(r.Answerable) }},
		{"recall@1", func(r *Result) string { return decimal(r.Recall1) }},
		{"recall@3", func(r *Result) string { return decimal(r.Recall3) }},
		{"recall@5", func(r *Result) string { return decimal(r.Recall5) }},
		{"MRR@10", func(r *Result) string { return decimal(r.MRR) }},
		{"quote@1", func(r *Result) string { return decimal(r.Quote1) }},
		{"answer", func(r *Result) string { return decimal(r.Answer) }},
		{"AUROC far", func(r *Result) string { return optional(r.AUROCFar, 4) }},
		{"AUROC near", func(r *Result) string { return optional(r.AUROCNear, 4) }},
		{"refused far", func(r *Result) string { return decimal(r.RefusedFar) }},
		{"refused near", func(r *Result) string { return decimal(r.RefusedNear) }},
		{"refused answerable", func(r *Result) string { return decimal(r.RefusedAnswerable) }},
		{"refusal precision", func(r *Result) string { return decimal(r.RefusalPrecision) }},
		{"calibration error", func(r *Result) string { return decimal(r.Calibration.Error) }},
		{"ECE of answers", func(r *Result) string { return optional(r.ECE, 4) }},
		{"Brier of answers", func(r *Result) string { return optional(r.Brier, 4) }},
		{"markers valid", func(r *Result) string { return fmt.Sprintf("%d/%d", r.MarkersValid, r.Markers) }},
		{"quotes verbatim", func(r *Result) string { return fmt.Sprintf("%d/%d", r.QuotesVerbatim, r.Quotes) }},
		{"errors", func(r *Result) string { return strconv.Itoa(r.Errors) }},
		{"ms/question, p99", func(r *Result) string {
			return fmt.Sprintf("%.2f, %s", r.MSPerQuestion, optional(r.P99MS, 2))
		}},
	}
	tw := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	for _, row := range rows {
		fmt.Fprint(tw, row.name)
		for _, r := range results {
			fmt.Fprint(tw, "\t", row.figure(r))
		}
		fmt.Fprintln(tw)
	}
	tw.Flush()
}

func writeKinds(b *strings.Builder, r *Result) {
	tw := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	for _, kind := range slices.Sorted(maps.Keys(r.ByKind)) {
		k := r.ByKind[kind]
		fmt.Fprintf(tw, "  %s\t%d/%d\t%.2f\n", kind, k[0], k[1], float64(k[0])/float64(k[1]))
	}
	tw.Flush()
}

func writeCalibration(b *strings.Builder, r *Result) {
	fmt.Fprintf(b, "\n%s: confidence of the answers given, and how often they were right, with 95%% intervals\n", r.Suite)
	tw := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	for _, bin := range r.Reliability.Answers.Bins {
		if bin.Count > 0 {
			fmt.Fprintf(tw, "  %.1f–%.1f\t%d answers\tconfidence %.2f\tright %.2f\t%.2f–%.2f\n", bin.From, bin.To, bin.Count, bin.Confidence, bin.Accuracy, bin.Low, bin.High)
		}
	}
	tw.Flush()
}

func writeMisses(b *strings.Builder, title string, misses []Miss) {
	if len(misses) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, m := range misses {
		fmt.Fprintf(b, "  %s %s (%s): %s\n", m.File, m.ID, m.Kind, m.Question)
		if len(m.Wanted) > 0 {
			fmt.Fprintf(b, "    wanted: %s\n", strings.Join(m.Wanted, " | "))
		}
		fmt.Fprintf(b, "    got:    %s\n    %s\n", strings.Join(strings.Fields(m.Got), " "), m.Why)
	}
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', 4, 64) }

func optional(x *float64, decimals int) string {
	if x == nil {
		return "–"
	}
	return strconv.FormatFloat(*x, 'f', decimals, 64)
}
