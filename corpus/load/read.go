package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"footnote/corpus"
)

// maxSize is how many bytes a file may have: a thousand books' worth of
// passages would leave no room for the index.
const maxSize = 64 << 20

// errEmpty marks errors about files with nothing in them.
var errEmpty = errors.New("nothing to read")

func isEmpty(err error) bool { return errors.Is(err, errEmpty) }

// Parse reads a document that is in memory already, as a file of that name would
// be read. Errors are of type *[Error], with the name as the path.
func Parse(name string, data []byte) (corpus.Document, error) {
	if len(data) > maxSize {
		return corpus.Document{}, tooLarge(name)
	}
	return parse(name, name, data)
}

// readDocument reads a file into a document of a name.
func readDocument(file, name string) (corpus.Document, error) {
	data, err := readFile(file)
	if err != nil {
		return corpus.Document{}, err
	}
	return parse(file, name, data)
}

func parse(file, name string, data []byte) (corpus.Document, error) {
	f := formatFor(name, data)
	if !f.binary {
		if e := refuse(file, data, f.encoded); e != nil {
			return corpus.Document{}, e
		}
		if named := formatOf(name); named != nil && named.binary {
			return corpus.Document{}, &Error{
				Path: file, Kind: Format, Problem: "its name says that it is " + named.name + ", but it is text",
				Hint: "if it is what should be read, call it .txt; else copy or download it again",
			}
		}
	}
	d, err := f.parse(name, data)
	if err != nil {
		return corpus.Document{}, at(file, err)
	}
	if len(d.Blocks) == 0 {
		return corpus.Document{}, &Error{
			Path: file, Kind: Empty, Problem: "it holds no text to answer from", Hint: f.empty, Err: errEmpty,
		}
	}
	return d, nil
}

// at says which file an error of a format's is about.
func at(file string, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return &Error{Path: file, Kind: Format, Problem: "it cannot be read (" + err.Error() + ")", Hint: "check that other programs open it", Err: err}
	}
	e.Path = file
	e.Hint = strings.ReplaceAll(e.Hint, "FILE", quoted(file))
	return e
}

// tangled reports whether Markdown has so many brackets that are never closed
// that its parser, whose time grows with their square, would take minutes.
func tangled(data []byte) bool {
	const most = 500
	brackets, targets := 0, 0
	for i, c := range data {
		switch {
		case c == '[':
			brackets++
		case c == ']':
			brackets = max(0, brackets-1)
		case c == '(' && i > 0 && data[i-1] == ']':
			targets++
		case c == ')':
			targets = max(0, targets-1)
		}
		if brackets > most || targets > most {
			return true
		}
	}
	return false
}

func readFile(file string) ([]byte, error) {
	info, err := os.Stat(file) // before opening: a pipe would block
	if err != nil {
		return nil, unusable(file, err)
	}
	if !info.Mode().IsRegular() {
		return nil, &Error{Path: file, Problem: "it is neither a file nor a folder", Hint: "save what it gives to a .txt or .md file and name that"}
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, unusable(file, err)
	}
	defer f.Close()
	var data bytes.Buffer
	data.Grow(int(min(info.Size(), maxSize)) + bytes.MinRead)
	if _, err := io.Copy(&data, io.LimitReader(f, maxSize+1)); err != nil {
		return nil, unusable(file, err)
	}
	if data.Len() > maxSize {
		return nil, tooLarge(file)
	}
	return data.Bytes(), nil
}

func tooLarge(file string) *Error {
	return &Error{
		Path: file, Kind: TooLarge, Problem: fmt.Sprintf("it is too large (more than %d MiB)", maxSize>>20),
		Hint: "cut it into smaller files, put them in a folder and name that",
	}
}

// unusable explains what the operating system said about a path.
func unusable(file string, err error) error {
	e := &Error{Path: file, Err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Problem, e.Hint = "there is no such file or folder", "check the spelling, or give the whole path"
	case errors.Is(err, fs.ErrPermission):
		e.Problem, e.Hint = "no permission to read it", "allow it with: chmod u+r "+quoted(file)
	default:
		e.Problem, e.Hint = "it cannot be read ("+reason(err)+")", "check that the file and the disk it is on are in order"
	}
	return e
}

// reason is an error without the path, which is named already.
func reason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}

// refuse explains why data is not text that can be read; nil if it is. Encoded
// text may be in any encoding.
func refuse(file string, data []byte, encoded bool) error {
	body := bytes.TrimPrefix(data, []byte("\uFEFF"))
	if len(body) == 0 {
		return &Error{Path: file, Kind: Empty, Problem: "it is empty", Hint: "write something into it, or name another file", Err: errEmpty}
	}
	if name, remedy := binaryFormat(data); name != "" {
		return &Error{Path: file, Kind: Format, Problem: "it is " + name + ", not text", Hint: strings.ReplaceAll(remedy, "FILE", quoted(file))}
	}
	if encoded {
		return nil
	}
	if name, code := markedEncoding(data); code != "" {
		return misencoded(file, "it is not UTF-8 but "+name, code)
	}
	if !utf8.Valid(data) && !controlled(data) {
		return misencoded(file, notUTF8(data), guessEncoding(data))
	}
	if controlled(data) {
		return &Error{Path: file, Kind: Format, Problem: "it is a binary file, not text", Hint: readable()}
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return &Error{Path: file, Kind: Empty, Problem: "it holds nothing but white space", Hint: "write something into it, or name another file", Err: errEmpty}
	}
	return nil
}

// controlled reports whether data holds bytes that no text does: a NUL, or
// many control characters.
func controlled(data []byte) bool {
	if bytes.IndexByte(data, 0) >= 0 {
		return true
	}
	n := 0
	for _, c := range data {
		if c < ' ' && (c < '\t' || c > '\r') && c != 0x1B || c == 0x7F {
			n++
		}
	}
	return n > 8 && n*20 > len(data)
}

// quoted makes a path safe to paste into a shell.
func quoted(file string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("/._-", r)
	}
	if file != "" && file[0] != '-' && strings.IndexFunc(file, func(r rune) bool { return !plain(r) }) < 0 {
		return file
	}
	if strings.HasPrefix(file, "-") {
		file = "./" + file
	}
	return "'" + strings.ReplaceAll(file, "'", `'\''`) + "'"
}
