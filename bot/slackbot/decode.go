package slackbot

import (
	"strings"
	"unicode"
)

// decode turns a message as Slack stores it (docs.slack.dev, "Formatting message
// text") into the question that its writer sees: the bot's own mention is left
// out, other mentions and links are named, and &, < and > are themselves.
// nameOf tells a user's name, "" when it is not known.
func decode(text, self string, nameOf func(user string) string) (question string, mentioned bool) {
	var b strings.Builder
	for text != "" {
		before, inner, after, found := nextMarkup(text)
		b.WriteString(unescaped.Replace(before))
		if !found {
			break
		}
		if user, isUser := userOf(inner); isUser && user == self {
			mentioned = true
			after = strings.TrimLeft(after, ",:")
			// Of the spaces on both sides one is enough.
			if s := b.String(); s == "" || strings.HasSuffix(s, " ") || strings.HasSuffix(s, "\n") {
				after = strings.TrimLeft(after, " ")
			}
		} else {
			b.WriteString(unescaped.Replace(named(inner, nameOf)))
		}
		text = after
	}
	return strings.TrimSpace(b.String()), mentioned
}

var unescaped = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// nextMarkup finds the next <…>; an angle bracket without its partner is text.
func nextMarkup(text string) (before, inner, after string, found bool) {
	open := strings.IndexByte(text, '<')
	if open < 0 {
		return text, "", "", false
	}
	end := strings.IndexByte(text[open:], '>')
	if end < 0 {
		return text, "", "", false
	}
	// The innermost pair: "<<@U1>".
	open += strings.LastIndexByte(text[open:open+end], '<')
	end += strings.IndexByte(text[open:], '>') - end
	return text[:open], text[open+1 : open+end], text[open+end+1:], true
}

func userOf(inner string) (user string, ok bool) {
	target, _, _ := strings.Cut(inner, "|")
	return strings.CutPrefix(target, "@")
}

// named is what a person sees in place of <inner>.
func named(inner string, nameOf func(string) string) string {
	target, label, _ := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(target, "@"):
		if label == "" {
			label = nameOf(target[1:])
		}
		return sign("@", label, "someone")
	case strings.HasPrefix(target, "#"):
		return sign("#", label, "channel")
	case strings.HasPrefix(target, "!subteam^"):
		return sign("@", label, "group")
	case strings.HasPrefix(target, "!date^"):
		return label
	case strings.HasPrefix(target, "!"):
		return "@" + strings.TrimPrefix(target, "!")
	case label != "":
		return label
	case strings.Contains(target, "://"):
		return target
	case strings.HasPrefix(target, "mailto:"), strings.HasPrefix(target, "tel:"):
		_, address, _ := strings.Cut(target, ":")
		return address
	}
	return "<" + inner + ">" // nothing that Slack makes
}

func sign(mark, label, otherwise string) string {
	if label == "" {
		label = otherwise
	}
	return mark + strings.TrimPrefix(label, mark)
}

// mentions reports whether a message mentions a user.
func mentions(text, user string) bool {
	return strings.Contains(text, "<@"+user+">") || strings.Contains(text, "<@"+user+"|")
}

// addressesOthers reports whether a message mentions another person, a group or
// everybody.
func addressesOthers(text, self string) bool {
	for text != "" {
		_, inner, after, found := nextMarkup(text)
		if !found {
			return false
		}
		if user, isUser := userOf(inner); isUser && user != self {
			return true
		}
		if strings.HasPrefix(inner, "!") && !strings.HasPrefix(inner, "!date^") {
			return true
		}
		text = after
	}
	return false
}

// visible removes what is not seen: control characters, marks that reorder text,
// characters without width. Tabs and carriage returns become spaces.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}
