package weaviatestore

import (
	"context"
	"net/http"
)

// Probe fails where no endpoint says that it is ready. It asks all of them at
// once, so that one that does not answer delays nothing, and blames none.
func (s *Store) Probe(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ready := call{method: http.MethodGet, path: "/v1/.well-known/ready"}
	results := make(chan error, len(s.client.endpoints))
	for _, e := range s.client.endpoints {
		go func() {
			_, err := s.client.send(ctx, e, ready)
			results <- err
		}()
	}
	var failures []error
	for range s.client.endpoints {
		err := <-results
		if err == nil {
			return nil
		}
		failures = append(failures, err)
	}
	return failed(unreached(failures))
}

// Probe asks for one neighbour: what answers that answers a question.
func (v *vectors) Probe(ctx context.Context) error {
	if v.about.Count == 0 {
		return v.store.Probe(ctx)
	}
	anywhere := make([]float32, v.of.Dimensions)
	anywhere[0] = 1
	if _, err := v.near(ctx, anywhere, 1, nil); err != nil {
		return failed(err)
	}
	return nil
}
