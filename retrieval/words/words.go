// Package words knows English words before any document is read: a static
// vector for each of the most frequent ones, and how frequent they are.
//
// The data is GloVe 6B, 100 dimensions (Pennington, Socher and Manning, 2014;
// Public Domain Dedication and License 1.0), the most frequent purely
// alphabetic words, centred, with the dominant components removed (Mu and
// Viswanath, "All-but-the-Top", 2018), and quantised to int8. It is read in
// place from the binary: nothing is parsed or copied at start.
package words

import (
	_ "embed"
	"encoding/binary"
	"math"
	"sort"
	"sync"
	"unsafe"
)

//go:embed words.bin
var embedded string

// Magic opens the data file; its last byte is the format's version.
const Magic = "FNW1"

// A Table maps words to vectors and frequency ranks. It is immutable.
//
// Layout, little-endian: Magic; uint32 words n; uint32 dimensions d; n+1
// uint32 offsets into the text; n uint16 frequency ranks from 0, the most
// frequent; n float32 inverse norms; n*d int8 components; the text, the words
// in byte order without separators.
type Table struct {
	n, dims                       int
	offsets, ranks, norms, vector string
	text                          string
}

// English is the table that is part of the program.
var English = sync.OnceValue(func() *Table { return parse(embedded) })

func parse(data string) *Table {
	if len(data) < 12 || data[:4] != Magic {
		panic("words: the embedded table is not one")
	}
	t := &Table{n: int(u32(data, 4)), dims: int(u32(data, 8))}
	rest := data[12:]
	take := func(size int) string {
		part := rest[:size]
		rest = rest[size:]
		return part
	}
	t.offsets = take(4 * (t.n + 1))
	t.ranks = take(2 * t.n)
	t.norms = take(4 * t.n)
	t.vector = take(t.n * t.dims)
	t.text = rest
	return t
}

func u32(s string, at int) uint32 {
	return uint32(s[at]) | uint32(s[at+1])<<8 | uint32(s[at+2])<<16 | uint32(s[at+3])<<24
}

// Len is the number of words.
func (t *Table) Len() int { return t.n }

// Dimensions is the length of each vector.
func (t *Table) Dimensions() int { return t.dims }

// Row finds a lower-case word; -1 when the table lacks it.
func (t *Table) Row(word string) int {
	row := t.lowerBound(word)
	if row < t.n && t.Word(row) == word {
		return row
	}
	return -1
}

// Rows are those of the words that begin with a prefix of ASCII letters: from
// first up to, but not including, last.
func (t *Table) Rows(prefix string) (first, last int) {
	return t.lowerBound(prefix), t.lowerBound(prefix + "\x7f")
}

// lowerBound is the first row whose word does not come before another.
func (t *Table) lowerBound(word string) int {
	return sort.Search(t.n, func(row int) bool { return t.Word(row) >= word })
}

// Word is the word of a row.
func (t *Table) Word(row int) string {
	return t.text[u32(t.offsets, 4*row):u32(t.offsets, 4*row+4)]
}

// Rank is a row's place in the list of words by frequency, from 0.
func (t *Table) Rank(row int) int {
	return int(t.ranks[2*row]) | int(t.ranks[2*row+1])<<8
}

// Vector is a row's components; multiplied by InverseNorm they have unit length.
func (t *Table) Vector(row int) []int8 {
	part := t.vector[row*t.dims : (row+1)*t.dims]
	return unsafe.Slice((*int8)(unsafe.Pointer(unsafe.StringData(part))), t.dims)
}

// InverseNorm is one over the length of a row's vector.
func (t *Table) InverseNorm(row int) float32 {
	return math.Float32frombits(u32(t.norms, 4*row))
}

// Cosine is the similarity of two rows, in [-1,1].
func (t *Table) Cosine(a, b int) float32 {
	if a == b {
		return 1
	}
	return float32(dot(t.Vector(a), t.Vector(b))) * t.InverseNorm(a) * t.InverseNorm(b)
}

// dot is the inner product of two vectors of the same length. Eight components
// at a time, it takes half as long.
func dot(x, y []int8) int32 {
	var even, odd int32
	for len(x) >= 8 && len(y) >= 8 {
		p, q := (*[8]int8)(x), (*[8]int8)(y)
		even += int32(p[0])*int32(q[0]) + int32(p[2])*int32(q[2]) + int32(p[4])*int32(q[4]) + int32(p[6])*int32(q[6])
		odd += int32(p[1])*int32(q[1]) + int32(p[3])*int32(q[3]) + int32(p[5])*int32(q[5]) + int32(p[7])*int32(q[7])
		x, y = x[8:], y[8:]
	}
	for i, v := range x {
		even += int32(v) * int32(y[i])
	}
	return even + odd
}

// Probability is how often a word of running text is the word of a row, in
// (0,1), from its frequency rank by Zipf's law: 0.03 for "the", one in 600,000
// for the rarest word of the table. A word outside the table (row -1) is rarer
// than all in it.
func (t *Table) Probability(row int) float64 {
	const normalisation = 12 // the harmonic number of some 90,000 words
	rank := float64(t.n)
	if row >= 0 {
		rank = float64(t.Rank(row))
	}
	return 1 / ((rank + 2.7) * normalisation)
}

// IDF is the information in a word, in nats: about 3 for "the", 13 for the
// rarest word of the table.
func (t *Table) IDF(row int) float64 { return -math.Log(t.Probability(row)) }

// AddTo adds a row's unit vector to the sum that is a text's vector, rare words
// weighing more: a/(a+p(w)), smooth inverse frequency (Arora, Liang and Ma, "A
// Simple but Tough-to-Beat Baseline for Sentence Embeddings", 2017).
func (t *Table) AddTo(sum []float32, row int) {
	const smoothing = 1e-3 // a
	weight := float32(smoothing/(smoothing+t.Probability(row))) * t.InverseNorm(row)
	for d, v := range t.Vector(row) {
		sum[d] += weight * float32(v)
	}
}

// Encode makes a table's bytes; rows must be sorted by word and unique.
func Encode(dims int, rows []Row) []byte {
	out := []byte(Magic)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(rows)))
	out = binary.LittleEndian.AppendUint32(out, uint32(dims))
	offset := 0
	for _, r := range rows {
		out = binary.LittleEndian.AppendUint32(out, uint32(offset))
		offset += len(r.Word)
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(offset))
	for _, r := range rows {
		out = binary.LittleEndian.AppendUint16(out, uint16(r.Rank))
	}
	for _, r := range rows {
		var sum float64
		for _, v := range r.Vector {
			sum += float64(v) * float64(v)
		}
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(1/math.Sqrt(sum))))
	}
	for _, r := range rows {
		for _, v := range r.Vector {
			out = append(out, byte(v))
		}
	}
	for _, r := range rows {
		out = append(out, r.Word...)
	}
	return out
}

// A Row is one word of a table to be made.
type Row struct {
	Word   string
	Rank   int // below 65,536
	Vector []int8
}
