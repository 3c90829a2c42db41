package weaviatestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"golang.org/x/sync/errgroup"

	"footnote/retrieval"
)

const (
	batchBytes = 1 << 19 // of JSON, about: a graph takes in some hundred vectors a second
	inserters  = 2       // batches at once
)

// An object is a passage's vector, or our own notes.
type object struct {
	Class      string         `json:"class"`
	ID         string         `json:"id"`
	Vector     []float32      `json:"vector,omitempty"`
	Properties map[string]any `json:"properties"`
}

func passageObject(collection string, p retrieval.Point) object {
	o := object{
		Class: collection, ID: objectID("passage", p.ID), Vector: p.Vector,
		Properties: map[string]any{"passage": p.ID, "document": documentKey(p.Document)},
	}
	for field, words := range p.Words {
		if len(words) > 0 {
			o.Properties[wordProperties[field]] = wordText(words)
		}
	}
	return o
}

// wordText is words as a text that is divided at its spaces.
func wordText(words []int32) string {
	var b []byte
	for _, w := range words {
		b = append(strconv.AppendInt(b, int64(w), 36), ' ')
	}
	return string(b)
}

// documentKey stands for a document's name, which may be as long as a path and
// is nobody's business at the server.
func documentKey(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:12])
}

// insert writes the passages, some batches at once.
func (s *Store) insert(ctx context.Context, collection string, points []retrieval.Point) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inserters)
	for len(points) > 0 {
		n := batchOf(points)
		batch := points[:n]
		points = points[n:]
		group.Go(func() error {
			objects := make([]object, len(batch))
			for i, p := range batch {
				objects[i] = passageObject(collection, p)
			}
			return s.putObjects(ctx, objects)
		})
	}
	return group.Wait()
}

// batchOf is how many of the first points make a batch.
func batchOf(points []retrieval.Point) int {
	const perObject, perNumber, perWord = 250, 12, 5 // bytes of JSON, about
	size := 0
	for n, p := range points {
		size += perObject + perNumber*len(p.Vector)
		for _, words := range p.Words {
			size += perWord * len(words)
		}
		if size > batchBytes {
			return max(n, 1)
		}
	}
	return len(points)
}

// An objectsError is objects that Weaviate did not take.
type objectsError struct {
	refused, of int
	message     string // about the first
}

func (e *objectsError) Error() string {
	return fmt.Sprintf("%d of %d objects were not taken: %s", e.refused, e.of, e.message)
}

// putObjects writes objects to most of their copies. The call may succeed where
// objects fail: those are written again, for a while.
func (s *Store) putObjects(ctx context.Context, objects []object) error {
	rest := objects
	return s.insist(ctx, func() (bool, error) {
		refused, message, err := s.putOnce(ctx, rest)
		if err != nil {
			return elsewhere(err), err
		}
		rest = refused
		if len(rest) > 0 {
			return true, &objectsError{len(rest), len(objects), message}
		}
		return false, nil
	})
}

// putOnce returns the objects that were not taken, and why.
func (s *Store) putOnce(ctx context.Context, objects []object) (refused []object, message string, err error) {
	var results []struct {
		ID     string
		Result struct {
			Errors *struct {
				Error []struct{ Message string }
			}
		}
	}
	body := map[string]any{"objects": objects}
	if err := s.call(ctx, batchTimeout, http.MethodPost, "/v1/batch/objects?consistency_level=QUORUM", body, &results); err != nil {
		return nil, "", err
	}
	taken := make(map[string]bool, len(results))
	for _, r := range results {
		if r.Result.Errors == nil {
			taken[r.ID] = true
		} else if message == "" && len(r.Result.Errors.Error) > 0 {
			message = r.Result.Errors.Error[0].Message
		}
	}
	for _, o := range objects {
		if !taken[o.ID] {
			refused = append(refused, o)
		}
	}
	return refused, message, nil
}

// getObject reads an object as most of its copies have it. Where it is known
// that there is one, those that do not find it are given time.
func (s *Store) getObject(ctx context.Context, collection, id string, known bool, out any) error {
	path := fmt.Sprintf("/v1/objects/%s/%s?consistency_level=QUORUM", url.PathEscape(collection), id)
	ask := call{method: http.MethodGet, path: path, timeout: schemaTimeout, known: known}
	return insist(ctx, min(s.times.patience, s.times.short), s.times.pause, func() (bool, error) {
		err := s.client.do(ctx, ask, out)
		return electing(err) || known && notFound(err), err
	})
}

// A graphError is GraphQL's, which comes with status 200.
type graphError struct{ message string }

func (e *graphError) Error() string { return "Weaviate answers: " + e.message }
func (e *graphError) Hint() string  { return reachHint }

var errNoAnswer = errors.New("an answer of Weaviate has no results")
