package load

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

const (
	// maxParts is how many files an archive may hold.
	maxParts = 20_000
	// maxInflated is what may come out of an archive in all, and maxRatio how
	// many times larger a part may become beyond freeInflated: the text of a
	// document comes to about twenty times its packed size.
	maxInflated  = 128 << 20
	maxRatio     = 400
	freeInflated = 4 << 20
	// maxNesting is how deep elements may be nested.
	maxNesting = 400
)

// An archive is a zip archive of which no more is unpacked than may be.
type archive struct {
	files     map[string]*zip.File // by their names in small letters
	left      int64                // that may still be unpacked
	encrypted bool                 // some file is
}

func openArchive(data []byte) (*archive, error) {
	if n := bytes.Count(data, []byte("PK\x01\x02")); n > maxParts {
		return nil, &Error{Kind: TooLarge, Problem: fmt.Sprintf("it is an archive of too many files (more than %d)", maxParts), Hint: "unpack it into a folder and name that"}
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, &Error{Kind: Damaged, Problem: "it is a damaged zip archive (" + strings.TrimPrefix(err.Error(), "zip: ") + ")", Hint: "copy or download it again: it may have been cut short", Err: err}
	}
	a := &archive{files: make(map[string]*zip.File, len(z.File)), left: maxInflated}
	for _, f := range z.File {
		a.files[strings.ToLower(strings.TrimPrefix(f.Name, "/"))] = f
		a.encrypted = a.encrypted || f.Flags&1 != 0
	}
	return a, nil
}

// holds reports whether a file's name begins so.
func (a *archive) holds(prefix string) bool {
	for name := range a.files {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// mainPart is the name of the part with the text.
func (a *archive) mainPart() (string, bool) {
	const usual = "word/document.xml"
	for _, target := range a.relations("_rels/.rels") {
		if a.files[strings.ToLower(target)] != nil && strings.HasPrefix(strings.ToLower(path.Base(target)), "document") {
			return target, true
		}
	}
	return usual, a.files[usual] != nil
}

// relations lists what a part of relations says of where the document is.
func (a *archive) relations(part string) []string {
	x, ok, err := a.xml(part)
	if !ok || err != nil {
		return nil
	}
	defer x.close()
	var targets []string
	if x.root() != nil {
		return nil
	}
	x.each(func(start xml.StartElement) error { // what is damaged here is no loss
		if strings.HasSuffix(attribute(start, "Type"), "/officeDocument") {
			targets = append(targets, strings.TrimPrefix(path.Clean("/"+attribute(start, "Target")), "/"))
		}
		return x.skip()
	})
	return targets
}

// xml opens a part; it reports whether there is one.
func (a *archive) xml(part string) (*xmlPart, bool, error) {
	f := a.files[strings.ToLower(part)]
	if f == nil {
		return nil, false, nil
	}
	if f.Flags&1 != 0 {
		return nil, true, passwordError()
	}
	packed, err := f.Open()
	if err != nil {
		return nil, true, &Error{Kind: Damaged, Problem: fmt.Sprintf("its part %s cannot be unpacked (%s)", part, strings.TrimPrefix(err.Error(), "zip: ")), Hint: "open it in Word and save it anew", Err: err}
	}
	x := &xmlPart{name: part, packed: packed}
	x.decoder = xml.NewDecoder(&inflating{archive: a, from: packed, most: freeInflated + maxRatio*int64(f.CompressedSize64)})
	return x, true, nil
}

var errInflated = errors.New("it unpacks to too much")

// inflating counts what is unpacked.
type inflating struct {
	archive *archive
	from    io.Reader
	most    int64
}

func (r *inflating) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.most -= int64(n)
	r.archive.left -= int64(n)
	if r.most < 0 || r.archive.left < 0 {
		return 0, errInflated
	}
	return n, err
}

// An xmlPart reads the elements of a part.
type xmlPart struct {
	name    string
	packed  io.Closer
	decoder *xml.Decoder
	depth   int
}

func (x *xmlPart) close() { x.packed.Close() }

// root enters the outermost element.
func (x *xmlPart) root() error {
	for {
		token, err := x.next()
		if err != nil {
			return err
		}
		if _, ok := token.(xml.StartElement); ok {
			return nil
		}
	}
}

func (x *xmlPart) next() (xml.Token, error) {
	token, err := x.decoder.Token()
	if err != nil {
		return nil, x.malformed(err)
	}
	switch token.(type) {
	case xml.StartElement:
		if x.depth++; x.depth > maxNesting {
			return nil, &Error{Kind: Damaged, Problem: fmt.Sprintf("its part %s is nested more than %d deep", x.name, maxNesting), Hint: "open it in Word and save it anew"}
		}
	case xml.EndElement:
		x.depth--
	}
	return token, nil
}

func (x *xmlPart) malformed(err error) error {
	if errors.Is(err, errInflated) {
		return &Error{Kind: TooLarge, Problem: fmt.Sprintf("its part %s unpacks to far more than its size", x.name), Hint: "if you trust it: save it as text and use that", Err: err}
	}
	line, column := x.decoder.InputPos()
	e := &Error{Kind: Damaged, Hint: "open it in Word, which may mend it, and save it anew", Err: err}
	what := err.Error()
	if s, ok := errors.AsType[*xml.SyntaxError](err); ok {
		what = s.Msg
	}
	e.Problem = fmt.Sprintf("its part %s is damaged (line %d, column %d: %s)", x.name, line, column, strings.TrimPrefix(what, "xml: "))
	return e
}

// each calls visit for each child of the element that was entered last; visit
// reads it to its end.
func (x *xmlPart) each(visit func(xml.StartElement) error) error {
	for {
		token, err := x.next()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := visit(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// skip reads to the end of the element that was entered last.
func (x *xmlPart) skip() error {
	for depth := x.depth; x.depth >= depth; {
		if _, err := x.next(); err != nil {
			return err
		}
	}
	return nil
}

// text reads the element that was entered last to its end.
func (x *xmlPart) text() (string, error) {
	var b strings.Builder
	for depth := x.depth; x.depth >= depth; {
		token, err := x.next()
		if err != nil {
			return "", err
		}
		if t, ok := token.(xml.CharData); ok {
			b.Write(t)
		}
	}
	return b.String(), nil
}

// attribute is the value of an attribute in whatever namespace, "" if it is
// absent.
func attribute(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
