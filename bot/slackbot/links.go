package slackbot

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"footnote/bot"
)

// schemes begin the addresses that clients link by themselves. One that ends
// another comes after it.
var schemes = []string{"https", "http", "sftp", "ftps", "ftp", "slack", "file", "ws", "wss"}

// maxAddress is more bytes than any address has that somebody would follow.
const maxAddress = 2000

// quotedAddresses are the addresses that an answer may link: those its quotes
// hold, without signs that would have to be escaped in markdown.
func quotedAddresses(citations []bot.Citation) []string {
	var found []string
	for _, c := range citations {
		text := visible(c.Quote)
		for at := 0; at < len(text); at++ {
			n := address(text, at)
			if n > 0 && !strings.ContainsAny(text[at:at+n], "<>|\\*~`") {
				found = append(found, text[at:at+n])
			}
			at += n
		}
	}
	return found
}

// address returns the length of the web address at an offset, or 0.
func address(text string, at int) int {
	c := text[at] | 0x20
	if c != 'h' && c != 'f' && c != 's' && c != 'w' || wordBefore(text, at) {
		return 0
	}
	scheme, _, ok := strings.Cut(text[at:min(len(text), at+len("https://"))], "://")
	if !ok || schemeAtEnd([]byte(scheme)) != len(scheme) {
		return 0
	}
	from := at + len(scheme) + len("://")
	end := min(len(text), from+maxAddress)
	if i := strings.IndexFunc(text[from:end], endsAddress); i >= 0 {
		end = from + i
	} else if end < len(text) {
		return 0
	}
	if next, _ := utf8.DecodeRuneInString(text[end:]); next > unicode.MaxASCII && unicode.IsPunct(next) && !strings.Contains(text[from:end], "/") {
		return 0 // clients may read a full stop in it as a host's
	}
	end = from + len(strings.TrimRight(text[from:end], ".,:;!?)]}'"))
	if end == from {
		return 0
	}
	return end - at
}

// endsAddress reports whether an address ends before r: at white space, at a
// quotation mark, at the punctuation of other scripts.
func endsAddress(r rune) bool {
	return unicode.IsSpace(r) || r == '"' || r >= 0x80 && unicode.IsPunct(r)
}

// schemeAtEnd returns the length of the scheme that b ends with, or 0.
func schemeAtEnd(b []byte) int {
	longest := 0
	for _, s := range schemes {
		if len(s) > longest && len(b) >= len(s) && strings.EqualFold(string(b[len(b)-len(s):]), s) {
			longest = len(s)
		}
	}
	return longest
}

// unlink takes the scheme from every address but the permitted ones, so that no
// client makes a link of it. It looks at what it has written, not at what it
// reads: taking one scheme away may put another one together.
func unlink(text string, permitted []string) string {
	if !strings.Contains(text, ":") {
		return text
	}
	out := make([]byte, 0, len(text))
	for at := 0; at < len(text); {
		if len(permitted) > 0 && !lettersAtEnd(out) {
			if n := address(text, at); n > 0 && slices.Contains(permitted, text[at:at+n]) {
				out = append(out, text[at:at+n]...)
				at += n
				continue
			}
		}
		_, n := utf8.DecodeRuneInString(text[at:])
		if !unicode.IsSpace(rune(text[at])) {
			out = withoutShort(out)
		}
		out = append(out, text[at:at+n]...)
		out = withoutScheme(out)
		at += n
	}
	return string(out)
}

// withoutScheme takes away an address's beginning that has just been completed.
// Of a scheme that is unknown the name is left: it may be a word.
func withoutScheme(out []byte) []byte {
	before, ok := strings.CutSuffix(string(out[max(0, len(out)-12):]), "://")
	if !ok || !lettersAtEnd([]byte(before)) {
		return out
	}
	out = out[:len(out)-len("://")]
	if n := schemeAtEnd([]byte(before)); n > 0 {
		return out[:len(out)-n]
	}
	return append(out, ": //"...)
}

// withoutShort takes "mailto:" and "tel:" from before what would be their target.
func withoutShort(out []byte) []byte {
	if len(out) == 0 || out[len(out)-1] != ':' {
		return out
	}
	for _, scheme := range []string{"mailto:", "tel:"} {
		at := len(out) - len(scheme)
		if at >= 0 && strings.EqualFold(string(out[at:]), scheme) && !lettersAtEnd(out[:at]) {
			return out[:at]
		}
	}
	return out
}

func lettersAtEnd(b []byte) bool {
	return wordBefore(string(b[max(0, len(b)-utf8.UTFMax):]), min(len(b), utf8.UTFMax))
}

// wordBefore reports whether a letter or digit stands before an offset.
func wordBefore(text string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(text[:max(0, at)])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// wordAfter reports whether a letter or digit stands at an offset.
func wordAfter(text string, at int) bool {
	r, _ := utf8.DecodeRuneInString(text[at:])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
