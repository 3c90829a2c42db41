package pdf

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A piece is text on one line without a wide gap in it.
type piece struct {
	text        string
	left, right float64
	base, size  float64
	word        float64 // the width of its first word
	bold        bool    // throughout
	italic      bool
	order       int // its place in the content
	starts      []start
}

// A start is where a word begins: in the text, and on the page.
type start struct {
	at   int
	left float64
}

// A row is pieces side by side.
type row struct {
	pieces []piece
	piece  // what they have in common, and their text
}

// pieces puts glyphs together as they come in the content.
func (s *sheet) pieces() []piece {
	var (
		all  []piece
		b    builder
		seen = map[place]bool{}
	)
	for i, g := range s.glyphs {
		if doubled(seen, g) || i+1 < len(s.glyphs) && covered(g, s.glyphs[i+1]) {
			continue
		}
		g.text = letters(g.text)
		if strings.TrimSpace(g.text) == "" {
			if g.text != "" {
				b.space, b.spaceEnd = true, g.right
			}
			continue
		}
		if !b.follows(g) {
			all = b.flush(all)
		}
		b.add(g)
	}
	return b.flush(all)
}

// covered reports whether a hyphen is none: what comes next stands in its
// place. Browsers write a soft hyphen that way where the word is not divided.
func covered(g, next glyph) bool {
	if g.text != "-" && g.text != "\u2010" && g.text != "\u00AD" {
		return false
	}
	return math.Abs(g.base-next.base) < 0.1*g.size && next.left > g.left-0.2*g.size && next.left < g.left+0.3*(g.right-g.left)
}

// A place is where a glyph stands, in half points.
type place struct {
	text    string
	x, base int
}

// doubled reports whether a glyph was there before: some print a text twice to
// make it bold.
func doubled(seen map[place]bool, g glyph) bool {
	at := place{g.text, int(math.Round(g.left * 2)), int(math.Round(g.base * 2))}
	for dx := -1; dx <= 1; dx++ {
		if seen[place{g.text, at.x + dx, at.base}] {
			return true
		}
	}
	seen[at] = true
	return false
}

