package corpus

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrEmpty is returned when there is nothing to answer from.
var ErrEmpty = errors.New("no passages")

// A passage has up to maxWords words; a longer paragraph is cut into passages
// of about idealWords. An ideograph counts as three fifths of a word, a letter
// of an alphabet without spaces (Thai and the like) as one fifth.
const (
	maxWords   = 300
	idealWords = 200
)

// Segment cuts a document into passages. A paragraph of up to 300 words is one
// passage; a longer one is cut at the sentence ends that leave its passages
// nearest to 200 words, and a sentence of more than 300 words at white space.
func Segment(d Document) []Passage {
	var passages []Passage
	var path headingPath
	above := leader{text: d.Text}
	seen := make(map[string]uint64, len(d.Blocks))
	for _, b := range d.Blocks {
		lead := above.next(b)
		switch b.Kind {
		case Heading:
			path.enter(b.Level, b.shown(d.Text))
		case Paragraph:
			for _, span := range cut(d.Text[b.Start:b.End]) {
				start, end := b.Start+span.Start, b.Start+span.End
				text := d.Text[start:end]
				passages = append(passages, Passage{
					ID:   passageID(d.Name, text, seen[text]),
					Text: text,
					Location: Location{
						Document: d.Name, Headings: path.titles, Columns: b.Columns, Lead: lead, Paragraph: b.Number,
						Page: pageAt(b.Page, b.Turns, start), Turns: b.Turns[turned(b.Turns, start):turned(b.Turns, end-1)], Start: start, End: end,
					},
				})
				seen[text]++
			}
		}
	}
	return passages
}

// passageID depends on nothing but its arguments: an edit elsewhere in the
// document leaves it as it is. The lengths keep name and text apart.
func passageID(name, text string, occurrence uint64) string {
	key := make([]byte, 0, len(name)+len(text)+3*binary.MaxVarintLen64)
	key = binary.AppendUvarint(key, uint64(len(name)))
	key = append(key, name...)
	key = binary.AppendUvarint(key, uint64(len(text)))
	key = append(key, text...)
	key = binary.AppendUvarint(key, occurrence)
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:12])
}

// A headingPath is the headings above a place.
type headingPath struct {
	levels []int
	titles []string // replaced, never changed: passages share it
}

func (p *headingPath) enter(level int, title string) {
	n := len(p.levels)
	for n > 0 && p.levels[n-1] >= level {
		n--
	}
	p.levels = append(p.levels[:n], level)
	p.titles = append(slices.Clip(p.titles[:n]), title)
}

// shown is a heading as it is shown.
func (b Block) shown(text string) string {
	if b.Title != "" {
		return b.Title
	}
	return oneLine(text[b.Start:b.End])
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// cut divides a paragraph into passages.
func cut(text string) []Span {
	if len(text) == 0 {
		return nil
	}
	if countUnits(text) <= maxWords*wordUnits {
		return []Span{{0, len(text)}}
	}
	var pieces []piece
	for _, s := range Sentences(text) {
		units := max(wordUnits, countUnits(text[s.Start:s.End]))
		if units <= maxWords*wordUnits {
			pieces = append(pieces, piece{s, units})
			continue
		}
		pieces = appendHewn(pieces, text, s, units)
	}
	return group(pieces)
}

// A piece is a sentence, or a part of a very long one.
type piece struct {
	Span
	units int
}

// appendHewn cuts a sentence into parts of about equal length: at white space,
// between ideographs, or, where there is neither, between any two signs.
func appendHewn(pieces []piece, text string, s Span, units int) []piece {
	parts := (units + idealWords*wordUnits - 1) / (idealWords * wordUnits)
	want := (units + parts - 1) / parts
	start, end := s.Start, s.Start // of the part, without white space
	var count wordCounter
	for i := s.Start; i < s.End; {
		r, size := utf8.DecodeRuneInString(text[i:s.End])
		at := i
		i += size
		space := unicode.IsSpace(r)
		if start < end && severs(count.units, want, r, space) {
			pieces = append(pieces, piece{Span{start, end}, count.units})
			count, start = wordCounter{}, end
		}
		if space && start == end {
			continue
		}
		if start == end {
			start = at
		}
		count.add(r)
		if !space {
			end = i
		}
	}
	return append(pieces, piece{Span{start, s.End}, count.units})
}

// severs reports whether a part of some length is cut before r.
func severs(units, want int, r rune, space bool) bool {
	joined := unicode.Is(unicode.M, r) || r == 0x200D // belongs to the sign before it
	switch {
	case units < want:
		return false
	case space, ideographic(r) && !joined:
		return true
	}
	return units >= (maxWords-20)*wordUnits && !joined || units >= (maxWords-1)*wordUnits
}

// group joins neighbouring pieces so that the sum of the squared distances
// from the ideal length is least and no group is too long.
func group(pieces []piece) []Span {
	const ideal, most = idealWords * wordUnits, maxWords * wordUnits
	cost := make([]int, len(pieces)+1) // of the best grouping of the pieces before i
	from := make([]int, len(pieces)+1) // where its last group starts
	for i := 1; i <= len(pieces); i++ {
		units := 0
		for j := i - 1; j >= 0; j-- {
			units += pieces[j].units
			if units > most && j < i-1 {
				break
			}
			c := cost[j] + (units-ideal)*(units-ideal)
			if j == i-1 || c < cost[i] {
				cost[i], from[i] = c, j
			}
		}
	}
	var spans []Span
	for i := len(pieces); i > 0; i = from[i] {
		spans = append(spans, Span{pieces[from[i]].Start, pieces[i-1].End})
	}
	slices.Reverse(spans)
	return spans
}
