// Package corpus holds what is asked about: documents, the passages they are
// cut into, and where each passage stands, so that anything said about a
// document can be checked at its place.
//
// A document is a verbatim text and a list of blocks (paragraphs, headings,
// captions). [Segment] turns the blocks into passages: a paragraph of up to
// 300 words whole, a longer one split at sentence ends. Passages never span
// paragraphs, and Text[Start:End] of the document is always the passage's text.
package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// A Document is one text, as its reader would cite it.
type Document struct {
	// Name is the slash-separated path below the corpus folder, or the
	// file's base name when the corpus is a single file.
	Name string
	// Address is where the document was fetched from; empty for a file. It is
	// no part of the corpus's hash.
	Address string
	// Title is what the document calls itself, or a readable form of Name;
	// TitleInferred is true for the latter.
	Title         string
	TitleInferred bool
	// Author is who wrote the document, as it says at its top; empty when it
	// does not.
	Author string
	// Date is when the document was written; zero when it is not known. It
	// is what "this year" in the text refers to. DateInferred is true when
	// the document does not state it and its year was judged from the text;
	// YearOnly when no more than the year is certain.
	Date         time.Time
	DateInferred bool
	YearOnly     bool
	// Text is the document verbatim; every offset counts its bytes.
	Text string
	// Blocks are the document's non-blank parts in order; they do not overlap.
	Blocks []Block
}

// A BlockKind says what a block is to a reader.
type BlockKind uint8

// The kinds of block.
const (
	Paragraph BlockKind = iota // running text, a list item, a table row, code
	Heading                    // names the blocks below it
	Caption                    // image credits and the like: counted, never answered from
)

// A Block is a paragraph-sized part of a document.
type Block struct {
	Kind BlockKind
	// Level is a heading's depth, 1 for the outermost; 0 for other kinds.
	Level int
	// Number counts the document's blocks from 1, headings and captions included.
	Number int
	// Page is the page that the block begins on, from 1; 0 where the document
	// has no pages.
	Page int
	// Turns are where in the document's text each further page begins, for a
	// block that goes on over the ends of pages: byte offsets, ascending.
	Turns []int
	// Start and End are byte offsets into the document's text, without the
	// white space (and, for a Markdown heading, the marks) around it.
	Start, End int
	// Title is a heading as it is shown, where its text holds markup; empty
	// when the text itself is shown.
	Title string
	// Columns are the names of the columns, joined by " | ", where the block is
	// a row of a table that has them.
	Columns string
}

// A Location says where in a corpus a text stands.
type Location struct {
	Document string
	// Headings is the path of headings above the text, outermost first.
	Headings []string
	// Columns are the names of the columns of the table that the text is a row
	// of, joined by " | "; empty elsewhere.
	Columns string
	// Lead is what introduces the table or the list that the text is of: the
	// caption and the short paragraph above it; empty elsewhere.
	Lead string
	// Paragraph counts the document's blocks from 1.
	Paragraph int
	// Page is the page that the text begins on, from 1; 0 where the document
	// has no pages.
	Page int
	// Turns are where in the document's text each further page begins, for a
	// text that goes on over the ends of pages: byte offsets, ascending.
	Turns []int
	// Start and End are byte offsets into the document's text.
	Start, End int
}

// PageAt is the page on which what starts at an offset of the document's text
// stands, 0 where the document has no pages.
func (l *Location) PageAt(offset int) int { return pageAt(l.Page, l.Turns, offset) }

// pageAt is the page of an offset in a text that begins on a page and turns to
// the next one at each of its turns.
func pageAt(page int, turns []int, offset int) int {
	if page == 0 {
		return 0
	}
	return page + turned(turns, offset)
}

// turned is how many of the turns are at or before an offset.
func turned(turns []int, offset int) int {
	n, _ := slices.BinarySearch(turns, offset+1)
	return n
}

// A Passage is the unit that is retrieved and cited.
type Passage struct {
	// ID is stable: it depends on the document's name, the passage's text
	// and, where the same text stands more than once, which one this is.
	ID string
	Location
	// Text is the document's bytes from Start to End.
	Text string
}

// A Span is a half-open range of byte offsets.
type Span struct{ Start, End int }

// A Corpus is a set of documents cut into passages. It is immutable.
type Corpus struct {
	Documents []Document
	// Passages are in reading order, document by document.
	Passages []Passage
	// Hash identifies the corpus: names, texts, titles, authors, dates, and
	// how the texts were cut into passages.
	Hash string

	byID   map[string]int
	byName map[string]int
}

// New cuts documents into passages. It fails when two documents share a name
// or when no document holds a passage.
func New(docs ...Document) (*Corpus, error) {
	c := &Corpus{Documents: docs, byID: map[string]int{}, byName: map[string]int{}}
	sum := sha256.New()
	for i, d := range docs {
		if _, dup := c.byName[d.Name]; dup {
			return nil, fmt.Errorf("two documents are named %q", d.Name)
		}
		c.byName[d.Name] = i
		first := len(c.Passages)
		c.Passages = append(c.Passages, Segment(d)...)
		fmt.Fprintf(sum, "%q %q %q %s %x\n", d.Name, d.Title, d.Author, d.Date.Format(time.DateOnly), sha256.Sum256([]byte(d.Text)))
		for _, p := range c.Passages[first:] {
			fmt.Fprintln(sum, p.ID, p.Start, p.End)
		}
	}
	if len(c.Passages) == 0 {
		return nil, ErrEmpty
	}
	for i, p := range c.Passages {
		c.byID[p.ID] = i
	}
	c.Hash = hex.EncodeToString(sum.Sum(nil)[:16])
	return c, nil
}

// versionDigits is how much of a hash people are shown.
const versionDigits = 8

// Version is how people tell one state of a corpus from another: the beginning of
// its hash.
func Version(hash string) string { return hash[:min(len(hash), versionDigits)] }

// Passage returns the passage with an ID.
func (c *Corpus) Passage(id string) (Passage, bool) {
	i, ok := c.byID[id]
	if !ok {
		return Passage{}, false
	}
	return c.Passages[i], true
}

// Document returns the document with a name.
func (c *Corpus) Document(name string) (Document, bool) {
	i, ok := c.byName[name]
	if !ok {
		return Document{}, false
	}
	return c.Documents[i], true
}

// Only is the corpus of those of its documents that have one of the names, in
// their order here. It may hold no passage.
func (c *Corpus) Only(names ...string) *Corpus {
	only := &Corpus{byID: map[string]int{}, byName: map[string]int{}}
	wanted := make(map[string]bool, len(names))
	for _, name := range names {
		wanted[name] = true
	}
	sum := sha256.New()
	fmt.Fprintln(sum, c.Hash)
	for _, d := range c.Documents {
		if wanted[d.Name] {
			fmt.Fprintf(sum, "%q\n", d.Name)
			only.byName[d.Name] = len(only.Documents)
			only.Documents = append(only.Documents, d)
		}
	}
	for _, p := range c.Passages {
		if wanted[p.Document] {
			only.byID[p.ID] = len(only.Passages)
			only.Passages = append(only.Passages, p)
		}
	}
	only.Hash = hex.EncodeToString(sum.Sum(nil)[:16])
	return only
}
