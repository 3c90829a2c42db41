package load

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// tidyPage leaves of a page what a person reads in it: no scripts, menus or
// forms; links, bold and the like as their text; tables as plain rows.
func tidyPage(root *html.Node) {
	for n := root.FirstChild; n != nil; {
		n = tidyNode(root, n)
	}
	joinTexts(root)
	var found []*html.Node
	for n := range root.Descendants() {
		if n.DataAtom == atom.Table {
			found = append(found, n)
		}
	}
	budget := maxCopied
	for i := len(found) - 1; i >= 0; i-- { // inner ones first
		tidyTable(found[i], &budget)
	}
}

// joinTexts joins texts that stand side by side: html-to-markdown joins them
// one by one, which takes long where there are many.
func joinTexts(root *html.Node) {
	for n := root.FirstChild; n != nil; {
		if n.Type == html.TextNode && n.NextSibling != nil && n.NextSibling.Type == html.TextNode {
			var b strings.Builder
			b.WriteString(n.Data)
			for next := n.NextSibling; next != nil && next.Type == html.TextNode; next = n.NextSibling {
				b.WriteString(next.Data)
				n.Parent.RemoveChild(next)
			}
			n.Data = b.String()
		}
		if n.FirstChild != nil {
			n = n.FirstChild
		} else {
			n = after(root, n)
		}
	}
}

// tidyNode tidies one node below root and returns the next in reading order.
func tidyNode(root, n *html.Node) *html.Node {
	if unread(n) {
		next := after(root, n)
		n.Parent.RemoveChild(n)
		return next
	}
	switch n.DataAtom {
	case atom.A:
		if link(n) {
			break
		}
		return unwrap(root, n)
	case atom.B, atom.Strong, atom.I, atom.Em, atom.U, atom.Span, atom.Font, atom.Abbr, atom.Cite, atom.Small, atom.Big,
		atom.Mark, atom.Ins, atom.Q, atom.Dfn, atom.Time, atom.Label, atom.Bdi, atom.Bdo, atom.Wbr:
		return unwrap(root, n)
	case atom.Sup, atom.Sub:
		return raise(root, n)
	case atom.H1:
		n.Data = "h1" // what finds the main part makes it h2
	}
	if n.Type == html.TextNode {
		n.Data = strings.ReplaceAll(n.Data, "\u00a0", " ")
	}
	if n.FirstChild != nil {
		return n.FirstChild
	}
	return after(root, n)
}

// after is the node that follows n and all below it.
func after(root, n *html.Node) *html.Node {
	for n != root && n.NextSibling == nil {
		n = n.Parent
	}
	if n == root {
		return nil
	}
	return n.NextSibling
}

// unread reports whether nobody reads a node.
func unread(n *html.Node) bool {
	if n.Type == html.CommentNode {
		return true
	}
	if n.Type != html.ElementNode {
		return false
	}
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe, atom.Object, atom.Embed, atom.Svg, atom.Canvas,
		atom.Nav, atom.Footer, atom.Menu, atom.Button, atom.Input, atom.Select, atom.Textarea, atom.Datalist,
		atom.Img, atom.Picture, atom.Audio, atom.Video, atom.Map, atom.Del, atom.S, atom.Strike, atom.Rt, atom.Rp, atom.Head:
		return true
	}
	switch n.Data {
	case "annotation", "annotation-xml", "dialog":
		return true
	}
	for _, a := range n.Attr {
		value := strings.ToLower(strings.TrimSpace(a.Val))
		switch a.Key {
		case "hidden":
			return value != "until-found"
		case "aria-hidden":
			if value == "true" && n.DataAtom != atom.Body && n.DataAtom != atom.Html {
				return true
			}
		case "role":
			if value == "navigation" || value == "search" || value == "menu" || value == "contentinfo" {
				return true
			}
		case "style":
			if plain := strings.ReplaceAll(value, " ", ""); strings.Contains(plain, "display:none") || strings.Contains(plain, "visibility:hidden") {
				return true
			}
		}
	}
	return anchor(n)
}

// anchor reports whether a node is a link beside a heading, or a number that
// leads to a footnote.
func anchor(n *html.Node) bool {
	if n.DataAtom == atom.Sup {
		a := n.FirstChild
		return a != nil && a.NextSibling == nil && a.DataAtom == atom.A && strings.HasPrefix(nodeAttribute(a, "href"), "#")
	}
	if n.DataAtom != atom.A || !strings.Contains(nodeAttribute(n, "href"), "#") {
		return false
	}
	switch strings.TrimSpace(textOf(n)) {
	case "", "#", "¶", "§", "↩", "↩︎", "^", "↑":
		return true
	}
	return false
}

// link reports whether a link is an entry of a table of contents: it leads into
// the page and nothing stands beside it.
func link(n *html.Node) bool {
	empty := func(n *html.Node) bool {
		return n == nil || n.Type == html.TextNode && n.PrevSibling == nil != (n.NextSibling == nil) && strings.TrimSpace(n.Data) == ""
	}
	return strings.HasPrefix(nodeAttribute(n, "href"), "#") && n.Parent != nil && (n.Parent.DataAtom == atom.Li || n.Parent.DataAtom == atom.P) &&
		empty(n.PrevSibling) && empty(n.NextSibling)
}

// unwrap puts a node's children in its place.
func unwrap(root, n *html.Node) *html.Node {
	next := n.FirstChild
	if next == nil {
		next = after(root, n)
	}
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		n.Parent.InsertBefore(c, n)
	}
	n.Parent.RemoveChild(n)
	return next
}

// raise makes text of raised and lowered signs: 10<sup>6</sup> is no 106.
func raise(root, n *html.Node) *html.Node {
	text := strings.TrimSpace(textOf(n))
	next := after(root, n)
	n.Parent.InsertBefore(&html.Node{Type: html.TextNode, Data: raised(text, n.DataAtom == atom.Sup)}, n)
	n.Parent.RemoveChild(n)
	return next
}

// raised writes digits above or below the line where there are signs for all of
// a text.
func raised(text string, above bool) string {
	digits := []rune("₀₁₂₃₄₅₆₇₈₉₊₋")
	if above {
		digits = []rune("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case '0' <= r && r <= '9':
			b.WriteRune(digits[r-'0'])
		case r == '+':
			b.WriteRune(digits[10])
		case r == '-', r == '−':
			b.WriteRune(digits[11])
		default:
			return text
		}
	}
	return b.String()
}

func find(root *html.Node, is func(*html.Node) bool) *html.Node {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && is(n) {
			return n
		}
	}
	return nil
}

func nodeAttribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// textOf is the text in a node, with a space between blocks.
func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.Descendants() {
		switch {
		case c.Type == html.TextNode:
			b.WriteString(c.Data)
		case c.DataAtom == atom.Br, c.DataAtom == atom.P, c.DataAtom == atom.Div, c.DataAtom == atom.Li, c.DataAtom == atom.Td, c.DataAtom == atom.Tr, c.DataAtom == atom.Dd, c.DataAtom == atom.Dt:
			b.WriteByte(' ')
		}
	}
	return b.String()
}
