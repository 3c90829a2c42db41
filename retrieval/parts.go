package retrieval

import (
	"strings"
	"unicode/utf8"
)

// maxParts is how many parts of a question are looked up one by one.
const maxParts = 3

// splitParts cuts a question into the questions that it joins: "How many were
// there, and what did they cost?" A part starts at the beginning, behind a
// question mark, and at a question word behind "and", a comma or a semicolon;
// each has to hold a word that carries meaning. A question with one part gives
// nil, and so does one with more than are looked up; several tells them apart.
func (x *lexicalIndex) splitParts(text string) (parts []string, several bool) {
	start := 0
	for _, cut := range partStarts(text) {
		if x.meansSomething(text[start:cut]) && x.meansSomething(text[cut:]) {
			parts = append(parts, strings.TrimRight(text[start:cut], " ,;"))
			start = cut
		}
	}
	if parts == nil || len(parts) >= maxParts {
		return nil, parts != nil
	}
	return append(parts, text[start:]), true
}

func (x *lexicalIndex) meansSomething(text string) bool {
	found := false
	Tokenize(text, func(t Token) {
		found = found || !t.Compound && x.words.lookup(t).kind&(stopWord|askingWord) == 0
	})
	return found
}

// partStarts are the byte offsets at which a further part may start.
func partStarts(text string) []int {
	if starts := chineseParts(text); starts != nil {
		return starts
	}
	var starts []int
	words := fields(text)
	for i := 1; i < len(words); i++ {
		at := words[i].end - len(words[i].text)
		if at < 0 || !strings.EqualFold(text[at:words[i].end], words[i].text) {
			continue // its lower case has another length
		}
		before := strings.TrimRight(text[:at], " \t")
		last, _ := utf8.DecodeLastRuneInString(before)
		joined := words[i-1].text == "and" || last == ',' || last == ';'
		if last == '?' || last == '？' || joined && opensPart(words[i].text) {
			starts = append(starts, at)
		}
	}
	return starts
}

// chineseParts are where the clauses of a Chinese question start that ask
// something, if more than one does.
func chineseParts(text string) []int {
	if isASCII(text) {
		return nil
	}
	var starts []int
	asked := false // by what stands before
	start := 0
	for at, r := range text + "？" {
		if !strings.ContainsRune("，；？,;?", r) {
			continue
		}
		if clause := text[start:at]; start < at && chineseQuestion(clause) != kindOther {
			if asked {
				starts = append(starts, start)
			}
			asked = true
		}
		start = min(at+utf8.RuneLen(r), len(text))
	}
	return starts
}

func opensPart(word string) bool {
	switch word {
	case "who", "whom", "whose", "when", "where", "why", "how", "what", "which":
		return true
	}
	return false
}
