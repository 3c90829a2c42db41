package load

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"codeberg.org/readeck/go-readability/v2"
	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	tables "github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"footnote/corpus"
)

const (
	// maxHTML is how large a page may be: in memory it takes some twenty times
	// its size.
	maxHTML = 8 << 20
	// maxElements is of how many the main part of a page is looked for; a
	// larger page is read whole.
	maxElements = 50_000
	// maxNodes is of how many parts a page may be.
	maxNodes = 400_000
)

// parseHTML makes a document of a page: its main part, or all of it where no
// part is the main one, as Markdown. Menus, scripts and forms are left out;
// links, bold and italics are read as their text. Nothing is fetched.
func parseHTML(name string, data []byte) (corpus.Document, error) {
	if len(data) > maxHTML {
		return corpus.Document{}, &Error{Kind: TooLarge, Problem: fmt.Sprintf("it is too large for a page (more than %d MiB)", maxHTML>>20), Hint: "make text of it: pandoc FILE -o report.md"}
	}
	source, err := decoded(data)
	if err != nil {
		return corpus.Document{}, err
	}
	page, err := html.ParseWithOptions(bytes.NewReader(source), html.ParseOptionEnableScripting(false))
	if err != nil {
		return corpus.Document{}, &Error{Kind: Format, Problem: "it is no page that can be read (" + strings.TrimPrefix(err.Error(), "html: ") + ")", Hint: "open it in a browser and save it anew, or make text of it", Err: err}
	}
	if tooMany(page) {
		return corpus.Document{}, &Error{Kind: TooLarge, Problem: fmt.Sprintf("it is too large for a page (more than %d elements)", maxNodes), Hint: "make text of it: pandoc FILE -o report.md"}
	}
	article, front := mainPart(page)
	scripted := find(page, func(n *html.Node) bool { return n.Data == "script" }) != nil
	tidyPage(page)
	root := page
	if article != nil {
		if tidyPage(article); !losesMuch(article, page) {
			root = article
			restoreTitle(article, page)
		}
	}
	text, err := toMarkdown(root)
	if err != nil {
		return corpus.Document{}, err
	}
	d := markdownOf(name, text, front)
	if len(d.Blocks) == 0 && scripted {
		return corpus.Document{}, &Error{Kind: Format, Problem: "it holds scripts but no text: its text is made in a browser", Hint: "open it in a browser, save what it shows as PDF or text, and use that"}
	}
	return d, nil
}

// decoded is a page in UTF-8. What is UTF-8 is taken for it whatever the page
// says; else it is believed, and guessed where it says nothing.
func decoded(data []byte) ([]byte, error) {
	if utf8.Valid(data) && bytes.IndexByte(data, 0) < 0 {
		return bytes.TrimPrefix(data, []byte("\uFEFF")), nil
	}
	encoding, name, certain := charset.DetermineEncoding(data, "")
	if !certain {
		if _, code := markedEncoding(data); code != "" {
			name = code
		} else if name = guessEncoding(data); name == "" {
			name = "utf-8"
		}
		encoding, name = charset.Lookup(name)
	}
	if encoding == nil {
		return nil, &Error{Kind: Encoding, Problem: "it is in an encoding that is not read", Hint: "convert it to UTF-8 with iconv"}
	}
	text, err := encoding.NewDecoder().Bytes(data)
	if err != nil {
		return nil, &Error{Kind: Encoding, Problem: "it is not " + name + ", as it says", Hint: "convert it to UTF-8 with iconv", Err: err}
	}
	if controlled(text) {
		return nil, &Error{Kind: Format, Problem: "it is a binary file, not text", Hint: readable()}
	}
	return bytes.TrimPrefix(text, []byte("\uFEFF")), nil
}

func tooMany(page *html.Node) bool {
	n := 0
	for range page.Descendants() {
		if n++; n > maxNodes {
			return true
		}
	}
	return false
}

// mainPart finds the main part of a page, nil if there is none, and what the
// page says of itself.
func mainPart(page *html.Node) (*html.Node, corpus.FrontMatter) {
	parser := readability.NewParser()
	parser.MaxElemsToParse = maxElements
	parser.DisableJSONLD = false
	article, err := parser.ParseDocument(page, &url.URL{Scheme: "https", Host: "page.invalid", Path: "/"})
	if err != nil {
		return nil, corpus.FrontMatter{Title: titleElement(page)}
	}
	front := corpus.FrontMatter{Title: oneLine(article.Title()), Author: byline(article.Byline())}
	if at, err := article.PublishedTime(); err == nil {
		front.Date = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	}
	if front.Title == "" {
		front.Title = titleElement(page)
	}
	return article.Node, front
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// byline is an author without "By", "" where it is none.
func byline(text string) string {
	const longest = 100
	text = oneLine(text)
	if len(text) > 3 && strings.EqualFold(text[:3], "by ") {
		text = text[3:]
	}
	if len(text) > longest || strings.Contains(text, "://") {
		return ""
	}
	return text
}

func titleElement(page *html.Node) string {
	if n := find(page, func(n *html.Node) bool { return n.Data == "title" }); n != nil {
		return oneLine(textOf(n))
	}
	return ""
}

// restoreTitle puts the page's only h1 above its main part, from which it was
// taken as the title.
func restoreTitle(article, page *html.Node) {
	is := func(n *html.Node) bool { return n.DataAtom == atom.H1 }
	title := find(page, is)
	if title == nil || find(article, is) != nil {
		return
	}
	for n := range page.Descendants() {
		if is(n) && n != title {
			return
		}
	}
	h := element(atom.H1)
	h.AppendChild(&html.Node{Type: html.TextNode, Data: oneLine(textOf(title))})
	article.InsertBefore(h, article.FirstChild)
}

// losesMuch reports whether the part that was taken for the main one leaves out
// half of a page's text, or a fifth of the rows of its tables.
func losesMuch(part, page *html.Node) bool {
	partText, partRows := measure(part)
	text, rows := measure(page)
	return partText*2 < text || partRows*5 < rows*4
}

func measure(root *html.Node) (text, rows int) {
	for n := range root.Descendants() {
		switch {
		case n.Type == html.TextNode:
			text += len(strings.TrimSpace(n.Data))
		case n.Data == "tr":
			rows++
		}
	}
	return text, rows
}

// toMarkdown writes a tidy page as Markdown.
func toMarkdown(root *html.Node) (string, error) {
	// A mark that is escaped would be quoted with its backslash.
	c := converter.NewConverter(converter.WithEscapeMode(converter.EscapeModeDisabled), converter.WithPlugins(
		base.NewBasePlugin(),
		commonmark.NewCommonmarkPlugin(),
		tables.NewTablePlugin(tables.WithCellPaddingBehavior(tables.CellPaddingBehaviorMinimal)),
	))
	text, err := c.ConvertNode(root)
	if err != nil {
		return "", err
	}
	if len(text) > maxText {
		return "", tooLarge("")
	}
	return angled(string(bytes.TrimSpace(text))) + "\n", nil
}

// angled writes < and > as they are shown, save for a < that begins a line,
// where Markdown would take it for a tag.
func angled(text string) string {
	text = strings.NewReplacer("\n&lt;", "\n&lt;", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace("\n" + text)
	return text[1:]
}
