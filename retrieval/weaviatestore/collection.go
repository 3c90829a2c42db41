package weaviatestore

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"footnote/retrieval"
)

const (
	replicated = 3 // copies of what must outlive a node
	// exactUpTo is how many vectors are compared one by one; more have a
	// graph, which finds nearly all of the nearest.
	exactUpTo = 10_000
)

// A class is a collection's definition, as far as we have a say.
// https://docs.weaviate.io/weaviate/config-refs/collections
type class struct {
	Class       string         `json:"class"`
	Description string         `json:"description"`
	Vectorizer  string         `json:"vectorizer"`
	IndexType   string         `json:"vectorIndexType"`
	Index       map[string]any `json:"vectorIndexConfig"`
	Replication replication    `json:"replicationConfig"`
	Sharding    map[string]int `json:"shardingConfig"`
	Properties  []property     `json:"properties"`
}

type replication struct {
	Factor int `json:"factor"`
	// Async has a node that was away catch up by itself.
	Async bool `json:"asyncEnabled"`
}

type property struct {
	Name         string   `json:"name"`
	Type         []string `json:"dataType"`
	Tokenization string   `json:"tokenization"`
	Filterable   bool     `json:"indexFilterable"`
	Searchable   bool     `json:"indexSearchable"`
}

// wordProperties are where the words of each field are.
var wordProperties = [retrieval.Fields]string{"words", "asked"}

// text is a property that is a string and nothing else.
func text(name string, filterable bool) property {
	return property{Name: name, Type: []string{"text"}, Tokenization: "field", Filterable: filterable}
}

func newClass(name, description string, factor int, properties ...property) class {
	return class{
		Class: name, Description: description, Vectorizer: "none", Properties: properties,
		IndexType: "flat", Index: map[string]any{"distance": "cosine", "skipDefaultQuantization": true},
		Replication: replication{factor, factor > 1}, Sharding: map[string]int{"desiredCount": 1},
	}
}

func generationClass(name string, g retrieval.Generation, count, factor int) class {
	about := fmt.Sprintf("An index of footnote: the vectors of %d passages by %s", count, g.Embedder)
	c := newClass(name, about, factor, text("passage", false), text("document", true), text("manifest", false), text("used", false))
	if g.Words != "" {
		for _, name := range wordProperties {
			c.Properties = append(c.Properties, property{Name: name, Type: []string{"text"}, Tokenization: "whitespace", Searchable: true})
		}
	}
	if count > exactUpTo {
		c.IndexType = "hnsw"
	}
	return c
}

// newCollection names a collection of a generation that nobody else writes. The
// name says when it was begun.
func (s *Store) newCollection(g retrieval.Generation) string {
	return fmt.Sprintf("%s_%s_%08x", s.alias(g), strconv.FormatInt(s.client.now().Unix(), 36), rand.Uint32())
}

// begun is when the collection of a name was begun, and the alias it was for.
func (s *Store) begun(collection string) (alias string, at time.Time, ours bool) {
	rest, ok := strings.CutPrefix(collection, s.prefix+"_")
	parts := strings.Split(rest, "_")
	if !ok || len(parts) != 3 {
		return "", time.Time{}, false
	}
	seconds, err := strconv.ParseInt(parts[1], 36, 64)
	return s.prefix + "_" + parts[0], time.Unix(seconds, 0), err == nil
}

// A replicationError is a cluster with too few nodes for three copies.
type replicationError struct{ nodes int }

func (e *replicationError) Error() string {
	return fmt.Sprintf("an index is to be kept on %d nodes, and Weaviate has %d", replicated, e.nodes)
}
func (e *replicationError) Hint() string {
	return "run Weaviate on three nodes, or set FOOTNOTE_ALLOW_UNREPLICATED=true to keep a single copy, which must be built again when its node is lost"
}

// A node is a member of the cluster.
type node struct {
	Name, Status, Version string
	Shards                []struct {
		Class                string
		VectorIndexingStatus string
		VectorQueueLength    int64
	}
}

const healthy = "HEALTHY"

