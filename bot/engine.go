package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"footnote/bot/cite"
	"footnote/corpus"
	"footnote/retrieval"
	"footnote/retrieval/span"
)

// passagesShown is how many of the best passages an answer lists.
const passagesShown = 10

// headingsShown is how many near headings a refusal names.
const headingsShown = 3

// ErrNoModel is returned for a question in ModeLLM when there is no language model.
var ErrNoModel = errors.New("no language model is configured")

// An Engine answers questions about one corpus. It is safe for concurrent use.
type Engine struct {
	corpus *corpus.Corpus
	hash   string // of the corpus, before it was narrowed
	index  Searcher
	quote  Answerer
	writer Writer // nil without a model
	whole  bool
	limit  time.Duration // of all that the writer is asked for one question
	link   func(d corpus.Document, page, paragraph int) string
	rest   *rest
	log    *slog.Logger
	// narrowed names the documents that it is narrowed to; nil for all.
	narrowed []string
	names    func() []documentName // of the corpus

	suggested map[bool]*suggestions // by whether they are in Chinese
}

// EngineOptions are what an engine can do without.
type EngineOptions struct {
	// Writer answers with a language model in the modes auto and llm; without
	// one all answers are quotes.
	Writer Writer
	// WholeCorpus gives the Writer all passages, not just the best.
	WholeCorpus bool
	// WriterLimit is how long the Writer may take for one question in all;
	// 0 means 3 minutes.
	WriterLimit time.Duration
	// Link says where people can open a place in a document's original, "" where
	// it is not known; nil for no document. It is given no text, and what it
	// returns is shown as it is.
	Link func(d corpus.Document, page, paragraph int) string
	// Logger receives what an operator should know; nil discards it.
	// Questions are not logged above debug.
	Logger *slog.Logger
}

// NewEngine returns an engine for a corpus, the index of that corpus and the
// answerer of quote mode.
func NewEngine(c *corpus.Corpus, s Searcher, quote Answerer, opts EngineOptions) *Engine {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Link == nil {
		opts.Link = func(corpus.Document, int, int) string { return "" }
	}
	return &Engine{corpus: c, hash: c.Hash, index: s, quote: quote, writer: opts.Writer, whole: opts.WholeCorpus, limit: cmp.Or(opts.WriterLimit, 3*time.Minute), rest: &rest{}, log: opts.Logger,
		link:      opts.Link,
		names:     sync.OnceValue(func() []documentName { return namesOf(c.Documents) }),
		suggested: map[bool]*suggestions{false: {}, true: {}}}
}

// Ask answers a question. Every marker of the answer has one citation, every
// citation a verbatim quote of a passage that the answer lists.
//
// Greetings, thanks and empty lines get a reply, questions about the whole
// corpus an overview, and questions about the report itself (its date, author,
// title, length) what is known of it, all without a search. Where there are
// several documents and the question names one, it is answered from that one
// alone; the answer's In says so. A question that
// makes sense only after the last one is searched with words of that one; the
// answer's UnderstoodAs says which. Once the question's Stop is closed no model
// is asked any more, and what was verified by then is the answer. Of a question of more than 2,000
// characters the first and the last 1,000 are read, and the answer's notice
// says so. An error means that there is no answer: ctx is done, the index or
// the answerer failed, or the mode cannot be had ([ErrNoModel]).
func (e *Engine) Ask(ctx context.Context, q Question) (a Answer, err error) {
	ctx, s := span.Start(ctx, "answer")
	defer func() { traced(s, a, err) }()
	return e.ask(ctx, q)
}

// traced ends the span of an answer.
func traced(s *span.Span, a Answer, err error) {
	s.String("footnote.answer.outcome", string(a.Outcome))
	s.String("footnote.answer.mode", string(a.Mode))
	s.String("footnote.corpus.version", a.Version)
	s.Float("footnote.answer.confidence", a.Confidence)
	s.Int("footnote.answer.citations", len(a.Citations))
	s.Done(err)
}

