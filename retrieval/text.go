package retrieval

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"footnote/corpus"
)

// A lexicalIndex is a corpus as the ranking sees it: the inverted index for
// finding passages, and every passage's tokens for looking at them closely.
// It is immutable once built and safe for concurrent use.
type lexicalIndex struct {
	corpus   *corpus.Corpus
	words    *vocabulary
	inverted postings

	// tokens of all passages, one after the other, without stop words.
	tokens []occurrence
	// sentences of all passages, one after the other.
	sentences []sentence
	meanings  *meanings // by sentence
	// first sentence of each passage, and one past the last.
	bounds []int32
	// context holds the terms of each passage's headings and title, passage
	// after passage; contextEnds is where each one's end, titles where its
	// title's begin.
	context, contextEnds, titles []int32
	// ideographic says that the corpus has Chinese, Japanese or Korean text,
	// mostlyIdeographic that it has little else.
	ideographic, mostlyIdeographic bool
	// bodyTerms is how many terms the corpus itself has; terms from there on
	// stand in enrichments alone.
	bodyTerms int
	enriched  *enriched // nil without enrichments

	scripts         sync.Once // looks at these when a question needs to know
	chineseEnriched bool
}

// An occurrence is a surface at a place; its sign bit is free, the next says
// that the word starts with a capital.
type occurrence int32

const capitalBit = 1 << 30

func (o occurrence) surface() int32 { return int32(o) &^ capitalBit }
func (o occurrence) capital() bool  { return o&capitalBit != 0 }

// A sentence is a run of a passage's tokens.
type sentence struct {
	// start and end are byte offsets into the passage.
	start, end int32
	// first and last delimit its tokens in lexicalIndex.tokens.
	first, last int32
	traits      traits
	words       int16 // all words, stop words included
}

// traits are what a sentence offers to a kind of question.
type traits uint8

const (
	hasNumber traits = 1 << iota
	hasDate
	hasCause
	hasQuotation
	hasList
	startsWithPronoun
	hasTitle
)

// newLexicalIndex indexes a corpus and its enrichments. It returns nil once ctx
// is done.
func newLexicalIndex(ctx context.Context, c *corpus.Corpus, params BM25, v *vocabulary, e Enrichments) *lexicalIndex {
	x := &lexicalIndex{corpus: c, words: v, meanings: newMeanings(v.table), inverted: postings{params: params.withDefaults()}}
	x.bounds = make([]int32, 1, len(c.Passages)+1)
	lengths := make([]int32, len(c.Passages))
	fields := newFieldCache(x)
	years := map[string]int{}
	for _, d := range c.Documents {
		if !d.Date.IsZero() {
			years[d.Name] = d.Date.Year()
		}
	}
	for i := range c.Passages {
		if ctx.Err() != nil {
			return nil
		}
		p := &c.Passages[i]
		lengths[i] = x.addBody(int32(i), p, years[p.Document])
		headings, title := fields.add(int32(i), p)
		x.context = append(x.context, headings...)
		x.titles = append(x.titles, int32(len(x.context)))
		x.context = append(x.context, title...)
		x.contextEnds = append(x.contextEnds, int32(len(x.context)))
	}
	x.bodyTerms = v.terms.size()
	x.countScripts()
	x.enrich(e)
	x.inverted.build(lengths, v.terms.size())
	return x
}

// addBody indexes a passage's own text and returns its length in content tokens.
func (x *lexicalIndex) addBody(n int32, p *corpus.Passage, year int) int32 {
	length := int32(0)
	sum := make([]float32, x.words.table.Dimensions())
	for _, span := range corpus.Sentences(p.Text) {
		s := sentence{start: int32(span.Start), end: int32(span.End), first: int32(len(x.tokens))}
		text := p.Text[span.Start:span.End]
		previous := ""
		s.traits = sentenceTraits(text)
		Tokenize(text, func(t Token) {
			id := x.words.add(t)
			entry := &x.words.entries[id]
			s.traits |= wordTraits(t, entry)
			if s.words == 0 && isPronoun(t.Surface) {
				s.traits |= startsWithPronoun
			}
			if !t.Compound {
				s.words++
			}
			if named := yearMeant(previous, t.Surface, year); named != "" {
				id := x.words.add(Token{Surface: named})
				x.inverted.add(x.words.entries[id].term, n, 1)
				x.tokens = append(x.tokens, occurrence(id))
			}
			previous = t.Surface
			if entry.kind&stopWord != 0 {
				return
			}
			x.inverted.add(entry.term, n, 1)
			addWord(x.words.table, sum, entry.row)
			if !t.Compound {
				length++
			}
			o := occurrence(id)
			if t.Capital {
				o |= capitalBit
			}
			x.tokens = append(x.tokens, o)
		})
		s.last = int32(len(x.tokens))
		x.sentences = append(x.sentences, s)
		x.meanings.add(sum)
	}
	x.bounds = append(x.bounds, int32(len(x.sentences)))
	return length
}