// nodes are the members; of a collection's, with what they have of it.
func (s *Store) nodes(ctx context.Context, collection string) ([]node, error) {
	path := "/v1/nodes"
	if collection != "" {
		path += "/" + url.PathEscape(collection) + "?output=verbose"
	}
	var out struct{ Nodes []node }
	err := s.call(ctx, schemaTimeout, http.MethodGet, path, nil, &out)
	return out.Nodes, err
}

// replicas is how many copies there are to be of what is written now. A cluster
// that is being started is waited for.
func (s *Store) replicas(ctx context.Context) (int, error) {
	var factor int
	err := s.insist(ctx, func() (bool, error) {
		nodes, err := s.size(ctx)
		if err != nil {
			return true, err
		}
		switch {
		case nodes >= replicated:
			factor = replicated
		case s.allowUnreplicated:
			factor = 1
		default:
			return nodes > 1, &replicationError{nodes}
		}
		return false, nil
	})
	return factor, err
}

// insist tries until it works, or what fails is final, or patience is over.
func (s *Store) insist(ctx context.Context, try func() (again bool, err error)) error {
	return insist(ctx, s.times.patience, s.times.pause, try)
}

func insist(ctx context.Context, patience, pause time.Duration, try func() (again bool, err error)) error {
	deadline := time.Now().Add(patience)
	for {
		again, err := try()
		if err == nil || !again || ctx.Err() != nil {
			return cmp.Or(ctx.Err(), err)
		}
		if time.Now().After(deadline) {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, 2*time.Second)
	}
}

// call makes a call once, at whichever endpoint answers.
func (s *Store) call(ctx context.Context, timeout time.Duration, method, path string, body, out any) error {
	c, err := newCall(timeout, method, path, body)
	if err != nil {
		return err
	}
	return s.client.do(ctx, c, out)
}

// create makes a collection. One that is there already was made by an attempt
// whose answer was lost: nobody else knows its name.
func (s *Store) create(ctx context.Context, name string, c class) error {
	return s.insist(ctx, func() (bool, error) {
		err := s.call(ctx, schemaTimeout, http.MethodPost, "/v1/schema", c, nil)
		if err != nil && s.exists(ctx, name) {
			return false, nil
		}
		// Weaviate says 422 too where it has too few nodes for the moment.
		return elsewhere(err) || isStatus(err, http.StatusUnprocessableEntity), err
	})
}

func (s *Store) exists(ctx context.Context, collection string) bool {
	return s.call(ctx, schemaTimeout, http.MethodGet, "/v1/schema/"+url.PathEscape(collection), nil, nil) == nil
}

// drop erases a collection; one that is not there is no error.
func (s *Store) drop(ctx context.Context, collection string) error {
	return s.call(ctx, schemaTimeout, http.MethodDelete, "/v1/schema/"+url.PathEscape(collection), nil, nil)
}

var errNoShards = errors.New("the new collection's shards do not come up")

// waitForShards waits for all copies, and after a while for most: what is
// written before is refused.
func (s *Store) waitForShards(ctx context.Context, collection string, factor int) error {
	const all = 10 * time.Second
	began := time.Now()
	return s.insist(ctx, func() (bool, error) {
		nodes, err := s.nodes(ctx, collection)
		if err != nil {
			return true, err
		}
		ready := 0
		for _, n := range nodes {
			if n.Status == healthy && len(n.Shards) > 0 {
				ready++
			}
		}
		if ready >= factor || ready > factor/2 && time.Since(began) > all {
			return false, nil
		}
		return true, errNoShards
	})
}

// waitForQueue waits until all vectors can be found: with ASYNC_INDEXING
// Weaviate takes them in after it has acknowledged them, which may take longer
// than anything else is waited for.
func (s *Store) waitForQueue(ctx context.Context, collection string) error {
	for {
		waiting, err := s.queued(ctx, collection)
		if err != nil || waiting == 0 {
			return err
		}
		if err := sleep(ctx, s.times.pause); err != nil {
			return err
		}
	}
}

