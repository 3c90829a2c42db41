package slackbot

import (
	"strings"
	"unicode/utf8"
)

const (
	// mostMarkdown is how much of an answer one message shows: 12,000
	// characters fit into a block and about 13,200 into a message (docs.slack.dev,
	// "Markdown block"; slackapi/bolt-js issue 2509).
	mostMarkdown = 11000
	// mostPiece is how much is streamed at a time.
	mostPiece = 3000
)

// split cuts markdown into parts of at most limit characters, where it reads
// best. Put together, the parts are the whole.
func split(markdown string, limit int) []string {
	var parts []string
	for utf8.RuneCountInString(markdown) > limit {
		n := cutBefore(markdown, limit)
		parts = append(parts, markdown[:n])
		markdown = markdown[n:]
	}
	return append(parts, markdown)
}

// cutBefore returns where to cut a text that is longer than limit: after a
// paragraph, a line, a sentence or a word, if one ends in its second half.
func cutBefore(text string, limit int) int {
	end := 0
	for range limit {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	head := text[:end]
	for _, mark := range []string{"\n\n", "\n", ". ", "] ", "。", "！", "？", " "} {
		if i := strings.LastIndex(head, mark); i >= len(head)/2 {
			return i + len(mark)
		}
	}
	return outOfToken(head)
}

// outOfToken moves the end of a text back out of an escape, an entity or a
// marker.
func outOfToken(head string) int {
	end := len(head)
	tail := head[max(0, end-12):]
	for _, pair := range []string{"&;", "[]"} {
		if i := strings.LastIndexByte(tail, pair[0]); i >= 0 && strings.IndexByte(tail[i:], pair[1]) < 0 {
			end = min(end, len(head)-len(tail)+i)
		}
	}
	slashes := end - len(strings.TrimRight(head[:end], `\`))
	return max(end-slashes%2, 1)
}

// pieces cuts markdown at the ends of its paragraphs, lines and sentences, as it
// is to appear piece by piece.
func pieces(markdown string) []string {
	var all []string
	for _, paragraph := range strings.SplitAfter(markdown, "\n") {
		for _, part := range split(paragraph, mostPiece) {
			if n := len(all); part != "" && strings.TrimSpace(part) == "" && n > 0 {
				all[n-1] += part // white space alone is no piece
			} else if part != "" {
				all = append(all, part)
			}
		}
	}
	return all
}
