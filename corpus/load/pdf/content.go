package pdf

import (
	"errors"
	"math"
	"slices"
	"strings"
)

// A sheet is what a page shows.
type sheet struct {
	number        int
	width, height float64
	glyphs        []glyph // upright ones
	pictures      int
	nameless      int // glyphs without a meaning
}

// read shows a page's content.
func (f *file) read(p page) (*sheet, error) {
	s := &sheet{number: p.number}
	s.width, s.height = p.size()
	var data []byte
	contents := array{p.dict["Contents"]}
	if list, ok := f.resolve(p.dict["Contents"]).(array); ok {
		contents = list
	}
	for _, o := range contents {
		content := f.resolve(o)
		if content == nil {
			continue
		}
		part, ok := content.(*stream)
		if !ok {
			return nil, ErrDamaged
		}
		shown, err := f.decode(part)
		switch {
		case errors.Is(err, ErrLarge):
			return nil, err
		case part.cut:
			return nil, ErrDamaged // text would be missing without a word
		}
		data = append(append(data, shown...), '\n')
		if len(data) > maxStream {
			return nil, ErrLarge
		}
	}
	r := &reader{file: f, turned: map[int][]glyph{}}
	r.state.ctm, r.state.stretch = p.upright(), 1
	if err := r.show(data, p.resources, 0); err != nil {
		return nil, err
	}
	s.pictures, s.nameless = r.pictures, r.nameless
	s.take(r.turned)
	return s, nil
}

// take keeps the glyphs of the direction that most of a page is written in,
// and turns the sheet by it.
func (s *sheet) take(turned map[int][]glyph) {
	best := 0
	for quarter := 1; quarter < 4; quarter++ {
		if len(turned[quarter]) > 2*len(turned[best]) {
			best = quarter
		}
	}
	s.glyphs = turned[best]
	if best%2 == 1 {
		s.width, s.height = s.height, s.width
	}
	// The origin of a turned page is another corner.
	shift := [4][2]float64{{0, 0}, {0, s.height}, {s.width, s.height}, {s.width, 0}}[best]
	for i := range s.glyphs {
		g := &s.glyphs[i]
		g.left, g.right, g.base = g.left+shift[0], g.right+shift[0], g.base+shift[1]
	}
	const outside = 5
	s.glyphs = slices.DeleteFunc(s.glyphs, func(g glyph) bool {
		return g.right < -outside || g.left > s.width+outside || g.base < -outside || g.base > s.height+outside
	})
}

// A state is what operators change (ISO 32000-1, 8.4 and 9.3).
type state struct {
	ctm                  matrix
	font                 *font
	size, stretch        float64
	letters, words, rise float64
	leading              float64
}

// A reader shows content.
type reader struct {
	*file
	state
	saved      []state
	text, line matrix
	turned     map[int][]glyph // by the quarter turns of their direction
	pictures   int
	nameless   int
	shown      int // glyphs
	marks      []mark
}

// A mark is marked content that is not closed yet.
type mark struct {
	instead *string // what to read instead of its glyphs
	skip    bool    // what belongs to the page, not to the text: a running head
}

// charge reports whether n more steps may be taken.
func (f *file) charge(n int) bool {
	f.content -= n
	return f.content >= 0
}

func (r *reader) show(data []byte, resources dict, depth int) error {
	const operands = 1 << 16 // of one operator, in arrays
	left := operands
	l := lexer{data: data, left: &left}
	fonts := map[name]*font{}
	var args []object
	saved := len(r.saved)
	for {
		before := l.pos
		o := l.next()
		if !r.charge(l.pos - before) {
			return ErrLarge
		}
		switch v := o.(type) {
		case end:
			r.saved = r.saved[:min(saved, len(r.saved))]
			return nil
		case keyword:
			if v == "BI" {
				r.pictures++
				skipPicture(&l)
			} else if err := r.operate(string(v), args, resources, fonts, depth); err != nil {
				return err
			}
			args, left = args[:0], operands
		default:
			if len(args) < 64 {
				args = append(args, v)
			}
		}
	}
}

