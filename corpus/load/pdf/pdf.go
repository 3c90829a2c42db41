// Package pdf reads the text of PDF files as a person would: columns in order,
// lines joined to paragraphs, hyphens at line ends taken out, running heads and
// page numbers left out, headings told by their size and weight.
//
// A file is read in steps: bytes to objects (lex.go, filter.go, crypt.go,
// file.go), objects to glyphs at places on pages (font.go, cmap.go, letters.go,
// content.go), glyphs to lines (line.go), lines to columns (column.go), columns
// to blocks (block.go, table.go, join.go, heading.go). No file, however it is
// made, makes it panic, run for ever or take memory without bound: every step
// is counted.
package pdf

import (
	"errors"
	"fmt"
	"strings"
)

// A Document is the text of a file.
type Document struct {
	// Title is what the file says about itself, outside of its text; it is
	// often of another document.
	Title  string
	Pages  int
	Blocks []Block
}

// A Block is a paragraph, a heading or a row of a table.
type Block struct {
	Text string
	// Level is a heading's depth, 1 for the outermost; 0 for what is none.
	Level int
	// Page is the page that it begins on, from 1.
	Page int
	// Turns are the byte offsets in Text at which each further page begins, of
	// a paragraph that goes on over the ends of pages.
	Turns []int
	// Columns is the header of the table that it is a row of. Row is true for
	// rows, that of the header included.
	Columns string
	Row     bool
	// Contents is true for a line of a table of contents.
	Contents bool
}

// Errors that Read returns besides those of damaged files.
var (
	ErrPassword = errors.New("it opens only with a password")
	ErrPages    = errors.New("it has no pages")
	ErrPictures = errors.New("it holds pictures of pages, no text")
	ErrNameless = errors.New("its letters have no names")
	ErrLarge    = errors.New("it unpacks to too much")
	ErrDamaged  = errors.New("it is damaged")
)

// Read reads a file. A file without any text is [ErrPictures] if it shows
// pictures, and a document without blocks else.
func Read(data []byte) (Document, error) {
	f, err := open(data)
	if err != nil {
		return Document{}, err
	}
	d := Document{}
	if info := f.dict(f.trailer["Info"]); info != nil {
		d.Title = strings.Join(strings.Fields(textString(f.str(info["Title"]))), " ")
	}
	var sheets []*sheet
	var pieces [][]piece
	glyphs, nameless, pictures := 0, 0, 0
	err = f.pages(func(p page) error {
		s, err := f.read(p)
		if err != nil {
			return fmt.Errorf("page %d: %w", p.number, err)
		}
		glyphs, nameless, pictures = glyphs+len(s.glyphs), nameless+s.nameless, pictures+s.pictures
		pieces = append(pieces, s.pieces())
		s.glyphs = nil
		sheets = append(sheets, s)
		return nil
	})
	if err != nil {
		return Document{}, err
	}
	if f.unpacked < 0 || f.values < 0 || f.content < 0 {
		return Document{}, ErrLarge
	}
	if f.missing {
		return Document{}, ErrDamaged
	}
	d.Pages = len(sheets)
	if nameless*2 > glyphs {
		return Document{}, ErrNameless
	}
	dropMargins(sheets, pieces)
	d.Blocks = blocks(sheets, pieces)
	if len(d.Blocks) == 0 && pictures > 0 {
		return Document{}, ErrPictures
	}
	return d, nil
}
