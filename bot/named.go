package bot

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"footnote/corpus"
)

// A question may say which document it is about: "According to the 2023
// minutes, who …", "… in budget.md?", "根据《…》，…". It is taken at its word only
// where that is plain: the name stands behind a word that introduces a source,
// and is a file's name, a title in quotation marks, or the words of a title that
// say what sort of document it is; and all that is named is one document. What
// is overlooked costs little, what is read into a question hides the answer.

// A mention is a place of a question that names a document.
type mention struct {
	document   int // in the corpus
	start, end int // byte offsets of the name, with what introduces it
	// instead is what stands for the mention where the question cannot do
	// without it: "What does the report say about …?"
	instead string
}

// named finds the document that a question names, -1 where it names none or
// several, and the question without the name.
func (e *Engine) named(question string) (document int, rest string) {
	mentions := e.mentions(question)
	if len(mentions) == 0 {
		return -1, question
	}
	for _, m := range mentions[1:] {
		if m.document != mentions[0].document {
			return -1, question
		}
	}
	for _, m := range slices.Backward(mentions) {
		question = without(question, m)
	}
	return mentions[0].document, question
}

// without is a question without one of its mentions and the pause behind it.
func without(question string, m mention) string {
	before, after := question[:m.start], question[m.end:]
	if m.instead != "" {
		return before + m.instead + after
	}
	before = strings.TrimRight(before, " \t\n")
	if before == "" {
		after = strings.TrimLeft(after, " \t\n,，:：;；、")
		return upperStart(after)
	}
	if end := strings.TrimLeft(after, " \t\n"); strings.TrimRight(end, "?？.。!！ ") == "" {
		return strings.TrimRight(before, ",，;；") + end
	}
	return before + after
}

