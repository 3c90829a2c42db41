package bot

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A courtesy is something people say to a bot that is no question about the
// corpus. Of several in one message the greatest is replied to.
type courtesy uint8

const (
	noCourtesy courtesy = iota
	filler              // goes with a courtesy: "everyone", "please"
	greeting
	thanks
	goodbye
	help
	silence // no word at all
)

// splitCourtesy says whether a message is nothing but courtesies, and which.
// If it is not, it returns the question in it, without the greeting or the
// thanks before and after. It takes nothing away that may belong to the
// question: "help me understand it" and "thanks giving customs" stay whole.
func splitCourtesy(message string) (courtesy, string) {
	words := splitWords(message)
	if len(words) == 0 {
		return silence, ""
	}
	if kind := onlyCourtesies(words); kind > filler {
		return kind, ""
	}
	from := leadingCourtesies(words)
	to := trailingThanks(words, from)
	question := message
	if to < len(words) {
		question = strings.TrimRight(question[:words[to].start], ",;:—–-，；：、 \n")
	}
	if from > 0 {
		question = strings.TrimLeft(question[words[from-1].end:], ",.!?;:…—–-~，。！？；：、～ \n")
	}
	return noCourtesy, question
}

func onlyCourtesies(words []word) courtesy {
	greatest := noCourtesy
	for len(words) > 0 {
		kind, n := courtesyPhrase(words)
		if n == 0 {
			return noCourtesy
		}
		greatest = max(greatest, kind)
		words = words[n:]
	}
	return greatest
}

// leadingCourtesies returns how many words of courtesy stand before the
// question. The words hold more than courtesies.
func leadingCourtesies(words []word) int {
	at := 0
	for {
		kind, n := courtesyPhrase(words[at:])
		if kind <= filler || kind == help || at+n >= len(words) {
			return at
		}
		if last, next := words[at+n-1], words[at+n]; !last.pause && !opensQuestion(next.text) && !InChinese(last.text) {
			return at
		}
		at += n
		if at+1 < len(words) && joins(words[at].text) {
			return at + 1
		}
	}
}

func joins(w string) bool {
	switch w {
	case "and", "but", "so", "also", "now", "then":
		return true
	}
	return false
}

// trailingThanks returns where thanks begin that follow the question, or the
// number of words.
func trailingThanks(words []word, from int) int {
	for at := max(len(words)-maxPhrase, from+1); at < len(words); at++ {
		if !words[at-1].pause {
			continue
		}
		if kind := onlyCourtesies(words[at:]); kind == thanks || kind == goodbye {
			return at
		}
	}
	return len(words)
}

func opensQuestion(w string) bool {
	switch w {
	case "who", "whom", "whose", "what", "whats", "when", "where", "which", "why", "how", "whos",
		"can", "could", "would", "will", "do", "does", "did", "is", "are", "was", "were", "has", "have",
		"please", "tell", "give", "show", "summarise", "summarize", "explain", "list", "compare":
		return true
	}
	return false
}

// maxPhrase is the length of the longest courtesy phrase, in words.
const maxPhrase = 6

// courtesyPhrase returns the longest courtesy that words start with, along
// with the fillers after it, and how many words that is; none when they start
// with anything else.
func courtesyPhrase(words []word) (courtesy, int) {
	kind, n := longestPhrase(words)
	for n > 0 {
		k, more := longestPhrase(words[n:])
		if k != filler {
			break
		}
		n += more
	}
	return kind, n
}

func longestPhrase(words []word) (courtesy, int) {
	var b strings.Builder
	kind, length := noCourtesy, 0
	for i, w := range words[:min(len(words), maxPhrase)] {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
		if k := courtesyOf(b.String()); k != noCourtesy {
			kind, length = k, i+1
		}
	}
	return kind, length
}

