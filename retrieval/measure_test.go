package retrieval

import (
	"fmt"
	"strings"
	"testing"

	"footnote/corpus"
	"footnote/retrieval/words"
)

func TestRangesThatATextStates(t *testing.T) {
	for text, want := range map[string]string{
		"Outer mole | over 12 m | 41 | 1,450": "12<m",
		"Old basin | up to 8 m | 18":          "<=8m",
		"Old basin | 8 to 12 m | 26":          "8<=<=12m",
		"8 m – 12 m":                          "8<=<=12m",
		"2-5 kg":                              "2<=<=5kg",
		"under 7 years":                       "<7y",
		"65 and over | free":                  "65<=",
		"65 years or older":                   "65<=y",
		"not more than 3 persons":             "<=3person",
		"at least 1,000 litres":               "1000<=l",
		"≥ 5 kg":                              "5<=kg",
		"10 公斤以上":                             "10<=kg",
		"不超过5公里":                              "<=5km",
		"3至6岁":                                "3<=<=6y",
		"2024-05-01":                          "",
		"call 5 to 3":                         "",
		"moreover 12 m":                       "",
		"Cordless drill D18 | 129.00 | 14":    "",
	} {
		var got []string
		for _, b := range rangesIn(text) {
			s := ""
			if b.hasFrom {
				s = fmt.Sprint(b.from, "<")
				if !b.openFrom {
					s += "="
				}
			}
			if b.hasTo {
				s += "<"
				if !b.openTo {
					s += "="
				}
				s += fmt.Sprint(b.to)
			}
			got = append(got, s+b.unit)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q states %q, want %q", text, got, want)
		}
	}
}

// tableOf is a document of rows with the names of their columns.
func tableOf(columns string, rows ...string) corpus.Document {
	d := corpus.Document{Name: "table.csv", Title: "Table"}
	for i, row := range rows {
		d.Blocks = append(d.Blocks, corpus.Block{Number: i + 1, Start: len(d.Text), End: len(d.Text) + len(row), Columns: columns})
		d.Text += row + "\n"
	}
	return d
}

// indexOf is the lexical index of documents.
func indexOf(t *testing.T, e Enrichments, docs ...corpus.Document) *lexicalIndex {
	t.Helper()
	c, err := corpus.New(docs...)
	if err != nil {
		t.Fatal(err)
	}
	return newLexicalIndex(t.Context(), c, BM25{}, newVocabulary(words.English()), e)
}

func TestAFigureWithinARangeIsMet(t *testing.T) {
	metres := indexOf(t, nil, tableOf("Place | Length", "Old basin | 8 to 12 m", "Outer mole | over 12 m"))
	kilos := indexOf(t, nil, tableOf("Weight (kg) | Price", "up to 2 | 5.90", "2–5 | 8.90"))
	for _, test := range []struct {
		index    *lexicalIndex
		question string
		want     []bool // whether each row meets the figure
	}{
		{metres, "a boat of 14 metres", []bool{false, true}},
		{metres, "a boat of 10.5 m", []bool{true, false}},
		{metres, "a boat of 10 feet", []bool{false, false}},
		{metres, "a crew of 10", []bool{false, false}},
		{metres, "boats over 10 metres", []bool{false, false}},
		{kilos, "a parcel of 3 kilograms", []bool{false, true}},
		{kilos, "a parcel of 3 metres", []bool{false, false}},
		{kilos, "on 3 May", []bool{false, false}},
	} {
		q := test.index.analyse(test.question)
		m := newMatcher(test.index, q, true)
		for row, want := range test.want {
			met := false
			hit := m.sentence(int32(row), int32(row)).hit
			for i := range q.terms {
				met = met || q.terms[i].kind&numeral != 0 && hit&(1<<i) != 0
			}
			if met != want {
				t.Errorf("%q is met by row %d: %t", test.question, row, met)
			}
		}
	}
}

func TestAYearMeetsItsDecadeAndCentury(t *testing.T) {
	x := indexOf(t, nil, corpus.Plain("a.txt", "The mole was lengthened in 1977."))
	for question, want := range map[string]bool{
		"What was built in the seventies?":           true,
		"What was built in the 1970s?":               true,
		"What was built in the 1980s?":               false,
		"What was built in the eighties?":            false,
		"What was built in the 20th century?":        true,
		"What was built in the twentieth century?":   true,
		"What was built in the nineteenth century?":  false,
		"1970年代建造了什么?":                               true,
		"What was built in 1970?":                    false,
		"How many of the seventies' songs are heard": true,
	} {
		q := x.analyse(question)
		hit := newMatcher(x, q, true).sentence(0, 0).hit
		met := false
		for i := range q.terms {
			t := &q.terms[i]
			met = met || hit&(1<<i) != 0 && (t.kind&(numeral|numberWord) != 0 || decadeWords[t.text] > 0 || centuryWords[t.text] > 0)
		}
		if met != want {
			t.Errorf("%q: met %t", question, met)
		}
	}
}

func TestTheWordsAboveATableCountForItsRows(t *testing.T) {
	d := tableOf("Material | 2024", "Cast iron | 29")
	caption := "Table 1: Breaks per 100 kilometres of main"
	for i := range d.Blocks {
		b := &d.Blocks[i]
		b.Start, b.End, b.Number = b.Start+len(caption)+1, b.End+len(caption)+1, i+2
	}
	d.Blocks = append([]corpus.Block{{Kind: corpus.Caption, Number: 1, End: len(caption)}}, d.Blocks...)
	d.Text = caption + "\n" + d.Text
	x := indexOf(t, nil, d)
	q := x.analyse("How many breaks per 100 kilometres has cast iron?")
	hit := newMatcher(x, q, true).sentence(0, 0).hit
	for i := range q.terms {
		if hit&(1<<i) == 0 {
			t.Errorf("%q is not met", q.terms[i].text)
		}
	}
	if missing := q.missingWords(x); missing != nil {
		t.Errorf("missing are %q", missing)
	}
}
