package slackbot

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// entities undoes Slack's encoding of a text, once: "&amp;lt;" was typed "&lt;".
var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// decode turns a message as Slack stores it into the question as its author
// meant it, and reports whether it mentions the bot. Mentions of the bot are
// left out, other people are named; nameOf may return "" for somebody unknown.
// What only looks like markup stays as it is.
func decode(text, botUser string, nameOf func(user string) string) (question string, mentioned bool) {
	var b strings.Builder
	b.Grow(len(text))
	for {
		start, end, ok := nextMarkup(text)
		if !ok {
			break
		}
		inner := text[start+1 : end-1]
		if isUser(inner, botUser) {
			mentioned = true
			before := b.String() + entities.Replace(text[:start])
			b.Reset()
			before, text = withoutMention(before, text[end:])
			b.WriteString(before)
			continue
		}
		b.WriteString(entities.Replace(text[:start]))
		if shown, ok := shownAs(inner, nameOf); ok {
			b.WriteString(shown)
		} else {
			b.WriteString(entities.Replace(text[start:end]))
		}
		text = text[end:]
	}
	b.WriteString(entities.Replace(text))
	return strings.TrimSpace(b.String()), mentioned
}

// mentions reports whether a stored text mentions the bot.
func mentions(text, botUser string) bool {
	return anyMarkup(text, func(inner string) bool { return isUser(inner, botUser) })
}

// addressesOthers reports whether a stored text mentions somebody besides the
// bot: a person, a user group, or everybody in the channel.
func addressesOthers(text, botUser string) bool {
	return anyMarkup(text, func(inner string) bool {
		target, _, _ := strings.Cut(inner, "|")
		switch {
		case strings.HasPrefix(target, "@"):
			return isID(target[1:]) && target[1:] != botUser
		case strings.HasPrefix(target, "!subteam^"):
			return true
		}
		return strings.HasPrefix(target, "!") && isAudience(target[1:])
	})
}

func anyMarkup(text string, is func(inner string) bool) bool {
	for {
		start, end, ok := nextMarkup(text)
		if !ok {
			return false
		}
		if is(text[start+1 : end-1]) {
			return true
		}
		text = text[end:]
	}
}

// nextMarkup finds the first <…> on one line without another < in it.
func nextMarkup(text string) (start, end int, ok bool) {
	start = -1
	for i := range len(text) {
		switch text[i] {
		case '<':
			start = i
		case '\n':
			start = -1
		case '>':
			if start >= 0 && i > start+1 {
				return start, i + 1, true
			}
			start = -1
		}
	}
	return 0, 0, false
}

// shownAs is what people see for the markup <inner>; ok is false where it is none.
func shownAs(inner string, nameOf func(string) string) (shown string, ok bool) {
	target, label, _ := strings.Cut(inner, "|")
	label = entities.Replace(label)
	switch {
	case target == "":
		return "", false
	case target[0] == '@':
		return person(target[1:], label, nameOf), isID(target[1:])
	case target[0] == '#':
		return "#" + orElse(strings.TrimPrefix(label, "#"), "channel"), isID(target[1:])
	case target[0] == '!':
		return special(target[1:], label)
	}
	scheme, rest, ok := strings.Cut(target, ":")
	if !ok || !isScheme(scheme) || rest == "" {
		return "", false
	}
	if label == "" && (scheme == "mailto" || scheme == "tel") {
		target = rest
	}
	return orElse(label, entities.Replace(target)), true
}

func person(id, label string, nameOf func(string) string) string {
	name := strings.TrimPrefix(label, "@")
	if name == "" && nameOf != nil {
		name = strings.TrimPrefix(nameOf(id), "@")
	}
	return "@" + orElse(name, "someone")
}

// special is what people see for the markup <!target|label>.
func special(target, label string) (string, bool) {
	switch {
	case isAudience(target):
		return "@" + target, true
	case strings.HasPrefix(target, "subteam^"):
		return "@" + orElse(strings.TrimPrefix(label, "@"), "group"), true
	}
	return label, label != ""
}

// withoutMention joins what stands before and after a mention of the bot,
// with the punctuation and space that belonged to it taken away.
func withoutMention(before, after string) (string, string) {
	rest := strings.TrimLeft(after, " \t\u00a0")
	switch {
	case strings.TrimSpace(before) == "" || strings.HasSuffix(before, "\n"):
		return before, strings.TrimLeft(rest, ",:，： \t\u00a0")
	case rest == "" || strings.ContainsAny(rest[:1], "?!.\n") || strings.HasPrefix(rest, "？") || strings.HasPrefix(rest, "。"):
		return strings.TrimRight(before, ",， \t\u00a0"), rest
	case strings.ContainsAny(rest[:1], ",;:)"):
		return strings.TrimRight(before, " \t\u00a0"), rest
	}
	if last, _ := utf8.DecodeLastRuneInString(before); unicode.IsSpace(last) {
		return before, rest
	}
	return before, after
}

func isUser(inner, user string) bool {
	target, _, _ := strings.Cut(inner, "|")
	return user != "" && strings.HasPrefix(target, "@") && target[1:] == user
}

func isAudience(s string) bool { return s == "here" || s == "channel" || s == "everyone" }

// isID reports whether s looks like one of Slack's identifiers.
func isID(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != ""
}

func isScheme(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && (i == 0 || !strings.ContainsRune("0123456789+-.", rune(s[i]))) {
			return false
		}
	}
	return s != ""
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
