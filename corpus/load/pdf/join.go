package pdf

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// words are those of a document, to tell the hyphens of words that were
// divided at a line's end from hyphens that belong there.
type words struct {
	known  map[string]int  // in lower case, compounds with their hyphens
	second map[string]bool // the last words of compounds
}

// newWords counts the words that stand whole on a line.
func newWords(drafts []*draft) *words {
	const most = 1 << 20
	w := &words{known: map[string]int{}, second: map[string]bool{}}
	broken := false // whether a word goes on, also in the next column
	for _, d := range drafts {
		for _, r := range d.rows {
			w.count(r.text, broken, most)
			broken = strings.HasSuffix(r.text, "-")
		}
	}
	return w
}

// count counts the words of a line but the one that is broken at its end, and,
// where the line above is, the one that it begins with.
func (w *words) count(line string, broken bool, most int) {
	fields := strings.FieldsFunc(strings.ToLower(line), func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '’' && r != '\'' })
	for i, word := range fields {
		if i == 0 && broken || i == len(fields)-1 && strings.HasSuffix(line, "-") || len(w.known) > most {
			continue
		}
		word = strings.Trim(word, "-’'")
		w.known[word]++
		parts := strings.Split(word, "-")
		if len(parts) < 2 {
			continue
		}
		for _, part := range parts {
			w.known[part]++
		}
		w.second[parts[len(parts)-1]] = true
	}
}

// join makes a text of lines. Of some of them, by their place, it says where in
// the text they begin.
func (w *words) join(rows []row, asked []int) (text string, starts []int) {
	var b strings.Builder
	for i, r := range rows {
		text := r.text
		if slices.Contains(asked, i) {
			starts = append(starts, b.Len())
		}
		if i+1 == len(rows) {
			b.WriteString(strings.ReplaceAll(text, "\u00AD", ""))
			break
		}
		text, between := w.between(text, rows[i+1].text)
		b.WriteString(strings.ReplaceAll(text, "\u00AD", ""))
		b.WriteString(between)
	}
	text = strings.TrimLeftFunc(b.String(), unicode.IsSpace)
	for i := range starts {
		starts[i] = max(starts[i]-(b.Len()-len(text)), 0)
	}
	return strings.TrimSpace(text), starts
}

// between says how a line goes over into the next: the line, perhaps without
// its hyphen, and what comes between.
func (w *words) between(line, next string) (text, between string) {
	last, size := utf8.DecodeLastRuneInString(line)
	first, _ := utf8.DecodeRuneInString(next)
	before, _ := utf8.DecodeLastRuneInString(line[:len(line)-size])
	switch {
	case last == '\u00AD':
		return line, ""
	case last == '-' && suspended(next):
		return line, " "
	case last == '-' && unicode.IsLetter(before) && unicode.IsLower(first):
		head := lastWord(line[:len(line)-1])
		if !(len(head) == 1 && unicode.IsUpper(before)) && w.divided(head, firstWord(next)) {
			return line[:len(line)-1], ""
		}
		return line, ""
	case last == '-' && (unicode.IsLetter(before) || unicode.IsDigit(before)) && (unicode.IsLetter(first) || unicode.IsDigit(first)):
		return line, ""
	case (last == '–' || last == '—') && !unicode.IsSpace(before) && (unicode.IsDigit(before) && unicode.IsDigit(first) || last == '—'):
		return line, ""
	case last == '/' && !unicode.IsSpace(before):
		return line, ""
	case ideographic(last) && ideographic(first):
		return line, ""
	}
	return line, " "
}

// suspended reports whether a hyphen before a text stands for a word that comes
// later: "short- and long-term".
func suspended(next string) bool {
	for _, word := range []string{"and ", "or ", "to ", "und ", "oder ", "et ", "ou "} {
		if strings.HasPrefix(next, word) {
			return true
		}
	}
	return false
}

func lastWord(line string) string {
	at := strings.LastIndexFunc(line, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
	if at < 0 {
		return strings.ToLower(line)
	}
	_, size := utf8.DecodeRuneInString(line[at:])
	return strings.ToLower(line[at+size:])
}

func firstWord(line string) string {
	if at := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }); at >= 0 {
		line = line[:at]
	}
	return strings.ToLower(strings.TrimRight(line, "-"))
}

// divided reports whether a word was divided at a line's end, rather than
// being a compound with a hyphen. What the document writes elsewhere decides;
// else what is two words of the document, the first no prefix, is a compound.
func (w *words) divided(first, second string) bool {
	whole, compound := w.known[first+second], w.known[first+"-"+second]
	if whole != compound {
		return whole > compound
	}
	if strings.Contains(first, "-") {
		head := first[strings.LastIndexByte(first, '-')+1:]
		return w.known[head+second] > 0 || w.known[second] == 0
	}
	if w.second[second] && (w.known[first] > 0 || len(second) > 4) {
		return false // as in "tourism-oriented" where "customer-oriented" is written
	}
	const compounding = " self well non half cross all high low long short two three four five six seven eight nine ten twenty thirty forty fifty sixty seventy eighty ninety "
	if strings.Contains(compounding, " "+first+" ") && w.known[second] > 0 {
		return false
	}
	const behind = " based driven level making old oriented quality related scale sized style term year "
	if strings.Contains(behind, " "+second+" ") && len(first) > 2 {
		return false
	}
	const prefixes = " under over with there al ex where in out up on for an any some every what who how be to re de un dis con com pre pro per sub sup inter trans a ad as at by no so do or if is it he me we us am go off man can not "
	const shortest = 4
	return strings.Contains(prefixes, " "+first+" ") || len(second) < shortest || w.known[first] == 0 || w.known[second] == 0
}
