package retrieval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"footnote/corpus"
)

// An Enricher writes what passages are to be found by, with a language model
// mostly. Implementations are safe for concurrent use and return promptly once
// ctx is done.
type Enricher interface {
	// Name identifies the model, how it is asked and for which languages:
	// what was written under a name is not asked for under it again.
	Name() string
	// Enrich writes a passage's enrichment, within the bounds of this
	// package. The error is [ErrUnusable] when an answer came of which
	// nothing can be used: others may still be had. Any other error says
	// that none can.
	Enrich(ctx context.Context, p SituatedPassage) (WrittenEnrichment, error)
	// Estimate says about how many tokens that takes, those of the answer
	// included.
	Estimate(p SituatedPassage) int
}

// ErrUnusable is wrapped by an enricher's errors that concern one passage.
var ErrUnusable = errors.New("nothing of the model's answer can be used")

// WritingOptions configure [WriteEnrichments]. Folder is required.
type WritingOptions struct {
	// Folder is as [EnrichmentFolder] says.
	Folder string
	// Parallel is how many passages are asked for at once; 0 means 4.
	Parallel int
	// Progress, when set, is told how many passages of those to ask for are
	// done; never twice at once.
	Progress func(done, total int)
	// Large, when set, is told of a job of 50,000 tokens or more before it
	// begins.
	Large  func(tokens, requests int)
	Logger *slog.Logger // nil discards
}

// A Writing is what writing a corpus's enrichments came to. The passages are
// those that had an enrichment from the program, from before, or from now, and
// those that have none.
type Writing struct {
	Passages, Shipped, Reused, Written int
	// Unusable are passages for which the model gave nothing usable.
	Unusable int
	// Questions are those of the passages that do not have the program's.
	Questions int
}

// Missing is how many passages were not come to.
func (w Writing) Missing() int {
	return w.Passages - w.Shipped - w.Reused - w.Written - w.Unusable
}

// mostUseless is how many answers may be unusable, with none that is not,
// before the model is taken to be unfit.
const mostUseless = 20

// WriteEnrichments has an enricher write what the passages of a corpus are to
// be found by, except for those that the program ships an enrichment for and
// those that have one in the folder. From then on an index with
// [Options.Written] has them.
//
// Each is on disk as soon as it came. After a failure no further one is asked
// for, and those under way are waited for; what came until then is used, a
// passage that was not come to keeps the enrichment that it had, and the next
// call goes on from there. The counts are right whether or not it fails. It
// fails with a [*StoringError], with an error of the enricher's, or with that of
// ctx.
func WriteEnrichments(ctx context.Context, c *corpus.Corpus, e Enricher, opts WritingOptions) (w Writing, err error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	job := &writing{corpus: c, enricher: e, opts: opts, done: Writing{Passages: len(c.Passages)}, copies: map[string]int{}}
	if err := job.find(); err != nil {
		return job.done, err
	}
	if len(job.copies) == 0 { // all of it ships with the program
		return job.done, nil
	}
	job.cache, err = openEnrichmentCache(ctx, opts.Folder, e.Name(), job.wants, opts.Logger)
	if err != nil {
		return job.done, &StoringError{err}
	}
	defer func() { err = errors.Join(err, job.cache.Close()) }()
	job.reuse()
	job.announce(ctx)
	err = job.run(ctx)
	if used := job.use(ctx); used != nil {
		err = errors.Join(err, &StoringError{used})
	}
	return job.done, err
}

// A StoringError is a folder that does not take what is to be kept in it.
type StoringError struct{ Err error }

func (e *StoringError) Error() string { return "storing enrichments: " + e.Err.Error() }
func (e *StoringError) Unwrap() error { return e.Err }

// A writing is a job: the texts of a corpus that no shipped enrichment is for.
type writing struct {
	corpus   *corpus.Corpus
	enricher Enricher
	opts     WritingOptions
	copies   map[string]int // how many passages have each text
	passages []int          // one that has each text, in order; those to ask for once reuse was called

	failed atomic.Bool

	mu      sync.Mutex // of what follows
	cache   *enrichmentCache
	done    Writing
	asked   int // passages that the enricher is done with
	useless int // answers that could not be used
}

