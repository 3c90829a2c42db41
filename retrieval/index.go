package retrieval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"footnote/corpus"
)

// Options configure an index. Store and Embedder are required.
type Options struct {
	Store Store
	// Embedder makes the vectors. It may be nil where Unavailable says why.
	Embedder Embedder
	// Unavailable is why there is no embedder. The index is then searched by
	// words alone, and Build.Degraded is this error.
	Unavailable error
	// WordsAlone opens an index that is searched by words alone where
	// embedding its passages fails; Build.Degraded says why. Without it, Open
	// fails. What was embedded until then is in the cache.
	WordsAlone bool
	// Fallback, when set, takes the vectors where Store cannot be used, so
	// that questions are answered all the same; [Build.Unstored] says why.
	// Without one, Open fails.
	Fallback Store
	// Await is for who can ask again later. Where Store cannot be asked, Open
	// returns an index all the same, which [Build.Awaits] says; it stays as it
	// is, and can be opened anew. A Search that the store fails is an error, a
	// [StoreError], rather than one by words alone. Fallback then takes only
	// what Store does not take.
	Await bool
	// BM25 parameters; the zero value means the defaults.
	BM25 BM25
	// Enrichments are found with the passages they belong to; nil means
	// those that ship with the program, if any, and for other passages those
	// in Written.
	Enrichments Enrichments
	// Written is the folder of enrichments that [WriteEnrichments] wrote; ""
	// for none.
	Written string
	// VectorWeight is what one standard deviation of similarity adds to a
	// passage's log-odds when the embedder is not the one that the models
	// were trained with; 0 means 1.5.
	VectorWeight float64
	// StoredWords has the store find passages by their words, where it can
	// ([WordSearcher]), which asks less of this machine's memory; the lexical
	// index finds them where it does not answer. It does nothing with
	// Enrichments.
	StoredWords bool
	// Without switches parts of the search off, to measure what they bring.
	Without Part
	// Models rank what was found; nil means the ones that ship with the program.
	Models *Models
	// Cache is the folder that keeps every vector ever computed and the
	// lexical index of each corpus; with "" both are kept for this index
	// only, as they are where the folder cannot be used: see [Build.Unstored].
	Cache string
	// Rebuild writes the vectors anew even where the store has them. It
	// embeds nothing again that the cache holds.
	Rebuild bool
	// Progress, when set, is told how many passages of those to embed are done.
	Progress func(done, total int)
	// Large, when set, is told of a job of 50,000 tokens or more before it
	// begins, if the embedder is an Estimator.
	Large func(tokens, requests int)
	// QueryTimeout is how long a question waits for its vector before it is
	// searched by words alone; 0 means 5 s.
	QueryTimeout time.Duration
	Logger       *slog.Logger // nil discards
}

// A Part is a set of the parts of a search that can be switched off.
type Part uint8

// The parts that no feature of a model stands for.
const (
	Spelling  Part = 1 << iota // words that nobody knows are read as their neighbours
	Splitting                  // a question of several parts is looked up part by part
	Relations                  // WordNet: synonyms, opposites, classes
	Conflicts                  // what the question takes for granted is held against the corpus
)

// An Index searches one corpus. It is immutable and safe for concurrent use.
type Index struct {
	corpus  *corpus.Corpus
	lexical *lexicalIndex
	vectors Vectors // nil where words are all there is
	// storeWords is where passages are found by words; nil where the lexical
	// index finds them.
	storeWords WordSearcher
	embedder   Embedder // nil where there is none
	queries    *queryVectors
	models     *Models
	// vectorWeight is that of vectors that the models were not trained with.
	vectorWeight float64
	without      Part
	place        map[string]int32 // passage ID to its number
	build        Build
	log          *slog.Logger
	storeOutage  *outage // of vectors
	wordsOutage  *outage
	await        bool
	scope        scope
	within       []string // the documents of the scope that have passages
	// enrichments reads what the corpus is enriched with.
	enrichments func(context.Context) (Enrichments, error)
}

// A Build is what opening an index took.
type Build struct {
	Passages int
	// Opened says that the store already had the vectors. If it did not,
	// Embedded passages were embedded now and Reused came from the cache.
	Opened           bool
	Embedded, Reused int
	Embedder         string
	Dimensions       int
	Location         string
	// Degraded is why the index has no vectors; nil when it has.
	Degraded error
	// Unstored is why something that was computed is kept for this index
	// only; nil when all was stored, or was not meant to be.
	Unstored error
	// Aside says that the vectors are in [Options.Fallback].
	Aside bool
	// Awaits is why the store could not be asked; searches fail with it.
	Awaits *StoreError
	Took   time.Duration
}