// skipPicture passes over a picture that stands in the content.
func skipPicture(l *lexer) {
	for l.pos < len(l.data) {
		if l.next() == keyword("ID") {
			break
		}
	}
	for l.pos+2 < len(l.data) {
		if l.data[l.pos] == 'E' && l.data[l.pos+1] == 'I' && isSpace(l.data[l.pos-1]) && isSpace(l.data[l.pos+2]) && plainAhead(l.data[l.pos+2:]) {
			l.pos += 2
			return
		}
		l.pos++
	}
	l.pos = len(l.data)
}

// plainAhead reports whether data goes on as content does, not as a picture.
func plainAhead(data []byte) bool {
	for _, c := range data[:min(len(data), 12)] {
		if c > '~' || c < ' ' && !isSpace(c) {
			return false
		}
	}
	return true
}

func (r *reader) operate(op string, args []object, resources dict, fonts map[name]*font, depth int) error {
	n := func(i int) float64 {
		if i < len(args) {
			if v := r.number(args[i]); sane(v) {
				return v
			}
		}
		return 0
	}
	switch op {
	case "q":
		if len(r.saved) < 512 {
			r.saved = append(r.saved, r.state)
		}
	case "Q":
		if last := len(r.saved) - 1; last >= 0 {
			r.state, r.saved = r.saved[last], r.saved[:last]
		}
	case "cm":
		r.ctm = matrix{n(0), n(1), n(2), n(3), n(4), n(5)}.times(r.ctm)
	case "BT":
		r.text, r.line = matrix{1, 0, 0, 1, 0, 0}, matrix{1, 0, 0, 1, 0, 0}
	case "Tm":
		r.line = matrix{n(0), n(1), n(2), n(3), n(4), n(5)}
		r.text = r.line
	case "Td":
		r.move(n(0), n(1))
	case "TD":
		r.leading = -n(1)
		r.move(n(0), n(1))
	case "T*":
		r.move(0, -r.leading)
	case "Tc":
		r.letters = n(0)
	case "Tw":
		r.words = n(0)
	case "Tz":
		r.stretch = n(0) / 100
	case "TL":
		r.leading = n(0)
	case "Ts":
		r.rise = n(0)
	case "Tf":
		if len(args) == 2 {
			r.choose(args[0], resources, fonts)
			r.size = n(1)
		}
	case "Tj", "'", "\"", "TJ":
		return r.write(op, args, n)
	case "Do":
		if len(args) == 1 {
			return r.do(r.dict(resources["XObject"])[r.name(args[0])], resources, depth)
		}
	case "BMC", "BDC", "EMC":
		r.mark(op, args, resources)
	}
	return nil
}

func (r *reader) move(x, y float64) {
	r.line = matrix{1, 0, 0, 1, x, y}.times(r.line)
	r.text = r.line
}

func (r *reader) choose(font object, resources dict, fonts map[name]*font) {
	key := r.name(font)
	chosen, ok := fonts[key]
	if !ok {
		r.charge(perCode)
		chosen = r.fontOf(r.dict(resources["Font"])[key])
		fonts[key] = chosen
	}
	r.font = chosen
}

func (r *reader) write(op string, args []object, n func(int) float64) error {
	switch op {
	case "\"":
		r.words, r.letters = n(0), n(1)
		fallthrough
	case "'":
		r.move(0, -r.leading)
	}
	if len(args) == 0 {
		return nil
	}
	parts := args[len(args)-1:]
	if list, ok := parts[0].(array); ok {
		parts = list
	}
	for _, part := range parts {
		switch v := part.(type) {
		case str:
			if err := r.writeString(v); err != nil {
				return err
			}
		default:
			r.advance(-r.number(v) / 1000 * r.size * r.stretch)
		}
	}
	return nil
}

func (r *reader) advance(x float64) {
	if sane(x) {
		r.text = matrix{1, 0, 0, 1, x, 0}.times(r.text)
	}
}

func (r *reader) writeString(s str) error {
	if r.font == nil {
		return nil
	}
	for len(s) > 0 {
		var l letter
		l, s = r.font.first(s)
		step := l.width*r.size + r.letters
		if l.space {
			step += r.words
		}
		if err := r.put(l, l.width*r.size*r.stretch); err != nil {
			return err
		}
		r.advance(step * r.stretch)
	}
	return nil
}

