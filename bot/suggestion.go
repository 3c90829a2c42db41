package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"footnote/corpus"
)

// Bounds of what is done to find questions to suggest, once for a language.
const (
	mostSuggestions = 12
	mostTried       = 40               // questions asked
	mostOfPart      = 3                // of them, beyond the one made from its heading
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
	once  sync.Once
	found []string
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
	s := e.suggested[zh]
	s.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), suggestionTime)
		defer cancel()
		s.found = e.suggest(ctx, zh)
	})
	whole := pick(zh, "What is this report about?", "这份报告讲了什么？")
	if n == 1 && len(s.found) > 0 {
		return s.found[:1:1]
	}
	return append(evenly(s.found, n-1), whole)
}

// suggest finds questions, in the order of the corpus's parts.
func (e *Engine) suggest(ctx context.Context, zh bool) []string {
	parts := e.suggestible()
	expected := e.expected(ctx, zh)
	type placed struct {
		part     int
		question string
	}
	var found []placed
	tried := 0
	for _, i := range spreadOrder(len(parts)) {
		if len(found) == mostSuggestions {
			break
		}
		for _, question := range questionsOf(parts[i], expected, zh) {
			if tried == mostTried || ctx.Err() != nil {
				break
			}
			tried++
			if e.answersFrom(ctx, question, parts[i]) {
				found = append(found, placed{i, question})
				break
			}
		}
	}
	slices.SortFunc(found, func(a, b placed) int { return cmp.Compare(a.part, b.part) })
	var questions []string
	for _, f := range found {
		questions = appendNew(questions, f.question)
	}
	return questions
}

// suggestible are the parts that questions are spread over: the sections of
// each document; its passages where there are no headings.
func (e *Engine) suggestible() []part {
	var parts []part
	for _, d := range e.documents() {
		if s := sections(d.passages); len(s) > 0 {
			parts = append(parts, s...)
			continue
		}
		for _, p := range each(d.passages) {
			parts = append(parts, p)
		}
	}
	return parts
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

// questionsOf are the questions to try for a part, the best first.
func questionsOf(p part, expected map[string][]string, zh bool) []string {
	var short, long []string
	for _, passage := range p.passages {
		for _, q := range expected[passage.ID] {
			switch n := utf8.RuneCountInString(q); {
			case !asks(q) || followsUp(q) || n > longSuggestion:
			case n <= shortSuggestion:
				short = append(short, q)
			default:
				long = append(long, q)
			}
		}
	}
	questions := append(short, long...)
	questions = questions[:min(len(questions), mostOfPart)]
	if p.heading == "" {
		return questions
	}
	heading := strings.Join(strings.Fields(p.heading), " ")
	made := pick(zh, "What does the report say about “"+heading+"”?", "报告关于“"+heading+"”说了什么？")
	if utf8.RuneCountInString(made) <= longSuggestion {
		questions = append(questions, made)
	}
	return questions
}

// asks reports whether a text is a question as people write it, rather than
// words to search for.
func asks(text string) bool {
	return strings.HasSuffix(text, "?") || strings.HasSuffix(text, "？")
}

// answersFrom reports whether quote mode answers a question, with something
// from a part.
func (e *Engine) answersFrom(ctx context.Context, question string, p part) bool {
	a, err := e.Ask(ctx, Question{Text: question, Mode: ModeQuote})
	if err != nil || a.Outcome != Answered {
		return false
	}
	return slices.ContainsFunc(a.Citations, func(c Citation) bool {
		return slices.ContainsFunc(p.passages, func(own corpus.Passage) bool { return own.ID == c.Passage })
	})
}

// spreadOrder lists the numbers below n so that the first of them, however
// many, are spread evenly.
func spreadOrder(n int) []int {
	order := make([]int, 0, n)
	seen := make([]bool, n)
	for step := max(n, 1); ; step = (step + 1) / 2 {
		for i := 0; i < n; i += step {
			if !seen[i] {
				seen[i] = true
				order = append(order, i)
			}
		}
		if step == 1 {
			return order
		}
	}
}

// evenly picks up to n of a list at even distances, in their order.
func evenly(list []string, n int) []string {
	n = min(n, len(list))
	picked := make([]string, n, n+1)
	for i := range picked {
		picked[i] = list[i*len(list)/n]
	}
	return picked
}
