package cite

import (
	"math/big"
	"strconv"

	"footnote/corpus"
)

// A quantity is a number, percentage, amount, date or measure of a sentence.
type quantity struct {
	// text is the quantity as it is written; start and end are its byte
	// offsets in the sentence.
	text       string
	start, end int
	// readings are what it can mean, at least one. It stands in the evidence
	// when one of them does.
	readings []reading
}

// A reading is one exact meaning of a quantity.
type reading struct {
	kind readingKind
	// value is the canonical value of an amount, as of big.Rat.RatString, or
	// a literal as it must stand.
	value string
	// unit and per are those of an amount: unit alone, or unit per per.
	unit, per measure
	// date is that of a date.
	date calendarDate
}

type readingKind uint8

const (
	amountReading  readingKind = iota
	literalReading             // a version, ratio or time: by its digits
	nameReading                // letters with digits, in lower case
	dateReading
)

// quantitiesOf returns the quantities that a sentence claims, in order and
// without overlap. Small number words without a unit, ordinals of style, list
// numbers and names with digits in them claim nothing.
func quantitiesOf(sentence string) []quantity {
	var found []quantity
	r := readQuantities(sentence)
	for i := range r.atoms {
		a := &r.atoms[i]
		if a.exempt || len(a.claims) == 0 {
			continue
		}
		start, end := r.lex[a.from].start, r.lex[a.to-1].end
		found = append(found, quantity{text: sentence[start:end], start: start, end: end, readings: a.claims})
	}
	return found
}

// figures are all the quantities of some evidence, in every reading.
type figures struct {
	readings map[reading]bool
	// counts holds the values that stand as a number, with whatever unit but
	// a percentage: a claim without a unit needs no more.
	counts map[string]bool
	// near holds, for the values that stand without a unit, the units named
	// in the same sentence and the currencies named in the same text.
	near  map[string]measureSet
	years map[int]bool
	dates map[datePart]bool
}

// newFigures reads the quantities of texts that are evidence together.
func newFigures(texts ...string) *figures {
	f := &figures{
		readings: map[reading]bool{},
		counts:   map[string]bool{},
		near:     map[string]measureSet{},
		years:    map[int]bool{},
		dates:    map[datePart]bool{},
	}
	for _, text := range texts {
		f.add(text)
	}
	return f
}

// add reads the quantities of one more text. It is read whole and sentence by
// sentence, so that what a sentence claims on its own is held by its paragraph.
func (f *figures) add(text string) {
	whole := readQuantities(text)
	named := whole.namedInText()
	sentences := corpus.Sentences(text)
	if len(sentences) == 1 && sentences[0].End-sentences[0].Start == len(text) {
		f.take(whole, named.union(whole.namedInSentence()))
		return
	}
	f.take(whole, named)
	for _, s := range sentences {
		part := readQuantities(text[s.Start:s.End])
		f.take(part, named.union(part.namedInSentence()))
	}
}

// newFiguresOf returns the figures of a text, and those of each of its sentences
// alone, reading none twice.
func newFiguresOf(text string, sentences []corpus.Span) (all *figures, each []*figures) {
	all = newFigures()
	whole := readQuantities(text)
	named := whole.namedInText()
	all.take(whole, named)
	for _, s := range sentences {
		part := readQuantities(text[s.Start:s.End])
		near := part.namedInSentence()
		all.take(part, named.union(near))
		own := newFigures()
		own.take(part, part.namedInText().union(near))
		each = append(each, own)
	}
	return all, each
}

func (f *figures) take(r *quantityReader, near measureSet) {
	for i := range r.atoms {
		a := &r.atoms[i]
		if a.year != 0 {
			f.years[a.year] = true
		}
		// "one of them" is no 1.
		if a.lone && !a.measured() && len(a.values) == 1 && a.values[0].Cmp(big.NewRat(1, 1)) == 0 {
			continue
		}
		if a.silent { // "a year" is one year, but no other one of anything
			for _, m := range a.claims {
				f.readings[m] = true
			}
			continue
		}
		for _, m := range a.claims {
			f.put(m, near)
		}
		for _, m := range a.also {
			f.put(m, near)
		}
	}
	for _, name := range r.names {
		f.readings[reading{kind: nameReading, value: name}] = true
	}
}

func (f *figures) put(m reading, near measureSet) {
	f.readings[m] = true
	switch {
	case m.kind == dateReading:
		f.putDate(m.date)
		// A day or a year may be given without the rest.
		if m.date.has&dayPart != 0 {
			f.counts[strconv.Itoa(m.date.day)] = true
		}
		if m.date.has&yearPart != 0 {
			f.counts[strconv.Itoa(max(m.date.year, -m.date.year))] = true
		}
	case m.kind != amountReading:
	case m.unit == noMeasure:
		f.counts[m.value] = true
		f.near[m.value] = f.near[m.value].union(near)
	case m.unit.countable():
		f.counts[m.value] = true
	}
}

// holds reports whether a quantity stands in the evidence.
func (f *figures) holds(q quantity) bool {
	for _, m := range q.readings {
		if f.stands(m) {
			return true
		}
	}
	return false
}

func (f *figures) stands(m reading) bool {
	if m.kind == dateReading {
		return f.standsDate(m.date)
	}
	if f.readings[m] {
		return true
	}
	if m.kind != amountReading {
		return false
	}
	if m.unit == noMeasure {
		return f.counts[m.value] || f.standsYear(m.value)
	}
	near := f.near[m.value]
	return near.has(m.unit) && (m.per == noMeasure || near.has(m.per))
}

// standsYear reports whether a number of four digits is a year of the evidence.
func (f *figures) standsYear(value string) bool {
	if len(value) != 4 {
		return false
	}
	year, err := strconv.Atoi(value)
	return err == nil && f.years[year]
}
