package words

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"io"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// A Dictionary says what Chinese words mean in English. It is immutable.
//
// The data is CC-CEDICT (its licence is CEDICT-LICENSE), of short words with
// frequent meanings. Compressed by flate, each of [chineseColumns] after its
// length: it is unpacked when it is first needed.
type Dictionary struct {
	table    *Table
	text     []byte  // the words, sorted, one after the other
	ends     []int32 // of each in text
	first    []int32 // of each word's meanings; one more at the end
	meanings []meaning
}

// A meaning is up to three words of the table.
type meaning struct {
	rows [mostGloss]int32 // -1 behind the last
	name bool             // written with a capital
}

const mostGloss = 3

//go:embed chinese.bin
var embeddedChinese string

// ChineseWords is the dictionary that is part of the program.
var ChineseWords = sync.OnceValue(func() *Dictionary {
	d, err := parseChinese(embeddedChinese)
	if err != nil {
		panic("words: the embedded dictionary is none: " + err.Error())
	}
	return d
})

// chineseColumns are the data by what it is, so that like lies beside like: of
// each word how many characters it has in common with the one before, how many
// more it has, and how many meanings; its other characters, as two bytes; of
// each meaning how many words it has (128 more for a name); and the ranks of
// these by frequency, as two bytes.
type chineseColumns struct {
	shared, more, senses, low, high, glosses, rankLow, rankHigh []byte
}

func (c *chineseColumns) all() []*[]byte {
	return []*[]byte{&c.shared, &c.more, &c.senses, &c.low, &c.high, &c.glosses, &c.rankLow, &c.rankHigh}
}

func parseChinese(data string) (*Dictionary, error) {
	plain, err := io.ReadAll(flate.NewReader(strings.NewReader(data)))
	if err != nil {
		return nil, err
	}
	var c chineseColumns
	for _, column := range c.all() {
		if len(plain) < 4 || len(plain)-4 < int(u32(string(plain[:4]), 0)) {
			return nil, io.ErrUnexpectedEOF
		}
		n := int(u32(string(plain[:4]), 0))
		*column, plain = plain[4:4+n], plain[4+n:]
	}
	d := &Dictionary{table: English()}
	rows := make([]int32, d.table.Len()) // by rank
	for row := range rows {
		rows[d.table.Rank(row)] = int32(row)
	}
	d.text, d.meanings = make([]byte, 0, 8*len(c.shared)), make([]meaning, 0, len(c.glosses))
	d.ends, d.first = make([]int32, 0, len(c.shared)), make([]int32, 0, len(c.shared)+1)
	start := 0 // of the word before
	for i := range c.shared {
		word := d.text[start : start+hanSize*int(c.shared[i])]
		start = len(d.text)
		d.text = append(d.text, word...)
		for range c.more[i] {
			d.text = utf8.AppendRune(d.text, rune(c.low[0])|rune(c.high[0])<<8)
			c.low, c.high = c.low[1:], c.high[1:]
		}
		d.ends = append(d.ends, int32(len(d.text)))
		d.first = append(d.first, int32(len(d.meanings)))
		for range c.senses[i] {
			m := meaning{rows: [mostGloss]int32{-1, -1, -1}, name: c.glosses[0]&nameBit != 0}
			for n := range c.glosses[0] &^ nameBit {
				m.rows[n] = rows[int(c.rankLow[0])|int(c.rankHigh[0])<<8]
				c.rankLow, c.rankHigh = c.rankLow[1:], c.rankHigh[1:]
			}
			c.glosses = c.glosses[1:]
			d.meanings = append(d.meanings, m)
		}
	}
	d.first = append(d.first, int32(len(d.meanings)))
	return d, nil
}

const (
	nameBit = 128
	hanSize = 3 // bytes of a character
)

// A Meaning is what a Chinese word means, in English words of the table.
type Meaning struct {
	Words []string
	Name  bool // of somebody, something or some place
}

// Has reports whether a word in simplified characters is in the dictionary.
func (d *Dictionary) Has(word string) bool {
	_, found := d.find(word)
	return found
}

func (d *Dictionary) find(word string) (at int, found bool) {
	return sort.Find(len(d.ends), func(i int) int {
		start := int32(0)
		if i > 0 {
			start = d.ends[i-1]
		}
		return strings.Compare(word, unsafe.String(&d.text[start], d.ends[i]-start))
	})
}

// Meanings are what a word in simplified characters means, the frequent meaning
// first.
func (d *Dictionary) Meanings(word string) []Meaning {
	at, found := d.find(word)
	if !found {
		return nil
	}
	var out []Meaning
	for _, m := range d.meanings[d.first[at]:d.first[at+1]] {
		one := Meaning{Name: m.name}
		for _, row := range m.rows {
			if row >= 0 {
				one.Words = append(one.Words, d.table.Word(int(row)))
			}
		}
		out = append(out, one)
	}
	return out
}

// EncodeChinese makes the dictionary's bytes, of words of the basic plane and
// meanings in words of the table.
func EncodeChinese(meanings map[string][][]string) []byte {
	var c chineseColumns
	var before []rune
	for _, word := range slices.SortedFunc(maps.Keys(meanings), strings.Compare) {
		characters := []rune(word)
		shared := 0
		for shared < len(before) && shared < len(characters)-1 && before[shared] == characters[shared] {
			shared++
		}
		c.shared, c.more, c.senses = append(c.shared, byte(shared)), append(c.more, byte(len(characters)-shared)), append(c.senses, byte(len(meanings[word])))
		for _, r := range characters[shared:] {
			c.low, c.high = append(c.low, byte(r)), append(c.high, byte(r>>8))
		}
		before = characters
		for _, gloss := range meanings[word] {
			c.addGloss(gloss)
		}
	}
	var out bytes.Buffer
	z, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		panic(err) // of the level alone
	}
	for _, column := range c.all() { // into memory, which does not fail
		n := len(*column)
		_, _ = z.Write([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)})
		_, _ = z.Write(*column)
		_ = z.Flush() // the next one has its own code
	}
	_ = z.Close()
	return out.Bytes()
}

func (c *chineseColumns) addGloss(gloss []string) {
	size := byte(len(gloss))
	for _, w := range gloss {
		if unicode.IsUpper([]rune(w)[0]) {
			size |= nameBit
		}
		rank := English().Rank(English().Row(strings.ToLower(w)))
		c.rankLow, c.rankHigh = append(c.rankLow, byte(rank)), append(c.rankHigh, byte(rank>>8))
	}
	c.glosses = append(c.glosses, size)
}