// Open makes an index of a corpus, taking its vectors from the store where
// they are, and embedding what is missing. A damaged generation is rebuilt. The
// caller closes the index.
func Open(ctx context.Context, c *corpus.Corpus, opts Options) (*Index, error) {
	start := time.Now()
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	ix := &Index{
		corpus: c, embedder: opts.Embedder, log: opts.Logger, place: make(map[string]int32, len(c.Passages)),
		vectorWeight: opts.VectorWeight, without: opts.Without, await: opts.Await,
		storeOutage: vectorOutage(opts.Logger), wordsOutage: wordOutage(opts.Logger),
	}
	ix.enrichments = func(ctx context.Context) (Enrichments, error) {
		return readEnrichments(ctx, c, opts, writtenFiles(opts.Written, c))
	}
	if ix.vectorWeight == 0 {
		ix.vectorWeight = defaultVectorWeight
	}
	for i := range c.Passages {
		ix.place[c.Passages[i].ID] = int32(i)
	}
	ix.build = Build{Passages: len(c.Passages), Location: opts.Store.Location()}
	if opts.Embedder == nil {
		ix.build.Degraded = opts.Unavailable
	} else {
		ix.build.Embedder, ix.build.Dimensions = opts.Embedder.Name(), opts.Embedder.Dimensions()
		ix.queries = newQueryVectors(opts.Embedder, opts.QueryTimeout, opts.Logger)
	}
	// The lexical index is read or made beside the rest, which waits for disk
	// and embedder.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var unstored error
	lexical := sync.OnceValue(func() error {
		var err error
		ix.lexical, unstored, err = openLexical(ctx, c, opts)
		return err
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = lexical() // asked for below
	}()
	err := ix.openRest(ctx, opts, lexical)
	if err != nil {
		cancel()
	}
	<-done
	lexicalErr := lexical()
	if err == nil {
		err = errors.Join(lexicalErr, ctx.Err())
	}
	if err != nil {
		if ix.vectors != nil {
			err = errors.Join(err, ix.vectors.Close())
		}
		return nil, err
	}
	if ix.build.Unstored == nil {
		ix.build.Unstored = unstored
	}
	ix.build.Took = time.Since(start)
	return ix, nil
}

// openRest makes all of an index but its lexical part, which is there when
// lexical returns.
func (ix *Index) openRest(ctx context.Context, opts Options, lexical func() error) error {
	ix.models = opts.Models
	if ix.models == nil {
		var err error
		if ix.models, err = ShippedModels(); err != nil {
			return err
		}
	}
	if opts.Embedder == nil {
		return nil
	}
	err := ix.openVectors(ctx, opts, lexical)
	if ix.build.Awaits != nil && ctx.Err() == nil {
		return nil
	}
	if failure, ok := errors.AsType[*embeddingError](err); ok && opts.WordsAlone && ctx.Err() == nil {
		ix.build.Degraded = failure
		return nil
	}
	return err
}

// Built says what opening the index took.
func (ix *Index) Built() Build { return ix.build }

// ExpectedQuestions returns the questions in a language, such as "en", that
// the corpus's enrichment says passages answer, by passage ID. They are read
// anew with each call.
func (ix *Index) ExpectedQuestions(ctx context.Context, language string) (map[string][]string, error) {
	all, err := ix.enrichments(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for i := range ix.corpus.Passages {
		p := &ix.corpus.Passages[i]
		for _, q := range all[TextKey(p.Text)].Questions {
			if q.Language == language {
				out[p.ID] = append(out[p.ID], q.Text)
			}
		}
	}
	return out, nil
}

// Close releases the vectors.
func (ix *Index) Close() error {
	if ix.vectors == nil {
		return nil
	}
	return ix.vectors.Close()
}

func (ix *Index) openVectors(ctx context.Context, opts Options, lexical func() error) error {
	g := Generation{Corpus: ix.corpus.Hash, Embedder: opts.Embedder.Name(), Dimensions: opts.Embedder.Dimensions()}
	if opts.StoredWords && opts.Enrichments == nil {
		g.Words = lexicalKey(ix.corpus, opts.BM25.withDefaults(), writtenFiles(opts.Written, ix.corpus))
	}
	opening := ix.tryOpen(ctx, g, opts)
	if opening == nil || !canBuild(ctx, opening, opts) {
		return opening
	}
	unlock, locking := lockStore(ctx, opening, opts)
	defer unlock()
	if locking != nil && (ctx.Err() != nil || opts.Fallback == nil) {
		return locking
	}
	keys := make([]textHash, len(ix.corpus.Passages))
	for i := range keys {
		keys[i] = hashText(ix.embedderInput(i))
	}
	cache, err := openCache(ctx, opts.Cache, opts.Embedder, keys)
	if err != nil {
		return err
	}
	defer cache.Close()
	// Another process may have built it while we waited for the locks.
	if opening = locking; opening == nil {
		opening = ix.tryOpen(ctx, g, opts)
		if opening == nil || !canBuild(ctx, opening, opts) {
			return opening
		}
	}
	points, err := ix.embedAll(ctx, cache, keys, opts)
	if err != nil {
		return err
	}
	ix.build.Unstored = cache.unstored
	if g.Words != "" {
		if err := cmp.Or(lexical(), ctx.Err()); err != nil {
			return err
		}
		if err := ix.addWords(points); err != nil {
			return err
		}
	}
	return ix.write(ctx, g, points, opening, opts)
}

// lockStore keeps other machines that share the store from indexing meanwhile;
// opening is the error of its Open. A store that cannot be locked is not
// written to.
func lockStore(ctx context.Context, opening error, opts Options) (unlock func(), err error) {
	shared, ok := opts.Store.(Locker)
	if !ok || !canWrite(opening) {
		return func() {}, nil
	}
	if unlock, err = shared.Lock(ctx); err != nil {
		return func() {}, &StoreError{err}
	}
	return unlock, nil
}

// tryOpen opens the generation, which is not there where it is to be rebuilt.
func (ix *Index) tryOpen(ctx context.Context, g Generation, opts Options) error {
	if opts.Rebuild {
		return fs.ErrNotExist
	}
	v, err := opts.Store.Open(ctx, g)
	switch {
	case err != nil && canWrite(err):
		return fmt.Errorf("opening the index: %w", err)
	case err != nil:
		failure := &StoreError{fmt.Errorf("opening the index: %w", err)}
		if opts.Await {
			ix.build.Awaits = failure
		}
		return failure
	}
	ix.use(v, g)
	ix.build.Opened, ix.build.Reused = true, len(ix.corpus.Passages)
	return nil
}

// canBuild says whether, after an error of the store's Open, there is a place
// for the vectors.
func canBuild(ctx context.Context, opening error, opts Options) bool {
	return ctx.Err() == nil && (canWrite(opening) || opts.Fallback != nil && !opts.Await)
}

func canWrite(opening error) bool {
	return errors.Is(opening, fs.ErrNotExist) || errors.Is(opening, ErrDamaged)
}

// write stores the vectors or, where the store cannot be used, leaves them to
// the fallback; opening is the error of the store's Open.
func (ix *Index) write(ctx context.Context, g Generation, points []Point, opening error, opts Options) error {
	v, err := Vectors(nil), opening
	if canWrite(opening) {
		if v, err = opts.Store.Write(ctx, g, points); err != nil {
			err = &StoreError{err}
		}
	}
	if err != nil {
		if ctx.Err() != nil || opts.Fallback == nil {
			return err
		}
		ix.build.Unstored, ix.build.Aside = err, true
		g.Words = ""
		if v, err = opts.Fallback.Write(ctx, g, points); err != nil {
			return err
		}
	} else if errors.Is(opening, ErrDamaged) {
		ix.log.WarnContext(ctx, "the stored index was damaged and has been rebuilt", "error", opening)
	}
	ix.use(v, g)
	return nil
}

// use searches a generation from now on.
func (ix *Index) use(v Vectors, g Generation) {
	ix.vectors = v
	if g.Words != "" {
		ix.storeWords, _ = v.(WordSearcher)
	}
}

// addWords gives the passages' points their words; the lexical index is there.
func (ix *Index) addWords(points []Point) (err error) {
	defer guardMapped(ix.lexical)(&err)
	for i := range points {
		points[i].Words = ix.lexical.storedWords(int32(i))
	}
	return nil
}

// CacheFolder is where below a data folder [Options.Cache] belongs.
func CacheFolder(data string) string { return filepath.Join(data, "cache") }
