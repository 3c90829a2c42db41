package retrieval

import (
	"slices"
	"strings"
	"testing"

	"footnote/retrieval/words"
)

func reportIndex(t *testing.T) *lexicalIndex {
	t.Helper()
	return newLexicalIndex(t.Context(), reportCorpus(t), BM25{}, newVocabulary(words.English()), Enrichments{})
}

func TestWhatAQuestionAsksFor(t *testing.T) {
	x := reportIndex(t)
	for _, test := range []struct {
		want      kind
		questions []string
	}{
		{kindPerson, []string{"Who is the founder of Meituan?", "whose company is it", "To whom was it sold?", "Who's the director?", "Which person said so?", "What author wrote it?", "谁创立了美团?"}},
		{kindDate, []string{"When was ChatGPT released?", "What year was it?", "In which month did it begin?", "什么时候发布的?"}},
		{kindPlace, []string{"Where is the headquarters?", "Which city is it in?", "What country leads?", "总部在哪里?"}},
		{kindNumber, []string{"How many models are there?", "How much does it cost?", "what percentage of firms", "How big is the market?", "what share of the market", "有多少个大模型?"}},
		{kindDuration, []string{"How long does training take?", "How old is the company?", "训练要多久?"}},
		{kindReason, []string{"Why did AI become popular?", "What reason did they give?", "For which reason?", "为什么会火?"}},
		{kindManner, []string{"How do startups make money?", "How does it work", "如何盈利?"}},
		{kindWhich, []string{"Which companies open sourced models?", "What models were named?", "哪些公司开源了模型?"}},
		{kindDefinition, []string{"What is a large model?", "what are parameters"}},
		{kindYesNo, []string{"Is it profitable?", "Did Meituan invest?", "are there any limits"}},
		{kindOther, []string{"Tell me about Huawei", "238", "", "What did he say?", "large models China", "大模型"}},
	} {
		for _, text := range test.questions {
			if got := x.analyse(text).kind; got != test.want {
				t.Errorf("%q is of kind %d, want %d", text, got, test.want)
			}
		}
	}
}

func TestTheFocusIsTheSortOfThingAskedFor(t *testing.T) {
	x := reportIndex(t)
	for text, want := range map[string]string{
		"Which industry-specific models were launched?": "industry specific models",
		"How many large models are there?":              "large models",
		"What companies were named?":                    "companies",
		"Tell me about Huawei":                          "",
		"":                                              "",
	} {
		q := x.analyse(text)
		var got []string
		for _, i := range q.focus {
			got = append(got, strings.ToLower(text[q.terms[i].start:q.terms[i].end]))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q has the focus %q, want %q", text, got, want)
		}
	}
}

func TestTheTermsOfAQuestion(t *testing.T) {
	x := reportIndex(t)
	q := x.analyse("How many large models did the Baichuan company and Quuxify release in 2023?")
	var texts, known, specific []string
	for i := range q.terms {
		term := &q.terms[i]
		text := q.text[term.start:term.end]
		texts = append(texts, text)
		if term.known() {
			known = append(known, text)
		}
		if term.specific() {
			specific = append(specific, text)
		}
		if term.background <= 0 || term.idf <= 0 {
			t.Errorf("%q weighs %v and %v", text, term.idf, term.background)
		}
	}
	if want := []string{"large", "models", "Baichuan", "company", "Quuxify", "release", "2023"}; !slices.Equal(texts, want) {
		t.Errorf("the terms are %q, want %q", texts, want)
	}
	if slices.Contains(known, "Quuxify") || !slices.Contains(known, "Baichuan") || !slices.Contains(known, "release") {
		t.Errorf("known are %q", known)
	}
	if want := []string{"Baichuan", "Quuxify", "2023"}; !slices.Equal(specific, want) {
		t.Errorf("specific are %q, want %q", specific, want)
	}
	if q := x.analyse("who is it?"); len(q.terms) == 0 {
		t.Error("a question of function words alone has no terms")
	}
}

func TestAnOverlongQuestionIsCutToWhatCanBeLookedAt(t *testing.T) {
	x := reportIndex(t)
	var b strings.Builder
	for row := range 3 * maxTerms {
		b.WriteString(words.English().Word(row*37) + " ")
	}
	q := x.analyse(b.String())
	m := newMatcher(x, q, true)
	if len(m.q.terms) > maxTerms {
		t.Errorf("%d terms", len(m.q.terms))
	}
	for _, list := range [][]int32{m.q.sequence, m.q.focus} {
		for _, i := range list {
			if int(i) >= len(m.q.terms) {
				t.Errorf("term %d of %d", i, len(m.q.terms))
			}
		}
	}
}
