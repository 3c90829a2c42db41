package pdf

import (
	"bytes"
	"maps"
	"slices"
)

// What a file may have, so that reading one ends and fits into memory.
const (
	maxObjects = 2 << 20
	maxValues  = 4 << 20 // in arrays and dictionaries
	maxPages   = 10_000
	maxStream  = 64 << 20  // bytes of one stream, unpacked
	maxUnpack  = 512 << 20 // bytes of all streams, unpacked
	maxBoxes   = 128 << 20 // bytes of object streams, unpacked
	maxContent = 256 << 20 // bytes of content, as often as it is shown
	maxGlyphs  = 12_000_000
	maxSheet   = 200_000 // glyphs of a page
	mending    = 4       // what a byte costs that is read to find objects, in bytes unpacked
)

// A file is a PDF file whose objects are read when they are asked for.
type file struct {
	data    []byte
	entries map[int]entry
	trailer dict
	crypt   *crypt
	cache   map[int]object
	boxes   map[int]*box // object streams
	fonts   map[ref]*font
	mended  bool  // whether entries were found by looking through the file
	missing bool  // whether one that was asked for then is not there
	lost    []int // object streams that were found so

	// What may still be used up.
	unpacked, content, glyphs, values, inBoxes int

	// The end of a stream that was looked for last: none is nearer behind from.
	sought struct{ from, found int }
}

// An entry says where an object is: at an offset, or in an object stream.
type entry struct {
	offset int
	box    int // the number of the object stream, 0 for none
}

// A box is an object stream, unpacked.
type box struct {
	data    []byte
	offsets map[int]int // by the number of the object
}

func open(data []byte) (*file, error) {
	if at := bytes.Index(data[:min(len(data), 1024)], []byte("%PDF-")); at > 0 {
		data = data[at:]
	}
	f := &file{
		data: data, entries: map[int]entry{}, cache: map[int]object{}, boxes: map[int]*box{}, fonts: map[ref]*font{},
		unpacked: maxUnpack, content: maxContent, glyphs: maxGlyphs, values: maxValues, inBoxes: maxBoxes,
	}
	if !f.readEntries() {
		f.mend()
	}
	if err := f.unlock(); err != nil {
		return nil, err
	}
	if f.catalog() == nil && !f.mended {
		f.mend()
	}
	if f.catalog() == nil {
		return nil, ErrDamaged
	}
	return f, nil
}

// unlock makes an encrypted file readable.
func (f *file) unlock() error {
	if f.trailer["Encrypt"] == nil {
		return nil
	}
	c, err := f.newCrypt()
	if err != nil {
		return err
	}
	f.crypt = c
	clear(f.cache)
	clear(f.boxes)
	if f.mended {
		f.mendBoxes()
	}
	return nil
}

// catalog is the dictionary from which all pages are reached, nil if there is
// none.
func (f *file) catalog() dict {
	root := f.dict(f.trailer["Root"])
	if f.dict(root["Pages"]) == nil {
		return nil
	}
	return root
}

// readEntries reads the tables of objects, the newest first. It reports false
// when one of them is damaged.
func (f *file) readEntries() bool {
	at := bytes.LastIndex(f.data, []byte("startxref"))
	if at < 0 {
		return false
	}
	l := lexer{data: f.data, pos: at + len("startxref")}
	offset, ok := l.digits()
	seen := map[int]bool{}
	for more := []int{offset}; ok && len(more) > 0; {
		offset, more = more[0], more[1:]
		if seen[offset] {
			continue
		}
		seen[offset] = true
		var trailer dict
		if trailer, ok = f.readTable(offset); !ok {
			return false
		}
		if f.trailer == nil {
			f.trailer = trailer
		}
		for _, key := range []name{"XRefStm", "Prev"} {
			if next, is := trailer[key].(int); is {
				more = append(more, next)
			}
		}
	}
	return ok && f.trailer != nil
}

// readTable reads one table of objects and the dictionary that goes with it.
func (f *file) readTable(offset int) (dict, bool) {
	if offset <= 0 || offset >= len(f.data) {
		return nil, false
	}
	l := lexer{data: f.data, pos: offset, refs: true, left: &f.values}
	if l.skip(); !bytes.HasPrefix(f.data[l.pos:], []byte("xref")) {
		return f.readTableStream(l.pos)
	}
	l.pos += len("xref")
	for {
		first, ok := l.digits()
		if !ok {
			break
		}
		count, ok := l.digits()
		if !ok {
			return nil, false
		}
		for i := range count {
			at, ok1 := l.digits()
			_, ok2 := l.digits()
			kind, ok3 := l.next().(keyword)
			if !ok1 || !ok2 || !ok3 || len(f.entries) > maxObjects {
				return nil, false
			}
			if kind == "n" {
				f.enter(first+i, entry{offset: at})
			} else {
				f.enter(first+i, entry{})
			}
		}
	}
	if l.next() != keyword("trailer") {
		return nil, false
	}
	trailer, ok := l.next().(dict)
	return trailer, ok
}

