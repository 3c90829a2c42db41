package pdf

import (
	"bytes"
	"strconv"
)

// The objects of a PDF file (ISO 32000-1, 7.3). Besides these types an object
// is nil, a bool, an int or a float64.
type (
	object  any
	name    string // without the slash
	str     string // bytes in an encoding that depends on what it is for
	array   []object
	dict    map[name]object
	ref     struct{ num, gen int }
	keyword string   // an operator, or "obj", "endobj" and the like
	end     struct{} // no more objects
	stream  struct {
		dict
		raw []byte // as it is in the file
		at  ref    // what it is decrypted with
		cut bool   // whether its end is missing
	}
)

// deepest is how many arrays and dictionaries may stand inside each other.
const deepest = 60

// A lexer reads objects from bytes. Whatever the bytes are, each call but the
// last moves on, so that it comes to an end.
type lexer struct {
	data []byte
	pos  int
	refs bool // whether "1 0 R" is a reference: it is none in content
	left *int // how many objects arrays and dictionaries may still hold; nil for any
}

// keep counts an object that is kept, and reports whether it may be.
func (l *lexer) keep() bool {
	if l.left == nil {
		return true
	}
	*l.left--
	return *l.left >= 0
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0
}

// skip passes over white space and comments.
func (l *lexer) skip() {
	for l.pos < len(l.data) {
		c := l.data[l.pos]
		switch {
		case isSpace(c):
			l.pos++
		case c == '%':
			for l.pos < len(l.data) && l.data[l.pos] != '\n' && l.data[l.pos] != '\r' {
				l.pos++
			}
		default:
			return
		}
	}
}

// next is the next object, keyword or end.
func (l *lexer) next() object { return l.object(0) }

func (l *lexer) object(depth int) object {
	l.skip()
	if l.pos >= len(l.data) {
		return end{}
	}
	c := l.data[l.pos]
	switch {
	case c == '/':
		l.pos++
		return l.name()
	case c == '(':
		l.pos++
		return l.literal()
	case c == '<':
		if l.pos+1 < len(l.data) && l.data[l.pos+1] == '<' {
			l.pos += 2
			if depth > deepest {
				return keyword("<<")
			}
			return l.dict(depth)
		}
		l.pos++
		return l.hex()
	case c == '[':
		l.pos++
		if depth > deepest {
			return keyword("[")
		}
		return l.array(depth)
	case c == '>' && l.pos+1 < len(l.data) && l.data[l.pos+1] == '>':
		l.pos += 2
		return keyword(">>")
	case isDelimiter(c):
		l.pos++
		return keyword(string(c))
	}
	return l.word()
}

