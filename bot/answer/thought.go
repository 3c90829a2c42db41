package answer

import "strings"

// A thoughtFilter drops the thoughts that some models write before their
// answer, between <think> and </think>.
type thoughtFilter struct {
	held     string // text of which it is not yet known what it is
	thinking bool
	thought  bool // and has thought: the answer follows, after white space
	done     bool // the answer has begun
}

const (
	opens  = "<think>"
	closes = "</think>"
)

// write returns what of the text so far is the answer's.
func (f *thoughtFilter) write(text string) string {
	if f.done {
		return text
	}
	if f.thought {
		text = strings.TrimLeft(text, " \t\r\n")
		f.done = text != ""
		return text
	}
	f.held += text
	if !f.thinking {
		start := strings.TrimLeft(f.held, " \t\r\n")
		switch {
		case strings.HasPrefix(start, opens):
			f.thinking, f.held = true, start[len(opens):]
		case strings.HasPrefix(opens, start):
			return "" // it may become one
		default:
			f.done = true
			return f.held
		}
	}
	end := strings.Index(f.held, closes)
	if end < 0 {
		f.held = f.held[max(0, len(f.held)-len(closes)):]
		return ""
	}
	f.thought = true
	return f.write(f.held[end+len(closes):])
}

// close returns what was held back.
func (f *thoughtFilter) close() string {
	if f.done || f.thinking || f.thought {
		return ""
	}
	return f.held
}