// find lists the texts.
func (j *writing) find() error {
	shipped, err := ShippedEnrichments(j.corpus)
	if err != nil {
		return fmt.Errorf("reading the enrichment that ships with the program: %w", err)
	}
	for i := range j.corpus.Passages {
		key := j.key(i)
		if _, ok := shipped[key]; ok {
			j.done.Shipped++
			continue
		}
		if j.copies[key]++; j.copies[key] == 1 {
			j.passages = append(j.passages, i)
		}
	}
	return nil
}

func (j *writing) key(i int) string { return TextKey(j.corpus.Passages[i].Text) }

func (j *writing) wants(key string) bool { return j.copies[key] > 0 }

// reuse leaves out what was written before.
func (j *writing) reuse() {
	var missing []int
	for _, i := range j.passages {
		if _, ok := j.cache.known[j.key(i)]; ok {
			j.done.Reused += j.copies[j.key(i)]
			continue
		}
		missing = append(missing, i)
	}
	j.passages = missing
}

// announce tells of a large job before it begins.
func (j *writing) announce(ctx context.Context) {
	tokens := 0
	for _, i := range j.passages {
		tokens += j.enricher.Estimate(Situate(j.corpus, i))
	}
	if tokens < largeJob {
		return
	}
	j.opts.Logger.InfoContext(ctx, "enrichments are being written", "passages", len(j.passages), "tokens", tokens, "by", j.enricher.Name())
	if j.opts.Large != nil {
		j.opts.Large(tokens, len(j.passages))
	}
}

// run asks for what is missing. Those under way at a failure are waited for:
// they are paid for.
func (j *writing) run(ctx context.Context) error {
	var group errgroup.Group // without a context: a failure cancels nothing
	group.SetLimit(cmp.Or(j.opts.Parallel, 4))
	for _, i := range j.passages {
		group.Go(func() error {
			if j.failed.Load() {
				return nil
			}
			err := j.write(ctx, i)
			if err != nil {
				j.failed.Store(true)
			}
			return err
		})
	}
	return group.Wait()
}

// write asks for one passage and keeps what comes.
func (j *writing) write(ctx context.Context, i int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e, err := j.enricher.Enrich(ctx, Situate(j.corpus, i))
	if err == nil {
		if wide := e.withinBounds(); wide != nil {
			err = fmt.Errorf("%w: %w", ErrUnusable, wide)
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	copies := j.copies[j.key(i)]
	switch {
	case err == nil:
		if err := j.cache.add(j.key(i), e); err != nil {
			return &StoringError{err}
		}
		j.done.Written += copies
	case errors.Is(err, ErrUnusable):
		p := &j.corpus.Passages[i]
		j.opts.Logger.WarnContext(ctx, "a passage stays without an enrichment", "document", p.Document, "paragraph", p.Paragraph, "error", err)
		j.done.Unusable += copies
		if j.useless++; j.useless >= mostUseless && j.done.Written == 0 {
			return &unfitError{err}
		}
	default:
		return fmt.Errorf("writing enrichments: %w", err)
	}
	j.asked++
	if j.opts.Progress != nil {
		j.opts.Progress(j.asked, len(j.passages))
	}
	return nil
}

// An unfitError is a model none of whose answers could be used.
type unfitError struct{ last error }

func (e *unfitError) Error() string {
	return "writing enrichments: no answer of the model could be used, so it is asked no more; the last: " + e.last.Error()
}
func (e *unfitError) Unwrap() error { return e.last }
func (e *unfitError) Hint() string  { return "let FOOTNOTE_CHAT_MODEL name a larger model" }

// use makes what there is the corpus's enrichment; a passage that has nothing
// of this enricher keeps what it had.
func (j *writing) use(ctx context.Context) error {
	lines := readWritten(ctx, writtenFiles(j.opts.Folder, j.corpus), j.wants, j.opts.Logger)
	if lines == nil {
		lines = map[string]writtenLine{}
	}
	for key, line := range j.cache.known {
		lines[key] = line
	}
	for _, line := range lines {
		j.done.Questions += len(line.Questions)
	}
	return publish(j.opts.Folder, j.corpus, lines)
}
