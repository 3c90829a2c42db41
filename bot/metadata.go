package bot

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"footnote/corpus"
	"footnote/retrieval"
)

// A property is something that can be asked of a document itself rather than
// of what it says.
type property uint8

const (
	noProperty property = iota
	writtenWhen
	writtenBy
	entitled
	asLongAs
)

// aboutDocument recognises a question about the report itself: when it was
// written, by whom, under what title, how long it is. Like [aboutWhole] it
// knows a small closed vocabulary, and the question must name the report: "when
// was it published?" may be about anything the report tells of. It also returns
// the year that the question supposes, 0 for none.
func aboutDocument(question string) (asked property, year int) {
	if InChinese(question) {
		return aboutDocumentChinese(question)
	}
	words := strings.Fields(foldPhrases(question))
	if len(words) == 0 || len(words) > 14 {
		return noProperty, 0
	}
	var has [supposedYear + 1]bool
	for i, w := range words {
		cue := cueOf(w)
		switch cue {
		case foreign:
			return noProperty, 0
		case supposedYear:
			year, _ = strconv.Atoi(w)
		case theDocument:
			if i > 0 && !determines(words[i-1]) {
				return noProperty, 0
			}
		}
		has[cue] = true
	}
	return decideProperty(has, len(words)), year
}

// determines reports whether a word before "report" leaves no doubt that it is
// this one: not "a report", "which reports".
func determines(w string) bool {
	switch w {
	case "a", "an", "any", "how", "many", "what", "which", "who", "whos":
		return false
	}
	return true
}

// A cue is what a word does in a question about the document itself.
type cue uint8

const (
	foreign cue = iota
	linking     // articles, auxiliaries, courtesy
	theDocument
	whoCue
	author
	when  // when, year: of the report when it was made then
	dated // date, old
	from  // from a year
	made  // published, written
	titleCue
	naming // called, name
	longCue
	unit // words, pages
	many // of a unit
	supposedYear
)

func cueOf(w string) cue {
	switch w {
	case "a", "an", "the", "of", "in", "on", "at", "by", "to", "is", "was", "are", "were", "be", "been", "do", "does", "did", "has", "have",
		"had", "it", "its", "this", "that", "these", "our", "your", "what", "which", "how", "there", "please", "can", "could", "you", "tell",
		"me", "give", "show", "know", "i", "and", "exactly", "actually", "first", "originally", "s":
		return linking
	case "report", "reports", "document", "documents", "text", "texts", "article", "articles", "paper", "papers", "file", "files":
		return theDocument
	case "who", "whos", "whom", "whose":
		return whoCue
	case "author", "authors", "writer", "writers":
		return author
	case "when", "year", "month", "day", "ago":
		return when
	case "date", "dated", "old", "recent":
		return dated
	case "from":
		return from
	case "published", "publish", "written", "wrote", "write", "released", "issued", "authored", "created", "prepared", "compiled", "made",
		"produced", "updated", "come", "came", "out", "publication":
		return made
	case "title", "titled", "entitled":
		return titleCue
	case "called", "name", "named":
		return naming
	case "long", "length":
		return longCue
	case "words", "word", "pages", "page", "paragraphs", "characters":
		return unit
	case "many":
		return many
	}
	if len(w) == 4 && (w[:2] == "19" || w[:2] == "20") && strings.Trim(w, "0123456789") == "" {
		return supposedYear
	}
	return foreign
}

// decideProperty decides on a question whose words are all known.
func decideProperty(has [supposedYear + 1]bool, words int) property {
	by := has[author] || has[whoCue]
	on := has[dated] || (has[when] || has[supposedYear]) && (has[made] || has[from])
	size := has[longCue] || has[unit]
	switch {
	case by && !on && !size && !has[titleCue] && (has[author] || has[made]) && (has[theDocument] || !has[made] && !has[from]):
		return writtenBy // "who is the author?" too
	case has[titleCue] && !by && !on && !size && !has[made] && (has[theDocument] || words <= 5):
		return entitled
	case !has[theDocument], has[titleCue]:
		return noProperty
	case on && !by && !has[unit] && !has[many] && !has[naming]:
		return writtenWhen
	case by, on, has[made]:
		return noProperty
	case has[naming] && !size:
		return entitled
	case size && !has[naming] && has[longCue] != has[many]:
		return asLongAs
	}
	return noProperty
}

// aboutDocumentChinese does the same for Chinese, which sets no spaces: the
// question must fall into known words entirely.
func aboutDocumentChinese(question string) (property, int) {
	var has [supposedYear + 1]bool
	year := 0
	known := documentChinese()
	for _, w := range splitWords(question) {
		for text := w.text; text != ""; {
			if n := len(text) - len(strings.TrimLeft(text, "0123456789")); n == 4 {
				year, _ = strconv.Atoi(text[:n])
				has[supposedYear], has[from] = true, true // "2022年的"
				text = text[n:]
				continue
			}
			cue, size := longestCue(known, text)
			if cue == foreign {
				return noProperty, 0
			}
			has[cue] = true
			text = text[size:]
		}
	}
	return decideProperty(has, utf8.RuneCountInString(question)/2), year
}

func longestCue(known map[string]cue, text string) (cue, int) {
	for end := offsetOfRune(text, longestChinese); end > 0; {
		if c := known[text[:end]]; c != foreign {
			return c, end
		}
		_, size := utf8.DecodeLastRuneInString(text[:end])
		end -= size
	}
	return foreign, 0
}

