package corpus

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// abbreviated reports whether the full stop at offset dot belongs to an
// abbreviation, an initial or the like, so that the sentence goes on at next.
// start is where the sentence starts.
func abbreviated(text string, start, dot, next int) bool {
	word := wordBefore(text, start, dot)
	if word == "" {
		return false
	}
	first, follower := runeAt(text, next), wordAt(text, next)
	number := unicode.IsDigit(first)
	name := unicode.IsUpper(first) && !starter(follower)
	switch {
	case strings.Contains(word, "."):
		return dotted(text[start:dot], word, follower, number, name)
	case utf8.RuneCountInString(word) == 1:
		return initial(text, start, dot, word, follower, number, name)
	}
	switch lower := strings.ToLower(word); abbreviations(lower) {
	case always:
		return true
	case beforeNumber:
		return number || counted(follower)
	case beforeName:
		return name || number
	case title:
		return unicode.IsUpper(first) && (name || lower != "st") && capital(word) || number && lower == "gen"
	case corporate:
		return name && capital(word)
	case month:
		return capital(word) && number
	case weekday:
		return capital(word) && (number || abbreviations(strings.ToLower(follower)) == month)
	}
	return false
}

// dotted decides for abbreviations with dots inside: "e.g.", "U.S.", "p.m.".
func dotted(before, word, follower string, number, name bool) bool {
	for piece := range strings.SplitSeq(word, ".") {
		if len(piece) > 3 || piece != "" && !unicode.IsLetter(runeAt(piece, 0)) {
			return false
		}
	}
	at := len(strings.TrimRight(before[:len(before)-len(word)], " "))
	figure := at > 0 && asciiDigit(before[at-1])
	switch strings.ToLower(word) {
	case "e.g", "i.e", "n.b", "q.v", "c.f":
		return true
	case "a.m", "p.m":
		return name && (zone(follower) || calendar(follower))
	case "b.c", "a.d", "b.c.e", "c.e":
		return name && !figure
	}
	return capital(word) && (name || number && figure) // "427 U.S. 160"
}

// initial decides for a single letter: "J. K. Rowling", "c. 1200".
func initial(text string, start, dot int, letter, follower string, number, name bool) bool {
	if !capital(letter) {
		return number && strings.Contains("bcdfprv", letter) || name && letter == "v"
	}
	if !name || follower == "" {
		return false
	}
	at := trimEnd(text, start, dot-len(letter))
	if at == start || strings.HasSuffix(follower, ".") {
		return true
	}
	// "George W. Bush", but "He was on Plan B. Nobody knew".
	before := wordBefore(text, start, at)
	if text[at-1] == '.' {
		before = wordBefore(text, start, at-1)
		return len(before) == 1 || title == abbreviations(strings.ToLower(before))
	}
	return capital(before) && letter != "I" && !labels(before) || before == "and" || before == "by" || before == ""
}

// labels reports whether a single letter after word is its label, not an initial.
func labels(word string) bool {
	switch strings.ToLower(word) {
	case "plan", "vitamin", "class", "grade", "group", "type", "part", "section", "appendix", "annex", "building",
		"figure", "table", "exhibit", "hepatitis", "option", "phase", "series", "category", "schedule", "line":
		return true
	}
	return false
}

// An abbreviation is a class of them, by what may follow.
type abbreviation uint8

const (
	none         abbreviation = iota
	always                    // never ends a sentence
	title                     // stands before a name
	beforeName                // stands before a name or a number
	beforeNumber              // stands before a number
	corporate                 // stands after a name
	month
	weekday
)

// abbreviations classifies a word in lower case, without its full stop.
func abbreviations(word string) abbreviation {
	switch word {
	case "vs", "approx", "cf", "viz", "incl", "esp", "resp", "al", "aka", "ibid", "bzw", "ca":
		return always
	case "dr", "mr", "mrs", "ms", "messrs", "prof", "st", "ste", "gen", "col", "maj", "lt", "sgt", "capt", "cmdr", "adm",
		"gov", "sen", "rep", "rev", "hon", "pres", "mt", "fr", "mme", "mlle", "sr", "supt", "insp", "assoc", "asst",
		"atty", "amb", "ft", "msgr", "herr", "ing":
		return title
	case "jr", "inc", "ltd", "co", "corp", "bros", "llc", "plc", "cie", "intl", "mfg", "univ", "dept", "assn", "ave",
		"blvd", "rd", "hwy", "pty":
		return corporate
	case "fig", "figs", "eq", "eqs", "eqn", "ref", "refs", "tab", "ex":
		return beforeName
	case "no", "nos", "nr", "vol", "vols", "ch", "chap", "sec", "sect", "pp", "pg", "art", "arts", "para", "paras", "cl",
		"ver", "est", "tel", "ext", "min", "max", "avg", "bk", "ser", "op", "pt", "app", "ed", "fl", "circa",
		"lib", "ann", "tit", "reg", "num":
		return beforeNumber
	case "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec":
		return month
	case "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun":
		return weekday
	}
	return none
}