// enter says where an object is, unless a newer table has said so.
func (f *file) enter(num int, e entry) {
	if _, known := f.entries[num]; !known {
		f.entries[num] = e
	}
}

func (f *file) readTableStream(offset int) (dict, bool) {
	o, _ := f.objectAt(offset, 0)
	s, ok := o.(*stream)
	if !ok || f.name(s.dict["Type"]) != "XRef" {
		return nil, false
	}
	data, err := f.decode(s)
	if err != nil {
		return nil, false
	}
	var widths [3]int
	sizes := f.list(s.dict, "W")
	for i := range min(3, len(sizes)) {
		if widths[i] = f.int(sizes[i]); widths[i] < 0 || widths[i] > 8 {
			return nil, false
		}
	}
	row := widths[0] + widths[1] + widths[2]
	index := f.list(s.dict, "Index")
	if index == nil {
		index = array{0, s.dict["Size"]}
	}
	for ; len(index) > 1 && row > 0; index = index[2:] {
		first, count := f.int(index[0]), f.int(index[1])
		for i := 0; i < count && len(data) >= row && len(f.entries) < maxObjects; i++ {
			f.enterRow(first+i, data[:row], widths)
			data = data[row:]
		}
	}
	return s.dict, true
}

func (f *file) enterRow(num int, row []byte, widths [3]int) {
	fields := [3]int{1, 0, 0}
	for i, w := range widths {
		if w > 0 {
			fields[i] = int(bigEndian(row[:w]))
		}
		row = row[w:]
	}
	switch fields[0] {
	case 0:
		f.enter(num, entry{})
	case 1:
		f.enter(num, entry{offset: fields[1]})
	case 2:
		f.enter(num, entry{box: fields[1]})
	}
}

func bigEndian(b []byte) uint64 {
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}

// mend looks for objects where the tables of them are damaged: what stands
// last in the file counts.
func (f *file) mend() {
	f.mended = true
	clear(f.entries)
	clear(f.cache)
	clear(f.boxes)
	trailer := dict{}
	f.lost = nil
	for at := 0; len(f.entries) < maxObjects; {
		i := bytes.Index(f.data[at:], []byte("obj"))
		if i < 0 {
			break
		}
		at += i + 3
		num, offset, ok := f.defined(at - 3)
		if !ok {
			continue
		}
		f.entries[num] = entry{offset: offset}
		l := lexer{data: f.data[:min(len(f.data), at+1024)], pos: at, refs: true, left: &f.values}
		d, ok := l.next().(dict)
		if f.unpack(mending*(l.pos-at)) != nil {
			return
		}
		if !ok {
			continue
		}
		switch d["Type"] {
		case name("ObjStm"):
			f.lost = append(f.lost, num)
		case name("Catalog"):
			trailer["Root"] = ref{num, 0}
		case name("XRef"):
			carry(trailer, d)
		}
	}
	for at := 0; ; {
		i := bytes.Index(f.data[at:], []byte("trailer"))
		if i < 0 {
			break
		}
		at += i + len("trailer")
		l := lexer{data: f.data[:min(len(f.data), at+65536)], pos: at, refs: true, left: &f.values}
		if d, ok := l.next().(dict); ok {
			carry(trailer, d)
		}
		if f.unpack(mending*(l.pos-at)) != nil {
			return
		}
	}
	f.trailer = trailer
	f.mendBoxes()
}

// carry takes over what a trailer says.
func carry(trailer, d dict) {
	for _, key := range []name{"Root", "Encrypt", "ID", "Info"} {
		if d[key] != nil {
			trailer[key] = d[key]
		}
	}
}

// defined reads backwards what stands before "obj": the number of an object.
func (f *file) defined(at int) (num, offset int, ok bool) {
	back := func(is func(byte) bool) int {
		n := 0
		for at > 0 && n < 12 && is(f.data[at-1]) {
			at--
			n++
		}
		return n
	}
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	back(isSpace)
	if back(digit) == 0 || back(isSpace) == 0 || back(digit) == 0 {
		return 0, 0, false
	}
	l := lexer{data: f.data, pos: at}
	num, ok = l.digits()
	return num, at, ok
}

// mendBoxes finds the objects in the object streams that were found.
func (f *file) mendBoxes() {
	for _, num := range f.lost {
		if b := f.box(num); b != nil {
			for _, in := range slices.Sorted(maps.Keys(b.offsets)) {
				if _, known := f.entries[in]; !known {
					f.entries[in] = entry{box: num}
				}
				if f.trailer["Root"] == nil && f.name(f.dict(ref{in, 0})["Type"]) == "Catalog" {
					f.trailer["Root"] = ref{in, 0}
				}
			}
		}
	}
}

// resolve is what an object refers to.
func (f *file) resolve(o object) object {
	for range 16 {
		r, ok := o.(ref)
		if !ok {
			return o
		}
		o = f.load(r.num)
	}
	return nil
}