// put places a letter that is as wide as given where the text is.
func (r *reader) put(l letter, width float64) error {
	r.glyphs--
	if r.shown++; r.glyphs < 0 || r.shown > maxSheet {
		return ErrLarge
	}
	text, ok := r.marked(l.text)
	if !ok {
		return nil
	}
	if text == "" {
		r.nameless++
		text = "\uFFFD"
	}
	m := r.text.times(r.ctm)
	// Where the letter begins, where it ends, and how high it is.
	x, y := m[2]*r.rise+m[4], m[3]*r.rise+m[5]
	dx, dy := m[0]*width, m[1]*width
	along, high := math.Hypot(m[0], m[1]), math.Abs(r.size)*math.Hypot(m[2], m[3])
	if !sane(x, y, dx, dy, high) || along == 0 || high == 0 {
		return nil
	}
	g := glyph{text: text, size: high, bold: r.font.bold, italic: r.font.italic}
	quarter := 0
	directionX, directionY := m[0]/along, m[1]/along
	if r.size < 0 {
		directionX, directionY = -directionX, -directionY
	}
	const straight = 0.98
	switch {
	case directionX > straight:
		g.left, g.right, g.base = x, x+dx, y
	case directionY > straight:
		quarter, g.left, g.right, g.base = 1, y, y+dy, -x
	case directionX < -straight:
		quarter, g.left, g.right, g.base = 2, -x, -x-dx, -y
	case directionY < -straight:
		quarter, g.left, g.right, g.base = 3, -y, -y-dy, x
	default:
		return nil // aslant: a watermark, or the label of an axis
	}
	if g.right < g.left {
		g.left, g.right = g.right, g.left
	}
	r.turned[quarter] = append(r.turned[quarter], g)
	return nil
}

// marked is what to read for a letter in marked content, if it is to be read.
func (r *reader) marked(text string) (string, bool) {
	for i := range r.marks {
		if r.marks[i].skip {
			return "", false
		}
		if instead := r.marks[i].instead; instead != nil {
			all := *instead
			*instead = ""
			return all, all != ""
		}
	}
	return text, true
}

func (r *reader) mark(op string, args []object, resources dict) {
	if op == "EMC" {
		r.marks = r.marks[:max(0, len(r.marks)-1)]
		return
	}
	var m mark
	if op == "BDC" && len(args) == 2 {
		properties, ok := args[1].(dict)
		if !ok {
			properties = r.dict(r.dict(resources["Properties"])[r.name(args[1])])
		}
		if s, ok := r.resolve(properties["ActualText"]).(str); ok {
			text := strings.ReplaceAll(textString([]byte(s)), "\u00AD", "-")
			m.instead = &text
		}
		m.skip = r.name(args[0]) == "Artifact" && r.name(properties["Type"]) == "Pagination"
	}
	if len(r.marks) < 1<<12 {
		r.marks = append(r.marks, m)
	}
}

// do shows a form: content that is used like a picture.
func (r *reader) do(o object, resources dict, depth int) error {
	s, ok := r.resolve(o).(*stream)
	if !ok {
		return nil
	}
	if r.name(s.dict["Subtype"]) == "Image" {
		r.pictures++
		return nil
	}
	const deepestForm, cost = 12, 2048
	if !r.charge(cost) {
		return ErrLarge
	}
	if r.name(s.dict["Subtype"]) != "Form" || depth >= deepestForm {
		return nil
	}
	data, err := r.decode(s)
	switch {
	case errors.Is(err, ErrLarge):
		return err
	case s.cut:
		return ErrDamaged
	case err != nil:
		return nil
	}
	if own := r.dict(s.dict["Resources"]); own != nil {
		resources = own
	}
	before, text, line, marks := r.state, r.text, r.line, len(r.marks)
	if m := r.numbers(s.dict["Matrix"], 6); m != nil && sane(m...) {
		r.ctm = matrix(m).times(r.ctm)
	}
	err = r.show(data, resources, depth+1)
	r.state, r.text, r.line = before, text, line
	r.marks = r.marks[:min(marks, len(r.marks))]
	return err
}

// textString is a string that is text: UTF-16 or UTF-8 with a mark, else
// Latin-1.
func textString(b []byte) string {
	switch {
	case len(b) > 1 && b[0] == 0xFE && b[1] == 0xFF:
		return utf16Text(b[2:])
	case len(b) > 2 && string(b[:3]) == "\uFEFF":
		return strings.ToValidUTF8(string(b[3:]), "")
	}
	t := winAnsi()
	var s strings.Builder
	for _, c := range b {
		s.WriteString(t[c])
	}
	return s.String()
}
