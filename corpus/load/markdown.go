package load

import (
	"bytes"
	"html"
	"strings"
	"sync"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"footnote/corpus"
)

// newParser makes the CommonMark parser once it is needed. Tables are found by
// [tableRows]: goldmark's package for them costs more at program start than
// reading a document does.
var newParser = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithInlineParsers(parser.DefaultInlineParsers()...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
	)
})

// markdown makes a document of Markdown. Its blocks are the headings,
// paragraphs, code blocks and table rows, those in lists and quotations
// included; their text is the raw text, without the marks before it. Comments,
// link definitions and the dashes of tables are in no block. Paragraphs of
// nothing but images (badges) or links into the document (a table of contents)
// and the header rows of tables are captions. The title is that of the front matter, else the first heading of
// level 1, else a readable form of name.
func markdown(name, source string) corpus.Document {
	return markdownOf(name, source, corpus.ParseFrontMatter(source))
}

// markdownOf makes a document of Markdown whose front matter is known.
func markdownOf(name, source string, front corpus.FrontMatter) corpus.Document {
	r := reader{source: []byte(source[front.End:]), shift: front.End}
	r.walk(newParser().Parse(text.NewReader(r.source)))
	if front.Title == "" {
		front.Title = r.title
	}
	return corpus.NewDocument(name, source, front, r.blocks)
}

// A reader collects the blocks of a parsed document.
type reader struct {
	source []byte
	shift  int // of the source in the file
	blocks []corpus.Block
	title  string // the first heading of level 1
	end    int    // of the last block, in source
}

// walk visits blocks in reading order. Lists and quotations can be nested as
// deep as a file is long, so it does not recurse.
func (r *reader) walk(root ast.Node) {
	for n := root; n != nil; {
		if r.visit(n) && n.FirstChild() != nil {
			n = n.FirstChild()
			continue
		}
		for n != nil && n.NextSibling() == nil {
			n = n.Parent()
		}
		if n != nil {
			n = n.NextSibling()
		}
	}
}

// visit takes a block. It reports whether it holds others.
func (r *reader) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.Heading:
		r.heading(n)
	case *ast.Paragraph, *ast.TextBlock:
		r.paragraph(n)
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		r.addLines(corpus.Block{}, n.Lines().Sliced(0, n.Lines().Len()))
	case *ast.HTMLBlock:
		r.html(n)
	case *ast.Document, *ast.List, *ast.ListItem, *ast.Blockquote:
		return true
	}
	return false
}

func (r *reader) heading(n *ast.Heading) {
	title := r.plain(n)
	if title == "" {
		return
	}
	b := corpus.Block{Kind: corpus.Heading, Level: n.Level, Title: title}
	if r.addLines(b, n.Lines().Sliced(0, n.Lines().Len())) && n.Level == 1 && r.title == "" {
		r.title = title
	}
}

func (r *reader) paragraph(n ast.Node) {
	lines := n.Lines().Sliced(0, n.Lines().Len())
	above, rows := tableRows(r.source, lines)
	b := corpus.Block{}
	if len(rows) == 0 && onlyPointers(n, r.source) {
		b.Kind = corpus.Caption
	}
	r.addLines(b, above)
	for i, row := range rows {
		names := rows[0].Value(r.source)
		b.Kind, b.Columns = corpus.Paragraph, columnNames(rowCells(names))
		if i == 0 { // it names the columns, and says nothing
			b.Kind, b.Columns = corpus.Caption, ""
		}
		if i > 0 || !unnamed(names) {
			r.add(b, row.Start, row.Stop)
		}
	}
}

// html takes a block of HTML that holds text, without the comments around it.
func (r *reader) html(n *ast.HTMLBlock) {
	lines := n.Lines().Sliced(0, n.Lines().Len())
	if n.HasClosure() {
		lines = append(lines[:len(lines):len(lines)], n.ClosureLine)
	}
	if len(lines) == 0 {
		return
	}
	start, end := lines[0].Start, lines[len(lines)-1].Stop
	start, end = trimComments(r.source, start, end)
	switch words, image := textOutsideTags(r.source[start:end]); {
	case words:
		r.add(corpus.Block{}, start, end)
	case image:
		r.add(corpus.Block{Kind: corpus.Caption}, start, end)
	}
}

func (r *reader) addLines(b corpus.Block, lines []text.Segment) bool {
	return len(lines) > 0 && r.add(b, lines[0].Start, lines[len(lines)-1].Stop)
}

// add appends a block of source[start:end] without white space around it. It
// reports whether anything is left.
func (r *reader) add(b corpus.Block, start, end int) bool {
	start, end = max(start, r.end), min(end, len(r.source))
	if start >= end {
		return false
	}
	part := r.source[start:end]
	start += len(part) - len(bytes.TrimLeftFunc(part, unicode.IsSpace))
	end -= len(part) - len(bytes.TrimRightFunc(part, unicode.IsSpace))
	if start >= end {
		return false
	}
	r.end = end
	b.Start, b.End = start+r.shift, end+r.shift
	r.blocks = append(r.blocks, b)
	return true
}

// plain is the text of a node without markup, on one line.
func (r *reader) plain(n ast.Node) string {
	var b strings.Builder
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(util.UnescapePunctuations(n.Segment.Value(r.source)))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(r.source))
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(html.UnescapeString(b.String())), " ")
}

// trimComments leaves out the comments at the edges of source[start:end].
func trimComments(source []byte, start, end int) (int, int) {
	for {
		part := source[start:end]
		left := len(part) - len(bytes.TrimLeftFunc(part, unicode.IsSpace))
		if !bytes.HasPrefix(part[left:], []byte("<!--")) {
			break
		}
		n := bytes.Index(part[left:], []byte("-->"))
		if n < 0 {
			return end, end
		}
		start += left + n + len("-->")
	}
	for {
		part := bytes.TrimRightFunc(source[start:end], unicode.IsSpace)
		n := bytes.LastIndex(part, []byte("<!--"))
		if n < 0 || !bytes.HasSuffix(part, []byte("-->")) {
			return start, end
		}
		end = start + n
	}
}

// textOutsideTags reports whether HTML shows words, and whether it shows an image.
func textOutsideTags(source []byte) (words, image bool) {
	lower := bytes.ToLower(source)
	if bytes.HasPrefix(lower, []byte("<script")) || bytes.HasPrefix(lower, []byte("<style")) {
		return false, false
	}
	image = bytes.Contains(lower, []byte("<img")) || bytes.Contains(lower, []byte("<svg"))
	for len(source) > 0 {
		open := bytes.IndexByte(source, '<')
		if open < 0 {
			open = len(source)
		}
		if bytes.IndexFunc(source[:open], func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0 {
			return true, image
		}
		source = source[open:]
		mark := []byte(">")
		if bytes.HasPrefix(source, []byte("<!--")) {
			mark = []byte("-->")
		}
		closing := bytes.Index(source, mark)
		if closing < 0 {
			break
		}
		source = source[closing+len(mark):]
	}
	return false, image
}
