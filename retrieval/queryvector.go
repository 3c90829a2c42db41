package retrieval

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"footnote/retrieval/span"
)

const (
	defaultQueryTimeout = 5 * time.Second
	recentQueries       = 512
	// outagePause is for how long a failing embedder whose calls cost time is
	// left alone: not every question is to wait for it.
	outagePause = 10 * time.Second
	// outageQuiet is for how long after a warning there is no other.
	outageQuiet = time.Minute
)

// queryVectors are the vectors of questions.
type queryVectors struct {
	embedder Embedder
	costly   bool
	timeout  time.Duration
	recent   *lru.Cache[string, []float32] // nil unless calls cost
	outage   *outage
}

func newQueryVectors(e Embedder, timeout time.Duration, log *slog.Logger) *queryVectors {
	q := &queryVectors{embedder: e, timeout: timeout, outage: vectorOutage(log)}
	if timeout == 0 {
		q.timeout = defaultQueryTimeout
	}
	if _, q.costly = e.(Estimator); q.costly {
		q.recent, _ = lru.New[string, []float32](recentQueries) // fails for a size below 1 only
	}
	return q
}

// of returns a question's vector. Where ctx is still good, the log was told of
// an error.
func (q *queryVectors) of(ctx context.Context, query string) ([]float32, error) {
	vectors, err := q.all(ctx, []string{query})
	if err != nil {
		return nil, err
	}
	return vectors[0], nil
}

// prepare embeds several questions in one call, so that asking for each costs
// none; where it fails, so does asking.
func (q *queryVectors) prepare(ctx context.Context, queries []string) {
	if q.costly {
		_, _ = q.all(ctx, queries)
	}
}

func (q *queryVectors) all(ctx context.Context, queries []string) ([][]float32, error) {
	found := make([][]float32, len(queries))
	var missing []int
	var texts []string
	for i, text := range queries {
		if q.costly {
			found[i], _ = q.recent.Get(text)
		}
		if found[i] == nil {
			missing = append(missing, i)
			texts = append(texts, text)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	if q.costly {
		if err := q.outage.recent(outagePause); err != nil {
			return nil, err
		}
	}
	vectors, err := q.embed(ctx, texts)
	if err != nil {
		return nil, err
	}
	for n, i := range missing {
		found[i] = vectors[n]
		if q.costly {
			q.recent.Add(queries[i], vectors[n])
		}
	}
	return found, nil
}

func (q *queryVectors) embed(ctx context.Context, texts []string) ([][]float32, error) {
	limited, cancel := context.WithTimeout(ctx, q.timeout)
	defer cancel()
	embed := q.embedder.Embed
	if e, ok := q.embedder.(QueryEmbedder); ok {
		embed = e.EmbedQueries
	}
	vectors, err := q.call(limited, embed, texts)
	if err == nil {
		err = checkVectors(q.embedder, vectors, len(texts))
	}
	if err == nil {
		q.outage.end(ctx)
		return vectors, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	err = fmt.Errorf("embedding the question: %w", err)
	q.outage.begin(ctx, err)
	return nil, err
}

// call embeds; where that is a call of a server it is traced as such.
func (q *queryVectors) call(ctx context.Context, embed func(context.Context, []string) ([][]float32, error), texts []string) (vectors [][]float32, err error) {
	if !q.costly {
		return embed(ctx, texts)
	}
	ctx, s := span.StartCall(ctx, "embeddings", q.embedder.Name())
	s.String("gen_ai.operation.name", "embeddings")
	s.String("gen_ai.provider.name", "openai")
	s.Int("footnote.embeddings.texts", len(texts))
	defer func() { s.Done(err) }()
	return embed(ctx, texts)
}

// An outage is a time without something, of which the log tells once.
type outage struct {
	log         *slog.Logger
	means, over string // for searches, and when it is over

	mu     sync.Mutex
	err    error     // nil while all is well
	last   time.Time // failure
	warned time.Time
}

func vectorOutage(log *slog.Logger) *outage {
	return &outage{log: log, means: "searching by words alone until vectors can be had again", over: "vectors are used again"}
}

func wordOutage(log *slog.Logger) *outage {
	return &outage{log: log, means: "looking for words in the index on this machine until the store finds them again", over: "the store finds words again"}
}

// recent is the failure, if that was no longer ago.
func (o *outage) recent(ago time.Duration) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if time.Since(o.last) >= ago {
		return nil
	}
	return o.err
}

// begin notes a failure.
func (o *outage) begin(ctx context.Context, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	tell := o.err == nil && (o.warned.IsZero() || time.Since(o.warned) >= outageQuiet)
	o.err, o.last = err, time.Now()
	if !tell {
		return
	}
	o.warned = o.last
	args := []any{"error", err}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		args = append(args, "hint", hinted.Hint())
	}
	o.log.WarnContext(ctx, o.means, args...)
}

// end notes that all is well.
func (o *outage) end(ctx context.Context) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		o.log.InfoContext(ctx, o.over)
		o.err = nil
	}
}
