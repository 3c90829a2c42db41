package load

import (
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"footnote/corpus"
)

// A paragraph is one of Word's, or a row of a table.
type paragraph struct {
	text    strings.Builder
	style   style
	outline *int // its own level, before that of its style
	num     numbered
	number  string // as it is shown
	bullet  bool
	page    int   // on which its text begins
	turns   []int // where in text each further page begins
	// boldText and plainText are how much of it is bold and how much is not.
	boldText, plainText int
	// markDeleted says that with changes accepted the next one belongs to it.
	markDeleted bool
	boxes       []paragraph // text boxes that hang on it
	row         *rowPlace   // of a row of a table
}

// A rowPlace is what a row of a table has beside its text.
type rowPlace struct {
	table   int
	columns string
	header  bool
}

// flow reads paragraphs and tables up to the end of an element.
func (r *docxReader) flow(sink func(*paragraph) error) error {
	return r.xml.each(func(start xml.StartElement) error {
		switch start.Name.Local {
		case "p":
			var p paragraph
			if err := r.readParagraph(&p); err != nil {
				return err
			}
			return sink(&p)
		case "tbl":
			return r.readTable(sink)
		case "sdtPr", "sectPr", "Fallback", "del", "moveFrom":
			return r.xml.skip()
		}
		return r.flow(sink)
	})
}

func (r *docxReader) readParagraph(p *paragraph) error {
	p.style = r.styles.resolve(r.styles.standard)
	p.page = r.page
	if err := r.inline(p); err != nil {
		return err
	}
	if p.blank() {
		return nil
	}
	if err := r.grow(paragraphCost); err != nil {
		return err
	}
	if !p.num.listSet {
		p.num.list = p.style.num.list
	}
	if !p.num.levelSet {
		p.num.level = p.style.num.level
	}
	if p.num.list != 0 && !blank(p.text.String()) {
		p.number, p.bullet = r.numbering.next(p.num)
	}
	return nil
}

// paragraphCost is what a paragraph or a cell takes beside its text, in bytes.
const paragraphCost = 100

// blank reports whether a paragraph says nothing.
func (p *paragraph) blank() bool { return p.row == nil && len(p.boxes) == 0 && blank(p.text.String()) }

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// inline reads what stands in a paragraph, whatever it is wrapped in.
func (r *docxReader) inline(p *paragraph) error {
	return r.xml.each(func(start xml.StartElement) error {
		switch start.Name.Local {
		case "pPr":
			return r.paragraphProperties(p)
		case "r":
			return r.readRun(p)
		case "txbxContent":
			return r.flow(p.hang)
		case "del", "moveFrom", "Fallback", "sdtPr", "rPr", "rt", "pPrChange":
			return r.xml.skip()
		case "t":
			return r.write(p, false, "")
		}
		return r.inline(p)
	})
}

// hang takes a paragraph of a text box.
func (p *paragraph) hang(box *paragraph) error {
	if !box.blank() {
		p.boxes = append(p.boxes, *box)
	}
	return nil
}

// paragraphProperties reads a paragraph's style, level and list.
func (r *docxReader) paragraphProperties(p *paragraph) error {
	return r.xml.each(func(start xml.StartElement) error {
		value := attribute(start, "val")
		switch start.Name.Local {
		case "pStyle":
			p.style = r.styles.resolve(value)
		case "outlineLvl":
			if n, err := strconv.Atoi(value); err == nil {
				p.outline = &n
			}
		case "numPr":
			return r.listProperties(p)
		case "rPr": // of the mark at the paragraph's end
			return r.xml.each(func(start xml.StartElement) error {
				p.markDeleted = p.markDeleted || start.Name.Local == "del" || start.Name.Local == "moveFrom"
				return r.xml.skip()
			})
		}
		return r.xml.skip()
	})
}

func (r *docxReader) listProperties(p *paragraph) error {
	return r.xml.each(func(start xml.StartElement) error {
		n, err := strconv.Atoi(attribute(start, "val"))
		switch {
		case err != nil:
		case start.Name.Local == "ilvl":
			p.num.level, p.num.levelSet = n, true
		case start.Name.Local == "numId":
			p.num.list, p.num.listSet = n, true
		}
		return r.xml.skip()
	})
}