func courtesyOf(phrase string) courtesy {
	switch phrase {
	case "there", "all", "everyone", "everybody", "team", "folks", "guys", "bot", "footnote", "please",
		"again", "for now", "today", "so much", "very much", "a lot", "a million":
		return filler
	case "hi", "hello", "hey", "hiya", "howdy", "yo", "greetings", "good morning", "good afternoon",
		"good evening", "good day", "morning", "how are you", "how are you doing", "hows it going",
		"whats up", "nice to meet you", "are you there",
		"你好", "您好", "你好啊", "你好呀", "嗨", "哈喽", "哈啰", "早", "早安", "早上好", "下午好", "晚上好",
		"大家好", "在吗", "请问", "請問", "你好请问", "您好请问":
		return greeting
	case "thanks", "thank you", "thankyou", "thx", "ty", "tysm", "cheers", "many thanks", "thank u",
		"thanks for your help", "thanks for the help", "thanks for that", "thanks for this",
		"thank you for your help", "thank you for the help", "thank you for that",
		"much appreciated", "i appreciate it", "ok", "okay", "great", "perfect", "cool", "nice", "awesome",
		"excellent", "wonderful", "got it", "i see", "understood", "well done", "good job", "good bot",
		"thats helpful", "very helpful", "that helps", "that helped", "great answer", "good answer",
		"谢谢", "谢谢你", "谢谢您", "谢谢啦", "谢了", "多谢", "感谢", "非常感谢", "十分感谢", "谢谢你的帮助", "谢谢帮助",
		"好", "好的", "明白了", "知道了", "收到", "太好了", "好的谢谢", "謝謝", "謝謝你", "謝謝您", "多謝", "感謝":
		return thanks
	case "bye", "bye bye", "byebye", "goodbye", "good bye", "good night", "see you", "see ya", "see you later",
		"see you soon", "see you tomorrow", "cya", "farewell", "thats all", "that is all", "that will be all",
		"have a nice day", "have a good day",
		"再见", "再见了", "再見", "拜拜", "晚安", "回见", "回头见", "下次见", "明天见":
		return goodbye
	case "help", "help me", "can you help", "can you help me", "could you help me", "i need help", "i need some help",
		"what can you do", "what can you do for me", "what do you do", "what can i ask", "what can i ask you",
		"what can i ask about", "what should i ask", "what questions can i ask", "what can i do here",
		"what can you help with", "what can you help me with", "how can you help", "how can you help me",
		"how do you work", "how does this work", "how do i use this", "how do i use you", "how to use this",
		"how do i use this bot", "who are you", "what are you", "whats your name", "what is your name",
		"帮助", "帮帮我", "帮我", "帮忙", "怎么用", "怎么使用", "如何使用", "使用说明", "使用帮助", "你是谁", "你能做什么",
		"你会做什么", "你可以做什么", "你能干什么", "你会什么", "你有什么功能", "你能帮我什么", "你能帮我做什么", "我能问什么", "我可以问什么",
		"我可以问你什么", "幫助", "你是誰", "你能做什麼", "你會什麼", "我能問什麼", "我可以問什麼":
		return help
	}
	return noCourtesy
}

// reply answers a courtesy.
func (e *Engine) reply(to courtesy, zh bool) string {
	subject := e.subject(zh)
	switch to {
	case thanks:
		return pick(zh, "Glad to help. Ask me anything else about "+subject+".", "不客气。关于"+subject+"，还可以继续问我。")
	case goodbye:
		return pick(zh, "Goodbye. Ask me about "+subject+" whenever you like.", "再见。想了解"+subject+"时，随时问我。")
	case silence:
		return pick(zh, "Ask me something about "+subject+", for example:", "请问一个关于"+subject+"的问题，例如：") + e.examples(zh)
	}
	return pick(zh,
		"Hello. Ask me about "+subject+" in your own words, and I will answer and show where it says so. For example:",
		"您好。请用您自己的话问我关于"+subject+"的问题，我会回答并指出原文出处。例如：") + e.examples(zh)
}

// subject names what can be asked about.
func (e *Engine) subject(zh bool) string {
	docs := e.documents()
	first := quoted(docs[0].heading)
	switch len(docs) {
	case 1:
		d, _ := e.corpus.Document(docs[0].passages[0].Document)
		return called(d, zh)
	case 2:
		return first + pick(zh, " and ", "和") + quoted(docs[1].heading)
	}
	return first + pick(zh, " and "+spelled(len(docs)-1)+" other documents", "等"+spelledChinese(len(docs))+"个文档")
}

// examples lists questions that fit the corpus, one a line.
func (e *Engine) examples(zh bool) string {
	var b strings.Builder
	docs := e.documents()
	topics := topicsOf(docs, 2)
	for _, topic := range topics {
		b.WriteString(pick(zh, "\n- What does it say about "+topic+"?", "\n- 关于"+topic+"，里面说了什么？"))
	}
	if len(topics) == 0 {
		b.WriteString(pick(zh, "\n- What are the main points?", "\n- 主要内容有哪些？"))
	}
	if len(docs) > 1 {
		b.WriteString(pick(zh, "\n- What are these documents about?", "\n- 这些文档讲了什么？"))
	} else {
		b.WriteString(pick(zh, "\n- What is it about?", "\n- 这份文档讲了什么？"))
	}
	return b.String()
}

// topicsOf returns up to n headings, one of each document where there are
// several, then titles, in quotation marks.
func topicsOf(docs []part, n int) []string {
	var found []string
	add := func(name string) bool {
		name = quoted(name)
		if len(found) == n || utf8.RuneCountInString(name) > 60 || slices.Contains(found, name) {
			return false
		}
		found = append(found, name)
		return true
	}
	for _, d := range docs {
		for _, s := range sections(d.passages) {
			if s.heading != "" && add(s.heading) && len(docs) > 1 {
				break
			}
		}
		if len(found) == n {
			return found
		}
	}
	for i := 0; len(docs) > 1 && i < min(len(docs), n); i++ {
		add(docs[i].heading)
	}
	return found
}
