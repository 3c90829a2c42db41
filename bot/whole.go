package bot

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// aboutWhole reports whether a question is about the corpus as a whole: what it
// is about, its main points, its title, a summary of it. It knows a small
// closed vocabulary of such questions; one word from outside, such as a topic,
// and the question is looked up like any other.
func aboutWhole(question string) bool {
	if InChinese(question) {
		return aboutWholeChinese(question)
	}
	words := strings.Fields(foldPhrases(question))
	if len(words) == 0 || len(words) > 24 {
		return false
	}
	roles := make([]role, len(words))
	for i, w := range words {
		if roles[i] = roleOf(w); roles[i] == unknown {
			return false
		}
	}
	return asksForWhole(words, roles)
}

// foldPhrases returns the words of a question with the phrases replaced whose
// words mean something else when they stand alone.
func foldPhrases(question string) string {
	var b strings.Builder
	for _, w := range splitWords(question) {
		b.WriteString(" " + w.text)
	}
	b.WriteByte(' ')
	text := b.String()
	if text == " what is this " || text == " whats this " {
		return "what is this document"
	}
	for _, fold := range [...][2]string{
		{" whats ", " what is "},
		{" table of contents ", " contents "},
		{" sum up ", " summarise "},
		{" sum it up ", " summarise it "},
		{" sum this up ", " summarise this "},
		{" tl dr ", " tldr "},
	} {
		text = strings.ReplaceAll(text, fold[0], fold[1])
	}
	return text
}

// A role is what a word does in a question about the whole.
type role uint8

const (
	unknown  role = iota
	plain         // articles, courtesy and the like
	document      // names the whole: the report, the text
	pronoun       // may stand for it
	asking        // what, which, how
	being         // is, are
	telling       // asks to be told: give, tell, show, list
	summary       // asks for the whole by itself: summarise, overview
	main          // main, key
	point         // points, ideas: of the whole when they are the main ones
	topic         // topics, sections
	aspect        // subject, structure: of the whole when it is named
	saying        // say, cover, contain
	about
	title
	length // sentences, words: how long the answer should be
	amount // five, 3
)

func roleOf(w string) role {
	switch w {
	case "a", "an", "the", "of", "in", "for", "to", "by", "with", "from", "and", "or", "at", "on", "its", "your", "our", "my", "me",
		"us", "i", "you", "we", "can", "could", "would", "will", "do", "does", "did", "please", "kindly", "just", "like", "want", "need",
		"id", "lets", "have", "has", "get", "know", "short", "brief", "briefly", "quick", "quickly", "general", "concise", "simple", "high",
		"level", "executive", "good", "whole", "entire", "full", "given", "all", "actually", "exactly", "really", "there", "so", "up",
		"im", "hey", "plain", "language", "simply", "few", "couple", "some":
		return plain
	case "report", "reports", "document", "documents", "doc", "docs", "article", "articles", "paper", "papers", "text", "texts", "file",
		"files", "pdf", "corpus", "whitepaper":
		return document
	case "it", "this", "that", "these", "they", "everything":
		return pronoun
	case "what", "which", "how":
		return asking
	case "is", "are", "was", "were", "be":
		return being
	case "tell", "give", "show", "write", "provide", "make", "list", "name", "explain", "describe", "introduce":
		return telling
	case "summarise", "summarize", "summarising", "summarizing", "summary", "summaries", "summarised", "summarized", "overview", "outline",
		"gist", "tldr", "synopsis", "recap", "takeaway", "takeaways", "nutshell":
		return summary
	case "main", "key", "central", "major", "core", "principal", "primary", "important", "most", "essential", "biggest", "overall":
		return main
	case "point", "points", "idea", "ideas", "message", "messages", "finding", "findings", "conclusion", "conclusions", "argument",
		"arguments", "claim", "claims", "highlights", "things", "facts", "insights":
		return point
	case "topic", "topics", "theme", "themes", "sections", "chapters", "headings", "contents":
		return topic
	case "subject", "subjects", "structure", "structured", "organised", "organized", "content", "parts":
		return aspect
	case "say", "says", "said", "cover", "covers", "covered", "contain", "contains", "contained", "discuss", "discusses", "discussed",
		"talk", "talks", "deal", "deals", "address", "addresses", "addressed", "include", "includes", "included", "treat", "treats":
		return saying
	case "about":
		return about
	case "title", "titled", "entitled":
		return title
	case "sentence", "sentences", "paragraph", "paragraphs", "word", "words", "line", "lines", "bullet", "bullets":
		return length
	case "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "single":
		return amount
	}
	if strings.Trim(w, "0123456789") == "" {
		return amount
	}
	return unknown
}

