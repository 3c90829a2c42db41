// Package retrieval finds the passages and sentences of a corpus that answer
// a question, and says how sure it is that any do.
package retrieval

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"footnote/corpus"
)

// An Embedder turns texts into vectors. Implementations are safe for
// concurrent use and return promptly with ctx.Err() once ctx is done.
type Embedder interface {
	// Name identifies the model; vectors of different names never mix.
	Name() string
	// Dimensions is the length of every vector.
	Dimensions() int
	// Embed returns one vector of unit length for each text, in order. A
	// text in which the model sees nothing gives a zero vector.
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// A Result is what a search found.
type Result struct {
	// Query is the question as it was searched, after spelling correction.
	Query string
	// Corrections are the words that were read as others.
	Corrections []Correction
	// Passages are ranked, best first.
	Passages []Hit
	// Sentences are ranked, best first, drawn from the best passages.
	Sentences []Sentence
	// Parts are the results for the questions that a question of several
	// parts joins, in order; nil for a question of one part.
	Parts []*Result
	// Confidence, in [0,1], is the estimated probability that the corpus
	// answers the question; of a question of several parts, the mean of
	// theirs where that is more.
	Confidence float64
	// Terms are the question's words that carry meaning, in order.
	Terms []Term
	// Missing are words of the question that carry its meaning and that the
	// corpus does not mention.
	Missing []string
	// Conflict is what the question takes for granted and the corpus says
	// otherwise; nil where none is seen.
	Conflict *Conflict
	// Saying says that the question asks what somebody said or thinks.
	Saying bool
	// Degraded is why vectors were not used for this search; nil when they were.
	Degraded error
}

// A Correction is a word of the question that the corpus lacks, read as one it has.
type Correction struct{ From, To string }

// A Hit is a passage with its score; scores compare within one result only.
type Hit struct {
	Passage corpus.Passage
	Score   float64
}

// A Sentence is a sentence of a passage with its score; scores compare within
// one result only.
type Sentence struct {
	Passage corpus.Passage
	// Start and End are byte offsets into the document.
	Start, End int
	Text       string
	Score      float64
	// Probability is this sentence's share of the belief that one of the
	// sentences says it; the shares of all candidates add up to 1.
	Probability float64
	// Covers are the question's terms that the sentence holds, as indexes
	// into Result.Terms, ascending.
	Covers []int
}

// A Term is a word of the question, or a name joined from its parts.
type Term struct {
	Text string
	// Weight is how much the word says, in nats, by how rare it is.
	Weight float64
	// Known says that the corpus has the word in some form.
	Known bool
	// Specific says that it is a name or a number.
	Specific bool
}

// ErrDamaged is wrapped by stores when a generation cannot be trusted.
var ErrDamaged = errors.New("the stored index is damaged")

// A StoreError is of a [Store] that cannot be asked, or does not take what it is
// given: nothing is wrong with the question or the corpus, and it may work later.
type StoreError struct{ Err error }

func (e *StoreError) Error() string { return e.Err.Error() }
func (e *StoreError) Unwrap() error { return e.Err }

// A Generation identifies the vectors of one corpus by one embedder. Vectors
// of different generations never mix.
type Generation struct {
	Corpus     string // corpus.Corpus.Hash
	Embedder   string
	Dimensions int
	// Words names what the words of its points depend on; "" where it has none.
	Words string
}

// formatVersion changes when what is embedded for a passage changes.
const formatVersion = 1

// Key names the generation in a store: lower-case hexadecimal.
func (g Generation) Key() string {
	id := fmt.Appendf(nil, "%d %s %q %d", formatVersion, g.Corpus, g.Embedder, g.Dimensions)
	if g.Words != "" {
		id = fmt.Appendf(id, " %s", g.Words)
	}
	sum := sha256.Sum256(id)
	return hex.EncodeToString(sum[:12])
}

// A Point is a passage's vector.
type Point struct {
	ID       string // of the passage
	Vector   []float32
	Document string // that the passage is of, by name
	// Words are the passage's words by [Field], as numbers, in no order; nil in
	// a generation that has none.
	Words [Fields][]int32
}

// A Field is one of the texts that a passage is found by.
type Field int

// The fields.
const (
	Body   Field = iota // the passage, its headings and its document's title
	Asked               // the questions that it is known to answer
	Fields = 2
)

// A Neighbor is a passage near a query.
type Neighbor struct {
	ID         string
	Similarity float64 // cosine, in [-1,1]
}

// A Store keeps generations of vectors. Implementations are safe for
// concurrent use, by several processes too, and return promptly with ctx.Err()
// once ctx is done.
type Store interface {
	// Open returns a generation that was written whole. The error is
	// [fs.ErrNotExist] when there is none, [ErrDamaged] when there is one
	// that cannot be trusted; Write then replaces it. Any other error is of
	// the store itself: nothing can be said of the generation, and writing
	// it would not help.
	Open(ctx context.Context, g Generation) (Vectors, error)
	// Write stores a generation and returns it. Readers see all of it or
	// none; what is already open elsewhere stays usable. Zero vectors are
	// left out: nothing is near them. After an error the store has no less
	// than before; who can do without it keeps the points elsewhere, as
	// [Options.Fallback] does.
	Write(ctx context.Context, g Generation, points []Point) (Vectors, error)
	// Location says where generations are kept, for people.
	Location() string
}

// Vectors is an open generation, safe for concurrent use.
type Vectors interface {
	// Query returns the k nearest passages, nearest first; fewer when there
	// are fewer. It fails when the vector's length is not the generation's.
	Query(ctx context.Context, vector []float32, k int) ([]Neighbor, error)
	// Len is the number of vectors.
	Len() int
	Close() error
}

// A Prober is Vectors that can be out of reach.
type Prober interface {
	// Probe asks as cheaply as it can whether a Query would be answered.
	Probe(ctx context.Context) error
}

// A Selector is Vectors that can be asked for some of the passages alone.
type Selector interface {
	// QueryAmong is Query as if there were only the passages that are among
	// those wanted; among is called by several goroutines at once.
	QueryAmong(ctx context.Context, vector []float32, k int, among func(id string) bool) ([]Neighbor, error)
}

// A DocumentSelector is Vectors that can be asked for the passages of some
// documents alone, by the names that their points were written with.
type DocumentSelector interface {
	// QueryDocuments is Query as if there were only the passages of those
	// documents.
	QueryDocuments(ctx context.Context, vector []float32, k int, documents []string) ([]Neighbor, error)
}

// ErrUnsettled is wrapped by a [WordSearcher] to which the words were written
// only just now.
var ErrUnsettled = errors.New("the words of the passages are not settled yet")

// A WordSearcher is Vectors that passages can be found in by their words.
type WordSearcher interface {
	// QueryWords returns the passages that BM25 likes best for some of the
	// field's words, of which one given twice counts twice: k of them, fewer
	// where fewer have any, in no order; of the documents alone, if they are
	// not nil. Parameters are the store's own, so that the passages are about
	// those that [BM25] would choose, and k had better be more than are wanted.
	// The error is [ErrUnsettled] while not all would be found.
	QueryWords(ctx context.Context, field Field, words []int32, k int, documents []string) ([]string, error)
}

// A Locker is a [Store] that several machines share, of which one is to index
// at a time.
type Locker interface {
	// Lock waits until nobody else holds the lock. It is given back by unlock,
	// and by the death of this process, for which it may take some time.
	Lock(ctx context.Context) (unlock func(), err error)
}
