package retrieval

import (
	"slices"
	"testing"

	"footnote/retrieval/words"
)

func TestAQuestionIsCutIntoItsParts(t *testing.T) {
	x := newLexicalIndex(t.Context(), reportCorpus(t), BM25{}, newVocabulary(words.English()), nil)
	for question, want := range map[string][]string{
		"How many models were released, and what is the market size?": {"How many models were released, and", "what is the market size?"},
		"Who is Li Qing and what does he say about oligarchy?":        {"Who is Li Qing and", "what does he say about oligarchy?"},
		"Who founded Baichuan? When did Huawei release Pangu?":        {"Who founded Baichuan?", "When did Huawei release Pangu?"},
		"谁创办了百川？华为什么时候发布盘古？":                                          {"谁创办了百川？", "华为什么时候发布盘古？"},
		"Which sector adopted these models first, and why?":           nil,
		"What is the market size and growth rate?":                    nil,
		"Compare the parameter counts of BERT, GPT-3 and GPT-4.":      nil,
		"Who said what about the gap?":                                nil,
		"Why?":                                                        nil,
		"":                                                            nil,
	} {
		got, several := x.splitParts(question)
		if !slices.Equal(got, want) || several != (want != nil) {
			t.Errorf("%q: %q, want %q", question, got, want)
		}
	}
}
