package bot

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// functional reports whether an English word says nothing about a topic: words
// of grammar, and verbs of asking and saying.
func functional(w string) bool {
	switch w {
	case "a", "an", "the", "this", "that", "these", "those", "it", "its", "he", "she", "they", "him", "her", "his", "hers", "them", "their",
		"theirs", "i", "me", "my", "we", "us", "our", "you", "your", "one", "ones", "there", "here", "then", "who", "whom", "whose", "whos",
		"what", "whats", "when", "where", "wheres", "which", "why", "how", "hows", "is", "are", "was", "were", "be", "been", "being", "am",
		"do", "does", "did", "done", "has", "have", "had", "can", "could", "will", "would", "shall", "should", "may", "might", "must", "isnt",
		"arent", "wasnt", "dont", "doesnt", "didnt", "cant", "wont", "thats", "not", "no", "yes", "so", "and", "or", "but", "if", "than",
		"because", "of", "in", "on", "at", "by", "for", "from", "to", "into", "with", "without", "about", "as", "over", "under", "after",
		"before", "during", "between", "since", "until", "up", "out", "much", "many", "more", "most", "less", "few", "long", "often", "far",
		"else", "also", "too", "very", "just", "again", "now", "still", "exactly", "really", "actually", "please", "ok", "okay", "tell",
		"show", "give", "explain", "say", "says", "said", "saying", "think", "thinks", "thought", "mean", "means", "meant", "happen",
		"happened", "happens", "come", "go", "further", "detail", "details", "reason", "reasons", "kind", "sort", "other", "others", "any",
		"some", "all", "both", "each", "such", "same", "according", "report", "document", "text", "article", "paper":
		return true
	}
	return false
}

// followUpOfChinese decides as [followUpOf] does. Chinese marks no names, so a
// question of more than a few characters of content stands alone unless a
// pronoun comes before them.
func followUpOfChinese(question string) followUp {
	const short = 6 // characters of content that "那…呢" varies the last question by
	own := contentOfChinese(question)
	text := strings.TrimRight(strings.TrimSpace(question), "？?。！!吗嗎啊呀 ")
	lead := strings.TrimLeft(text, "请請问問，, ")
	size := utf8.RuneCountInString(strings.Join(own.words, "") + strings.Join(own.names, ""))
	if rest, ok := strings.CutSuffix(text, "呢"); ok || strings.HasPrefix(lead, "那") && !strings.HasPrefix(lead, "那个") {
		if !own.empty() && size <= short && !strings.ContainsAny(strings.TrimPrefix(rest, "那"), "谁誰他她它") {
			return varies
		}
	}
	switch {
	case len(own.names)+len(own.numbers) > 0:
		return standsAlone
	case own.empty():
		return bare
	case pointingChinese(lead):
		return pointsBack
	}
	return standsAlone
}

// pointingChinese reports whether a pronoun comes before all content.
func pointingChinese(text string) bool {
	known := functionChinese()
	for text != "" {
		r, size := utf8.DecodeRuneInString(text)
		if strings.ContainsRune("他她它", r) {
			return !strings.HasPrefix(text, "他人") && !strings.HasPrefix(text, "他国")
		}
		if n := longestFunction(known, text); n > 0 {
			size = n
		} else if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return false
		}
		text = text[size:]
	}
	return false
}

// contentOfChinese cuts a Chinese question at its function words. What is
// written in Latin letters is a name.
func contentOfChinese(question string) content {
	var c content
	known := functionChinese()
	for _, w := range splitWords(question) {
		start, at := 0, 0
		take := func(end int) {
			if end > start {
				c.addChinese(w.text[start:end])
			}
		}
		for at < len(w.text) {
			if n := longestFunction(known, w.text[at:]); n > 0 {
				take(at)
				at += n
				start = at
				continue
			}
			r, size := utf8.DecodeRuneInString(w.text[at:])
			if at > start && unicode.Is(unicode.Han, r) != inHan(w.text[start:at]) {
				take(at)
				start = at
			}
			at += size
		}
		take(len(w.text))
	}
	return c
}

func (c *content) addChinese(text string) {
	switch {
	case inHan(text):
		c.words = appendNew(c.words, text)
	case strings.ContainsFunc(text, unicode.IsLetter):
		c.names = appendNew(c.names, text)
	default:
		c.numbers = appendNew(c.numbers, text)
	}
}

func inHan(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return unicode.Is(unicode.Han, r)
}

func longestFunction(known map[string]bool, text string) int {
	for end := offsetOfRune(text, longestChinese); end > 0; {
		if known[text[:end]] {
			return end
		}
		_, size := utf8.DecodeLastRuneInString(text[:end])
		end -= size
	}
	return 0
}

var functionChinese = sync.OnceValue(func() map[string]bool {
	const words = "的 了 吗 嗎 呢 吧 啊 是 在 有 和 与 與 对 對 对于 关于 關於 于 被 把 由 为 從 从 到 也 都 还 還 又 就 才 那 那么 这 這 " +
		"那个 这个 這個 那些 这些 那么 他 她 它 他们 她们 它们 他們 她們 它們 我 你 我们 谁 誰 什么 什麼 为什么 為什麼 怎么 怎麼 怎样 如何 哪 " +
		"哪些 哪个 哪里 哪儿 何 何时 什么时候 什麼時候 多少 多少钱 多长 多久 多大 几 几个 吗 请 请问 請問 说 說 说的 说过 说了 讲 提到 认为 認為 " +
		"看 看待 觉得 表示 原因 然后 后来 呢 一下 更多 详细 再 没有 不 不是 是不是 可以 能 会 要 报告 文中 里 中 其中 年 其他"
	known := map[string]bool{}
	for _, w := range strings.Fields(words) {
		known[w] = true
	}
	return known
})
