package load

import (
	"bytes"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// onlyPointers reports whether a paragraph says nothing itself: it is images,
// perhaps linked, or links to other parts of the document, with at most
// punctuation between them.
func onlyPointers(n ast.Node, source []byte) bool {
	return pointersIn(n, source) == pointers
}

// What inline text holds, the greatest of its parts.
type content uint8

const (
	nothing  content = iota // white space, punctuation, tags
	pointers                // images, links into the document
	words                   // anything that says something
)

func pointersIn(n ast.Node, source []byte) content {
	held := nothing
	for c := n.FirstChild(); c != nil && held < words; c = c.NextSibling() {
		held = max(held, contentOf(c, source))
	}
	return held
}

func contentOf(n ast.Node, source []byte) content {
	switch n := n.(type) {
	case *ast.Image:
		return pointers
	case *ast.Link:
		if bytes.HasPrefix(n.Destination, []byte("#")) {
			return pointers
		}
		return pointersIn(n, source) // of a badge
	case *ast.Emphasis:
		return pointersIn(n, source)
	case *ast.Text:
		if bytes.ContainsFunc(n.Segment.Value(source), isWord) {
			return words
		}
		return nothing
	case *ast.RawHTML:
		for _, s := range n.Segments.Sliced(0, n.Segments.Len()) {
			if bytes.Contains(s.Value(source), []byte("<img")) {
				return pointers
			}
		}
		return nothing
	}
	return words
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
