package cite

import "strings"

// spread gives the numbers of a list or range what is written once for all of
// them: 10 to 20 billion, $10–20 million, 5, 10 and 15 percent, August 15–16.
func (r *quantityReader) spread() {
	for i := 0; i+1 < len(r.atoms); i++ {
		a, b := &r.atoms[i], &r.atoms[i+1]
		if joiner := r.joiner(a, b); joiner != notJoined {
			lendForward(a, b, joiner)
		}
	}
	for i := len(r.atoms) - 2; i >= 0; i-- {
		a, b := &r.atoms[i], &r.atoms[i+1]
		if joiner := r.joiner(a, b); joiner != notJoined && !r.endsRange(i) {
			lendBack(a, b, joiner)
		}
	}
}

// endsRange reports whether atom i ends a range that a comma sets apart from
// what follows, as in "from 45 to 64, and 9.3%".
func (r *quantityReader) endsRange(i int) bool {
	if i == 0 || !r.markAt(r.atoms[i].to, ",") {
		return false
	}
	before := r.atoms[i-1].to
	return before+1 == r.atoms[i].from && (r.wordAt(before, "to", "through") || r.markAt(before, "-—~"))
}

// A joinStrength says what stands between two numbers.
type joinStrength uint8

const (
	notJoined joinStrength = iota
	looselyJoined
	surelyJoined
)

// joiner returns how two atoms that follow one another are joined.
func (r *quantityReader) joiner(a, b *atom) joinStrength {
	if b.from-a.to < 1 || b.from-a.to > 3 || r.lex[b.from].gap > 1 {
		return notJoined
	}
	var text strings.Builder
	for i := a.to; i < b.from; i++ {
		if r.lex[i].gap > 1 {
			return notJoined
		}
		text.WriteString(r.lex[i].lower)
	}
	switch text.String() {
	case "andearly", "andlate", "andmid", "toearly", "tolate", "andthe", "andmid-",
		"to", "-", "—", "~", "--", "至", "到", "-to", "—to", "and", "or", "-and", "-or", ",and", ",or", "and/or", "或", "through":
		return surelyJoined
	case ",", "versus", "vs", "by", "/", "、", "和", "与", "及": // a Chinese list may be of different things
		return looselyJoined
	}
	return notJoined
}

// lendForward gives b the currency before a, and the month of a to a day.
func lendForward(a, b *atom, joiner joinStrength) {
	if len(a.dates) == 1 && a.dates[0].has&(monthPart|dayPart) == monthPart|dayPart {
		if day := b.day(); day > 0 {
			b.dates = append(b.dates, newDate(a.dates[0].year, a.dates[0].month, day))
		}
		return
	}
	if !a.prefixed || b.fixed || b.prefixed || len(b.values) == 0 {
		return
	}
	var lent []tail
	for _, own := range b.tails {
		if own.unit.of != noMeasure {
			return
		}
		for _, t := range a.tails {
			lent = append(lent, tail{own.scale, t.unit})
		}
	}
	b.lent, b.sure = lent, joiner == surelyJoined && !b.yearLike()
}

// lendBack gives a the scale and unit after b, and the month of b to a day.
func lendBack(a, b *atom, joiner joinStrength) {
	if len(b.dates) == 1 && b.dates[0].has&(monthPart|dayPart) == monthPart|dayPart {
		if day := a.day(); day > 0 {
			a.dates = append(a.dates, newDate(b.dates[0].year, b.dates[0].month, day))
		}
		return
	}
	// "under 18, 10.5% from 18 to 24": a comma alone joins nothing to a percentage
	// unless the list goes on to an "and".
	if joiner == looselyJoined && len(b.lent) == 0 && b.percentage() {
		return
	}
	if joiner == looselyJoined && (a.scaled || a.yearLike()) || a.fixed || b.fixed && len(b.values) == 0 || len(a.values) == 0 || len(b.values) == 0 {
		return
	}
	from := b.tails
	if len(b.lent) > 0 {
		from = b.lent
	}
	var lent []tail
	for _, own := range a.tails {
		for _, t := range from {
			if l, ok := lendTail(a, own, t, b.scaled); ok {
				lent = append(lent, l)
			}
		}
	}
	if lent == nil {
		return
	}
	a.lent = lent
	a.sure = joiner == surelyJoined && !a.yearLike() && (a.prefixed || len(b.lent) == 0 || b.sure)
}

// lendTail returns the tail of a with what it lacks taken from t.
func lendTail(a *atom, own, t tail, scaled bool) (tail, bool) {
	switch {
	case own.unit.of == ordinalMeasure:
		return t, t.unit.of == centuryMeasure && t.scale == nil
	case t.unit.of != noMeasure && t.unit.of != timesMeasure && t.unit.of != percentMeasure && t.unit.of != perMilleMeasure && t.unit.of < firstMeasure:
		return tail{}, false
	case own.unit.of != noMeasure && !a.prefixed:
		return tail{}, false
	}
	lent := own
	if own.scale == nil && !a.scaled && scaled {
		lent.scale = t.scale
	}
	if !a.prefixed {
		lent.unit = t.unit
	}
	return lent, lent != own
}

// yearLike reports whether a number may be a year, so that nothing in a list
// is sure to belong to it.
func (a *atom) yearLike() bool { return a.year >= 1000 && a.year < 3000 }

// day returns the day of a month that a bare number can be, else 0.
func (a *atom) day() int {
	if len(a.dates) > 0 || len(a.values) != 1 || len(a.tails) != 1 || !a.tails[0].blank() || a.lone || a.scaled || !a.values[0].IsInt() {
		return 0
	}
	if v := a.values[0].Num(); v.IsInt64() && v.Int64() >= 1 && v.Int64() <= 31 {
		return int(v.Int64())
	}
	return 0
}
