package bot

import (
	"strings"

	"footnote/corpus"
)

// A question for what stands under a heading ("What does the report say about
// “The trade”?") names no fact to search for, so that it is answered from the
// section itself.

// sectionShown is how many places of a section are quoted.
const sectionShown = 3

// asksForSection recognises a question that asks for nothing but what is said
// under a heading, which it gives whole and in quotation marks, or for a
// document by its title where there are several.
func (e *Engine) asksForSection(question string) (part, bool) {
	name, rest, ok := quotedName(question)
	if !ok || !asksWhatIsSaid(rest) {
		return part{}, false
	}
	found := part{}
	several := len(e.corpus.Documents) > 1
	for _, p := range e.corpus.Passages {
		path := p.Headings
		if d, ok := e.corpus.Document(p.Document); ok && several {
			path = append([]string{d.Title}, path...)
		}
		for _, h := range path {
			if strings.EqualFold(singleSpaced(h), name) {
				found.heading = h
				found.passages = append(found.passages, p)
				break
			}
		}
	}
	return found, len(found.passages) > 0
}

// quotedName cuts the name in quotation marks out of a question that has one.
func quotedName(question string) (name, rest string, ok bool) {
	for _, marks := range [...][2]string{{"“", "”"}, {"\"", "\""}, {"「", "」"}, {"《", "》"}} {
		before, after, found := strings.Cut(question, marks[0])
		if !found {
			continue
		}
		at := strings.LastIndex(after, marks[1])
		if at < 0 {
			continue
		}
		return singleSpaced(after[:at]), before + " " + after[at+len(marks[1]):], true
	}
	return "", "", false
}

func singleSpaced(text string) string { return strings.Join(strings.Fields(text), " ") }

// asksWhatIsSaid reports whether the words around a name ask what is said there.
func asksWhatIsSaid(rest string) bool {
	words := splitWords(rest)
	asked := false
	for _, w := range words {
		switch w.text {
		case "what", "whats", "关于", "關於":
			asked = true
		case "does", "do", "is", "the", "this", "it", "they", "report", "document", "documents", "say", "said", "about", "under", "in", "on", "of",
			"section", "chapter", "part", "heading", "there":
		default:
			if !InChinese(w.text) || strings.Trim(w.text, "这這份篇报報告文档檔里裡面中部分一章节節关關于於对對说說讲講了些什么甚麼的内容內有下") != "" {
				return false
			}
			asked = true
		}
	}
	return asked
}

// section says in the report's own words how a section goes.
func (e *Engine) section(s part, zh bool) Draft {
	places := each(s.passages)
	shown := spread(places, min(len(places), sectionShown))
	introduction := pick(zh, " begins, and goes on, like this:", "从头到尾大致是：")
	if len(shown) == 1 {
		introduction = pick(zh, " begins:", "的开头：")
	}
	return draftOverview(quoted(s.heading)+introduction, shown)
}

// passagesOf chooses what the model is given for a section.
func (e *Engine) passagesOf(s part) []corpus.Passage {
	const room = 16
	if e.whole {
		return e.corpus.Passages
	}
	var chosen []corpus.Passage
	for _, p := range spread(each(s.passages), min(len(s.passages), room)) {
		chosen = append(chosen, p.passages...)
	}
	return chosen
}
