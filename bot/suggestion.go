package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"footnote/corpus"
	"footnote/retrieval"
)

// Bounds of what is done to find questions to suggest, once for a language.
const (
	mostSuggestions = 12
	mostTried       = 40               // questions asked
	mostOfStretch   = 2                // of them, beyond one made from a heading
	suggestionTime  = 15 * time.Second // where a search has to wait for an embedder
)

// Lengths of a suggestion, in characters: one that is short is preferred, one
// that is too long is not made.
const (
	shortSuggestion = 75
	longSuggestion  = 150
)

// An Expecter is a [Searcher] that knows questions which passages answer;
// [retrieval.Index] is one.
type Expecter interface {
	// ExpectedQuestions returns them for a language, such as "en", by
	// passage ID.
	ExpectedQuestions(ctx context.Context, language string) (map[string][]string, error)
}

// suggestions are the questions that are suggested in a language.
type suggestions struct {
	mu    sync.Mutex
	done  bool
	found []string
}

// find has the questions found once, or again where the index could not be
// searched.
func (s *suggestions) find(search func() ([]string, error)) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.done {
		var err error
		s.found, err = search()
		s.done = err == nil
	}
	return s.found
}

// Suggestions returns up to n questions that the corpus answers, spread over
// its parts, and last, where there is room, the one about the whole. They are
// questions that passages are known to answer, or ask for what is said under a
// heading; each was answered in quote mode before it is suggested. The first
// call for a language takes the time of at most 40 searches.
func (e *Engine) Suggestions(zh bool, n int) []string {
	if n < 1 {
		return nil
	}
	found := e.suggested[zh].find(func() ([]string, error) {
		ctx, cancel := context.WithTimeout(context.Background(), suggestionTime)
		defer cancel()
		return e.suggest(ctx, zh)
	})
	whole := pick(zh, "What is this report about?", "这份报告讲了什么？")
	if n == 1 && len(found) > 0 {
		return found[:1:1]
	}
	return append(evenly(found, n-1), whole)
}

// suggest finds questions, in the order of the corpus's parts. It fails where
// the store of vectors does: nobody knows then what would be answered.
func (e *Engine) suggest(ctx context.Context, zh bool) ([]string, error) {
	expected := e.expected(ctx, zh)
	stretches := e.stretches()
	answered := make([]string, len(stretches))
	found, tried := 0, 0
	for _, i := range spreadOrder(len(stretches), mostSuggestions) {
		if found == mostSuggestions {
			break
		}
		for _, c := range stretches[i].candidates(expected, zh) {
			if tried == mostTried || ctx.Err() != nil {
				break
			}
			tried++
			answers, err := e.answersFrom(ctx, c)
			if failure, ok := errors.AsType[*retrieval.StoreError](err); ok {
				return nil, failure
			}
			if answers {
				answered[i] = c.question
				found++
				break
			}
		}
	}
	var questions []string
	for _, q := range answered {
		if q != "" {
			questions = appendNew(questions, q)
		}
	}
	return questions, nil
}

// A stretch is a piece of a part, from which one question is suggested.
type stretch struct {
	of       part
	passages []corpus.Passage
	opens    bool // the part, so that its heading can be asked about
}

// stretches cut the sections of each document, or a document that has none,
// into as many pieces as there may be suggestions.
func (e *Engine) stretches() []stretch {
	var parts []part
	docs := e.documents()
	for _, d := range docs {
		s := sections(d.passages)
		switch {
		case len(s) > 0:
			parts = append(parts, s...)
		case len(docs) > 1:
			parts = append(parts, d) // under its title
		default:
			parts = append(parts, part{passages: d.passages})
		}
	}
	pieces := (mostSuggestions + len(parts) - 1) / len(parts)
	var found []stretch
	for _, p := range parts {
		n := min(pieces, len(p.passages))
		for i := range n {
			from, to := i*len(p.passages)/n, (i+1)*len(p.passages)/n
			found = append(found, stretch{of: p, passages: p.passages[from:to], opens: i == 0})
		}
	}
	return found
}

// expected are the questions that passages are known to answer, by passage.
func (e *Engine) expected(ctx context.Context, zh bool) map[string][]string {
	x, ok := e.index.(Expecter)
	if !ok {
		return nil
	}
	questions, err := x.ExpectedQuestions(ctx, pick(zh, "en", "zh"))
	if err != nil {
		e.log.WarnContext(ctx, "the questions that the report answers could not be read; suggestions are made from its headings", "error", err)
	}
	return questions
}

// A candidate is a question to suggest, if one of these passages answers it.
type candidate struct {
	question string
	passages []corpus.Passage
}

// candidates are the questions to try for a stretch, the best first: one of
// each of its first passages, then the one made from the heading.
func (s stretch) candidates(expected map[string][]string, zh bool) []candidate {
	var found []candidate
	for i, p := range s.passages {
		if q := suitable(expected[p.ID]); q != "" && len(found) < mostOfStretch {
			found = append(found, candidate{q, s.passages[i : i+1]})
		}
	}
	heading := strings.Join(strings.Fields(s.of.heading), " ")
	made := pick(zh, "What does the report say about “"+heading+"”?", "报告关于“"+heading+"”说了什么？")
	if s.opens && heading != "" && utf8.RuneCountInString(made) <= longSuggestion {
		found = append(found, candidate{made, s.of.passages})
	}
	return found
}

// suitable returns the first question that is short and can be understood by
// itself, else one that is longer, else "".
func suitable(questions []string) string {
	longer := ""
	for _, q := range questions {
		switch n := utf8.RuneCountInString(q); {
		case !asks(q) || followsUp(q) || n > longSuggestion:
		case n <= shortSuggestion:
			return q
		case longer == "":
			longer = q
		}
	}
	return longer
}

// asks reports whether a text is a question as people write it, rather than
// words to search for.
func asks(text string) bool {
	return strings.HasSuffix(text, "?") || strings.HasSuffix(text, "？")
}

// answersFrom reports whether quote mode answers a question from where it is
// expected to.
func (e *Engine) answersFrom(ctx context.Context, c candidate) (bool, error) {
	a, err := e.Ask(ctx, Question{Text: c.question, Mode: ModeQuote})
	if err != nil || a.Outcome != Answered {
		return false, err
	}
	return slices.ContainsFunc(a.Citations, func(cited Citation) bool {
		return slices.ContainsFunc(c.passages, func(p corpus.Passage) bool { return p.ID == cited.Passage })
	}), nil
}

// spreadOrder lists the numbers below n: first so many at even distances, then
// the others.
func spreadOrder(n, first int) []int {
	var spread, others []int
	first = min(n, first)
	for i := range n {
		if next := len(spread); next < first && i == next*n/first {
			spread = append(spread, i)
			continue
		}
		others = append(others, i)
	}
	return append(spread, others...)
}

// evenly picks up to n of a list at even distances, in their order: the first
// and the last among them.
func evenly(list []string, n int) []string {
	n = min(n, len(list))
	picked := make([]string, n, n+1)
	for i := range picked {
		picked[i] = list[i*(len(list)-1)/max(n-1, 1)]
	}
	return picked
}
