package cite

import (
	"strings"
	"unicode/utf8"
)

// beforeNumbers are the words that a hyphen joins to a number without making a
// name of both: mid-2023, pre-1945.
var beforeNumbers = map[string]bool{
	"mid": true, "early": true, "late": true, "pre": true, "post": true, "since": true, "until": true,
	"before": true, "after": true, "around": true, "circa": true, "about": true, "over": true, "under": true,
	"sub": true, "up": true, "to": true, "non": true, "by": true, "in": true, "of": true, "and": true, "or": true,
	"nearly": true, "almost": true, "than": true, "top": true, "the": true, "no": true, "plus": true,
}

// nameEnd returns the end of a name with digits in it that starts at lexeme i,
// GPT-4, Ernie4.0, X.25, and notes it; i when there is none. What is written
// like one in lower case is a claim, which readLowerName leaves to the digits.
func (r *quantityReader) nameEnd(i int) int {
	if r.lex[i].kind != wordLexeme {
		return i
	}
	at := i + 1
	hyphen := r.markAt(at, "-.") && r.lex[at].gap == 0
	if hyphen {
		at++
	}
	if !r.digitAt(at, 0) || r.prefixOfNumber(i, hyphen) {
		return i
	}
	end := at + 1
	r.note(i, end)
	for end < len(r.lex) && r.lex[end].gap == 0 {
		l := &r.lex[end]
		switch {
		case l.kind == wordLexeme || l.kind == digitLexeme:
			end++
		case l.text == "." && r.digitAt(end+1, 0):
			end += 2
		case l.text == "-" && end+1 < len(r.lex) && r.lex[end+1].kind == wordLexeme && r.lex[end+1].gap == 0:
			end += 2
		default:
			return r.noted(i, end)
		}
	}
	return r.noted(i, end)
}

func (r *quantityReader) noted(i, end int) int {
	r.note(i, end)
	word := r.lex[i].text
	if strings.ToLower(word) != word || utf8.RuneCountInString(word) <= 3 && !r.markAt(i+1, "-.") {
		return end
	}
	// In lower case it is a word with a number: it must stand as it is.
	r.atoms = append(r.atoms, atom{from: i, to: end, fixed: true, tails: []tail{{}}, claims: []reading{
		{kind: nameReading, value: r.nameText(i, end)},
	}})
	return end
}

// prefixOfNumber reports whether the word at lexeme i belongs to the number
// after it and makes no name of it.
func (r *quantityReader) prefixOfNumber(i int, hyphen bool) bool {
	l := &r.lex[i]
	if hyphen {
		if r.markAt(i+1, ".") {
			return l.text == "No" || l.text == "no" || len(l.text) > 3 || l.text == "Rs" || l.lower == "p" || l.lower == "pp" || l.lower == "c"
		}
		_, cardinal := cardinalWords[l.lower]
		return beforeNumbers[l.lower] || monthNames[l.lower] > 0 || cardinal || scaleWords[l.lower] > 0
	}
	return unitsByForm().before[l.lower] != nil && r.currencyLike(i, i+1) || l.text == "AD" || l.text == "FY"
}

// note keeps a name, with and without the rest after its first digits.
func (r *quantityReader) note(i, end int) {
	name := r.nameText(i, end)
	if len(r.names) > 0 && r.names[len(r.names)-1] == name {
		return
	}
	r.names = append(r.names, name)
}

// nameText returns a name in lower case, with a hyphen between its word and
// its number.
func (r *quantityReader) nameText(i, end int) string {
	text := strings.ToLower(r.plainText(i, min(end, i+20)))
	word := r.lex[i].lower
	if r.lex[i].kind == wordLexeme && end > i+1 && r.lex[i+1].kind == digitLexeme {
		return word + "-" + text[len(word):]
	}
	return text
}

// nameNumber reports whether the number at lexeme i starts a name, 3D or 5G,
// and notes it. A word attached to digits in lower case is a claim.
func (r *quantityReader) nameNumber(i int, n numeral) bool {
	if r.lex[i].kind != digitLexeme || n.next != i+1 || !r.attachedWord(n.next) {
		return false
	}
	word := r.lex[n.next].text
	if r.knownSuffix(n.next) {
		return false
	}
	name := r.lex[i].text + strings.ToLower(word)
	r.names = append(r.names, name)
	if len(word) > 3 || strings.ToLower(word) == word {
		r.atoms = append(r.atoms, atom{from: i, to: i + 2, fixed: true, tails: []tail{{}}, claims: []reading{
			{kind: nameReading, value: name},
		}})
	}
	return true
}

// knownSuffix reports whether the word attached to digits is a scale, a unit,
// the end of an ordinal or of a time.
func (r *quantityReader) knownSuffix(i int) bool {
	if shortScales[r.lex[i].text] > 0 || scaleWords[r.lex[i].lower] > 0 || r.wordAt(i, "st", "nd", "rd", "th", "am", "pm") {
		return true
	}
	units, _ := r.simpleUnit(i)
	return units != nil
}

func lastRune(text string) (rune, int) { return utf8.DecodeLastRuneInString(text) }
