package main

import (
	"context"
	"fmt"
	"runtime/metrics"
	"strings"
	"text/tabwriter"
	"time"
)

type indexCommand struct {
	Rebuild bool `help:"Build anew, whatever is there."`
	Enrich  bool `help:"First have a language model write the questions that the passages answer."`
	corpusFlags
}

func (indexCommand) Help() string {
	return `Questions build the index when they need one, so this command is never
necessary; it takes the time at a moment of your choice. With
FOOTNOTE_EMBED_MODEL it says, before a large job, what that takes. What is
interrupted goes on where it was: nothing that came back is paid for twice.

` + enrichHelp + `

Examples:

    footnote index --corpus reports/
    footnote index --corpus reports/ --enrich`
}

func (c *indexCommand) Run(ctx context.Context, a *app) (err error) {
	announce := func(size string) { a.err.print("embedding " + clean(size) + "\n") }
	how := opening{rebuild: c.Rebuild, strict: true, large: announce}
	if c.Enrich {
		if err := readDotEnv(); err != nil {
			return err
		}
		if how.enrich, err = newEnriching(a, c.logger(a.err)); err != nil {
			return err
		}
	}
	s, err := a.build(ctx, c.corpusFlags, how)
	if err != nil {
		return err
	}
	defer closing(s, &err)
	if s.unstored != nil {
		return &hintedError{s.unstored, storeHint(s.unstored)}
	}
	return a.out.print(c.summary(s, how.enrich))
}

func (c *indexCommand) summary(s *opened, e *enriching) string {
	built := s.index.Built()
	done := "Built the index"
	if built.Opened && (e == nil || e.did.Written == 0) {
		done = "The index is up to date"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s).\n", done, built.Took.Round(100*time.Microsecond))
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "  documents\t%d\n", len(s.corpus.Documents))
	if s.skipped.Count() > 0 {
		fmt.Fprintf(tw, "  passed over\t%s\n", clean(s.skipped.String()))
	}
	fmt.Fprintf(tw, "  passages\t%d\n", built.Passages)
	fmt.Fprintf(tw, "  embedded now\t%d\n", built.Embedded)
	fmt.Fprintf(tw, "  reused\t%d\n", built.Reused)
	if e != nil {
		e.report(tw)
	}
	fmt.Fprintf(tw, "  embedder\t%s, %d dimensions\n", built.Embedder, built.Dimensions)
	fmt.Fprintf(tw, "  kept in\t%s\n", clean(built.Location))
	fmt.Fprintf(tw, "  memory\tat most %d MB\n", memoryTaken()>>20)
	tw.Flush()
	return b.String()
}

// memoryTaken is how many bytes the process has had from the system: what was
// given back counts, so it is at least what was in use at once.
func memoryTaken() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