// letters takes ligatures apart and leaves out what is no text.
func letters(text string) string {
	if len(text) == 1 {
		if text[0] < ' ' || text[0] == 0x7F {
			return " "
		}
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= 'ﬀ' && r <= 'ﬆ':
			b.WriteString([...]string{"ff", "fi", "fl", "ffi", "ffl", "st", "st"}[r-'ﬀ'])
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case r == '\u2010' || r == '\u2011':
			b.WriteByte('-')
		case r == '\u00AD':
			b.WriteRune(r)
		case r == utf8.RuneError || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// A builder makes a piece of glyphs.
type builder struct {
	text        strings.Builder
	last        glyph
	left, right float64
	base, size  float64
	word        float64
	glyphs      int
	bold        int
	italic      int
	space       bool    // a space stands behind the last glyph
	spaceEnd    float64 // where it ends
	starts      []start
}

// follows reports whether a glyph goes on with the piece.
func (b *builder) follows(g glyph) bool {
	if b.glyphs == 0 {
		return false
	}
	size := max(b.size, g.size)
	apart := math.Abs(g.base - b.base)
	if apart > 0.2*size && !(apart < 0.55*size && (g.size < 0.85*b.size || b.size < 0.85*g.size)) {
		return false
	}
	wide := 1.1
	if b.space {
		wide = 1.6
	}
	gap := g.left - b.right
	return gap > -0.6*size && gap < wide*size
}

func (b *builder) add(g glyph) {
	text := g.text
	switch {
	case b.glyphs == 0:
		b.left, b.right, b.base, b.size = g.left, g.right, g.base, g.size
	case g.size > 1.2*b.size: // what came before was raised
		b.base, b.size = g.base, g.size
	case g.size < 0.85*b.size && g.base > b.base+0.2*b.size:
		text = raised(text)
	}
	if b.glyphs > 0 && b.apart(g) {
		if b.word == 0 {
			b.word = b.right - b.left
		}
		b.text.WriteByte(' ')
		b.starts = append(b.starts, start{b.text.Len(), g.left})
	}
	if b.glyphs == 0 {
		text = strings.TrimLeft(text, " ")
		b.starts = append(b.starts, start{0, g.left})
	}
	b.text.WriteString(text)
	b.glyphs++
	if g.bold {
		b.bold++
	}
	if g.italic {
		b.italic++
	}
	b.right, b.last, b.space = max(b.right, g.right), g, false
}

// apart reports whether a space stands between the last glyph and the next.
func (b *builder) apart(g glyph) bool {
	gap := (g.left - b.right) / max(b.size, 0.1)
	if b.space && (gap > 0.06 || g.left > b.spaceEnd-0.02*b.size) {
		return true // else the space was taken back, to move a letter
	}
	last, _ := utf8.DecodeLastRuneInString(b.last.text)
	first, _ := utf8.DecodeRuneInString(g.text)
	switch wide, wide2 := ideographic(last), ideographic(first); {
	case wide && wide2:
		return false
	case wide || wide2:
		return gap > 0.4
	}
	return gap > 0.17
}

// raised is a text of raised digits.
func raised(text string) string {
	if len(text) != 1 || text[0] < '0' || text[0] > '9' {
		return text
	}
	return []string{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"}[text[0]-'0']
}

func (b *builder) flush(all []piece) []piece {
	if b.glyphs > 0 {
		if b.word == 0 {
			b.word = b.right - b.left
		}
		all = append(all, piece{
			text: strings.TrimRight(b.text.String(), " "), starts: b.starts,
			left: b.left, right: b.right, base: b.base, size: b.size, word: b.word, order: len(all),
			bold: b.bold*10 >= b.glyphs*9, italic: b.italic*10 >= b.glyphs*9,
		})
		if all[len(all)-1].text == "" {
			all = all[:len(all)-1]
		}
	}
	*b = builder{}
	return all
}

// ideographic reports whether no spaces stand around a letter.
func ideographic(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFF60
}

// rows puts pieces that stand on one line together, from top to bottom.
func rows(pieces []piece) []row {
	sorted := slices.Clone(pieces)
	slices.SortStableFunc(sorted, func(a, b piece) int { return cmp.Compare(b.base, a.base) })
	var all []row
	for _, p := range sorted {
		if n := len(all) - 1; n >= 0 && math.Abs(all[n].base-p.base) <= 0.35*min(all[n].size, p.size) {
			all[n].pieces = append(all[n].pieces, p)
			continue
		}
		all = append(all, row{pieces: []piece{p}, piece: p})
	}
	for i := range all {
		all[i].settle()
	}
	return all
}

// settle derives a row's common features from its pieces.
func (r *row) settle() {
	slices.SortStableFunc(r.pieces, func(a, b piece) int { return cmp.Compare(a.left, b.left) })
	r.pieces = closed(r.pieces)
	first := r.pieces[0]
	whole := first
	longest := 0
	var text strings.Builder
	for i, p := range r.pieces {
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(p.text)
		whole.right = max(whole.right, p.right)
		whole.bold, whole.italic = whole.bold && p.bold, whole.italic && p.italic
		whole.order = min(whole.order, p.order)
		if len(p.text) > longest {
			longest, whole.size, whole.base = len(p.text), p.size, p.base
		}
	}
	whole.text = text.String()
	r.piece = whole
}

// closed joins pieces whose gap is that of words: the content came in another
// order.
func closed(pieces []piece) []piece {
	joined := pieces[:1]
	for _, p := range pieces[1:] {
		last := &joined[len(joined)-1]
		gap := (p.left - last.right) / max(p.size, last.size, 0.1)
		if gap > 0.9 || gap < -0.6 {
			joined = append(joined, p)
			continue
		}
		between := " "
		before, _ := utf8.DecodeLastRuneInString(last.text)
		behind, _ := utf8.DecodeRuneInString(p.text)
		if gap < 0.17 || ideographic(before) && ideographic(behind) {
			between = ""
		}
		for _, s := range p.starts {
			last.starts = append(last.starts, start{s.at + len(last.text) + len(between), s.left})
		}
		last.text += between + p.text
		last.right = max(last.right, p.right)
		last.bold, last.italic = last.bold && p.bold, last.italic && p.italic
		if p.size > last.size {
			last.size, last.base = p.size, p.base
		}
	}
	return joined
}
