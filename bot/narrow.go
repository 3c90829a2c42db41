package bot

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"footnote/bot/cite"
	"footnote/corpus"
	"footnote/retrieval"
)

// A Narrower is a [Searcher] that can look in some documents alone;
// [retrieval.Index] is one.
type Narrower interface {
	In(documents ...string) *retrieval.Index
}

// In is the engine narrowed to documents, of which nothing else is known to it.
// Each is given by its name, by the end of its name from a slash on, by its file
// name with or without the extension, or by its title. An error of type
// *[UnknownDocumentError] says which there is none of, or more than one. With no
// document it is the engine itself.
func (e *Engine) In(documents ...string) (*Engine, error) {
	if len(documents) == 0 {
		return e, nil
	}
	var names []string
	for _, given := range documents {
		name, err := e.nameOf(given)
		if err != nil {
			return nil, err
		}
		names = appendNew(names, name)
	}
	narrowed, err := e.only(names)
	if err == nil && len(narrowed.corpus.Passages) == 0 {
		err = fmt.Errorf("%s holds nothing to answer from", listed(names, false))
	}
	return narrowed, err
}

// only is the engine for documents of the corpus.
func (e *Engine) only(names []string) (*Engine, error) {
	index, ok := e.index.(Narrower)
	if !ok {
		return nil, errors.New("the index cannot be searched by document")
	}
	c := e.corpus.Only(names...)
	return &Engine{
		corpus: c, hash: e.hash, names: sync.OnceValue(func() []documentName { return namesOf(c.Documents) }), index: index.In(names...), narrowed: names,
		quote: e.quote, writer: e.writer, whole: e.whole, limit: e.limit, rest: e.rest, log: e.log,
		suggested: map[bool]*suggestions{false: {}, true: {}},
	}, nil
}

// An UnknownDocumentError says that a name fits no document, or several.
type UnknownDocumentError struct {
	Name string
	// Several says that all of Near have the name; else those are the ones
	// whose names come nearest, nearest first.
	Several bool
	Near    []string
}

func (e *UnknownDocumentError) Error() string {
	if e.Several {
		return fmt.Sprintf("several documents are called %q", e.Name)
	}
	return fmt.Sprintf("there is no document %q", e.Name)
}

// Hint says which documents there are.
func (e *UnknownDocumentError) Hint() string {
	if e.Several {
		return "name one of them: " + strings.Join(e.Near, ", ")
	}
	return "the nearest are: " + strings.Join(e.Near, ", ")
}

// nameOf finds the document that somebody means.
func (e *Engine) nameOf(given string) (string, error) {
	if _, ok := e.corpus.Document(given); ok {
		return given, nil
	}
	same := func(s string) bool { return strings.EqualFold(singleSpaced(s), singleSpaced(given)) }
	for _, fits := range []func(d *corpus.Document) bool{
		func(d *corpus.Document) bool { return same(d.Name) || endsWithPath(d.Name, given) },
		func(d *corpus.Document) bool { return same(d.Title) },
		func(d *corpus.Document) bool { return same(stem(d.Name)) },
	} {
		var found []string
		for i := range e.corpus.Documents {
			if d := &e.corpus.Documents[i]; fits(d) {
				found = append(found, d.Name)
			}
		}
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return "", &UnknownDocumentError{Name: given, Several: true, Near: found[:min(len(found), nearShown)]}
		}
	}
	return "", &UnknownDocumentError{Name: given, Near: e.nearestNames(given)}
}

// nearShown is how many documents an error names.
const nearShown = 5

// endsWithPath reports whether a name ends with whole parts of a path.
func endsWithPath(name, end string) bool {
	name, end = strings.ToLower(name), strings.ToLower(strings.Trim(end, "/"))
	return end != "" && strings.HasSuffix(name, "/"+end)
}

// stem is a file name without its folder and its extension.
func stem(name string) string {
	base := path.Base(name)
	return strings.TrimSuffix(base, path.Ext(base))
}

