// Package weaviatestore keeps vectors in Weaviate, for corpora and replicas
// that one machine is too small for.
//
// Each writing of a generation is a collection of its own, which nobody knows
// until it is whole: only then does the generation's alias, its name in
// Weaviate, point to it. Schema and aliases go through Weaviate's Raft, so the
// alias has changed for everybody or for nobody. A collection is never written
// to again, so a reader needs no snapshot.
//
// A collection has one shard, so that a node holds all of it or none: a search
// is answered from one whole index, not from what happens to be there. Whether
// a node's copy is whole is asked once, by counting: see vectors.go.
//
// It speaks REST and GraphQL by itself. Weaviate's own client for Go (v5.5.0)
// would add 173 packages, 7.7 MB and two fifths of the processor time of a start
// to a command that is started for one question; it knows one host; it does not
// check the certificate of a gRPC server (connection.createClient); and once a
// connection is collected no finalizer of the process runs any more
// (connection.finalizer waits for a reader that is not there).
package weaviatestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"footnote/retrieval"
)

// Options configure a store; the zero value asks for three replicas and no key.
type Options struct {
	// Key is the API key; empty where none is asked for.
	Key string
	// AllowUnreplicated writes single copies where there are fewer than three
	// nodes, which a failing node takes with it.
	AllowUnreplicated bool
	// Prefix begins the name of every collection; empty means "Footnote".
	// Stores of different prefixes know nothing of each other.
	Prefix string
	Logger *slog.Logger // nil discards
	// Transport, when set, carries the requests.
	Transport http.RoundTripper
}

// Store implements [retrieval.Store] and [retrieval.Locker].
type Store struct {
	client            *client
	prefix            string
	allowUnreplicated bool
	log               *slog.Logger
	times             times
}

// times are how long things take; tests shorten them.
type times struct {
	ask      time.Duration // that an endpoint is given for a question, before the next is asked
	patience time.Duration // that a node is given to come back, while writing
	pause    time.Duration // between two looks at what has to change
	short    time.Duration // in which a copy that is not whole is left alone
	catchUp  time.Duration // that a copy is given to become whole, where there are others
	beat     time.Duration // between two signs of life of who indexes
	expiry   time.Duration // after which one who gives none is taken for dead
	renew    time.Duration // between two marks that a generation is in use
	settle   time.Duration // in which words that were written are not looked for
}

var defaultTimes = times{
	ask: 2 * time.Second, patience: time.Minute, pause: 100 * time.Millisecond, short: 5 * time.Second, catchUp: 45 * time.Second,
	beat: 5 * time.Second, expiry: 30 * time.Second, renew: time.Hour, settle: 3 * time.Minute,
}

// New returns a store at endpoints such as "http://weaviate-0:8080",
// separated by commas; any one of them can do without the others.
func New(endpoints string, options Options) (*Store, error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Prefix == "" {
		options.Prefix = "Footnote"
	}
	c, err := newClient(endpoints, options)
	if err != nil {
		return nil, err
	}
	return &Store{
		client: c, prefix: options.Prefix, allowUnreplicated: options.AllowUnreplicated, log: options.Logger, times: defaultTimes,
	}, nil
}

// Location names the hosts.
func (s *Store) Location() string { return "Weaviate at " + s.client.hosts() }

// alias is the generation's name in Weaviate.
func (s *Store) alias(g retrieval.Generation) string { return s.prefix + "_" + g.Key() }

// Open looks up the collection that the generation's alias points to.
func (s *Store) Open(ctx context.Context, g retrieval.Generation) (retrieval.Vectors, error) {
	collection, err := s.target(ctx, s.alias(g))
	if err != nil {
		return nil, failed(err)
	}
	if collection == "" {
		return nil, fs.ErrNotExist
	}
	about, err := s.readManifest(ctx, collection)
	switch {
	case err != nil && notFound(err):
		return nil, damaged(collection, errors.New("it says nothing of itself"))
	case err != nil:
		return nil, failed(err)
	case !about.isOf(g):
		return nil, damaged(collection, errors.New("it is of another index"))
	}
	v := s.vectors(g, collection, about)
	if err := v.findWhole(ctx, about.Copies > 1); err != nil {
		return nil, err
	}
	v.keepMarked()
	return v, nil
}

func damaged(collection string, err error) error {
	return fmt.Errorf("%w: the collection %s in Weaviate: %w", retrieval.ErrDamaged, collection, err)
}

// failed says who was asked for what failed.
func failed(err error) error { return fmt.Errorf("asking Weaviate: %w", err) }

// Write fills a collection and, once it is whole, lets the generation's alias
// point to it. What the alias pointed to before stays for a while: others may
// be reading it.
func (s *Store) Write(ctx context.Context, g retrieval.Generation, points []retrieval.Point) (retrieval.Vectors, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var kept []retrieval.Point
	count := 0
	for _, p := range points {
		if len(p.Vector) != g.Dimensions {
			return nil, fmt.Errorf("the vector of passage %s has %d dimensions instead of %d", p.ID, len(p.Vector), g.Dimensions)
		}
		if isZero(p.Vector) { // cosine knows no direction of it
			p.Vector = nil
		} else {
			count++
		}
		if p.Vector != nil || g.Words != "" {
			kept = append(kept, p)
		}
	}
	collection, about, err := s.fill(ctx, g, kept, count)
	if err != nil {
		return nil, fmt.Errorf("writing the index to Weaviate: %w", err)
	}
	s.prune(ctx)
	v := s.vectors(g, collection, about)
	v.keepMarked()
	return v, nil
}

// fill writes a collection and makes it the generation's.
func (s *Store) fill(ctx context.Context, g retrieval.Generation, points []retrieval.Point, count int) (string, manifest, error) {
	factor, err := s.replicas(ctx)
	if err != nil {
		return "", manifest{}, err
	}
	about := manifest{
		Corpus: g.Corpus, Embedder: g.Embedder, Dimensions: g.Dimensions, Words: g.Words, Count: count, Objects: len(points), Copies: factor,
	}
	collection := s.newCollection(g)
	if err := s.fillCollection(ctx, collection, g, points, &about); err != nil {
		s.discard(ctx, collection)
		return "", manifest{}, err
	}
	// After an error nobody knows where the alias points: the collection stays,
	// and is taken away later if it is not needed.
	return collection, about, s.point(ctx, s.alias(g), collection)
}

// fillCollection writes a collection; when it returns all of it can be found.
func (s *Store) fillCollection(ctx context.Context, collection string, g retrieval.Generation, points []retrieval.Point, about *manifest) error {
	if err := s.create(ctx, collection, generationClass(collection, g, about.Count, about.Copies)); err != nil {
		return err
	}
	if err := s.waitForShards(ctx, collection, about.Copies); err != nil {
		return err
	}
	if err := s.insert(ctx, collection, points); err != nil {
		return err
	}
	about.Written = s.client.now()
	if err := s.putObjects(ctx, []object{manifestObject(collection, *about)}); err != nil {
		return err
	}
	return s.waitForQueue(ctx, collection)
}

// discard takes a collection away that nobody will use, even where ctx is done.
func (s *Store) discard(ctx context.Context, collection string) {
	const most = 10 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), most)
	defer cancel()
	if err := s.drop(ctx, collection); err != nil {
		s.log.WarnContext(ctx, "an unfinished index was left in Weaviate; it will be taken away later", "collection", collection, "error", err)
	}
}

func isZero(v []float32) bool {
	return !slices.ContainsFunc(v, func(x float32) bool { return x != 0 })
}

// sleep waits, or returns early with ctx's error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
