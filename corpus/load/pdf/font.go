package pdf

import (
	"bytes"
	"strings"
)

// perCode is what a code of a font costs of the content that may be read: its
// tables are short and make much.
const perCode = 64

// A font says what the bytes of a text stand for and how wide they are.
type font struct {
	bold, italic bool
	composite    bool // its codes are of more than one byte
	unicode      *cmap
	codes        *cmap // of a composite font, nil when codes are glyphs
	utf16        bool  // its codes are UTF-16
	letters      [256]string
	widths       map[int]float64
	width        float64 // of what is not in widths
	scale        float64 // of widths
}

// A letter is what a code stands for.
type letter struct {
	text  string  // empty when it is not known
	width float64 // for a size of 1
	space bool    // whether the spacing of words goes on top
}

func (f *file) fontOf(o object) *font {
	r, shared := o.(ref)
	if shared {
		if made, ok := f.fonts[r]; ok {
			return made
		}
	}
	made := f.newFont(f.dict(o))
	if shared {
		f.fonts[r] = made
	}
	return made
}

func (f *file) newFont(d dict) *font {
	t := &font{scale: 1.0 / 1000, widths: map[int]float64{}}
	if s, ok := f.resolve(d["ToUnicode"]).(*stream); ok {
		if data, err := f.decode(s); err == nil && f.charge(len(data)) {
			t.unicode = newCmap(data)
			f.charge(perCode * t.unicode.used)
		}
	}
	base := string(f.name(d["BaseFont"]))
	if f.name(d["Subtype"]) == "Type0" {
		f.composite(t, d)
	} else {
		f.simple(t, d, base)
	}
	_, plain, ok := strings.Cut(base, "+")
	if !ok {
		plain = base
	}
	plain = strings.ToLower(plain)
	descriptor := f.descriptor(d)
	t.bold = strings.Contains(plain, "bold") || strings.Contains(plain, "black") || strings.Contains(plain, "heavy") ||
		strings.HasPrefix(plain, "cmbx") || strings.HasPrefix(plain, "sfbx") || f.int(descriptor["Flags"])&(1<<18) != 0 || f.number(descriptor["StemV"]) >= 140 || f.number(descriptor["FontWeight"]) >= 600
	t.italic = strings.Contains(plain, "italic") || strings.Contains(plain, "oblique") || strings.HasPrefix(plain, "cmti") || f.number(descriptor["ItalicAngle"]) != 0
	return t
}

func (f *file) descriptor(d dict) dict {
	if descendants := f.array(d["DescendantFonts"]); len(descendants) > 0 {
		d = f.dict(descendants[0])
	}
	return f.dict(d["FontDescriptor"])
}

func (f *file) composite(t *font, d dict) {
	t.composite = true
	switch v := f.resolve(d["Encoding"]).(type) {
	case name:
		t.utf16 = strings.Contains(string(v), "UCS2") || strings.Contains(string(v), "UTF16")
	case *stream:
		if data, err := f.decode(v); err == nil && f.charge(len(data)) {
			t.codes = newCmap(data)
			f.charge(perCode * t.codes.used)
		}
	}
	t.width = 1000
	descendants := f.array(d["DescendantFonts"])
	if len(descendants) == 0 {
		return
	}
	below := f.dict(descendants[0])
	if below["DW"] != nil {
		t.width = f.number(below["DW"])
	}
	f.cidWidths(t, f.array(below["W"]))
}

// cidWidths reads "first [w w …]" and "first last w".
func (f *file) cidWidths(t *font, w array) {
	for len(w) > 1 {
		first := f.int(w[0])
		if list, ok := f.resolve(w[1]).(array); ok {
			f.charge(perCode * len(list))
			for i, v := range list {
				t.widths[first+i] = f.number(v)
			}
			w = w[2:]
			continue
		}
		if len(w) < 3 {
			return
		}
		for cid, last := first, min(f.int(w[1]), first+1<<16); cid <= last && f.charge(perCode); cid++ {
			t.widths[cid] = f.number(w[2])
		}
		w = w[3:]
	}
}

func (f *file) simple(t *font, d dict, base string) {
	f.encode(t, d, base)
	descriptor := f.dict(d["FontDescriptor"])
	t.width = f.number(descriptor["MissingWidth"])
	if f.name(d["Subtype"]) == "Type3" {
		if m := f.numbers(d["FontMatrix"], 6); m != nil {
			t.scale = max(m[0], -m[0])
		}
	}
	widths := f.array(d["Widths"])
	if len(widths) == 0 {
		standardWidths(t, base)
		return
	}
	first := f.int(d["FirstChar"])
	for i, w := range widths[:min(len(widths), 256)] {
		t.widths[first+i] = f.number(w)
	}
}

