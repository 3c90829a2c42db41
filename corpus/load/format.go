package load

import (
	"path"
	"slices"
	"strings"

	"footnote/corpus"
)

// A format is a kind of file that is read.
type format struct {
	name       string   // for messages, as in "PDF"
	extensions []string // the usual one first
	// begins is what every file of the format begins with; empty where its
	// extension alone tells.
	begins string
	// binary says that the file is no text, so that parse finds out what is
	// wrong with it.
	binary bool
	// encoded says that the text may be in any encoding, which parse finds out.
	encoded bool
	// parse makes a document of a file's content. Its errors are of type
	// *[Error] without a path, and with FILE in the hint for the file's.
	parse func(name string, data []byte) (corpus.Document, error)
	// empty says what to do about a file without anything to answer from.
	empty string
}

// formats are all formats; what no other claims is plain text.
func formats() []format {
	return []format{
		{name: "text", extensions: []string{".txt", ".text"}, parse: plain, empty: "write something below its front matter"},
		{name: "Markdown", extensions: []string{".md", ".markdown"}, parse: parseMarkdown, empty: "write something below its front matter or comments"},
		{name: "PDF", extensions: []string{".pdf"}, begins: "%PDF-", binary: true, parse: parsePDF, empty: "check that other programs show a text on its pages"},
		{name: "Word", extensions: []string{".docx"}, begins: "PK\x03\x04", binary: true, parse: parseDocx, empty: "write something into it; text in pictures is not read"},
		{name: "HTML", extensions: []string{".html", ".htm", ".xhtml"}, encoded: true, parse: parseHTML, empty: "check that a browser shows text"},
		{name: "tables", extensions: []string{".csv", ".tsv"}, parse: parseCSV, empty: "write a row into it"},
	}
}

func plain(name string, data []byte) (corpus.Document, error) {
	return corpus.Plain(name, string(data)), nil
}

func parseMarkdown(name string, data []byte) (corpus.Document, error) {
	if tangled(data) {
		return plain(name, data)
	}
	return markdown(name, string(data)), nil
}

// formatOf is the format of a file's extension, nil for one that is not known.
func formatOf(name string) *format {
	extension := strings.ToLower(path.Ext(name))
	for _, f := range formats() {
		if slices.Contains(f.extensions, extension) {
			return &f
		}
	}
	return nil
}

// formatFor is the format of a file: that of its extension, unless it begins as
// one of another does.
func formatFor(name string, data []byte) format {
	all := formats()
	for _, f := range all {
		if f.begins != "" && strings.HasPrefix(string(data[:min(len(data), len(f.begins))]), f.begins) {
			return f
		}
	}
	if f := formatOf(name); f != nil && !f.binary {
		return *f
	}
	return all[0]
}

// Extensions are those of the files that are read, the usual one of each format.
func Extensions() []string {
	var all []string
	for _, f := range formats() {
		all = append(all, f.extensions[0])
	}
	return all
}

// readable says what a person may give, for messages.
func readable() string {
	var parts []string
	for _, f := range formats() {
		parts = append(parts, f.name+" ("+strings.Join(f.extensions, ", ")+")")
	}
	last := len(parts) - 1
	return "footnote reads " + strings.Join(parts[:last], ", ") + " and " + parts[last]
}
