package weaviatestore

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"footnote/retrieval"
)

// mostResults is how many results Weaviate gives at most, unless its
// QUERY_MAXIMUM_RESULTS says otherwise.
const mostResults = 10_000

// vectors are an open generation; they implement [retrieval.DocumentSelector]
// and, where it has words, find passages by them as [retrieval.WordSearcher].
//
// A node searches its own copy and asks no other, whatever consistency is
// wanted. Its copy may lack what was written while it was away, until it has
// caught up. So each endpoint is asked once how many objects it sees, and is
// not searched before it sees all: a collection that is whole stays so. It is
// asked again after it failed.
type vectors struct {
	store *Store
	of    retrieval.Generation
	about manifest

	mu         sync.Mutex
	collection string
	written    time.Time // not before that
	copies     map[*endpoint]copyState

	end  context.CancelFunc // of the goroutine that marks the generation as used; nil without
	done chan struct{}      // closed when that has ended
}

// A copyState is what was found out about what an endpoint searches.
type copyState struct {
	whole    bool
	failures int       // of the endpoint, at that time
	at       time.Time // when it was not whole
}

func (s *Store) vectors(g retrieval.Generation, collection string, about manifest) *vectors {
	return &vectors{store: s, of: g, about: about, collection: collection, written: about.Written, copies: map[*endpoint]copyState{}}
}

// Len is the number of vectors.
func (v *vectors) Len() int { return v.about.Count }

// Query finds the nearest passages, and as many more as are as near as the
// last: which of those Weaviate leaves out is chance. It returns no more than
// 10,000.
func (v *vectors) Query(ctx context.Context, vector []float32, k int) ([]retrieval.Neighbor, error) {
	return v.query(ctx, vector, k, nil)
}

// QueryDocuments is Query among the passages of some documents.
func (v *vectors) QueryDocuments(ctx context.Context, vector []float32, k int, documents []string) ([]retrieval.Neighbor, error) {
	if len(documents) == 0 {
		return nil, ctx.Err()
	}
	return v.query(ctx, vector, k, documents)
}

func (v *vectors) query(ctx context.Context, vector []float32, k int, documents []string) ([]retrieval.Neighbor, error) {
	if len(vector) != v.of.Dimensions {
		return nil, fmt.Errorf("the query's vector has %d dimensions instead of %d", len(vector), v.of.Dimensions)
	}
	most := min(v.about.Count, mostResults)
	k = min(k, most)
	if k <= 0 || isZero(vector) {
		return nil, ctx.Err()
	}
	for n := k + 1; ; n *= 2 {
		n = min(n, most)
		found, err := v.near(ctx, vector, n, documents)
		if err != nil {
			return nil, failed(err)
		}
		if len(found) < n || n == most || found[n-1].Similarity < found[k-1].Similarity {
			return nearest(found, k), nil
		}
	}
}

// near asks for n neighbours.
func (v *vectors) near(ctx context.Context, vector []float32, n int, documents []string) ([]retrieval.Neighbor, error) {
	query := func(collection string) string { return nearestQuery(collection, vector, n, documents) }
	return v.search(ctx, query, func(found int) error {
		if documents == nil && found < n && v.about.Count <= exactUpTo {
			return fmt.Errorf("%w: it found %d of %d", errNotWhole, found, n)
		}
		return nil
	})
}

// nearest are the first k, equally near ones by ID.
func nearest(found []retrieval.Neighbor, k int) []retrieval.Neighbor {
	slices.SortFunc(found, func(a, b retrieval.Neighbor) int {
		return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), strings.Compare(a.ID, b.ID))
	})
	return found[:min(k, len(found))]
}

// QueryWords implements [retrieval.WordSearcher]; it returns no more than 10,000.
//
// Weaviate looks for the best through postings that it takes to be in the order
// of its objects. Those that are not on disk yet are in the order in which they
// came, so that it passes over some (v1.35.2: lsmkv.addDataToTerm does not sort
// what a WAND moves through); a minute later they are on disk, in order.
func (v *vectors) QueryWords(ctx context.Context, field retrieval.Field, words []int32, k int, documents []string) ([]string, error) {
	k = min(k, v.about.passages(), mostResults)
	if k <= 0 || len(words) == 0 || documents != nil && len(documents) == 0 {
		return nil, ctx.Err()
	}
	if !v.isSettled() {
		return nil, retrieval.ErrUnsettled
	}
	query := func(collection string) string { return wordQuery(collection, field, words, k, documents) }
	found, err := v.search(ctx, query, func(int) error { return nil })
	if err != nil {
		return nil, failed(err)
	}
	ids := make([]string, len(found))
	for i, f := range found {
		ids[i] = f.ID
	}
	return ids, nil
}

