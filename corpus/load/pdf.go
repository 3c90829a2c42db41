package load

import (
	"errors"
	"strings"
	"unicode"

	"footnote/corpus"
	"footnote/corpus/load/pdf"
)

// parsePDF makes a document of a PDF: blocks with the page that they begin on,
// apart by a blank line, and the rows of tables one below the other.
func parsePDF(name string, data []byte) (corpus.Document, error) {
	read, err := pdf.Read(data)
	if err != nil {
		return corpus.Document{}, pdfError(err)
	}
	var text strings.Builder
	var blocks []corpus.Block
	for i, b := range read.Blocks {
		switch {
		case i == 0:
		case b.Row && read.Blocks[i-1].Row:
			text.WriteByte('\n')
		default:
			text.WriteString("\n\n")
		}
		block := corpus.Block{Start: text.Len(), End: text.Len() + len(b.Text), Page: b.Page, Columns: b.Columns}
		for _, turn := range b.Turns {
			block.Turns = append(block.Turns, block.Start+turn)
		}
		switch {
		case b.Level > 0:
			block.Kind, block.Level = corpus.Heading, b.Level
		case b.Contents:
			block.Kind = corpus.Caption
		}
		text.WriteString(b.Text)
		blocks = append(blocks, block)
	}
	if len(blocks) > 0 {
		text.WriteByte('\n')
	}
	return corpus.NewDocument(name, text.String(), corpus.FrontMatter{Title: pdfTitle(read)}, blocks), nil
}

// pdfTitle is what the first page calls the document, in its largest letters;
// where it does not, what the file says, unless that is plainly the name of
// another file. Files are made from others, and keep the titles of those.
func pdfTitle(d pdf.Document) string {
	said := strings.ToLower(d.Title)
	const first = 8
	for _, b := range d.Blocks[:min(len(d.Blocks), first)] {
		if b.Level == 1 && b.Page == 1 {
			return b.Text
		}
	}
	for _, end := range []string{".doc", ".docx", ".dvi", ".indd", ".odt", ".pdf", ".ppt", ".pptx", ".qxd", ".qxp", ".rtf", ".tex", ".txt", ".xls", ".xlsx", ".htm", ".html"} {
		if strings.HasSuffix(said, end) {
			return ""
		}
	}
	for _, start := range []string{"microsoft ", "untitled", "unbenannt", "powerpoint ", "untertitel", "无标题", "http://", "https://"} {
		if strings.HasPrefix(said, start) {
			return ""
		}
	}
	if strings.IndexFunc(d.Title, unicode.IsLetter) < 0 {
		return ""
	}
	return d.Title
}

// pdfError says what is wrong with a PDF, and what to do about it.
func pdfError(err error) *Error {
	e := &Error{Kind: Damaged, Err: err}
	switch {
	case errors.Is(err, pdf.ErrPassword):
		e.Kind, e.Problem, e.Hint = Locked, "it is a PDF that opens only with a password", "save a copy that opens without one: qpdf --password=PASSWORD --decrypt FILE open.pdf"
	case errors.Is(err, pdf.ErrPictures):
		e.Kind, e.Problem, e.Hint = Pictures, "it is a PDF of pictures of pages, without text", "have the text recognised and use the new file: ocrmypdf FILE out.pdf"
	case errors.Is(err, pdf.ErrNameless):
		e.Kind, e.Problem, e.Hint = Pictures, "its fonts do not say which letters they show", "have the text recognised and use the new file: ocrmypdf --force-ocr FILE out.pdf"
	case errors.Is(err, pdf.ErrPages):
		e.Kind, e.Problem, e.Hint = Empty, "it is a PDF without pages", "check that other programs show them, or get the file anew"
	case errors.Is(err, pdf.ErrLarge):
		e.Kind, e.Problem, e.Hint = TooLarge, "it is a PDF that unpacks to more than footnote reads", "cut it into smaller files: qpdf --split-pages=100 FILE part.pdf"
	default:
		e.Problem, e.Hint = "it is a damaged PDF", "get it anew, or mend it and use the new file: qpdf FILE mended.pdf"
	}
	return e
}