// queued is how many vectors cannot be found yet, on the node that has most.
func (s *Store) queued(ctx context.Context, collection string) (most int64, err error) {
	var nodes []node
	err = s.insist(ctx, func() (bool, error) {
		nodes, err = s.nodes(ctx, collection)
		return true, err // a node that was away may not know the collection yet
	})
	for _, n := range nodes {
		for _, shard := range n.Shards {
			most = max(most, shard.VectorQueueLength)
		}
	}
	return most, err
}

type aliasTarget struct {
	Alias string `json:"alias,omitempty"`
	Class string `json:"class"`
}

// target is the collection that an alias points to; empty without one.
func (s *Store) target(ctx context.Context, alias string) (string, error) {
	var out aliasTarget
	err := insist(ctx, min(s.times.patience, schemaTimeout), s.times.pause, func() (bool, error) {
		err := s.call(ctx, schemaTimeout, http.MethodGet, "/v1/aliases/"+alias, nil, &out)
		return electing(err), err
	})
	if isStatus(err, http.StatusNotFound) {
		return "", nil
	}
	return out.Class, err
}

// electing says whether an error may be of a cluster that has lost its leader,
// and will have another one within seconds.
func electing(err error) bool {
	var answer *statusError
	return errors.As(err, &answer) && elsewhere(answer)
}

// point lets an alias point to a collection, for everybody at once.
func (s *Store) point(ctx context.Context, alias, collection string) error {
	return s.insist(ctx, func() (bool, error) {
		now, err := s.target(ctx, alias)
		switch {
		case err != nil || now == collection:
			return true, err
		case now == "":
			err = s.call(ctx, schemaTimeout, http.MethodPost, "/v1/aliases", aliasTarget{alias, collection}, nil)
		default:
			err = s.call(ctx, schemaTimeout, http.MethodPut, "/v1/aliases/"+alias, aliasTarget{Class: collection}, nil)
		}
		if err != nil { // another may have made or erased the alias: look again
			return elsewhere(err) || isStatus(err, http.StatusUnprocessableEntity, http.StatusNotFound), err
		}
		return false, nil
	})
}

// A manifest says what a collection holds; it is written last.
type manifest struct {
	Corpus     string `json:"corpus"`
	Embedder   string `json:"embedder"`
	Dimensions int    `json:"dimensions"`
	Count      int    `json:"count"` // of vectors
	Copies     int    `json:"copies"`
	// Words is the generation's. Where it has words, there are passages without
	// a vector, too.
	Words string `json:"words,omitempty"`
	// Objects are of passages; older programs did not write how many.
	Objects int `json:"objects,omitempty"`
	// Written is when that was.
	Written time.Time `json:"written,omitzero"`
}

// isOf says whether it is of a generation.
func (m manifest) isOf(g retrieval.Generation) bool {
	return m.Corpus == g.Corpus && m.Embedder == g.Embedder && m.Dimensions == g.Dimensions && m.Words == g.Words
}

// passages is how many have an object.
func (m manifest) passages() int { return max(m.Count, m.Objects) }

// manifestID is that of the object that is no passage.
var manifestID = objectID("manifest", "")

// objectID is a UUID that goes by a kind and a name.
func objectID(kind, name string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // RFC 9562, version 8
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// stamp is a time as it is written.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func manifestObject(collection string, m manifest) object {
	about, _ := json.Marshal(m) // strings and numbers can always be encoded
	return object{
		Class: collection, ID: manifestID,
		Properties: map[string]any{"manifest": string(about), "used": stamp(m.Written)},
	}
}

func (s *Store) readManifest(ctx context.Context, collection string) (manifest, error) {
	m, _, err := s.readUse(ctx, collection)
	return m, err
}

// readUse reads a manifest, and when the collection was last known to be used.
func (s *Store) readUse(ctx context.Context, collection string) (m manifest, used time.Time, err error) {
	var out struct {
		Properties struct{ Manifest, Used string }
	}
	if err := s.getObject(ctx, collection, manifestID, true, &out); err != nil {
		return m, used, err
	}
	used, _ = time.Parse(time.RFC3339, out.Properties.Used) // else it is long ago
	if json.Unmarshal([]byte(out.Properties.Manifest), &m) != nil {
		return manifest{}, used, nil // which is no generation's
	}
	return m, used, nil
}