func (v *vectors) isSettled() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return !v.store.client.now().Before(v.written.Add(v.store.times.settle))
}

// search has a collection asked, and says with check how many it found are too
// few to be all. Where the collection is gone, another writing of the same
// generation may have taken its place.
func (v *vectors) search(ctx context.Context, query func(collection string) string, check func(found int) error) ([]retrieval.Neighbor, error) {
	collection := v.current()
	found, err := v.searchIn(ctx, collection, query(collection), check)
	var refused *graphError
	if err == nil || !errors.As(err, &refused) {
		return found, err
	}
	now, aliasErr := v.store.target(ctx, v.store.alias(v.of))
	if aliasErr != nil || now == "" || now == collection {
		return nil, err
	}
	v.move(now)
	return v.searchIn(ctx, now, query(now), check)
}

func (v *vectors) current() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.collection
}

// move goes on with another collection of the generation.
func (v *vectors) move(collection string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.collection != collection {
		v.collection, v.written = collection, v.store.client.now()
	}
	clear(v.copies)
}

// searchIn asks one endpoint after the other, passing over those whose copy is
// not whole.
func (v *vectors) searchIn(ctx context.Context, collection, query string, check func(found int) error) ([]retrieval.Neighbor, error) {
	ask, err := newCall(v.store.times.ask, http.MethodPost, "/v1/graphql", graphQuery(query))
	if err != nil {
		return nil, err
	}
	var found []retrieval.Neighbor
	ask.accept = func(body []byte) error {
		if found, err = readNeighbors(body, collection); err != nil {
			return err
		}
		return check(len(found))
	}
	err = v.eachWhole(ctx, collection, func(e *endpoint) error {
		_, err := v.store.client.try(ctx, e, ask)
		return err
	})
	return found, err
}

// eachWhole has something done at one endpoint after the other, until it is,
// passing over those whose copy is not whole.
func (v *vectors) eachWhole(ctx context.Context, collection string, do func(*endpoint) error) error {
	var failures []error
	for _, e := range v.store.client.order() {
		err := v.checkCopy(ctx, collection, e)
		if err == nil {
			err = do(e)
		}
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		failures = append(failures, err)
		if !elsewhere(err) {
			break
		}
	}
	return unreached(failures)
}

var errNotWhole = errors.New("this copy of the index is not whole yet")

// checkCopy fails where an endpoint does not see the whole collection.
func (v *vectors) checkCopy(ctx context.Context, collection string, e *endpoint) error {
	now, failures := v.store.client.now(), e.failureCount()
	v.mu.Lock()
	known, ok := v.copies[e]
	v.mu.Unlock()
	switch {
	case ok && known.whole && known.failures == failures:
		return nil
	case ok && !known.whole && now.Sub(known.at) < v.store.times.short:
		return fmt.Errorf("%s: %w", e.host, errNotWhole)
	}
	sees, err := v.countAt(ctx, collection, e)
	if err != nil {
		return err
	}
	state := copyState{whole: sees >= v.about.passages()+1, failures: failures, at: now} // and the manifest
	v.mu.Lock()
	if v.collection == collection {
		v.copies[e] = state
	}
	v.mu.Unlock()
	if !state.whole {
		return fmt.Errorf("%s: %w: it has %d of %d objects", e.host, errNotWhole, sees, v.about.passages()+1)
	}
	return nil
}

// countAt is how many objects of the collection an endpoint sees.
func (v *vectors) countAt(ctx context.Context, collection string, e *endpoint) (int, error) {
	ask, err := newCall(v.store.times.ask, http.MethodPost, "/v1/graphql", graphQuery("{Aggregate{"+collection+"{meta{count}}}}"))
	if err != nil {
		return 0, err
	}
	var out []struct{ Meta struct{ Count int } }
	ask.accept = func(body []byte) error { return readGraph(body, "Aggregate", collection, &out) }
	if _, err := v.store.client.try(ctx, e, ask); err != nil {
		return 0, err
	}
	if len(out) != 1 {
		return 0, errNoAnswer
	}
	return out[0].Meta.Count, nil
}