// load is the object with a number.
func (f *file) load(num int) object {
	if o, ok := f.cache[num]; ok {
		return o
	}
	f.cache[num] = nil // for one that refers to itself
	e, ok := f.entries[num]
	var o object
	switch {
	case !ok:
		f.missing = f.missing || f.mended
	case e.box > 0:
		o = f.boxed(e.box, num)
	case e.offset > 0 || f.mended:
		var found bool
		if o, found = f.objectAt(e.offset, num); !found && !f.mended {
			f.mend()
			return f.load(num)
		}
	}
	f.cache[num] = o
	return o
}

// objectAt reads the object that is defined at an offset, and reports whether
// it has the number; any will do for number 0.
func (f *file) objectAt(offset, num int) (object, bool) {
	if offset < 0 || offset >= len(f.data) {
		return nil, false
	}
	l := lexer{data: f.data, pos: offset, refs: true, left: &f.values}
	got, ok := l.digits()
	gen, ok2 := l.digits()
	if !ok || !ok2 || l.next() != keyword("obj") || num != 0 && got != num {
		return nil, false
	}
	o := l.next()
	at := ref{got, gen}
	switch v := o.(type) {
	case keyword, end:
		return nil, false
	case dict:
		if s := f.streamAt(&l, v, at); s != nil {
			return s, true
		}
	}
	if f.crypt != nil {
		return f.crypt.object(o, at), true
	}
	return o, true
}

// streamAt is the stream whose content stands where l is, nil if there is none.
func (f *file) streamAt(l *lexer, d dict, at ref) *stream {
	l.skip()
	if !bytes.HasPrefix(l.data[l.pos:], []byte("stream")) {
		return nil
	}
	start := l.pos + len("stream")
	if start < len(l.data) && l.data[start] == '\r' {
		start++
	}
	if start < len(l.data) && l.data[start] == '\n' {
		start++
	}
	closing := []byte("endstream")
	if n, ok := f.resolve(d["Length"]).(int); ok && n >= 0 && n <= len(l.data)-start {
		rest := bytes.TrimLeft(l.data[start+n:min(len(l.data), start+n+16)], "\r\n\t ")
		if bytes.HasPrefix(rest, closing) {
			return f.decrypted(d, l.data[start:start+n], at)
		}
	}
	if s := &f.sought; start < s.from || start > s.found {
		s.from, s.found = start, len(l.data)
		if n := bytes.Index(l.data[start:], closing); n >= 0 {
			s.found = start + n
		}
	}
	s := f.decrypted(d, bytes.TrimRight(l.data[start:f.sought.found], "\r\n"), at)
	s.cut = f.sought.found == len(l.data)
	return s
}

func (f *file) decrypted(d dict, raw []byte, at ref) *stream {
	if f.crypt != nil {
		d = f.crypt.object(d, at).(dict)
	}
	return &stream{dict: d, raw: raw, at: at}
}

func (f *file) boxed(box, num int) object {
	b := f.box(box)
	if b == nil {
		return nil
	}
	at, ok := b.offsets[num]
	if !ok || at < 0 || at >= len(b.data) {
		return nil
	}
	l := lexer{data: b.data, pos: at, refs: true, left: &f.values}
	switch o := l.next().(type) {
	case keyword, end:
		return nil
	default:
		return o
	}
}

func (f *file) box(num int) *box {
	if b, ok := f.boxes[num]; ok {
		return b
	}
	f.boxes[num] = nil
	if f.entries[num].box > 0 {
		return nil // one is in no other
	}
	s, ok := f.load(num).(*stream)
	if !ok {
		return nil
	}
	data, err := f.decode(s)
	if f.inBoxes -= len(data); f.inBoxes < 0 {
		err = f.unpack(maxStream + 1)
	}
	if err != nil {
		return nil
	}
	b := &box{data: data, offsets: map[int]int{}}
	first := f.int(s.dict["First"])
	l := lexer{data: data}
	for range min(f.int(s.dict["N"]), len(data)) {
		in, ok := l.digits()
		offset, ok2 := l.digits()
		if !ok || !ok2 {
			break
		}
		b.offsets[in] = first + offset
	}
	f.boxes[num] = b
	return b
}

// dict is a dictionary or that of a stream, nil for what is neither.
func (f *file) dict(o object) dict {
	switch v := f.resolve(o).(type) {
	case dict:
		return v
	case *stream:
		return v.dict
	}
	return nil
}

func (f *file) array(o object) array {
	a, _ := f.resolve(o).(array)
	return a
}

func (f *file) name(o object) name {
	n, _ := f.resolve(o).(name)
	return n
}

func (f *file) int(o object) int {
	return int(f.number(o))
}

func (f *file) number(o object) float64 {
	switch v := f.resolve(o).(type) {
	case int:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

// numbers are the numbers of an array, nil unless it has n.
func (f *file) numbers(o object, n int) []float64 {
	a := f.array(o)
	if len(a) != n {
		return nil
	}
	return slices.Collect(func(yield func(float64) bool) {
		for _, v := range a {
			if !yield(f.number(v)) {
				return
			}
		}
	})
}
