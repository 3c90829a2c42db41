package bot

import (
	"strings"
	"testing"
	"time"

	"footnote/corpus"
	"footnote/retrieval"
)

func TestAboutDocumentKnowsQuestionsAboutTheReportItself(t *testing.T) {
	for question, want := range map[string]property{
		"When was this report published?":        writtenWhen,
		"when was the document written":          writtenWhen,
		"What is the date of this document?":     writtenWhen,
		"What's the report's date?":              writtenWhen,
		"What year is the report from?":          writtenWhen,
		"When did the report come out?":          writtenWhen,
		"How old is this article?":               writtenWhen,
		"How long ago was the report published?": writtenWhen,
		"Is this report from 2022?":              writtenWhen,
		"Was the report written in 2023?":        writtenWhen,
		"Is the report dated?":                   writtenWhen,
		"Who wrote this report?":                 writtenBy,
		"Who is the author?":                     writtenBy,
		"Who's the author of the text?":          writtenBy,
		"Who are the report's authors?":          writtenBy,
		"Who was the report written by?":         writtenBy,
		"What is the name of the author?":        writtenBy,
		"How long is the report?":                asLongAs,
		"How many words does the document have?": asLongAs,
		"What is the length of the text?":        asLongAs,
		"What is the title?":                     entitled,
		"What is the title of this report?":      entitled,
		"What is this report called?":            entitled,
		"title":                                  entitled,
		"这份报告是什么时候发布的？":                          writtenWhen,
		"报告的日期是什么":                               writtenWhen,
		"这份报告是2022年的吗？":                          writtenWhen,
		"谁写了这份报告？":                               writtenBy,
		"报告的作者是谁？":                               writtenBy,
		"作者是谁？":                                  writtenBy,
		"这份报告有多长？":                               asLongAs,
		"报告有多少字":                                 asLongAs,
		"标题是什么？":                                 entitled,
		"这篇文章的题目是什么？":                            entitled,

		"When was it published?":                       noProperty,
		"When was GPT-4 released?":                     noProperty,
		"When was the Gartner report published?":       noProperty,
		"Which reports did Gartner publish?":           noProperty,
		"How many reports were published in 2022?":     noProperty,
		"When is a report published?":                  noProperty,
		"Who wrote it?":                                noProperty,
		"Who wrote the preface of the report?":         noProperty,
		"Who is named in the report?":                  noProperty,
		"Who is the author of the song?":               noProperty,
		"What year does the report mention?":           noProperty,
		"What does the report say?":                    noProperty,
		"What is the report about?":                    noProperty,
		"How long is the bridge?":                      noProperty,
		"How long did the report take?":                noProperty,
		"What is the title of the song?":               noProperty,
		"What did the report from 2022 find on chips?": noProperty,
		"When?": noProperty,
		"2022":  noProperty,
		"":      noProperty,
		"报告中的公司什么时候发布大模型？": noProperty,
		"大模型是什么时候发布的？":     noProperty,
		"什么时候发布的？":         noProperty,
		"报告说了什么？":          noProperty,
	} {
		if got, _ := aboutDocument(question); got != want {
			t.Errorf("%q asks for %d, want %d", question, got, want)
		}
	}
}

func TestAskSaysWhatIsKnownOfTheReport(t *testing.T) {
	const text = "The mill burned down one day, and it was not built again in all the years that followed.\n"
	inferred := corpus.Plain("report.txt", strings.Repeat("In 2023 it grew. ", 3)+"This year it fell.\n")
	dated := corpus.Plain("mill.txt", "---\ntitle: The mill [1]\nauthor: Jane Doe\ndate: 2021-03-04\n---\n"+text)
	plain := corpus.Plain("mill.txt", text)
	plain.Date = time.Time{}
	for _, tt := range []struct {
		document corpus.Document
		question string
		want     string
		refused  bool
	}{
		{inferred, "When was this report written?", "It carries no date; from the years it mentions it seems to be from 2023.", false},
		{inferred, "Is this report from 2022?", "It carries no date; from the years it mentions it seems to be from 2023, not from 2022.", false},
		{inferred, "Is this report from 2023?", "It carries no date; from the years it mentions it seems to be from 2023.", false},
		{inferred, "这份报告是什么时候写的？", "它没有注明日期；从文中提到的年份看，大约写于2023年。", false},
		{inferred, "What is the title?", "It carries no title. Its file is called “report.txt”.", false},
		{inferred, "Who wrote this report?", "The report does not say who wrote it.", true},
		{inferred, "作者是谁？", "报告没有说明作者是谁。", true},
		{dated, "When was the text published?", "It is dated 2021-03-04.", false},
		{dated, "Is this report from 2022?", "No, it is dated 2021-03-04.", false},
		{dated, "这份报告是2021年的吗？", "是的，它的日期是2021-03-04。", false},
		{dated, "Who is the author?", "It gives its author as “Jane Doe”.", false},
		{dated, "谁写了这份报告？", "署名作者是“Jane Doe”。", false},
		{dated, "title", "Its title is “The mill (1)”.", false},
		{dated, "How long is the report?", "It has about 18 words in one paragraph.", false},
		{plain, "What is the date of this document?", "The report carries no date.", true},
		{corpus.Plain("a.txt", strings.Repeat(text, 70)), "这份报告有多长？", "它约有1,300个单词，共70段。", false},
		{corpus.Plain("a.txt", "磨坊烧毁了，此后再也没有重建。"), "报告有多少字？", "它约有13字，共1段。", false},
	} {
		e := NewEngine(corpusOf(t, tt.document), nil, draftFrom(func(string, *retrieval.Result) (Draft, error) { panic("nothing is looked up") }), EngineOptions{})
		a := ask(t, e, tt.question)
		outcome := Social
		if tt.refused {
			outcome = NotFound
		}
		if a.Text != tt.want || a.Refused != tt.refused || a.Outcome != outcome || a.Confidence != 0 || len(a.Citations) > 0 {
			t.Errorf("%q: %s, refused %t: %q, want %q", tt.question, a.Outcome, a.Refused, a.Text, tt.want)
		}
	}
}

func TestTheReportIsNoneOfSeveralDocuments(t *testing.T) {
	plain := corpus.Plain("ice.txt", "The ice closed the bay every winter.")
	s := &wordSearch{confidence: 0.8, corpus: corpusOf(t, portDocument(), plain)}
	a := ask(t, NewEngine(s.corpus, s, draftFrom(quoteBest), EngineOptions{}), "When was the report written?")
	if len(s.queries) != 1 || a.Outcome != Answered {
		t.Errorf("searched %q, got %+v", s.queries, a)
	}
}
