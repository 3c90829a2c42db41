package corpus

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A stopKind is how a sentence seems to end.
type stopKind uint8

const (
	stopNone     stopKind = iota
	stopDot               // a full stop, or the dot of an abbreviation
	stopMark              // ! ? and the like
	stopWide              // 。！？: scripts without letter case
	stopEllipsis          // ... or …
)

// A stop is what stands at the end of a proposed sentence.
type stop struct {
	kind     stopKind
	at       int  // offset of the (last) terminator
	closed   bool // closing quotes or brackets follow the terminator
	quoted   bool // closing quotes do
	omission bool // an ellipsis stands apart from the word before it
}

// stopBefore describes the end of text[start:end].
func stopBefore(text string, start, end int) stop {
	var s stop
	i := end
	for range 16 {
		r, size := runeBefore(text[:i], i)
		if i-size < start || !closes(r) && !emphasis(r) {
			break
		}
		s.closed = s.closed || !emphasis(r)
		s.quoted = s.quoted || quotes(r)
		i -= size
	}
	if i <= start {
		return s
	}
	if n := digitsBefore(text, start, i); 0 < n && n <= 3 && proseBefore(text, start, i-n-1) && text[i-n-1] == '.' {
		i -= n // a footnote's number
		s.closed = true
	}
	r, size := runeBefore(text, i)
	s.at = i - size
	switch s.kind = terminal(r); s.kind {
	case stopDot:
		dots := s.at
		for dots > start && s.at-dots < 8 && text[dots-1] == '.' {
			dots--
		}
		apart := dots > start && (asciiSpace(text[dots-1]) || text[dots-1] == '[' || text[dots-1] == '(')
		spaced := dots == s.at && dots > start+1 && text[dots-1] == ' ' && text[dots-2] == '.' // ". . ."
		if dots < s.at || spaced {
			s.kind, s.omission = stopEllipsis, apart
		}
	case stopEllipsis:
		before, _ := runeBefore(text, s.at)
		s.omission = before < 0 || unicode.IsSpace(before) || opens(before)
	}
	return s
}

func terminal(r rune) stopKind {
	switch r {
	case '.':
		return stopDot
	case '…', '⋯':
		return stopEllipsis
	case '。', '！', '？', '｡', '．', '।', '॥', '။', '၊', '።', '។', '៕', '۔':
		return stopWide
	case '!', '?', '؟', '‼', '⁇', '⁈', '⁉', '‽', '։', '፧':
		return stopMark
	}
	return stopNone
}

// ends reports whether text ends as a sentence does.
func ends(text string) bool { return stopBefore(text, 0, len(text)).kind != stopNone }

func opens(r rune) bool {
	switch r {
	case '(', '[', '{', '“', '‘', '„', '«', '「', '『', '（', '【', '《', '〈':
		return true
	}
	return false
}

func closes(r rune) bool {
	switch r {
	case ')', ']', '}', '）', '】', '》', '〉':
		return true
	}
	return quotes(r)
}

// quotes reports whether r can close a quotation.
func quotes(r rune) bool {
	switch r {
	case '"', '\'', '”', '“', '’', '»', '」', '』':
		return true
	}
	return false
}

// emphasis reports whether r is a Markdown mark that may stand after a full stop.
func emphasis(r rune) bool { return r == '*' || r == '_' || r == '`' || r == '~' }

// afterClosers returns the end of the closing quotes, brackets and emphasis
// marks that stand right at offset i.
func afterClosers(text string, i int) int {
	end := i
	for j := i; j < len(text); {
		r, size := utf8.DecodeRuneInString(text[j:])
		if !closes(r) && !emphasis(r) || opensQuote(text, j, r) {
			break
		}
		j += size
		if after := runeAt(text, j); !emphasis(r) || after < 0 || !alnum(after) {
			end = j
		}
	}
	return end
}

// afterApart returns the end of a closing quotation mark that was set apart from
// its sentence, at offset i.
func afterApart(text string, i int) int {
	at := skipSpace(text, i)
	if at == i || at >= len(text) || text[at] != '"' && !strings.HasPrefix(text[at:], "”") {
		return i
	}
	r, size := utf8.DecodeRuneInString(text[at:])
	after := runeAt(text, at+size)
	if opensQuote(text, at, r) || after >= 0 && !unicode.IsSpace(after) {
		return i
	}
	return at + size
}

// afterCitations returns the end of the citation marks at offset i, or one
// space after it: "[12]", "[3][4]", "²".
func afterCitations(text string, i int) int {
	end := i
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if superscript(r) {
			end += size
			continue
		}
		at := end
		if r == ' ' {
			at++
		}
		after := citationEnd(text, at)
		if after < 0 {
			break
		}
		end = after
	}
	return end
}

func superscript(r rune) bool {
	return r == '¹' || r == '²' || r == '³' || 0x2070 <= r && r <= 0x2079
}

