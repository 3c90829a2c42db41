package slackbot

import (
	"strings"
	"unicode"

	"footnote/bot/cite"
)

// literal writes one tidied text as markdown that shows it as it stands: what
// would start markup, a link or a mention is escaped, nothing else, so that it
// reads well where markdown is not rendered. Paragraphs and "- " lists stay.
// A text that continues a line begins in the middle of it.
func literal(text string, continues bool) string {
	e := escaper{text: text, links: lastLink(text), strike: strings.Count(text, "~") > 1}
	e.out.Grow(len(text) + len(text)/8)
	for at := 0; at < len(text); {
		end := len(text)
		if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		e.line(at, end, !continues)
		at, continues = end, false
	}
	return e.out.String()
}

type escaper struct {
	out  strings.Builder
	text string
	// links is where the last "](", "][" or "]:" stands: a bracket after it
	// cannot become a link.
	links  int
	strike bool // there are two tildes or more
}

func lastLink(text string) int {
	return max(strings.LastIndex(text, "]("), strings.LastIndex(text, "]["), strings.LastIndex(text, "]:"))
}

// line writes text[at:end], in which what starts a block is escaped.
func (e *escaper) line(at, end int, lists bool) {
	at = e.copySpace(at, end)
	if rest := e.text[at:end]; lists && strings.HasPrefix(rest, "- ") && strings.TrimSpace(rest) != "-" {
		e.out.WriteString("- ")
		at = e.copySpace(at+2, end)
	}
	at = e.opening(at, end)
	for at < end {
		at += e.sign(at)
	}
}

func (e *escaper) copySpace(at, end int) int {
	start := at
	for at < end && e.text[at] == ' ' {
		at++
	}
	e.out.WriteString(e.text[start:at])
	return at
}

// opening escapes a block's mark at the start of a line: a heading, a rule or
// underline, a list, a table, a definition of a link, a box to tick.
func (e *escaper) opening(at, end int) int {
	rest := e.text[at:end]
	if rest == "" {
		return at
	}
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	switch c := rest[0]; {
	case c == '#', c == '=':
		return e.escape(at)
	case strings.IndexByte("-+*_", c) >= 0 && (len(rest) == 1 || strings.IndexByte(" -\n", rest[1]) >= 0):
		return e.escape(at)
	case digits > 0 && opensItem(rest[digits:]):
		e.out.WriteString(rest[:digits])
		return e.escape(at + digits)
	case c == '[' && isBox(rest), c == '[' && definesLink(rest):
		return e.escape(at)
	}
	return at
}

// opensItem reports whether digits before rest would number a list.
func opensItem(rest string) bool {
	return rest != "" && strings.IndexByte(".)", rest[0]) >= 0 && (len(rest) == 1 || isSpace(rest[1]))
}

func (e *escaper) escape(at int) int {
	e.out.WriteByte('\\')
	e.out.WriteByte(e.text[at])
	return at + 1
}

func isBox(rest string) bool {
	return strings.HasPrefix(rest, "[ ]") || strings.HasPrefix(rest, "[x]") || strings.HasPrefix(rest, "[X]")
}

func definesLink(rest string) bool {
	i := strings.IndexByte(rest, ']')
	return i > 0 && strings.HasPrefix(rest[i:], "]:")
}

// sign writes what stands at an offset and returns how long that is.
func (e *escaper) sign(at int) int {
	if n := address(e.text, at); n > 0 { // only permitted ones are left
		e.out.WriteString(entity.Replace(e.text[at : at+n]))
		return n
	}
	c := e.text[at]
	switch {
	case c == '&' || c == '<' || c == '>':
		e.out.WriteString(entity.Replace(e.text[at : at+1]))
	case e.acts(at):
		e.escape(at)
	default:
		e.out.WriteByte(c)
	}
	return 1
}

// entity escapes what Slack reads as the start of a mention, link or entity.
var entity = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// acts reports whether the sign at an offset would have an effect.
func (e *escaper) acts(at int) bool {
	next := byte(' ')
	if at+1 < len(e.text) {
		next = e.text[at+1]
	}
	switch e.text[at] {
	case '`', '|':
		return true
	case '\\':
		return at+1 == len(e.text) || next == '\n' || isPunctuation(next)
	case '~':
		return e.strike
	case '*':
		return !e.spaceAround(at)
	case '_':
		return !(wordBefore(e.text, at) && wordAfter(e.text, at+1)) && !e.spaceAround(at)
	case '[':
		return e.opensLink(at)
	case '.':
		return strings.EqualFold(e.text[max(0, at-3):at], "www") && !wordBefore(e.text, at-3)
	}
	return false
}

// opensLink reports whether a bracket could begin a link. That of a marker
// could only when its own closing one is followed by a target.
func (e *escaper) opensLink(at int) bool {
	if n := markerAt(e.text, at); n > 0 {
		return strings.HasPrefix(e.text[at+n:], "(")
	}
	return at < e.links
}

func (e *escaper) spaceAround(at int) bool {
	return (at == 0 || isSpace(e.text[at-1])) && (at+1 == len(e.text) || isSpace(e.text[at+1]))
}

// markerAt returns the length of the citation marker at an offset, or 0.
func markerAt(text string, at int) int {
	end := strings.IndexByte(text[at:], ']')
	if end < 2 || end > 10 {
		return 0
	}
	if m := cite.Markers(text[at : at+end+1]); len(m) == 1 && m[0].Start == 0 {
		return end + 1
	}
	return 0
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' }

func isPunctuation(c byte) bool {
	return c < 0x80 && c > ' ' && !unicode.IsLetter(rune(c)) && !unicode.IsDigit(rune(c)) && c != 0x7f
}
