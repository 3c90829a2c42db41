package weaviatestore

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// A Status is what there is to say of an endpoint.
type Status struct {
	Host    string
	Version string
	Nodes   int   // that it knows of
	Err     error // why it cannot be used; nil when it can
}

// Check asks each endpoint how it is.
func (s *Store) Check(ctx context.Context) []Status {
	var out []Status
	for _, e := range s.client.endpoints {
		status := Status{Host: e.host}
		status.Version, status.Nodes, status.Err = s.checkEndpoint(ctx, e)
		out = append(out, status)
	}
	return out
}

func (s *Store) checkEndpoint(ctx context.Context, e *endpoint) (version string, nodes int, err error) {
	alone := *s
	alone.client = &client{endpoints: []*endpoint{e}, http: s.client.http, key: s.client.key, now: s.client.now}
	members, err := alone.nodes(ctx, "")
	if err != nil {
		return "", 0, err
	}
	// Aliases came with version 1.32.
	err = alone.call(ctx, schemaTimeout, http.MethodGet, "/v1/aliases", nil, nil)
	if isStatus(err, http.StatusNotFound, http.StatusMethodNotAllowed) {
		return "", 0, &SettingError{e.host + " is no Weaviate of version 1.32 or later", "run a newer Weaviate; what is tested is 1.35"}
	}
	if err != nil {
		return "", 0, err
	}
	if len(members) == 0 {
		return "", 0, errors.New(e.host + " knows of no nodes")
	}
	if sick := slices.IndexFunc(members, func(n node) bool { return n.Status != healthy }); sick >= 0 {
		return "", 0, fmt.Errorf("the node %s of Weaviate is %s", members[sick].Name, members[sick].Status)
	}
	if len(members) < replicated && !s.allowUnreplicated {
		return "", 0, &replicationError{len(members)}
	}
	return members[0].Version, len(members), nil
}