func upperStart(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// mostOpenings is how many places of a question are looked at.
const mostOpenings = 24

// mentions are the places where a question names documents, in order; a place
// whose name fits several documents is there for each.
func (e *Engine) mentions(question string) []mention {
	var found []mention
	end, looked := 0, 0
	for at := range question {
		if at < end || looked == mostOpenings {
			continue
		}
		if in, ok := openingAt(question, end, at); ok {
			looked++
			if m := e.mentionsAt(question, in); len(m) > 0 {
				found = append(found, m...)
				end = m[0].end
			}
		}
	}
	return found
}

// mentionsAt are the documents whose name stands behind an opening, those with
// the longest.
func (e *Engine) mentionsAt(question string, in opening) []mention {
	var found []mention
	longest := 0
	words := firstWords(question[in.at:])
	for i := range e.names() {
		end := nameAt(question, in, words, &e.names()[i])
		m := mention{document: i, start: in.start, end: end, instead: in.instead}
		if end == 0 || in.verb && !saysNext(question[end:]) || in.property && !asksProperty(without(question, m)) {
			continue
		}
		longest = max(longest, end)
		found = append(found, m)
	}
	found = slices.DeleteFunc(found, func(m mention) bool { return m.end < longest })
	for i := range found {
		found[i].end += len(question[longest:]) - len(withoutPlace(question[longest:], in))
	}
	return found
}

func asksProperty(question string) bool {
	property, _ := aboutDocument(question)
	return property != noProperty
}

// A documentName is what a document may be called by.
type documentName struct {
	*corpus.Document
	title, file []string // their telling words
	some        []string // those, and the year it was written in
}

func namesOf(docs []corpus.Document) []documentName {
	names := make([]documentName, len(docs))
	for i := range docs {
		d := &docs[i]
		title, file := tellingWords(d.Title), tellingWords(stem(d.Name))
		names[i] = documentName{d, title, file, append(append(slices.Clone(title), file...), yearOf(d)...)}
	}
	return names
}

// saysNext reports whether a text goes on with what a document does.
func saysNext(text string) bool {
	words := splitWords(text)
	if len(words) == 0 {
		return false
	}
	switch words[0].text {
	case "say", "mention", "state", "tell", "list", "cover", "give", "contain", "report", "describe", "explain", "claim", "recommend",
		"conclude", "discuss", "define", "show", "suggest", "require":
		return true
	}
	return false
}

// withoutPlace is what follows a Chinese name without the words that say that
// something stands there: 《…》一文中.
func withoutPlace(after string, in opening) string {
	if !in.chinese {
		return after
	}
	for _, words := range [...][]string{
		{"一文", "这份文件", "这份报告", "文件", "文档", "报告"}, {"里面", "中", "里", "裡", "内", "內", "的记载", "的记录", "的说法", "所述"},
	} {
		for _, w := range words {
			if rest, ok := strings.CutPrefix(after, w); ok {
				after = rest
				break
			}
		}
	}
	return after
}

// nameAt is where the name of a document ends that a question has behind an
// opening; 0 where it has none.
func nameAt(question string, in opening, words []word, d *documentName) int {
	rest := question[in.at:]
	if in.closing != "" {
		name, _, ok := strings.Cut(rest, in.closing)
		if ok && calledExactly(name, d.Document) {
			return in.at + len(name) + len(in.closing)
		}
		return 0
	}
	for _, file := range [...]string{d.Name, path.Base(d.Name)} {
		if n := foldedPrefix(rest, file); n > 0 && path.Ext(file) != "" && endsName(rest[n:]) {
			return in.at + n
		}
	}
	if in.chinese {
		if n := chineseTitle(rest, d.Document); n > 0 {
			return in.at + n
		}
	}
	if in.titles {
		if n := titleWords(words, in.source, d); n > 0 {
			return in.at + n
		}
	}
	return 0
}

func calledExactly(name string, d *corpus.Document) bool {
	name = singleSpaced(name)
	for _, own := range [...]string{d.Title, d.Name, path.Base(d.Name), stem(d.Name)} {
		if name != "" && strings.EqualFold(singleSpaced(own), name) {
			return true
		}
	}
	return false
}

// chineseTitle is the length of a document's title at the start of a text that
// sets no spaces: at least four signs, and nothing that goes on with them.
func chineseTitle(text string, d *corpus.Document) int {
	const fewest = 4
	for _, own := range [...]string{d.Title, stem(d.Name)} {
		n := foldedPrefix(text, own)
		if n == 0 || !InChinese(own) || utf8.RuneCountInString(own) < fewest {
			continue
		}
		next, _ := utf8.DecodeRuneInString(text[n:])
		if n == len(text) || strings.ContainsRune("，,、：:；;？?。 中里裡内內的", next) {
			return n
		}
	}
	return 0
}

// firstWords are the words at the start of a text up to a pause.
func firstWords(text string) []word {
	const most = 12
	words := splitWords(text[:min(len(text), 40*most)])
	for i := range words {
		if i+1 == most || words[i].pause {
			return words[:i+1]
		}
	}
	return words
}

// titleWords is where those of some words end that say which document is meant: all those of its title or file name, whatever their order;
// or, of a source, some of them that end with the sort of document it is.
func titleWords(words []word, source bool, d *documentName) int {
	for n := len(words); n > 0; n-- {
		var named []string
		for _, w := range words[:n] {
			named = append(named, tellingWords(w.text)...)
		}
		sort := isSort(words[n-1].text)
		whole := sameSet(named, d.title) || sameSet(named, d.file)
		switch {
		case len(named) < 2:
		case whole && (len(named) > 2 || slices.ContainsFunc(named, isSort)), source && sort && within(named, d.some):
			return words[n-1].end
		}
	}
	return 0
}

func yearOf(d *corpus.Document) []string {
	if d.Date.IsZero() || d.DateInferred {
		return nil
	}
	return []string{strconv.Itoa(d.Date.Year())}
}

// tellingWords are the words of a name without those that only join others.
func tellingWords(name string) []string {
	var telling []string
	for _, w := range splitWords(strings.ReplaceAll(name, "_", " ")) {
		switch w.text {
		case "the", "a", "an", "of", "and", "for", "in", "on", "to", "at", "by", "our", "your", "this", "that":
		default:
			telling = appendNew(telling, w.text)
		}
	}
	return telling
}

func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

func sameSet(a, b []string) bool { return within(a, b) && within(b, a) }

// isSort reports whether a word is a sort of document.
func isSort(w string) bool {
	switch w {
	case "minutes", "report", "budget", "memo", "memorandum", "manual", "handbook", "guide", "plan", "policy", "contract", "agreement", "letter",
		"survey", "review", "study", "paper", "article", "statement", "notes", "agenda", "protocol", "charter", "bylaws", "statutes", "statute",
		"strategy", "proposal", "summary", "interview", "faq", "spreadsheet", "table", "schedule", "catalogue", "catalog", "newsletter",
		"brochure", "specification", "assessment", "audit", "accounts", "rules", "regulations", "readme", "log", "diary", "document", "file":
		return true
	}
	return false
}