func (e *Engine) ask(ctx context.Context, q Question) (Answer, error) {
	started := time.Now()
	if err := e.accepts(ctx, q.Mode); err != nil {
		return Answer{}, err
	}
	text, shortened := clean(q.Text)
	kind, asked := splitCourtesy(text)
	zh := InChinese(text)
	n := narrowing{engine: e, question: asked, unnamed: asked, history: q.History}
	if kind == noCourtesy {
		n = e.narrow(asked, q)
	}
	q.History = n.history
	a, asked, err := n.engine.respond(ctx, q, kind, n.question, zh)
	if err != nil {
		return Answer{}, err
	}
	a.Question = strings.ToValidUTF8(q.Text, "\uFFFD")
	a.Version = e.Version()
	if a.Mode == "" {
		a.Mode = ModeQuote
	}
	if kind == noCourtesy && !sameWords(asked, text) && a.UnderstoodAs == "" && (asked != n.unnamed || n.engine == e) {
		a.UnderstoodAs = asked
	}
	if n.engine.narrowed != nil && kind == noCourtesy && a.Outcome != Stopped {
		a.In = n.engine.narrowed
		a.Notice = joinNotices(n.engine.lookedOnly(zh), a.Notice)
	}
	if shortened {
		a.UnderstoodAs = ""
		a.Notice = joinNotices(a.Notice, pick(zh, "The question is long; only its beginning and its end were read.", "问题较长，只读取了开头和结尾。"))
	}
	a.Timings.Total = milliseconds(time.Since(started))
	e.log.DebugContext(ctx, "answered", "outcome", a.Outcome, "confidence", a.Confidence, "ms", a.Timings.Total)
	return a, nil
}

// respond decides what a question wants, and answers it; understood is the
// question as it was read.
func (e *Engine) respond(ctx context.Context, q Question, kind courtesy, asked string, zh bool) (a Answer, understood string, err error) {
	writing, cancel := context.WithTimeout(ctx, e.limit)
	defer cancel()
	section, ofSection := e.asksForSection(asked)
	switch {
	case closed(q.Stop):
		a = e.stopped(zh)
	case kind != noCourtesy:
		a = e.finish(Draft{Outcome: Social, Text: e.reply(kind, zh)}, &retrieval.Result{}, zh)
	case aboutInstructions(asked):
		a = e.declineInstructions(zh)
	case e.asksOfDocument(asked):
		a = e.describeDocument(asked, zh)
	case aboutWhole(asked):
		r := Request{Question: asked, Passages: e.passagesOfWhole(), Summary: true}
		a, err = e.sumUp(ctx, writing, q, r, func() Draft { return e.overview(zh) })
	case ofSection:
		r := Request{Question: asked, Passages: e.passagesOf(section)}
		a, err = e.sumUp(ctx, writing, q, r, func() Draft { return e.section(section, zh) })
	default:
		var used Usage
		if !q.Literal {
			asked, used = e.standalone(writing, asked, q)
		}
		a, err = e.lookUp(ctx, writing, asked, q, zh)
		a.Tokens = a.Tokens.Plus(used)
	}
	return a, asked, err
}

// accepts reports why a question in a mode cannot be answered now.
func (e *Engine) accepts(ctx context.Context, m Mode) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("answering: %w", err)
	}
	switch m {
	case "", ModeAuto, ModeQuote:
		return nil
	case ModeLLM:
		if e.writer == nil {
			return ErrNoModel
		}
		return nil
	}
	return fmt.Errorf("answering: there is no mode %q", m)
}

// lookUp searches the corpus for a question and answers from what is found;
// the context writing has the time limit of the model.
func (e *Engine) lookUp(ctx, writing context.Context, question string, q Question, zh bool) (Answer, error) {
	if closed(q.Stop) {
		return e.stopped(zh), nil
	}
	started := time.Now()
	found, err := e.find(ctx, question, q.Literal)
	if err != nil {
		return Answer{}, err
	}
	retrieved := time.Now()
	quote := func() (Answer, error) { return e.inOwnWords(ctx, question, found, zh) }
	a, err := Answer{}, error(nil)
	if e.models(q.Mode) && found.Confidence >= unlikely && len(found.Passages) > 0 {
		r := Request{Question: question, Purse: q.Purse}
		r.Passages, r.Nearest = e.passagesFor(found)
		a, err = e.withModel(ctx, writing, q, r, found, quote)
	} else {
		a, err = quote()
	}
	if err != nil {
		return Answer{}, err
	}
	a.Notice = joinNotices(a.Notice, corrected(found.Corrections, zh))
	if len(found.Corrections) > 0 {
		a.UnderstoodAs = found.Query
	}
	a.Timings.Retrieve = milliseconds(retrieved.Sub(started))
	a.Timings.Answer = milliseconds(time.Since(retrieved))
	return a, nil
}