// citationEnd returns the end of the citation mark at offset i, -1 if there is
// none. A mark may be a Markdown link.
func citationEnd(text string, i int) int {
	if i >= len(text) || text[i] != '[' {
		return -1
	}
	rest := text[i+1 : min(len(text), i+24)]
	n := strings.IndexByte(rest, ']')
	if n < 0 || !citation(rest[:n]) {
		return -1
	}
	end := i + n + 2
	if end < len(text) && text[end] == '(' {
		link := strings.IndexAny(text[end:min(len(text), end+300)], ") \n")
		if link > 0 && text[end+link] == ')' {
			end += link + 1
		}
	}
	return end
}

// citation reports whether label is what stands between the brackets of a
// citation mark: numbers, one letter, or "note 3" and the like.
func citation(label string) bool {
	if len(label) == 1 && 'a' <= label[0] && label[0] <= 'z' || strings.EqualFold(label, "citation needed") {
		return true
	}
	for _, word := range [...]string{"note ", "nb ", "n ", "^"} {
		label = strings.TrimPrefix(label, word)
	}
	return label != "" && asciiDigit(label[0]) && strings.Trim(label, "0123456789,;- –") == ""
}

// clings reports whether the rune at offset i cannot start a sentence.
func clings(text string, i int, r rune) bool {
	switch r {
	case ',', ';', ':', '%', '，', '、', '；', '：':
		return true
	}
	if terminal(r) != stopNone {
		return !camelDot(text, i)
	}
	if !closes(r) || opensQuote(text, i, r) {
		return false
	}
	after := runeAt(text, i+utf8.RuneLen(r))
	return after < 0 || !alnum(after)
}

// camelDot reports whether a name such as ".NET" starts at offset i.
func camelDot(text string, i int) bool {
	return text[i] == '.' && unicode.IsLetter(runeAt(text, i+1))
}

// camel reports whether the word at offset i is a name that starts in lower
// case, such as "iPhone" or "mRNA".
func camel(text string, i int) bool {
	if i >= len(text) || text[i] < 'a' || text[i] > 'z' {
		return false
	}
	return unicode.IsUpper(runeAt(text, i+1))
}

// lineBreaks counts the line breaks in white space.
func lineBreaks(space string) int {
	n := 0
	for i, r := range space {
		switch r {
		case '\r':
			if i+1 == len(space) || space[i+1] != '\n' {
				n++
			}
		case '\n', '\v', '\f', 0x85, 0x2028:
			n++
		case 0x2029:
			n += 2
		}
	}
	return n
}

// bulleted reports whether a line starts as a list item does.
func bulleted(line string) bool {
	r, size := utf8.DecodeRuneInString(line)
	if bullet(r) {
		next := runeAt(line, size)
		return next >= 0 && unicode.IsSpace(next)
	}
	n := strings.IndexAny(line[:min(len(line), 10)], " \t")
	if n < 0 || !enumerator(line[:n]) {
		return false
	}
	next := runeAt(line, skipSpace(line, n))
	return next >= 0 && !unicode.IsLower(next)
}

func bullet(r rune) bool {
	switch r {
	case '-', '*', '+', '•', '‣', '◦', '▪', '▫', '●', '○', '■', '□', '·', '∙', '–', '➢', '✓':
		return true
	}
	return false
}

// enumerator reports whether text is the mark of a numbered list item: "1.",
// "2.3.", "(a)", "b)", "iv.".
func enumerator(text string) bool {
	if len(text) < 2 || len(text) > 10 {
		return false
	}
	body, bracketed := strings.CutPrefix(text, "(")
	last := body[len(body)-1]
	if last != ')' && (last != '.' || bracketed) {
		return false
	}
	body = body[:len(body)-1]
	switch {
	case body == "":
		return false
	case asciiDigit(body[0]):
		return strings.Trim(body, "0123456789.") == "" && digits(body) <= 3
	case len(body) == 1:
		return asciiAlnum(body[0])
	}
	return strings.Trim(body, "ivx") == "" || strings.Trim(body, "IVX") == ""
}

// digitsBefore counts the ASCII digits that text[start:end] ends with, up to four.
func digitsBefore(text string, start, end int) int {
	n := 0
	for n < 4 && end-n > start && asciiDigit(text[end-n-1]) {
		n++
	}
	return n
}

// digits counts the ASCII digits that text starts with.
func digits(text string) int {
	n := 0
	for n < len(text) && asciiDigit(text[n]) {
		n++
	}
	return n
}

// continuesQuote reports whether text, which follows a quotation in a script
// without letter case, goes on with the sentence that holds it.
func continuesQuote(text string) bool {
	for _, word := range [...]string{"と", "って", "说", "説", "說", "道", "称", "稱", "问", "問", "的"} {
		if strings.HasPrefix(text, word) {
			return true
		}
	}
	return false
}

// saying reports whether word says that something was said.
func saying(word string) bool {
	switch strings.ToLower(word) {
	case "said", "says", "told", "tells", "added", "adds", "asked", "replied", "wrote", "writes",
		"explained", "argued", "noted", "concluded", "continued":
		return true
	}
	return false
}
