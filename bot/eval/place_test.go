package eval

import (
	"testing"

	"footnote/bot"
)

func TestACitationStandsAtItsPlace(t *testing.T) {
	cited := bot.Citation{Page: 2, Heading: "Dues › 2.2 What the dues are", Paragraph: 25}
	tests := []struct {
		name  string
		place Place
		want  bool
	}{
		{"page", Place{Page: 2}, true},
		{"another page", Place{Page: 3}, false},
		{"end of the heading path", Place{Heading: "What the dues are"}, true},
		{"start of the heading path", Place{Heading: "Dues"}, false},
		{"row", Place{Paragraph: 25}, true},
		{"another row", Place{Paragraph: 24}, false},
		{"all three", Place{2, "2.2 What the dues are", 25}, true},
		{"one of three is another", Place{2, "2.2 What the dues are", 26}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.place.holds(cited); got != tt.want {
				t.Errorf("%s: %v, want %v", tt.place, got, tt.want)
			}
		})
	}
}

func TestPlaceCountsAnswersGivenThatHaveOne(t *testing.T) {
	elsewhere := bot.Answer{Text: "Four crowns.", Citations: []bot.Citation{{Page: 1}}}
	there := bot.Answer{Text: "Four crowns.", Citations: []bot.Citation{{Page: 2}, {Page: 1}}}
	q := Question{ID: "a", Kind: "fact", Evidence: []string{"e"}, Answers: []string{"four"}, Place: Place{Page: 2}}
	anywhere := q
	anywhere.Place = Place{}
	tl := newTally()
	none := func(string) (string, bool) { return "", false }
	for _, scored := range []struct {
		q Question
		a bot.Answer
	}{
		{q, there}, {q, there}, {q, elsewhere},
		{q, bot.Answer{Text: "Nine crowns."}}, // wrong, and without a citation
		{q, bot.Answer{Refused: true}},
		{anywhere, elsewhere},
		{Question{ID: "b", Kind: "near", Refuse: true}, elsewhere},
	} {
		tl.add("a.pdf", scored.q, scored.a, none)
	}
	r := tl.result("s", 0)
	if r.Place == nil || *r.Place != .5 {
		t.Errorf("place %v, want 0.5", r.Place)
	}
	if len(r.Misplaced) != 1 || r.Misplaced[0].Why != "cited page 1, expected page 2" {
		t.Errorf("misplaced %+v", r.Misplaced)
	}
}

func TestAResultWithoutPlacesSaysNothingOfThem(t *testing.T) {
	half := .5
	for _, row := range rows(&Result{}, &Result{}) {
		if row.name == placeFigure {
			t.Error("the table has a row for places")
		}
	}
	found := false
	for _, row := range rows(&Result{}, &Result{Place: &half}) {
		found = found || row.name == placeFigure && row.figure(&Result{}) == "–"
	}
	if !found {
		t.Error("the table has no row for places, though a suite names some")
	}
}
