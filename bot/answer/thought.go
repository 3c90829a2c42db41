package answer

import (
	"slices"
	"strings"
)

// thinksAloud knows models that think before they answer by their names. The
// opening tag of their thoughts mostly stands in the prompt's template, so that
// what they write begins within a thought.
func thinksAloud(model string) bool {
	name := strings.ToLower(model)
	words := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("-_./: ", r) })
	return slices.Contains(words, "r1") || slices.Contains(words, "thinking") || strings.Contains(name, "qwq") || strings.Contains(name, "magistral")
}

// A thoughtFilter drops the thoughts that some models write before their
// answer, between <think> and </think>, or before a </think> alone.
type thoughtFilter struct {
	// holds says that nothing is known to be the answer's before a </think>.
	holds    bool
	phase    phase
	held     string // text of which it is not yet known what it is
	thought  bool   // there was a tag
	unopened bool   // a thought ended that no tag began
}

type phase int

const (
	beginning phase = iota
	doubtful        // text that may turn out a thought
	thinking
	between // a thought and the answer: white space
	answering
)

const (
	opens  = "<think>"
	closes = "</think>"
	blank  = " \t\r\n"
)

// write returns what of the text so far is the answer's.
func (f *thoughtFilter) write(text string) string {
	if f.phase == between {
		if text = strings.TrimLeft(text, blank); text != "" {
			f.phase = answering
		}
	}
	f.held += text
	if f.phase == beginning {
		f.begin()
	}
	if f.phase == beginning || f.phase == between {
		return ""
	}
	if end := strings.Index(f.held, closes); end >= 0 {
		rest := f.held[end+len(closes):]
		f.unopened = f.unopened || f.phase != thinking
		f.phase, f.held, f.thought = between, "", true
		return f.write(rest)
	}
	kept := 0
	switch f.phase {
	case doubtful:
		kept = len(f.held)
	default:
		kept = unfinished(f.held)
	}
	sure := f.held[:len(f.held)-kept]
	f.held = f.held[len(f.held)-kept:]
	if f.phase == thinking {
		return ""
	}
	return sure
}

// begin decides what the first text is.
func (f *thoughtFilter) begin() {
	start := strings.TrimLeft(f.held, blank)
	switch {
	case strings.HasPrefix(start, opens):
		f.phase, f.held, f.thought = thinking, start[len(opens):], true
	case strings.HasPrefix(opens, start): // it may become one
	case f.holds:
		f.phase = doubtful
	default:
		f.phase = answering
	}
}

// unfinished is how long the end of a text is that may become a closing tag.
func unfinished(text string) int {
	for n := min(len(text), len(closes)-1); n > 0; n-- {
		if strings.HasPrefix(closes, text[len(text)-n:]) {
			return n
		}
	}
	return 0
}

// aside notes that thoughts come apart from the text, so that it has none.
func (f *thoughtFilter) aside() {
	f.thought, f.holds = true, false
}

// close returns what was held back. What may be a thought is the answer where
// the model has come to its end.
func (f *thoughtFilter) close(ended bool) string {
	if f.phase == thinking || f.phase == doubtful && !ended {
		return ""
	}
	return f.held
}
