package weaviatestore

import (
	"context"
	"errors"
	"net/http"
)

// size is how many nodes the cluster has, those that are away among them. The
// list of nodes leaves one out some seconds after it was last heard of; Raft's
// configuration does not, and it is by that that Weaviate (1.35.2) places the
// copies of a new collection: with one node of three away it makes three, and two
// are written.
func (s *Store) size(ctx context.Context) (int, error) {
	var out struct {
		Statistics []struct {
			Raft struct{ LatestConfiguration []struct{ ID string } }
		}
	}
	err := s.call(ctx, schemaTimeout, http.MethodGet, "/v1/cluster/statistics", nil, &out)
	if answer, ok := errors.AsType[*statusError](err); err != nil && (!ok || elsewhere(answer)) {
		return 0, err
	}
	n := 0
	for _, member := range out.Statistics {
		n = max(n, len(member.Raft.LatestConfiguration))
	}
	if n > 0 {
		return n, nil
	}
	nodes, err := s.nodes(ctx, "") // who may not ask for that
	return len(nodes), err
}
