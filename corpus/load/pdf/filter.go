package pdf

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
)

// What may be wrong with a stream's content.
var (
	errPicture = errors.New("a picture") // the filter is one of pictures
	errCut     = errors.New("cut short") // there is more than what could be read
)

// decode is a stream's content. Of one that is cut short it is what there is.
func (f *file) decode(s *stream) ([]byte, error) {
	data := s.raw
	if err := f.unpack(len(data)); err != nil {
		return nil, err
	}
	if f.crypt != nil && f.name(s.dict["Type"]) != "XRef" {
		data = f.crypt.stream(s, data)
	}
	filters, params := f.list(s.dict, "Filter", "F"), f.list(s.dict, "DecodeParms", "DP")
	if len(filters) > 8 {
		return nil, ErrDamaged
	}
	for i, filter := range filters {
		var param dict
		if i < len(params) {
			param = f.dict(params[i])
		}
		var err error
		data, err = f.filter(f.name(filter), data, param)
		if err == errCut {
			s.cut, err = true, nil
		}
		if err == nil && i > 0 {
			err = f.unpack(len(data))
		}
		if err != nil {
			return nil, err
		}
	}
	return data, nil
}

// list is the value of the first of the keys that d has, as an array.
func (f *file) list(d dict, keys ...name) array {
	for _, key := range keys {
		switch v := f.resolve(d[key]).(type) {
		case nil:
		case array:
			return v
		default:
			return array{v}
		}
	}
	return nil
}

func (f *file) filter(filter name, data []byte, param dict) ([]byte, error) {
	switch filter {
	case "FlateDecode", "Fl":
		data, err := f.inflate(data)
		return f.predicted(data, param), err
	case "LZWDecode", "LZW":
		early := 1
		if v, ok := f.resolve(param["EarlyChange"]).(int); ok {
			early = v
		}
		data, err := f.lzw(data, early)
		if err != nil {
			return nil, err
		}
		return f.predicted(data, param), nil
	case "ASCIIHexDecode", "AHx":
		l := lexer{data: data}
		return []byte(l.hex().(str)), nil
	case "ASCII85Decode", "A85":
		return ascii85(data), nil
	case "RunLengthDecode", "RL":
		return f.runs(data)
	case "Crypt":
		return data, nil
	}
	return nil, errPicture
}

// inflate reads zlib's form without its checksum, which damaged files and
// careless writers have wrong.
func (f *file) inflate(data []byte) ([]byte, error) {
	data = bytes.TrimLeft(data, "\r\n")
	if len(data) < 2 {
		return nil, nil
	}
	if data[0]&0x0F == 8 && (int(data[0])<<8|int(data[1]))%31 == 0 {
		data = data[2:]
	}
	r := flate.NewReader(bytes.NewReader(data))
	defer r.Close()
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, int64(max(0, min(maxStream, f.unpacked))+1)))
	if err := f.unpack(int(n)); err != nil {
		return nil, err
	}
	if err != nil {
		return b.Bytes(), errCut
	}
	return b.Bytes(), nil
}

// unpack counts bytes that were unpacked.
func (f *file) unpack(n int) error {
	if f.unpacked -= n; f.unpacked < 0 || n > maxStream {
		f.unpacked = -1 // nothing more, so that no part goes missing without a word
		return ErrLarge
	}
	return nil
}

