package retrieval

import (
	"strings"
	"testing"

	"footnote/corpus"
	"footnote/retrieval/words"
)

func TestEverydayRelations(t *testing.T) {
	for _, test := range []struct {
		asked, said string
		related     bool
	}{
		{"How fast may I go?", "The speed limit is three.", true},
		{"How heavy is it?", "Its weight is 4.", true},
		{"Who runs the harbour?", "The harbour master is Vik.", true},
		{"Who runs the harbour?", "The operator is a company.", true},
		{"What does it cost to borrow the press?", "It is lent to members.", true},
		{"Where can I buy one?", "They are sold at the shop.", true},
		{"By how much was it extended?", "It was lengthened in 1977.", true},
		{"Who borrows the press?", "The press is large.", false},
		{"How fast is it?", "Its weight is 4.", false},
	} {
		x := indexOf(t, nil, corpus.Plain("a.txt", test.said))
		m := newMatcher(x, x.analyse(test.asked), true)
		found := false
		for i, a := range m.affinities(x.sentences) {
			if a.kin&words.Usual != 0 {
				found = true
				if a.near < 0.6 {
					t.Errorf("%q: %q is near by %.2f", test.asked, m.q.terms[i].text, a.near)
				}
			}
		}
		if found != test.related {
			t.Errorf("%q and %q: related %t", test.asked, test.said, found)
		}
	}
}

// A word that English does not have would be without effect.
func TestEverydayWordsAreKnown(t *testing.T) {
	for _, w := range strings.Fields(strings.ReplaceAll(everydayWords, ":", " ")) {
		if words.English().Row(w) < 0 {
			t.Errorf("%q is not in the table", w)
		}
	}
}
