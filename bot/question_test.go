package bot

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanRemovesWhatCannotBeMeant(t *testing.T) {
	for _, tt := range []struct{ question, want string }{
		{"  who?\r\n", "who?"},
		{"who\x00 did\x1b[31m it", "who  did [31m it"},
		{"who\xff is", "who  is"},
		{"a\u200bb\u202ec\ufeff", "abc"},
		{"two\nlines", "two\nlines"},
		{"\t\n", ""},
	} {
		got, shortened := clean(tt.question)
		if got != tt.want || shortened {
			t.Errorf("clean(%q) = %q, %v, want %q", tt.question, got, shortened, tt.want)
		}
	}
}

func TestCleanKeepsBothEndsOfALongQuestion(t *testing.T) {
	got, shortened := clean("起 " + strings.Repeat("é", 5000) + " end?")
	if !shortened || !strings.HasPrefix(got, "起 é") || !strings.HasSuffix(got, "é end?") {
		t.Errorf("got %d characters, shortened %v", utf8.RuneCountInString(got), shortened)
	}
	if n := utf8.RuneCountInString(got); n > maxQuestion+1 {
		t.Errorf("%d characters are left of a long question", n)
	}
	if _, shortened := clean(strings.Repeat("é", maxQuestion)); shortened {
		t.Error("a question of just the allowed length was shortened")
	}
}

func TestSplitCourtesyTellsCourtesiesFromQuestions(t *testing.T) {
	for _, tt := range []struct {
		message  string
		kind     courtesy
		question string
	}{
		{"", silence, ""},
		{"?!", silence, ""},
		{"hi", greeting, ""},
		{"Hello there!", greeting, ""},
		{"Good morning, everyone", greeting, ""},
		{"你好", greeting, ""},
		{"您好！", greeting, ""},
		{"help", help, ""},
		{"Help, please.", help, ""},
		{"Hi! What can you do?", help, ""},
		{"帮助", help, ""},
		{"你能做什么？", help, ""},
		{"Thanks!", thanks, ""},
		{"Thank you so much", thanks, ""},
		{"ok, great, thanks a lot", thanks, ""},
		{"谢谢你！", thanks, ""},
		{"Bye", goodbye, ""},
		{"Thanks, bye!", goodbye, ""},
		{"再见", goodbye, ""},
		{"谢谢，再见。", goodbye, ""},
		{"what's up?", greeting, ""},

		{"help me understand the market size", noCourtesy, "help me understand the market size"},
		{"What can you do about inflation?", noCourtesy, "What can you do about inflation?"},
		{"who are you citing?", noCourtesy, "who are you citing?"},
		{"thanks, and who said that?", noCourtesy, "who said that?"},
		{"Thank you very much. Who said that?", noCourtesy, "Who said that?"},
		{"Hi all, when was it built?", noCourtesy, "when was it built?"},
		{"hey who is Li Qing", noCourtesy, "who is Li Qing"},
		{"Hello, help me find the date", noCourtesy, "help me find the date"},
		{`thanks! "Open source" means what?`, noCourtesy, `"Open source" means what?`},
		{"Who said that? Thanks!", noCourtesy, "Who said that?"},
		{"Who said that, thanks everyone", noCourtesy, "Who said that"},
		{"谢谢，那是谁说的？", noCourtesy, "那是谁说的？"},
		{"你好 市场规模是多少", noCourtesy, "市场规模是多少"},
		{"Hello Kitty sales", noCourtesy, "Hello Kitty sales"},
		{"thanks giving customs", noCourtesy, "thanks giving customs"},
		{"Great Britain", noCourtesy, "Great Britain"},
		{"Good morning America", noCourtesy, "Good morning America"},
		{"all the models", noCourtesy, "all the models"},
		{"please list the models", noCourtesy, "please list the models"},
		{"who?", noCourtesy, "who?"},
	} {
		kind, question := splitCourtesy(tt.message)
		if kind != tt.kind || question != tt.question {
			t.Errorf("splitCourtesy(%q) = %d, %q, want %d, %q", tt.message, kind, question, tt.kind, tt.question)
		}
	}
}

func TestAboutWholeKnowsQuestionsAboutTheWhole(t *testing.T) {
	for _, question := range []string{
		"What is this report about?", "what's it about", "What's it all about?", "Tell me what this is about.",
		"tell me about the report", "What does the report say?", "What does it talk about?", "What is in the document?",
		"Summarise it", "summarize the document", "Please summarize this article in three sentences.", "Summarise",
		"Can you summarise it for me, please?", "sum up the report", "Sum it up.", "summary", "A short summary of the report, please",
		"Give me an overview", "I'd like a quick overview of the paper", "overview please", "tl;dr", "TLDR of the report",
		"What are the main points?", "main points", "What is the main idea of the text?", "What are the key takeaways?",
		"What are the five main points?", "list the main ideas", "What are the key findings of this report?", "the gist",
		"what topics does it cover?", "Which topics are covered in the report?", "What are the topics?", "What sections does it have?",
		"table of contents", "show me the table of contents", "How is the report structured?",
		"what is the title?", "What is the title of this report?", "title", "What's the report's title?",
		"What is this?", "What is this document?", "Describe the document", "What are these documents about?",
		"这份报告讲了什么", "总结一下", "请概括这篇文章的主要内容。", "报告说了什么？", "这篇文章的标题是什么", "主要内容有哪些？",
		"这份文档讲了什么？", "这些文档讲了什么？", "有哪些主题？", "主要讲了什么？", "這份報告講了什麼", "目录", "这是什么报告？",
	} {
		if !aboutWhole(question) {
			t.Errorf("%q was not taken for a question about the whole", question)
		}
	}
}

func TestAboutWholeLeavesTopicsToTheSearch(t *testing.T) {
	for _, question := range []string{
		"", "it", "report", "what is it?", "who?",
		"Summarise what it says about chips", "What is this chapter on elimination about", "What is this chapter about?",
		"summary of the harbour's history", "Give me an overview of the market", "What are the main points of Li Qing?",
		"What does it say about this?", "What does the report say about its conclusions?", "What does the report say about AI?",
		"tell me about it", "What are the findings?", "What is an outline?", "What's a summary?", "What is a summary judgment?",
		"What is the title of the song?", "What was his title?", "Who wrote the report?", "When was the report published?",
		"How long is the report?", "How many documents are there?", "What does the table say?", "What is its structure?",
		"Is the main harbour in the report?", "Which reports did Gartner publish?", "What is the sum?", "Why?",
		"What does this mean?", "what about the report?", "how many main points does Xu make?",
		"总结一下芯片的情况", "什么是大模型？", "报告对芯片说了什么", "标题党是什么", "谁写了这份报告？", "市场规模是多少", "它包括什么", "これは何ですか",
	} {
		if aboutWhole(question) {
			t.Errorf("%q was taken for a question about the whole", question)
		}
	}
}

func FuzzQuestion(f *testing.F) {
	f.Add("Thanks, and who said that?")
	f.Add("你好，请总结一下。谢谢")
	f.Add("\xff\x00’'’ ok - ?")
	f.Fuzz(func(t *testing.T, question string) {
		text, _ := clean(question)
		if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxQuestion+1 {
			t.Fatalf("clean(%q) = %q", question, text)
		}
		kind, asked := splitCourtesy(text)
		if !strings.Contains(text, asked) {
			t.Fatalf("%q is no part of %q", asked, text)
		}
		if kind == noCourtesy && len(splitWords(asked)) == 0 {
			t.Fatalf("nothing is left of the question %q", text)
		}
		aboutWhole(asked)
	})
}