var documentChinese = sync.OnceValue(func() map[string]cue {
	known := map[string]cue{}
	for c, words := range map[cue]string{
		linking: "请 請 请问 請問 告诉我 的 是 了 吗 嗎 呢 有 在 于 這 这 这个 这份 这篇 這份 這篇 那份 那篇 该 该份 本 此 什么 什麼 叫 多少 " +
			"是不是 由 被 你 知道 一共 共 总共 个 给我",
		theDocument: "报告 文档 文章 文件 论文 全文 本文 报道 報告 文檔 論文 報道",
		whoCue:      "谁 誰 哪位 何人",
		author:      "作者 撰写人 执笔人 执笔",
		when:        "什么时候 什麼時候 何时 何時 哪年 哪一年 哪天 几时 年",
		dated:       "日期 年份 时间",
		from:        "来自 出自",
		made:        "发布 发表 撰写 写成 写于 写的 写了 出版 编写 完成 公布 發布 發表 撰寫 寫的 寫了 发布的 写",
		titleCue:    "标题 標題 题目 題目",
		naming:      "名称 名字 叫什么 叫什么名字",
		longCue:     "多长 多長 长度 篇幅 字数 多少字 多少页 多少段 几页 几段",
	} {
		for _, w := range strings.Fields(words) {
			known[w] = c
		}
	}
	return known
})

// asksOfDocument reports whether a question is about the report itself. Where
// there are several documents, "the report" names none of them.
func (e *Engine) asksOfDocument(question string) bool {
	asked, _ := aboutDocument(question)
	return asked != noProperty && len(e.documents()) == 1
}

// describeDocument answers a question about the report itself from what is
// known of it. There is nothing to cite: it is looked up nowhere in the text.
func (e *Engine) describeDocument(question string, zh bool) Answer {
	d, _ := e.corpus.Document(e.corpus.Passages[0].Document)
	draft := Draft{Outcome: Social}
	asked, year := aboutDocument(question)
	switch asked {
	case writtenWhen:
		draft.Text = dateAnswer(d, year, zh)
		if d.Date.IsZero() {
			draft.Outcome = NotFound
		}
	case writtenBy:
		draft.Text = pick(zh, "It gives its author as "+quoted(d.Author)+".", "署名作者是"+quoted(d.Author)+"。")
		if d.Author == "" {
			draft.Outcome = NotFound
			draft.Text = pick(zh, "The report does not say who wrote it.", "报告没有说明作者是谁。")
		}
	case entitled:
		draft.Text = pick(zh, "Its title is "+quoted(d.Title)+".", "标题是"+quoted(d.Title)+"。")
		if d.TitleInferred {
			draft.Text = pick(zh, "It carries no title. Its file is called "+quoted(d.Name)+".", "它没有标题，文件名是"+quoted(d.Name)+"。")
		}
	case asLongAs:
		draft.Text = lengthAnswer(d, zh)
	}
	return e.finish(draft, &retrieval.Result{}, zh)
}

// dateAnswer says when a document was written, and whether that is in the year supposed.
func dateAnswer(d corpus.Document, supposed int, zh bool) string {
	date, year := dateOf(d), d.Date.Year()
	switch {
	case date == "":
		return pick(zh, "The report carries no date.", "报告没有注明日期。")
	case d.DateInferred && supposed != 0 && supposed != year:
		return pick(zh,
			fmt.Sprintf("It carries no date; from the years it mentions it seems to be from %s, not from %d.", date, supposed),
			fmt.Sprintf("它没有注明日期；从文中提到的年份看，大约写于%s年，而不是%d年。", date, supposed))
	case d.DateInferred:
		return pick(zh, "It carries no date; from the years it mentions it seems to be from "+date+".",
			"它没有注明日期；从文中提到的年份看，大约写于"+date+"年。")
	case supposed == 0:
		return pick(zh, "It is dated "+date+".", "它的日期是"+date+"。")
	case supposed == year:
		return pick(zh, "Yes, it is dated "+date+".", "是的，它的日期是"+date+"。")
	}
	return pick(zh, "No, it is dated "+date+".", "不是，它的日期是"+date+"。")
}

// lengthAnswer says how long a document is, in round figures.
func lengthAnswer(d corpus.Document, zh bool) string {
	words, signs, paragraphs := 0, 0, 0
	for _, b := range d.Blocks {
		if b.Kind == corpus.Paragraph {
			paragraphs++
		}
		for _, w := range splitWords(d.Text[b.Start:b.End]) {
			if !InChinese(w.text) {
				words++
				continue
			}
			signs += utf8.RuneCountInString(w.text)
		}
	}
	if signs > words {
		return pick(zh,
			"It has about "+grouped(signs+words)+" characters in "+counted(paragraphs)+".",
			"它约有"+grouped(signs+words)+"字，共"+grouped(paragraphs)+"段。")
	}
	return pick(zh,
		"It has about "+grouped(words)+" words in "+counted(paragraphs)+".",
		"它约有"+grouped(words)+"个单词，共"+grouped(paragraphs)+"段。")
}

func counted(paragraphs int) string {
	if paragraphs == 1 {
		return "one paragraph"
	}
	return grouped(paragraphs) + " paragraphs"
}

// grouped writes a number to two places, its thousands apart: 1,900 for 1,873.
func grouped(n int) string {
	unit := 1
	for n/unit >= 100 {
		unit *= 10
	}
	if n >= 1000 {
		n = (n + unit/2) / unit * unit
	}
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
