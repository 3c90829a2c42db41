package load

import (
	"errors"
	"strings"

	"footnote/corpus"
)

// maxText is how much text a document may come to.
const maxText = maxSize

// parseDocx makes a document of a Word file. Its blocks are paragraphs,
// headings and rows of tables in reading order; text boxes follow the paragraph
// that they hang on, footnotes and endnotes come last. Headings are known by
// the outline level of their style, or of one that it is based on; where no
// paragraph has one, short bold paragraphs are headings. Text that is deleted
// (with changes tracked) or hidden is left out. Pages are given where Word
// wrote down how the file was paginated.
func parseDocx(name string, data []byte) (corpus.Document, error) {
	a, err := openArchive(data)
	if err != nil {
		return corpus.Document{}, err
	}
	main, ok := a.mainPart()
	if !ok {
		return corpus.Document{}, notWord(a, data)
	}
	r := &docxReader{archive: a, folder: main[:strings.LastIndexByte(main, '/')+1], page: 1}
	if err := r.readAll(main); err != nil {
		return corpus.Document{}, err
	}
	r.checkPages()
	if !r.hasHeadings() {
		inferHeadings(r.items)
	}
	front := corpus.FrontMatter{Title: r.title(), Author: r.properties.author}
	text, blocks := written(r.items)
	if text == "" && a.encrypted {
		return corpus.Document{}, passwordError()
	}
	return corpus.NewDocument(name, text, front, blocks), nil
}

// notWord says what a zip archive is that is no Word document.
func notWord(a *archive, data []byte) error {
	if a.encrypted {
		return passwordError()
	}
	name, remedy := zipFormat(data)
	if a.holds("word/") {
		return &Error{Kind: Damaged, Problem: "it is a Word document without its text (word/document.xml)", Hint: "open it in Word and save it anew, or ask for another copy"}
	}
	return &Error{Kind: Format, Problem: "it is " + name + ", not text", Hint: remedy}
}

func passwordError() *Error {
	return &Error{Kind: Locked, Problem: "it is locked with a password", Hint: "open it, save it without the password, and use that file"}
}

// A docxReader reads the parts of one file.
type docxReader struct {
	archive    *archive
	folder     string // of the main part
	styles     styles
	numbering  numbering
	properties properties
	xml        *xmlPart
	items      []item
	notes      []note
	size       int // of the text so far
	page       int
	breaks     int // of pages, as Word last saw them
	tables     int // so far
	joined     bool
}

// An item is a block before its place in the text is known.
type item struct {
	kind    corpus.BlockKind
	level   int    // of a heading
	text    string // lines without white space around them
	mark    string // stands before the block and is no part of it
	columns string
	page    int
	turns   []int // where in text each further page begins
	group   int   // items of a list or rows of a table have no blank line between
	title   bool  // by its style
	bold    bool
}

func (r *docxReader) readAll(main string) error {
	r.readProperties()
	if err := r.readStyles(); err != nil {
		return err
	}
	if err := r.readNumbering(); err != nil {
		return err
	}
	found, err := r.readPart(main, func() error { return r.flow(r.take) })
	if err != nil {
		return err
	}
	if !found {
		return errors.New("no part " + main)
	}
	return r.readNotes()
}

// readPart calls read inside the root element of a part. It reports whether
// there is such a part.
func (r *docxReader) readPart(part string, read func() error) (bool, error) {
	x, ok, err := r.archive.xml(part)
	if !ok || err != nil {
		return ok, err
	}
	defer x.close()
	r.xml = x
	if err := x.root(); err != nil {
		return true, err
	}
	return true, read()
}

// longestJoined is how long a paragraph may become by deleted marks between
// paragraphs, in bytes.
const longestJoined = 16 << 10

// take appends what a paragraph says to the items.
func (r *docxReader) take(p *paragraph) error {
	defer func() { r.joined = p.markDeleted }()
	it := p.item()
	if r.joined && len(r.items) > 0 && p.row == nil && len(r.items[len(r.items)-1].text) < longestJoined { // the mark between two paragraphs is deleted
		last := &r.items[len(r.items)-1]
		last.goOn(&it)
		last.text = strings.TrimSpace(last.text + " " + it.text)
	} else if it.text != "" {
		r.items = append(r.items, it)
	}
	for i := range p.boxes {
		if err := r.take(&p.boxes[i]); err != nil {
			return err
		}
	}
	return nil
}

// goOn takes over the turns of an item that it is to be joined with.
func (it *item) goOn(next *item) {
	start := len(it.text) + len(" ")
	for range next.page - it.page - len(it.turns) { // it begins on a later page
		it.turns = append(it.turns, start)
	}
	for _, turn := range next.turns {
		it.turns = append(it.turns, start+turn)
	}
}

// grow counts text, and what it costs to keep it; a merged cell can stand in
// many rows.
func (r *docxReader) grow(n int) error {
	if r.size += n; r.size > maxText {
		return tooLarge("")
	}
	return nil
}

// title is that of the paragraph in the style for it, else the one that the
// file says it has.
func (r *docxReader) title() string {
	for _, it := range r.items {
		if it.title {
			return strings.Join(strings.Fields(it.text), " ")
		}
	}
	return r.properties.title
}

func (r *docxReader) hasHeadings() bool {
	for _, it := range r.items {
		if it.kind == corpus.Heading && !it.title {
			return true
		}
	}
	return false
}

// checkPages takes the pages away unless the file says of how many it has that
// they are as many as were counted: a wrong page is worse than none.
func (r *docxReader) checkPages() {
	if r.breaks > 0 && r.breaks+1 == r.properties.pages {
		return
	}
	for i := range r.items {
		r.items[i].page, r.items[i].turns = 0, nil
	}
}

// inferHeadings makes headings of short bold paragraphs above others.
func inferHeadings(items []item) {
	const longest = 100
	for i := range len(items) - 1 {
		it, next := &items[i], &items[i+1]
		switch {
		case it.kind != corpus.Paragraph, it.group != 0, !it.bold, next.bold && next.group == 0, len(it.text) > longest:
		case strings.HasSuffix(it.text, "."), strings.HasSuffix(it.text, "。"), strings.Contains(it.text, "\n"):
		default:
			it.kind, it.level = corpus.Heading, 1
		}
	}
}

// written lays items out as a text: headings and bullets with their marks as in
// Markdown, a blank line between paragraphs.
func written(items []item) (string, []corpus.Block) {
	var text strings.Builder
	blocks := make([]corpus.Block, 0, len(items))
	for i, it := range items {
		if i > 0 {
			text.WriteByte('\n')
			if it.group == 0 || it.group != items[i-1].group {
				text.WriteByte('\n')
			}
		}
		if it.kind == corpus.Heading {
			it.mark = strings.Repeat("#", min(it.level, 6)) + " "
		}
		text.WriteString(it.mark)
		b := corpus.Block{Kind: it.kind, Level: it.level, Page: it.page, Columns: it.columns, Start: text.Len()}
		for _, turn := range it.turns {
			b.Turns = append(b.Turns, b.Start+turn)
		}
		text.WriteString(it.text)
		b.End = text.Len()
		blocks = append(blocks, b)
	}
	if text.Len() > 0 {
		text.WriteByte('\n')
	}
	return text.String(), blocks
}
