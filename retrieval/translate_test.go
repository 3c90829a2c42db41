package retrieval

import (
	"slices"
	"strings"
	"testing"

	"footnote/corpus"
)

func TestChineseQuestionsAreCutIntoWords(t *testing.T) {
	for question, want := range map[string]string{
		"参观果园的团队最多可以有多少人？":    "参观 果园 的 团队 最多 人",
		"会员费一年多少英镑？":          "会员 费 一 年 英镑",
		"Silverpil 晚上从哪里出发？":  "晚上 从 出发",
		"2024年图书馆有多少本书？":      "图书馆 本 书",
		"How many are there?": "",
		"？！":                  "",
	} {
		var got []string
		for _, w := range chineseWords(question) {
			got = append(got, question[w.Start:w.End])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q is cut into %q, want %q", question, got, want)
		}
	}
}

func TestChineseWordsAreReadInEnglish(t *testing.T) {
	english := corpus.Plain("a.txt", "Members pay a fee of 15 pounds each year.\n\nThe library is closed.")
	mixed := corpus.Plain("b.txt", english.Text+"\n\n果园全年开放。")
	chinese := corpus.Plain("c.txt", "果园全年开放，从日出到日落，不收门票。")
	enriched := Enrichments{TextKey("The library is closed."): {Questions: []ExpectedQuestion{{Text: "图书馆开着吗？", Language: "zh"}}}}
	for name, test := range map[string]struct {
		document corpus.Document
		enriched Enrichments
		question string
		want     []string // English words in the question's order
	}{
		"English":                     {english, nil, "会员每年付多少英镑？", []string{"member", "year", "pay", "pound", "sterling"}},
		"a name stays":                {english, nil, "Silverpil 图书馆关闭了吗？", []string{"silverpil", "library", "close"}},
		"figures stay":                {english, nil, "2024年图书馆", []string{"2024", "library"}},
		"partly in Chinese":           {mixed, nil, "会员可以参观果园吗？", []string{"member", "visit"}},
		"in Chinese":                  {chinese, nil, "图书馆有多少会员？", nil},
		"enriched in Chinese":         {english, enriched, "会员每年付多少英镑？", nil},
		"what is in no dictionary":    {english, nil, "龥龥龥", nil},
		"a question that is English":  {english, nil, "Who pays?", nil},
		"nothing but a question word": {english, nil, "多少？", nil},
	} {
		t.Run(name, func(t *testing.T) {
			x := indexOf(t, test.enriched, test.document)
			q := x.analyse(test.question)
			var got []string
			if q.inEnglish() != "" {
				got = strings.Fields(q.inEnglish())
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEachMeaningOfAChineseWordMeetsIt(t *testing.T) {
	for _, said := range []string{"The captain is old.", "The skipper is old."} {
		x := indexOf(t, nil, corpus.Plain("a.txt", said))
		q := x.analyse("船长是谁？")
		if len(q.terms) != 1 {
			t.Fatalf("%d terms", len(q.terms))
		}
		if m := newMatcher(x, q, true).sentence(0, 0); m.hit != 1 || m.background != 1 {
			t.Errorf("%q: %+v", said, m)
		}
	}
}

func TestWhatIsMissingOfAChineseQuestion(t *testing.T) {
	x := indexOf(t, nil, corpus.Plain("a.txt", "The orchard at Pell Lane is old, and members of the club visit its ninety trees each Saturday between spring and harvest, when the press house stays open late for children.\n\n果园全年开放，从日出到日落，不收门票，每团最多十五人。"))
	for question, want := range map[string][]string{
		"参观果园的团队最多可以有多少人？": {"团队"},
		"果园有没有火车站？":        {"火车站"},
		"龥龥龥在果园吗？":         nil,
		"果园开放吗？":           nil,
	} {
		if got := x.analyse(question).missingWords(x); !slices.Equal(got, want) {
			t.Errorf("%q: missing are %q, want %q", question, got, want)
		}
	}
	english := indexOf(t, nil, corpus.Plain("a.txt", "The orchard is old."))
	if got := english.analyse("果园有没有火车站？").missingWords(english); got != nil {
		t.Errorf("an English text lacks %q", got)
	}
}