// counted reports whether word is a Roman numeral or a single capital, as in
// "Vol. II" or "Sec. B".
func counted(word string) bool {
	if len(word) == 1 {
		return 'A' <= word[0] && word[0] <= 'Z' && word != "A" && word != "I"
	}
	return word != "" && strings.Trim(word, "IVXLC") == ""
}

// zone reports whether word names a time zone.
func zone(word string) bool {
	switch word {
	case "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "GMT", "UTC", "BST", "CET", "CEST", "JST", "IST",
		"ET", "CT", "MT", "PT", "Eastern", "Central", "Pacific", "Beijing", "London":
		return true
	}
	return false
}

// calendar reports whether word names a weekday or month.
func calendar(word string) bool {
	if strings.HasSuffix(word, "day") && len(word) <= len("Wednesday") && len(word) >= len("Monday") {
		return true
	}
	m, _ := monthNamed(word)
	return m != 0
}

// starter reports whether word, with a capital, starts sentences far more
// often than it is part of a name.
func starter(word string) bool {
	switch word {
	case "The", "A", "An", "It", "Its", "In", "On", "At", "He", "She", "They", "We", "I", "You", "This", "That", "These",
		"Those", "There", "Here", "But", "And", "Or", "So", "If", "When", "While", "After", "Before", "Since", "However",
		"Although", "Though", "As", "For", "From", "By", "To", "With", "Without", "What", "Who", "Why", "How", "Which",
		"Where", "His", "Her", "Their", "Our", "My", "Your", "Some", "Many", "Most", "All", "Both", "Each", "Every",
		"No", "Not", "Nor", "Now", "Then", "Thus", "Also", "Another", "One", "Two", "Three", "Because", "During",
		"Despite", "Between", "Under", "Until", "Once", "Only", "Other", "Others", "Such", "Even", "Yet", "Still",
		"Today", "Moreover", "Furthermore", "Meanwhile", "Therefore", "Instead", "Later", "Nevertheless", "Several",
		"Few", "More", "Is", "Are", "Was", "Were", "Did", "Does", "Do", "Can", "Could", "Would", "Will", "Should",
		"According", "Among", "About", "Over", "Of", "Unlike", "Like", "Finally", "First", "Second":
		return true
	}
	return false
}

// wordBefore returns the word that ends at offset end, dots inside included.
func wordBefore(text string, start, end int) string {
	i := end
	for i > start && end-i < 24 {
		r, size := runeBefore(text, i)
		if r != '.' && !unicode.IsLetter(r) {
			break
		}
		i -= size
	}
	if r, _ := runeBefore(text[start:], i-start); i > start && (alnum(r) || end-i >= 24) {
		return "" // part of something longer, such as "GPT4.x"
	}
	return strings.TrimLeft(text[i:end], ".")
}

// wordAt returns the word that starts at offset i, after opening marks. The
// dot of a single letter belongs to it, so that an initial is not taken for a
// word such as "A".
func wordAt(text string, i int) string {
	for i < len(text) && (text[i] == '"' || opens(runeAt(text, i))) {
		i += utf8.RuneLen(runeAt(text, i))
	}
	end := i
	for end < len(text) && end-i < 24 {
		r, size := utf8.DecodeRuneInString(text[end:])
		if !unicode.IsLetter(r) {
			break
		}
		end += size
	}
	if end-i == 1 && end < len(text) && text[end] == '.' {
		end++
	}
	return text[i:end]
}

// proseBefore reports whether a plain word in lower case ends at offset i.
func proseBefore(text string, start, i int) bool {
	n := 0
	for i-n > start && n < 3 && 'a' <= text[i-n-1] && text[i-n-1] <= 'z' {
		n++
	}
	return n == 3 && abbreviations(wordBefore(text, start, i)) == none
}

func capital(word string) bool { return unicode.IsUpper(runeAt(word, 0)) }
