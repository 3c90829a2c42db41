package words

import (
	"testing"
)

func TestKinOfWords(t *testing.T) {
	table, kin := English(), EnglishKin()
	for _, test := range []struct {
		a, b string
		want Kinship
	}{
		{"vanish", "disappear", Synonym}, {"warranty", "guarantee", Synonym}, {"invade", "invasion", Synonym},
		{"france", "french", Synonym}, {"firm", "business", Wider}, {"business", "firm", Narrower},
		{"rise", "fall", Opposite}, {"fall", "rise", Opposite}, {"increase", "decrease", Opposite}, {"harbor", "poem", 0},
	} {
		var got Kinship
		kin.Each(table.Row(test.a), func(other int, how Kinship) {
			if table.Word(other) == test.b {
				got |= how
			}
		})
		if test.want == 0 && got != 0 || got&test.want != test.want {
			t.Errorf("%s to %s: %b, want %b", test.a, test.b, got, test.want)
		}
	}
	for word, base := range map[string]string{"firms": "firm", "stopped": "stop", "invaded": "invade", "heavier": "heavy", "carries": "carry", "king": "king"} {
		if got := table.Word(kin.Base(table.Row(word))); got != base {
			t.Errorf("the base form of %s is %s, want %s", word, got, base)
		}
	}
	sisters := func(a, b string) bool {
		classes := map[int]bool{}
		kin.Classes(table.Row(a), func(class int) { classes[class] = true })
		found := false
		kin.Classes(table.Row(b), func(class int) { found = found || classes[class] })
		return found
	}
	if !sisters("october", "december") || sisters("october", "harbor") {
		t.Error("October should be a sister of December, and of no harbor")
	}
}

// Every number in the file has to lie within the tables.
func TestTheRelationsAreWhole(t *testing.T) {
	kin, n := EnglishKin(), English().Len()
	if kin.n != n {
		t.Fatalf("%d words, the table has %d", kin.n, n)
	}
	pairs := 0
	for row := range n {
		if base := kin.Base(row); base >= n {
			t.Fatalf("row %d has the base %d", row, base)
		}
		kin.Each(row, func(other int, how Kinship) {
			pairs++
			if other >= n || how == 0 || how >= Sister {
				t.Fatalf("row %d is related to %d by %b", row, other, how)
			}
		})
		kin.Classes(row, func(int) {})
	}
	if pairs < 100_000 {
		t.Errorf("only %d relations", pairs)
	}
}

func TestEncodeKin(t *testing.T) {
	k := parseKin(string(EncodeKin([]Relations{
		{Base: 1, Others: map[int]Kinship{}},
		{Base: 1, Others: map[int]Kinship{2: Opposite, 0: Synonym | Wider}, Classes: []int{7, 9}},
		{Base: 2, Others: map[int]Kinship{}, Classes: []int{9}},
	})))
	got := map[int]Kinship{}
	k.Each(0, func(other int, how Kinship) { got[other] = how }) // by its base form
	if len(got) != 2 || got[2] != Opposite || got[0] != Synonym|Wider {
		t.Errorf("the relations are %v", got)
	}
	var classes []int
	for row := range 3 {
		k.Classes(row, func(class int) { classes = append(classes, class) })
	}
	if len(classes) != 5 || classes[0] != 7 || classes[4] != 9 {
		t.Errorf("the classes are %v", classes)
	}
}