// runProperties reads of characters whether they are hidden or bold.
func (r *docxReader) runProperties() (style, error) {
	var s, own style
	err := r.xml.each(func(start xml.StartElement) error {
		on := isOn(attribute(start, "val"), true)
		switch start.Name.Local {
		case "rStyle":
			s = r.styles.resolve(attribute(start, "val"))
		case "vanish":
			own.hidden = &on
		case "b":
			own.bold = &on
		case "vertAlign":
			own.raised = attribute(start, "val")
		}
		return r.xml.skip()
	})
	if own.hidden == nil {
		own.hidden = s.hidden
	}
	if own.bold == nil {
		own.bold = s.bold
	}
	return own, err
}

// readRun reads characters of one look. Of hidden ones only what says where
// pages end counts.
func (r *docxReader) readRun(p *paragraph) error {
	hidden, bold := p.style.hidden != nil && *p.style.hidden, p.style.bold != nil && *p.style.bold
	var look style
	var read func() error
	read = func() error {
		return r.xml.each(func(start xml.StartElement) error {
			switch start.Name.Local {
			case "rPr":
				var err error
				look, err = r.runProperties()
				if look.hidden != nil {
					hidden = *look.hidden
				}
				if look.bold != nil {
					bold = *look.bold
				}
				return err
			case "lastRenderedPageBreak":
				r.page++
				r.breaks++
				if blank(p.text.String()) {
					p.page = r.page
				} else {
					p.turns = append(p.turns, p.text.Len())
				}
			case "t":
				if !hidden {
					return r.write(p, bold, look.raised)
				}
			case "footnoteReference", "endnoteReference":
				if !hidden {
					r.notes = append(r.notes, note{kind: start.Name.Local, id: attribute(start, "id"), page: r.page})
				}
			case "txbxContent":
				return r.flow(p.hang)
			case "Fallback", "instrText", "delText", "delInstrText", "rt", "fldData", "binData":
			case "tab", "br", "cr", "noBreakHyphen", "sym":
				if !hidden {
					p.text.WriteString(sign(start))
				}
			default: // drawings and their like
				return read()
			}
			return r.xml.skip()
		})
	}
	return read()
}

// sign is what an element that stands for a character is.
func sign(start xml.StartElement) string {
	switch start.Name.Local {
	case "br":
		if kind := attribute(start, "type"); kind == "page" || kind == "column" {
			return " "
		}
		return "\n"
	case "cr":
		return "\n"
	case "noBreakHyphen":
		return "\u2011"
	case "sym":
		// Codes of symbol fonts are for private use, and say nothing here.
		code, err := strconv.ParseUint(attribute(start, "char"), 16, 16)
		if r := rune(code); err == nil && unicode.IsPrint(r) && !unicode.Is(unicode.Co, r) {
			return string(r)
		}
	}
	return " "
}

func (r *docxReader) write(p *paragraph, bold bool, raise string) error {
	text, err := r.xml.text()
	if err != nil {
		return err
	}
	if raise == "superscript" || raise == "subscript" {
		text = raised(text, raise == "superscript") // 10⁶ is no 106
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(text)); bold {
		p.boldText += n
	} else {
		p.plainText += n
	}
	p.text.WriteString(text)
	return r.grow(len(text))
}

// Groups of items.
const (
	inList = 1 + iota
	inContents
	firstTable
)

