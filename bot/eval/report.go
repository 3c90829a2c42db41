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
		writeMisses(&b, "Right, but cited at another place", r.Misplaced)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// A row is a figure of every suite.
type row struct {
	name, meaning string
	figure        func(*Result) string
}

// rows are the figures that do not depend on the machine, without those that
// none of the suites is about.
func rows(results ...*Result) []row {
	all := []row{
		{"questions", "asked", func(r *Result) string { return strconv.Itoa(r.Questions) }},
		{"answerable", "of them, that the corpus answers", func(r *Result) string { return strconv.Itoa(r.Answerable) }},
		{"recall@1", "share of the evidence in the first passage", func(r *Result) string { return decimal(r.Recall1) }},
		{"recall@3", "… in the first three passages", func(r *Result) string { return decimal(r.Recall3) }},
		{"recall@5", "… in the first five passages", func(r *Result) string { return decimal(r.Recall5) }},
		{"MRR@10", "one over the rank of the first passage with evidence", func(r *Result) string { return decimal(r.MRR) }},
		{"quote@1", "the first citation is of evidence and quotes the answer", func(r *Result) string { return decimal(r.Quote1) }},
		{"answer", "the answer holds what it must", func(r *Result) string { return decimal(r.Answer) }},
		{placeFigure, "of the answers given, those first cited at the page, heading or row expected", func(r *Result) string { return optional(r.Place, 4) }},
		{"AUROC far", "how well confidence tells answerable questions from far ones", func(r *Result) string { return optional(r.AUROCFar, 4) }},
		{"AUROC near", "… from near ones", func(r *Result) string { return optional(r.AUROCNear, 4) }},
		{"refused far", "far questions that were refused, as they should be", func(r *Result) string { return decimal(r.RefusedFar) }},
		{"refused near", "near questions that were refused, as they should be", func(r *Result) string { return decimal(r.RefusedNear) }},
		{"refused answerable", "answerable questions that were refused, as they should not be", func(r *Result) string { return decimal(r.RefusedAnswerable) }},
		{"refusal precision", "refusals that were due", func(r *Result) string { return decimal(r.RefusalPrecision) }},
		{"calibration error", "mean distance of confidence from what happened, of all questions", func(r *Result) string { return decimal(r.Calibration.Error) }},
		{"ECE of answers", "the same, of the answers given", func(r *Result) string { return optional(r.ECE, 4) }},
		{"Brier of answers", "mean squared distance of confidence from right or wrong", func(r *Result) string { return optional(r.Brier, 4) }},
		{"markers valid", "markers that point at a passage returned", func(r *Result) string { return fmt.Sprintf("%d/%d", r.MarkersValid, r.Markers) }},
		{"quotes verbatim", "quotes that stand in the document as they are shown", func(r *Result) string { return fmt.Sprintf("%d/%d", r.QuotesVerbatim, r.Quotes) }},
		{"errors", "questions that failed", func(r *Result) string { return strconv.Itoa(r.Errors) }},
	}
	if slices.ContainsFunc(results, func(r *Result) bool { return r.Place != nil }) {
		return all
	}
	return slices.DeleteFunc(all, func(r row) bool { return r.name == placeFigure })
}

const placeFigure = "place"

// writeFigures has a column for each suite, so that figures line up.
func writeFigures(b *strings.Builder, results []*Result) {
	all := append([]row{{"", "", func(r *Result) string { return r.Suite }}}, rows(results...)...)
	all = append(all, row{"ms/question, p99", "", func(r *Result) string {
		return fmt.Sprintf("%.2f, %s", r.MSPerQuestion, optional(r.P99MS, 2))
	}})
	tw := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	for _, row := range all {
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
