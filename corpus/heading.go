package corpus

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A form is what a line looks like on its own.
type form uint8

const (
	prose      form = iota
	item            // a list item, table row or reply: nothing else is below a heading because of it
	byline          // says who wrote the text, or when
	credit          // an image credit, a source, the label of a figure
	rule            // marks without a letter or digit
	underlined      // a heading, and so on
	numbered
	capitals
	short
)

func (f form) heading() bool { return f >= underlined }

// A shape is a line's form and, for a heading, its place among the others.
type shape struct {
	form  form
	rank  int  // depth by the numbering, 1 for none
	style byte // the kind of numbering
}

// classify makes blocks of lines.
func classify(text string, lines []line) []Block {
	shapes := make([]shape, len(lines))
	for i := range lines {
		shapes[i] = shapeOf(text, lines, i)
	}
	demoteLists(lines, shapes)
	demoteUnfollowed(text, lines, shapes)
	levels := numberingLevels(shapes)
	blocks := make([]Block, len(lines))
	for i, l := range lines {
		blocks[i] = Block{Start: l.start, End: l.end}
		switch s := shapes[i]; {
		case s.form.heading():
			blocks[i].Kind, blocks[i].Level = Heading, levels(s)
			blocks[i].End = headingEnd(text, l)
		case s.form == credit, s.form == rule:
			blocks[i].Kind = Caption
		}
	}
	return blocks
}

// headingEnd leaves out a line of marks that underlines a heading.
func headingEnd(text string, l line) int {
	if l.rows < 2 {
		return l.end
	}
	return trimEnd(text, l.start, l.start+strings.LastIndexAny(text[l.start:l.end], "\r\n"))
}

func shapeOf(text string, lines []line, i int) shape {
	const widest = 200
	l := lines[i]
	t := text[l.start:l.end]
	if l.columns > widest {
		return shape{}
	}
	if !hasWord(t) {
		return shape{form: rule}
	}
	if level := underline(text, lines, i); level > 0 {
		s, _ := numberedHeading(text[l.start:headingEnd(text, l)], 0)
		return shape{form: underlined, rank: cmp.Or(s.rank, level), style: s.style}
	}
	switch {
	case l.rows > 1:
		return shape{}
	case isCaption(t):
		return shape{form: credit}
	case isByline(t):
		return shape{form: byline}
	}
	if s, ok := numberedHeading(t, l.columns); ok {
		return s
	}
	switch {
	case bulleted(t), tabular(t):
		return shape{form: item}
	case isCapitals(t) && l.columns <= 100:
		return shape{form: capitals, rank: 1}
	case l.columns <= 80 && isShortHeading(t) && standsApart(text, lines, i):
		return shape{form: short, rank: 1}
	}
	return shape{}
}

// underline returns the level of a heading that a line of marks underlines, 0
// if none does.
func underline(text string, lines []line, i int) int {
	l := lines[i]
	var marks string
	switch t := text[l.start:l.end]; {
	case l.rows == 2:
		marks = strings.TrimSpace(t[strings.LastIndexAny(t, "\r\n")+1:])
		l.columns -= len(marks) + 1
	case l.rows == 1 && i+1 < len(lines) && !lines[i+1].gap && lines[i+1].rows == 1:
		marks = text[lines[i+1].start:lines[i+1].end]
	}
	if len(marks) < 3 || len(marks)*2 < l.columns || l.columns > 100 || strings.Trim(marks, marks[:1]) != "" {
		return 0
	}
	switch marks[0] {
	case '=', '#', '*':
		return 1
	case '-', '~', '^':
		return 2
	}
	return 0
}

// isCapitals reports whether a line is in capitals throughout.
func isCapitals(t string) bool {
	upper := 0
	for _, r := range t {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r), ideographic(r):
			return false
		}
	}
	return upper >= 4 && len(strings.Fields(t)) <= 14 && !ends(t)
}

// isShortHeading reports whether a line has the form of a heading without
// number: a few words that start with a capital and do not end a sentence.
func isShortHeading(t string) bool {
	first, _ := utf8.DecodeRuneInString(t)
	last, _ := utf8.DecodeLastRuneInString(t)
	switch {
	case ends(t), len(strings.Fields(t)) > 12, countUnits(t) > 14*wordUnits:
		return false
	case !unicode.IsUpper(first) && !unicode.IsDigit(first) && !ideographic(first) && !unspaced(first) && !opensQuote(t, 0, first) && !unicode.Is(unicode.Lo, first):
		return false
	case strings.ContainsRune(",;:，；：、-–—&/", last), quotes(last) && opensQuote(t, 0, first):
		return false
	}
	return !interjection(t) && !keyed(t)
}