// lines is the paragraph's text, its lines without white space around them.
func (p *paragraph) lines() string {
	var lines []string
	for line := range strings.Lines(p.text.String()) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// turnsInLines are where the turns of the paragraph's text are in its lines.
// White space at a turn is of the page before.
func (p *paragraph) turnsInLines() []int {
	if len(p.turns) == 0 {
		return nil
	}
	turns := make([]int, 0, len(p.turns))
	written, space := 0, false
	for at, r := range p.text.String() {
		for len(turns) < len(p.turns) && p.turns[len(turns)] <= at {
			turns = append(turns, written)
		}
		if unicode.IsSpace(r) {
			space = true
			continue
		}
		if space && written > 0 {
			written++ // what stands between two words or lines
		}
		space = false
		written += utf8.RuneLen(r)
	}
	return turns
}

// item is what a paragraph is in the document.
func (p *paragraph) item() item {
	it := item{text: p.lines(), page: p.page, turns: p.turnsInLines(), bold: p.boldText > 0 && p.plainText == 0}
	if p.row != nil {
		it.group, it.columns, it.turns = firstTable+p.row.table, p.row.columns, nil
		if p.row.header {
			it.kind = corpus.Caption
		}
		return it
	}
	const longestHeading = 300 // bytes; more is a paragraph in a wrong style
	switch level := p.level(); {
	case it.text == "":
		return it
	case p.style.name == "title":
		it.kind, it.level, it.title = corpus.Heading, 1, true
	case level > 0 && len(it.text) <= longestHeading:
		it.kind, it.level = corpus.Heading, level
	case strings.HasPrefix(p.style.name, "toc "), p.style.name == "table of figures":
		it.kind, it.group = corpus.Caption, inContents
	case p.bullet:
		it.mark = strings.Repeat("  ", min(max(p.num.level, 0), 8)) + "- "
		it.group = inList
	case p.number != "":
		it.group = inList
	}
	if it.kind == corpus.Heading {
		it.text = strings.Join(strings.Fields(it.text), " ")
	}
	if p.number != "" {
		it.text = p.number + " " + it.text
		for i := range it.turns {
			it.turns[i] += len(p.number) + len(" ")
		}
	}
	return it
}

// level is the level of a heading, 0 for other text.
func (p *paragraph) level() int {
	if p.outline != nil {
		return (&style{outline: p.outline}).level()
	}
	return p.style.level()
}

// A note is a footnote or an endnote, where the text refers to it.
type note struct {
	kind, id string
	page     int
}

// readNotes appends the notes that the text refers to, footnotes first.
func (r *docxReader) readNotes() error {
	notes := r.notes
	chinese := mostlyChinese(r.items)
	for _, k := range []struct{ part, reference, element, title, titleZH string }{
		{"footnotes.xml", "footnoteReference", "footnote", "Footnotes", "脚注"},
		{"endnotes.xml", "endnoteReference", "endnote", "Endnotes", "尾注"},
	} {
		if !slices.ContainsFunc(notes, func(n note) bool { return n.kind == k.reference }) {
			continue
		}
		byID := map[string][]item{}
		if _, err := r.readPart(r.folder+k.part, func() error { return r.collectNotes(k.element, byID) }); err != nil {
			return err
		}
		title := k.title
		if chinese {
			title = k.titleZH
		}
		r.appendNotes(title, k.reference, notes, byID)
	}
	return nil
}

func (r *docxReader) collectNotes(element string, byID map[string][]item) error {
	return r.xml.each(func(start xml.StartElement) error {
		if start.Name.Local != element {
			return r.xml.skip()
		}
		id := attribute(start, "id")
		return r.flow(func(p *paragraph) error {
			if it := p.item(); it.text != "" {
				byID[id] = append(byID[id], it)
			}
			return nil
		})
	})
}

// appendNotes appends the notes of a kind below a heading, each with its number
// before it and on the page that refers to it.
func (r *docxReader) appendNotes(title, kind string, notes []note, byID map[string][]item) {
	number, first := 0, len(r.items)
	for _, n := range notes {
		if n.kind != kind {
			continue
		}
		number++
		for i, it := range byID[n.id] {
			it.page, it.turns = n.page, nil
			if i == 0 {
				it.mark = strconv.Itoa(number) + ". "
			}
			if len(r.items) == first {
				r.items = append(r.items, item{kind: corpus.Heading, level: 1, text: title, page: n.page})
			}
			r.items = append(r.items, it)
		}
		delete(byID, n.id) // several places may refer to one
	}
}

func mostlyChinese(items []item) bool {
	han, letters := 0, 0
	for _, it := range items {
		for _, r := range it.text {
			switch {
			case unicode.Is(unicode.Han, r):
				han++
			case unicode.IsLetter(r):
				letters++
			}
		}
	}
	return han > letters
}