// nearestNames are the documents whose names or titles share most pairs of
// letters with what was given.
func (e *Engine) nearestNames(given string) []string {
	type near struct {
		name  string
		share float64
	}
	all := make([]near, len(e.corpus.Documents))
	wanted := letterPairs(given)
	for i, d := range e.corpus.Documents {
		share := max(shared(wanted, letterPairs(d.Name)), shared(wanted, letterPairs(path.Base(d.Name))),
			shared(wanted, letterPairs(stem(d.Name))), shared(wanted, letterPairs(d.Title)))
		all[i] = near{d.Name, share}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(b.share, a.share) })
	var names []string
	for _, n := range all[:min(len(all), nearShown)] {
		names = append(names, n.name)
	}
	return names
}

func letterPairs(s string) map[string]bool {
	pairs := map[string]bool{}
	runes := []rune(strings.ToLower(s))
	for i := range runes {
		pairs[string(runes[i:min(i+2, len(runes))])] = true
	}
	return pairs
}

// shared is Dice's coefficient of two sets.
func shared(a, b map[string]bool) float64 {
	both := 0
	for pair := range a {
		if b[pair] {
			both++
		}
	}
	return 2 * float64(both) / float64(max(len(a)+len(b), 1))
}

// A narrowing is what becomes of a question once it is read which document it is
// about.
type narrowing struct {
	engine   *Engine // for that document, or for all
	question string  // to be answered
	unnamed  string  // the question as it was asked, without the document's name
	history  []Turn  // without the names of documents
}

// narrow reads which document a question, or the one that it follows up, says
// that it is about.
func (e *Engine) narrow(question string, q Question) narrowing {
	n := narrowing{engine: e, question: question, unnamed: question, history: q.History}
	if len(e.corpus.Documents) < 2 || e.asksByName(question) {
		return n
	}
	history, before := e.unnamed(q.History)
	document, rest := e.named(question)
	n.unnamed = rest
	if document >= 0 && !saysSomething(rest) {
		rest = pick(InChinese(question), "What is the report about?", "这份报告讲了什么？")
		if len(history) > 0 { // "And in budget.md?"
			rest = history[len(history)-1].Question
		}
	}
	if document < 0 && !q.Literal && followUpOf(question) != standsAlone {
		document = before
	}
	if document < 0 {
		return n
	}
	narrowed, err := e.only([]string{e.corpus.Documents[document].Name})
	if err != nil || len(narrowed.corpus.Passages) == 0 {
		n.unnamed = question
		return n
	}
	n.engine, n.question, n.history = narrowed, rest, history
	return n
}

// unnamed is a conversation without the names of documents, and the document
// that it was about at its end, -1 for none.
func (e *Engine) unnamed(history []Turn) (turns []Turn, document int) {
	document = -1
	for _, t := range history[max(0, len(history)-carriedTurns):] {
		text, _ := clean(t.Question)
		named, rest := e.named(text)
		if named >= 0 || followUpOf(text) == standsAlone {
			document = named
		}
		turns = append(turns, Turn{Question: rest, Answer: t.Answer})
	}
	return turns, document
}

// asksByName reports whether a question is one for a section, or for a document
// as a whole, that is answered by its name already.
func (e *Engine) asksByName(question string) bool {
	_, ok := e.asksForSection(question)
	return ok
}

// saysSomething reports whether a question without the name of its document
// still asks for anything.
func saysSomething(question string) bool {
	own := contentOf(question)
	if InChinese(question) {
		own = contentOfChinese(question)
	}
	return !own.empty() || aboutWhole(question) || asksProperty(question)
}

// lookedOnly says that a question was narrowed.
func (e *Engine) lookedOnly(zh bool) string {
	names := make([]string, len(e.narrowed))
	for i, name := range e.narrowed {
		names[i] = cite.Escape(name)
	}
	const most = 3
	if len(names) > most {
		return pick(zh, "Looked only in "+spelled(len(names))+" of the documents.", "只查了其中"+spelledChinese(len(names))+"份文档。")
	}
	return pick(zh, "Looked only in "+listed(names, false)+".", "只查了"+listed(names, true)+"。")
}
