package cite

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"footnote/corpus"
)

// evidence is a passage as the checks see it: its sentences, and what stands
// above it. It is made once, when a sentence first cites the passage.
type evidence struct {
	passage   corpus.Passage
	sentences []statement
	above     []string // headings, names of columns, title and date
	cells     []cell   // of a row of a table
	stated    *figures // all but those in the names of columns
	quotable  folded
	figures   *figures
	names     *nameSet
	stems     map[string]bool
	ideograph bool // written in Chinese or Japanese
}

// A statement is a sentence of a passage.
type statement struct {
	span    corpus.Span // in the passage's text
	text    string
	words   []word
	stems   map[string]bool
	figures *figures
	names   *nameSet
	speaker []string // folded names of who says it; nil where nobody is named
}

func newEvidence(c *corpus.Corpus, p corpus.Passage) *evidence {
	e := &evidence{passage: p, quotable: fold(p.Text), names: newNameSet(), stems: map[string]bool{}}
	spans := corpus.Sentences(p.Text)
	if e.cells = cellsOf(c, p); e.cells != nil {
		spans = []corpus.Span{{Start: 0, End: len(p.Text)}}
	}
	figures, each := newFiguresOf(p.Text, spans)
	e.figures = figures
	var words []word
	for i, span := range spans {
		e.add(span, each[i])
		words = append(words, e.sentences[i].words...)
	}
	e.ideograph = mostlyIdeographic(words)
	e.above = above(c, p, relative.MatchString(p.Text))
	for _, text := range e.above {
		e.figures.add(text)
		e.names.add(wordsOf(text))
	}
	e.addColumns(c)
	e.attribute()
	return e
}

// addColumns takes in the names of a row's columns, and the units in them.
func (e *evidence) addColumns(c *corpus.Corpus) {
	e.stated = e.figures
	if e.passage.Columns == "" {
		return
	}
	e.stated = newFigures(append(above(c, e.passage, true), e.passage.Text)...)
	words := wordsOf(e.passage.Columns)
	e.above = append(e.above, e.passage.Columns)
	e.figures.add(e.passage.Columns)
	e.names.add(words)
	for _, st := range stemsOf(words) {
		e.stems[st] = true
	}
	for _, text := range measured(e.cells) {
		e.figures.add(text)
		e.stated.add(text)
		if e.cells != nil {
			e.sentences[0].figures.add(text)
		}
	}
}

func (e *evidence) add(span corpus.Span, f *figures) {
	text := e.passage.Text[span.Start:span.End]
	s := statement{span: span, text: text, words: wordsOf(text), stems: map[string]bool{}, figures: f, names: newNameSet()}
	for _, st := range stemsOf(s.words) {
		s.stems[st], e.stems[st] = true, true
	}
	s.names.add(s.words)
	e.names.add(s.words)
	e.sentences = append(e.sentences, s)
}

// above returns what a passage stands under: headings, the document's title and,
// if it is to be dated, date. A title that was made of the file's name says nothing.
func above(c *corpus.Corpus, p corpus.Passage, dated bool) []string {
	texts := append([]string(nil), p.Headings...)
	if d, ok := c.Document(p.Document); ok {
		if !d.TitleInferred {
			texts = append(texts, d.Title)
		}
		switch {
		case d.Date.IsZero() || !dated:
		case d.YearOnly, d.DateInferred:
			texts = append(texts, d.Date.Format("2006"))
		default:
			texts = append(texts, d.Date.Format(time.DateOnly))
		}
	}
	return texts
}

// relative is time as seen from a document's own date: only with it does that
// date say when something was.
var relative = regexp.MustCompile(`(?i)\b(?:this (?:year|month|quarter|week)|last (?:year|month)|next year|years? ago|recent(?:ly)?|now|nowadays|current(?:ly)?|today|present|so far|jan(?:uary)?|feb(?:ruary)?|march|april|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b|今年|本月|目前|如今|近日|最近|去年|明年|现在|月`)

// A nameSet holds the words of texts by which names are checked.
type nameSet struct {
	folds map[string]bool // every word, and parts of names joined
	exact map[string]bool // as written: US is no us
	lower map[string]bool // words that stand without a capital
	pairs map[string]bool // capitalised words of one name, in order
	leads map[string]bool // capitalised words that another follows
	first map[string]bool // capitalised words that none stands before
	last  map[string]bool // capitalised words that none follows
	// acronyms of names of several words
	acronyms map[string]bool
}

