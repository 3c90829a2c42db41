package pdf

import "unicode/utf16"

// maxCodes is how many codes a font may have.
const maxCodes = 1 << 17

// A cmap says what the codes of a font stand for.
type cmap struct {
	spaces  []codeRange     // which codes there are
	text    map[code]string // what codes mean
	cids    map[code]int    // which glyphs they are
	cidRuns []cidRun        // the same for runs of codes
	used    int
}

// A code is a string of one to four bytes.
type code struct {
	value uint32
	size  uint8
}

type codeRange struct {
	low, high uint32
	size      int
}

type cidRun struct {
	codeRange
	cid int
}

func newCmap(data []byte) *cmap {
	m := &cmap{text: map[code]string{}, cids: map[code]int{}}
	left := 3 * maxCodes
	l := lexer{data: data, left: &left}
	var stack []object
	for {
		o := l.next()
		if _, done := o.(end); done {
			return m
		}
		word, ok := o.(keyword)
		if !ok {
			if len(stack) < 1<<12 {
				stack = append(stack, o)
			}
			continue
		}
		switch word {
		case "endcodespacerange":
			each(stack, 2, func(o []object) { m.space(o[0], o[1]) })
		case "endbfchar":
			each(stack, 2, func(o []object) { m.char(o[0], o[1]) })
		case "endbfrange":
			each(stack, 3, func(o []object) { m.run(o[0], o[1], o[2]) })
		case "endcidchar":
			each(stack, 2, func(o []object) { m.cidRange(o[0], o[0], o[1]) })
		case "endcidrange":
			each(stack, 3, func(o []object) { m.cidRange(o[0], o[1], o[2]) })
		}
		stack = stack[:0]
	}
}

// each calls do with n objects at a time.
func each(stack []object, n int, do func([]object)) {
	for ; len(stack) >= n; stack = stack[n:] {
		do(stack[:n])
	}
}

func codeOf(o object) (code, bool) {
	s, ok := o.(str)
	if !ok || len(s) == 0 || len(s) > 4 {
		return code{}, false
	}
	return code{uint32(bigEndian([]byte(s))), uint8(len(s))}, true
}

func (m *cmap) space(low, high object) {
	from, ok := codeOf(low)
	to, ok2 := codeOf(high)
	if ok && ok2 && from.size == to.size && len(m.spaces) < 256 {
		m.spaces = append(m.spaces, codeRange{from.value, to.value, int(from.size)})
	}
}

func (m *cmap) char(from, to object) {
	c, ok := codeOf(from)
	if s, is := to.(str); ok && is {
		m.put(c, utf16Text([]byte(s)))
	}
}

func (m *cmap) put(c code, text string) {
	if m.used++; m.used <= maxCodes {
		m.text[c] = text
	}
}

// run is a range of codes: the last letter of the text goes up with them, or
// the texts are listed.
func (m *cmap) run(low, high, to object) {
	from, ok := codeOf(low)
	last, ok2 := codeOf(high)
	if !ok || !ok2 || from.size != last.size {
		return
	}
	switch v := to.(type) {
	case str:
		text := []rune(utf16Text([]byte(v)))
		if len(text) == 0 {
			return
		}
		for c := from; c.value <= last.value && m.used <= maxCodes; c.value++ {
			m.put(c, string(text))
			text[len(text)-1]++
			if c.value == 1<<32-1 {
				return
			}
		}
	case array:
		for i, o := range v {
			if c := from.value + uint32(i); c >= from.value && c <= last.value {
				m.char(str(bytesOf(c, int(from.size))), o)
			}
		}
	}
}

func bytesOf(value uint32, size int) []byte {
	b := []byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}
	return b[4-size:]
}

func (m *cmap) cidRange(low, high, cid object) {
	from, ok := codeOf(low)
	to, ok2 := codeOf(high)
	n, ok3 := cid.(int)
	if m.used++; !ok || !ok2 || !ok3 || from.size != to.size || m.used > maxCodes {
		return
	}
	if from == to {
		m.cids[from] = n
		return
	}
	m.cidRuns = append(m.cidRuns, cidRun{codeRange{from.value, to.value, int(from.size)}, n})
}

func (m *cmap) cid(c code) int {
	if cid, ok := m.cids[c]; ok {
		return cid
	}
	for _, r := range m.cidRuns {
		if r.size == int(c.size) && r.low <= c.value && c.value <= r.high {
			return r.cid + int(c.value-r.low)
		}
	}
	return 0
}

// first is the code that a string begins with.
func (m *cmap) first(s str, otherwise int) code {
	for size := 1; size <= min(4, len(s)); size++ {
		value := uint32(bigEndian([]byte(s[:size])))
		for _, r := range m.spaces {
			if r.size == size && r.low <= value && value <= r.high {
				return code{value, uint8(size)}
			}
		}
	}
	size := min(otherwise, len(s))
	return code{uint32(bigEndian([]byte(s[:size]))), uint8(size)}
}

// utf16Text reads big-endian UTF-16.
func utf16Text(b []byte) string {
	if len(b) == 1 {
		return string(rune(b[0]))
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	return string(utf16.Decode(units))
}
