package corpus

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// mostLead is how many words may introduce a table or a list; a longer
// paragraph above one tells something of its own.
const mostLead = 25

// A leader follows a document's blocks and knows what introduces each row of a
// table and each item of a list: the caption above it, and the paragraph above
// that.
type leader struct {
	text   string
	above  []Block // the last two that may introduce what comes
	lead   string
	inside bool // a table or a list goes on
}

// next takes the next block and returns what introduces it.
func (l *leader) next(b Block) string {
	t := l.text[b.Start:b.End]
	switch {
	case b.Kind == Heading:
		l.above, l.inside = nil, false
	case b.Columns != "" || l.isItem(b):
		if !l.inside {
			l.lead, l.inside = l.introduction(b.Columns != ""), true
		}
		return l.lead
	case isRow(t): // names the columns
	case l.inside:
		l.above, l.inside = []Block{b}, false
	default:
		l.above = append(l.above[max(0, len(l.above)-1):], b)
	}
	return ""
}

// introduction is what the blocks above say of what comes: a caption, and a
// short paragraph. Above a list it has to end with a colon.
func (l *leader) introduction(table bool) string {
	var parts []string
	for _, b := range slices.Backward(l.above) {
		t := l.text[b.Start:b.End]
		colon := strings.HasSuffix(t, ":") || strings.HasSuffix(t, "：")
		if countUnits(t) > mostLead*wordUnits || b.Kind == Caption && credits(t) || !colon && (!table || len(parts) > 0) {
			break
		}
		parts = append(parts, t)
		if b.Kind == Paragraph {
			break
		}
	}
	slices.Reverse(parts)
	return strings.Join(parts, "\n")
}

// isItem reports whether a block is an item of a list: a mark stands before it
// on its line, or it begins with one.
func (l *leader) isItem(b Block) bool {
	if b.Kind != Paragraph {
		return false
	}
	before := l.text[strings.LastIndexByte(l.text[:b.Start], '\n')+1 : b.Start]
	t := l.text[b.Start:b.End]
	return strings.TrimLeft(before, " \t") != "" || bulleted(t)
}

// isRow reports whether a text is cells of a table.
func isRow(t string) bool {
	first, _ := utf8.DecodeRuneInString(t)
	return first == '|' || strings.Contains(t, " | ")
}
