package retrieval_test

import (
	"testing"

	"footnote/corpus"
	"footnote/retrieval"
)

func TestWhatAQuestionTakesForGrantedIsHeldAgainstTheCorpus(t *testing.T) {
	c, err := corpus.New(corpus.Plain("a.txt", `The harbour and its trade.

The mayor Anna Berg announced in March 1984 that grain exports of the harbour rose by 40 percent, which surprised the merchants of Delmar.

The harbour of Velden opened a school for pilots, and Anna Berg closed the old customs house in June 1991.

Fish is sold on the quay every morning, and the ice comes from the plant behind the market hall.`))
	if err != nil {
		t.Fatal(err)
	}
	ix := open(t, c, retrieval.Options{})
	for _, test := range []struct{ question, word string }{
		{"Why did grain exports of the harbour fall by 40 percent?", "fall"},
		{"Why did grain exports of the harbour rise by 60 percent?", "60"},
		{"What did the mayor Anna Berg announce about grain exports in April 1984?", "April"},
		{"What did the mayor Anna Berg announce about grain exports in March 1987?", "1987"},
		{"Which old customs house did Delmar's Anna Berg close in June 1991?", "Delmar"},

		{"Why did grain exports of the harbour rise by 40 percent?", ""},
		{"Did grain exports of the harbour fall?", ""}, // leaves it open
		{"What did the mayor Anna Berg announce about grain exports?", ""},
		{"When did Anna Berg close the old customs house?", ""},
		{"How is fish sold?", ""},
		{"", ""},
	} {
		r, err := ix.Search(t.Context(), test.question, 5)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if r.Conflict != nil {
			got = r.Conflict.Asked
			if r.Confidence > 0.15 {
				t.Errorf("%q: the confidence is %g", test.question, r.Confidence)
			}
			if s := r.Conflict.Sentence; s.Passage.Text[s.Start-s.Passage.Start:s.End-s.Passage.Start] != s.Text {
				t.Errorf("%q: the sentence is not where it says", test.question)
			}
		}
		if got != test.word {
			t.Errorf("%q: the conflict is about %q, want %q", test.question, got, test.word)
		}
	}
}