// countScripts finds out what the corpus is written in.
func (x *lexicalIndex) countScripts() {
	pairs := 0
	for _, o := range x.tokens {
		if x.words.entries[o.surface()].kind&ideograms != 0 {
			pairs++
		}
	}
	x.ideographic, x.mostlyIdeographic = pairs > 0, 2*pairs > len(x.tokens)
}

// yearMeant is the year that "this year" and the like mean in a document of a
// given year; "" for other words, and where the document's year is unknown.
func yearMeant(previous, word string, year int) string {
	if year == 0 {
		return ""
	}
	shift := 0
	switch {
	case word == "今年", word == "year" && previous == "this":
	case word == "去年", word == "year" && previous == "last":
		shift = -1
	case word == "明年", word == "year" && previous == "next":
		shift = 1
	default:
		return ""
	}
	return strconv.Itoa(year + shift)
}

// passageSentences returns a passage's sentences.
func (x *lexicalIndex) passageSentences(passage int32) []sentence {
	return x.sentences[x.bounds[passage]:x.bounds[passage+1]]
}

// contextTerms are the terms of a passage's headings and title.
func (x *lexicalIndex) contextTerms(passage int32) []int32 {
	start := int32(0)
	if passage > 0 {
		start = x.contextEnds[passage-1]
	}
	return x.context[start:x.contextEnds[passage]]
}

func sentenceTraits(text string) traits {
	var t traits
	if strings.ContainsAny(text, "\"“”「『") {
		t |= hasQuotation
	}
	if strings.Count(text, ",")+strings.Count(text, "、")+strings.Count(text, ";") >= 2 {
		t |= hasList
	}
	return t
}

func wordTraits(t Token, entry *surface) traits {
	var out traits
	if entry.kind&(numeral|numberWord) != 0 {
		out |= hasNumber
	}
	if entry.kind&(dateWord|yearForm) != 0 {
		out |= hasDate
	}
	if entry.kind&causeWord != 0 && entry.kind&stopWord == 0 {
		out |= hasCause
	}
	if t.Surface == "because" {
		out |= hasCause
	}
	if entry.kind&titleWord != 0 {
		out |= hasTitle
	}
	return out
}

// isYear recognises a number that people write for a year.
func isYear(surface string) bool {
	if len(surface) != 4 || surface[0] < '1' || surface[0] > '2' {
		return false
	}
	for i := 1; i < 4; i++ {
		if surface[i] < '0' || surface[i] > '9' {
			return false
		}
	}
	return true
}

func isPronoun(surface string) bool {
	switch surface {
	case "he", "she", "it", "they", "this", "these", "those", "his", "her", "its", "their", "such":
		return true
	}
	return false
}

// A fieldCache indexes heading paths (with the columns of a table's rows) and
// titles, each distinct one analysed once.
type fieldCache struct {
	index    *lexicalIndex
	headings map[string][]int32
	titles   map[string][]int32
}

func newFieldCache(x *lexicalIndex) *fieldCache {
	return &fieldCache{index: x, headings: map[string][]int32{}, titles: map[string][]int32{}}
}

// add indexes the fields of a passage and returns the terms of its headings and
// of its document's title.
func (f *fieldCache) add(n int32, p *corpus.Passage) (headings, title []int32) {
	x := f.index
	path := strings.Join(p.Headings, "\n") + "\n" + p.Columns + "\n" + p.Lead
	headings, ok := f.headings[path]
	if !ok {
		headings = x.fieldTerms(path)
		f.headings[path] = headings
	}
	title, ok = f.titles[p.Document]
	if !ok {
		if d, found := x.corpus.Document(p.Document); found {
			title = x.fieldTerms(d.Title)
		}
		f.titles[p.Document] = title
	}
	x.weigh(headings, n, x.inverted.params.Heading)
	x.weigh(title, n, x.inverted.params.Title)
	return headings, title
}

func (x *lexicalIndex) weigh(terms []int32, passage int32, weight float64) {
	if weight == 0 {
		return
	}
	for _, term := range terms {
		x.inverted.add(term, passage, float32(weight))
	}
}

func (x *lexicalIndex) fieldTerms(text string) []int32 {
	var terms []int32
	Tokenize(text, func(t Token) {
		if entry := x.words.entries[x.words.add(t)]; entry.kind&stopWord == 0 {
			terms = append(terms, entry.term)
		}
	})
	return terms
}
