package weaviatestore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Lock waits until nobody else indexes, and has others wait until unlock is
// called, or this process is dead.
//
// Terms follow each other: who indexes is who made the alias of the highest
// term. Making an alias goes through Raft, so of several that want the next
// term one gets it. Whoever has the term shows that it lives by an object that
// changes; the others watch it by their own clocks, so that no two clocks need
// to agree. They take the next term when it says that the work is done, or has
// not changed for the expiry.
//
// Nothing breaks if two index at once, because the first is cut off from
// Weaviate for that long: each writes a collection of its own. It is the work
// that is done twice.
func (s *Store) Lock(ctx context.Context) (unlock func(), err error) {
	unlock, err = s.lock(ctx)
	if err != nil {
		return nil, fmt.Errorf("locking the index in Weaviate: %w", err)
	}
	return unlock, nil
}

func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	if err := s.makeLocks(ctx); err != nil {
		return nil, err
	}
	watch := watching{store: s}
	for {
		terms, err := s.terms(ctx)
		if err != nil {
			return nil, err
		}
		last := highest(terms)
		free, err := watch.free(ctx, last)
		if err != nil {
			return nil, err
		}
		if free {
			ours, err := s.takeTerm(ctx, last+1)
			if err != nil {
				return nil, err
			}
			if ours {
				s.forgetTerms(ctx, terms)
				return s.live(ctx, last+1), nil
			}
		}
		if err := sleep(ctx, s.times.beat/10); err != nil {
			return nil, err
		}
	}
}

// A sign is what who has a term last said.
type sign struct {
	owner    string
	beat     string
	released string
}

// watching is what was seen of the last term.
type watching struct {
	store *Store
	term  int
	last  sign
	since time.Time // when it was first seen like that
}

// free says whether the term after one may begin.
func (w *watching) free(ctx context.Context, term int) (bool, error) {
	if term == 0 {
		return true, nil
	}
	now, err := w.store.readSign(ctx, term)
	if err != nil {
		return false, err
	}
	if now.released != "" {
		return true, nil
	}
	if w.term == 0 {
		w.store.log.InfoContext(ctx, "another replica is indexing, and is waited for")
	}
	if w.term != term || w.last != now {
		*w = watching{w.store, term, now, time.Now()}
	}
	return time.Since(w.since) > w.store.times.expiry, nil
}

func (s *Store) locks() string              { return s.prefix + "Locks" }
func (s *Store) termAlias(term int) string  { return s.locks() + "_" + strconv.Itoa(term) }
func (s *Store) termObject(term int) string { return objectID("term", strconv.Itoa(term)) }

// makeLocks makes the collection that terms are aliases of.
func (s *Store) makeLocks(ctx context.Context) error {
	if s.exists(ctx, s.locks()) {
		return nil
	}
	factor, err := s.replicas(ctx)
	if err != nil {
		return err
	}
	about := "Which replica of footnote is indexing"
	c := newClass(s.locks(), about, factor, text("owner", false), text("beat", false), text("released", false))
	if err := s.create(ctx, s.locks(), c); err != nil {
		return err
	}
	return s.waitForShards(ctx, s.locks(), factor)
}

// terms are those that have an alias. All aliases are read: a node that asks for
// those of a collection, and does not know it yet, says that there are none.
func (s *Store) terms(ctx context.Context) ([]int, error) {
	var known struct{ Aliases []aliasTarget }
	err := s.insist(ctx, func() (bool, error) {
		err := s.call(ctx, schemaTimeout, http.MethodGet, "/v1/aliases", nil, &known)
		return elsewhere(err), err
	})
	var terms []int
	for _, a := range known.Aliases {
		if text, ok := strings.CutPrefix(a.Alias, s.locks()+"_"); ok {
			if term, err := strconv.Atoi(text); err == nil {
				terms = append(terms, term)
			}
		}
	}
	return terms, err
}

func highest(terms []int) int {
	last := 0
	for _, t := range terms {
		last = max(last, t)
	}
	return last
}

// takeTerm says whether the term is ours. Where an answer was lost nobody
// knows; then it is left to expire, and the next one is taken.
func (s *Store) takeTerm(ctx context.Context, term int) (bool, error) {
	making := s.insist(ctx, func() (bool, error) {
		err := s.call(ctx, schemaTimeout, http.MethodPost, "/v1/aliases", aliasTarget{s.termAlias(term), s.locks()}, nil)
		return elsewhere(err), err
	})
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	terms, err := s.terms(ctx)
	switch {
	case err != nil:
		return false, err
	case making != nil && highest(terms) < term: // nobody has it, and it cannot be had
		return false, making
	}
	// A term that was forgotten meanwhile can be made once more, below others.
	return making == nil && highest(terms) == term, nil
}

// forgetTerms takes away the terms before ours.
func (s *Store) forgetTerms(ctx context.Context, terms []int) {
	for _, t := range terms {
		err := s.call(ctx, schemaTimeout, http.MethodDelete, "/v1/aliases/"+s.termAlias(t), nil, nil)
		if err == nil {
			err = s.call(ctx, schemaTimeout, http.MethodDelete, "/v1/objects/"+s.locks()+"/"+s.termObject(t)+"?consistency_level=QUORUM", nil, nil)
		}
		if err != nil && !isStatus(err, http.StatusNotFound) {
			s.log.DebugContext(ctx, "could not take away a lock that is over", "term", t, "error", err)
		}
	}
}

func (s *Store) readSign(ctx context.Context, term int) (sign, error) {
	var out struct {
		Properties struct{ Owner, Beat, Released string }
	}
	err := s.getObject(ctx, s.locks(), s.termObject(term), false, &out)
	if isStatus(err, http.StatusNotFound) { // none was given yet
		return sign{}, nil
	}
	p := out.Properties
	return sign{p.Owner, p.Beat, p.Released}, err
}

func (s *Store) giveSign(ctx context.Context, term int, given sign) error {
	limited, cancel := context.WithTimeout(ctx, schemaTimeout)
	defer cancel()
	refused, message, err := s.putOnce(limited, []object{{
		Class: s.locks(), ID: s.termObject(term),
		Properties: map[string]any{"owner": given.owner, "beat": given.beat, "released": given.released},
	}})
	if err == nil && len(refused) > 0 {
		return errors.New(message)
	}
	return err
}

// live gives signs of life until the lock is released.
func (s *Store) live(ctx context.Context, term int) (unlock func()) {
	ctx = context.WithoutCancel(ctx)
	beating, end := context.WithCancel(ctx)
	done := make(chan struct{})
	now := sign{owner: fmt.Sprintf("%016x", rand.Uint64())}
	go func() {
		defer close(done)
		for beat := 1; beating.Err() == nil; beat++ {
			now.beat = strconv.Itoa(beat)
			if err := s.giveSign(beating, term, now); err != nil && beating.Err() == nil {
				s.log.WarnContext(ctx, "could not say in Weaviate that indexing goes on; another replica may begin too", "error", err)
			}
			_ = sleep(beating, s.times.beat) // which ends when beating does
		}
	}()
	return sync.OnceFunc(func() {
		end()
		<-done
		now.released = "yes"
		if err := s.giveSign(ctx, term, now); err != nil {
			s.log.WarnContext(ctx, "could not say in Weaviate that indexing is over; other replicas will wait a while", "error", err)
		}
	})
}