// encode says what the codes of a simple font mean.
func (f *file) encode(t *font, d dict, base string) {
	if pictorial(base) {
		for c := range t.letters {
			t.letters[c] = "•"
		}
		t.letters[' '] = " "
		return
	}
	encoding := f.resolve(d["Encoding"])
	plain, _ := encoding.(name)
	changed, _ := encoding.(dict)
	if v := f.name(changed["BaseEncoding"]); v != "" {
		plain = v
	}
	descriptor := f.dict(d["FontDescriptor"])
	switch {
	case plain == "WinAnsiEncoding", plain == "" && f.name(d["Subtype"]) == "TrueType":
		t.letters = winAnsi()
	case plain == "MacRomanEncoding":
		t.letters = macRoman()
	default:
		t.letters = standard()
		if plain == "" {
			f.builtIn(t, descriptor["FontFile"])
		}
	}
	names := newNames()
	at := 0
	for _, o := range f.array(changed["Differences"]) {
		switch v := f.resolve(o).(type) {
		case int:
			at = v
		case name:
			if at >= 0 && at < 256 {
				t.letters[at] = names.text(string(v))
			}
			at++
		}
	}
}

// builtIn reads the encoding that stands in clear at the start of a Type 1
// font: lines such as "dup 65 /A put".
func (f *file) builtIn(t *font, program object) {
	s, ok := f.resolve(program).(*stream)
	if !ok {
		return
	}
	data, err := f.decode(s)
	if err != nil {
		return
	}
	if clear := f.int(s.dict["Length1"]); clear > 0 && clear < len(data) {
		data = data[:clear]
	}
	at := bytes.Index(data, []byte("/Encoding"))
	if at < 0 {
		return
	}
	l := lexer{data: data, pos: at + len("/Encoding")}
	if l.next() == keyword("StandardEncoding") {
		return
	}
	t.letters = [256]string{}
	names := newNames()
	for range 4096 {
		switch o := l.next(); o {
		case end{}, keyword("def"), keyword("readonly"):
			return
		case keyword("dup"):
			c, ok := l.next().(int)
			n, ok2 := l.next().(name)
			if ok && ok2 && c >= 0 && c < 256 {
				t.letters[c] = names.text(string(n))
			}
		}
	}
}

// pictorial reports whether a font has no letters but bullets and the like.
func pictorial(base string) bool {
	for _, font := range []string{"Wingdings", "ZapfDingbats", "Dingbats", "Webdings"} {
		if strings.Contains(base, font) {
			return true
		}
	}
	return false
}

// first takes the first code off a string, which is not empty.
func (t *font) first(s str) (letter, str) {
	if !t.composite {
		return t.simpleLetter(s[0]), s[1:]
	}
	c := code{}
	switch {
	case t.codes != nil:
		c = t.codes.first(s, 2)
	case t.unicode != nil && !t.utf16 && len(t.unicode.spaces) > 0:
		c = t.unicode.first(s, 2)
	default:
		size := min(2, len(s))
		c = code{uint32(bigEndian([]byte(s[:size]))), uint8(size)}
	}
	cid := int(c.value)
	if t.codes != nil {
		cid = t.codes.cid(c)
	}
	width, ok := t.widths[cid]
	if !ok {
		width = t.width
	}
	l := letter{text: t.meaning(c), width: width * t.scale, space: c.size == 1 && c.value == ' '}
	if l.text == "" && t.utf16 {
		l.text = utf16Text([]byte(s[:c.size]))
	}
	return l, s[c.size:]
}

// meaning is what a code means by the font's own table.
func (t *font) meaning(c code) string {
	if t.unicode == nil {
		return ""
	}
	if text, ok := t.unicode.text[c]; ok {
		return text
	}
	if c.size == 1 { // tables of simple fonts are written with codes of either size
		return t.unicode.text[code{c.value, 2}]
	}
	return ""
}

func (t *font) simpleLetter(c byte) letter {
	width, ok := t.widths[int(c)]
	if !ok {
		width = t.width
	}
	l := letter{text: t.meaning(code{uint32(c), 1}), width: width * t.scale, space: c == ' '}
	if strings.Trim(l.text, "\x00\uFFFD") == "" {
		l.text = t.letters[c]
	}
	return l
}