// lzw is the form of TIFF: codes of 9 to 12 bits, the highest first, which get
// longer one code early unless early is 0.
func (f *file) lzw(data []byte, early int) ([]byte, error) {
	const reset, stop = 256, 257
	type entry struct{ from, to int } // in out
	var (
		out         []byte
		table       []entry
		bits, width = 0, 9
		acc         uint
		last        entry
		known       bool // whether there is a last
	)
	for _, c := range data {
		acc, bits = acc<<8|uint(c), bits+8
		if bits < width {
			continue
		}
		bits -= width
		code := int(acc>>bits) & (1<<width - 1)
		acc &= 1<<bits - 1
		from := len(out)
		switch {
		case code == reset:
			table, width, known = table[:0], 9, false
			continue
		case code == stop:
			return out, f.unpack(len(out))
		case code < reset:
			out = append(out, byte(code))
		case code-258 < len(table):
			e := table[code-258]
			out = append(out, out[e.from:e.to]...)
		case code-258 == len(table) && known:
			out = append(out, out[last.from:last.to]...)
			out = append(out, out[last.from])
		default:
			return out, f.unpack(len(out))
		}
		if known && len(table) < 4096-258 {
			table = append(table, entry{last.from, last.to + 1}) // what came last and the byte behind it
		}
		last, known = entry{from, len(out)}, true
		for width < 12 && len(table)+258+1+early > 1<<width {
			width++
		}
		if len(out) > max(0, min(maxStream, f.unpacked)) {
			return nil, f.unpack(maxStream + 1)
		}
	}
	return out, f.unpack(len(out))
}

func ascii85(data []byte) []byte {
	var out []byte
	var group [5]byte
	n := 0
	flush := func() {
		for i := n; i < 5; i++ {
			group[i] = 84
		}
		var v uint32
		for _, c := range group {
			v = v*85 + uint32(c)
		}
		out = append(out, []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}[:n-1]...)
		n = 0
	}
	for _, c := range data {
		switch {
		case c == '~':
			if n > 1 {
				flush()
			}
			return out
		case c == 'z' && n == 0:
			out = append(out, 0, 0, 0, 0)
		case '!' <= c && c <= 'u':
			group[n] = c - '!'
			if n++; n == 5 {
				flush()
			}
		}
	}
	if n > 1 {
		flush()
	}
	return out
}

func (f *file) runs(data []byte) ([]byte, error) {
	var out []byte
	for i := 0; i < len(data) && data[i] != 128; {
		n := int(data[i])
		i++
		if n < 128 {
			to := min(i+n+1, len(data))
			out = append(out, data[i:to]...)
			i = to
		} else if i < len(data) {
			out = append(out, bytes.Repeat(data[i:i+1], 257-n)...)
			i++
		}
		if len(out) > max(0, min(maxStream, f.unpacked)) {
			return nil, f.unpack(maxStream + 1)
		}
	}
	return out, f.unpack(len(out))
}

// predicted undoes the prediction of each byte from those before and above it.
func (f *file) predicted(data []byte, param dict) []byte {
	predictor := f.int(param["Predictor"])
	if predictor < 2 {
		return data
	}
	orDefault := func(key name, value int) int {
		if n, ok := f.resolve(param[key]).(int); ok && n > 0 && n < 1<<16 {
			return n
		}
		return value
	}
	colors, depth := orDefault("Colors", 1), orDefault("BitsPerComponent", 8)
	row := (colors*depth*orDefault("Columns", 1) + 7) / 8
	pixel := max(1, colors*depth/8)
	if predictor == 2 {
		for i := range data {
			if i%row >= pixel && depth == 8 {
				data[i] += data[i-pixel]
			}
		}
		return data
	}
	out := make([]byte, 0, len(data))
	above := make([]byte, min(row, len(data)))
	for len(data) > 1 {
		kind, line := data[0], data[1:min(len(data), row+1)]
		data = data[1+len(line):]
		unfilter(kind, line, above, pixel)
		out = append(out, line...)
		copy(above, line)
	}
	return out
}

// unfilter undoes one of PNG's filters on a line.
func unfilter(kind byte, line, above []byte, pixel int) {
	for i := range line {
		var left, corner byte
		if i >= pixel {
			left, corner = line[i-pixel], above[i-pixel]
		}
		switch kind {
		case 1:
			line[i] += left
		case 2:
			line[i] += above[i]
		case 3:
			line[i] += byte((int(left) + int(above[i])) / 2)
		case 4:
			line[i] += paeth(left, above[i], corner)
		}
	}
}

func paeth(left, above, corner byte) byte {
	p := int(left) + int(above) - int(corner)
	distance := func(b byte) int { return max(p-int(b), int(b)-p) }
	switch l, a, c := distance(left), distance(above), distance(corner); {
	case l <= a && l <= c:
		return left
	case a <= c:
		return above
	}
	return corner
}
