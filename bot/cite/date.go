package cite

// A calendarDate is a date with the components that are known.
type calendarDate struct {
	year       int // negative before Christ
	month, day int
	has        dateParts
}

type dateParts uint8

const (
	yearPart dateParts = 1 << iota
	monthPart
	dayPart
	allParts = yearPart | monthPart | dayPart
)

func yearDate(year int) calendarDate { return calendarDate{year: year, has: yearPart} }

// newDate makes a date of the components that are not 0.
func newDate(year, month, day int) calendarDate {
	d := calendarDate{year: year, month: month, day: day}
	if year != 0 {
		d.has |= yearPart
	}
	if month != 0 {
		d.has |= monthPart
	}
	if day != 0 {
		d.has |= dayPart
	}
	return d
}

// only returns the date with no more than some components.
func (d calendarDate) only(parts dateParts) calendarDate {
	d.has &= parts
	if d.has&yearPart == 0 {
		d.year = 0
	}
	if d.has&monthPart == 0 {
		d.month = 0
	}
	if d.has&dayPart == 0 {
		d.day = 0
	}
	return d
}

// A datePart is some components of a date that has other components too, so
// that a date can be looked up by what it shares with another.
type datePart struct {
	shared calendarDate
	has    dateParts
}

func (f *figures) putDate(d calendarDate) {
	if d.has&yearPart != 0 {
		f.years[d.year] = true
	}
	for parts := dateParts(1); parts <= allParts; parts++ {
		if parts&d.has == parts {
			f.dates[datePart{d.only(parts), d.has}] = true
		}
	}
}

// standsDate reports whether a date stands in the evidence: dates that
// contradict it nowhere name its month and day between them, and its year is
// named somewhere. "August 2023" does not stand where the evidence has August
// 2022 and May 2023; where it has "August" and "in 2023", it does.
func (f *figures) standsDate(d calendarDate) bool {
	var covered dateParts
	for has := dateParts(1); has <= allParts; has++ {
		shared := has & d.has
		if shared != 0 && f.dates[datePart{d.only(shared), has}] {
			covered |= shared
		}
	}
	if d.has&yearPart != 0 && f.years[d.year] {
		covered |= yearPart
	}
	return covered == d.has
}
