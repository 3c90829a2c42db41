package retrieval

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"footnote/corpus"
)

// An Enrichment is what a passage is found by beyond its own words: questions
// that it answers, in any language (doc2query: Nogueira et al., "Document
// Expansion by Query Prediction", 2019), and a line that says where in its
// document it stands. It is searched, never shown and never cited.
type Enrichment struct {
	Context   string
	Questions []ExpectedQuestion
}

// An ExpectedQuestion is one that a passage answers.
type ExpectedQuestion struct {
	Text string
	// Sentence is the sentence of the passage that answers it, counted from
	// 1; 0 when nobody said which.
	Sentence int
	// Language is a two-letter code; "" where nobody said.
	Language string
}

// Enrichments are by passage text: a copy of a document has its enrichment too.
type Enrichments map[string]Enrichment

// TextKey is the key of a passage's text: the first 24 hexadecimal digits of
// its SHA-256.
func TextKey(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:12])
}

//go:embed enrichment/*.jsonl
var shippedEnrichment embed.FS

// ShippedEnrichments returns what the program ships for the passages of a
// corpus; nil when that is nothing.
func ShippedEnrichments(c *corpus.Corpus) (Enrichments, error) {
	wanted := make(map[string]bool, len(c.Passages))
	for i := range c.Passages {
		wanted[TextKey(c.Passages[i].Text)] = true
	}
	files, err := shippedEnrichment.ReadDir("enrichment")
	if err != nil {
		return nil, err
	}
	var out Enrichments
	for _, f := range files {
		data, err := shippedEnrichment.ReadFile("enrichment/" + f.Name())
		if err != nil {
			return nil, err
		}
		found, err := ReadEnrichments(bytes.NewReader(data), func(key string) bool { return wanted[key] })
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		for key, e := range found {
			if out == nil {
				out = Enrichments{}
			}
			out[key] = e
		}
	}
	return out, nil
}

// hashShippedEnrichments adds what the program ships to a hash.
func hashShippedEnrichments(sum io.Writer) {
	files, _ := shippedEnrichment.ReadDir("enrichment") // of an embedded folder: it cannot fail
	for _, f := range files {
		data, _ := shippedEnrichment.ReadFile("enrichment/" + f.Name())
		sum.Write(data)
	}
}

// ReadEnrichments reads a file of enrichments, one JSON object a line with
// "text_sha256" (as by [TextKey]), "context", and lists of questions by
// language ("en", "zh", …), each a string or a pair of it and the number of the
// sentence that answers it. Only the keys that are wanted are kept.
func ReadEnrichments(r io.Reader, wanted func(key string) bool) (Enrichments, error) {
	out := Enrichments{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		key, e, err := parseLine(line, wanted)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if wanted(key) {
			out[key] = e
		}
	}
	return out, lines.Err()
}

func parseEnrichment(fields map[string]json.RawMessage) (Enrichment, error) {
	var e Enrichment
	for _, name := range slices.Sorted(maps.Keys(fields)) { // the same order every time
		raw := fields[name]
		switch {
		case name == "context":
			if err := json.Unmarshal(raw, &e.Context); err != nil {
				return e, fmt.Errorf("its context: %w", err)
			}
		case len(name) == 2: // a language
			var questions []ExpectedQuestion
			if err := json.Unmarshal(raw, &questions); err != nil {
				return e, fmt.Errorf("its questions in %q: %w", name, err)
			}
			for _, q := range questions {
				q.Language = name
				e.Questions = append(e.Questions, q)
			}
		}
	}
	return e, nil
}

// UnmarshalJSON reads a string, or a pair of a string and a sentence number.
func (q *ExpectedQuestion) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, &[]any{&q.Text, &q.Sentence})
	}
	return json.Unmarshal(data, &q.Text)
}

// enriched is the searchable form of a corpus's enrichments.
type enriched struct {
	inverted postings
	tokens   []int32 // surfaces, one question after the other
	// questions of all passages, in order; bounds has each passage's first
	// and one past the last.
	questions []storedQuestion
	bounds    []int32
	meanings  *meanings // by question
}

type storedQuestion struct {
	first, last int32 // in tokens
	// sentence of the passage that answers it, counted from its first; where
	// nobody said which, the one that shares most with it, -1 if none shares a word.
	sentence int32
	weight   float32 // the summed idf of its terms
}

// enrich indexes the enrichments of a corpus; x has all bodies already.
func (x *lexicalIndex) enrich(all Enrichments) {
	if len(all) == 0 {
		return
	}
	e := &enriched{meanings: newMeanings(x.words.table), inverted: postings{params: x.inverted.params}, bounds: make([]int32, 1, len(x.corpus.Passages)+1)}
	lengths := make([]int32, len(x.corpus.Passages))
	sum := make([]float32, x.words.table.Dimensions())
	for i := range x.corpus.Passages {
		own := all[TextKey(x.corpus.Passages[i].Text)]
		for _, q := range own.Questions {
			s := storedQuestion{first: int32(len(e.tokens)), sentence: int32(q.Sentence) - 1}
			e.tokens = x.enrichmentWords(e.tokens, q.Text, sum)
			e.meanings.add(sum)
			s.last = int32(len(e.tokens))
			e.questions = append(e.questions, s)
		}
		e.bounds = append(e.bounds, int32(len(e.questions)))
		lengths[i] = x.countEnrichment(e, int32(i), own.Context, sum)
		clear(sum)
	}
	e.inverted.build(lengths, x.words.terms.size())
	for i := range x.corpus.Passages {
		for n := e.bounds[i]; n < e.bounds[i+1]; n++ {
			x.finishQuestion(e, int32(i), &e.questions[n])
		}
	}
	x.enriched = e
}

