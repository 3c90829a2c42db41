package cite

import (
	"slices"
	"strings"
	"testing"
)

func TestMarkersFindsBracketedNumbers(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []Marker
	}{
		{"", nil},
		{"no marker", nil},
		{"a [1].", []Marker{{1, 2, 5}}},
		{"a [12]", []Marker{{12, 2, 6}}},
		{"[1][2]", []Marker{{1, 0, 3}, {2, 3, 6}}},
		{"[[1]]", []Marker{{1, 1, 4}}},
		{"[1[2]]", []Marker{{2, 2, 5}}},
		{"说[3]。", []Marker{{3, 3, 6}}},
		{"[0]", []Marker{{0, 0, 3}}},
		{"[007]", []Marker{{0, 0, 5}}},
		{"[٣]", []Marker{{0, 0, 4}}},
		{"[1234567890]", []Marker{{0, 0, 12}}},
		{"[1", nil},
		{"1]", nil},
		{"[]", nil},
		{"[a]", nil},
		{"[1a]", nil},
		{"[ 1]", nil},
		{"[-1]", nil},
		{"[1,2] [1, 2]", nil},
		{"[1.5]", nil},
		{"［1］", nil},
	} {
		if got := Markers(tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("Markers(%q) = %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestEscapeMakesTextFitToBeShown(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", ""},
		{"As it is: [citation needed] (2).", "As it is: [citation needed] (2)."},
		{"The Normans[12] were[0] here.[a]", "The Normans(12) were(0) here.[a]"},
		{"[[3]] [4][٥]", "[(3)] (4)(٥)"},
		{"one \r\n  two\n\nthree", "one two three"},
		{"大型\n模型，\n很多 AI\n模型", "大型模型，很多 AI 模型"},
		{"\nedges\n", "edges"},
		{"wide \t  spaces\tand  tabs", "wide spaces and tabs"},
		{"| 1850 |   12   |", "1850 | 12"},
		{"|1850|12 \\| 13|[2]|", "1850 | 12 \\| 13 | (2)"},
		{"| 1851 |      |   |", "1851"},
		{"|  | 12 |", " | 12"},
		{"| one |", "one"},
		{"| a | A sentence of a cell.", "a | A sentence of a cell."},
		{"1852 | 9   |  10", "1852 | 9 | 10"},
		{"Its second sentence. |", "Its second sentence."},
		{"|x|", "|x|"},
		{"|x| is the norm of x.", "|x| is the norm of x."},
		{"The norm |x| of x || y", "The norm |x| of x || y"},
		{"||", "||"},
	} {
		if got := Escape(tt.text); got != tt.want {
			t.Errorf("Escape(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func FuzzMarkers(f *testing.F) {
	f.Add("a [1][2] [[3]] [0] [٣]\n[1")
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		for _, m := range Markers(text) {
			if m.Start < at || text[m.Start] != '[' || text[m.End-1] != ']' || strings.ContainsAny(text[m.Start+1:m.End-1], "[] ") {
				t.Fatalf("marker %v of %q", m, text)
			}
			at = m.End
		}
		if escaped := Escape(text); len(Markers(escaped)) != 0 {
			t.Fatalf("Escape(%q) = %q holds a marker", text, escaped)
		}
	})
}
