package retrieval

import (
	"slices"
	"testing"

	"footnote/corpus"
	"footnote/retrieval/words"
)

func TestChineseQuestionWords(t *testing.T) {
	for question, want := range map[string]kind{
		"栗河镇什么时候有了电？": kindDate, "多少家厂商通过了备案": kindNumber, "谁说差距在拉大？": kindPerson, "为什么热度下降？": kindReason,
		"市场规模有多大": kindNumber, "哪个行业最先采用？": kindWhich, "工厂在哪里？": kindPlace, "修了多久": kindDuration, "修了多少年": kindDuration, "什么是涌现": kindDefinition,
		"大模型": kindOther, "": kindOther, "Who?": kindOther,
	} {
		if got := chineseQuestion(question); got != want {
			t.Errorf("%q: %d, want %d", question, got, want)
		}
		if blank := withoutQuestionWords(question); len(blank) != len(question) {
			t.Errorf("%q has another length without its question words: %q", question, blank)
		}
	}
	if got, want := withoutQuestionWords("镇上什么时候有了电"), "镇上            有了电"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestChineseFiguresAndMonthsReadAsInEnglish(t *testing.T) {
	for text, want := range map[string][]string{
		"132.3亿元":     {"13.23", "billion", "元"},
		"3.5万人":       {"35000", "人"},
		"350万":        {"3.5", "million"},
		"1.8万亿参数":     {"1.8", "trillion", "亿参", "参数"},
		"10月":         {"october"},
		"2023年12月15日": {"2023", "december", "15"},
		"13月":         {"13"},
		"十二月":         {"十二", "二月", "december"},
		"五月节":         {"五月", mayMonth, "月节"},
		"月":           {"月"},
		"1911年镇上":     {"1911", "镇上"},
	} {
		var got []string
		Tokenize(text, func(tok Token) {
			got = append(got, tok.Surface)
			if tok.Start < 0 || tok.End > len(text) || tok.Start >= tok.End {
				t.Errorf("%q: %q is at %d to %d", text, tok.Surface, tok.Start, tok.End)
			}
		})
		if !slices.Equal(got, want) {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

func TestHanNumber(t *testing.T) {
	for text, want := range map[string]int{"十": 10, "十二": 12, "二十": 20, "九十九": 99, "三": 3, "〇": 0} {
		if got, ok := hanNumber(text); !ok || got != want {
			t.Errorf("%s is %d, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "十十", "百", "三三", "a", "二三十"} {
		if got, ok := hanNumber(text); ok {
			t.Errorf("%q is %d", text, got)
		}
	}
}

// Pairs of characters that only stand side by side are no words that a text
// could lack.
func TestPairsAcrossWordsAreNotMissed(t *testing.T) {
	c, err := corpus.New(corpus.Plain("a.txt", "造纸的作坊有四十六家。\n\n工匠潘阿福带领大家建造石桥。\n\n1911年的县志有记载。"))
	if err != nil {
		t.Fatal(err)
	}
	x := newLexicalIndex(t.Context(), c, BM25{}, newVocabulary(words.English()), Enrichments{})
	q := x.analyse("石桥是哪位工匠带领建造的？1911年镇上有多少火车？")
	for i := range q.terms {
		if text := q.terms[i].text; text == "匠带" || text == "领建" || text == "年镇" {
			t.Errorf("%q counts as a word", text)
		}
	}
	if got := q.missingWords(x); !slices.Equal(got, []string{"火车"}) {
		t.Errorf("missing are %q", got)
	}
}

func TestCharactersInOtherPairsCountInPart(t *testing.T) {
	c, err := corpus.New(corpus.Plain("a.txt", "坐渡船不收银钱。\n\n工厂造机器。"))
	if err != nil {
		t.Fatal(err)
	}
	x := newLexicalIndex(t.Context(), c, BM25{}, newVocabulary(words.English()), Enrichments{})
	m := newMatcher(x, x.analyse("付船钱"), true)
	near := func(passage int32, pair string) float32 {
		for i, a := range m.affinities(x.passageSentences(passage)) {
			if m.q.terms[i].text == pair {
				return a.near
			}
		}
		t.Fatalf("%q is not in the question", pair)
		return 0
	}
	if both, one, none := near(0, "船钱"), near(0, "付船"), near(1, "船钱"); both <= one || one <= 0 || none != 0 {
		t.Errorf("both characters %g, one %g, none %g", both, one, none)
	}
}

func FuzzChineseQuestions(f *testing.F) {
	for _, s := range []string{"什么时候132.3亿", "十二月", "12月", "９月万", "\xff月", "1亿亿", "99999999999999999999999999万"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := withoutQuestionWords(text); len(got) != len(text) {
			t.Fatalf("%q became %q", text, got)
		}
		for _, at := range chineseParts(text) {
			if at <= 0 || at >= len(text) {
				t.Fatalf("%q: a part starts at %d", text, at)
			}
		}
		Tokenize(text, func(tok Token) {
			if tok.Start < 0 || tok.Start >= tok.End || tok.End > len(text) || tok.Surface == "" {
				t.Fatalf("%q: %+v", text, tok)
			}
		})
	})
}