// inOwnWords answers in the corpus's own sentences.
func (e *Engine) inOwnWords(ctx context.Context, question string, found *retrieval.Result, zh bool) (Answer, error) {
	draft, err := e.quote.Answer(ctx, question, found)
	if err != nil {
		return Answer{}, fmt.Errorf("writing the answer: %w", err)
	}
	if draft.Outcome != Uncertain && draft.Outcome != NotFound {
		draft.Outcome = Answered
	}
	a := e.check(ctx, draft, found, zh)
	if found.Conflict != nil {
		a.Confidence = min(a.Confidence, refuted)
	}
	return a, nil
}

// refuted is the most confidence that a question gets whose premise the corpus
// contradicts.
const refuted = 0.15

// sumUp answers a question about the corpus as a whole, or about a section of
// it, without a search.
func (e *Engine) sumUp(ctx, writing context.Context, q Question, r Request, overview func() Draft) (Answer, error) {
	zh := InChinese(r.Question)
	started := time.Now()
	found := &retrieval.Result{Confidence: overviewConfidence}
	quote := func() (Answer, error) { return e.check(ctx, overview(), found, zh), nil }
	if !e.models(q.Mode) {
		return quote()
	}
	r.Purse = q.Purse
	a, err := e.withModel(ctx, writing, q, r, found, quote)
	a.Timings.Answer = milliseconds(time.Since(started))
	return a, err
}

// find searches for a question, as it is written where that is wanted.
func (e *Engine) find(ctx context.Context, question string, literal bool) (*retrieval.Result, error) {
	s, ok := e.index.(LiteralSearcher)
	if !literal || !ok {
		return e.search(ctx, question, passagesShown)
	}
	found, err := s.SearchLiteral(ctx, question, passagesShown)
	if err != nil {
		return nil, fmt.Errorf("searching the corpus: %w", err)
	}
	return found, nil
}

func (e *Engine) search(ctx context.Context, query string, k int) (*retrieval.Result, error) {
	found, err := e.index.Search(ctx, query, k)
	if err != nil {
		return nil, fmt.Errorf("searching the corpus: %w", err)
	}
	return found, nil
}

// check is finish as a step of its own.
func (e *Engine) check(ctx context.Context, draft Draft, found *retrieval.Result, zh bool) Answer {
	_, s := span.Start(ctx, "check")
	defer s.End()
	a := e.finish(draft, found, zh)
	s.Int("footnote.checks.markers", a.Checks.Markers)
	s.Int("footnote.checks.markers_valid", a.Checks.MarkersValid)
	return a
}

// finish turns a draft into an answer: only what can be checked is left, and a
// claim of which nothing is left becomes a refusal.
func (e *Engine) finish(draft Draft, found *retrieval.Result, zh bool) Answer {
	corrects := draft.Outcome == NotFound && len(draft.Sources) > 0
	claims := draft.Outcome == Answered || draft.Outcome == Uncertain || corrects
	if !claims {
		draft.Sources = nil
	}
	checked := cite.Verify(e.corpus, draft.Text, draft.Sources)
	switch {
	case !claims: // its figures are the asker's own: there is nothing to check
		checked.Checks = cite.Checks{}
	case len(checked.Citations) == 0 && corrects: // nothing is left to correct it with
		checked.Checks = cite.Checks{}
		checked.Text = pick(zh, "The report does not say.", "报告没有说明这一点。")
	case len(checked.Citations) == 0:
		e.log.Warn("withheld an answer of which no citation held", "markers", checked.Checks.Markers)
		draft.Outcome = NotFound
		checked.Text = pick(zh,
			"I found something, but could not check it against the text, so I will not repeat it. Try asking in other words.",
			"我找到了一些内容，但无法与原文核对，因此不予引用。请换一种说法再问。")
	}
	return e.assemble(draft, checked, found, zh)
}

