package eval

import (
	"fmt"
	"strings"

	"footnote/bot"
)

// A Place is where a person finds an answer in a document, as far as the suite
// says so.
type Place struct {
	// Page is the page on which the evidence stands, from 1; 0 if any will do.
	Page int
	// Heading is how the heading path ends.
	Heading string
	// Paragraph is the number of the block, such as a table's row, from 1; 0
	// if any will do.
	Paragraph int
}

// holds reports whether a citation stands at the place.
func (p Place) holds(c bot.Citation) bool {
	return (p.Page == 0 || p.Page == c.Page) && strings.HasSuffix(c.Heading, p.Heading) &&
		(p.Paragraph == 0 || p.Paragraph == c.Paragraph)
}

func (p Place) String() string {
	var parts []string
	if p.Page > 0 {
		parts = append(parts, fmt.Sprintf("page %d", p.Page))
	}
	if p.Paragraph > 0 {
		parts = append(parts, fmt.Sprintf("paragraph %d", p.Paragraph))
	}
	if p.Heading != "" {
		parts = append(parts, p.Heading)
	}
	return strings.Join(parts, ", ")
}

// placed scores where the first citation of an answer stands. A right answer
// that is cited elsewhere is listed; a wrong one is among the missed already.
func (t *tally) placed(file string, q Question, a bot.Answer, right bool) {
	if a.Refused || q.Place == (Place{}) {
		return
	}
	t.places++
	if len(a.Citations) > 0 && q.Place.holds(a.Citations[0]) {
		t.placesRight++
		return
	}
	if right {
		m := newMiss(file, q, a, "cited "+citedAt(a)+", expected "+q.Place.String())
		m.misplaced = true
		t.misplaced = append(t.misplaced, m)
	}
}

func citedAt(a bot.Answer) string {
	if len(a.Citations) == 0 {
		return "nothing"
	}
	c := a.Citations[0]
	return Place{Page: c.Page, Heading: c.Heading, Paragraph: c.Paragraph}.String()
}
