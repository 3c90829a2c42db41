package slackbot

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"footnote/bot/cite"
)

// literal writes a text as markdown that shows it as it is: nothing in it pings,
// links, formats or embeds. Only paragraphs and "- " lists keep their effect.
// allowed says which links may stay.
func literal(text string, allowed func(link string) bool) string {
	lines := strings.Split(unlinked(visible(text), allowed), "\n")
	for i, line := range lines {
		lines[i] = literalLine(strings.TrimLeft(line, " "))
	}
	return strings.Join(lines, "\n")
}

// literalLine escapes what has an effect in a line of markdown (CommonMark 0.31
// with tables, strikethrough and bare addresses).
func literalLine(line string) string {
	var b strings.Builder
	markers, mark := cite.Markers(line), lineMark(line)
	for i, r := range line {
		if i == mark {
			b.WriteString(`\` + string(r))
			continue
		}
		writeLiteral(&b, line, i, r, markers)
	}
	return b.String()
}

// lineMark returns where the character stands that makes a line a heading, a
// numbered list, a rule or an underline, or -1. A list by dashes may stand.
func lineMark(line string) int {
	digits := len(line) - len(strings.TrimLeft(line, "0123456789"))
	switch {
	case line == "":
		return -1
	case digits > 0 && digits < len(line) && (line[digits] == '.' || line[digits] == ')'):
		return digits
	case strings.ContainsRune("#+=", rune(line[0])), line[0] == '-' && strings.Trim(line, "- ") == "":
		return 0
	}
	return -1
}

func writeLiteral(b *strings.Builder, line string, i int, r rune, markers []cite.Marker) {
	rest := line[i+utf8.RuneLen(r):]
	switch r {
	case '&':
		b.WriteString("&amp;")
	case '<':
		b.WriteString("&lt;")
	case '>':
		b.WriteString("&gt;")
	case '\\', '*', '`', '~', '|', '@':
		b.WriteString(`\` + string(r))
	case '_':
		if !wordAt(line[:i], true) || !wordAt(rest, false) {
			b.WriteByte('\\')
		}
		b.WriteByte('_')
	case '[':
		if !standsAlone(line, i, markers) {
			b.WriteByte('\\')
		}
		b.WriteByte('[')
	case '.':
		// Addresses without a scheme are linked by some clients.
		if strings.HasSuffix(strings.ToLower(line[:i]), "www") {
			b.WriteByte('\\')
		}
		b.WriteByte('.')
	default:
		b.WriteRune(r)
	}
}

func wordAt(text string, last bool) bool {
	r, _ := utf8.DecodeRuneInString(text)
	if last {
		r, _ = utf8.DecodeLastRuneInString(text)
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// standsAlone reports whether a marker begins at i that nothing after it makes a
// link.
func standsAlone(line string, i int, markers []cite.Marker) bool {
	for _, m := range markers {
		if m.Start == i {
			return m.End == len(line) || !strings.ContainsRune("([:", rune(line[m.End])) || line[m.End] == '[' && isMarker(m.End, markers)
		}
	}
	return false
}

func isMarker(at int, markers []cite.Marker) bool {
	for _, m := range markers {
		if m.Start == at {
			return true
		}
	}
	return false
}

// unlinked takes the scheme from every address that is not allowed, so that no
// client links it.
func unlinked(text string, allowed func(string) bool) string {
	for from := 0; ; {
		start, scheme := nextScheme(text[from:])
		if start < 0 {
			return text
		}
		start += from
		link := text[start:]
		if end := strings.IndexAny(link, " \n<>|\"'`\u201d"); end >= 0 {
			link = link[:end]
		}
		if allowed != nil && allowed(strings.TrimRight(link, ".,;:!?)]")) {
			from = start + len(link)
			continue
		}
		text = text[:start] + text[start+scheme:]
		// What came together may be an address again.
		from = max(0, start-longestScheme)
	}
}

const longestScheme = 20

// nextScheme finds the first "scheme://", mailto: or tel:, and returns where it
// begins and how long it is.
func nextScheme(text string) (start, length int) {
	best, size := -1, 0
	if i := strings.Index(text, "://"); i >= 0 {
		j := i
		for j > 0 && i-j < longestScheme && schemeByte(text[j-1]) {
			j--
		}
		best, size = j, i+3-j
	}
	for _, s := range []string{"mailto:", "tel:"} {
		if i := indexFold(text, s); i >= 0 && (best < 0 || i < best) {
			best, size = i, len(s)
		}
	}
	return best, size
}

func schemeByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'
}

// indexFold is strings.Index whatever the case of ASCII letters.
func indexFold(text, sub string) int {
	for i := 0; i+len(sub) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(sub)], sub) {
			return i
		}
	}
	return -1
}

// plain writes a text for where Slack reads mrkdwn: fallback texts and context
// lines. Formatting marks may take effect there; pings and links may not.
func plain(text string) string {
	return escaped.Replace(unlinked(visible(text), nil))
}

var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
