package corpus

import (
	"slices"
	"strings"
	"testing"
)

func TestTablesAndListsAreIntroduced(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("word ", 30))
	for name, test := range map[string]struct {
		blocks []string // "# " a heading, "! " a caption, "= " a row of a table with names, "- " an item of a list
		want   []string // of each paragraph
	}{
		"a caption above a table":        {[]string{"! Table 1: Breaks per 100 km", "= a | 1", "= b | 2"}, []string{"Table 1: Breaks per 100 km", "Table 1: Breaks per 100 km"}},
		"a short paragraph above one":    {[]string{"Dues are in euros.", "= a | 1"}, []string{"", "Dues are in euros."}},
		"both, where it ends so":         {[]string{"These are the dues:", "! Table 1: Dues", "= a | 1"}, []string{"", "These are the dues:\nTable 1: Dues"}},
		"a caption below other text":     {[]string{"The town is old.", "! Table 1: Dues", "= a | 1"}, []string{"", "Table 1: Dues"}},
		"a long paragraph tells its own": {[]string{long, "= a | 1"}, []string{"", ""}},
		"the row of names is none":       {[]string{"Dues:", "! | Place | Dues |", "= a | 1"}, []string{"", "Dues:"}},
		"a credit says nothing":          {[]string{"! Source: the town", "= a | 1"}, []string{""}},
		"a heading ends it":              {[]string{"Dues:", "# Places", "= a | 1"}, []string{"", ""}},
		"a list below a colon":           {[]string{"Nobody may:", "- swim", "- fish", "It is safe."}, []string{"", "Nobody may:", "Nobody may:", ""}},
		"a list below a sentence":        {[]string{"It is safe.", "- swim"}, []string{"", ""}},
		"text between two tables":        {[]string{"Dues:", "= a | 1", "Fines:", "= b | 2"}, []string{"", "Dues:", "", "Fines:"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := Document{Name: "a.md"}
			for i, text := range test.blocks {
				b := Block{Number: i + 1}
				switch text[:2] {
				case "# ":
					b.Kind, b.Level, text = Heading, 1, text[2:]
				case "! ":
					b.Kind, text = Caption, text[2:]
				case "= ":
					b.Columns, text = "Place | Dues", text[2:]
				case "- ":
					d.Text += "- "
					text = text[2:]
				}
				b.Start = len(d.Text)
				d.Text += text
				b.End = len(d.Text)
				d.Text += "\n"
				d.Blocks = append(d.Blocks, b)
			}
			var got []string
			for _, p := range Segment(d) {
				got = append(got, p.Lead)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
