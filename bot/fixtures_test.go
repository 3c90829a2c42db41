package bot

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"footnote/bot/cite"
	"footnote/corpus"
	"footnote/retrieval"
)

// wordSearch finds the passages that share words with the query.
type wordSearch struct {
	corpus      *corpus.Corpus
	confidence  float64
	corrections []retrieval.Correction
	err         error
	degraded    error
	conflict    *retrieval.Conflict
	queries     []string
}

func (s *wordSearch) Search(ctx context.Context, query string, k int) (*retrieval.Result, error) {
	s.queries = append(s.queries, query)
	if s.err != nil {
		return nil, s.err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, c := range s.corrections {
		query = strings.ReplaceAll(query, c.From, c.To)
	}
	found := &retrieval.Result{Query: query, Corrections: s.corrections, Confidence: s.confidence, Degraded: s.degraded, Conflict: s.conflict}
	for _, p := range s.corpus.Passages {
		hit := retrieval.Hit{Passage: p}
		for _, w := range splitWords(query) {
			if strings.Contains(strings.ToLower(p.Text), w.text) {
				hit.Score++
			}
		}
		found.Passages = append(found.Passages, hit)
	}
	slices.SortStableFunc(found.Passages, func(a, b retrieval.Hit) int { return int(b.Score - a.Score) })
	found.Passages = found.Passages[:min(k, len(found.Passages))]
	return found, nil
}

// draftFrom is an answerer made of a function.
type draftFrom func(question string, found *retrieval.Result) (Draft, error)

func (f draftFrom) Answer(ctx context.Context, question string, found *retrieval.Result) (Draft, error) {
	if err := ctx.Err(); err != nil {
		return Draft{}, err
	}
	return f(question, found)
}

// quoteBest quotes the best passage whole.
func quoteBest(_ string, found *retrieval.Result) (Draft, error) {
	p := found.Passages[0].Passage
	return Draft{
		Text:    cite.Escape(p.Text) + " [1]",
		Sources: []Source{{Marker: 1, Passage: p.ID, Start: p.Start, End: p.End}},
		Outcome: Answered,
	}, nil
}

const port = `The port was dug in 1871 by order of the council. It cost 5,000 pounds, which the town paid off over the next twenty years.[3]
The people
Kåre Lund built the lighthouse and kept it for forty years. His daughter Marit kept it after him, as the first woman on the coast to do so.
Ships came from Riga with timber and went back with salted fish. Their crews wintered in the town whenever the ice closed the bay early.
The trade
Salt was taxed until 1905. After that year the trade doubled, and the council widened the quay to make room for the larger ships.
`

func portDocument() corpus.Document {
	d := lines("port.txt", port, "The people", "The trade")
	d.Title, d.Date, d.DateInferred = "The port", time.Date(1931, 1, 1, 0, 0, 0, 0, time.UTC), true
	return d
}

// lines makes a document with a block for each line of a text, some of them
// headings. One that starts with "- " is below the others.
func lines(name, text string, headings ...string) corpus.Document {
	d := corpus.Document{Name: name, Title: name, Text: text}
	at := 0
	for line := range strings.Lines(text) {
		block := corpus.Block{Number: len(d.Blocks) + 1, Start: at, End: at + len(strings.TrimRight(line, "\n"))}
		at += len(line)
		if slices.Contains(headings, d.Text[block.Start:block.End]) {
			block.Kind, block.Level = corpus.Heading, 1
			if strings.HasPrefix(line, "- ") {
				block.Level = 2
			}
		}
		d.Blocks = append(d.Blocks, block)
	}
	return d
}

func corpusOf(t testing.TB, docs ...corpus.Document) *corpus.Corpus {
	t.Helper()
	c, err := corpus.New(docs...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func portEngine(t testing.TB, s *wordSearch, a draftFrom) *Engine {
	t.Helper()
	s.corpus = corpusOf(t, portDocument())
	return NewEngine(s.corpus, s, a, EngineOptions{})
}

func ask(t testing.TB, e *Engine, question string) Answer {
	t.Helper()
	a, err := e.Ask(t.Context(), Question{Text: question})
	if err != nil {
		t.Fatalf("%q: %v", question, err)
	}
	requireContract(t, e.corpus, a)
	return a
}

// requireContract checks what holds of every answer.
func requireContract(t testing.TB, c *corpus.Corpus, a Answer) {
	t.Helper()
	listed := map[string]bool{}
	for i, p := range a.Passages {
		if p.Rank != i+1 || listed[p.Passage] {
			t.Fatalf("passage %d has rank %d, listed before: %v", i, p.Rank, listed[p.Passage])
		}
		listed[p.Passage] = true
	}
	cited := map[int]bool{}
	for i, k := range a.Citations {
		d, _ := c.Document(k.Document)
		if k.Marker != i+1 || k.Quote == "" || d.Text[k.Start:k.End] != k.Quote || !listed[k.Passage] {
			t.Fatalf("citation %d does not hold: %+v", i, k)
		}
		cited[k.Marker] = true
	}
	shown := map[int]bool{}
	for _, m := range cite.Markers(a.Text) {
		if !cited[m.Number] {
			t.Fatalf("%s has no citation in %q", a.Text[m.Start:m.End], a.Text)
		}
		shown[m.Number] = true
	}
	if len(shown) != len(a.Citations) {
		t.Fatalf("%d citations, %d markers in %q", len(a.Citations), len(shown), a.Text)
	}
	if a.Text == "" || a.Confidence < 0 || a.Confidence > 1 || a.Mode != ModeQuote {
		t.Fatalf("unfit answer: %+v", a)
	}
	if a.Refused != (a.Outcome == NotFound) || (a.Refused && len(a.Citations) > 0 && a.Headings != nil) {
		t.Fatalf("outcome %s, refused %v, %d citations", a.Outcome, a.Refused, len(a.Citations))
	}
	requireKeys(t, a)
}

func requireKeys(t testing.TB, a Answer) {
	t.Helper()
	encoded, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(encoded, &keys); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"question", "answer", "refused", "mode", "confidence", "model", "citations",
		"passages", "checks", "timings_ms", "outcome"} {
		if value := string(keys[key]); value == "" || value == "null" {
			t.Fatalf("key %q is %q", key, value)
		}
	}
}
