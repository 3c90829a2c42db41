package weaviatestore

import (
	"context"
	"net/http"
	"slices"
	"time"
)

const (
	// kept is how many generations stay, as on disk: those of a few reports,
	// and of earlier versions that someone may go back to.
	kept = 16
	// unused is for how long a generation must not have been marked as used to
	// be taken away: who has it open marks it every hour.
	unused = 24 * time.Hour
	// superseded is how long a collection stays that an alias no longer points
	// to; who still reads it moves on when it is gone.
	superseded = 10 * time.Minute
	// abandoned is how old a collection must be, without an alias ever having
	// pointed to it, to be some killed process's.
	abandoned = 24 * time.Hour
)

// prune takes away the generations that were not used for longest, beyond
// those kept, and collections that no alias points to. Failing is no harm, and
// only logged.
func (s *Store) prune(ctx context.Context) {
	collections, aliases, err := s.list(ctx)
	if err != nil {
		s.log.WarnContext(ctx, "could not look for old indexes in Weaviate", "error", err)
		return
	}
	for _, name := range s.leftOver(collections, aliases) {
		s.remove(ctx, "", name)
	}
	type generation struct {
		alias, collection string
		used              time.Time
	}
	var generations []generation
	if len(aliases) <= kept {
		return
	}
	for alias, collection := range aliases {
		_, used, err := s.readUse(ctx, collection)
		if err == nil || notFound(err) { // that of a lost collection is not used
			generations = append(generations, generation{alias, collection, used})
		}
	}
	slices.SortFunc(generations, func(a, b generation) int { return b.used.Compare(a.used) })
	for _, old := range generations[min(kept, len(generations)):] {
		if s.client.now().Sub(old.used) > unused {
			s.remove(ctx, old.alias, old.collection)
		}
	}
}

// list is what this store has in Weaviate: its collections of generations, and
// the aliases of those that are whole.
func (s *Store) list(ctx context.Context) (collections []string, aliases map[string]string, err error) {
	// The aliases first: a collection that is made later is not taken for one
	// that lost its alias.
	var known struct{ Aliases []aliasTarget }
	if err := s.call(ctx, schemaTimeout, http.MethodGet, "/v1/aliases", nil, &known); err != nil {
		return nil, nil, err
	}
	var schema struct{ Classes []struct{ Class string } }
	if err := s.call(ctx, schemaTimeout, http.MethodGet, "/v1/schema", nil, &schema); err != nil {
		return nil, nil, err
	}
	aliases = map[string]string{}
	for _, a := range known.Aliases {
		if alias, _, ours := s.begun(a.Class); ours && alias == a.Alias {
			aliases[a.Alias] = a.Class
		}
	}
	for _, c := range schema.Classes {
		if _, _, ours := s.begun(c.Class); ours {
			collections = append(collections, c.Class)
		}
	}
	return collections, aliases, nil
}

// leftOver are the collections that no alias points to and that are too old to
// be in the making: older than the one that took their place, for a while, or
// older than any writing takes.
func (s *Store) leftOver(collections []string, aliases map[string]string) []string {
	now := s.client.now()
	var found []string
	for _, name := range collections {
		alias, begun, _ := s.begun(name)
		current, whole := aliases[alias]
		_, replaced, _ := s.begun(current)
		switch {
		case current == name:
		case whole && begun.Before(replaced) && now.Sub(replaced) > superseded, now.Sub(begun) > abandoned:
			found = append(found, name)
		}
	}
	return found
}

// remove erases a collection, its alias first.
func (s *Store) remove(ctx context.Context, alias, collection string) {
	var err error
	if alias != "" {
		err = s.call(ctx, schemaTimeout, http.MethodDelete, "/v1/aliases/"+alias, nil, nil)
	}
	if err == nil || isStatus(err, http.StatusNotFound) { // another process may be pruning too
		err = s.drop(ctx, collection)
	}
	if err != nil {
		s.log.WarnContext(ctx, "could not take an old index away from Weaviate", "collection", collection, "error", err)
	}
}