// findWhole looks for an endpoint with a copy that is whole. Where every one
// answers and none has, some of it is gone; but one that has been away is given
// the time to catch up with the others.
func (v *vectors) findWhole(ctx context.Context, others bool) error {
	collection, patience := v.current(), time.Duration(0)
	if others {
		patience = v.store.times.catchUp
	}
	err := insist(ctx, patience, v.store.times.pause, func() (bool, error) {
		v.move(collection) // forget what was found out before
		err := v.eachWhole(ctx, collection, func(*endpoint) error { return nil })
		return errors.Is(err, errNotWhole), err
	})
	switch {
	case err == nil || ctx.Err() != nil:
		return ctx.Err()
	case all(err, func(one error) bool { return errors.Is(one, errNotWhole) }):
		return damaged(collection, err)
	}
	return failed(err)
}

// keepMarked marks the generation as used, now and then until Close.
func (v *vectors) keepMarked() {
	ctx, end := context.WithCancel(context.Background())
	v.end, v.done = end, make(chan struct{})
	go func() {
		defer close(v.done)
		for {
			v.mark(ctx)
			if sleep(ctx, v.store.times.renew) != nil {
				return
			}
		}
	}()
}

// mark writes when the generation was last used. Failing is no harm: it is
// tried again.
func (v *vectors) mark(ctx context.Context) {
	collection := v.current()
	used := object{Class: collection, ID: manifestID, Properties: map[string]any{"used": stamp(v.store.client.now())}}
	// Other than writing the object, merging into it makes no collection anew.
	path := "/v1/objects/" + collection + "/" + manifestID + "?consistency_level=QUORUM"
	err := v.store.call(ctx, schemaTimeout, http.MethodPatch, path, used, nil)
	if err != nil && ctx.Err() == nil {
		v.store.log.DebugContext(ctx, "could not mark an index as used", "collection", collection, "error", err)
	}
}

// Close ends the marking; the collection stays for others.
func (v *vectors) Close() error {
	if v.end != nil {
		v.end()
		<-v.done
	}
	return nil
}

func graphQuery(text string) map[string]string { return map[string]string{"query": text} }

// nearestQuery is a search in GraphQL.
// https://docs.weaviate.io/weaviate/api/graphql/search-operators
func nearestQuery(collection string, vector []float32, n int, documents []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{Get{%s(limit:%d nearVector:{vector:[", collection, n)
	for i, x := range vector {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatFloat(float64(x), 'g', -1, 32))
	}
	b.WriteString("]}" + amongDocuments(documents) + "){passage _additional{distance}}}}")
	return b.String()
}

// wordQuery is a search by BM25 in GraphQL.
func wordQuery(collection string, field retrieval.Field, words []int32, n int, documents []string) string {
	return fmt.Sprintf("{Get{%s(limit:%d bm25:{query:%q properties:[%q]}%s){passage}}}",
		collection, n, wordText(words), wordProperties[field], amongDocuments(documents))
}

// amongDocuments narrows a search; nil does not.
func amongDocuments(documents []string) string {
	if documents == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString(` where:{path:["document"] operator:ContainsAny valueText:[`)
	for _, name := range documents {
		b.WriteString(`"` + documentKey(name) + `",`)
	}
	b.WriteString("]}")
	return b.String()
}

func readNeighbors(body []byte, collection string) ([]retrieval.Neighbor, error) {
	var results []struct {
		Passage    string
		Additional struct{ Distance float64 } `json:"_additional"`
	}
	if err := readGraph(body, "Get", collection, &results); err != nil {
		return nil, err
	}
	found := make([]retrieval.Neighbor, len(results))
	for i, r := range results {
		// Rounding can carry the cosine beyond 1.
		found[i] = retrieval.Neighbor{ID: r.Passage, Similarity: max(-1, min(1-r.Additional.Distance, 1))}
	}
	return found, nil
}

// readGraph reads the results of a query about a collection.
func readGraph(body []byte, kind, collection string, results any) error {
	var out struct {
		Data   map[string]map[string]json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(body, &out); err != nil {
		return fmt.Errorf("reading Weaviate's answer: %w", err)
	}
	if len(out.Errors) > 0 {
		return &graphError{out.Errors[0].Message}
	}
	text := out.Data[kind][collection]
	if text == nil {
		return errNoAnswer
	}
	return json.Unmarshal(text, results)
}