// word is a number, a reference, a constant or a keyword.
func (l *lexer) word() object {
	start := l.pos
	for l.pos < len(l.data) && !isSpace(l.data[l.pos]) && !isDelimiter(l.data[l.pos]) {
		l.pos++
	}
	word := l.data[start:l.pos]
	if c := word[0]; c == '+' || c == '-' || c == '.' || '0' <= c && c <= '9' {
		if n, ok := number(word); ok {
			if i, isInt := n.(int); isInt && l.refs {
				return l.reference(i)
			}
			return n
		}
	}
	switch string(word) {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	return keyword(word)
}

// reference is "n gen R", or n alone.
func (l *lexer) reference(n int) object {
	back := l.pos
	gen, ok := l.digits()
	if ok {
		l.skip()
		if l.pos < len(l.data) && l.data[l.pos] == 'R' && (l.pos+1 == len(l.data) || isSpace(l.data[l.pos+1]) || isDelimiter(l.data[l.pos+1])) {
			l.pos++
			return ref{n, gen}
		}
	}
	l.pos = back
	return n
}

// digits reads a short number without sign or point.
func (l *lexer) digits() (int, bool) {
	l.skip()
	start, n := l.pos, 0
	for l.pos < len(l.data) && l.pos < start+10 && '0' <= l.data[l.pos] && l.data[l.pos] <= '9' {
		n = n*10 + int(l.data[l.pos]-'0')
		l.pos++
	}
	return n, l.pos > start
}

// number also takes what careless writers give: "--5", "1.2.3", "5-3".
func number(word []byte) (object, bool) {
	if i, err := strconv.Atoi(string(word)); err == nil {
		return i, true
	}
	negative := word[0] == '-'
	word = bytes.TrimLeft(word, "+-")
	value, scale, digits := 0.0, 0.0, 0
	for _, c := range word {
		switch {
		case '0' <= c && c <= '9':
			digits++
			if scale > 0 {
				value += float64(c-'0') * scale
				scale /= 10
			} else {
				value = value*10 + float64(c-'0')
			}
		case c == '.' && scale == 0:
			scale = 0.1
		case c == '-' || c == '.':
			return signed(value, negative), digits > 0
		default:
			return nil, false
		}
	}
	return signed(value, negative), digits > 0 || scale > 0
}

func signed(value float64, negative bool) object {
	const most = 1e12
	value = min(value, most)
	if negative {
		return -value
	}
	return value
}

func (l *lexer) name() object {
	var b []byte
	for l.pos < len(l.data) && !isSpace(l.data[l.pos]) && !isDelimiter(l.data[l.pos]) {
		c := l.data[l.pos]
		l.pos++
		if c == '#' && l.pos+1 < len(l.data) {
			if high, low := unhex(l.data[l.pos]), unhex(l.data[l.pos+1]); high >= 0 && low >= 0 {
				c = byte(high<<4 | low)
				l.pos += 2
			}
		}
		b = append(b, c)
	}
	return name(b)
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (l *lexer) hex() object {
	var b []byte
	high := -1
	for l.pos < len(l.data) {
		c := l.data[l.pos]
		l.pos++
		if c == '>' {
			break
		}
		switch d := unhex(c); {
		case d < 0:
		case high < 0:
			high = d
		default:
			b = append(b, byte(high<<4|d))
			high = -1
		}
	}
	if high >= 0 {
		b = append(b, byte(high<<4))
	}
	return str(b)
}

func (l *lexer) literal() object {
	var b []byte
	for open := 1; l.pos < len(l.data); {
		c := l.data[l.pos]
		l.pos++
		switch c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return str(b)
			}
		case '\\':
			b = l.escape(b)
			continue
		}
		b = append(b, c)
	}
	return str(b)
}

// escape appends what stands behind a backslash means.
func (l *lexer) escape(b []byte) []byte {
	if l.pos >= len(l.data) {
		return b
	}
	c := l.data[l.pos]
	l.pos++
	switch c {
	case 'n':
		return append(b, '\n')
	case 'r':
		return append(b, '\r')
	case 't':
		return append(b, '\t')
	case 'b':
		return append(b, '\b')
	case 'f':
		return append(b, '\f')
	case '\r':
		if l.pos < len(l.data) && l.data[l.pos] == '\n' {
			l.pos++
		}
		return b
	case '\n':
		return b
	}
	if c < '0' || c > '7' {
		return append(b, c)
	}
	n := int(c - '0')
	for i := 0; i < 2 && l.pos < len(l.data) && '0' <= l.data[l.pos] && l.data[l.pos] <= '7'; i++ {
		n = n*8 + int(l.data[l.pos]-'0')
		l.pos++
	}
	return append(b, byte(n))
}

func (l *lexer) array(depth int) object {
	a := array{}
	for {
		switch o := l.object(depth + 1).(type) {
		case end:
			return a
		case keyword:
			if o == "]" {
				return a
			}
			if o == "endobj" || o == "endstream" {
				return a // it was never closed
			}
		default:
			if l.keep() {
				a = append(a, o)
			}
		}
	}
}

func (l *lexer) dict(depth int) object {
	d := dict{}
	for {
		switch key := l.object(depth + 1).(type) {
		case end:
			return d
		case keyword:
			if key == ">>" || key == "endobj" || key == "stream" {
				return d
			}
		case name:
			value := l.object(depth + 1)
			if k, ok := value.(keyword); ok {
				if k == ">>" {
					return d
				}
				continue
			}
			if _, ok := value.(end); !ok && l.keep() {
				d[key] = value
			}
		}
	}
}
