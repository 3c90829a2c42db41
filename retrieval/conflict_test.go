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
		{"Why did the fish on the quay decline?", "decline"},
		{"Why is fish sold on the quay?", ""},
		{"How is fish sold?", ""},
		{"By how much did grain exports of the harbour rise or fall, in percent?", ""},
		{"Did grain exports of the harbour fall when Anna Berg was mayor?", ""},
		{"Why did grain exports of the harbour rise by more than 30 percent?", ""},
		{"What did the mayor Anna Berg announce about grain exports since 1980?", ""},
		{"Which merchants other than those of Velden were surprised by the grain exports of the harbour?", ""},
		{"What did the mayor Anna Berg announce about grain exports in May 1984?", "May"},
		{"Who is the mayor, what did she announce about grain exports in 1987, when did she close the customs house, and where is fish sold?", ""},
		{"", ""},
	} {
		r, err := ix.Search(t.Context(), test.question, 5)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if r.Conflict != nil {
			got = r.Conflict.Asked
			if s := r.Conflict.Sentence; s.Passage.Text[s.Start-s.Passage.Start:s.End-s.Passage.Start] != s.Text {
				t.Errorf("%q: the sentence is not where it says", test.question)
			}
		}
		if got != test.word {
			t.Errorf("%q: the conflict is about %q, want %q", test.question, got, test.word)
		}
	}
}

func TestTheReportIsNotMadeToSayOtherThings(t *testing.T) {
	ix := open(t, reportCorpus(t), retrieval.Options{})
	for question, word := range map[string]string{
		"Why does Gartner predict that generative AI adoption will fall by 2026?":                       "fall",
		"What was the size of China's large language model market in 2020?":                             "2020",
		"Why did the market's enthusiasm for big models rise in the second half of the year?":           "rise",
		"2020年中国大语言模型市场规模是多少？":                                                                          "2020",
		"中国大语言模型今年的市场规模预计有多大？":                                                                          "",
		"How many large models had been released in China by October?":                                  "",
		"Which model had a parameter scale of more than 100 million when AI Go defeated human players?": "",
		"Who is the CEO of Baichuan Intelligent, and who is the CEO of Baidu?":                          "",
	} {
		r, err := ix.Search(t.Context(), question, 5)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if r.Conflict != nil {
			got = r.Conflict.Asked
		}
		if got != word {
			t.Errorf("%q: the conflict is about %q, want %q", question, got, word)
		}
	}
}