// asksForWhole decides on a question whose words are all known.
func asksForWhole(words []string, roles []role) bool {
	var has [amount + 1]bool
	for _, r := range roles {
		has[r] = true
	}
	asked := has[asking] || has[telling]
	bare := len(words) <= 3 // "main points", "the contents"
	switch {
	case defines(words), has[about] && !aboutNoTopic(roles):
		return false
	case has[amount] && !has[length] && !has[point] && !has[topic] && !has[summary]:
		return false
	case has[point]:
		return has[main] && (asked || bare || has[summary]) || has[summary] && has[document]
	case has[summary]:
		return true
	case has[topic]:
		return bare || has[telling] || has[asking] && (has[document] || has[pronoun] || has[being])
	case has[title]:
		return has[document] || bare || has[asking] && len(words) <= 5
	case has[aspect]:
		return has[document] && asked
	case has[about]:
		return has[document] && has[telling] || has[asking] && (has[document] || has[pronoun]) && (has[being] || has[saying])
	case has[saying]:
		return has[asking] && (has[document] || has[pronoun])
	}
	return has[document] && asked && (has[being] || has[telling]) && !has[main] && !has[length] && len(words) <= 7
}

// aboutNoTopic reports whether nothing follows "about" that is said of the
// whole: "about the report", not "about this" or "about its conclusions".
func aboutNoTopic(roles []role) bool {
	for _, r := range roles[slices.Index(roles, about):] {
		switch r {
		case about, plain, document, being, amount, length:
		default:
			return false
		}
	}
	return true
}

// defines reports whether a question asks what a word means: "what is an outline".
func defines(words []string) bool {
	return len(words) == 4 && words[0] == "what" && words[1] == "is" && (words[2] == "a" || words[2] == "an")
}

// aboutWholeChinese does the same for Chinese, which sets no spaces: the
// question must fall into known words entirely.
func aboutWholeChinese(question string) bool {
	var has [amount + 1]bool
	known := wholeChinese()
	for _, w := range splitWords(question) {
		for text := w.text; text != ""; {
			role, size := longestKnown(known, text)
			if role == unknown {
				return false
			}
			has[role] = true
			text = text[size:]
		}
	}
	bare := utf8.RuneCountInString(question) <= 4
	switch {
	case has[summary]:
		return true
	case has[topic], has[title]:
		return bare || has[asking] || has[document] || has[telling]
	case has[saying]:
		return has[asking] && (has[document] || has[pronoun] || has[main])
	case has[aspect]:
		return has[asking] && has[document]
	}
	return has[document] && has[asking] && has[pronoun]
}

const longestChinese = 4 // characters of the longest known word

func longestKnown(known map[string]role, text string) (role, int) {
	end := offsetOfRune(text, longestChinese)
	for end > 0 {
		if r := known[text[:end]]; r != unknown {
			return r, end
		}
		_, size := utf8.DecodeLastRuneInString(text[:end])
		end -= size
	}
	return unknown, 0
}

var wholeChinese = sync.OnceValue(func() map[string]role {
	known := map[string]role{}
	for r, words := range map[role]string{
		plain: "请 請 请问 請問 帮我 幫我 帮忙 给我 給我 为我 你 您 我 能 能不能 能否 可以 可否 可不可以 的 了 吗 嗎 呢 吧 啊 是 都 " +
			"大致 大概 简要 简单 简短 简洁 一下 一个 一份 一段 一句话 几句话 想 知道 想知道 用 有 在 里 中 里面 来 做 写 核心 关键 整体 全部 " +
			"和 下 出 对 所有 個 个 整个 整篇 整份",
		document: "报告 文档 文章 文件 论文 全文 资料 文本 本文 报道 報告 文檔 論文 資料 報道 全书",
		pronoun:  "它 这 这个 这份 这篇 这些 那 那份 那篇 该 本 此 其 這 這個 這份 這篇 這些 該 它们",
		asking:   "什么 什麼 哪些 哪几 啥 甚麼 怎样",
		telling:  "告诉 列出 告訴 说说",
		summary:  "总结 總結 概括 概述 摘要 综述 綜述 归纳 概要 大意 要点 要點 主旨 重点 重點 中心思想 提纲 梗概 总的来说 小结 主要内容 主要內容",
		topic:    "主题 主題 目录 目錄 章节 章節 内容 內容 话题",
		title:    "标题 標題 题目 題目 名称",
		saying:   "讲 说 写 谈 讲述 介绍 讨论 描述 关于 叙述 講 說 寫 談 講述 介紹 討論 關於",
		aspect:   "涵盖 包括 包含 涉及 结构 結構 涵蓋",
		main:     "主要",
	} {
		for _, w := range strings.Fields(words) {
			known[w] = r
		}
	}
	return known
})
