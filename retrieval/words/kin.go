package words

import (
	_ "embed"
	"encoding/binary"
	"slices"
	"sync"
)

// A Kinship is how one word is related to another: several may hold.
type Kinship uint8

const (
	// Synonym: they share a sense, or one is derived from the other
	// ("invade", "invasion"; "France", "French").
	Synonym Kinship = 1 << iota
	// Wider: the other word names a wider class ("king" to "ruler").
	Wider
	// Narrower is the way back.
	Narrower
	// Opposite: an antonym ("rise", "fall").
	Opposite
	// Sister: both are of one narrow class ("October", "December"): alike,
	// and never the same thing.
	Sister
	// Usual: one is said where the other is meant ("run", "manager"). The
	// table has none of these; who uses it may know some.
	Usual
)

// Kin knows how English words are related. It is immutable.
//
// The data is WordNet 3.1 (Princeton University; its licence is
// WORDNET-LICENSE), of the words of the [Table]. Layout, little-endian:
// KinMagic; uint32 words n; n uint16 rows of the base forms ("firms": "firm");
// n+1 uint32 offsets into the relations; n+1 uint32 offsets into the classes;
// uint32 relations m; m uint16 rows; m bytes of Kinship; uint16 classes.
type Kin struct {
	n                                int
	bases, firstRelation, firstClass string
	relations, kinds, classes        string
}

// KinMagic is the format of the data file; its last byte is the version.
const KinMagic = "FNK1"

//go:embed kin.bin
var embeddedKin string

// EnglishKin are the relations that are part of the program.
var EnglishKin = sync.OnceValue(func() *Kin { return parseKin(embeddedKin) })

func parseKin(data string) *Kin {
	if len(data) < 12 || data[:4] != KinMagic {
		panic("words: the embedded relations are none")
	}
	k := &Kin{n: int(u32(data, 4))}
	m := int(u32(data, 8))
	rest := data[12:]
	take := func(size int) string {
		part := rest[:size]
		rest = rest[size:]
		return part
	}
	k.bases = take(2 * k.n)
	k.firstRelation = take(4 * (k.n + 1))
	k.firstClass = take(4 * (k.n + 1))
	k.relations = take(2 * m)
	k.kinds = take(m)
	k.classes = rest
	return k
}

func u16(s string, at int) int { return int(s[at]) | int(s[at+1])<<8 }

// Base is the row of a word's base form, its own where it is one.
func (k *Kin) Base(row int) int { return u16(k.bases, 2*row) }

// Each yields the base forms that the word of a row is related to, and how,
// without sisters.
func (k *Kin) Each(row int, yield func(other int, how Kinship)) {
	base := k.Base(row)
	for i := int(u32(k.firstRelation, 4*base)); i < int(u32(k.firstRelation, 4*base+4)); i++ {
		yield(u16(k.relations, 2*i), Kinship(k.kinds[i]))
	}
}

// Classes yields the narrow classes that the word of a row is in.
func (k *Kin) Classes(row int, yield func(class int)) {
	base := k.Base(row)
	for i := int(u32(k.firstClass, 4*base)); i < int(u32(k.firstClass, 4*base+4)); i++ {
		yield(u16(k.classes, 2*i))
	}
}

// Relations is what [EncodeKin] writes of one word.
type Relations struct {
	Base    int
	Others  map[int]Kinship
	Classes []int
}

// EncodeKin makes the data file of relations, one for each row of a table.
func EncodeKin(rows []Relations) []byte {
	le := binary.LittleEndian
	total := 0
	var bases, firstRelation, firstClass, relations, kinds, classes []byte
	for _, r := range rows {
		bases = le.AppendUint16(bases, uint16(r.Base))
		firstRelation = le.AppendUint32(firstRelation, uint32(total))
		firstClass = le.AppendUint32(firstClass, uint32(len(classes)/2))
		others := make([]int, 0, len(r.Others))
		for other := range r.Others {
			others = append(others, other)
		}
		slices.Sort(others)
		for _, other := range others {
			relations = le.AppendUint16(relations, uint16(other))
			kinds = append(kinds, byte(r.Others[other]))
		}
		total += len(others)
		for _, c := range r.Classes {
			classes = le.AppendUint16(classes, uint16(c))
		}
	}
	firstRelation = le.AppendUint32(firstRelation, uint32(total))
	firstClass = le.AppendUint32(firstClass, uint32(len(classes)/2))
	out := []byte(KinMagic)
	out = le.AppendUint32(out, uint32(len(rows)))
	out = le.AppendUint32(out, uint32(total))
	return slices.Concat(out, bases, firstRelation, firstClass, relations, kinds, classes)
}