// assemble makes an answer of a draft that was checked.
func (e *Engine) assemble(draft Draft, checked cite.Result, found *retrieval.Result, zh bool) Answer {
	a := Answer{
		Text:       checked.Text,
		Refused:    draft.Outcome == NotFound,
		Confidence: probability(found.Confidence),
		Model:      draft.Model,
		Checks:     checked.Checks,
		Outcome:    draft.Outcome,
	}
	hits := best(found, passagesShown)
	a.Passages, a.Citations = e.evidence(hits, checked.Citations)
	if a.Refused && len(a.Citations) == 0 {
		a.Headings = e.nearestHeadings(hits)
		a.Text = withHeadings(a.Text, a.Headings, zh)
	}
	return a
}

// evidence lists the passages found and those cited beyond them, and the citations.
func (e *Engine) evidence(hits []retrieval.Hit, cited []cite.Citation) ([]Retrieved, []Citation) {
	passages := e.retrievedFrom(hits)
	citations := make([]Citation, 0, len(cited))
	for _, c := range cited {
		d, _ := e.corpus.Document(c.Passage.Document)
		citation := Citation{
			Marker:    c.Marker,
			Document:  c.Passage.Document,
			Paragraph: c.Passage.Paragraph,
			Page:      c.Passage.PageAt(c.Start),
			Heading:   headingPath(c.Passage),
			Columns:   c.Passage.Columns,
			Date:      dateOf(d),
			Passage:   c.Passage.ID,
			Quote:     c.Quote,
			Start:     c.Start,
			End:       c.End,
		}
		citation.Link = e.link(d, citation.Page, citation.Paragraph)
		citations = append(citations, citation)
		listed := slices.ContainsFunc(passages, func(r Retrieved) bool { return r.Passage == c.Passage.ID })
		if !listed {
			passages = append(passages, e.retrieved(len(passages)+1, retrieval.Hit{Passage: c.Passage}))
		}
	}
	return passages, citations
}

// Search returns the passages that answer a query best, at most k; none when
// the query holds no word. An error means that nothing could be searched.
func (e *Engine) Search(ctx context.Context, query string, k int) ([]Retrieved, error) {
	if k < 1 {
		return nil, errors.New("searching the corpus: at least one passage must be asked for")
	}
	text, _ := clean(query)
	if len(splitWords(text)) == 0 {
		return []Retrieved{}, nil
	}
	found, err := e.search(ctx, text, k)
	if err != nil {
		return nil, err
	}
	return e.retrievedFrom(best(found, k)), nil
}

func best(found *retrieval.Result, k int) []retrieval.Hit {
	return found.Passages[:min(len(found.Passages), k)]
}

func (e *Engine) retrievedFrom(hits []retrieval.Hit) []Retrieved {
	passages := make([]Retrieved, 0, len(hits)+2)
	for i, h := range hits {
		passages = append(passages, e.retrieved(i+1, h))
	}
	return passages
}

func (e *Engine) retrieved(rank int, h retrieval.Hit) Retrieved {
	d, _ := e.corpus.Document(h.Passage.Document)
	return Retrieved{
		Rank:      rank,
		Document:  h.Passage.Document,
		Paragraph: h.Passage.Paragraph,
		Page:      h.Passage.Page,
		Heading:   headingPath(h.Passage),
		Columns:   h.Passage.Columns,
		Passage:   h.Passage.ID,
		Score:     h.Score,
		Text:      h.Passage.Text,
		Link:      e.link(d, h.Passage.Page, h.Passage.Paragraph),
	}
}

func headingPath(p corpus.Passage) string { return strings.Join(p.Headings, " › ") }

// nearestHeadings returns the headings above the best passages, with their
// document's title where there are several documents; titles alone where there
// are no headings.
func (e *Engine) nearestHeadings(hits []retrieval.Hit) []string {
	several := len(e.corpus.Documents) > 1
	var headings, titles []string
	for _, h := range hits {
		path := h.Passage.Headings
		if d, ok := e.corpus.Document(h.Passage.Document); ok && several {
			titles = appendNew(titles, d.Title)
			if len(path) > 0 && path[0] != d.Title {
				path = append([]string{d.Title}, path...)
			}
		}
		if len(path) > 0 {
			headings = appendNew(headings, strings.Join(path, " › "))
		}
	}
	if len(headings) == 0 {
		headings = titles
	}
	return headings[:min(len(headings), headingsShown)]
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// probability mends what no probability can be.
func probability(p float64) float64 {
	if math.IsNaN(p) {
		return 0
	}
	return min(max(p, 0), 1)
}
