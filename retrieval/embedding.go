package retrieval

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// A Batcher is an [Embedder] that says how its work is to be cut up. Without
// it, texts are embedded 256 at a time, one call after the other.
type Batcher interface {
	// Batches cuts texts into runs, in order, and returns how long each is:
	// at least 1, and together all of them. Each run is one call of Embed.
	Batches(texts []string) []int
	// Parallel is how many calls of Embed may run at once.
	Parallel() int
}

// An Estimator is an [Embedder] whose calls cost time or money. What it gave
// for the last questions is remembered, a large job is told of before it
// begins, and while it fails questions wait for it only now and then.
type Estimator interface {
	// Estimate says about how many tokens the texts are, and how many
	// requests they take.
	Estimate(texts []string) (tokens, requests int)
}

// A QueryEmbedder is an [Embedder] that embeds questions otherwise than
// passages. What it returns is as from Embed.
type QueryEmbedder interface {
	EmbedQueries(ctx context.Context, queries []string) ([][]float32, error)
}

const (
	embedBatch = 256    // passages for each call of an embedder that has no say in it
	largeJob   = 50_000 // tokens, from which on a job is told of before it begins
)

// embedAll returns every passage's vector, from the cache or from the embedder;
// keys are of the passages.
func (ix *Index) embedAll(ctx context.Context, cache *vectorCache, keys []textHash, opts Options) ([]Point, error) {
	passages := ix.corpus.Passages
	job := embedding{ix: ix, cache: cache, progress: opts.Progress}
	pending := map[textHash]bool{}
	for i := range passages {
		if _, ok := cache.known[keys[i]]; !ok && !pending[keys[i]] {
			pending[keys[i]] = true
			job.keys = append(job.keys, keys[i])
			job.passages = append(job.passages, i)
		}
	}
	if e, ok := ix.embedder.(Estimator); ok && len(job.passages) > 0 {
		ix.announce(ctx, e, job.texts(0, len(job.passages)), opts)
	}
	if err := job.run(ctx); err != nil {
		return nil, err
	}
	ix.build.Embedded, ix.build.Reused = len(job.passages), len(passages)-len(job.passages)
	points := make([]Point, len(passages))
	for i := range passages {
		points[i] = Point{ID: passages[i].ID, Vector: cache.known[keys[i]], Document: passages[i].Document}
	}
	return points, nil
}

// announce tells of a large job before it begins.
func (ix *Index) announce(ctx context.Context, e Estimator, texts []string, opts Options) {
	tokens, requests := e.Estimate(texts)
	if tokens < largeJob {
		return
	}
	ix.log.InfoContext(ctx, "passages are being embedded", "passages", len(texts), "tokens", tokens, "requests", requests, "embedder", ix.embedder.Name())
	if opts.Large != nil {
		opts.Large(tokens, requests)
	}
}

// An embedding is a job: passages whose texts the cache lacks.
type embedding struct {
	ix       *Index
	keys     []textHash // of the texts
	passages []int      // one that has each text
	progress func(done, total int)

	mu    sync.Mutex // of what follows
	cache *vectorCache
	done  int
}

// texts are made when they are wanted: all of them together are as large as the corpus.
func (j *embedding) texts(from, to int) []string {
	out := make([]string, 0, to-from)
	for _, i := range j.passages[from:to] {
		out = append(out, j.ix.embedderInput(i))
	}
	return out
}

// run embeds the texts. Each batch is stored when it comes back. After a
// failure no further one is asked for, but those under way are waited for:
// they are paid for.
func (j *embedding) run(ctx context.Context) error {
	lengths, parallel := j.batches()
	var group errgroup.Group // without a context: a failure cancels nothing
	var failed atomic.Bool
	group.SetLimit(parallel)
	for start := 0; len(lengths) > 0; lengths = lengths[1:] {
		from, to := start, start+lengths[0]
		start = to
		group.Go(func() error {
			if failed.Load() {
				return nil
			}
			err := j.embed(ctx, from, to)
			if err != nil {
				failed.Store(true)
			}
			return err
		})
	}
	return group.Wait()
}

// An embeddingError is an embedder's failure while an index is built.
type embeddingError struct{ err error }

func (e *embeddingError) Error() string { return "embedding passages: " + e.err.Error() }
func (e *embeddingError) Unwrap() error { return e.err }

func (j *embedding) batches() (lengths []int, parallel int) {
	if b, ok := j.ix.embedder.(Batcher); ok {
		return b.Batches(j.texts(0, len(j.passages))), max(1, b.Parallel())
	}
	for done := 0; done < len(j.passages); done += embedBatch {
		lengths = append(lengths, min(embedBatch, len(j.passages)-done))
	}
	return lengths, 1
}

func (j *embedding) embed(ctx context.Context, from, to int) error {
	vectors, err := j.ix.embedder.Embed(ctx, j.texts(from, to))
	if err == nil {
		err = checkVectors(j.ix.embedder, vectors, to-from)
	}
	if err != nil {
		return &embeddingError{err}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cache.add(j.keys[from:to], vectors)
	j.done += to - from
	if j.progress != nil {
		j.progress(j.done, len(j.passages))
	}
	return nil
}

// checkVectors refuses what nothing compares with: the cache would keep it.
func checkVectors(e Embedder, vectors [][]float32, want int) error {
	if len(vectors) != want {
		return fmt.Errorf("%s gave %d vectors for %d texts", e.Name(), len(vectors), want)
	}
	for _, v := range vectors {
		if len(v) != e.Dimensions() {
			return fmt.Errorf("%s gave %d dimensions instead of %d", e.Name(), len(v), e.Dimensions())
		}
		if !isFinite(v) {
			return fmt.Errorf("%s gave a vector that is not of numbers", e.Name())
		}
	}
	return nil
}

func isFinite(v []float32) bool {
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return false
		}
	}
	return true
}

// embedderInput is what is embedded for a passage: its headings, since a page
// often does not name what it is about, and its text.
func (ix *Index) embedderInput(i int) string {
	p := &ix.corpus.Passages[i]
	if len(p.Headings) == 0 {
		return p.Text
	}
	return strings.Join(p.Headings, " › ") + "\n" + p.Text
}