// enrichmentWords appends the surfaces of a text, one for each term, and adds
// their vectors to a sum.
func (x *lexicalIndex) enrichmentWords(surfaces []int32, text string, sum []float32) []int32 {
	first := len(surfaces)
	Tokenize(withoutQuestionWords(text), func(t Token) {
		id := x.words.add(t)
		entry := x.words.entries[id]
		if entry.kind&stopWord != 0 {
			return
		}
		for _, other := range surfaces[first:] {
			if x.words.entries[other].term == entry.term {
				return
			}
		}
		surfaces = append(surfaces, id)
		addWord(x.words.table, sum, entry.row)
	})
	return surfaces
}

func (x *lexicalIndex) countEnrichment(e *enriched, passage int32, context string, sum []float32) int32 {
	var surfaces []int32
	for n := e.bounds[passage]; n < e.bounds[passage+1]; n++ {
		surfaces = append(surfaces, e.tokens[e.questions[n].first:e.questions[n].last]...)
	}
	surfaces = x.enrichmentWords(surfaces, context, sum)
	for _, id := range surfaces {
		e.inverted.add(x.words.entries[id].term, passage, 1)
	}
	return int32(len(surfaces))
}

// finishQuestion weighs a question and, where it is not known, finds the
// sentence that it shares most with.
func (x *lexicalIndex) finishQuestion(e *enriched, passage int32, q *storedQuestion) {
	terms := make([]int32, 0, q.last-q.first)
	for _, id := range e.tokens[q.first:q.last] {
		terms = append(terms, x.words.entries[id].term)
	}
	for _, t := range terms {
		q.weight += e.inverted.idf[t]
	}
	if q.sentence >= 0 {
		return
	}
	var best float32
	for j, s := range x.passageSentences(passage) {
		var shared float32
		for _, t := range terms {
			for _, o := range x.tokens[s.first:s.last] {
				if x.words.entries[o.surface()].term == t {
					shared += e.inverted.idf[t]
					break
				}
			}
		}
		if shared > best {
			best, q.sentence = shared, int32(j)
		}
	}
}

// An asked says how well the best stored questions of a passage meet the
// question, by words in [0,1] and by meaning in [-1,1], and which sentences of
// the passage they are about.
type asked struct {
	score, meaning     float64
	cover              float64 // share of the question that one of them holds
	byWords, byMeaning int32
	// soft and softCover are score and cover where words of similar meaning
	// count in part; bySoftWords is what the softly best one is about.
	soft, softCover float64
	bySoftWords     int32
	hit             uint64 // the question's terms in any of them, by bit
}

// askedBefore compares the question with a passage's stored questions: the
// harmonic mean of the shares of either that the other holds, by idf.
func (m *matcher) askedBefore(passage int32) asked {
	e := m.index.enriched
	best := asked{byWords: -1, byMeaning: -1, bySoftWords: -1}
	if e == nil || m.askedTotal == 0 {
		return best
	}
	for n := e.bounds[passage]; n < e.bounds[passage+1]; n++ {
		q := &e.questions[n]
		var shared float64
		clear(m.askedNear)
		var met float64 // of the stored question, softly
		for _, id := range e.tokens[q.first:q.last] {
			entry := &m.index.words.entries[id]
			idf := float64(e.inverted.idf[entry.term])
			near := float32(0)
			for j, v := range m.similarities(id, entry) {
				i := m.open[j]
				m.askedNear[i] = max(m.askedNear[i], v.near)
				near = max(near, v.near)
			}
			if i, ok := m.place[entry.term]; ok {
				shared += idf
				best.hit |= 1 << i
				m.askedNear[i], near = 1, 1
			}
			met += idf * float64(near)
		}
		var cover float64
		for i, near := range m.askedNear {
			cover += m.askedWeight[i] * float64(near)
		}
		cover = min(cover/m.askedTotal, 1)
		best.softCover = max(best.softCover, cover)
		if met > 0 && cover > 0 {
			back := min(met/float64(q.weight), 1)
			if soft := 2 * cover * back / (cover + back); soft > best.soft {
				best.soft, best.bySoftWords = soft, q.sentence
			}
		}
		if score := 2 * shared / (m.askedTotal + float64(q.weight)); score > best.score {
			best.score, best.byWords = math.Min(score, 1), q.sentence
		}
		best.cover = max(best.cover, min(shared/m.askedTotal, 1))
		if meaning := e.meanings.cosine(int(n), m.vector); meaning > best.meaning {
			best.meaning, best.byMeaning = meaning, q.sentence
		}
	}
	return best
}
