package corpus

import "strings"

// authorOf reads the name that a line or a front matter gives for the author;
// empty where it gives something else.
func authorOf(value string) string {
	const longest = 120
	name := oneLine(strings.Trim(value, " \t*_[]()（）"))
	name = strings.ReplaceAll(name, `"`, "")
	if len(name) > longest || strings.ContainsAny(name, "{}<>") {
		return ""
	}
	return name
}

// statedAuthor finds a line such as "By Jane Doe" or "作者：肖然" among the
// document's first lines.
func statedAuthor(text string, blocks []Block) string {
	const first = 10
	for _, b := range blocks[:min(len(blocks), first)] {
		if name := lineAuthor(text[b.Start:b.End]); name != "" {
			return name
		}
	}
	return ""
}

// lineAuthor reads the author of a line that says little else: a byline,
// perhaps with a date beside the name.
func lineAuthor(t string) string {
	const longest = 120
	if len(t) > longest || strings.Contains(t, "\n") {
		return ""
	}
	for part := range strings.FieldsFuncSeq(t, func(r rune) bool { return strings.ContainsRune("|·•", r) }) {
		part = strings.Trim(part, " \t*_()（）")
		if label, name, ok := cutLabel(part); ok {
			switch strings.ToLower(strings.Trim(label, "*_ ")) {
			case "author", "authors", "by", "written by", "作者":
				return authorOf(name)
			}
			continue
		}
		for _, start := range [...]string{"By ", "Written by "} {
			if name, ok := strings.CutPrefix(part, start); ok && isByline(part) && personal(name) {
				return authorOf(name)
			}
		}
	}
	return ""
}

// personal reports whether a text may be names of people: two or more words,
// all with capitals but for those that join names.
func personal(text string) bool {
	words := strings.Fields(text)
	for _, w := range words {
		switch w {
		case "and", "&", "de", "der", "den", "van", "von", "la", "le", "di", "da", "del", "bin", "al":
			continue
		}
		if !capital(w) {
			return false
		}
	}
	return len(words) > 1
}