func newNameSet() *nameSet {
	return &nameSet{
		folds: map[string]bool{}, exact: map[string]bool{}, lower: map[string]bool{}, pairs: map[string]bool{},
		leads: map[string]bool{}, first: map[string]bool{}, last: map[string]bool{}, acronyms: map[string]bool{},
	}
}

// add takes in the words of one text.
func (n *nameSet) add(words []word) {
	for i, w := range words {
		n.folds[w.fold] = true
		n.exact[bare(w)] = true
		if !w.capital {
			n.lower[w.fold] = true
		}
		n.addParts(w)
		if i+1 < len(words) && (w.capital || w.mixed || words[i+1].mixed || numeric(words[i+1].fold)) {
			n.folds[w.fold+words[i+1].fold] = true // GPT 4
		}
		if !w.capital {
			continue
		}
		follows := i+1 < len(words) && words[i+1].capital && sameName(w, words[i+1])
		if follows {
			n.leads[w.fold] = true
			n.addPairs(w, words[i:])
		} else {
			n.last[w.fold] = true
		}
		if i == 0 || !words[i-1].capital || !sameName(words[i-1], w) {
			n.first[w.fold] = true
		}
	}
	n.addAcronyms(words)
	n.addPhrases(words)
}

// addPhrases takes in the acronyms of a few phrases that are written small.
func (n *nameSet) addPhrases(words []word) {
	for i := range words {
		phrase := ""
		for _, w := range words[i:min(len(words), i+3)] {
			phrase = strings.TrimPrefix(phrase+" "+strings.TrimSuffix(w.fold, "s"), " ")
			if acronym := phrases[phrase]; acronym != "" {
				n.acronyms[acronym] = true
			}
		}
	}
}

var phrases = map[string]string{
	"artificial intelligence": "AI", "large language model": "LLM", "language model": "LM", "machine learning": "ML",
	"research and development": "R&D", "gross domestic product": "GDP", "chief executive officer": "CEO", "information technology": "IT",
	"natural language processing": "NLP", "initial public offering": "IPO", "small and medium": "SME",
}

// addPairs pairs a word with the one that follows it in the same name, beyond
// initials; a title with all that follow it.
func (n *nameSet) addPairs(w word, run []word) {
	const longest = 8
	near := true
	for i := 1; i < min(len(run), longest) && run[i].capital && sameName(run[i-1], run[i]); i++ {
		if near || title(w) {
			n.pairs[w.fold+" "+run[i].fold] = true
		}
		near = near && len(run[i].fold) == 1
	}
}

// addParts takes in the parts of a word with hyphens. Those of a product's
// name are none: GPT4 is not GPT4-Turbo.
func (n *nameSet) addParts(w word) {
	parts := strings.FieldsFunc(w.text, func(r rune) bool { return strings.ContainsRune("-‐‑/&_", r) })
	if len(parts) < 2 || w.mixed {
		return
	}
	for _, p := range parts {
		part := newWord(p, 0)
		n.folds[part.fold], n.exact[bare(part)] = true, true
		if part.capital {
			n.first[part.fold], n.last[part.fold] = true, true
		} else {
			n.lower[part.fold] = true
		}
	}
}

// addAcronyms takes in the first letters of two to five capitalised words in a
// row, words of grammar apart.
func (n *nameSet) addAcronyms(words []word) {
	const longest = 5
	for i := range words {
		letters := ""
		for k, w := range words[i:] {
			if letters != "" && !(w.joint && w.start-words[i+k-1].end == 1) {
				break
			}
			if !w.capital && functionWords()[w.fold] && letters != "" {
				continue
			}
			if !w.capital || len(letters) >= longest {
				break
			}
			initial, _ := utf8.DecodeRuneInString(w.text)
			letters += strings.ToUpper(string(initial))
			if len(letters) > 1 {
				n.acronyms[letters] = true
			}
		}
	}
}

// bare is a word as written without 's.
func bare(w word) string {
	if !w.possessive {
		return w.text
	}
	return strings.TrimSuffix(strings.TrimSuffix(w.text, "'s"), "’s")
}

// sameName reports whether two words stand side by side, or an initial and its
// point before the second.
func sameName(a, b word) bool {
	return adjacentWords(a, b) || len(a.fold) == 1 && !a.possessive && b.start-a.end == 2
}

// adjacentWords reports whether nothing but a space stands between two words.
func adjacentWords(a, b word) bool { return b.start-a.end == 1 && b.joint && !a.possessive }