// keyed reports whether a line is "Key: value".
func keyed(t string) bool {
	colon := strings.Index(t, ": ")
	return colon > 0 && len(strings.Fields(t[:colon])) == 1 && len(strings.Fields(t[colon:])) <= 3
}

// interjection reports whether a line is what somebody says in reply.
func interjection(t string) bool {
	switch strings.ToLower(t) {
	case "yes", "no", "ok", "okay", "sure", "right", "true", "false", "maybe", "never", "always", "thanks", "thank you",
		"hello", "hi", "well", "indeed", "exactly", "of course", "not at all", "是", "不是", "对", "好", "はい", "いいえ":
		return true
	}
	return false
}

// tabular reports whether a line is the row of a table.
func tabular(t string) bool {
	if strings.ContainsAny(t, "\t|") {
		return true
	}
	digits, letters, gaps := 0, 0, strings.Count(t, "   ")
	for _, r := range t {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	return gaps > 0 || digits > letters && digits > 4
}

// standsApart reports whether a short line is set off from the one above it:
// it neither goes on with its sentence nor answers or fills it in.
func standsApart(text string, lines []line, i int) bool {
	if i == 0 {
		return true
	}
	above := text[lines[i-1].start:lines[i-1].end]
	last, _ := runeBefore(above, len(above))
	switch {
	case last == '?' || last == '？':
		return false
	case lines[i].gap:
		return true
	case last == ':' || last == '：' || last == ',' || last == '，':
		return false
	}
	return lines[i-1].columns < 60 || ends(above)
}

// demoteLists takes runs of lines that look like headings for what they are:
// lists, tables of contents, and the title page. Blank lines between them
// speak for headings.
func demoteLists(lines []line, shapes []shape) {
	for i, n := 0, 0; i < len(shapes); i += n {
		n = 1
		gaps := 0
		for i+n < len(shapes) && shapes[i].form.heading() && similar(shapes[i], shapes[i+n]) {
			if lines[i+n].gap {
				gaps++
			}
			n++
		}
		most := 2
		if shapes[i].form == numbered {
			most = 1
		} else if gaps == n-1 {
			most = 3
		}
		if n <= most {
			continue
		}
		run := shapes[i : i+n]
		if i == 0 && run[0].form != numbered && lines[1].gap {
			run = run[1:] // the title, above names, places and the like
			fill(run, shape{form: byline})
			continue
		}
		fill(run, shape{form: item})
	}
}

func fill(shapes []shape, s shape) {
	for i := range shapes {
		shapes[i] = s
	}
}

// similar reports whether two neighbouring lines could be items of one list.
func similar(a, b shape) bool {
	if a.form != b.form || a.form == underlined {
		return false
	}
	return a.form != numbered || a.style == b.style && a.rank == b.rank
}

// demoteUnfollowed makes paragraphs of heading-like lines that no longer
// paragraph follows, directly or below other headings and captions.
func demoteUnfollowed(text string, lines []line, shapes []shape) {
	follower := -1
	for i := len(lines) - 1; i >= 0; i-- {
		f := shapes[i].form
		switch {
		case f == credit, f == rule, f == byline:
			continue
		case f.heading() && follower >= 0 && heads(text, lines, shapes, i, follower):
			continue
		case f.heading():
			shapes[i] = shape{}
		}
		follower = i
	}
}

// heads reports whether a heading-like line i is a heading of the paragraph j.
func heads(text string, lines []line, shapes []shape, i, j int) bool {
	const paragraph = 60
	l, below := lines[i], lines[j]
	switch {
	case shapes[j].form == item && bulleted(text[below.start:below.end]):
		return l.gap || shapes[i].form != short
	case shapes[i].form == short:
		return below.columns >= max(paragraph, l.columns*3/2)
	}
	return below.columns > l.columns || below.columns >= paragraph
}

// numberingLevels returns how deep a heading is nested. "Chapter" stands above
// "Section" only in a document that has both.
func numberingLevels(shapes []shape) func(shape) int {
	var ranks []int
	for _, s := range shapes {
		if s.style == styleWord && s.form.heading() && !slices.Contains(ranks, s.rank) {
			ranks = append(ranks, s.rank)
		}
	}
	slices.Sort(ranks)
	return func(s shape) int {
		if s.style == styleWord {
			return slices.Index(ranks, s.rank) + 1
		}
		return max(1, s.rank)
	}
}
