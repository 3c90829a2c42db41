package slackbot

import (
	"regexp"
	"strings"
)

// anyEntity is what would be a character of its own after decoding.
var anyEntity = regexp.MustCompile(`&(#?\w+;)`)

// inert is a text as one line of at most n characters for a place that takes no
// blocks, such as a title, or that somebody may send as their own message, such
// as a suggested question: no sign in it begins a mention, a link or an entity,
// however often it is decoded.
func inert(text string, n int) string {
	return shorten(anyEntity.ReplaceAllString(harmless.Replace(oneLine(text)), "＆$1"), n)
}

// harmless has other signs look like those with an effect.
var harmless = strings.NewReplacer("<", "‹", ">", "›", "@", "＠")
