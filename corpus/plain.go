package corpus

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain makes a document of plain text.
//
// Each non-blank line is a block, and so are headings and captions. Where the
// text is hard-wrapped, which is judged for the document as a whole, blank
// lines separate blocks instead. A front matter (see [ParseFrontMatter]) and a
// byte order mark are in no block.
//
// A line is taken for a heading by its form (numbered, in capitals,
// underlined, or short and without a full stop) when a longer paragraph
// follows below it. Lines such as "Image source: …" are captions, and so are
// lines of nothing but marks.
func Plain(name, text string) Document {
	front := ParseFrontMatter(text)
	lines := splitLines(text, front.End)
	if hardWrapped(text, lines) {
		lines = joinWrapped(lines)
	}
	return NewDocument(name, text, front, classify(text, lines))
}

// NewDocument makes a document of a text and its blocks, which it numbers.
//
// The title is that of the front matter, else the first heading if nothing
// stands above it and it is of level 1, else a readable form of name. The
// author is that of the front matter, else one named in the first lines. The
// date is that of the front matter, else one given in the first lines, else the
// year the text seems to be written in. Paragraphs such as "Image source: …"
// become captions; if no paragraph is left, the headings and captions become
// paragraphs, so that something can be cited.
func NewDocument(name, text string, front FrontMatter, blocks []Block) Document {
	d := Document{Name: name, Title: front.Title, Author: front.Author, Text: text, Blocks: blocks}
	paragraphs := 0
	for i := range blocks {
		b := &blocks[i]
		b.Number = i + 1
		if b.Kind == Paragraph && b.End-b.Start < 1000 && isCaption(text[b.Start:b.End]) {
			b.Kind = Caption
		}
		if b.Kind == Paragraph {
			paragraphs++
		}
	}
	if d.Title == "" {
		d.Title, d.TitleInferred = titleOf(name, text, blocks)
	}
	if d.Author == "" {
		d.Author = statedAuthor(text, blocks)
	}
	d.Date, d.YearOnly = front.Date, front.YearOnly
	if d.Date.IsZero() {
		d.Date, d.YearOnly = statedDate(text, blocks)
	}
	if d.Date.IsZero() {
		d.Date, d.DateInferred = inferredDate(text[front.End:])
		d.YearOnly = d.DateInferred
	}
	if paragraphs == 0 {
		for i := range blocks {
			blocks[i].Kind, blocks[i].Level = Paragraph, 0
		}
	}
	return d
}

func titleOf(name, text string, blocks []Block) (title string, inferred bool) {
	if len(blocks) > 0 && blocks[0].Kind == Heading && blocks[0].Level == 1 {
		if title := blocks[0].shown(text); !generic(title) {
			return title, false
		}
	}
	return readableName(name), true
}

// readableName turns "notes/1973-oil-crisis.txt" into "1973 oil crisis".
func readableName(name string) string {
	base := name[strings.LastIndexByte(name, '/')+1:]
	if dot := strings.LastIndexByte(base, '.'); dot > 0 {
		base = base[:dot]
	}
	words := strings.FieldsFunc(base, func(r rune) bool { return r == '-' || r == '_' || unicode.IsSpace(r) })
	title := strings.Join(words, " ")
	if title == "" {
		return name
	}
	first, size := utf8.DecodeRuneInString(title)
	return string(unicode.ToUpper(first)) + title[size:]
}

// A line is a non-blank line of text, or the lines of a hard-wrapped paragraph.
type line struct {
	start, end int  // without white space around it
	columns    int  // width
	gap        bool // a blank line, or nothing, stands above it
	rows       int  // lines it was joined from
}

// splitLines returns the lines of text from an offset on.
func splitLines(text string, from int) []line {
	lines := make([]line, 0, strings.Count(text, "\n")+1)
	gap := true
	for from < len(text) {
		end, next := len(text), len(text)
		if n := strings.IndexAny(text[from:], "\r\n"); n >= 0 {
			end, next = from+n, from+n+1
			if text[end] == '\r' && next < len(text) && text[next] == '\n' {
				next++
			}
		}
		start := skipSpace(text[:end], from)
		from = next
		if start == end {
			gap = true
			continue
		}
		end = trimEnd(text, start, end)
		lines = append(lines, line{start, end, columns(text[start:end]), gap, 1})
		gap = false
	}
	return lines
}

// joinWrapped joins lines that no blank line separates.
func joinWrapped(lines []line) []line {
	joined := lines[:0]
	for _, l := range lines {
		if l.gap {
			joined = append(joined, l)
			continue
		}
		last := &joined[len(joined)-1]
		last.end, last.columns, last.rows = l.end, last.columns+1+l.columns, last.rows+1
	}
	return joined
}

// hardWrapped reports whether the lines of a text were broken to fit a width:
// most lines with another right below them are as long as fits (the next word
// would not), and go on below in the middle of a sentence.
func hardWrapped(text string, lines []line) bool {
	const narrowest, widest, unwrapped = 40, 130, 200
	var widths []int // of lines that have another right below them
	all, long := 0, 0
	for i, l := range lines {
		all += l.columns
		if l.columns > unwrapped {
			long += l.columns
		}
		if i+1 < len(lines) && !lines[i+1].gap {
			widths = append(widths, l.columns)
		}
	}
	if len(widths) == 0 || long*5 > all {
		return false
	}
	slices.Sort(widths)
	width := widths[len(widths)*9/10]
	if width < narrowest || width > widest {
		return false
	}
	filled, continued := 0, 0
	for i := range len(lines) - 1 {
		above, below := lines[i], lines[i+1]
		if below.gap {
			continue
		}
		if above.columns >= narrowest && above.columns+1+firstWordColumns(text[below.start:below.end]) > width {
			filled++
		}
		if continues(text[above.start:above.end], text[below.start:below.end]) {
			continued++
		}
	}
	return filled*2 >= len(widths) && continued*5 >= len(widths)*2
}

func firstWordColumns(line string) int {
	n := 0
	for _, r := range line {
		if unicode.IsSpace(r) {
			break
		}
		n++
		if ideographic(r) {
			return n + 1
		}
	}
	return n
}

// continues reports whether the line below plainly goes on with the sentence
// of the line above.
func continues(above, below string) bool {
	first := runeAt(below, 0)
	if unicode.IsLower(first) {
		return true
	}
	last, _ := runeBefore(above, len(above))
	return unicode.IsLetter(first) && !unicode.IsUpper(first) && !ends(above) && (unicode.IsLetter(last) || unicode.IsPunct(last))
}
