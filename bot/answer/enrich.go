package answer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"footnote/bot"
	"footnote/retrieval"
	"footnote/retrieval/remote"
)

// An Enricher has a language model write what passages are to be found by. What
// it writes is searched, never shown and never cited. It implements
// [retrieval.Enricher].
type Enricher struct {
	model     *Model
	languages []string

	mu   sync.Mutex
	used bot.Usage
}

var _ retrieval.Enricher = (*Enricher)(nil)

// NewEnricher returns one for languages as by [ParseLanguages].
func NewEnricher(m *Model, languages []string) *Enricher {
	return &Enricher{model: m, languages: languages}
}

// Name names the model, whichever server runs it, the version of the prompt and
// the languages.
func (e *Enricher) Name() string {
	return fmt.Sprintf("%s, prompt %d, %s", e.model.name, enrichmentPrompt, strings.Join(e.languages, ","))
}

// Used is what the server counted for all calls so far.
func (e *Enricher) Used() bot.Usage {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.used
}

// enrichmentPatience is for how long in all a request waits where the server
// asks it to: limits are mostly by the minute, and nobody waits for an answer.
const enrichmentPatience = 3 * time.Minute

// Enrich asks for a passage's enrichment, and once more where the reply cannot
// be used.
func (e *Enricher) Enrich(ctx context.Context, p retrieval.SituatedPassage) (retrieval.WrittenEnrichment, error) {
	ctx = remote.WithPace(ctx, remote.Pace{Patience: enrichmentPatience, Attempt: e.model.opts.Enrich})
	messages := enriching(p, e.languages)
	for attempt := 0; ; attempt++ {
		// The attempts of the client have their own limits, so the call has none but that of them all.
		reply, used, err := e.model.complete(ctx, 5*e.model.opts.Enrich+enrichmentPatience, request{messages: messages})
		e.count(used)
		if err != nil {
			if attempt == 0 && passing(err) {
				continue
			}
			return retrieval.WrittenEnrichment{}, aboutOne(err)
		}
		found, err := parseEnrichment(reply, e.languages, len(p.Sentences))
		if err == nil {
			return found, nil
		}
		if attempt > 0 {
			return retrieval.WrittenEnrichment{}, fmt.Errorf("%w: %w", retrieval.ErrUnusable, err)
		}
		messages = enrichingAgain(messages, reply, err)
	}
}

func (e *Enricher) count(used bot.Usage) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.used = e.used.Plus(used)
}

// aboutOne marks failures that concern the passage that was sent, and not the
// server: those of a model that does not come to an end, or will not write, and
// of a passage that is too long for it.
func aboutOne(err error) error {
	known := new(remote.Error)
	if !errors.As(err, &known) {
		return err
	}
	fault := new(remote.Fault)
	own := errors.As(err, &fault) && slices.Contains([]remote.Kind{remote.CutOff, remote.Broken}, fault.Kind)
	if own || known.TooLarge || known.Kind == remote.Filtered || known.Kind == remote.Declined {
		return fmt.Errorf("%w: %w", retrieval.ErrUnusable, err)
	}
	return err
}

// Estimate is about how many tokens a passage takes, those of the reply
// included; one that cannot be used takes as many again.
func (e *Enricher) Estimate(p retrieval.SituatedPassage) int {
	const question, context = 22, 40 // tokens of a reply
	tokens := context + question*questionsAsked(len(e.languages))*len(e.languages)
	for _, m := range enriching(p, e.languages) {
		tokens += retrieval.EstimateTokens(m.Content)
	}
	return tokens
}
